"""WebVTT and SubRip captions.

WebVTT: https://www.w3.org/TR/webvtt1/. SubRip has no specification; players forgive a lot, and so does this.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from index.errors import TranscriptError
from index.formats.clock import TIME, seconds
from index.formats.cues import SENTENCE_END, Cue, Join, turns_of
from index.formats.forgiving import Forgiven
from index.formats.heading import about_of_fields
from index.formats.labels import Shape, shape_of, speaker_name
from index.formats.openings import Opening, labels_of
from index.formats.rolling import without_repeats
from index.formats.speakers import Sighting, speakers_among
from index.text import clean
from index.transcript import About, Reading

_TIMING = re.compile(rf"^\s*(?P<start>{TIME})\s*-+>\s*(?P<end>{TIME})")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?(?:[ \t\n]+(?P<name>[^>]*))?>|(?P<close></v>)", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:c|i|b|u|ruby|rt|lang|font|span|p|br|em|strong|v|s)(?:[.\s][^<>]{0,300})?/?>|<\d[\d:.]*>|\{\\[^}]{0,100}\}|\{[ybiu]:[^}]{0,40}\}",
    re.IGNORECASE,
)
_NEXT_SPEAKER = re.compile(r"^(?:>>+|&gt;&gt;)\s*")
_DASH = re.compile(r"^[-–—]\s?(?=[^\s\d–—a-z-])")
_DASH_BEFORE_VOICE = re.compile(r"(?:^|(?<=\n))\s*[-–—]\s*(?=<v[\s.>])", re.IGNORECASE)
_PAUSES = re.compile(r"[.!?…—–-][\"”’)\]]*$|[\])♪]$")
_FIELD = re.compile(r"^\s*([A-Za-z][A-Za-z_ -]{1,19}):\s*(\S.*)$")


def recognises_vtt(text: str) -> bool:
    """Whether the text has the signature of WebVTT."""
    return bool(re.match(r"\s*WEBVTT(?:\s|$)", text))


def recognises_srt(text: str) -> bool:
    """Whether there are lines such as `00:00:01,000 --> 00:00:04,000` with nothing but settings after them."""
    return bool(
        re.search(rf"^[ \t]*{TIME}[ \t]*-+>[ \t]*{TIME}(?:[ \t]+[A-Za-z]\w*:\S+)*[ \t]*$", text, re.MULTILINE)
    )


def read(text: str, forgiven: Forgiven, name: str) -> Reading:
    """The cues as turns. A speaker goes on until another is named.

    Raises:
        TranscriptError: there is not one cue.
    """
    about, cues = _cues(text, forgiven)
    if not cues:
        raise TranscriptError(
            "captions without a single cue", where=f"{name}:1", fix="give a whole caption file"
        )
    voiced = without_repeats([voice for cue in cues for voice in _voices(cue)], forgiven)
    if not any(cue.speaker for cue in voiced):
        voiced = _named(voiced)
    turns = turns_of(_carried(voiced, forgiven), forgiven)
    return Reading(about, turns, forgiven.sentences())


def _carried(cues: Sequence[Cue], forgiven: Forgiven) -> Iterator[Cue]:
    speaker: str | None = None
    for cue in cues:
        if not cue.text.strip():
            forgiven.count("cue", "without words skipped")
            continue
        if cue.speaker or cue.join is Join.TURN:
            speaker = cue.speaker
        yield replace(cue, speaker=speaker)


def _cues(text: str, forgiven: Forgiven) -> tuple[About, list[Cue]]:
    """Every cue in the order of the file, as it is written, and what its notes say of the episode."""
    fields: dict[str, str] = {}
    cues: list[Cue] = []
    for block in re.split(r"\n[ \t]*\n", text):
        lines = block.strip("\n").split("\n")
        if any(_TIMING.match(line) for line in lines):
            cues += _timed(lines)
            continue
        head = lines[0].strip()
        if head.startswith("WEBVTT"):
            title = head.removeprefix("WEBVTT").strip(" \t-–—:")
            fields |= {"title": title} if title else {}
        if re.match(r"(?:WEBVTT|NOTE)(?:\s|$)", head):
            fields |= {m[1]: m[2] for line in lines if (m := _FIELD.match(re.sub(r"^NOTE\s+", "", line)))}
        elif cues and head and not head.isdigit() and not re.match(r"(?:STYLE|REGION)(?:\s|$)", head):
            cues[-1] = replace(cues[-1], text=f"{cues[-1].text}\n{block}")
            forgiven.count("blank line", "inside a caption")
    return about_of_fields(fields), cues


def _timed(lines: Sequence[str]) -> Iterator[Cue]:
    """The cues of one block; where the blank lines between them were lost there are several."""
    begins = [i for i, line in enumerate(lines) if _TIMING.match(line)]
    for begin, end in zip(begins, [*begins[1:], len(lines)], strict=True):
        words = list(lines[begin + 1 : end])
        if end < len(lines) and words and words[-1].strip().isdigit():
            words.pop()
        timing = _TIMING.match(lines[begin])
        if timing:
            yield Cue("\n".join(words), seconds(timing["start"]), seconds(timing["end"]))


def _voices(cue: Cue) -> Iterator[Cue]:
    """A cue's words, apart by the voices that speak in it."""
    cue = replace(cue, text=_DASH_BEFORE_VOICE.sub("", cue.text))
    place = 0
    speaker: str | None = None
    empty = True
    for match in [*_VOICE.finditer(cue.text), None]:
        words = _plain(cue.text[place : match.start() if match else len(cue.text)])
        if words:
            empty = False
            yield replace(cue, text=words, speaker=speaker)
        if match:
            place = match.end()
            if not match["close"]:
                speaker = speaker_name(_plain(match["name"] or "")) or speaker
    if empty:
        yield replace(cue, text="")


def _plain(text: str) -> str:
    return clean(html.unescape(_TAG.sub("", text)))


def _named(cues: Sequence[Cue]) -> list[Cue]:
    """Cues with the speakers with whose names their words are labelled."""
    lines = [line for cue in cues for line in _lines(cue)]
    punctuated = 5 * sum(1 for line in lines if SENTENCE_END.search(line.text)) > len(lines)
    sightings: list[Sighting] = []
    before = "."
    for line in lines:
        opening = _label(line.text)
        if opening and opening.label:
            broken = punctuated and not _is_marked(line.text) and not _PAUSES.search(before)
            sightings.append(
                Sighting(
                    opening.label, opening.sure, opening.words, broken=broken, bracketed=opening.bracketed
                )
            )
        before = line.text or before
    speakers = speakers_among(sightings, len(cues), "\n".join(line.text for line in lines), captions=True)
    # Where labels tell who speaks, a dash is one in a sentence, unless two of them stand in one caption.
    signs = [line for line in lines if _DASH.match(line.text)]
    at_once = len(signs) - len({line.start for line in signs})
    dashed = len(signs) > 1 and (not speakers or at_once > 1)
    return [_with_speaker(line, speakers, dashed) for line in lines]


def _lines(cue: Cue) -> Iterator[Cue]:
    """A cue's lines; those that cannot begin with a label or another speaker's sign go on with the line before."""
    piece = ""
    for line in cue.text.split("\n"):
        opening = _label(line)
        begins = _is_marked(line)
        labelled = opening and (_label(piece) or not _label(f"{piece} {line}"))
        if piece and (begins or labelled):
            yield replace(cue, text=piece)
            piece = line
        else:
            piece = f"{piece} {line}".strip()
    yield replace(cue, text=piece)


def _label(text: str) -> Opening | None:
    return next(
        (o for o in labels_of(text) if o.label and o.start is None and shape_of(o.label) is not Shape.NONE),
        None,
    )


def _is_marked(text: str) -> bool:
    return bool(_NEXT_SPEAKER.match(text) or _DASH.match(text))


def _with_speaker(cue: Cue, speakers: frozenset[str], dashed: bool) -> Cue:
    for opening in labels_of(cue.text):
        if opening.label in speakers and opening.start is None:
            return replace(cue, text=opening.words, speaker=speaker_name(opening.label))
    sign = _NEXT_SPEAKER.match(cue.text) or (_DASH.match(cue.text) if dashed else None)
    if sign:
        # Somebody else speaks, and nothing says who.
        return replace(cue, text=cue.text[sign.end() :], join=Join.TURN)
    return cue
