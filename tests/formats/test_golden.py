"""Every format and its traps: a file and what is made of it, side by side in `golden/`.

`GOLDEN_WRITE=1 pytest tests/formats/test_golden.py` writes the expectations anew; read the difference before keeping it.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from index.formats import read
from index.transcript import Reading

GOLDEN = Path(__file__).parent / "golden"
FILES = sorted(path for path in GOLDEN.iterdir() if not path.name.endswith(".expected.json"))


def as_json(reading: Reading) -> dict[str, Any]:
    about = {name: getattr(reading.about, name) for name in reading.about.__slots__}
    return {
        "about": {name: str(value) for name, value in about.items() if value is not None},
        "turns": [
            {"speaker": turn.speaker, "text": turn.text}
            | ({"marks": [list(m) for m in turn.marks]} if turn.marks else {})
            for turn in reading.turns
        ],
        "forgiven": list(reading.forgiven),
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_is_read_as_expected(path: Path) -> None:
    made = as_json(read(path.read_bytes(), path.name))
    beside = path.with_name(f"{path.name}.expected.json")
    if os.environ.get("GOLDEN_WRITE"):
        beside.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert made == json.loads(beside.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_name_of_a_file_says_nothing(path: Path) -> None:
    assert read(path.read_bytes(), "misleading.vtt") == read(path.read_bytes(), path.name)


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.name != "utf16.txt"], ids=lambda path: path.name
)
def test_line_ends_and_a_byte_order_mark_change_nothing(path: Path) -> None:
    data = path.read_bytes().replace(b"\r\n", b"\n")
    plain = read(data, path.name)
    assert read(data.replace(b"\n", b"\r\n"), path.name) == plain
    if path.name != "windows.txt":
        assert read(b"\xef\xbb\xbf" + data, path.name) == plain
        assert read(data.decode().encode("utf-16"), path.name) == plain
