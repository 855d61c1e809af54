"""JSON Lines that must be of one kind; the first that is not is named with its file and line."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from index.errors import CheckError

_T = TypeVar("_T")


def read_lines(path: Path, read: Callable[[Any], _T], *, kind: str, fix: str) -> Iterator[_T]:
    """What `read` makes of each line's value.

    Args:
        kind: what a line is, for the error.
        fix: what a line should have.

    Raises:
        CheckError: a line is no JSON, or `read` lacks something in it.
    """
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            made = read(json.loads(line))
        except (ValueError, KeyError, TypeError) as error:
            raise CheckError(
                f"this is no {kind} ({error!r})", where=f"{path}, line {number}", fix=fix
            ) from error
        yield made
