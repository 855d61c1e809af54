"""Plain reasons why a quote cannot carry a sentence: things that changed places."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from rag.opposites import opposed
from rag.sayers import Cited
from rag.word_forms import role_words, words_of

_BEFORE = (r"", r"before|until")
_AFTER = (r"", r"after")
_SWAPS = (
    _BEFORE,
    _AFTER,
    (r"", r"than"),
    (r"from", r"to"),
    (r"", r"rather than|instead of|and not"),
    (r"(?:replac|swapp|trad|exchang)\w*", r"with|by|for"),
    (r"", r"acquired|bought|beat|replaced|replaces|founded|created|hired|owns|owned|funded"),
)
"""What stands before the first thing, if anything, and between the two."""

_NOT_UNTIL = re.compile(r"((?:n['’]t|\bnot|\bnever)\b[^,.;:]*?\b)(?:until|till)\b", re.IGNORECASE)
""" "Don't build it until you have asked" is to build it after asking."""
_COMPARING = 7
"""How many words before "than" the comparison may stand: "fewer mosquitoes in a summer than"."""
_MORE_AND_LESS = ({"more", "less"}, {"more", "fewer"})
_COMPARED = re.compile(r"more|less|worse|\w+er")


def swapped(claim: str, quotes: Sequence[Cited]) -> str | None:
    """Two things that changed places: "A is cheaper than B", "from A to B", "A before B"."""
    claim = _NOT_UNTIL.sub(r"\1after", claim)
    for quote in quotes:
        said = _NOT_UNTIL.sub(r"\1after", quote.text)
        speakers = [quote.speaker] if quote.speaker else []
        pairs = [(joint, joint, _crossed) for joint in _SWAPS]
        pairs += [(_BEFORE, _AFTER, _straight), (_AFTER, _BEFORE, _straight)]
        for joint, theirs, wrong in pairs:
            for one in _around(claim, joint):
                for other in _around(said, theirs):
                    if wrong(one, other, speakers):
                        return "the quote has it the other way round"
    return None


_MOST_JOINTS = 8
"""Places looked at for one joint in one text, so that a text made to be slow is not."""


def _around(text: str, joint: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """The two sides of each of the first places where the joint stands, up to the next punctuation."""
    return islice(_all_around(text, joint), _MOST_JOINTS)


def _all_around(text: str, joint: tuple[str, str]) -> Iterator[tuple[str, str]]:
    opening, middle = joint
    for stretch in re.split(r"[,.;:]", text):
        for match in re.finditer(rf"\b(?:{middle})\b", stretch, re.IGNORECASE):
            before, after = stretch[: match.start()], stretch[match.end() :]
            start = (
                [found.end() for found in re.finditer(rf"\b{opening}\b", before, re.IGNORECASE)]
                if opening
                else [0]
            )
            if start:
                yield before[start[-1] :], after


def _crossed(one: tuple[str, str], other: tuple[str, str], speakers: Sequence[str]) -> bool:
    """Whether two things stand on opposite sides; "less" against "more" turns the sides round."""
    mirrored = any(
        opposed(x, y) or {x, y} in _MORE_AND_LESS
        for x in words_of(one[0])[-_COMPARING:]
        for y in words_of(other[0])[-_COMPARING:]
        if _COMPARED.fullmatch(x)
    )
    return _straight(one, other, speakers, turned=not mirrored)


def _straight(
    one: tuple[str, str], other: tuple[str, str], speakers: Sequence[str], *, turned: bool = False
) -> bool:
    """Whether each side holds what the same side (or, `turned`, the opposite side) of the other holds."""
    a, b = _side(one[0], speakers, last=True), _side(one[1], speakers)
    c, d = _side(other[0], speakers, last=True), _side(other[1], speakers)
    a, b, c, d = a - b, b - a, c - d, d - c
    if turned:
        c, d = d, c
    return bool(a & c and b & d) and len(a & c) + len(b & d) >= len(a & d) + len(b & c)


def _side(text: str, speakers: Sequence[str], *, last: bool = False) -> frozenset[str]:
    """The six words of a side that stand next to the joining word, as roles."""
    words = text.split()
    return role_words(" ".join(words[-6:] if last else words[:6]), speakers)
