"""`Name: text` paragraphs: a show's page pasted or stripped of its markup, interviews, minutes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.formats.clock import TIME, believable, seconds
from index.formats.forgiving import Forgiven
from index.formats.heading import about_of_head, is_certainly_navigation, is_duration, is_navigation
from index.formats.labels import LABEL, is_person, looks_like_name, speaker_name, speakers_among
from index.text import clean
from index.transcript import Reading, Turn

_MARK = re.compile(rf"\[\s*(?P<time>{TIME})\s*\]")
_MARK_AT_START = re.compile(rf"\(\s*(?P<time>{TIME})\s*\)")
_ADDRESSES_SOMEBODY = re.compile(
    r"\b(?:I|I'm|I’m|we|we're|we’re|you|you're|you’re|my|our|let's|let’s|welcome|hi|hello|hey)\b",
    re.IGNORECASE,
)
_BLURB = re.compile(
    r"^(?:in this (?:episode|conversation|interview)|on this episode|this (?:episode|transcript)|.{0,60}\btranscri(?:pt|bed)\b)",
    re.IGNORECASE,
)
_FEWEST_SPOKEN = 6


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph and its label: None goes on with the one before, an empty one ends it."""

    label: str | None
    text: str


def recognises(text: str) -> bool:
    """Whether there are paragraphs that begin with the names of speakers."""
    return bool(_speakers(paragraphs_of(text)))


def read(text: str, forgiven: Forgiven) -> Reading:
    """The labelled paragraphs as turns, without the navigation around them."""
    paragraphs = paragraphs_of(text)
    speakers = _speakers(paragraphs)
    labelled = [i for i, paragraph in enumerate(paragraphs) if _split(paragraph, speakers)]
    first, last = labelled[0], labelled[-1]
    head = paragraphs[:first]
    opening = head.pop() if head and _is_speech(head[-1]) else None
    blocks: list[Block] = [Block("", opening)] if opening else []
    for paragraph in paragraphs[first : last + 1]:
        split = _split(paragraph, speakers)
        if split:
            blocks.append(Block(*split))
        elif is_certainly_navigation(paragraph):
            forgiven.add("a line that is no speech left out")
        elif (
            (match := LABEL.match(paragraph))
            and not is_person(match["label"])
            and len(match["label"].split()) < 3
        ):
            forgiven.add("a line that is no speech left out")
            if paragraph[match.end() :].strip() and not _only_times(paragraph[match.end() :]):
                blocks.append(Block("", paragraph[match.end() :]))
            else:
                blocks.append(Block("", ""))
        else:
            blocks.append(Block(None, paragraph))
    blocks += [Block(None, paragraph) for paragraph in _still_speech(paragraphs[last + 1 :])]
    return Reading(about_of_head(head), turns_of_blocks(blocks, forgiven), forgiven.sentences())


def paragraphs_of(text: str) -> list[str]:
    """Paragraphs apart by blank lines, or by lines where a paragraph is a line; wrapped lines are joined."""
    paragraphs: list[str] = []
    for block in re.split(r"\n\s*\n", text):
        lines = [line.strip() for line in block.split("\n") if line.strip()]
        long = len(lines) > 1 and sum(map(len, lines)) / len(lines) > 120
        joined: list[str] = []
        for i, line in enumerate(lines):
            begins = LABEL.match(line) and looks_like_name(LABEL.match(line)["label"])  # type: ignore[index]
            alone = is_navigation(line) or is_duration(line) or line.startswith("#")
            after_alone = i > 0 and (
                is_navigation(lines[i - 1]) or is_duration(lines[i - 1]) or lines[i - 1].startswith("#")
            )
            ended = (
                i > 0
                and len(lines[i - 1]) < 45
                and not re.search(r"[,;–—-]$", lines[i - 1])
                and line[:1].isupper()
                and not joined[-1].endswith(":")
            )
            if not joined or begins or alone or after_alone or long or ended:
                joined.append(line)
            else:
                joined[-1] += f" {line}"
        paragraphs += joined
    return paragraphs


def turns_of_blocks(blocks: Sequence[Block], forgiven: Forgiven) -> tuple[Turn, ...]:
    """A turn a label, with the unlabelled paragraphs that follow it; time marks become the turn's times."""
    turns: list[Turn] = []
    speaker: str | None = None
    open_turn = False
    for block in blocks:
        text, marks = _without_marks(block.text, forgiven)
        text = clean(text)
        if block.label is not None:
            speaker = speaker_name(block.label) if block.label else None
            open_turn = False
        if not text:
            if marks and open_turn:
                turns[-1] = Turn(turns[-1].speaker, turns[-1].text, turns[-1].marks)
            continue
        if open_turn:
            offset = len(turns[-1].text) + 2
            moved = tuple((offset + at, time) for at, time in marks)
            turns[-1] = Turn(speaker, f"{turns[-1].text}\n\n{text}", turns[-1].marks + moved)
        else:
            turns.append(Turn(speaker, text, tuple(marks)))
            open_turn = speaker is not None
    return tuple(turns)


def _without_marks(text: str, forgiven: Forgiven) -> tuple[str, list[tuple[int, float]]]:
    """The words without their time marks, and where these stood: (character offset, seconds)."""
    kept, marks = "", []
    place = 0
    text = clean(text)
    matches = list(_MARK.finditer(text))
    start = _MARK_AT_START.match(text)
    if start:
        matches.insert(0, start)
    for match in matches:
        kept = _tidily(kept, text[place : match.start()])
        time = seconds(match["time"])
        if believable(time):
            joins = len(kept) + (1 if kept and not kept.endswith((" ", "\n")) else 0)
            marks.append((joins, float(time or 0.0)))
        else:
            forgiven.add("a time that cannot be true left out")
        place = match.end()
    kept = _tidily(kept, text[place:])
    last = max(len(kept) - 1, 0)
    return kept, [(min(at, last), time) for at, time in marks]


def _tidily(before: str, after: str) -> str:
    """Two pieces around a mark that was taken out, with one space between words and none before a comma."""
    after = after.lstrip(" ") if before else after.lstrip()
    if not before or not after:
        return before.rstrip(" ") + after
    glue = "" if before.endswith("\n") or after[0] in "\n,.;:!?" else " "
    return before.rstrip(" ") + glue + after


def _speakers(paragraphs: Sequence[str]) -> frozenset[str]:
    matches = [LABEL.match(paragraph) for paragraph in paragraphs]
    labelled = [n for n, match in enumerate(matches) if match and looks_like_name(match["label"])]
    all_labelled = bool(labelled) and labelled[-1] - labelled[0] + 1 == len(labelled)
    return speakers_among([match["label"] for match in matches if match], all_labelled=all_labelled)


def _split(paragraph: str, speakers: frozenset[str]) -> tuple[str, str] | None:
    match = LABEL.match(paragraph)
    if match and match["label"] in speakers:
        return match["label"], paragraph[match.end() :]
    return None


def _is_speech(paragraph: str) -> bool:
    """Whether an unlabelled paragraph just above the first label is somebody speaking."""
    return (
        len(paragraph.split()) >= _FEWEST_SPOKEN
        and not paragraph.startswith("#")
        and not is_navigation(paragraph)
        and not is_duration(paragraph)
        and bool(re.search(r"[.!?…][\"”’)\]]*$", paragraph))
        and bool(_ADDRESSES_SOMEBODY.search(paragraph))
        and not _BLURB.match(paragraph)
    )


def _still_speech(paragraphs: Sequence[str]) -> Iterator[str]:
    """The paragraphs below the last label until the site's own lines begin."""
    for paragraph in paragraphs:
        short = len(paragraph.split()) <= 12 and not re.search(r"[.!?…,][\"”’)\]]*$", paragraph)
        if (
            is_navigation(paragraph)
            or is_certainly_navigation(paragraph)
            or paragraph.startswith("#")
            or short
        ):
            return
        yield paragraph


def _only_times(text: str) -> bool:
    return not re.sub(rf"\[?\(?{TIME}\)?\]?|\bto\b|[-–—\s]", "", text)
