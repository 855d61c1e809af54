"""One list of a JSON transcript becomes pieces of speech: what its keys are called, and in what its times count."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from index.formats.clock import seconds
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
)
_SPEAKER = (
    "speaker",
    "speaker_name",
    "speakerName",
    "speaker_label",
    "speakerLabel",
    "speaker_id",
    "speakerId",
    "voice",
)
_START = ("startTime", "start", "start_time", "begin", "from", "offset", "timestamp", "time", "ts", "start_s")
_END = ("endTime", "end", "end_time", "to", "end_ts", "end_s")
_START_MS = ("start_ms", "startMs", "tStartMs", "offset_ms", "startTimeMs", "start_time_ms")
_END_MS = ("end_ms", "endMs", "endTimeMs", "end_time_ms")
_NOBODY = frozenset({"", "unknown", "none", "null", "n/a", "undefined"})
_SLOWEST_WORDS_S = 0.1
"""Words a second below which times must be milliseconds."""


def cues_of_pieces(pieces: Sequence[Any]) -> Iterator[Cue]:
    """The pieces of a list as cues. Where a piece names nobody, the speaker of Podcasting 2.0 goes on.

    Times in whole numbers are milliseconds where seconds would make the speech too slow to be any.
    """
    items = [piece for piece in pieces if isinstance(piece, dict)]
    unit = _unit(items)
    speaker: str | None = None
    for item in items:
        own = speaker_of(item)
        # Only that format leaves out a speaker who goes on; elsewhere an absent one is unknown.
        speaker = own or (speaker if "startTime" in item or "body" in item else None)
        text = _text(item)
        words = list(_words(item, unit, own))
        if len({word.speaker for word in words}) > 1 and _same_words(words, text):
            yield from words
        else:
            yield Cue(text, _start(item, unit), _end(item, unit), speaker)


def speaker_of(item: Piece) -> str | None:
    """Who speaks in a piece: a name as it is given, and `Speaker 0` or `Speaker A` for a bare number or letter."""
    value = next((item[key] for key in _SPEAKER if item.get(key) is not None), None)
    if isinstance(value, dict):
        value = value.get("name") or value.get("label") or value.get("id")
    if value is None or isinstance(value, bool | list | dict):
        return None
    name = speaker_name(str(value)[:400])
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
        value = value.removesuffix("s")
    try:
        return float(value) / unit
    except (ValueError, OverflowError):
        return None


def _unit(items: Sequence[Piece]) -> float:
    starts = [item[key] for item in items for key in _START[:6] if item.get(key) is not None]
    if not starts or not all(isinstance(start, int) and not isinstance(start, bool) for start in starts):
        return 1.0
    ends = [item["end"] for item in items if isinstance(item.get("end"), int)]
    words = sum(len(_text(item).split()) for item in items)
    lasted = max([*starts, *ends]) - min(starts)
    return 1000.0 if lasted > 0 and words < _SLOWEST_WORDS_S * lasted else 1.0


def _words(item: Piece, unit: float, speaker: str | None) -> Iterator[Cue]:
    """A piece word by word; a word without a speaker has that of the word before."""
    words = item.get("words") if isinstance(item.get("words"), list) else item.get("elements")
    for word in words if isinstance(words, list) else []:
        if isinstance(word, dict):
            speaker = speaker_of(word) or speaker
            yield Cue(_text(word), _start(word, unit), _end(word, unit), speaker)


def _same_words(words: Sequence[Cue], text: str) -> bool:
    return (
        "".join(word.text for word in words).split() == text.split()
        or " ".join(word.text for word in words).split() == text.split()
    )


def _text(item: Piece) -> str:
    for key in _TEXT:
        if isinstance(item.get(key), str):
            return str(item[key])
    elements = item.get("elements")
    if isinstance(elements, list):
        return "".join(str(element.get("value", "")) for element in elements if isinstance(element, dict))
    alternatives = item.get("alternatives")
    if isinstance(alternatives, list) and alternatives and isinstance(alternatives[0], dict):
        return _text(alternatives[0])
    return ""


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
    elements = item.get("elements")
    if isinstance(elements, list):
        times = [
            time_of(element.get(("ts", "end_ts")[place])) for element in elements if isinstance(element, dict)
        ]
        known = [time for time in times if time is not None]
        return known[-place] if known else None
    return None
