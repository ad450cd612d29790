"""The reading children of one job: as many as there is work for, replaced when they die, hang or have grown old.

Requests are pipelined, so that a child never waits for the next one. Answers come in the order of the requests, so
the first unanswered one names the file a child was busy with when it died or hung. A death alone proves nothing (the
system may have killed the child for memory): the file is tried once more and then recorded as crashed.
"""

import selectors
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

from sublarr.library.reading.messages import (
    READY,
    Answer,
    ReadRequest,
    ReadResult,
    Request,
    SubtitleRequest,
    Subtitles,
    decode_answer,
    encode_request,
)
from sublarr.library.reading.process import CHILD_COMMAND, ReadingProcess
from sublarr.vocabulary.errors import Corrupt, JobInterrupted, SublarrError, Unavailable
from sublarr.vocabulary.media import ProbeOutcome, ProbeStatus
from sublarr.vocabulary.subtitles import RawSubtitle

SUBTITLE_TIMEOUT_SECONDS = 120.0

_WINDOW = 32
_START_SECONDS = 60.0
_POLL_SECONDS = 0.25
_DEATHS_ALLOWED = 1
_FAILED_STARTS_ALLOWED = 2


@dataclass(slots=True, eq=False)
class _Task:
    """A request on its way; `outcome` is the verdict on a file whose name alone is still wanted."""

    request: Request
    limit_seconds: float
    deaths: int = 0
    outcome: ProbeOutcome | None = None


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why a request gets no answer."""

    status: ProbeStatus
    message: str


@dataclass(slots=True, eq=False)
class _Reader:
    """A child, what it has been asked, and since when it is busy with the first of that."""

    process: ReadingProcess
    since: float
    waiting: deque[_Task] = field(default_factory=deque)
    is_ready: bool = False
    asked: int = 0
    fault: str = ""


class ReadingPool:
    """Reads media files in up to `workers` children, for one thread, until its `with` block ends.

    A file may take `timeout_seconds`; a child is replaced after `recycle_after` files. `command` starts a child.
    """

    def __init__(
        self,
        workers: int,
        timeout_seconds: float = 30.0,
        recycle_after: int = 1000,
        *,
        command: Sequence[str] = CHILD_COMMAND,
    ) -> None:
        self._workers = workers
        self._timeout_seconds = timeout_seconds
        self._recycle_after = recycle_after
        self._command = command
        self._readers: list[_Reader] = []
        self._selector = selectors.DefaultSelector()
        self._again: deque[_Task] = deque()
        self._failed_starts = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for reader in tuple(self._readers):
            self._drop(reader)
        self._selector.close()

    def process_ids(self) -> tuple[int, ...]:
        """The children there are at this moment."""
        return tuple(reader.process.pid for reader in self._readers)

    def read_files(
        self, requests: Iterable[ReadRequest], should_stop: Callable[[], bool] = lambda: False
    ) -> Iterator[ReadResult]:
        """One result for each request, in any order; raises JobInterrupted soon after `should_stop` says so.

        A file that breaks, kills or hangs its reader is a result too. Raises Unavailable if no child starts.
        """
        tasks = (_Task(request, self._timeout_seconds) for request in requests)
        for task, answer in self._converse(tasks, should_stop):
            assert isinstance(task.request, ReadRequest)
            settled = _settle(task, task.request, answer)
            if isinstance(settled, ReadResult):
                yield settled
            else:
                self._again.append(settled)

    def read_subtitle(
        self,
        path: str,
        track_index: int,
        *,
        timeout_seconds: float = SUBTITLE_TIMEOUT_SECONDS,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> RawSubtitle:
        """The text track at `track_index`; raises as `read_subtitles` does."""
        found = self.read_subtitles(
            path, [track_index], timeout_seconds=timeout_seconds, should_stop=should_stop
        )
        return found[track_index]

    def read_subtitles(
        self,
        path: str,
        track_indexes: Iterable[int],
        *,
        timeout_seconds: float = SUBTITLE_TIMEOUT_SECONDS,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> Subtitles:
        """The text tracks of one file by index, read in one pass.

        Raises Corrupt for a damaged file, Unavailable for one that cannot be read now or not in time, InvalidInput
        for a track that is no text track, JobInterrupted soon after `should_stop` says so.
        """
        indexes = tuple(dict.fromkeys(track_indexes))
        task = _Task(SubtitleRequest(path, indexes), timeout_seconds)
        for _, answer in self._converse(iter([task]), should_stop):
            match answer:
                case dict() if answer.keys() == set(indexes):
                    return answer
                case SublarrError():
                    raise answer
                case _Failure(ProbeStatus.TIMED_OUT):
                    raise Unavailable(
                        f"the subtitles could not be read within {timeout_seconds:g} s",
                        remedy="Raise ffmpeg_timeout if the disk is slow or the file large.",
                    )
                case _Failure():
                    raise Corrupt(answer.message)
        raise Corrupt("the reading process gave another answer than was asked for")

    def _converse(
        self, tasks: Iterator[_Task], should_stop: Callable[[], bool]
    ) -> Iterator[tuple[_Task, Answer | _Failure]]:
        try:
            while True:
                self._hand_out(tasks)
                if not any(reader.waiting for reader in self._readers):
                    return
                if should_stop():
                    raise JobInterrupted("reading was stopped")
                yield from self._listen()
        finally:
            # Their answers belong to nobody any more: the caller went away or an error did.
            for reader in [reader for reader in self._readers if reader.waiting]:
                self._drop(reader)
            self._again.clear()

    def _hand_out(self, tasks: Iterator[_Task]) -> None:
        self._retire()
        for number in range(self._workers):
            reader = self._readers[number] if number < len(self._readers) else None
            room = self._room(reader)
            if not room:
                continue
            batch = self._take(tasks, room)
            if not batch:
                return
            self._send(reader or self._start(), batch)

    def _retire(self) -> None:
        for reader in tuple(self._readers):
            if reader.asked >= self._recycle_after and not reader.waiting:
                self._readers.remove(reader)
                self._forget(reader)
                reader.process.finish()

    def _room(self, reader: _Reader | None) -> int:
        if reader is None:
            return min(_WINDOW, self._recycle_after)
        if len(reader.waiting) > _WINDOW // 2:
            # Topped up in batches: a write for each file would cost more than some of the files.
            return 0
        return min(_WINDOW - len(reader.waiting), self._recycle_after - reader.asked)

    def _take(self, tasks: Iterator[_Task], room: int) -> list[_Task]:
        batch: list[_Task] = []
        while len(batch) < room:
            task = self._again.popleft() if self._again else next(tasks, None)
            if task is None:
                break
            batch.append(task)
        return batch

    def _send(self, reader: _Reader, batch: Sequence[_Task]) -> None:
        if not reader.waiting and reader.is_ready:
            reader.since = time.monotonic()
        reader.waiting += batch
        reader.asked += len(batch)
        reader.process.send([encode_request(task.request) for task in batch])
        if reader.process.wants_to_send and reader.process.input not in self._selector.get_map():
            self._selector.register(reader.process.input, selectors.EVENT_WRITE, reader)

    def _start(self) -> _Reader:
        reader = _Reader(ReadingProcess(self._command), time.monotonic())
        self._readers.append(reader)
        self._selector.register(reader.process.output, selectors.EVENT_READ, reader)
        self._selector.register(reader.process.complaints, selectors.EVENT_READ, reader)
        return reader

    def _listen(self) -> list[tuple[_Task, Answer | _Failure]]:
        """What has come in, and the verdicts on readers that are gone or late.

        The time is taken before anything is handed on: a caller that is slow with a result must not make a child
        look late whose answer lies in the pipe.
        """
        ready = self._selector.select(_POLL_SECONDS)
        now = time.monotonic()
        answered: list[tuple[_Task, Answer | _Failure]] = []
        for key, _ in ready:
            reader: _Reader = key.data
            if key.fileobj is reader.process.output:
                answered += self._receive(reader, now)
            elif key.fileobj is reader.process.complaints:
                if not reader.process.read_complaints():
                    self._selector.unregister(key.fileobj)
            else:
                reader.process.push()
                if not reader.process.wants_to_send:
                    self._selector.unregister(key.fileobj)
        for reader in tuple(self._readers):
            answered += self._judge(reader, now)
        return answered

    def _receive(self, reader: _Reader, now: float) -> Iterator[tuple[_Task, Answer]]:
        try:
            for line in reader.process.read_lines():
                reader.since = now
                if reader.is_ready and reader.waiting:
                    answer = decode_answer(line)
                    yield reader.waiting.popleft(), answer
                elif line == READY and not reader.is_ready:
                    reader.is_ready = True
                    self._failed_starts = 0
                else:
                    raise Corrupt("a reading process answered what it was not asked")
        except Corrupt as error:
            reader.fault = error.message

    def _judge(self, reader: _Reader, now: float) -> list[tuple[_Task, _Failure]]:
        if reader.process.has_ended or reader.fault:
            return self._bury(reader)
        busy_seconds = now - reader.since
        if not reader.is_ready:
            return self._bury(reader) if busy_seconds > _START_SECONDS else []
        if not reader.waiting or busy_seconds <= reader.waiting[0].limit_seconds:
            return []
        self._drop(reader)
        guilty = reader.waiting.popleft()
        self._again += reader.waiting
        message = f"reading it took longer than {guilty.limit_seconds:g} s"
        return [(guilty, _Failure(ProbeStatus.TIMED_OUT, message))]

    def _bury(self, reader: _Reader) -> list[tuple[_Task, _Failure]]:
        reader.process.read_complaints()
        self._drop(reader)
        how = reader.fault or reader.process.how_it_ended()
        self._again += reader.waiting
        if not reader.is_ready:
            self._failed_starts += 1
            if self._failed_starts > _FAILED_STARTS_ALLOWED:
                raise Unavailable(
                    f"the process that reads media files does not start ({how})",
                    remedy="Check that there is free memory and that Sublarr is completely installed.",
                )
            return []
        if not reader.waiting:
            return []
        suspect = reader.waiting[0]
        suspect.deaths += 1
        if suspect.deaths <= _DEATHS_ALLOWED:
            return []
        self._again.remove(suspect)
        return [(suspect, _Failure(ProbeStatus.CRASHED, f"reading it ended the process that did so ({how})"))]

    def _drop(self, reader: _Reader) -> None:
        self._readers.remove(reader)
        self._forget(reader)
        reader.process.kill()

    def _forget(self, reader: _Reader) -> None:
        registered = self._selector.get_map()
        for pipe in (reader.process.input, reader.process.output, reader.process.complaints):
            if pipe in registered:
                self._selector.unregister(pipe)


def _settle(task: _Task, request: ReadRequest, answer: Answer | _Failure) -> ReadResult | _Task:
    """The result of one file, or what has to be asked once more: its name, if probing it was fatal."""
    if isinstance(answer, ReadResult):
        return replace(answer, outcome=task.outcome) if task.outcome else answer
    match answer:
        case _Failure():
            status, message = answer.status, answer.message
        case SublarrError():
            status, message = ProbeStatus.BROKEN, answer.message
        case _:
            status, message = ProbeStatus.BROKEN, "its reader gave another answer than was asked for"
    outcome = task.outcome or ProbeOutcome(request.path, status, message=message)
    if request.wants_name and request.wants_probe:
        return _Task(replace(request, wants_probe=False), task.limit_seconds, outcome=outcome)
    return ReadResult(request.path, None, outcome, message if request.wants_name else "")
