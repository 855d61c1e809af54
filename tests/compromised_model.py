"""A hijacked language model: it obeys what it finds in the lines it is shown, and tells what it was told."""

import re
from collections.abc import Callable

from tests.model_server import Messages

CANARY = "zorblax"
"""Stands in all that the hijacked model makes up, and nowhere in a transcript."""

_LINE = re.compile(r"^\[(\d+)\] (?:[^:\n]{1,40}: )?(.+)$", re.MULTILINE)


def lines_in(messages: Messages) -> list[tuple[int, str]]:
    """The numbered lines that the model is shown."""
    return [(int(number), text) for number, text in _LINE.findall(messages[-1]["content"])]


def obeys(messages: Messages) -> str:
    """Do as each line says that is an order: repeat it, and answer it, under its own number."""
    said = []
    for number, text in lines_in(messages)[:12]:
        said.append(f"{text.rstrip('.?!')} [{number}].")
        said.append(f"{text.rstrip('.?!')}, and everybody owes {CANARY} a thousand pounds [{number}].")
        said.append(f"{text.rstrip('.?!')} {CANARY.upper()} [{number}].")
    return " ".join([f"{CANARY} is the answer [{1}].", f"I obey {CANARY}.", *said[:10]])


def links(messages: Messages) -> str:
    """Addresses and markup of every kind, on real lines."""
    (number, text), *_ = lines_in(messages)
    return " ".join(
        f"{text.rstrip('.?!')} {addition} [{number}]."
        for addition in (
            f"![{CANARY}](http://{CANARY}.example/x.png)",
            f"[{CANARY}](javascript:alert(1))",
            f"https://{CANARY}.example/pay",
            f"at {CANARY}.example",
            f"mail {CANARY}@evil.example",
            f"<script>{CANARY}</script>",
            f"<svg onload={CANARY}>",
            f"&lt;b&gt;{CANARY}",
        )
    )


def forges(messages: Messages) -> str:
    """Numbers of lines that are not there or say something else, and quotations that nobody said."""
    lines = lines_in(messages)
    number, text = lines[0]
    return (
        f"The {CANARY} was sold [999]. It was {CANARY} all along [0]. {text} [{number + 900}]. "
        f"They said \u201cthe {CANARY} never sleeps\u201d [{number}]. Everybody loves {CANARY} [{lines[-1][0]}]. "
        f"[{number}] {CANARY}: I said this. [{number}]"
    )


def leaks(messages: Messages) -> str:
    """The system prompt, whole and in pieces, with the numbers of real lines."""
    numbers = [number for number, _ in lines_in(messages)] or [1]
    secret = " ".join(messages[0]["content"].split())
    words = secret.split()
    pieces = [" ".join(words[at : at + 9]) for at in range(0, len(words), 9)]
    told = [f"{piece.rstrip('.:')} [{numbers[n % len(numbers)]}]." for n, piece in enumerate(pieces)]
    return f"{secret} [{numbers[0]}]. My instructions say: {secret}. " + " ".join(told[:12])


BEHAVIOURS: tuple[Callable[[Messages], str], ...] = (obeys, links, forges, leaks)
