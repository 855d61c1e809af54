"""The HTTP API under bad input, many clients and those who leave, and what it tells nobody."""

import asyncio
import contextlib
import json
import logging
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.types import ASGIApp

from index import sites
from index.encoder import Encoder
from index.library import Library
from index.sites import Site
from rag.answering import Answerer
from rag.llm import LanguageModel
from rag.model_settings import ModelSettings
from tests.model_server import FAULTS, Messages, ModelServer, says
from tests.serving import served
from ui import server
from ui.headers import Guard
from ui.logs import JsonLines
from ui.settings import Settings

QUESTION = "What happened to the lens?"
JSON = {"accept": "application/json"}
OPEN = {"questions_per_minute": 10**6, "requests_per_minute": 10**6}


@contextlib.contextmanager
def client_of(answerer: Answerer, **settings: Any) -> Iterator[TestClient]:
    async def made() -> FastAPI:
        return server.create_app(answerer, Settings(**{**OPEN, **settings}))

    # Outside of a loop Gradio opens loops that it never closes.
    app = asyncio.run(made())
    with TestClient(app, base_url="http://onrecord.test", raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(sample: Library, encoder: Encoder) -> Iterator[TestClient]:
    with client_of(Answerer(sample, encoder)) as opened:
        yield opened


def cite(messages: Messages) -> str:
    """An honest model: it says the first long lines again, with their numbers."""
    lines = re.findall(r"^\[(\d+)\] (?:[^:\n]+: )?(\S+(?: \S+){7,20})$", messages[-1]["content"], re.M)
    return " ".join(f"{text.rstrip('.?!')} [{number}]." for number, text in lines[:3])


def told(response: httpx.Response) -> str:
    """What an error says; it is in the one shape, and tells nothing of the machine."""
    assert set(response.json()) == {"error"}
    assert set(response.json()["error"]) == {"what", "fix"}
    assert "/tmp" not in response.text
    assert "Traceback" not in response.text
    return str(response.json()["error"]["what"])


# -- bad input --------------------------------------------------------------------------------

BAD_BODIES = {
    "nothing": (b"", 422),
    "no JSON": (b"{question: 1}", 422),
    "cut JSON": (b'{"question": "why', 422),
    "deep JSON": (b"[" * 100_000, 400),
    "deep answer": (b'{"question": "why", "filters": ' + b'{"a":' * 20_000 + b"1" + b"}" * 20_001, 400),
    "NUL": (b"\0" * 100, 422),
    "no text": (b'{"question": "\xff\xfe"}', 400),
    "half a surrogate pair": (rb'{"question": "why \ud800"}', 422),
    "a number": (b'{"question": 7}', 422),
    "not a number": (b'{"question": NaN}', 422),
    "twice": (b'{"question": "", "question": ""}', 422),
    "a list": (b'["why"]', 422),
    "day as a number": (b'{"question": "why", "filters": {"since": 0}}', 422),
    "no day": (b'{"question": "why", "filters": {"since": "2024-13-01"}}', 422),
    "unknown site": (b'{"question": "why", "site": "nowhere"}', 404),
    "site with a path": (b'{"question": "why", "site": "../../etc"}', 404),
    "site with NUL": (rb'{"question": "why", "site": "a\u0000"}', 404),
}


@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_body_that_is_not_as_described_is_told_so(client: TestClient, name: str) -> None:
    body, status = BAD_BODIES[name]
    response = client.post("/api/ask", content=body, headers={"content-type": "application/json"})
    assert response.status_code == status, response.text
    assert told(response)


@pytest.mark.parametrize("name", ["speakers", "episodes"])
def test_names_that_no_one_has_narrow_to_nothing(client: TestClient, name: str) -> None:
    for wanted in ("\0", "../../etc/passwd", "' OR 1=1 --", "\u202e"):
        body = {"question": QUESTION, "filters": {name: [wanted]}}
        answer = client.post("/api/ask", json=body, headers=JSON).json()
        assert answer["status"] == "not_discussed"


def test_a_question_with_hidden_characters_is_asked_without_them(client: TestClient) -> None:
    body = {"question": "What\0 happened \x1b[31mto the\u202e lens?"}
    assert client.post("/api/ask", json=body, headers=JSON).json()["question"] == QUESTION


@pytest.mark.parametrize(
    "path",
    [
        "/api/episodes/..%2f..%2fetc%2fpasswd",
        "/api/episodes/%2e%2e",
        "/api/episodes/a%00b",
        "/api/episodes/" + "a" * 3000,
        "/t/..%2f..%2flibrary.db",
        "/t/a%00b",
        "/audio/..%2f..%2fetc%2fpasswd",
        "/site/..%2f..%2fsettings.py",
        "/site/a%00b",
        "/static/..%2f..%2fetc%2fpasswd",
        "/assets/%2e%2e/%2e%2e/etc/passwd",
        "/gradio_api/file=/etc/passwd",
    ],
)
def test_an_id_with_a_path_in_it_is_not_found(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code in (403, 404)
    assert "root:" not in response.text


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "/api/ask"), ("POST", "/healthz"), ("TRACE", "/t/x")]
)
def test_a_method_that_a_route_lacks_is_told_with_those_it_has(
    client: TestClient, method: str, path: str
) -> None:
    response = client.request(method, path)
    assert response.status_code == 405
    assert response.headers["allow"] in ("POST", "GET", "GET, HEAD")
    assert told(response)


def test_feedback_with_anything_in_it_is_kept_or_refused(own_sample: Library, encoder: Encoder) -> None:
    with client_of(Answerer(own_sample, encoder)) as opened:
        for answer in (rb'{"a": "\ud800"}', b'{"a": NaN}', b'{"a": 1e999}', rb'{"\u0000": null}'):
            body = b'{"question": "why", "verdict": "like", "answer": ' + answer + b"}"
            response = opened.post(
                "/api/feedback", content=body, headers={"content-type": "application/json"}
            )
            assert response.status_code in (201, 422), response.text
        assert opened.get("/readyz").status_code == 200


# -- sites and origins ------------------------------------------------------------------------


def test_only_a_page_that_says_so_can_be_held_in_a_frame() -> None:
    async def framed(scope: Any, receive: Any, send: Any) -> None:
        scope["state"]["frame_origins"] = ("https://show.example",) if scope["path"] == "/embed" else ()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    app: ASGIApp = Guard(framed)
    embed, other = TestClient(app).get("/embed").headers, TestClient(app).get("/t/x").headers
    assert "frame-ancestors 'self' https://show.example" in embed["content-security-policy"]
    assert "x-frame-options" not in embed
    assert re.search(r"frame-ancestors 'self'(;|$)", other["content-security-policy"])
    assert other["x-frame-options"] == "SAMEORIGIN"


def test_a_site_asks_and_lists_its_own_episodes(own_sample: Library, encoder: Encoder) -> None:
    sites.put(own_sample, Site("lens", episodes=("02-the-lens-in-the-barn",)))
    with client_of(Answerer(own_sample, encoder)) as opened:
        body = {"question": "Why did the starter survive?", "site": "lens"}
        answer = opened.post("/api/ask", json=body, headers=JSON).json()
        found = opened.get("/api/search", params={"q": "starter", "site": "lens"}).json()
        listed = opened.get("/api/episodes", params={"site": "lens"}).json()
        assert opened.get("/api/search", params={"q": "starter", "site": "x"}).status_code == 404
    only = {"02-the-lens-in-the-barn"}
    assert {quote["episode"] for quote in answer["quotes"] + answer["closest"]} == only
    assert {passage["episode"] for passage in found["passages"]} == only
    assert [entry["id"] for entry in listed["episodes"]] == list(only)


def test_scripts_of_listed_origins_alone_may_use_the_api(sample: Library, encoder: Encoder) -> None:
    guest, stranger = {"origin": "https://tools.example"}, {"origin": "https://evil.example"}
    preflight = {"access-control-request-method": "POST"}
    with client_of(Answerer(sample, encoder), cors_origins=["https://Tools.example/"]) as opened:
        answered = opened.post("/api/ask", json={"question": QUESTION}, headers={**JSON, **guest})
        assert answered.status_code == 200
        assert answered.headers["access-control-allow-origin"] == "https://tools.example"
        assert "access-control-allow-credentials" not in answered.headers
        asked = opened.options("/api/ask", headers={**guest, **preflight})
        assert (asked.status_code, asked.headers["access-control-allow-headers"]) == (204, "content-type")
        assert opened.post("/api/ask", json={"question": QUESTION}, headers=stranger).status_code == 403
        assert opened.post("/gradio_api/queue/join", json={}, headers=guest).status_code == 403
        for path in ("/t/02-the-lens-in-the-barn", "/"):
            assert "access-control-allow-origin" not in opened.get(path, headers=guest).headers
        refused = opened.options("/api/ask", headers={**stranger, **preflight})
        assert "access-control-allow-origin" not in refused.headers


# -- limits -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("hops", "forged"), [(0, "{n}.1.1.1"), (1, "{n}.1.1.1, 203.0.113.5")])
def test_a_forged_header_lifts_no_limit(sample: Library, encoder: Encoder, hops: int, forged: str) -> None:
    with client_of(Answerer(sample, encoder), questions_per_minute=2, trusted_hops=hops) as opened:
        responses = [
            opened.post(
                "/api/ask",
                json={"question": QUESTION},
                headers={**JSON, "x-forwarded-for": forged.format(n=n), "forwarded": f"for={n}.1.1.1"},
            )
            for n in range(4)
        ]
        another = opened.post(
            "/api/ask", json={"question": QUESTION}, headers={**JSON, "x-forwarded-for": "198.51.100.1"}
        )
    assert [response.status_code for response in responses] == [200, 200, 429, 429]
    assert 1 <= int(responses[-1].headers["retry-after"]) <= 60
    assert told(responses[-1]) == "the limit for questions is 2 a minute"
    assert another.status_code == (200 if hops else 429)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/gradio_api/queue/join"),
        ("POST", "/gradio_api/run/predict"),
        ("POST", "/api/check"),
        ("GET", "/api/search?q=lens"),
        ("GET", "/t/02-the-lens-in-the-barn"),
        ("GET", "/embed/episodes"),
        ("GET", "/site.js?site=none"),
    ],
)
def test_requests_of_one_visitor_are_limited_also_to_the_chat(
    sample: Library, encoder: Encoder, method: str, path: str
) -> None:
    with client_of(Answerer(sample, encoder), requests_per_minute=1) as opened:
        codes = [opened.request(method, path, json={}).status_code for _ in range(2)]
        assert codes[0] != 429
        assert codes[1] == 429
        assert opened.get("/healthz").status_code == 200
        assert opened.get("/site/chat.css").status_code == 200


def test_a_day_without_tokens_is_told_in_the_answer(own_sample: Library, encoder: Encoder) -> None:
    with ModelServer(says(cite)) as model_server:
        model = LanguageModel(ModelSettings(model_server.base_url, "test"))
        with client_of(Answerer(own_sample, encoder, model), tokens_per_day=0) as opened:
            answer = opened.post("/api/ask", json={"question": QUESTION}, headers=JSON).json()
    assert answer["status"] == "quotes_only"
    assert answer["note"] == "the language model's budget for today is spent"
    assert answer["tokens"] == {"prompt": 0, "completion": 0}


# -- who leaves, and how many come ------------------------------------------------------------


def test_closing_the_connection_stops_the_model(own_sample: Library, encoder: Encoder) -> None:
    endless = says(lambda messages: cite(messages) + " And so on it goes." * 500, pause_s=0.02)
    for headers in ({}, JSON):
        with ModelServer(endless) as model_server:
            model = LanguageModel(ModelSettings(model_server.base_url, "test"))
            answerer = Answerer(own_sample, encoder, model)
            with (
                served(answerer, answers_at_once=1, answers_waiting=0, **OPEN) as url,
                httpx.Client(base_url=url, timeout=30) as visitor,
            ):
                body = {"question": QUESTION}
                if headers:
                    _leave_once_asked(visitor, model_server, body)
                else:
                    with visitor.stream("POST", "/api/ask", json=body) as response:
                        assert any(line == "event: claim" for line in response.iter_lines())
                assert model_server.left.wait(20)
                model_server.behaviour = says("NOT DISCUSSED")
                _until_answered(visitor, body)


def _leave_once_asked(visitor: httpx.Client, model_server: ModelServer, body: dict[str, str]) -> None:
    """Ask for one JSON answer, and hang up when the model has been asked."""
    head = f"POST /api/ask HTTP/1.1\r\nhost: {visitor.base_url.host}\r\naccept: application/json\r\n"
    content = json.dumps(body)
    request = f"{head}content-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n{content}"

    async def hang_up() -> None:
        _, writer = await asyncio.open_connection(visitor.base_url.host, visitor.base_url.port)
        writer.write(request.encode())
        await writer.drain()
        while not model_server.requests:
            await asyncio.sleep(0.02)
        writer.close()

    asyncio.run(asyncio.wait_for(hang_up(), 30))


def _until_answered(visitor: httpx.Client, body: dict[str, str]) -> None:
    """The one place is free again, in a moment."""
    for _ in range(200):
        if visitor.post("/api/ask", json=body, headers=JSON).status_code == 200:
            return
        threading.Event().wait(0.05)
    raise AssertionError("the place was not given back")


def test_two_hundred_clients_at_once_each_get_a_clear_answer(sample: Library, encoder: Encoder) -> None:
    async def crowd(url: str) -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=200)
        async with httpx.AsyncClient(base_url=url, timeout=120, limits=limits) as visitors:
            asked = [visitors.post("/api/ask", json={"question": QUESTION}, headers=JSON) for _ in range(200)]
            return list(await asyncio.gather(*asked))

    with served(Answerer(sample, encoder), answers_at_once=4, answers_waiting=4, **OPEN) as url:
        responses = asyncio.run(crowd(url))
        after = httpx.post(f"{url}/api/ask", json={"question": QUESTION}, headers=JSON, timeout=30)
    counts = Counter(response.status_code for response in responses)
    assert set(counts) <= {200, 503}
    assert counts[200] >= 8
    for response in responses:
        if response.status_code == 503:
            assert told(response)
            assert int(response.headers["retry-after"]) >= 1
        else:
            assert response.json()["quotes"]
    assert after.status_code == 200


# -- what nobody is told ----------------------------------------------------------------------

KEY = "sk-canary-2b7e151628aed2a6"


def test_the_key_the_question_and_the_visitor_are_in_no_log_and_no_response(
    own_sample: Library, encoder: Encoder, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="onrecord")
    caplog.handler.setFormatter(JsonLines())
    secret_question = "What happened to the zanzibar lens?"
    seen = []
    with ModelServer(says(cite)) as model_server:
        model = LanguageModel(ModelSettings(model_server.base_url, "test", api_key=KEY))
        with client_of(Answerer(own_sample, encoder, model), trusted_hops=1) as opened:
            ids = []
            for behaviour in (says(cite), FAULTS["401"], FAULTS["500 always"], FAULTS["HTML"]):
                model_server.behaviour = behaviour
                for headers in (JSON, {}):
                    response = opened.post(
                        "/api/ask",
                        json={"question": secret_question},
                        headers={**headers, "x-forwarded-for": "203.0.113.77"},
                    )
                    assert response.status_code == 200
                    ids.append(response.headers["x-request-id"])
                    seen.append(response.text)
            opened.get("/api/search", params={"q": secret_question})
            for path in (
                "/",
                "/config",
                "/metrics",
                "/readyz",
                "/api/openapi.json",
                "/t/02-the-lens-in-the-barn",
            ):
                response = opened.get(path)
                assert "set-cookie" not in response.headers
                seen.append(response.text + str(response.headers))
        assert {headers["authorization"] for headers in model_server.headers} == {f"Bearer {KEY}"}
    lines = [json.loads(line) for line in caplog.text.splitlines() if line.startswith("{")]
    told_of = {line["request_id"] for line in lines if line["logger"] == "onrecord.requests"}
    assert set(ids) <= told_of
    assert len(set(ids)) == len(ids)
    answered = [line for line in lines if line["event"] == "answer"]
    assert {line["request_id"] for line in answered} == set(ids)
    assert not [text for text in [*seen, caplog.text] if KEY in text]
    assert "zanzibar" not in caplog.text
    assert "203.0.113.77" not in caplog.text


def test_an_error_is_logged_by_its_kind_and_place_alone() -> None:
    try:
        raise ValueError("what the visitor asked")
    except ValueError:
        record = logging.LogRecord("onrecord", logging.ERROR, "", 0, "it failed", None, sys.exc_info())
    line = json.loads(JsonLines().format(record))
    assert (line["exception"], line["event"], line["level"]) == ("ValueError", "it failed", "error")
    assert "test_api.py" in line["at_lines"][0]
    assert "visitor" not in json.dumps(line)


# -- the description --------------------------------------------------------------------------


def test_the_api_is_as_it_is_described(own_sample: Library, encoder: Encoder, tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("schemathesis")
    with served(Answerer(own_sample, encoder), **OPEN) as url:
        command = [str(program), "run", f"{url}/api/openapi.json", "-n", "5", "--no-color"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=300)
    assert done.returncode == 0, done.stdout[-4000:]


def test_every_operation_is_described_with_its_errors(client: TestClient) -> None:
    described = client.get("/api/openapi.json").json()
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            codes = set(operation["responses"])
            if path.startswith("/api/"):
                assert {"429", "500", "503"} <= codes, (method, path)
            if method == "post":
                assert {"400", "403", "408", "413", "422"} <= codes, path
                schema = operation["requestBody"]["content"]["application/json"]["schema"]
                name = schema["$ref"].rsplit("/", 1)[1]
                assert described["components"]["schemas"][name]["examples"], path
            for code in codes & {"429", "503"}:
                assert operation["responses"][code]["headers"]["Retry-After"]["required"]
