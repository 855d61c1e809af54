"""The chat page's tab for people who write show notes: are these quotes on the record?"""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from index.errors import OnRecordError
from rag.answering import Answerer
from rag.quotes import Verdict
from ui import checking
from ui.admission import Admission
from ui.bodies import LONGEST_DRAFT
from ui.cards import card, escaped, failed
from ui.checking import Checked, CheckedClaim, CheckedQuote, NotChecked
from ui.differences import Piece, differences
from ui.show import playable_ids

_TELLS = {
    Verdict.EXACT: "Exactly so in the transcript",
    Verdict.REPAIRED: "On the record, written a little differently",
    Verdict.WRONG_SPEAKER: "Somebody else said this",
    Verdict.WRONG_EPISODE: "Said in another episode",
    Verdict.FABRICATED: "Nobody said this",
}


def check_tab(admission: Admission, **at_once: Any) -> None:
    """The tab's contents, inside the blocks and the tab that are open.

    Args:
        at_once: how its one event is run.
    """
    gr.Markdown(
        '<p class="or-lead">Paste a draft. Every passage in quotation marks, and every block quote, is looked up '
        "in the transcripts; who is named beside it is taken as the speaker.</p>"
    )
    draft = gr.Textbox(
        label="Draft",
        show_label=False,
        container=False,
        placeholder="The keeper told us: “The lens floated in a bath of mercury.”",
        lines=9,
        max_lines=24,
        max_length=LONGEST_DRAFT,
        elem_id="or-draft",
    )
    button = gr.Button("Check the quotes", elem_id="or-check")
    results = gr.Markdown("", elem_id="or-checked")

    async def checked(text: str) -> str:
        try:
            return await admission.run(lambda: _results(admission.answerer, text))
        except OnRecordError as error:
            return failed(error.what, error.fix)

    button.click(checked, draft, results, **at_once)


def _results(answerer: Answerer, text: str) -> str:
    if not text.strip():
        return ""
    results = list(checking.check_text(answerer.library, text, "the draft", lambda: answerer.claim_check))
    return checked_html(results, playable_ids(answerer.library))


def checked_html(results: Sequence[Checked], playable: frozenset[str]) -> str:
    """What became of each quote, those that did not pass first.

    Args:
        playable: the ids of the episodes with a recording.
    """
    failed_ones = [result for result in results if not result.passed]
    passed = [result for result in results if result.passed]
    lead = (
        f"{len(failed_ones)} of {len(results)} did not pass."
        if failed_ones
        else f"All {len(results)} are on the record."
        if len(results) > 1
        else "It is on the record."
    )
    items = "".join(_item(result, playable) for result in (*failed_ones, *passed))
    return f'<div class="or-answer"><p class="or-lead" role="status">{lead}</p>{items}</div>'


def _item(result: Checked, playable: frozenset[str]) -> str:
    kind = "or-passed" if result.passed else "or-failed"
    match result:
        case CheckedQuote():
            body = _quote(result, playable)
        case CheckedClaim(text=text, why=why):
            verdict = "Carried by its quotes" if result.passed else f"Not carried: {why}"
            body = f'<p class="or-verdict">{escaped(verdict)}</p><p>{escaped(text)}</p>'
        case NotChecked(error=error):
            body = f'<p class="or-verdict">{escaped(str(error))}</p>'
    return f'<section class="or-check {kind}">{body}</section>'


def _quote(result: CheckedQuote, playable: frozenset[str]) -> str:
    located = result.located
    told = f"{_TELLS[located.verdict]} · {result.label}"
    parts = located.parts or ((result.near,) if result.near else ())
    quoted, _ = differences(result.text, " … ".join(part.text for part in parts)) if parts else ([], [])
    text = _marked(quoted, "del") if located.verdict is Verdict.FABRICATED and parts else escaped(result.text)
    body = f'<p class="or-verdict">{escaped(told)}</p><p class="or-draft">{text}</p>'
    if located.verdict is Verdict.WRONG_SPEAKER:
        body += f'<p class="or-note">The draft names {escaped(result.speaker or "")}.</p>'
    if not parts:
        return body + '<p class="or-note">Nothing like it is on the record.</p>'
    if not located.parts:
        body += '<p class="or-note">The nearest words on the record:</p>'
    return body + "".join(card(part, None, part.episode.id in playable) for part in parts)


def _marked(pieces: Sequence[Piece], tag: str) -> str:
    return "".join(
        f"<{tag}>{escaped(piece.text)}</{tag}>" if piece.differs else escaped(piece.text) for piece in pieces
    )
