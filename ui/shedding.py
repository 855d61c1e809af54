"""Turning away what there is no place for, before it is parsed and searched for."""

import asyncio

from starlette.types import ASGIApp, Receive, Scope, Send

from index.errors import Overloaded
from ui.capacity import Capacity
from ui.error_pages import refuse, retry_after
from ui.metrics import Meters

PAUSE_S = 0.04
"""Seconds before somebody is turned away: a client that asks again at once, over and over, would otherwise
take the time of those who have a place."""

_TAKES_A_PLACE = {("POST", "/api/ask"), ("POST", "/api/check"), ("GET", "/api/search")}


class Shedding:
    """Middleware: answers 503 in front of the routes that take a place, while there is none.

    A place may be gone between here and the route, which refuses by itself then.
    """

    def __init__(self, app: ASGIApp, capacity: Capacity, meters: Meters) -> None:
        self.app = app
        self.capacity = capacity
        self.meters = meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (scope["method"], scope["path"]) in _TAKES_A_PLACE:
            try:
                with self.meters.refusals():
                    self.capacity.check()
            except Overloaded as error:
                await asyncio.sleep(PAUSE_S)
                await refuse(send, 503, error.what, error.fix, more=retry_after(error, 503))
                return
        await self.app(scope, receive, send)
