"""What a site may spend in a day, kept in the library: questions, and tokens of the language model.

Tokens are reserved before a model is asked and settled afterwards with what the server reports. A process
that dies in between leaves its reservation spent, so that a day never costs more than its budget.
"""

import datetime
from dataclasses import dataclass

from index.errors import TooOften
from index.library import Library

OWN_PAGES = ""
"""In place of a site's name: the server's own chat, and questions that name no site."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may be spent in a day of UTC."""

    questions: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Spent:
    """What was spent on a day; tokens with those that are reserved."""

    questions: int = 0
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Reservation:
    """One question, and the tokens that are held for it: none where the day has not enough left."""

    site: str
    day: str
    tokens: int


def reserve(
    library: Library, site: str, allowance: Allowance, tokens: int, now: datetime.datetime
) -> Reservation:
    """Take one question, and if they are left `tokens` tokens, from the day's budget.

    Raises:
        TooOften: the day's questions are spent.
    """
    now = now.astimezone(datetime.UTC)
    day = now.date().isoformat()
    with library.writing():
        before = spent(library, site, now)
        if before.questions >= allowance.questions:
            raise TooOften(
                f"the limit for questions is {allowance.questions} a day",
                retry_after_s=_seconds_to_midnight(now),
                fix="come back tomorrow",
            )
        held = tokens if before.tokens + tokens <= allowance.tokens else 0
        _add(library, site, day, 1, held)
    return Reservation(site, day, held)


def settle(library: Library, reservation: Reservation, tokens: int) -> None:
    """Put the tokens that an answer really cost in place of those that were held for it."""
    if tokens != reservation.tokens:
        with library.writing():
            _add(library, reservation.site, reservation.day, 0, tokens - reservation.tokens)


def spent(library: Library, site: str, now: datetime.datetime) -> Spent:
    """What was spent on the day of `now`."""
    row = library.db.execute(
        "SELECT questions, tokens FROM spending WHERE day = ? AND site = ?",
        (now.astimezone(datetime.UTC).date().isoformat(), site),
    ).fetchone()
    return Spent(*row) if row else Spent()


def _add(library: Library, site: str, day: str, questions: int, tokens: int) -> None:
    library.db.execute(
        "INSERT INTO spending VALUES (?1, ?2, ?3, ?4) ON CONFLICT (day, site) DO UPDATE"
        " SET questions = questions + ?3, tokens = max(0, tokens + ?4)",
        (day, site, questions, tokens),
    )


def _seconds_to_midnight(now: datetime.datetime) -> int:
    midnight = datetime.datetime.combine(
        now.date() + datetime.timedelta(days=1), datetime.time(), datetime.UTC
    )
    return max(1, int((midnight - now).total_seconds()))
