"""Questions to start with, drawn from the loaded show."""

import re
from collections.abc import Collection

from index.library import Library
from index.lines import lines_of

_LONGEST_WORDS = 14
_ASKS = re.compile(r"^(what|how|why|when|where|who|which)\b", re.IGNORECASE)
_LEANS = re.compile(
    r"\b(you|your|we|us|our|i|me|my|it|that|this|they|he|she|him|her|them|there|those|these|one|mean|do\?)\b",
    re.IGNORECASE,
)


def starter_questions(library: Library, n: int = 4, episodes: Collection[str] = ()) -> list[str]:
    """At most `n` questions that the library's episodes answer, or those of them with these ids.

    First the hosts' own questions that can be understood out of their place; then questions made of what is
    known about the episodes.
    """
    asked: list[str] = []
    made: list[str] = []
    for entry in library.entries():
        if (episodes and entry.id not in episodes) or not library.is_sound(entry.id):
            continue
        episode = library.episode(entry.id)
        own = (
            " ".join(turn.text[line.start : line.end].split())
            for index, turn in enumerate(episode.turns)
            for line in lines_of(turn, index)
        )
        good = [text for text in own if _stands_alone(text)]
        if good:
            asked.append(max(good, key=lambda text: (len(set(text.lower().split())), text)))
        if len(episode.speakers) > 1 and episode.about.title:
            made.append(f"What does {episode.speakers[-1]} say in “{episode.about.title}”?"[:120])
        elif episode.about.title:
            made.append(f"What is “{episode.about.title}” about?"[:120])
        if len(asked) >= n:
            break
    return (asked + made)[:n]


def _stands_alone(text: str) -> bool:
    words = text.split()
    return (
        4 <= len(words) <= _LONGEST_WORDS
        and text.endswith("?")
        and bool(_ASKS.match(text))
        and not _LEANS.search(text)
    )
