"""Keeping the documents of full text as the catalogue is: before a commit, on demand, and never at boot.

Triggers say in `search_pending` which entries may have changed (`sublarr.db.fulltext`); `follow` makes their documents
anew in the same transaction. A change that another program made waits there for the next unit of ours that writes
to the catalogue.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, TextClause, event, text

from sublarr.db.column_types import to_utc_text
from sublarr.db.folding import fold, key

_TOUCHED = "search_touched"
# What cascades from a source reaches the links of files, and so the names of entries.
_TABLES = frozenset({"media", "media_files", "media_file_links", "sources", "search_pending"})
# Rows are read by numbers within the statement, lest a plan made while tables were empty be kept for ever.
_CHUNK = 500
# A B-tree of PostgreSQL takes 2,700 bytes.
TITLE_LETTERS = 200

Document = tuple[int, int, str, str, str]

_WRITE = text(
    """
    INSERT INTO search_documents (media_id, kind_order, title_key, titles, files, updated_at)
    VALUES (:media_id, :kind_order, :title_key, :titles, :files, :updated_at)
    ON CONFLICT (media_id) DO UPDATE SET kind_order = excluded.kind_order, title_key = excluded.title_key,
        titles = excluded.titles, files = excluded.files, updated_at = excluded.updated_at
    WHERE search_documents.kind_order <> excluded.kind_order OR search_documents.title_key <> excluded.title_key
        OR search_documents.titles <> excluded.titles OR search_documents.files <> excluded.files
    """
)


def watch(engine: Engine) -> None:
    """Have every connection of `engine` remember whether something was written that entries are found by."""

    @event.listens_for(engine, "before_execute")
    def remember(connection: Connection, clause: Any, *_: Any) -> None:
        if _is_touching(clause):
            connection.info[_TOUCHED] = True


def touch(connection: Connection, table_name: str) -> None:
    """Remember a write that goes past Core, straight to the driver."""
    if table_name in _TABLES:
        connection.info[_TOUCHED] = True


def _is_touching(clause: Any) -> bool:
    if getattr(clause, "is_dml", False):
        return clause.table.name in _TABLES
    # Text is not understood, only looked at: to follow in vain costs one empty look.
    return isinstance(clause, TextClause) and "media" in clause.text and "SELECT" not in clause.text[:20]


def follow_if_touched(connection: Connection, now: datetime) -> None:
    """Bring the documents in line before COMMIT, where this transaction wrote to the catalogue."""
    if connection.info.get(_TOUCHED) and has_pending(connection):
        follow(connection, now)
    connection.info.pop(_TOUCHED, None)


def has_pending(connection: Connection) -> bool:
    """Whether the schema is one that notes what changed: older ones, on their way up, do not."""
    is_sqlite = connection.dialect.name == "sqlite"
    statement = (
        "SELECT 1 FROM sqlite_master WHERE name = 'search_pending'"
        if is_sqlite
        else "SELECT to_regclass('search_pending')"
    )
    return connection.exec_driver_sql(statement).scalar() is not None


def follow(connection: Connection, now: datetime) -> None:
    """Make the documents of all entries that are noted, and take the notes away."""
    # Others' uncommitted notes are theirs to follow, and their locks nobody's to wait for.
    skipping = "" if connection.dialect.name == "sqlite" else " FOR UPDATE SKIP LOCKED"
    take = (
        "DELETE FROM search_pending WHERE id IN"
        f" (SELECT id FROM search_pending ORDER BY id LIMIT {4 * _CHUNK}{skipping}) RETURNING media_id"
    )
    while noted := connection.exec_driver_sql(take).scalars().all():
        ids = sorted(set(noted))
        for start in range(0, len(ids), _CHUNK):
            write(connection, ids[start : start + _CHUNK], now)


def write(connection: Connection, media_ids: Sequence[int], now: datetime) -> int:
    """Make the documents of these entries, touching only what differs; answers how many there are."""
    if not media_ids:
        return 0
    if connection.dialect.name != "sqlite":
        # Another's change of the same entry is waited for and then seen: without, the last to commit would
        # write what was true before the other did.
        connection.exec_driver_sql(
            f"SELECT id FROM media WHERE id IN ({_listed(media_ids)}) ORDER BY id FOR NO KEY UPDATE"
        )
    documents = made(connection, media_ids)
    if documents:
        stamp: Any = to_utc_text(now) if connection.dialect.name == "sqlite" else now
        names = ("media_id", "kind_order", "title_key", "titles", "files")
        rows = [{**dict(zip(names, each, strict=True)), "updated_at": stamp} for each in documents]
        connection.execute(_WRITE, rows)
    return len(documents)


def made(connection: Connection, media_ids: Sequence[int]) -> list[Document]:
    """The documents of these entries as they should be."""
    if not media_ids:
        return []
    rows = connection.exec_driver_sql(
        "SELECT media_id, kind, title, other_titles, files FROM search_sources"
        f" WHERE media_id IN ({_listed(media_ids)})"
    )
    return [_document(*row) for row in rows]


def _document(media_id: int, kind: str, title: str, other_titles: str, files: str) -> Document:
    own = fold(title)
    # Lines begin and end with a line end, so that a whole one can be looked for; with two at the end, so that the
    # last one or two letters begin a trigram as well.
    titles = f"\n{own}\n{fold(other_titles)}\n\n"
    return media_id, int(kind == "episode"), key(own)[:TITLE_LETTERS], titles, f"\n{fold(files)}\n\n"


def _listed(media_ids: Sequence[int]) -> str:
    return ",".join(map(str, map(int, media_ids)))
