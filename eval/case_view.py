"""One case as the report shows it: passages, shown quotes and gold side by side."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from eval.figures import Outcome
from eval.gold import Extent, Gold
from eval.runs_file import Row
from index.library import Library

PASSAGES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words, and whether they are gold."""

    text: str
    gold: bool


@dataclass(frozen=True, slots=True)
class Said:
    """What one person says in a passage."""

    speaker: str | None
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class PassageView:
    """A passage at its rank, from 1; `right` when it overlaps a gold quote."""

    rank: int
    title: str
    score: float
    words: int
    right: bool
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class QuoteView:
    """A shown or a gold quote; `right` and `place` tell of a shown one whether it overlaps gold, of a gold one
    whether it was shown, and the rank of the first passage that has it.
    """

    text: str
    speaker: str | None
    title: str
    right: bool
    rank: int | None = None
    group: int | None = None


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case with what came of it.

    Attributes:
        first_right: the rank of the first right passage, or None.
        passages: the first few, and the first right one where it comes later.
    """

    outcome: Outcome
    answer: dict[str, Any]
    shown: tuple[QuoteView, ...]
    closest: tuple[QuoteView, ...]
    gold: tuple[QuoteView, ...]
    passages: tuple[PassageView, ...]
    first_right: int | None


def case_view(outcome: Outcome, row: Row, gold: Gold | None, library: Library) -> CaseView:
    """What the report shows of a case."""
    places = [place for group in gold.groups for place in group] if gold else []
    found = [Extent(hit["episode"], tuple(hit["from"]), tuple(hit["to"])) for hit in row["retrieved"]]
    ranks = [rank for rank, extent in enumerate(found, start=1) if _touches(extent, places)]
    chosen = list(range(1, min(PASSAGES_SHOWN, len(found)) + 1))
    chosen += [rank for rank in ranks[:1] if rank not in chosen]
    answer = row["answer"]
    shown = [_extent(quote) for quote in answer["quotes"]]
    return CaseView(
        outcome=outcome,
        answer=answer,
        shown=tuple(_quote(quote, places) for quote in answer["quotes"]),
        closest=tuple(_quote(quote, places) for quote in answer["closest"]),
        gold=tuple(_gold(gold, found, shown, library)) if gold else _unplaced(outcome),
        passages=tuple(
            PassageView(
                rank=rank,
                title=library.episode(found[rank - 1].episode).title,
                score=row["retrieved"][rank - 1]["score"],
                words=row["retrieved"][rank - 1]["words"],
                right=rank in ranks,
                said=tuple(_said(found[rank - 1], places, library)),
            )
            for rank in chosen
        ),
        first_right=ranks[0] if ranks else None,
    )


def _extent(quote: dict[str, Any]) -> Extent:
    return Extent(quote["episode"], (quote["turn"], quote["start"]), (quote["turn"], quote["end"]))


def _touches(extent: Extent, places: Sequence[Extent]) -> bool:
    return any(extent.overlaps(place) for place in places)


def _quote(quote: dict[str, Any], places: Sequence[Extent]) -> QuoteView:
    return QuoteView(quote["text"], quote["speaker"], quote["title"], _touches(_extent(quote), places))


def _gold(
    gold: Gold, found: Sequence[Extent], shown: Sequence[Extent], library: Library
) -> Iterator[QuoteView]:
    for number, group in enumerate(gold.groups, start=1):
        for place in group:
            episode = library.episode(place.episode)
            (turn, start), (_, end) = place.first, place.last
            rank = next((n for n, each in enumerate(found, start=1) if each.overlaps(place)), None)
            yield QuoteView(
                episode.turns[turn].text[start:end],
                episode.turns[turn].speaker,
                episode.title,
                _touches(place, shown),
                rank,
                number,
            )


def _unplaced(outcome: Outcome) -> tuple[QuoteView, ...]:
    """The gold quotes of a case in error, as its file has them."""
    return tuple(
        QuoteView(quote.text, quote.speaker, quote.episode or "", right=False, group=quote.group)
        for quote in outcome.case.quotes
    )


def _said(passage: Extent, places: Sequence[Extent], library: Library) -> Iterator[Said]:
    """The turns of a passage, with the gold in them marked."""
    turns = library.episode(passage.episode).turns
    (first, start), (last, end) = passage.first, passage.last
    for turn in range(first, last + 1):
        low, high = start if turn == first else 0, end if turn == last else len(turns[turn].text)
        marks = [
            (max(low, place.first[1]), min(high, place.last[1]))
            for place in places
            if place.episode == passage.episode and place.first[0] == turn
        ]
        yield Said(turns[turn].speaker, tuple(_pieces(turns[turn].text, low, high, marks)))


def _pieces(text: str, low: int, high: int, marks: Sequence[tuple[int, int]]) -> Iterator[Piece]:
    at = low
    for begin, end in sorted(marks):
        if begin >= end or end <= at:
            continue
        if begin > at:
            yield Piece(text[at:begin], gold=False)
        yield Piece(text[max(at, begin) : end], gold=True)
        at = end
    if at < high:
        yield Piece(text[at:high], gold=False)
