"""Plain reasons why a quote cannot carry a sentence: a number, a name or a speaker that it does not have.

Each rule takes a claim and its quotes, and gives a short reason in plain words, or None.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from rag.claim_words import SAYS
from rag.clauses import negations
from rag.names import Name, named_in, names_of
from rag.quantities import Quantity, is_year, quantities
from rag.word_forms import fold, words_of


class Cited(NamedTuple):
    """A quote under check: its words, who said them, and the lines around it in the same turn."""

    text: str
    speaker: str | None = None
    context: str = ""


_MACHINE_LABEL = re.compile(
    r"(?:speaker|spk|voice|person|participant|unknown|host|guest|user)?[\s_#-]*\d*|[a-z]", re.I
)
_SMALL_LIST = 6


def known_speakers(quotes: Sequence[Cited]) -> tuple[str, ...]:
    """The names of the quotes' speakers; a label made by a machine ("SPEAKER_00") is no name."""
    names = (quote.speaker.strip() for quote in quotes if quote.speaker)
    return tuple(dict.fromkeys(name for name in names if not _MACHINE_LABEL.fullmatch(name)))


def wrong_number(claim: str, quotes: Sequence[Cited]) -> str | None:
    """A number of the claim that no quote states, or states of something else."""
    said = [number for quote in quotes for number in quantities(quote.text)]
    said += [Quantity(count, count, None, "", "") for number in said for count in number.counts]
    text = " ".join(quote.text for quote in quotes)
    for number in quantities(claim):
        same = [other for other in said if number.same(other)]
        if not same and not number.weak and not _follows(number, claim, text, said):
            return f"the number {number.text} is not in the quote"
        if (
            same
            and number.noun
            and number.unit is None
            and not any(_same_noun(number, other) for other in same)
        ):
            rivals = [other for other in said if _same_noun(number, other) and other not in same]
            if rivals and all(other.noun for other in same) and not number.weak:
                return f"the number {number.text} is said of something else"
    return None


def _same_noun(one: Quantity, other: Quantity) -> bool:
    return bool(one.noun) and one.noun.rstrip("s") == other.noun.rstrip("s")


def _follows(number: Quantity, claim: str, text: str, said: Sequence[Quantity]) -> bool:
    """Whether a number follows from those of the quotes: "110 million" from "forty million, it came in at 110"."""
    if number.counts and all(
        count == 1 or any(replace(number, low=count, high=count, unit=None).same(other) for other in said)
        for count in number.counts
    ):
        return True  # "one of the two meetings"
    if number.unit == "%" and re.search(rf"\bby (?:\w+ )?{re.escape(number.text)}", claim):
        return any(other.unit == "%" and abs(number.high + other.high - 100) < 1 for other in said)
    if number.unit == "x":
        return (number.high == 2 and bool(_AGAIN.search(text))) or any(
            one.unit == other.unit
            and other.high > 0
            and abs(one.high - number.high * other.high) <= _ROUGH * number.high * other.high
            for one in said
            for other in said
        )
    if is_year(number) and any(other.low == number.low % 100 and other.unit is None for other in said):
        return True  # "in ninety-four"
    if number.text.casefold().endswith("century"):
        return any(int(year) // 100 + 1 == number.low / number.factor for year in _YEAR.findall(text))
    if number.low == number.factor and number.unit == "s":
        return not any(other.unit == "s" for other in said)
    for scale in (1e3, 1e6, 1e9):
        bare = (other for other in said if other.unit is None and not other.weak)
        if any(other.high * scale == number.high for other in bare) and any(
            other.high >= scale for other in said
        ):
            return True
    return _goes_without_saying(number, claim, text, said)


_AGAIN = re.compile(r"\b(?:again|(?:a|the) second time|both times)\b", re.IGNORECASE)
"""What is told a second time happened twice."""
_YEAR = re.compile(r"\b(1\d{3}|20\d{2})(?:s|\b)")

_ROUGH = 0.12
"""How far "nearly three times" may be from the quotient of two numbers."""


def _goes_without_saying(number: Quantity, claim: str, text: str, said: Sequence[Quantity]) -> bool:
    """A count of what is listed ("three scanners: A, B and C"), none for "zero", all for "100 %"."""
    if number.high == 0:
        return negations(text) > 0
    if number.unit == "%" and number.high == 100:
        return bool(re.search(r"\b(all|every\w*|each|whole|entire\w*|completely|fully)\b", text, re.I))
    if number.unit is not None or number.low != number.high or not 2 <= number.high <= _SMALL_LIST:
        return False
    if number.high == 2 and _TWO_OF_US.search(text):
        return True
    counted = any(other.unit is None and not other.weak and other.high <= _SMALL_LIST for other in said)
    known = number.high == 2 and re.search(rf"\b(?:the|these|those|both) {number.text}\b", claim, re.I)
    return number.high in _list_lengths(claim) or (
        not counted and (bool(known) or number.high in _list_lengths(text))
    )


_TWO_OF_US = re.compile(
    r"\b(?:me|myself|I) and (?:one|my|a|this|[A-Z])|\b(?:my|one|a|this|[A-Z][\w.]*)(?: [\w.]+)? and (?:me|myself|I)\b"
)
"""The speaker and one more: "me and one other nurse", "Odile and I"."""


def _list_lengths(text: str) -> set[int]:
    """How many things "A, B and C" may list, for each list in `text`; 2 is for two names joined by "and"."""
    lengths = {2} if re.search(r"\b[A-Z][\w.]*(?: [A-Z][\w.]*)* and (?:then )?[A-Z]", text) else set()
    for stretch in re.findall(r"(?:[^,;:.!?]+,\s*(?:and |or )?)+[^,;:.!?]+", text):
        commas = stretch.count(",")
        tail = stretch.rsplit(",", 1)[1]
        lengths |= {commas + 1, commas + 1 + len(re.findall(r"\b(?:and|or)\b(?=.)", tail[5:]))}
    return lengths - {1}


def wrong_name(claim: str, quotes: Sequence[Cited]) -> str | None:
    """A name of the claim that is in no quote, or a speaker that is another."""
    speakers = known_speakers(quotes)
    anonymous = len(speakers) == 0 or any(
        not quote.speaker or _MACHINE_LABEL.fullmatch(quote.speaker.strip()) for quote in quotes
    )
    texts = [quote.text for quote in quotes]
    around = [quote.context for quote in quotes if quote.context]
    own = {word for speaker in speakers for word in words_of(speaker)}
    for found in names_of(claim):
        name = _without(found, own)
        if not name.words or named_in(name, speakers):
            continue
        sayer = _says(claim, name)
        if named_in(name, texts):
            if sayer and speakers and not anonymous and _is_person(name) and not _reported(name, texts):
                return f"said by {_listed(speakers)}, not {name.text}"
            continue
        if not sayer and (named_in(name, around) or _is_ours(name, claim, texts)):
            continue
        if (
            not name.sure
            or name.text in _COMMON
            or (name.start == 0 and len(name.words) > 1 and named_in(_tail(name), texts))
        ):
            continue
        if anonymous and (sayer or name.start == 0):
            continue
        if sayer or (name.start == 0 and _is_person(name) and _first_person(texts)):
            return f"said by {_listed(speakers)}, not {name.text}"
        return f"the name {name.text} is not in the quote"
    return None


_COMMON = frozenset("AI IT API APIs UI URL CPU GPU RAM OS PR PRs CI LLM LLMs CEO CTO TV PC".split())
"""Names that are used as common words; whether a quote speaks of them is left to the weighing."""


def _without(name: Name, own: set[str]) -> Name:
    """A name without the speaker's at its end ("In English Ada Berg …")."""
    kept = [word for word in name.words if word not in own]
    if len(kept) in (0, len(name.words)) or name.words[: len(kept)] != tuple(kept):
        return name
    return replace(name, words=tuple(kept), text=" ".join(name.text.split()[: len(kept)]))


def _tail(name: Name) -> Name:
    """A name without the word that may have its capital only from the sentence's start ("Learning Go")."""
    return replace(name, words=name.words[1:], text=name.text.split(" ", 1)[1])


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names)


def _is_person(name: Name) -> bool:
    """Two or three capitalised words; a single word in a quote may be a product."""
    return (
        2 <= len(name.words) <= 3 and name.text.replace(" ", "").replace("'", "").replace("-", "").isalpha()
    )


def _first_person(texts: Sequence[str]) -> bool:
    return any(re.search(r"\b(I|me|my|mine|we|our|us)\b", text, re.I) for text in texts)


def _says(claim: str, name: Name) -> bool:
    """Whether the claim makes this name the one who says it."""
    after = words_of(claim[name.start + len(name.text) :])[:3]
    before = fold(claim[: name.start]).split()[-2:]
    return (
        bool(after and after[0] in SAYS)
        or bool(len(after) > 1 and after[0] in ("also", "still", "now", "once", "often") and after[1] in SAYS)
        or before[-2:] == ["according", "to"]
        or bool(before and (before[-1] in SAYS or (len(before) == 1 and before[0] in ("for", "to", "by"))))
    )


def _is_ours(name: Name, claim: str, texts: Sequence[str]) -> bool:
    """Whether what is this name's in the claim is "ours" or "mine" in a quote: "the school's roof", "our roof"."""
    owned = re.match(r"['’]s?\s+(?:\w+\s+)?(\w+)", claim[name.start + len(name.text) :])
    return owned is not None and any(
        re.search(rf"\b(?:our|my)\s+(?:\w+\s+)?{re.escape(owned[1])}\b", text, re.I) for text in texts
    )


def _reported(name: Name, texts: Sequence[str]) -> bool:
    """Whether a quote itself tells what this person said or thought."""
    said = "|".join([*SAYS, "said", "told", "wrote", "was", "is", "has", "had", "did"])
    return any(
        re.search(rf"\b{re.escape(word)}\b[^.]*\b(?:{said})\b", fold(text))
        for text in texts
        for word in name.words
    )
