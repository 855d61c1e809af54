"""What a draft quotes, and who is named beside it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.drafts import quoted_passages
from ui.differences import differences

SPEAKERS = ("Ada Berg", "Tom Ruiz")


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        ('"It leaked," says Tom.', [("It leaked,", 1, "Tom Ruiz")]),
        ("Ada told us: “It leaked.”", [("It leaked.", 1, "Ada Berg")]),
        ('He said "it leaked".', [("it leaked", 1, None)]),
        ('"It leaked," said Bob Stone.', [("It leaked,", 1, "Bob Stone")]),
        ('But Bob Stone said "it leaked".', [("it leaked", 1, "Bob Stone")]),
        ('One.\n\n"I took the\nferry at five," says Tom.', [("I took the ferry at five,", 3, "Tom Ruiz")]),
        (
            '"I took the ferry," says Tom, "and it sank." As Ada Berg recalled: "We swam."',
            [
                ("I took the ferry,", 1, "Tom Ruiz"),
                ("and it sank.", 1, "Tom Ruiz"),
                ("We swam.", 1, "Ada Berg"),
            ],
        ),
        (
            "“First it leaked.\n\n“Then it sank,” Ada said.",
            [("First it leaked.", 1, None), ("Then it sank,", 3, "Ada Berg")],
        ),
        ("“He told me ‘go away’ and left.”", [("He told me ‘go away’ and left.", 1, None)]),
        ("‘We don’t know the dog’s name’, said Ada.", [("We don’t know the dog’s name", 1, "Ada Berg")]),
        ("It's the dog's tail, 'tis true.", []),
        (
            "«Il pleut», „Es regnet“ und 「雨」",
            [("Il pleut", 1, None), ("Es regnet", 1, None), ("雨", 1, None)],
        ),
        ('A 6" pipe and a 7" pipe', []),
        ("> It leaked all day.\n> — Ada Berg\n", [("It leaked all day.", 1, "Ada Berg")]),
        (
            "> “It leaked,” he said, “all day.” — Tom\n",
            [("It leaked,", 1, "Tom Ruiz"), ("all day.", 1, "Tom Ruiz")],
        ),
        ("> > It leaked.\n", [("It leaked.", 1, None)]),
        ('```\n"code"\n```\n[a](http://x.example "title") `"b"`', []),
        ('---\ntitle: "Not said"\n---\n"*Really* bad"', [("Really bad", 4, None)]),
        (
            "<p>Tom said <q>it <em>leaked</em></q>.</p><blockquote>All day.<footer>— Ada Berg, captain</footer></blockquote>",
            [("it leaked", 3, "Tom Ruiz"), ("All day.", 5, "Ada Berg")],
        ),
        ("Nothing is quoted here.", []),
    ],
)
def test_every_quotation_is_found_with_its_line_and_speaker(
    draft: str, expected: list[tuple[str, int, str | None]]
) -> None:
    found = [(quoted.text, quoted.line, quoted.speaker) for quoted in quoted_passages(draft, SPEAKERS)]
    assert found == expected


@given(st.text(alphabet="ab \n\"'“”‘’«»„>—.<p/", max_size=80))
def test_any_draft_can_be_read(draft: str) -> None:
    for quoted in quoted_passages(draft, SPEAKERS):
        assert quoted.text.strip()
        assert 1 <= quoted.line <= draft.count("\n") + draft.count("<") * 2 + 1


@given(st.text(max_size=80), st.text(max_size=80))
def test_the_pieces_of_a_difference_are_the_texts(quoted: str, said: str) -> None:
    mine, theirs = differences(quoted, said)
    assert "".join(piece.text for piece in mine) == quoted
    assert "".join(piece.text for piece in theirs) == said


def test_only_the_words_that_differ_are_marked() -> None:
    mine, theirs = differences("It wasn't 5 days.", "it was five days")
    assert [piece.text.strip() for piece in mine if piece.differs] == ["wasn't"]
    assert [piece.text.strip() for piece in theirs if piece.differs] == ["was"]
