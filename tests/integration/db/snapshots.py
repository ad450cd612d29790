"""A schema as the database itself tells it, normalised so that two ways of making it can be compared."""

import re
import warnings
from collections import defaultdict

from sqlalchemy import Connection, inspect, text

Snapshot = dict[str, list[str]]

# A column that was added stands behind a table's constraints: of tables the words are not compared, but all they say.
_SQLITE = (
    """
    SELECT tbl_name, type || ' ' || name || ' ' || CASE WHEN sql LIKE 'CREATE TABLE%'
        THEN 'AUTOINCREMENT ' || (sql LIKE '%AUTOINCREMENT%') ELSE coalesce(sql, '') END
    FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'
    """,
    """
    SELECT tables.name, 'column ' || columns.cid || ' ' || columns.name || ' ' || columns.type || ' '
        || columns."notnull" || ' ' || coalesce(columns.dflt_value, 'NULL') || ' ' || columns.pk
    FROM sqlite_master tables JOIN pragma_table_info(tables.name) columns
    WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%'
    """,
)
_POSTGRESQL = (
    """
    SELECT table_name, concat_ws(' ', 'column', ordinal_position, column_name, data_type, is_nullable,
        column_default, collation_name, character_maximum_length)
    FROM information_schema.columns WHERE table_schema = 'public'
    """,
    """
    SELECT CAST(conrelid AS regclass) || '', concat_ws(' ', contype, conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE conrelid <> 0 AND connamespace = CAST('public' AS regnamespace)
    """,
    "SELECT tablename || '', indexdef FROM pg_indexes WHERE schemaname = 'public'",
    """
    SELECT CAST(tgrelid AS regclass) || '', concat_ws(' ', 'trigger', tgname, pg_get_triggerdef(oid))
    FROM pg_trigger WHERE NOT tgisinternal
    """,
    """
    SELECT proname || '()', pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = CAST('public' AS regnamespace)
    """,
    "SELECT viewname || '', definition FROM pg_views WHERE schemaname = 'public'",
)


def take(connection: Connection) -> Snapshot:
    """Every table's columns, constraints, indexes and triggers, every view and function, as sorted lines."""
    lines: defaultdict[str, list[str]] = defaultdict(list)
    statements = _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL
    for statement in statements:
        for table, line in connection.execute(text(statement)):
            lines[table].append(re.sub(r"\s+", " ", line).replace("( ", "(").replace(" )", ")").strip())
    with warnings.catch_warnings():
        # The words of such an index are compared above.
        warnings.filterwarnings("ignore", "Skipped unsupported reflection of expression-based index")
        _reflect(connection, lines)
    return {table: sorted(found) for table, found in lines.items()}


def _reflect(connection: Connection, lines: defaultdict[str, list[str]]) -> None:
    inspector = inspect(connection)
    for table in inspector.get_table_names():
        lines[table].append(f"PRIMARY KEY {inspector.get_pk_constraint(table)}")
        for check in inspector.get_check_constraints(table):
            lines[table].append(f"CHECK {check['name']} {check['sqltext']}")
        for unique in inspector.get_unique_constraints(table):
            lines[table].append(f"UNIQUE {unique['name']} {unique['column_names']}")
        for key in inspector.get_foreign_keys(table):
            lines[table].append(f"FOREIGN KEY {sorted(key.items(), key=lambda item: item[0])}")
