"""One module a format; which one reads a file is told from its content, never from its name."""

import re
from dataclasses import fields, replace

import yaml

from index.errors import TranscriptError
from index.formats import captions, json_transcripts, labelled, markdown, timed_text, web_pages
from index.formats.forgiving import Forgiven
from index.formats.heading import about_of_fields
from index.text import clean
from index.transcript import About, Reading

LARGEST_FILE = 64 * 2**20
LONGEST_LINE = 2**20

_EXPECTED = (
    "expected WebVTT, SRT, a podcast app's or speech service's JSON or HTML, Markdown with **Name:** labels,"
    " Name: text paragraphs, or lines with times"
)
_TEXTS = (
    (markdown.recognises, markdown.read),
    (timed_text.recognises, timed_text.read),
    (labelled.recognises, labelled.read),
)
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?P<fields>.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)


def read(data: bytes, name: str) -> Reading:
    """Read one transcript.

    Args:
        data: the file's bytes.
        name: the file's name, for messages.

    Raises:
        TranscriptError: it is no transcript, or a torn one; says where and what was expected.
    """
    forgiven = Forgiven()
    text = _decoded(data, name, forgiven)
    about, text = _front_matter(text, forgiven)
    reading = _read(text, name, forgiven)
    if not reading.turns:
        raise TranscriptError("there are no spoken words in it", where=name, fix=_EXPECTED)
    filled = {f.name: getattr(about, f.name) or getattr(reading.about, f.name) for f in fields(About)}
    return replace(reading, about=About(**filled))


def _read(text: str, name: str, forgiven: Forgiven) -> Reading:
    if json_transcripts.recognises(text):
        return json_transcripts.read(text, forgiven, name)
    long = next((n for n, line in enumerate(text.split("\n"), 1) if len(line) > LONGEST_LINE), None)
    if long:
        raise TranscriptError("a line of over a million characters", where=f"{name}:{long}", fix=_EXPECTED)
    if captions.recognises_vtt(text):
        return captions.read(text, forgiven, name)
    if re.match(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:rss|feed|rdf:RDF)\b", text, re.DOTALL):
        raise TranscriptError(
            "a feed, not a transcript", where=name, fix="give the feed's address to onrecord add"
        )
    if web_pages.recognises(text):
        return web_pages.read(text, forgiven, name)
    if captions.recognises_srt(text):
        return captions.read(text, forgiven, name)
    for recognises, read_as in _TEXTS:
        if recognises(text):
            return read_as(text, forgiven)
    raise TranscriptError("this is no transcript", where=f"{name}:1", fix=_EXPECTED)


def _decoded(data: bytes, name: str, forgiven: Forgiven) -> str:
    if not data.strip():
        raise TranscriptError("the file is empty", where=name, fix="give a file with a transcript in it")
    if len(data) > LARGEST_FILE:
        raise TranscriptError(
            f"the file has {len(data) / 2**20:.0f} MB, and {LARGEST_FILE >> 20} MB is the most",
            where=name,
            fix="give each episode as a file of its own",
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return _cleaned(data.decode("utf-16"))
        except UnicodeDecodeError as error:
            raise TranscriptError("the file is torn UTF-16", where=name, fix="save it as UTF-8") from error
    if b"\x00" in data:
        raise TranscriptError("a binary file, not text", where=name, fix=_EXPECTED)
    try:
        return _cleaned(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        pass
    unprintable = sum(data[:4096].count(bytes([code])) for code in (*range(1, 9), *range(14, 27)))
    if unprintable > len(data[:4096]) // 100:
        raise TranscriptError("a binary file, not text", where=name, fix=_EXPECTED)
    forgiven.add("read as Windows-1252, since it is not UTF-8")
    return _cleaned(data.decode("cp1252", errors="replace"))


def _cleaned(text: str) -> str:
    """The text without what cannot be seen, so that no mark hides a label or a time."""
    return clean(text)


def _front_matter(text: str, forgiven: Forgiven) -> tuple[About, str]:
    match = _FRONT_MATTER.match(text)
    if not match:
        return About(), text
    try:
        named = yaml.safe_load(match["fields"])
    except (yaml.YAMLError, ValueError):
        named = None
    if not isinstance(named, dict):
        forgiven.add("front matter that cannot be read left out")
        named = {}
    return about_of_fields(named), text[match.end() :]
