"""What every test stands on: no outside network, one encoder, a library of the sample show."""

import ipaddress
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

from index import ingest
from index.embedding import load_encoder
from index.encoder import Encoder
from index.library import Library
from index.sources import sources_of

SAMPLE = Path(__file__).parent.parent / "index" / "sample"


@pytest.fixture(autouse=True)
def _no_outside_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections leave for loopback only; any other is a failure of the test."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = "127.0.0.1" if address[0] == "localhost" else address[0]
            if not ipaddress.ip_address(host).is_loopback:
                raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    for name in list(os.environ):
        if name.startswith("ONRECORD_") or name == "OPENAI_API_KEY":
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The embedded encoder, loaded once."""
    return load_encoder(threads=1)


@pytest.fixture(scope="session")
def _sample_made_once(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "library"
    library = Library.open(folder, create=True)
    outcomes = list(ingest.add(library, sources_of(str(SAMPLE)), lambda: encoder))
    assert {outcome.kind for outcome in outcomes} == {ingest.Kind.ADDED}
    library.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    library.close()
    return folder


@pytest.fixture(scope="session")
def sample(_sample_made_once: Path) -> Library:
    """The sample show, to read only."""
    return Library.open(_sample_made_once)


@pytest.fixture
def own_sample(_sample_made_once: Path, tmp_path: Path) -> Iterator[Library]:
    """A copy of the sample show's library, to change."""
    folder = tmp_path / "own"
    shutil.copytree(_sample_made_once, folder)
    library = Library.open(folder)
    with library.writing() as db:
        db.execute("DELETE FROM spending")  # by tests that asked questions of the shared one
    yield library
    library.close()


@pytest.fixture(scope="module")
def quick_clients() -> Iterator[None]:
    """Short pauses, and one TLS context for all clients, since making one takes most of a test's time."""
    import httpcore2

    context = httpcore2.default_ssl_context()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rag.llm._RETRY_PAUSE_S", 0.05)
        patch.setattr("rag.llm._TAIL_S", 0.2)
        patch.setattr(httpcore2, "default_ssl_context", lambda **_: context)
        yield
