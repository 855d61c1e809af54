"""Spoken words as the matcher compares them: tolerant of how they are written, of nothing else."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

_TOKEN = re.compile(r"[\[(♪][^\[\]()♪\n]{1,40}[\])♪]|%|[^\W_]+(?:['’ʼ][^\W\d_]+)*")
_NOISE = re.compile(
    r"^\W*(?:\w+ )?(?:laugh\w*|chuckl\w*|applause|music|cough\w*|sigh\w*|inaudible|unintelligible|crosstalk|"
    r"pause|silence|clapping|cheer\w*|giggl\w*|gasps?|whispers?|snorts?|beeps?)\b[^\])]*\W*$",
    re.IGNORECASE,
)
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen".split()
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()

_ALWAYS_FILLERS = frozenset("um umm uh uhh uhm er erm ah eh hm hmm mm mmm mhm".split())
_SET_OFF_FILLERS = (
    ("you", "know"),
    ("i", "mean"),
    ("kind", "of"),
    ("sort", "of"),
    ("like",),
    ("well",),
    ("so",),
    ("right",),
    ("okay",),
    ("yeah",),
    ("oh",),
    ("actually",),
    ("basically",),
    ("literally",),
    ("obviously",),
)
"""Fillers only where commas or dashes set them off: "I like bread" loses a verb without its "like"."""
_HEDGES = frozenset({("kind", "of"), ("sort", "of")})
_NOUNS_MARKERS = frozenset(
    "a an the this that these those what which some any one every another different same".split()
)
_SETS_OFF = ',;:.!?…—–-()"“”'


class Word(NamedTuple):
    """A word for comparing, and where it stands: `text[start:end]`."""

    norm: str
    start: int
    end: int


def words_of(text: str) -> tuple[Word, ...]:
    """The words of a text, lower-cased, numbers below a hundred spelt out, noises in brackets left out."""
    words: list[Word] = []
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token[0] in "[(♪":
            if _NOISE.match(token) or token[0] == "♪":
                continue
            inside = words_of(token[1:-1])
            words += (Word(w.norm, w.start + match.start() + 1, w.end + match.start() + 1) for w in inside)
            continue
        words += (Word(norm, match.start(), match.end()) for norm in _norms(token))
    return tuple(words)


def _norms(token: str) -> Sequence[str]:
    if token == "%":
        return ("percent",)
    plain = unicodedata.normalize("NFKC", token).replace("’", "'").replace("ʼ", "'").casefold()
    if plain.isascii() and plain.isdigit() and len(plain) <= 2 and (plain == "0" or plain[0] != "0"):
        number = int(plain)
        if number < 20:
            return (_ONES[number],)
        tens = _TENS[number // 10 - 2]
        return (tens, _ONES[number % 10]) if number % 10 else (tens,)
    if any("\u3040" <= character <= "\u9fff" for character in plain):
        return (plain,)
    return (plain,)


def skippable(text: str, words: Sequence[Word], at: int) -> int:
    """How many words from `at` on a careful writer may leave out: a filler, a stutter; else 0."""
    if words[at].norm in _ALWAYS_FILLERS:
        return 1
    for length in (2, 1):
        if at >= length and _norm(words, at, length) == _norm(words, at - length, length):
            return length
    if at + 1 < len(words) and _cut_off(text, words[at], words[at + 1]):
        return 1
    for filler in _SET_OFF_FILLERS:
        if _norm(words, at, len(filler)) == filler:
            before = text[words[at - 1].end : words[at].start] if at else ","
            last = at + len(filler) - 1
            after = text[words[last].end : words[last + 1].start] if last + 1 < len(words) else ","
            set_off = [any(mark in gap for mark in _SETS_OFF) for gap in (before, after)]
            if filler in _HEDGES:
                if all(set_off) or not at or words[at - 1].norm not in _NOUNS_MARKERS:
                    return len(filler)
            elif all(set_off) or (filler in (("you", "know"), ("i", "mean")) and any(set_off)):
                return len(filler)
    return 0


def _norm(words: Sequence[Word], at: int, length: int) -> tuple[str, ...]:
    return tuple(word.norm for word in words[at : at + length])


def _cut_off(text: str, word: Word, following: Word) -> bool:
    """A word broken off before it is said whole, as in "wh- what"."""
    broken = text[word.end : word.end + 1] in ("-", "–", "—") and text[word.end + 1 : word.end + 2] in (
        " ",
        "-",
    )
    return broken and following.norm.startswith(word.norm)
