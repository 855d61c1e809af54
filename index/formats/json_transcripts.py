"""Transcripts in JSON: Podcasting 2.0, Whisper, WhisperX, Deepgram, AssemblyAI.

Podcasting 2.0: https://github.com/Podcastindex-org/podcast-namespace/blob/main/transcripts/transcripts.md.
The others write what their programs print; no speaker stays none.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from index.errors import TranscriptError
from index.formats.cues import Cue, turns_of
from index.formats.forgiving import Forgiven
from index.formats.heading import about_of_fields
from index.formats.labels import speaker_name
from index.transcript import Reading

Item = Mapping[str, Any]


def recognises(text: str) -> bool:
    """Whether the text is written as JSON, be it whole or torn."""
    return bool(re.match(r"\s*(?:\{\s*(?:\"|\}|$)|\[\s*(?:\{|\]|$))", text))


def read(text: str, forgiven: Forgiven, name: str) -> Reading:
    """The segments as turns."""
    try:
        data = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        reason = getattr(error, "msg", "nested too deeply")
        raise TranscriptError(
            f"the JSON is torn or damaged ({reason}, column {getattr(error, 'colno', 1)})",
            where=f"{name}:{line}",
            fix="fetch the file again",
        ) from error
    cues = list(_cues(data))
    if not cues:
        raise TranscriptError(
            "JSON without a transcript in it",
            where=f"{name}:1",
            fix="expected segments, utterances or words with their text, as podcast apps and speech services write them",
        )
    fields = data.get("metadata", data) if isinstance(data, dict) else {}
    about = about_of_fields(fields if isinstance(fields, dict) else {})
    return Reading(about, turns_of(cues, forgiven), forgiven.sentences())


def _cues(data: Any) -> Iterator[Cue]:
    if isinstance(data, list):
        yield from _segments([item for item in data if isinstance(item, dict)], 1.0)
        return
    if not isinstance(data, dict):
        return
    results = data.get("results")
    if isinstance(results, dict):
        yield from _deepgram(results)
    elif isinstance(data.get("utterances"), list):
        yield from _segments(data["utterances"], 1000.0, carry=False, prefix="Speaker ")
    elif isinstance(data.get("segments"), list):
        yield from _segments(data["segments"], 1.0)
    elif isinstance(data.get("transcription"), list):
        yield from _whisper_cpp(data["transcription"])
    elif isinstance(data.get("words"), list):
        milliseconds = (
            isinstance(data.get("text"), str) and "audio_duration" in data
        ) or "acoustic_model" in data
        yield from _segments(data["words"], 1000.0 if milliseconds else 1.0, prefix="Speaker ")
    elif isinstance(data.get("chunks"), list):
        for chunk in data["chunks"]:
            start, end = (chunk.get("timestamp") or [None, None])[:2]
            yield Cue(str(chunk.get("text") or ""), _time(start), _time(end))


def _segments(segments: list[Any], unit: float, *, carry: bool = True, prefix: str = "") -> Iterator[Cue]:
    """Segments with text, times in `unit`s a second, and perhaps a speaker; a speaker goes on until another."""
    speaker: str | None = None
    named = any(isinstance(item, dict) and item.get("speaker") is not None for item in segments)
    for item in segments:
        if not isinstance(item, dict):
            continue
        own = _speaker(item.get("speaker"), prefix)
        speaker = own or (speaker if carry and named and _podcasting(item) else own)
        start = _time(item.get("startTime", item.get("start")), unit)
        end = _time(item.get("endTime", item.get("end")), unit)
        text = _text(item)
        pieces = list(_by_word_speaker(item, unit, prefix))
        if len({piece.speaker for piece in pieces}) > 1 and _same_words(pieces, text):
            yield from pieces
        elif text.strip():
            yield Cue(text, start, end, speaker)


def _by_word_speaker(item: Item, unit: float, prefix: str) -> Iterator[Cue]:
    """A segment whose words change speaker, apart (WhisperX)."""
    words = item.get("words")
    if not isinstance(words, list):
        return
    last = _speaker(item.get("speaker"), prefix)
    for word in words:
        if isinstance(word, dict):
            last = _speaker(word.get("speaker"), prefix) or last
            yield Cue(_text(word), _time(word.get("start"), unit), _time(word.get("end"), unit), last)


def _same_words(pieces: list[Cue], text: str) -> bool:
    return " ".join(piece.text for piece in pieces).split() == text.split()


def _deepgram(results: Item) -> Iterator[Cue]:
    utterances = results.get("utterances")
    if isinstance(utterances, list) and utterances:
        yield from _segments(utterances, 1.0, carry=False, prefix="Speaker ")
        return
    for channel in results.get("channels") or []:
        for alternative in (channel.get("alternatives") or [])[:1]:
            paragraphs = (alternative.get("paragraphs") or {}).get("paragraphs")
            if paragraphs:
                for paragraph in paragraphs:
                    speaker = _speaker(paragraph.get("speaker"), "Speaker ")
                    for sentence in paragraph.get("sentences") or []:
                        yield Cue(
                            _text(sentence), _time(sentence.get("start")), _time(sentence.get("end")), speaker
                        )
            elif alternative.get("words"):
                yield from _segments(alternative["words"], 1.0, prefix="Speaker ")


def _whisper_cpp(transcription: list[Any]) -> Iterator[Cue]:
    for item in transcription:
        if isinstance(item, dict):
            offsets = item.get("offsets") or {}
            yield Cue(_text(item), _time(offsets.get("from"), 1000.0), _time(offsets.get("to"), 1000.0))


def _podcasting(item: Item) -> bool:
    return "startTime" in item or "body" in item


def _text(item: Item) -> str:
    for key in ("body", "text", "transcript", "punctuated_word", "word"):
        if isinstance(item.get(key), str):
            return str(item[key])
    return ""


def _speaker(value: Any, prefix: str) -> str | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return f"Speaker {int(value)}"
    name = speaker_name(str(value))
    return f"{prefix}{name}" if name and len(name) == 1 and prefix else name


def _time(value: Any, unit: float = 1.0) -> float | None:
    try:
        return None if value is None or isinstance(value, bool) else float(value) / unit
    except (TypeError, ValueError):
        return None
