"""Markdown with bold labels: `**Name:** text`."""

import html
import re

from index.formats.forgiving import Forgiven
from index.formats.heading import about_of_head, is_certainly_navigation
from index.formats.labelled import Block, turns_of_blocks
from index.formats.labels import is_person
from index.transcript import Reading

_LABEL = re.compile(
    r"^[ >]{0,3}(?P<bold>\*\*|__)(?P<label>[^*_\n][^*\n]{0,110}?)(?:\s?[:：]\s?(?P=bold)|(?P=bold)\s?[:：])\s*"
)
_BARE = re.compile(r"^(?P<bold>\*\*|__)(?P<label>[^*\n]{1,60})(?P=bold)\s*(?=\\?\[|$)")
_LINK = re.compile(r"!?\[((?:[^\[\]\\]|\\.|\[[^\]]*\])*)\]\((?:[^()\s]|\([^)]*\))*(?:\s+\"[^\"]*\")?\)")
_EMPHASIS = re.compile(
    r"(?<![\w\\*])(\*{1,3})(?=\S)(.+?)(?<=[^\s\\])\1(?!\w)|(?<![\w\\])(_{1,3})(?=\S)(.+?)(?<=[^\s\\])\3(?!\w)",
    re.DOTALL,
)
_CODE = re.compile(r"(`+)(.+?)\1")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_BROKEN_MARK = re.compile(r"(\\?\[[^\]\n]*)\*\*(:|[^*\n]{1,60}:)\*\*([^\]\n]*\])")


def recognises(text: str) -> bool:
    """Whether at least two lines begin with a bold label that names a person."""
    labels = [m["label"] for line in text.split("\n") if (m := _LABEL.match(line)) and is_person(m["label"])]
    return len(labels) >= 2


def read(text: str, forgiven: Forgiven) -> Reading:
    """The labelled paragraphs as turns; unlabelled ones go on with the speaker."""
    blocks: list[Block] = []
    head: list[str] = []
    for paragraph in _paragraphs(text):
        match = _LABEL.match(paragraph) or _BARE.match(paragraph)
        if match and is_person(match["label"]) and match.re is _LABEL:
            blocks.append(Block(plain(match["label"]), plain(paragraph[match.end() :])))
        elif match and not is_person(match["label"]):
            blocks.append(Block("", ""))
            rest = plain(paragraph[match.end() :]).strip()
            if re.search(r"[^\W\d_]{3}", re.sub(r"\[[^\]]*\]", "", rest)):
                forgiven.add("words under a label that is no person kept without a speaker")
                blocks.append(Block("", rest))
        elif not blocks:
            head.append(
                plain(paragraph) if not paragraph.startswith("#") else f"# {plain(paragraph.lstrip('# '))}"
            )
        elif re.match(r"#{1,6}\s|[-*_]{3,}\s*$|<!--", paragraph) or is_certainly_navigation(paragraph):
            forgiven.add("a heading or rule inside the transcript left out")
        else:
            blocks.append(Block(None, plain(paragraph)))
    return Reading(about_of_head(head), turns_of_blocks(blocks, forgiven), forgiven.sentences())


def plain(text: str) -> str:
    """Markdown as its words: links and emphasis undone, escapes and entities resolved."""
    text = _BROKEN_MARK.sub(r"\1\2\3", text)
    held: list[str] = []

    def hold(match: re.Match[str]) -> str:
        held.append(match[1])
        return f"\x00{len(held) - 1}\x01"

    text = _ESCAPE.sub(hold, text)
    text = _CODE.sub(r"\2", text)
    text = _LINK.sub(r"\1", text)
    for _ in range(2):
        text = _EMPHASIS.sub(lambda m: m[2] or m[4], text)
    text = re.sub(r"</?(?:[a-zA-Z][^<>]{0,200})>", "", text)
    text = html.unescape(text)
    return re.sub(r"\x00(\d+)\x01", lambda m: held[int(m[1])], text)


def _paragraphs(text: str) -> list[str]:
    paragraphs: list[str] = []
    for block in re.split(r"\n[ \t]*\n", text):
        for i, line in enumerate(block.split("\n")):
            if i == 0 or _LABEL.match(line) or line.startswith("#"):
                paragraphs.append(line)
            else:
                paragraphs[-1] += f" {line.strip()}"
    return [paragraph.strip() for paragraph in paragraphs if paragraph.strip()]
