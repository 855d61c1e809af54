"""Libraries of earlier formats are brought up to this one when they are opened."""

import sqlite3
from collections.abc import Callable

from index import seals, spoken
from index.schema import FORMAT_VERSION, SITE_TABLES


def create(db: sqlite3.Connection, tables: str) -> None:
    """Make these tables, inside the transaction that is open."""
    # `executescript` would commit it.
    for statement in tables.split(";\n"):
        db.execute(statement)


_STEPS: dict[str, Callable[[sqlite3.Connection], None]] = {
    "1": spoken.keep_all,
    "2": lambda db: create(db, SITE_TABLES),
    "3": seals.seal_all,
}
"""What takes a library of each format to the next."""


def is_behind(made: str | None) -> bool:
    """Whether a library of this format can be brought up to date."""
    return made in _STEPS


def upgrade(db: sqlite3.Connection) -> None:
    """Bring the record up to date, inside the transaction that is open."""
    (made,) = db.execute("SELECT value FROM manifest WHERE key = 'format'").fetchone()
    for before in range(int(made), FORMAT_VERSION):
        _STEPS[str(before)](db)
        db.execute("UPDATE manifest SET value = ? WHERE key = 'format'", (str(before + 1),))
