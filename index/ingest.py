"""Sources become episodes on the record: read, cut, encode, put; one transaction an episode."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from enum import StrEnum

from index import formats, vectors
from index.encoder import Encoder
from index.errors import SourceError, TranscriptError
from index.library import Library
from index.passages import Passage, passages_of
from index.sources import Source
from index.transcript import About, Reading

_ENCODED_TOGETHER = 64


class Kind(StrEnum):
    """What became of a source."""

    ADDED = "added"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one source: `id` is the episode's, `why` says why it was refused."""

    source: str
    kind: Kind
    id: str | None = None
    title: str | None = None
    turns: int = 0
    speakers: tuple[str, ...] = ()
    forgiven: tuple[str, ...] = ()
    why: str | None = None


@dataclass(frozen=True, slots=True)
class _Pending:
    source: Source
    sha256: str
    reading: Reading
    passages: tuple[Passage, ...]
    replaces: bool


def add(
    library: Library,
    sources: Iterable[Source],
    encoder: Callable[[], Encoder],
) -> Iterator[Outcome]:
    """Put every source on the record, and tell what became of each as soon as it is safe on disk.

    What is unchanged costs a hash; a killed run is resumed by running it again. A source that is no
    transcript is refused, and the others still go in.

    Args:
        encoder: loads the encoder; called once, and only when something has to be encoded.

    Raises:
        OtherEncoder: another model made the library's vectors.
        LibraryError: the record cannot be written; what was told before is kept.
    """
    pending: list[_Pending] = []
    changed = False
    loaded: list[Encoder] = []

    def finished() -> Iterator[Outcome]:
        nonlocal changed
        if pending:
            if not loaded:
                loaded.append(encoder())
                library.bind(loaded[0].id)
            changed = True
            yield from _put(library, loaded[0], pending)
            pending.clear()

    try:
        for source in sources:
            read = _read(library, source)
            if isinstance(read, Outcome):
                yield read
                continue
            pending.append(read)
            if sum(len(each.passages) for each in pending) >= _ENCODED_TOGETHER:
                yield from finished()
        yield from finished()
    finally:
        if changed:
            vectors.save(library)


def _read(library: Library, source: Source) -> _Pending | Outcome:
    try:
        data = source.read()
        sha256 = hashlib.sha256(data).hexdigest()
        known = library.state_of(source.origin)
        if known and known[1] == sha256 and library.is_sound(known[0]):
            return Outcome(source.origin, Kind.UNCHANGED, known[0])
        twin = library.with_sha256(sha256)
        if twin and not known:
            return Outcome(source.origin, Kind.UNCHANGED, twin)
        is_address = "://" in source.origin
        reading = formats.read(data, source.origin if is_address else source.name)
    except (TranscriptError, SourceError) as error:
        return Outcome(source.origin, Kind.REFUSED, why=str(error))
    reading = replace(reading, about=_filled(reading.about, source.about))
    return _Pending(source, sha256, reading, passages_of(reading.turns), replaces=bool(known))


def _bare(name: str) -> str:
    """A file's name without its ending; a title stays as it is."""
    return re.sub(r"(?<=.)\.[A-Za-z][A-Za-z0-9]{0,4}$", "", name)


def _filled(about: About, feed: About | None) -> About:
    """What the file says, and from the feed what the file leaves open."""
    if feed is None:
        return about
    names = [field.name for field in fields(About)]
    return About(**{name: getattr(about, name) or getattr(feed, name) for name in names})


def _put(library: Library, encoder: Encoder, pending: Iterable[_Pending]) -> Iterator[Outcome]:
    wanted = {passage.hash: passage for each in pending for passage in each.passages}
    known = library.known_embeddings(wanted)
    missing = [passage for hash_, passage in wanted.items() if hash_ not in known]
    embeddings = dict(zip((p.hash for p in missing), encoder.encode_passages(missing), strict=True))
    for each in pending:
        own = {p.hash: embeddings[p.hash] for p in each.passages if p.hash in embeddings}
        id_ = library.put(
            each.reading,
            source=each.source.origin,
            name=_bare(each.source.name),
            sha256=each.sha256,
            passages=each.passages,
            embeddings=own,
            audio_file=each.source.audio_file,
        )
        yield Outcome(
            each.source.origin,
            Kind.REPLACED if each.replaces else Kind.ADDED,
            id_,
            each.reading.about.title,
            len(each.reading.turns),
            tuple(dict.fromkeys(turn.speaker for turn in each.reading.turns if turn.speaker)),
            each.reading.forgiven,
        )
