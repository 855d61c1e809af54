"""Lines and passages: nothing is lost, nothing is cut in two, sizes hold."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.lines import lines_of
from index.passages import LONGEST, SHORTEST, passages_of
from index.transcript import Turn

_WORDS = st.lists(
    st.sampled_from(
        ["tide", "mill", "Dr.", "so,", "well...", "it", "ran.", "Really?", "“No!”", "3.5", "and\n\nThen"]
    ),
    min_size=1,
    max_size=120,
)
_TURNS = st.lists(
    st.builds(
        lambda words, speaker: Turn(speaker, " ".join(words)), _WORDS, st.sampled_from(["Ada", "Ben", None])
    ),
    max_size=12,
)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("I met Dr. Roe at 3.5 knots. She waved.", ["I met Dr. Roe at 3.5 knots.", "She waved."]),
        ("He said “Stop!” Then he left.", ["He said “Stop!”", "Then he left."]),
        ("First\n\nsecond", ["First", "second"]),
        ("J. K. Vale wrote it. I. did not", ["J. K. Vale wrote it.", "I. did not"]),
        ("We left... And then", ["We left...", "And then"]),
        ("mühle. Österreich", ["mühle.", "Österreich"]),
        ("   ", []),
    ],
)
def test_sentences_are_lines(text: str, lines: list[str]) -> None:
    turn = Turn(None, text)
    assert [text[line.start : line.end] for line in lines_of(turn, 0)] == lines


def test_speech_without_full_stops_is_cut_at_a_caption() -> None:
    text = " ".join(f"word{n}" for n in range(150))
    edge = text.index("word25")
    lines = lines_of(Turn(None, text, ((0, 0.0), (edge, 9.0))), 0)
    assert lines[1].start == edge
    assert max(len(text[line.start : line.end].split()) for line in lines) <= 60


@given(_TURNS)
def test_lines_hold_every_word_once(turns: list[Turn]) -> None:
    for index, turn in enumerate(turns):
        lines = lines_of(turn, index)
        said = " ".join(turn.text[line.start : line.end] for line in lines)
        assert said.split() == turn.text.split()
        assert all(a.end <= b.start for a, b in itertools.pairwise(lines))


@given(_TURNS)
def test_passages_tile_the_episode(turns: list[Turn]) -> None:
    lines = [line for index, turn in enumerate(turns) for line in lines_of(turn, index)]
    passages = passages_of(turns)
    assert [line for passage in passages for line in passage.lines] == lines
    for passage in passages:
        for line, (start, end) in zip(passage.lines, passage.spans, strict=True):
            assert passage.text[start:end].split() == turns[line.turn].text[line.start : line.end].split()


def test_passages_keep_to_their_size_and_a_question_with_its_answer() -> None:
    question = Turn("Ada", "Now tell me about the mill and how its wheel was turned by the tide, would you?")
    answer = Turn(
        "Ben", " ".join(f"The wheel turned {n} times that day and then it stopped." for n in range(10))
    )
    passages = passages_of([question, answer] * 8)
    sizes = [sum(len(passage.text[a:b].split()) for a, b in passage.spans) for passage in passages]
    assert all(SHORTEST <= size <= LONGEST for size in sizes[:-1])
    assert not any(passage.lines[-1].turn % 2 == 0 for passage in passages)
