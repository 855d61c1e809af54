"""Claims with their quotes and the truth, to learn the claim check from and to judge it by.

`support_examples.jsonl`: quotes with true and false sentences, written to learn from. `support_free.jsonl`: more of them by
other hands, in freer words; every third quote judges. `support_plain.jsonl` and
`support_unseen.jsonl`: claims such as a model writes on lines that it has just read, on invented talk; for judging alone.
Rules were mended after a look at the first, and none at the second. `support_numbers.jsonl`: claims that tell a quote's
number otherwise, each with one whose number is wrong; looked at, and for judging alone.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.json_lines import read_lines
from rag.sayers import Cited

EXAMPLES = Path(__file__).with_name("support_examples.jsonl")
FREE = Path(__file__).with_name("support_free.jsonl")
PLAIN = Path(__file__).with_name("support_plain.jsonl")
UNSEEN = Path(__file__).with_name("support_unseen.jsonl")
NUMBERS = Path(__file__).with_name("support_numbers.jsonl")
JUDGED = 3
"""Of so many freely written quotes, one judges."""


@dataclass(frozen=True, slots=True)
class Example:
    """A claim, its quotes and the truth; examples of one `group` share a quote and stay in one fold.

    `unseen`: no rule was made with a look at how this example is judged.
    """

    claim: str
    quotes: tuple[Cited, ...]
    supported: bool
    kind: str
    group: str
    unseen: bool = False


def read_claims(path: Path) -> Iterator[tuple[str, Example]]:
    """The claims of a JSON Lines file, each with its id.

    Raises:
        CheckError: a line is no claim.
    """
    fix = "give id, claim, quotes, quote_speakers, supported and kind"
    yield from read_lines(path, _claim, kind="claim", fix=fix)


def _claim(row: Mapping[str, Any]) -> tuple[str, Example]:
    quotes = tuple(Cited(*said) for said in zip(row["quotes"], row["quote_speakers"], strict=True))
    return row["id"], Example(row["claim"], quotes, row["supported"], row["kind"], row["quotes"][0])


def halves_of(path: Path) -> tuple[list[Example], list[Example]]:
    """The two halves of a file of claims: to learn from, and to report on."""
    kinds: dict[str, list[tuple[str, Example]]] = defaultdict(list)
    for id_, example in read_claims(path):
        kinds[example.kind].append((hashlib.sha256(id_.encode()).hexdigest(), example))
    halves: tuple[list[Example], list[Example]] = ([], [])
    for rows in kinds.values():
        for place, (_, example) in enumerate(sorted(rows, key=lambda row: row[0])):
            halves[place % 2].append(example)
    return halves


def read_examples(path: Path = EXAMPLES) -> Iterator[Example]:
    """Written examples, those for training by default: each line is a quote with true and false sentences about it."""
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        quotes = (Cited(row["quote"], row["speaker"]),)
        for claim in row["true"]:
            yield Example(claim, quotes, True, "paraphrase", row["quote"], "unseen" in row)
        for kind, claims in row["false"].items():
            for claim in claims:
                yield Example(claim, quotes, False, kind, row["quote"], "unseen" in row)


def free_third() -> list[Example]:
    """Every third quote's freely written examples; what rules refuse of the others was looked at."""
    free = list(read_examples(FREE))
    judged = set(list(dict.fromkeys(example.group for example in free))[::JUDGED])
    return [example for example in free if example.group in judged]
