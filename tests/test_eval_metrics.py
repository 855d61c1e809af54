"""Metrics, intervals and refusals against values worked out by hand, and what must hold of them always."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval import metrics
from eval.cases import Case
from eval.causes import Cause
from eval.comparison import compare
from eval.figures import Floor, Outcome, figures_of
from eval.gold import Extent, Gold
from eval.intervals import Figure, difference_figure, mean_figure, quantile_figure
from eval.judge import agreements
from eval.refusal import Judged, calibration, separation, thresholds


def at(turn: int, start: int, end: int, episode: str = "e") -> Extent:
    return Extent(episode, (turn, start), (turn, end))


ONE, TWO, OTHER = at(1, 0, 50), at(2, 0, 50), at(9, 0, 50)
WHERE = Extent("e", (1, 0), (2, 60))
TWO_GROUPS = Gold(groups=((ONE,), (TWO, at(5, 0, 9))), relevant=(at(1, 0, 90), at(2, 0, 90), at(5, 0, 90)))


def test_passages_by_hand() -> None:
    found = [OTHER, at(2, 0, 90), at(8, 0, 9), at(1, 0, 90)]
    scores = metrics.passage_scores(TWO_GROUPS, found, found[:3])
    assert [scores[f"hit@{k}"] for k in metrics.KS] == [0, 1, 1, 1, 1]
    assert [scores[f"coverage@{k}"] for k in metrics.KS] == [0, 0.5, 1, 1, 1]
    assert scores["hit@1000w"] == 1
    assert scores["RR@10"] == 0.5
    gains = 1 / np.log2(3) + 1 / np.log2(5)
    ideal = 1 + 1 / np.log2(3) + 1 / np.log2(4)
    assert scores["nDCG@10"] == pytest.approx(gains / ideal, abs=1e-6)


def test_a_passage_that_spans_two_gold_quotes_finds_both_groups() -> None:
    assert metrics.passage_scores(TWO_GROUPS, [WHERE], [])["coverage@1"] == 1


def test_nothing_found_is_zero_and_not_missing() -> None:
    scores = metrics.passage_scores(TWO_GROUPS, [], [])
    assert set(scores) == {name for name in metrics.METRICS if name.startswith(("hit", "cov", "nD", "RR"))}
    assert set(scores.values()) == {0.0}


def test_shown_quotes_by_hand() -> None:
    assert metrics.quote_scores(TWO_GROUPS, [OTHER, at(2, 49, 80), OTHER, at(2, 0, 1)]) == {
        "quote_precision": 0.5,
        "quote_recall": 0.5,
        "quote_hit@1": 0.0,
        "quote_hit@3": 1.0,
    }
    assert metrics.quote_scores(TWO_GROUPS, [OTHER, OTHER, OTHER, ONE])["quote_hit@3"] == 0.0


def test_without_a_quote_there_is_no_precision_but_a_recall_of_zero() -> None:
    assert metrics.quote_scores(TWO_GROUPS, []) == {"quote_recall": 0, "quote_hit@1": 0, "quote_hit@3": 0}


def test_refusals_by_hand() -> None:
    assert metrics.refusal_scores(answerable=True, refused=True) == {"abstain_precision": 0}
    assert metrics.refusal_scores(answerable=False, refused=True) == {
        "abstain_precision": 1,
        "abstain_recall": 1,
    }
    assert metrics.refusal_scores(answerable=False, refused=False) == {"abstain_recall": 0}
    assert metrics.refusal_scores(answerable=True, refused=False) == {}


@pytest.mark.parametrize(
    ("said", "reference", "f1"),
    [
        ("The mill stopped in 1962.", "the Mill, stopped in 1962", 1.0),
        ("It stopped", "the mill stopped in 1962", 2 * 1 / (2 + 4)),
        ("no word in common", "something else", 0.0),
        ("mill mill", "mill", 2 * 1 / 3),
        ("the", "a", 0.0),
    ],
)
def test_token_f1_by_hand(said: str, reference: str, f1: float) -> None:
    assert metrics.token_f1(said, reference) == pytest.approx(f1)


@given(st.text(max_size=60), st.text(max_size=60))
def test_token_f1_is_a_share_and_takes_no_side(one: str, other: str) -> None:
    assert 0 <= metrics.token_f1(one, other) <= 1
    assert metrics.token_f1(one, other) == metrics.token_f1(other, one)


extents = st.builds(
    lambda episode, turn, start, length: at(turn, start, start + length, episode),
    st.sampled_from(["e", "f"]),
    st.integers(0, 3),
    st.integers(0, 30),
    st.integers(1, 30),
)
golds = st.lists(st.lists(extents, min_size=1, max_size=2).map(tuple), min_size=1, max_size=3).map(
    lambda groups: Gold(tuple(groups), tuple(dict.fromkeys(place for group in groups for place in group)))
)


@given(golds, st.lists(extents, max_size=20, unique=True))
def test_more_passages_never_find_less_and_all_scores_are_shares(gold: Gold, found: list[Extent]) -> None:
    scores = metrics.passage_scores(gold, found, found) | metrics.quote_scores(gold, found)
    assert all(0 <= value <= 1 + 1e-9 for value in scores.values())
    for name in ("hit", "coverage"):
        by_k = [scores[f"{name}@{k}"] for k in metrics.KS]
        assert by_k == sorted(by_k)
    assert all(scores[f"coverage@{k}"] <= scores[f"hit@{k}"] for k in metrics.KS)
    assert scores["quote_hit@1"] == scores["hit@1"]
    assert scores["quote_recall"] == scores["coverage@20"]


# -- intervals -------------------------------------------------------------------------------------


def test_an_interval_is_wider_when_questions_of_an_episode_stand_and_fall_together() -> None:
    values = [float(n % 2) for n in range(10) for _ in range(10)]
    together = mean_figure(values, [n for n in range(10) for _ in range(10)])
    apart = mean_figure(values, list(range(100)))
    assert together.mean == apart.mean == 0.5
    assert together.high - together.low > 2 * (apart.high - apart.low)


def test_with_few_episodes_questions_are_drawn() -> None:
    figure = mean_figure([0.0, 1.0] * 20, ["the only episode"] * 40)
    assert figure.low < 0.5 < figure.high


def test_the_interval_of_a_mean_is_that_of_the_normal_approximation() -> None:
    rng = np.random.default_rng(1)
    values = rng.random(400)
    figure = mean_figure(values.tolist(), list(range(400)))
    half = 1.96 * values.std() / np.sqrt(400)
    assert figure.high - figure.low == pytest.approx(2 * half, rel=0.1)


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 8)), min_size=1, max_size=40))
def test_a_mean_lies_in_its_interval_and_is_the_same_each_time(cases: list[tuple[float, int]]) -> None:
    values, clusters = [value for value, _ in cases], [cluster for _, cluster in cases]
    figure = mean_figure(values, clusters)
    assert 0 <= figure.low <= figure.mean <= figure.high <= 1 + 1e-9
    assert figure == mean_figure(values, clusters)


def test_paired_differences_leave_out_what_is_hard_in_both() -> None:
    hard = [float(n % 3 == 0) for n in range(60)]
    better = [min(1.0, value + (n == 1)) for n, value in enumerate(hard)]
    figure = difference_figure(list(zip(better, hard, strict=True)), list(range(60)))
    assert figure is not None
    assert figure.mean == pytest.approx(1 / 60)
    assert figure.low == 0
    assert figure.high < 0.06


def test_a_difference_of_means_over_different_cases() -> None:
    pairs = [(1.0, None), (1.0, 0.0), (None, 1.0), (None, None)]
    figure = difference_figure(pairs, [1, 2, 3, 4])
    assert figure is not None
    assert (figure.mean, figure.n) == (0.5, 3)
    assert difference_figure([(1.0, None)], [1]) is None
    assert difference_figure([], []) is None


def test_quantiles_by_hand() -> None:
    figure = quantile_figure([float(n) for n in range(1, 101)], 0.5)
    assert (figure.mean, figure.low, figure.high) == (50.5, 41, 61)


# -- refusal ---------------------------------------------------------------------------------------


def asked(confidence: float, answerable: bool, words: int = 5, cluster: object = None) -> Judged:
    return Judged(confidence, answerable, words, cluster or (confidence, answerable, words))


def test_the_area_under_the_roc_curve_by_hand() -> None:
    questions = [asked(0.9, True), asked(0.4, True), asked(0.4, False), asked(0.1, False)]
    found = separation(questions, like_length=False)
    assert found is not None
    assert (found.value, found.n) == ((1 + 1 + 0.5 + 1) / 4, 4)


def test_a_confidence_that_measures_length_gains_nothing_among_questions_of_like_length() -> None:
    questions = [asked(n / 20, n >= 10, words=n) for n in range(20)]
    blind = [asked(q.confidence * (q.words % 2), q.answerable, q.words) for q in questions]
    both = separation(questions, like_length=False)
    assert both is not None
    assert both.value == 1
    like = separation(blind, like_length=True)
    assert like is not None
    # Lengths 8 to 11: pairs (8,10), (9,10), (9,11); only 9 and 11 have any confidence.
    assert like.value == pytest.approx((0.5 + 0 + 1) / 3)
    assert like.n == 4


def test_without_a_pair_there_is_no_area() -> None:
    assert separation([asked(0.5, True)], like_length=False) is None
    assert separation([], like_length=False) is None
    assert separation([asked(0.5, True, 3), asked(0.5, False, 9)], like_length=True) is None


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.5, 0.9]), st.booleans(), st.integers(3, 9)), max_size=25))
def test_the_area_is_the_share_of_pairs_won(rows: list[tuple[float, bool, int]]) -> None:
    questions = [asked(*row, cluster=n % 7 + 1) for n, row in enumerate(rows)]
    for like_length in (False, True):
        pairs = [
            (can > cannot) + 0.5 * (can == cannot)
            for can, yes, words in rows
            for cannot, no, others in rows
            if yes and not no and (not like_length or abs(words - others) <= 2)
        ]
        found = separation(questions, like_length=like_length)
        if not pairs:
            assert found is None
            continue
        assert found is not None
        assert found.value == pytest.approx(sum(pairs) / len(pairs))
        assert 0 <= found.figure.low <= found.value <= found.figure.high <= 1


def test_calibration_and_thresholds_by_hand() -> None:
    questions = [asked(0.05, False), asked(0.07, True), asked(0.95, True), asked(1.0, True)]
    low, high = calibration(questions)
    assert (low.confidence, low.answerable, low.n) == (pytest.approx(0.06), 0.5, 2)
    assert (high.confidence, high.answerable, high.n) == (pytest.approx(0.975), 1.0, 2)
    curve = {round(each.at, 2): each for each in thresholds(questions)}
    assert (curve[0.0].precision, curve[0.0].recall) == (None, 0)
    assert (curve[0.06].precision, curve[0.06].recall) == (1, 1)
    assert (curve[0.5].precision, curve[0.5].recall) == (0.5, 1)
    assert thresholds([asked(0.5, True)]) == []


# -- figures ---------------------------------------------------------------------------------------


def outcome(id_: str, confidence: float = 0.5, answerable: bool = True, **scores: float) -> Outcome:
    case = Case(id_, "Who is it?", "", answerable, ("t",) if id_ < "c" else (), (), (), 1)
    return Outcome(case, id_, scores, confidence, Cause.RIGHT, {"embed": 5.0}, None, None)


def test_a_metric_counts_the_cases_that_have_it() -> None:
    figures = figures_of([outcome("a", checked=1.0), outcome("b", checked=0.0), outcome("c")], [])
    assert (figures.metrics["checked"].mean, figures.metrics["checked"].n) == (0.5, 2)
    assert "hit@5" not in figures.metrics
    assert (figures.metrics["p95_embed_ms"].mean, figures.metrics["p95_embed_ms"].n) == (5.0, 3)
    assert set(figures.by_tag) == {"t"}


def test_a_run_compared_with_itself_has_not_changed() -> None:
    run = [outcome(c, n / 9, n % 2 == 0, checked=float(n % 3)) for n, c in enumerate("abcdefgh")]
    earlier = {each.case.id: {**each.scores, "confidence": each.confidence} for each in run}
    comparison = compare(run, earlier | {"gone": {"confidence": 0.1}})
    assert comparison.shared == 8
    for difference in comparison.differences.values():
        assert (difference.figure.mean, difference.figure.low, difference.figure.high) == (0, 0, 0)
    assert {"checked", "abstain_auroc", "abstain_auroc_like_length"} == set(comparison.differences)


def test_a_comparison_counts_who_gained_and_who_lost() -> None:
    now = [outcome("a", checked=1.0), outcome("b", checked=1.0), outcome("c", checked=0.0)]
    then = {"a": {"checked": 0.0, "confidence": 0.5}, "c": {"checked": 1.0, "confidence": 0.5}}
    difference = compare(now, then).differences["checked"]
    assert (difference.better, difference.worse, difference.figure.mean) == (1, 1, 0)


def test_a_floor_is_not_reached_by_what_was_not_measured() -> None:
    figures = figures_of([outcome("a", checked=0.5)], [])
    assert Floor("checked", 0.5).failure(figures) is None
    assert "is 0.5000, below 0.6" in str(Floor("checked", 0.6).failure(figures))
    assert "was not measured" in str(Floor("token_F1", 0).failure(figures))


def test_a_judges_agreement_by_hand() -> None:
    rows = [(1.0, 0.9), (1.0, 0.6), (0.0, 0.1), (0.0, 0.7)]
    found = agreements([{"judge_correct": one, "token_F1": other} for one, other in rows] + [{"hit@5": 1.0}])
    (correct,) = found.values()
    assert (correct.share, correct.n) == (0.75, 4)
    assert correct.kappa == pytest.approx((0.75 - 0.5) / 0.5)
    steady = agreements([{"judge_supported": 1.0, "supported": 1.0}])
    assert steady["judge_supported"].kappa is None


def test_a_figure_as_json() -> None:
    assert Figure(0.12345678, 0.1, 0.2, 3).as_json() == {"mean": 0.123457, "low": 0.1, "high": 0.2, "n": 3}
