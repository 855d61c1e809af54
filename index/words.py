"""Spoken words as they are compared: tolerant of how they are written down, of nothing else.

Case, punctuation, apostrophes, hyphens, Unicode form and digits for number words make no difference.
"""

import re
import unicodedata
from typing import NamedTuple

_TOKEN = re.compile(
    r"[\[({♪][^\[\](){}♪\n]{1,40}[\])}♪]"
    r"|(?<!\w)\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\w)"
    r"|(?<!\w)\d+\.\d+(?!\w)"
    r"|(?<!\w)[A-Za-z](?:\+\+|#)(?!\w)"
    r"|%"
    r"|[^\W_](?:[^\W_]|[\u0300-\u036f])*(?:['’ʼ`´][^\W\d_]+)*"
)
_NOISE = re.compile(
    r"^\W*(?:\w+ )?(?:laugh\w*|chuckl\w*|applause|music|cough\w*|sigh\w*|inaudible|unintelligible|crosstalk|"
    r"pause|silence|clapping|cheer\w*|giggl\w*|gasps?|whispers?|snorts?|beeps?)\b[^\])]*\W*$",
    re.IGNORECASE,
)
_SCRIPT_WITHOUT_SPACES = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_WITHIN = re.compile(r"['’ʼ`´\s]")
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th)")

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen".split()
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = (
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth".split()
)
_ROUND = ((1_000_000, "million"), (1_000, "thousand"), (100, "hundred"))


class Word(NamedTuple):
    """A word for comparing, and where it stands: `text[start:end]`. Words of one number share their place."""

    norm: str
    start: int
    end: int


def words_of(text: str) -> tuple[Word, ...]:
    """The words of a text, lower-cased, common numbers spelt out, noises in brackets left out."""
    words: list[Word] = []
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token[0] in "[({♪":
            if _is_noise(token):
                continue
            inside = words_of(token[1:-1])
            words += (Word(w.norm, w.start + match.start() + 1, w.end + match.start() + 1) for w in inside)
        elif _SCRIPT_WITHOUT_SPACES.search(token):
            words += _letters(token, match.start())
        else:
            words += (Word(norm, match.start(), match.end()) for norm in _norms(token))
    return tuple(words)


def _is_noise(token: str) -> bool:
    return token[0] == "♪" or bool(_NOISE.match(token)) or (token[0] == "{" and token[1:-1].isalpha())


def _letters(token: str, start: int) -> list[Word]:
    """A run of letters that knows no spaces, letter by letter."""
    return [
        Word(letter, start + place, start + place + 1)
        for place, written in enumerate(token)
        if (letter := unicodedata.normalize("NFKC", written).casefold())
    ]


def _norms(token: str) -> tuple[str, ...]:
    if token == "%":
        return ("percent",)
    plain = unicodedata.normalize("NFKC", token).casefold()
    if plain.isascii() and plain[0].isdigit():
        plain = plain.replace(",", "")
        if plain.isdigit() and (plain == "0" or plain[0] != "0"):
            return _spelt_out(int(plain)) or (plain,)
        if ordinal := _ORDINAL.fullmatch(plain):
            return _ordinal(int(ordinal[1]))
        return (plain,)
    return (_WITHIN.sub("", plain),)


def _spelt_out(number: int) -> tuple[str, ...]:
    """A number as it is said, where there is one common way of saying it; else nothing."""
    if number < 20:
        return (_ONES[number],)
    if number < 100:
        tens = _TENS[number // 10 - 2]
        return (tens, _ONES[number % 10]) if number % 10 else (tens,)
    for size, name in _ROUND:
        if number >= size and number % size == 0 and number // size < 100:
            return (*_spelt_out(number // size), name)
    return ()


def _ordinal(number: int) -> tuple[str, ...]:
    if number < 20:
        return (_ORDINALS[number],)
    tens = _TENS[number // 10 - 2]
    return (tens, _ORDINALS[number % 10]) if number % 10 else (tens.removesuffix("y") + "ieth",)
