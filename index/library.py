"""The library: one SQLite file is the record of everything that was added.

Every change is one transaction per episode, so that a crash leaves the state before it or after it.
Readers never wait (write-ahead log); writers take turns. Each thread has a connection of its own.
"""

import contextlib
import json
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from index import episode_rows, seals, spoken, upgrades
from index import passages as cutting
from index.embedding import Embedding, EncoderId
from index.errors import DamagedEpisode, LibraryError, OtherEncoder, OtherFormat, UnknownEpisode
from index.passages import Passage
from index.schema import FORMAT_VERSION, SITE_TABLES, TABLES
from index.storage import as_library_error, connect
from index.text import slug
from index.transcript import About, Episode, Reading, title_of

_EPISODES_KEPT = 256
_T = TypeVar("_T")


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


class Library:
    """An open library. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._threads = threading.local()
        self._episodes: OrderedDict[tuple[str, int], Episode] = OrderedDict()
        self._lock = threading.Lock()

    @classmethod
    def open(cls, folder: Path, *, create: bool = False) -> "Library":
        """Open the library in `folder`; with `create`, make one where there is none.

        Raises:
            OtherFormat: it was written by another version.
            LibraryError: there is none, or its file is damaged or cannot be written.
        """
        library = cls(folder)
        path = folder / "library.db"
        if not path.is_file():
            if not create:
                raise LibraryError(
                    "there is no library here", where=folder, fix="make one with: onrecord add FOLDER"
                )
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise as_library_error(error, folder) from error
            library._make()
        library._upgrade()
        made = library.note("format"), library.note("passages")
        if made != (str(FORMAT_VERSION), cutting.SETTINGS):
            raise OtherFormat(
                f"this library has format {made[0]} ({made[1]}), and this onrecord reads {FORMAT_VERSION}"
                f" ({cutting.SETTINGS})",
                where=path,
                fix="add the transcripts to a new folder with --library NEW",
            )
        return library

    def _make(self) -> None:
        with self.writing() as db:
            if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'manifest'").fetchone():
                return
            upgrades.create(db, TABLES)
            upgrades.create(db, SITE_TABLES)
            spoken.keep_all(db)
            seals.seal_all(db)
            notes = {"format": FORMAT_VERSION, "passages": cutting.SETTINGS, "generation": 0}
            db.executemany("INSERT INTO manifest VALUES (?, ?)", [(k, str(v)) for k, v in notes.items()])

    def _upgrade(self) -> None:
        if upgrades.is_behind(self.note("format")):
            with self.writing() as db:
                upgrades.upgrade(db)

    @property
    def db(self) -> sqlite3.Connection:
        """This thread's connection."""
        if not hasattr(self._threads, "db"):
            self._threads.db = connect(self.folder)
        connection: sqlite3.Connection = self._threads.db
        return connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is kept, or nothing."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield self.db
            self.db.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(LibraryError):
                self.db.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Close this thread's connection."""
        if hasattr(self._threads, "db"):
            self._threads.db.close()
            del self._threads.db

    # -- the manifest --------------------------------------------------------------------------

    def note(self, key: str) -> str | None:
        """What the manifest says under `key`."""
        row = self.db.execute("SELECT value FROM manifest WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def set_note(self, key: str, value: str) -> None:
        """Write `value` under `key` into the manifest."""
        with self.writing() as db:
            db.execute("INSERT OR REPLACE INTO manifest VALUES (?, ?)", (key, value))

    @property
    def generation(self) -> int:
        """A number that grows with every change to the episodes."""
        return self._noted("generation", int) or 0

    @property
    def encoder(self) -> EncoderId | None:
        """Which weights made the vectors, or None while nothing was added."""
        return self._noted("encoder", lambda value: EncoderId(*json.loads(value)))

    def _noted(self, key: str, read: Callable[[str], _T]) -> _T | None:
        """What a note says, or None where it is missing."""
        value = self.note(key)
        try:
            return read(value) if value else None
        except (ValueError, TypeError) as error:
            raise as_library_error(error, self.folder) from error

    def bind(self, encoder: EncoderId) -> None:
        """Make sure that this library's vectors are the work of `encoder`, and only of it.

        Raises:
            OtherEncoder: another one made them.
        """
        if self.encoder is None:
            self.set_note("encoder", json.dumps([encoder.name, encoder.sha256, encoder.dimension]))
        self.expect(encoder)

    def expect(self, encoder: EncoderId) -> None:
        """Make sure that no other encoder than `encoder` made what vectors there are.

        Raises:
            OtherEncoder: another one made them.
        """
        made_by = self.encoder
        if made_by and (made_by.sha256, made_by.dimension) != (encoder.sha256, encoder.dimension):
            raise OtherEncoder(
                f"this library was made with the embedding model {made_by.name} "
                f"({made_by.sha256[:12]}), not {encoder.name} ({encoder.sha256[:12]})",
                where=self.folder,
                fix=f"use --encoder {made_by.name}, or add the transcripts to a new folder with --library NEW",
            )

    # -- episodes ------------------------------------------------------------------------------

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

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Several reads that see one state."""
        nested = self.db.in_transaction
        if not nested:
            self.db.execute("BEGIN")
        try:
            yield self.db
        finally:
            if not nested:
                self.db.execute("COMMIT")

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
