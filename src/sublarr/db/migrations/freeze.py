"""Prints the DDL of the models for one dialect: how a revision's SQL is made before it is frozen.

Usage: python -m sublarr.db.migrations.freeze sqlite|postgresql [fulltext|counters]
With `fulltext` it is that of full text, with `counters` that of counters; there blank lines part the statements.
"""

import sys

from sqlalchemy import create_mock_engine
from sqlalchemy.sql.ddl import CreateIndex, CreateTable, ExecutableDDLElement

from sublarr.db import counters, fulltext, models
from sublarr.db.base import Base

__all__ = ["models"]

# The driver that is installed, which is not the one SQLAlchemy would choose.
_URLS = {"sqlite": "sqlite://", "postgresql": "postgresql+psycopg://"}


def ddl(dialect: str) -> str:
    """Every CREATE statement in the order in which they must run, each ended by a semicolon and newline."""
    chosen = create_mock_engine(_URLS[dialect], lambda *_: None).dialect
    statements: list[ExecutableDDLElement] = []
    for table in Base.metadata.sorted_tables:
        statements.append(CreateTable(table))
        statements += [CreateIndex(index) for index in sorted(table.indexes, key=lambda each: str(each.name))]
    texts = (str(statement.compile(dialect=chosen)).strip() for statement in statements)
    return "".join("\n".join(map(str.rstrip, text.splitlines())) + ";\n\n" for text in texts)


def fulltext_ddl(dialect: str) -> str:
    """What makes full text in a database that has the tables, and notes every entry that is there."""
    return "\n\n".join((*fulltext.ddl(dialect), fulltext.NOTE_ALL)) + "\n"


def counters_ddl(dialect: str) -> str:
    """What makes counters in a database that has the tables, and counts the rows that are there."""
    own = (counters.OWN_SOURCES, counters.OWN_OWNERS)
    counted = (counters.fill(topic) for topic in counters.TOPICS)
    return "\n\n".join((*own, *counted, *counters.ddl(dialect))) + "\n"


def main(dialect: str, part: str = "tables") -> None:
    """Print one part of the schema as it is now."""
    parts = {"tables": ddl, "fulltext": fulltext_ddl, "counters": counters_ddl}
    sys.stdout.write(parts[part](dialect))


if __name__ == "__main__":
    main(*sys.argv[1:])
