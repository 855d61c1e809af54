"""Transcripts in JSON, as podcast apps and speech services write them.

Podcasting 2.0: https://github.com/Podcastindex-org/podcast-namespace/blob/main/transcripts/transcripts.md.
Whisper, WhisperX, whisper.cpp, Deepgram, AssemblyAI, Rev, Amazon Transcribe and YouTube write what their programs
print. All but a few are lists of pieces that differ in the names of their keys.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from index.errors import TranscriptError
from index.formats import script
from index.formats.cues import Cue, turns_of
from index.formats.forgiving import Forgiven
from index.formats.heading import about_of_fields, joined
from index.formats.json_pieces import Piece, cues_of_pieces, speaker_of, time_of, words_in
from index.formats.rows import rows_of_text
from index.transcript import About, Reading

_EXPECTED = (
    "expected segments, utterances or words with their text, as podcast apps and speech services write them"
)
_LISTS = (
    "utterances", "segments", "monologues", "recognizedPhrases", "transcription", "paragraphs", "sentences", "captions", "subtitles", "cues",
    "entries", "turns", "dialogue", "chunks", "results", "result", "transcript", "lines", "items", "words", "body", "data",
)  # fmt: skip
_WRAPPERS = ("results", "result", "transcript", "transcription", "data", "response", "output", "episode")
_DEEPEST = 2
_WHOLE = ("text", "transcript", "transcription", "full_transcript")
_FEWEST_WORDS = 5
_ABOUT = ("metadata", "meta", "episode", "about", "podcast")


def recognises(text: str) -> bool:
    """Whether the text is written as JSON, be it whole or torn."""
    return bool(re.match(r"\s*(?:\{\s*(?:\"|\}|$)|\[\s*(?:\{|\[|\"|\]|$))", text))


def read(text: str, forgiven: Forgiven, name: str) -> Reading:
    """The pieces as turns.

    Raises:
        TranscriptError: the JSON is torn, or there is no transcript in it.
    """
    data = _loaded(text, name)
    cues = [cue for cue in _cues(data) if cue.text.strip()] if isinstance(data, dict | list) else []
    if cues:
        return Reading(_about(data), turns_of(cues, forgiven), forgiven.sentences())
    whole = _written_out(data)
    if whole is None:
        raise TranscriptError("JSON without a transcript in it", where=f"{name}:1", fix=_EXPECTED)
    labelled = script.read(rows_of_text(whole), forgiven)
    turns = labelled.turns if labelled else turns_of([Cue(whole)], forgiven)
    return Reading(_about(data), turns, forgiven.sentences())


def _loaded(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        rows = _json_lines(text) if error.msg == "Extra data" else None
        if rows is not None:
            return rows
        raise TranscriptError(
            f"the JSON is torn or damaged ({error.msg}, column {error.colno})",
            where=f"{name}:{error.lineno}",
            fix="fetch the file again",
        ) from error
    except (RecursionError, ValueError) as error:
        raise TranscriptError(
            "the JSON is nested too deeply or has an endless number", where=f"{name}:1", fix=_EXPECTED
        ) from error


def _json_lines(text: str) -> list[Any] | None:
    """The values of JSON Lines, or None where it is something else."""
    try:
        return [json.loads(line) for line in text.split("\n") if line.strip()]
    except (RecursionError, ValueError):
        return None


def _about(data: Any) -> About:
    if not isinstance(data, dict):
        return About()
    about = about_of_fields({key: value for key, value in data.items() if key != "name"})
    for key in _ABOUT:
        if isinstance(data.get(key), dict):
            about = joined(about, about_of_fields(data[key]))
    return about


def _cues(data: Any) -> Iterator[Cue]:
    if isinstance(data, list):
        yield from cues_of_pieces(data)
        return
    names = _listed_names(data.get("speakers"))
    if isinstance(data.get("results"), dict) and isinstance(data["results"].get("channels"), list):
        yield from _deepgram(data["results"])
        return
    if isinstance(data.get("events"), list):
        yield from _youtube(data["events"])
        return
    for holder in _holders(data):
        for key in _LISTS:
            pieces = _told_apart(holder, holder[key]) if isinstance(holder.get(key), list) else ()
            found = list(cues_of_pieces(pieces, names))
            if any(cue.text.strip() for cue in found):
                yield from found
                return


def _written_out(data: Any) -> str | None:
    """The words where they are in one piece, or None."""
    for holder in _holders(data) if isinstance(data, dict) else ():
        for key in _WHOLE:
            if isinstance(holder.get(key), str) and len(holder[key].split()) >= _FEWEST_WORDS:
                return str(holder[key])
    return None


def _holders(data: Mapping[str, Any], depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """An object, and those inside it that services wrap transcripts in."""
    yield data
    for key in _WRAPPERS if depth < _DEEPEST else ():
        if isinstance(data.get(key), dict):
            yield from _holders(data[key], depth + 1)


def _listed_names(speakers: Any) -> Mapping[str, str]:
    """The names in a list such as `[{"id": 0, "name": "Jane Roe"}]`, by id."""
    if not isinstance(speakers, list):
        return {}
    listed = [each for each in speakers if isinstance(each, dict)]
    return {str(each["id"]): str(each["name"])[:400] for each in listed if "id" in each and each.get("name")}


def _told_apart(holder: Mapping[str, Any], pieces: Sequence[Any]) -> Sequence[Any]:
    """A list's pieces with their speakers, where a service tells these beside it or in its last piece.

    Amazon's older transcripts give them by each word's start; Google's end in a piece that repeats all words.
    """
    labels = holder.get("speaker_labels")
    if isinstance(labels, dict) and isinstance(labels.get("segments"), list):
        spoken = [
            word for segment in labels["segments"] if isinstance(segment, dict) for word in _items(segment)
        ]
        speakers = {str(word.get("start_time")): word.get("speaker_label") for word in spoken}
        return [
            {"speaker_label": speakers.get(str(piece.get("start_time"))), **piece}
            for piece in pieces
            if isinstance(piece, dict)
        ]
    whole = [piece for piece in pieces if isinstance(piece, dict)]
    if len(whole) > 1 and any(speaker_of(word) for word in words_in(whole[-1])):
        before = [word for piece in whole[:-1] for word in words_in(piece)]
        if len(before) == len(words_in(whole[-1])) and not any(map(speaker_of, before)):
            return words_in(whole[-1])
    return pieces


def _items(segment: Piece) -> Sequence[Piece]:
    items = segment.get("items")
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else ()


def _deepgram(results: Mapping[str, Any]) -> Iterator[Cue]:
    utterances = results.get("utterances")
    if isinstance(utterances, list) and utterances:
        yield from cues_of_pieces(utterances)
        return
    cues: list[Cue] = []
    for channel in results["channels"]:
        alternatives = channel.get("alternatives") if isinstance(channel, dict) else None
        best = alternatives[0] if isinstance(alternatives, list) and alternatives else {}
        if isinstance(best, dict):
            cues += _deepgram_channel(best)
    # The channels of one recording are spoken at the same time.
    yield from sorted(cues, key=lambda cue: math.inf if cue.start is None else cue.start)


def _deepgram_channel(best: Mapping[str, Any]) -> Sequence[Cue]:
    held = best.get("paragraphs")
    paragraphs = held.get("paragraphs") if isinstance(held, dict) else None
    sentences = [
        {"speaker": paragraph.get("speaker"), **sentence}
        for paragraph in (paragraphs if isinstance(paragraphs, list) else [])
        if isinstance(paragraph, dict) and isinstance(paragraph.get("sentences"), list)
        for sentence in paragraph["sentences"]
        if isinstance(sentence, dict)
    ]
    if sentences:
        return list(cues_of_pieces(sentences))
    if isinstance(best.get("words"), list) and best["words"]:
        return list(cues_of_pieces(best["words"]))
    return list(cues_of_pieces([best]))


def _youtube(events: Sequence[Any]) -> Iterator[Cue]:
    for event in events:
        if isinstance(event, dict) and isinstance(event.get("segs"), list):
            words = "".join(str(seg.get("utf8", "")) for seg in event["segs"] if isinstance(seg, dict))
            yield Cue(words, time_of(event.get("tStartMs"), 1000.0), None, speaker_of(event))
