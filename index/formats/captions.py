"""WebVTT and SubRip captions.

WebVTT: https://www.w3.org/TR/webvtt1/. SubRip has no specification; players forgive a lot, and so does this.
"""

import html
import re
from collections.abc import Iterator

from index.errors import TranscriptError
from index.formats.clock import TIME, seconds
from index.formats.cues import Cue, turns_of, without_rolling
from index.formats.forgiving import Forgiven
from index.formats.heading import about_of_fields
from index.formats.labels import LABEL, looks_like_name, speaker_name, speakers_among
from index.transcript import About, Reading

_TIMING = re.compile(rf"^\s*(?P<start>{TIME})\s*-+>\s*(?P<end>{TIME})")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?(?:\s+(?P<name>[^>]*))?>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<\d[\d:.]*>|\{\\[^}]*\}")
_MARKED = re.compile(r"^(?:>>+|[-–—])\s*(?=\S)")
_BRACKETED = re.compile(r"^\[(?P<label>[^\]\d][^\]]{0,60})\]:?\s+(?=\S)")
_HEADER_FIELD = re.compile(r"^\s*([A-Za-z_ -]{2,20}):\s*(\S.*)$")


def recognises_vtt(text: str) -> bool:
    return text.startswith("WEBVTT")


def recognises_srt(text: str) -> bool:
    return len(re.findall(rf"^\s*{TIME}\s*-+>\s*{TIME}", text, re.MULTILINE)) > 0


def read(text: str, forgiven: Forgiven, name: str) -> Reading:
    """The cues as turns. A speaker goes on until another is named."""
    about, raw = _cues(text, forgiven)
    if not raw:
        raise TranscriptError(
            "captions without a single cue", where=f"{name}:1", fix="give a whole caption file"
        )
    with_voices = [cue for each in raw for cue in _voices(each)]
    if not any(cue.speaker for cue in with_voices):
        with_voices = _labelled(without_rolling(with_voices, forgiven))
    carried: list[Cue] = []
    speaker: str | None = None
    for cue in with_voices:
        speaker = cue.speaker or speaker
        carried.append(Cue(cue.text, cue.start, cue.end, speaker))
    return Reading(about, turns_of(carried, forgiven), forgiven.sentences())


def _cues(text: str, forgiven: Forgiven) -> tuple[About, list[Cue]]:
    """Every cue in the order of the file, as it is written, and what its notes say of the episode."""
    fields: dict[str, str] = {}
    cues: list[Cue] = []
    for number, block in enumerate(re.split(r"\n[ \t]*\n", text)):
        lines = block.strip("\n").split("\n")
        timing = next((i for i, line in enumerate(lines) if _TIMING.match(line)), None)
        if timing is None:
            head = lines[0].strip()
            if head.startswith(("NOTE", "WEBVTT")) or (number == 0 and len(lines) > 1):
                fields |= {
                    m[1]: m[2] for line in lines[0:] if (m := _HEADER_FIELD.match(line.removeprefix("NOTE ")))
                }
            elif head.startswith(("STYLE", "REGION")) or head.isdigit() or not head:
                continue
            elif cues:
                # A blank line inside a cue: its words go on.
                last = cues[-1]
                cues[-1] = Cue(f"{last.text}\n{block}", last.start, last.end)
                forgiven.add("a blank line inside a caption")
            continue
        cues += _timed(lines[timing:])
    return about_of_fields(fields), cues


def _timed(lines: list[str]) -> Iterator[Cue]:
    """The cues of one block; where blank lines between them were lost there are several."""
    begins = [i for i, line in enumerate(lines) if _TIMING.match(line)]
    for begin, end in zip(begins, [*begins[1:], len(lines)], strict=True):
        match = _TIMING.match(lines[begin])
        words = lines[begin + 1 : end]
        if end < len(lines) and words and words[-1].strip().isdigit():
            words = words[:-1]
        if match:
            yield Cue("\n".join(words), seconds(match["start"]), seconds(match["end"]))


def _voices(cue: Cue) -> Iterator[Cue]:
    """A cue's words, apart by the voices that speak in it."""
    place, speaker = 0, None
    for match in [*_VOICE.finditer(cue.text), None]:
        words = cue.text[place : match.start() if match else len(cue.text)]
        words = html.unescape(_TAG.sub("", words))
        if words.strip():
            yield Cue(words.strip(), cue.start, cue.end, speaker)
        if match:
            place = match.end()
            speaker = speaker_name(html.unescape(match["name"] or "")) or speaker


def _labelled(cues: list[Cue]) -> list[Cue]:
    """Cues with the speakers that their words are labelled with, one for each label."""
    pieces = [Cue(piece, cue.start, cue.end) for cue in cues for piece in _lines_apart(cue.text)]
    labels = [match["label"] for cue in pieces if (match := _label(cue.text))]
    speakers = speakers_among(labels)
    bracketed = speakers_among(
        [
            match["label"]
            for cue in pieces
            if (match := _BRACKETED.match(cue.text)) and looks_like_name(match["label"])
        ]
    )
    found: list[Cue] = []
    for cue in pieces:
        unmarked = _MARKED.sub("", cue.text) if speakers else cue.text
        match = LABEL.match(unmarked)
        in_brackets = _BRACKETED.match(unmarked)
        if match and match["label"] in speakers:
            found.append(Cue(unmarked[match.end() :], cue.start, cue.end, speaker_name(match["label"])))
        elif in_brackets and not speakers and in_brackets["label"] in bracketed:
            found.append(
                Cue(unmarked[in_brackets.end() :], cue.start, cue.end, speaker_name(in_brackets["label"]))
            )
        elif found and (found[-1].start, found[-1].end) == (cue.start, cue.end):
            found[-1] = Cue(f"{found[-1].text}\n{cue.text}", cue.start, cue.end, found[-1].speaker)
        else:
            found.append(cue)
    return found


def _lines_apart(text: str) -> list[str]:
    """A cue's lines, joined but where a line begins with what may be a label."""
    pieces: list[str] = []
    for line in text.split("\n"):
        if pieces and not (_label(line) and re.search(r"[.!?…\"”—-]\s*$", pieces[-1])):
            pieces[-1] += f"\n{line}"
        else:
            pieces.append(line)
    return pieces


def _label(text: str) -> re.Match[str] | None:
    match = LABEL.match(_MARKED.sub("", text))
    return match if match and looks_like_name(match["label"]) else None
