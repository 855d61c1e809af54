"""Public question sets become conversations with questions on their lines, to train an encoder on.

Meetings and chats stay as they are. Sentences of encyclopaedias are shared out among invented speakers, with
the small change of talk between them, so that a passage to learn from looks like a passage to search.
What each set is and under which licence: docs/encoder.md.
"""

import hashlib
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.passages import Passage, passages_of
from index.transcript import Turn

HELD_OUT = 12
"""One source text in this many is never learned from."""

INTERVIEWS = Path(__file__).with_name("sets") / "interviews.jsonl"
"""Interviews invented for this purpose, with questions that they answer and others that they do not."""
PASSAGES_ASKED = INTERVIEWS.with_name("meeting-passages.jsonl")
"""The same on passages of QMSum's training meetings."""

_NAMES = (
    "Ada Alan Amira Anders Bea Boris Carla Chen Clara Daniel Dina Elif Emil Farah Felix Gita Greta Hana Hugo "
    "Ines Ivan Jamal Jana Jonas Kamala Karl Lea Liam Lucia Malik Maya Milan Nadia Nils Olga Omar Paula Pedro "
    "Quinn Ravi Rosa Samir Sofia Tariq Tess Uma Viktor Wanda Yusuf Zoe"
).split()
_SURNAMES = (
    "Abbas Berg Castro Dahl Eriksen Fischer Gupta Hansen Ito Jansen Kowalski Lindgren Moreau Nowak Okafor Park "
    "Quist Rossi Sato Tanaka Ueda Vargas Weber Xu Yilmaz Zimmer"
).split()
_OPENERS = (
    "So, ", "Well, ", "Yeah, ", "I mean, ", "Right, and ", "You know, ", "And, um, ", "Okay, so ", "Actually, ",
    "Yeah, no, ", "Uh, ", "Like, ", "I think ", "Oh, and ", "Exactly. ", "And I guess ",
)  # fmt: skip
_ANSWERS = (
    "Right.", "Yeah.", "Mm-hmm.", "Yeah, exactly.", "Oh, interesting.", "Okay.", "Wow.", "Sure.", "That's so true.",
    "Huh, I didn't know that.", "Go on.", "Yeah, that makes sense.", "Is that so?", "And how does that work?",
)  # fmt: skip
_ASKED_OF = (
    "What did {name} say: {question}",
    "According to {name}, {question}",
    "{question} asked of {name}",
)

_BRACKETS = {"-lrb-": "(", "-rrb-": ")", "-lsb-": "[", "-rsb-": "]", "``": '"', "''": '"'}


@dataclass(frozen=True, slots=True)
class Source:
    """A text before it is a conversation: its sentences, and questions with the sentences that answer them."""

    name: str
    sentences: tuple[str, ...]
    asked: tuple[tuple[str, tuple[int, ...]], ...]

    @property
    def held_out(self) -> bool:
        """Whether it is kept for choosing between runs."""
        return int(hashlib.sha256(self.name.encode()).hexdigest(), 16) % HELD_OUT == 0


Place = tuple[int, int, int]
"""A turn, and characters from start to end in it."""


@dataclass(frozen=True, slots=True)
class Document:
    """A conversation and questions on it.

    Attributes:
        asked: each question and the places that answer it.
        missed: questions on what is said at the places, to which nobody gives the answer.
    """

    name: str
    turns: tuple[Turn, ...]
    asked: tuple[tuple[str, tuple[Place, ...]], ...]
    missed: tuple[tuple[str, tuple[Place, ...]], ...] = ()

    @property
    def held_out(self) -> bool:
        """Whether an encoder never learns from it."""
        return int(hashlib.sha256(self.name.encode()).hexdigest(), 16) % 3 == 0


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and where its answers are: passages of its document, and their lines."""

    question: str
    answers: dict[int, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Lesson:
    """A document as it is searched: its passages and the questions on them.

    Attributes:
        missed: questions that it does not answer, each with the passages that one would take to do so.
    """

    name: str
    passages: tuple[Passage, ...]
    asked: tuple[Asked, ...]
    missed: tuple[tuple[str, frozenset[int]], ...] = ()


def lesson_of(document: Document) -> Lesson:
    """Cut a document into passages and find its answers in them; what has no answer there is left out."""
    passages = passages_of(document.turns)
    asked = []
    for question, places in document.asked:
        if answers := _lines_at(places, passages):
            asked.append(Asked(question, answers))
    missed = tuple((question, frozenset(_lines_at(places, passages))) for question, places in document.missed)
    return Lesson(document.name, passages, tuple(asked), missed)


def _lines_at(places: Sequence[Place], passages: Sequence[Passage]) -> dict[int, tuple[int, ...]]:
    """The lines that share anything with the places, by passage."""
    found = {
        number: tuple(
            i
            for i, line in enumerate(passage.lines)
            if any(line.turn == turn and line.start < end and start < line.end for turn, start, end in places)
        )
        for number, passage in enumerate(passages)
    }
    return {number: lines for number, lines in found.items() if lines}


def read_interviews(path: Path = INTERVIEWS) -> Iterator[Document]:
    """The invented interviews that come with this project."""
    for row in (json.loads(line) for line in path.read_text("utf-8").splitlines()):
        turns = tuple(Turn(speaker or None, text) for speaker, text in row["turns"])
        everywhere = tuple((number, 0, len(turn.text)) for number, turn in enumerate(turns))
        yield Document(
            row["title"],
            turns,
            tuple((each["question"], tuple(quoted(turns, each["quotes"]))) for each in row["asked"]),
            tuple((question, everywhere) for question in row["unanswered"]),
        )


def quoted(turns: Sequence[Turn], quotes: Sequence[str]) -> Iterator[Place]:
    """Where each quote stands first; one that stands nowhere is left out."""
    for quote in quotes:
        for number, turn in enumerate(turns):
            if (start := turn.text.find(quote)) >= 0:
                yield number, start, start + len(quote)
                break


def _written_on(turns: Sequence[Turn], rows: Sequence[dict[str, Any]]) -> tuple[list[Any], list[Any]]:
    """The questions written on a meeting's passages, and those that the passages do not answer."""
    asked, missed = [], []
    for row in rows:
        answered = [(each["question"], tuple(quoted(turns, each["quotes"]))) for each in row["asked"]]
        asked += answered
        there = tuple(place for _, places in answered for place in places)
        missed += [(question, there) for question in row["unanswered"]]
    return asked, missed


def read_meetings(folder: Path, split: str, written: Path = PASSAGES_ASKED) -> Iterator[Document]:
    """QMSum's meetings with the questions of one split that have evidence, and those written on their passages."""
    cases = defaultdict(list)
    on_passages = defaultdict(list)
    for row in (json.loads(line) for line in written.read_text("utf-8").splitlines()):
        on_passages[row["episode"]].append(row)
    for row in (json.loads(line) for line in (folder / "cases.jsonl").read_text("utf-8").splitlines()):
        if row["split"] == split and row["quotes"]:
            cases[row["quotes"][0]["episode"]].append(row)
    for name, rows in sorted(cases.items()):
        paragraphs = (folder / "transcripts" / f"{name}.txt").read_text("utf-8").split("\n\n")
        said = (re.match(r"(.+?): (.*)", paragraph.strip(), re.DOTALL) for paragraph in paragraphs)
        turns = tuple(Turn(match[1], match[2]) for match in said if match)
        asked = [(row["question"], tuple(_places(turns, row["quotes"]))) for row in rows]
        more, missed = _written_on(turns, on_passages[name])
        yield Document(name, turns, (*asked, *more), tuple(missed))


def _places(turns: Sequence[Turn], quotes: Sequence[dict[str, str]]) -> Iterator[Place]:
    for quote in quotes:
        for number, turn in enumerate(turns):
            start = turn.text.find(quote["text"])
            if start >= 0 and turn.speaker == quote["speaker"]:
                yield number, start, start + len(quote["text"])


def read_chats(path: Path) -> Iterator[Document]:
    """Molweni's chats; only the questions that can be answered."""
    for number, chat in enumerate(json.loads(path.read_text("utf-8"))["data"]["dialogues"]):
        turns = tuple(Turn(said["speaker"], readable(said["text"])) for said in chat["edus"])
        asked = []
        for row in chat["qas"]:
            answers = [answer["text"] for answer in row["answers"]]
            places = [
                (i, 0, len(turns[i].text))
                for i, said in enumerate(chat["edus"])
                if any(len(answer) > 3 and answer in said["text"] for answer in answers)
            ]
            if len(places) == 1:
                asked.append((readable(row["question"]), tuple(places)))
        if asked:
            yield Document(f"chat {number}", turns, tuple(asked))


def read_sources(folder: Path) -> Iterator[Source]:
    """SQuAD's sentences (in Du, Shao and Cardie's split) and SelQA, by neighbouring sentences."""
    for half in ("dev", "test"):
        yield from _sentence_pairs(folder, half)
        for number, row in enumerate(json.loads((folder / f"selqa-{half}.json").read_text("utf-8"))):
            sentences = tuple(readable(sentence) for sentence in row["candidates"])
            asked = (readable(row["question"]), tuple(row["answers"]))
            yield Source(f"selqa {row['article']} {number}", sentences[:14], (asked,))


def _sentence_pairs(folder: Path, half: str) -> Iterator[Source]:
    questions = defaultdict(list)
    for sentence, question in zip(
        (folder / f"nqg-src-{half}.txt").read_text("utf-8").splitlines(),
        (folder / f"nqg-tgt-{half}.txt").read_text("utf-8").splitlines(),
        strict=True,
    ):
        questions[sentence].append(question)
    sentences = list(questions)
    for number, first in enumerate(range(0, len(sentences), 12)):
        group = sentences[first : first + 12]
        asked = tuple(
            (readable(text), (i,)) for i, sentence in enumerate(group) for text in questions[sentence]
        )
        yield Source(f"squad {half} {number}", tuple(readable(sentence) for sentence in group), asked)


def readable(text: str) -> str:
    """Tokenised text as one would write it, its first letter large."""
    text = " ".join(_BRACKETS.get(token, token) for token in text.split())
    text = re.sub(r" ([,.;:!?%)\]]|'(?:s|re|ve|ll|d|m|t)\b|n't\b)", r"\1", text)
    text = re.sub(r"([(\[]) | (?=-- )", r"\1", text)
    return text[:1].upper() + text[1:]


def converse(source: Source, rng: random.Random, longest: int = 12) -> Iterator[Document]:
    """Invent conversations that say the source's sentences, `longest` sentences each."""
    for first in range(0, len(source.sentences), longest):
        said = source.sentences[first : first + longest]
        names = _speakers(rng)
        turns: list[tuple[str | None, str]] = []
        places: dict[int, tuple[int, int, int]] = {}
        speaker, left = names[0], 0
        for number, sentence in enumerate(said, first):
            if not left:
                if turns and rng.random() < 0.35:
                    other = rng.choice([name for name in names if name != speaker] or names)
                    turns.append((other, rng.choice(_ANSWERS)))
                else:
                    speaker = rng.choice([name for name in names if name != speaker] or names)
                left = rng.randint(1, 4)
                turns.append((speaker, ""))
            before = turns[-1][1] + (" " if turns[-1][1] else "")
            opener = rng.choice(_OPENERS) if rng.random() < 0.4 else ""
            spoken = opener + (sentence if not opener or opener.endswith(". ") else _small(sentence))
            places[number] = (len(turns) - 1, len(before), len(before) + len(spoken))
            turns[-1] = (speaker, before + spoken)
            left -= 1
        asked = []
        for question, answers in source.asked:
            here = tuple(places[number] for number in answers if number in places)
            if here:
                asked.append((_asked_of(question, turns[here[0][0]][0], rng), here))
        yield Document(source.name, tuple(Turn(name, text) for name, text in turns), tuple(asked))


def _speakers(rng: random.Random) -> list[str | None]:
    kind, number = rng.random(), rng.randint(2, 4)
    if kind < 0.12:
        return [None]
    if kind < 0.2:
        return [f"Speaker {i + 1}" for i in range(number)]
    first = rng.sample(_NAMES, number)
    return list(first) if kind < 0.4 else [f"{name} {rng.choice(_SURNAMES)}" for name in first]


def _small(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _asked_of(question: str, speaker: str | None, rng: random.Random) -> str:
    """A question, now and then put as one about the person who answers it."""
    if speaker is None or speaker.startswith("Speaker") or rng.random() < 0.85:
        return question
    return rng.choice(_ASKED_OF).format(name=speaker, question=_small(question))
