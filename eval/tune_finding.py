"""Fit the weights of finding, and report what they find.

    python -m eval.tune_finding ../shared/data --libraries /tmp/finding

Learns on part of QMSum's training meetings, on the sample show and on invented conversations that the encoder has
not seen, chooses on QMSum's validation meetings, and only reports on the changelog set. Writes `rag/fitted.json`;
`--report` prints the figures of the weights as they are.
"""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from eval import tune_sets
from eval.crossed_talk import FITTED, JUDGED
from eval.tune_confidence import LIKE_WORDS, auroc, evidence_of, fit_confidence
from eval.tune_sets import Bench, Searched
from index.embedding import DEFAULT, Encoder, load_encoder
from rag import fitted
from rag.confidence import EVIDENCE
from rag.line_features import FEATURES, line_features
from rag.ordering import ORDER, order_features, ordered, readings_of
from rag.picking import PASSAGES_READ, Picked, pick
from rag.retrieval import SIGNALS, Ranked, best_of

Floats = npt.NDArray[np.float32]
Table = tuple[Floats, npt.NDArray[np.bool_]]

SETS = Path(__file__).with_name("sets")
SAMPLE = Path(__file__).parent.parent / "index" / "sample"
WRITTEN = SETS / "meetings.jsonl"
"""Questions written for this purpose on the training meetings: worded unlike the answer, a third unanswerable."""

PAGES = sorted((SETS / "pages").glob("*.md"))
"""Long interviews as web sites print them, with questions in other words beside them; written only to judge."""

RIDGE = 1e-3


def fit(sets: Sequence[Sequence[Table]], *, positive: bool = False) -> Floats:
    """The weights under which the right rows of each table are likeliest, by a softmax over its rows.

    A conditional logit (McFadden, 1974) with ridge, on features scaled to unit deviation, fitted by full-batch
    gradient ascent with momentum. Every set counts the same, whatever its size.

    Args:
        sets: of tables, one for each question: float32[rows, features] and which rows are right; some of them.
        positive: no weight may be below 0.
    """
    spread = np.concatenate([table for tables in sets for table, _ in tables]).std(axis=0) + 1e-6
    scaled = [
        ((table / spread).astype(np.float64), right, 1 / (len(tables) * len(sets)))
        for tables in sets
        for table, right in tables
    ]
    weights = np.zeros(len(spread))
    speed = np.zeros(len(spread))
    for _ in range(500):
        slope = -RIDGE * weights
        for table, right, share in scaled:
            scores = table @ weights
            powers = np.exp(scores - scores.max())
            likely = powers / powers.sum()
            wanted = np.where(right, likely, 0.0)
            slope += ((wanted / max(wanted.sum(), 1e-12) - likely) @ table) * share
        speed = 0.9 * speed + 0.1 * slope
        weights += speed
        if positive:
            weights = np.maximum(weights, 0.0)
    fitted_weights: Floats = (weights / spread).astype(np.float32)
    return fitted_weights


def passage_tables(bench: Bench) -> list[Table]:
    """The candidates of each question that has a right one among them."""
    return [(each.found.signals, each.right) for each in bench.searched if each.right.any()]


def line_tables(bench: Bench) -> list[Table]:
    """The lines of the best passages of each question that has a right one among them."""
    tables = []
    for each in bench.searched:
        rows, right = [], []
        for place, hit in enumerate(best_of(each.found, k=PASSAGES_READ)):
            episode = bench.library.episode(hit.passage.episode)
            rows.append(line_features(episode, hit, place, each.case.question, each.vector, each.weights))
            right += [
                each.case.hits(hit.passage.episode, line.turn, line.start, line.end)
                for line in hit.passage.lines
            ]
        if any(right):
            tables.append((np.concatenate(rows), np.array(right)))
    return tables


def passage_figures(bench: Bench, weights: Floats) -> dict[str, float]:
    """hit@1, hit@5, hit@20 and nDCG@10 of the answerable cases under `weights`."""
    figures: dict[str, list[float]] = {"hit@1": [], "hit@5": [], "hit@20": [], "nDCG@10": []}
    for each in bench.searched:
        if not each.case.answerable:
            continue
        ids = np.array([passage.id for passage in each.found.passages])
        order = np.lexsort((ids, -(each.found.signals @ weights)))
        right = each.right[order]
        for k in (1, 5, 20):
            figures[f"hit@{k}"].append(float(right[:k].any()))
        discounts = 1 / np.log2(np.arange(2, 12))
        ideal = discounts[: max(1, int(right.sum()))].sum()
        figures["nDCG@10"].append(float(right[:10] @ discounts[: len(right[:10])] / ideal))
    return {name: float(np.mean(values)) for name, values in figures.items()}


def order_tables(bench: Bench) -> list[Table]:
    """The picked quotes of each question that has a right one among them."""
    tables = []
    for each, _, picked in found_of(bench):
        right = np.array([_is_hit(each, one) for one in picked], np.bool_)
        if right.any() and not right.all():
            tables.append((order_features(picked, readings_of(each.case.question, picked)), right))
    return tables


def found_of(bench: Bench) -> list[tuple[Searched, list[Ranked], list[Picked]]]:
    """What the weights as they stand find and pick for each case, not put in order yet."""
    rows = []
    for each in bench.searched:
        ranked = best_of(each.found, k=20)
        rows.append(
            (each, ranked, pick(bench.library, ranked, each.case.question, each.vector, each.weights))
        )
    return rows


def quote_figures(bench: Bench) -> dict[str, float]:
    """quote_hit@1 and @3 of the answerable cases, and the words of a quote."""
    first, within, words = [], [], []
    for each, _, picked in found_of(bench):
        if each.case.answerable:
            readings = readings_of(each.case.question, picked)
            hits = [_is_hit(each, one) for one in ordered(picked, readings)]
            first.append(float(any(hits[:1])))
            within.append(float(any(hits)))
            words += [len(p.quote.text.split()) for p in picked]
    return {
        "quote_hit@1": float(np.mean(first)),
        "quote_hit@3": float(np.mean(within)),
        "words a quote": float(np.mean(words)),
    }


def _is_hit(each: Searched, picked: Picked) -> bool:
    quote = picked.quote
    return each.case.hits(quote.episode.id, quote.turn, quote.start, quote.end)


def failures(bench: Bench) -> dict[str, int]:
    """Where the answerable cases of a set are lost, from the end of the way back."""
    lost = dict.fromkeys(
        ("quoted", "passage in five, line not quoted", "episode in five, passage not", "episode not in five", "no candidate"),
        0,
    )  # fmt: skip
    for each, ranked, picked in found_of(bench):
        if not each.case.answerable:
            continue
        episodes = {spot[0] for spot in each.case.spots}
        right = {
            passage.id for passage, is_right in zip(each.found.passages, each.right, strict=True) if is_right
        }
        if any(_is_hit(each, one) for one in picked):
            lost["quoted"] += 1
        elif right & {hit.passage.id for hit in ranked[:5]}:
            lost["passage in five, line not quoted"] += 1
        elif not right:
            lost["no candidate"] += 1
        elif episodes & {hit.passage.episode for hit in ranked[:5]}:
            lost["episode in five, passage not"] += 1
        else:
            lost["episode not in five"] += 1
    return lost


def main() -> None:
    """Learn, choose, report."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("data", type=Path, help="the folder with qmsum, qa and changelog")
    arguments.add_argument("--libraries", type=Path, required=True, help="where their libraries are kept")
    arguments.add_argument("--encoder", default=DEFAULT)
    arguments.add_argument("--report", action="store_true", help="fit nothing")
    asked = arguments.parse_args()
    encoder = load_encoder(asked.encoder, threads=1)
    learned, judged = _sets(asked.data, asked.libraries, encoder)
    if not asked.report:
        _learn(learned, encoder.id.name)
    print(_report(learned | judged, _elsewhere(learned | judged, encoder)))  # noqa: T201


def _sets(data: Path, folder: Path, encoder: Encoder) -> tuple[dict[str, Bench], dict[str, Bench]]:
    """What is learned from, and what is only reported."""
    changelog = sorted((data / "changelog/transcripts").glob("*.md"))
    sample = sorted(path for path in SAMPLE.iterdir() if path.suffix != ".opus")
    meetings = tune_sets.meetings(data, "train", folder, encoder)
    learned = {
        "meetings": meetings,
        "written": tune_sets.asked_of(meetings.library, WRITTEN, encoder),
        "talks": tune_sets.talks(data, folder, encoder),
        "interviews": tune_sets.interviews(folder, encoder),
        "off topic": tune_sets.off_topic(meetings, data, encoder),
        "sample": tune_sets.episodes(SETS / "sample.jsonl", sample, folder / "sample", encoder),
        "crossed, fitted": tune_sets.crossed_talk(folder, encoder, FITTED),
    }
    judged = {
        "validation": tune_sets.meetings(data, "val", folder, encoder),
        "crossed": tune_sets.crossed_talk(folder, encoder, JUDGED),
        "unanswered": tune_sets.unanswered(data, folder, encoder),
        "changelog": tune_sets.episodes(
            data / "changelog/questions.jsonl", changelog, folder / "changelog", encoder
        ),
        **{
            page.stem: tune_sets.episodes(page.with_suffix(".jsonl"), [page], folder / page.stem, encoder)
            for page in PAGES
        },
    }
    return learned, judged


def _elsewhere(benches: Mapping[str, Bench], encoder: Encoder) -> dict[str, Bench]:
    """The sets with both kinds of questions, put to the sample show, and the sample's to the validation meetings."""
    return {
        name: tune_sets.elsewhere(
            bench, benches["validation" if name == "sample" else "sample"].library, encoder
        )
        for name, bench in benches.items()
        if name != "off topic" and any(not each.case.answerable for each in bench.searched)
    }


def _learn(benches: Mapping[str, Bench], encoder: str) -> None:
    """Write the weights, one section after the other: each is learned from what the one before it finds."""
    kept: dict[str, object] = {"made_by": {"command": "python -m eval.tune_finding", "encoder": encoder}}
    finding = [benches[name] for name in ("meetings", "written", "talks", "interviews", "sample")]
    # The meetings' questions are among those that the reader learned from.
    unread = [benches[name] for name in ("written", "talks", "interviews", "sample", "crossed, fitted")]
    sure = ("written", "off topic", "sample", "crossed, fitted")
    steps: tuple[tuple[str, Callable[[], Mapping[str, float]]], ...] = (
        ("passage", lambda: _named(SIGNALS, fit([passage_tables(each) for each in finding], positive=True))),
        ("line", lambda: _named(FEATURES, fit([line_tables(each) for each in finding]))),
        ("order", lambda: _named(ORDER, fit([order_tables(each) for each in unread], positive=True))),
        ("confidence", lambda: fit_confidence([benches[name] for name in sure])),
    )  # fmt: skip
    for section, learn in steps:
        kept[section] = {name: round(value, 4) for name, value in learn().items()}
        fitted.FITTED.write_text(json.dumps(fitted.whole() | kept, indent=2) + "\n", "utf-8")
        fitted.forget()


def _told_apart(bench: Bench | None, apart: int) -> str:
    """The AUROC of confidence, over questions at most `apart` words apart in length; "" where there is none."""
    if bench is None or all(each.case.answerable for each in bench.searched):
        return ""
    found, answerable, words = evidence_of(bench)
    return f"{auroc(found @ fitted.weights('confidence', EVIDENCE), answerable, words, apart):.2f}"


def _named(names: Sequence[str], values: Floats) -> dict[str, float]:
    return {name: float(value) for name, value in zip(names, values, strict=True)}


def _report(benches: Mapping[str, Bench], elsewhere: Mapping[str, Bench]) -> str:
    """The figures as Markdown tables.

    Args:
        elsewhere: the same questions put where none is answered: what tells them apart there is their style.
    """
    head = ("hit@1", "hit@5", "nDCG@10", "quote_hit@1", "quote_hit@3", "words a quote")
    rows = [
        "| set | questions | " + " | ".join(head) + " | AUROC | of like length | asked elsewhere |",
        "|---" * 11 + "|",
    ]
    causes = []
    for name, bench in benches.items():
        figures = passage_figures(bench, fitted.weights("passage", SIGNALS)) | quote_figures(bench)
        sure = [
            _told_apart(bench, 1000),
            _told_apart(bench, LIKE_WORDS),
            _told_apart(elsewhere.get(name), LIKE_WORDS),
        ]
        cells = [f"{figures[column]:.2f}" for column in head]
        rows.append(f"| {name} | {len(bench.searched)} | " + " | ".join([*cells, *sure]) + " |")
        causes.append(f"| {name} | " + " | ".join(map(str, failures(bench).values())) + " |")
    names = list(failures(next(iter(benches.values()))))
    return "\n".join(
        [*rows, "", "| set | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|", *causes]
    )


if __name__ == "__main__":
    main()
