"""The sets that finding is tuned and reported on: a library each, and its questions with their places in it.

Libraries are kept in a folder and made where they are missing; for another encoder, name another folder.
"""

import hashlib
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from eval.crossed_talk import read_crossed_talk
from eval.train_data import (
    PASSAGES_ASKED,
    Document,
    Place,
    Source,
    converse,
    quoted,
    read_interviews,
    read_sources,
    readable,
)
from index import ingest, vectors
from index.encoder import Encoder
from index.errors import SourceError
from index.library import Library
from index.passages import passages_of
from index.sources import sources_of
from index.transcript import About, Episode, Reading
from rag.picking import rarity
from rag.retrieval import Candidates, candidates

Floats = npt.NDArray[np.float32]
Spot = tuple[str, int, int, int]

MEETINGS_APART = 4
"""Every fourth of the training meetings is learned from: as many as are encoded in a few minutes."""

QUESTIONS_APART = 4
"""Every fourth question on the invented conversations is asked."""

_WORD = re.compile(r"\w+")
_LONGEST_TALK = 14
_SEED = 20


@dataclass(frozen=True, slots=True)
class Case:
    """A question of a set: `spots` are the gold quotes' places (episode, turn, start, end)."""

    question: str
    spots: tuple[Spot, ...]
    answerable: bool

    def hits(self, episode: str, turn: int, start: int, end: int) -> bool:
        """Whether characters `start` to `end` of a turn share anything with a gold quote."""
        return any(spot[:2] == (episode, turn) and spot[2] < end and start < spot[3] for spot in self.spots)


@dataclass(frozen=True, slots=True)
class Searched:
    """A case with everything that finding works from; `right` says which candidates answer it."""

    library: Library
    case: Case
    vector: Floats
    weights: dict[str, float]
    found: Candidates
    right: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Bench:
    """A set of searched cases."""

    searched: tuple[Searched, ...]

    @property
    def library(self) -> Library:
        """The library that they ask; of a set on several pages, the first one's."""
        return self.searched[0].library


def meetings(data: Path, split: str, folder: Path, encoder: Encoder) -> Bench:
    """QMSum's meetings of a split, pooled, and their questions."""
    cases = data / "qmsum/cases.jsonl"
    asked = {row["quotes"][0]["episode"] for row in _rows(cases) if row["split"] == split and row["quotes"]}
    names = sorted(asked)[:: MEETINGS_APART if split == "train" else 1]
    return episodes(
        cases, [data / f"qmsum/transcripts/{name}.txt" for name in names], folder / split, encoder, split
    )


def episodes(
    cases: Path, transcripts: Sequence[Path], folder: Path, encoder: Encoder, split: str | None = None
) -> Bench:
    """Transcripts as they are, and a file of cases on them."""
    library = Library.open(folder, create=True)
    sources = [source for file in transcripts for source in sources_of(str(file))]
    list(ingest.add(library, sources, lambda: encoder))
    return _bench(library, list(_cases(cases, library, split)), encoder)


def pages(files: Sequence[Path], cases: Path, folder: Path, encoder: Encoder) -> Bench:
    """Long interviews, each searched by itself, with the file of cases on each that is called as it is."""
    benches = [episodes(cases / f"{file.stem}.jsonl", [file], folder / file.stem, encoder) for file in files]
    return Bench(tuple(each for bench in benches for each in bench.searched))


def asked_of(library: Library, cases: Path, encoder: Encoder) -> Bench:
    """A file of cases on a library that is there."""
    return _bench(library, list(_cases(cases, library, None)), encoder)


def on_passages(library: Library, encoder: Encoder) -> Bench:
    """The questions that were written on passages of meetings, as far as their meetings are in `library`."""
    ids = {Path(entry.source).stem: entry.id for entry in library.entries()}
    cases = []
    for row in _rows(PASSAGES_ASKED):
        if id_ := ids.get(row["episode"]):
            turns = library.episode(id_).turns
            asked = ((each["question"], tuple(quoted(turns, each["quotes"]))) for each in row["asked"])
            cases += [_case(id_, question, places) for question, places in asked if places]
    return _bench(library, cases, encoder)


def elsewhere(bench: Bench, library: Library, encoder: Encoder) -> Bench:
    """The questions of a set put to a library that answers none of them; each keeps its kind."""
    cases = [Case(each.case.question, (), each.case.answerable) for each in bench.searched]
    return _bench(library, cases, encoder)


def off_topic(meetings: Bench, data: Path, encoder: Encoder) -> Bench:
    """The questions on meetings, and as many of SQuAD's, which no meeting answers."""
    questions = (data / "qa/nqg-tgt-dev.txt").read_text("utf-8").splitlines()
    own = [each.case for each in meetings.searched]
    chosen = questions[:: len(questions) // len(own)][: len(own)]
    foreign = [Case(readable(question), (), False) for question in chosen]
    return _bench(meetings.library, [*own, *foreign], encoder)


def talks(data: Path, folder: Path, encoder: Encoder) -> Bench:
    """Conversations invented out of sources that the encoder never learned from, pooled."""
    sources = [source for source in read_sources(data / "qa") if source.held_out]
    return _invented(sources, (), folder / "talks", encoder, QUESTIONS_APART)


def unanswered(data: Path, folder: Path, encoder: Encoder) -> Bench:
    """ClapNQ's questions that a passage on their subject does not answer, and as many that one does.

    For an encoder that has not learned from ClapNQ: its answerable questions are among the training data.
    """
    sources, others = [], []
    for kind in ("ans", "unans"):
        for row in _rows(data / f"qa/clapnq-{kind}.jsonl"):
            passage = row["passages"][0]["sentences"]
            chosen = set(row["output"][0].get("selected_sentences") or ()) if kind == "ans" else set()
            numbers = tuple(i for i, sentence in enumerate(passage[:_LONGEST_TALK]) if sentence in chosen)
            question = readable(row["input"]) + "?"
            asked = ((question, numbers),) if numbers else ()
            sentences = tuple(readable(sentence) for sentence in passage[:_LONGEST_TALK])
            sources.append(Source(f"clapnq {row['id']}", sentences, asked))
            if kind == "unans":
                others.append(Case(question, (), False))
    return _invented(sources, others, folder / "unanswered", encoder)


def interviews(folder: Path, encoder: Encoder, *, held_out: bool = True) -> Bench:
    """The invented interviews, pooled, and the questions on those that the encoder never learned from, or did."""
    documents = list(read_interviews())
    library = _library_of(documents, "interview", folder / "interviews", encoder)
    cases = []
    for name, document in zip(_names("interview", documents), documents, strict=True):
        if document.held_out is held_out:
            cases += [_case(name, *asked) for asked in document.asked]
            cases += [Case(question, (), False) for question, _ in document.missed]
    return _bench(library, cases, encoder)


def crossed_talk(folder: Path, encoder: Encoder, use: str) -> Bench:
    """One stretch of each crossed talk, pooled; half of the questions on those for `use` are answered in the other."""
    talks = list(read_crossed_talk())
    documents = [Document(talk.show, talk.stretches[0], talk.asked[0]) for talk in talks]
    library = _library_of(documents, "talk", folder / "crossed-talk", encoder)
    cases = []
    for name, talk in zip(_names("talk", documents), talks, strict=True):
        if talk.use == use:
            cases += [_case(name, *asked) for asked in talk.asked[0]]
            cases += [Case(question, (), False) for question, _ in talk.asked[1]]
    return _bench(library, cases, encoder)


def _invented(
    sources: Sequence[Source], others: Sequence[Case], folder: Path, encoder: Encoder, apart: int = 1
) -> Bench:
    """The sources as conversations and their questions, and other questions beside them."""
    rng = random.Random(_SEED)
    documents = [document for source in sources for document in converse(source, rng)]
    library = _library_of(documents, "talk", folder, encoder)
    asked = [
        _case(name, *asked)
        for name, document in zip(_names("talk", documents), documents, strict=True)
        for asked in document.asked
    ]
    return _bench(library, [*others, *asked][::apart], encoder)


def _names(kind: str, documents: Sequence[Document]) -> list[str]:
    return [f"{kind}-{number:05}" for number in range(len(documents))]


def _case(name: str, question: str, places: Sequence[Place]) -> Case:
    return Case(question, tuple((name, *place) for place in places), True)


def _library_of(documents: Sequence[Document], kind: str, folder: Path, encoder: Encoder) -> Library:
    """A library of these documents and no others; those that it has as they are now are left."""
    library = Library.open(folder, create=True)
    library.bind(encoder.id)
    wanted = dict(zip(_names(kind, documents), documents, strict=True))
    for entry in library.entries():
        if entry.source not in wanted:
            library.remove(entry.id)
    for name, document in wanted.items():
        sha256 = hashlib.sha256(repr(document.turns).encode()).hexdigest()
        if library.state_of(name) != (name, sha256):
            passages = passages_of(document.turns)
            vectors_of = encoder.encode_passages(passages)
            embeddings = {passage.hash: each for passage, each in zip(passages, vectors_of, strict=True)}
            library.put(
                Reading(About(), document.turns, ()),
                source=name,
                name=name,
                sha256=sha256,
                passages=passages,
                embeddings=embeddings,
            )
    return library


def _cases(path: Path, library: Library, split: str | None) -> Iterator[Case]:
    """The cases of a file that stand alone and whose gold quotes the library holds."""
    ids = {Path(entry.source).stem: entry.id for entry in library.entries()}
    for row in _rows(path):
        if (split and row.get("split") != split) or row.get("history"):
            continue
        spots = tuple(
            spot
            for quote in row["quotes"]
            if quote["episode"] in ids
            for spot in _spots(library.episode(ids[quote["episode"]]), quote["text"], quote["speaker"])
        )
        if spots or not row["answerable"]:
            yield Case(row["question"], spots, row["answerable"])


def _spots(episode: Episode, text: str, speaker: str | None) -> list[Spot]:
    """Where the words of `text` stand, whatever their case and punctuation."""
    wanted = [word.lower() for word in _WORD.findall(text)]
    spots = []
    for index, turn in enumerate(episode.turns):
        if speaker and turn.speaker and turn.speaker != speaker:
            continue
        words = list(_WORD.finditer(turn.text))
        said = [word[0].lower() for word in words]
        for i in range(len(said) - len(wanted) + 1):
            if said[i : i + len(wanted)] == wanted:
                spots.append((episode.id, index, words[i].start(), words[i + len(wanted) - 1].end()))
    return spots


def _bench(library: Library, cases: Sequence[Case], encoder: Encoder) -> Bench:
    """Every case with its candidates."""
    library.expect(encoder.id)
    index = vectors.load(library)
    rows = []
    for case, vector in zip(cases, encoder.encode([case.question for case in cases]), strict=True):
        found = candidates(library, index, case.question, vector)
        right = np.array(
            [
                any(case.hits(passage.episode, line.turn, line.start, line.end) for line in passage.lines)
                for passage in found.passages
            ],
            np.bool_,
        )
        rows.append(Searched(library, case, vector, rarity(library, case.question), found, right))
    return Bench(tuple(rows))


def _rows(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        raise SourceError("there are no cases here", where=path, fix="name the folder that holds the data")
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
