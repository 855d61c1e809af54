"""A pair reader while it learns: the embedded transformer's linear layers, the mark and the head.

Word embeddings, norms and biases stay as they are. Attention is computed step by step, which torch does backwards in
two thirds of the time of its fused form on a processor. Of each layer's change the best approximation of rank `RANK`
is kept (by its singular values), so that the file is small.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from index.adapters import Adapter, Delta, average, merge
from index.base_weights import EMBEDDED, base_model, computes_bfloat16
from index.pair_reader import HEAD, SECOND, tokens_of

RANK = 64
RATE, WARM_UP = 1.5e-4, 100
HEAD_FASTER = 3
"""How much faster the mark and the heads learn than the layers."""

_T = TypeVar("_T")


class Learner(nn.Module):  # type: ignore[misc] # torch is not typed for mypy here
    """The embedded transformer with a mark on the second text's tokens and heads on its first token's state.

    Args:
        start: what to go on from; heads that it does not have begin anew.
        heads: their names.
    """

    def __init__(self, start: Adapter | None = None, heads: Sequence[str] = (HEAD,)) -> None:
        super().__init__()
        model, self.base_sha256 = base_model(EMBEDDED)
        self.transformer, self.tokenizer = model[0].auto_model, model.tokenizer
        self.transformer.set_attn_implementation("eager")
        self.transformer.requires_grad_(False)
        self.layers = {
            name: layer
            for name, layer in self.transformer.named_modules()
            if isinstance(layer, nn.Linear) and name.startswith("encoder.")
        }
        self.before = {name: layer.weight.detach().clone() for name, layer in self.layers.items()}
        width = self.transformer.config.hidden_size
        self.second = nn.Parameter(torch.zeros(width))
        self.heads = tuple(heads)
        self.head = nn.Linear(width, len(heads))
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)
        if start:
            merge(start, self.transformer)
            self.second.data = torch.from_numpy(start.vectors[SECOND])
            for row, name in enumerate(heads):
                if name in start.vectors:
                    vector = torch.from_numpy(start.vectors[name].copy())
                    self.head.weight.data[row], self.head.bias.data[row] = vector[:-1], vector[-1]
        for layer in self.layers.values():
            layer.weight.requires_grad_(True)

    def forward(self, pairs: Sequence[tuple[str, str]]) -> Tensor:
        """The logits of each pair, float32[len(pairs), heads]; in half precision where the processor computes in it."""
        given = tokens_of(self.tokenizer, pairs)
        kinds = given.pop("token_type_ids")
        words = self.transformer.embeddings.word_embeddings(given.pop("input_ids"))
        with torch.autocast("cpu", torch.bfloat16, enabled=computes_bfloat16()):
            states = self.transformer(
                inputs_embeds=words + kinds.unsqueeze(-1) * self.second,
                token_type_ids=torch.zeros_like(kinds),
                **given,
            ).last_hidden_state
        logits: Tensor = self.head(states[:, 0].float())
        return logits

    def adapter(self) -> Adapter:
        """What was learned, each layer's change as two matrices of rank `RANK`."""
        deltas = {
            name: _nearest(layer.weight.detach() - self.before[name]) for name, layer in self.layers.items()
        }
        rows = torch.cat([self.head.weight, self.head.bias[:, None]], dim=1).detach().numpy()
        vectors = dict(zip(self.heads, rows, strict=True))
        return Adapter(self.base_sha256, deltas, vectors | {SECOND: self.second.detach().numpy()})

    def optimiser(self, steps: int, rate: float = RATE) -> Callable[[Tensor], float]:
        """What takes one step down a loss, at most `steps` times, and gives the loss."""
        weights = [layer.weight for layer in self.layers.values()]
        rest = [self.second, *self.head.parameters()]
        adam = torch.optim.AdamW(
            [{"params": weights, "lr": rate}, {"params": rest, "lr": HEAD_FASTER * rate}], weight_decay=0.01
        )
        schedule = torch.optim.lr_scheduler.LambdaLR(
            adam, lambda step: min((step + 1) / WARM_UP, (1 + math.cos(math.pi * step / steps)) / 2 + 0.01)
        )

        def down(loss: Tensor) -> float:
            adam.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_([*weights, *rest], 1.0)
            adam.step()
            schedule.step()
            found: float = loss.item()
            return found

        return down


def mean_of(readers: Sequence[Adapter]) -> Adapter:
    """The reader whose changes, mark and head are the mean of others'.

    It knows some of what each of them does, at the cost of one (Wortsman et al., "Model soups", 2022).
    """
    mean = average(readers)
    return Adapter(
        mean.base_sha256,
        {name: _nearest(torch.from_numpy(delta.b @ delta.a)) for name, delta in mean.deltas.items()},
        {
            name: np.mean([each.vectors[name] for each in readers if name in each.vectors], axis=0)
            for name in {name for each in readers for name in each.vectors}
        },
    )


def _nearest(change: Tensor) -> Delta:
    """The matrix of rank `RANK` nearest to a layer's change, as two factors."""
    u, s, v = torch.linalg.svd(change, full_matrices=False)
    root = s[:RANK].sqrt()
    return Delta((root[:, None] * v[:RANK]).numpy(), (u[:, :RANK] * root).numpy())


def cut(rows: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    """`rows` in pieces of `size`; the last may be shorter."""
    for first in range(0, len(rows), size):
        yield rows[first : first + size]
