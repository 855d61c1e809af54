"""Quotes in a draft, or quotes and claims in JSON Lines, held against the record."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.embedding import Encoder
from index.errors import CheckError, OnRecordError
from index.library import Library
from rag.claim_rules import Cited
from rag.drafts import quoted_passages
from rag.quotes import Quote, locate
from rag.support import ClaimCheck

_LARGEST = 32 * 2**20


@dataclass(frozen=True, slots=True)
class Checked:
    """One quote or claim, and what became of it.

    Attributes:
        label: its line or id, for people.
        verdict: of a quote, one of `rag.quotes.Verdict`; of a claim, `supported` or `unsupported`.
        matches: where a quote stands, or truly stands.
        remark: what people should know: the true words, the true speaker, or why a claim fails.
    """

    id: str
    label: str
    text: str
    verdict: str
    passed: bool
    matches: tuple[Quote, ...] = ()
    remark: str = ""

    def as_json(self) -> dict[str, Any]:
        """The line that `check --json` prints."""
        if self.verdict in ("supported", "unsupported"):
            return {"id": self.id, "supported": self.passed, "why": self.remark}
        return {
            "id": self.id,
            "verdict": self.verdict,
            "matches": [quote.as_json(None) for quote in self.matches],
        }


def check_file(
    library: Library, file: str, encoder: Callable[[], Encoder]
) -> Iterator[Checked | OnRecordError]:
    """Check a draft, or JSON Lines; `-` is standard input. What cannot be checked comes as an error.

    Args:
        encoder: loads the encoder; called only where there are claims.

    Raises:
        CheckError: the file cannot be read, or quotes nothing.
    """
    text = _text_of(file)
    if re.match(r"\s*\{", text):
        yield from _check_items(library, text, file, encoder)
        return
    speakers = {name for entry in library.entries() for name in entry.speakers}
    passages = quoted_passages(text, speakers)
    if not passages:
        raise CheckError(
            "there is nothing in quotation marks", where=file, fix="give a draft that quotes somebody"
        )
    for n, quoted in enumerate(passages, start=1):
        yield _quote(library, str(n), f"line {quoted.line}", quoted.text, quoted.speaker, None)


def _check_items(
    library: Library, text: str, file: str, encoder: Callable[[], Encoder]
) -> Iterator[Checked | OnRecordError]:
    check: ClaimCheck | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        where = f"{file}:{number}"
        try:
            item = json.loads(line)
        except json.JSONDecodeError as error:
            yield CheckError(
                f"this line is no JSON ({error.msg})", where=where, fix="write one object a line"
            )
            continue
        if not isinstance(item, dict) or not isinstance(item.get("claim", item.get("text")), str):
            yield CheckError('this line has neither "text" nor "claim"', where=where, fix="add one of them")
            continue
        id_ = str(item.get("id", number))
        try:
            if "claim" in item:
                check = check or ClaimCheck(encoder().encode)
                yield _claim(check, id_, item)
            else:
                yield _quote(library, id_, id_, item["text"], item.get("speaker"), item.get("episode"))
        except OnRecordError as error:
            yield CheckError(error.what, where=where, fix=error.fix)


def _quote(
    library: Library, id_: str, label: str, text: str, speaker: str | None, episode: str | None
) -> Checked:
    located = locate(text, library, speaker=speaker, episode=episode)
    remark = ""
    if located.parts and not located.on_record:
        first = located.parts[0]
        remark = f"said by {first.speaker or 'an unknown speaker'} in {first.episode.title}: {first.url}"
    elif located.parts and located.verdict == "repaired":
        remark = "on the record: " + " … ".join(part.text for part in located.parts)
    return Checked(id_, label, text, str(located.verdict), located.on_record, located.parts, remark)


def _claim(check: ClaimCheck, id_: str, item: dict[str, Any]) -> Checked:
    quotes = [str(quote) for quote in item.get("quotes") or ()]
    speakers = list(item.get("quote_speakers") or ())
    speakers += [None] * (len(quotes) - len(speakers))
    cited = [Cited(quote, speaker) for quote, speaker in zip(quotes, speakers, strict=False)]
    if not cited:
        return Checked(id_, id_, item["claim"], "unsupported", False, remark="no quote is given for it")
    support = check.check(item["claim"], cited)
    verdict = "supported" if support.supported else "unsupported"
    return Checked(id_, id_, item["claim"], verdict, support.supported, remark=support.why)


def _text_of(file: str) -> str:
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
