"""docs/api.md says what there is, and nothing that there is not."""

import re
from pathlib import Path

from sublarr.bootstrap import House
from sublarr.web.app import create_app

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")
ROW = re.compile(r"^\| (GET|POST|PUT|DELETE) \| `([^`]+)` \|", re.MULTILINE)
OF_PROGRAMS = ("/api/", "/live/", "/metrics", "/health", "/ready", "/ping")


def test_every_route_of_programs_has_its_row(small: House) -> None:
    served = {
        (method, rule.rule)
        for rule in create_app(small).url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(OF_PROGRAMS)
    }
    documented = ROW.findall(PAGE)
    assert served == {(method, path) for method, path in documented}
    assert len(documented) == len(set(documented))
