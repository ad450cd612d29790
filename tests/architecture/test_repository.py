"""What no file of the repository may hold, and links that must lead somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.sources import ROOT, report, tracked_files

# Put together here, so that this file may be looked at too.
REGISTRY_HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("npmjs", "com"),
        ("proxy", "golang", "org"),
        ("index", "crates", "io"),
        ("registry-1", "docker", "io"),
    )
]
MACHINE_FOLDERS = "work|root|opt"
FORBIDDEN = re.compile(
    "|".join(map(re.escape, REGISTRY_HOSTS)) + rf"|(?<![\w.~/$}}*-])/(?:{MACHINE_FOLDERS})/\w"
)
LINK = re.compile(r"(?<!`)\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
FENCED = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)


def _texts() -> Iterator[tuple[Path, str]]:
    for path in tracked_files():
        data = path.read_bytes()
        if b"\0" not in data[:8000]:
            yield path, data.decode("utf-8", "replace")


def test_a_clone_works_on_any_machine_with_any_mirror() -> None:
    findings = [
        f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, match.start()) + 1} {match.group()}"
        for path, text in _texts()
        for match in FORBIDDEN.finditer(text)
    ]
    assert not findings, report(findings, "registry hosts, or paths of the machine where this was written:")


def test_the_check_for_machine_paths_can_fail() -> None:
    bad = ["/" + "work/main/x", f'"/{"root"}/x"', REGISTRY_HOSTS[0], f"https://{REGISTRY_HOSTS[1]}/x"]
    good = ["/" + "workers/list", "docs/" + "work/x", "https://example.org/" + "root/x", "~/" + "work/x"]
    assert [bool(FORBIDDEN.search(text)) for text in (*bad, *good)] == [True] * 4 + [False] * 4


def test_no_link_of_the_documentation_leads_nowhere() -> None:
    findings = []
    for path, text in _texts():
        if path.suffix == ".md":
            findings += [f"{path.relative_to(ROOT)} → {link}" for link in _broken_links(path, text)]
    assert not findings, report(findings, "broken links:")


def _broken_links(page: Path, text: str) -> Iterator[str]:
    for link in LINK.findall(FENCED.sub("", text)):
        if re.match(r"[a-z][a-z0-9+.-]*:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        is_missing = not target.exists()
        if is_missing or (anchor and target.suffix == ".md" and anchor not in _anchors(target)):
            yield link


def _anchors(page: Path) -> set[str]:
    """The anchors that GitHub and its like make of a page's headings."""
    headings = re.findall(r"^#{1,6}\s+(.+?)\s*#*$", FENCED.sub("", page.read_text("utf-8")), re.MULTILINE)
    anchors: set[str] = set()
    for heading in headings:
        anchor = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-")
        number = 0
        unique = anchor
        while unique in anchors:
            number += 1
            unique = f"{anchor}-{number}"
        anchors.add(unique)
    return anchors


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    text = "# One `two`\n[a](#one-two) [b](#three) [c](missing.md) [d](page.md#one-two) [e](https://example.org)\n"
    page.write_text(text)
    assert list(_broken_links(page, text)) == ["#three", "missing.md"]
