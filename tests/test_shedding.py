"""What there is no place for is turned away before the application has it."""

import asyncio
from typing import Any

import pytest

from ui.capacity import Capacity
from ui.metrics import Meters
from ui.shedding import Shedding


async def _inside(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def _unread() -> Any:
    raise AssertionError("a request without a place was read")


def _ask(shedding: Shedding, method: str, path: str) -> dict[str, Any]:
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(shedding({"type": "http", "method": method, "path": path, "headers": []}, _unread, send))
    return sent[0]


@pytest.mark.parametrize(
    ("method", "path", "takes_a_place"),
    [
        ("POST", "/api/ask", True),
        ("POST", "/api/check", True),
        ("GET", "/api/search", True),
        ("GET", "/api/episodes", False),
        ("GET", "/healthz", False),
        ("POST", "/api/feedback", False),
    ],
)
def test_without_a_place_only_what_needs_one_is_turned_away(
    method: str, path: str, takes_a_place: bool
) -> None:
    capacity, meters = Capacity(at_once=1, waiting=0), Meters()
    shedding = Shedding(_inside, capacity, meters)
    assert _ask(shedding, method, path)["status"] == 204
    with capacity.place():
        response = _ask(shedding, method, path)
    assert response["status"] == (503 if takes_a_place else 204)
    assert ((b"retry-after", b"1") in response["headers"]) is takes_a_place
    assert (b'onrecord_refused_total{why="Overloaded"} 1.0' in meters.text()) is takes_a_place
    assert _ask(shedding, method, path)["status"] == 204
