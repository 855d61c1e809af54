"""A model's stream becomes sentences with numbers, whatever the pieces; markup never gets through."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.prose import Sentence, read_sentence, sentences


def _cut(text: str, size: int) -> list[Sentence]:
    async def pieces() -> AsyncIterator[str]:
        for start in range(0, len(text), size):
            yield text[start : start + size]

    async def gathered() -> list[Sentence]:
        return [sentence async for sentence in sentences(pieces())]

    return asyncio.run(gathered())


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("It ran [1]. It stopped [2][3].", [("It ran.", (1,)), ("It stopped.", (2, 3))]),
        ("It ran. [1] It stopped. [2, 3]", [("It ran.", (1,)), ("It stopped.", (2, 3))]),
        ("Dr. Roe ran [4-6].\nIt stopped", [("Dr. Roe ran.", (4, 5, 6)), ("It stopped", ())]),
        ("- **It** ran [1]\n- It `stopped` [2]", [("It ran", (1,)), ("It stopped", (2,))]),
        ("See ![x](http://e.example/a.png) [here](http://e.example) now [1].", [("See x here now.", (1,))]),
        ("<img src=x onerror=y>It ran [1].", [("It ran.", (1,))]),
        (
            "It ran in (1962) [2]. Then (lines 3-4) it stopped.",
            [("It ran in (1962).", (2,)), ("Then it stopped.", (3, 4))],
        ),
        ("", []),
        ("[1][2]", []),
    ],
)
@pytest.mark.parametrize("size", [1, 5, 999])
def test_sentences(written: str, expected: list[tuple[str, tuple[int, ...]]], size: int) -> None:
    assert _cut(written, size) == [Sentence(*each) for each in expected]


@given(st.text(alphabet="ab .!?[]1\n“”Dr", max_size=80), st.integers(1, 9))
def test_how_the_stream_is_cut_changes_nothing(written: str, size: int) -> None:
    assert _cut(written, size) == _cut(written, 999)


@given(st.text(max_size=200))
def test_no_markup_survives(written: str) -> None:
    sentence = read_sentence(f"A {written} [b](http://x.example) <i>c</i> ![d](data:e)")
    if sentence:
        assert "http://" not in sentence.text
        assert "](" not in sentence.text
        assert "<i>" not in sentence.text
