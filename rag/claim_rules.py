"""Plain reasons why a quote cannot carry a sentence: a name or a speaker that it does not have.

Each rule, here and in the other modules of rules, takes a claim and its quotes, and gives a short reason in plain words,
or None.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from rag.claim_words import SAYS
from rag.names import Name, named_in, names_of
from rag.word_forms import fold, words_of


class Cited(NamedTuple):
    """A quote under check: its words, who said them, and the lines around it in the same turn."""

    text: str
    speaker: str | None = None
    context: str = ""


_MACHINE_LABEL = re.compile(
    r"(?:speaker|spk|voice|person|participant|unknown|host|guest|user)?[\s_#-]*\d*|[a-z]", re.I
)


def known_speakers(quotes: Sequence[Cited]) -> tuple[str, ...]:
    """The names of the quotes' speakers; a label made by a machine ("SPEAKER_00") is no name."""
    names = (quote.speaker.strip() for quote in quotes if quote.speaker)
    return tuple(dict.fromkeys(name for name in names if not _MACHINE_LABEL.fullmatch(name)))


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


def of_the_sayer(claim: str, quotes: Sequence[Cited]) -> Sequence[Cited]:
    """The quotes that can carry a claim: where it says who says it, that one's alone, and what they were asked.

    All of them where nobody or several are said to say it, or where that one's quotes are too short to tell anything.
    """
    speakers = known_speakers(quotes)
    if len(speakers) < 2:
        return quotes
    sayers = [
        [speaker for speaker in speakers if named_in(name, [speaker])]
        for name in names_of(claim)
        if _says(claim, name)
    ]
    if len(sayers) != 1 or len(sayers[0]) != 1:
        return quotes
    (sayer,) = sayers[0]
    own = [quote for quote in quotes if (quote.speaker or "").strip() == sayer]
    if sum(len(words_of(quote.text)) for quote in own) < _TELLING:
        return quotes
    return [quote for quote in quotes if quote in own or quote.text.rstrip().endswith("?")]


def by_sayers(claim: str, quotes: Sequence[Cited]) -> list[tuple[str, Sequence[Cited]]]:
    """The parts of a claim that tell what several quoted people say, each with that one's quotes; else all of it.

    "Ada likes it, but Bo does not" is true if Ada's quotes carry the one part and Bo's the other.
    """
    whole: list[tuple[str, Sequence[Cited]]] = [(claim, of_the_sayer(claim, quotes))]
    speakers = known_speakers(quotes)
    named = [
        (name, may_be[0])
        for name in names_of(claim)
        if len(may_be := [speaker for speaker in speakers if named_in(name, [speaker])]) == 1
    ]
    if len({who for _, who in named}) < 2:
        return whole
    cuts, sayers = [0], [named[0][1]]
    for (name, who), (next_name, next_who) in pairwise(named):
        between = claim[name.start + len(name.text) : next_name.start]
        if who == next_who:
            continue
        joint = _JOINT.search(between) or (_OPENS_APART.match(claim) and _COMMA.search(between))
        if not joint or len(words_of(between[: joint.start()])) < _SAYS_SOMETHING:
            return whole
        cuts.append(next_name.start)
        sayers.append(next_who)
    parts = [_JOINT.sub("", claim[start:end]).strip(" ,") for start, end in pairwise([*cuts, len(claim)])]
    theirs = [_of(quotes, who) for who in sayers]
    if len(set(sayers)) < len(sayers) or any(map(_too_short, theirs)):
        return whole
    return list(zip(parts, theirs, strict=True))


def _of(quotes: Sequence[Cited], speaker: str) -> list[Cited]:
    """What one person says, and what was asked."""
    return [
        quote
        for quote in quotes
        if (quote.speaker or "").strip() == speaker or quote.text.rstrip().endswith("?")
    ]


def _too_short(quotes: Sequence[Cited]) -> bool:
    return (
        sum(len(words_of(quote.text)) for quote in quotes if not quote.text.rstrip().endswith("?")) < _TELLING
    )


_JOINT = re.compile(r"(?:,|;)?\s*\b(?:and|but|while|whereas|though|although)\s*$|;\s*$", re.IGNORECASE)
"""What joins what one person says to what another does, just before that one's name."""
_OPENS_APART, _COMMA = re.compile(r"(?:while|whereas|although|though)\b", re.IGNORECASE), re.compile(r",\s*$")
"""Who opens so joins by a comma."""
_SAYS_SOMETHING = 2
"""Words between a name and such a joint: "Ada and Bo agree" tells nothing of Ada alone."""
_TELLING = 8
"""So many words tell something by themselves, without what they answer."""
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
