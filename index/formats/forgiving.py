"""What a reader forgave, counted, and told in sentences for people."""

from collections import Counter


class Forgiven:
    """Counts what was forgiven while one file is read."""

    def __init__(self) -> None:
        self._notes: dict[str, None] = {}
        self._counts: Counter[tuple[str, str]] = Counter()

    def note(self, sentence: str) -> None:
        """Tell something once about the whole file."""
        self._notes[sentence] = None

    def count(self, noun: str, what: str) -> None:
        """Count one more `noun` for which the same was done, as in `count("cue", "without words skipped")`."""
        self._counts[noun, what] += 1

    def sentences(self) -> tuple[str, ...]:
        """Each kind once, with its number: `3 cues without words skipped`."""
        counted = (
            f"{count} {noun}{'' if count == 1 else 's'} {what}"
            for (noun, what), count in self._counts.items()
        )
        return (*self._notes, *counted)
