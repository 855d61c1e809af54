"""Transcripts of every format; which one reads a file is told from its content, never from its name."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from index.errors import TranscriptError
from index.formats import captions, json_transcripts, markdown, script, web_pages
from index.formats.decoding import LARGEST_FILE, check_lines, decoded
from index.formats.forgiving import Forgiven
from index.formats.heading import about_of_fields, joined
from index.formats.rows import rows_of_text
from index.text import clean
from index.transcript import Reading

__all__ = ["LARGEST_FILE", "read"]

_EXPECTED = (
    "expected WebVTT, SRT, a podcast app's or speech service's JSON or HTML, paragraphs that begin with"
    " the speaker's name (Name: text), or lines that begin with a time"
)
_FRONT_MATTER = re.compile(r"\A\s*---[ \t]*\n(?P<fields>.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FEED = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<(?:!--|\?)[^>]{0,2000}>\s*){0,9}<(?:rss|feed|rdf:RDF)\b"
)
_CODE = re.compile(
    r"^\s*(?:#include\b|import [\w.{*]+(?:,| from|;|$)|from [\w.]+ import|def \w+\(|class \w+[(:{]|func \w+\(|function \w*\(|"
    r"(?:const|let|var) \w+ ?=|(?:public|private|static) \w+|return\b.*;|\}|\{|//|/\*|if \(|</?\w+>|@\w+\()|[;{}]\s*$",
)
_ENTITY = re.compile(r"&#?\w{1,10};")
_IN_SECONDS = re.compile(r"^\[(\d{1,6}\.\d{1,6})s?\s*(?:-+>|→|–|-)\s*(\d{1,6}\.\d{1,6})s?\]\s*", re.MULTILINE)
_TSV = re.compile(r"start\tend\ttext\n")

Reader = Callable[[str, Forgiven, str], Reading]

_WRITTEN_BY_MACHINES: tuple[tuple[Callable[[str], bool], Reader], ...] = (
    (json_transcripts.recognises, json_transcripts.read),
    (web_pages.recognises, web_pages.read),
)
"""These may be one long line."""

_CAPTIONS: tuple[tuple[Callable[[str], bool], Reader], ...] = (
    (captions.recognises_vtt, captions.read),
    (captions.recognises_srt, captions.read),
)


def read(data: bytes, name: str) -> Reading:
    """Read one transcript.

    The content is asked, in this order: a feed (refused), JSON, HTML, WebVTT, SRT, source code (refused), then rows
    with names or times, be they Markdown or plain text.

    Args:
        data: the file's bytes.
        name: the file's name, for messages.

    Raises:
        TranscriptError: it is no transcript, or a torn one; says where, and what was expected.
    """
    forgiven = Forgiven()
    text = decoded(data, name, forgiven)
    reading = _read(text, name, forgiven)
    if not reading.turns:
        raise TranscriptError("there are no spoken words in it", where=name, fix=_EXPECTED)
    return reading


def _read(text: str, name: str, forgiven: Forgiven) -> Reading:
    if _FEED.match(text):
        raise TranscriptError("a feed, not a transcript", where=name, fix="give its address to onrecord add")
    for recognises, reader in _WRITTEN_BY_MACHINES:
        if recognises(text):
            return reader(text, forgiven, name)
    check_lines(text, name)
    for recognises, reader in _CAPTIONS:
        if recognises(text):
            return reader(text, forgiven, name)
    return _script(text, name, forgiven)


def _script(text: str, name: str, forgiven: Forgiven) -> Reading:
    fields, body = _front_matter(text, forgiven)
    rows = (
        markdown.rows_of_markdown(body)
        if fields or markdown.recognises(body)
        else rows_of_text(_with_clock_times(body))
    )
    code = sum(1 for line in body.split("\n") if _CODE.search(_ENTITY.sub("", line)))
    reading = script.read(rows, forgiven, _listed_speakers(fields)) if code < 0.1 * len(rows) + 3 else None
    if reading is None:
        above = text.removesuffix(body).count("\n")
        first, line = next(
            ((number, line) for number, line in enumerate(body.split("\n"), above + 1) if line.strip()),
            (1, ""),
        )
        begins = clean(line)[:60]
        raise TranscriptError(
            f'this is no transcript: no speakers and no times, and it begins "{begins}"',
            where=f"{name}:{first}",
            fix=_EXPECTED,
        )
    return Reading(joined(about_of_fields(fields), reading.about), reading.turns, reading.forgiven)


def _with_clock_times(text: str) -> str:
    """Whisper's tables (start, end in milliseconds, text) and prints (`[0.00s -> 8.58s] text`) with written times."""
    if not _TSV.match(text):
        return _IN_SECONDS.sub(lambda match: f"[{_clock(match[1])} - {_clock(match[2])}] ", text)
    lines = []
    for line in text.split("\n")[1:]:
        start, end, words = (*line.split("\t", 2), "", "")[:3]
        if start.isdecimal() and end.isdecimal():
            lines.append(f"[{_clock(int(start[:12]) / 1000)} - {_clock(int(end[:12]) / 1000)}] {words}")
    return "\n".join(lines)


def _clock(time_s: float | str) -> str:
    whole, fraction = divmod(round(float(time_s) * 1000), 1000)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}.{fraction:03}"


def _front_matter(text: str, forgiven: Forgiven) -> tuple[Mapping[Any, Any], str]:
    match = _FRONT_MATTER.match(text)
    if not match:
        return {}, text
    try:
        fields = yaml.safe_load(match["fields"])
    except (yaml.YAMLError, ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        forgiven.note("front matter that cannot be read left out")
        fields = {}
    return fields, text[match.end() :]


def _listed_speakers(fields: Mapping[Any, Any]) -> frozenset[str]:
    """The names that front matter lists, whole and in their parts, as labels may have them."""
    named: list[str] = []
    for key in ("speakers", "speaker", "hosts", "host", "guests", "guest", "people"):
        value = fields.get(key)
        named += [
            str(each) for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)
        ]
    return frozenset(part for name in named for part in (name, *name.split()) if len(part) > 1)
