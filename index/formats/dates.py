"""Days as pages and files write them."""

import datetime
import re

_MONTHS = "january february march april may june july august september october november december".split()
_MONTH = "|".join(f"{month[:3]}(?:{month[3:]}|t)?" if month[3:] else month for month in _MONTHS)
_WEEKDAY = r"(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?"

DATE = re.compile(
    rf"(?:\b{_WEEKDAY}[.,]* )?\b(?:(?P<m1>{_MONTH})\.? (?P<d1>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y1>\d{{4}})"
    rf"|(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m2>{_MONTH})\.?,? (?P<y2>\d{{4}})"
    r"|(?P<iso>\d{4}-\d{2}-\d{2}))(?!\d)(?:,? (?:at )?\d{1,2}:\d{2} ?(?:[ap]\.?m\b\.?)?)?",
    re.IGNORECASE,
)
"""A day in ISO form or written out in English, with the weekday and the time of day that stand beside it."""


def date_in(text: str) -> datetime.date | None:
    """The first day that a text names, in ISO form or written out in English."""
    match = DATE.search(text)
    if not match:
        return None
    try:
        if match["iso"]:
            return datetime.date.fromisoformat(match["iso"])
        month = (match["m1"] or match["m2"])[:3].lower()
        number = next(i for i, name in enumerate(_MONTHS, start=1) if name.startswith(month))
        return datetime.date(int(match["y1"] or match["y2"]), number, int(match["d1"] or match["d2"]))
    except ValueError:
        return None
