"""Conversations and their questions become batches to train an encoder on.

A batch holds several passages of each of its documents, so that the passages that do not answer a question
are mostly from the conversation that it was asked about.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from eval.train_data import (
    Lesson,
    converse,
    lesson_of,
    read_chats,
    read_interviews,
    read_meetings,
    read_sources,
)
from index.passages import Passage

PASSAGES, DOCUMENTS = 24, 6
"""Passages in a batch, and the documents they come from."""
QUESTIONS = 4
"""Questions asked of one passage in one batch."""
WORDS = 60, 140
"""Passages are narrowed to so many words, drawn anew each time: half the length costs half the time."""
MISSED = 3
"""Questions that a passage does not answer, asked of it in one batch."""
_SHARES = {"meeting": 0.36, "chat": 0.06, "source": 0.36, "interview": 0.22}


@dataclass(frozen=True, slots=True)
class Step:
    """A batch: passages, questions, and which passages and lines answer which question.

    Attributes:
        missed: questions that none of the passages answers, though each is about one of them.
    """

    passages: list[Passage]
    questions: list[str]
    answers: list[dict[int, tuple[int, ...]]]
    missed: list[str]


def lessons(data: Path, seed: int) -> dict[str, list[Lesson]]:
    """What is learned from, by kind; conversations are invented anew for each seed."""
    rng = random.Random(seed)
    chats = [lesson_of(document) for document in read_chats(data / "qa" / "molweni.json")]
    sources = [source for source in read_sources(data / "qa") if not source.held_out]
    return {
        "meeting": [lesson_of(document) for document in read_meetings(data / "qmsum", "train")],
        "chat": [lesson for lesson in chats if lesson.asked],
        "source": [
            lesson_of(document)
            for source in sources
            for document in converse(source, rng, rng.choice((4, 12)))
            if document.asked
        ],
        "interview": [lesson_of(document) for document in read_interviews() if not document.held_out],
    }


def batches(lessons: dict[str, list[Lesson]], rng: random.Random) -> Iterator[Step]:
    """Batches without end. A batch is of one kind, so that its passages are of like length."""
    kinds = list(lessons)
    waiting: dict[str, list[Lesson]] = {kind: [] for kind in kinds}
    while True:
        kind = rng.choices(kinds, [_SHARES[kind] for kind in kinds])[0]
        chosen: list[tuple[Lesson, int]] = []
        documents = DOCUMENTS if kind == "meeting" else PASSAGES
        while len(chosen) < PASSAGES and documents:
            if not waiting[kind]:
                waiting[kind] = _shuffled(lessons[kind], rng)
            lesson = waiting[kind].pop()
            documents -= 1
            chosen += [(lesson, number) for number in _some_passages(lesson, PASSAGES // DOCUMENTS, rng)]
        yield _step(chosen[:PASSAGES], rng)


def _shuffled(lessons: Sequence[Lesson], rng: random.Random) -> list[Lesson]:
    """In random order, but with neighbours kept in threes: from one article come the hardest negatives."""
    groups = [list(lessons[i : i + 3]) for i in range(0, len(lessons), 3)]
    rng.shuffle(groups)
    return [lesson for group in groups for lesson in group]


def _some_passages(lesson: Lesson, most: int, rng: random.Random) -> list[int]:
    """Passages that answer something, and of a long document one in four that answers nothing."""
    answering = sorted({number for asked in lesson.asked for number in asked.answers})
    others = sorted(set(range(len(lesson.passages))) - set(answering))
    negatives = rng.sample(others, min(len(others), most // 4)) if len(lesson.passages) > most else []
    return rng.sample(answering, min(len(answering), most - len(negatives))) + negatives


def _step(chosen: Sequence[tuple[Lesson, int]], rng: random.Random) -> Step:
    step = Step([], [], [], [])
    for _, group in groupby(chosen, key=lambda choice: id(choice[0])):
        numbers: dict[int, tuple[int, range]] = {}
        count = dict.fromkeys(range(len(step.passages) + PASSAGES), 0)
        for lesson, number in group:
            answering = [line for asked in lesson.asked for line in asked.answers.get(number, ())]
            kept = _window(lesson.passages[number], answering, rng)
            numbers[number] = len(step.passages), kept
            step.passages.append(narrowed(lesson.passages[number], kept))
        for asked in rng.sample(lesson.asked, len(lesson.asked)):
            here = {}
            for number, lines in asked.answers.items():
                place, kept = numbers.get(number, (0, range(0)))
                if inside := tuple(line - kept.start for line in lines if line in kept):
                    here[place] = inside
            if here and min(count[place] for place in here) < QUESTIONS:
                step.questions.append(asked.question)
                step.answers.append(here)
                for place in here:
                    count[place] += 1
        about = [question for question, passages in lesson.missed if passages & numbers.keys()]
        step.missed.extend(rng.sample(about, min(len(about), MISSED * len(numbers))))
    return step


def _window(passage: Passage, answering: Sequence[int], rng: random.Random) -> range:
    """Neighbouring lines of about as many words as drawn, with one that answers where there is one."""
    most = rng.randint(*WORDS)
    words = [len(passage.text[start:end].split()) for start, end in passage.spans]
    first = rng.choice(answering or range(len(words)))
    last = first + 1
    while sum(words[first:last]) < most and last - first < len(words):
        if last == len(words) or (first and rng.random() < 0.5):
            first -= 1
        else:
            last += 1
    return range(first, last)


def narrowed(passage: Passage, kept: range) -> Passage:
    """A passage with some of its lines; the first still names its speaker."""
    begin, end = passage.spans[kept.start][0], passage.spans[kept.stop - 1][1]
    turn = next(i for i, line in enumerate(passage.lines) if line.turn == passage.lines[kept.start].turn)
    label = passage.text[passage.text.rfind("\n", 0, passage.spans[turn][0]) + 1 : passage.spans[turn][0]]
    by = len(label) - begin
    return Passage(
        passage.lines[kept.start : kept.stop],
        label + passage.text[begin:end],
        tuple((start + by, stop + by) for start, stop in passage.spans[kept.start : kept.stop]),
    )
