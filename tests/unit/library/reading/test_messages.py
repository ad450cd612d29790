"""What the pool and its children say to each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sublarr.library.reading.messages import (
    ReadRequest,
    ReadResult,
    SubtitleRequest,
    decode_answer,
    decode_request,
    encode_answer,
    encode_request,
)
from sublarr.vocabulary.errors import Corrupt, SublarrError, Unavailable
from sublarr.vocabulary.media import NameFacts, Probe, ProbeOutcome, Track
from sublarr.vocabulary.subtitles import RawCue, RawSubtitle

texts = st.text(max_size=20)
st.register_type_strategy(str, texts)
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
tracks = st.builds(Track)
probes = st.builds(Probe, tracks=st.lists(tracks, max_size=3).map(tuple))
outcomes = st.builds(ProbeOutcome, probe=st.none() | probes)
results = st.builds(ReadResult, facts=st.none() | st.builds(NameFacts), outcome=st.none() | outcomes)
subtitles = st.builds(RawSubtitle, cues=st.lists(st.builds(RawCue), max_size=3).map(tuple))
requests = st.builds(ReadRequest) | st.builds(SubtitleRequest)


@given(requests)
def test_a_child_reads_the_file_that_was_meant_whatever_its_name(request):
    line = encode_request(request)
    assert b"\n" not in line
    assert decode_request(line) == request


@given(results | st.dictionaries(st.integers(0, 99), subtitles, max_size=2))
def test_what_a_file_told_arrives_unchanged(answer):
    line = encode_answer(answer)
    assert b"\n" not in line
    assert decode_answer(line) == answer


def test_an_error_arrives_with_its_remedy():
    error = decode_answer(encode_answer(Unavailable("no disk", remedy="mount it")))
    assert isinstance(error, Unavailable)
    assert (error.message, error.remedy) == ("no disk", "mount it")


@pytest.mark.parametrize(
    "line", [b"", b"x", b"{}", b"[]", b"3", b'{"error":"made up"}', b'{"subtitles":[[1]]}', b'{"path":1}']
)
def test_nonsense_from_a_hijacked_child_is_refused(line):
    with pytest.raises(Corrupt):
        decode_answer(line)


def test_an_error_of_another_kind_is_refused():
    with pytest.raises(Corrupt):
        decode_answer(encode_answer(SublarrError("?")))
