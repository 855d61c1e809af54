"""What a draft quotes: its passages in quotation marks, its block quotes, and who is named near them."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

_CLOSED_BY = {"“": "”", "„": "“”", "«": "»", "»": "«", "「": "」", '"': '"', "‘": "’", "'": "'"}
_APOSTROPHES = "‘'"
_SHORTEST_IN_APOSTROPHES = 4
"""Words; fewer between straight apostrophes are more likely two apostrophes."""

_PARAGRAPH = re.compile(r"(?:[^\n]*\S[^\n]*(?:\n|\Z))+")
_BLOCK_QUOTE = re.compile(r"(?:^[ ]{0,3}>[^\n]*(?:\n|\Z))+", re.MULTILINE)
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_LINK_TARGET = re.compile(r"(?<=\])\([^)\s]*(?:\s+\"[^\"]*\")?\)")
_FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_EMPHASIS = re.compile(r"(?<![\w\\])(\*{1,3}|_{1,3})(?=\S)(.+?)(?<=\S)\1(?!\w)", re.DOTALL)
_CREDIT = re.compile(r"(?:^|(?<=[.!?…”\"»’])\s+)[—–-]{1,2}\s*(?P<name>[^\n]{2,80})\Z")
_HTML = re.compile(r"</(?:p|div|blockquote|body|q|em|a|li|h\d)>", re.IGNORECASE)

_SAYS = (
    "says|said|saying|tells|told|asks|asked|adds|added|explains|explained|recalls|recalled|argues|argued|notes|noted|"
    "puts it|put it|according to|writes|wrote|replies|replied|answers|answered|jokes|joked|thinks|thought|admits|"
    "admitted|remembers|remembered|insists|insisted|warns|warned|claims|claimed|suggests|suggested|continues|continued|"
    "describes|described|states|stated|quips|quipped"
)
_NAME = r"[A-ZÀ-Þ][\w'’-]+(?: [A-ZÀ-Þ][\w'’.-]+){0,3}"
_NAMED_AFTER = re.compile(
    rf"^[\s,.]*(?:(?:{_SAYS})\s+(?P<a>{_NAME})|(?P<b>{_NAME})\s+(?:{_SAYS})\b|[—–-]+\s*(?P<c>{_NAME}))"
)
_NAMED_BEFORE = re.compile(
    rf"(?:(?P<a>{_NAME})\s+(?:\w+ly\s+)?(?:{_SAYS})(?:\s+\w+){{0,3}}|(?:{_SAYS})\s+(?P<b>{_NAME})|(?P<c>{_NAME}))\s*[:,]?\s*$"
)
_INTRODUCES = re.compile(r"[^.!?\n]{0,40}?[:,]?\s*[\"“‘«„]")
"""Behind a name and "said": what comes is the next quotation, and the name is its speaker's."""
_NO_NAMES = frozenset(
    "he she they i we you it who the a an this that these those his her their my our host guest and but so as when"
    " then later there here in on at of for to from what how why if after before while because".split()
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

    Of marks within marks the outer passage counts: its words hold the inner one. A passage may run over
    several lines, and over paragraphs that each open with the mark again.

    Args:
        speakers: the library's; a name near a quote is one of them, or else a name beside "says" or a dash.
    """
    if _HTML.search(draft):
        draft = _without_html(draft)
    for ignored in (_FRONT, _CODE, _LINK_TARGET):
        draft = ignored.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), draft)
    return sorted(_quoted(draft, speakers), key=lambda quoted: quoted.line)


def _quoted(draft: str, speakers: Collection[str]) -> Iterator[Quoted]:
    blocks = list(_BLOCK_QUOTE.finditer(draft))
    for block in blocks:
        yield from _of_block(draft, block, speakers)
    for paragraph in _PARAGRAPH.finditer(draft):
        if any(block.start() <= paragraph.start() < block.end() for block in blocks):
            continue
        for span in marked(paragraph[0]):
            start, end = (paragraph.start() + place for place in span)
            if words := _words(draft[start:end]):
                line = draft.count("\n", 0, start) + 1
                yield Quoted(words, line, _near(draft, start - 1, end + 1, speakers))


def _of_block(draft: str, block: re.Match[str], speakers: Collection[str]) -> Iterator[Quoted]:
    """What a block quote quotes: what stands in marks in it, else all of it but its credit."""
    lines = [re.sub(r"^[\s>]+", "", line).strip() for line in block[0].splitlines()]
    text = " ".join(line for line in lines if line)
    credit = _CREDIT.search(text)
    said = text[: credit.start()].strip() if credit else text
    named = credit["name"] if credit else ""
    speaker = _known(named, speakers) or _name_of(named)
    spans = list(marked(said))
    whole = not spans or (len(spans) == 1 and spans[0][0] <= 1 and spans[0][1] >= len(said) - 2)
    line = draft.count("\n", 0, block.start()) + 1
    for start, end in [(0, len(said))] if whole else spans:
        if words := _words(said[start:end]):
            near = _near(said, start - 1, end + 1, speakers) if not whole else None
            yield Quoted(words, line, speaker or near or _near(draft, block.start(), block.end(), speakers))


def marked(text: str) -> Iterator[tuple[int, int]]:
    """What stands between quotation marks in a paragraph: outermost spans, without the marks."""
    at = 0
    while at < len(text):
        end = _end(text, at) if _opens(text, at) else None
        if end is None:
            at += 1
        else:
            yield at + 1, end
            at = end + 1


def _opens(text: str, at: int) -> bool:
    mark, before, after = text[at], text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    return mark in _CLOSED_BY and bool(after.strip()) and not (mark in "\"'‘»" and before.isalnum())


def _end(text: str, opening: int) -> int | None:
    """Where the mark that opens here is closed; of a curly or straight double mark, at the latest at the end."""
    mark, closing, depth = text[opening], _CLOSED_BY[text[opening]], 0
    for at in range(opening + 1, len(text)):
        if text[at] == mark and mark not in closing and mark in "“«「":
            depth += 1
        elif text[at] in closing and _closes(text, at):
            if not depth:
                long_enough = len(text[opening:at].split()) >= _SHORTEST_IN_APOSTROPHES
                return at if mark != "'" or long_enough else None
            depth -= 1
    # A passage of several paragraphs is closed in the last one only.
    starts = not text[:opening].strip()
    return len(text.rstrip()) if mark in "“«" or (mark == '"' and starts) else None


def _closes(text: str, at: int) -> bool:
    """Not an apostrophe, nor an opening mark."""
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if text[at] in "’'":
        return not after.isalnum() and bool(before.strip())
    return text[at] != '"' or not (after.isalnum() and not before.strip())


def _words(passage: str) -> str:
    """The passage in one line, without emphasis; nothing where it has no word."""
    said = " ".join(re.sub(r"^[“\"«]", "", _EMPHASIS.sub(r"\2", passage).strip()).split())
    return said if re.search(r"\w", said) else ""


def _near(draft: str, start: int, end: int, speakers: Collection[str]) -> str | None:
    """Who is named beside a quotation, within its paragraph."""
    before = _EMPHASIS.sub(r"\2", draft[max(0, draft.rfind("\n\n", 0, max(start, 0))) : max(start, 0)])
    stop = draft.find("\n\n", end)
    after = _EMPHASIS.sub(r"\2", draft[end : stop if stop >= 0 else len(draft)])
    for pattern, text in ((_NAMED_AFTER, after), (_NAMED_BEFORE, before.rstrip('"“ \n'))):
        if match := pattern.search(text):
            beside_verb = not match.groupdict().get("c")
            name = next(group for group in match.groups() if group)
            ended = text is after and draft[: end - 1].rstrip().endswith((".", "!", "?", "…"))
            if ended and _INTRODUCES.match(text, match.end()):
                continue
            if known := _known(name, speakers):
                return known
            if beside_verb and (name := _name_of(name)):
                return name
    last_sentence = re.split(r"[.!?]\s", before)[-1]
    return _known(last_sentence, speakers)


def _name_of(text: str) -> str:
    """The name at the beginning of a credit, without words that only look like one."""
    found = re.match(_NAME, text.strip())
    words = found[0].split() if found else []
    while words and words[0].lower() in _NO_NAMES:
        words = words[1:]
    return " ".join(words).rstrip(".")


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
    """The text of an HTML draft, with its block quotes and inline quotes marked as Markdown has them."""
    tree = LexborHTMLParser(draft)
    for node in tree.css("script, style, code, pre, head"):
        node.decompose()
    for node in tree.css("q"):
        node.replace_with(f"“{node.text()}”")
    for node in tree.css("blockquote"):
        credits = [_in_one_line(part) for part in node.css("cite, footer, figcaption") if _in_one_line(part)]
        for part in node.css("cite, footer, figcaption"):
            part.decompose()
        credit = f" — {credits[0].lstrip('—–- ')}" if credits else ""
        node.replace_with(f"\n\n> {_in_one_line(node)}{credit}\n\n")
    for node in tree.css("p, div, li, h1, h2, h3, h4, figure, figcaption, br, tr"):
        node.insert_before("\n\n")
    return tree.body.text() if tree.body else ""


def _in_one_line(node: LexborNode) -> str:
    return " ".join(node.text(separator=" ").split())
