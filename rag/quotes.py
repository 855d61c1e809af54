"""A quoted text becomes a Quote."""

from dataclasses import dataclass
from typing import Any

from index.transcript import Episode


@dataclass(frozen=True, slots=True, eq=False)
class Quote:
    """A place in an episode; everything else is read off it."""

    episode: Episode
    turn: int
    start: int
    end: int

    def __post_init__(self) -> None:
        text = self.episode.turns[self.turn].text
        if not 0 <= self.start < self.end <= len(text) or text[self.start : self.end].strip() != text[self.start : self.end]:
            raise ValueError(f"{self.start}-{self.end} is no quote of turn {self.turn} of {self.episode.id}")

    @property
    def place(self) -> tuple[str, int, int, int]:
        return self.episode.id, self.turn, self.start, self.end

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Quote) and self.place == other.place

    def __hash__(self) -> int:
        return hash(self.place)

    @property
    def text(self) -> str:
        return self.episode.turns[self.turn].text[self.start : self.end]

    @property
    def speaker(self) -> str | None:
        return self.episode.turns[self.turn].speaker

    @property
    def time(self) -> float | None:
        return self.episode.turns[self.turn].time_at(self.start)

    @property
    def url(self) -> str:
        return f"/t/{self.episode.id}?q={self.turn}.{self.start}-{self.end}"

    def as_json(self, n: int | None) -> dict[str, Any]:
        return {"n": n, "episode": self.episode.id, "title": self.episode.title, "speaker": self.speaker, "turn": self.turn,
                "start": self.start, "end": self.end, "text": self.text, "time": self.time, "url": self.url}
