"""Characters: what is stripped from every text that comes in, and slugs."""

import re
import unicodedata

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_LINE_BREAKS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_BLANKS = re.compile("[\t\x0b\x0c\x1c-\x1f]")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # control characters
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"  # fillers
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # zero width and writing direction
    "\ud800-\udfff\U000e0000-\U000e007f]"  # halves of characters, and tags
)


def clean(text: str) -> str:
    """`text` without characters that cannot be seen or that steer a terminal; spaces are plain and single.

    Line breaks stay, each as `\\n`; letters stay as they are, in whatever Unicode form.
    """
    text = _UNSEEN.sub("", _ANSI.sub("", _BLANKS.sub(" ", _LINE_BREAKS.sub("\n", text))))
    text = re.sub(r"[^\S\n]+", " ", text)
    return re.sub(r" ?\n ?", "\n", text).strip()


def slug(text: str) -> str:
    """A stable ASCII name of at most 80 characters for addresses; runs of hyphens stay as they are."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9-]+", "-", plain).strip("-")[:80].strip("-") or "episode"
