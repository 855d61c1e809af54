"""Train the learned part of the claim check, and report what it catches.

    python -m eval.train_support ../shared/data/changelog/claims.jsonl

Learns from one half of the file's claims and from `support_examples.jsonl`, which lies beside this module,
writes the weights into `rag/support_weights.json`, and prints how many claims of each kind are judged rightly in each
set. The halves are fixed: within a kind, claims are ordered by the SHA-256 of their id and dealt
out in turn. Where the weights are learned, claims are judged fold by fold with weights learned from the others.
Written examples marked `unseen` were never looked at when the rules were made, and are reported by themselves.
Nothing is learned from the freely and the plainly written and those on numbers (`eval.claim_sets`).
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from eval.claim_sets import NUMBERS, PLAIN, UNSEEN, Example, free_third, halves_of, read_claims, read_examples
from rag.claim_judge import MEASURES, RISING, WEIGHTS, Judge, read_judge
from rag.claim_measures import Measured
from rag.support import ClaimCheck

Doubles = npt.NDArray[np.float64]

KINDS = ("paraphrase", "number", "negation", "entity", "speaker", "overreach", "partial", "unrelated")
BY_RULE = ("number", "speaker")
"""The kinds of false claims that are left to the rules: nothing is learned from those that no rule refuses."""

KEPT = 0.95
"""The share of the supported claims, among those that no rule refuses, that the threshold keeps. Most of them are written
paraphrases, much freer than a model's usual ones: of those it keeps more."""

RIDGE = 2.0
STEP = 0.5
STEPS = 2000
FOLDS = 6


def fit(measures: Doubles, supported: npt.NDArray[np.bool_], kept: float = KEPT) -> Judge:
    """A logistic regression with a ridge penalty, by projected gradient descent.

    A weight never takes the sign that goes against its measure's meaning.

    Args:
        measures: float64[n, len(MEASURES)].
        kept: the share of the supported that the threshold keeps.
    """
    mean, spread = measures.mean(0), measures.std(0) + 1e-6
    sign = np.where([name in RISING for name in MEASURES], 1.0, -1.0)
    x = (measures - mean) / spread * sign
    balance = np.where(supported, 0.5 / supported.mean(), 0.5 / (1 - supported.mean()))
    weight, bias = np.zeros(x.shape[1]), 0.0
    for _ in range(STEPS):
        miss = balance * (1 / (1 + np.exp(-x @ weight - bias)) - supported) / len(x)
        weight = np.maximum(0.0, weight - STEP * (x.T @ miss + RIDGE * weight / len(x)))
        bias -= STEP * miss.sum()
    scores = 1 / (1 + np.exp(-x @ weight - bias))
    return Judge(
        mean.astype(np.float32),
        spread.astype(np.float32),
        (weight * sign).astype(np.float32),
        bias=float(bias),
        # just below, so that rounding does not refuse the many claims that score alike
        threshold=float(np.quantile(scores[supported], 1 - kept)) - 1e-3,
    )


def learn(examples: Sequence[Example], found: Sequence[str | Measured]) -> Judge:
    """Fit the judge to the claims on which no rule spoke."""
    taken = [
        (seen.measures, example.supported)
        for example, seen in zip(examples, found, strict=True)
        if not isinstance(seen, str) and example.kind not in BY_RULE
    ]
    return fit(
        np.array([measures for measures, _ in taken], np.float64), np.array([truth for _, truth in taken])
    )


def verdicts(judge: Judge, found: Sequence[str | Measured]) -> list[bool]:
    """Whether each claim is taken as supported."""
    return [not isinstance(seen, str) and not judge.against(seen.measures) for seen in found]


def cross_validated(examples: Sequence[Example], found: Sequence[str | Measured]) -> list[bool]:
    """Verdicts on each fold by weights learned from the others; claims on one quote share a fold."""
    groups = {
        group: place % FOLDS for place, group in enumerate(sorted({example.group for example in examples}))
    }
    folds = [groups[example.group] for example in examples]
    verdict = [False] * len(examples)
    for fold in range(FOLDS):
        inside = [i for i, other in enumerate(folds) if other == fold]
        outside = [i for i, other in enumerate(folds) if other != fold]
        judge = learn([examples[i] for i in outside], [found[i] for i in outside])
        for i, supported in zip(inside, verdicts(judge, [found[i] for i in inside]), strict=True):
            verdict[i] = supported
    return verdict


def table(columns: Sequence[tuple[str, Sequence[Example], Sequence[bool]]]) -> str:
    """Per kind, how many claims are judged rightly, as a Markdown table."""
    lines = ["| kind | right verdict | " + " | ".join(name for name, _, _ in columns) + " |"]
    lines.append("|---|---|" + "---|" * len(columns))
    for kind in KINDS:
        cells = []
        for _, examples, verdict in columns:
            right = [
                example.supported == v
                for example, v in zip(examples, verdict, strict=True)
                if example.kind == kind
            ]
            cells.append(f"{sum(right)} of {len(right)} ({sum(right) / len(right):.0%})" if right else "")
        lines.append(f"| {kind} | {'kept' if kind == KINDS[0] else 'caught'} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def save(judge: Judge, path: Path) -> None:
    """Write the weights as JSON that can be read and compared."""
    rows = zip(MEASURES, judge.mean, judge.spread, judge.weight, strict=True)
    made = {
        "made_by": "python -m eval.train_support",
        "measures": {
            name: {"mean": round(float(m), 4), "spread": round(float(s), 4), "weight": round(float(w), 4)}
            for name, m, s, w in rows
        },
        "bias": round(judge.bias, 4),
        "threshold": round(judge.threshold, 4),
    }
    path.write_text(json.dumps(made, indent=1) + "\n", "utf-8")


def main() -> None:
    """Learn, write the weights, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("claims", type=Path, help="JSON Lines of claims with their quotes and the truth")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="where the weights go")
    asked = parser.parse_args()
    ours, held_out = halves_of(asked.claims)
    written, free = list(read_examples()), free_third()
    plain, unseen, numbers = (
        [example for _, example in read_claims(path)] for path in (PLAIN, UNSEEN, NUMBERS)
    )
    check = ClaimCheck()
    found = {
        name: check.examine([(example.claim, example.quotes) for example in examples], thoroughly=True)
        for name, examples in (
            ("ours", ours),
            ("held out", held_out),
            ("written", written),
            ("free", free),
            ("plain", plain),
            ("unseen", unseen),
            ("numbers", numbers),
        )
    }
    learned_on, learned = [*ours, *written], [*found["ours"], *found["written"]]
    save(learn(learned_on, learned), asked.out)
    saved = read_judge(asked.out)
    crossed = cross_validated(learned_on, learned)
    columns = [
        ("develop half, in folds", ours, crossed[: len(ours)]),
        ("held-out half", held_out, verdicts(saved, found["held out"])),
    ]
    for name, wanted in (("written, seen", False), ("written, unseen", True)):
        rows = [(e, v) for e, v in zip(written, crossed[len(ours) :], strict=True) if e.unseen is wanted]
        columns.append((name, [e for e, _ in rows], [v for _, v in rows]))
    columns.append(("written plainly", plain, verdicts(saved, found["plain"])))
    columns.append(("plainly, unseen", unseen, verdicts(saved, found["unseen"])))
    columns.append(("numbers", numbers, verdicts(saved, found["numbers"])))
    columns.append(("written freely", free, verdicts(saved, found["free"])))
    print(table(columns))  # noqa: T201


if __name__ == "__main__":
    main()
