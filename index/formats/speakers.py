"""Which labels name speakers, decided over a whole file.

`Note: …` and `The point is: …` are no labels; `Kevin: …`, `Q: …`, `JANE ROE: …` and `The Chair (Hon. A. Roe): …`
are. What a label looks like is weighed with how often it stands there, and with whether people call each
other by it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index.formats.labels import Shape, is_other_thing, shape_of, without_brackets

_MANY = 400
"""Labels that stand there once: a file with more of them is a list of something."""

_ARTICLE = re.compile(r"(?:the|an?|this|that|my|our|your)\s", re.IGNORECASE)
"""Before the title of a book, which breaks into sentences as no person's label does."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A place in a file where a label may stand.

    Attributes:
        label: the words, without colon and time.
        sure: whether more than a colon marks it: bold type, a time beside it, a heading, the file's own markup.
        words: what is said after it.
        timed: whether a time stands beside it.
        broken: whether the words before it break off in the middle of a sentence.
        certain: whether its form leaves no doubt that it is a label, whatever it looks like.
        bracketed: whether it stands in brackets, as noises do.
        place: the number of its row.
        stretch: the number of the stretch of rows that it stands in; a site's own lines lie between two.
    """

    label: str
    sure: bool
    words: str
    timed: bool = False
    broken: bool = False
    certain: bool = False
    bracketed: bool = False
    place: int = 0
    stretch: int = 0


def speakers_among(
    sightings: Iterable[Sighting],
    pieces: int,
    text: str,
    *,
    known: frozenset[str] = frozenset(),
    captions: bool = False,
) -> frozenset[str]:
    """The labels that name speakers.

    Args:
        sightings: the places where labels may stand.
        pieces: how many paragraphs, or captions, could have had a label.
        text: the whole file, to see whether people call each other by a name.
        known: names that the file itself lists as its speakers.
        captions: whether the pieces are captions, which are surely speech and begin anywhere in it.
    """
    seen = [sighting for sighting in sightings if _may_name_somebody(sighting)]
    sure = [sighting for sighting in seen if sighting.sure]
    if len(sure) >= 2 and 2 * len(sure) >= len(seen):
        # Where labels are marked, words before a mere colon are words.
        seen = sure
    if any(
        count > 1 for count in Counter(sighting.label for sighting in seen if not sighting.bracketed).values()
    ):
        seen = [sighting for sighting in seen if not sighting.bracketed]
    certain = {sighting.label for sighting in seen if sighting.certain}
    counts = Counter(sighting.label for sighting in seen)
    marked = {sighting.label for sighting in seen if sighting.sure}
    shapes = {label: Shape.NAME if label in certain else shape_of(label) for label in counts}
    broken = Counter(sighting.label for sighting in seen if sighting.broken)
    regular = {
        label
        for label, count in counts.items()
        if label in known
        or (
            (2 * broken[label] <= count or (shapes[label] is Shape.NAME and not _ARTICLE.match(label)))
            and _is_regular(label, count, shapes[label], label in marked, text)
        )
    }
    share = sum(counts[label] for label in regular) / max(pieces, 1)
    if share < 0.2:
        regular = {label for label in regular if shapes[label] is not Shape.HANDLE or label in known}
    firm = {label for label in regular if counts[label] > 1}
    once = {label for label in counts if label not in regular}
    once = set() if len(once) > _MANY else {label for label in once if not broken[label]}
    near = once if captions or not firm else once & _among_the_others(seen, firm)
    accepted = regular | {
        label
        for label in once
        if _is_believable_once(
            label,
            shapes[label],
            label in marked,
            bool(firm) and label in near,
            share >= (0.9 if captions else 0.4),
            not captions and len(seen) >= 0.95 * pieces,
            text,
            regular,
            known,
        )
    }
    if not firm and not accepted & known:
        timed = {sighting.label for sighting in seen if sighting.timed}
        names = {label for label in counts if shapes[label] in (Shape.NAME, Shape.ROLE) or label in timed}
        accepted = (
            names
            if len(names) > 1 and len(names) == len(counts) and (names <= marked or 2 * len(seen) >= pieces)
            else {label for label in names if _introduces_itself(label, text)}
        )
    spoken = [sighting for sighting in seen if sighting.label in accepted]
    listed = {label for label in accepted if all(_is_mere_name(s.words) for s in spoken if s.label == label)}
    accepted -= {label for label in listed if counts[label] == 1 and shapes[label] is Shape.ROLE}
    accepted -= _listed_apart([sighting for sighting in spoken if sighting.label in accepted])
    people = {label for label in firm if shapes[label] is Shape.NAME}
    return frozenset(accepted) if captions or len(people) > 1 or _reads_like_speech(spoken) else frozenset()


def _may_name_somebody(sighting: Sighting) -> bool:
    if re.match(r"<?https?://", sighting.words):
        return False
    if sighting.certain and len(sighting.label.split()) <= 6:
        return not is_other_thing(sighting.label) and bool(re.search(r"[^\W\d_]", sighting.label))
    return shape_of(sighting.label) is not Shape.NONE


def _is_regular(label: str, count: int, shape: Shape, marked: bool, text: str) -> bool:
    """Whether a label stands there often enough to be one."""
    if shape in (Shape.NAME, Shape.ROLE):
        return count > 1
    if shape is Shape.WORD:
        return count > 2 or (count == 2 and (marked or not is_common_word(label, text)))
    return count > 2


def _is_believable_once(
    label: str,
    shape: Shape,
    marked: bool,
    others: bool,
    usual: bool,
    all_labelled: bool,
    text: str,
    regular: set[str],
    known: frozenset[str],
) -> bool:
    """Whether a label that stands there once is one, going by the labels that stand there often."""
    words = _words_of(label)
    others_words = [_words_of(other) for other in regular]
    if label in known or any(words <= other or other <= words for other in others_words):
        return True
    if not others:
        return False
    if shape is Shape.NAME:
        return marked or usual or is_called(label, text) or is_made_of_names(label, text)
    if shape is Shape.ROLE:
        return marked or usual
    if shape is Shape.WORD:
        return (marked or all_labelled or is_called(label, text)) and not is_common_word(label, text)
    return False


def _words_of(label: str) -> set[str]:
    return set(re.findall(r"[^\s,]+", without_brackets(label)))


def _among_the_others(seen: Sequence[Sighting], firm: set[str]) -> set[str]:
    """The labels that stand between those which surely name speakers, or in the same stretch of talk."""
    sure = [sighting for sighting in seen if sighting.label in firm]
    first, last = min(sure, key=_place), max(sure, key=_place)
    talking = [sighting for sighting in seen if _reads_like_speech([sighting])]
    near = {sighting.label for sighting in seen if first.place <= sighting.place <= last.place}
    near |= {each.label for each in talking if each.stretch in (first.stretch, last.stretch)}
    return near | {sighting.label for sighting in seen if sighting.timed}


def _listed_apart(spoken: Sequence[Sighting]) -> set[str]:
    """The labels that have no talk behind them and stand above or below those which do, as in a list of subjects."""
    talking = {sighting.label for sighting in spoken if _reads_like_speech([sighting])}
    places = [sighting.place for sighting in spoken if sighting.label in talking]
    if not places:
        return set()
    among = {sighting.label for sighting in spoken if min(places) <= sighting.place <= max(places)}
    return {sighting.label for sighting in spoken} - among


def _place(sighting: Sighting) -> int:
    return sighting.place


def is_made_of_names(label: str, text: str) -> bool:
    """Whether a label of several words has none that the file also writes without its capital."""
    words = re.findall(r"[^\W\d_][\w'’-]+", without_brackets(label))
    return len(words) > 1 and not any(is_common_word(word, text) for word in words)


def is_common_word(label: str, text: str) -> bool:
    """Whether a word is also written without its capital in the file."""
    if label == label.lower():
        return False
    return bool(re.search(rf"(?<![\w@#/.-]){re.escape(label.lower())}(?![\w@/-])", text))


def is_called(label: str, text: str) -> bool:
    """Whether somebody is greeted, thanked, introduced or spoken to by a part of this name."""
    parts = [part for part in re.findall(r"[^\W\d_][\w'’-]+", without_brackets(label)) if part[0].isupper()]
    if not parts:
        return False
    name = "|".join(re.escape(part) for part in parts)
    calls = (
        rf"(?:[Tt]hanks|[Tt]hank you|[Ww]elcome|[Hh]i|[Hh]ello|[Hh]ey|I['’]m|I am|name is|name['’]s|[Tt]his is|joined by|"
        rf"guest is|with us is|here with|with me is),?\s+(?:\w+\.?\s+){{0,2}}?(?:{name})\b"
        rf"|,\s+(?:{name})[,.?!]|(?:^|[.?!]\s+)(?:{name}),\s+[^\WA-Z]"
    )
    return bool(re.search(calls, text, re.MULTILINE))


def _introduces_itself(label: str, text: str) -> bool:
    parts = [part for part in re.findall(r"[^\W\d_][\w'’-]+", without_brackets(label)) if part[0].isupper()]
    name = "|".join(re.escape(part) for part in parts) or "(?!)"
    return bool(re.search(rf"(?:I['’]m|I am|[Mm]y name is|[Mm]y name['’]s|[Tt]his is)\s+(?:{name})\b", text))


def _is_mere_name(words: str) -> bool:
    """Whether a label is followed by a name alone, as in a list of who takes part."""
    return len(words.split()) > 1 and shape_of(words.strip(" .")) is Shape.NAME


def _reads_like_speech(spoken: list[Sighting]) -> bool:
    """Whether what follows the labels is talk rather than the values of settings; below headings it is not known."""
    said = [sighting.words.strip() for sighting in spoken if sighting.words.strip()]
    if 2 * len(said) < len(spoken):
        return True
    talk = sum(
        1
        for words in said
        if len(words.split()) > 5
        or re.search(r"[.!?…,—–-][\"'”’)\]]*$|[。！？]$", words)
        or _GREETING.fullmatch(words)
    )
    return talk >= 0.3 * len(said)


_GREETED = (
    r"(?:hi|hello|hey|welcome|good (?:morning|afternoon|evening|night)|goodbye|good-bye|bye|bye-bye|ciao|cheers|"
    r"see you|so long|take care|thanks|thank you|sure|okay|ok|yeah|yep|nope|exactly|absolutely|indeed|wow|mm|mmm|"
    r"mm-hmm|mhm|uh-huh|hmm|oh|ah|well)"
)
_GREETING = re.compile(
    rf"{_GREETED}(?:[\s,]+(?:{_GREETED}|there|again|all|everyone|everybody|very much|so much)){{0,3}}",
    re.IGNORECASE,
)
"""What somebody may say without a full stop, and no setting or credit is: yes and no are left out for that."""
