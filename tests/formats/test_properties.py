"""What holds for every file: print and parse agree, damage is refused or read, no mark lies outside its words."""

import html
import json
import math
import re
import string
from itertools import pairwise
from pathlib import Path

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from index.errors import TranscriptError
from index.formats import read
from index.text import clean, slug
from index.transcript import Reading, Turn

GOLDEN = [
    p.read_bytes() for p in sorted((Path(__file__).parent / "golden").iterdir()) if ".expected." not in p.name
]
FORBIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00a0\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\u3000\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
slowly = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))

PEOPLE = (
    "Nell Harrow",
    "Dr. Ivo O'Brandt",
    "Åsa de la Cruz",
    "Speaker 2",
    "SPEAKER_01",
    "NB",
    "Hon. Ann Roe (Mud, Lib.)",
)
WORDS = (
    "well,",
    "the",
    "tide",
    "turned.",
    "Really?",
    "fünf",
    "it's",
    "2 * 3",
    "a_b_c",
    "at 5:30",
    "[laughs]",
    "(so)",
    "#1",
    "& co",
)

speech = (
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=9)
    .map(" ".join)
    .map(lambda words: f"I said {words} there.")
)


@st.composite
def talks(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Turns in which nobody follows himself and everybody speaks more than once."""
    people = draw(st.lists(st.sampled_from(PEOPLE), min_size=2, max_size=4, unique=True))
    order = people + people + draw(st.lists(st.sampled_from(people), max_size=5))
    assume(all(before != after for before, after in pairwise(order)))
    return [(name, draw(speech)) for name in order]


def clock(time_s: int, point: str = ".") -> str:
    return f"{time_s // 3600:02}:{time_s // 60 % 60:02}:{time_s % 60:02}{point}000"


def escaped(words: str) -> str:
    return re.sub(r"([\\`*_\[\]#<&])", r"\\\1", words)


def said(printed: str) -> list[tuple[str | None, str]]:
    return [(turn.speaker, turn.text) for turn in read(printed.encode(), "talk").turns]


def times(printed: str) -> list[float | None]:
    return [turn.time_at(0) for turn in read(printed.encode(), "talk").turns]


@slowly
@given(talks())
def test_webvtt(talk: list[tuple[str, str]]) -> None:
    cues = (
        f"{clock(n)} --> {clock(n + 1)}\n<v {html.escape(a)}>{html.escape(b)}\n"
        for n, (a, b) in enumerate(talk)
    )
    printed = "\n".join(["WEBVTT\n", *cues])
    assert said(printed) == talk
    assert times(printed) == list(range(len(talk)))


@slowly
@given(talks())
def test_srt(talk: list[tuple[str, str]]) -> None:
    printed = "\n".join(
        f"{n}\n{clock(n, ',')} --> {clock(n + 1, ',')}\n{a}: {b}\n" for n, (a, b) in enumerate(talk)
    )
    assert said(printed) == talk
    assert times(printed) == list(range(len(talk)))


@slowly
@given(talks(), st.sampled_from(["**{}:** {}", "**{}**: {}", "__{}:__ {}", "> **{}:** {}", "- **{}:** {}"]))
def test_markdown(talk: list[tuple[str, str]], form: str) -> None:
    assert said("\n\n".join(form.format(a, escaped(b)) for a, b in talk)) == talk


@slowly
@given(talks(), st.sampled_from(["{}: {}", "{} : {}"]), st.sampled_from(["\n", "\n\n", "\n \n"]))
def test_paragraphs(talk: list[tuple[str, str]], form: str, between: str) -> None:
    assert said(between.join(form.format(a, b) for a, b in talk)) == talk


@slowly
@given(
    talks(),
    st.sampled_from(["[{t}] {a}: {b}", "{t} {a}: {b}", "{a} [{t}]: {b}", "{a} ({t}):\n{b}", "{a}  {t}\n{b}", "{a} | {t}\n{b}", "{t}\n{a}\n{b}"]),
    st.sampled_from(["\n", "\n\n"]),
)  # fmt: skip
def test_text_with_times(talk: list[tuple[str, str]], form: str, between: str) -> None:
    printed = between.join(form.format(a=a, b=b, t=clock(n)[:8]) for n, (a, b) in enumerate(talk))
    assert said(printed) == talk
    assert times(printed) == list(range(len(talk)))


@slowly
@given(talks(), st.booleans())
def test_podcasting_json(talk: list[tuple[str, str]], by_word: bool) -> None:
    segments = [
        {"speaker": name, "startTime": n, "endTime": n + 1, "body": piece}
        for n, (name, words) in enumerate(talk)
        for piece in (words.split() if by_word else [words])
    ]
    assert said(json.dumps({"version": "1.0.0", "segments": segments})) == talk


@slowly
@given(talks())
def test_podcasting_html(talk: list[tuple[str, str]]) -> None:
    printed = "".join(
        f"<cite>{html.escape(a)}:</cite>\n<time>0:{n:02}</time>\n<p>{html.escape(b)}</p>\n"
        for n, (a, b) in enumerate(talk)
    )
    assert said(printed) == talk
    assert times(printed) == list(range(len(talk)))


def assert_sound(reading: Reading) -> None:
    assert reading.turns
    for turn in reading.turns:
        assert_sound_turn(turn)
    for value in (reading.about.title, reading.about.show, reading.about.number):
        assert value is None or (value and not FORBIDDEN.search(value))
    assert all(sentence and not FORBIDDEN.search(sentence) for sentence in reading.forgiven)


def assert_sound_turn(turn: Turn) -> None:
    assert turn.text
    assert turn.text == clean(turn.text)
    assert not FORBIDDEN.search(turn.text)
    if turn.speaker is not None:
        assert turn.speaker
        assert turn.speaker == " ".join(clean(turn.speaker).split())
        assert not FORBIDDEN.search(turn.speaker)
        assert not turn.speaker.endswith(":")
        assert len(turn.speaker) <= 140
    offsets = [offset for offset, _ in turn.marks]
    assert offsets == sorted(offsets)
    assert all(0 <= offset < len(turn.text) for offset in offsets)
    assert all(math.isfinite(time_s) and 0 <= time_s < 360_000 for _, time_s in turn.marks)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(GOLDEN), st.data())
def test_a_damaged_file_is_read_or_refused(whole: bytes, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(whole)))
        junk = data.draw(st.one_of(st.binary(max_size=6), st.sampled_from(JUNK)))
        whole = whole[:place] + junk + whole[place + data.draw(st.integers(0, 30)) :]
    try:
        reading = read(whole, "x")
    except TranscriptError:
        return
    assert_sound(reading)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.one_of(
        st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))
    )
)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        reading = read(data, "x")
    except TranscriptError:
        return
    assert_sound(reading)


JUNK = [
    text.encode()
    for text in (
        "\x1b[31m", "\u202e", "\u200b", "\U000e0041", "\ufeff", "\u00a0", "\u2028", "\x00", "-->", "<v ", "<v Ann>", "</", "<p>", "{", "]", '"',
        "NaN", "-1", "1e999", "99:99:99", "999:00:00", "[00:61]", "**", ":", "\n\n", "---\n", "&#0;", "&#xD800;", "\\ud800", "\\u0000", "# ", "|", ">>",
    )
]  # fmt: skip


@given(st.text())
def test_cleaning_twice_is_cleaning_once_and_leaves_nothing_unseen(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert not FORBIDDEN.search(once)
    assert "  " not in once


@given(st.text(alphabet=st.characters(codec="utf-8", categories=("L", "N", "P", "S"))))
def test_letters_stay_as_they_are(text: str) -> None:
    seen = "".join(
        char for char in text if not FORBIDDEN.match(char) and char not in "\u3164\u115f\u1160\uffa0"
    )
    assert clean(text) == seen


@given(st.text())
def test_a_slug_is_short_ascii_and_its_own_slug(text: str) -> None:
    made = slug(text)
    assert 0 < len(made) <= 80
    assert set(made) <= set(string.ascii_lowercase + string.digits + "-")
    assert slug(made) == made


def test_slugs_keep_runs_of_hyphens_and_lose_accents() -> None:
    assert slug("changelog--friends-101") == "changelog--friends-101"
    assert slug("  Ça va?  Très bien! ") == "ca-va-tres-bien"
    assert slug("…") == "episode"
    assert slug("x" * 79 + "-yz") == "x" * 79
