"""Prints the DDL of the models for one dialect: how a revision's SQL is made before it is frozen.

Usage: python -m sublarr.db.migrations.freeze sqlite|postgresql [fulltext]
With `fulltext` it is that of full text, in which blank lines part the statements.
"""

import sys

from sqlalchemy import create_mock_engine
from sqlalchemy.sql.ddl import CreateIndex, CreateTable, ExecutableDDLElement

from sublarr.db import fulltext, models
from sublarr.db.base import Base

__all__ = ["models"]


def ddl(dialect: str) -> str:
    """Every CREATE statement in the order in which they must run, each ended by a semicolon and newline."""
    chosen = create_mock_engine(f"{dialect}://", lambda *_: None).dialect
    statements: list[ExecutableDDLElement] = []
    for table in Base.metadata.sorted_tables:
        statements.append(CreateTable(table))
        statements += [CreateIndex(index) for index in sorted(table.indexes, key=lambda each: str(each.name))]
    texts = (str(statement.compile(dialect=chosen)).strip() for statement in statements)
    return "".join("\n".join(map(str.rstrip, text.splitlines())) + ";\n\n" for text in texts)


def fulltext_ddl(dialect: str) -> str:
    """What makes full text in a database that has the tables, and notes every entry that is there."""
    return "\n\n".join((*fulltext.ddl(dialect), fulltext.NOTE_ALL)) + "\n"


if __name__ == "__main__":
    is_fulltext = sys.argv[2:] == ["fulltext"]
    sys.stdout.write(fulltext_ddl(sys.argv[1]) if is_fulltext else ddl(sys.argv[1]))
