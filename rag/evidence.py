"""A sentence taken apart for checking: its content words, and its clauses with their polarity."""

import re
import unicodedata
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rag.claim_words import (
    ALIASES,
    HALF_NEGATORS,
    IRREGULAR,
    NEGATING,
    NEGATORS,
    NO_NEGATION,
    NUMBER_WORDS,
    PLAIN_NEGATORS,
    STOP,
)
from rag.fillers import SOUNDS

_WORD = re.compile(r"[^\W_]+(?:[.'’&+#][^\W_]+)*[+#]*", re.UNICODE)
_CLAUSE_EDGE = re.compile(
    r"[,;:.!?…()\"“”]+(?=\s|$)|\s[-–—]+\s|--|—|"
    r"\s(?=(?:and|but|because|so|while|whereas|which|since|although|though|unless|until|if|when|then|"
    r"rather_than|instead_of|after|before|who|until|despite|yet|as long as|only if|before_\w+|why|whether|where)\s)",
    re.IGNORECASE,
)
_ENDINGS = ("ization", "isation", "ations", "ation", "izing", "ising", "ized", "ised", "ities", "ings", "ing",
            "ies", "ied", "ness", "ment", "ments", "ions", "ion", "edly", "ely", "ed", "ers", "er", "es", "ly", "s",
            "e", "y")  # fmt: skip
_ROLE = frozenset("he she his her him i me my mine myself himself herself we our us".split())


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of a sentence between punctuation and joining words.

    Attributes:
        words: its content words, folded.
        denied: for each word, whether a negator bears on it.
        odd: for each word, whether the stretch around it denies something.
        named: for each word, whether it is written as a name.
        plain: whether it denies by a plain "not" or "no", if at all.
    """

    text: str
    words: tuple[str, ...]
    denied: tuple[bool, ...]
    odd: tuple[bool, ...]
    named: tuple[bool, ...]
    plain: bool = True

    def joined(self, other: "Clause") -> "Clause":
        """This clause and the next as one."""
        return Clause(
            f"{self.text} {other.text}".strip(),
            self.words + other.words,
            self.denied + other.denied,
            self.odd + other.odd,
            self.named + other.named,
            self.plain and other.plain,
        )

    def without(self, names: set[str]) -> "Clause":
        """The clause without the words of `names`."""
        kept = [i for i, word in enumerate(self.words) if word not in names]
        return Clause(
            self.text,
            tuple(self.words[i] for i in kept),
            tuple(self.denied[i] for i in kept),
            tuple(self.odd[i] for i in kept),
            tuple(self.named[i] for i in kept),
            self.plain,
        )


def fold(text: str) -> str:
    """Lower case, straight apostrophes, no accents."""
    if text.isascii():
        return text.casefold()
    plain = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return "".join(char for char in plain if not unicodedata.combining(char)).casefold()


_AUXILIARIES = {"can't": "can", "won't": "will", "shan't": "shall"}


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


def negations(text: str) -> int:
    """How many negators `text` has, set phrases that deny nothing left out ("not only")."""
    return sum(word in NEGATORS or "_" in word for word in _tokens(_bound(text)))


def _bound(text: str) -> str:
    """`text`, as long as before, with phrases that deny made one word, and those that only seem to, blank."""
    plain = _SEEMING.sub(lambda match: re.sub(r"\w", "·", match[0]), text.replace("’", "'"))
    return _NEGATING.sub(lambda match: re.sub(r"[\s']", "_", match[0]), plain)


_SEEMING = re.compile(rf"\b(?:{NO_NEGATION})\b|^\W*no(?=[,;.:])", re.IGNORECASE)
_NEGATING = re.compile(rf"\b(?:{NEGATING})\b", re.IGNORECASE)


def _tokens(text: str) -> list[str]:
    return [
        word
        for part in re.split(r"[^\w'’.]+", text)
        for word in (words_of(part) if "_" not in part else [part])
    ]


def clauses_of(text: str) -> tuple[Clause, ...]:
    """Cut `text` at punctuation and joining words; a stretch without content joins the one before."""
    bound = _bound(text)
    edges = [
        0,
        *(match.start() if match[0].isspace() else match.end() for match in _CLAUSE_EDGE.finditer(bound)),
    ]
    pieces = [
        _clause(text[start:edge].strip(), bound[start:edge].strip(), start == 0)
        for start, edge in zip(edges, [*edges[1:], len(text)], strict=True)
    ]
    clauses: list[Clause] = []
    for piece in _lifted(pieces):
        if clauses and not (piece.words and clauses[-1].words):
            clauses[-1] = clauses[-1].joined(piece)
        else:
            clauses.append(piece)
    return tuple(clause for clause in clauses if clause.text)


def _lifted(pieces: Sequence[Clause]) -> Iterator[Clause]:
    """Let a denial lift the one before it, where a condition joins them: "we don't hire you if you don't…".

    A stretch that goes on with "and" after a denial may be denied as well: "instead of going and asking".
    """
    blank = Clause("", (), (), (), ())
    for before, piece, after in zip([blank, *pieces], pieces, [*pieces[1:], blank], strict=False):
        other = after if _CONDITION.match(after.text) else before if _CONDITION.match(piece.text) else blank
        if _GOES_ON.match(piece.text) and negations(before.text) % 2:
            yield replace(piece, odd=(True,) * len(piece.words))
        elif any(other.denied) and any(piece.denied):
            yield replace(piece, denied=(False,) * len(piece.words))
        else:
            yield piece


_GOES_ON = re.compile(r"(?:and|or|nor)\b", re.IGNORECASE)
_CONDITION = re.compile(r"(?:if|unless|until|without)\b", re.IGNORECASE)


def _clause(text: str, bound: str, first: bool) -> Clause:
    tokens = _tokens(bound)
    capitals = {word for match in re.finditer(r"\S+", text) if match[0][0].isupper() and (match.start() or not first)
                for word in words_of(match[0])}  # fmt: skip
    negators = [
        i
        for i, word in enumerate(tokens)
        if (word in NEGATORS or "_" in word) and not (word == "nor" and "neither" in tokens)
    ]
    content = [
        i for i, word in enumerate(tokens) if i not in negators and "·" not in word and is_content(word)
    ]
    denied: set[int] = set()
    odd = len(negators) % 2 == 1  # two denials in one clause lift each other: "no change without a test"
    if odd:
        for place in negators:
            denied |= set(_reach(tokens, content, place))
    return Clause(
        text,
        tuple(tokens[i] for i in content),
        tuple(i in denied for i in content),
        tuple(odd for _ in content),
        tuple(tokens[i] in capitals for i in content),
        all(tokens[i] in PLAIN_NEGATORS for i in negators),
    )


_DENYING = re.compile(
    r"(?:un(?!ti|de|io|iv|it|if|iq|les)|non|dis(?!c|ease|p|t|k|h)|mis(?!sion|sile)|in(?:ab|cap|com|cor|dep|act|acc|eff|vis)|im(?:pos|perf|mob))\w{4,}|\w{3,}less$"
)
_NOT_YET = re.compile(r"(?:before|until|till)\b", re.IGNORECASE)


def half_denies(clause: Clause, other: Container[str]) -> bool:
    """Whether the clause may carry a denial: by "before", or by a word that is not in `other` ("little", "useless")."""
    return bool(_NOT_YET.match(clause.text)) or any(
        (word in HALF_NEGATORS or _DENYING.match(word)) and word not in other
        for word in words_of(clause.text)
    )


def _reach(tokens: Sequence[str], content: Sequence[int], place: int) -> list[int]:
    """The content words that a negator bears on: those after it up to a preposition, else those before it."""
    before = [i for i in content if i < place][-3:]
    rest = tokens[place + 1 :]
    if tokens[place] in ("nothing", "none") and before:
        return before
    if (
        tokens[place] in ("rarely", "seldom", "hardly", "barely", "impossible")
        and rest
        and rest[0] in _PREPOSITIONS
    ):
        return before
    reached: list[int] = []
    for i in range(place + 1, len(tokens)):
        if tokens[i] in _PREPOSITIONS and reached:
            break
        if i in content:
            reached.append(i)
    if reached or not _EMPTY.issuperset(rest) or "_" in tokens[place] or tokens[place] == "without":
        return reached
    return before


_EMPTY = frozenset(
    "it that this them those one of so do be yet at all either too there here any more the case".split()
)
_PREPOSITIONS = frozenset("for in at on with from by into about over under during through as than".split())


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


_OTHERS = frozenset("they them their theirs others".split())
