"""Files made of packets."""

import time

import pysubs2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sublarr.subtitles.composing import compose, validate
from sublarr.vocabulary.errors import Corrupt, InvalidInput
from sublarr.vocabulary.subtitles import RawCue, RawSubtitle, SubtitleFormat

ASS, SSA, SRT, VTT, MOV_TEXT = (
    SubtitleFormat.ASS,
    SubtitleFormat.SSA,
    SubtitleFormat.SRT,
    SubtitleFormat.VTT,
    SubtitleFormat.MOV_TEXT,
)
STYLES = (
    "[V4+ Styles]\r\nFormat: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, "
    "Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, "
    "MarginR, MarginV, Encoding\r\nStyle: Sign,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1"
)
HEAD = "[Script Info]\r\nTitle: A film\r\nScriptType: v4.00+"
EVENTS = (
    "[Events]\r\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\r\n"
    "Comment: 0,0:00:00.00,0:00:01.00,Sign,,0,0,0,,an editor's note"
)
WHOLE = f"{HEAD}\r\n\r\n{STYLES}\r\n\r\n{EVENTS}"
FONTS = "[Fonts]\r\nfontname: a.ttf\r\n!!!!"


def packets(*cues, header="", subtitle_format=SRT):
    return RawSubtitle(subtitle_format, header, tuple(RawCue(*cue) for cue in cues))


def test_an_srt_gets_numbers_times_and_keeps_its_tags():
    raw = packets((1000, 2500, "Hello <i>there</i>\r\n"), (3_723_004, 3_724_000, "Grüße\nzwei"))
    assert compose(raw) == (
        "1\n00:00:01,000 --> 00:00:02,500\nHello <i>there</i>\n\n2\n01:02:03,004 --> 01:02:04,000\nGrüße\nzwei\n"
    )
    assert validate(compose(raw), SRT) == 2


def test_a_blank_line_inside_a_cue_does_not_cut_the_file():
    raw = packets((0, 1000, "one\n\n \r\ntwo"), (2000, 3000, " "), (4000, 5000, "1984"))
    loaded = pysubs2.SSAFile.from_string(compose(raw), format_="srt")
    assert [event.text for event in loaded] == ["one\\Ntwo", "1984"]


def test_timed_text_becomes_an_srt():
    raw = packets((1000, 2000, "plain"), subtitle_format=MOV_TEXT)
    assert validate(compose(raw), MOV_TEXT) == 1
    assert "plain" in compose(raw)


def test_webvtt_keeps_where_a_cue_stands():
    raw = packets(
        (1000, 2000, "Up <b>here</b>", "line:10%\n"),
        (3000, 4000, "a --> b"),
        subtitle_format=VTT,
        header="WEBVTT",
    )
    assert compose(raw) == (
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.000 line:10%\nUp <b>here</b>\n\n"
        "00:00:03.000 --> 00:00:04.000\na --&gt; b\n"
    )
    assert validate(compose(raw), VTT) == 2


def test_webvtt_styles_come_before_the_cues():
    raw = packets((0, 1000, "x"), subtitle_format=VTT, header="STYLE\n::cue { color: red }")
    assert compose(raw).startswith("WEBVTT\n\nSTYLE\n::cue { color: red }\n\n00:00:00.000")


def script(*cues, header=WHOLE):
    return packets(*cues, header=header, subtitle_format=ASS)


def test_an_ass_script_comes_out_as_it_was_written():
    raw = script(
        (1000, 2004, "1,2,Sign,Kay,1,2,3,fx,Sooner, with a comma"),
        (3000, 4000, "0,0,Sign,,0,0,0,,{\\pos(10,20)}Later\\Nin two lines"),
    )
    text = compose(raw)
    assert text.splitlines()[-3:] == [
        "Comment: 0,0:00:00.00,0:00:01.00,Sign,,0,0,0,,an editor's note",
        "Dialogue: 0,0:00:03.00,0:00:04.00,Sign,,0,0,0,,{\\pos(10,20)}Later\\Nin two lines",
        "Dialogue: 2,0:00:01.00,0:00:02.00,Sign,Kay,1,2,3,fx,Sooner, with a comma",
    ]
    assert "\r" not in text
    assert "Title: A film" in text
    assert validate(text, ASS) == 2
    loaded = pysubs2.SSAFile.from_string(text, format_="ass")
    assert list(loaded.styles) == ["Sign"]
    assert loaded[2].text == "Sooner, with a comma"


def test_sections_after_the_lines_are_kept():
    text = compose(script((0, 1000, "0,0,Sign,,0,0,0,,x"), header=f"{WHOLE}\r\n\r\n{FONTS}"))
    assert text.index("Dialogue:") < text.index("[Fonts]\nfontname: a.ttf\n!!!!")
    assert validate(text, ASS) == 1


@pytest.mark.parametrize(
    "header",
    ["", "\ufeff" + HEAD, STYLES, f"{HEAD}\n\n{STYLES}", f"{HEAD}\n[Events]", f"{EVENTS}\n\n{FONTS}", FONTS, "rubbish",
     f"{HEAD}\n\n{STYLES}\n\n{EVENTS}\0\0"],
)  # fmt: skip
def test_an_incomplete_header_is_completed(header):
    text = compose(script((0, 1000, "0,0,Default,,0,0,0,,x"), header=header))
    assert validate(text, ASS) == 1
    for section in ("[Script Info]", "[V4+ Styles]", "[Events]\nFormat: Layer, Start, End"):
        assert text.count(section) == 1
    assert text.index("[Script Info]") < text.index("[V4+ Styles]") < text.index("[Events]")


def test_lines_of_another_order_of_fields_are_not_misread():
    odd = "[Events]\nFormat: Start, End, Layer, Style, Name, MarginL, MarginR, MarginV, Effect, Text\nComment: 0,0"
    text = compose(script((0, 1000, "0,0,Sign,,0,0,0,,x"), header=f"{HEAD}\n\n{STYLES}\n\n{odd}"))
    assert "Comment" not in text
    assert pysubs2.SSAFile.from_string(text, format_="ass")[0].text == "x"


def test_the_older_generation_of_scripts_keeps_its_own_fields():
    header = "[Script Info]\nScriptType: v4.00\n\n[V4 Styles]\nFormat: Name, Fontname\nStyle: Default,Arial\n"
    raw = packets((0, 1000, "0,0,Default,,0,0,0,,x"), (1000, 2000, "1,Marked=1,Default,,0,0,0,,y"),
                  header=header, subtitle_format=SSA)  # fmt: skip
    text = compose(raw)
    assert "Format: Marked, Start, End" in text
    assert text.splitlines()[-2].startswith("Dialogue: Marked=0,0:00:00.00")
    assert text.splitlines()[-1].startswith("Dialogue: Marked=1,")
    assert "V4+" not in text
    assert validate(text, SSA) == 2


def test_a_bare_text_where_a_line_should_be_is_kept_as_one():
    loaded = pysubs2.SSAFile.from_string(compose(script((0, 1000, "No fields,\nat all"))), format_="ass")
    assert loaded[1].text == "No fields,\\Nat all"


@pytest.mark.parametrize("subtitle_format", [ASS, SRT, VTT])
def test_impossible_times_are_repaired_and_cost_no_line(subtitle_format):
    body = "0,0,Default,,0,0,0,,%s" if subtitle_format is ASS else "%s"
    cues = [(-500, 700, "early"), (2000, 1000, "backwards"), (3000, 3000, "nothing"), (-900, -100, "before")]
    raw = packets(*((start, end, body % text) for start, end, text in cues), subtitle_format=subtitle_format)
    text = compose(raw)
    loaded = pysubs2.SSAFile.from_string(text, format_=subtitle_format.value)
    assert [(event.start, event.end, event.text) for event in loaded] == [
        (0, 700, "early"),
        (2000, 4000, "backwards"),
        (3000, 5000, "nothing"),
    ]


@pytest.mark.parametrize("subtitle_format", [ASS, SSA, SRT, VTT, MOV_TEXT])
def test_a_track_without_a_line_makes_no_file(subtitle_format):
    with pytest.raises(Corrupt):
        compose(packets((0, 1000, " \n"), subtitle_format=subtitle_format))


def test_pictures_are_refused():
    with pytest.raises(InvalidInput):
        compose(packets((0, 1000, "x"), subtitle_format=SubtitleFormat.PGS))


@pytest.mark.parametrize("text", ["", "<html>Not found</html>", "1\n00:00:01,000 --> 00:00:02,000\n\n"])
@pytest.mark.parametrize("subtitle_format", [ASS, SSA, SRT, VTT])
def test_a_file_without_a_line_is_no_subtitle(text, subtitle_format):
    with pytest.raises(Corrupt):
        validate(text, subtitle_format)


# What pysubs2 says of a layer that is no number.
@pytest.mark.filterwarnings("ignore:Failed to parse:RuntimeWarning")
@given(st.text(max_size=300), st.sampled_from([ASS, SSA, SRT, VTT]))
def test_rubbish_is_corrupt_and_never_an_unknown_error(text, subtitle_format):
    lead = {SRT: "1\n00:00:01,000 --> 00:00:02,000\n", VTT: "WEBVTT\n\n"}.get(
        subtitle_format, f"{HEAD}\n{EVENTS}\nDialogue: "
    )
    for whole in (text, lead + text):
        try:
            assert validate(whole, subtitle_format) > 0
        except Corrupt as error:
            assert error.message  # noqa: PT017 - both endings are right; others are not


@pytest.mark.filterwarnings("ignore:Failed to parse:RuntimeWarning")
@given(
    st.lists(
        st.builds(RawCue, st.integers(-1000, 10**8), st.integers(-1000, 10**8), st.text(max_size=40)),
        max_size=5,
    ),
    st.sampled_from([ASS, SSA, SRT, VTT, MOV_TEXT]),
    st.text(max_size=60) | st.sampled_from([HEAD, STYLES, EVENTS, FONTS, "WEBVTT\n"]),
)
def test_whatever_a_track_holds_becomes_a_readable_file_or_a_clear_error(cues, subtitle_format, header):
    try:
        text = compose(RawSubtitle(subtitle_format, header, tuple(cues)))
        validate(text, subtitle_format)
    except Corrupt as error:
        assert error.message  # noqa: PT017


def test_a_thousand_lines_of_ass_are_composed_and_proved_in_a_moment(capsys):
    line = "%d,0,Sign,,0,0,0,,{\\i1}Line %d{\\i0} of many, with a comma"
    cues = [(number * 2000, number * 2000 + 1500, line % (number, number)) for number in range(1000)]
    raw = script(*cues)
    compose(raw)
    validate(compose(raw), ASS)
    began = time.perf_counter()
    text = compose(raw)
    composed = time.perf_counter()
    assert validate(text, ASS) == 1000
    proved = time.perf_counter()
    with capsys.disabled():
        print(f"\n1,000 ASS lines: {1000 * (composed - began):.1f} ms to compose, "
              f"{1000 * (proved - composed):.1f} ms to prove")  # fmt: skip
    assert proved - began < 1
