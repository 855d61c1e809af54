"""The chat window, as Gradio blocks."""

import os
from collections.abc import Sequence
from typing import Any

# Gradio reads both when it is imported; unset, it looks up hosts outside.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import gradio as gr
from fastapi import FastAPI
from starlette.routing import Mount

from index.library import Entry
from rag.answering import LONGEST_QUESTION, Answerer
from rag.starters import starter_questions
from ui.admission import Admission
from ui.chat_look import CSS_FILE, HEAD, THEME
from ui.check_tab import check_tab
from ui.headers import ChatRoutesOnly
from ui.show import episode_list, masthead, show_name, welcome
from ui.talk import Talk

MOST_WAITING = 200
"""Events of all readers that Gradio keeps in line."""


def mount_chat(app: FastAPI, admission: Admission) -> None:
    """Put the chat at `/`, behind everything that `app` serves by itself."""
    gr.mount_gradio_app(
        app,
        chat_window(admission),
        path="/",
        theme=THEME,
        css_paths=[CSS_FILE],
        head=HEAD,
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size="1kb",
        enable_monitoring=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
    )
    mounted = app.router.routes[-1]
    if not isinstance(mounted, Mount):
        raise TypeError("Gradio is mounted last")
    mounted.app = ChatRoutesOnly(mounted.app, app.router.routes[:-1])


def chat_window(admission: Admission) -> gr.Blocks:
    """The chat as Gradio blocks, ready to be mounted."""
    answerer = admission.answerer
    library = answerer.library
    entries = library.entries()
    talk = Talk(admission)

    def refreshed(generation: int, speakers: list[str] | None, episodes: list[str] | None) -> tuple[Any, ...]:
        """Everything that shows the library, when it is another than the page has."""
        if library.generation == generation:
            return (gr.skip(),) * 6
        now = library.entries()
        return (
            library.generation,
            masthead(now),
            episode_list(now),
            gr.Dropdown(**_narrowed(_speakers(now), speakers)),
            gr.Dropdown(**_narrowed(_episodes(now), episodes)),
            gr.Chatbot(placeholder=welcome(now), examples=_starters(answerer)),
        )

    name = show_name(entries)
    with gr.Blocks(
        title=name if name == "onrecord" else f"{name} · onrecord", analytics_enabled=False, fill_width=True
    ) as blocks:
        generation, answers = gr.State(library.generation), gr.State([])
        top = gr.Markdown(masthead(entries), elem_id="or-top")
        at_once = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
        with gr.Tabs(elem_id="or-tabs"):
            with gr.Tab("Ask", elem_id="or-ask"), gr.Row(elem_id="or-main", equal_height=False):
                with gr.Column(scale=5, min_width=320, elem_id="or-talk"):
                    chatbot = _conversation(entries, _starters(answerer))
                    box = _question_box()
                with gr.Column(scale=2, min_width=280, elem_id="or-side"):
                    gr.Markdown("## Narrow the search")
                    speakers = gr.Dropdown(
                        label="Speakers", multiselect=True, **_narrowed(_speakers(entries), [])
                    )
                    episodes = gr.Dropdown(
                        label="Episodes", multiselect=True, **_narrowed(_episodes(entries), [])
                    )
                    listed = gr.Markdown(episode_list(entries), elem_id="or-episodes")
            with gr.Tab("Check a draft", elem_id="or-check-tab"):
                check_tab(admission, **at_once)

        asking = {
            "outputs": [box, chatbot, answers],
            # How many are answered at a time is decided by `ui.admission`, which says so to those who wait.
            "concurrency_limit": None,
            "concurrency_id": "asking",
            "show_progress": "hidden",
            "api_visibility": "private",
        }
        context = [chatbot, speakers, episodes, answers]
        runs = [
            box.submit(talk.submitted, [box, *context], trigger_mode="once", **asking),
            chatbot.example_select(talk.started, context, **asking),
            chatbot.retry(talk.retried, context, **asking),
            chatbot.edit(talk.edited, context, **asking),
        ]
        box.stop(talk.stopped, [chatbot], [box, chatbot], cancels=runs, **at_once)
        chatbot.like(talk.judged, [chatbot, answers], None, **at_once)
        library_views = [generation, top, listed, speakers, episodes, chatbot]
        for moment in (blocks.load, *(run.then for run in runs)):
            moment(refreshed, [generation, speakers, episodes], library_views, **at_once)
    blocks.queue(default_concurrency_limit=None, max_size=MOST_WAITING)
    return blocks


def _conversation(entries: Sequence[Entry], starters: list[dict[str, str]]) -> gr.Chatbot:
    return gr.Chatbot(
        label="Conversation",
        show_label=False,
        container=False,
        buttons=["copy"],
        allow_tags=False,
        latex_delimiters=[],
        feedback_options=("Like", "Dislike"),
        editable="user",
        autoscroll=False,
        group_consecutive_messages=False,
        height="auto",
        placeholder=welcome(entries),
        examples=starters,
        elem_id="or-chat",
    )


def _question_box() -> gr.Textbox:
    return gr.Textbox(
        label="Your question",
        show_label=False,
        container=False,
        placeholder="Ask about the episodes",
        submit_btn="Ask",
        max_length=LONGEST_QUESTION,
        lines=1,
        max_lines=4,
        autofocus=True,
        elem_id="or-box",
    )


def _speakers(entries: Sequence[Entry]) -> list[tuple[str, str]]:
    names = {name for entry in entries for name in entry.speakers}
    return [(name, name) for name in sorted(names, key=str.casefold)]


def _episodes(entries: Sequence[Entry]) -> list[tuple[str, str]]:
    return [(entry.title, entry.id) for entry in entries]


def _narrowed(choices: list[tuple[str, str]], chosen: Sequence[str] | None) -> dict[str, Any]:
    """A dropdown's choices, and of what was chosen in it what is still there."""
    values = {value for _, value in choices}
    return {"choices": choices, "value": [value for value in chosen or () if value in values]}


def _starters(answerer: Answerer) -> list[dict[str, str]]:
    return [{"text": question[:LONGEST_QUESTION]} for question in starter_questions(answerer.library)]
