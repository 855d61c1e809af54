"""Where the words of a page begin and end: above and below them stand a site's own lines."""

import re
from collections.abc import Sequence

from index.formats.around import (
    announces_notes,
    is_appeal,
    is_around,
    is_end,
    is_greeting,
    is_site_line,
    is_spoken,
    is_transcript_heading,
)
from index.formats.cues import SENTENCE_END
from index.formats.labels import is_break
from index.formats.openings import Opening, labels_of
from index.formats.rows import Row

_ALL_LABELLED = 5
"""Labels from which on it tells something that every paragraph between them has one."""


def inside(
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
    return [rows[i] for i in kept], [openings[i] for i in kept], [kept.index(i) for i in begins]


def first_spoken(rows: Sequence[Row], labelled: int) -> int:
    """The first row that is speech: the first with a label or a time, or one above it that lacks its label."""
    edge = labelled
    while edge > 0 and not is_around(rows[edge - 1]) and SENTENCE_END.search(rows[edge - 1].text):
        edge -= 1
    above = rows[edge - 1] if edge else None
    if above and is_transcript_heading(above.text):
        return edge
    for i in range(edge, labelled):
        # Below a site's own lines the words begin; below a mere title, or notes, there may be a description.
        below_site = above is None or (is_around(above) and not announces_notes(above.text))
        if is_spoken(rows[i]) and (below_site or is_greeting(rows[i].text)):
            return i
    return labelled


def last_spoken(
    rows: Sequence[Row],
    begins: Sequence[int],
    openings: Sequence[Opening | None],
    *,
    labelled: bool,
    timed: bool,
) -> int:
    """The last row that is speech: rows go on with the last speaker until a site's own lines begin.

    Args:
        labelled: whether every paragraph has a label.
        timed: whether rows begin with times.
    """
    last = begins[-1]
    opening = openings[last]
    headed = bool(opening and opening.header)
    for i in range(last + 1, len(rows)):
        row = rows[i]
        # Where blank lines are missing, a row may be the rest of a sentence, even `Subscribe`.
        apart = row.gap or (is_site_line(row.text) and SENTENCE_END.search(rows[i - 1].text))
        if apart and not headed and _ends_above(rows, i, labelled=labelled, timed=timed):
            break
        last, headed = i, False
    return last


def all_labelled(rows: Sequence[Row], begins: Sequence[int], openings: Sequence[Opening | None]) -> bool:
    """Whether no paragraph goes on with the speaker of the one before, so that one which does is suspect."""
    between = [i for i in range(begins[0], begins[-1]) if rows[i].gap]
    alone = sum(1 for i in between if (opening := openings[i]) and opening.header)
    unlabelled = sum(1 for i in between if not openings[i] and not _is_break_label(rows[i]))
    return len(begins) >= _ALL_LABELLED and unlabelled <= alone


def _is_break_label(row: Row) -> bool:
    opening = next((opening for opening in labels_of(row.text) if opening.label), None)
    return bool(opening and opening.label and is_break(opening.label))


def _ends_above(rows: Sequence[Row], i: int, *, labelled: bool, timed: bool) -> bool:
    row = rows[i]
    if row.heading:
        # Some transcripts have headings of their own, with more words below them.
        return is_end(row.text) or i + 1 == len(rows) or not is_spoken(rows[i + 1])
    if is_around(row) or is_end(row.text) or (labelled and is_appeal(row.text)):
        return True
    fragment = len(row.text.split()) <= 12 and not re.search(r"[.!?…,;:—–-][\"”’)\]]*$", row.text)
    return fragment and not timed and bool(SENTENCE_END.search(rows[i - 1].text))
