"""Which words before a colon name a speaker, decided over a whole file."""

import re
from collections import Counter
from collections.abc import Iterable

from index.text import clean

LONGEST = 80

LABEL = re.compile(r"(?P<label>[^\s:：][^:：\n]{0,110}?(?:\([^)\n]{0,90}\))?)\s?[:：](?=\s|$)\s*")
"""What stands before the first colon of a paragraph."""

_NOT_PEOPLE = frozenset(
    "break jingle music intro outro theme ad ads advert advertisement sponsor sponsors commercial promo transcript "
    "transcription note notes links link chapter chapters topic topics title episode date duration published "
    "description summary tags category categories show season hosts guests speakers participants present attendees "
    "subscribe copyright source url website twitter email contact credits producer editor updated posted share "
    "location time length recorded disclaimer correction update warning editor's language subject re ps tldr "
    "sound sfx applause laughter silence resources references".split()
)
_NOT_NAMES = frozenset(
    "remember so but and first second third finally again look listen yes no well okay ok now here today example "
    "fact rule step lesson the a an this that it is what why how when where who which because if then there also "
    "bonus tip result problem solution option reason point part bottom".split()
)
_PARTICLES = frozenset(
    "de del della der den di da dos van von la le el al bin ibn of the and y e & du des zu ten ter st".split()
)
_TITLE_DOTS = re.compile(
    r"\b(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|Hon|Rev|St|Sr|Jr|Gen|Col|Capt|Lt|Sgt|Sen|Rep|Gov|Ph\.?D|M\.?D|B\.?A|M\.?A|Lib|Cons)\."
)


def speaker_name(label: str) -> str | None:
    """A label as the name it gives, without decoration, or None where it names nobody."""
    name = re.sub(r"^[-–—>*•#\s]+|[\s:：*_]+$", "", clean(label)).strip("[]").strip()
    name = " ".join(name.split())
    return name[:LONGEST] or None


def is_person(label: str) -> bool:
    """Whether a label is not one of the words that transcripts put there for something else."""
    bare = re.sub(r"[^\w' ]", "", label).strip().lower()
    return (
        bool(bare)
        and bare not in _NOT_PEOPLE
        and not re.fullmatch(r"(?:\w+ )?(?:break|jingle|music)(?: \w+)?", bare)
    )


def looks_like_name(label: str) -> bool:
    """Whether a label is written as a name or a role is: `Jane Roe`, `SPEAKER_00`, `Dr. J. O'Hara (guest)`."""
    outside = re.sub(r"\s*[(\[].*$", "", label)
    outside = _TITLE_DOTS.sub(lambda match: match[0][:-1], outside).strip()
    if not outside or len(label) > 110 or re.search(r"[.!?;\"“”/<>=@]|https?$|,.*,", outside):
        return False
    if re.fullmatch(r"[A-Z]{1,3}", outside):
        return is_person(outside)
    words = outside.split()
    if len(words) > 7 or not is_person(outside) or words[0].lower() in _NOT_NAMES - {"the"}:
        return False
    if not re.search(r"[^\W\d_]", outside):
        return False
    capitals = [word for word in words if word[0].isupper() or word[0].isdigit() or not word[0].isascii()]
    lower = [word for word in words if word[0].islower() and word.lower() not in _PARTICLES]
    if lower:
        return len(words) == 1 and len(lower[0]) > 1  # a handle such as `kate`; it must repeat
    return bool(capitals) and not (len(words) == 1 and words[0].lower() in _NOT_NAMES)


def speakers_among(labels: Iterable[str], *, all_labelled: bool = False) -> frozenset[str]:
    """The labels that name speakers: they look like names and repeat, or stand beside ones that do.

    Args:
        all_labelled: whether every paragraph has a label; then even a single short name is one.
    """
    counts = Counter(labels)
    names = {label: count for label, count in counts.items() if looks_like_name(label)}
    repeated = {label for label, count in names.items() if count > 1}
    if not repeated:
        # Two people who speak once each, both under a full name or a telling role.
        return (
            frozenset(names) if len(names) > 1 and all(_is_clear(label) for label in names) else frozenset()
        )
    return frozenset(
        repeated | {label for label in names if _is_clear(label) or (all_labelled and label[0].isupper())}
    )


def _is_clear(label: str) -> bool:
    """Whether a label is a name even when it stands only once."""
    words = re.sub(r"\s*[(\[].*$", "", label).split()
    if len(words) == 1:
        return (words[0].isupper() and 2 <= len(words[0]) <= 12) or bool(
            re.fullmatch(r"[A-Z][\w]*_\d+", words[0])
        )
    return all(word[0].isupper() or word[0].isdigit() or word.lower() in _PARTICLES for word in words)
