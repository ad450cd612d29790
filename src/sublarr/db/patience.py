"""Connections that wait so long and no longer: a server that hangs must not hold those whom another could answer.

PostgreSQL's own time limits need a server that runs, TCP's a machine that is gone. What answers its machine's
pings and no question (a stopped process, a disk that hangs) is noticed only here, by the asker's clock. Loaded
only where there is a replica.
"""

from collections.abc import Generator
from time import monotonic
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Connection, Engine, event

_GLANCE_SECONDS = 0.1

Answer = TypeVar("Answer")


class PatientConnection(psycopg.Connection[Any]):
    """A connection that is closed where an answer takes longer than `patience_seconds`."""

    patience_seconds = float("inf")

    def wait(
        self, gen: Generator[Any, Any, Answer], interval: float = _GLANCE_SECONDS, *options: Any
    ) -> Answer:
        """Run an exchange with the server; `OperationalError` where that takes too long."""
        return super().wait(self._bounded(gen), interval, *options)

    def _bounded(self, exchange: Generator[Any, Any, Answer]) -> Generator[Any, Any, Answer]:
        deadline = monotonic() + self.patience_seconds
        try:
            wanted = next(exchange)
            while True:
                ready = yield wanted
                if not ready and monotonic() > deadline:
                    # Whatever it still sends would be taken for the answer to the next question.
                    self.pgconn.finish()
                    raise psycopg.OperationalError(f"no answer within {self.patience_seconds:g} seconds")
                wanted = exchange.send(ready)
        except StopIteration as end:
            answer: Answer = end.value
            return answer


def use_patience(engine: Engine) -> None:
    """Have every connection of `engine` be a patient one."""

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, arguments: Any, options: Any) -> PatientConnection:
        return PatientConnection.connect(*arguments, **options)


def be_patient_for(connection: Connection, seconds: float) -> None:
    """From now on wait so long for each answer."""
    driver: Any = connection.connection.driver_connection
    driver.patience_seconds = seconds
