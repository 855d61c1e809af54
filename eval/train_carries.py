"""Train the claim check's reader: a quote and a sentence are read together, and does one carry or contradict the other?

    python -m eval.train_carries --seed 1 --epochs 3 --out reader.safetensors [--start reader.safetensors]
    python -m eval.train_carries --inferences FILE... --inferred 0.5 --crossed 0.25 --rate 1e-4 --out …
    python -m eval.train_carries --mean ONE OTHER --out reader.safetensors

Learns from crossings (`eval.crossed`), where neither a quote nor a sentence by itself tells anything, and from
files of natural language inference (`eval.inferences`), if any. What belongs together, the four pairs of a crossing or the
sentences on one premise, stays in one batch, and what follows is to score higher than what does not, and what contradicts
higher than what does not: logistic losses on every pair and on these differences. Prints, of the crossings held out, how
often the right one of two sentences and of two quotes scores higher.
"""

import argparse
import math
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from eval.crossed import CROSSED, PLAINLY, Crossing, read_crossed
from eval.crossed_made import copied, gainsaid, halved, scrap_of, turned
from eval.inferences import CONTRADICTS, FOLLOWS, Premise, read_inferences
from eval.pair_learner import RATE, Learner, cut, mean_of
from index.adapters import read_adapter, write_adapter
from index.pair_reader import HEAD, PairReader

TOGETHER = 8
"""Crossings in a batch; each is four pairs."""
TURNED, COPIES, DENIALS, HALVES = 1 / 2, 1 / 6, 1 / 6, 1 / 8
"""The share of contraries that are learned turned round as well; copies, denials and halves made for each crossing."""
REPEATS = {"contrary": 0.5, "entity": 2.0, "partial": 2.0, "roles": 2.0}
"""How often a crossing of a kind is learned from in an epoch, on average; the other kinds once. Most of what was written
are contraries, and a reader that learns from little else forgets the rest."""
PLAIN_REPEATS = 2.0
"""How often one that is put plainly is, whatever its kind: these are nearest to what the reader reads in use."""
UNRELATED = 4
"""Pairs of a batch whose quote is about something else, or says next to nothing."""
SCRAPS = 1 / 3
"""The share of these that say next to nothing."""
HEADS = (HEAD, "contrary")
"""Does the sentence follow? And does it contradict? Only the first is read in use; to learn the second beside it is to learn
more of each pair."""
CONTRARIES = ("contrary", "denial")
"""The kinds of crossings whose other quote contradicts a sentence; of the rest it may or may not."""
SENTENCES = 32
"""Sentences on premises in a batch."""


class Pair(NamedTuple):
    """A sentence, a quote, and whether it follows from it (1 or 0) and contradicts it (1, 0 or nan for unknown)."""

    sentence: str
    quote: str
    follows: float
    contradicts: float


Group = Sequence[Pair]
"""Pairs that are told apart from one another."""


def lessons(crossings: Sequence[Crossing], rng: random.Random) -> list[Crossing]:
    """The crossings with those made out of them."""
    some = [each for each in crossings if rng.random() < TURNED]
    return [
        *crossings,
        *turned(some),
        *copied(crossings, int(COPIES * len(crossings)), rng),
        *gainsaid(crossings, int(DENIALS * len(crossings)), rng),
        *halved(crossings, int(HALVES * len(crossings)), rng),
    ]


def unrelated(sentences: Sequence[str], quotes: Sequence[str], rng: random.Random) -> Iterator[Group]:
    """Without end, a sentence under a quote that is not its own or that says next to nothing."""
    while True:
        quote = rng.choice(quotes)
        yield [Pair(rng.choice(sentences), scrap_of(quote, rng) if rng.random() < SCRAPS else quote, 0, 0)]


def drawn(
    crossings: Sequence[Crossing], rng: random.Random, plainly: float = PLAIN_REPEATS
) -> list[Crossing]:
    """What an epoch learns from: each kind as often as `REPEATS` says, and all put plainly so often."""
    times = ((each, plainly if each.plain else REPEATS.get(each.kind, 1.0)) for each in crossings)
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


def of_crossing(crossing: Crossing) -> Group:
    """The four pairs of a crossing."""
    against = 1.0 if crossing.kind in CONTRARIES else math.nan
    return [Pair(*pair, 0.0 if pair[2] else against) for pair in crossing.pairs()]


def of_premise(premise: Premise) -> Group:
    """The sentences on a premise."""
    return [
        Pair(sentence, premise.text, float(label == FOLLOWS), float(label == CONTRADICTS))
        for sentence, label in premise.sentences
    ]


def premise_batches(premises: Sequence[Premise], rng: random.Random) -> Iterator[Sequence[Premise]]:
    """Premises of like length together, with about `SENTENCES` sentences, in random order."""
    pieces = []
    for some in cut(rng.sample(list(premises), len(premises)), SENTENCES * 4):
        batch: list[Premise] = []
        for premise in sorted(some, key=lambda premise: len(premise.text)):
            batch.append(premise)
            if sum(len(each.sentences) for each in batch) >= SENTENCES:
                pieces.append(batch)
                batch = []
        pieces += [batch] if batch else []
    yield from rng.sample(pieces, len(pieces))


def loss_of(logits: Tensor, groups: Sequence[Group]) -> Tensor:
    """Of each pair by itself, and of the differences inside each group, for each of the two questions.

    Args:
        logits: of all pairs, group after group, float32[pairs, 2].
    """
    marks = torch.tensor([pair[2:] for group in groups for pair in group], dtype=torch.float32)
    losses = []
    for own, truth in zip(logits.T, marks.T, strict=True):
        known = ~truth.isnan()
        losses.append(nn.functional.binary_cross_entropy_with_logits(own[known], truth[known]))
        gaps = []
        for scores, true in zip(
            *(rows.split([len(group) for group in groups]) for rows in (own, truth)), strict=True
        ):
            if (true == 1).any() and (true == 0).any():
                gap = scores[true == 1][:, None] - scores[true == 0][None]
                gaps.append(nn.functional.softplus(-gap).mean())
        if gaps:
            losses.append(torch.stack(gaps).mean())
    return torch.stack(losses).sum()


class Course(NamedTuple):
    """What a training goes through.

    Attributes:
        crossed: the share that an epoch learns from of the crossings that are not put plainly.
        plainly: how often it learns from each that is.
        inferred: the share of the premises that it learns from.
    """

    crossings: Sequence[Crossing]
    premises: Sequence[Premise]
    epochs: int
    crossed: float = 1.0
    plainly: float = PLAIN_REPEATS
    inferred: float = 1.0

    def plan(self, rng: random.Random) -> Iterator[Sequence[Sequence[Group]]]:
        """For each epoch the batches, each of which is groups."""
        crossings = lessons([each for each in self.crossings if not each.held_out], rng)
        sentences = [claim for each in crossings for claim in each.claims]
        quotes = [quote for each in crossings for _, quote, _ in each.pairs()[:2]]
        sentences += [sentence for premise in self.premises for sentence, _ in premise.sentences]
        quotes += [premise.text for premise in self.premises]
        others = unrelated(sentences, quotes, rng)
        for _ in range(self.epochs):
            some = drawn(crossings, rng, self.plainly)
            some = [each for each in some if each.plain or rng.random() < self.crossed]
            made: list[Sequence[Group]] = [list(map(of_crossing, batch)) for batch in batches(some, rng)]
            premises = rng.sample(self.premises, math.ceil(self.inferred * len(self.premises)))
            made += [list(map(of_premise, batch)) for batch in premise_batches(premises, rng)]
            yield [[*batch, *islice(others, UNRELATED)] for batch in rng.sample(made, len(made))]


def train(learner: Learner, course: Course, out: Path, *, seed: int, rate: float) -> None:
    """Go through a course; after each epoch write what is learned and tell how it goes."""
    torch.manual_seed(seed)
    plan = list(course.plan(random.Random(seed)))
    steps = sum(map(len, plan))
    down = learner.optimiser(steps, rate)
    started, step, losses = time.monotonic(), 0, []
    for epoch, batches_ in enumerate(plan):
        learner.train()
        for groups in batches_:
            logits = learner([pair[:2] for pair in chain.from_iterable(groups)])
            step += 1
            losses.append(down(loss_of(logits, groups)))
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
        rows[each.kind + ", plainly" * each.plain].append(four[:2, None] > four[None, 2:])
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
    parser.add_argument("--rate", type=float, default=RATE, help="the learning rate")
    parser.add_argument(
        "--crossings",
        type=Path,
        nargs="+",
        default=(CROSSED, *PLAINLY),
        help="files of crossings; else all three",
    )
    parser.add_argument(
        "--inferences", type=Path, nargs="+", default=(), help="JSON Lines of premise, hypothesis and label"
    )
    parser.add_argument(
        "--inferred", type=float, default=1.0, help="the share of their premises an epoch learns from"
    )
    parser.add_argument(
        "--crossed",
        type=float,
        default=1.0,
        help="the share an epoch learns from of the crossings that are not put plainly",
    )
    parser.add_argument(
        "--plainly",
        type=float,
        default=PLAIN_REPEATS,
        help="how often an epoch learns from each of those that are",
    )
    parser.add_argument("--start", type=Path, help="a reader's file to go on from")
    parser.add_argument("--mean", type=Path, nargs="+", help="train nothing, write the mean of these readers")
    parser.add_argument("--out", type=Path, required=True, help="where the reader's file goes")
    asked = parser.parse_args()
    if asked.mean:
        adapter = mean_of([read_adapter(path) for path in asked.mean])
        write_adapter(asked.out, adapter)
        print(report(PairReader.of(adapter)))  # noqa: T201
        return
    start = read_adapter(asked.start) if asked.start else None
    course = Course(
        list(read_crossed(asked.crossings)),
        list(read_inferences(asked.inferences, random.Random(asked.seed))),
        asked.epochs,
        asked.crossed,
        asked.plainly,
        asked.inferred,
    )
    learner = Learner(start, HEADS)
    train(learner, course, asked.out, seed=asked.seed, rate=asked.rate)


if __name__ == "__main__":
    main()
