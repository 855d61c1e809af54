"""The sample show: seven episodes, each in another format, one with a recording, and its eval cases."""

import json
import re
import shutil
import struct
import subprocess
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from index.formats import read
from index.transcript import Reading

HOME = Path(__file__).parent.parent
SAMPLE = HOME / "index" / "sample"
CAPTIONS = SAMPLE / "02-the-lens-in-the-barn.vtt"
RECORDING = CAPTIONS.with_suffix(".opus")
CASES: list[dict[str, Any]] = [
    json.loads(line) for line in (HOME / "eval/sets/sample.jsonl").read_text(encoding="utf-8").splitlines()
]

WREN, TEO = "Wren Castellow", "Teo Abara"
EPISODES = {
    "01-the-starter-that-would-not-die.md": (WREN, TEO, "Mags Dunmore", "Ansel Okonjo"),
    "02-the-lens-in-the-barn.vtt": (WREN, "Brannoch Ilves", "Hesper Vane"),
    "03-eleven-hours-lying-down.srt": (TEO, "Linnea Varga"),
    "04-forty-thousand-lodgers.json": (WREN, "Cosmo Rhysdale", "Ottoline Pruett"),
    "05-a-slow-argument-with-a-spring.txt": (TEO, "Idony Marsh", "Pim Ostrow"),
    "06-four-feet-of-water.txt": (WREN, TEO, "Philippa Thorne", "Gus Merrily"),
    "07-the-back-row-of-the-altos.html": (TEO, WREN, "Rosalind Achter", "Jonty Sprake"),
}
"""Each file of the show and its speakers, in the order in which they first speak."""
FULLY_TIMED = ["02", "03", "04", "05", "07"]


@cache
def reading(name: str) -> Reading:
    return read((SAMPLE / name).read_bytes(), name)


def file_of(episode: str) -> str:
    return next(name for name in EPISODES if Path(name).stem == episode)


def test_the_folder_holds_these_episodes_and_one_recording() -> None:
    assert {path.name for path in SAMPLE.iterdir()} == {*EPISODES, RECORDING.name}


def test_the_show_is_long_enough_to_ask_about() -> None:
    words = {name: sum(len(turn.text.split()) for turn in reading(name).turns) for name in EPISODES}
    assert sum(words.values()) >= 9_500
    assert min(words.values()) >= 1_400


@pytest.mark.parametrize(("name", "speakers"), EPISODES.items())
def test_every_turn_has_one_of_the_speakers(name: str, speakers: tuple[str, ...]) -> None:
    spoke = tuple(dict.fromkeys(turn.speaker for turn in reading(name).turns))
    assert spoke == speakers


@pytest.mark.parametrize("name", EPISODES)
def test_no_page_furniture_is_left_in_the_words(name: str) -> None:
    words = "\n".join(turn.text for turn in reading(name).turns)
    assert not re.search(
        r"Subscribe|All Episodes|View episode|-->|</|&amp;|\\\[|\*\*|^---", words, re.MULTILINE
    )
    assert not any(f"{speaker}:" in words for speaker in EPISODES[name])


@pytest.mark.parametrize("name", [name for name in EPISODES if name[:2] in FULLY_TIMED])
def test_times_rise_and_the_pace_is_that_of_speech(name: str) -> None:
    turns = reading(name).turns
    starts = [turn.time_at(0) for turn in turns]
    assert None not in starts
    times = [seconds for turn in turns for _, seconds in turn.marks]
    assert all(before <= after for before, after in pairwise(times))
    words = sum(len(turn.text.split()) for turn in turns)
    assert 2 < words / times[-1] < 4


def test_the_markdown_has_a_few_times_and_the_page_has_none() -> None:
    markdown, page = reading("01-the-starter-that-would-not-die.md"), reading("06-four-feet-of-water.txt")
    assert 3 <= sum(len(turn.marks) for turn in markdown.turns) < len(markdown.turns) / 4
    assert not any(turn.marks for turn in page.turns)


@pytest.mark.parametrize("name", ["01-the-starter-that-would-not-die.md", "02-the-lens-in-the-barn.vtt"])
def test_files_that_tell_about_themselves_are_heard(name: str) -> None:
    about = reading(name).about
    assert (about.title or "").startswith("The ")
    assert about.show == "Worth the Trouble"
    assert about.number == str(int(name[:2]))
    assert about.date is not None
    assert about.date.year == 2025


def test_the_cases_are_of_every_kind() -> None:
    assert len(CASES) >= 46
    assert len({case["id"] for case in CASES}) == len(CASES)
    assert len({case["question"] for case in CASES}) == len(CASES)
    tags = [tag for case in CASES for tag in case["tags"]]
    least = {"fact": 10, "how": 10, "opinion": 6, "speaker": 5, "list": 4, "cross": 6, "paraphrase": 10}
    least |= {"follow-up": 5, "unanswerable": 12, "false-premise": 6, "off-topic": 6}
    assert set(tags) == set(least)
    assert {tag: tags.count(tag) for tag in least if tags.count(tag) < least[tag]} == {}


def test_answerable_and_unanswerable_questions_are_equally_long() -> None:
    """Else the length of a question alone would tell the two apart."""
    lengths: dict[bool, list[int]] = {True: [], False: []}
    for case in CASES:
        lengths[case["answerable"]].append(len(case["question"].split()))
    means = [sum(counts) / len(counts) for counts in lengths.values()]
    assert abs(means[0] - means[1]) < 1


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_case_is_sound(case: dict[str, Any]) -> None:
    assert set(case) == {"id", "question", "answer", "answerable", "tags", "quotes", "history"}
    assert bool(case["quotes"]) is case["answerable"] is ("unanswerable" not in case["tags"])
    assert bool(case["history"]) is ("follow-up" in case["tags"])
    groups = {quote["group"] for quote in case["quotes"]}
    assert groups == set(range(1, len(groups) + 1))
    if "cross" in case["tags"]:
        episodes = {group: {q["episode"] for q in case["quotes"] if q["group"] == group} for group in groups}
        assert len(groups) == 2
        assert len(set.union(*episodes.values())) == 2
    for quote in case["quotes"]:
        turns = reading(file_of(quote["episode"])).turns
        assert [turn.speaker for turn in turns if quote["text"] in turn.text] == [quote["speaker"]], quote


def seconds(clock: str) -> float:
    hours, minutes, rest = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


def cue_times() -> list[tuple[float, float]]:
    times = re.findall(r"^(\S+) --> (\S+)$", CAPTIONS.read_text(encoding="utf-8"), re.MULTILINE)
    return [(seconds(start), seconds(end)) for start, end in times]


def recording_s() -> float:
    """The recording's length: last Ogg page's granule position less the pre-skip, at 48 kHz (RFC 7845)."""
    data = RECORDING.read_bytes()
    (granule,) = struct.unpack_from("<q", data, data.rindex(b"OggS") + 6)
    (pre_skip,) = struct.unpack_from("<H", data, data.index(b"OpusHead") + 10)
    return float(granule - pre_skip) / 48_000


def test_the_recording_is_small_and_ends_with_the_last_caption() -> None:
    assert RECORDING.stat().st_size < 1_000_000
    last_end = cue_times()[-1][1]
    assert last_end <= recording_s() < last_end + 0.05


def test_captions_begin_where_the_voice_begins() -> None:
    if not shutil.which("ffmpeg"):
        pytest.skip("ffmpeg is needed to listen for the pauses")
    listen = ["-af", "silencedetect=noise=-45dB:d=0.2", "-f", "null", "-"]
    command = ["ffmpeg", "-hide_banner", "-nostats", "-i", str(RECORDING), *listen]
    heard = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    voices = [float(place) for place in re.findall(r"silence_end: ([\d.]+)", heard)]
    times = cue_times()
    after_a_pause = [after[0] for before, after in pairwise(times) if after[0] - before[1] > 0.25]
    assert len(after_a_pause) > 100
    assert max(min(abs(voice - start) for voice in voices) for start in after_a_pause) < 0.05
