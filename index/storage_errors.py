"""What SQLite and the disk report, in a person's words."""

import sqlite3
from pathlib import Path

from index.errors import LibraryError

WAIT_FOR_WRITER_S = 60.0
"""How long a writer waits for another one."""


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
    return LibraryError(
        f"the library's file is damaged ({text})",
        where=folder / "library.db",
        fix="restore it from a copy, or add the transcripts to a new folder with --library NEW",
    )
