"""Counts that cost nothing to read: `row_counts` holds them, and triggers keep it right, whoever writes.

Every counted row lies in one cell, told by its own columns alone, so that a change of a row is a change of two
numbers whatever happens beside it. SQLite has one writer: a cell is one row, changed in place. On PostgreSQL a
row that every writer changes would have them wait for each other; there a change is a loose row of its own, and
now and then one writer folds the loose rows into the cells. docs/decisions/0007-counters.md says why.

Two columns exist for this: whose source a wanted row's file is, and the series or film that a link's file counts
for. Triggers fill them and keep them, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from sublarr.db.fulltext import run
from sublarr.db.models.counters import CELL

# One writer folds at a time; an advisory lock of PostgreSQL ("SUBC").
FOLD_LOCK = 0x53_55_42_43
# Every so many loose rows, by their ids: what a reader adds up stays about that short.
_FOLD_EVERY = 512


@dataclass(frozen=True, slots=True)
class Topic:
    """Which table is counted, and which of its columns tells what of a cell."""

    table: str
    columns: Mapping[str, str]

    def values(self, name: str, row: str = "") -> str:
        """The cell of a row as SQL; `row` is what the row is called, with a dot."""
        empty = {"source_id": "0", "is_upgrade": "false"}
        told = (
            f"{row}{self.columns[part]}" if part in self.columns else empty.get(part, "''")
            for part in CELL[1:]
        )
        return ", ".join((f"'{name}'", *told))


TOPICS: Mapping[str, Topic] = {
    "wanted": Topic(
        "wanted_items",
        {
            "source_id": "source_id",
            "kind": "item_type",
            "status": "status",
            "language": "target_language",
            "subtitle_type": "subtitle_type",
            "is_upgrade": "upgrade_candidate",
        },
    ),
    "media": Topic("media", {"source_id": "source_id", "kind": "kind"}),
    "files": Topic("media_files", {"source_id": "source_id"}),
    "jobs": Topic("jobs", {"kind": "kind", "status": "status"}),
}
_CELL = ", ".join(CELL)
_INTO = f"INSERT INTO row_counts ({_CELL}, amount, is_folded)"
_ADD_UP = f"ON CONFLICT ({_CELL}) WHERE is_folded DO UPDATE SET amount = row_counts.amount + excluded.amount"

# What fills the two columns for rows that were there before, and where another program left them wrong.
OWN_SOURCES = """UPDATE wanted_items
    SET source_id = (SELECT source_id FROM media_files WHERE media_files.id = wanted_items.file_id)
    WHERE EXISTS (SELECT 1 FROM media_files WHERE media_files.id = wanted_items.file_id
        AND (wanted_items.source_id IS NULL OR wanted_items.source_id <> media_files.source_id))"""
OWN_OWNERS = """UPDATE media_file_links
    SET owner_id = (SELECT coalesce(series_id, id) FROM media WHERE media.id = media_file_links.media_id)
    WHERE EXISTS (SELECT 1 FROM media WHERE media.id = media_file_links.media_id
        AND (media_file_links.owner_id IS NULL OR media_file_links.owner_id <> coalesce(series_id, id)))"""


def fill(name: str) -> str:
    """The statement that counts a topic's rows into cells that are not there yet."""
    topic = TOPICS[name]
    return (
        f"{_INTO} SELECT {topic.values(name)}, count(*), true FROM {topic.table}"
        f" GROUP BY {', '.join(topic.columns.values())}"
    )


def differences(name: str) -> str:
    """The statement that tells in how many cells of a topic the kept number is not the number of rows."""
    topic = TOPICS[name]
    return (
        f"SELECT count(*) FROM (SELECT {_CELL} FROM (SELECT {_CELL}, amount FROM row_counts WHERE topic = '{name}'"
        f" UNION ALL SELECT {topic.values(name)}, -1 FROM {topic.table}) AS parts"
        f" GROUP BY {_CELL} HAVING sum(amount) <> 0) AS wrong"
    )


def _sqlite_part(name: str, row: str, amount: int) -> str:
    values = TOPICS[name].values(name, f"{row}.")
    # A wanted row is counted once its source is known, which is in the same statement.
    known = f"{row}.source_id IS NOT NULL" if name == "wanted" else "true"
    return f"{_INTO} SELECT {values}, {amount}, true WHERE {known} {_ADD_UP};"


def _sqlite_topic(name: str) -> tuple[str, ...]:
    topic = TOPICS[name]
    columns = topic.columns.values()
    old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("OLD", "NEW"))
    added, removed = _sqlite_part(name, "NEW", 1), _sqlite_part(name, "OLD", -1)
    differs = f"({old}) IS NOT ({new})"
    return (
        f"CREATE TRIGGER count_{name}_added AFTER INSERT ON {topic.table} BEGIN {added} END",
        f"CREATE TRIGGER count_{name}_removed AFTER DELETE ON {topic.table} BEGIN {removed} END",
        (
            f"CREATE TRIGGER count_{name}_changed AFTER UPDATE OF {', '.join(columns)} ON {topic.table}"
            f" WHEN {differs} BEGIN {removed} {added} END"
        ),
    )


_SQLITE_COLUMNS = (
    """CREATE TRIGGER count_source_of_wanted AFTER INSERT ON wanted_items WHEN NEW.source_id IS NULL BEGIN
    UPDATE wanted_items SET source_id = (SELECT source_id FROM media_files WHERE id = NEW.file_id) WHERE id = NEW.id;
END""",
    """CREATE TRIGGER count_source_of_moved AFTER UPDATE OF file_id ON wanted_items WHEN OLD.file_id <> NEW.file_id BEGIN
    UPDATE wanted_items SET source_id = (SELECT source_id FROM media_files WHERE id = NEW.file_id) WHERE id = NEW.id;
END""",
    """CREATE TRIGGER count_source_of_file AFTER UPDATE OF source_id ON media_files
WHEN OLD.source_id <> NEW.source_id BEGIN
    UPDATE wanted_items SET source_id = NEW.source_id WHERE file_id = NEW.id;
END""",
    """CREATE TRIGGER count_owner_of_link AFTER INSERT ON media_file_links WHEN NEW.owner_id IS NULL BEGIN
    UPDATE media_file_links SET owner_id = (SELECT coalesce(series_id, id) FROM media WHERE id = NEW.media_id)
    WHERE media_id = NEW.media_id AND file_id = NEW.file_id;
END""",
    """CREATE TRIGGER count_owner_of_moved AFTER UPDATE OF media_id ON media_file_links
WHEN OLD.media_id <> NEW.media_id BEGIN
    UPDATE media_file_links SET owner_id = (SELECT coalesce(series_id, id) FROM media WHERE id = NEW.media_id)
    WHERE media_id = NEW.media_id AND file_id = NEW.file_id;
END""",
    """CREATE TRIGGER count_owner_of_media AFTER UPDATE OF series_id ON media
WHEN OLD.series_id IS NOT NEW.series_id BEGIN
    UPDATE media_file_links SET owner_id = coalesce(NEW.series_id, NEW.id) WHERE media_id = NEW.id;
END""",
)


def _postgresql_topic(name: str) -> tuple[str, ...]:
    topic = TOPICS[name]
    columns = topic.columns.values()
    old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("OLD", "NEW"))
    removed = f"({topic.values(name, 'OLD.')}, -1, false)"
    added = f"({topic.values(name, 'NEW.')}, 1, false)"
    function = f"""CREATE FUNCTION count_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    loose bigint;
BEGIN
    IF TG_OP = 'INSERT' THEN
        {_INTO} VALUES {added} RETURNING id INTO loose;
    ELSIF TG_OP = 'DELETE' THEN
        {_INTO} VALUES {removed} RETURNING id INTO loose;
    ELSE
        {_INTO} VALUES {removed};
        {_INTO} VALUES {added} RETURNING id INTO loose;
    END IF;
    -- Of two ids in a row one is asked here.
    IF loose % {_FOLD_EVERY} < 2 THEN
        PERFORM fold_row_counts();
    END IF;
    RETURN NULL;
END
$$"""
    execute = f"FOR EACH ROW EXECUTE FUNCTION count_{name}()"
    differs = f"WHEN (({old}) IS DISTINCT FROM ({new}))"
    return (
        function,
        f"CREATE TRIGGER count_{name}_added AFTER INSERT ON {topic.table} {execute}",
        f"CREATE TRIGGER count_{name}_removed AFTER DELETE ON {topic.table} {execute}",
        (
            f"CREATE TRIGGER count_{name}_changed AFTER UPDATE OF {', '.join(columns)} ON {topic.table}"
            f" FOR EACH ROW {differs} EXECUTE FUNCTION count_{name}()"
        ),
    )


# Only who holds the lock touches folded rows, so nobody waits for anybody; a fold that is rolled back leaves the
# loose rows as they were. The lock ends after the transaction has become visible: the next one sees its work.
_FOLD = f"""CREATE FUNCTION fold_row_counts() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF pg_try_advisory_xact_lock({FOLD_LOCK}) THEN
        WITH loose AS (DELETE FROM row_counts WHERE NOT is_folded RETURNING {_CELL}, amount)
        {_INTO} SELECT {_CELL}, sum(amount), true FROM loose GROUP BY {_CELL} HAVING sum(amount) <> 0
        {_ADD_UP};
    END IF;
END
$$"""


def _filling(name: str, table: str, event: str, found: str) -> tuple[str, str]:
    """Locked, so that what is looked up cannot change before this transaction ends."""
    function = f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {found} FOR SHARE;
    RETURN NEW;
END
$$"""
    trigger = f"CREATE TRIGGER {name} BEFORE INSERT OR UPDATE OF {event} ON {table}"
    return function, f"{trigger} FOR EACH ROW EXECUTE FUNCTION {name}()"


def _following(name: str, table: str, column: str, change: str) -> tuple[str, str]:
    function = f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {change};
    RETURN NULL;
END
$$"""
    differs = f"WHEN (OLD.{column} IS DISTINCT FROM NEW.{column})"
    trigger = f"CREATE TRIGGER {name} AFTER UPDATE OF {column} ON {table} FOR EACH ROW {differs}"
    return function, f"{trigger} EXECUTE FUNCTION {name}()"


_POSTGRESQL_COLUMNS = (
    *_filling(
        "count_source_of_wanted",
        "wanted_items",
        "file_id",
        "SELECT source_id INTO NEW.source_id FROM media_files WHERE id = NEW.file_id",
    ),
    *_following(
        "count_source_of_file",
        "media_files",
        "source_id",
        "UPDATE wanted_items SET source_id = NEW.source_id WHERE file_id = NEW.id",
    ),
    *_filling(
        "count_owner_of_link",
        "media_file_links",
        "media_id",
        "SELECT coalesce(series_id, id) INTO NEW.owner_id FROM media WHERE id = NEW.media_id",
    ),
    *_following(
        "count_owner_of_media",
        "media",
        "series_id",
        "UPDATE media_file_links SET owner_id = coalesce(NEW.series_id, NEW.id) WHERE media_id = NEW.id",
    ),
)
# Loose rows come and go by the thousand: they are swept as often.
_SWEEPING = (
    "ALTER TABLE row_counts SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,"
    " autovacuum_vacuum_insert_threshold = -1)"
)


def ddl(dialect: str) -> tuple[str, ...]:
    """The statements that make the triggers, in order, none with a blank line or a `;` at its end."""
    if dialect == "sqlite":
        topics = (statement for name in TOPICS for statement in _sqlite_topic(name))
        return (*_SQLITE_COLUMNS, *topics)
    topics = (statement for name in TOPICS for statement in _postgresql_topic(name))
    return (_SWEEPING, _FOLD, *_POSTGRESQL_COLUMNS, *topics)


def create(connection: Connection) -> None:
    """Make the triggers in a database that has the tables and no rows."""
    run(connection, ddl(connection.dialect.name))
