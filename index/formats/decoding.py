"""The bytes of a file become text."""

import codecs

from index.errors import TranscriptError
from index.formats.forgiving import Forgiven

LARGEST_FILE = 64 * 2**20
LONGEST_LINE = 2**20

_SIGNATURES = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a zip archive or an office document",
    b"{\\rtf": "rich text",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"ID3": "a recording",
    b"OggS": "a recording",
    b"RIFF": "a recording",
    b"\x1f\x8b": "a compressed file",
    b"\x7fELF": "a program",
    b"SQLite format 3": "a database",
}
_UTF_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_NOT_TEXT = bytes([*range(1, 9), *range(14, 27), 28, 29, 30, 31, 127])


def decoded(data: bytes, name: str, forgiven: Forgiven) -> str:
    """The text of a file in UTF-8, UTF-16 or Windows-1252, with `\\n` at the end of each line.

    Raises:
        TranscriptError: it is empty, too large, or no text.
    """
    if len(data) > LARGEST_FILE:
        raise TranscriptError(
            f"the file is larger than {LARGEST_FILE >> 20} MB",
            where=name,
            fix="give each episode as a file of its own",
        )
    if not data.strip(b" \t\r\n\x0b\x0c\xef\xbb\xbf"):
        raise TranscriptError("the file is empty", where=name, fix="give a file with a transcript in it")
    for signature, what in _SIGNATURES.items():
        if data.startswith(signature):
            raise TranscriptError(
                f"a binary file ({what}), not text", where=name, fix="save the transcript as plain text"
            )
    text = _text(data, name, forgiven).replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    if not text.strip():
        raise TranscriptError("the file is empty", where=name, fix="give a file with a transcript in it")
    return text


def check_lines(text: str, name: str) -> None:
    """Refuse a line that no person and no caption program writes.

    Raises:
        TranscriptError: a line is longer than a million characters.
    """
    long = next((number for number, line in enumerate(text.split("\n"), 1) if len(line) > LONGEST_LINE), None)
    if long:
        raise TranscriptError(
            "a line of over a million characters",
            where=f"{name}:{long}",
            fix="give a text with a line for each paragraph",
        )


def _text(data: bytes, name: str, forgiven: Forgiven) -> str:
    try:
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not data.startswith(_UTF_32):
            return data.decode("utf-16")
        if b"\x00" not in data:
            return data.decode("utf-8-sig")
        if encoding := _utf16_without_mark(data):
            return data.decode(encoding)
    except UnicodeDecodeError as error:
        if error.encoding.startswith("utf-16"):
            raise TranscriptError("the file is torn UTF-16", where=name, fix="save it as UTF-8") from error
    start = data[:65536]
    if b"\x00" in data or len(start) - len(start.translate(None, _NOT_TEXT)) > len(start) // 100:
        raise TranscriptError("a binary file, not text", where=name, fix="give the transcript as text")
    forgiven.note("read as Windows-1252, since it is not UTF-8")
    return data.decode("cp1252", errors="replace").replace("\ufffd", "")


def _utf16_without_mark(data: bytes) -> str | None:
    """The byte order of UTF-16 without a mark, told by where the zero bytes of Latin letters lie."""
    even, odd = data[0:65536:2].count(0), data[1:65536:2].count(0)
    half = len(data[:65536]) // 2
    if max(even, odd) < 0.4 * half or min(even, odd) > 0.01 * half:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"
