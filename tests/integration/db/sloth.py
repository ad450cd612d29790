"""Statements that really take their time, on either database."""

from sqlalchemy import text

from sublarr.db.repositories.base import Repository

_COUNT = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :number) "
# On SQLite a count of this length takes about as many seconds as is slept on PostgreSQL.
_PER_SECOND = 6_000_000
SHORT = 0.05


class Sloth(Repository):
    """A repository whose every statement is slow."""

    aggregate = "sloth"

    @property
    def _is_sqlite(self) -> bool:
        return self._connection.dialect.name == "sqlite"

    def ask(self, secret: str = "", seconds: float = SHORT) -> int:
        """How many settings have this value; reads the table from end to end."""
        counted = "(SELECT count(*) FROM config_entries WHERE value = :secret)"
        if self._is_sqlite:
            statement = f"{_COUNT} SELECT {counted} AS found, (SELECT max(i) FROM n)"
            values = {"secret": secret, "number": int(seconds * _PER_SECOND)}
        else:
            statement = f"SELECT {counted} AS found, pg_sleep(:seconds)"
            values = {"secret": secret, "seconds": seconds}
        found: int = self._run("ask", text(statement), values).one().found
        return found

    def change(self, secret: str, seconds: float = SHORT) -> int:
        """Set every setting of this value to it once more."""
        if self._is_sqlite:
            statement = (
                "UPDATE config_entries SET value = :secret "
                f"WHERE value = :secret AND ({_COUNT} SELECT max(i) FROM n) > 0"
            )
            values = {"secret": secret, "number": int(seconds * _PER_SECOND)}
        else:
            statement = (
                "UPDATE config_entries SET value = :secret "
                "WHERE value = :secret AND (SELECT 1 FROM pg_sleep(:seconds)) > 0"
            )
            values = {"secret": secret, "seconds": seconds}
        return self._run("change", text(statement), values).rowcount

    def add_twice(self, value: str) -> None:
        """Add what is there already, which no database allows."""
        statement = text("INSERT INTO config_entries SELECT * FROM config_entries WHERE value = :value")
        self._run("add_twice", statement, {"value": value})

    def last_is_late(self, seconds: float = SHORT) -> list[int]:
        """Two rows: the first comes at once, where the database can send it, and the second late."""
        if self._is_sqlite:
            number = int(seconds * _PER_SECOND)
            found = self._run(
                "last_is_late", text(f"{_COUNT} SELECT i FROM n WHERE i IN (1, :number)"), {"number": number}
            )
        else:
            found = self._run(
                "last_is_late",
                text("SELECT 1 UNION ALL SELECT 2 FROM pg_sleep(:seconds)"),
                {"seconds": seconds},
            )
        return list(found.scalars())

    def many(self, number: int):
        """So many rows, as a result that nobody has read."""
        return self._run("many", text(f"{_COUNT} SELECT i FROM n"), {"number": number})
