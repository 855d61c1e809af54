"""Encoders, the adapter, and what the adapter is trained on."""

import json
import random
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_info

from eval.train_batches import Step, batches, narrowed
from eval.train_data import Document, Source, converse, lesson_of, read_interviews, readable
from eval.train_encoder import Learner, _told_apart, adapter_of
from index import base_weights, local_encoder
from index.adapters import Adapter, Delta, average, merge, read_adapter, write_adapter
from index.base_weights import ADAPTED, EMBEDDED, base_model
from index.embedding import load_encoder
from index.encoder import Encoder
from index.errors import EncoderError
from index.library import Library
from index.local_encoder import LocalEncoder
from index.passages import Passage, passages_of
from index.threads import limit_threads
from index.transcript import Turn

SAMPLE_CASES = Path(__file__).parent.parent / "eval" / "sets" / "sample.jsonl"
TURNS = (
    Turn("Ada Berg", "Where do you keep the bees in winter? I have heard that they freeze."),
    Turn("Jonas", "They do not freeze. The hive stands behind the bakery. It is warm there all night."),
    Turn("Ada Berg", "And who pays for the sugar? It was three hundred crowns last year."),
)


@pytest.fixture(scope="module")
def plain() -> Encoder:
    """The weights as they were published."""
    return load_encoder(EMBEDDED, threads=1)


@pytest.fixture(scope="module")
def adapted() -> Encoder:
    return load_encoder(ADAPTED, threads=1)


def test_threads_are_limited_in_every_numeric_library() -> None:
    before = torch.get_num_threads()
    try:
        load_encoder(EMBEDDED, threads=1)
        assert torch.get_num_threads() == 1
        limited = {library["user_api"]: library["num_threads"] for library in threadpool_info()}
        assert limited == {"blas": 1, "openmp": 1}
    finally:
        limit_threads(before)


def test_a_lines_vector_is_the_mean_of_its_own_tokens_states(plain: LocalEncoder) -> None:
    (passage,) = passages_of(TURNS)
    (found,) = plain.encode_passages([passage])
    model, _ = base_model(EMBEDDED)
    tokens = model.tokenizer(passage.text, return_offsets_mapping=True, return_tensors="pt")
    offsets = tokens.pop("offset_mapping")[0].tolist()
    with torch.inference_mode():
        states = model[0].auto_model(**tokens).last_hidden_state[0]
    for (start, end), vector in zip(passage.spans, found.lines, strict=True):
        own = [i for i, (a, b) in enumerate(offsets) if a < b and start <= a and b <= end]
        mean = states[own].mean(0).numpy()
        assert float(vector.astype(np.float32) @ (mean / np.linalg.norm(mean))) == pytest.approx(1, abs=1e-3)


def test_a_line_past_the_models_reach_is_encoded_alone(plain: LocalEncoder) -> None:
    turn = Turn(None, " ".join(f"Word{i} is heard once in {i} of the towns." for i in range(40)))
    lines = [line for passage in passages_of([turn]) for line in passage.lines]
    text = turn.text
    passage = Passage(tuple(lines), text, tuple((line.start, line.end) for line in lines))
    (found,) = plain.encode_passages([passage])
    alone = plain.encode([text[slice(*passage.spans[-1])], text[slice(*passage.spans[0])]])
    assert float(found.lines[-1].astype(np.float32) @ alone[0]) == pytest.approx(1, abs=1e-3)
    assert float(found.lines[0].astype(np.float32) @ alone[1]) < 0.99, "the first line is within reach"


def test_passages_come_back_in_the_order_they_were_given(plain: LocalEncoder) -> None:
    passages = [passages_of(TURNS[:n])[0] for n in (3, 1, 2)] * 7
    together = list(plain.encode_passages(passages))
    for passage, found in zip(passages, together, strict=True):
        assert len(found.lines) == len(passage.lines)
        assert float(found.vector @ plain.encode([passage.text])[0]) == pytest.approx(1, abs=1e-3)


def test_damaged_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "model"
    shutil.copytree(base_weights._folder_of(EMBEDDED), folder)
    weights = next(folder.rglob("*.safetensors"))
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    monkeypatch.setattr(base_weights, "_folder_of", lambda name: folder)
    for name in (EMBEDDED, ADAPTED):
        with pytest.raises(EncoderError, match=r"damaged.*install them again"):
            load_encoder(name)


def test_an_unknown_model_is_refused_with_the_names_that_are_there() -> None:
    with pytest.raises(EncoderError, match=f"{EMBEDDED}, {ADAPTED}"):
        load_encoder("no such model anywhere")


def test_an_encoder_of_an_earlier_onrecord_says_what_to_do() -> None:
    with pytest.raises(EncoderError, match=r"earlier onrecord.*--library NEW"):
        load_encoder("onrecord-minilm-1")


# The adapter


def _delta(rng: np.random.Generator, rank: int = 2) -> Delta:
    return Delta(rng.normal(size=(rank, 5)).astype(np.float32), rng.normal(size=(3, rank)).astype(np.float32))


class _OneLayer(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(5, 3)


def test_merging_adds_the_product_to_the_weights() -> None:
    delta = _delta(np.random.default_rng(1))
    model = _OneLayer()
    before = model.layer.weight.detach().clone().numpy()
    merge(Adapter("base", {"layer": delta}), model)
    np.testing.assert_allclose(model.layer.weight.detach().numpy(), before + delta.b @ delta.a, rtol=1e-5)


@pytest.mark.parametrize("name", ["another", ""])
def test_an_adapter_for_another_model_is_refused(name: str) -> None:
    with pytest.raises(EncoderError, match="no such layer"):
        merge(Adapter("base", {name: _delta(np.random.default_rng(1))}), _OneLayer())


@settings(max_examples=20)
@given(st.integers(1, 4), st.floats(0.25, 2.0))
def test_the_average_of_adapters_is_that_of_their_products(number: int, strength: float) -> None:
    rng = np.random.default_rng(number)
    deltas = [_delta(rng, rank) for rank in range(1, number + 1)]
    mean = average([Adapter("base", {"layer": delta}) for delta in deltas], strength).deltas["layer"]
    expected = strength * np.mean([delta.b @ delta.a for delta in deltas], axis=0)
    np.testing.assert_allclose(mean.b @ mean.a, expected, rtol=1e-4, atol=1e-5)


def test_adapters_are_written_and_read(tmp_path: Path) -> None:
    path = tmp_path / "some.safetensors"
    delta = _delta(np.random.default_rng(3))
    write_adapter(path, Adapter("base", {"one.layer": delta, "two": delta}))
    found = read_adapter(path)
    assert found.base_sha256 == "base"
    assert set(found.deltas) == {"one.layer", "two"}
    np.testing.assert_allclose(found.deltas["one.layer"].a, delta.a, rtol=2e-3, atol=1e-3)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(EncoderError, match="cannot be read"):
        read_adapter(path)
    with pytest.raises(EncoderError, match="cannot be read"):
        read_adapter(tmp_path / "missing.safetensors")
    with pytest.raises(EncoderError, match="no adapter of format"):
        read_adapter(next(base_weights._folder_of(EMBEDDED).rglob("*.safetensors")))


def test_the_adapted_encoder_costs_what_the_plain_one_costs(adapted: Any, plain: Any) -> None:
    def modules(model: Any) -> list[tuple[str, type]]:
        return [(name, type(module)) for name, module in model.named_modules()]

    assert modules(adapted._model) == modules(plain._model)
    assert [p.dtype for p in adapted._model.parameters()] == [p.dtype for p in plain._model.parameters()]
    assert not any(
        torch.equal(one, other)
        for (name, one), other in zip(
            adapted._model.named_parameters(), plain._model.parameters(), strict=True
        )
        if ".encoder." in name and "dense.weight" in name
    )


def test_the_adapted_encoder_has_a_name_of_its_own(adapted: Encoder, plain: Encoder) -> None:
    assert adapted.id.name == ADAPTED
    assert adapted.id.sha256 != plain.id.sha256
    assert adapted.id.dimension == plain.id.dimension
    assert adapted.id == load_encoder(ADAPTED).id


def test_a_damaged_adapter_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = bytearray(local_encoder._ADAPTER.read_bytes())
    content[-1] ^= 1
    damaged = tmp_path / "adapter.safetensors"
    damaged.write_bytes(content)
    monkeypatch.setattr(local_encoder, "_ADAPTER", damaged)
    with pytest.raises(EncoderError, match=r"is damaged.*install onrecord again"):
        load_encoder(ADAPTED)


def _right_lines(encoder: Encoder, asked: list[tuple[str, Passage, set[int]]]) -> int:
    questions = encoder.encode([question for question, _, _ in asked])
    found = encoder.encode_passages([passage for _, passage, _ in asked])
    return sum(
        int((embedded.lines.astype(np.float32) @ question).argmax()) in right
        for question, embedded, (_, _, right) in zip(questions, found, asked, strict=True)
    )


def test_the_adapted_encoder_finds_more_of_the_lines_that_answer(
    sample: Library, plain: Encoder, adapted: Encoder
) -> None:
    """On the sample show, which it was not trained on: the nearest line of the passage with the answer."""
    asked = []
    for case in map(json.loads, SAMPLE_CASES.read_text("utf-8").splitlines()):
        for gold in case["quotes"][:1]:
            episode = sample.episode(gold["episode"])
            for passage in passages_of(episode.turns):
                right = {
                    i for i, line in enumerate(passage.lines)
                    if gold["text"] in (text := episode.turns[line.turn].text)
                    and line.start < (at := text.index(gold["text"])) + len(gold["text"])
                    and at < line.end
                }  # fmt: skip
                if right:
                    asked.append((case["question"], passage, right))
    assert len(asked) > 50
    assert _right_lines(adapted, asked) >= _right_lines(plain, asked) + 3


# What it is trained on


@given(st.randoms(use_true_random=False), st.integers(2, 12))
def test_an_invented_conversation_says_its_sentences_where_it_says_it_does(
    rng: random.Random, longest: int
) -> None:
    sentences = tuple(f"Kiln number {i} was lit in the year {1900 + i}." for i in range(9))
    source = Source("kilns", sentences, tuple((f"When was kiln {i} lit?", (i,)) for i in range(9)))
    documents = list(converse(source, rng, longest))
    answered = [answer for document in documents for answer in document.asked]
    assert len(answered) == 9
    for document in documents:
        for question, ((turn, start, end),) in document.asked:
            number = next(word for word in question.replace("?", "").split() if word.isdigit())
            assert f"number {number} was" in document.turns[turn].text[start:end]
            assert document.turns[turn].text[start:end].count("Kiln") <= 1


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ("the tower -lrb- 1889 -rrb- was tall .", "The tower (1889) was tall."),
        ("does n't it ? `` no '' , he said", 'Doesn\'t it? " no ", he said'),
    ],
)
def test_tokens_are_written_as_text(tokens: str, text: str) -> None:
    assert readable(tokens) == text


def test_a_narrowed_passage_keeps_its_lines_and_names_its_speaker() -> None:
    (passage,) = passages_of(TURNS)
    some = narrowed(passage, range(3, 6))
    assert some.text.startswith("Jonas: The hive")
    assert [some.text[slice(*span)] for span in some.spans] == [
        passage.text[slice(*span)] for span in passage.spans[3:6]
    ]
    assert some.lines == passage.lines[3:6]


def _step() -> Step:
    places = ((1, TURNS[1].text.index("The hive"), TURNS[1].text.index(" It is")),)
    bees = lesson_of(
        Document("bees", TURNS, (("Where is the hive?", places),), (("Why did the hive burn down?", places),))
    )
    boat = Turn(
        "Ines", "The boat leaks at the stern. We bail it out every hour. The harbour is an hour away."
    )
    leak = lesson_of(Document("boat", (boat,), (("Where does the boat leak?", ((0, 0, 10),)),)))
    lessons = {"meeting": [bees, leak], "chat": [bees, leak], "source": [bees, leak]}
    return next(
        step for step in batches(lessons, random.Random(5)) if len(step.questions) == len(step.passages)
    )


def test_a_batch_knows_which_lines_answer() -> None:
    step = _step()
    assert len(step.questions) > 1
    for question, answers in zip(step.questions, step.answers, strict=True):
        ((place, lines),) = answers.items()
        said = " ".join(step.passages[place].text[slice(*step.passages[place].spans[i])] for i in lines)
        assert (
            said
            == {
                "Where is the hive?": "The hive stands behind the bakery.",
                "Where does the boat leak?": "The boat leaks at the stern.",
            }[question]
        )


def test_a_batch_asks_what_its_passages_do_not_answer() -> None:
    step = _step()
    assert set(step.missed) == {"Why did the hive burn down?"}
    assert not set(step.missed) & set(step.questions)


def test_an_answered_question_is_drawn_nearer_than_one_that_is_not() -> None:
    right = torch.tensor([[True, False, False]])
    near, far = torch.tensor([[9.0, 1.0, 1.0]]), torch.tensor([[1.0, 1.0, 1.0]])
    missed = torch.tensor([[2.0, 5.0, 2.0]])
    assert _told_apart(near, right, missed) < 0.05
    assert _told_apart(far, right, missed) > 3


def test_the_interviews_hold_what_they_say_they_answer() -> None:
    interviews = list(read_interviews())
    assert len({interview.name for interview in interviews}) == len(interviews) > 100
    for interview in interviews:
        lesson = lesson_of(interview)
        assert all(places for _, places in interview.asked)
        assert len(lesson.asked) == len(interview.asked) > 0
        assert lesson.missed
        assert not {asked.question for asked in lesson.asked} & {question for question, _ in lesson.missed}


def test_what_is_learned_is_what_is_merged(tmp_path: Path) -> None:
    torch.manual_seed(1)
    model, sha256 = base_model(EMBEDDED)
    model.eval()
    learner, step = Learner(model), _step()
    parameters = [parameter for change in learner.changes.values() for parameter in change.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=1e-3)
    losses = []
    for _ in range(4):
        loss = learner.loss(step)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert losses[-1] < losses[0] - 0.01
    with torch.inference_mode():
        learned = learner._questions(step.questions).numpy()
    write_adapter(tmp_path / "learned.safetensors", adapter_of(learner.changes, sha256))
    merged, _ = base_model(EMBEDDED)
    unchanged = merged.encode(step.questions, normalize_embeddings=True)
    merge(read_adapter(tmp_path / "learned.safetensors"), merged[0].auto_model)
    now = merged.encode(step.questions, normalize_embeddings=True)
    np.testing.assert_allclose(now, learned, atol=2e-3)
    assert np.abs(now - unchanged).max() > 0.01
