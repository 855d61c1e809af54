"""What a draft quotes: its passages in quotation marks, and who is named near them."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

_MARKS = re.compile(r"“([^“”]+)”|\"([^\"\n]+)\"|«([^«»]+)»|„([^„“”]+)[“”]")
_BLOCK_QUOTE = re.compile(r"(?:^[ ]{0,3}>[^\n]*(?:\n|\Z))+", re.MULTILINE)
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_LINK_TARGET = re.compile(r"(?<=\])\([^)\s]*(?:\s+\"[^\"]*\")?\)")
_FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_SAYS = (
    "says|said|saying|tells|told|asks|asked|adds|added|explains|explained|recalls|recalled|argues|argued|notes|noted|"
    "puts it|put it|according to|writes|wrote|replies|replied|answers|answered|jokes|joked|thinks|thought|admits|admitted"
)
_NAME = r"[A-ZÀ-Þ][\w'’-]+(?: [A-ZÀ-Þ][\w'’.-]+){0,3}"
_NAMED_AFTER = re.compile(
    rf"^[\s,.]*(?:(?:{_SAYS})\s+(?P<a>{_NAME})|(?P<b>{_NAME})\s+(?:{_SAYS})\b|[—–-]+\s*(?P<c>{_NAME}))"
)
_NAMED_BEFORE = re.compile(
    rf"(?:(?P<a>{_NAME})\s+(?:{_SAYS})|(?:{_SAYS})\s+(?P<b>{_NAME})|(?P<c>{_NAME}))\s*[:,]?\s*$"
)


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quoted passage of a draft.

    Attributes:
        line: the draft's line it begins on, from 1.
        speaker: who is named near it, or None.
    """

    text: str
    line: int
    speaker: str | None


def quoted_passages(draft: str, speakers: Collection[str]) -> list[Quoted]:
    """Every passage in quotation marks and every block quote of a Markdown, HTML or text draft.

    Args:
        speakers: the library's; a name near a quote is one of them, or else a name beside "says" or a dash.
    """
    if re.search(r"</(?:p|div|blockquote|body|q|em|a)>", draft, re.IGNORECASE):
        draft = _without_html(draft)
    for ignored in (_FRONT, _CODE, _LINK_TARGET):
        draft = ignored.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), draft)
    return sorted(_quoted(draft, speakers), key=lambda quoted: quoted.line)


def _quoted(draft: str, speakers: Collection[str]) -> Iterator[Quoted]:
    blocks = list(_BLOCK_QUOTE.finditer(draft))
    for block in blocks:
        lines = [line.lstrip().removeprefix(">").strip() for line in block[0].splitlines()]
        credit = next((line for line in lines if re.match(r"[—–-]{1,2}\s*\S", line)), "")
        words = " ".join(line for line in lines if line and line != credit).strip('"“”')
        speaker = _known(credit, speakers) or _near(draft, block.start(), block.end(), speakers)
        if words:
            yield Quoted(words, draft.count("\n", 0, block.start()) + 1, speaker)
    for match in _MARKS.finditer(draft):
        if any(block.start() <= match.start() < block.end() for block in blocks):
            continue
        words = next(group for group in match.groups() if group is not None).strip()
        if re.search(r"\w", words):
            line = draft.count("\n", 0, match.start()) + 1
            yield Quoted(words, line, _near(draft, match.start(), match.end(), speakers))


def _near(draft: str, start: int, end: int, speakers: Collection[str]) -> str | None:
    """Who is named beside a quotation, within its paragraph."""
    before = draft[max(0, draft.rfind("\n\n", 0, start)) : start]
    stop = draft.find("\n\n", end)
    after = draft[end : stop if stop >= 0 else len(draft)]
    for pattern, text in ((_NAMED_AFTER, after), (_NAMED_BEFORE, before.rstrip('"“ \n'))):
        if match := pattern.search(text):
            name = next(group for group in match.groups() if group)
            known = _known(name, speakers)
            if known or not match.groupdict().get("c"):
                return known or name
    last_sentence = re.split(r"[.!?]\s", before)[-1]
    return _known(last_sentence, speakers)


def _known(text: str, speakers: Collection[str]) -> str | None:
    """The library's speaker that a text names, in full before by part; None where it names several."""
    for whole in (True, False):
        named = {
            name
            for name in speakers
            for part in ([name] if whole else name.split())
            if len(part) > 2 and re.search(rf"(?<!\w){re.escape(part)}(?!\w)", text)
        }
        if len(named) == 1:
            return named.pop()
        if named:
            return None
    return None


def _without_html(draft: str) -> str:
    tree = LexborHTMLParser(draft)
    for node in tree.css("script, style, code, pre, head"):
        node.decompose()
    for node in tree.css("blockquote"):
        node.replace_with("\n\n> " + " ".join(node.text(separator=" ").split()) + "\n\n")
    for node in tree.css("q"):
        node.replace_with(f"“{node.text()}”")
    for node in tree.css("p, div, li, h1, h2, h3, br, tr"):
        node.insert_before("\n\n")
    return tree.body.text() if tree.body else ""
