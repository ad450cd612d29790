"""Many threads at once on one database."""

import threading
from collections.abc import Callable
from typing import Any

THREADS = 8


def in_threads(call: Callable[[int], Any], count: int = THREADS) -> list[Any]:
    """What `call` answered in each of so many threads that began at the same moment; what one raised is raised."""
    answers: list[Any] = [None] * count
    start = threading.Barrier(count)

    def run(number: int) -> None:
        start.wait(10)
        try:
            answers[number] = call(number)
        except BaseException as failure:  # noqa: BLE001 - the test's own thread looks at it
            answers[number] = failure

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(100)
        assert not thread.is_alive()
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    return answers
