"""Train the claim check's reader: a quote and a sentence are read together, and does one carry the other?

    python -m eval.train_carries --seed 1 --epochs 3 --bfloat16 --out reader.safetensors [--start reader.safetensors]
    python -m eval.train_carries --mean ONE OTHER --out reader.safetensors

Learns from `sets/crossed.jsonl` alone (`eval.crossed`), where neither a quote nor a sentence by itself tells
anything. The four pairs of a crossing stay in one batch, and each sentence is to score higher under its own quote
than under the other, and each quote's own sentence higher than the other's: logistic losses on every pair and on
these differences. Prints, of the crossings held out, how often the right one of two sentences and of two quotes scores higher.
"""

import argparse
import math
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from eval.crossed import Crossing, read_crossed
from eval.crossed_made import copied, gainsaid, halved, turned
from eval.pair_learner import Learner, cut, mean_of
from index.adapters import read_adapter, write_adapter
from index.pair_reader import PairReader

TOGETHER = 8
"""Crossings in a batch; each is four pairs."""
TURNED, COPIES, DENIALS, HALVES = 1 / 2, 1 / 6, 1 / 6, 1 / 8
"""The share of contraries that are learned turned round as well; copies, denials and halves made for each crossing."""
REPEATS = {"contrary": 0.5, "entity": 2.0, "partial": 2.0, "roles": 2.0}
"""How often a crossing of a kind is learned from in an epoch, on average; the other kinds once. Most of what was written
are contraries, and a reader that learns from little else forgets the rest."""
UNRELATED = 3
"""Pairs of a batch whose quote is about something else."""

Pair = tuple[str, str, bool]


def lessons(crossings: Sequence[Crossing], rng: random.Random) -> tuple[list[Crossing], list[Pair]]:
    """What is learned from: the crossings with those made out of them, and sentences under foreign quotes."""
    some = [each for each in crossings if rng.random() < TURNED]
    made = [
        *turned(some),
        *copied(crossings, int(COPIES * len(crossings)), rng),
        *gainsaid(crossings, int(DENIALS * len(crossings)), rng),
        *halved(crossings, int(HALVES * len(crossings)), rng),
    ]
    foreign = [(each.claims[0], rng.choice(crossings).pairs()[0][1], False) for each in crossings]
    return [*crossings, *made], foreign


def drawn(crossings: Sequence[Crossing], rng: random.Random) -> list[Crossing]:
    """What an epoch learns from: each kind as often as `REPEATS` says."""
    times = ((each, REPEATS.get(each.kind, 1.0)) for each in crossings)
    return [each for each, often in times for _ in range(int(often) + (rng.random() < often % 1))]


def batches(crossings: Sequence[Crossing], rng: random.Random) -> Iterator[Sequence[Crossing]]:
    """Crossings of like length together, in random order."""
    order = rng.sample(list(crossings), len(crossings))
    near = [
        each
        for some in cut(order, TOGETHER * 8)
        for each in sorted(some, key=lambda each: sum(map(len, each.quotes)))
    ]
    pieces = list(cut(near, TOGETHER))
    yield from rng.sample(pieces, len(pieces))


def loss_of(logits: Tensor, truth: Tensor, crossings: int) -> Tensor:
    """Of each pair by itself, and of the four differences inside each of the first `crossings` fours."""
    apart = nn.functional.binary_cross_entropy_with_logits(logits, truth)
    fours = logits[: 4 * crossings].view(-1, 4)
    gaps = fours[:, :2, None] - fours[:, None, 2:]
    return apart + nn.functional.softplus(-gaps).mean()


def train(learner: Learner, out: Path, *, seed: int, epochs: int, bfloat16: bool) -> None:
    """Train on all crossings that are not held out; after each epoch write what is learned and tell how it goes."""
    rng = random.Random(seed)
    torch.manual_seed(seed)
    crossings, foreign = lessons([each for each in read_crossed() if not each.held_out], rng)
    plan = [drawn(crossings, rng) for _ in range(epochs)]
    steps = sum(math.ceil(len(some) / TOGETHER) for some in plan)
    down = learner.optimiser(steps)
    started, step, losses = time.monotonic(), 0, []
    for epoch, some in enumerate(plan):
        learner.train()
        for batch in batches(some, rng):
            pairs = [pair for each in batch for pair in each.pairs()] + rng.sample(foreign, UNRELATED)
            logits = learner([pair[:2] for pair in pairs], bfloat16)
            loss = loss_of(logits, torch.tensor([float(follows) for *_, follows in pairs]), len(batch))
            step += 1
            losses.append(down(loss))
            if step % 100 == 0:
                spent = time.monotonic() - started
                print(f"{step} of {steps}: loss {np.mean(losses[-100:]):.3f}, {spent:.0f} s", flush=True)  # noqa: T201
        learner.eval()
        adapter = learner.adapter()
        write_adapter(out, adapter)
        print(f"after epoch {epoch + 1}:\n{report(PairReader.of(adapter))}", flush=True)  # noqa: T201


def report(reader: PairReader) -> str:
    """By kind, how often the right one of two scores higher, of the crossings held out."""
    held_out = [each for each in read_crossed() if each.held_out]
    scores = reader.logits([pair[:2] for each in held_out for pair in each.pairs()]).reshape(-1, 4)
    rows = defaultdict(list)
    for each, four in zip(held_out, scores, strict=True):
        rows[each.kind].append(four[:2, None] > four[None, 2:])
    lines = ["| kind | crossings | right one of two higher |", "|---|---|---|"]
    for kind, higher in sorted(rows.items()):
        lines.append(f"| {kind} | {len(higher)} | {np.mean(higher):.2f} |")
    return "\n".join(lines)


def main() -> None:
    """Train, or take a mean."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--start", type=Path, help="a reader's file to go on from")
    parser.add_argument("--mean", type=Path, nargs="+", help="train nothing, write the mean of these readers")
    parser.add_argument("--bfloat16", action="store_true", help="compute in half precision")
    parser.add_argument("--out", type=Path, required=True, help="where the reader's file goes")
    asked = parser.parse_args()
    if asked.mean:
        adapter = mean_of([read_adapter(path) for path in asked.mean])
        write_adapter(asked.out, adapter)
        print(report(PairReader.of(adapter)))  # noqa: T201
        return
    start = read_adapter(asked.start) if asked.start else None
    train(Learner(start), asked.out, seed=asked.seed, epochs=asked.epochs, bfloat16=asked.bfloat16)


if __name__ == "__main__":
    main()
