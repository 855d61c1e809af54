"""Cases: what a file of them may hold, what is said about one that is wrong, and where their gold stands."""

import json
from pathlib import Path
from typing import Any

import pytest

from eval.cases import Case, GoldQuote, read_cases
from eval.gold import Extent, locate_gold
from index.errors import EvalError
from index.library import Library

EDDA = "My great-grandmother Edda started her in 1911"
STARTER = "01-the-starter-that-would-not-die"
SETS = Path(__file__).parent.parent / "eval" / "sets"


def file_of(folder: Path, *rows: object) -> Path:
    path = folder / "cases.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def case(**given: Any) -> dict[str, Any]:
    return {"id": "a", "question": "Who runs the mill?", "answerable": False} | given


@pytest.mark.parametrize(("name", "cases"), [("sample", 81), ("changes-of-subject", 6)])
def test_the_sample_shows_sets_have_no_fault(name: str, cases: int) -> None:
    found = read_cases(SETS / f"{name}.jsonl")
    assert (len(found.cases), found.faults, found.not_accepted) == (cases, (), 0)


@pytest.mark.parametrize(
    ("row", "where", "what", "fix"),
    [
        ({"question": "Who?"}, ":1", 'no "id"', "give it"),
        (case(id=7), ":1", '"id" is no text', "quotation marks"),
        (case(qestion="x"), ":1", 'key "qestion" is unknown', 'did you mean "question"'),
        (case(question=" "), "case 'a'", "no words", '"question"'),
        (case(question="w " * 400), "case 'a'", "500 is the most", '"question"'),
        (case(answerable="no"), "case 'a'", "neither true nor false", "write true or false"),
        (case(tags="fact"), "case 'a'", '"tags" is no list of texts', "list of texts"),
        (case(history=[["only a question"]]), "case 'a'", "other than pairs", "earlier question"),
        (case(quotes=[{"text": "x"}]), "case 'a'", '"answerable" is false', "correct one"),
        (case(answerable=True, quotes=[{"episode": "e"}]), "quote 1", 'no "text"', "copy"),
        (case(answerable=True, quotes=[{"text": "x", "grp": 1}]), "quote 1", 'key "grp"', '"group"'),
        (case(answerable=True, quotes=[{"text": "x", "group": "1"}]), "quote 1", "no whole number", "number"),
        ("{torn", ":1", "no JSON", "one case a line"),
        ("[1]", ":1", "no JSON object", '{"id"'),
    ],
)
def test_a_fault_says_what_where_and_what_to_do(
    tmp_path: Path, row: object, where: str, what: str, fix: str
) -> None:
    (fault,) = read_cases(file_of(tmp_path, row)).faults
    assert where in str(fault.where)
    assert what in fault.what
    assert fix in str(fault.fix)


def test_all_faults_are_told_at_once_and_one_id_stands_once(tmp_path: Path) -> None:
    found = read_cases(file_of(tmp_path, case(), case(), {"question": "Who?"}, case(id="b")))
    assert [each.id for each in found.cases] == ["a", "b"]
    assert [str(fault.where)[-2:] for fault in found.faults] == [":2", ":3"]
    assert "line 1 too" in found.faults[0].what


def test_drafts_that_nobody_accepted_are_left_out_and_counted(tmp_path: Path) -> None:
    found = read_cases(file_of(tmp_path, case(accepted=False), case(id="b", accepted=True, note="seen")))
    assert ([each.id for each in found.cases], found.not_accepted) == (["b"], 1)


@pytest.mark.parametrize(
    ("text", "why"),
    [("\n\n", "it is empty"), (json.dumps(case(accepted=False)), "none of its 1 drafts is accepted")],
)
def test_a_set_without_a_case_is_an_error(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(EvalError, match=why):
        read_cases(file_of(tmp_path, text))


def test_a_file_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(EvalError, match="cannot be read"):
        read_cases(tmp_path / "none.jsonl")
    (tmp_path / "latin").write_bytes(b'{"id": "\xe9"}')
    with pytest.raises(EvalError, match="not UTF-8"):
        read_cases(tmp_path / "latin")


def of(*quotes: GoldQuote, answerable: bool = True) -> Case:
    return Case("a", "Who?", "", answerable, (), quotes, (), 3)


def test_gold_is_found_in_its_groups_with_every_passage_that_has_it(sample: Library) -> None:
    gold = locate_gold(
        of(GoldQuote(EDDA, STARTER, "Mags Dunmore", 2), GoldQuote("She's starving.", STARTER, None, 1)),
        sample,
        "f",
    )
    starving, edda = gold.groups
    turns = sample.episode(STARTER).turns
    for place, text in ((starving[0], "She's starving."), (edda[0], EDDA)):
        assert turns[place.first[0]].text[place.first[1] : place.last[1]] == text
        assert any(passage.overlaps(place) for passage in gold.relevant)
    assert gold.episodes == {STARTER}


def test_of_a_text_that_occurs_several_times_all_places_count(sample: Library) -> None:
    (group,) = locate_gold(of(GoldQuote("yeast", STARTER, None, 1)), sample, "f").groups
    said = sum(turn.text.lower().split().count("yeast") for turn in sample.episode(STARTER).turns)
    assert len(group) >= max(2, said)
    assert len(set(group)) == len(group)


@pytest.mark.parametrize(
    ("quote", "what", "fix"),
    [
        (
            GoldQuote("My great-grandmother Edda started her in 1921", STARTER, None, 1),
            "nowhere",
            "in 1911",
        ),
        (GoldQuote(EDDA, "06-four-feet-of-water", None, 1), "is not in 06-four-feet-of-water", STARTER),
        (GoldQuote(EDDA, STARTER, "Somebody Else", 1), "not said by Somebody Else", "Mags Dunmore says it"),
        (GoldQuote(EDDA, "nowhere", None, 1), "no episode is called 'nowhere'", "onrecord episodes"),
    ],
)
def test_gold_that_is_not_there_is_an_error_of_the_case(
    sample: Library, quote: GoldQuote, what: str, fix: str
) -> None:
    with pytest.raises(EvalError) as error:
        locate_gold(of(quote), sample, "cases.jsonl")
    assert error.value.where == "cases.jsonl:3, case 'a', quote 1"
    assert what in error.value.what
    assert fix in str(error.value.fix)


def test_an_answerable_case_needs_gold_and_an_unanswerable_one_none(sample: Library) -> None:
    with pytest.raises(EvalError, match="no gold quote"):
        locate_gold(of(), sample, "f")
    assert locate_gold(of(answerable=False), sample, "f").groups == ()


def test_extents_overlap_when_they_share_a_character() -> None:
    one = Extent("e", (1, 10), (3, 5))
    for first, last, shares in [
        ((1, 0), (1, 10), False),
        ((1, 0), (1, 11), True),
        ((2, 7), (2, 8), True),
        ((3, 4), (3, 9), True),
        ((3, 5), (3, 9), False),
    ]:
        assert one.overlaps(Extent("e", first, last)) is shares
        assert Extent("e", first, last).overlaps(one) is shares
        assert not one.overlaps(Extent("other", first, last))
