"""A written-out transcript as rows: a line of text, or a block of a page or of Markdown."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.formats.clock import TIME
from index.text import clean

_COLUMN_NAMES = frozenset("time times timestamp start end speaker name who transcript text words".split())
_LONG = 120
"""Characters above which lines are paragraphs rather than wrapped."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a transcript as plain words.

    Attributes:
        text: the words, without markup.
        gap: whether a new paragraph begins here.
        lead: the words at the row's beginning that markup sets off (bold type, a speaker's element), or "".
        heading: whether it is marked as a heading, or as the page's title.
        path: the elements of a page that hold it, outermost first; empty elsewhere.
    """

    text: str
    gap: bool = True
    lead: str = ""
    heading: bool = False
    path: tuple[int, ...] = ()


def rows_of_text(text: str) -> list[Row]:
    """Plain text as rows. Lines without a blank line between them are one paragraph where they are wrapped."""
    return list(_rows(text))


def _rows(text: str) -> Iterator[Row]:
    lines = [clean(line) for line in text.split("\n")]
    filled = sorted(len(line) for line in lines if line)
    wrapped = bool(filled) and filled[int(0.9 * (len(filled) - 1))] <= _LONG
    gap = True
    for line in lines:
        if line and not re.fullmatch(r"[-–—_*=~\s]{3,}", line):
            yield Row(line, gap or not wrapped)
            gap = False
        else:
            gap = True


def words_of_cells(cells: list[str]) -> str:
    """A row of a table as the line that it stands for: `[00:12] Jane Roe: words`."""
    cells = [cell for cell in cells if cell and not re.fullmatch(r":?-+:?", cell)]
    if all(cell.lower() in _COLUMN_NAMES for cell in cells):
        return ""
    if len(cells) == 3 and re.fullmatch(rf"\W?{TIME}\W?", cells[0]):
        return f"[{cells[0].strip('[]()')}] {cells[1].rstrip(': ')}: {cells[2]}"
    if len(cells) == 3 and re.fullmatch(rf"\W?{TIME}\W?", cells[1]):
        return f"[{cells[1].strip('[]()')}] {cells[0].rstrip(': ')}: {cells[2]}"
    if len(cells) == 2 and re.fullmatch(rf"\W?{TIME}\W?", cells[0]):
        return f"[{cells[0].strip('[]()')}] {cells[1]}"
    if len(cells) == 2:
        return f"{cells[0].rstrip(': ')}: {cells[1]}"
    return " ".join(cells)
