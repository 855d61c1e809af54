"""How much is answered at a time: some places at work, some in line, and no more."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from index.errors import Overloaded

RETRY_AFTER_S = 1


class Capacity:
    """Places for work that takes the machine or a language model. Belongs to one event loop.

    Take a place, then wait for the turn:

        with capacity.place():
            async with capacity.turn:
                ...

    Args:
        at_once: how many can be at work.
        waiting: how many can be in line for that.
    """

    def __init__(self, at_once: int, waiting: int) -> None:
        self._most = at_once + waiting
        self._taken = 0
        self.turn = asyncio.Semaphore(at_once)

    def check(self) -> None:
        """Make sure that there is a place now.

        Raises:
            Overloaded: there is none.
        """
        if self._taken >= self._most:
            raise Overloaded("the server answers as many questions as it can", retry_after_s=RETRY_AFTER_S)

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place at work or in line.

        Raises:
            Overloaded: there is none.
        """
        self.check()
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1
