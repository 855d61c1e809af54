"""Markdown as rows of plain words: `**Name:** text`, headings, links, escapes.

CommonMark (https://spec.commonmark.org/) as far as transcripts use it. A renderer is no help here: it takes
`**Name:**text` for two asterisks, joins or splits what people write around labels, and drops what it cannot read.
"""

import html
import re
from collections.abc import Iterator

from index.formats.clock import TIME
from index.formats.rows import Row, words_of_cells
from index.text import clean

_BLOCK_MARK = re.compile(
    r"^(?:\s{0,3}>\s?)*\s*(?:[-*+]\s+|\d{1,3}[.)]\s+(?=\*\*|__))?(?P<heading>#{1,6}\s+)?"
)
_LEAD = re.compile(
    r"^\s*(?P<mark>\*{1,3}|_{1,3})(?=\S)(?P<lead>[^*_\n][^*\n]{0,139}?)(?<=\S)(?P=mark)(?P<colon>\s?[:：])?"
)
_LINK = re.compile(
    r"!?\[(?P<words>(?:[^\[\]\\\n]|\\.|\[[^\[\]\n]{0,200}\]){0,400})\]\((?:[^()\s]|\([^()\s]{0,200}\)){0,2000}(?:\s+\"[^\"\n]{0,400}\")?\)"
)
_REFERENCE = re.compile(r"\[(?P<words>[^\[\]\n]{1,300})\]\[[^\[\]\n]{0,100}\]")
_AUTOLINK = re.compile(r"<(https?://[^<>\s]{1,2000})>")
_FOOTNOTE = re.compile(r"\[\^[^\]\s]{1,40}\]")
_EMPHASIS = re.compile(
    r"(?<![\w\\*])(?P<stars>\*{1,3})(?=[^\s*])(?P<a>.{1,3000}?)(?<=[^\s\\*])(?P=stars)(?!\*)"
    r"|(?<![\w\\_])(?P<bars>_{1,3})(?=[^\s_])(?P<b>.{1,3000}?)(?<=[^\s\\_])(?P=bars)(?!\w)",
    re.DOTALL,
)
_STRUCK = re.compile(r"~~(?=\S)(.{1,1000}?)(?<=\S)~~")
_CODE = re.compile(r"(`{1,3})(?!`)(.{1,2000}?)(?<!`)\1(?!`)")
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,300}>|<!--.{0,2000}?-->", re.DOTALL)
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_BOLD_IN_BRACKETS = re.compile(r"(\\?\[[^\]\[\n]{0,60}?)\*\*([^*\]\[\n]{1,60})\*\*([^\]\[\n]{0,60}\])")
_LOOKS_MARKED = re.compile(
    r"^\s*(?:>\s*|[-*+]\s+)?(?:\*\*|__)[^*_\n]{1,100}(?:\*\*|__)|^#{1,6}\s+\S|\\[\[\]#_*]|\]\(https?://|^\s*\*[^*\s][^*\n]{0,80}:\*\s",
    re.MULTILINE,
)
_TABLE = re.compile(r"^\|.*\|[ \t]*\n\|[ \t:|-]+\|[ \t]*$", re.MULTILINE)
_FENCE = re.compile(r"^\s*(?:```|~~~)")


def recognises(text: str) -> bool:
    """Whether the text has the marks of Markdown."""
    return bool(_LOOKS_MARKED.search(text) or _TABLE.search(text))


def rows_of_markdown(text: str) -> list[Row]:
    """Markdown as rows; lines without a blank line between them are one paragraph, as the format says."""
    return list(_rows(text))


def _rows(text: str) -> Iterator[Row]:
    gap = True
    for raw in re.sub(r"<!--.{0,20000}?-->", "", text, flags=re.DOTALL).split("\n"):
        if not raw.strip() or _FENCE.match(raw) or re.fullmatch(r"\s*(?:[-_*=]\s*){3,}", raw):
            gap = True
            continue
        mark = _BLOCK_MARK.match(raw)
        body = raw[mark.end() :] if mark else raw
        heading = bool(mark and mark["heading"])
        words = clean(plain(body))
        if words.startswith("|"):
            words = words_of_cells([cell.strip() for cell in words.strip("|").split("|")])
        if words:
            lead = _LEAD.match(body)
            shown = clean(plain(lead["lead"])) if lead else ""
            yield Row(words, gap or heading or bool(shown) or bool(mark and mark[0].strip()), shown, heading)
            gap = heading


def plain(text: str) -> str:
    """One line of Markdown as its words: links and emphasis undone, escapes and entities resolved."""
    text = _BOLD_IN_BRACKETS.sub(r"\1\2\3", text)
    text = _ESCAPE.sub(lambda match: chr(0xE000 + ord(match[1])), text)
    text = _CODE.sub(r"\2", text)
    for pattern in (_LINK, _REFERENCE):
        text = pattern.sub(_link_words, text)
    text = _FOOTNOTE.sub("", text)
    text = _AUTOLINK.sub(r"\1", text)
    text = _LEAD.sub(_label_apart, text)
    for _ in range(2):
        text = _EMPHASIS.sub(lambda match: match["a"] or match["b"], text)
    text = _STRUCK.sub(r"\1", text)
    text = html.unescape(_TAG.sub("", text))
    return re.sub("[\ue021-\ue07e]", lambda match: chr(ord(match[0]) - 0xE000), text)


def _link_words(match: re.Match[str]) -> str:
    """What a link shows; one that shows a time leads to a place in the recording, and is a time mark."""
    shown = match["words"].strip()
    time = re.fullmatch(rf"[(\[]?({TIME})[)\]]?", shown)
    if time and match.string[match.start() - 1 : match.start()] not in ("[", "("):
        return f"[{time[1]}]"
    return time[1] if time else shown


def _label_apart(match: re.Match[str]) -> str:
    if match["colon"] or match["lead"].endswith((":", "：")):
        return f"{match['lead']}{match['colon'] or ''} "
    return match[0]
