"""Where on the record a text's words stand.

Candidates are found by a full-text index (`index.phrases`) and decided by laying the words along a turn's
(`rag.alignment`), tolerant of how speech is written down (`index.words`, `rag.fillers`).
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from index import phrases
from index.formats.cues import cut_for_length
from index.library import Library
from index.phrases import SpokenTurn
from index.transcript import Episode
from index.words import words_of
from rag.alignment import spans

_PHRASE_WORDS = 64
_WORDS_TOGETHER = 4
_TURNS_WITH_PHRASE, _TURNS_WITH_ALL, _TURNS_LIKELY = 400, 64, 16
_ROOM_FOR_FILLERS = 24
_WIDEST_ELLIPSIS = 60
"""Words of the transcript that an ellipsis may stand for."""
_NARROW_ELLIPSIS = 4
"""Of so few words or fewer, none may be a denial."""
_DENIALS = re.compile(
    r"(?:no|not|never|none|nothing|nobody|without|hardly|cannot"
    r"|(?:do|does|did|is|are|was|were|wo|ca|could|would|should|has|have|had|ai|must|need)nt)"
)

_ELLIPSIS = re.compile(r"\s*(?:\[\s*(?:…|\.{3})\s*\]|\(\s*(?:…|\.{3})\s*\)|…|\.{3,}|\. \. \.)\s*")


class Part(NamedTuple):
    """Characters `start` to `end` of a turn."""

    turn: int
    start: int
    end: int


class Place(NamedTuple):
    """Where a text stands: a part of `turn`, or several, where an ellipsis joins them or it runs on into the next turn."""

    turn: SpokenTurn
    parts: tuple[Part, ...]


def places_of(text: str, library: Library, episode: str | None = None) -> list[Place]:
    """Every place where the text stands whole, else where its parts around ellipses do, else where it runs on.

    Args:
        episode: the id of the only one to look in.
    """
    wanted = tuple(word.norm for word in words_of(text))
    if not wanted:
        return []
    found: dict[tuple[str, int], list[Place]] = {}
    for turns in _candidates(library, wanted, episode):
        for turn in turns:
            if (turn.episode, turn.turn) not in found and turn.may_hold(wanted):
                found[turn.episode, turn.turn] = [
                    Place(turn, (Part(turn.turn, *_literally(text, turn.text, *span)),))
                    for span in spans(turn.text, wanted)
                ]
        if any(found.values()):
            break
    places = [place for those in found.values() for place in those]
    parts = [tuple(word.norm for word in words_of(part)) for part in _ELLIPSIS.split(text)]
    parts = [part for part in parts if part]
    if not places and len(parts) > 1:
        places = _joined(library, parts, episode)
    return places or _running_on(library, wanted, episode)


def _candidates(library: Library, wanted: Sequence[str], episode: str | None) -> Iterator[list[SpokenTurn]]:
    """Turns that may hold the words: first those that surely do, last those that are merely likely."""
    rare = phrases.rarest(library, wanted, _WORDS_TOGETHER)
    together = []
    if len(rare) > 1:
        within = len(wanted) + len(wanted) // 3 + _ROOM_FOR_FILLERS
        together = phrases.with_all(library, rare, within=within, limit=_TURNS_WITH_ALL, episode=episode)
    if len(rare) < 2 or len(together) == _TURNS_WITH_ALL:
        phrase = wanted[:_PHRASE_WORDS]
        together += phrases.with_phrase(library, phrase, limit=_TURNS_WITH_PHRASE, episode=episode)
    yield together
    yield phrases.likely(library, wanted, limit=_TURNS_LIKELY, episode=episode)


def _joined(library: Library, parts: Sequence[tuple[str, ...]], episode: str | None) -> list[Place]:
    """Where the parts follow each other closely in one turn."""
    wanted = [word for part in parts for word in part]
    within = len(wanted) + _ROOM_FOR_FILLERS + _WIDEST_ELLIPSIS * (len(parts) - 1)
    rare = phrases.rarest(library, wanted, _WORDS_TOGETHER)
    turns = phrases.with_all(library, rare, within=within, limit=_TURNS_WITH_ALL, episode=episode)
    cuts = ((turn, _in_order(turn.text, parts)) for turn in turns)
    return [Place(turn, tuple(Part(turn.turn, *span) for span in cut)) for turn, cut in cuts if cut]


def _in_order(text: str, parts: Sequence[tuple[str, ...]]) -> list[tuple[int, int]] | None:
    """The parts' spans where they follow each other closely in one turn."""
    for first in spans(text, parts[0]):
        cut = [first]
        for part in parts[1:]:
            following = next((span for span in spans(text, part) if span[0] >= cut[-1][1]), None)
            if not following or not _may_be_omitted(text[cut[-1][1] : following[0]]):
                break
            cut.append(following)
        if len(cut) == len(parts):
            return cut
    return None


def _may_be_omitted(gap: str) -> bool:
    words = [word.norm for word in words_of(gap)]
    denied = len(words) <= _NARROW_ELLIPSIS and any(_DENIALS.fullmatch(word) for word in words)
    return len(words) <= _WIDEST_ELLIPSIS and not denied


def _running_on(library: Library, wanted: Sequence[str], episode: str | None) -> list[Place]:
    """Where the words run from the end of a turn into the next, which was cut off it for its length alone."""
    half = len(wanted) // 2
    if not half:
        return []
    found = {}
    for words, step in ((wanted[:half], 0), (wanted[half:], -1)):
        # The longer of the two parts of a quote holds the half at its end of it.
        for turn in next(_candidates(library, words, episode)):
            if turn.speaker is None and library.is_sound(turn.episode):
                place = _running_on_from(library.episode(turn.episode), turn.turn + step, wanted)
                if place:
                    found[place.turn.episode, place.turn.turn] = place
    return list(found.values())


def _running_on_from(episode: Episode, number: int, wanted: Sequence[str]) -> Place | None:
    """The words, part of them at the end of turn `number` and the rest at the beginning of the next."""
    if not 0 <= number < len(episode.turns) - 1 or not cut_for_length(*episode.turns[number : number + 2]):
        return None
    first, second = episode.turns[number].text, episode.turns[number + 1].text
    for start, end in spans(f"{first} {second}", wanted):
        rest = end - len(first) - 1
        if start < len(first) and rest > 0:
            turn = SpokenTurn(episode.id, number, None, first, "")
            return Place(turn, (Part(number, start, len(first)), Part(number + 1, 0, rest)))
    return None


def _literally(text: str, whole: str, start: int, end: int) -> tuple[int, int]:
    """The span of the very characters of `text` around a match, or the match where they differ."""
    begin = whole.find(text, max(0, start - len(text)), end + len(text))
    if 0 <= begin <= start and begin + len(text) >= end - 1:
        return begin, begin + len(text)
    return start, end
