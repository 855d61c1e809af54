"""A made-up show's page that holds the widget, to try it on this machine."""

from collections.abc import Mapping

from index.library import Library
from ui.pages import render
from ui.show import show_name
from ui.transcript_page import recording_of

ATTRIBUTES = (
    "site", "label", "position", "color", "theme", "lang", "open", "starters", "episode", "speaker", "target",
    "audio", "tooltip", "layout", "greeting", "disclaimer",
)  # fmt: skip
POLICY = "default-src 'self'; frame-ancestors 'none'"
"""As strict as a host page's policy can be, so that whoever tries the widget here sees it work under it."""

VARIANTS: Mapping[str, str] = {
    "As it comes": "",
    "Dark page": "page=dark",
    "Own colour": "color=%230b6e4f&label=Ask+the+show",
    "Top left": "position=top-left",
    "Sidebar": "layout=sidebar",
    "Inline": "target=%23here",
    "Right to left": "page=rtl",
    "German": "lang=de",
    "With a tooltip": "tooltip=Every+answer+is+in+the+speakers%E2%80%99+own+words.",
    "Three of them": "three=1",
}


def demo_page(library: Library, query: Mapping[str, str]) -> str:
    """The page, its script line with the attributes that the address asks for."""
    entries = library.entries()
    heard = next((entry for entry in entries if entry.audio_file), None)
    wished = {name: query[name] for name in ATTRIBUTES if name in query}
    if heard and "audio" not in wished:
        wished["audio"] = "#player"
    lines = [wished]
    if "three" in query:
        lines += [
            {**wished, "position": "bottom-left", "color": "#0b6e4f", "label": "On the left"},
            {**wished, "target": "#here"},
        ]
    return render(
        "demo.html",
        show=show_name(entries),
        heard=heard,
        recording=recording_of(heard) if heard else None,
        entries=entries,
        variants=VARIANTS,
        lines=lines,
        page=query.get("page", ""),
    )
