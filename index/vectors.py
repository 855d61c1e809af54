"""The FAISS index: derived from the record, checked before it is believed, rebuilt when in doubt.

Johnson, Douze and Jégou, "Billion-scale similarity search with GPUs", 2019.
"""

import contextlib
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.library import Library

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]


class VectorIndex:
    """The unit vectors of one generation of a library, searched exactly by inner product."""

    def __init__(self, index: Any, generation: int) -> None:
        self._index = index
        self.generation = generation

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(self, vector: Floats, k: int, allowed: Ids | None = None) -> tuple[Ids, Floats]:
        """The `k` passages nearest to `vector` float32[d]: ids and cosines, best first.

        Args:
            allowed: search only among these ids.
        """
        import faiss

        k = min(k, len(self) if allowed is None else len(allowed))
        if k == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        params = None
        if allowed is not None:
            params = faiss.SearchParameters(sel=faiss.IDSelectorBatch(allowed))  # type: ignore[call-arg]
        scores, ids = self._index.search(vector[None].astype(np.float32), k, params=params)
        found = ids[0] >= 0
        return ids[0][found], scores[0][found]


def load(library: Library) -> VectorIndex:
    """The index of the library's present generation: the snapshot if it is sound, else rebuilt."""
    with library.reading() as db:
        generation = library.generation
        index = _sound_snapshot(library, generation)
        if index is None:
            rows = db.execute(
                "SELECT p.id, m.vector FROM passages p JOIN embeddings m ON m.hash = p.embedding ORDER BY p.id"
            ).fetchall()
            index = _build(rows, library.encoder.dimension if library.encoder else 1)
    return VectorIndex(index, generation)


def save(library: Library) -> None:
    """Write a snapshot of the present generation beside the record, and drop older ones.

    A snapshot that cannot be written is no loss: the index is rebuilt from the record.
    """
    import faiss

    index = load(library)
    path = _path(library, index.generation)
    data = faiss.serialize_index(index._index).tobytes()
    unfinished = path.with_suffix(f".{os.getpid()}.part")
    try:
        with unfinished.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        return
    library.set_note("snapshot", json.dumps([index.generation, hashlib.sha256(data).hexdigest()]))
    for old in library.folder.glob("vectors-*"):
        if old != path:
            with contextlib.suppress(OSError):
                old.unlink()


def snapshot_is_sound(library: Library) -> bool:
    """Whether a whole snapshot of the present generation stands beside the record."""
    return _sound_snapshot(library, library.generation) is not None


def _sound_snapshot(library: Library, generation: int) -> Any | None:
    try:
        noted = json.loads(library.note("snapshot") or "[null, null]")
        if noted[0] != generation:
            return None
        data = _path(library, generation).read_bytes()
    except (OSError, ValueError, TypeError, LookupError):
        return None
    if hashlib.sha256(data).hexdigest() != noted[1]:
        return None
    import faiss

    return faiss.deserialize_index(np.frombuffer(data, np.uint8))


def _build(rows: list[tuple[int, bytes]], dimension: int) -> Any:
    import faiss

    index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
    whole = [row for row in rows if len(row[1]) == 4 * dimension]
    if whole:
        vectors = np.frombuffer(b"".join(row[1] for row in whole), np.float32).reshape(len(whole), dimension)
        sound = np.isfinite(vectors).all(axis=1)
        index.add_with_ids(vectors[sound], np.array([row[0] for row in whole], np.int64)[sound])
    return index


def _path(library: Library, generation: int) -> Path:
    return library.folder / f"vectors-{generation}.faiss"
