"""Token rows of different lengths go through a BERT end to end, and the state of each row's first token comes out.

What a reader of pairs needs and no more: nothing is padded, and the last layer is computed for the first tokens alone.
The parts of the transformer are those of transformers' `BertModel`.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

Span = tuple[int, int]


def first_states(transformer: Any, ids: Sequence[Sequence[int]], kinds: Sequence[Sequence[int]]) -> Any:
    """The last hidden state of each row's first token, Tensor[rows, d].

    Args:
        ids: the token ids of each row, one or more.
        kinds: the token types of each row, as many.
    """
    import torch

    spans = list(pairwise(accumulate(map(len, ids), initial=0)))
    states = transformer.embeddings(
        input_ids=torch.tensor([[id_ for row in ids for id_ in row]]),
        token_type_ids=torch.tensor([[kind for row in kinds for kind in row]]),
        position_ids=torch.cat([torch.arange(end - start) for start, end in spans])[None],
    )[0]
    *layers, last = transformer.encoder.layer
    for layer in layers:
        states = _through(layer, states, spans, states, spans)
    firsts = [start for start, _ in spans]
    return _through(last, states[firsts], [(row, row + 1) for row in range(len(ids))], states, spans)


def _through(
    layer: Any, asking: Any, asking_spans: Sequence[Span], states: Any, spans: Sequence[Span]
) -> Any:
    """What a layer makes of the states `asking`, each row of which attends to the same row of `states`."""
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    attention = layer.attention.self
    queries = _heads(attention, attention.query(asking))
    keys, values = (_heads(attention, part(states)) for part in (attention.key, attention.value))
    mixed = [
        scaled_dot_product_attention(
            queries[:, :, first:behind], keys[:, :, start:end], values[:, :, start:end]
        )
        for (first, behind), (start, end) in zip(asking_spans, spans, strict=True)
    ]
    attended = layer.attention.output(torch.cat(mixed, dim=2)[0].transpose(0, 1).flatten(1), asking)
    return layer.output(layer.intermediate(attended), attended)


def _heads(attention: Any, states: Any) -> Any:
    """Tensor[tokens, d] as Tensor[1, heads, tokens, d / heads]."""
    return states.unflatten(1, (attention.num_attention_heads, -1)).transpose(0, 1)[None]
