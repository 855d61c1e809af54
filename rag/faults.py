"""What can go wrong with a language model's server, and how the openai client's errors become it.

index.errors.ModelServerError
├── ModelUnreachable      no connection (refused, unknown host, TLS), or it broke before the first words
├── ModelTimeout          slow to begin, silent for too long, or not done by the deadline
├── ModelRejected         the key, the model's name or the address is wrong (401, 402, 403, 404)
│   └── RequestRejected   the server would not take this one request (400, 422)
├── ModelBusy             overloaded or failing (429, 5xx), after the one retry
├── ModelUnreadable       not what the protocol says: HTML, bad JSON, no words, words without end
├── ModelIncomplete       the answer broke off
│   └── AnswerCutShort    the server ended it early: length, content filter
├── ContextTooLong        more than the model can read at once; the caller trims and asks once more
└── ModelResting          not asked, because it has just failed several times in a row

`what` is a plain word of why, fit for the chat; the whole message also names the model and what its owner
can do. Neither holds a word of the server's making, nor the key: a server may be hijacked, or may repeat
what it was sent. Errors are raised without a cause for the same reason.
"""

import re
from collections.abc import Mapping

from index.errors import ModelServerError

_TOO_LONG = re.compile(
    r"context[ _](?:length|size|window)|maximum context|too many (?:input )?tokens"
    r"|(?:prompt|input) is too long|token count .{0,40}exceeds",
    re.IGNORECASE,
)
_NOT_ACCEPTED = (
    "the language model's server did not accept the key",
    "check the key, and that it may use this model",
)
_NOT_THERE = (
    "the language model's server does not have this model or address",
    "check the model's name and the address, which must be the final one and most often ends in /v1",
)
_NO_CREDIT = ("the language model's account has no credit left", "pay, or name another model")
_REJECTIONS = {401: _NOT_ACCEPTED, 402: _NO_CREDIT, 403: _NOT_ACCEPTED, 404: _NOT_THERE}
_LONGEST_SAYING = 300


class ModelUnreachable(ModelServerError):
    """No connection, or it broke before the first words."""


class ModelTimeout(ModelServerError):
    """Slow to begin, silent for too long, or not done by the deadline."""


class ModelRejected(ModelServerError):
    """The key, the model's name or the address is wrong.

    Attributes:
        said: the server's own words, shortened and without the key; for its owner alone, never for the chat.
    """

    def __init__(
        self, what: str, *, where: object = None, fix: str | None = None, said: str | None = None
    ) -> None:
        super().__init__(what, where=where, fix=fix)
        self.said = said


class RequestRejected(ModelRejected):
    """The server would not take this one request."""


class ModelBusy(ModelServerError):
    """The server is overloaded or failing.

    Attributes:
        retry_after_s: how long the server wants to be left alone; None where it does not say, infinite where
            it says so unintelligibly.
    """

    def __init__(
        self, what: str, *, where: object = None, fix: str | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(what, where=where, fix=fix)
        self.retry_after_s = retry_after_s


class ModelUnreadable(ModelServerError):
    """What the server sent is no answer in the protocol's form."""


class ModelIncomplete(ModelServerError):
    """The answer broke off."""


class AnswerCutShort(ModelIncomplete):
    """The server ended the answer early and says so."""


class ContextTooLong(ModelServerError):
    """The request is more than the model can read at once."""


class ModelResting(ModelServerError):
    """The model was not asked, because it has just failed several times in a row."""


def is_the_servers(error: ModelServerError) -> bool:
    """Whether an error says that the server is unwell, not that this one question cannot be answered."""
    return not isinstance(error, RequestRejected | AnswerCutShort | ContextTooLong)


def fault_of(error: Exception, *, where: str, key: str, begun: bool) -> ModelServerError:
    """The error of ours for one of the openai client's, or of the parsers below it.

    Args:
        where: the model and its server, for the message.
        key: what must not be repeated.
        begun: whether words of the answer have been received.
    """
    import httpx2
    import openai

    if isinstance(error, TimeoutError | openai.APITimeoutError | httpx2.TimeoutException):
        late = "did not finish its answer in time" if begun else "did not answer in time"
        return ModelTimeout(f"the language model {late}", where=where, fix="try again, or allow it more time")
    if isinstance(error, UnicodeEncodeError):
        return RequestRejected("the question holds characters that cannot be sent", where=where)
    if isinstance(error, openai.APIStatusError):
        retry_after_s = _seconds(error.response.headers.get("retry-after"))
        return _of_status(error.status_code, error.body, where, key, retry_after_s)
    if isinstance(error, openai.APIConnectionError | httpx2.RequestError):
        return _broken(where, begun)
    if isinstance(error, openai.APIError):
        return reported_fault(error.body, where=where, key=key)
    return ModelUnreadable("the language model's server sent something unreadable", where=where)


def reported_fault(body: object, *, where: str, key: str) -> ModelServerError:
    """The error for an error object that came where an answer, or the rest of one, should be."""
    code = str(body.get("code")) if isinstance(body, Mapping) else ""
    if re.fullmatch("[45][0-9][0-9]", code):
        return _of_status(int(code), body, where, key, None)
    if _TOO_LONG.search(str(body)):
        return _too_long(where)
    return ModelIncomplete("the language model's server gave up on the answer", where=where)


def _broken(where: str, begun: bool) -> ModelServerError:
    if begun:
        return ModelIncomplete("the language model broke off in the middle of its answer", where=where)
    return ModelUnreachable(
        "the language model cannot be reached",
        where=where,
        fix="check that its server is up and that its address is right",
    )


def _of_status(
    status: int, body: object, where: str, key: str, retry_after_s: float | None
) -> ModelServerError:
    if status == 413 or (status in (400, 422, 500) and _TOO_LONG.search(str(body))):
        return _too_long(where)
    no_credit = status == 429 and "insufficient_quota" in str(body)
    if status == 429 and not no_credit:
        what = "the language model is too busy"
        return ModelBusy(what, where=where, fix="try again later", retry_after_s=retry_after_s)
    if status >= 500:
        what = f"the language model's server failed ({status})"
        return ModelBusy(what, where=where, fix="look into its log", retry_after_s=retry_after_s)
    said = _said(body, key)
    if no_credit or status in _REJECTIONS or status < 400:
        what, fix = _NO_CREDIT if no_credit else _REJECTIONS.get(status, _NOT_THERE)
        return ModelRejected(what, where=where, fix=fix, said=said)
    what = f"the language model's server rejected the request ({status})"
    return RequestRejected(what, where=where, said=said)


def _too_long(where: str) -> ContextTooLong:
    return ContextTooLong(
        "the question with its passages is too long for the language model",
        where=where,
        fix="use a model that reads more, or serve this one with a longer context",
    )


def _seconds(header: str | None) -> float | None:
    """A Retry-After header in seconds. A date, or anything else, counts as long."""
    if header is None:
        return None
    return float(header) if re.fullmatch(r"\s*\d{1,6}(?:\.\d{1,6})?\s*", header) else float("inf")


def _said(body: object, key: str) -> str | None:
    """The server's own words as one printable line, or None where there are none or they hold the key."""
    words = body.get("message") if isinstance(body, Mapping) else None
    line = " ".join(str(words or body or "").split())
    if key and key in line:
        return None
    return "".join(filter(str.isprintable, line))[:_LONGEST_SAYING] or None
