"""Whom and which episode a question names: "What did Berg say", "in episode 12", "in the latest episode".

Names are met as people type them: in full, by first name or surname, in lower case, or a letter off.
"""

import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from rapidfuzz.distance import DamerauLevenshtein

from index.lexical import STOPWORDS
from index.library import Entry, Library
from rag.persons import is_label_of_nobody, parts_of

_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_POSSESSIVE = re.compile(r"['’]s?$")
_MISSPELT_FROM = 6
"""Letters from which on a name may be a letter off."""
_NUMBERED = re.compile(
    r"\b(?:episode|ep\.?|show|folge|épisode|episodio)\s*(?:no\.?|number|nr\.?|#)?\s*0*(\d{1,5})\b|#0*(\d{1,5})\b",
    re.I,
)
_NUMBER_IN_ID = re.compile(
    r"^0*([1-9]\d{0,3})(?=-[^\W\d])|\b(?:ep|episode|folge|e)-?0*([1-9]\d{0,3})\b|[^\W\d]-0*([1-9]\d{1,3})$"
)
_NEWEST = re.compile(r"\b(?:latest|newest|most recent|last) (?:episode|show|interview|one)\b", re.I)
_OLDEST = re.compile(r"\b(?:first|oldest|earliest|very first) (?:episode|show|interview)\b", re.I)


def named_among(question: str, names: Iterable[str]) -> tuple[frozenset[str], ...]:
    """Those of the speakers' names that the question names, in its order: a set for each person.

    Names that the same words of the question may stand for count as one person's, as "Adam" may for both "Adam Berg"
    and a label that is "Adam".
    """
    words = [_POSSESSIVE.sub("", match[0]) for match in _WORD.finditer(question)]
    lower = not any(word[0].isupper() for word in words[1:])
    asked = [(word.casefold(), place > 0 and word[0].isupper()) for place, word in enumerate(words)]
    whole, partly = defaultdict(set), defaultdict(set)
    for name in names:
        parts = parts_of(name)
        if not parts or is_label_of_nobody(name):
            continue
        if places := _whole(parts, asked):
            whole[places].add(name)
        elif (place := _partly(parts, asked, lower)) is not None:
            partly[(place,)].add(name)
    taken = {place for places in whole for place in places}
    named = whole | {places: those for places, those in partly.items() if not taken & {*places}}
    return tuple(frozenset(named[places]) for places in sorted(named))


def speakers_named(library: Library, question: str) -> tuple[frozenset[str], ...]:
    """The library's speakers whom the question names, a set of names for each person."""
    return named_among(question, _speakers(library, library.generation))


def episodes_named(library: Library, question: str) -> tuple[str, ...]:
    """The ids of the episodes that the question asks of by number, or as the latest or the first."""
    numbers = {match[1] or match[2] for match in _NUMBERED.finditer(question)}
    if not numbers and not _NEWEST.search(question) and not _OLDEST.search(question):
        return ()
    entries = library.entries()
    if numbers:
        return tuple(entry.id for entry in entries if _number_of(entry) in numbers)
    ordered = _in_time(entries)
    return (ordered[-1 if _NEWEST.search(question) else 0].id,) if ordered else ()


@functools.lru_cache(maxsize=8)
def _speakers(library: Library, generation: int) -> tuple[str, ...]:
    rows = library.db.execute(
        "SELECT DISTINCT speaker FROM speaking WHERE typeof(speaker) = 'text'"
    ).fetchall()
    return tuple(speaker for (speaker,) in rows)


def _number_of(entry: Entry) -> str | None:
    """An episode's number, as its source tells it or else its id: `03-the-lens`, `ship-it-54`, `ep7-bees`."""
    in_id = _NUMBER_IN_ID.search(entry.id)
    number = entry.about.number or (next(filter(None, in_id.groups())) if in_id else None)
    return number.lstrip("0") if number else None


def _in_time(entries: Sequence[Entry]) -> list[Entry]:
    """The episodes in order of their dates, or of their numbers where more have one; others are left out."""
    dated = [entry for entry in entries if entry.about.date]
    numbered = [entry for entry in entries if _whole_number(entry)]
    if len(numbered) > len(dated):
        return sorted(numbered, key=_whole_number)
    return sorted(dated, key=lambda entry: (str(entry.about.date), _whole_number(entry)))


def _whole_number(entry: Entry) -> int:
    number = _number_of(entry) or ""
    return int(number) if number.isdecimal() else 0


def _whole(parts: Sequence[str], asked: Sequence[tuple[str, bool]]) -> tuple[int, ...]:
    """The places of a name of several parts in the question, or nothing."""
    if len(parts) < 2:
        return ()
    for start in range(len(asked) - len(parts) + 1):
        if all(_alike(part, asked[start + i][0]) for i, part in enumerate(parts)):
            return tuple(range(start, start + len(parts)))
    return ()


def _partly(parts: Sequence[str], asked: Sequence[tuple[str, bool]], lower: bool) -> int | None:
    """The place of a first name or surname in the question, or None.

    A word in small letters is taken for a name only in a question that has no capitals at all.
    """
    for place, (word, capital) in enumerate(asked):
        likely = (capital or lower or place == 0) and len(word) > 2 and word not in STOPWORDS
        if likely and any(_alike(part, word) for part in (parts[0], parts[-1])):
            return place
    return None


def _alike(part: str, word: str) -> bool:
    if part == word:
        return True
    if min(len(part), len(word)) < _MISSPELT_FROM:
        return False
    return DamerauLevenshtein.distance(part, word, score_cutoff=1) <= 1
