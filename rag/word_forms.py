"""A sentence's words for checking: folded, cut to stems, and whether two are forms of one."""

import re
import unicodedata
from collections.abc import Container, Sequence
from functools import lru_cache

from rag.claim_words import ALIASES, IRREGULAR, NUMBER_WORDS, STOP
from rag.fillers import SOUNDS

_WORD = re.compile(r"[^\W_]+(?:[.'’&+#][^\W_]+)*[+#]*", re.UNICODE)
_ENDINGS = ("ization", "isation", "ations", "ation", "izing", "ising", "ized", "ised", "ities", "ings", "ing",
            "ies", "ied", "ness", "ment", "ments", "ions", "ion", "edly", "ely", "ed", "ers", "er", "es", "ly", "s",
            "e", "y")  # fmt: skip
_ROLE = frozenset("he she his her him i me my mine myself himself herself we our us".split())
_OTHERS = frozenset("they them their theirs others".split())
_AUXILIARIES = {"can't": "can", "won't": "will", "shan't": "shall"}


def fold(text: str) -> str:
    """Lower case, straight apostrophes, no accents."""
    if text.isascii():
        return text.casefold()
    plain = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return "".join(char for char in plain if not unicodedata.combining(char)).casefold()


@lru_cache(maxsize=4096)
def words_of(text: str) -> tuple[str, ...]:
    """The words of `text`, folded, possessives and contractions cut ("isn't" is "is", "not")."""
    found: list[str] = []
    for match in _WORD.finditer(fold(text)):
        word = match[0]
        if word.endswith("n't"):
            found += [_AUXILIARIES.get(word, word[:-3]), "not"]
        else:
            found.append(re.sub(r"'(s|re|ve|ll|d|m)?$", "", word) if "'" in word else word)
    return tuple(word for word in found if word)


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The word without its ending, so that "documented" meets "documents"; crude on purpose."""
    base = IRREGULAR.get(word, word).replace("our", "or") if len(word) > 4 else IRREGULAR.get(word, word)
    for _ in range(2):
        for ending in _ENDINGS:
            if base.endswith(ending) and len(base) - len(ending) >= (4 if len(ending) > 2 else 3):
                base = base[: -len(ending)]
                break
    if len(base) > 3 and base[-1] == base[-2]:
        base = base[:-1]
    return base[:-1] + "y" if base.endswith("i") and len(base) > 3 else base


def is_content(word: str) -> bool:
    """Whether a word says something by itself; numbers are left to the number check."""
    return word not in STOP and word not in NUMBER_WORDS and not word[0].isdigit() and len(word) > 1


def says_something(word: str) -> bool:
    """Whether a word is a content word or a number."""
    return (is_content(word) and word not in SOUNDS) or word in NUMBER_WORDS or word[0].isdigit()


@lru_cache(maxsize=100_000)
def kin(one: str, other: str) -> bool:
    """Whether two words are forms of one word, by their letters alone."""
    one, other = ALIASES.get(one, one), ALIASES.get(other, other)
    if one == other or stem(one) == stem(other):
        return True
    short, long = sorted((stem(one), stem(other)), key=len)
    shared = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return (shared >= 5 and shared >= 0.7 * len(long)) or (len(short) >= 4 and long == short)


def role_word(word: str, names: Container[str]) -> str:
    """A word's stem; the speaker (I, he, a name of theirs) is one and the same word, and so are the others."""
    if word in _ROLE or word in names:
        return "<speaker>"
    return "<others>" if word in _OTHERS else stem(word)


def role_words(text: str, speakers: Sequence[str]) -> frozenset[str]:
    """The content words and numbers of `text` as `role_word` has them."""
    names = {word for speaker in speakers for word in words_of(speaker)}
    return frozenset(
        role_word(word, names)
        for word in words_of(text)
        if word in _ROLE or word in names or word in _OTHERS or word not in STOP or word in NUMBER_WORDS
    )
