"""Houses and servers for the tests of the web door: real databases, a real server on a free port."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from flask import Flask

from sublarr.bootstrap import House, open_house
from sublarr.db.repositories.files import FileWrite, SubtitleRow
from sublarr.db.repositories.media import MediaWrite
from sublarr.db.repositories.probes import ProbeWrite
from sublarr.db.repositories.reconciling import WantedWish
from sublarr.vocabulary.media import FoundFile, MediaKind, Probe, ProbeOutcome, ProbeStatus, Track, TrackKind
from sublarr.vocabulary.subtitles import SubtitleFormat, SubtitleOrigin, SubtitleType
from sublarr.web.server import Server
from sublarr.web.streaming import feed_of

KEY = "a-key-of-this-test"


@contextmanager
def opened(tmp_path: Path, **environment: str) -> Iterator[House]:
    house = open_house({"SUBLARR_CONFIG_DIR": str(tmp_path), **environment})
    try:
        yield house
    finally:
        house.close()


@contextmanager
def serving(app: Flask) -> Iterator[Server]:
    server = Server(app, "127.0.0.1", 0, on_stop=feed_of(app).stop)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(20)
        assert not thread.is_alive(), "the server did not stop"


@dataclass(frozen=True)
class Contents:
    """What `fill` put into a house."""

    folder_id: int
    series_id: int
    episode_ids: tuple[int, ...]
    file_ids: tuple[int, ...]
    wanted_ids: tuple[int, ...]


def fill(house: House, folder: Path, episodes: int = 3) -> Contents:
    """A watched folder with one series, an embedded subtitle in each file, and a wanted one for each."""
    folder.mkdir(parents=True, exist_ok=True)
    with house.database.write() as unit:
        unit.profiles.set_default_languages("en", ["de"])
        row = unit.folders.add(str(folder))
        source = row.source_id
        unit.media.upsert_many([MediaWrite(MediaKind.SERIES, source, "show", "The Show", year=2020)])
        series = unit.media.ids_by_key(source, ["show"])["show"]
        keys = [f"e{number}" for number in range(1, episodes + 1)]
        unit.media.upsert_many(
            [
                MediaWrite(MediaKind.EPISODE, source, key, f"Part {n}", series_id=series, season=1, episode=n)
                for n, key in enumerate(keys, 1)
            ]
        )
        media = unit.media.ids_by_key(source, keys)
        paths = [str(folder / f"{key}.mkv") for key in keys]
        unit.files.upsert_many(
            [
                FileWrite(source, FoundFile(path, 1000, 1), ProbeStatus.OK, "", "matroska", 60.0, ("en",))
                for path in paths
            ]
        )
        unit.probes.upsert_many([_probed(path) for path in paths])
        ids = unit.files.ids_by_path(paths)
        files = [ids[path] for path in paths]
        pairs = list(zip((media[key] for key in keys), files, strict=True))
        unit.media.link(pairs, files)
        unit.files.set_subtitles(files, [_track(file_id) for file_id in files])
        wishes = [
            WantedWish(file_id, media_id, series, MediaKind.EPISODE, "de", SubtitleType.FULL, False)
            for media_id, file_id in pairs
        ]
        unit.wanted.reconcile(files, wishes)
        wanted = unit.wanted.of_media([media[key] for key in keys])
    wanted_ids = tuple(wanted[media[key]][0].id for key in keys)
    return Contents(row.id, series, tuple(media[key] for key in keys), tuple(files), wanted_ids)


def _track(file_id: int) -> SubtitleRow:
    return SubtitleRow(
        file_id=file_id,
        origin=SubtitleOrigin.EMBEDDED,
        track_index=2,
        path="",
        language="de",
        subtitle_type=SubtitleType.FULL,
        format=SubtitleFormat.SRT,
        is_hearing_impaired=False,
        is_default=True,
        title="",
        size=None,
        mtime_ns=None,
    )


def _probed(path: str) -> ProbeWrite:
    track = Track(2, TrackKind.SUBTITLE, "subrip", "de")
    outcome = ProbeOutcome(path, ProbeStatus.OK, Probe("matroska", 60.0, (track,)))
    return ProbeWrite(FoundFile(path, 1000, 1), outcome)
