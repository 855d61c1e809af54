"""Times as transcripts write them."""

import re

TIME = r"(?<![\d:.])(?:\d{1,3}:)?\d{1,3}:\d{2}(?:[.,]\d{1,6}|:\d{2})?(?!\d|:\d)"
"""A pattern for `0:12`, `04:01`, `1:02:03`, `00:00:12.500`, `00:00:12,500` and, with frames, `00:00:12:05`."""

LATEST_S = 100 * 3600.0

SLOWEST_WORDS_S = 0.1
"""Words a second below which it is no speech."""

_PARTS = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{2})(?:[.,](\d{1,6})|:\d{2})?", re.ASCII)


def seconds(text: str) -> float | None:
    """The seconds that a time stands for, or None where it is no time of day in a recording."""
    match = _PARTS.fullmatch(text.strip())
    if not match:
        return None
    hours, minutes, rest, fraction = match.groups()
    if int(rest) > 59 or (hours and int(minutes) > 59):
        return None
    return (
        int(hours or 0) * 3600 + int(minutes) * 60 + int(rest) + (float(f"0.{fraction}") if fraction else 0.0)
    )


def believable(time_s: float) -> bool:
    """Whether a time in seconds can be a place in a recording; not so for a negative one or NaN."""
    return 0 <= time_s < LATEST_S
