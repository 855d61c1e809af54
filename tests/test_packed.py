"""What goes through the readers' transformer without padding comes out as it does from transformers' own forward."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from index import pair_reader
from index.packed import first_states
from index.pair_reader import CAPACITY, CARRIES, PairReader, embedded_reader, tokens_of

PAIRS = [
    ("The lens was in the barn.", "Ada: and there it was, in the barn, under a tarpaulin, for sixty years"),
    ("It leaks.", "Ben: it does"),
    ("Bees sleep.", "Cleo: " + "and they hang on to each other by the legs " * 30),
    ("", ""),
]


@pytest.fixture(scope="module")
def reader() -> PairReader:
    return embedded_reader(CARRIES)


@pytest.mark.parametrize("pairs", [PAIRS, PAIRS[1:2], PAIRS[2:]])
def test_first_tokens_are_those_of_the_whole_transformer(
    reader: PairReader, pairs: list[tuple[str, str]]
) -> None:
    rows = reader._tokenizer(*map(list, zip(*pairs, strict=True)), truncation=True, max_length=192)
    with torch.inference_mode():
        padded = reader._transformer(**tokens_of(reader._tokenizer, pairs)).last_hidden_state[:, 0]
        packed = first_states(reader._transformer, rows["input_ids"], rows["token_type_ids"])
    assert packed.shape == padded.shape
    rough = padded.dtype == torch.bfloat16
    torch.testing.assert_close(packed, padded, atol=0.1 if rough else 1e-4, rtol=0.1 if rough else 1e-4)


def test_readers_side_by_side_read_what_one_does(reader: PairReader, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [(f"{claim} {place}", quote) for place in range(11) for claim, quote in PAIRS]
    found = {}
    for readers in (1, 3):
        pair_reader._threads.cache_clear()
        monkeypatch.setattr(pair_reader, "_readers", lambda readers=readers: readers)
        found[readers] = reader.logits(many)
    pair_reader._threads.cache_clear()
    np.testing.assert_allclose(found[1], found[3], atol=0.1)


def test_batches_hold_every_pair_once_and_are_about_equally_long() -> None:
    lengths = [90, 60, 50, 40, 20, 5]
    batches = pair_reader._even(lengths, 2)
    assert sorted(place for batch in batches for place in batch) == list(range(6))
    one, other = (sum(lengths[place] for place in batch) for batch in batches)
    assert max(one, other) <= 1.1 * min(one, other)
    assert pair_reader._even([], 0) == []


def test_what_many_threads_read_at_once_is_cut_all_the_same(
    reader: PairReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths: list[int] = []

    def measured(_: object, ids: Sequence[Sequence[int]], __: object) -> torch.Tensor:
        lengths.extend(map(len, ids))
        return torch.zeros(len(ids), len(reader._head))

    def read(place: int) -> None:
        if place % 2:
            reader.words.of([f"word{place}"])
        else:
            reader.logits([("and then we sailed round the cape " * 40,) * 2] * 16)

    monkeypatch.setattr(pair_reader, "first_states", measured)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(read, range(1500)))
    assert set(lengths) == {CAPACITY}


def test_what_goes_wrong_in_one_batch_is_told(reader: PairReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pair_reader, "_readers", lambda: 2)
    monkeypatch.setattr(pair_reader, "first_states", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        reader.logits(PAIRS)
