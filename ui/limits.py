"""How often one visitor, or one site, may ask: sliding windows of a minute, in memory or in Redis."""

import logging
import math
import re
import time
from typing import Any

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError
from redis.asyncio import BlockingConnectionPool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from index.errors import TooOften
from ui.addresses import visitor_of
from ui.error_pages import refuse

_LIMITED = re.compile(r"/(?:(?:api|t)/|embed/episodes$|site\.js$)")
_LIMITED_POSTS = re.compile(r"/gradio_api/")
_REDIS_TIMEOUT_S = 0.5
_REDIS_RESTS_S = 5.0

_log = logging.getLogger("onrecord.limits")


class Rates:
    """Counts what was asked in the last minute.

    Where Redis does not answer, this process counts by itself until it does: a broken counter neither stops
    the answers nor lifts the limits.

    Args:
        url: `memory://`, or `redis://HOST:PORT/DB`, which several processes can share.
    """

    def __init__(self, url: str) -> None:
        self._own = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._pool = None if url.startswith("memory:") else _connections(url)
        self._shared = self._pool and SlidingWindowCounterRateLimiter(
            # The pool knows where Redis is; the address here only says what it is.
            RedisStorage(
                "async+redis://",
                wrap_exceptions=True,
                implementation="redispy",
                key_prefix="onrecord",
                connection_pool=self._pool,
            )
        )
        self._rests_until = 0.0

    async def spend(self, what: str, who: str, per_minute: int) -> None:
        """Count one more.

        Raises:
            TooOften: that is more than `per_minute`.
        """
        item = RateLimitItemPerMinute(per_minute)
        limiter = self._own
        allowed: bool | None = None
        if self._shared and time.monotonic() >= self._rests_until:
            try:
                allowed, limiter = await self._shared.hit(item, what, who), self._shared
            except StorageError as error:
                self._rests_until = time.monotonic() + _REDIS_RESTS_S
                _log.warning("Redis does not count (%s)", type(error.storage_error).__name__)
        if allowed is None:
            allowed = await self._own.hit(item, what, who)
        if not allowed:
            raise TooOften(
                f"the limit for {what} is {per_minute} a minute",
                retry_after_s=await _seconds_left(limiter, item, what, who),
            )

    async def aclose(self) -> None:
        """Close the connections to Redis; the event loop that asked must still run."""
        if self._pool:
            await self._pool.disconnect()


class RequestLimit:
    """Middleware: turns away a visitor who asks for too much; pages' own files are not counted."""

    def __init__(self, app: ASGIApp, rates: Rates, per_minute: int) -> None:
        self.app = app
        self.rates = rates
        self.per_minute = per_minute

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _is_limited(scope):
            try:
                await self.rates.spend("requests", visitor_of(scope), self.per_minute)
            except TooOften as error:
                more = {"retry-after": str(error.retry_after_s)}
                asked = Headers(scope=scope)
                await refuse(send, 429, error.what, error.fix, asked=asked, more=more)
                return
        await self.app(scope, receive, send)


def _is_limited(scope: Scope) -> bool:
    posts = scope["method"] == "POST" and _LIMITED_POSTS.match(scope["path"])
    return bool(posts or _LIMITED.match(scope["path"]))


def _connections(url: str) -> Any:
    return BlockingConnectionPool.from_url(
        url,
        timeout=_REDIS_TIMEOUT_S,
        socket_timeout=_REDIS_TIMEOUT_S,
        socket_connect_timeout=_REDIS_TIMEOUT_S,
    )


async def _seconds_left(
    limiter: SlidingWindowCounterRateLimiter, item: RateLimitItemPerMinute, what: str, who: str
) -> int:
    try:
        stats = await limiter.get_window_stats(item, what, who)
    except StorageError:
        return item.get_expiry()
    return min(max(1, math.ceil(stats.reset_time - time.time())), item.get_expiry())
