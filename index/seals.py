"""A seal on every episode: what is quoted from the record is what was added to it.

SQLite notices a torn page, but not a letter that has changed on the disk. So the record keeps a SHA-256 of all that
can be quoted of an episode: its words, speakers, times and title, and where its passages lie.
"""

import hashlib
import json
import sqlite3

from index.errors import DamagedEpisode, DamagedLibrary
from index.schema import SEALS

Row = tuple[str | int | None, ...]

_ABOUT = "SELECT id, source, title, show, number, date, page_url, audio_url FROM episodes WHERE n = ?"
_TURNS = "SELECT speaker, text, marks FROM turns WHERE episode = ? ORDER BY turn"
_PASSAGES = "SELECT lines FROM passages WHERE episode = ? ORDER BY id"


def seal(db: sqlite3.Connection, episode: int) -> None:
    """Seal what the record holds of the episode with this row number, inside the transaction that is open."""
    about, turns = _rows(db, episode)
    db.execute("INSERT OR REPLACE INTO seals VALUES (?, ?)", (episode, _sha256(db, episode, about, turns)))


def seal_all(db: sqlite3.Connection) -> None:
    """Seal a record that has no seals, as it is."""
    db.execute(SEALS.strip().removesuffix(";"))
    for (episode,) in db.execute("SELECT n FROM episodes").fetchall():
        seal(db, episode)


def unsealed(db: sqlite3.Connection, episode: int) -> tuple[Row, list[Row]]:
    """The row of the episode with this number and those of its turns, if they are as they were sealed.

    Raises:
        DamagedEpisode: they are not.
    """
    name: str | int | None = episode
    try:
        about, turns = _rows(db, episode)
        name = about[0]
        found = db.execute("SELECT sha256 FROM seals WHERE episode = ?", (episode,)).fetchone()
        if found and found[0] == _sha256(db, episode, about, turns):
            return about, turns
    except (DamagedLibrary, TypeError):  # a text that has become bytes has no JSON
        pass
    raise DamagedEpisode(
        f"the record of the episode {name!r} is damaged, and nothing of it is quoted",
        fix="add its transcript again, or restore library.db from a copy",
    )


def _rows(db: sqlite3.Connection, episode: int) -> tuple[Row, list[Row]]:
    return db.execute(_ABOUT, (episode,)).fetchone(), db.execute(_TURNS, (episode,)).fetchall()


def _sha256(db: sqlite3.Connection, episode: int, about: Row, turns: list[Row]) -> str:
    passages = db.execute(_PASSAGES, (episode,)).fetchall()
    return hashlib.sha256(json.dumps([about, turns, passages]).encode()).hexdigest()
