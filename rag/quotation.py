"""Words in quotation marks inside a model's prose are verbatim, or lose their marks."""

import re
from collections.abc import Sequence

from index.words import words_of
from rag.alignment import spans
from rag.quotes import Quote

_MARKED = re.compile(r"“([^“”]+)”|\"([^\"]+)\"|«([^«»]+)»|„([^„“”]+)[“”]|(?<!\w)‘([^‘’]+)’(?!\w)")


def settle_quotation_marks(text: str, quotes: Sequence[Quote]) -> str:
    """`text` with every quotation found in the quotes set in the transcript's own words.

    What stands in no quote's turn keeps its words and loses its marks.
    """

    def settled(match: re.Match[str]) -> str:
        words = next(group for group in match.groups() if group is not None)
        verbatim = _verbatim(words.strip(" ,.;:"), quotes)
        return f"“{verbatim}”" if verbatim else words

    settled_text = _MARKED.sub(settled, text)
    kept = {match.span() for match in _MARKED.finditer(settled_text)}
    # What is left of unpaired marks claims a quotation that has no end.
    return "".join(
        character
        for place, character in enumerate(settled_text)
        if character not in '"“”«»„' or any(start <= place < end for start, end in kept)
    )


def _verbatim(words: str, quotes: Sequence[Quote]) -> str | None:
    """The slice of a quote's text that says `words`, or None."""
    wanted = [word.norm for word in words_of(words)]
    for quote in quotes if wanted else ():
        for start, end in spans(quote.text, wanted):
            return quote.text[start:end]
    return None
