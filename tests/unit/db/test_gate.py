"""The write gate: who is let in when, and that nothing can leave it shut."""

import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from sublarr.db.call_sites import find_call_site
from sublarr.db.gate import WriteGate
from sublarr.db.holding import WriteHold
from sublarr.vocabulary.errors import DatabaseBusy


def _until(condition: Callable[[], bool]) -> None:
    """Waiting at a lock is no event that another thread could be told of."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.0005)


class Crowd:
    """Writers that come to a gate one after another and note the order in which they get in."""

    def __init__(self, gate: WriteGate) -> None:
        self.gate = gate
        self.order: list[str] = []
        self.refused: list[str] = []
        self._threads: list[threading.Thread] = []

    def come(self, name: str, *, urgent: bool = False) -> None:
        """Returns once that writer waits."""
        waiting = self.gate.waiting

        def write() -> None:
            try:
                self.gate.enter(urgent=urgent)
            except DatabaseBusy:
                self.refused.append(name)
                return
            self.order.append(name)
            self.gate.leave()

        thread = threading.Thread(target=write)
        thread.start()
        self._threads.append(thread)
        _until(lambda: self.gate.waiting == waiting + 1)

    def disperse(self) -> None:
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()


@contextmanager
def _held(timeout_seconds: float = 30.0) -> Iterator[Crowd]:
    """A gate with a writer inside, who leaves at the end."""
    gate = WriteGate(timeout_seconds)
    crowd = Crowd(gate)
    gate.enter()
    try:
        yield crowd
    finally:
        gate.leave()
        crowd.disperse()
    assert not gate.is_held
    assert gate.waiting == 0


def test_a_free_gate_costs_no_waiting() -> None:
    gate = WriteGate(1.0)
    assert not gate.is_held
    assert gate.enter() == 0.0
    assert gate.is_held
    gate.leave()
    assert not gate.is_held
    assert gate.enter(urgent=True) == 0.0


def test_writers_get_in_in_the_order_in_which_they_came() -> None:
    names = [f"writer {number}" for number in range(20)]
    with _held() as crowd:
        for name in names:
            crowd.come(name)
    assert crowd.order == names


def test_a_waiting_person_goes_before_those_who_came_earlier() -> None:
    with _held() as crowd:
        for name in ("scan", "probe"):
            crowd.come(name)
        for name in ("person", "second person"):
            crowd.come(name, urgent=True)
    assert crowd.order == ["person", "second person", "scan", "probe"]


def test_a_stream_of_urgent_writers_does_not_starve_the_others() -> None:
    with _held() as crowd:
        crowd.come("scan")
        for number in range(12):
            crowd.come(f"u{number}", urgent=True)
    assert crowd.order == [*(f"u{n}" for n in range(8)), "scan", *(f"u{n}" for n in range(8, 12))]


def test_a_writer_that_gives_up_leaves_the_queue_in_order() -> None:
    with _held(timeout_seconds=0.2) as crowd:
        crowd.come("impatient")
        crowd.come("impatient person", urgent=True)
        _until(lambda: crowd.gate.waiting == 0)
        for name in ("first", "second"):
            crowd.come(name)
    assert sorted(crowd.refused) == ["impatient", "impatient person"]
    assert crowd.order == ["first", "second"]


def test_a_writer_that_gave_up_is_told_when_to_come_again() -> None:
    gate = WriteGate(0.01)
    gate.enter()
    with pytest.raises(DatabaseBusy) as caught:
        gate.enter()
    assert caught.value.retry_after == 1.0
    gate.leave()
    assert gate.enter() == 0.0


def test_a_writer_interrupted_while_it_waits_is_not_handed_the_gate() -> None:
    gate = WriteGate(30.0)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    def press_ctrl_c() -> None:
        _until(lambda: gate.waiting == 1)
        main = threading.main_thread().ident
        assert main is not None
        signal.pthread_kill(main, signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, interrupt)
    person = threading.Thread(target=press_ctrl_c)
    try:
        gate.enter()
        person.start()
        with pytest.raises(KeyboardInterrupt):
            gate.enter()
    finally:
        person.join()
        signal.signal(signal.SIGUSR1, before)
    assert gate.waiting == 0
    gate.leave()
    assert not gate.is_held


class _Interrupted(deque[threading.Lock]):
    """A queue at which the garbage collector drops the holder's connection, before or after a writer joins."""

    leave: Callable[[], None] | None = None
    is_before = False

    def _drop(self) -> None:
        leave, self.leave = self.leave, None
        if leave is not None:
            leave()

    def append(self, ticket: threading.Lock) -> None:
        if self.is_before:
            self._drop()
        super().append(ticket)
        self._drop()


@pytest.mark.parametrize("is_before", [True, False])
def test_a_connection_dropped_in_the_middle_of_entering_lets_the_writer_in(*, is_before: bool) -> None:
    gate = WriteGate(1.0)
    queue = _Interrupted()
    queue.is_before = is_before
    gate._normal = queue
    gate.enter()
    queue.leave = gate.leave
    gate.enter()
    assert gate.is_held
    gate.leave()
    assert not gate.is_held
    assert gate.waiting == 0


def test_only_one_writer_is_ever_inside() -> None:
    gate = WriteGate(30.0)
    inside = 0
    most = 0

    def write(urgent: bool) -> None:
        nonlocal inside, most
        for _ in range(300):
            gate.enter(urgent=urgent)
            inside += 1
            most = max(most, inside)
            inside -= 1
            gate.leave()

    threads = [threading.Thread(target=write, args=(number % 3 == 0,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert not gate.is_held


def test_who_gives_up_is_told_who_holds_the_gate() -> None:
    gate = WriteGate(0.02, tell_seconds=0.01)
    gate.enter(hold=WriteHold(find_call_site(1)))
    with pytest.raises(DatabaseBusy, match=r"MainThread at .*test_who_gives_up_is_told_who_holds_the_gate"):
        gate.enter()
    gate.leave()
    gate.enter()
    with pytest.raises(DatabaseBusy, match="held by another writer"):
        gate.enter()
    gate.leave()
