"""What kind of subtitle a container's track is: forced, for the hard of hearing, somebody's commentary.

The flags of the container come first. Many releases set none and say it in the track's title, in the language of
whoever made the release.
"""

import re

from sublarr.vocabulary.media import Track
from sublarr.vocabulary.subtitles import SubtitleType

# English, German, French, Spanish, Portuguese, Italian, Dutch, Scandinavian, Finnish, Polish, Czech, Hungarian,
# Turkish, Russian, Chinese, Japanese, Korean.
_FORCED = re.compile(
    r"\b(?:forced|foreign(?!\s+languages?\b)|signs?|songs?|s&s|erzwungene?|fremdsprachig\w*|schilder|forc[ée]e?s?|"
    r"forzad[oa]s?|for[cç]ad[oa]s?|forzat[oiae]|gedwongen|tvung[ae]n?|tvingad\w*|pakotet\w*|wymuszon\w*|"
    r"(?:vy)?nucen[ée]\w*|k[ée]nyszer[íi]tett|zorunlu|форсир\w*|надписи)\b|强制|強制|サイン|歌詞|강제",
    re.IGNORECASE,
)
_NOT_FORCED = re.compile(
    r"\b(?:non?[ -]?forced|not forced|full|complete?|vollst[äa]ndig\w*|complet[oa]?s?|integral\w*|dialog(?:ue|ues|s)?|"
    r"полные)\b|完整|全部",
    re.IGNORECASE,
)
_HEARING_IMPAIRED = re.compile(
    r"\b(?:sdh|closed captions?|hearing[ -]impaired|hard[ -]of[ -]hearing|deaf|h[öo]rgesch[äa]digt\w*|"
    r"geh[öo]rlos\w*|schwerh[öo]rig\w*|sourds?|malentendants?|sord[oi]s?|surdos?|non udenti|slechthorend\w*|"
    r"doven|h[øo]reh[æa]mm\w*|h[öo]rselskad\w*|hørselshemmed\w*|kuulovamm\w*|nies[łl]ysz[ąa]c\w*|neslyš[íi]c\w*|"
    r"işitme engelli\w*|слабослышащих|глухих)\b|听障|聽障|聾|청각",
    re.IGNORECASE,
)
# In capitals only: "hi" greets, "cc" may be anything.
_HEARING_IMPAIRED_LETTERS = re.compile(r"\b(?:HI|CC|HoH|HOH)\b")
_COMMENTARY = re.compile(
    r"\b(?:comment(?:ary|aries|s)|kommentar\w*|commentaires?|comentarios?|coment[áa]rios?|commento|комментари\w*)\b|"
    r"解説|评论|評論",
    re.IGNORECASE,
)


def is_forced_track(track: Track) -> bool:
    """Whether a track translates only what is foreign or written on signs."""
    if track.is_forced:
        return True
    return bool(_FORCED.search(track.title)) and not _NOT_FORCED.search(track.title)


def is_hearing_impaired(track: Track) -> bool:
    """Whether a track also tells of sounds and speakers."""
    if track.is_hearing_impaired:
        return True
    title = track.title
    return bool(_HEARING_IMPAIRED.search(title) or _HEARING_IMPAIRED_LETTERS.search(title))


def is_commentary(track: Track) -> bool:
    """Whether a track holds what somebody says about the film, by its title."""
    return bool(_COMMENTARY.search(track.title))


def subtitle_type_of(track: Track) -> SubtitleType:
    """FORCED or FULL, by `is_forced_track`."""
    return SubtitleType.FORCED if is_forced_track(track) else SubtitleType.FULL
