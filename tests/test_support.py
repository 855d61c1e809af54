"""Does a quote carry a sentence? Rules and weighing together, and the figures of docs/claim-check.md."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eval.claim_sets import PLAIN, halves_of, read_claims, read_examples
from eval.train_support import KINDS, fit
from index.errors import CheckError
from index.pair_reader import CARRIES, embedded_reader
from rag.claim_judge import MEASURES, RISING, embedded_judge
from rag.claim_measures import Measured
from rag.claim_slots import exchanged
from rag.sayers import Cited, by_sayers, of_the_sayer
from rag.support import ClaimCheck, Floats
from rag.word_forms import words_of

CLAIMS = Path(__file__).parent.parent.parent / "shared" / "data" / "changelog" / "claims.jsonl"


def silent(pairs: Sequence[tuple[str, str]]) -> Floats:
    raise AssertionError(f"a plain rule needs no reader, and got {pairs}")


class Reading:
    """A reader that makes of pairs what a function does."""

    def __init__(self, read: Callable[[Sequence[tuple[str, str]]], Floats]) -> None:
        self.logits = read


UNTOLD = embedded_judge().mean[:1] - 0.3 * embedded_judge().spread[:1]
"""What the reader makes of a claim on average, and a little less."""
SILENT = Reading(silent)
UNSURE = Reading(lambda pairs: np.repeat(UNTOLD, len(pairs)))
"""A reader that cannot tell, so that the other measures decide."""


def said(text: str, speaker: str | None = "Ada Berg") -> list[Cited]:
    return [Cited(text, speaker)]


@pytest.mark.parametrize(
    ("claim", "quote", "contrary"),
    [
        ("The boat leaks badly.", "the boat doesn't leak badly", True),
        ("The boat doesn't leak badly.", "the boat leaks badly", True),
        ("The boat never leaks.", "the boat doesn't ever leak", False),
        ("Cooks have to sign a form.", "there is no form that cooks have to sign", True),
        ("No boat sails without a cook.", "every boat sails with a cook", False),
        ("The soup is unhealthy.", "the soup is healthy", True),
        ("The soup is unhealthy.", "the soup isn't healthy", False),
        ("The door is open.", "the door is closed", True),
        ("The door is not open.", "the door is closed", False),
        ("The boat still leaks.", "the boat used to leak", True),
        ("Sales rose.", "sales went down and fell", True),
        ("Sales rose.", "sales grew", False),
        ("Sales fell.", "sales did not grow", False),
        ("They won the cup.", "we lost the cup", True),
        ("Ada Berg likes the cook.", "I don't like the cook, I like the boat", True),
        ("Ada Berg likes the boat.", "I don't like the cook, I like the boat", False),
        ("There are neither cooks nor boats.", "we have no cooks and no boats", False),
        ("The boat has already sailed.", "the boat will sail", True),
        ("The cook refuses to boil fish.", "the cook boils fish", True),
        ("Not only cooks boil fish.", "cooks boil fish", False),
    ],
)
def test_a_denial_turned_round(claim: str, quote: str, contrary: bool) -> None:
    why = ClaimCheck(reader=UNSURE).check(claim, said(quote)).why
    assert (why == "the quote says the opposite") is contrary


def test_who_is_said_to_say_it_has_to_say_it_themselves() -> None:
    ada, bo = (
        Cited("I voted for the harbour, and I would again.", "Ada Berg"),
        Cited("I voted against it.", "Bo Lund"),
    )
    asked = Cited("Did you vote for the harbour?", "Ida Falk")
    assert of_the_sayer("Ada Berg says that she voted against it.", [ada, bo]) == [ada]
    assert of_the_sayer("Ada Berg says that she voted for it.", [asked, ada, bo]) == [asked, ada]
    short = Cited("Yes, I did.", "Ada Berg")
    for claim, quotes in (
        ("Ada Berg voted against it.", [ada, bo]),
        ("Ada Berg says yes, and Bo Lund says no.", [ada, bo]),
        ("Ada Berg says that she voted for it.", [asked, short]),
        ("Ada Berg says that she voted for it.", [ada]),
        ("Max Frei says that he voted for it.", [ada, bo]),
    ):
        assert of_the_sayer(claim, quotes) == quotes


def test_what_two_people_are_said_to_say_is_held_against_each_ones_own_words() -> None:
    ada = Cited("I'd keep the harbour open all winter, whatever it costs.", "Ada Berg")
    bo = Cited("We should close it, if you ask me, from November on.", "Bo Lund")
    asked = Cited("Should it stay open?", "Ida Falk")
    quotes = [asked, ada, bo]
    assert by_sayers("Ada Berg wants it open, but Bo Lund would close it.", quotes) == [
        ("Ada Berg wants it open", [asked, ada]),
        ("Bo Lund would close it.", [asked, bo]),
    ]
    assert by_sayers("Bo would keep it open; Ada Berg wants it closed.", [ada, bo]) == [
        ("Bo would keep it open", [bo]),
        ("Ada Berg wants it closed.", [ada]),
    ]
    assert by_sayers("While Ada wants it open, Bo Lund would close it.", [ada, bo]) == [
        ("While Ada wants it open", [ada]),
        ("Bo Lund would close it.", [bo]),
    ]
    short = Cited("Oh, sure.", "Bo Lund")
    for claim, cited in (
        ("Ada Berg and Bo Lund agree on the harbour.", quotes),
        ("Ada Berg asked Bo Lund about the harbour.", quotes),
        ("Ada Berg wants it open, Bo Lund says, and Ida Falk asks.", quotes),
        ("Ada Berg wants it open, and Bo Lund agrees.", [ada, short]),
        ("They differ, and Bo Lund would close it.", quotes),
        ("Ada Berg met Bo Lund at sea, and Ada Berg won.", quotes),
        (
            "Ada Berg runs it, and Bo Lund came in May.",
            [Cited("I run it, and Bo came to us in May.", "Ada Berg"), bo],
        ),
    ):
        assert by_sayers(claim, cited) == [(claim, cited)]


def test_two_people_whose_views_are_exchanged_are_refused() -> None:
    quotes = [
        Cited("I'd keep the harbour open all winter, whatever it costs the town.", "Ada Berg"),
        Cited("I'd close the harbour in winter, it costs the town too much.", "Bo Lund"),
    ]
    check = ClaimCheck()
    assert check.check(
        "Ada Berg would keep the harbour open in winter, but Bo Lund would close it.", quotes
    ).supported
    assert not check.check(
        "Bo Lund would keep the harbour open in winter, but Ada Berg would close it.", quotes
    ).supported


def test_of_two_parts_the_worse_of_each_measure_counts() -> None:
    follows, denial = (list(MEASURES).index(name) for name in ("follows", "denial"))
    quotes = [
        Cited("I'd keep the harbour open all winter, whatever it costs the town.", "Ada Berg"),
        Cited("The old boats leak, every one of them, and nobody minds it.", "Bo Lund"),
    ]
    parts = "Ada Berg would keep the harbour open", "Bo Lund says that the old boats do not leak."
    check = ClaimCheck()
    one, other, both = (
        found.measures
        for found in check.examine(
            [(parts[0], quotes[:1]), (parts[1], quotes[1:]), (", but ".join(parts), quotes)]
        )
        if not isinstance(found, str)
    )
    assert both[follows] == pytest.approx(min(one[follows], other[follows]), abs=0.05)
    assert both[denial] == pytest.approx(max(one[denial], other[denial]), abs=0.05)
    assert other[denial] > one[denial]


@pytest.mark.parametrize(
    ("claim", "quote", "surer"),
    [
        ("The harbour will open a kitchen.", "the harbour might open a kitchen", True),
        ("The harbour may open a kitchen.", "the harbour might open a kitchen", False),
        ("Ada Berg opened a kitchen.", "I tried to open a kitchen", True),
        ("Ada Berg tried to open a kitchen.", "I tried to open a kitchen", False),
    ],
)
def test_a_hedge_is_not_dropped(claim: str, quote: str, surer: bool) -> None:
    assert (ClaimCheck(reader=UNSURE).check(claim, said(quote)).why == "surer than the quote") is surer


SENTENCES = [
    "We moved forty boats to the new harbour, and it took three weeks.",
    "I don't eat fish, because it makes me ill.",
    "Lund is cheaper than Bonn, so most people stay there.",
    "Nobody had ever cooked on that boat before 1974.",
    "About 90% of what we sell was not made by us.",
    "If you don't like it, you might want to try the other one.",
]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_quote_carries_itself(sentence: str) -> None:
    support = ClaimCheck().check(sentence, said(sentence))
    assert (support.supported, support.why) == (True, "")
    assert 0 < support.score <= 1


def test_something_else_is_refused_with_a_reason() -> None:
    support = ClaimCheck().check("Snails live in gardens.", said("the harbour opens early"))
    assert (support.supported, support.why) == (False, "about something else")
    shared = ClaimCheck().check("Snails live for nine years.", said("nine years that harbour has been open"))
    assert shared.why != "about something else"
    support = ClaimCheck().check("The harbour closes for winter.", said("the harbour opens early"))
    assert not support.supported
    assert support.why


@pytest.mark.parametrize(
    ("claim", "quotes", "why"),
    [
        ("It is so.", [], "there is no quote"),
        ("It is so.", said("  "), "there is no quote"),
        ("…", said("it is so"), "it says nothing"),
        ("The boat does not leak.", said("Um… not that."), "the quote says nothing"),
    ],
)
def test_nothing_is_no_support(claim: str, quotes: list[Cited], why: str) -> None:
    support = ClaimCheck(reader=SILENT).check(claim, quotes)
    assert (support.supported, support.why, support.score) == (False, why, 0.0)


@pytest.mark.parametrize(
    "quote",
    ["…", "!", "um", "not", "Yeah.", "Right, exactly.", "Mm-hm.", "You know?", "Well, the"],
)
def test_a_quote_that_says_next_to_nothing_carries_nothing(quote: str) -> None:
    for claim in ("The boat does not leak.", "She sold the house in spring."):
        assert not ClaimCheck().check(claim, said(quote)).supported


@settings(deadline=None)  # the reader takes what it takes
@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=3))
def test_any_text_gets_a_verdict(claim: str, quotes: list[str]) -> None:
    support = ClaimCheck().check(claim, [Cited(text, None) for text in quotes])
    assert support.supported == (support.why == "")


_SPOKEN = st.lists(
    st.sampled_from(
        "zero 0 0x 0% 0.0 one half third a few dozens minus 1e9 90 1,000 1994 '94 40 million percent times twice double "
        "three out of ten nine to five between and by about under over more than less not never without all only most "
        "might still used to Ada Berg Ada's says that days hours $ euros metres the boats leaks cheaper from".split()
    ),
    max_size=14,
).map(" ".join)


@given(_SPOKEN, st.lists(_SPOKEN, min_size=1, max_size=2))
@settings(max_examples=400, deadline=None)
@example("It grew 0 times.", ["It went from 5 to 10 of 20."])
def test_any_run_of_words_that_the_rules_know_gets_a_verdict(claim: str, quotes: list[str]) -> None:
    found = ClaimCheck(reader=UNSURE).check(claim, [Cited(quote, "Ada Berg") for quote in quotes])
    assert found.supported or found.why


def test_many_claims_are_judged_as_each_alone_in_two_readings() -> None:
    asked: list[int] = []

    def listening(pairs: Sequence[tuple[str, str]]) -> Floats:
        asked.append(len(pairs))
        return embedded_reader(CARRIES).logits(pairs)

    pairs = [(f"Well, {sentence}", said(SENTENCES[i - 1])) for i, sentence in enumerate(SENTENCES)]
    together = ClaimCheck(reader=Reading(listening)).check_many(pairs)
    claims, changed = asked
    assert claims < len(pairs), "the rules refuse some"
    assert changed <= 4 * claims
    alone = [ClaimCheck().check(*pair) for pair in pairs]
    assert [(found.supported, found.why) for found in together] == [
        (found.supported, found.why) for found in alone
    ]
    # what a batch holds besides changes the last digits of what the reader computes
    assert [found.score for found in together] == pytest.approx([found.score for found in alone], abs=0.02)
    assert ClaimCheck().check_many([]) == []


def test_what_no_changed_word_could_have_refused_is_not_read_with_one() -> None:
    asked: list[str] = []

    def plainly(pairs: Sequence[tuple[str, str]]) -> Floats:
        asked.extend(claim for claim, _ in pairs)
        return np.full(len(pairs), 3.0, np.float32)

    claim = "Spring ploughing was done with oxen."
    assert ClaimCheck(reader=Reading(plainly)).check(claim, said("with horses is how we plough")).supported
    assert asked == [claim]


def test_a_part_that_follows_plainly_is_read_with_words_changed_for_the_other_part() -> None:
    quotes = [
        Cited("I've never bought the short sprint thing. Give people six weeks and leave them alone.", "Magnus Eklund"),
        Cited("We do two weeks. It's, it suits us, it's two weeks and then a demo on the Friday.", "Thea Lombardi"),
    ]  # fmt: skip
    claim = (
        "Magnus Eklund supports shorter sprints, and Thea Lombardi has her team working in two-week sprints."
    )
    assert not ClaimCheck().check(claim, quotes).supported


def test_what_is_left_out_changes_no_verdict() -> None:
    claims = [example for _, example in read_claims(PLAIN)][::8]
    pairs = [(example.claim, example.quotes) for example in claims]
    judge = embedded_judge()

    def verdicts(found: Sequence[str | Measured]) -> list[bool]:
        return [not isinstance(seen, str) and not judge.against(seen.measures) for seen in found]

    check = ClaimCheck()
    assert verdicts(check.examine(pairs)) == verdicts(check.examine(pairs, thoroughly=True))


def test_a_word_that_reads_better_as_the_quote_has_it_is_named() -> None:
    def knows(pairs: Sequence[tuple[str, str]]) -> Floats:
        return np.array([3.0 if "horses" in claim else -1.0 for claim, _ in pairs], np.float32)

    claim, quote = "Spring ploughing was done with oxen.", "with horses is how we plough, in spring anyway"
    support = ClaimCheck(reader=Reading(knows)).check(claim, said(quote))
    assert (support.supported, support.why) == (False, "'oxen' is not what the quote says")


def test_the_weights_hold_no_measure_against_its_meaning() -> None:
    judge = embedded_judge()
    for name, weight in zip(MEASURES, judge.weight, strict=True):
        assert weight >= 0 if name in RISING else weight <= 0
    assert 0 < judge.threshold < 1


def test_training_separates_and_keeps_its_signs() -> None:
    rng = np.random.default_rng(0)
    truth = np.arange(200) % 2 == 0
    measures = rng.normal(size=(200, len(MEASURES)))
    measures[:, 0] += 3 * truth
    measures[:, 1] += 3 * truth  # against its meaning: may not be learned
    judge = fit(measures, truth, kept=0.97)
    assert judge.weight[0] > 0.5
    assert judge.weight[1] == 0
    kept = [judge.against(row.astype(np.float32)) == "" for row in measures]
    assert np.mean(np.array(kept)[truth]) > 0.95
    assert np.mean(np.array(kept)[~truth]) < 0.4


@pytest.mark.parametrize(
    ("claim", "quote", "word"),
    [
        ("They ploughed with two oxen in spring.", "we ploughed with two horses in spring", "oxen"),
        ("They ploughed with two horses in spring.", "we ploughed with two horses in spring", ""),
        ("Ploughing was done with a pair of horses.", "we ploughed with two horses in spring", ""),
    ],
)
def test_a_word_in_anothers_place_is_found(claim: str, quote: str, word: str) -> None:
    vectors = embedded_reader(CARRIES).words.of([*words_of(claim), *words_of(quote)])
    assert exchanged(claim, [quote], frozenset(), vectors).word == word


def test_the_written_examples_are_whole() -> None:
    examples = list(read_examples())
    assert {example.kind for example in examples} == set(KINDS)
    assert all(example.claim.strip() and example.quotes[0].text.strip() for example in examples)
    assert len({(example.claim, example.group) for example in examples}) == len(examples)


def test_a_line_that_is_no_claim_is_named(tmp_path: Path) -> None:
    file = tmp_path / "claims.jsonl"
    file.write_text('{"claim": "no quotes"}\n', "utf-8")
    with pytest.raises(CheckError, match=r"claims\.jsonl, line 1: this is no claim"):
        list(read_claims(file))


def test_claims_as_a_model_writes_them_are_judged_as_documented() -> None:
    examples = [example for _, example in read_claims(PLAIN)]
    verdicts = ClaimCheck().check_many([(example.claim, example.quotes) for example in examples])
    true = [v.supported for v, example in zip(verdicts, examples, strict=True) if example.supported]
    false = [not v.supported for v, example in zip(verdicts, examples, strict=True) if not example.supported]
    assert np.mean(true) >= 0.9
    assert np.mean(false) >= 0.75


@pytest.mark.skipif(not CLAIMS.exists(), reason="../shared/data is not here")
def test_the_held_out_half_is_judged_as_documented() -> None:
    _, held_out = halves_of(CLAIMS)
    verdicts = ClaimCheck().check_many([(example.claim, example.quotes) for example in held_out])
    right = [v.supported == example.supported for v, example in zip(verdicts, held_out, strict=True)]
    true = [ok for ok, example in zip(right, held_out, strict=True) if example.supported]
    false = [ok for ok, example in zip(right, held_out, strict=True) if not example.supported]
    assert np.mean(true) >= 0.9
    assert np.mean(false) >= 0.8
