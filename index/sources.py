"""Where transcripts come from: files, folders and addresses."""

import functools
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx

from index import feed
from index.errors import SourceError
from index.transcript import About

RECORDINGS = (".opus", ".mp3", ".m4a", ".ogg", ".oga", ".wav", ".flac", ".aac")
_NO_TEXT = frozenset(
    (
        *RECORDINGS,
        *".mp4 .mov .webm .mkv .png .jpg .jpeg .gif .webp .svg .ico .pdf .zip .gz .xz .bz2 .7z .tar .db".split(),
    )
)
_LARGEST_DOWNLOAD = 64 * 2**20
_DEADLINE_S = 60.0


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
    path = Path(given).expanduser()
    files = [path] if path.is_file() else _below(path)
    return [_of_file(file) for file in files]


def _below(folder: Path) -> list[Path]:
    if not folder.exists():
        raise SourceError("there is no such file or folder", where=folder, fix="check the path")
    files = sorted(
        (
            path
            for path in folder.rglob("*")
            if path.is_file()
            and path.suffix.lower() not in _NO_TEXT
            and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        ),
        key=lambda path: [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", str(path))],
    )
    if not files:
        raise SourceError("the folder has no transcripts", where=folder, fix="put transcript files into it")
    return files


def _of_file(path: Path) -> Source:
    absolute = path.resolve()

    def read() -> bytes:
        try:
            return absolute.read_bytes()
        except OSError as error:
            raise SourceError(f"the file cannot be read ({error.strerror})", where=path) from error

    beside = (absolute.with_suffix(ending) for ending in RECORDINGS if ending != absolute.suffix.lower())
    recording = next((file for file in beside if file.is_file()), None)
    return Source(path.name, str(absolute), read, audio_file=str(recording) if recording else None)


def _of_address(address: str) -> list[Source]:
    data = fetch(address)
    if not feed.is_feed(data):
        name = unquote(urlsplit(address).path.rstrip("/").rsplit("/", 1)[-1]) or urlsplit(address).netloc
        return [Source(name, address, lambda: data)]
    return list(_of_feed(feed.parse(data, address)))


def _of_feed(items: list[feed.Item]) -> Iterator[Source]:
    for item in items:
        if item.transcripts:
            addresses = item.transcripts
            yield Source(
                item.about.title or addresses[0],
                addresses[0],
                functools.partial(_first, addresses),
                item.about,
            )


def _first(addresses: tuple[str, ...]) -> bytes:
    """The first of several transcripts of one episode that can be fetched."""
    for address in addresses[:-1]:
        try:
            return fetch(address)
        except SourceError:
            continue
    return fetch(addresses[-1])


def fetch(address: str) -> bytes:
    """What is at an address, within a minute and 64 MB.

    Raises:
        SourceError: it does not answer, refuses, or sends too much.
    """
    end = time.monotonic() + _DEADLINE_S
    received = bytearray()
    try:
        with httpx.stream(
            "GET", address, follow_redirects=True, timeout=15.0, headers={"User-Agent": "onrecord"}
        ) as response:
            if response.status_code >= 400:
                raise SourceError(
                    f"the server answers {response.status_code} {response.reason_phrase}".rstrip(),
                    where=address,
                    fix="check the address",
                )
            for block in response.iter_bytes():
                received += block
                if len(received) > _LARGEST_DOWNLOAD:
                    raise SourceError(f"it is larger than {_LARGEST_DOWNLOAD >> 20} MB", where=address)
                if time.monotonic() > end:
                    raise SourceError(
                        f"it took longer than {_DEADLINE_S:.0f} s", where=address, fix="try again"
                    )
    except httpx.TimeoutException as error:
        raise SourceError(
            "the server did not answer in time", where=address, fix="try again later"
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise SourceError(
            f"it cannot be fetched ({error or type(error).__name__})", where=address, fix="check the address"
        ) from error
    return bytes(received)
