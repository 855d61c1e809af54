"""Speed as ratios within one run: `make bench`.

Every figure is divided by one measured beside it in the same process, so that a slow or busy machine
changes both. Each ratio is that of the quickest of alternating rounds, with the range over the rounds.
The yardstick of encoding is sentence-transformers with the published weights in float32, as anybody would use
them; onrecord's own encoder is quicker where the processor computes bfloat16.
"""

import asyncio
import gc
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy as np
from rich.console import Console
from rich.table import Table

from index import ingest, vectors
from index.base_weights import EMBEDDED, base_model
from index.embedding import load_encoder
from index.encoder import Embedding, Encoder
from index.library import Library
from index.pair_reader import ANSWERS, embedded_reader
from index.passages import passages_of
from index.sources import sources_of
from index.threads import limit_threads
from index.transcript import About, Reading, Turn
from rag.answering import Answerer
from rag.llm import LanguageModel
from rag.model_settings import ModelSettings
from rag.support import Cited, ClaimCheck, Support
from tests.model_server import ModelServer, says

SAMPLE = Path(__file__).parent.parent / "index" / "sample"
ROUNDS = 5
QUESTIONS = [
    "Why did the starter survive the winter?",
    "Who found the lens, and where was it?",
    "How many bees live in one hive in summer?",
    "What is it like to sleep on a night train?",
]


def main() -> None:
    """Print every ratio and what it should stay under."""
    table = Table("measured", "against", "ratio", "by round", "at most", box=None)
    encoder, yardstick = load_encoder(), base_model(EMBEDDED)[0]
    table.add_row(*_adding(encoder, yardstick))
    table.add_row(*_asking(encoder, yardstick, 10_000, "8"))
    table.add_row(*_asking(encoder, yardstick, 100_000, "12"))
    table.add_row(*_checking(encoder, yardstick))
    table.add_row(*_streaming(encoder))
    table.add_row(*_help())
    Console().print(table)


def _adding(encoder: Encoder, yardstick: Any) -> tuple[str, ...]:
    """`add` of the sample show, against encoding its passages and nothing else."""
    sources = sources_of(str(SAMPLE))
    with tempfile.TemporaryDirectory() as folder:
        library = Library.open(Path(folder) / "0", create=True)
        list(ingest.add(library, sources, lambda: encoder))
        episodes = [library.episode(entry.id) for entry in library.entries()]
        texts = [passage.text for episode in episodes for passage in passages_of(episode.turns)]

        def add(round_: int) -> None:
            fresh = Library.open(Path(folder) / str(round_ + 1), create=True)
            list(ingest.add(fresh, sources, lambda: encoder))

        ratios = list(_alternating(add, lambda _: yardstick.encode(texts, batch_size=16)))
    return _row(f"add {len(texts)} passages", "encoding the same texts", ratios, "1.15")


def _asking(encoder: Encoder, yardstick: Any, passages: int, most: str) -> tuple[str, ...]:
    """A warm `ask` without a language model, against encoding the question."""
    limit_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        library = _large_library(Path(folder) / "large", encoder, passages)
        embedded_reader(ANSWERS)
        before = _resident_mb()
        answerer = Answerer(library, encoder)

        def ask(round_: int) -> None:
            for question in QUESTIONS:
                asyncio.run(answerer.answer(question))

        def encode(round_: int) -> None:
            for question in QUESTIONS:
                yardstick.encode([question])

        ask(0)
        encode(0)
        ratios = list(_alternating(ask, encode))
        more_mb = _resident_mb() - before
    quickest_ms = min(one for one, _ in ratios) / len(QUESTIONS) * 1e3
    Console().print(
        f"to ask {passages:,} passages: {quickest_ms:.0f} ms a question, and"
        f" {more_mb:.0f} MB more than the loaded models (at most 100 for 10,000)"
    )
    return _row(f"ask, {passages:,} passages", "encoding the question", ratios, most)


def _checking(encoder: Encoder, yardstick: Any) -> tuple[str, ...]:
    """The claim check of one sentence under one quote, against encoding the sentence."""
    check = ClaimCheck()
    claims = [
        ("The starter had lived through a winter without heating.", "and it, um, it got through a whole winter unheated"),
        ("Nobody had looked for the lens in the barn.", "the barn was the last place that anybody would have looked"),
        ("In summer a hive holds about forty thousand bees.", "you have, what, forty thousand of them in there in July"),
        ("Few passengers slept well on the night train.", "I'd say one in five slept, really slept, on that train"),
    ]  # fmt: skip

    def checked(round_: int) -> None:
        for claim, quote in claims:
            check.check(claim, [Cited(quote, "Ada Berg")])

    def encode(round_: int) -> None:
        for claim, _ in claims:
            yardstick.encode([claim])

    checked(0)
    encode(0)
    ratios = list(_alternating(checked, encode))
    Console().print(f"to check a claim: {min(one for one, _ in ratios) / len(claims) * 1e3:.1f} ms")
    return _row("check a claim", "encoding it", ratios, "3")


def _streaming(encoder: Encoder) -> tuple[str, ...]:
    """A model's answer of four sentences as it streams, a hundred pieces a second, against the same unchecked.

    Sentences are checked while the model writes on, so that only what is left after its last word counts.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        ModelServer(says(_repeating, chunk_size=4, pause_s=0.01)) as server,
        asyncio.Runner() as runner,
    ):
        library = Library.open(Path(folder) / "sample", create=True)
        list(ingest.add(library, sources_of(str(SAMPLE)), lambda: encoder))
        model = LanguageModel(ModelSettings(server.base_url, "repeating"))
        checking, trusting = Answerer(library, encoder, model), Answerer(library, encoder, model)
        trusting.claim_check = _Trusting()  # type: ignore[assignment] # nothing but a yardstick
        claims = 0

        def asking(answerer: Answerer) -> Callable[[int], None]:
            def ask(round_: int) -> None:
                nonlocal claims
                answers = [runner.run(answerer.answer(question)) for question in QUESTIONS]
                claims = sum(len(answer.claims) + len(answer.dropped) for answer in answers)

            return ask

        asking(checking)(0)
        ratios = list(_alternating(asking(checking), asking(trusting)))
        runner.run(model.aclose())
        library.close()
    added_s = min(one for one, _ in ratios) - min(other for _, other in ratios)
    Console().print(f"checking adds {added_s / claims * 1e3:.1f} ms a claim to an answer that streams")
    return _row(f"an answer of a model, {claims} claims", "the same unchecked", ratios, "1.1")


def _repeating(messages: list[dict[str, str]]) -> str:
    """Four of the lines that a model reads, each with its number."""
    lines = re.findall(
        r"^\[(\d+)\] (?:[^:\n]+: )?([A-Z][^\n]{30,90}\.)$", messages[-1]["content"], re.MULTILINE
    )
    return " ".join(f"{text.rstrip('.')} [{number}]." for number, text in lines[:4])


class _Trusting:
    """What a claim check would cost that checks nothing."""

    def check(self, claim: str, quotes: Sequence[Cited]) -> Support:
        return Support(True, "", 1.0)


def _resident_mb() -> float:
    """This process's resident memory, in MB, after a collection."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _help() -> tuple[str, ...]:
    """`onrecord --help`, against a Python that does nothing."""

    def run(*command: str) -> Callable[[int], None]:
        return lambda _: subprocess.run(command, check=True, capture_output=True).check_returncode()

    helping = run(
        sys.executable, "-c", "import sys; sys.argv=['onrecord','--help']; from ui.cli import main; main()"
    )
    idle = run(sys.executable, "-c", "import asyncio, json, sqlite3")
    started = time.perf_counter()
    helping(0)
    Console().print(f"onrecord --help: {time.perf_counter() - started:.2f} s this once; at most 0.5 s")
    return _row("onrecord --help", "an idle Python", list(_alternating(helping, idle)), "6")


def _alternating(
    one: Callable[[int], object], other: Callable[[int], object]
) -> Iterator[tuple[float, float]]:
    """The seconds that each took, round by round."""
    for round_ in range(ROUNDS):
        seconds = []
        for run in (one, other):
            started = time.perf_counter()
            run(round_)
            seconds.append(time.perf_counter() - started)
        yield seconds[0], seconds[1]


def _row(measured: str, against: str, seconds: list[tuple[float, float]], most: str) -> tuple[str, ...]:
    """The quickest round of each, since a busy machine only ever adds; then the spread over the rounds."""
    ratios = [one / other for one, other in seconds]
    quickest = min(one for one, _ in seconds) / min(other for _, other in seconds)
    return measured, against, f"{quickest:.2f}", f"{min(ratios):.2f} to {max(ratios):.2f}", most


def _large_library(folder: Path, encoder: Encoder, passages: int) -> Library:
    """So many passages of the sample show's lines in another order, with random vectors."""
    chance = random.Random(7)
    noise = np.random.default_rng(7)
    texts = [
        turn.text
        for source in sources_of(str(SAMPLE))
        for turn in ingest.formats.read(source.read(), source.name).turns
    ]
    library = Library.open(folder, create=True)
    library.bind(encoder.id)
    dimension = encoder.id.dimension
    count = 0
    while count < passages:
        turns = tuple(Turn(chance.choice(["Ada", "Ben", "Cleo"]), chance.choice(texts)) for _ in range(150))
        cut = passages_of(turns)
        embeddings = {}
        for passage in cut:
            drawn = noise.standard_normal((1 + len(passage.lines), dimension)).astype(np.float32)
            drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
            embeddings[passage.hash] = Embedding(drawn[0], drawn[1:].astype(np.float16))
        name = f"episode-{count}"
        library.put(
            Reading(About(title=name), turns),
            source=name,
            name=name,
            sha256=name,
            passages=cut,
            embeddings=embeddings,
        )
        count += len(cut)
    vectors.save(library)
    return library


if __name__ == "__main__":
    main()
