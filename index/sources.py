"""Where transcripts come from: files, folders and addresses."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx

from index import feed
from index.errors import SourceError
from index.formats import LARGEST_FILE
from index.text import clean
from index.transcript import About

RECORDINGS = (".opus", ".mp3", ".m4a", ".ogg", ".oga", ".wav", ".flac", ".aac")
_NO_TEXT = frozenset(
    (
        *RECORDINGS,
        *".mp4 .m4v .mov .webm .mkv .avi .png .jpg .jpeg .gif .webp .svg .ico .pdf .zip .gz .xz .bz2 .7z .tar .db".split(),
    )
)
DEADLINE_S = 60.0
_LONGEST_SILENCE_S = 15.0
_MOST_REDIRECTS = 5
_USER_AGENT = "onrecord"


@dataclass(frozen=True, slots=True)
class Source:
    """One transcript to read.

    Attributes:
        name: what its episode's id is made from, and messages name.
        origin: the same for the same source each time: an absolute path or an address.
        read: gets its bytes; may raise SourceError.
        about: what a feed says about it.
        audio_file: the recording beside it.
    """

    name: str
    origin: str
    read: Callable[[], bytes]
    about: About | None = None
    audio_file: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address answered, and the address at which the redirects ended."""

    data: bytes
    content_type: str
    address: str


def sources_of(given: str) -> list[Source]:
    """The transcripts that a path or an address stands for.

    Raises:
        SourceError: there is nothing there, or nothing to read.
    """
    if re.match(r"https?://", given, re.IGNORECASE):
        return _of_address(given)
    if re.match(r"[a-z][a-z0-9+.-]+://", given, re.IGNORECASE):
        raise SourceError(
            "this kind of address cannot be fetched", where=given, fix="use http:// or https://"
        )
    return [_of_file(path) for path in files_in(Path(given).expanduser())]


def files_in(path: Path) -> list[Path]:
    """A file itself, or the files below a folder in natural order, without hidden ones, recordings and pictures.

    Raises:
        SourceError: there is no such path, it cannot be entered, or the folder has no files to read.
    """
    try:
        if path.is_file():
            return [path]
        if not path.is_dir():
            raise SourceError("there is no such file or folder", where=path, fix="check the path")
        files = sorted((file for file in path.rglob("*") if _may_be_transcript(file, path)), key=_natural)
    except (OSError, ValueError) as error:
        raise SourceError(f"the path cannot be read ({error})", where=path, fix="check the path") from error
    if not files:
        raise SourceError("the folder has no transcripts", where=path, fix="put transcript files into it")
    return files


def audio_beside(path: Path) -> Path | None:
    """The recording with the same name beside a transcript, if there is one."""
    beside = (path.with_suffix(ending) for ending in RECORDINGS if ending != path.suffix.lower())
    return next((file for file in beside if file.is_file()), None)


def fetch(address: str, *, limit_bytes: int = LARGEST_FILE, timeout_s: float = DEADLINE_S) -> Fetched:
    """What is at an address.

    Args:
        limit_bytes: the most that is taken in.
        timeout_s: the time for all of it, redirects included.

    Raises:
        SourceError: it is no web address, does not answer in time, refuses, or sends too much.
    """
    try:
        return _fetched(address, limit_bytes, time.monotonic() + timeout_s, timeout_s)
    except httpx.TimeoutException as error:
        raise _too_slow(address, timeout_s) from error
    except httpx.TooManyRedirects as error:
        raise SourceError(
            f"more than {_MOST_REDIRECTS} redirects", where=address, fix="check the address"
        ) from error
    except httpx.UnsupportedProtocol as error:
        raise SourceError(
            "this kind of address cannot be fetched", where=address, fix="use http:// or https://"
        ) from error
    except httpx.ConnectError as error:
        raise SourceError(
            f"the server cannot be reached ({error})", where=address, fix="check the address and the network"
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise SourceError(
            f"it cannot be fetched ({error or type(error).__name__})", where=address, fix="check the address"
        ) from error


def _fetched(address: str, limit_bytes: int, end: float, timeout_s: float) -> Fetched:
    received = bytearray()

    def in_time(_: object) -> None:
        # The client's own time limit starts anew with every read and redirect, so the whole needs one as well.
        if time.monotonic() > end:
            raise _too_slow(address, timeout_s)

    with (
        httpx.Client(
            follow_redirects=True,
            max_redirects=_MOST_REDIRECTS,
            timeout=min(timeout_s, _LONGEST_SILENCE_S),
            headers={"User-Agent": _USER_AGENT},
            event_hooks={"response": [in_time]},
        ) as client,
        client.stream("GET", address) as response,
    ):
        if response.status_code >= 400:
            raise SourceError(
                f"the server answers {response.status_code} {response.reason_phrase}".rstrip(),
                where=address,
                fix="check the address",
            )
        for block in response.iter_bytes():
            received += block
            if len(received) > limit_bytes:
                raise SourceError(
                    f"it is larger than {limit_bytes / 2**20:.3g} MB",
                    where=address,
                    fix="give each episode as a file of its own",
                )
            in_time(None)
        return Fetched(bytes(received), response.headers.get("content-type", ""), str(response.url))


def _too_slow(address: str, timeout_s: float) -> SourceError:
    return SourceError(f"it took longer than {timeout_s:g} s", where=address, fix="try again later")


def _may_be_transcript(file: Path, folder: Path) -> bool:
    hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
    library = file.name.startswith("library.db")
    return not hidden and not library and file.suffix.lower() not in _NO_TEXT and file.is_file()


def _natural(path: Path) -> list[tuple[int, int, str]]:
    """A key by which `episode-9` comes before `episode-10`."""
    parts = re.split(r"([0-9]+)", str(path))
    return [(0, int(part), "") if part.isdecimal() and part.isascii() else (1, 0, part) for part in parts]


def _of_file(path: Path) -> Source:
    absolute = path.resolve()
    recording = audio_beside(absolute)
    return Source(
        path.name,
        str(absolute),
        partial(_bytes_of, absolute),
        audio_file=str(recording) if recording else None,
    )


def _bytes_of(path: Path) -> bytes:
    """A file's bytes; of one that is too large, just enough for the reader to refuse it."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise SourceError(
            f"the file cannot be read ({error.strerror})",
            where=path,
            fix="check that it is there and may be read",
        ) from error


def _of_address(address: str) -> list[Source]:
    fetched = fetch(address)
    if feed.is_feed(fetched.data):
        return list(_of_feed(feed.parse_feed(fetched.data, fetched.address)))
    parts = urlsplit(address)
    name = clean(unquote(parts.path.rstrip("/").rpartition("/")[2])) or parts.netloc
    return [Source(name, address, lambda: fetched.data)]


def _of_feed(items: list[feed.FeedItem]) -> Iterator[Source]:
    for item in items:
        addresses = tuple(transcript.address for transcript in item.transcripts)
        yield Source(
            item.about.title or addresses[0], addresses[0], partial(_first_of, addresses), item.about
        )


def _first_of(addresses: tuple[str, ...]) -> bytes:
    """The first of several transcripts of one episode that can be fetched."""
    for address in addresses[:-1]:
        try:
            return fetch(address).data
        except SourceError:
            # The same episode stands in another format, and only the last failure is worth telling.
            continue
    return fetch(addresses[-1]).data
