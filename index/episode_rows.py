"""An episode as rows of the library: written, read and deleted within a transaction that the caller holds."""

import datetime
import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from index import spoken
from index.encoder import Embedding
from index.passages import Passage
from index.transcript import About, Episode, Reading, Turn


def insert(
    db: sqlite3.Connection, id_: str, reading: Reading, *, source: str, sha256: str, audio_file: str | None
) -> int:
    """Enter an episode and its turns; returns its row number."""
    about, turns = reading.about, reading.turns
    n = (
        db.execute(
            "INSERT INTO episodes (id, source, sha256, title, show, number, date, page_url, audio_url,"
            " audio_file, speakers, words, duration_s, added_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                id_,
                source,
                sha256,
                about.title,
                about.show,
                about.number,
                about.date.isoformat() if about.date else None,
                about.page_url,
                about.audio_url,
                audio_file,
                json.dumps(list(dict.fromkeys(turn.speaker for turn in turns if turn.speaker))),
                sum(len(turn.text.split()) for turn in turns),
                max((seconds for turn in turns for _, seconds in turn.marks), default=None),
                datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            ),
        ).lastrowid
        or 0
    )
    db.executemany(
        "INSERT INTO turns VALUES (?, ?, ?, ?, ?)",
        [(n, i, turn.speaker, turn.text, json.dumps(turn.marks)) for i, turn in enumerate(turns)],
    )
    spoken.keep(db, n, (turn.text for turn in turns))
    return n


def insert_passages(
    db: sqlite3.Connection,
    episode: int,
    reading: Reading,
    passages: Sequence[Passage],
    embeddings: Mapping[str, Embedding],
) -> None:
    """Enter the passages of the episode with this row number, and the vectors that are new."""
    db.executemany(
        "INSERT OR IGNORE INTO embeddings VALUES (?, ?, ?)",
        [(hash_, e.vector.tobytes(), e.lines.tobytes()) for hash_, e in embeddings.items()],
    )
    for passage in passages:
        lines = [[line.turn, line.start, line.end] for line in passage.lines]
        rowid = db.execute(
            "INSERT INTO passages (episode, lines, embedding) VALUES (?, ?, ?)",
            (episode, json.dumps(lines), passage.hash),
        ).lastrowid
        db.execute(
            "INSERT INTO passages_fts (rowid, title, text) VALUES (?, ?, ?)",
            (rowid, reading.about.title or "", passage.text),
        )
        speakers = {reading.turns[line.turn].speaker for line in passage.lines}
        db.executemany(
            "INSERT INTO speaking (passage, speaker) VALUES (?, ?)", [(rowid, s) for s in speakers if s]
        )


def episode_of(about: Sequence[Any], turns: Sequence[Sequence[Any]]) -> Episode:
    """The episode that these rows of `episodes` and `turns` hold (`index.seals`)."""
    return Episode(
        id=about[0],
        source=about[1],
        about=about_of(about[2:]),
        turns=tuple(
            Turn(speaker, text, tuple((offset, time) for offset, time in json.loads(marks)))
            for speaker, text, marks in turns
        ),
    )


def about_of(row: Sequence[str | None]) -> About:
    """What six columns of `episodes`, from title to audio_url, say of one."""
    title, show, number, date, page_url, audio_url = row
    published = datetime.date.fromisoformat(date) if date else None
    return About(title, show, number, published, page_url, audio_url)


def delete(db: sqlite3.Connection, episode: int) -> set[str]:
    """Delete the episode with this row number; returns the hashes of the vectors that its passages had."""
    passages = db.execute("SELECT id, embedding FROM passages WHERE episode = ?", (episode,)).fetchall()
    db.executemany("DELETE FROM passages_fts WHERE rowid = ?", [(row[0],) for row in passages])
    spoken.forget(db, episode)
    db.execute("DELETE FROM episodes WHERE n = ?", (episode,))
    return {row[1] for row in passages}


def drop_unused(db: sqlite3.Connection, hashes: Collection[str]) -> None:
    """Delete those vectors that no passage has any more."""
    db.executemany(
        "DELETE FROM embeddings WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM passages WHERE embedding = ?1)",
        [(hash_,) for hash_ in hashes],
    )
