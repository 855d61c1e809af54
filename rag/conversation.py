"""A follow-up becomes a question that stands alone."""

import re
from collections.abc import Sequence
from contextlib import aclosing

from index.lexical import STOPWORDS, content_words
from index.text import clean
from rag.llm import LanguageModel
from rag.wire import NOTHING, Usage

History = Sequence[tuple[str, str]]
"""Earlier (question, answer) pairs, oldest first."""

TURNS_REMEMBERED = 3
_LONGEST = 300
_ANSWER_KEPT = 160
_OPENER = re.compile(
    r"(?:and|but|so|then|also|ok|okay|really|what about|how about|und|aber|et|mais|y|pero)\b", re.IGNORECASE
)
_POINTER = re.compile(
    r"\b(?:it|its|he|him|his|she|her|hers|they|them|their|theirs|that|this|those|these|one|ones|else|same|such|"
    r"(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )there)\b",
    re.IGNORECASE,
)
_SHORT = 3
"""Words of a question such as "which ones then?"."""

_EMPTY = STOPWORDS | frozenset(
    "many much long far lot really ever next happen happened anything everything everyone anyone someone something"
    " didn doesn isn wasn weren haven hasn couldn wouldn shouldn won".split()
)
"""Words that do not tell what a question is about."""


_GREETINGS = frozenset(
    "hello hi hey hiya greetings morning afternoon evening thanks thank thx cheers bye goodbye hallo danke tschüss bonjour"
    " salut merci hola gracias adiós".split()
)
_COURTESIES = _GREETINGS | frozenset(
    "good day night you please welcome ok okay great nice there all everyone".split()
)


_OF_THE_CHAT = re.compile(
    r"(?:who|what) are you|are you (?:(?:an?|the) )?(?:real )?(?:human|person|bot|robot|chatbot|ai|machine|computer|chatgpt"
    r"|assistant|real|there)|what (?:can|could) (?:you|this chat) (?:do|tell me|answer)(?: for me)?|how do you work"
    r"|how (?:can|do|should) i use (?:this|you)|what (?:can|should|could) i ask(?: you| here| about)?"
    r"|(?:(?:can|could) you )?(?:please )?help(?: me)?|test(?:ing)?"
)


def is_for_the_chat(question: str) -> bool:
    """Whether it only greets, thanks or takes leave, or asks the chat about itself: it asks nothing of the transcripts."""
    words = re.findall(r"\w+", question.casefold())
    if _GREETINGS.intersection(words) and _COURTESIES.issuperset(words):
        return True
    while words and words[0] in _COURTESIES:
        words = words[1:]
    return bool(_OF_THE_CHAT.fullmatch(" ".join(words)))


def leans_on_history(question: str) -> bool:
    """Whether a question may mean something that was said before it.

    It opens with "and" or the like, has next to no words, or one such as "it" or "she" stands before two words that
    it could mean.
    """
    if _OPENER.match(question) or _own_words(question) < (1 if len(question.split()) > _SHORT else 2):
        return True
    pointer = _POINTER.search(question)
    return pointer is not None and not brings_a_subject(question[: pointer.start()])


def brings_a_subject(question: str) -> bool:
    """Whether a question has words enough of its own to tell if they are spoken about."""
    return _own_words(question) > 1


def says_something(question: str) -> bool:
    """Whether a question has a word of its own, unlike "Why?"."""
    return _own_words(question) > 0


def _own_words(text: str) -> int:
    return sum(word not in _EMPTY for word in content_words(text))


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
