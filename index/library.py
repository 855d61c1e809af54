"""The library: the episodes on the record, put there, read and taken off.

Every change is one transaction per episode, so that a crash leaves the state before it or after it.
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index import episode_rows, seals
from index.encoder import Embedding
from index.errors import DamagedEpisode, UnknownEpisode
from index.passages import Passage
from index.record import Record
from index.storage import as_library_error
from index.text import slug
from index.transcript import About, Episode, Reading, title_of

_EPISODES_KEPT = 256


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the list of episodes."""

    id: str
    source: str
    about: About
    audio_file: str | None
    speakers: tuple[str, ...]
    words: int
    passages: int
    duration_s: float | None

    @property
    def title(self) -> str:
        """The title that its source gives, else its id in readable form."""
        return self.about.title or title_of(self.id)


class Library(Record):
    """An open library. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._episodes: OrderedDict[tuple[str, int], Episode] = OrderedDict()
        self._lock = threading.Lock()

    def entries(self) -> list[Entry]:
        """Every episode, newest first where dates are known, else in the order of their numbers.

        Raises:
            DamagedLibrary: one cannot be read.
        """
        rows = self.db.execute(
            "SELECT e.id, source, title, show, number, date, page_url, audio_url, audio_file, speakers,"
            " words, duration_s, (SELECT count(*) FROM passages p WHERE p.episode = e.n)"
            " FROM episodes e ORDER BY date DESC NULLS LAST, show, CAST(number AS INTEGER) DESC, e.id"
        )
        try:
            return [_entry(row) for row in rows]
        except (ValueError, TypeError) as error:
            raise as_library_error(error, self.folder) from error

    def resolve(self, name: str) -> str:
        """The id of the episode that `name` names: an id, or the file name of its source.

        Raises:
            UnknownEpisode: none has this name.
        """
        if self.db.execute("SELECT 1 FROM episodes WHERE id = ?", (name,)).fetchone():
            return name
        wanted = name.casefold()
        for id_, source in self.db.execute("SELECT id, source FROM episodes").fetchall():
            file = source.rsplit("/", 1)[-1].casefold()
            if wanted in (file, file.rsplit(".", 1)[0], id_.casefold(), source.casefold()):
                return str(id_)
        raise UnknownEpisode(
            f"no episode is called {name[:80]!r}", where=self.folder, fix="list them with: onrecord episodes"
        )

    def episode(self, name: str) -> Episode:
        """The whole episode, from the record.

        Raises:
            UnknownEpisode: none has this name.
            DamagedEpisode: what the record holds of it is not what was added.
        """
        key = (name, self.generation)
        with self._lock:
            if key in self._episodes:
                self._episodes.move_to_end(key)
                return self._episodes[key]
        episode = self._read(self.resolve(name))
        with self._lock:
            self._episodes[key] = episode
            while len(self._episodes) > _EPISODES_KEPT:
                self._episodes.popitem(last=False)
        return episode

    def is_sound(self, id_: str) -> bool:
        """Whether the record has this episode, and as it was added."""
        try:
            self.episode(id_)
        except (DamagedEpisode, UnknownEpisode):
            return False
        return True

    def _read(self, id_: str) -> Episode:
        with self.reading() as db:
            row = db.execute("SELECT n FROM episodes WHERE id = ?", (id_,)).fetchone()
            if not row:
                raise UnknownEpisode(f"the episode {id_!r} was removed", where=self.folder)
            about, turns = seals.unsealed(db, row[0])
        return episode_rows.episode_of(about, turns)

    def state_of(self, source: str) -> tuple[str, str] | None:
        """The (id, sha256 of its bytes) of what was read from `source`, or None."""
        row = self.db.execute("SELECT id, sha256 FROM episodes WHERE source = ?", (source,)).fetchone()
        return (row[0], row[1]) if row else None

    def with_sha256(self, sha256: str) -> str | None:
        """The id of an episode that was read from these very bytes, or None."""
        row = self.db.execute("SELECT id FROM episodes WHERE sha256 = ?", (sha256,)).fetchone()
        return row[0] if row else None

    def put(
        self,
        reading: Reading,
        *,
        source: str,
        name: str,
        sha256: str,
        passages: Sequence[Passage],
        embeddings: Mapping[str, Embedding],
        audio_file: str | None = None,
    ) -> str:
        """Put one episode on the record in place of what `source` held before; returns its id.

        Args:
            reading: what a reader made of it.
            name: what its id is made from when it is new.
            sha256: of the bytes that were read.
            embeddings: by `Passage.hash`; those already on the record may be missing.
        """
        with self.writing() as db:
            old = db.execute("SELECT n, id FROM episodes WHERE source = ?", (source,)).fetchone()
            id_ = str(old[1]) if old else self._free_id(slug(name))
            unused = episode_rows.delete(db, old[0]) if old else set()
            n = episode_rows.insert(db, id_, reading, source=source, sha256=sha256, audio_file=audio_file)
            episode_rows.insert_passages(db, n, reading, passages, embeddings)
            seals.seal(db, n)
            episode_rows.drop_unused(db, unused)
            self._bump()
        return id_

    def remove(self, name: str) -> str:
        """Take an episode off the record; returns its id.

        Raises:
            UnknownEpisode: none has this name.
        """
        id_ = self.resolve(name)
        with self.writing() as db:
            row = db.execute("SELECT n FROM episodes WHERE id = ?", (id_,)).fetchone()
            if row:
                episode_rows.drop_unused(db, episode_rows.delete(db, row[0]))
                self._bump()
        return id_

    def _bump(self) -> None:
        self.db.execute("UPDATE manifest SET value = value + 1 WHERE key = 'generation'")

    def _free_id(self, wanted: str) -> str:
        taken = {row[0] for row in self.db.execute("SELECT id FROM episodes")}
        candidates = (wanted if k == 1 else f"{wanted}-{k}" for k in range(1, len(taken) + 2))
        return next(candidate for candidate in candidates if candidate not in taken)

    def known_embeddings(self, hashes: Collection[str]) -> set[str]:
        """Those of `hashes` whose vectors are on the record already."""
        found = self.db.execute(
            "SELECT hash FROM embeddings WHERE hash IN (SELECT value FROM json_each(?))",
            (json.dumps(list(hashes)),),
        )
        return {row[0] for row in found}


def _entry(row: Sequence[Any]) -> Entry:
    return Entry(
        id=row[0],
        source=row[1],
        about=episode_rows.about_of(row[2:8]),
        audio_file=row[8],
        speakers=tuple(json.loads(row[9])),
        words=row[10],
        duration_s=row[11],
        passages=row[12],
    )
