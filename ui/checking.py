"""Quotes in a draft, or quotes and claims in JSON Lines, held against the record."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.errors import CheckError, OnRecordError
from index.library import Library
from rag.drafts import quoted_passages
from rag.nearest import nearest
from rag.quotes import Located, Quote, Verdict, locate
from rag.sayers import Cited
from rag.support import ClaimCheck, cited

_LARGEST = 32 * 2**20


@dataclass(frozen=True, slots=True)
class CheckedQuote:
    """A quote, and what became of it.

    Attributes:
        label: its line in the draft, or its id, for people.
        speaker: who is said to have said it, or None.
        near: of a fabricated one, the true words that come nearest to it, or None.
    """

    id: str | int
    label: str
    text: str
    speaker: str | None
    located: Located
    near: Quote | None = None

    @property
    def passed(self) -> bool:
        return self.located.on_record

    def as_json(self) -> dict[str, Any]:
        """The line that `check --json` prints."""
        return {
            "id": self.id,
            "verdict": str(self.located.verdict),
            "matches": [part.as_json(None) for part in self.located.parts],
            "text": self.text,
            "speaker": self.speaker,
            "also": [part.as_json(None) for place in self.located.also for part in place],
            "nearest": self.near.as_json(None) if self.near else None,
        }


@dataclass(frozen=True, slots=True)
class CheckedClaim:
    """A claim, whether its quotes carry it, and why not."""

    id: str | int
    text: str
    passed: bool
    why: str

    def as_json(self) -> dict[str, Any]:
        """The line that `check --json` prints."""
        return {"id": self.id, "supported": self.passed, "why": self.why}


@dataclass(frozen=True, slots=True)
class NotChecked:
    """A line that could not be checked; `id` is None where it could not even be read."""

    id: str | int | None
    error: CheckError
    passed: bool = False

    def as_json(self) -> dict[str, Any]:
        """The line that `check --json` prints."""
        return {"id": self.id, "error": str(self.error)}


Checked = CheckedQuote | CheckedClaim | NotChecked


def check_text(
    library: Library, text: str, where: str, claim_check: Callable[[], ClaimCheck]
) -> Iterator[Checked]:
    """Check a draft, or JSON Lines, which begin with a brace.

    Args:
        where: what errors call it.
        claim_check: loads the claim check; called only where there are claims.

    Raises:
        CheckError: it quotes nothing.
    """
    if re.match(r"\s*\{", text):
        yield from _check_items(library, text, where, claim_check)
        return
    speakers = {name for entry in library.entries() for name in entry.speakers}
    passages = quoted_passages(text, speakers)
    if not passages:
        raise CheckError(
            "there is nothing in quotation marks", where=where, fix="give a draft that quotes somebody"
        )
    for n, quoted in enumerate(passages, start=1):
        yield _quote(library, str(n), f"line {quoted.line}", quoted.text, quoted.speaker, None)


def text_of(file: str) -> str:
    """What stands in a file, or in standard input for `-`.

    Raises:
        CheckError: it cannot be read, or is empty.
    """
    try:
        data = sys.stdin.buffer.read(_LARGEST + 1) if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise CheckError(f"it cannot be read ({error.strerror})", where=file, fix="check the path") from error
    if len(data) > _LARGEST:
        raise CheckError(f"it is larger than {_LARGEST >> 20} MB", where=file, fix="check it in parts")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CheckError("it is not UTF-8 text", where=file, fix="save it as UTF-8") from error
    if not text.strip():
        raise CheckError("it is empty", where=file, fix="give a draft, or JSON Lines of quotes")
    return text


def _check_items(
    library: Library, text: str, where: str, claim_check: Callable[[], ClaimCheck]
) -> Iterator[Checked]:
    check: ClaimCheck | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        here = f"{where}:{number}"
        id_: str | int | None = None
        try:
            item = _object(line, here)
            id_ = item["id"] if isinstance(item.get("id"), str | int) else number
            _check_fields(item, here)
            if "claim" in item:
                check = check or claim_check()
                yield _claim(library, check, id_, item)
            else:
                yield _quote(library, id_, str(id_), item["text"], item.get("speaker"), item.get("episode"))
        except CheckError as error:
            yield NotChecked(id_, error)
        except OnRecordError as error:
            yield NotChecked(id_, CheckError(error.what, where=here, fix=error.fix))


def _object(line: str, where: str) -> dict[str, Any]:
    try:
        item = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise CheckError(
            f"this line is no JSON ({error})", where=where, fix="write one object a line"
        ) from error
    if not isinstance(item, dict):
        raise CheckError("this line is no JSON object", where=where, fix='write {"id": …, "text": …}')
    return item


def _check_fields(item: dict[str, Any], where: str) -> None:
    if not isinstance(item.get("claim", item.get("text")), str):
        raise CheckError('this line has neither "text" nor "claim"', where=where, fix="add one of them")
    for key, kinds in (("speaker", str), ("episode", str), ("quotes", list), ("quote_speakers", list)):
        if not isinstance(item.get(key), (kinds, type(None))):
            kind = "a text" if kinds is str else "a list of texts"
            raise CheckError(f'"{key}" is not {kind}', where=where, fix=f"give {kind}, or leave it out")


def _quote(
    library: Library, id_: str | int, label: str, text: str, speaker: str | None, episode: str | None
) -> CheckedQuote:
    located = locate(text, library, speaker=speaker, episode=episode)
    near = None
    if located.verdict is Verdict.FABRICATED:
        near = (nearest(text, library, episode=episode) if episode else None) or nearest(text, library)
    return CheckedQuote(id_, label, text, speaker, located, near)


def _cited(library: Library, quote: str, speaker: str | None) -> Cited:
    located = locate(quote, library, speaker=speaker)
    if not located.on_record:
        return Cited(quote, speaker)
    part = cited(located.parts[0])
    return Cited(quote, speaker or part.speaker, part.context)


def _claim(library: Library, check: ClaimCheck, id_: str | int, item: dict[str, Any]) -> CheckedClaim:
    """A claim held against its quotes; of one that is on the record, what was said around it counts too."""
    quotes = [str(quote) for quote in item.get("quotes") or ()]
    speakers = [str(name) if name else None for name in item.get("quote_speakers") or ()]
    speakers += [None] * (len(quotes) - len(speakers))
    given = [_cited(library, quote, speaker) for quote, speaker in zip(quotes, speakers, strict=False)]
    if not given:
        return CheckedClaim(id_, item["claim"], False, "no quote is given for it")
    support = check.check(item["claim"], given)
    return CheckedClaim(id_, item["claim"], support.supported, support.why)
