"""Fit the weights of finding, and report what they find.

    python -m eval.tune_finding ../shared/data --libraries /tmp/finding

Learns on part of QMSum's training meetings, on the sample show and on invented conversations that the encoder has
not seen, chooses on QMSum's validation meetings, and only reports on the changelog set. Writes `rag/fitted.json`;
`--report` prints the figures of the weights as they are.
"""

import argparse
import functools
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from eval import tune_sets
from eval.crossed_talk import FITTED, JUDGED
from eval.tune_confidence import LIKE_WORDS, auroc, fit_confidence
from eval.tune_found import Found, evidence_of, found_of
from eval.tune_sets import Bench
from index.embedding import DEFAULT, load_encoder
from index.encoder import Encoder
from rag import fitted
from rag.confidence import EVIDENCE
from rag.line_features import FEATURES, line_features
from rag.ordering import ORDER, order_features, ordered
from rag.picking import PASSAGES_READ
from rag.retrieval import SIGNALS, best_of

Floats = npt.NDArray[np.float32]
Table = tuple[Floats, npt.NDArray[np.bool_]]

SETS = Path(__file__).with_name("sets")
SAMPLE = Path(__file__).parent.parent / "index" / "sample"
WRITTEN = SETS / "meetings.jsonl"
"""Questions written for this purpose on the training meetings: worded unlike the answer, a third unanswerable."""

PAGES = sorted((SETS / "pages").glob("*.md"))
"""Long interviews as web sites print them, with questions in other words beside them; written only to judge."""

PLAIN = SETS / "plain"
"""Other questions on them, in plain words."""
PAIRS = SETS / "pairs"
"""Interviews by twos on one matter, each with its own questions and, not answered there, with the other's."""

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
            episode = each.library.episode(hit.passage.episode)
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


def order_tables(rows: Sequence[Found]) -> list[Table]:
    """The picked quotes of each question that has a right one among them."""
    return [
        (order_features(row.picked, row.readings), row.right)
        for row in rows
        if row.right.any() and not row.right.all()
    ]


def quote_figures(rows: Sequence[Found]) -> dict[str, float]:
    """quote_hit@1 and @3 of the answerable cases, and the words of a quote."""
    first, within, words = [], [], []
    for row in rows:
        if row.searched.case.answerable:
            shown = ordered(row.picked, row.readings)
            first.append(float(bool(shown) and row.right[row.picked.index(shown[0])]))
            within.append(float(row.right.any()))
            words += [len(each.quote.text.split()) for each in shown]
    return {
        "quote_hit@1": float(np.mean(first)),
        "quote_hit@3": float(np.mean(within)),
        "words a quote": float(np.mean(words)),
    }


def failures(rows: Sequence[Found]) -> dict[str, int]:
    """Where the answerable cases of a set are lost, from the end of the way back."""
    lost = dict.fromkeys(
        ("quoted", "passage in five, line not quoted", "episode in five, passage not", "episode not in five", "no candidate"),
        0,
    )  # fmt: skip
    for row in rows:
        each = row.searched
        if not each.case.answerable:
            continue
        episodes = {spot[0] for spot in each.case.spots}
        right = {
            passage.id for passage, is_right in zip(each.found.passages, each.right, strict=True) if is_right
        }
        if row.right.any():
            lost["quoted"] += 1
        elif right & {hit.passage.id for hit in row.ranked[:5]}:
            lost["passage in five, line not quoted"] += 1
        elif not right:
            lost["no candidate"] += 1
        elif episodes & {hit.passage.episode for hit in row.ranked[:5]}:
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
        "plain": tune_sets.pages(PAGES, PLAIN, folder, encoder),
        "pairs": tune_sets.pages(sorted(PAIRS.glob("*.md")), PAIRS, folder, encoder),
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
    # Asked for by the last two sections only, when what is picked does not change any more.
    found = functools.cache(lambda name: found_of(benches[name]))
    finding = [benches[name] for name in ("meetings", "written", "talks", "interviews", "sample")]
    # The meetings' questions are among those that the reader learned from.
    unread = ("written", "talks", "interviews", "sample", "crossed, fitted")
    sure = ("written", "off topic", "sample", "crossed, fitted")
    steps: tuple[tuple[str, Callable[[], Mapping[str, float]]], ...] = (
        ("passage", lambda: _named(SIGNALS, fit([passage_tables(each) for each in finding], positive=True))),
        ("line", lambda: _named(FEATURES, fit([line_tables(each) for each in finding]))),
        ("order", lambda: _named(ORDER, fit([order_tables(found(name)) for name in unread], positive=True))),
        ("confidence", lambda: fit_confidence([found(name) for name in sure])),
    )  # fmt: skip
    for section, learn in steps:
        kept[section] = {name: round(value, 4) for name, value in learn().items()}
        fitted.FITTED.write_text(json.dumps(fitted.whole() | kept, indent=2) + "\n", "utf-8")
        fitted.forget()


def _told_apart(rows: Sequence[Found], apart: int) -> str:
    """The AUROC of confidence, over questions at most `apart` words apart in length; "" where there is none."""
    if all(row.searched.case.answerable for row in rows):
        return ""
    found, answerable, words = evidence_of(rows)
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
        found = found_of(bench)
        figures = passage_figures(bench, fitted.weights("passage", SIGNALS)) | quote_figures(found)
        sure = [
            _told_apart(found, 1000),
            _told_apart(found, LIKE_WORDS),
            _told_apart(found_of(elsewhere[name]) if name in elsewhere else (), LIKE_WORDS),
        ]
        cells = [f"{figures[column]:.2f}" for column in head]
        rows.append(f"| {name} | {len(bench.searched)} | " + " | ".join([*cells, *sure]) + " |")
        causes.append(f"| {name} | " + " | ".join(map(str, failures(found).values())) + " |")
    names = list(failures(()))
    return "\n".join(
        [*rows, "", "| set | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|", *causes]
    )


if __name__ == "__main__":
    main()
