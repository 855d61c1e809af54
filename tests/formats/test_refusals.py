"""What is no transcript is refused, with the file, the place, and what was expected."""

import time
import tracemalloc

import pytest

from index.errors import TranscriptError
from index.formats import LARGEST_FILE, read

ESSAY = """On Patience

There is one thing: time. I like it.

Note: this is an essay. Warning: it is short.

The End
"""
SETTINGS = """name: build
on: push
jobs:
  build:
    name: all
    steps:
    - name: make
      run: make
    - name: test
      run: test
"""
CODE = """import os

def main():
    # Note: this is code
    return os.getcwd()

class Eel:
    wet: bool = True
"""
NOTES = """# Tool

**Installation:** run it.

**Usage:** see below.

- **Fast:** yes
- **Small:** yes
"""
CHANGES = "# Changes\n\n## 1.2\n\n- Added: eels\n- Fixed: weirs\n- Added: mud\n- Fixed: gates\n"
RECIPE = "Ingredients: eels.\n\nMethod: boil them.\n\nServes: four people.\n\nTime: 20 minutes.\n"
LETTER = "Dear Tom,\n\nThank you for the eels. They came at 9:30.\n\nYours: Ann\n"
PAGE = "<!doctype html><html><body><h1>Eels</h1><p>An essay on eels, and no more.</p></body></html>"

REFUSED = [
    (b"", "notes.txt", "empty"),
    (b" \r\n\t\n", "notes.txt", "empty"),
    (b"\xef\xbb\xbf\n", "notes.txt", "empty"),
    (bytes(range(256)) * 9, "notes.txt", "binary"),
    (b"\x89PNG\r\n\x1a\n\x00", "notes.txt", "a picture"),
    (b"%PDF-1.7 Ann: hello", "notes.txt", "a PDF"),
    (b"PK\x03\x04 word/document.xml", "notes.txt", "office document"),
    (b"\xff\xfeA", "notes.txt", "torn UTF-16"),
    (ESSAY.encode(), "notes.txt:1", "no speakers and no times"),
    (f"\n\n{ESSAY}".encode(), "notes.txt:3", "On Patience"),
    (f"---\ntitle: x\n---\n\n{ESSAY}".encode(), "notes.txt:5", "On Patience"),
    (SETTINGS.encode(), "notes.txt:1", "no speakers and no times"),
    (CODE.encode(), "notes.txt:1", "no speakers and no times"),
    (NOTES.encode(), "notes.txt:1", "no speakers and no times"),
    (CHANGES.encode(), "notes.txt:1", "no speakers and no times"),
    (RECIPE.encode(), "notes.txt:1", "no speakers and no times"),
    (LETTER.encode(), "notes.txt:1", "no speakers and no times"),
    (b"time,speaker,text\n00:01,Ann,Hello\n00:02,Tom,Hi\n", "notes.txt:1", "no speakers and no times"),
    (b'{"segments": [{"body": "torn\n', "notes.txt:1", "torn or damaged"),
    (b'{\n "segments": [\n  {"body" "x"}]}', "notes.txt:3", "column 11"),
    (b'{"name": "tool", "version": 3, "scripts": {}}', "notes.txt:1", "without a transcript"),
    (b"[" * 100_000, "notes.txt:1", "nested too deeply"),
    (b'{"segments": [{"start": 1' + b"0" * 9_000 + b"}]}", "notes.txt:1", "endless number"),
    (PAGE.encode(), "notes.txt:1", "without a transcript"),
    (b"WEBVTT\n\nNOTE nothing else\n", "notes.txt:1", "without a single cue"),
    (b"WEBVTT\n\n00:01.000 --> 00:02.000\n\n", "notes.txt", "no spoken words"),
    (b'<?xml version="1.0"?>\n<!-- made by hand --><rss><channel/></rss>', "notes.txt", "a feed"),
    (b"<feed xmlns='http://www.w3.org/2005/Atom'></feed>", "notes.txt", "a feed"),
    (b"Ann: hello\n" + b"x" * (2**20 + 1), "notes.txt:2", "over a million characters"),
]


@pytest.mark.parametrize(
    ("data", "where", "what"), REFUSED, ids=[f"{what}-{n}" for n, (_, _, what) in enumerate(REFUSED)]
)
def test_it_says_where_and_what_was_expected(data: bytes, where: str, what: str) -> None:
    with pytest.raises(TranscriptError, match=what) as caught:
        read(data, "notes.txt")
    assert caught.value.where == where
    assert caught.value.fix
    assert "\n" not in str(caught.value)


def test_a_file_of_200_mb_is_refused_at_once_and_not_copied() -> None:
    data = b"x" * (200 * 2**20)
    tracemalloc.start()
    began = time.monotonic()
    with pytest.raises(TranscriptError, match=f"{LARGEST_FILE >> 20} MB"):
        read(data, "huge.txt")
    assert time.monotonic() - began < 1
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


@pytest.mark.parametrize(
    "line",
    ["**a" * 9_000, "[" * 30_000, "_a_" * 9_000, "a: " * 9_000, "`" * 30_000, "<v " * 9_000, "\\[" * 9_000, "(" * 30_000]
)  # fmt: skip
def test_hostile_lines_take_no_long_time(line: str) -> None:
    began = time.monotonic()
    read(
        f"**Ann Roe:** hello there.\n\n{line}\n\n**Tom Lee:** So it is.\n\n**Ann Roe:** Yes.\n".encode(), "x"
    )
    assert time.monotonic() - began < 2
