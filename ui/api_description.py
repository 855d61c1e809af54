"""What the description of the HTTP API (OpenAPI 3.1) says of answers and errors, with examples."""

from typing import Any

from ui.api_shapes import AnswerShape, Problem

_EXAMPLE_QUOTE = {
    "episode": "02-the-lens-in-the-barn",
    "title": "The Lens in the Barn",
    "speaker": "Iva Lind",
    "turn": 3,
    "start": 0,
    "end": 34,
    "text": "It was under a tarpaulin, in a barn.",
    "time": 71.5,
    "url": "/t/02-the-lens-in-the-barn?q=3.0-36",
}
_EXAMPLE_ANSWER = {
    "question": "How was the lens found?",
    "searched": "How was the lens found?",
    "status": "answered",
    "claims": [{"text": "The lens lay under a tarpaulin in a barn.", "quotes": [1]}],
    "quotes": [{"n": 1, **_EXAMPLE_QUOTE}],
    "closest": [],
    "dropped": [],
    "account": {"proposed": 1, "shown": 1, "dropped": {}, "checked": True},
    "note": None,
    "model": "gpt-4o-mini",
    "tokens": {"prompt": 1840, "completion": 31},
    "confidence": 0.94,
    "timings_ms": {"embed": 9.1, "search": 4.2, "write": 812.0},
}
_EXAMPLE_EVENTS = """\
event: status
data: {"stage": "searching"}

event: claim
data: {"text": "The lens lay under a tarpaulin in a barn.", "quotes": [1], "sources": [{"n": 1, …}]}

event: done
data: {"question": "How was the lens found?", "status": "answered", …}

"""

_EVENT = {
    "type": "object",
    "required": ["event", "data"],
    "properties": {
        "event": {"enum": ["status", "claim", "done", "error"]},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
}

ANSWERED: dict[str, Any] = {
    "description": "One JSON object with `Accept: application/json`, else events: `status` (its `stage` is"
    " `waiting`, `searching` or `writing`), `claim` for each claim, then `done` with the object, or `error`.",
    "model": AnswerShape,
    "content": {
        "application/json": {"example": _EXAMPLE_ANSWER},
        "text/event-stream": {"itemSchema": _EVENT, "example": _EXAMPLE_EVENTS},
    },
}

_ERRORS = {
    400: ("The body cannot be read.", "There was an error parsing the body", None),
    403: (
        "The request comes from a page of another site.",
        "this request comes from a page of another site",
        "send it from the site's own pages, or without an Origin header",
    ),
    404: (
        "There is no such episode or site.",
        "no episode is called 'x'",
        "list them with: onrecord episodes",
    ),
    408: ("The body did not arrive in time.", "the request did not arrive in time", "send it again"),
    413: ("The body is too large.", "the request is larger than 524288 bytes", "send a shorter one"),
    422: (
        "The request is not as described.",
        "question: String should have at least 1 character",
        "see the HTTP API's description",
    ),
    429: (
        "A limit by address or site is reached.",
        "the limit for questions is 30 a minute",
        "try again in 12 s",
    ),
    500: (
        "Something went wrong in the server.",
        "something went wrong in the server",
        "see the server's log",
    ),
    503: (
        "Too much is being answered, or the library cannot be read.",
        "the server answers as many questions as it can",
        "try again in 1 s",
    ),
}
_RETRY_AFTER = {"Retry-After": {"description": "Seconds.", "required": True, "schema": {"type": "integer"}}}


def errors(*codes: int) -> dict[int | str, dict[str, Any]]:
    """What a route says of these errors."""
    return {code: _error(code) for code in codes}


def _error(code: int) -> dict[str, Any]:
    told, what, fix = _ERRORS[code]
    example = {"error": {"what": what, "fix": fix}}
    described = {
        "model": Problem,
        "description": told,
        "content": {"application/json": {"example": example}},
    }
    return described | ({"headers": _RETRY_AFTER} if code in (429, 503) else {})
