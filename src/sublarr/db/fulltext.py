"""Full text: what makes a database find an entry by any part of its titles and file names.

`search_sources` is a view of what an entry is found by; triggers keep `search_documents` equal to it, and the
index equal to that, whoever writes. Everything is plain SQL, so that another program may write too. SQLite has an
FTS5 table of trigrams over the documents, PostgreSQL a GIN index of the trigrams that `search_grams` makes.
docs/decisions/0006-full-text.md says why; `repositories.search` asks.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

# Every text of a document ends in two line ends: the last one or two letters begin a trigram as well.
_SQLITE_SOURCES = """
CREATE VIEW search_sources AS
SELECT media.id AS media_id,
    media.title || char(10) || media.original_title || char(10)
        || coalesce((SELECT group_concat(value, char(10)) FROM json_each(media.alternative_titles)), '')
        || char(10)
        || coalesce(series.title || char(10) || series.original_title || char(10)
            || (SELECT coalesce(group_concat(value, char(10)), '') FROM json_each(series.alternative_titles)), '')
        || char(10) || char(10) AS titles,
    media.folder_path || char(10)
        || coalesce((SELECT group_concat(name, char(10)) FROM (
            SELECT media_files.path || char(10) || media_files.scene_name AS name
            FROM media_file_links JOIN media_files ON media_files.id = media_file_links.file_id
            WHERE media_file_links.media_id = media.id ORDER BY media_files.id)), '')
        || char(10) || char(10) AS files
FROM media LEFT JOIN media AS series ON series.id = media.series_id
"""
_POSTGRESQL_SOURCES = """
CREATE VIEW search_sources AS
SELECT media.id AS media_id,
    concat(media.title, chr(10), media.original_title, chr(10),
        (SELECT string_agg(each.value, chr(10) ORDER BY each.ordinality)
            FROM jsonb_array_elements_text(media.alternative_titles) WITH ORDINALITY AS each),
        chr(10), series.title, chr(10), series.original_title, chr(10),
        (SELECT string_agg(each.value, chr(10) ORDER BY each.ordinality)
            FROM jsonb_array_elements_text(series.alternative_titles) WITH ORDINALITY AS each),
        chr(10), chr(10)) AS titles,
    concat(media.folder_path, chr(10),
        (SELECT string_agg(concat(media_files.path, chr(10), media_files.scene_name), chr(10)
                ORDER BY media_files.id)
            FROM media_file_links JOIN media_files ON media_files.id = media_file_links.file_id
            WHERE media_file_links.media_id = media.id),
        chr(10), chr(10)) AS files
FROM media LEFT JOIN media AS series ON series.id = media.series_id
"""


_NOW = {
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'",
    "postgresql": "clock_timestamp()",
}


def fill(dialect: str, affected: str = "SELECT id FROM media") -> str:
    """The statement that makes the documents of these entries as they should be, touching only what differs."""
    return f"""INSERT INTO search_documents (media_id, titles, files, updated_at)
    SELECT media_id, titles, files, {_NOW[dialect]} FROM search_sources WHERE media_id IN ({affected})
    ON CONFLICT (media_id) DO UPDATE
    SET titles = excluded.titles, files = excluded.files, updated_at = excluded.updated_at
    WHERE search_documents.titles <> excluded.titles OR search_documents.files <> excluded.files"""


def _sqlite_trigger(name: str, event: str, condition: str, affected: str) -> str:
    when = f"WHEN {condition} " if condition else ""
    return f"""
CREATE TRIGGER search_{name} AFTER {event} {when}BEGIN
    {fill("sqlite", affected)};
END
"""


_TITLES_DIFFER = (
    "(OLD.title, OLD.original_title, OLD.alternative_titles)"
    " IS DISTINCT FROM (NEW.title, NEW.original_title, NEW.alternative_titles)"
)
_ENTRY_DIFFERS = (
    "(OLD.title, OLD.original_title, OLD.alternative_titles, OLD.folder_path, OLD.series_id)"
    " IS DISTINCT FROM (NEW.title, NEW.original_title, NEW.alternative_titles, NEW.folder_path, NEW.series_id)"
)
_NAMES_DIFFER = "(OLD.path, OLD.scene_name) IS DISTINCT FROM (NEW.path, NEW.scene_name)"
_HOLDERS = "SELECT media_id FROM media_file_links WHERE file_id = NEW.id"
# The trigger, the event, when, and whose documents it makes anew; `{}` stands for what each dialect calls it.
_EVENTS = (
    ("media_added", "INSERT ON media", "", "NEW.id"),
    (
        "media_changed",
        "UPDATE OF title, original_title, alternative_titles, folder_path, series_id ON media",
        _ENTRY_DIFFERS,
        "NEW.id",
    ),
    (
        "series_changed",
        "UPDATE OF title, original_title, alternative_titles ON media",
        f"NEW.kind = 'series' AND {_TITLES_DIFFER}",
        "SELECT id FROM media WHERE series_id = NEW.id",
    ),
    ("link_added", "INSERT ON media_file_links", "", "NEW.media_id"),
    ("link_removed", "DELETE ON media_file_links", "", "OLD.media_id"),
    ("link_changed", "UPDATE ON media_file_links", "", "OLD.media_id, NEW.media_id"),
    ("file_changed", "UPDATE OF path, scene_name ON media_files", _NAMES_DIFFER, _HOLDERS),
)


def _sqlite_condition(condition: str) -> str:
    """`IS DISTINCT FROM` is younger (3.39) than the oldest SQLite that Sublarr runs on."""
    return condition.replace("IS DISTINCT FROM", "IS NOT")


def _sqlite() -> tuple[str, ...]:
    keep = "INSERT INTO search_index (rowid, titles, files) VALUES (NEW.media_id, NEW.titles, NEW.files);"
    drop = (
        "INSERT INTO search_index (search_index, rowid, titles, files)"
        " VALUES ('delete', OLD.media_id, OLD.titles, OLD.files);"
    )
    return (
        _SQLITE_SOURCES,
        (
            "CREATE VIRTUAL TABLE search_index USING fts5(titles, files, content='search_documents',"
            " content_rowid='media_id', columnsize=0, tokenize='trigram')"
        ),
        "CREATE VIRTUAL TABLE search_terms USING fts5vocab(search_index, instance)",
        f"CREATE TRIGGER search_document_added AFTER INSERT ON search_documents BEGIN {keep} END",
        f"CREATE TRIGGER search_document_removed AFTER DELETE ON search_documents BEGIN {drop} END",
        (
            "CREATE TRIGGER search_document_changed AFTER UPDATE OF media_id, titles, files ON search_documents"
            f" BEGIN {drop} {keep} END"
        ),
        *(
            _sqlite_trigger(name, event, _sqlite_condition(condition), affected)
            for name, event, condition, affected in _EVENTS
        ),
    )


# A lexeme may hold anything, but a tsvector is at most a megabyte: nobody looks for the 20,000th letter of a name.
# COST is what was measured, lest rows be read instead of the index. Arrays of letters, as substr() counts letters
# from the beginning each time: half the cost.
_POSTGRESQL_FUNCTIONS = (
    """
CREATE FUNCTION search_grams(value text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    COST 5000 AS $$
DECLARE
    letters text[] := string_to_array(lower(left(value, 20000)), NULL);
BEGIN
    RETURN array_to_tsvector(ARRAY(
        SELECT a || b || c FROM unnest(letters, letters[2:], letters[3:]) AS three(a, b, c)
        WHERE c IS NOT NULL));
END
$$
""",
    r"""
CREATE FUNCTION search_query(value text) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CAST(string_agg(DISTINCT '''' || replace(replace(substr(folded, place, 3), '\', '\\'), '''', '''''')
        || '''' || CASE WHEN length(folded) < 3 THEN ':*' ELSE '' END, ' & ') AS tsquery)
    FROM (SELECT lower(value) AS folded) AS given,
        generate_series(1, greatest(length(folded) - 2, 1)) AS place
$$
""",
)


def _postgresql_trigger(name: str, event: str, condition: str, affected: str) -> tuple[str, str]:
    """Deferred to COMMIT, where an entry and its link, written one after the other, are one document.

    A plan that was made while the tables were all but empty reads them whole, and is kept: thus the settings.
    """
    when = f"WHEN ({condition}) " if condition else ""
    function = f"""
CREATE FUNCTION search_{name}() RETURNS trigger LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
    {fill("postgresql", affected)};
    RETURN NULL;
END
$$
"""
    trigger = (
        f"CREATE CONSTRAINT TRIGGER search_{name} AFTER {event} DEFERRABLE INITIALLY DEFERRED"
        f" FOR EACH ROW {when}EXECUTE FUNCTION search_{name}()"
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
