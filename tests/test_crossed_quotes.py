"""Crossed quotes, and what the reader of answers learns from them."""

import random
from collections import Counter

import pytest

from eval.crossed_quotes import JUDGING, CrossedQuotes, read_crossed_quotes
from eval.train_answers import Choice, quoted_choices, repeated
from index.pair_reader import ANSWERS, embedded_reader
from index.transcript import About, Episode, Turn
from rag.ordering import as_read
from rag.quotes import Quote


@pytest.fixture(scope="module")
def learned() -> list[CrossedQuotes]:
    return list(read_crossed_quotes(held_out=False))


@pytest.fixture(scope="module")
def judging() -> list[CrossedQuotes]:
    return list(read_crossed_quotes(held_out=True))


def test_hands_that_judge_are_not_learned_from(
    learned: list[CrossedQuotes], judging: list[CrossedQuotes]
) -> None:
    assert {quotes.hand for quotes in judging} == set(JUDGING)
    assert not {quotes.hand for quotes in learned} & set(JUDGING)
    assert not {each for quotes in learned for each in quotes.quotes} & {
        each for quotes in judging for each in quotes.quotes
    }


def test_a_crossed_quote_is_read_as_one_on_the_record_is() -> None:
    turns = (Turn("Host", "And the money?"), Turn("Ada Berg", "It was gone by May. We sold the boat."))
    quote = Quote(Episode("one", "one", About(), turns), 1, 0, len(turns[1].text))
    crossed = CrossedQuotes(1, "Ada Berg", ("Host: And the money?", ""), (turns[1].text, "No."), ((), ()))
    assert crossed.runs() == (as_read(quote), "Ada Berg: No.")


def test_each_question_is_answered_by_one_quote_and_not_by_the_other(learned: list[CrossedQuotes]) -> None:
    choices = list(quoted_choices(learned))
    assert len(choices) == 6 * len(learned)
    read = Counter(run for choice in choices for run, _ in (*choice.right, *choice.elsewhere))
    assert set(read.values()) == {6}, "each quote answers three and fails three"
    group = choices[0].group(random.Random(1))
    assert group.own == 1
    assert group.runs == choices[0].right + choices[0].elsewhere


def test_what_is_learned_from_is_repeated_as_often_as_asked() -> None:
    choices = [Choice(str(place), (), ()) for place in range(10)]
    for times, wanted in ((0.3, 3), (1.0, 10), (2.5, 25)):
        found = repeated(choices, times, random.Random(1))
        assert len(found) == wanted
        assert len(set(found)) == min(wanted, 10)


def test_the_reader_tells_the_quote_that_answers(judging: list[CrossedQuotes]) -> None:
    choices = list(quoted_choices(judging))[::4]
    own, other = (
        embedded_reader(ANSWERS).logits(
            [(choice.question, getattr(choice, side)[0][0]) for choice in choices]
        )
        for side in ("right", "elsewhere")
    )
    assert (own > other).mean() > 0.8
