"""One list of a JSON transcript becomes pieces of speech: what its keys are called, and in what its times count."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from index.formats.clock import SLOWEST_WORDS_S, seconds
from index.formats.cues import Cue
from index.formats.labels import speaker_name

Piece = Mapping[str, Any]

_TEXT = (
    "body",
    "text",
    "transcript",
    "punctuated_word",
    "word",
    "content",
    "sentence",
    "utterance",
    "caption",
    "value",
    "display",
)
_SPEAKER = (
    "speaker_name", "speakerName", "speaker", "speaker_label", "speakerLabel", "speaker_id", "speakerId", "speakerTag", "voice", "name",
)  # fmt: skip
"""A name before a number; `name` is a speaker's only beside words."""
_START = (
    "startTime", "start", "start_time", "begin", "from", "offset", "startOffset", "data_start", "timestamp", "time", "ts", "start_s",
)  # fmt: skip
_END = ("endTime", "end", "end_time", "to", "endOffset", "data_end", "end_ts", "end_s")
_START_MS = ("start_ms", "startMs", "tStartMs", "offset_ms", "startTimeMs", "start_time_ms")
_END_MS = ("end_ms", "endMs", "endTimeMs", "end_time_ms")
_WHOLE_STARTS = ("startTime", "start", "start_time", "begin", "from", "offset", "time")
_BEST_FIRST = ("alternatives", "nBest")
_SPELT_DURATION = re.compile(r"PT(?:(\d{1,3})H)?(?:(\d{1,4})M)?(?:(\d{1,6}(?:\.\d{1,9})?)S)?")
"""ISO 8601, as in `PT1M2.5S`."""
_NOBODY = frozenset({"", "unknown", "none", "null", "n/a", "undefined"})


def cues_of_pieces(pieces: Sequence[Any], names: Mapping[str, str] | None = None) -> Iterator[Cue]:
    """The pieces of a list as cues. Where a piece names nobody, the speaker of Podcasting 2.0 goes on.

    Times in whole numbers are milliseconds where seconds would make the speech too slow to be any.

    Args:
        names: the speakers' names, where the file lists them, by what the pieces call them.
    """
    items = [piece for piece in pieces if isinstance(piece, dict)]
    unit = _unit(items)
    speaker: str | None = None
    for item in items:
        text = _text(item)
        own = speaker_of(item, names or {})
        words = list(_words(item, unit, own, names or {}))
        told_apart = {word.speaker for word in words if word.speaker}
        # Only Podcasting 2.0 leaves out a speaker who goes on, and a mere sign is nobody's; elsewhere an absent one
        # is unknown.
        goes_on = "startTime" in item or "body" in item or not re.search(r"\w", text)
        speaker = own or (min(told_apart) if len(told_apart) == 1 else speaker if goes_on else None)
        if len(told_apart) > 1 and _same_words(words, text):
            yield from words
        else:
            yield Cue(text, _start(item, unit), _end(item, unit), speaker)


def best_of(item: Piece) -> Piece:
    """What a speech service thinks likeliest of several readings of a piece, or the piece itself."""
    for key in _BEST_FIRST:
        readings = item.get(key)
        if isinstance(readings, list) and readings and isinstance(readings[0], dict):
            return readings[0]
    return item


def words_in(item: Piece) -> Sequence[Piece]:
    """A piece's words, each with keys like a piece's own."""
    for holder in (item, best_of(item)):
        for key in ("words", "elements"):
            if isinstance(holder.get(key), list):
                return [word for word in holder[key] if isinstance(word, dict)]
    return ()


def speaker_of(item: Piece, names: Mapping[str, str] | None = None) -> str | None:
    """Who speaks in a piece: a name as it is given, and `Speaker 0` or `Speaker A` for a bare number or letter."""
    value = next(
        (each[key] for each in (item, best_of(item)) for key in _SPEAKER if each.get(key) is not None), None
    )
    if isinstance(value, dict):
        value = value.get("name") or value.get("label") or value.get("id")
    if value is None or isinstance(value, bool | list | dict):
        return None
    name = speaker_name((names or {}).get(str(value)) or str(value)[:400])
    if name is None or name.lower() in _NOBODY:
        return None
    return f"Speaker {name}" if len(name) == 1 or name.isdigit() else name


def time_of(value: Any, unit: float = 1.0) -> float | None:
    """A time in seconds from a number in `unit`s a second or from text such as `00:01:02.5`; None where it is none."""
    if value is None or isinstance(value, bool | list | dict):
        return None
    if isinstance(value, str):
        written = seconds(value)
        if written is not None:
            return written
        if value.startswith("PT") and (spelt := _SPELT_DURATION.fullmatch(value)):
            hours, minutes, rest = (float(part or 0) for part in spelt.groups())
            return hours * 3600 + minutes * 60 + rest
        value = value.removesuffix("s")
    try:
        return float(value) / unit
    except (ValueError, OverflowError):
        return None


def _unit(items: Sequence[Piece]) -> float:
    timed = [each for item in items for each in (item, *words_in(item)[:1])]
    starts = [item[key] for item in timed for key in _WHOLE_STARTS if item.get(key) is not None]
    if not starts or not all(isinstance(start, int) and not isinstance(start, bool) for start in starts):
        return 1.0
    ends = [item["end"] for item in items if isinstance(item.get("end"), int)]
    words = sum(len(_text(item).split()) for item in items)
    lasted = max([*starts, *ends]) - min(starts)
    return 1000.0 if lasted > 0 and words < SLOWEST_WORDS_S * lasted else 1.0


def _words(item: Piece, unit: float, speaker: str | None, names: Mapping[str, str]) -> Iterator[Cue]:
    """A piece word by word; a word without a speaker has that of the word before."""
    for word in words_in(item):
        speaker = speaker_of(word, names) or speaker
        yield Cue(_text(word), _start(word, unit), _end(word, unit), speaker)


def _same_words(words: Sequence[Cue], text: str) -> bool:
    return (
        "".join(word.text for word in words).split() == text.split()
        or " ".join(word.text for word in words).split() == text.split()
    )


def _text(item: Piece) -> str:
    for holder in (item, best_of(item)):
        for key in _TEXT:
            if isinstance(holder.get(key), str):
                return str(holder[key])
    spelt_out = "elements" in item
    words = [str(word.get("value", "")) if spelt_out else _text(word) for word in words_in(item)]
    return ("" if spelt_out else " ").join(words)


def _start(item: Piece, unit: float) -> float | None:
    return _first_time(item, _START, _START_MS, unit, 0)


def _end(item: Piece, unit: float) -> float | None:
    return _first_time(item, _END, _END_MS, unit, 1)


def _first_time(
    item: Piece, keys: Sequence[str], keys_ms: Sequence[str], unit: float, place: int
) -> float | None:
    for key in keys:
        if isinstance(item.get(key), str | int | float):
            return time_of(item[key], unit)
    for key in keys_ms:
        if item.get(key) is not None:
            return time_of(item[key], 1000.0)
    pair = item.get("timestamp")
    if isinstance(pair, list) and len(pair) == 2:
        return time_of(pair[place])
    offsets = item.get("offsets")
    if isinstance(offsets, dict):
        return time_of(offsets.get(("from", "to")[place]), 1000.0)
    known = [
        time for word in words_in(item) if (time := _first_time(word, keys, keys_ms, unit, place)) is not None
    ]
    return known[-place] if known else None
