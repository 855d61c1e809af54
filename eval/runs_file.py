"""The file of a run: one line a finished case, written at once, so that an interrupted run can be gone on with."""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from eval.cases import Case
from index.encoder import EncoderId
from index.errors import EvalError
from index.library import Library

Row = dict[str, Any]

_ROOMS = ("index", "rag", "eval")
_OLD = ".old"


def run_id(
    cases: Sequence[Case], library: Library, encoder: EncoderId, model: str | None, judge: str | None
) -> str:
    """What two runs share that may be one: cases, episodes, encoder, models, and the code itself."""
    digest = hashlib.sha256()
    episodes = library.db.execute("SELECT id, sha256 FROM episodes ORDER BY id").fetchall()
    own = [asdict(case) for case in cases], episodes, asdict(encoder), model, judge
    digest.update(json.dumps(own, ensure_ascii=False).encode())
    root = Path(__file__).parent.parent
    for room in _ROOMS:
        for path in sorted((root / room).glob("*")):
            if path.suffix in (".py", ".json"):
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


class RunsFile:
    """A runs file that is being written.

    Attributes:
        done: the ids of the cases that an interrupted run of the same kind has left.
        kept_as: where an earlier run of another kind, or a finished one, was moved to, or None.

    Raises:
        EvalError: the file holds something else, or cannot be written.
    """

    def __init__(self, path: Path, run: str, cases: int) -> None:
        self._path = path
        self._cases = cases
        self._mark = {"id": run, "cases": cases}
        self.done: frozenset[str] = frozenset()
        self.kept_as: Path | None = None
        try:
            if path.exists() and path.stat().st_size:
                self._take_up()
            self._file = path.open("a", encoding="utf-8")
        except OSError as error:
            raise EvalError(
                f"it cannot be written ({error.strerror})", where=path, fix="name another file"
            ) from error

    def _take_up(self) -> None:
        """Go on with what is there, or move it out of the way."""
        rows, size = [], 0
        for row, end in _whole_lines(self._path):
            rows.append((row["id"], row.get("run")))
            size = end
        ids = frozenset(id_ for id_, _ in rows)
        if rows and all(run == self._mark for _, run in rows) and len(ids) < self._cases:
            self.done = ids
            os.truncate(self._path, size)
        else:
            self.kept_as = self._path.with_name(self._path.name + _OLD)
            os.replace(self._path, self.kept_as)

    def append(self, row: Row) -> None:
        """Write a finished case."""
        self._file.write(json.dumps({**row, "run": self._mark}, ensure_ascii=False) + "\n")
        self._file.flush()

    def close(self) -> None:
        self._file.close()


def read_runs(path: Path) -> Iterator[Row]:
    """The lines of a runs file; a last one that was cut off is passed over.

    Raises:
        EvalError: it cannot be read, or holds something else.
    """
    for row, _ in _whole_lines(path):
        yield row


def _whole_lines(path: Path) -> Iterator[tuple[Row, int]]:
    """Each line, and how many bytes of the file end with it."""
    size = 0
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.endswith(b"\n"):
                    return
                size += len(line)
                yield _row(line, f"{path}:{number}"), size
    except OSError as error:
        raise EvalError(f"it cannot be read ({error.strerror})", where=path, fix="check the path") from error


def _row(line: bytes, where: str) -> Row:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict) or not {"id", "retrieved", "scores"} <= row.keys():
        raise EvalError("this line is not of a run", where=where, fix="name a file that --runs has written")
    return row
