"""Files, folders and addresses become transcripts to read; what cannot be read is refused with a reason."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from index.errors import SourceError
from index.formats import LARGEST_FILE
from index.sources import audio_beside, fetch, files_in, sources_of

FEED = """<rss xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel><title>The Tide Table</title>
<item><title>Mud</title><podcast:transcript url="/gone" type="application/json"/><podcast:transcript url="/talk" type="text/vtt"/></item>
<item><title>Eels</title><podcast:transcript url="/gone" type="text/vtt"/></item></channel></rss>"""
TALK = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Nell>Hello.\n"


class _Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"
    agents: list[str] = []  # noqa: RUF012

    def do_GET(self) -> None:
        self.agents.append(self.headers["User-Agent"])
        path = self.path.partition("?")[0]
        if path in ("/talk", "/a%20talk.vtt"):
            self._answer(200, TALK.encode(), "text/vtt")
        elif path == "/feed":
            self._answer(200, FEED.encode(), "application/rss+xml")
        elif path == "/moved":
            self._answer(302, b"", "text/plain", location="/talk")
        elif path == "/around":
            self._answer(302, b"", "text/plain", location="/around")
        elif path == "/away":
            self._answer(302, b"", "text/plain", location="file:///etc/passwd")
        elif path == "/large":
            self._answer(200, b"x" * 300_000, "text/plain")
        elif path == "/slow":
            self.send_response(200)
            self.end_headers()
            try:
                for _ in range(50):
                    self.wfile.write(b"x")
                    self.wfile.flush()
                    time.sleep(0.1)
            except OSError:
                # The reader has gone, as it should.
                return
        else:
            self._answer(404, b"not here", "text/plain")

    def _answer(self, status: int, body: bytes, media_type: str, location: str | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def _fill(folder: Path, *names: str) -> Path:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    return folder


def test_a_folder_gives_its_files_in_natural_order(tmp_path: Path) -> None:
    folder = _fill(
        tmp_path,
        "e10.md",
        "e9.md",
        "two/e1.txt",
        "LICENSE",
        ".hidden",
        ".git/e1.md",
        "e9.OPUS",
        "cover.png",
        "all.zip",
    )
    (folder / "empty.md").mkdir()
    assert [str(path.relative_to(folder)) for path in files_in(folder)] == [
        "LICENSE",
        "e9.md",
        "e10.md",
        "two/e1.txt",
    ]


def test_a_file_is_itself_whatever_it_is_called(tmp_path: Path) -> None:
    folder = _fill(tmp_path, ".talk.mp3")
    assert files_in(folder / ".talk.mp3") == [folder / ".talk.mp3"]


def test_a_folder_may_itself_be_hidden(tmp_path: Path) -> None:
    folder = _fill(tmp_path / ".cache", "e1.md")
    assert files_in(folder) == [folder / "e1.md"]


@pytest.mark.parametrize(
    ("name", "what", "fix"),
    [
        ("nowhere", "no such file or folder", "check the path"),
        ("empty", "no transcripts", "put transcript files into it"),
        ("bad\0name", "cannot be read|no such file", "check the path"),
    ],
)
def test_a_path_without_transcripts_is_refused(tmp_path: Path, name: str, what: str, fix: str) -> None:
    _fill(tmp_path / "empty", "cover.png")
    with pytest.raises(SourceError, match=what) as caught:
        files_in(tmp_path / name)
    assert caught.value.where == str(tmp_path / name)
    assert caught.value.fix == fix


@pytest.mark.parametrize("ending", [".opus", ".mp3", ".m4a", ".ogg", ".wav", ".flac", ".aac"])
def test_a_recording_beside_a_transcript_is_found(tmp_path: Path, ending: str) -> None:
    folder = _fill(tmp_path, "e1.vtt", f"e1{ending}", "e2.vtt")
    assert audio_beside(folder / "e1.vtt") == folder / f"e1{ending}"
    assert audio_beside(folder / "e2.vtt") is None
    first, second = sources_of(str(folder))
    assert (first.audio_file, second.audio_file) == (str(folder / f"e1{ending}"), None)


def test_a_file_is_read_when_it_is_asked_for(tmp_path: Path) -> None:
    (source,) = sources_of(str(_fill(tmp_path, "e1.md") / "e1.md"))
    assert (source.name, source.origin) == ("e1.md", str((tmp_path / "e1.md").resolve()))
    (tmp_path / "e1.md").write_text("later")
    assert source.read() == b"later"
    (tmp_path / "e1.md").unlink()
    with pytest.raises(SourceError, match="cannot be read"):
        source.read()


def test_of_a_file_that_is_too_large_only_so_much_is_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge.txt"
    huge.touch()
    os.truncate(huge, 200 * 2**20)
    (source,) = sources_of(str(huge))
    assert len(source.read()) == LARGEST_FILE + 1


def test_fetching(site: str) -> None:
    fetched = fetch(f"{site}/moved")
    assert (fetched.data, fetched.content_type, fetched.address) == (
        TALK.encode(),
        "text/vtt",
        f"{site}/talk",
    )
    assert set(_Site.agents) == {"onrecord"}


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("/nothing", "404 Not Found"),
        ("/around", "more than 5 redirects"),
        ("/away", "this kind of address cannot be fetched"),
        ("/large", "larger than 0.0954 MB"),
        ("/slow", "longer than 0.5 s"),
    ],
)
def test_what_cannot_be_fetched_is_refused_by_its_address(site: str, path: str, what: str) -> None:
    began = time.monotonic()
    with pytest.raises(SourceError, match=what) as caught:
        fetch(site + path, limit_bytes=100_000, timeout_s=0.5)
    assert time.monotonic() - began < 2
    assert caught.value.where == site + path
    assert caught.value.fix


def test_a_server_that_is_not_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with pytest.raises(SourceError, match="cannot be reached"):
            fetch(address)


def test_a_name_that_nobody_has(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: object, **more: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(SourceError, match=r"cannot be reached.*Name or service not known"):
        fetch("http://nobody.invalid/feed")


@pytest.mark.parametrize(
    "address", ["ftp://tides.example/9.vtt", "file:///etc/passwd", "http://[bad", "http://"]
)
def test_an_address_that_is_none_of_the_web(address: str) -> None:
    with pytest.raises(SourceError) as caught:
        sources_of(address)
    assert caught.value.where == address
    assert caught.value.fix


def test_an_address_is_a_transcript_or_a_feed_of_them(site: str) -> None:
    (talk,) = sources_of(f"{site}/a%20talk.vtt?x=1")
    assert (talk.name, talk.origin, talk.read()) == ("a talk.vtt", f"{site}/a%20talk.vtt?x=1", TALK.encode())

    mud, eels = sources_of(f"{site}/feed")
    assert (mud.name, mud.origin) == ("Mud", f"{site}/gone")
    assert mud.about is not None
    assert mud.about.show == "The Tide Table"
    assert mud.read() == TALK.encode()
    with pytest.raises(SourceError, match="404"):
        eels.read()
