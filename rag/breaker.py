"""A circuit breaker: what keeps failing is left alone, and tried again now and then."""

import time
from collections.abc import Callable


class Breaker:
    """Opens after some failures in a row; then lets one attempt through every few seconds.

    A success closes it. Nothing is held between `admits` and the outcome, so an attempt that is given up
    without an outcome costs nothing. For use from one event loop: no method waits.

    Args:
        failures: how many in a row open it.
        probe_every_s: seconds between two attempts while it is open.
        clock: seconds that never run backwards.
    """

    def __init__(
        self, failures: int = 5, probe_every_s: float = 10.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._failures = failures
        self._probe_every_s = probe_every_s
        self._clock = clock
        self._in_a_row = 0
        self._next_probe = 0.0

    def admits(self) -> bool:
        """Whether an attempt may be made now. While open, a yes is given once per interval."""
        if self._in_a_row < self._failures:
            return True
        now = self._clock()
        if now < self._next_probe:
            return False
        self._next_probe = now + self._probe_every_s
        return True

    def succeeded(self) -> None:
        """An attempt went well: closes the breaker."""
        self._in_a_row = 0

    def failed(self) -> None:
        """An attempt failed."""
        self._in_a_row += 1
        if self._in_a_row == self._failures:
            self._next_probe = self._clock() + self._probe_every_s
