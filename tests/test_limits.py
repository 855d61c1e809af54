"""Who is let in: addresses, rates, places, and the day's budget."""

import asyncio
import datetime
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import sites
from index.encoder import Encoder
from index.errors import Overloaded, TooOften, UnknownEpisode, UnknownSite
from index.lexical import Filters
from index.library import Library
from index.sites import Site
from rag.answer import Answer, Status, Working
from rag.answering import Answerer
from rag.llm import LanguageModel
from rag.model_settings import ModelSettings
from tests.model_server import FAULTS, ModelServer, says
from ui import budget
from ui.addresses import forwarded_address, network_of
from ui.admission import BUDGET_SPENT, TOKENS_HELD, Admission, narrowed
from ui.budget import OWN_PAGES, Allowance, Spent
from ui.capacity import Capacity
from ui.limits import Rates
from ui.settings import Settings

ROOT = Path(__file__).parent.parent
NOON = datetime.datetime(2026, 5, 1, 12, tzinfo=datetime.UTC)
QUESTION = "What happened to the lens?"

# -- addresses --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "hops", "address"),
    [
        ([], 1, None),
        (["203.0.113.5"], 1, "203.0.113.5"),
        (["1.1.1.1, 203.0.113.5"], 1, "203.0.113.5"),
        (["1.1.1.1", "203.0.113.5"], 1, "203.0.113.5"),
        (["1.1.1.1, 203.0.113.5, 10.0.0.1"], 2, "203.0.113.5"),
        (["203.0.113.5"], 2, None),
        (["203.0.113.5:4711"], 1, "203.0.113.5"),
        (["[2001:db8::1]:4711"], 1, "2001:db8::1"),
        (["2001:db8::1"], 1, "2001:db8::1"),
        (["nobody"], 1, None),
        (["203.0.113.5, "], 1, None),
    ],
)
def test_the_address_is_what_the_outermost_trusted_proxy_saw(
    headers: list[str], hops: int, address: str | None
) -> None:
    assert forwarded_address(headers, hops) == address


@given(st.lists(st.text(max_size=20), max_size=4), st.integers(1, 3))
def test_what_a_client_writes_in_front_changes_nothing(forged: list[str], hops: int) -> None:
    added = [f"203.0.113.{n}" for n in range(hops)]
    assert forwarded_address([*forged, ", ".join(added)], hops) == "203.0.113.0"


@pytest.mark.parametrize(
    ("host", "visitor"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "unknown"),
        ("", "unknown"),
    ],
)
def test_one_visitor_is_an_ipv4_address_or_a_network_of_ipv6(host: str, visitor: str) -> None:
    assert network_of(host) == visitor


# -- rates ------------------------------------------------------------------------------------


async def _spend(rates: Rates, times: int, who: str = "a", what: str = "questions") -> list[int | None]:
    """For each of several askings after each other, None or the seconds to wait."""
    waits: list[int | None] = []
    for _ in range(times):
        try:
            await rates.spend(what, who, 3)
            waits.append(None)
        except TooOften as error:
            waits.append(error.retry_after_s)
    return waits


def _counts_well(url: str) -> None:
    async def spent() -> None:
        rates = Rates(url)
        waits = await _spend(rates, 5)
        assert waits[:3] == [None] * 3
        assert all(wait is not None and 1 <= wait <= 60 for wait in waits[3:])
        assert await _spend(rates, 1, who="b") == [None]
        assert await _spend(rates, 1, what="requests") == [None]
        with pytest.raises(TooOften, match="the limit for questions is 0 a minute"):
            await rates.spend("questions", "c", 0)
        await rates.aclose()

    asyncio.run(spent())


def test_a_rate_is_kept_for_each_visitor_and_each_kind() -> None:
    _counts_well("memory://")


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A real Redis of its own."""
    program = shutil.which("redis-server")
    if program is None:
        assert not os.environ.get("CI"), "redis-server is missing"
        pytest.skip("redis-server is not installed")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as redis:
        try:
            _wait_for(port)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            redis.terminate()


def _wait_for(port: int) -> None:
    until = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            assert time.monotonic() < until, "Redis does not start"
            time.sleep(0.02)


def test_a_rate_is_kept_in_a_real_redis(redis_url: str) -> None:
    _counts_well(redis_url)


def test_several_servers_share_the_count_in_redis(redis_url: str) -> None:
    async def spent() -> list[int | None]:
        one, other = Rates(redis_url), Rates(redis_url)
        waits = [*await _spend(one, 2), *await _spend(other, 2)]
        await one.aclose()
        await other.aclose()
        return waits

    assert [wait is None for wait in asyncio.run(spent())] == [True, True, True, False]


def test_without_its_redis_a_server_counts_by_itself(caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    async def spent() -> list[int | None]:
        rates = Rates(f"redis://:secret@127.0.0.1:{port}/0")
        waits = await _spend(rates, 4)
        await rates.aclose()
        return waits

    waits = asyncio.run(spent())
    assert [wait is None for wait in waits] == [True, True, True, False]
    assert "Redis does not count" in caplog.text
    assert "secret" not in caplog.text


# -- places -----------------------------------------------------------------------------------


def test_places_at_work_and_in_line_are_bounded_and_given_back() -> None:
    async def filled() -> None:
        capacity = Capacity(2, 1)
        done = asyncio.Event()
        working = 0

        async def work() -> None:
            nonlocal working
            with capacity.place():
                async with capacity.turn():
                    working += 1
                    await done.wait()

        tasks = [asyncio.create_task(work()) for _ in range(3)]
        await asyncio.sleep(0)
        assert working == 2
        with pytest.raises(Overloaded) as caught, capacity.place():
            pass
        assert caught.value.retry_after_s >= 1
        tasks[2].cancel()
        await asyncio.gather(tasks[2], return_exceptions=True)
        tasks[2] = asyncio.create_task(work())
        await asyncio.sleep(0)
        done.set()
        await asyncio.gather(*tasks)
        with capacity.place():
            assert not capacity.full

    asyncio.run(filled())


def test_nobody_is_put_in_a_line_that_will_not_move_soon() -> None:
    now = 0.0
    capacity = Capacity(2, 3, clock=lambda: now)

    async def waves() -> None:
        nonlocal now
        async with capacity.turn(), capacity.turn():
            now = 10.0
        with capacity.place(), capacity.place():
            async with capacity.turn():
                now = 13.0
                async with capacity.turn():
                    now = 14.0
                    with pytest.raises(Overloaded):
                        capacity.check()
                    now = 15.0
                    with capacity.place():
                        # The first to be done is waited for already; the second has eight seconds to go.
                        with pytest.raises(Overloaded):
                            capacity.check()
                        now = 18.0
                        with capacity.place(), pytest.raises(Overloaded):
                            capacity.check()
        with capacity.place():
            assert not capacity.full

    asyncio.run(waves())


def test_a_line_that_moves_in_a_moment_is_open() -> None:
    now = 0.0
    capacity = Capacity(1, 1, clock=lambda: now)

    async def quick() -> None:
        nonlocal now
        async with capacity.turn():
            now = 0.19
        with capacity.place():
            async with capacity.turn():
                capacity.check()

    asyncio.run(quick())


# -- the day's budget -------------------------------------------------------------------------


def test_tokens_are_held_and_then_settled(own_sample: Library) -> None:
    allowance = Allowance(questions=10, tokens=1000)
    held = budget.reserve(own_sample, "a", allowance, 600, NOON)
    assert budget.spent(own_sample, "a", NOON) == Spent(1, 600)
    assert budget.reserve(own_sample, "a", allowance, 600, NOON).tokens == 0, "only 400 are left"
    budget.settle(own_sample, held, 150)
    assert budget.spent(own_sample, "a", NOON) == Spent(2, 150)
    assert budget.reserve(own_sample, "a", allowance, 600, NOON).tokens == 600
    assert budget.spent(own_sample, "b", NOON) == Spent()


def test_a_day_has_so_many_questions_and_the_next_one_too(own_sample: Library) -> None:
    allowance = Allowance(questions=1, tokens=0)
    budget.reserve(own_sample, "a", allowance, 0, NOON)
    with pytest.raises(TooOften) as caught:
        budget.reserve(own_sample, "a", allowance, 0, NOON)
    assert caught.value.retry_after_s == 12 * 3600
    east = NOON.astimezone(datetime.timezone(datetime.timedelta(hours=13)))
    with pytest.raises(TooOften):
        budget.reserve(own_sample, "a", allowance, 0, east)
    budget.reserve(own_sample, "a", allowance, 0, NOON + datetime.timedelta(days=1))


def test_an_answer_over_midnight_is_settled_on_its_own_day(own_sample: Library) -> None:
    held = budget.reserve(own_sample, "a", Allowance(9, 1000), 600, NOON)
    budget.settle(own_sample, held, 100)
    assert budget.spent(own_sample, "a", NOON).tokens == 100
    assert budget.spent(own_sample, "a", NOON + datetime.timedelta(days=1)) == Spent()


def test_what_a_killed_process_held_stays_spent(own_sample: Library) -> None:
    script = (
        "import datetime, os, signal, sys\n"
        "from pathlib import Path\n"
        "from index.library import Library\n"
        "from ui import budget\n"
        "now = datetime.datetime(2026, 5, 1, 12, tzinfo=datetime.UTC)\n"
        "budget.reserve(Library.open(Path(sys.argv[1])), 'a', budget.Allowance(9, 9000), 700, now)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(own_sample.folder)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert budget.spent(Library.open(own_sample.folder), "a", NOON) == Spent(1, 700)


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), max_size=12))
def test_a_day_is_never_overspent_where_enough_is_held(
    own_budget: Library, asked: list[tuple[int, int]]
) -> None:
    with own_budget.writing() as db:
        db.execute("DELETE FROM spending")
    for held, extra in asked:
        reservation = budget.reserve(own_budget, "a", Allowance(99, 1000), held, NOON)
        budget.settle(own_budget, reservation, min(extra, reservation.tokens))
        assert 0 <= budget.spent(own_budget, "a", NOON).tokens <= 1000


@pytest.fixture(scope="module")
def own_budget(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return Library.open(tmp_path_factory.mktemp("budget") / "library", create=True)


# -- all together -----------------------------------------------------------------------------


def _asked(admission: Admission, *, times: int = 1, **more: Any) -> list[Answer]:
    async def asked() -> list[Answer]:
        answers = []
        for _ in range(times):
            async with aclosing(admission.ask(QUESTION, visitor="a", **more)) as events:
                answers += [event async for event in events if isinstance(event, Answer)]
        await admission.aclose()
        return answers

    return asyncio.run(asked())


def _today(library: Library, site: str = OWN_PAGES) -> Spent:
    return budget.spent(library, site, datetime.datetime.now(datetime.UTC))


def _model(base_url: str) -> LanguageModel:
    return LanguageModel(ModelSettings(base_url, "test", deadline_s=5, first_token_s=2, idle_s=1))


def test_an_answer_is_paid_with_what_it_cost(own_sample: Library, encoder: Encoder) -> None:
    with ModelServer(says("The lens was stolen [1].")) as model_server:
        answerer = Answerer(own_sample, encoder, _model(model_server.base_url))
        (answer,) = _asked(Admission(answerer, Settings()))
    assert answer.usage is not None
    assert _today(own_sample) == Spent(1, answer.usage.total)


@pytest.mark.parametrize(
    ("fault", "spent"), [("500 always", 0), ("cut without a finish reason", TOKENS_HELD)]
)
def test_what_an_answer_cost_that_failed_is_nothing_or_what_was_held(
    own_sample: Library, encoder: Encoder, fault: str, spent: int
) -> None:
    with ModelServer(FAULTS[fault]) as model_server:
        answerer = Answerer(own_sample, encoder, _model(model_server.base_url))
        _asked(Admission(answerer, Settings()))
    assert _today(own_sample) == Spent(1, spent)


def test_with_the_tokens_spent_quotes_answer_and_say_why(own_sample: Library, encoder: Encoder) -> None:
    with ModelServer() as model_server:
        answerer = Answerer(own_sample, encoder, _model(model_server.base_url))
        (answer,) = _asked(Admission(answerer, Settings(tokens_per_day=TOKENS_HELD - 1)))
    assert not model_server.requests
    assert (answer.status, answer.note) == (Status.QUOTES_ONLY, BUDGET_SPENT)
    assert _today(own_sample) == Spent(1, 0)


def test_a_site_has_limits_of_its_own(own_sample: Library, encoder: Encoder) -> None:
    sites.put(own_sample, Site("minute", questions_per_minute=1))
    sites.put(own_sample, Site("day", questions_per_day=1))
    admission = Admission(Answerer(own_sample, encoder), Settings())
    for name, words in (
        ("minute", "the limit for questions of the site is 1 a minute"),
        ("day", "the limit for questions is 1 a day"),
    ):
        with pytest.raises(TooOften, match=words):
            _asked(admission, times=2, site=name)
        assert _today(own_sample, name) == Spent(1, 0)
    _asked(admission)
    assert _today(own_sample) == Spent(1, 0)
    with pytest.raises(UnknownSite):
        _asked(admission, site="nowhere")
    assert b'onrecord_refused_total{why="TooOften"} 2.0' in admission.meters.text()


def test_a_site_asks_its_own_episodes_alone() -> None:
    one, both = Site("a", episodes=("x",)), Site("b", episodes=("x", "y"))
    assert narrowed(Filters(), None) == Filters()
    assert narrowed(Filters(speakers=("S",)), one) == Filters(("S",), ("x",))
    assert narrowed(Filters(episodes=("y", "z")), both) == Filters(episodes=("y",))
    assert narrowed(Filters(episodes=("z",)), Site("c")) == Filters(episodes=("z",))
    with pytest.raises(UnknownEpisode):
        narrowed(Filters(episodes=("y",)), one)


def test_who_waits_is_told_so_and_who_finds_no_place_is_not_counted(
    own_sample: Library, encoder: Encoder
) -> None:
    async def crowded() -> list[Any]:
        admission = Admission(Answerer(own_sample, encoder), Settings(answers_at_once=1, answers_waiting=1))
        async with aclosing(admission.ask(QUESTION, visitor="a")) as first:
            assert await anext(first) == Working("searching")
            second = admission.ask(QUESTION, visitor="b")
            assert await anext(second) == Working("waiting")
            with pytest.raises(Overloaded):
                await anext(admission.ask(QUESTION, visitor="c"))
        async with aclosing(second):
            rest = [event async for event in second]
        await admission.aclose()
        return rest

    rest = asyncio.run(crowded())
    assert isinstance(rest[-1], Answer)
    assert _today(own_sample) == Spent(2, 0)
