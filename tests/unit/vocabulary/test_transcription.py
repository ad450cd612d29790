"""The moves of a transcription."""

import pytest

from sublarr.vocabulary.transcription import (
    TRANSCRIPTION_MOVES,
    TranscriptionStatus,
    transcription_states_before,
)


def test_every_state_has_its_moves() -> None:
    assert set(TRANSCRIPTION_MOVES) == set(TranscriptionStatus)


@pytest.mark.parametrize("state", TranscriptionStatus)
def test_every_state_can_be_reached(state: TranscriptionStatus) -> None:
    assert transcription_states_before(state)


def test_no_transcription_ends_completed_without_being_saved() -> None:
    assert transcription_states_before(TranscriptionStatus.COMPLETED) == (TranscriptionStatus.SAVING,)


def test_a_person_can_cancel_whatever_is_not_over() -> None:
    over = {TranscriptionStatus.COMPLETED, TranscriptionStatus.CANCELLED}
    assert set(transcription_states_before(TranscriptionStatus.CANCELLED)) == set(TranscriptionStatus) - over
