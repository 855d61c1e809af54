"""A file of JSON Lines becomes eval cases, or a list of what is wrong with it, line by line."""

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.errors import EvalError, QuestionError
from index.text import clean
from rag.answering import checked_question

_KEYS = ("id", "question", "answer", "answerable", "tags", "quotes", "history", "split", "accepted", "note")
_QUOTE_KEYS = ("episode", "speaker", "text", "group")
_LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class GoldQuote:
    """A quote that answers. Those of one `group` are alternatives; each group is needed."""

    text: str
    episode: str | None
    speaker: str | None
    group: int


@dataclass(frozen=True, slots=True)
class Case:
    """A question and what is known of its answer.

    Attributes:
        answer: a reference in a sentence or two; may be empty.
        answerable: whether the transcripts answer it.
        history: earlier (question, answer) pairs, oldest first.
        line: where it stands in its file, from 1.
    """

    id: str
    question: str
    answer: str
    answerable: bool
    tags: tuple[str, ...]
    quotes: tuple[GoldQuote, ...]
    history: tuple[tuple[str, str], ...]
    line: int

    @property
    def words(self) -> int:
        """How long the question is."""
        return len(self.question.split())


@dataclass(frozen=True, slots=True)
class CaseSet:
    """What a file holds.

    Attributes:
        cases: in the file's order.
        not_accepted: how many drafts wait for a person, and are left out.
        faults: what is wrong, in the order of lines; a line at fault gives no case.
    """

    path: Path
    cases: tuple[Case, ...]
    not_accepted: int
    faults: tuple[EvalError, ...]


def read_cases(path: Path) -> CaseSet:
    """Read a set of cases.

    Raises:
        EvalError: the file cannot be read, or holds nothing.
    """
    cases: list[Case] = []
    faults: list[EvalError] = []
    not_accepted = 0
    line_of: dict[str, int] = {}
    for number, text in _lines(path):
        where = f"{path}:{number}"
        try:
            case, accepted = _case(_object(text, where), where, number)
            if case.id in line_of:
                raise EvalError(
                    f'the "id" {case.id!r} stands in line {line_of[case.id]} too',
                    where=where,
                    fix="give each case an id of its own",
                )
            line_of[case.id] = number
        except EvalError as fault:
            faults.append(fault)
            continue
        if accepted:
            cases.append(case)
        else:
            not_accepted += 1
    if not (cases or faults):
        why = f"none of its {not_accepted} drafts is accepted" if not_accepted else "it is empty"
        fix = 'set "accepted" to true in those that are right' if not_accepted else "write one case a line"
        raise EvalError(f"there is no case to run: {why}", where=path, fix=fix)
    return CaseSet(path, tuple(cases), not_accepted, tuple(faults))


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The numbered lines of a file that hold something."""
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise EvalError("it is not UTF-8 text", where=path, fix="save it as UTF-8") from error
    except OSError as error:
        raise EvalError(f"it cannot be read ({error.strerror})", where=path, fix="check the path") from error
    # Not splitlines: a text may hold one of Unicode's line separators.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, line


def _object(text: str, where: str) -> dict[str, Any]:
    try:
        item = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise EvalError(f"this line is no JSON ({error})", where=where, fix="write one case a line") from None
    if not isinstance(item, dict):
        raise EvalError("this line is no JSON object", where=where, fix='write {"id": …, "question": …}')
    return item


def _case(item: dict[str, Any], where: str, line: int) -> tuple[Case, bool]:
    """The case in a line, and whether it is to be counted."""
    _check_keys(item, _KEYS, where)
    id_ = _text(item, "id", where)
    if not id_ or len(id_) > _LONGEST_ID:
        raise EvalError('the case has no "id"', where=where, fix="give it a short one of its own")
    here = f"{where}, case {id_!r}"
    try:
        question = checked_question(_text(item, "question", here))
    except QuestionError as error:
        raise EvalError(error.what, where=here, fix='correct its "question"') from None
    quotes = tuple(
        _quote(each, f"{here}, quote {n}")
        for n, each in enumerate(_list(item, "quotes", dict, "objects", here), 1)
    )
    answerable = _truth(item, "answerable", here)
    if quotes and not answerable:
        raise EvalError(
            'it has gold quotes, and "answerable" is false', where=here, fix="correct one of the two"
        )
    split = _text(item, "split", here)
    tags = [*_list(item, "tags", str, "texts", here), *([split] if split else [])]
    case = Case(
        id=id_,
        question=question,
        answer=_text(item, "answer", here),
        answerable=answerable,
        tags=tuple(dict.fromkeys(clean(tag) for tag in tags)),
        quotes=quotes,
        history=tuple(_earlier(pair, here) for pair in _list(item, "history", list, "pairs", here)),
        line=line,
    )
    return case, _truth(item, "accepted", here)


def _quote(item: dict[str, Any], where: str) -> GoldQuote:
    _check_keys(item, _QUOTE_KEYS, where)
    text = _text(item, "text", where)
    if not text:
        raise EvalError('it has no "text"', where=where, fix="copy the words from the transcript")
    group = item.get("group", 1)
    if not isinstance(group, int) or isinstance(group, bool):
        raise EvalError(
            '"group" is no whole number', where=where, fix="number the groups 1, 2, …; alternatives share one"
        )
    return GoldQuote(
        text, _text(item, "episode", where) or None, _text(item, "speaker", where) or None, group
    )


def _earlier(pair: list[Any], where: str) -> tuple[str, str]:
    if len(pair) != 2 or not all(isinstance(part, str) for part in pair):
        raise EvalError(
            '"history" holds something other than pairs of texts',
            where=where,
            fix='write [["earlier question", "earlier answer"]]',
        )
    return pair[0], pair[1]


def _check_keys(item: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for key in item:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            fix = f'did you mean "{near[0]}"' if near else f"the keys are {', '.join(known)}"
            raise EvalError(f'the key "{key[:80]}" is unknown', where=where, fix=fix)


def _text(item: Mapping[str, Any], key: str, where: str) -> str:
    """The text under a key, perhaps empty; null and a missing key are empty."""
    value = item.get(key)
    if not isinstance(value, str | None):
        raise EvalError(f'"{key}" is no text', where=where, fix="put it in quotation marks")
    return clean(value or "")


def _truth(item: Mapping[str, Any], key: str, where: str) -> bool:
    value = item.get(key, True)
    if not isinstance(value, bool):
        raise EvalError(f'"{key}" is neither true nor false', where=where, fix="write true or false")
    return value


def _list(item: Mapping[str, Any], key: str, of: type, called: str, where: str) -> list[Any]:
    value = item.get(key)
    value = [] if value is None else value
    if not isinstance(value, list) or not all(isinstance(each, of) for each in value):
        raise EvalError(f'"{key}" is no list of {called}', where=where, fix=f"write a list of {called}")
    return value
