"""Train the reader that puts quotes in order: a question and a run of lines are read together, and does it answer?

    python -m eval.train_answers ../shared/data --libraries /tmp/finding --start EARLIER --out reader.safetensors

Learns from four kinds at once. The first are the runs that picking puts forward for questions on the training
meetings and on the invented interviews that the encoder learned from too; the likelihood that picking gives them is
added, so that the reader learns what picking does not know. The second are conversations invented out of public
questions, with a run that has the answer and one of the same passage that has not. The third is crossed talk
(`eval.crossed_talk`): two stretches on one matter, each of which answers only its own questions. The fourth is
crossed quotes (`eval.crossed_quotes`), which are the same with a quote for a stretch. In all four a softmax
over the runs of a question draws to the right one; in the crossed ones the likeliest run of a stretch, or the quote, also
tells whether the question is answered at all. What finding is fitted and judged on is not learned from.
"""

import argparse
import math
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from eval import tune_sets
from eval.crossed_quotes import CrossedQuotes, read_crossed_quotes
from eval.crossed_talk import FITTED, LEARNED, CrossedTalk, read_crossed_talk
from eval.pair_learner import Learner, cut, mean_of
from eval.train_data import Place, converse, read_sources
from eval.tune_sets import Bench
from index.adapters import read_adapter, write_adapter
from index.embedding import load_encoder
from index.lines import lines_of
from index.pair_reader import PairReader
from index.passages import passages_of
from index.transcript import About, Episode, Line
from rag.ordering import as_read
from rag.picking import LONGEST_RUN, pick
from rag.quotes import Quote
from rag.retrieval import best_of

TIMES = {"picked": 1.0, "public": 0.09, "talk": 2.0, "quotes": 2.0}
"""How often the questions of each kind are seen."""
PICKED, WRONG = 10, 5
"""Runs put forward for a question, and how many of the wrong ones stand beside a right one."""
CROSSED_WRONG, CROSSED_OTHER = 2, 3
"""In crossed talk, wrong runs of the stretch that answers, and runs of the one that does not."""
PAIRS = 36
"""Runs in a batch, about."""

Runs = tuple[tuple[str, float], ...]
"""Runs as they are read, each with the logarithm of its likelihood."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A question, runs that answer it and runs that do not.

    Attributes:
        elsewhere: runs of a stretch that does not answer it; empty where it is not known that nothing else does.
    """

    question: str
    right: Runs
    wrong: Runs
    elsewhere: Runs = ()

    def group(self, rng: random.Random) -> "Group":
        """One right run, and as many of the others as are read beside it."""
        wrong = rng.sample(self.wrong, min(CROSSED_WRONG if self.elsewhere else WRONG, len(self.wrong)))
        other = rng.sample(self.elsewhere, min(CROSSED_OTHER, len(self.elsewhere)))
        return Group(self.question, (rng.choice(self.right), *wrong, *other), 1 + len(wrong))


@dataclass(frozen=True, slots=True)
class Group:
    """Runs that are read together with a question; the first is right, those from `own` on are from elsewhere."""

    question: str
    runs: Runs
    own: int


def picked_choices(bench: Bench) -> Iterator[Choice]:
    """The questions of a set for which a right run and a wrong one are put forward."""
    for each in bench.searched:
        ranked = best_of(each.found, k=20)
        rows: tuple[list[tuple[str, float]], list[tuple[str, float]]] = ([], [])
        for one in pick(each.library, ranked, each.case.question, each.vector, each.weights, most=PICKED):
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


def crossed_choices(talks: Iterable[CrossedTalk]) -> Iterator[Choice]:
    """The questions of crossed talk, with the runs of the stretch that answers and of the one that does not."""
    for talk in talks:
        runs = []
        for turns in talk.stretches:
            episode = Episode(talk.show, talk.show, About(), turns)
            lines = [line for index, turn in enumerate(turns) for line in lines_of(turn, index)]
            runs.append([_run(episode, lines, first)[0] for first in range(len(lines))])
        for own, other, asked in zip(runs, reversed(runs), talk.asked, strict=True):
            for question, places in asked:
                hits = [_covers(quote, places) for quote in own]
                right, wrong = (
                    _unsure(q for q, hit in zip(own, hits, strict=True) if hit is wanted)
                    for wanted in (True, False)
                )
                if right:
                    yield Choice(question, right, wrong, _unsure(other))


def quoted_choices(crossed: Iterable[CrossedQuotes]) -> Iterator[Choice]:
    """The questions of crossed quotes, with the one that answers and the one that does not."""
    for each in crossed:
        runs = each.runs()
        for own, other, asked in zip(runs, reversed(runs), each.asked, strict=True):
            for question in asked:
                yield Choice(question, ((own, 0.0),), (), ((other, 0.0),))


def _covers(quote: Quote, places: Sequence[Place]) -> bool:
    """Whether a quote has any of the places."""
    return any(quote.turn == turn and quote.start < end and start < quote.end for turn, start, end in places)


def _unsure(quotes: Iterable[Quote]) -> Runs:
    """Quotes as they are read, all as likely."""
    return tuple((as_read(quote), 0.0) for quote in quotes)


def _run(episode: Episode, lines: Sequence[Line], first: int) -> tuple[Quote, set[int]]:
    """The longest run from a line on, and the places of its lines."""
    last = first
    while last + 1 < min(len(lines), first + LONGEST_RUN) and lines[last + 1].turn == lines[first].turn:
        last += 1
    quote = Quote(episode, lines[first].turn, lines[first].start, lines[last].end)
    return quote, set(range(first, last + 1))


def loss_of(logits: Tensor, groups: Sequence[Group]) -> Tensor:
    """How unlikely the right run of each group is among its runs, and how wrong it is told where there is an answer.

    Args:
        logits: of all runs, group after group, float32[runs].
    """
    losses = []
    for group, own in zip(groups, torch.split(logits, [len(group.runs) for group in groups]), strict=True):
        likely = own + torch.tensor([likelihood for _, likelihood in group.runs])
        losses.append(-nn.functional.log_softmax(likely, dim=0)[0])
        if group.own < len(group.runs):
            here, elsewhere = own[: group.own].logsumexp(0), own[group.own :].logsumexp(0)
            losses[-1] = losses[-1] + nn.functional.softplus(-here) + nn.functional.softplus(elsewhere)
    return torch.stack(losses).mean()


def batches(choices: Sequence[Choice], rng: random.Random) -> Iterator[list[Group]]:
    """Groups, about `PAIRS` runs of like length together, in random order."""
    groups = [choice.group(rng) for choice in choices]
    rng.shuffle(groups)
    pieces = []
    for some in cut(groups, 200):
        batch: list[Group] = []
        for group in sorted(some, key=lambda group: max(len(run) for run, _ in group.runs)):
            batch.append(group)
            if sum(len(each.runs) for each in batch) >= PAIRS:
                pieces.append(batch)
                batch = []
        pieces += [batch] if batch else []
    yield from rng.sample(pieces, len(pieces))


def train(learner: Learner, choices: Sequence[Choice], *, seed: int) -> None:
    """Take one step for each batch, and tell how it goes."""
    torch.manual_seed(seed)
    made = list(batches(choices, random.Random(seed)))
    down = learner.optimiser(len(made))
    started, losses = time.monotonic(), []
    learner.train()
    for step, groups in enumerate(made, 1):
        logits = learner([(group.question, run) for group in groups for run, _ in group.runs])[:, 0]
        losses.append(down(loss_of(logits, groups)))
        if step % 50 == 0:
            spent = time.monotonic() - started
            print(f"{step} of {len(made)}: loss {np.mean(losses[-50:]):.3f}, {spent:.0f} s", flush=True)  # noqa: T201
    learner.eval()


def report(reader: PairReader) -> str:
    """Of crossed talk and quotes that are not learned from, how often what answers a question scores higher."""
    wins = []
    for choice in crossed_choices(read_crossed_talk(FITTED)):
        own, other = [run for run, _ in (*choice.right, *choice.wrong)], [run for run, _ in choice.elsewhere]
        scores = reader.logits([(choice.question, run) for run in (*own, *other)])
        wins.append(scores[: len(own)].max() > scores[len(own) :].max())
    asked = [
        (choice.question, own, other)
        for choice in quoted_choices(read_crossed_quotes(held_out=True))
        for (own, _), (other, _) in zip(choice.right, choice.elsewhere, strict=True)
    ]
    right = reader.logits([(question, own) for question, own, _ in asked])
    wrong = reader.logits([(question, other) for question, _, other in asked])
    return (
        f"of {len(wins)} questions on crossed talk the right stretch scores higher: {np.mean(wins):.3f}\n"
        f"of {len(asked)} on crossed quotes the right quote: {np.mean(right > wrong):.3f},"
        f" and of any two, asked this or that: {np.mean(right[:, None] > wrong):.3f}"
    )


def gather(kind: str, data: Path, libraries: Path, rng: random.Random) -> Iterator[Choice]:
    """The questions of one of the four kinds.

    Args:
        data: the folder with qmsum and qa.
        libraries: where libraries are kept between runs.
    """
    if kind == "picked":
        encoder = load_encoder()
        meetings = tune_sets.meetings(data, "train", libraries, encoder)
        yield from picked_choices(meetings)
        yield from picked_choices(tune_sets.on_passages(meetings.library, encoder))
        yield from picked_choices(tune_sets.interviews(libraries, encoder, held_out=False))
    elif kind == "public":
        yield from public_choices(data / "qa", rng)
    elif kind == "talk":
        yield from crossed_choices(read_crossed_talk(LEARNED))
    else:
        yield from quoted_choices(read_crossed_quotes(held_out=False))


def repeated(choices: Sequence[Choice], times: float, rng: random.Random) -> list[Choice]:
    """All choices as often as the whole part of `times` says, and its fraction of them once more."""
    whole, part = divmod(times, 1)
    return [*choices] * int(whole) + rng.sample(choices, round(part * len(choices)))


def main() -> None:
    """Gather, train, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="the folder with qmsum and qa")
    parser.add_argument("--libraries", type=Path, required=True, help="where their libraries are kept")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=Path, help="a reader's file to go on from")
    for kind, times in TIMES.items():
        parser.add_argument(
            f"--{kind}",
            type=float,
            default=times,
            help=f"how often the {kind} questions are seen, else {times:g}",
        )
    parser.add_argument("--mean", type=Path, nargs="+", help="train nothing, write the mean of these readers")
    parser.add_argument("--out", type=Path, required=True, help="where the reader's file goes")
    asked = parser.parse_args()
    if asked.mean:
        adapter = mean_of([read_adapter(path) for path in asked.mean])
    else:
        rng = random.Random(asked.seed)
        choices: list[Choice] = []
        for kind in TIMES:
            if times := getattr(asked, kind):
                choices += repeated(list(gather(kind, asked.data, asked.libraries, rng)), times, rng)
                print(f"{len(choices)} questions with those of the kind {kind!r}", flush=True)  # noqa: T201
        learner = Learner(read_adapter(asked.start) if asked.start else None)
        train(learner, choices, seed=asked.seed)
        adapter = learner.adapter()
    write_adapter(asked.out, adapter)
    print(report(PairReader.of(adapter)))  # noqa: T201


if __name__ == "__main__":
    main()
