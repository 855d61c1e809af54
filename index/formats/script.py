"""A transcript written out for reading: rows with names, times or both, and a page's own lines around them.

Interviews, minutes, pasted web pages, Markdown, and what Otter, Rev, Riverside or Descript export are all read
here: they differ only in how a row begins.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from index.formats.around import is_footer, is_site_line
from index.formats.clock import SLOWEST_WORDS_S, TIME
from index.formats.cues import SENTENCE_END, Cue, Join, turns_of
from index.formats.edges import all_labelled, first_spoken, inside, last_spoken
from index.formats.forgiving import Forgiven
from index.formats.heading import about_of_head
from index.formats.labels import is_break, is_other_thing, speaker_name
from index.formats.openings import Opening, labels_of, opening_of, time_of
from index.formats.rows import Row
from index.formats.sightings import lead_of, sightings_in, with_headers_joined
from index.formats.speakers import speakers_among
from index.transcript import Reading, Turn

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
        alone: the labels that stand in rows of their own, without a colon.
    """

    speakers: frozenset[str]
    timed: bool
    alone: frozenset[str]


def read(rows: Sequence[Row], forgiven: Forgiven, known: frozenset[str] = frozenset()) -> Reading | None:
    """The rows as turns, or None where they have neither speakers nor times.

    Args:
        known: the speakers whom the file itself lists.
    """
    rows = with_headers_joined(rows)
    plan = _plan(rows, known)
    openings = [_opening(row, plan) for row in rows]
    begins = [i for i, opening in enumerate(openings) if opening and (opening.label or not plan.speakers)]
    if not begins:
        return None
    rows, openings, begins = inside(rows, openings, begins)
    first = first_spoken(rows, begins[0])
    while first and (above := openings[first - 1]) and above.header and not above.label:
        first -= 1
    labelled = bool(plan.speakers) and all_labelled(rows, begins, openings)
    last = last_spoken(rows, begins, openings, labelled=labelled, timed=plan.timed)
    for _ in rows[last + 1 :]:
        forgiven.count("line", "below the words left out")
    about = about_of_head(rows[:first], "\n".join(row.text for row in rows[first:]))
    if not plan.speakers:
        spoken = [len(row.text.split()) for row in rows[first : last + 1]]
        if sum(spoken) < _CAPTION_WORDS * len(spoken):
            rows = [replace(row, gap=False) for row in rows]
    cues = _cues(rows[first : last + 1], openings[first : last + 1], forgiven, labelled=labelled)
    turns = turns_of(cues, forgiven)
    if not plan.speakers and _is_too_slow(turns):
        return None
    return Reading(about, turns, forgiven.sentences())


def _is_too_slow(turns: Sequence[Turn]) -> bool:
    """Whether so few words stand beside the times that these are a programme or chapters, and nobody's speech."""
    times = [time_s for turn in turns for _, time_s in turn.marks]
    words = sum(len(turn.text.split()) for turn in turns)
    return bool(times) and words < SLOWEST_WORDS_S * (max(times) - min(times))


def _plan(rows: Sequence[Row], known: frozenset[str]) -> _Plan:
    text = "\n".join(row.text for row in rows)
    sightings, pieces = sightings_in(rows, text)
    speakers = speakers_among(sightings, pieces, text, known=known)
    spoken = [sighting for sighting in sightings if sighting.label in speakers]
    return _Plan(
        speakers,
        timed=_is_timed(rows, speakers),
        alone=frozenset(each.label for each in spoken if rows[each.place].text == each.label),
    )


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
    lead = lead_of(row)
    if lead in plan.speakers:
        before = opening if opening and not row.text.startswith(lead) else None
        words = (before.words if before else row.text)[len(lead) :].lstrip(":： ")
        timed = time_of(words)
        if before:
            return replace(before, words=words, label=lead)
        return replace(timed, label=lead) if timed else Opening(words, lead)
    if opening and (plan.timed or (opening.bracketed and plan.speakers)):
        return opening
    if row.text in plan.alone:
        return Opening("", row.text)
    return None


def _cues(
    rows: Sequence[Row], openings: Sequence[Opening | None], forgiven: Forgiven, *, labelled: bool
) -> Iterator[Cue]:
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
        thing = _other_thing(row, labelled=labelled)
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


def _other_thing(row: Row, *, labelled: bool) -> str | None:
    """What follows a label that stands for something other than a person, or None where there is no such label."""
    lead = row.lead.rstrip(":： ")
    if lead and row.text.startswith(lead) and is_other_thing(lead) and len(lead.split()) <= 5:
        return row.text[len(lead) :].lstrip(":： ")
    # Without bold type, `Recap: …` may well be said, unless all that is said has a label.
    label = next((opening for opening in labels_of(row.text) if opening.label), None)
    certain = labelled and row.gap and label is not None and not label.bracketed
    if label and label.label and is_break(label.label) and (certain or not _has_words(label.words)):
        return label.words
    return None


def _has_words(text: str) -> bool:
    return bool(re.sub(rf"[\[(]?\s*{TIME}\s*[\])]?|\bto\b|\W", "", text))
