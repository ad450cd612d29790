"""Running the SQL that a revision keeps beside itself: one file per direction and dialect, blank lines between statements."""

from pathlib import Path

from sqlalchemy import Connection

_VERSIONS = Path(__file__).with_name("versions")


def run_script(connection: Connection, revision: str, direction: str) -> None:
    """Run the statements of `NNNN_<direction>_<dialect>.sql` one after another."""
    dialect = connection.dialect.name
    script = (_VERSIONS / f"{revision}_{direction}_{dialect}.sql").read_text("utf-8")
    for statement in script.split("\n\n"):
        # Only psycopg reads a meaning into a percent sign.
        connection.exec_driver_sql(statement if dialect == "sqlite" else statement.replace("%", "%%"))
