"""Our own pages: templates filled with everything escaped."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

STATIC = Path(__file__).parent / "static"


@cache
def _templates() -> Environment:
    loader = FileSystemLoader(Path(__file__).parent / "templates")
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def render(template: str, **values: object) -> str:
    """The template of this name, filled; a value that it needs and does not get is an error."""
    return _templates().get_template(template).render(**values)


def json_script(data: Any) -> Markup:
    """Data as JSON for a script tag of a page."""
    # Inside a script tag nothing but "<" can end it or open a comment.
    return Markup(json.dumps(data, ensure_ascii=False).replace("<", "\\u003c"))
