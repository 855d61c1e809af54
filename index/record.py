"""The library's file: a connection for each thread, transactions, and the manifest.

Readers never wait (write-ahead log); writers take turns. The manifest notes the format, how passages are cut,
which encoder made the vectors, and a number that grows with every change.
"""

import contextlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self, TypeVar

from index import passages as cutting
from index import seals, spoken, upgrades
from index.encoder import EncoderId
from index.errors import LibraryError, OtherEncoder, OtherFormat
from index.schema import FORMAT_VERSION, SITE_TABLES, TABLES
from index.storage import as_library_error, connect

_T = TypeVar("_T")


class Record:
    """An open `library.db`. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._threads = threading.local()

    @classmethod
    def open(cls, folder: Path, *, create: bool = False) -> Self:
        """Open the library in `folder`; with `create`, make one where there is none.

        Raises:
            OtherFormat: it was written by another version.
            LibraryError: there is none, or its file is damaged or cannot be written.
        """
        record = cls(folder)
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
            record._make()
        record._upgrade()
        made = record.note("format"), record.note("passages")
        if made != (str(FORMAT_VERSION), cutting.SETTINGS):
            raise OtherFormat(
                f"this library has format {made[0]} ({made[1]}), and this onrecord reads {FORMAT_VERSION}"
                f" ({cutting.SETTINGS})",
                where=path,
                fix="add the transcripts to a new folder with --library NEW",
            )
        return record

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

    def close(self) -> None:
        """Close this thread's connection."""
        if hasattr(self._threads, "db"):
            self._threads.db.close()
            del self._threads.db

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
