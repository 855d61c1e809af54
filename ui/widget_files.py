"""The widget's scripts and style sheets, as they are served: joined, and without what only readers of the source need."""

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parent / "widget"
_EMBED = ("dom", "stream", "host", "sound", "cards", "talk", "page")
"""The embed page's scripts, in the order in which they need each other."""


@cache
def labels() -> Mapping[str, Mapping[str, Any]]:
    """What the widget says, by language and part."""
    texts: Mapping[str, Mapping[str, Any]] = json.loads((SOURCE / "labels.json").read_text("utf-8"))
    return texts


@cache
def widget_script() -> str:
    """The launcher, which an owner's page loads."""
    return _with_parts("widget", "launcher")


@cache
def panel_script() -> str:
    """The panel, which the launcher loads when it is about to be opened."""
    return _with_parts("panel", "panel")


@cache
def embed_script() -> str:
    """The script of the page in the panel's frame."""
    parts = "\n".join((SOURCE / "embed" / f"{name}.js").read_text("utf-8") for name in _EMBED)
    return f'"use strict";\n(() => {{\n{_slim_script(parts)}\n}})();\n'


@cache
def embed_style() -> str:
    """The style sheet of that page."""
    return _slim_style((SOURCE / "embed.css").read_text("utf-8"))


@cache
def embed_version() -> str:
    """A name for these contents of script and style sheet, so that browsers can keep them for good."""
    return hashlib.sha256((embed_script() + embed_style()).encode()).hexdigest()[:12]


def _with_parts(name: str, part: str) -> str:
    """A script with its style sheet and its labels in it: on an owner's page each is one request."""
    said = {language: texts[part] for language, texts in labels().items()}
    style = _slim_style((SOURCE / f"{name}.css").read_text("utf-8"))
    script = _slim_script((SOURCE / f"{name}.js").read_text("utf-8"))
    script = script.replace("STYLE", json.dumps(style))
    return script.replace("LABELS", json.dumps(said, ensure_ascii=False, separators=(",", ":")))


def _slim_script(text: str) -> str:
    """Without indentation and lines of comment; the sources hold no text that runs over several lines."""
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _slim_style(text: str) -> str:
    one_line = re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL))
    return re.sub(r" ?([{};,>]) ?|(?<=:) ", r"\1", one_line).strip()
