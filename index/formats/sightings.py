"""Where in a written-out transcript a speaker's name may stand."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from index.formats.around import is_around
from index.formats.cues import SENTENCE_END
from index.formats.labels import Shape, shape_of
from index.formats.openings import labels_of, time_of
from index.formats.rows import Row
from index.formats.speakers import Sighting, is_called, is_common_word, is_made_of_names

_LEAST_NAMES = 0.2
"""The share of rows that must be names where names stand above the words, without colon or markup."""


def sightings_in(rows: Sequence[Row], text: str) -> tuple[list[Sighting], int]:
    """Every place where a label may stand, and how many rows could have had one.

    Args:
        text: all the rows, to see what else its words stand for.
    """
    sightings: list[Sighting] = []
    bare: list[Sighting] = []
    pieces = stretch = 0
    for i, (previous, row, following) in enumerate(zip([None, *rows], rows, [*rows[1:], None], strict=False)):
        if _can_begin(row, previous):
            pieces += 1
            label = _sighting(row, i, stretch)
            if label:
                sightings.append(label)
            elif lead := lead_of(row) or _name_below_time(row, following):
                words = row.text.partition(lead)[2]
                timed = time_of(row.text) is not None
                bare.append(Sighting(lead, True, words, timed=timed, place=i, stretch=stretch))
            elif is_around(row):
                stretch += 1
    # Bold type, headings and lists of chapters stand for much else: without a colon only what recurs is a label.
    repeated = Counter(sighting.label for sighting in bare)
    sightings += [sighting for sighting in bare if repeated[sighting.label] > 1]
    above = _names_above_words(rows, text)
    return (above, pieces) if len(above) > len(sightings) else (sightings, pieces)


def lead_of(row: Row) -> str:
    """What markup sets off at a row's beginning, or behind the time there, if it can name somebody."""
    lead = (row.lead or (row.text if row.heading else "")).rstrip(":： ")
    if not lead or shape_of(lead) is Shape.NONE:
        return ""
    if row.text.startswith(lead):
        return lead
    timed = time_of(row.text)
    return lead if timed and timed.words.startswith(lead) else ""


def with_headers_joined(rows: Sequence[Row]) -> list[Row]:
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


def _can_begin(row: Row, previous: Row | None) -> bool:
    """Whether a label can stand at the beginning of a row, which may be the rest of a wrapped line."""
    if row.gap or previous is None or row.lead:
        return True
    return (
        len(previous.text) < 60 or bool(SENTENCE_END.search(previous.text)) or time_of(row.text) is not None
    )


def _sighting(row: Row, place: int, stretch: int) -> Sighting | None:
    """The likeliest label that a row may begin with, and what tells that it is one."""
    lead = lead_of(row)
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
                place=place,
                stretch=stretch,
            )
    return None


def _name_below_time(row: Row, following: Row | None) -> str:
    """The name in a row such as `00:12 Jane Roe`, if words without a time come below it."""
    opening = time_of(row.text)
    if opening is None or not opening.words or following is None or time_of(following.text):
        return ""
    return opening.words if shape_of(opening.words) is not Shape.NONE else ""


def _names_above_words(rows: Sequence[Row], text: str) -> list[Sighting]:
    """Rows that are nothing but a name, each above words, where several names recur like that."""
    bare = [i for i, row in enumerate(rows) if _is_bare_name(row) and not row.text.endswith((":", "："))]
    named = set(bare)
    bare = [
        i
        for i in bare
        if i + 1 < len(rows)
        and i + 1 not in named
        and (len(rows[i + 1].text.split()) > 5 or SENTENCE_END.search(rows[i + 1].text))
        and not (len(rows[i].text.split()) == 1 and is_common_word(rows[i].text, text))
    ]
    counts = Counter(rows[i].text for i in bare)
    recurring = {name for name, count in counts.items() if count > 1}
    if len(recurring) < 2 or len(bare) < _LEAST_NAMES * len(rows):
        return []
    others = {
        name
        for name in counts.keys() - recurring
        if shape_of(name) is Shape.ROLE
        or (shape_of(name) is Shape.NAME and (is_called(name, text) or is_made_of_names(name, text)))
    }
    return [Sighting(rows[i].text, True, "", place=i) for i in bare if rows[i].text in recurring | others]


def _is_bare_name(row: Row) -> bool:
    return len(row.text) <= 60 and shape_of(row.text.rstrip(":： ")) in (Shape.NAME, Shape.ROLE, Shape.WORD)
