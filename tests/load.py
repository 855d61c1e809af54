"""What the server does at capacity and at four times that. Run: python -m tests.load [SECONDS]

Bounded in time and connections, and on the loopback alone. `hey` is a Debian package.
"""

import csv
import io
import multiprocessing
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from index import ingest
from index.embedding import load_encoder
from index.library import Library
from index.sources import sources_of
from rag.answering import Answerer
from rag.llm import LanguageModel
from rag.model_settings import ModelSettings
from tests.model_server import ModelServer, says
from tests.serving import served

AT_ONCE, WAITING = 8, 2
LONGEST_S = 15
BODY = '{"question": "What happened to the lens?"}'
SAMPLE = Path(__file__).parent.parent / "index" / "sample"


def main() -> None:
    """Print what became of the requests, by status."""
    seconds = min(int(sys.argv[1]) if len(sys.argv) > 1 else 5, LONGEST_S)
    hey = shutil.which("hey")
    if hey is None:
        sys.exit("hey is not installed; on Debian: apt-get install hey")
    with tempfile.TemporaryDirectory() as folder:
        library = Library.open(Path(folder) / "library", create=True)
        encoder = load_encoder(threads=1)
        list(ingest.add(library, sources_of(str(SAMPLE)), lambda: encoder))
        with _slow_model() as base_url:
            model = LanguageModel(ModelSettings(base_url, "slow"))
            _measure("with a model", Answerer(library, encoder, model), hey, seconds)
        _measure("without a model", Answerer(library, encoder), hey, seconds)


def _measure(told: str, answerer: Answerer, hey: str, seconds: int) -> None:
    """Serve the answers under no other limit than the places, and print how requests fared."""
    limits = {
        "answers_at_once": AT_ONCE,
        "answers_waiting": WAITING,
        "questions_per_minute": 10**9,
        "requests_per_minute": 10**9,
        "questions_per_day": 10**9,
        "tokens_per_day": 10**12,
    }
    with served(answerer, **limits) as url:
        _fire(hey, url, 1, 2)
        for load, connections in (("at capacity", AT_ONCE), ("at four times that", 4 * AT_ONCE)):
            sys.stdout.write(f"{told}, {load}: {connections} connections, {seconds} s\n")
            _print(_fire(hey, url, connections, seconds))


@contextmanager
def _slow_model() -> Iterator[str]:
    """The address of a model that takes about a second, so that places are held by waiting as in earnest.

    It has a process of its own, as a model has: in this one it would take the server's time.
    """
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve_model, args=(there,), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        here.send("done")
        process.join(10)


def _serve_model(told: Connection) -> None:
    slow = says("The lens was stolen [1]. It was found in a barn [2]. " * 3, pause_s=0.05)
    with ModelServer(slow) as server:
        told.send(server.base_url)
        told.recv()


def _fire(hey: str, url: str, connections: int, seconds: int) -> dict[str, list[float]]:
    """The seconds that each response took, by status."""
    command = [hey, "-z", f"{seconds}s", "-c", str(connections), "-o", "csv", "-m", "POST"]
    command += ["-T", "application/json", "-A", "application/json", "-d", BODY, f"{url}/api/ask"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 60)
    took: dict[str, list[float]] = defaultdict(list)
    for row in csv.DictReader(io.StringIO(done.stdout)):
        took[row["status-code"]].append(float(row["response-time"]))
    return took


def _print(took: dict[str, list[float]]) -> None:
    for status, times in sorted(took.items()):
        times.sort()
        at = [times[min(len(times) - 1, int(len(times) * share))] * 1e3 for share in (0.5, 0.99)]
        sys.stdout.write(f"  {status}: {len(times):6}   p50 {at[0]:7.0f} ms   p99 {at[1]:7.0f} ms\n")


if __name__ == "__main__":
    main()
