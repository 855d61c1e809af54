"""What a reader forgave, counted, and told in sentences for people."""

from collections import Counter


class Forgiven:
    """Counts what was forgiven while one file is read."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, what: str, count: int = 1) -> None:
        """Note `what`, a plural noun phrase with what was done, such as `cues without words skipped`."""
        if count:
            self._counts[what] += count

    def sentences(self) -> tuple[str, ...]:
        """Each kind once, with its number where it happened more than once."""
        return tuple(
            what if count == 1 else f"{what} ({count} times)" for what, count in self._counts.items()
        )
