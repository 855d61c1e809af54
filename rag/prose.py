"""What a model writes becomes sentences with the line numbers that it gave them, while it writes."""

import re
from collections.abc import AsyncGenerator, AsyncIterable
from dataclasses import dataclass

from index.text import clean
from rag.unsafe import unsafe_in

NOT_DISCUSSED = re.compile(r"^\W*not[ _]discussed\b", re.IGNORECASE)

_LIST = r"\d{1,4}(?:\s*[-–,;]\s*\d{1,4})*\s*"
_NUMBERS = rf"(?:[\[【]\s*(?:lines?\s*)?{_LIST}[\]】]|\(\s*lines?\s*{_LIST}\))"
_CITATION = re.compile(rf"\s*{_NUMBERS}")
_END = re.compile(
    rf"(?:[.!?…]+[\"'”’)]*(?:\s*{_NUMBERS})*[.!?]?|[。！？]+(?:\s*{_NUMBERS})*)(?=\s+[^\s\[【(]|\s+\((?!\s*line))|\s*\n\s*"
)
_ABBREVIATION = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|Prof|vs|e\.g|i\.e|[A-Z])\.$")
_LEADING = re.compile(r"^(?:[-*•>#]+\s*|\d{1,2}[.)]\s+)+")
_EMPHASIS = re.compile(r"(\*{1,3}|`{1,3}|_{2,})")
_LONGEST = 600


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a model's prose, as plain text, and the line numbers it named.

    Attributes:
        unsafe: what no sentence of an answer may hold, or None.
    """

    text: str
    numbers: tuple[int, ...]
    unsafe: str | None = None


async def sentences(pieces: AsyncIterable[str]) -> AsyncGenerator[Sentence, None]:
    """Cut a stream of text into sentences, each as soon as the next one begins."""
    waiting = ""
    async for piece in pieces:
        waiting += piece
        while end := _next_end(waiting):
            if sentence := read_sentence(waiting[:end]):
                yield sentence
            waiting = waiting[end:]
    if sentence := read_sentence(waiting):
        yield sentence


def _next_end(text: str) -> int | None:
    for match in _END.finditer(text):
        if match[0].isspace() and match.end() == len(text):
            return None  # numbers may follow on the next line
        if not _ABBREVIATION.search(text[: match.end()]):
            return match.end()
    return len(text) if len(text) > 4 * _LONGEST else None


def read_sentence(written: str) -> Sentence | None:
    """A sentence without its markup, or None where there are no words."""
    written = clean(written)
    numbers = [number for citation in _CITATION.findall(written) for number in _numbers_in(citation)]
    text = _CITATION.sub("", written)
    unsafe = unsafe_in(text)
    text = _EMPHASIS.sub("", _LEADING.sub("", text.strip()))
    text = " ".join(text.split())
    if not re.search(r"\w", text) or len(text) > _LONGEST:
        return None
    return Sentence(text, tuple(dict.fromkeys(numbers)), unsafe or unsafe_in(text))


def _numbers_in(citation: str) -> list[int]:
    numbers: list[int] = []
    for first, last in re.findall(r"(\d+)(?:\s*[-–]\s*(\d+))?", citation):
        low, high = int(first), int(last or first)
        numbers += range(low, min(high, low + 5) + 1)
    return numbers
