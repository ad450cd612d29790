"""Lists taken away whole: sent while they are read, in flat memory, from one snapshot.

Whoever reads slowly holds a thread, a connection and a snapshot meanwhile, so few exports run at a time, each for a
limited time. One that breaks off ends without the last piece, by which a client knows that it is not whole.
"""

from collections.abc import Generator
from contextlib import ExitStack
from threading import BoundedSemaphore
from time import monotonic

from flask import Flask, Response, current_app
from pydantic import Field

from sublarr.bootstrap import House
from sublarr.vocabulary.errors import Unavailable
from sublarr.vocabulary.exports import ExportFormat, ExportName
from sublarr.web.api.shapes import Given, Text
from sublarr.web.routes import Routes

routes = Routes("exports", "Lists taken away whole")

MOST_EXPORTS = 2
_LONGEST_SECONDS = 1800.0
_EXTENSION = "sublarr_exports"


class ByExport(Given):
    """The path of an export."""

    what: ExportName


class ExportQuery(Given):
    """In which form, and which rows; a list that has no use for a filter refuses it."""

    format: ExportFormat = Field(ExportFormat.JSONL, description="An object a line, a table, or one array")
    status: tuple[Text, ...] = Field((), description="Of wanted and jobs: any of these; may be repeated")
    kind: Text = Field("", description="Of media and wanted: films or episodes; of jobs: their kind")
    language: Text = Field("", description="Of wanted and downloads: the language, in any usual form")
    provider: Text = Field("", description="Of downloads: where they came from")
    q: Text = Field("", description="Of wanted and jobs: words in the title or the path")


def install_exports(app: Flask) -> None:
    """Give `app` its places for exports."""
    app.extensions[_EXTENSION] = BoundedSemaphore(MOST_EXPORTS)


@routes.get("/exports/<what>", None, streams=("application/x-ndjson", "text/csv", "application/json"))
def export_list(house: House, path: ByExport, query: ExportQuery) -> Response:
    """A whole list as JSON lines, CSV or JSON, sent while it is read."""
    # Every repository there is, which a household that exports nothing need not load.
    from sublarr.exports.formats import MEDIA_TYPES  # noqa: PLC0415 (reason above)

    pieces = _pieces(house, path.what, query)
    # The first piece is made now: what is not acceptable is answered as an error, not as a broken file.
    first = next(pieces)
    name = f"sublarr-{path.what}.{query.format}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
        # nginx would gather the whole file before it sends any of it.
        "X-Accel-Buffering": "no",
    }
    return Response(_Sending(first, pieces), headers=headers, mimetype=MEDIA_TYPES[query.format])


class _Sending:
    """An answer's body whose `close` reaches the generator even if nothing of it was sent."""

    def __init__(self, first: bytes, rest: Generator[bytes]) -> None:
        self._first: bytes | None = first
        self._rest = rest

    def __iter__(self) -> "_Sending":
        return self

    def __next__(self) -> bytes:
        first, self._first = self._first, None
        return next(self._rest) if first is None else first

    def close(self) -> None:
        """The server's word that nobody reads on: the snapshot and the place are free again."""
        self._rest.close()


def _pieces(house: House, what: ExportName, query: ExportQuery) -> Generator[bytes]:
    from sublarr.exports.formats import encode  # noqa: PLC0415 (as above)
    from sublarr.exports.offers import ExportFilter, open_export  # noqa: PLC0415

    chosen = ExportFilter(query.status, query.kind, query.language, query.provider, query.q)
    places: BoundedSemaphore = current_app.extensions[_EXTENSION]
    if not places.acquire(blocking=False):
        raise Unavailable(f"{MOST_EXPORTS} exports run already", retry_after=10.0)
    until = monotonic() + _LONGEST_SECONDS
    with ExitStack() as held:
        held.callback(places.release)
        unit = held.enter_context(house.database.read())
        for piece in encode(query.format, *open_export(unit, what, chosen)):
            yield piece
            if monotonic() > until:
                raise Unavailable(f"the export took longer than {_LONGEST_SECONDS / 60:g} minutes")
    # An empty list of lines is a body without bytes.
    yield b""
