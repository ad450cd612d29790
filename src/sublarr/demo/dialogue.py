"""What is said in the sample library: one invented scene, in eight languages.

The lines match one by one across languages, so that a translation can be laid beside its original. A new
language here is one more `Script`; which file speaks it is the catalogue's to say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Script:
    """One language's scene: what is said, what signs read, what is heard.

    `container_code` is the ISO 639-2/B code that containers carry, which has no region.
    """

    container_code: str
    name: str
    lines: tuple[str, ...]
    signs: tuple[str, str]
    noises: tuple[str, str]


_ENGLISH = Script(
    "eng",
    "English",
    (
        "The lamp went out again last night.",
        "Then someone was up there with us.",
        "Did you write it in the ledger?",
        "I wrote the hour and the weather.\nNothing else.",
        "Keep your voice down.\nThe gulls are listening.",
        "You always say that before a storm.",
        "Take the lantern. I'll take the stairs.",
        "If I'm not back by six, start the soup.",
    ),
    ("HARBOUR OFFICE", "No entry after dark"),
    ("[DOOR CREAKS]", "[WIND HOWLING]"),
)
_GERMAN = Script(
    "ger",
    "Deutsch",
    (
        "Die Lampe ist letzte Nacht wieder ausgegangen.",
        "Dann war jemand mit uns dort oben.",
        "Hast du es ins Buch geschrieben?",
        "Ich habe Stunde und Wetter notiert.\nSonst nichts.",
        "Sprich leiser.\nDie Möwen hören zu.",
        "Das sagst du immer vor einem Sturm.",
        "Nimm die Laterne. Ich nehme die Treppe.",
        "Bin ich um sechs nicht zurück, setz die Suppe auf.",
    ),
    ("HAFENAMT", "Kein Zutritt nach Einbruch der Dunkelheit"),
    ("[TÜR KNARRT]", "[WIND HEULT]"),
)
_FRENCH = Script(
    "fre",
    "Français",
    (
        "La lampe s'est encore éteinte hier soir.",
        "Alors quelqu'un était là-haut avec nous.",
        "L'as-tu noté dans le registre ?",
        "J'ai noté l'heure et le temps.\nRien d'autre.",
        "Parle moins fort.\nLes mouettes écoutent.",
        "Tu dis toujours ça avant une tempête.",
        "Prends la lanterne. Moi, je prends l'escalier.",
        "Si je ne suis pas rentré à six heures, lance la soupe.",
    ),
    ("CAPITAINERIE", "Entrée interdite la nuit"),
    ("[LA PORTE GRINCE]", "[LE VENT HURLE]"),
)
_SPANISH = Script(
    "spa",
    "Español",
    (
        "La lámpara volvió a apagarse anoche.",
        "Entonces había alguien allí arriba con nosotros.",
        "¿Lo apuntaste en el registro?",
        "Apunté la hora y el tiempo.\nNada más.",
        "Baja la voz.\nLas gaviotas escuchan.",
        "Siempre dices eso antes de una tormenta.",
        "Toma el farol. Yo voy por la escalera.",
        "Si no he vuelto a las seis, empieza la sopa.",
    ),
    ("CAPITANÍA DEL PUERTO", "Prohibido el paso de noche"),
    ("[CRUJE LA PUERTA]", "[AÚLLA EL VIENTO]"),
)
_JAPANESE = Script(
    "jpn",
    "日本語",
    (
        "昨夜また灯りが消えた。",
        "じゃあ、誰かが上にいたんだ。",
        "帳簿に書いた?",
        "時刻と天気を書いた。\nそれだけだ。",
        "声を落として。\nカモメが聞いている。",
        "嵐の前はいつもそう言うね。",
        "ランタンを持って。私は階段で行く。",
        "六時までに戻らなければ、スープを作り始めて。",
    ),
    ("港湾事務所", "夜間立入禁止"),
    ("[扉がきしむ音]", "[風のうなり]"),
)
_BRAZILIAN = Script(
    "por",
    "Português (Brasil)",
    (
        "A lâmpada apagou de novo ontem à noite.",
        "Então tinha alguém lá em cima com a gente.",
        "Você anotou no livro?",
        "Anotei a hora e o tempo.\nMais nada.",
        "Fale baixo.\nAs gaivotas estão ouvindo.",
        "Você sempre diz isso antes de uma tempestade.",
        "Pegue a lanterna. Eu vou pela escada.",
        "Se eu não voltar até as seis, comece a sopa.",
    ),
    ("CAPITANIA DOS PORTOS", "Proibida a entrada à noite"),
    ("[PORTA RANGE]", "[VENTO UIVANDO]"),
)
_RUSSIAN = Script(
    "rus",
    "Русский",
    (
        "Лампа вчера ночью опять погасла.",
        "Значит, там наверху кто-то был с нами.",
        "Ты записал это в журнал?",
        "Я записал час и погоду.\nБольше ничего.",
        "Говори тише.\nЧайки слушают.",
        "Ты всегда так говоришь перед бурей.",
        "Возьми фонарь. Я пойду по лестнице.",
        "Если не вернусь к шести, ставь суп.",
    ),
    ("КОНТОРА ПОРТА", "Ночью вход воспрещён"),
    ("[СКРИП ДВЕРИ]", "[ВОЙ ВЕТРА]"),
)
_ARABIC = Script(
    "ara",
    "العربية",
    (
        "انطفأ المصباح مرة أخرى الليلة الماضية.",
        "إذن كان هناك أحد معنا في الأعلى.",
        "هل كتبت ذلك في السجل؟",
        "كتبت الساعة وحالة الطقس.\nلا شيء آخر.",
        "اخفض صوتك.\nالنوارس تسمع.",
        "تقول هذا دائمًا قبل العاصفة.",
        "خذ الفانوس. سأصعد أنا الدرج.",
        "إن لم أعد قبل السادسة فابدأ بإعداد الحساء.",
    ),
    ("مكتب الميناء", "ممنوع الدخول ليلًا"),
    ("[صرير الباب]", "[عويل الريح]"),
)

SCRIPTS: Final[Mapping[str, Script]] = MappingProxyType(
    {
        "en": _ENGLISH,
        "de": _GERMAN,
        "fr": _FRENCH,
        "es": _SPANISH,
        "ja": _JAPANESE,
        "pt-BR": _BRAZILIAN,
        "ru": _RUSSIAN,
        "ar": _ARABIC,
    }
)
