"""Who says what a claim tells: the quotes that can carry it, and its parts where it tells what several people say."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from rag.claim_words import SAYS
from rag.names import Name, named_in, names_of
from rag.word_forms import fold, words_of

_TELLING = 8
"""So many words tell something by themselves, without what they answer."""
_SAYS_SOMETHING = 2
"""Words between a name and a joint: "Ada and Bo agree" tells nothing of Ada alone."""
_JOINT = re.compile(r"(?:,|;)?\s*\b(?:and|but|while|whereas|though|although)\s*$|;\s*$", re.IGNORECASE)
"""What joins what one person says to what another does, just before that one's name."""
_OPENS_APART, _COMMA = re.compile(r"(?:while|whereas|although|though)\b", re.IGNORECASE), re.compile(r",\s*$")
"""Who opens so joins by a comma."""
_MACHINE_LABEL = re.compile(
    r"(?:speaker|spk|voice|person|participant|unknown|host|guest|user)?[\s_#-]*\d*|[a-z]", re.IGNORECASE
)


class Cited(NamedTuple):
    """A quote under check: its words, who said them, and the lines around it in the same turn."""

    text: str
    speaker: str | None = None
    context: str = ""


def is_label(speaker: str) -> bool:
    """Whether a speaker's name is a label made by a machine ("SPEAKER_00")."""
    return bool(_MACHINE_LABEL.fullmatch(speaker.strip()))


def known_speakers(quotes: Sequence[Cited]) -> tuple[str, ...]:
    """The names of the quotes' speakers; a label made by a machine is no name."""
    names = (quote.speaker.strip() for quote in quotes if quote.speaker)
    return tuple(dict.fromkeys(name for name in names if not is_label(name)))


def says(claim: str, name: Name) -> bool:
    """Whether the claim makes this name the one who says it."""
    after = words_of(claim[name.start + len(name.text) :])[:3]
    before = fold(claim[: name.start]).split()[-2:]
    return (
        bool(after and after[0] in SAYS)
        or bool(len(after) > 1 and after[0] in ("also", "still", "now", "once", "often") and after[1] in SAYS)
        or before[-2:] == ["according", "to"]
        or bool(before and (before[-1] in SAYS or (len(before) == 1 and before[0] in ("for", "to", "by"))))
    )


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
        if says(claim, name)
    ]
    if len(sayers) != 1 or len(sayers[0]) != 1:
        return quotes
    theirs = _of(quotes, sayers[0][0])
    return theirs if _tells(theirs) else quotes


def by_sayers(claim: str, quotes: Sequence[Cited]) -> list[tuple[str, Sequence[Cited]]]:
    """The parts of a claim that tell what several quoted people say, each with that one's quotes; else all of it.

    "Ada likes it, but Bo does not" is true if Ada's quotes carry the one part and Bo's the other. Of whom another one's
    quote speaks, that other may tell.
    """
    whole: list[tuple[str, Sequence[Cited]]] = [(claim, of_the_sayer(claim, quotes))]
    speakers = known_speakers(quotes)
    named = [
        (name, may_be[0])
        for name in names_of(claim)
        if len(may_be := [speaker for speaker in speakers if named_in(name, [speaker])]) == 1
    ]
    if len({who for _, who in named}) < 2 or any(
        named_in(name, [quote.text for quote in quotes if not _is_by(quote, who)]) for name, who in named
    ):
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
    if len(set(sayers)) < len(sayers) or not all(map(_tells, theirs)):
        return whole
    return list(zip(parts, theirs, strict=True))


def _of(quotes: Sequence[Cited], speaker: str) -> list[Cited]:
    """What one person says, and what was asked."""
    return [quote for quote in quotes if _is_by(quote, speaker) or _asks(quote)]


def _is_by(quote: Cited, speaker: str) -> bool:
    return (quote.speaker or "").strip() == speaker


def _asks(quote: Cited) -> bool:
    return quote.text.rstrip().endswith("?")


def _tells(quotes: Sequence[Cited]) -> bool:
    """Whether what is said in quotes, and not only asked, is long enough to tell something."""
    return sum(len(words_of(quote.text)) for quote in quotes if not _asks(quote)) >= _TELLING
