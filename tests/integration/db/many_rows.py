"""A long history in no time, and a process that exports it: `python -m tests.integration.db.many_rows URL`.

The process prints, as JSON, how many rows and bytes it wrote, in what time, and by how many megabytes its memory grew.
"""

import json
import resource
import sys
from pathlib import Path
from time import perf_counter

from sqlalchemy import text

from sublarr.db.database import Database, DatabaseOptions
from sublarr.exports.formats import encode
from sublarr.exports.offers import ExportFilter, open_export
from sublarr.vocabulary.exports import ExportFormat, ExportName

_WARM_UP_PIECES = 20
_STATUS = Path("/proc/self/status")

_COLUMNS = (
    "provider_name, subtitle_id, language, format, file_path, sidecar_path, score, downloaded_at, "
    "subtitle_type, source, is_machine_made, sha256, job_id"
)
_SQLITE = """
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {rows})
    SELECT 'provider ' || (n % 7), CAST(n AS TEXT), 'de', 'srt', '/media/series ' || n || '/episode.mkv',
        '/media/series ' || n || '/episode.de.srt', n % 500,
        strftime('%Y-%m-%dT%H:%M:%S', {start} + n, 'unixepoch') || '.000000Z', 'full', '', 0, '', ''
    FROM numbers
"""
_POSTGRESQL = """
    SELECT 'provider ' || (n % 7), n::text, 'de', 'srt', '/media/series ' || n || '/episode.mkv',
        '/media/series ' || n || '/episode.de.srt', n % 500, to_timestamp({start} + n), 'full', '', false, '', ''
    FROM generate_series(1, {rows}) AS n
"""
START = 1_700_000_000


def fill_history(database: Database, rows: int) -> None:
    """So many downloads, a second apart."""
    select = (_SQLITE if database.dialect == "sqlite" else _POSTGRESQL).format(rows=rows, start=START)
    with database.write() as unit:
        unit.connection.execute(text(f"INSERT INTO subtitle_downloads ({_COLUMNS}) {select}"))


def export(url: str) -> dict[str, float]:
    """Write the whole history to nowhere."""
    database = Database(DatabaseOptions(url=url))
    rows = size = 0
    before = 0.0
    started = perf_counter()
    with database.read() as unit:
        columns, stream = open_export(unit, ExportName.DOWNLOADS, ExportFilter())
        for number, piece in enumerate(encode(ExportFormat.JSONL, columns, stream)):
            rows += piece.count(b"\n")
            size += len(piece)
            if number == _WARM_UP_PIECES:
                before = _peak()
    database.close()
    seconds = perf_counter() - started
    return {"rows": rows, "bytes": size, "seconds": seconds, "grown_megabytes": _peak() - before}


def _peak() -> float:
    """The most megabytes this process has had."""
    if _STATUS.exists():
        # Not getrusage, whose maximum a process inherits from the larger one that started it.
        line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    # macOS, where it is counted in bytes.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024


if __name__ == "__main__":
    print(json.dumps(export(sys.argv[1])))
