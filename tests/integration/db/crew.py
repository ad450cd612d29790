"""Processes that write beside the test's own threads: one server that forks as many as are asked for.

`python -m tests.integration.db.crew` loads everything once. A line with a database's URL makes it fork its
hands, each with a connection of its own; each further line names a case and its things, and is answered with what
every hand did; an empty line sends the hands home. Forks save each the second that loading takes.
"""

import json
import os
import subprocess
import sys
import traceback
from collections.abc import Sequence
from typing import Any, TextIO

from sublarr.db.database import Database, DatabaseOptions
from tests.integration.db.contests.all_cases import CASES
from tests.integration.db.contests.case import compete


class Crew:
    """The test's end of the line."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.db.crew"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )

    def gather(self, url: str, hands: Sequence[int]) -> None:
        """Have a process for each of these numbers at this database."""
        self._tell([url, list(hands)])
        assert self._hear() == "ready"

    def begin(self, name: str, things: Sequence[Any]) -> None:
        """Let them all go; what they did is told by `finish`."""
        self._tell([name, list(things)])

    def finish(self) -> list[int]:
        """What each of them changed; raises `AssertionError` with what one of them raised."""
        answers = self._hear()
        assert all(isinstance(answer, int) for answer in answers), answers
        return list(answers)

    def leave(self) -> None:
        """Send them home."""
        self._tell(None)
        assert self._hear() == "gone"

    def close(self) -> None:
        """End the server."""
        self._server.communicate(timeout=20)

    def _tell(self, message: object) -> None:
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps(message) + "\n")
        self._server.stdin.flush()

    def _hear(self) -> Any:
        assert self._server.stdout is not None
        return json.loads(self._server.stdout.readline())


def main() -> None:
    """Serve one test after the other."""
    for line in sys.stdin:
        url, hands = json.loads(line)
        lines: list[tuple[TextIO, TextIO]] = []
        for hand in hands:
            lines.append(_fork(url, hand, lines))
        _answer("ready")
        while (message := json.loads(sys.stdin.readline())) is not None:
            for _, to_hand in lines:
                print(json.dumps(message), file=to_hand, flush=True)
            _answer([json.loads(from_hand.readline()) for from_hand, _ in lines])
        for from_hand, to_hand in lines:
            to_hand.close()
            from_hand.read()
            from_hand.close()
            os.wait()
        _answer("gone")


def _answer(message: object) -> None:
    print(json.dumps(message), flush=True)


def _fork(url: str, hand: int, others: Sequence[tuple[TextIO, TextIO]]) -> tuple[TextIO, TextIO]:
    hears, to_hand = os.pipe()
    from_hand, tells = os.pipe()
    if os.fork() == 0:
        # A line that stays open here too would never end for the hand at its other end.
        for line in others:
            os.close(line[0].fileno())
            os.close(line[1].fileno())
        os.close(to_hand)
        os.close(from_hand)
        with os.fdopen(hears) as messages, os.fdopen(tells, "w") as answers:
            _be_a_hand(url, hand, messages, answers)
        os._exit(0)
    os.close(hears)
    os.close(tells)
    return os.fdopen(from_hand), os.fdopen(to_hand, "w")


def _be_a_hand(url: str, hand: int, messages: TextIO, answers: TextIO) -> None:
    database = Database(DatabaseOptions(url=url))
    database.ping()
    for message in messages:
        name, things = json.loads(message)
        try:
            answer: object = compete(database, CASES[name], things, hand)
        except Exception:  # noqa: BLE001 - the test's own process looks at it
            answer = traceback.format_exc()
        print(json.dumps(answer), file=answers, flush=True)
    database.close()


if __name__ == "__main__":
    main()
