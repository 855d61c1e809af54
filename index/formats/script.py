"""A transcript written out for reading: rows with names, times or both, and a page's own lines around them.

Interviews, minutes, pasted web pages, Markdown, and what Otter, Rev, Riverside or Descript export are all read
here: they differ only in how a row begins.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from index.formats.clock import TIME
from index.formats.cues import SENTENCE_END, Cue, Join, turns_of
from index.formats.forgiving import Forgiven
from index.formats.heading import (
    about_of_head,
    is_around,
    is_footer,
    is_greeting,
    is_site_line,
    is_spoken,
    is_transcript_heading,
)
from index.formats.labels import (
    Shape,
    Sighting,
    is_break,
    is_other_thing,
    shape_of,
    speaker_name,
    speakers_among,
)
from index.formats.openings import Opening, labels_of, opening_of, time_of
from index.formats.rows import Row
from index.transcript import Reading

_LEAST_TIMED = 0.15
"""The share of rows that must begin with a time where nobody is named."""

_CAPTION_WORDS = 25
"""Words a row below which timed rows are captions, whatever blank lines are between them."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What was found out about a whole file before its rows are read.

    Attributes:
        speakers: the labels that name speakers.
        timed: whether times at the beginning of rows are times even without brackets.
    """

    speakers: frozenset[str]
    timed: bool


def read(rows: Sequence[Row], forgiven: Forgiven, known: frozenset[str] = frozenset()) -> Reading | None:
    """The rows as turns, or None where they have neither speakers nor times.

    Args:
        known: the speakers whom the file itself lists.
    """
    rows = _with_headers_joined(rows)
    plan = _plan(rows, known)
    openings = [_opening(row, plan) for row in rows]
    begins = [i for i, opening in enumerate(openings) if opening and (opening.label or not plan.speakers)]
    if not begins:
        return None
    rows, openings, begins = _inside(rows, openings, begins)
    first = _first_spoken(rows, begins[0])
    last = _last_spoken(rows, begins[-1], openings, plan.timed)
    for _ in rows[last + 1 :]:
        forgiven.count("line", "below the words left out")
    head = rows[:first]
    if not plan.speakers:
        spoken = [len(row.text.split()) for row in rows[first : last + 1]]
        if sum(spoken) < _CAPTION_WORDS * len(spoken):
            rows = [replace(row, gap=False) for row in rows]
    cues = _cues(rows[first : last + 1], openings[first : last + 1], forgiven)
    turns = turns_of(cues, forgiven)
    return Reading(about_of_head(head), turns, forgiven.sentences())


def _plan(rows: Sequence[Row], known: frozenset[str]) -> _Plan:
    sightings: list[Sighting] = []
    bare: list[Sighting] = []
    pieces = 0
    for previous, row, following in zip([None, *rows], rows, [*rows[1:], None], strict=False):
        if _can_begin(row, previous):
            pieces += 1
            label = _sighting(row)
            if label:
                sightings.append(label)
            elif lead := _lead(row) or _name_below_time(row, following):
                bare.append(Sighting(lead, True, row.text.partition(lead)[2], timed=bool(time_of(row.text))))
    # Bold type, headings and lists of chapters stand for much else: without a colon only what recurs is a label.
    repeated = Counter(sighting.label for sighting in bare)
    sightings += [sighting for sighting in bare if repeated[sighting.label] > 1]
    speakers = speakers_among(sightings, pieces, "\n".join(row.text for row in rows), known=known)
    return _Plan(speakers, _is_timed(rows, speakers))


def _can_begin(row: Row, previous: Row | None) -> bool:
    """Whether a label can stand at the beginning of a row, which may be the rest of a wrapped line."""
    if row.gap or previous is None or row.lead:
        return True
    return (
        len(previous.text) < 60 or bool(SENTENCE_END.search(previous.text)) or time_of(row.text) is not None
    )


def _sighting(row: Row) -> Sighting | None:
    """The likeliest label that a row may begin with, and what tells that it is one."""
    lead = _lead(row)
    for opening in labels_of(row.text):
        if not opening.label or (row.heading and opening.words):
            continue
        if opening.certain or shape_of(opening.label) is not Shape.NONE:
            return Sighting(
                opening.label,
                opening.sure or (bool(lead) and lead.startswith(opening.label)),
                opening.words,
                timed=opening.start is not None,
                certain=opening.certain,
                bracketed=opening.bracketed and opening.start is None,
            )
    return None


def _name_below_time(row: Row, following: Row | None) -> str:
    """The name in a row such as `00:12 Jane Roe`, if words without a time come below it."""
    opening = time_of(row.text)
    if opening is None or not opening.words or following is None or time_of(following.text):
        return ""
    return opening.words if shape_of(opening.words) is not Shape.NONE else ""


def _lead(row: Row) -> str:
    """What markup sets off at a row's beginning, if it can name somebody."""
    lead = (row.lead or (row.text if row.heading else "")).rstrip(":： ")
    return lead if lead and row.text.startswith(lead) and shape_of(lead) is not Shape.NONE else ""


def _is_timed(rows: Sequence[Row], speakers: frozenset[str]) -> bool:
    """Whether enough rows begin with a time, and the times rise."""
    times = [
        opening.start
        for row in rows
        if (opening := opening_of(row.text, speakers)) and opening.start is not None
    ]
    if len(times) < 2 or len(times) < _LEAST_TIMED * len(rows):
        return False
    rising = sum(1 for before, after in pairwise(times) if before <= after)
    return rising >= 0.8 * (len(times) - 1)


def _opening(row: Row, plan: _Plan) -> Opening | None:
    """How a row begins, where that is a speaker's name, or a time in a file that has them."""
    opening = opening_of(row.text, plan.speakers)
    if opening and opening.label:
        return opening
    if opening and opening.words in plan.speakers:
        return replace(opening, words="", label=opening.words)
    lead = _lead(row)
    if lead in plan.speakers:
        words = row.text[len(lead) :].lstrip(":： ")
        timed = time_of(words)
        return replace(timed, label=lead) if timed else Opening(words, lead)
    if opening and (plan.timed or (opening.bracketed and plan.speakers)):
        return opening
    if row.gap and row.text in plan.speakers:
        return Opening("", row.text)
    return None


def _with_headers_joined(rows: Sequence[Row]) -> list[Row]:
    """Rows where a name and a time on two lines, in either order, are one header above the words."""
    alone = [bool(opening and opening.header) for opening in (time_of(row.text) for row in rows)]
    if not any(alone):
        return list(rows)
    pairs: dict[int, str] = {}
    for i in range(len(rows) - 1):
        before = alone[i - 1] if i else False
        after = alone[i + 2] if i + 2 < len(rows) else True
        if alone[i] and not alone[i + 1] and not after and _is_bare_name(rows[i + 1]):
            pairs[i] = rows[i + 1].text.rstrip(":： ")
        elif alone[i + 1] and not alone[i] and not before and not after and _is_bare_name(rows[i]):
            pairs[i] = rows[i].text.rstrip(":： ")
    repeated = Counter(pairs.values())
    joined: list[Row] = []
    skip = False
    for i, row in enumerate(rows):
        if skip:
            skip = False
        elif repeated[pairs.get(i, "")] > 1:
            name, time = pairs[i], row.text if alone[i] else rows[i + 1].text
            joined.append(replace(row, text=f"{name} {time}", lead=name))
            skip = True
        else:
            joined.append(row)
    return joined


def _is_bare_name(row: Row) -> bool:
    return len(row.text) <= 60 and shape_of(row.text.rstrip(":： ")) in (Shape.NAME, Shape.ROLE, Shape.WORD)


def _inside(
    rows: Sequence[Row], openings: Sequence[Opening | None], begins: Sequence[int]
) -> tuple[list[Row], list[Opening | None], list[int]]:
    """The rows of the part of a page that holds all those which name somebody."""
    paths = [rows[i].path for i in begins]
    common = paths[0]
    for path in paths[1:]:
        common = common[
            : next(
                (n for n, (a, b) in enumerate(zip(common, path, strict=False)) if a != b),
                min(len(common), len(path)),
            )
        ]
    # The innermost element is the paragraph itself.
    common = common[:-1] if common == paths[0] else common
    kept = [i for i, row in enumerate(rows) if row.path[: len(common)] == common]
    inside = [rows[i] for i in kept]
    return inside, [openings[i] for i in kept], [kept.index(i) for i in begins]


def _first_spoken(rows: Sequence[Row], labelled: int) -> int:
    """The first row that is speech: the first with a label or a time, or one above it that lacks its label."""
    first = edge = labelled
    while edge > 0 and not is_around(rows[edge - 1]) and SENTENCE_END.search(rows[edge - 1].text):
        edge -= 1
    above = rows[edge - 1] if edge else None
    if above and is_transcript_heading(above.text):
        return edge
    for i in range(edge, labelled):
        # Below a site's own lines the words begin; below a mere title there may be a description.
        if is_spoken(rows[i]) and (above is None or is_around(above) or is_greeting(rows[i].text)):
            first = i
            break
    return first


def _last_spoken(rows: Sequence[Row], labelled: int, openings: Sequence[Opening | None], timed: bool) -> int:
    """The last row that is speech: rows go on with the last speaker until a site's own lines begin."""
    last = labelled
    opening = openings[labelled]
    headed = bool(opening and opening.header)
    for i in range(labelled + 1, len(rows)):
        row = rows[i]
        fragment = len(row.text.split()) <= 12 and not re.search(r"[.!?…,;:—–-][\"”’)\]]*$", row.text)
        if (
            row.gap
            and not headed
            and (is_around(row) or (fragment and not timed and SENTENCE_END.search(rows[i - 1].text)))
        ):
            break
        last, headed = i, False
    return last


def _cues(rows: Sequence[Row], openings: Sequence[Opening | None], forgiven: Forgiven) -> Iterator[Cue]:
    speaker: str | None = None
    waiting: float | None = None
    said = ""
    gap = False
    for row, opening in zip(rows, openings, strict=True):
        row, gap = (replace(row, gap=True), False) if gap and not (opening and opening.header) else (row, gap)  # noqa: PLW2901
        if opening and opening.label:
            named = speaker_name(opening.label)
            start = waiting if opening.start is None else opening.start
            goes_on = opening.start is not None and bool(opening.words) and bool(said) and named == speaker
            join = _join(row, opening.words, said, timed=True) if goes_on else Join.TURN
            speaker, said = named, opening.words or ("" if not goes_on else said)
            # A header's own time stands with the words below it.
            waiting = start if not opening.words else None
            yield Cue(opening.words, start if opening.words else None, opening.end, speaker, join)
            continue
        if opening:
            if opening.header:
                waiting, gap = opening.start, gap or row.gap
                continue
            yield Cue(
                opening.words,
                opening.start,
                opening.end,
                speaker,
                _join(row, opening.words, said, timed=True),
            )
            said, waiting = opening.words, None
            continue
        if _is_no_speech(row):
            forgiven.count("line", "left out as no speech")
            continue
        thing = _other_thing(row)
        if thing is not None:
            speaker, said, waiting = None, "", None
            yield Cue("", None, None, None, Join.TURN)
            if _has_words(thing):
                forgiven.count("line", "kept without a speaker, below a label that is no person")
                yield Cue(thing, None, None, None, Join.TURN)
            continue
        yield Cue(row.text, waiting, None, speaker, _join(row, row.text, said, timed=waiting is not None))
        said, waiting = row.text, None


def _join(row: Row, words: str, said: str, *, timed: bool) -> Join:
    """A paragraph, unless nothing was said before, or a time came into the middle of a sentence."""
    if not said or not row.gap or (timed and words[:1].islower() and not SENTENCE_END.search(said)):
        return Join.SPACE
    return Join.PARAGRAPH


def _is_no_speech(row: Row) -> bool:
    return row.heading or (
        row.gap and (is_site_line(row.text) or ("http" in row.text and is_footer(row.text)))
    )


def _other_thing(row: Row) -> str | None:
    """What follows a label that stands for something other than a person, or None where there is no such label."""
    lead = row.lead.rstrip(":： ")
    if lead and row.text.startswith(lead) and is_other_thing(lead) and len(lead.split()) <= 5:
        return row.text[len(lead) :].lstrip(":： ")
    # Without bold type, `Recap: …` may well be said; only a label with nothing behind it ends a turn.
    label = next((opening for opening in labels_of(row.text) if opening.label), None)
    if label and label.label and is_break(label.label) and not _has_words(label.words):
        return label.words
    return None


def _has_words(text: str) -> bool:
    return bool(re.sub(rf"[\[(]?\s*{TIME}\s*[\])]?|\bto\b|\W", "", text))
