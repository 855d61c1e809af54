"""What every response carries, and which requests are refused."""

import re

import pytest
from fastapi.testclient import TestClient
from selectolax.lexbor import LexborHTMLParser

from ui.headers import LARGEST_BODY

PATHS = [
    "/",
    "/t/kettle",
    "/t/nowhere",
    "/site/chat.css",
    "/api/episodes",
    "/healthz",
    "/config",
    "/none",
    "/audio/far",
]


@pytest.mark.parametrize("path", PATHS)
def test_every_response_carries_the_policy(client: TestClient, path: str) -> None:
    headers = client.get(path, headers={"origin": "https://evil.example"}).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert re.fullmatch(r"'self' 'nonce-[\w-]{20,}'", policy["script-src"])
    assert policy["frame-ancestors"] == "'self'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert not [name for name in headers if name.startswith("access-control-")]


@pytest.mark.parametrize("path", ["/", "/t/kettle"])
def test_scripts_carry_a_nonce_of_their_own_response(client: TestClient, path: str) -> None:
    first, second = client.get(path), client.get(path)
    nonce = re.search(r"'nonce-([\w-]+)'", first.headers["content-security-policy"])
    assert nonce
    assert nonce[1] not in second.text
    scripts = LexborHTMLParser(first.text).css("script")
    assert scripts
    assert {script.attributes["nonce"] for script in scripts} == {nonce[1]}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/gradio_api/upload"),
        ("GET", "/gradio_api/file=https://evil.example/"),
        ("GET", "/gradio_api/file=/etc/passwd"),
        ("POST", "/gradio_api/call/submitted"),
        ("GET", "/gradio_api/info"),
        ("GET", "/monitoring"),
        ("POST", "/login"),
        ("GET", "/gradio_api/mcp/sse"),
        ("GET", "/docs"),
        ("PUT", "/gradio_api/queue/join"),
        ("GET", "/site/../server.py"),
        ("GET", "/site/%2e%2e/server.py"),
    ],
)
def test_what_the_chat_does_not_need_is_not_there(client: TestClient, method: str, path: str) -> None:
    assert client.request(method, path).status_code in (404, 405)


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({"origin": "https://evil.example"}, True),
        ({"origin": "null"}, True),
        ({"origin": "http://onrecord.test.evil.example"}, True),
        ({"origin": "http://onrecord.test:81"}, True),
        ({"sec-fetch-site": "cross-site"}, True),
        ({"origin": "http://onrecord.test"}, False),
        ({"origin": "https://onrecord.test"}, False),
        ({}, False),
    ],
)
@pytest.mark.parametrize("path", ["/api/ask", "/gradio_api/queue/join"])
def test_posts_of_other_sites_are_refused(
    client: TestClient, headers: dict[str, str], refused: bool, path: str
) -> None:
    response = client.post(path, headers=headers, json={})
    assert (response.status_code == 403) == refused
    if refused:
        assert set(response.json()["error"]) == {"what", "fix"}


def test_a_body_that_is_too_large_is_refused_also_without_a_length(client: TestClient) -> None:
    assert client.post("/api/ask", content=b"x" * (LARGEST_BODY + 1)).status_code == 413
    pieces = (b"x" * 1024 for _ in range(LARGEST_BODY // 1024 + 1))
    assert client.post("/api/ask", content=pieces).status_code == 413
