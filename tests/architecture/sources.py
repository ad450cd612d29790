"""The files the architecture tests look at: parsed once, with their lines at hand for the comments."""

import ast
import functools
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "sublarr"


@dataclass(frozen=True)
class Module:
    """One parsed file of the package."""

    path: Path
    tree: ast.Module
    lines: list[str]

    def at(self, line: int) -> str:
        """Where a finding is, as an editor understands it."""
        return f"{self.path.relative_to(ROOT)}:{line}"

    def has_reason(self, line: int) -> bool:
        """Whether the line, or a comment on the line before it, says why: more than a bare `noqa`."""
        return _says_something(self.lines[line - 1]) or self.is_explained(line - 1)

    def is_explained(self, line: int) -> bool:
        """Whether the line is a comment, and says something."""
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return text.lstrip().startswith("#") and _says_something(text)


def _says_something(line: str) -> bool:
    _, _, comment = line.partition("#")
    comment = re.sub(r"(noqa|type: ignore)[:\[]\s*[A-Z0-9a-z, -]*?(?=$|\]| - | — )", "", comment)
    return len(re.findall(r"[A-Za-z]{2,}", comment)) >= 2


@functools.cache
def modules() -> tuple[Module, ...]:
    """Every module of the package."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        found.append(Module(path, ast.parse(text), text.splitlines()))
    return tuple(found)


@functools.cache
def tracked_files() -> tuple[Path, ...]:
    """What git keeps, or would keep after the next `git add`."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    names = listing.stdout.decode().split("\0")
    return tuple(path for name in names if name and (path := ROOT / name).is_file())


def report(findings: list[str], rule: str) -> str:
    """The message of a failing rule."""
    return f"{rule}\n  " + "\n  ".join(findings)
