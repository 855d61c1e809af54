"""The reader that reads a sentence and a quote together, and what it is trained on."""

import json
import random
from collections import Counter
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

from eval.crossed import Crossing, read_crossed
from eval.crossed_made import copied, gainsaid, halved, turned
from eval.crossed_talk import FITTED, JUDGED, LEARNED, CrossedTalk, read_crossed_talk
from eval.denying import denied
from eval.inferences import Premise, read_inferences
from eval.pair_learner import RANK, Learner, mean_of
from eval.train_answers import Group, crossed_choices
from eval.train_answers import loss_of as answers_loss
from eval.train_carries import (
    PLAIN_REPEATS,
    REPEATS,
    Course,
    Pair,
    batches,
    drawn,
    lessons,
    loss_of,
    of_crossing,
    of_premise,
    premise_batches,
    unrelated,
)
from index import pair_reader
from index.adapters import Adapter, Delta, read_adapter, write_adapter
from index.errors import CheckError, EncoderError
from index.pair_reader import ANSWERS, CARRIES, HEAD, SECOND, PairReader, embedded_reader

PAIRS = [
    ("The boat leaks.", "Ada Berg: It leaks, it has always leaked, since the day we bought it."),
    ("The boat is dry.", "Ada Berg: It leaks, it has always leaked, since the day we bought it."),
    ("Berg sold the boat to a neighbour who repairs nets.", "Ada Berg: Well, um, no."),
]


@pytest.fixture(scope="module")
def crossings() -> list[Crossing]:
    return list(read_crossed())


def test_every_sentence_and_every_quote_is_true_once_and_false_once(crossings: list[Crossing]) -> None:
    rng = random.Random(4)
    made = [
        *turned(crossings[:500]),
        *copied(crossings[:500], 200, rng),
        *gainsaid(crossings, 2000, rng),
        *halved(crossings, 500, rng),
    ]
    assert len(made) > 2800
    for crossing in [*crossings, *made]:
        sentences, quotes = Counter[tuple[str, bool]](), Counter[tuple[str, bool]]()
        for sentence, quote, follows in crossing.pairs():
            sentences[sentence, follows] += 1
            quotes[quote, follows] += 1
        assert len(sentences) == len(quotes) == 4, crossing
        assert {*sentences.values(), *quotes.values()} == {1}, crossing


def test_a_denied_contrary_follows_from_the_other_quote() -> None:
    crossing = Crossing(
        "contrary",
        "Ada Berg",
        ("It leaks like a sieve.", "Dry as a bone, that boat."),
        ("The boat leaks badly.", "The boat was kept dry."),
    )
    assert list(turned([crossing])) == [], "the verb of the first is not found"
    told = replace(crossing, claims=("The boat was leaking.", "The boat was kept dry."))
    (other,) = turned([told])
    assert other.claims == ("The boat was not kept dry.", "The boat was not leaking.")
    assert other.quotes == told.quotes
    assert list(turned([replace(told, kind="entity")])) == []


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("The patch was accepted.", "The patch was not accepted."),
        ("The patch was never accepted.", "The patch was accepted."),
        ("Ada said that the patch went in.", "Ada said that the patch did not go in."),
        ("The team tried it twice.", "The team did not try it twice."),
        ("The council stopped the tram.", "The council did not stop the tram."),
        ("The label pleased the experts.", "The label did not please the experts."),
        ("Berg had a boat.", "Berg did not have a boat."),
        ("Berg has sold her boat.", "Berg has not sold her boat."),
        ("Berg cannot swim.", "Berg can swim."),
        ("Berg doesn't swim.", None),
        ("Boats leak.", None),
        ("After the boat was sold, Berg swam.", None),
    ],
)
def test_a_plain_sentence_is_denied(sentence: str, wanted: str | None) -> None:
    assert denied(sentence) == wanted


def test_a_copy_exchanges_one_word_in_quote_and_sentence_alike(crossings: list[Crossing]) -> None:
    for copy in copied(crossings[:200], 100, random.Random(2)):
        for one, other in (copy.quotes, copy.claims):
            assert len(one.split()) == len(other.split())
            changed = [(a, b) for a, b in zip(one.split(), other.split(), strict=True) if a != b]
            assert changed
            assert len({(a.strip(".,;:!?"), b.strip(".,;:!?")) for a, b in changed}) == 1, copy


@pytest.mark.parametrize(
    ("quote", "other", "claims"),
    [
        (
            "Well, I think it leaks every spring.",
            "Well, I don't think it leaks every spring.",
            ("Berg thinks it leaks every spring.", "Berg does not think it leaks every spring."),
        ),
        (
            "I don't think my boat is a problem.",
            "I think my boat is a problem.",
            ("Berg does not think their boat is a problem.", "Berg thinks their boat is a problem."),
        ),
        (
            "We sold the boat to my neighbour.",
            "We didn't sell the boat to my neighbour.",
            ("They sold the boat to their neighbour.", "They did not sell the boat to their neighbour."),
        ),
    ],
)
def test_a_denial_is_told_of_its_speaker(quote: str, other: str, claims: tuple[str, str]) -> None:
    (made, *_) = (
        each
        for each in gainsaid([Crossing("contrary", "Ada Berg", (quote, quote), claims)], 9, random.Random(1))
        if each.quotes[1] == other
    )
    assert made == Crossing("denial", "Ada Berg", (quote, other), claims)


def test_a_denial_at_no_verb_is_not_made() -> None:
    told = Crossing(
        "contrary",
        "Ada Berg",
        ("Boats leak, and that's only built to last.", "We sold it all again."),
        ("", ""),
    )
    assert {each.quotes[0] for each in gainsaid([told], 5, random.Random(1))} == {"We sold it all again."}


def test_batches_hold_every_crossing_once(crossings: list[Crossing]) -> None:
    some = lessons(crossings[:100], random.Random(1))
    assert Counter(each for batch in batches(some, random.Random(1)) for each in batch) == Counter(some)


def test_a_sentence_under_another_quote_or_a_scrap_neither_follows_nor_contradicts() -> None:
    quote = "Ada Berg: It leaks like a sieve, and it always did."
    made = [group for (group,) in islice(unrelated(["It leaks."], [quote], random.Random(1)), 300)]
    assert {pair[2:] for pair in made} == {(0, 0)}
    scraps = {pair.quote for pair in made} - {quote}
    assert {
        "Ada Berg: It leaks",
        "Ada Berg: Yeah.",
        "Ada Berg: That's right.",
        "Ada Berg: You know?",
    } <= scraps
    assert all(len(scrap.removeprefix("Ada Berg: ").split()) <= 3 for scrap in scraps)


def test_an_epoch_learns_each_kind_as_often_as_it_is_to(crossings: list[Crossing]) -> None:
    there = Counter((each.kind, each.plain) for each in crossings)
    taken = Counter((each.kind, each.plain) for each in drawn(crossings, random.Random(1)))
    assert {**REPEATS}.keys() < {kind for kind, _ in there}
    for (kind, plain), number in there.items():
        often = PLAIN_REPEATS if plain else REPEATS.get(kind, 1.0)
        assert taken[kind, plain] == pytest.approx(often * number, rel=0.05)


def test_an_epoch_learns_all_that_is_put_plainly_and_its_share_of_the_rest(crossings: list[Crossing]) -> None:
    premises = [Premise(f"It leaks {i}.", (("It is wet.", "e"), ("It is dry.", "c"))) for i in range(100)]
    (epoch,) = Course(crossings, premises, epochs=1, crossed=0.1, inferred=0.5).plan(random.Random(1))
    learned = {pair[:2] for batch in epoch for group in batch if len(group) > 1 for pair in group}
    of_kinds = {
        (plain, held_out): [
            each.pairs()[0][:2] in learned
            for each in crossings
            if (each.plain, each.held_out) == (plain, held_out) and each.kind == "overreach"
        ]
        for plain in (True, False)
        for held_out in (True, False)
    }
    assert all(of_kinds[True, False])
    assert 0.05 < np.mean(of_kinds[False, False]) < 0.15
    assert not any(of_kinds[True, True] + of_kinds[False, True])
    assert len({quote for _, quote in learned if quote.startswith("It leaks")}) == 50


def test_the_loss_falls_as_the_right_one_of_two_rises() -> None:
    crossing = Crossing("contrary", "Ada Berg", ("It leaks.", "It's dry."), ("It leaks.", "It is dry."))
    groups = [of_crossing(crossing), [Pair("Tea is hot.", "It leaks.", 0, 0)]]
    for head, signs in ((0, [1, 1, -1, -1]), (1, [-1, -1, 1, 1])):
        losses = []
        for gap in (-1.0, 0.0, 1.0, 3.0):
            logits = torch.zeros(5, 2)
            logits[:4, head] = gap * torch.tensor(signs)
            losses.append(float(loss_of(logits, groups)))
        assert losses == sorted(losses, reverse=True)


def test_where_nobody_knows_that_it_contradicts_nothing_is_told_of_it() -> None:
    crossing = Crossing("entity", "Ada Berg", ("I sold it.", "I kept it."), ("She sold it.", "She kept it."))
    group = of_crossing(crossing)
    assert [pair.follows for pair in group] == [1, 1, 0, 0]
    logits = torch.zeros(4, 2)
    higher = logits.clone()
    higher[2:, 1] = 5
    assert float(loss_of(logits, [group])) == float(loss_of(higher, [group]))


def test_sentences_on_one_premise_stay_together(tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    rows = [("It leaks.", f"It is wet {i}.", "enc"[i % 3]) for i in range(9)]
    rows += [("It's dry.", "It is dry.", "entailment"), ("It's dry.", "It rains.", "-")]
    keys = ("premise", "hypothesis", "label")
    file.write_text("".join(json.dumps(dict(zip(keys, row, strict=True))) + "\n" for row in rows), "utf-8")
    premises = list(read_inferences([file], random.Random(1)))
    assert [(each.text, len(each.sentences)) for each in premises] == [
        ("It leaks.", 6),
        ("It leaks.", 3),
        ("It's dry.", 1),
    ]
    assert of_premise(premises[2]) == [Pair("It is dry.", "It's dry.", 1, 0)]
    batched = [each for batch in premise_batches(premises, random.Random(1)) for each in batch]
    assert Counter(batched) == Counter(premises)
    file.write_text('{"premise": "It leaks."}\n', "utf-8")
    with pytest.raises(CheckError, match=r"pairs\.jsonl, line 1: this is no inference"):
        list(read_inferences([file], random.Random(1)))


def test_the_mean_of_readers_is_the_mean_of_their_changes() -> None:
    rng = np.random.default_rng(1)

    def reader() -> Adapter:
        delta = Delta(*(rng.normal(size=size).astype(np.float32) for size in ((4, 96), (96, 4))))
        return Adapter("of the base", {"layer": delta}, {"head": rng.normal(size=97).astype(np.float32)})

    one, other = reader(), reader()
    mean = mean_of([one, other])
    wanted = sum(each.deltas["layer"].b @ each.deltas["layer"].a for each in (one, other)) / 2
    np.testing.assert_allclose(mean.deltas["layer"].b @ mean.deltas["layer"].a, wanted, atol=1e-4)
    np.testing.assert_allclose(mean.vectors["head"], (one.vectors["head"] + other.vectors["head"]) / 2)
    assert mean.base_sha256 == "of the base"


def test_what_was_learned_is_kept_in_a_file_and_read_the_same(tmp_path: Path) -> None:
    learner = Learner().eval()
    torch.manual_seed(1)
    with torch.no_grad():
        for layer in learner.layers.values():
            rank_8 = torch.randn(layer.out_features, 8) @ torch.randn(8, layer.in_features)
            layer.weight += 2e-3 * rank_8
        learner.second += 0.01 * torch.randn(len(learner.second))
        learner.head.bias += 0.3
        wanted = learner(PAIRS)[:, 0].numpy()
    file = tmp_path / "reader.safetensors"
    write_adapter(file, learner.adapter())
    adapter = read_adapter(file)
    assert set(adapter.vectors) == {HEAD, SECOND}
    assert all(delta.a.shape[0] == RANK for delta in adapter.deltas.values())
    assert PairReader.of(adapter).logits(PAIRS) == pytest.approx(wanted, abs=0.05)
    with pytest.raises(EncoderError, match="other weights"):
        PairReader.of(replace(adapter, base_sha256="0" * 64))


def test_a_pair_is_read_alike_alone_and_among_others() -> None:
    reader = embedded_reader(CARRIES)
    many = PAIRS * 9
    together = reader.logits(many)
    assert together.shape == (27,)
    for place, pair in enumerate(PAIRS):
        assert reader.logits([pair])[0] == pytest.approx(float(together[place]), abs=0.1)
    assert reader.logits([]).shape == (0,)
    endless = " ".join(["and then we sailed"] * 2000)
    assert np.isfinite(reader.logits([("It leaks.", endless), (endless, "It leaks."), ("", "")])).all()


def test_the_reader_tells_the_right_one_of_two(crossings: list[Crossing]) -> None:
    held_out = [crossing for crossing in crossings if crossing.held_out][:150]
    pairs = [pair for crossing in held_out for pair in crossing.pairs()]
    fours = embedded_reader(CARRIES).logits([pair[:2] for pair in pairs]).reshape(-1, 4)
    assert (fours[:, :2, None] > fours[:, None, 2:]).mean() > 0.7


@pytest.mark.parametrize("name", [CARRIES, ANSWERS])
def test_a_damaged_reader_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = (pair_reader._FOLDER / f"{name}.safetensors").read_bytes()
    monkeypatch.setattr(pair_reader, "_FOLDER", tmp_path)
    for rest in (None, b"", whole[:-100], whole[:-1] + bytes([whole[-1] ^ 1])):
        if rest is not None:
            (tmp_path / f"{name}.safetensors").write_bytes(rest)
        with pytest.raises(EncoderError, match="install onrecord again"):
            pair_reader._embedded.__wrapped__(name)


@pytest.fixture(scope="module")
def talks() -> list[CrossedTalk]:
    return list(read_crossed_talk())


def test_crossed_talk_on_one_show_is_for_one_use(talks: list[CrossedTalk]) -> None:
    assert {talk.use for talk in talks} == {LEARNED, FITTED, JUDGED}
    shows = {
        use: {talk.show.casefold() for talk in read_crossed_talk(use)} for use in (LEARNED, FITTED, JUDGED)
    }
    assert sum(map(len, shows.values())) == len({talk.show.casefold() for talk in talks})


def test_what_the_reader_of_answers_learns_is_right_in_one_stretch_alone(talks: list[CrossedTalk]) -> None:
    for talk in talks[:50]:
        choices = {choice.question: choice for choice in crossed_choices([talk])}
        for turns, asked in zip(talk.stretches, talk.asked, strict=True):
            for question, ((turn, start, end),) in asked:
                begins = turns[turn].text[start : min(end, start + 20)]
                choice = choices[question]
                assert any(begins in run for run, _ in choice.right)
                assert not any(begins in run.rpartition(" / ")[2] for run, _ in choice.wrong)
                assert not {run for run, _ in choice.elsewhere} & {run for run, _ in choice.right}


def test_the_loss_falls_as_the_answer_rises_and_the_other_stretch_falls() -> None:
    group = Group("Does it leak?", (("It does.", 0.0), ("Well.", 0.0), ("A boat.", 0.0)), 2)
    losses = [float(answers_loss(torch.tensor([gap, 0.0, -gap]), [group])) for gap in (-1.0, 0.0, 1.0, 3.0)]
    assert losses == sorted(losses, reverse=True)
    known, unknown = (
        answers_loss(torch.tensor([1.0, 0.0, 5.0]), [each]) for each in (group, replace(group, own=3))
    )
    assert known > unknown, "where nobody knows that it is wrong elsewhere, nothing is told of it"


def test_each_question_on_crossed_talk_is_answered_in_one_stretch(talks: list[CrossedTalk]) -> None:
    assert len(talks) > 300
    for talk in talks:
        for turns, other, asked in zip(talk.stretches, reversed(talk.stretches), talk.asked, strict=True):
            assert len(asked) == 2, talk.show
            for question, places in asked:
                ((turn, start, end),) = places
                words = turns[turn].text[start:end]
                assert question
                assert words
                assert not any(words in each.text for each in other), f"{question} is answered in both"
