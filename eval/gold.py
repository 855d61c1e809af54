"""Where the gold quotes of a case stand in the library, and what overlaps them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eval.cases import Case, GoldQuote
from index.errors import EvalError, UnknownEpisode
from index.library import Library
from rag.nearest import nearest
from rag.persons import same_person
from rag.quotes import Quote, Verdict, locate

_SHOWN = 90


@dataclass(frozen=True, slots=True, order=True)
class Extent:
    """Part of an episode, from a character of one turn to a character of the same or a later one.

    Attributes:
        first: (turn, offset) of its first character.
        last: (turn, offset) after its last character.
    """

    episode: str
    first: tuple[int, int]
    last: tuple[int, int]

    def overlaps(self, other: "Extent") -> bool:
        """Whether the two share a character."""
        return self.episode == other.episode and self.first < other.last and other.first < self.last


@dataclass(frozen=True, slots=True)
class Gold:
    """The places of a case's gold quotes.

    Attributes:
        groups: for each group in the order of its number, every place where one of its quotes stands.
        relevant: the passages of the library that overlap one of those places.
    """

    groups: tuple[tuple[Extent, ...], ...] = ()
    relevant: tuple[Extent, ...] = ()

    @property
    def episode(self) -> str | None:
        """The episode of the first gold quote."""
        return self.groups[0][0].episode if self.groups else None

    @property
    def episodes(self) -> frozenset[str]:
        """Every episode with a gold quote."""
        return frozenset(place.episode for group in self.groups for place in group)


def locate_gold(case: Case, library: Library, where: str) -> Gold:
    """Find a case's gold quotes on the record.

    Args:
        where: what an error calls the case's file.

    Raises:
        EvalError: the case is answerable and has no gold quote, or one is not there as it is given.
    """
    here = f"{where}:{case.line}, case {case.id!r}"
    if case.answerable and not case.quotes:
        raise EvalError(
            "it is answerable, and no gold quote says where", where=here, fix='fill in its "quotes"'
        )
    groups: dict[int, list[Extent]] = {}
    for n, quote in enumerate(case.quotes, start=1):
        groups.setdefault(quote.group, []).extend(_places(quote, library, f"{here}, quote {n}"))
    places = tuple(tuple(dict.fromkeys(groups[number])) for number in sorted(groups))
    return Gold(places, _relevant([place for group in places for place in group], library))


def _places(gold: GoldQuote, library: Library, where: str) -> list[Extent]:
    """Every place where a gold quote stands; the parts around an ellipsis count as one."""
    try:
        found = locate(gold.text, library, speaker=gold.speaker, episode=gold.episode)
    except UnknownEpisode as error:
        raise EvalError(error.what, where=where, fix=error.fix) from None
    if found.verdict is Verdict.FABRICATED:
        near = nearest(gold.text, library)
        raise EvalError(
            f"the gold quote {_short(gold.text)} is nowhere in the library",
            where=where,
            fix=f"the nearest words are {_short(near.text)} ({near.episode.id})"
            if near
            else "copy it from one turn of the transcript",
        )
    if found.verdict is Verdict.WRONG_EPISODE:
        raise EvalError(
            f"the gold quote {_short(gold.text)} is not in {gold.episode}",
            where=where,
            fix=f"it stands in {found.parts[0].episode.id}",
        )
    if found.verdict is Verdict.WRONG_SPEAKER:
        raise EvalError(
            f"the gold quote {_short(gold.text)} is not said by {gold.speaker}",
            where=where,
            fix=f"{found.parts[0].speaker} says it",
        )
    others = (parts for parts in found.also if same_person(gold.speaker, parts[0].speaker))
    return [_around(parts) for parts in (found.parts, *others)]


def _around(parts: Sequence[Quote]) -> Extent:
    first, last = parts[0], parts[-1]
    return Extent(first.episode.id, (first.turn, first.start), (last.turn, last.end))


def _relevant(places: Sequence[Extent], library: Library) -> tuple[Extent, ...]:
    """The passages that overlap one of these places."""
    episodes = dict.fromkeys(place.episode for place in places)
    passages = (passage for episode in episodes for passage in _passages(episode, library))
    return tuple(passage for passage in passages if any(passage.overlaps(place) for place in places))


def _passages(episode: str, library: Library) -> Iterator[Extent]:
    rows = library.db.execute(
        "SELECT p.lines FROM passages p JOIN episodes e ON e.n = p.episode WHERE e.id = ? ORDER BY p.id",
        (episode,),
    )
    for (text,) in rows:
        lines = json.loads(text)
        yield Extent(episode, (lines[0][0], lines[0][1]), (lines[-1][0], lines[-1][2]))


def _short(text: str) -> str:
    text = " ".join(text.split())
    return f"“{text}”" if len(text) <= _SHOWN else f"“{text[:_SHOWN].rstrip()}…”"
