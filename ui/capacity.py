"""How much is answered at a time: some places at work, some in line, and no more."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

from index.errors import Overloaded

RETRY_AFTER_S = 1
PATIENCE = 0.5
"""The longest wait in line, in shares of what a turn usually takes: a longer line helps nobody."""
A_MOMENT_S = 0.2
"""A wait that nobody minds, however quick a turn is."""
_WEIGHT = 0.2
"""How much the last turn counts in what one usually takes."""


class Capacity:
    """Places for work that takes the machine or a language model. Belongs to one event loop.

    Take a place, then wait for the turn:

        with capacity.place():
            async with capacity.turn():
                ...

    Args:
        at_once: how many can be at work.
        waiting: how many can be in line for that, where the line moves.
        clock: seconds since whenever.
    """

    def __init__(self, at_once: int, waiting: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._at_once = at_once
        self._waiting = waiting
        self._clock = clock
        self._taken = 0
        self._turns = asyncio.Semaphore(at_once)
        self._began: list[float] = []
        self._usual_s = 0.0

    @property
    def full(self) -> bool:
        """Whether a turn has to be waited for."""
        return self._turns.locked()

    def check(self) -> None:
        """Make sure that there is a place now.

        Raises:
            Overloaded: there is none, or the wait in line would be long.
        """
        ahead = self._taken - self._at_once
        patience_s = max(A_MOMENT_S, PATIENCE * self._usual_s)
        if ahead >= self._waiting or (ahead >= 0 and self._wait_s(ahead) > patience_s):
            raise Overloaded("the server answers as many questions as it can", retry_after_s=RETRY_AFTER_S)

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place at work or in line.

        Raises:
            Overloaded: there is none, or the wait in line would be long.
        """
        self.check()
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """The turn to work, when one is free."""
        async with self._turns:
            began = self._clock()
            self._began.append(began)
            try:
                yield
            finally:
                self._began.remove(began)
                took = self._clock() - began
                self._usual_s += _WEIGHT * (took - self._usual_s) if self._usual_s else took

    def _wait_s(self, ahead: int) -> float:
        """How long one waits behind so many in line, if turns take what they usually do."""
        rounds, next_free = divmod(ahead, self._at_once)
        # Who has a place but not yet a turn is about to begin.
        running = self._began[next_free] if next_free < len(self._began) else self._clock()
        return (rounds + 1) * self._usual_s - (self._clock() - running)
