"""A follow-up becomes a question that stands alone."""

import re
from collections.abc import Sequence
from contextlib import aclosing

from index.lexical import content_words
from index.text import clean
from rag.llm import LanguageModel
from rag.wire import NOTHING, Usage

History = Sequence[tuple[str, str]]
"""Earlier (question, answer) pairs, oldest first."""

TURNS_REMEMBERED = 3
_LONGEST = 300
_ANSWER_KEPT = 160
_LEANING = re.compile(
    r"^(and|but|so|then|also|ok|okay|why|how come|what about|how about|really|und|aber|et|mais|y|pero)\b"
    r"|\b(it|its|he|him|his|she|her|hers|they|them|their|theirs|that|this|those|these|there|one|ones|else|"
    r"same|such|did (?:he|she|they|it))\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<!^)(?<![.!?] )\b[A-Z][\w'’-]+")


def leans_on_history(question: str) -> bool:
    """Whether a question is likely to need what was said before it."""
    if len(content_words(question)) <= 2:
        return True
    return bool(_LEANING.search(question)) and not _NAME.search(question.replace("I ", ""))


def brings_a_subject(question: str) -> bool:
    """Whether a question has words enough of its own to tell if they are spoken about."""
    return len(content_words(question)) > 1


def joined(question: str, history: History) -> str:
    """The question with what it leans on put in front of it; the question itself if it stands alone."""
    if not history or not leans_on_history(question):
        return question
    asked, answered = history[-1]
    before = [asked, answered[:_ANSWER_KEPT]]
    if len(history) > 1 and leans_on_history(asked):
        before.insert(0, history[-2][0])
    return " ".join(" ".join(clean(part).split()) for part in [*before, question] if part.strip())


async def rewritten(question: str, history: History, model: LanguageModel) -> tuple[str, Usage | None]:
    """The question that stands alone, in the model's words, and what they cost; the model's errors pass through."""
    if not history or not leans_on_history(question):
        return question, NOTHING
    said = "\n".join(f"Q: {asked}\nA: {answered[:400]}" for asked, answered in history[-TURNS_REMEMBERED:])
    writing = model.stream(
        [
            {
                "role": "system",
                "content": "Rewrite the last question so that it can be understood without the conversation. "
                "Put names in place of pronouns. Answer with the rewritten question alone, on one line.",
            },
            {"role": "user", "content": f"{said}\nLast question: {question}"},
        ],
        max_tokens=80,
    )
    async with aclosing(writing):
        written = "".join([piece async for piece in writing])
    line = next((clean(line).strip() for line in written.splitlines() if line.strip()), "")
    # A rewriting that shares nothing with the conversation is the model's invention.
    known = set(content_words(f"{said} {question}"))
    usable = line and len(line) <= _LONGEST and len(known & set(content_words(line))) >= 1
    return line if usable else joined(question, history), writing.spent
