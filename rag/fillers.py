"""What a careful writer leaves out of a quotation: fillers, stutters, words broken off."""

from collections.abc import Sequence

from index.words import Word

SOUNDS = frozenset("um umm uh uhh uhm er erm ah eh hm hmm mm mmm mhm".split())
"""What is no word at all."""
_SET_OFF = frozenset(
    tuple(filler.split())
    for filler in (
        "you know",
        "i mean",
        "kind of",
        "sort of",
        "like",
        "well",
        "so",
        "right",
        "okay",
        "yeah",
        "oh",
        "actually",
        "basically",
        "literally",
        "obviously",
    )
)
"""Fillers only where commas or dashes set them off: "I like bread" loses a verb without its "like"."""
_HEDGES = frozenset({("kind", "of"), ("sort", "of")})
_NOUNS_MARKERS = frozenset(
    "a an the this that these those what which some any one every another different same all other no".split()
)
_PHRASES = frozenset({("you", "know"), ("i", "mean")})
_VERBS_MARKERS = frozenset(
    "do did does dont didnt doesnt if as when what how let lets before until to would will could can might should"
    " must may who that than because why where whether since once than things thing all everything whatever as"
    " not never always already people do".split()
)
"""Before "you know" and "I mean": there they are verbs of their own."""
_OBJECTS = frozenset(
    "what how why who where when which if that it this them him her me us about of for the a an to my your his"
    " their our well enough better nothing something everything anything business".split()
)
"""After "you know" and "I mean": what is known or meant."""
_BEFORE_SAYING_LIKE = frozenset(
    "was were be been being is are am im youre were theyre hes shes its just".split()
)
_SETS_OFF = ',;:.!?…—–-()"“”'
_LONGEST_STUTTER = 3


def may_be_left_out(text: str, words: Sequence[Word], at: int) -> frozenset[int]:
    """How many words from `at` on may be left out of a quotation of a turn: none, or one of several counts."""
    return frozenset(
        {_filler(text, words, at), *_stutters(text, words, at), _broken_off(text, words, at)} - {0}
    )


def _filler(text: str, words: Sequence[Word], at: int) -> int:
    """The length of the filler that begins here, or 0."""
    if words[at].norm in SOUNDS:
        return 1
    for length in (2, 1):
        filler = _norms(words, at, length)
        if filler in _SET_OFF and _is_filler(text, words, at, filler):
            return length
    return 0


def _is_filler(text: str, words: Sequence[Word], at: int, filler: tuple[str, ...]) -> bool:
    last = at + len(filler) - 1
    before = text[words[at - 1].end : words[at].start] if at else ","
    after = text[words[last].end : words[last + 1].start] if last + 1 < len(words) else ","
    set_off = [any(mark in gap for mark in _SETS_OFF) for gap in (before, after)]
    if filler in _HEDGES:
        return all(set_off) or not at or words[at - 1].norm not in _NOUNS_MARKERS
    if filler in _PHRASES:
        follows = words[last + 1].norm if last + 1 < len(words) else ""
        return any(set_off) or (words[at - 1].norm not in _VERBS_MARKERS and follows not in _OBJECTS)
    if filler == ("like",) and at and words[at - 1].norm in _BEFORE_SAYING_LIKE:
        return set_off[1]
    return all(set_off)


def _stutters(text: str, words: Sequence[Word], at: int) -> list[int]:
    """The lengths of what is said here a second time, also after a filler: "the, um, the"."""
    fillers = [length for length in (1, 2) if at >= length and _filler(text, words, at - length) == length]
    return [
        length
        for before in (at, *(at - length for length in fillers))
        for length in range(1, _LONGEST_STUTTER + 1)
        if before >= length and _norms(words, at, length) == _norms(words, before - length, length)
    ]


def _broken_off(text: str, words: Sequence[Word], at: int) -> int:
    """1 for a word broken off before it is said whole, as in "wh- what"."""
    word = words[at]
    dash, behind = text[word.end : word.end + 1], text[word.end + 1 : word.end + 2]
    broken = dash in ("-", "–", "—") and behind in (" ", "-") and at + 1 < len(words)
    return int(broken and words[at + 1].norm.startswith(word.norm))


def _norms(words: Sequence[Word], at: int, length: int) -> tuple[str, ...]:
    return tuple(word.norm for word in words[at : at + length])
