"""Makes the sample library: every file of the catalogue, in place.

What is there already is kept, so a run that was stopped half-way is completed by the next one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from sublarr.demo.catalogue import FOLDERS, VIDEOS, DemoSidecar, DemoVideo
from sublarr.demo.ffmpeg import find_ffmpeg
from sublarr.demo.folder import DemoFolder, DemoReport, claim_folder, placed
from sublarr.demo.studio import Studio


@dataclass(frozen=True, slots=True)
class _Piece:
    """A file to make: its path under the root, and the line its scene begins with."""

    name: str
    content: DemoVideo | DemoSidecar
    first_line: int


def make_library(directory: Path, *, on_progress: Callable[[int, int, str], None]) -> DemoReport:
    """Fills `directory` with the sample library, telling files done, files in all and the one just made.

    Raises InvalidInput where the directory holds anything else, Unavailable where there is no ffmpeg.
    """
    claim_folder(directory)
    pieces = list(_pieces())
    missing = [piece for piece in pieces if not (directory / piece.name).exists()]
    kept = len(pieces) - len(missing)
    if missing:
        with TemporaryDirectory(prefix="sublarr-demo-") as workshop:
            studio = Studio(find_ffmpeg(), Path(workshop))
            for number, piece in enumerate(missing, start=kept + 1):
                with placed(directory / piece.name) as temporary:
                    studio.make(piece.content, temporary, first_line=piece.first_line)
                on_progress(number, len(pieces), piece.name)
    return DemoReport(
        folders=tuple(DemoFolder(directory / name, content) for name, content in FOLDERS),
        made=len(missing),
        kept=kept,
        total_bytes=sum((directory / piece.name).stat().st_size for piece in pieces),
    )


def _pieces() -> Iterator[_Piece]:
    """Every file; a sidecar begins with its video's line, so that the two can be laid side by side."""
    for number, video in enumerate(VIDEOS):
        yield _Piece(video.path, video, number)
        stem = video.path.removesuffix(PurePosixPath(video.path).suffix)
        for sidecar in video.sidecars:
            yield _Piece(stem + sidecar.suffix, sidecar, number)
