"""Prints the DDL of the models for one dialect: how a revision's SQL is made before it is frozen.

Usage: python -m sublarr.db.migrations.freeze sqlite|postgresql
"""

import sys

from sqlalchemy import create_mock_engine
from sqlalchemy.sql.ddl import ExecutableDDLElement

from sublarr.db import models
from sublarr.db.base import Base

__all__ = ["models"]


def ddl(dialect: str) -> str:
    """Every CREATE statement in the order in which they must run, each ended by a semicolon and newline."""
    statements: list[str] = []

    def collect(element: ExecutableDDLElement, *_: object, **__: object) -> None:
        compiled = str(element.compile(dialect=engine.dialect)).strip()
        statements.append("\n".join(line.rstrip() for line in compiled.splitlines()))

    engine = create_mock_engine(f"{dialect}://", collect)
    Base.metadata.create_all(engine, checkfirst=False)
    return "".join(f"{statement};\n\n" for statement in statements)


if __name__ == "__main__":
    sys.stdout.write(ddl(sys.argv[1]))
