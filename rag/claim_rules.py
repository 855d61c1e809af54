"""Plain reasons why a quote cannot carry a sentence: a name or a speaker that it does not have.

Each rule, here and in the other modules of rules, takes a claim and its quotes, and gives a short reason in plain words,
or None.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.claim_words import SAYS
from rag.names import Name, named_in, names_of
from rag.sayers import Cited, is_label, known_speakers, says
from rag.word_forms import fold, words_of


def wrong_name(claim: str, quotes: Sequence[Cited]) -> str | None:
    """A name of the claim that is in no quote, or a speaker that is another."""
    speakers = known_speakers(quotes)
    anonymous = len(speakers) == 0 or any(not quote.speaker or is_label(quote.speaker) for quote in quotes)
    texts = [quote.text for quote in quotes]
    around = [quote.context for quote in quotes if quote.context]
    own = {word for speaker in speakers for word in words_of(speaker)}
    for found in names_of(claim):
        name = _without(found, own)
        if not name.words or named_in(name, speakers):
            continue
        sayer = says(claim, name)
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
