"""How well the matcher tells misquotes from quotes: sentences of a library, each edited in known ways.

    python -m eval.edits --library library --sentences 1000

What a careful writer may change must stay on the record; what changes what was said must not.
"""

import argparse
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from index.library import Library
from index.lines import lines_of
from index.phrases import with_phrase
from index.words import words_of
from rag.quotes import Verdict, locate

_SHORTEST, _LONGEST = 6, 40
_FILLERS = re.compile(
    r",? \b(?:um+|uh+|er)\b,?|, (?:you know|I mean|like|kind of|sort of),| \b(?:kind|sort) of(?= (?!thing)\w+(?:ed|ing|ly)\b)",
    re.IGNORECASE,
)
_DENIABLE = r"\b(is|was|are|were|can|could|will|would|should|do|does|did|have|has|had)\b"
_NUMBERS = re.compile(
    r"(?<![\w.,:])(\d+|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|hundred)(?![\w.,:])"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a transcript, and who said it where."""

    text: str
    speaker: str | None
    episode: str


def sentences(library: Library) -> Iterator[Sentence]:
    """The sentences of a library that are long enough to tell anything."""
    for entry in library.entries():
        for n, turn in enumerate(library.episode(entry.id).turns):
            for line in lines_of(turn, n):
                text = turn.text[line.start : line.end]
                if _SHORTEST <= len(text.split()) <= _LONGEST:
                    yield Sentence(text, turn.speaker, entry.id)


def edits(
    library: Library, chosen: list[Sentence], dice: random.Random
) -> Iterator[tuple[str, Sentence, bool]]:
    """Each sentence in every way that applies: (name of the edit, edited sentence, whether it may stay)."""
    vocabulary = [
        word
        for each in chosen
        for word in each.text.split()
        if word.isalpha() and len(word) > 5 and word.islower()
    ]
    kept: dict[str, Callable[[str], str]] = {
        "exact": lambda text: text,
        "case": lambda text: text.upper() if dice.random() < 0.5 else text.lower(),
        "punctuation": lambda text: re.sub(r"(?<!\d)[,.;:!?]|[,.;:!?](?!\d)", "", text).replace("'", "’"),
        "fillers": lambda text: _FILLERS.sub("", text),
    }
    changed: dict[str, Callable[[str], str]] = {
        "negation in": lambda text: re.sub(_DENIABLE + r"(?!n't| not)", r"\1 not", text, count=1),
        "negation out": lambda text: re.sub(r"n['’]t\b| not\b| never\b,?", "", text),
        "number": lambda text: _NUMBERS.sub(lambda found: _other_number(found[0]), text, count=1),
        "content word": lambda text: _with_other_word(text, vocabulary, dice),
        "word added": lambda text: _with_word_added(text, vocabulary, dice),
        "splice": lambda text: _spliced(text, dice.choice(chosen).text),
    }
    for sentence in chosen:
        for edit, stays in [(e, True) for e in kept.items()] + [(e, False) for e in changed.items()]:
            name, change = edit
            text = change(sentence.text)
            if name == "exact" or (text != sentence.text and (stays or not _said(library, text))):
                yield name, replace(sentence, text=text), stays


def _said(library: Library, text: str) -> bool:
    """Whether somebody happens to have said an edited sentence word for word."""
    return bool(with_phrase(library, [word.norm for word in words_of(text)], limit=1))


def _other_number(number: str) -> str:
    return str(int(number) + 1) if number.isdigit() else ("eleven" if number != "eleven" else "four")


def _with_other_word(text: str, vocabulary: list[str], dice: random.Random) -> str:
    words = text.split()
    places = [place for place, word in enumerate(words) if word.isalpha() and len(word) > 4]
    if places:
        words[dice.choice(places)] = dice.choice(vocabulary)
    return " ".join(words)


def _with_word_added(text: str, vocabulary: list[str], dice: random.Random) -> str:
    words = text.split()
    words.insert(dice.randrange(1, len(words)), dice.choice(vocabulary))
    return " ".join(words)


def _spliced(text: str, other: str) -> str:
    words, others = text.split(), other.split()
    return " ".join(words[: len(words) // 2] + others[len(others) // 2 :]) if text != other else text


def measure(library: Library, count: int, seed: int = 1) -> dict[str, tuple[int, int, Counter[str]]]:
    """For each edit: how many verdicts were right, of how many, and the verdicts.

    The edits "other speaker" and "other episode" claim that somebody else said a true sentence, or elsewhere.
    """
    dice = random.Random(seed)
    everything = list(sentences(library))
    chosen = dice.sample(everything, min(count, len(everything)))
    figures: dict[str, tuple[int, int, Counter[str]]] = {}

    def note(name: str, verdict: Verdict, right: bool) -> None:
        before = figures.get(name, (0, 0, Counter[str]()))
        figures[name] = before[0] + right, before[1] + 1, before[2] + Counter([str(verdict)])

    for name, sentence, stays in edits(library, chosen, dice):
        found = locate(sentence.text, library, speaker=sentence.speaker, episode=sentence.episode)
        note(name, found.verdict, found.on_record == stays)
    ids = [entry.id for entry in library.entries()]
    for sentence in chosen:
        other = dice.choice(ids)
        if sentence.speaker and not any(
            sentence.speaker in e.speakers and e.id == other for e in library.entries()
        ):
            found = locate(sentence.text, library, episode=other)
            note("other episode", found.verdict, found.verdict == Verdict.WRONG_EPISODE)
        others = {turn.speaker for turn in library.episode(sentence.episode).turns} - {sentence.speaker, None}
        if sentence.speaker and others:
            found = locate(
                sentence.text, library, speaker=sorted(map(str, others))[0], episode=sentence.episode
            )
            note("other speaker", found.verdict, found.verdict == Verdict.WRONG_SPEAKER)
    return figures


def main() -> None:
    """Print the figures for a library."""
    from rich.console import Console
    from rich.table import Table

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--library", type=Path, default=Path("library"))
    parser.add_argument("--sentences", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    began = time.perf_counter()
    figures = measure(Library.open(given.library), given.sentences, given.seed)
    seconds = time.perf_counter() - began
    table = Table("edit", "right", "of", "%", "verdicts", box=None)
    for name, (right, total, verdicts) in figures.items():
        told = ", ".join(f"{verdict} {n}" for verdict, n in verdicts.most_common())
        table.add_row(name, str(right), str(total), f"{100 * right / total:.1f}", told)
    Console().print(table)
    checked = sum(total for _, total, _ in figures.values())
    Console().print(f"{checked} quotes in {seconds:.1f} s: {1000 * seconds / checked:.1f} ms each")


if __name__ == "__main__":
    main()
