"""Everything that is made by whoever asks for it first: how it is asked for, and where its rows are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from sublarr.db.database import Database
from sublarr.db.repositories.blocklist import NewBlock
from sublarr.db.repositories.media import MediaWrite
from sublarr.db.repositories.scoring import WeightEdit
from sublarr.db.repositories.standalone import MovieWrite, SeriesWrite
from sublarr.db.repositories.translation_configs import UsedConfig
from sublarr.db.unit import Unit
from sublarr.vocabulary.jobs import ScanFolder
from sublarr.vocabulary.media import MediaKind
from sublarr.vocabulary.scoring import DEFAULT_WEIGHTS, ScoreType
from sublarr.vocabulary.statistics import TranslationOutcome


@dataclass(frozen=True)
class Ask:
    """How a thing is asked for in a round; its rows are counted in `table`, `rows` for each round, or once."""

    get: Callable[[Unit, int], object]
    table: str
    is_one_for_all: bool = False


def _media(unit: Unit, number: int) -> int:
    folder, _ = unit.folders.get_or_add("/library")
    key = f"key {number}"
    unit.media.upsert_many([MediaWrite(MediaKind.MOVIE, folder.source_id, key, "Title")], keep_stored=True)
    return unit.media.ids_by_key(folder.source_id, [key])[key]


def _weight(unit: Unit, number: int) -> int:
    score_type = ScoreType.EPISODE
    key = list(DEFAULT_WEIGHTS[score_type])[number]
    unit.weights.save([WeightEdit(score_type, key, number)])
    return next(row.id for row in unit.weights.listed() if row.weight_key == key)


def _modifier(unit: Unit, number: int) -> str:
    unit.modifiers.save(f"provider {number}", 5)
    return f"{unit.modifiers.points(f'provider {number}')} of {number}"


def _provider(unit: Unit, number: int) -> str:
    unit.provider_stats.record_search(f"provider {number}")
    return unit.provider_stats.get(f"provider {number}").provider_name


def _day(unit: Unit, number: int) -> str:
    day = date(2026, 1, 1) + timedelta(days=number)
    unit.daily_statistics.record(day, TranslationOutcome.FAILED)
    return day.isoformat()


def _config(unit: Unit, number: int) -> int:
    unit.translation_configs.record(UsedConfig(f"hash {number}", "model", "prompt", "de"))
    row = unit.translation_configs.find(f"hash {number}")
    assert row is not None
    return row.id


def _series(unit: Unit, number: int) -> int:
    unit.standalone_series.upsert_many([SeriesWrite(title="T", folder_path=f"/series/{number}")])
    row = unit.standalone_series.find_by_folder(f"/series/{number}")
    assert row is not None
    return row.id


def _film(unit: Unit, number: int) -> int:
    unit.standalone_movies.upsert_many([MovieWrite(title="T", file_path=f"/films/{number}.mkv")])
    row = unit.standalone_movies.find_by_path(f"/films/{number}.mkv")
    assert row is not None
    return row.id


def _setting(unit: Unit, number: int) -> str:
    unit.config.save(f"key {number}", str(number))
    return unit.config.get(f"key {number}").value


ASKS: dict[str, Ask] = {
    "secret": Ask(lambda unit, number: unit.secrets.get_or_make(f"secret {number}"), "secrets"),
    "folder": Ask(
        lambda unit, number: unit.folders.get_or_add(f"/media/{number}")[0].source_id, "watched_folders"
    ),
    "source": Ask(lambda unit, number: unit.folders.get_or_add(f"/media/{number}")[0].id, "sources"),
    "default profile": Ask(
        lambda unit, _: unit.profiles.get_or_add_default("en", ["de"]).id, "language_profiles", True
    ),
    "entry by its source's key": Ask(_media, "media"),
    "job": Ask(lambda unit, number: unit.jobs.enqueue(ScanFolder(folder_id=number)).job_id, "jobs"),
    "refused subtitle": Ask(
        lambda unit, number: unit.blocklist.add(NewBlock("p", str(number))).entry_id, "blacklist_entries"
    ),
    "weight": Ask(_weight, "scoring_weights"),
    "points of a provider": Ask(_modifier, "provider_score_modifiers"),
    "counts of a provider": Ask(_provider, "provider_stats"),
    "day of the statistics": Ask(_day, "daily_stats"),
    "settings of a translation": Ask(_config, "translation_config_history"),
    "series of a folder": Ask(_series, "standalone_series"),
    "film of a file": Ask(_film, "standalone_movies"),
    "setting": Ask(_setting, "config_entries"),
}


def ask_for(database: Database, name: str, number: int) -> object:
    """What somebody gets who asks in a transaction of their own."""
    with database.write() as unit:
        return ASKS[name].get(unit, number)
