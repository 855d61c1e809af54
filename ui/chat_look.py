"""How the chat window looks: a theme of system fonts, the style sheet, and the page's script."""

import gradio as gr

from ui.pages import STATIC

CSS_FILE = STATIC / "chat.css"
HEAD = (
    '<script src="/site/chat.js" defer></script><link rel="icon" href="/site/icon.svg" type="image/svg+xml">'
)

_PAPER, _SHEET, _INK, _SOFT, _LINE = "#faf8f4", "#fffdf9", "#1d1a16", "#6a6258", "#e4ddd2"
_PAPER_DARK, _SHEET_DARK, _INK_DARK, _SOFT_DARK, _LINE_DARK = (
    "#161412",
    "#1f1c19",
    "#ece6dc",
    "#a79d90",
    "#37322c",
)

THEME = gr.themes.Base(
    primary_hue="stone",
    neutral_hue="stone",
    radius_size="lg",
    font=["system-ui", "sans-serif"],
    font_mono=["monospace"],
).set(
    body_background_fill=_PAPER,
    body_background_fill_dark=_PAPER_DARK,
    background_fill_primary=_SHEET,
    background_fill_primary_dark=_SHEET_DARK,
    background_fill_secondary=_PAPER,
    background_fill_secondary_dark=_PAPER_DARK,
    body_text_color=_INK,
    body_text_color_dark=_INK_DARK,
    body_text_color_subdued=_SOFT,
    body_text_color_subdued_dark=_SOFT_DARK,
    border_color_primary=_LINE,
    border_color_primary_dark=_LINE_DARK,
    block_background_fill=_SHEET,
    block_background_fill_dark=_SHEET_DARK,
    block_border_width="0px",
    block_border_color=_LINE,
    block_border_color_dark=_LINE_DARK,
    block_label_text_color=_SOFT,
    block_label_text_color_dark=_SOFT_DARK,
    block_title_text_color=_SOFT,
    block_title_text_color_dark=_SOFT_DARK,
    input_background_fill=_SHEET,
    input_background_fill_dark=_SHEET_DARK,
    input_border_color=_LINE,
    input_border_color_dark=_LINE_DARK,
    input_placeholder_color=_SOFT,
    input_placeholder_color_dark=_SOFT_DARK,
    button_primary_background_fill=_INK,
    button_primary_background_fill_dark=_INK_DARK,
    button_primary_text_color=_PAPER,
    button_primary_text_color_dark=_PAPER_DARK,
    link_text_color=_INK,
    link_text_color_dark=_INK_DARK,
)
