"""Random lives of wanted subtitles and of transcriptions: only the moves that their tables allow are made.

Those of jobs are in tests/integration/queue/test_moves.py.
"""

from collections.abc import Callable, Mapping

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete

from sublarr.db.base import Base
from sublarr.db.database import Database
from sublarr.db.repositories.transcriptions import NewTranscription
from sublarr.db.unit import Unit
from sublarr.vocabulary.errors import IllegalMove, NotFound
from sublarr.vocabulary.subtitles import WANTED_MOVES, WantedStatus
from sublarr.vocabulary.transcription import TRANSCRIPTION_MOVES, Transcript, TranscriptionStatus
from tests.contract.db.rows import Film, a_film, a_wish
from tests.integration.db.stateful.patience import looking

pytestmark = pytest.mark.slow
_COUNT = 4
_CHOSEN = st.lists(st.integers(0, _COUNT - 1), max_size=6)
_KEPT = (WantedStatus.IGNORED, WantedStatus.SEARCHING)


class Wanting(RuleBasedStateMachine):
    """Searches and people move wanted subtitles while scans bring them in line."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database = database
        self.films: list[Film] = []
        self.states: dict[int, WantedStatus] = {}

    @initialize()
    def begin(self) -> None:
        with self.database.write() as unit:
            unit.connection.execute(delete(Base.metadata.tables["media_files"]))
            self.films = [a_film(unit, f"Film {number}") for number in range(_COUNT)]
        self.states = {}

    def _ids(self, unit: Unit) -> dict[int, int]:
        rows = {film.file_id: unit.wanted.of_file(film.file_id) for film in self.films}
        return {file_id: found[0].id for file_id, found in rows.items() if found}

    @rule(chosen=_CHOSEN, state=st.sampled_from(WantedStatus))
    def move(self, chosen: list[int], state: WantedStatus) -> None:
        file_ids = {self.films[number].file_id for number in chosen}
        moving = {f for f in file_ids if f in self.states and state in WANTED_MOVES[self.states[f]]}
        with self.database.write() as unit:
            ids = self._ids(unit)
            asked = [ids[f] for f in (self.films[number].file_id for number in chosen) if f in ids]
            assert unit.wanted.move(asked, state) == len(moving)
        self.states |= dict.fromkeys(moving, state)

    @rule(chosen=_CHOSEN, wished=_CHOSEN, has_it=_CHOSEN)
    def scan(self, chosen: list[int], wished: list[int], has_it: list[int]) -> None:
        seen = [self.films[number] for number in sorted(set(chosen))]
        wishes = {
            self.films[n].file_id: a_wish(self.films[n], is_satisfied=n in has_it)
            for n in wished
            if n in chosen
        }
        before = dict(self.states)
        with self.database.write() as unit:
            done = unit.wanted.reconcile([film.file_id for film in seen], list(wishes.values()))
        for film in seen:
            wish = wishes.get(film.file_id)
            self._expect(film.file_id, None if wish is None else wish.is_satisfied)
        assert done.added == len(self.states.keys() - before.keys())
        assert done.removed == len(before.keys() - self.states.keys())

    def _expect(self, file_id: int, is_satisfied: bool | None) -> None:
        state = self.states.get(file_id)
        if is_satisfied is None:
            if state not in _KEPT:
                self.states.pop(file_id, None)
        elif state is None:
            if not is_satisfied:
                self.states[file_id] = WantedStatus.WANTED
        elif is_satisfied and state in (WantedStatus.WANTED, WantedStatus.FAILED):
            self.states[file_id] = WantedStatus.FOUND
        elif not is_satisfied and state in (WantedStatus.FOUND, WantedStatus.EXTRACTED):
            self.states[file_id] = WantedStatus.WANTED

    @invariant()
    def every_row_is_where_the_table_of_moves_leads(self) -> None:
        with self.database.read() as unit:
            rows = [row for film in self.films for row in unit.wanted.of_file(film.file_id)]
        assert {row.file_id: row.status for row in rows} == self.states


_PHASES = (TranscriptionStatus.EXTRACTING, TranscriptionStatus.TRANSCRIBING, TranscriptionStatus.SAVING)
_TRANSCRIPT = Transcript("1", 1, 1.0, 1.0)
_MOVES: Mapping[TranscriptionStatus, Callable[[Unit, str], None]] = {
    TranscriptionStatus.QUEUED: lambda unit, name: unit.transcriptions.requeue(name),
    TranscriptionStatus.COMPLETED: lambda unit, name: unit.transcriptions.complete(name, _TRANSCRIPT),
    TranscriptionStatus.FAILED: lambda unit, name: unit.transcriptions.fail(name, "broken"),
    TranscriptionStatus.CANCELLED: lambda unit, name: unit.transcriptions.cancel(name),
    **{
        phase: lambda unit, name, phase=phase: unit.transcriptions.set_phase(name, phase)  # type: ignore[misc]
        for phase in _PHASES
    },
}


class Transcribing(RuleBasedStateMachine):
    """Transcriptions are asked for, worked on, ended and forgotten."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database = database
        self.states: dict[str, TranscriptionStatus] = {}
        self.progress: dict[str, float] = {}

    @initialize()
    def begin(self) -> None:
        with self.database.write() as unit:
            unit.connection.execute(delete(Base.metadata.tables["whisper_jobs"]))
        self.ask("a")

    @rule(name=st.sampled_from("ab"))
    def ask(self, name: str) -> None:
        if name not in self.states:
            with self.database.write() as unit:
                unit.transcriptions.add(NewTranscription(name, "/media/a.mkv"))
            self.states[name], self.progress[name] = TranscriptionStatus.QUEUED, 0.0

    @rule(name=st.sampled_from("aab"), goal=st.sampled_from(TranscriptionStatus))
    def move(self, name: str, goal: TranscriptionStatus) -> None:
        state = self.states.get(name)
        refusal = None if state and goal in TRANSCRIPTION_MOVES[state] else IllegalMove if state else NotFound
        if refusal is not None:
            with pytest.raises(refusal), self.database.write() as unit:
                _MOVES[goal](unit, name)
            return
        with self.database.write() as unit:
            _MOVES[goal](unit, name)
        self.states[name] = goal
        if goal in (*_PHASES, TranscriptionStatus.QUEUED):
            self.progress[name] = 0.0
        elif goal is TranscriptionStatus.COMPLETED:
            self.progress[name] = 1.0

    @rule(name=st.sampled_from("ab"), fraction=st.sampled_from([0.25, 0.5]))
    def progress_to(self, name: str, fraction: float) -> None:
        with self.database.write() as unit:
            unit.transcriptions.set_progress(name, fraction)
        if self.states.get(name) in _PHASES:
            self.progress[name] = fraction

    @invariant()
    def every_row_is_where_the_table_of_moves_leads(self) -> None:
        with self.database.read() as unit:
            rows = [row for name in self.states for row in [unit.transcriptions.get(name)]]
        assert {row.id: (row.status, row.progress) for row in rows} == {
            name: (state, self.progress[name]) for name, state in self.states.items()
        }
        assert all((row.completed_at is None) is (row.status not in _ENDED) for row in rows)


_ENDED = (TranscriptionStatus.COMPLETED, TranscriptionStatus.FAILED, TranscriptionStatus.CANCELLED)


def test_wanted_subtitles_make_only_legal_moves(database: Database) -> None:
    run_state_machine_as_test(lambda: Wanting(database), settings=looking(20, 12))


def test_transcriptions_make_only_legal_moves(database: Database) -> None:
    run_state_machine_as_test(lambda: Transcribing(database), settings=looking(20, 12))
