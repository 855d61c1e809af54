"""Train the adapter of the embedded encoder: low-rank changes to the weights of all-MiniLM-L6-v2.

    python -m eval.train_encoder ../shared/data --seed 1 --steps 200 --out adapter.safetensors
    python -m eval.train_encoder --average one.safetensors two.safetensors --out adapter.safetensors

Questions are drawn to the passages that answer them and, within and across passages, to the lines that do:
multiple-negatives ranking (Henderson et al., 2017) with every other passage and line of the batch as a
negative. A question that is answered is to come nearer to its answer than one that is not comes to any
line. Lines' vectors are pooled from their passage's token states, as a library's are. The changes are
LoRA's (Hu et al., 2021); word embeddings stay as they are. Steps, seeds and data are fixed beforehand.
"""

import argparse
import math
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from eval.train_batches import Step, batches, lessons
from index.adapters import Adapter, Delta, average, read_adapter, write_adapter
from index.base_weights import EMBEDDED, base_model, computes_bfloat16
from index.passages import Passage

RANK, ALPHA = 16, 32
SCALE = 20.0
"""Cosines are multiplied by this before the softmax, as when all-MiniLM was made."""
LINE_WEIGHT, INSIDE_WEIGHT, MISSED_WEIGHT = 0.5, 0.5, 0.5
RATE, WARM_UP = 6e-4, 20
TOKENS = 256
TOGETHER = 8
"""Passages encoded at once: those of like length, so that little is spent on padding."""


class Changed(nn.Module):  # type: ignore[misc] # torch is not typed for mypy here
    """A linear layer and a low-rank change to it."""

    def __init__(self, layer: nn.Linear, rank: int, alpha: float) -> None:
        super().__init__()
        self.layer = layer.requires_grad_(False)
        self.scale = alpha / rank
        self.a = nn.Parameter(torch.randn(rank, layer.in_features) / math.sqrt(layer.in_features))
        self.b = nn.Parameter(torch.zeros(layer.out_features, rank))

    def forward(self, x: Tensor) -> Tensor:
        """The layer's answer, changed."""
        changed: Tensor = self.layer(x) + (x @ self.a.T) @ self.b.T * self.scale
        return changed


def insert_changes(encoder: nn.Module, rank: int = RANK, alpha: float = ALPHA) -> dict[str, Changed]:
    """Put a change around every linear layer of the transformer's blocks; by the layer's name."""
    encoder.requires_grad_(False)
    names = [
        name
        for name, layer in encoder.named_modules()
        if isinstance(layer, nn.Linear) and name.startswith("encoder.")
    ]
    changes = {}
    for name in names:
        parent, _, last = name.rpartition(".")
        changes[name] = Changed(encoder.get_submodule(name), rank, alpha)
        setattr(encoder.get_submodule(parent), last, changes[name])
    return changes


def adapter_of(changes: dict[str, Changed], base_sha256: str) -> Adapter:
    """What was learned, as it is kept."""
    return Adapter(
        base_sha256,
        {
            name: Delta(change.a.detach().numpy().copy(), (change.b.detach() * change.scale).numpy().copy())
            for name, change in changes.items()
        },
    )


class Learner:
    """The encoder while it learns."""

    def __init__(self, model: Any) -> None:
        self._encoder, self._tokenizer = model[0].auto_model, model.tokenizer
        self.changes = insert_changes(self._encoder)

    def loss(self, step: Step) -> Tensor:
        """How far the step's questions are from what answers them."""
        questions = self._questions(step.questions)
        vectors, lines, owners = self._passages(step.passages)
        right = torch.zeros(len(step.questions), len(step.passages), dtype=torch.bool)
        right_lines = torch.zeros(len(step.questions), len(lines), dtype=torch.bool)
        number = {owner: i for i, owner in enumerate(owners)}
        for i, answers in enumerate(step.answers):
            for passage, chosen in answers.items():
                right[i, passage] = True
                for line in chosen:
                    if (passage, line) in number:
                        right_lines[i, number[passage, line]] = True
        scores = questions @ lines.T * SCALE
        reached = right_lines.any(1)
        of_passage = torch.tensor([passage for passage, _ in owners])
        inside = right[:, of_passage]
        loss = (
            _ranking(questions @ vectors.T * SCALE, right)
            + LINE_WEIGHT * _ranking(scores[reached], right_lines[reached])
            + INSIDE_WEIGHT
            * _ranking(scores[reached].masked_fill(~inside[reached], -1e4), right_lines[reached])
        )
        if step.missed:
            missed = self._questions(step.missed) @ lines.T * SCALE
            loss = loss + MISSED_WEIGHT * _told_apart(scores[reached], right_lines[reached], missed)
        return loss

    def _questions(self, questions: Sequence[str]) -> Tensor:
        """Unit vectors [questions, d]."""
        vectors: dict[int, Tensor] = {}
        for together in _of_like_length(questions, 2 * TOGETHER):
            unit, _ = self._encode([questions[i] for i in together])
            vectors.update(zip(together, unit, strict=True))
        return torch.stack([vectors[i] for i in range(len(questions))])

    def _encode(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Unit vectors [n, d] and token states [n, tokens, d]."""
        tokens = self._tokenizer(
            list(texts), padding=True, truncation=True, max_length=TOKENS, return_tensors="pt"
        )
        # The fused attention's way back takes half of all time on a processor.
        with sdpa_kernel(SDPBackend.MATH), torch.autocast("cpu", torch.bfloat16, enabled=computes_bfloat16()):
            states = self._encoder(**tokens).last_hidden_state.float()
        mask = tokens["attention_mask"].unsqueeze(-1).float()
        return nn.functional.normalize((states * mask).sum(1) / mask.sum(1), dim=-1), states

    def _passages(self, passages: Sequence[Passage]) -> tuple[Tensor, Tensor, list[tuple[int, int]]]:
        """Vectors [passages, d], lines' vectors [lines, d], and each line's passage and number there."""
        vectors: dict[int, Tensor] = {}
        lines, owners = [], []
        for together in _of_like_length([passage.text for passage in passages], TOGETHER):
            texts = [passages[i].text for i in together]
            unit, states = self._encode(texts)
            offsets = self._tokenizer(
                texts, truncation=True, max_length=TOKENS, return_offsets_mapping=True
            )["offset_mapping"]  # fmt: skip
            for i, vector, tokens, places in zip(together, unit, states, offsets, strict=True):
                vectors[i] = vector
                at = torch.tensor(places)
                for j, (begin, end) in enumerate(passages[i].spans):
                    within = (at[:, 0] >= begin) & (at[:, 1] <= end) & (at[:, 1] > at[:, 0])
                    if within.any():
                        lines.append(tokens[: len(at)][within].mean(0))
                        owners.append((i, j))
        ordered = torch.stack([vectors[i] for i in range(len(passages))])
        return ordered, nn.functional.normalize(torch.stack(lines), dim=-1), owners


def _of_like_length(texts: Sequence[str], size: int) -> Iterator[list[int]]:
    by_length = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    for start in range(0, len(texts), size):
        yield by_length[start : start + size]


def _ranking(scores: Tensor, right: Tensor) -> Tensor:
    """Minus the log of the share of the softmax that falls on what is right, averaged over questions."""
    return (scores.logsumexp(1) - scores.masked_fill(~right, -math.inf).logsumexp(1)).mean()


def _told_apart(scores: Tensor, right: Tensor, missed: Tensor) -> Tensor:
    """How far answered questions are from coming nearer to their answers than the `missed` come to any line."""
    best = scores.masked_fill(~right, -math.inf).amax(1)
    return nn.functional.softplus(missed.amax(1)[None, :] - best[:, None]).mean()


def train(data: Path, seed: int, steps: int, out: Path, *, keep_every: int = 0) -> None:
    """Train one adapter.

    Args:
        keep_every: also keep it as it is after every so many steps; 0 for never.
    """
    torch.manual_seed(seed)
    model, base_sha256 = base_model(EMBEDDED)
    learner = Learner(model)
    model.eval()
    parameters = [parameter for change in learner.changes.values() for parameter in change.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda at: min((at + 1) / WARM_UP, 0.02 + 0.98 * (1 + math.cos(math.pi * at / steps)) / 2),
    )
    source = batches(lessons(data, seed), random.Random(seed))
    began, losses, questions = time.monotonic(), [], 0
    for number in range(1, steps + 1):
        step = next(source)
        loss = learner.loss(step)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        questions += len(step.questions)
        if number % 10 == 0:
            mean, seconds = sum(losses[-10:]) / 10, time.monotonic() - began
            _say(f"step {number}: loss {mean:.3f}, {questions} questions in {seconds:.0f} s")
        if keep_every and number % keep_every == 0:
            write_adapter(
                out.with_stem(f"{out.stem}-{number}"), adapter_of(learner.changes, base_sha256)
            )  # fmt: skip
    write_adapter(out, adapter_of(learner.changes, base_sha256))


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a script's report


def main(arguments: Sequence[str] | None = None) -> None:
    """Train one adapter, or average several."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, nargs="?", help="the folder with qa and qmsum")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--keep-every", type=int, default=0)
    parser.add_argument("--average", type=Path, nargs="+", help="average these adapters instead of training")
    parser.add_argument("--strength", type=float, default=1.0, help="multiply the average by this")
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    if chosen.average:
        write_adapter(chosen.out, average([read_adapter(path) for path in chosen.average], chosen.strength))
    elif chosen.data:
        train(chosen.data, chosen.seed, chosen.steps, chosen.out, keep_every=chosen.keep_every)
    else:
        parser.error("give the data's folder, or adapters to --average")


if __name__ == "__main__":
    main()
