"""A sentence taken apart for checking: its clauses, their content words, and which of them are denied."""

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace

from rag.claim_words import HALF_NEGATORS, NEGATING, NEGATORS, NO_NEGATION, PLAIN_NEGATORS
from rag.word_forms import is_content, words_of

_CLAUSE_EDGE = re.compile(
    r"[,;:.!?…()\"“”]+(?=\s|$)|\s[-–—]+\s|--|—|"
    r"\s(?=(?:and|but|because|so|while|whereas|which|since|although|though|unless|until|if|when|then|"
    r"rather_than|instead_of|after|before|who|until|despite|yet|as long as|only if|before_\w+|why|whether|where)\s)",
    re.IGNORECASE,
)
_SEEMING = re.compile(rf"\b(?:{NO_NEGATION})\b|^\W*no(?=[,;.:])", re.IGNORECASE)
_NEGATING = re.compile(rf"\b(?:{NEGATING})\b", re.IGNORECASE)
_GOES_ON = re.compile(r"(?:and|or|nor)\b", re.IGNORECASE)
_CONDITION = re.compile(r"(?:if|unless|until|without)\b", re.IGNORECASE)
_DENYING = re.compile(
    r"(?:un(?!ti|de|io|iv|it|if|iq|les)|non|dis(?!c|ease|p|t|k|h)|mis(?!sion|sile)|in(?:ab|cap|com|cor|dep|act|acc|eff|vis)|im(?:pos|perf|mob))\w{4,}|\w{3,}less$"
)
_NOT_YET = re.compile(r"(?:before|until|till)\b", re.IGNORECASE)
_EMPTY = frozenset(
    "it that this them those one of so do be yet at all either too there here any more the case".split()
)
_PREPOSITIONS = frozenset("for in at on with from by into about over under during through as than".split())


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


def negations(text: str) -> int:
    """How many negators `text` has, set phrases that deny nothing left out ("not only")."""
    return sum(word in NEGATORS or "_" in word for word in _tokens(_bound(text)))


def _bound(text: str) -> str:
    """`text`, as long as before, with phrases that deny made one word, and those that only seem to, blank."""
    plain = _SEEMING.sub(lambda match: re.sub(r"\w", "·", match[0]), text.replace("’", "'"))
    return _NEGATING.sub(lambda match: re.sub(r"[\s']", "_", match[0]), plain)


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
