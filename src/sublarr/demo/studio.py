"""Makes one sample file at a time: a container's clip is encoded once, then muxed with each file's own subtitles."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Final

from sublarr.demo.captions import SCENE_SECONDS, Coverage, write_captions
from sublarr.demo.catalogue import DemoSidecar, DemoTrack, DemoVideo
from sublarr.demo.dialogue import SCRIPTS
from sublarr.demo.ffmpeg import Ffmpeg
from sublarr.vocabulary.subtitles import SubtitleFormat

_PICTURES_SUFFIX = "sup"


@dataclass(frozen=True, slots=True)
class _Container:
    muxer: str
    encoding: tuple[str, ...]


# Encoders that ffmpeg carries itself where there are any: which libraries a distribution builds in differs.
_MPEG4 = ("-c:v", "mpeg4", "-q:v", "12")
_AAC = ("-c:a", "aac", "-b:a", "16k")
_VP8 = ("-c:v", "libvpx", "-deadline", "realtime", "-b:v", "40k")
_CONTAINERS: Final[Mapping[str, _Container]] = MappingProxyType(
    {
        ".mkv": _Container("matroska", (*_MPEG4, *_AAC)),
        ".mp4": _Container("mp4", (*_MPEG4, *_AAC)),
        ".avi": _Container("avi", (*_MPEG4, "-c:a", "mp2", "-b:a", "32k")),
        ".webm": _Container("webm", (*_VP8, "-c:a", "libopus", "-b:a", "12k")),
    }
)
# The tracks that are not muxed as they come.
_ENCODERS: Final = MappingProxyType({SubtitleFormat.MOV_TEXT: "mov_text", SubtitleFormat.VOBSUB: "dvdsub"})
_DISPOSITIONS: Final = MappingProxyType(
    {Coverage.FORCED: "forced", Coverage.HEARING_IMPAIRED: "hearing_impaired"}
)


@dataclass(frozen=True, slots=True)
class Studio:
    """An ffmpeg, and a folder to work in."""

    ffmpeg: Ffmpeg
    workshop: Path

    def make(self, content: DemoVideo | DemoSidecar, target: Path, *, first_line: int) -> None:
        """Writes that file to `target`, whose own name says nothing about its form."""
        match content:
            case DemoSidecar(suffix, language, coverage):
                form = SubtitleFormat(suffix.rpartition(".")[2])
                target.write_bytes(write_captions(SCRIPTS[language], form, coverage, first_line=first_line))
            case DemoVideo(kept_bytes=None):
                self._mux(content, target, first_line)
            case DemoVideo(path, kept_bytes=kept_bytes):
                target.write_bytes(self._clip(PurePosixPath(path).suffix).read_bytes()[:kept_bytes])

    def _mux(self, video: DemoVideo, target: Path, first_line: int) -> None:
        suffix = PurePosixPath(video.path).suffix
        inputs = [self._clip(suffix), *(self._caption(track, first_line) for track in video.tracks)]
        sources = [argument for path in inputs for argument in _source(path)]
        maps = [argument for number in range(len(inputs)) for argument in ("-map", str(number))]
        tags = [argument for number, track in enumerate(video.tracks) for argument in _tags(number, track)]
        spoken = f"language={SCRIPTS[video.spoken].container_code}"
        # Bit-exact: muxers otherwise put random identifiers into each file.
        self.ffmpeg.run(
            *(*sources, *maps, "-c", "copy", *tags, "-metadata:s:a:0", spoken),
            *("-map_metadata", "-1", "-fflags", "+bitexact", "-f", _CONTAINERS[suffix].muxer, str(target)),
        )

    def _clip(self, suffix: str) -> Path:
        clip = self.workshop / f"clip{suffix}"
        if not clip.exists():
            self.ffmpeg.run(
                *("-f", "lavfi", "-i", f"testsrc2=size=160x90:rate=2:duration={SCENE_SECONDS}"),
                *("-f", "lavfi", "-i", f"sine=frequency=220:sample_rate=16000:duration={SCENE_SECONDS}"),
                *(*_CONTAINERS[suffix].encoding, str(clip)),
            )
        return clip

    def _caption(self, track: DemoTrack, first_line: int) -> Path:
        suffix = track.form.sidecar_suffix or _PICTURES_SUFFIX
        caption = self.workshop / f"{track.language}-{track.coverage}-{first_line}.{suffix}"
        script = SCRIPTS[track.language]
        caption.write_bytes(write_captions(script, track.form, track.coverage, first_line=first_line))
        return caption


def _source(path: Path) -> tuple[str, ...]:
    # A picture is shown until the next event: without this option VobSub records it as lasting for weeks.
    options = ("-fix_sub_duration",) if path.suffix == f".{_PICTURES_SUFFIX}" else ()
    return (*options, "-i", str(path))


def _tags(number: int, track: DemoTrack) -> list[str]:
    script = SCRIPTS[track.language]
    flags = ["default"] if track.is_default else []
    if track.coverage in _DISPOSITIONS:
        flags.append(_DISPOSITIONS[track.coverage])
    return [
        *(f"-c:s:{number}", _ENCODERS.get(track.form, "copy")),
        *(f"-metadata:s:s:{number}", f"language={script.container_code}"),
        *(f"-metadata:s:s:{number}", f"title={track.title or script.name}"),
        *(f"-disposition:s:{number}", "+".join(flags) or "0"),
    ]
