"""Train the learned part of the claim check, and report what it catches.

    python -m eval.train_support ../shared/data/changelog/claims.jsonl

Learns from one half of the file's claims and from `support_examples.jsonl`, which lies beside this module,
writes `rag/support_weights.json`, and prints how many claims of each kind are judged rightly in each set.
The halves are fixed: within a kind, claims are ordered by the SHA-256 of their id and dealt out in turn.
"""

import argparse
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.embedding import EMBEDDED, load_encoder
from index.errors import CheckError
from rag.claim_rules import Cited
from rag.support import FEATURES, RISING, ClaimCheck, Floats, Weights, load_weights, weigh

Doubles = npt.NDArray[np.float64]

EXAMPLES = Path(__file__).with_name("support_examples.jsonl")
WEIGHTS = Path(__file__).parent.parent / "rag" / "support_weights.json"
KINDS = ("paraphrase", "number", "negation", "entity", "speaker", "overreach", "partial", "unrelated")
LEARNED = ("partial", "unrelated")
"""The kinds that the learned part is for; the rules are for the others."""

RIDGE = 2.0
STEP = 0.5
STEPS = 4000
FOLDS = 8
KEPT = 0.98
"""The share of the supported claims, among those that no rule refuses, that the threshold keeps."""

UNLEARNED = Weights(np.zeros(len(FEATURES), np.float32), np.ones(len(FEATURES), np.float32),
                    np.zeros(len(FEATURES), np.float32), bias=0.0, threshold=0.0)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Example:
    """A claim, its quotes and the truth; examples of one `group` share a quote and stay in one fold."""

    claim: str
    quotes: tuple[Cited, ...]
    supported: bool
    kind: str
    group: str


def read_claims(path: Path) -> tuple[list[Example], list[Example]]:
    """The two halves of a file of claims: to learn from, and to report on.

    Raises:
        CheckError: a line is no claim.
    """
    kinds: dict[str, list[tuple[str, Example]]] = defaultdict(list)
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            quotes = tuple(Cited(*said) for said in zip(row["quotes"], row["quote_speakers"], strict=True))
            example = Example(row["claim"], quotes, row["supported"], row["kind"], row["quotes"][0])
            kinds[row["kind"]].append((hashlib.sha256(row["id"].encode()).hexdigest(), example))
        except (ValueError, KeyError, TypeError) as error:
            raise CheckError(
                f"this is no claim ({error!r})",
                where=f"{path}, line {number}",
                fix="give id, claim, quotes, quote_speakers, supported and kind",
            ) from error
    halves: tuple[list[Example], list[Example]] = ([], [])
    for rows in kinds.values():
        for place, (_, example) in enumerate(sorted(rows, key=lambda row: row[0])):
            halves[place % 2].append(example)
    return halves


def read_examples(path: Path = EXAMPLES) -> Iterator[Example]:
    """The examples written for training: each line is a quote with true and false sentences about it."""
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        quotes = (Cited(row["quote"], row["speaker"]),)
        for claim in row["true"]:
            yield Example(claim, quotes, True, "paraphrase", row["quote"])
        for kind, claims in row["false"].items():
            for claim in claims:
                yield Example(claim, quotes, False, kind, row["quote"])


def fit(measures: Doubles, supported: npt.NDArray[np.bool_]) -> Weights:
    """A logistic regression with a ridge penalty, by projected gradient descent.

    A weight never takes the sign that goes against its measure's meaning: that true sentences in the training
    data keep fewer words of their quotes than false ones must not teach that new words speak for a claim.

    Args:
        measures: float64[n, measures].
    """
    mean, spread = measures.mean(0), measures.std(0) + 1e-6
    sign = np.where(RISING, 1.0, -1.0)
    x = (measures - mean) / spread * sign
    balance = np.where(supported, 0.5 / supported.mean(), 0.5 / (1 - supported.mean()))
    weight, bias = np.zeros(x.shape[1]), 0.0
    for _ in range(STEPS):
        miss = balance * (1 / (1 + np.exp(-x @ weight - bias)) - supported) / len(x)
        weight = np.maximum(0.0, weight - STEP * (x.T @ miss + RIDGE * weight / len(x)))
        bias -= STEP * miss.sum()
    scores = 1 / (1 + np.exp(-x @ weight - bias))
    threshold = float(np.quantile(scores[supported], 1 - KEPT))
    return Weights(
        mean.astype(np.float32),
        spread.astype(np.float32),
        (weight * sign).astype(np.float32),
        bias=float(bias),
        threshold=threshold,
    )


def learn(examples: Sequence[Example], found: Sequence[str | Floats]) -> Weights:
    """Fit to the supported claims and to those whose words or parts the quotes lack, where no rule spoke."""
    taken = [
        (measures, example.supported)
        for example, measures in zip(examples, found, strict=True)
        if not isinstance(measures, str) and (example.supported or example.kind in LEARNED)
    ]
    return fit(
        np.array([measures for measures, _ in taken], np.float64), np.array([truth for _, truth in taken])
    )


def verdicts(weights: Weights, found: Sequence[str | Floats]) -> list[bool]:
    """Whether each claim is taken as supported."""
    return [not isinstance(measures, str) and weigh(weights, measures).supported for measures in found]


def cross_validated(examples: Sequence[Example], found: Sequence[str | Floats]) -> list[bool]:
    """Verdicts on each fold by weights learned from the others; claims on one quote share a fold."""
    groups = {
        group: place % FOLDS for place, group in enumerate(sorted({example.group for example in examples}))
    }
    folds = [groups[example.group] for example in examples]
    verdict = [False] * len(examples)
    for fold in range(FOLDS):
        inside = [i for i, other in enumerate(folds) if other == fold]
        outside = [i for i, other in enumerate(folds) if other != fold]
        weights = learn([examples[i] for i in outside], [found[i] for i in outside])
        for i, supported in zip(inside, verdicts(weights, [found[i] for i in inside]), strict=True):
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
            cells.append(
                f"{sum(right)} of {len(right)}" + (f" ({sum(right) / len(right):.0%})" if right else "")
            )
        lines.append(f"| {kind} | {'kept' if kind == KINDS[0] else 'caught'} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def save(weights: Weights, path: Path) -> None:
    """Write the weights as JSON that can be read and compared."""
    rows = zip(FEATURES, weights.mean, weights.spread, weights.weight, strict=True)
    features = {
        name: {"mean": round(float(m), 4), "spread": round(float(s), 4), "weight": round(float(w), 4)}
        for name, m, s, w in rows
    }
    made = {
        "made_by": f"python -m eval.train_support, with {EMBEDDED}",
        "features": features,
        "bias": round(weights.bias, 4),
        "threshold": round(weights.threshold, 4),
    }
    path.write_text(json.dumps(made, indent=2) + "\n", "utf-8")


def main() -> None:
    """Learn, write the weights, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("claims", type=Path, help="JSON Lines of claims with their quotes and the truth")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="where the weights go")
    asked = parser.parse_args()
    ours, held_out = read_claims(asked.claims)
    written = list(read_examples())
    check = ClaimCheck(load_encoder(threads=1).encode, UNLEARNED)
    found = {
        name: check.examine([(example.claim, example.quotes) for example in examples])
        for name, examples in (("ours", ours), ("held out", held_out), ("written", written))
    }
    weights = learn([*ours, *written], [*found["ours"], *found["written"]])
    save(weights, asked.out)
    saved = load_weights(asked.out)
    crossed = cross_validated([*ours, *written], [*found["ours"], *found["written"]])
    print(  # noqa: T201
        table(
            [
                ("learned half", ours, verdicts(saved, found["ours"])),
                ("held-out half", held_out, verdicts(saved, found["held out"])),
                (f"written examples, {FOLDS} folds", written, crossed[len(ours) :]),
            ]
        )
    )


if __name__ == "__main__":
    main()
