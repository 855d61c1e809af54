"""Does a quote carry a sentence? The rules one by one, the weighing, and the figures of docs/claim-check.md."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eval.train_support import KINDS, PLAIN, fit, halves_of, read_claims, read_examples
from index.errors import CheckError
from index.pair_reader import CARRIES, embedded_reader
from rag.claim_judge import MEASURES, RISING, embedded_judge
from rag.claim_reach import overreach
from rag.claim_rules import Cited, wrong_name, wrong_number
from rag.claim_slots import exchanged
from rag.claim_swaps import swapped
from rag.evidence import clauses_of, kin, words_of
from rag.opposites import opposed
from rag.quantities import quantities
from rag.support import ClaimCheck, Floats

CLAIMS = Path(__file__).parent.parent.parent / "shared" / "data" / "changelog" / "claims.jsonl"


def silent(pairs: Sequence[tuple[str, str]]) -> Floats:
    raise AssertionError(f"a plain rule needs no reader, and got {pairs}")


class Reading:
    """A reader that makes of pairs what a function does."""

    def __init__(self, read: Callable[[Sequence[tuple[str, str]]], Floats]) -> None:
        self.logits = read


UNTOLD = embedded_judge().mean[:1]
"""What the reader makes of a claim on average."""
SILENT = Reading(silent)
UNSURE = Reading(lambda pairs: np.repeat(UNTOLD, len(pairs)))
"""A reader that cannot tell, so that the other measures decide."""


def said(text: str, speaker: str | None = "Ada Berg") -> list[Cited]:
    return [Cited(text, speaker)]


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("Nine tenths of it is old.", "about 90% of it is old"),
        ("Ninety percent of it is old.", "nine out of ten times it's old"),
        ("It lasted half a year.", "it lasted six months"),
        ("It lasted eighteen months.", "it lasted a year and a half"),
        ("It cost 50,000 dollars.", "it was $50k"),
        ("They got 1.2 million.", "we got one point two million"),
        ("Founded in 2015.", "that was twenty fifteen"),
        ("More than forty came.", "there were 45 of us"),
        ("Nearly 60 came.", "fifty-eight people came"),
        ("Three tools, Ant, Bee and Cow, are used.", "we use Ant, and Bee, and Cow"),
        ("Churn fell from seven to four percent.", "it went from seven percent down to four"),
        ("It was about 1,800 to 2,000 rows.", "we did 1,800 to 2,000 rows"),
        ("Three quarters of them stayed.", "nine of the twelve stayed"),
        ("It took two of them once.", "two of us did it"),
        ("It takes ten milliseconds.", "every 10 ms"),
        ("It was the third try.", "on the third try it worked"),
        ("All, 100 percent, came.", "everybody came"),
        ("It is painted every eighteen months.", "we paint it every year and a half"),
        ("Two nurses were on the ward.", "it was me and one other nurse"),
        (
            "Two people write code, five make art.",
            "there's seven of us, five artists, and then me and Odile write code",
        ),
    ],
)
def test_a_number_said_otherwise_is_the_same(claim: str, quote: str) -> None:
    assert wrong_number(claim, said(quote)) is None


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("It took nine days.", "it took five days"),
        ("They owe a thousand pounds.", "three million in all, because the old one leaked"),
        ("It took five weeks.", "it took five days"),
        ("It cost 500 dollars.", "it cost 5,000 dollars"),
        ("Founded in 2017.", "founded in 2015"),
        ("Half of them came.", "a third of them came"),
        ("90 percent came.", "ninety people came"),
        ("More than forty came.", "there were 30 of us"),
        ("Thousands came.", "twelve people came"),
        ("It is twice as fast.", "it's ten times as fast"),
        ("Three and a half years passed.", "a year and a half passed"),
        ("Seven boats and two cars.", "two boats and seven cars"),
        ("Appeals must be lodged within 28 days.", "you've got twenty-one days to lodge it"),
        ("Two nurses were on the ward.", "it was me, and it was cold, and the ward was full"),
    ],
)
def test_another_number_is_refused(claim: str, quote: str) -> None:
    check = ClaimCheck(reader=SILENT).check(claim, said(quote))
    assert not check.supported
    assert "the number" in check.why


@given(st.integers(1, 10**7))
def test_digits_are_read_as_they_are_written(number: int) -> None:
    for text in (f"{number}", f"{number:,}"):
        (read,) = quantities(f"It was {text} boats")
        assert (read.low, read.high) == (number, number)


@given(st.integers(2, 999), st.integers(2, 999))
def test_two_plain_numbers_are_the_same_only_when_equal(one: int, other: int) -> None:
    (a,), (b,) = quantities(f"{one} boats"), quantities(f"{other} boats")
    assert a.same(b) is (one == other)


@pytest.mark.parametrize(
    ("claim", "quotes", "why"),
    [
        ("Ada Berg likes tea.", said("I like tea"), None),
        ("Berg likes tea.", said("I like tea"), None),
        ("They moved to Let's Encrypt.", said("we moved to letsencrypt"), None),
        ("She studied at BYU.", said("I studied at Brigham Young University"), None),
        ("It runs on Kubernetes.", said("it runs on k8s"), None),
        ("Learning Go was easy.", said("I learned Go, it was easy"), None),
        ("They met in Bonn.", [Cited("we met there", "Ada Berg", "So Bonn was cold. We met there.")], None),
        ("Max Frei likes tea.", said("I like tea", None), None),
        ("Max Frei says tea is fine.", said("tea is fine", "SPEAKER_01"), None),
        ("Max Frei likes tea.", said("I like tea"), "said by Ada Berg, not Max Frei"),
        ("According to Max Frei, tea is fine.", said("tea is fine"), "said by Ada Berg, not Max Frei"),
        ("Max Frei says tea is fine.", said("tea is fine, Max, trust me"), "said by Ada Berg, not Max Frei"),
        ("Max Frei says tea is fine.", said("Max said tea is fine"), None),
        ("They met in Bonn.", said("we met in Lund"), "the name Bonn is not in the quote"),
        ("It runs on MySQL.", said("it runs on Postgres", None), "the name MySQL is not in the quote"),
        ("The deadline is in May.", said("the deadline is in March"), "the name May is not in the quote"),
    ],
)
def test_names(claim: str, quotes: list[Cited], why: str | None) -> None:
    assert wrong_name(claim, quotes) == why


@pytest.mark.parametrize(
    ("claim", "quote", "refused"),
    [
        ("Tea is cheaper than coffee.", "tea is cheaper than coffee", False),
        ("Coffee is cheaper than tea.", "tea is cheaper than coffee", True),
        ("Coffee is dearer than tea.", "tea is cheaper than coffee", False),
        ("They moved from Lund to Bonn.", "we moved from Bonn to Lund", True),
        ("They eat before they swim.", "we eat after we swim", True),
        ("They eat before they swim.", "we swim after we eat", False),
        ("The others bake better than Ada Berg.", "I bake better than the others", True),
    ],
)
def test_places_are_not_changed(claim: str, quote: str, refused: bool) -> None:
    assert (swapped(claim, said(quote)) is not None) is refused


@pytest.mark.parametrize(
    ("claim", "quote", "word"),
    [
        ("All boats leak.", "some boats leak", "all"),
        ("All boats leak.", "every boat leaks", None),
        ("She stopped sailing altogether.", "I don't sail any more, full stop", None),
        ("No boat is free of leaks, so every one leaks.", "there is no boat that doesn't leak", None),
        ("Most boats leak.", "some boats leak", "most boats"),
        ("Most boats leak.", "three quarters of boats leak", None),
        ("Nobody sails any more.", "fewer people sail", "nobody"),
        ("Ada Berg never sails on Mondays.", "I try not to sail on Mondays, but sometimes I do", "never"),
        ("Only boats leak.", "boats leak", "only"),
        ("Only Ada Berg can sail.", "I'm the one person who can sail", None),
        ("It is the best boat.", "it's a good boat", "best"),
        ("No other boat is bigger.", "it's the biggest boat", None),
        ("She sails every day.", "I sail daily", None),
        ("She sails every year.", "last year I sailed", "every"),
        ("It is not there at all.", "it isn't there", None),
        ("They proved that it leaks.", "I think it leaks", "proved"),
        ("Everybody who has ever sailed is a cook.", "the first five were all cooks", "ever"),
    ],
)
def test_a_sweeping_word_needs_its_like(claim: str, quote: str, word: str | None) -> None:
    why = overreach(claim, said(quote))
    assert why == (None if word is None else f"goes further than the quote ('{word}')")


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
@settings(max_examples=400)
@example("It grew 0 times.", ["It went from 5 to 10 of 20."])
def test_any_run_of_words_that_the_rules_know_gets_a_verdict(claim: str, quotes: list[str]) -> None:
    found = ClaimCheck().check(claim, [Cited(quote, "Ada Berg") for quote in quotes])
    assert found.supported or found.why


def test_a_text_made_to_be_slow_is_not() -> None:
    for text in ("a than b " * 500, "from x to " * 500, "one " * 500, "A, " * 500, "x" * 5000):
        began = time.process_time()
        wrong_number(text, said(text))
        wrong_name(text, said(text))
        swapped(text, said(text))
        overreach(text, said(text))
        assert time.process_time() - began < 5, text[:20]


def test_many_claims_are_judged_as_each_alone_in_one_reading() -> None:
    asked: list[int] = []

    def listening(pairs: Sequence[tuple[str, str]]) -> Floats:
        asked.append(len(pairs))
        return embedded_reader(CARRIES).logits(pairs)

    pairs = [(f"Well, {sentence}", said(SENTENCES[i - 1])) for i, sentence in enumerate(SENTENCES)]
    together = ClaimCheck(reader=Reading(listening)).check_many(pairs)
    assert len(asked) == 1
    assert asked[0] <= 5 * len(pairs)
    alone = [ClaimCheck().check(*pair) for pair in pairs]
    assert [(found.supported, found.why) for found in together] == [
        (found.supported, found.why) for found in alone
    ]
    # what a batch holds besides changes the last digits of what the reader computes
    assert [found.score for found in together] == pytest.approx([found.score for found in alone], abs=0.02)
    assert ClaimCheck().check_many([]) == []


def test_a_word_that_reads_better_as_the_quote_has_it_is_named() -> None:
    def knows(pairs: Sequence[tuple[str, str]]) -> Floats:
        return np.array([3.0 if "horses" in claim else -1.0 for claim, _ in pairs], np.float32)

    claim, quote = "Spring ploughing was done with oxen.", "with horses is how we plough, in spring anyway"
    support = ClaimCheck(reader=Reading(knows)).check(claim, said(quote))
    assert (support.supported, support.why) == (False, "'oxen' is not what the quote says")


@pytest.mark.parametrize(
    ("one", "other"), [("documents", "documented"), ("ran", "running"), ("behaviour", "behavior")]
)
def test_forms_of_one_word_are_kin(one: str, other: str) -> None:
    assert kin(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("useful", "useless"), ("tested", "untested"), ("opened", "closed")]
)
def test_opposites(one: str, other: str) -> None:
    assert opposed(one, other)
    assert opposed(other, one)
    assert not opposed(one, one)


def test_a_clause_knows_what_is_denied() -> None:
    first, second = clauses_of("I don't cook fish for guests, but I sail.")
    assert dict(zip(first.words, first.denied, strict=True)) == {"cook": True, "fish": True, "guests": False}
    assert second.words == ("sail",)
    assert not any(second.denied)


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
    assert np.mean(true) >= 0.7
    assert np.mean(false) >= 0.8


@pytest.mark.skipif(not CLAIMS.exists(), reason="../shared/data is not here")
def test_the_held_out_half_is_judged_as_documented() -> None:
    _, held_out = halves_of(CLAIMS)
    verdicts = ClaimCheck().check_many([(example.claim, example.quotes) for example in held_out])
    right = [v.supported == example.supported for v, example in zip(verdicts, held_out, strict=True)]
    true = [ok for ok, example in zip(right, held_out, strict=True) if example.supported]
    false = [ok for ok, example in zip(right, held_out, strict=True) if not example.supported]
    assert np.mean(true) >= 0.9
    assert np.mean(false) >= 0.8
