"""Readers: every format and its traps; nothing invented, nothing lost."""

import codecs
import itertools
import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index import formats
from index.errors import TranscriptError
from index.transcript import Reading, Turn

SAMPLE = Path(__file__).parent.parent / "index" / "sample"
DATA = Path(__file__).parent.parent.parent / "shared" / "data"


def _read(text: str) -> Reading:
    return formats.read(text.encode(), "file.any")


def _said(text: str) -> list[tuple[str | None, str]]:
    return [(turn.speaker, turn.text) for turn in _read(text).turns]


PAGE = """\
The Long Table
← Previous · All Episodes · Next →
A Kiln of One's Own
Episode 14 · March 3, 2025 · 20:36 |
Subscribe
View episode details
Hello and welcome to The Long Table. I'm your host, and this is a kiln.

Orla Finn: So tell me: what is it about clay? I've wondered since 9:30 this morning.

It never ends.

Bram Vale: There is only one thing: patience. Warning: it cracks.

And then it cracks again.

Orla Finn: Right.

Bram Vale: Right, yes.

← Previous · All Episodes · Next →
Subscribe
© 2025 The Long Table
"""


def test_a_pasted_page_is_its_speakers_and_nothing_else() -> None:
    reading = _read(PAGE)
    assert [(turn.speaker, turn.text) for turn in reading.turns] == [
        (None, "Hello and welcome to The Long Table. I'm your host, and this is a kiln."),
        (
            "Orla Finn",
            "So tell me: what is it about clay? I've wondered since 9:30 this morning.\n\nIt never ends.",
        ),
        ("Bram Vale", "There is only one thing: patience. Warning: it cracks.\n\nAnd then it cracks again."),
        ("Orla Finn", "Right."),
        ("Bram Vale", "Right, yes."),
    ]
    assert (reading.about.title, reading.about.number) == ("A Kiln of One's Own", "14")
    assert str(reading.about.date) == "2025-03-03"
    assert not any(turn.marks for turn in reading.turns)


def test_a_saved_page_of_a_site() -> None:
    paragraphs = "".join(
        f"<p>{p}</p>"
        for p in PAGE.partition("View episode details\n")[2].partition("← Previous")[0].strip().split("\n\n")
    )
    page = f"""<!DOCTYPE html><html><head><title>x</title><meta property="og:title" content="A Kiln &amp; Co">
    <link rel="canonical" href="https://example.org/e/1"><meta property="article:published_time" content="2025-03-03T10:00:00Z">
    <meta property="og:audio" content="https://example.org/e/1.mp3"></head><body><nav><a>Home</a> <a>About: us</a></nav>
    <h1>A Kiln</h1><article>{paragraphs}</article><footer><p>Menu: one</p></footer><script>let a: b</script></body></html>"""
    reading = _read(page)
    assert {turn.speaker for turn in reading.turns} == {None, "Orla Finn", "Bram Vale"}
    assert len(reading.turns) == 5
    assert reading.about.title == "A Kiln & Co"
    assert reading.about.page_url == "https://example.org/e/1"
    assert reading.about.audio_url == "https://example.org/e/1.mp3"
    assert str(reading.about.date) == "2025-03-03"


MARKDOWN = r"""---
title: "Reeds: a history"
show: The Long Table
episode: 12
date: 2025-04-01
url: https://example.org/12
---
**Orla Finn:** Welcome. This is **not** a label: it's [a link](https://example.org/a_(b)) &amp; more. \[laughs\]

\[04:01\] It goes on here\. I said **Bram:** in the middle.

**Break:** \[12:30\]

**Bram Vale**: Yes \[13:05\] it is \[unintelligible 00:41:34.02\] so.

**Jingle** \[14:00\] to \[14:30\]

__Orla Finn:__ Snake\_case and 2 \* 3.
"""


def test_markdown_and_its_traps() -> None:
    reading = _read(MARKDOWN)
    assert [(turn.speaker, turn.text) for turn in reading.turns] == [
        (
            "Orla Finn",
            "Welcome. This is not a label: it's a link & more. [laughs]\n\n"
            "It goes on here. I said Bram: in the middle.",
        ),
        ("Bram Vale", "Yes it is [unintelligible 00:41:34.02] so."),
        ("Orla Finn", "Snake_case and 2 * 3."),
    ]
    first, second, third = reading.turns
    assert first.marks == ((first.text.index("It goes"), 241.0),)
    assert second.marks == ((second.text.index("it is"), 785.0),)
    assert third.marks == ()
    about = reading.about
    assert (about.title, about.show, about.number) == ("Reeds: a history", "The Long Table", "12")
    assert (str(about.date), about.page_url) == ("2025-04-01", "https://example.org/12")


VTT = """\
WEBVTT

NOTE
title: Tides
episode: 3

STYLE
::cue { color: red }

1
00:00:01.000 --> 00:00:03.000 align:start
<v Orla Finn>Hello &amp; welcome <i>back</i>.

00:00:03.500 --> 00:00:05.000
It carries over.

00:00:05.000 --> 00:00:08.000
<v.loud Bram Vale>No <00:00:06.000>way!</v> <v Orla Finn>Yes.</v>
"""


def test_webvtt_voices() -> None:
    reading = _read(VTT)
    assert [(turn.speaker, turn.text, turn.marks) for turn in reading.turns] == [
        ("Orla Finn", "Hello & welcome back. It carries over.", ((0, 1.0), (22, 3.5))),
        ("Bram Vale", "No way!", ((0, 5.0),)),
        ("Orla Finn", "Yes.", ((0, 5.0),)),
    ]
    assert (reading.about.title, reading.about.number) == ("Tides", "3")


SRT = """\
1
00:00:01,000 --> 00:00:03,000
Orla Finn: Hello, here is
the thing: it's 9:30.

2
00:00:03,000 --> 00:00:05,000
Remember: nobody knows.

3
00:00:05,000 --> 00:00:06,000
Bram Vale: <i>Right.</i>

4
00:00:06,000 --> 00:00:07,000
Orla Finn: Yes.
- Bram Vale: No.
"""


def test_srt_labels_on_change_of_speaker() -> None:
    assert _said(SRT) == [
        ("Orla Finn", "Hello, here is the thing: it's 9:30. Remember: nobody knows."),
        ("Bram Vale", "Right."),
        ("Orla Finn", "Yes."),
        ("Bram Vale", "No."),
    ]


def test_captions_without_speakers_end_at_a_pause_or_after_a_minute() -> None:
    cues = [(n * 5, n * 5 + 5, f"Sentence number {n} is here.") for n in range(20)] + [
        (110, 112, "After a pause.")
    ]
    text = "\n\n".join(
        f"{n}\n00:{a // 60:02}:{a % 60:02},000 --> 00:{b // 60:02}:{b % 60:02},000\n{w}"
        for n, (a, b, w) in enumerate(cues)
    )
    turns = _read(text).turns
    assert all(turn.speaker is None for turn in turns)
    assert [turn.marks[0][1] for turn in turns] == [0.0, 65.0, 110.0]
    assert " ".join(turn.text for turn in turns).split() == " ".join(words for *_, words in cues).split()


def test_rolling_captions_say_each_line_once() -> None:
    lines = ["it was a long", "night on the river", "and nobody slept"]
    text = "WEBVTT\n\n" + "\n\n".join(
        f"00:00:0{n}.000 --> 00:00:0{n + 1}.000\n" + "\n".join(lines[max(0, n - 1) : n + 1]) for n in range(3)
    )
    reading = _read(text)
    assert reading.turns[0].text == " ".join(lines)
    assert any("repeats" in what for what in reading.forgiven)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            {"version": "1.0.0", "segments": [
                {"speaker": "Orla", "startTime": 0.5, "endTime": 1, "body": "Hello"},
                {"startTime": 1, "endTime": 2, "body": "there."},
                {"speaker": "Bram", "startTime": 2, "endTime": 3, "body": "Hi."}]},
            [("Orla", "Hello there.", 0.5), ("Bram", "Hi.", 2.0)],
        ),
        (
            {"text": "x", "segments": [{"id": 0, "start": 0.0, "end": 2.0, "text": " So it goes."}], "language": "en"},
            [(None, "So it goes.", 0.0)],
        ),
        (
            {"segments": [{"start": 0, "end": 2, "text": " Yes no", "speaker": "SPEAKER_00", "words": [
                {"word": "Yes", "start": 0, "end": 1, "speaker": "SPEAKER_00"},
                {"word": "no", "start": 1, "end": 2, "speaker": "SPEAKER_01"}]}]},
            [("SPEAKER_00", "Yes", 0.0), ("SPEAKER_01", "no", 1.0)],
        ),
        (
            {"results": {"channels": [{"alternatives": [{"transcript": "x", "paragraphs": {"paragraphs": [
                {"speaker": 0, "sentences": [{"text": "One.", "start": 0.1, "end": 1}]},
                {"speaker": 1, "sentences": [{"text": "Two.", "start": 1.5, "end": 2}]}]}}]}]}},
            [("Speaker 0", "One.", 0.1), ("Speaker 1", "Two.", 1.5)],
        ),
        (
            {"id": "x", "utterances": [{"speaker": "A", "start": 1500, "end": 2000, "text": "One."},
                                       {"speaker": "B", "start": 2500, "end": 3000, "text": "Two."}]},
            [("Speaker A", "One.", 1.5), ("Speaker B", "Two.", 2.5)],
        ),
    ],
    ids=["podcasting-2.0", "whisper", "whisperx", "deepgram", "assemblyai"],
)  # fmt: skip
def test_json(data: object, expected: list[tuple[str | None, str, float]]) -> None:
    turns = _read(json.dumps(data)).turns
    assert [(turn.speaker, turn.text, turn.time_at(0)) for turn in turns] == expected


def test_podcasting_html() -> None:
    html = (
        "<cite>Orla Finn :</cite><time>0:12</time><p>Hello &amp; so on.</p>\n"
        "<p>More.</p><cite>Bram:</cite>\n<time>1:02:03</time>\n<p>Yes.</p>"
    )
    reading = _read(html)
    assert [(turn.speaker, turn.text, turn.time_at(0)) for turn in reading.turns] == [
        ("Orla Finn", "Hello & so on.\n\nMore.", 12.0),
        ("Bram", "Yes.", 3723.0),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Orla Finn  0:12\nHello there.\nIt rains.\n\nBram Vale  1:02:03\nYes.\n\nTranscribed by https://otter.ai",
        "Orla Finn (00:00:12):\nHello there.\nIt rains.\n\nBram Vale (01:02:03):\nYes.",
        "[00:00:12] Orla Finn: Hello there. It rains.\n[01:02:03] Bram Vale: Yes.\n[01:02:09] Orla Finn: No.",
        "Orla Finn | 00:12\nHello there. It rains.\n\nBram Vale | 1:02:03\nYes.",
        "00:12 Orla Finn: Hello there. It rains.\n\n1:02:03 Bram Vale: Yes.\n\n1:02:09 Orla Finn: No.",
    ],
)
def test_headers_with_times(text: str) -> None:
    turns = _read(text).turns[:2]
    assert [(turn.speaker, " ".join(turn.text.split()), turn.time_at(0)) for turn in turns] == [
        ("Orla Finn", "Hello there. It rains.", 12.0),
        ("Bram Vale", "Yes.", 3723.0),
    ]


def test_a_time_alone_goes_on_with_the_same_person() -> None:
    turns = _read("Orla (00:00:00):\nOne.\n\n(00:00:32):\nTwo.\n\nBram (00:01:00):\nThree.").turns
    assert [turn.speaker for turn in turns] == ["Orla", "Bram"]
    assert turns[0].text.split() == ["One.", "Two."]
    assert [time for _, time in turns[0].marks] == [0.0, 32.0]


@pytest.mark.parametrize(
    "text",
    [
        "00:12 it was a long\n00:15 night: nobody slept\n00:18 at all",
        "0:12\nit was a long\n0:15\nnight: nobody slept\n0:18\nat all",
    ],
)
def test_plain_captions(text: str) -> None:
    (turn,) = _read(text).turns
    assert (turn.speaker, turn.text) == (None, "it was a long night: nobody slept at all")
    assert [time for _, time in turn.marks] == [12.0, 15.0, 18.0]


@pytest.mark.parametrize(
    ("labels", "people"),
    [
        (["AB", "CD"], {"AB", "CD"}),
        (["JOHN DOE", "JANE ROE"], {"JOHN DOE", "JANE ROE"}),
        (["Interviewer", "Dr. Ruth O'Hara-Ng"], {"Interviewer", "Dr. Ruth O'Hara-Ng"}),
        (["Q", "A"], {"Q", "A"}),
        (
            ["Hon. Ann Roe (North—East, Lib.)", "The Chair (Mr. José Díaz)"],
            {"Hon. Ann Roe (North—East, Lib.)", "The Chair (Mr. José Díaz)"},
        ),
        (["Åsa de la Cruz", "Speaker 2"], {"Åsa de la Cruz", "Speaker 2"}),
    ],
)
def test_labels_of_people(labels: list[str], people: set[str]) -> None:
    words = ["I never knew: it was late.", "Note: this is no label. Well: nor this."]
    text = "\n\n".join(f"{label}: {words[n % 2]}" for n, label in enumerate(labels * 2))
    turns = _read(text).turns
    assert {turn.speaker for turn in turns} == people
    assert [turn.text for turn in turns] == [words[n % 2] for n in range(len(turns))]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "empty"),
        (b"  \n \n", "empty"),
        (bytes(range(256)) * 20, "binary"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 99, "binary"),
        (b"import os\n\nclass A:\n    x: int = 1\n", "no transcript"),
        (b"name,age\nann,3\nben,4\n", "no transcript"),
        (
            b"An essay about tides. It has two sentences.\n\nAnd a second paragraph, without speakers.",
            "no transcript",
        ),
        (b'{"segments": [{"text": "torn', "torn or damaged"),
        (b'{"hello": 1}', "without a transcript"),
        (b"<!doctype html><html><body><h1>Hi</h1><p>Nothing here.</p></body></html>", "without a transcript"),
        (b'<?xml version="1.0"?><rss><channel></channel></rss>', "a feed"),
        (b"WEBVTT\n\nNOTE nothing", "without a single cue"),
        (b"A: " + b"x" * (2**20 + 9), "million"),
        (b"x" * (64 * 2**20 + 1), "64 MB"),
    ],
)
def test_what_is_no_transcript_is_refused_with_a_reason(data: bytes, what: str) -> None:
    with pytest.raises(TranscriptError, match=what) as caught:
        formats.read(data, "some.file")
    assert str(caught.value).startswith("some.file")
    assert "\n" not in str(caught.value)
    assert caught.value.fix


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings(encoding: str) -> None:
    text = "Åsa: Café “now”.\r\n\r\nBen: Yes.\r\n\r\nÅsa: No."
    data = codecs.encode(text, encoding)
    reading = formats.read(data, "x")
    assert reading.turns[0] == Turn("Åsa", "Café “now”.")
    assert bool(reading.forgiven) == (encoding == "cp1252")


def test_unseen_characters_never_get_in() -> None:
    hostile = "A\u200bd\u202ea: Hi\x1b[31m \u200fthere\U000e0041\u00a0now\x07.\n\nBen: Yes.\n\nAda: No."
    assert _said(hostile)[0] == ("Ada", "Hi there now.")


@pytest.mark.parametrize("word", ["Bye", "Hi", "Thank you", "okay", "Yeah yeah", "So long", "Mm-hmm"])
def test_who_only_greets_is_heard(word: str) -> None:
    talk = [
        ("Ada Berg", "Welcome back to the show, where we talk about bread and the cold."),
        ("Ben Oak", "It took us five days to get the starter going, and then it never stopped."),
        ("Ada Berg", "And what did you do then?"),
        ("Ben Oak", "We baked."),
    ]
    for said in ([("Cy Orr", word), *talk], [*talk, ("Cy Orr", word)]):
        for between in ("\n", "\n\n"):
            assert _said(between.join(f"{name}: {words}" for name, words in said)) == said


@pytest.mark.parametrize("line", ["Audience: everyone", "Ages: All", "Licence: free", "Explicit: no"])
def test_what_stands_below_the_talk_is_no_greeting(line: str) -> None:
    talk = "Ada Berg: We bake in the cold.\n\nBen Oak: It took five days.\n\nAda Berg: And then?\n\nBen Oak: We ate."
    assert {speaker for speaker, _ in _said(f"{talk}\n\n{line}")} == {"Ada Berg", "Ben Oak"}


_NAMES = st.sampled_from(["Orla Finn", "Bram Vale", "Cy O'Neil"])
_SPEECH = st.lists(
    st.sampled_from(["well,", "the", "tide", "turned.", "Really?", "fünf", "it's"]), min_size=1, max_size=12
).map(lambda words: " ".join([*words, "and then we knew what it was."]))
"""Ends as talk does: a lone fragment above or below the rest is taken for a site's own line."""
_TURNS = st.lists(st.tuples(_NAMES, _SPEECH), min_size=4, max_size=12).filter(
    lambda turns: (
        all(a[0] != b[0] for a, b in itertools.pairwise(turns))
        and all(sum(name == other for other, _ in turns) > 1 for name, _ in turns)
    )
)


@settings(
    max_examples=60,
    derandomize=True,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(_TURNS)
def test_what_is_printed_is_read_again(turns: list[tuple[str, str]]) -> None:
    def clock(n: int, mark: str) -> str:
        return f"00:{n // 60:02}:{n % 60:02}{mark}000"

    vtt = "WEBVTT\n\n" + "\n\n".join(
        f"{clock(n, '.')} --> {clock(n + 1, '.')}\n<v {a}>{b}" for n, (a, b) in enumerate(turns)
    )
    srt = "\n\n".join(
        f"{n}\n{clock(n, ',')} --> {clock(n + 1, ',')}\n{a}: {b}" for n, (a, b) in enumerate(turns)
    )
    markdown = "\n\n".join(f"**{a}:** {b}" for a, b in turns)
    podcasting = json.dumps(
        {"segments": [{"speaker": a, "startTime": n, "body": b} for n, (a, b) in enumerate(turns)]}
    )
    for printed in (vtt, srt, markdown, podcasting, "\n\n".join(f"{a}: {b}" for a, b in turns)):
        assert _said(printed) == turns


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([PAGE, MARKDOWN, VTT, SRT]), st.binary(max_size=6), st.data())
def test_a_damaged_file_is_read_or_refused(text: str, junk: bytes, data: st.DataObject) -> None:
    whole = text.encode()
    place = data.draw(st.integers(0, len(whole)))
    cut = data.draw(st.integers(0, 40))
    try:
        reading = formats.read(whole[:place] + junk + whole[place + cut :], "x")
    except TranscriptError:
        return
    for turn in reading.turns:
        assert turn.text.strip() == turn.text
        assert turn.text
        offsets = [offset for offset, _ in turn.marks]
        assert offsets == sorted(offsets)
        assert all(0 <= offset < len(turn.text) for offset in offsets)
        assert not re.search(
            "[\x00-\x08\x0b-\x1f\u200b-\u200f\u202a-\u202e]", turn.text + (turn.speaker or "")
        )


@pytest.mark.skipif(not DATA.exists(), reason="the development data is not here")
def test_no_word_of_real_transcripts_is_lost() -> None:
    folder = DATA / "changelog" / "transcripts"
    for path in sorted(folder.glob("*.md")):
        reading = formats.read(path.read_bytes(), path.name)
        raw = re.sub(r"\\\[\d[\d:. ]*\\\]", " ", path.read_text())
        raw = re.sub(r"^\*\*(?:Break|Jingle).*$", " ", raw, flags=re.MULTILINE)
        raw = re.sub(r"^\*\*[^*\n]+?:?\*\*:?", " ", raw, flags=re.MULTILINE)
        raw = re.sub(r"\]\([^)]*\)", "]", raw)
        wanted = re.findall(r"[^\W_]+", raw)
        got = re.findall(r"[^\W_]+", " ".join(turn.text for turn in reading.turns))
        assert abs(len(wanted) - len(got)) <= len(wanted) // 200, path.name
        labels = {
            m[1].strip(": ") for m in re.finditer(r"^\*\*([^*\n]+?)\*\*", path.read_text(), re.MULTILINE)
        }
        assert {turn.speaker for turn in reading.turns} <= labels, path.name
