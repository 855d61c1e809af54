"""Whether a name in a text can be that of a turn's speaker."""

import re
import unicodedata

from index.words import words_of

_TITLES = frozenset("mr mrs ms miss dr prof professor sir dame host guest the hon".split())
_LABEL_OF_NOBODY = re.compile(
    r"(?:speaker|guest|host|voice|person|unknown|spk)?[\W_]*(?:\d+|[a-z])", re.IGNORECASE
)
"""What a transcription service calls a voice whose name it does not know."""


def same_person(claimed: str | None, speaker: str | None) -> bool:
    """Whether a claimed name can be that of a turn's speaker: in full, or by first name or surname.

    An unknown speaker, or one known by a number only, contradicts no name.
    """
    if not claimed or not speaker:
        return True
    if claimed.strip().casefold() == speaker.strip().casefold():
        return True
    if is_label_of_nobody(speaker):
        return not is_label_of_nobody(claimed)
    names, own = parts_of(claimed), parts_of(speaker)
    if not names or not own or any(character.isdigit() for character in claimed + speaker):
        return False
    shorter, longer = sorted((names, own), key=len)
    if len(shorter) == 1:
        return shorter[0] in longer
    return set(shorter) <= set(longer) and shorter[-1] == longer[-1]


def is_label_of_nobody(name: str) -> bool:
    """Whether a speaker's name is only what a service calls a voice that it does not know."""
    return bool(_LABEL_OF_NOBODY.fullmatch(name.strip()))


def parts_of(name: str) -> list[str]:
    """The parts of a name without titles, middle initials and accents."""
    plain = "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))
    words = [word.norm for word in words_of(plain) if word.norm not in _TITLES]
    return [word for place, word in enumerate(words) if len(word) > 1 or place in (0, len(words) - 1)]
