"""Times as transcripts write them."""

import re

TIME = r"(?:\d{1,2}:)?\d{1,3}:\d{2}(?:[.,]\d{1,3})?"
"""A pattern for `0:12`, `04:01`, `1:02:03`, `00:00:12.500` and `00:00:12,500`."""

_PARTS = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{2})(?:[.,](\d{1,3}))?")
LATEST_S = 100 * 3600.0


def seconds(text: str) -> float | None:
    """The seconds that a time stands for, or None where it is none."""
    match = _PARTS.fullmatch(text.strip())
    if not match:
        return None
    hours, minutes, rest, fraction = match.groups()
    if int(rest) > 59 or (hours and int(minutes) > 59):
        return None
    return (
        int(hours or 0) * 3600 + int(minutes) * 60 + int(rest) + (float(f"0.{fraction}") if fraction else 0.0)
    )


def believable(time: float | None) -> bool:
    """Whether a time in seconds can be a place in a recording."""
    return time is not None and 0 <= time < LATEST_S
