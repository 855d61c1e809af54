"""The matcher: tolerant of how speech is written down, strict about what was said."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eval.edits import measure, sentences
from index import ingest
from index.encoder import Encoder
from index.errors import UnknownEpisode
from index.library import Library
from index.sources import sources_of
from index.words import words_of
from rag.nearest import nearest
from rag.persons import same_person
from rag.quotes import Quote, Verdict, locate

FERRY = """\
Ada Berg: Well, I, um, I took the the ferry at five, you know, and it didn't leak. It was twenty-five minutes late [laughs].

Tom Ruiz: We never had a café on board, I mean, not before 2019. It cost 3.5 million, and 90% of it was paid by the city.

Ada Berg: So the captain said, the engine is well known. And, you know, the harbour? He's like, "no way". The old boat, though, was \
sold to a museum in the spring of that year, after a long quarrel about money, and nobody was happy.

Tom Ruiz: Yeah, I wish we had never sold it. 我们在港口等了很久。 Yeah.
"""
HARBOUR = """\
Ada Berg: The harbour is deep. It was twenty-five minutes late, that train.

Lena Fox: I took the bus at five.
"""


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Library:
    folder = tmp_path_factory.mktemp("quotes")
    for name, text in (("ferry.txt", FERRY), ("harbour.txt", HARBOUR)):
        (folder / name).write_text(text)
    library = Library.open(folder / "library", create=True)
    list(ingest.add(library, sources_of(str(folder)), lambda: encoder))
    return library


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("It cost 3.5 million", "It cost 3.5 million"),
        ("IT COST 3.5 MILLION.", "It cost 3.5 million"),
        ("the engine is well-known", "the engine is well known."),
        ("the engine is wellknown!", "the engine is well known."),
        (
            "I took the ferry at five and it didn’t leak",
            "I took the the ferry at five, you know, and it didn't leak.",
        ),
        (
            "I took the ferry at 5 , and it didnt leak .",
            "I took the the ferry at five, you know, and it didn't leak.",
        ),
        ("It was 25 minutes late.", "It was twenty-five minutes late"),
        (
            "never had a cafe\u0301 on board, not before 2019",
            "never had a café on board, I mean, not before 2019.",
        ),
        ("ninety percent of it was paid by the city", "90% of it was paid by the city."),
        ("90 per cent of it", "90% of it"),
        ("And the harbour? He's “no way”.", "And, you know, the harbour? He's like, \"no way"),
        ("«We had never sold it»", "we had never sold it."),
        ("I wish we had never sold it", "I wish we had never sold it."),
        ("港口等了", "港口等了"),
    ],
)
def test_what_is_shown_is_the_transcripts_own_slice(record: Library, text: str, shown: str) -> None:
    found = locate(text, record, episode="ferry")
    assert found.on_record
    assert [part.text.rstrip(".") for part in found.parts] == [shown.rstrip(".")]
    quote = found.parts[0]
    assert quote.episode.turns[quote.turn].text[quote.start : quote.end] == quote.text


@pytest.mark.parametrize(
    "text",
    [
        "it did leak",
        "it leaked",
        "the engine is not well known",
        "It was twenty minutes late",
        "It was five minutes late",
        "It cost 35 million",
        "It cost 3 million",
        "91% of it was paid by the city",
        "I took the train at five",
        "I took the old ferry at five",
        "I took the ferry at five, and the captain said",
        "the engine is well known and it didn't leak",
        "We had a café on board",
        "I wish we had … sold it",
        "el barco no tenía agua",
        "",
        "—?!",
    ],
)
def test_what_nobody_said_is_fabricated(record: Library, text: str) -> None:
    assert locate(text, record).verdict is Verdict.FABRICATED


def test_an_ellipsis_joins_parts_of_one_turn_in_order(record: Library) -> None:
    found = locate("The old boat … was sold to a museum … nobody was happy", record)
    assert found.verdict is Verdict.REPAIRED
    assert [part.text for part in found.parts] == [
        "The old boat",
        "was sold to a museum",
        "nobody was happy.",
    ]
    assert {part.turn for part in found.parts} == {2}
    for refused in (
        "nobody was happy … The old boat",
        "the engine is well known … I wish we had never sold it",
        "I wish we had … sold it",
    ):
        assert locate(refused, record).verdict is Verdict.FABRICATED, refused


def captions(words: list[str], pause_at: int | None = None, name: str = "") -> str:
    """Unpunctuated captions of eight words, four seconds each; before one of them a pause of three seconds."""
    cues, at = ["WEBVTT"], 0.0
    for first in range(0, len(words), 8):
        at += 3.0 if first // 8 == pause_at else 0.0
        said = " ".join(words[first : first + 8])
        cues.append(
            f"{int(at) // 60:02}:{at % 60:06.3f} --> {int(at + 4) // 60:02}:{(at + 4) % 60:06.3f}\n{name}{said}"
        )
        at += 4.0
    return "\n\n".join(cues) + "\n"


@pytest.fixture(scope="module")
def captioned(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Library:
    """Three minutes of words that are all different, w0 to w359, cut into turns for nothing but their length; and the like."""
    folder = tmp_path_factory.mktemp("captions")
    for name, text in (
        ("long.vtt", captions([f"word{n}" for n in range(360)])),
        ("paused.vtt", captions([f"pause{n}" for n in range(360)], pause_at=10)),
        ("named.vtt", captions([f"name{n}" for n in range(360)], name="<v Ada Berg>")),
    ):
        (folder / name).write_text(text)
    library = Library.open(folder / "library", create=True)
    list(ingest.add(library, sources_of(str(folder)), lambda: encoder))
    return library


def test_a_quote_may_run_on_where_captions_were_cut_for_their_length_alone(captioned: Library) -> None:
    turns = captioned.episode("long").turns
    assert len(turns) > 1
    for before, after in pairwise(turns):
        end, begin = before.text.split()[-5:], after.text.split()[:9]
        for kept in (1, 3, 5):
            found = locate(" ".join([*end[-kept:], *begin]), captioned)
            assert found.verdict is Verdict.REPAIRED
            assert [part.text for part in found.parts] == [" ".join(end[-kept:]), " ".join(begin)]
            assert [part.time is None for part in found.parts] == [False, False]
        assert locate(" ".join([*end, begin[0], "not", *begin[1:]]), captioned).verdict is Verdict.FABRICATED
        assert locate(" ".join([*end[:-1], *begin]), captioned).verdict is Verdict.FABRICATED
        assert locate(" ".join([*end, *begin[1:]]), captioned).verdict is Verdict.FABRICATED
        assert locate(" ".join([*begin, *end]), captioned).verdict is Verdict.FABRICATED


def test_no_quote_runs_on_past_a_pause(captioned: Library) -> None:
    turns = captioned.episode("paused").turns
    cut = next(n for n, turn in enumerate(turns) if turn.text.startswith("pause80 "))
    assert locate("pause78 pause79 pause80 pause81", captioned).verdict is Verdict.FABRICATED
    assert locate("pause80 pause81 pause82", captioned).parts[0].turn == cut


def test_a_known_speaker_has_one_turn_and_no_quote_runs_on_out_of_it(captioned: Library) -> None:
    assert [turn.speaker for turn in captioned.episode("named").turns] == ["Ada Berg"]
    assert locate("name358 name359 word0 word1", captioned).verdict is Verdict.FABRICATED


def test_the_claimed_speaker_and_episode_are_part_of_the_quote(record: Library) -> None:
    said = "the engine is well known"
    assert locate(said, record, speaker="Berg").verdict is Verdict.EXACT
    other = locate(said, record, speaker="Tom Ruiz")
    assert other.verdict is Verdict.WRONG_SPEAKER
    assert other.parts[0].speaker == "Ada Berg"
    elsewhere = locate(said, record, episode="harbour.txt")
    assert elsewhere.verdict is Verdict.WRONG_EPISODE
    assert elsewhere.parts[0].episode.id == "ferry"
    with pytest.raises(UnknownEpisode, match="nowhere"):
        locate(said, record, episode="nowhere")


def test_of_several_places_the_one_that_fits_is_chosen_and_the_others_are_known(record: Library) -> None:
    both = locate("It was twenty-five minutes late", record)
    assert len(both.also) == 1
    assert {both.parts[0].episode.id, both.also[0][0].episode.id} == {"ferry", "harbour"}
    for episode in ("ferry", "harbour"):
        assert locate("it was 25 minutes late", record, episode=episode).parts[0].episode.id == episode
        near = Quote(record.episode(episode), 0, 0, 3)
        assert locate("it was 25 minutes late", record, near=near).parts[0].episode.id == episode
    yeah = locate("yeah", record)
    assert [part.text for place in (yeah.parts, *yeah.also) for part in place] == ["Yeah", "Yeah."]


def test_the_nearest_true_words_are_found_for_a_misquote(record: Library) -> None:
    meant = nearest("I took the train at five, you know, and it did leak", record)
    assert meant is not None
    assert "the the ferry at five" in meant.text
    assert nearest("a completely different sentence on gardening", record) is None
    assert nearest("", record) is None


@pytest.mark.parametrize(
    ("claimed", "speaker", "same"),
    [
        ("Ada Berg", "ADA BERG", True),
        ("Dr. Ada Berg", "Ada Berg", True),
        ("Berg", "Ada Berg", True),
        ("Ada M. Berg", "Ada Berg", True),
        ("Ada", "Ada Berg", True),
        ("José Díaz", "Jose Diaz", True),
        ("Ada Berg", "Ada Fox", False),
        ("Tom", "Ada Berg", False),
        ("PhD D", "PhD F", False),
        ("Ada Berg", None, True),
        (None, "Ada Berg", True),
        ("Ada Berg", "SPEAKER_00", True),
        ("Speaker 1", "Speaker 2", False),
    ],
)
def test_who_a_name_can_be(claimed: str | None, speaker: str | None, same: bool) -> None:
    assert same_person(claimed, speaker) is same


def test_thousands_of_edited_sentences(sample: Library) -> None:
    figures = measure(sample, 250)
    for name, (right, total, verdicts) in figures.items():
        least = 0.98 if name in ("exact", "case", "punctuation", "fillers") else 0.995
        assert right >= least * total, (name, verdicts)
    assert {"fillers", "negation in", "negation out", "number", "splice", "other speaker"} <= figures.keys()
    assert sum(total for _, total, _ in figures.values()) > 1500


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=300))
def test_any_text_is_on_the_record_only_as_a_slice_of_it(record: Library, text: str) -> None:
    found = locate(text, record)
    for place in (found.parts, *found.also):
        for part in place:
            assert part.text in part.episode.turns[part.turn].text
    if found.on_record:
        said = {word.norm for part in found.parts for word in words_of(part.text)}
        assert said


def test_long_and_short_quotes(sample: Library) -> None:
    episode = sample.episode(max(sample.entries(), key=lambda entry: entry.words).id)
    longest = max(episode.turns, key=lambda turn: len(turn.text))
    assert locate(longest.text, sample).verdict is Verdict.EXACT
    everything = " ".join(turn.text for turn in episode.turns)[:12_000]
    assert locate(everything, sample).verdict is Verdict.FABRICATED
    assert locate(next(sentences(sample)).text.split()[-1], sample).on_record


def test_a_library_of_the_first_format_gets_its_words_when_it_is_opened(
    tmp_path: Path, encoder: Encoder
) -> None:
    (tmp_path / "ferry.txt").write_text(FERRY)
    library = Library.open(tmp_path / "library", create=True)
    list(ingest.add(library, sources_of(str(tmp_path / "ferry.txt")), lambda: encoder))
    with library.writing() as db:
        for table in ("spoken", "sites", "spending", "seals"):
            db.execute(f"DROP TABLE {table}")
        db.execute("UPDATE manifest SET value = '1' WHERE key = 'format'")
    library.close()
    again = Library.open(tmp_path / "library")
    assert locate("the engine is well known", again).verdict is Verdict.EXACT
    again.remove("ferry")
    assert locate("the engine is well known", again).verdict is Verdict.FABRICATED
