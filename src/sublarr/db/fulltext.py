"""Full text: what makes a database find an entry by any part of its titles and file names.

Triggers note in `search_pending` which entries' words may have changed, whoever writes. Before a unit of ours commits,
`sublarr.db.indexing` makes those entries' `search_documents` anew from the view `search_sources`, folded in Python, so
that both databases agree on what a letter is. SQLite has an FTS5 table of trigrams over the documents, PostgreSQL
a GIN index of the trigrams that `search_grams` makes. docs/decisions/0009-folded-words.md says why;
`repositories.search` asks.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

_SQLITE_SOURCES = """
CREATE VIEW search_sources AS
SELECT media.id AS media_id, media.kind AS kind, media.title AS title,
    media.original_title || char(10)
        || coalesce((SELECT group_concat(value, char(10)) FROM json_each(media.alternative_titles)), '')
        || char(10)
        || coalesce(series.title || char(10) || series.original_title || char(10)
            || (SELECT coalesce(group_concat(value, char(10)), '') FROM json_each(series.alternative_titles)), '')
        AS other_titles,
    media.folder_path || char(10)
        || coalesce((SELECT group_concat(name, char(10)) FROM (
            SELECT media_files.path || char(10) || media_files.scene_name AS name
            FROM media_file_links JOIN media_files ON media_files.id = media_file_links.file_id
            WHERE media_file_links.media_id = media.id ORDER BY media_files.id)), '') AS files
FROM media LEFT JOIN media AS series ON series.id = media.series_id
"""
_POSTGRESQL_SOURCES = """
CREATE VIEW search_sources AS
SELECT media.id AS media_id, media.kind AS kind, media.title AS title,
    concat(media.original_title, chr(10),
        (SELECT string_agg(each.value, chr(10) ORDER BY each.ordinality)
            FROM jsonb_array_elements_text(media.alternative_titles) WITH ORDINALITY AS each),
        chr(10), series.title, chr(10), series.original_title, chr(10),
        (SELECT string_agg(each.value, chr(10) ORDER BY each.ordinality)
            FROM jsonb_array_elements_text(series.alternative_titles) WITH ORDINALITY AS each)) AS other_titles,
    concat(media.folder_path, chr(10),
        (SELECT string_agg(concat(media_files.path, chr(10), media_files.scene_name), chr(10)
                ORDER BY media_files.id)
            FROM media_file_links JOIN media_files ON media_files.id = media_file_links.file_id
            WHERE media_file_links.media_id = media.id)) AS files
FROM media LEFT JOIN media AS series ON series.id = media.series_id
"""

_TITLES_DIFFER = (
    "(OLD.title, OLD.original_title, OLD.alternative_titles)"
    " IS DISTINCT FROM (NEW.title, NEW.original_title, NEW.alternative_titles)"
)
_ENTRY_DIFFERS = (
    "(OLD.title, OLD.original_title, OLD.alternative_titles, OLD.folder_path, OLD.series_id, OLD.kind)"
    " IS DISTINCT FROM"
    " (NEW.title, NEW.original_title, NEW.alternative_titles, NEW.folder_path, NEW.series_id, NEW.kind)"
)
_NAMES_DIFFER = "(OLD.path, OLD.scene_name) IS DISTINCT FROM (NEW.path, NEW.scene_name)"
_LINKS_DIFFER = "(OLD.media_id, OLD.file_id) IS DISTINCT FROM (NEW.media_id, NEW.file_id)"
# The trigger, the event, when, and whose documents may have changed.
_EVENTS = (
    ("media_added", "INSERT ON media", "", "SELECT NEW.id"),
    (
        "media_changed",
        "UPDATE OF title, original_title, alternative_titles, folder_path, series_id, kind ON media",
        _ENTRY_DIFFERS,
        "SELECT NEW.id",
    ),
    (
        "series_changed",
        "UPDATE OF title, original_title, alternative_titles ON media",
        f"NEW.kind = 'series' AND {_TITLES_DIFFER}",
        "SELECT id FROM media WHERE series_id = NEW.id",
    ),
    ("link_added", "INSERT ON media_file_links", "", "SELECT NEW.media_id"),
    ("link_removed", "DELETE ON media_file_links", "", "SELECT OLD.media_id"),
    (
        "link_changed",
        "UPDATE ON media_file_links",
        _LINKS_DIFFER,
        "SELECT OLD.media_id UNION SELECT NEW.media_id",
    ),
    (
        "file_changed",
        "UPDATE OF path, scene_name ON media_files",
        _NAMES_DIFFER,
        "SELECT media_id FROM media_file_links WHERE file_id = NEW.id",
    ),
)


def _sqlite_trigger(name: str, event: str, condition: str, affected: str) -> str:
    # `IS DISTINCT FROM` is younger (3.39) than the oldest SQLite that Sublarr runs on.
    when = f"WHEN {condition.replace('IS DISTINCT FROM', 'IS NOT')} " if condition else ""
    return f"""
CREATE TRIGGER search_{name} AFTER {event} {when}BEGIN
    INSERT INTO search_pending (media_id) {affected};
END
"""


_KEEP = "INSERT INTO search_index (rowid, titles, files) VALUES (NEW.media_id, NEW.titles, NEW.files);"
_DROP = (
    "INSERT INTO search_index (search_index, rowid, titles, files)"
    " VALUES ('delete', OLD.media_id, OLD.titles, OLD.files);"
)
# The documents are folded: another folding, by a tokenizer that grows with SQLite's versions, could only differ.
_SQLITE_INDEX = (
    (
        "CREATE VIRTUAL TABLE search_index USING fts5(titles, files, content='search_documents',"
        " content_rowid='media_id', columnsize=0, tokenize='trigram case_sensitive 1')"
    ),
    "CREATE VIRTUAL TABLE search_terms USING fts5vocab(search_index, instance)",
    f"CREATE TRIGGER search_document_added AFTER INSERT ON search_documents BEGIN {_KEEP} END",
    f"CREATE TRIGGER search_document_removed AFTER DELETE ON search_documents BEGIN {_DROP} END",
    (
        "CREATE TRIGGER search_document_changed AFTER UPDATE OF media_id, titles, files ON search_documents"
        " WHEN (OLD.media_id, OLD.titles, OLD.files) IS NOT (NEW.media_id, NEW.titles, NEW.files)"
        f" BEGIN {_DROP} {_KEEP} END"
    ),
)


def sqlite_emptying() -> tuple[str, ...]:
    """What throws the documents and a damaged index away, which may not know what it holds, and makes empty ones."""
    return (
        *(f"DROP TRIGGER search_document_{event}" for event in ("added", "removed", "changed")),
        "DROP TABLE search_terms",
        "DROP TABLE search_index",
        "DELETE FROM search_documents",
        *_SQLITE_INDEX,
    )


def _sqlite() -> tuple[str, ...]:
    return (_SQLITE_SOURCES, *_SQLITE_INDEX, *(_sqlite_trigger(*event) for event in _EVENTS))


# A lexeme may hold anything, but a tsvector is at most a megabyte: nobody looks for the 20,000th letter of a name.
# COST is what was measured, lest rows be read instead of the index. Arrays of letters, as substr() counts letters
# from the beginning each time: half the cost.
_POSTGRESQL_FUNCTIONS = (
    """
CREATE FUNCTION search_grams(value text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    COST 5000 AS $$
DECLARE
    letters text[] := string_to_array(left(value, 20000), NULL);
BEGIN
    RETURN array_to_tsvector(ARRAY(
        SELECT a || b || c FROM unnest(letters, letters[2:], letters[3:]) AS three(a, b, c)
        WHERE c IS NOT NULL));
END
$$
""",
    r"""
CREATE FUNCTION search_query(value text) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CAST(string_agg(DISTINCT '''' || replace(replace(substr(value, place, 3), '\', '\\'), '''', '''''')
        || '''' || CASE WHEN length(value) < 3 THEN ':*' ELSE '' END, ' & ') AS tsquery)
    FROM generate_series(1, greatest(length(value) - 2, 1)) AS place
$$
""",
)


def _postgresql_trigger(name: str, event: str, condition: str, affected: str) -> tuple[str, str]:
    when = f"WHEN ({condition}) " if condition else ""
    function = f"""
CREATE FUNCTION search_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_pending (media_id) {affected};
    RETURN NULL;
END
$$
"""
    trigger = (
        f"CREATE TRIGGER search_{name} AFTER {event} FOR EACH ROW {when}EXECUTE FUNCTION search_{name}()"
    )
    return function, trigger


def _postgresql() -> tuple[str, ...]:
    return (
        _POSTGRESQL_SOURCES,
        *_POSTGRESQL_FUNCTIONS,
        (
            "CREATE INDEX ix_search_documents_grams ON search_documents"
            " USING gin (search_grams(titles || files))"
        ),
        *(statement for event in _EVENTS for statement in _postgresql_trigger(*event)),
    )


# Has every entry's document made anew.
NOTE_ALL = "INSERT INTO search_pending (media_id) SELECT id FROM media"


def ddl(dialect: str) -> tuple[str, ...]:
    """The statements that make full text, in order, none with a blank line or a `;` at its end."""
    statements = _sqlite() if dialect == "sqlite" else _postgresql()
    return tuple(statement.strip() for statement in statements)


def create(connection: Connection) -> None:
    """Make views, index and triggers in a database that has the tables and no rows."""
    run(connection, ddl(connection.dialect.name))


def run(connection: Connection, statements: Sequence[str]) -> None:
    """Run statements as they are written, `%` and `:` included."""
    for statement in statements:
        driver_text = statement if connection.dialect.name == "sqlite" else statement.replace("%", "%%")
        connection.exec_driver_sql(driver_text)
