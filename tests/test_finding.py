"""What a question asks for by name, and the quotes that are chosen for it."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from eval.tune_finding import PAGES, PAIRS, PLAIN
from index import ingest, lexical
from index.encoder import Encoder
from index.formats import read
from index.library import Library
from index.pair_reader import ANSWERS, embedded_reader
from index.sources import sources_of
from index.transcript import About, Episode, Turn
from rag.answering import Answerer
from rag.mentions import episodes_named, named_among, speakers_named
from rag.ordering import as_read, ordered, readings_of
from rag.picking import Picked, spread
from rag.quotes import Quote
from rag.retrieval import Ranked, in_turn
from rag.sides import Side, asks_several, sides_of

TWO_PLACES = PAIRS.with_name("two-places.jsonl")
NAMES = ("Mags Dunmore", "Mags", "Ansel Okonjo", "Dr. Idony Marsh", "Speaker 2", "Jonty Sprake")


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("What did Mags Dunmore say of flour?", [{"Mags Dunmore"}]),
        ("what did mags dunmore say of flour", [{"Mags Dunmore"}]),
        ("What did Mags say of flour?", [{"Mags Dunmore", "Mags"}]),
        ("What is Okonjo's doubt?", [{"Ansel Okonjo"}]),
        ("What is Okonja's doubt?", [{"Ansel Okonjo"}]),
        ("Do Ansel and Mags agree on flour?", [{"Ansel Okonjo"}, {"Mags Dunmore", "Mags"}]),
        ("What does Marsh mend?", [{"Dr. Idony Marsh"}]),
        ("Marsh on clocks?", [{"Dr. Idony Marsh"}]),
        ("Do I see a marsh in the picture of the Fen?", []),
        ("What does speaker 2 say?", []),
        ("What is flour?", []),
    ],
)
def test_a_speaker_is_named_in_full_in_part_or_misspelt(question: str, named: list[set[str]]) -> None:
    assert list(named_among(question, NAMES)) == named


@pytest.mark.parametrize(
    ("question", "numbers"),
    [
        ("What is episode 3 about?", ["03"]),
        ("who is in ep. 04", ["04"]),
        ("Compare #2 and episode 5", ["02", "05"]),
        ("What is said in the latest episode?", ["07"]),
        ("What is said in the very first episode?", ["01"]),
        ("What is the first thing to do in an episode?", []),
        ("What is episode 300 about?", []),
    ],
)
def test_episodes_are_named_by_number_or_age(sample: Library, question: str, numbers: list[str]) -> None:
    """Two of the sample's files tell a number; the names of the others begin with one."""
    assert sorted(id_[:2] for id_ in episodes_named(sample, question)) == numbers


def test_a_number_is_the_same_with_noughts_before_it(tmp_path: Path, encoder: Encoder) -> None:
    turns = (
        "**Ada Berg:** The boat leaks, and it always has.\n\n**Jonas:** Why?\n\n**Ada Berg:** It is old.\n"
    )
    (tmp_path / "a.md").write_text(f"---\nepisode: '03'\n---\n\n{turns}")
    library = Library.open(tmp_path / "library", create=True)
    list(ingest.add(library, sources_of(str(tmp_path / "a.md")), lambda: encoder))
    for question in ("What is episode 3 about?", "What is episode 03 about?", "And #003?"):
        assert len(episodes_named(library, question)) == 1, question
    library.close()


def _picked(sample: Library, *places: tuple[str, int]) -> list[Picked]:
    """Quotes of whole turns (episode's id in part, turn), each less likely than the one before."""
    rows = []
    for order, (start, turn) in enumerate(places):
        episode = next(sample.episode(entry.id) for entry in sample.entries() if entry.id.startswith(start))
        rows.append(Picked(Quote(episode, turn, 0, len(episode.turns[turn].text)), 0.5 / (1 + order), 0.5))
    return rows


def test_each_person_that_a_question_names_has_a_place(sample: Library) -> None:
    picked = _picked(sample, *(("07", turn) for turn in range(2, 16)))
    speakers = list(dict.fromkeys(one.quote.speaker for one in picked))
    assert len(speakers) >= 2
    assert all(speakers)
    one, other = (Side(speakers=frozenset([speaker])) for speaker in speakers[:2] if speaker)
    both = spread(picked, (other, one), 2, several=False)
    assert [one.quote.speaker for one in both] == speakers[:2]
    assert [one.score for one in both] == sorted((one.score for one in both), reverse=True)
    assert spread(picked, (one,), 2, several=False) == picked[:2]
    episode = replace(
        picked[0].quote.episode, turns=(Turn("Ada Berg", "No."), Turn("Ada", "Oh."), Turn("Jonas", "Yes."))
    )
    by_two_names = [replace(picked[0], quote=Quote(episode, turn, 0, 3)) for turn in range(3)]
    ada_and_jonas = Side(speakers=frozenset(["Ada", "Ada Berg"])), Side(speakers=frozenset(["Jonas"]))
    assert spread(by_two_names, ada_and_jonas, 2, several=False) == [by_two_names[0], by_two_names[2]]


def test_a_question_to_several_guests_is_answered_from_two_episodes(sample: Library) -> None:
    picked = _picked(sample, ("01", 2), ("01", 4), ("01", 6), ("04", 2), ("06", 2))
    assert spread(picked, (), 3, several=True) == [picked[0], picked[1], picked[3]]
    assert spread(picked, (), 3, several=False) == picked[:3]
    assert spread(picked, (), 1, several=True) == picked[:1]
    assert spread([], (), 3, several=True) == []
    episodes = [Side(episode=picked[place].quote.episode.id) for place in (3, 4)]
    assert spread(picked, episodes, 2, several=False) == picked[3:]


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("What do guests say about mould?", True),
        ("How did both founders begin?", True),
        ("Two of our guests nearly gave up. Why?", True),
        ("Which two old engineers changed trade?", True),
        ("Who on Deep Water learned to swim late?", True),
        ("Who else keeps bees?", True),
        ("Do the accounts agree?", True),
        ("Who on the team wrote it?", False),
        ("Why did the founder stop?", False),
        ("What are both reasons?", False),
        ("Why did the two companies merge?", False),
    ],
)
def test_a_question_asks_several_by_its_words(question: str, wanted: bool) -> None:
    assert asks_several(question) is wanted


@pytest.fixture(scope="module")
def two_trades(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Iterator[Library]:
    """A ferry, a glacier and a bakery, each with an episode and a guest of its own; all speak of winter."""
    folder = tmp_path_factory.mktemp("trades")
    for name, guest, thing in (
        ("a", "Ada Berg", "ferry"),
        ("b", "Bo Lund", "glacier"),
        ("c", "Cy Moe", "bakery"),
    ):
        turns = [
            f"{guest}: In winter the {thing} is quiet, and I like {n} things about it. {_LONG}"
            for n in range(4)
        ]
        (folder / f"{name}.txt").write_text("\n\n".join(["Ida Falk: Welcome.", *turns]))
    library = Library.open(folder / "library", create=True)
    for name in "abc":
        list(ingest.add(library, sources_of(str(folder / f"{name}.txt")), lambda: encoder))
    yield library
    library.close()


_LONG = "We go by the weather here, and by what people tell us, and by nothing else. " * 12


@pytest.mark.parametrize(
    ("question", "sides"),
    [
        ("Compare winter on the ferry with the glacier.", ["a", "b"]),
        ("How do the glacier and the ferry fare in winter?", ["b", "a"]),
        ("what is winter like for glacier, ferry & bakery", ["b", "a", "c"]),
        ("How does Ada Berg's winter differ from the one on the glacier?", ["Ada Berg", "b"]),
        ("What does Ada Berg say about the ferry and the glacier?", ["Ada Berg"]),
        ("Is Ada Berg's winter like the one on the ferry? Compare them.", ["Ada Berg"]),
        ("Does Ada Berg like each winter on the glacier?", ["Ada Berg"]),
        ("What do Ada and Lund think of winter?", ["Ada Berg", "Bo Lund"]),
        ("Does the ferry stop when the glacier calves?", []),
        ("How do weather and winter compare?", []),
        ("What about the ferry?", []),
    ],
)
def test_what_stands_for_an_episode_is_set_beside_another(
    two_trades: Library, question: str, sides: list[str]
) -> None:
    assert [side.episode or min(side.speakers) for side in sides_of(two_trades, question)] == sides


def test_of_things_that_are_compared_both_are_quoted(two_trades: Library, encoder: Encoder) -> None:
    finder = Answerer(two_trades, encoder).finder
    found = finder.find("Compare winter on the ferry with the glacier.")
    assert {one.quote.episode.id for one in found.picked} == {"a", "b"}
    assert {hit.passage.episode for hit in found.ranked[:2]} == {"a", "b"}
    alone = finder.find("What is winter on the ferry like?").ranked
    assert [hit.passage.episode for hit in alone[:3]] == ["a"] * 3


def test_what_two_people_think_is_quoted_from_both(sample: Library, encoder: Encoder) -> None:
    question = "Should shy singers be left where they are? What do Jonty and Rosalind each think?"
    assert speakers_named(sample, question) == ({"Jonty Sprake"}, {"Rosalind Achter"})
    picked = Answerer(sample, encoder).finder.find(question).picked
    assert {"Jonty Sprake", "Rosalind Achter"} <= {one.quote.speaker for one in picked}


def test_who_says_little_on_the_matter_is_quoted_beside_who_says_much(
    tmp_path: Path, encoder: Encoder
) -> None:
    kinds = "rye spelt wheat barley oat maize millet potato soda milk onion walnut".split()
    oven = "It wants a hot oven and a cold morning, and you must not cut it before noon, or it cries."
    much = [f"Ada Berg: Bread of {kind} is what I think about. {oven} {oven} {oven}" for kind in kinds]
    little = f"Bo Lund: I mend shoes, mostly. Bread goes stale too soon for me. {'I go by the sole. ' * 20}"
    for name, turns in (("a", much), ("b", [little])):
        (tmp_path / f"{name}.txt").write_text("\n\n".join(["Ida Falk: Welcome to the show.", *turns]))
    library = Library.open(tmp_path / "library", create=True)
    for name in ("a", "b"):
        list(ingest.add(library, sources_of(str(tmp_path / f"{name}.txt")), lambda: encoder))
    found = Answerer(library, encoder).finder.find("What do Ada Berg and Bo Lund think about bread?")
    assert {"Ada Berg", "Bo Lund"} <= {one.quote.speaker for one in found.picked}
    assert {hit.passage.episode for hit in found.ranked[:2]} == {"a", "b"}
    library.close()


def test_sides_take_turns_and_the_best_begins(sample: Library) -> None:
    passages = lexical.passages(sample, list(range(1, 13)))
    ranked = [Ranked(passage, 1.0 - place, 0.0) for place, passage in enumerate(passages)]
    ids = [hit.passage.id for hit in ranked]
    late, early, silent = frozenset(ids[6:10]), frozenset(ids[1:6]), frozenset[int]()
    taken = [hit.passage.id for hit in in_turn(ranked, [late, early, silent])]
    assert taken[:6] == [ids[1], ids[6], ids[2], ids[7], ids[3], ids[8]]
    assert taken[6:] == [id_ for id_ in ids if id_ not in taken[:6]]
    assert in_turn(ranked, [early]) == ranked
    shared = [hit.passage.id for hit in in_turn(ranked, [early, early])]
    assert shared[:4] == [ids[1], ids[2], ids[3], ids[0]], "nobody is counted twice"


def test_a_quote_is_read_with_who_speaks_and_what_was_said_before() -> None:
    turns = (
        Turn("Wren", "So where was the lens?"),
        Turn("Hesper", "In a barn. Under straw, for forty years."),
        Turn(None, "Straw!"),
    )
    episode = Episode("lens", "lens.txt", About(), turns)
    assert as_read(Quote(episode, 0, 0, 22)) == "Wren: So where was the lens?"
    assert as_read(Quote(episode, 1, 0, 10)) == "Wren: So where was the lens? / Hesper: In a barn."
    assert as_read(Quote(episode, 1, 11, 40)) == "In a barn. / Hesper: Under straw, for forty years."
    assert as_read(Quote(episode, 2, 0, 6)) == "Hesper: In a barn. Under straw, for forty years. / Straw!"


def test_quotes_are_put_in_order_and_none_is_lost(sample: Library) -> None:
    picked = _picked(sample, ("01", 4), ("02", 6), ("04", 8))
    question = "What is said about bees?"
    readings = readings_of(question, picked)
    found = ordered(picked, readings)
    assert Counter(map(id, found)) == Counter(map(id, picked))
    assert ordered(picked[:1], readings[:1]) == picked[:1]
    assert ordered([], readings_of(question, [])) == []
    sure = [replace(picked[0], score=1e-5), replace(picked[1], score=0.9)]
    assert ordered(sure, readings_of(question, sure))[0] is sure[1], "what picking is sure of stays first"


def test_the_reader_knows_which_of_two_quotes_answers() -> None:
    reader = embedded_reader(ANSWERS)
    asked = "Where was the lens of the lighthouse found?"
    right, wrong = "Hesper: It was in a barn, under straw.", "Hesper: I took the train, it was a Sunday."
    yes, no = reader.logits([(asked, right), (asked, wrong)])
    assert yes > no


def test_a_host_who_asks_the_same_is_not_the_answer(tmp_path: Path, encoder: Encoder) -> None:
    said = (
        ("Marta", "What is the most beautiful thing that you have seen under water?"),
        ("Hal", "A night in October. A cuttlefish went past me, all made of sparks. I held on to my rope."),
        ("Marta", "Did you ever regret the letter that you wrote to the yachtsmen?"),
        ("Hal", "Every week. I called them vandals. My wife has kept it in the drawer."),
    )
    (tmp_path / "a.md").write_text("\n\n".join(f"**{name}:** {text}" for name, text in said))
    library = Library.open(tmp_path / "library", create=True)
    list(ingest.add(library, sources_of(str(tmp_path / "a.md")), lambda: encoder))
    finder = Answerer(library, encoder).finder
    for question, answer in (
        ("What was the most beautiful thing he ever saw under water?", "A night in October."),
        ("Does he regret his letter to the yachtsmen?", "Every week."),
    ):
        picked = finder.find(question).picked
        assert all(one.quote.speaker == "Hal" for one in picked)
        assert answer in picked[0].quote.text
    library.close()


@pytest.mark.parametrize(
    ("page", "cases"),
    [
        *((page, page.with_suffix(".jsonl")) for page in PAGES),
        *((page, PLAIN / f"{page.stem}.jsonl") for page in PAGES),
        *((page, page.with_suffix(".jsonl")) for page in sorted(PAIRS.glob("*.md"))),
    ],
    ids=lambda path: f"{path.parent.name}-{path.name}",
)
def test_each_gold_quote_of_an_interview_page_is_said_once_and_by_whom_it_names(
    page: Path, cases: Path
) -> None:
    turns = read(page.read_bytes(), page.name).turns
    rows = [json.loads(line) for line in cases.read_text("utf-8").splitlines()]
    assert len({row["id"] for row in rows}) == len(rows) >= 54
    assert [bool(row["quotes"]) for row in rows] == [row["answerable"] for row in rows]
    for quote in (quote for row in rows for quote in row["quotes"]):
        assert [turn.speaker for turn in turns if quote["text"] in turn.text] == [quote["speaker"]]
        assert quote["episode"] == page.stem


def test_each_gold_quote_of_a_question_on_two_places_is_said_where_it_tells() -> None:
    turns = {
        page.stem: read(page.read_bytes(), page.name).turns for page in (*PAGES, *sorted(PAIRS.glob("*.md")))
    }
    rows = [json.loads(line) for line in TWO_PLACES.read_text("utf-8").splitlines()]
    assert len({row["id"] for row in rows}) == len(rows) == 72
    for row in rows:
        groups = {quote["group"]: quote["episode"] for quote in row["quotes"]}
        assert len(set(groups.values())) == len(groups) >= 2, row["id"]
        for quote in row["quotes"]:
            assert quote["episode"] == groups[quote["group"]], row["id"]
            said = [turn.speaker for turn in turns[quote["episode"]] if quote["text"] in turn.text]
            assert quote["speaker"] in said, row["id"]
