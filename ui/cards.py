"""An answer becomes the HTML of a chat message; the one place where words of others are escaped for it."""

import html
from collections.abc import Sequence
from string import punctuation

from selectolax.lexbor import LexborHTMLParser

from rag.answer import Answer, Shown, Status
from rag.quotes import Quote
from ui.clock import clock

_ENTITIES = str.maketrans({character: f"&#{ord(character)};" for character in punctuation + "\t\n\r"})
_OPENINGS = str.maketrans({character: f"&#{ord(character)};" for character in "<&["})
UNSURE = "The transcripts may not answer this. The closest they come:"
_STAGES = {
    "waiting": "Waiting in line…",
    "searching": "Searching the transcripts…",
    "writing": "Reading the best passages…",
}


def escaped(text: str) -> str:
    """The text with every mark of punctuation and every line break as an entity.

    What is written so stays itself in HTML and in Markdown: it can open no tag, link, emphasis,
    heading, formula or address that links itself.
    """
    return text.translate(_ENTITIES)


def as_typed(question: str) -> str:
    """A question as its message: its own words, also where Gradio would read a tag, an image or a link.

    It is edited in this form, so as little as can be is written otherwise.
    """
    return question.translate(_OPENINGS)


def working(stage: str) -> str:
    """What stands in a message while nothing is there yet."""
    return f'<div class="or-answer"><p class="or-working">{escaped(_STAGES[stage])}</p></div>'


def stopped(message: str) -> str:
    """A message whose making was stopped: what was shown stays, and it says so."""
    shown = (
        message.removesuffix("</div>")
        if message and "or-working" not in message
        else '<div class="or-answer">'
    )
    return f'{shown}<p class="or-note">Stopped.</p></div>'


def failed(what: str, fix: str | None) -> str:
    """What stands in a message when no answer came."""
    advice = f" Please {escaped(fix)}." if fix else ""
    return f'<div class="or-answer"><p class="or-note">No answer: {escaped(what)}.{advice}</p></div>'


def partial(shown: Sequence[Shown], playable: frozenset[str]) -> str:
    """The claims so far, with their quotes.

    Args:
        playable: the ids of the episodes with a recording.
    """
    claims = [(each.claim.text, list(zip(each.numbers, each.claim.quotes, strict=True))) for each in shown]
    quotes = {number: quote for _, cited in claims for number, quote in cited}
    ordered = [quotes[number] for number in sorted(quotes)]
    return f'<div class="or-answer">{_prose(claims)}{_panel("On the record", ordered, playable)}</div>'


def whole(answer: Answer, playable: frozenset[str]) -> str:
    """A finished answer.

    Args:
        playable: the ids of the episodes with a recording.
    """
    note = f'<p class="or-note">{escaped(_why(answer))}</p>' if answer.note else ""
    match answer.status:
        case Status.ANSWERED:
            numbers = {quote: n for n, quote in enumerate(answer.quotes, start=1)}
            body = _prose(
                [(claim.text, [(numbers[quote], quote) for quote in claim.quotes]) for claim in answer.claims]
            ) + _panel("On the record", answer.quotes, playable)
            note = _left_out(len(answer.dropped)) + note
        case Status.QUOTES_ONLY:
            lead = "In their own words:" if answer.sure else UNSURE
            body = f'<p class="or-lead">{lead}</p>' + _panel(None, answer.quotes, playable)
        case Status.NOT_DISCUSSED:
            if answer.note:
                return f'<div class="or-answer"><p class="or-lead">{escaped(_why(answer))}</p></div>'
            body = '<p class="or-lead">The transcripts don’t answer this.</p>'
            if answer.closest:
                body += (
                    '<p class="or-note">Closest passages (near the question, not an answer to it)</p>'
                    + _panel(None, answer.closest, playable, answers=False)
                )
    return f'<div class="or-answer">{body}{note}</div>'


def plain(message: str) -> str:
    """What a chat message answers, for the history of a question: its prose without numbers, else its quotes."""
    page = LexborHTMLParser(message)
    for number in page.css(".or-n"):
        number.decompose()
    said = page.css(".or-prose") or page.css(".or-quotes:not(.or-closest) .or-words")
    return " ".join(" ".join(part.text() for part in said).split())


def _prose(claims: Sequence[tuple[str, Sequence[tuple[int, Quote]]]]) -> str:
    sentences = [
        escaped(text) + "".join(_number(number, quote) for number, quote in cited) for text, cited in claims
    ]
    return f'<p class="or-prose">{" ".join(sentences)}</p>'


def _number(number: int, quote: Quote) -> str:
    says = escaped(f"Quote {number}: {quote.speaker or 'unknown speaker'}, {quote.episode.title}")
    # The word joiner (U+2060) keeps the number on the line of the word before it.
    shown = f"&#8288;&#91;{number}&#93;"
    return f'<a class="or-n" href="{place(quote)}" title="{says}" aria-label="{says}">{shown}</a>'


def place(quote: Quote, fragment: str = "quote") -> str:
    """The address of a quote in its transcript page, as an attribute's value."""
    return html.escape(f"{quote.url}#{fragment}", quote=True)


def _panel(
    title: str | None, quotes: Sequence[Quote], playable: frozenset[str], *, answers: bool = True
) -> str:
    head = f'<p class="or-head">{escaped(title)}</p>' if title else ""
    cards = (
        card(quote, n if answers else None, quote.episode.id in playable)
        for n, quote in enumerate(quotes, start=1)
    )
    kind = "or-quotes" if answers else "or-quotes or-closest"
    return f'<div class="{kind}">{head}{"".join(cards)}</div>'


def card(quote: Quote, number: int | None, has_recording: bool) -> str:
    """A quote with who said it, where and when, and links to its place."""
    badge = f'<span class="or-badge">{number}</span>' if number else ""
    time = f' <span class="or-time">{clock(quote.time)}</span>' if quote.time is not None else ""
    speaker = escaped(quote.speaker) if quote.speaker else "Unknown speaker"
    play = ""
    if has_recording and quote.time is not None:
        play = f'<a class="or-play" href="{place(quote, "play")}">▶ Play from {clock(quote.time)}</a>'
    return (
        '<div class="or-card">'
        f'<p class="or-who">{badge}<strong>{speaker}</strong>'
        f'{time} <span class="or-episode">{escaped(quote.episode.title)}</span></p>'
        f'<blockquote>“<span class="or-words">{escaped(quote.text)}</span>”</blockquote>'
        f'<p class="or-links"><a href="{place(quote)}">Open in transcript</a>{play}</p>'
        "</div>"
    )


def _left_out(count: int) -> str:
    if not count:
        return ""
    one = count == 1
    return (
        f'<p class="or-note">{count} {"sentence was" if one else "sentences were"} left out: '
        f"no quote on the record carries {'it' if one else 'them'}.</p>"
    )


def _why(answer: Answer) -> str:
    """The word of why, as a sentence of the chat."""
    note = (answer.note or "").strip().rstrip(".")
    ending = ", so here are the best passages." if answer.status is Status.QUOTES_ONLY else "."
    return f"{note[:1].upper()}{note[1:]}{ending}"
