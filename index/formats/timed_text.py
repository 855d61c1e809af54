"""Text with times: `Name  0:12` headers, `[00:12] Name: words`, and plain captions `00:12 words`.

Otter, Riverside, Rev and many hand-made transcripts are written so.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from index.formats.clock import TIME, seconds
from index.formats.cues import Cue, turns_of
from index.formats.forgiving import Forgiven
from index.formats.heading import about_of_head, is_certainly_navigation
from index.formats.labels import LABEL, is_person, looks_like_name, speaker_name, speakers_among
from index.transcript import Reading

_T = rf"[\[(]?\s*(?P<time>{TIME})\s*[\])]?"
_RANGE = rf"(?:\s*(?:-+>?|–|to)\s*{TIME})?"
_ALONE = re.compile(rf"^[\[(]?\s*(?P<time>{TIME})\s*{_RANGE}\s*[\])]?\s*:?$")
_NAME_THEN_TIME = re.compile(
    rf"^(?P<label>[^\d\[(|:][^\[|:\n]{{0,90}}?|[^\n:]{{1,60}}? \d{{1,3}})\s*[|,–—-]?\s*(?<![\d:]){_T}{_RANGE}\s*[\])]?\s*(?P<colon>:?)\s*(?P<words>.*)$"
)
_TIME_THEN_NAME = re.compile(
    rf"^{_T}{_RANGE}[\])]?\s*[|,–—-]?\s*(?P<label>[^:\n]{{1,100}}):\s+(?P<words>\S.*)$"
)
_TIME_THEN_WORDS = re.compile(rf"^{_T}{_RANGE}[\])]?\s*[|–—:-]?\s+(?P<words>\S.*)$")
_LEAST_SHARE = 0.15
_FOOTER = re.compile(
    r"^(?:transcribed (?:by|with)|this transcript was (?:generated|created)|powered by|\(?end of (?:transcript|recording))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Line:
    """What one line is: words, a time, a name, or several of these."""

    text: str = ""
    time: float | None = None
    label: str | None = None
    header: bool = False


def recognises(text: str) -> bool:
    """Whether enough lines begin or end with a time."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    timed = sum(1 for line in lines if _is_timed(line))
    return timed >= 2 and timed >= _LEAST_SHARE * len(lines)


def read(text: str, forgiven: Forgiven) -> Reading:
    """The timed lines as turns. A time without a name goes on with the same person."""
    lines = text.split("\n")
    names = _names(lines)
    parsed = [(_parsed(line.strip(), names), line.strip()) for line in lines]
    first = next((i for i, (line, _) in enumerate(parsed) if line.header), len(parsed))
    head = [raw for _, raw in parsed[:first] if raw]
    return Reading(
        about_of_head(head), turns_of(_cues(parsed[first:], forgiven), forgiven), forgiven.sentences()
    )


def _cues(parsed: list[tuple[_Line, str]], forgiven: Forgiven) -> Iterator[Cue]:
    speaker: str | None = None
    start: float | None = None
    blank = True
    fresh = True
    for line, raw in parsed:
        if not raw:
            blank = True
            continue
        if line.header:
            if line.label is not None:
                speaker = speaker_name(line.label)
            start, fresh, blank = line.time, True, True
            if line.text:
                yield Cue(line.text, start, None, speaker)
                start, fresh = None, False
            continue
        if _FOOTER.match(raw) or is_certainly_navigation(raw):
            forgiven.add("a line that is no speech left out")
            continue
        yield Cue(raw, start, None, speaker, paragraph=blank and not fresh and speaker is not None)
        start, fresh, blank = None, False, False


def _is_timed(line: str) -> bool:
    if _ALONE.match(line) or _TIME_THEN_WORDS.match(line):
        return True
    match = _NAME_THEN_TIME.match(line)
    return bool(match and looks_like_name(match["label"].strip()) and (match["colon"] or not match["words"]))


def _names(lines: list[str]) -> frozenset[str]:
    """The labels that name people: beside a time they may stand once, alone they must repeat."""
    beside_time: Counter[str] = Counter()
    loose: list[str] = []
    for line in map(str.strip, lines):
        if (match := _NAME_THEN_TIME.match(line)) and (match["colon"] or not match["words"]):
            if looks_like_name(match["label"].strip()):
                beside_time[match["label"].strip()] += 1
        elif match := _TIME_THEN_NAME.match(line):
            loose.append(match["label"].strip())
        elif (match := _TIME_THEN_WORDS.match(line)) and len(match["words"].split()) <= 5:
            loose.append(match["words"].strip().rstrip(":"))
        elif match := LABEL.match(line):
            loose.append(match["label"].strip())
    return frozenset(beside_time) | speakers_among(loose)


def _parsed(line: str, names: frozenset[str]) -> _Line:
    if match := _ALONE.match(line):
        return _Line(time=seconds(match["time"]), header=True)
    match = _NAME_THEN_TIME.match(line)
    if match and match["label"].strip() in names and (match["colon"] or not match["words"]):
        return _Line(match["words"], seconds(match["time"]), match["label"].strip(), True)
    match = _TIME_THEN_NAME.match(line)
    if match and match["label"].strip() in names:
        return _Line(match["words"], seconds(match["time"]), match["label"].strip(), True)
    if match := _TIME_THEN_WORDS.match(line):
        words = match["words"].strip()
        if words.rstrip(":") in names:
            return _Line("", seconds(match["time"]), words.rstrip(":"), True)
        return _Line(words, seconds(match["time"]), None, True)
    match = LABEL.match(line)
    if match and match["label"].strip() in names and is_person(match["label"]):
        return _Line(line[match.end() :], None, match["label"].strip(), True)
    return _Line(line)
