"""The connection to a library's file; what SQLite and the disk report is told in a person's words.

A damaged page is met wherever it is read, so that every statement and every row is watched.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from index.errors import DamagedLibrary, LibraryError

WAIT_FOR_WRITER_S = 60.0
"""How long a writer waits for another one."""

_BROKEN = (sqlite3.Error, UnicodeDecodeError)


class _Cursor(sqlite3.Cursor):
    """A cursor whose errors are the library's."""

    connection: "_Connection"

    def execute(self, *given: Any) -> Self:
        with self.connection.told():
            return super().execute(*given)

    def executemany(self, *given: Any) -> Self:
        with self.connection.told():
            return super().executemany(*given)

    def fetchone(self) -> Any:
        with self.connection.told():
            return super().fetchone()

    def fetchall(self) -> list[Any]:
        with self.connection.told():
            return super().fetchall()

    def __next__(self) -> Any:
        try:
            return super().__next__()
        except _BROKEN as error:
            raise as_library_error(error, self.connection.folder) from error


class _Connection(sqlite3.Connection):
    """A connection whose errors are the library's."""

    folder: Path

    def execute(self, *given: Any) -> sqlite3.Cursor:
        return self.cursor(_Cursor).execute(*given)

    def executemany(self, *given: Any) -> sqlite3.Cursor:
        return self.cursor(_Cursor).executemany(*given)

    @contextlib.contextmanager
    def told(self) -> Iterator[None]:
        try:
            yield
        except _BROKEN as error:
            raise as_library_error(error, self.folder) from error


def connect(folder: Path) -> sqlite3.Connection:
    """A connection to the library in `folder`; without a transaction, each statement is one by itself.

    Raises:
        LibraryError: from here on, whatever SQLite reports.
    """
    try:
        db = sqlite3.connect(
            folder / "library.db", timeout=WAIT_FOR_WRITER_S, isolation_level=None, factory=_Connection
        )
    except sqlite3.Error as error:
        raise as_library_error(error, folder) from error
    db.folder = folder
    for setting in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
        db.execute(f"PRAGMA {setting}")
    return db


def as_library_error(error: Exception, folder: Path) -> LibraryError:
    """What went wrong in the library in `folder`, and what to do."""
    text = str(error)
    if isinstance(error, sqlite3.OperationalError) and "locked" in text:
        return LibraryError(
            f"another program has been writing to the library for {WAIT_FOR_WRITER_S:.0f} s",
            where=folder,
            fix="wait for it to end, then try again",
        )
    if isinstance(error, sqlite3.IntegrityError):
        return LibraryError(
            "another program changed the library at the same moment",
            where=folder,
            fix="run the command again",
        )
    if "full" in text or "No space left" in text:
        return LibraryError(
            "the disk is full",
            where=folder,
            fix="free some space and run the same command again; nothing is lost",
        )
    if isinstance(error, OSError) or "readonly" in text or "unable to open" in text:
        return LibraryError(
            f"the library cannot be written or read ({text})",
            where=folder,
            fix="check the folder's permissions",
        )
    return DamagedLibrary(
        f"the library's file is damaged ({text})",
        where=folder / "library.db",
        fix="restore it from a copy, or add the transcripts to a new folder with --library NEW",
    )
