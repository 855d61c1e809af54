"""The record: idempotent, whole after a crash, honest about what cannot be used."""

import asyncio
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from index import feedback, ingest, lexical, vectors
from index.embedding import DEFAULT
from index.encoder import Encoder, EncoderId
from index.errors import DamagedEpisode, LibraryError, OtherEncoder, OtherFormat, UnknownEpisode
from index.ingest import Kind
from index.lexical import Filters
from index.library import Library
from index.schema import FORMAT_VERSION
from index.sources import sources_of
from rag.answering import Answerer
from rag.nearest import nearest
from rag.quotes import Verdict, locate
from rag.starters import starter_questions
from tests.promise import keeps_the_promise

TALK = "Ada: The tide mill stopped in 1962, and nobody knew why.\n\nBen: Well, the wheel was rotten.\n\nAda: Was it?\n\nBen: It was."


def _write(folder: Path, **texts: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text)
    return folder


def _add(library: Library, encoder: Encoder, *paths: Path) -> list[ingest.Outcome]:
    sources = [source for path in paths for source in sources_of(str(path))]
    return list(ingest.add(library, sources, lambda: encoder))


def _dump(library: Library) -> list[str]:
    """Everything on the record but the ids that count up and the times of day."""
    tables = ("SELECT id, source, sha256, words FROM episodes", "SELECT speaker, text, marks FROM turns")
    tables += ("SELECT lines, embedding FROM passages", "SELECT hash, vector FROM embeddings")
    return [repr(sorted(library.db.execute(query).fetchall(), key=repr)) for query in tables]


def test_adding_twice_changes_nothing(tmp_path: Path, encoder: Encoder) -> None:
    folder = _write(tmp_path / "in", one=TALK, two=TALK.replace("1962", "1971"))
    library = Library.open(tmp_path / "library", create=True)
    assert [outcome.kind for outcome in _add(library, encoder, folder)] == [Kind.ADDED] * 2
    before, generation = _dump(library), library.generation

    def never() -> Encoder:
        raise AssertionError("nothing was to be encoded")

    again = list(ingest.add(library, sources_of(str(folder)), never))
    assert [outcome.kind for outcome in again] == [Kind.UNCHANGED] * 2
    assert (_dump(library), library.generation) == (before, generation)


def test_a_changed_file_replaces_its_episode_and_leaves_nothing_behind(
    tmp_path: Path, encoder: Encoder
) -> None:
    folder = _write(tmp_path / "in", one=TALK)
    library = Library.open(tmp_path / "library", create=True)
    _add(library, encoder, folder)
    _write(folder, one=TALK.replace("tide mill", "windmill"))
    (outcome,) = _add(library, encoder, folder)
    assert (outcome.kind, outcome.id) == (Kind.REPLACED, "one")
    assert lexical.search_words(library, ["tide"], Filters(), 9)[0].size == 0
    assert lexical.search_words(library, ["windmill"], Filters(), 9)[0].size == 1
    fresh = Library.open(tmp_path / "fresh", create=True)
    _add(fresh, encoder, folder)
    assert _dump(library) == _dump(fresh)


def test_removing_removes_everything_but_feedback(own_sample: Library) -> None:
    feedback.keep(own_sample, "Why?", "dislike", {"status": "quotes_only"})
    for entry in own_sample.entries():
        own_sample.remove(entry.id)
    for table in ("episodes", "turns", "passages", "speaking", "embeddings", "passages_fts"):
        assert own_sample.db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table
    assert [(kept.question, kept.verdict) for kept in feedback.kept(own_sample)] == [("Why?", "dislike")]
    with pytest.raises(UnknownEpisode, match="onrecord episodes"):
        own_sample.remove("gone")


def test_an_episode_answers_to_its_id_and_its_file_name(sample: Library) -> None:
    for entry in sample.entries():
        file = Path(entry.source).name
        assert sample.resolve(entry.id) == sample.resolve(file) == sample.resolve(Path(file).stem) == entry.id


def test_two_files_of_one_name_get_two_ids(tmp_path: Path, encoder: Encoder) -> None:
    library = Library.open(tmp_path / "library", create=True)
    first = _write(tmp_path / "a", talk=TALK)
    second = _write(tmp_path / "b", talk=TALK.replace("rotten", "gone"))
    outcomes = _add(library, encoder, first, second)
    assert [outcome.id for outcome in outcomes] == ["talk", "talk-2"]


def test_a_killed_add_is_resumed(tmp_path: Path, encoder: Encoder) -> None:
    folder = _write(tmp_path / "in", **{f"talk{n}": TALK.replace("1962", str(1900 + n)) for n in range(120)})
    script = textwrap.dedent("""
        import sys, pathlib
        from index import ingest
        from index.embedding import load_encoder
        from index.library import Library
        from index.sources import sources_of
        library = Library.open(pathlib.Path(sys.argv[1]), create=True)
        for outcome in ingest.add(library, sources_of(sys.argv[2]), load_encoder):
            print(outcome.id, flush=True)
    """)
    target = tmp_path / "library"
    child = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", script, str(target), str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    assert child.stdout is not None
    told = [child.stdout.readline().strip() for _ in range(5)]
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    library = Library.open(target)
    kept = {entry.id for entry in library.entries()}
    assert set(told) <= kept
    assert len(kept) < 120
    assert library.db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    kinds = [outcome.kind for outcome in _add(library, encoder, folder)]
    assert kinds.count(Kind.UNCHANGED) >= len(kept)
    assert len(library.entries()) == 120
    assert len(vectors.load(library)) == 120


def test_two_adds_at_once_keep_everything_once(tmp_path: Path, encoder: Encoder) -> None:
    folder = _write(tmp_path / "in", **{f"talk{n}": TALK.replace("1962", str(1900 + n)) for n in range(60)})
    Library.open(tmp_path / "library", create=True).close()
    failures: list[Exception] = []

    def add() -> None:
        try:
            library = Library.open(tmp_path / "library")
            _add(library, encoder, folder)
            library.close()
        except Exception as error:  # noqa: BLE001  # a thread's failure would be lost otherwise
            failures.append(error)

    threads = [threading.Thread(target=add) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    library = Library.open(tmp_path / "library")
    assert len(library.entries()) == 60
    assert library.db.execute("SELECT count(*) FROM passages").fetchone() == (60,)
    assert len(vectors.load(library)) == 60


def test_readers_do_not_wait_for_a_writer(own_sample: Library) -> None:
    with own_sample.writing() as db:
        db.execute("DELETE FROM turns")
        seen: list[int] = []
        reader = threading.Thread(
            target=lambda: seen.append(len(own_sample.episode(_first(own_sample)).turns))
        )
        started = time.monotonic()
        reader.start()
        reader.join(timeout=10)
        waited = time.monotonic() - started
        db.execute("ROLLBACK")
        db.execute("BEGIN")
    assert seen
    assert seen[0] > 1
    assert waited < 10


def _first(library: Library) -> str:
    return library.entries()[0].id


@pytest.mark.parametrize("damage", ["missing", "torn", "flipped", "older"])
def test_a_snapshot_in_doubt_is_rebuilt_from_the_record(own_sample: Library, damage: str) -> None:
    true = vectors.load(own_sample)
    (path,) = own_sample.folder.glob("vectors-*.faiss")
    data = bytearray(path.read_bytes())
    if damage == "missing":
        path.unlink()
    elif damage == "torn":
        path.write_bytes(data[: len(data) // 2])
    elif damage == "flipped":
        data[len(data) // 2] ^= 0x40
        path.write_bytes(data)
    else:
        own_sample.remove(_first(own_sample))
        true = None
    assert not vectors.snapshot_is_sound(own_sample)
    rebuilt = vectors.load(own_sample)
    assert len(rebuilt) == own_sample.db.execute("SELECT count(*) FROM passages").fetchone()[0]
    if true is not None:
        question = np.ones(384, np.float32) / np.sqrt(384)
        for before, after in zip(true.search(question, 50), rebuilt.search(question, 50), strict=True):
            np.testing.assert_array_equal(before, after)


def test_filters_narrow_the_search_itself(sample: Library) -> None:
    index = vectors.load(sample)
    question = np.ones(384, np.float32) / np.sqrt(384)
    for entry in sample.entries():
        only = lexical.allowed(sample, Filters(episodes=(entry.id,)))
        assert only is not None
        assert len(only) == entry.passages
        ids, _ = index.search(question, 1000, only)
        assert set(ids) == set(only)
        speaker = entry.speakers[0]
        spoken = lexical.allowed(sample, Filters(speakers=(speaker,)))
        assert spoken is not None
        for passage in lexical.passages(sample, spoken.tolist()):
            turns = sample.episode(passage.episode).turns
            assert speaker in {turns[line.turn].speaker for line in passage.lines}


def test_a_library_that_is_none_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="onrecord add FOLDER"):
        Library.open(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_another_format_is_refused(own_sample: Library) -> None:
    own_sample.set_note("format", "99")
    with pytest.raises(OtherFormat, match="format 99"):
        Library.open(own_sample.folder)


def test_another_encoder_is_refused_and_named(own_sample: Library) -> None:
    with pytest.raises(OtherEncoder, match=DEFAULT):
        own_sample.bind(EncoderId("other", "0" * 64, 384))


def test_whichever_page_is_damaged_a_reader_is_told_so(own_sample: Library) -> None:
    ids = [entry.id for entry in own_sample.entries()]
    own_sample.close()
    path = own_sample.folder / "library.db"
    whole = path.read_bytes()
    size = int.from_bytes(whole[16:18], "big")
    told = 0
    for start in range(size, len(whole), size):
        path.write_bytes(whole[:start] + b"\xa5" * size + whole[start + size :])
        library = Library(own_sample.folder)
        try:
            Library.open(own_sample.folder).close()
            library.entries()
            lexical.search_words(library, ["lens"], Filters(), 5)
            for id_ in ids:
                library.episode(id_)
        except LibraryError as error:
            told += "damaged" in error.what
        finally:
            library.close()
    assert told


def _changed_on_disk(library: Library, old: str, new: str) -> Library:
    """The library after its file was changed behind SQLite's back, wherever `old` stands in it."""
    library.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    library.close()
    path = library.folder / "library.db"
    whole = path.read_bytes()
    assert len(old.encode()) == len(new.encode())
    assert old.encode() in whole
    path.write_bytes(whole.replace(old.encode(), new.encode()))
    return Library.open(library.folder)


def test_a_word_that_changed_on_the_disk_is_not_quoted(own_sample: Library, encoder: Encoder) -> None:
    turn = own_sample.episode(_first(own_sample)).turns[1]
    word = max(turn.text.split(), key=len)
    damaged = _changed_on_disk(own_sample, turn.text, turn.text.replace(word, word[::-1]))
    first = _first(damaged)
    assert not damaged.is_sound(first)
    with pytest.raises(DamagedEpisode, match="nothing of it is quoted"):
        damaged.episode(first)
    answer = asyncio.run(Answerer(damaged, encoder).answer(f"What is said about this: {turn.text[:300]}"))
    assert answer.closest or answer.quotes
    assert first not in {quote.episode.id for quote in (*answer.closest, *answer.quotes)}
    assert locate(turn.text.replace(word, word[::-1]), damaged).verdict is Verdict.FABRICATED
    assert nearest(turn.text, damaged) is None
    assert starter_questions(damaged)
    damaged.close()


def test_whatever_flips_on_the_disk_no_quote_is_false(
    sample: Library, own_sample: Library, encoder: Encoder
) -> None:
    own_sample.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    own_sample.close()
    path = own_sample.folder / "library.db"
    whole = path.read_bytes()
    rng = random.Random(11)
    outcomes: Counter[str] = Counter()
    for _ in range(60):
        content = bytearray(whole)
        for place in rng.sample(range(len(whole)), 60):
            content[place] ^= 1 << rng.randrange(8)
        path.write_bytes(content)
        library = Library(own_sample.folder)
        try:
            answerer = Answerer(Library.open(own_sample.folder), encoder)
            for question in ("Who found the lens?", "Why did the starter survive the winter?"):
                answer = asyncio.run(answerer.answer(question))
                keeps_the_promise(answer, sample)
                outcomes["answered"] += 1
        except LibraryError:
            outcomes["told"] += 1
        finally:
            library.close()
    assert outcomes["answered"] > 5
    assert outcomes["told"] > 5


@pytest.mark.parametrize("what", ["speaker", "title", "marks", "lines"])
def test_whatever_changes_of_an_episode_on_the_disk_is_noticed(own_sample: Library, what: str) -> None:
    entry = own_sample.entries()[0]
    n = own_sample.db.execute("SELECT n FROM episodes WHERE id = ?", (entry.id,)).fetchone()[0]
    if what in ("speaker", "marks"):
        own_sample.db.execute(f"UPDATE turns SET {what} = {what} || ' ' WHERE episode = ? AND turn = 1", (n,))
    elif what == "title":
        own_sample.db.execute("UPDATE episodes SET title = 'Another' WHERE n = ?", (n,))
    else:
        own_sample.db.execute("UPDATE passages SET lines = replace(lines, '1', '2') WHERE episode = ?", (n,))
    reopened = Library.open(own_sample.folder)
    assert [each.id for each in reopened.entries() if not reopened.is_sound(each.id)] == [entry.id]
    reopened.close()


def test_a_damaged_episode_is_whole_again_once_it_is_added_again(tmp_path: Path, encoder: Encoder) -> None:
    library = Library.open(tmp_path / "library", create=True)
    folder = _write(tmp_path / "in", mill=TALK)
    _add(library, encoder, folder)
    library.db.execute("UPDATE turns SET text = replace(text, '1962', '1926')")
    reopened = Library.open(library.folder)
    assert not reopened.is_sound("mill")
    (outcome,) = _add(reopened, encoder, folder)
    assert outcome.kind is Kind.REPLACED
    assert "1962" in reopened.episode("mill").turns[0].text


def test_a_library_without_seals_is_sealed_as_it_is(own_sample: Library) -> None:
    own_sample.db.execute("DROP TABLE seals")
    own_sample.set_note("format", "3")
    reopened = Library.open(own_sample.folder)
    assert all(reopened.is_sound(entry.id) for entry in reopened.entries())
    assert reopened.note("format") == str(FORMAT_VERSION)
    reopened.close()


def test_a_damaged_record_is_an_error_of_ours(own_sample: Library) -> None:
    own_sample.close()
    path = own_sample.folder / "library.db"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(LibraryError, match="damaged"):
        Library.open(own_sample.folder)


def test_a_full_disk_loses_nothing(own_sample: Library, tmp_path: Path, encoder: Encoder) -> None:
    before = _dump(own_sample)
    pages = own_sample.db.execute("PRAGMA page_count").fetchone()[0]
    own_sample.db.execute(f"PRAGMA max_page_count = {pages}")
    folder = _write(tmp_path / "in", long="\n\n".join(f"Ada: Number {n} is a tide mill." for n in range(900)))
    with pytest.raises(LibraryError, match="disk is full"):
        _add(own_sample, encoder, folder)
    assert _dump(own_sample) == before


def test_feedback_is_kept_as_it_was_given(own_sample: Library) -> None:
    answer = {"status": "answered", "claims": [{"text": "ü", "quotes": [1]}]}
    feedback.keep(own_sample, "Wie?", "like", answer)
    (kept,) = feedback.kept(own_sample)
    assert (kept.question, kept.verdict, kept.answer) == ("Wie?", "like", answer)


def test_the_record_says_what_made_it(sample: Library) -> None:
    notes = dict(sqlite3.connect(sample.folder / "library.db").execute("SELECT key, value FROM manifest"))
    assert set(notes) == {"format", "passages", "generation", "encoder", "snapshot"}
    assert json.loads(notes["encoder"])[0] == DEFAULT
