"""Train the reader that puts quotes in order: a question and a run of lines are read together, and does it answer?

    python -m eval.train_answers ../shared/data --libraries /tmp/finding --seed 1 --bfloat16 \\
        --out index/onrecord-answers-1.safetensors

Learns, by a softmax over the runs of each question, from two kinds at once. One are the runs that picking puts
forward for questions on the training meetings and on the invented interviews that the encoder learned from too; the
likelihood that picking gives them is added, so that the reader learns what picking does not know. The other are
conversations invented out of public questions, with a run that has the answer and one of the same passage that has
not. What finding is fitted and judged on is not learned from.
"""

import argparse
import math
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from eval import tune_sets
from eval.pair_learner import Learner, cut
from eval.train_data import converse, read_sources
from eval.tune_sets import Bench
from index.adapters import write_adapter
from index.embedding import load_encoder
from index.passages import passages_of
from index.transcript import About, Episode, Line
from rag.ordering import as_read
from rag.picking import LONGEST_RUN, pick
from rag.quotes import Quote
from rag.retrieval import best_of

EPOCHS = 2
"""Times that the questions on meetings and interviews are seen; public ones are seen once."""
PICKED, WRONG = 10, 5
"""Runs put forward for a question, and how many of the wrong ones stand beside a right one."""
PUBLIC = 4000
"""Public questions."""
PAIRS = 36
"""Runs in a batch, about."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A question, a run that answers and others that do not, each with the logarithm of its likelihood."""

    question: str
    right: tuple[tuple[str, float], ...]
    wrong: tuple[tuple[str, float], ...]


def picked_choices(bench: Bench) -> Iterator[Choice]:
    """The questions of a set for which a right run and a wrong one are put forward."""
    for each in bench.searched:
        ranked = best_of(each.found, k=20)
        rows: tuple[list[tuple[str, float]], list[tuple[str, float]]] = ([], [])
        for one in pick(bench.library, ranked, each.case.question, each.vector, each.weights, most=PICKED):
            quote = one.quote
            hit = each.case.hits(quote.episode.id, quote.turn, quote.start, quote.end)
            rows[not hit].append((as_read(quote), math.log(one.score + 1e-6)))
        if rows[0] and rows[1]:
            yield Choice(each.case.question, tuple(rows[0]), tuple(rows[1]))


def public_choices(folder: Path, rng: random.Random) -> Iterator[Choice]:
    """Public questions as talk, each with a run that has the answer and one beside it that has not."""
    sources = [source for source in read_sources(folder) if not source.held_out]
    for document in chain.from_iterable(converse(source, rng) for source in sources):
        episode = Episode(document.name, document.name, About(), document.turns)
        passages = passages_of(document.turns)
        for question, places in document.asked:
            for passage in passages:
                right = {
                    i
                    for i, line in enumerate(passage.lines)
                    if any(
                        line.turn == at and line.start < end and start < line.end for at, start, end in places
                    )
                }
                runs = [_run(episode, passage.lines, i) for i in range(len(passage.lines))]
                yes = [quote for quote, covered in runs if covered & right]
                no = [quote for quote, covered in runs if not covered & right]
                if yes and no:
                    yield Choice(
                        question, ((as_read(rng.choice(yes)), 0.0),), ((as_read(rng.choice(no)), 0.0),)
                    )


def _run(episode: Episode, lines: Sequence[Line], first: int) -> tuple[Quote, set[int]]:
    """The longest run from a line on, and the places of its lines."""
    last = first
    while last + 1 < min(len(lines), first + LONGEST_RUN) and lines[last + 1].turn == lines[first].turn:
        last += 1
    quote = Quote(episode, lines[first].turn, lines[first].start, lines[last].end)
    return quote, set(range(first, last + 1))


def loss_of(logits: Tensor, sizes: Sequence[int]) -> Tensor:
    """How unlikely the first of each group of runs is, by a softmax over the group."""
    return torch.stack(
        [-nn.functional.log_softmax(group, dim=0)[0] for group in torch.split(logits, list(sizes))]
    ).mean()


def batches(choices: Sequence[Choice], rng: random.Random) -> Iterator[list[list[tuple[str, str, float]]]]:
    """Groups of (question, run, likelihood), the right run first; about `PAIRS` runs of like length together."""
    groups = []
    for choice in choices:
        wrong = rng.sample(choice.wrong, min(WRONG, len(choice.wrong)))
        groups.append([(choice.question, *run) for run in (rng.choice(choice.right), *wrong)])
    rng.shuffle(groups)
    pieces = []
    for some in cut(groups, 200):
        batch: list[list[tuple[str, str, float]]] = []
        for group in sorted(some, key=lambda group: max(len(run) for _, run, _ in group)):
            batch.append(group)
            if sum(map(len, batch)) >= PAIRS:
                pieces.append(batch)
                batch = []
        pieces += [batch] if batch else []
    yield from rng.sample(pieces, len(pieces))


def train(learner: Learner, choices: Sequence[Choice], *, seed: int, bfloat16: bool) -> None:
    """Take one step for each batch, and tell how it goes."""
    torch.manual_seed(seed)
    made = list(batches(choices, random.Random(seed)))
    down = learner.optimiser(len(made))
    started, losses = time.monotonic(), []
    learner.train()
    for step, groups in enumerate(made, 1):
        rows = [row for group in groups for row in group]
        logits = learner([(question, run) for question, run, _ in rows], bfloat16)
        likely = torch.tensor([likelihood for _, _, likelihood in rows])
        losses.append(down(loss_of(logits + likely, [len(group) for group in groups])))
        if step % 50 == 0:
            spent = time.monotonic() - started
            print(f"{step} of {len(made)}: loss {np.mean(losses[-50:]):.3f}, {spent:.0f} s", flush=True)  # noqa: T201
    learner.eval()


def main() -> None:
    """Gather, train, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="the folder with qmsum and qa")
    parser.add_argument("--libraries", type=Path, required=True, help="where their libraries are kept")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bfloat16", action="store_true", help="compute in half precision")
    parser.add_argument("--out", type=Path, required=True, help="where the reader's file goes")
    asked = parser.parse_args()
    encoder = load_encoder(threads=1)
    meetings = tune_sets.meetings(asked.data, "train", asked.libraries, encoder)
    picked = [
        choice
        for bench in (
            meetings,
            tune_sets.on_passages(meetings.library, encoder),
            tune_sets.interviews(asked.libraries, encoder, held_out=False),
        )
        for choice in picked_choices(bench)
    ]
    rng = random.Random(asked.seed)
    public = list(public_choices(asked.data / "qa", rng))
    print(f"{len(picked)} questions with picked runs, {PUBLIC} of {len(public)} public ones", flush=True)  # noqa: T201
    learner = Learner()
    train(
        learner,
        picked * EPOCHS + rng.sample(public, PUBLIC),
        seed=asked.seed,
        bfloat16=asked.bfloat16,
    )
    write_adapter(asked.out, learner.adapter())


if __name__ == "__main__":
    main()
