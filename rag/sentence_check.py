"""A sentence that a model wrote becomes a claim with the quotes that carry it, or is left out."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from rag.answer import WITHHELD, Claim, Dropped
from rag.prompt import Sheet
from rag.prose import Sentence
from rag.quotation import settle_quotation_marks
from rag.quotes import Quote, quotes_of
from rag.support import ClaimCheck, cited
from rag.unsafe import addresses_in, repeats, shouted_in

Encode = Callable[[Sequence[str]], npt.NDArray[np.float32]]

_MOST_QUOTES = 4
_SECOND_CHANCE_COSINE = 0.6
"""How near a line must be to carry a sentence that names none. Fixed: it is never lowered to make one fit."""


def checked(sentence: Sentence, sheet: Sheet, claim_check: ClaimCheck, encode: Encode) -> Claim | Dropped:
    """A sentence with the quotes that carry it, or why it is left out.

    Args:
        sheet: the numbered lines that the model read.
        encode: makes unit vectors float32[n, d] of texts, like those of the sheet's lines.
    """
    if sentence.unsafe or repeats(sentence.text, sheet.secret):
        return Dropped(WITHHELD, f"unsafe: {sentence.unsafe or 'it repeats our instructions'}")
    numbers = [number for number in sentence.numbers if number in sheet.lines]
    if sentence.numbers and not numbers:
        return Dropped(sentence.text, "a line is named that is not there")
    if not numbers:
        numbers = _second_chance(sentence, sheet, encode)
    quotes = quotes_of([sheet.lines[number] for number in numbers])[:_MOST_QUOTES]
    if not quotes:
        return Dropped(sentence.text, "no line of the transcripts is named")
    if _adds_an_address(sentence.text, quotes):
        return Dropped(WITHHELD, "unsafe: it names a site or shouts a word that its quotes do not have")
    text = settle_quotation_marks(sentence.text, quotes)
    support = claim_check.check(text, [cited(quote) for quote in quotes])
    if not support.supported:
        return Dropped(text, f"unsupported: {support.why}")
    return Claim(text, quotes, support)


def _second_chance(sentence: Sentence, sheet: Sheet, encode: Encode) -> list[int]:
    """The at most two lines near to a sentence without numbers; whether they carry it is checked as ever."""
    cosines = sheet.vectors @ encode([sentence.text])[0]
    near = [int(place) for place in np.argsort(-cosines)[:2] if cosines[place] >= _SECOND_CHANCE_COSINE]
    return sorted(place + 1 for place in near)


def _adds_an_address(text: str, quotes: Sequence[Quote]) -> bool:
    """Whether a sentence names a site, or shouts a word, that its quotes do not have."""
    said = " ".join(f"{quote.text} {quote.speaker} {quote.episode.title}" for quote in quotes).lower()
    return any(name not in said for name in addresses_in(text) | shouted_in(text))
