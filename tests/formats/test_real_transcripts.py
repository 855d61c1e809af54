"""Real transcripts, where they are at hand: no speaker invented, no word lost, every gold quote in its speaker's turn."""

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from index.errors import TranscriptError
from index.formats import read
from index.transcript import Reading

DATA = Path(__file__).parents[3] / "shared" / "data"
CHANGELOG = DATA / "changelog" / "transcripts"
QMSUM = DATA / "qmsum" / "transcripts"
BOLD_LABEL = re.compile(r"^\*\*(?P<label>[^*\n]+?):?\*\*:?", re.MULTILINE)
NOBODY = {"Break", "Jingle"}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the development data is not here")


def files(folder: Path, pattern: str, most: int) -> list[Path]:
    return sorted(folder.glob(pattern))[:most] if folder.is_dir() else []


@cache
def reading(path: Path) -> Reading:
    return read(path.read_bytes(), path.name)


@pytest.mark.parametrize("path", files(CHANGELOG, "*.md", 24), ids=lambda path: path.name)
def test_every_word_and_every_speaker_of_a_show_is_kept(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    labels = {match["label"] for match in BOLD_LABEL.finditer(source)} - NOBODY
    assert {turn.speaker for turn in reading(path).turns} == labels

    spoken = re.sub(r"^\*\*(?:Break|Jingle):?\*\*.*$", "", source, flags=re.MULTILINE)
    spoken = re.sub(r"\\\[\d\d:\d\d(?::\d\d)?\\\]", "", BOLD_LABEL.sub("", spoken)).replace("**", "")
    words = re.findall(r"[^\W_]+", spoken)
    assert words == re.findall(r"[^\W_]+", " ".join(turn.text for turn in reading(path).turns))


@pytest.mark.parametrize("path", files(QMSUM, "*.txt", 40), ids=lambda path: path.name)
def test_every_word_and_every_speaker_of_a_meeting_is_kept(path: Path) -> None:
    paragraphs = [
        paragraph.partition(":")
        for paragraph in path.read_text(encoding="utf-8").split("\n\n")
        if paragraph.strip()
    ]
    turns = reading(path).turns
    assert Counter(turn.speaker for turn in turns) == Counter(
        label.strip() for label, _, words in paragraphs if words.strip()
    )
    assert (
        " ".join(turn.text for turn in turns).split() == " ".join(words for _, _, words in paragraphs).split()
    )


@pytest.mark.parametrize(
    ("cases", "folder", "ending"),
    [
        (DATA / "changelog" / "questions.jsonl", CHANGELOG, ".md"),
        (DATA / "qmsum" / "cases.jsonl", QMSUM, ".txt"),
    ],
    ids=["changelog", "qmsum"],
)
def test_gold_quotes_stand_in_a_turn_of_their_speaker(cases: Path, folder: Path, ending: str) -> None:
    quotes = [
        quote
        for line in cases.read_text(encoding="utf-8").splitlines()
        for quote in json.loads(line)["quotes"]
    ]
    seen = {path.stem for path in files(folder, f"*{ending}", 40)}
    near = [quote for quote in quotes if quote["episode"] in seen]
    assert len(near) > 100
    lost = [
        quote
        for quote in near
        if not any(
            turn.speaker == quote["speaker"] and quote["text"] in turn.text
            for turn in reading(folder / f"{quote['episode']}{ending}").turns
        )
    ]
    assert lost == []


def test_a_licence_is_refused() -> None:
    path = CHANGELOG / "LICENSE"
    with pytest.raises(TranscriptError, match="no speakers and no times"):
        read(path.read_bytes(), path.name)
