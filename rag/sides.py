"""What a question sets side by side: the people whom it names, and the episodes that a word of it stands for.

"What do Berg and Holm think of it?" asks two people. "Compare the glacier with the ferry" asks two episodes, if "glacier" is
said in next to no episode but one, and "ferry" in another.
"""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from index import lexical
from index.lexical import STOPWORDS
from index.library import Library
from rag.mentions import speakers_named
from rag.persons import parts_of

_MOST = 3
"""Sides of a question; one that seems to have more has none, for its words then stand for nothing in particular."""
_OFTEN, _TOO_OFTEN = 3, 200
"""In how many passages a word is said that may stand for an episode."""
_NEARLY_ALL = 0.75
"""The share of them that lie in the one episode."""

_COMPARES = re.compile(r"\b(?:compar\w+|differ\w*|versus|vs|unlike|in common|contrast\w*)\b", re.IGNORECASE)
_JOINS = re.compile(r"\b(?:and|or|with|than|while|whereas|but|nor)\b|[&/]", re.IGNORECASE)
"""What stands between two sides."""
_WORD = re.compile(r"\w+")

_PEOPLE = (
    r"(?:guests|speakers|interviewees|people|folks|women|men|founders|authors|makers|scientists|researchers|engineers|developers|"
    r"maintainers|doctors|vets|artists|musicians|writers|teachers|captains|pilots|players|experts)"
)
_ASKS_SEVERAL = re.compile(
    r"\b(?:guests|speakers|interviewees|episodes|interviews|people on the show)\b"
    rf"|\b(?:both|two|three|different)(?: of)?(?: the| our| your)?(?: [\w-]+)? {_PEOPLE}\b"
    r"|\b(?:do|does|did) .{1,60}\b(?:dis)?agree\b|\bwho (?:else|on the (?:show|podcast)|on (?-i:[A-Z])\w*|says? what)\b|\bwhere else\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Side:
    """A person, by every name that the question's words may mean, or an episode, by its id."""

    speakers: frozenset[str] = frozenset()
    episode: str | None = None

    def has(self, episode: str, speaker: str | None) -> bool:
        """Whether what `speaker` says in `episode` is of this side."""
        return speaker in self.speakers or episode == self.episode


def sides_of(library: Library, question: str) -> tuple[Side, ...]:
    """The people whom `question` names and the episodes that it sets beside them or each other; one person is one side."""
    return _sides(library, library.generation, question)


@functools.lru_cache(maxsize=64)
def _sides(library: Library, generation: int, question: str) -> tuple[Side, ...]:
    people = tuple(Side(speakers=names) for names in speakers_named(library, question))
    episodes = tuple(Side(episode=id_) for id_ in _set_side_by_side(library, question, people))
    return people + episodes if len(people) + len(episodes) <= _MOST else people


def asks_several(question: str) -> bool:
    """Whether it asks more than one episode, without a word on which."""
    return bool(_ASKS_SEVERAL.search(question))


def _set_side_by_side(library: Library, question: str, people: Sequence[Side]) -> list[str]:
    """The episodes that a question compares with each other, or with people who speak in none of them."""
    compares = bool(_COMPARES.search(question))
    if not compares and (people or not _JOINS.search(question)):
        return []
    names = {name for side in people for name in side.speakers}
    parts = {part for name in names for part in parts_of(name)}
    places: dict[str, re.Match[str]] = {}
    for word in _WORD.finditer(question):
        tells = word[0].lower() not in STOPWORDS and word[0].casefold() not in parts
        if tells and (id_ := _stands_for(library, word[0])):
            places.setdefault(id_, word)
    if people and places:
        silent = {entry.id for entry in library.entries() if names.isdisjoint(entry.speakers)}
        return [id_ for id_ in places if id_ in silent]
    between = [question[one.end() : other.start()] for one, other in pairwise(places.values())]
    if not between:
        return []
    listed = all("," in text or _JOINS.search(text) for text in between[:-1])
    return [*places] if compares or (listed and _JOINS.search(between[-1])) else []


def _stands_for(library: Library, word: str) -> str | None:
    """The one episode in which nearly all passages lie that have `word`."""
    counts = lexical.episodes_with(library, word, _TOO_OFTEN)
    total = sum(counts.values())
    if not _OFTEN <= total < _TOO_OFTEN:
        return None
    id_, most = max(counts.items(), key=lambda each: each[1])
    return id_ if most >= _NEARLY_ALL * total else None
