"""The words of every turn, kept beside it in a full-text index of their own (`index.words`)."""

import sqlite3
from collections.abc import Iterable

from index.words import words_of

TABLE = "CREATE VIRTUAL TABLE spoken USING fts5 (words, tokenize = 'unicode61 remove_diacritics 0')"
TURNS_AN_EPISODE = 1 << 20
"""A row's number is its episode's number times this, plus its turn."""


def keep(db: sqlite3.Connection, episode: int, texts: Iterable[str]) -> None:
    """Enter the turns of the episode with this row number."""
    db.executemany(
        "INSERT INTO spoken (rowid, words) VALUES (?, ?)",
        (
            (row_of(episode, turn), " ".join(word.norm for word in words_of(text)))
            for turn, text in enumerate(texts)
        ),
    )


def forget(db: sqlite3.Connection, episode: int) -> None:
    """Take out what was kept of an episode."""
    rows = row_of(episode, 0), row_of(episode + 1, 0)
    db.execute("DELETE FROM spoken WHERE rowid >= ? AND rowid < ?", rows)


def keep_all(db: sqlite3.Connection) -> None:
    """Make the index for a record that has none."""
    db.execute(TABLE)
    for (episode,) in db.execute("SELECT n FROM episodes").fetchall():
        texts = db.execute("SELECT text FROM turns WHERE episode = ? ORDER BY turn", (episode,)).fetchall()
        keep(db, episode, (text for (text,) in texts))


def row_of(episode: int, turn: int) -> int:
    """The row of one turn."""
    return episode * TURNS_AN_EPISODE + turn
