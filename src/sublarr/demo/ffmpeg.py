"""The ffmpeg that makes the sample media: where it is, and one way to run it.

Nothing else in the program starts ffmpeg for this; probing and extracting are the library's and go through PyAV.
"""

import shutil
import subprocess
from dataclasses import dataclass

from sublarr.vocabulary.errors import DiskFull, Unavailable

_TIMEOUT_SECONDS = 60
_REMEDY = "Install Sublarr with its `demo` extra, or put an ffmpeg on PATH."


@dataclass(frozen=True, slots=True)
class Ffmpeg:
    """An ffmpeg executable."""

    executable: str

    def run(self, *arguments: str) -> None:
        """Runs it to its end; raises Unavailable with its last words when it fails."""
        command = [self.executable, "-nostdin", "-v", "error", "-y", *arguments]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=_TIMEOUT_SECONDS)
        except subprocess.CalledProcessError as failure:
            words = failure.stderr.decode(errors="replace").strip()
            if "No space left" in words:
                raise DiskFull("The disk is full.", remedy="Make room, then run it again.") from failure
            raise Unavailable(f"ffmpeg failed: {words}", remedy=_REMEDY) from failure
        except (OSError, subprocess.TimeoutExpired) as failure:
            raise Unavailable(f"ffmpeg could not be run: {failure}", remedy=_REMEDY) from failure


def find_ffmpeg() -> Ffmpeg:
    """The ffmpeg of the `demo` extra, else the one on PATH; raises Unavailable where there is neither."""
    executable = _packaged() or shutil.which("ffmpeg")
    if executable is None:
        raise Unavailable("No ffmpeg was found to make the sample library with.", remedy=_REMEDY)
    return Ffmpeg(executable)


def _packaged() -> str | None:
    try:
        # An optional extra, loaded only where it is needed: the wheel holds a whole ffmpeg.
        import imageio_ffmpeg  # noqa: PLC0415
    except ImportError:
        return None
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:  # the wheel without a binary, as on platforms it does not build for
        return None
