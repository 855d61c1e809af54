"""The names in a sentence, and whether another text has them, in full, in part or spelt otherwise."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rag.claim_words import ALIASES, SAYS, STOP
from rag.word_forms import fold, kin, words_of

_MONTHS = frozenset(
    "january february march april may june july august september october november december monday "
    "tuesday wednesday thursday friday saturday sunday".split()
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a text: its words as written; `sure` unless a capital at a sentence's start is all there is."""

    text: str
    words: tuple[str, ...]
    start: int
    sure: bool


def names_of(text: str) -> Iterator[Name]:
    """The names in `text`: runs of words with capitals or of letters with digits."""
    run: list[re.Match[str]] = []
    for match in re.finditer(r"[^\W_]+(?:[.'’&+#-][^\W_]+)*[+#]*", text):
        joined = bool(run) and text[run[-1].end() : match.start()] == " " and not _possessive(run[-1][0])
        if run and not (joined and _capital(match[0])):
            yield from _name(text, run)
            run = []
        if _capital(match[0]):
            run.append(match)
    yield from _name(text, run)


def _capital(word: str) -> bool:
    if re.match(r"(I(['’].*)?|\d[\d.,]*([kmx]|bn|st|nd|rd|th|[kmgt]b|ms)?)$", word, re.IGNORECASE):
        return False
    return any(char.isupper() for char in word) or bool(re.fullmatch(r"[a-z]+\d+[a-z\d]*", word))


def _possessive(word: str) -> bool:
    return word.endswith(("'s", "’s", "s'", "s’"))


def _name(text: str, run: Sequence[re.Match[str]]) -> Iterator[Name]:
    """The name of a run of words; a function word that only begins a sentence is no part of it."""
    run = list(run)
    if len(run) == 1 and run[0][0] == "May" and not _begins(text, run[0].start()):
        yield Name("May", ("may",), run[0].start(), True)
        return
    while run and (fold(run[0][0]) in STOP | SAYS or fold(run[0][0]).split("'")[0] in STOP) and (
        _begins(text, run[0].start()) or len(run) == 1
    ):  # fmt: skip
        run = run[1:]
    if not run:
        return
    cut = [re.sub(r"['’]s?$", "", match[0]) for match in run]
    alone = len(run) == 1 and _begins(text, run[0].start()) and cut[0][1:].islower()
    if len(run) == 1 and fold(cut[0]) in _MONTHS and alone:
        return
    yield Name(" ".join(cut), tuple(map(fold, cut)), run[0].start(), not alone)


def _begins(text: str, start: int) -> bool:
    return not text[:start].strip() or bool(re.search(r"[.!?:\"“]\s*$", text[:start]))


def named_in(name: Name, texts: Iterable[str]) -> bool:
    """Whether a name, its surname or its first name, its initials or a spelling of it stands in `texts`."""
    joined = " ".join(texts)
    words = [ALIASES.get(word, word) for word in words_of(joined)]
    squeezed = _squeezed(words_of(joined))
    whole = "".join(char for char in "".join(name.words) if char.isalnum())
    if len(whole) >= 4 and whole in squeezed:
        return True
    if _initials(name, words, joined):
        return True
    known = [_known(word, words, squeezed) for word in name.words if word not in STOP]
    if name.text == "May":
        return bool(re.search(r"\bMay\b", joined))
    # A first name or a surname stands for the person; in "Brigham Young University" no one word does.
    return all(known) or (
        len(known) == 2 and name.words[0].isalpha() and any(known) and _person(joined, name, known)
    )


def _squeezed(words: Sequence[str]) -> frozenset[str]:
    """One to four words in a row, written as one: "lets encrypt" is "letsencrypt"."""
    plain = ["".join(char for char in word if char.isalnum()) for word in words]
    return frozenset("".join(plain[i : i + n]) for n in (1, 2, 3, 4) for i in range(len(plain) - n + 1))


def _person(joined: str, name: Name, known: Sequence[bool]) -> bool:
    """Whether the part of a two-word name that is there stands alone there, as "Matt" for "Matt Moore"."""
    word = name.words[known.index(True)]
    for match in re.finditer(
        rf"\b{re.escape(word)}\b(?P<next>['’]s)?(?:\s+(?P<after>\w+))?", joined, re.IGNORECASE
    ):
        before = re.search(r"(\w+)\s+$", joined[: match.start()])
        if not (match["after"] or "x")[0].isupper() and not (before and before[1][0].isupper()):
            return match[0][0].isupper()
    return False


def _known(word: str, words: Sequence[str], squeezed: frozenset[str]) -> bool:
    word = ALIASES.get(word, word)
    for part in {word, re.sub(r"(\.js|\.com|\.io|\.org)$", "", word)}:
        bare = "".join(char for char in part if char.isalnum())
        if part in words or bare in words or (len(bare) >= 5 and any(bare in other for other in words)):
            return True
        if any(len(bare) >= 4 and (kin(bare, other) or _misspelt(bare, other)) for other in words):
            return True
    pieces = [piece for piece in re.split(r"[-.&]", word) if len(piece) > 1]
    return len(pieces) > 1 and all(piece in words or piece in squeezed for piece in pieces)


def _misspelt(one: str, other: str) -> bool:
    """One letter apart in a long name, as speech recognition writes it."""
    if min(len(one), len(other)) < 6 or abs(len(one) - len(other)) > 1 or one[0] != other[0]:
        return False
    if one[-1].isdigit() or other[-1].isdigit():
        return False
    start = next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    return one[start + 1 :] == other[start + (len(one) == len(other)) :] or one[start:] == other[start + 1 :]


def _initials(name: Name, words: Sequence[str], joined: str) -> bool:
    """An acronym in the claim for words in the quote ("BYU"), or the other way round."""
    word = name.words[0].replace(".", "")
    if len(name.words) == 1 and 2 <= len(word) <= 5 and name.text.replace(".", "").isupper():
        if word in words or f"{word}s" in words or word in fold(joined).replace(".", "").split():
            return True
        firsts = "".join(other[0] for other in words)
        return (len(word) >= 3 and word in firsts) or (len(word) == 2 and _capital_pair(word, joined))
    initials = "".join(word[0] for word in name.words if word not in STOP)
    return (
        len(initials) >= 2
        and bool(re.search(rf"\b{initials}s?\b", joined.replace(".", ""), re.IGNORECASE))
        and bool(re.search(rf"\b{initials.upper()}s?\b", joined.replace(".", "")))
    )


def _capital_pair(word: str, joined: str) -> bool:
    return bool(re.search(rf"\b{word[0]}\w+[ -]{word[1]}\w+", joined, re.IGNORECASE))
