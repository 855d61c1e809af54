"""The library as the matcher sees it."""

from collections.abc import Sequence
from dataclasses import dataclass

from index import lexical
from index.library import Library
from index.transcript import Episode


@dataclass(frozen=True, slots=True)
class TranscriptRecord:
    """Where a quoted text is looked for (`rag.quotes.Record`)."""

    library: Library

    def episode(self, id: str) -> Episode:
        """The episode of this id or file name; raises UnknownEpisode."""
        return self.library.episode(id)

    def turns_with(
        self, words: Sequence[str], *, limit: int, episode: str | None = None
    ) -> list[tuple[str, int]]:
        """The turns, as (episode id, turn), that most likely hold `words`, best first."""
        return lexical.turns_with(self.library, words, limit=limit, episode=episode)
