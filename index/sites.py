"""Sites: whose pages may hold the chat in a frame, what they may ask, and how it looks there.

Origins: RFC 6454. A site is a row of the library, so that every process that serves it knows the same.
"""

import json
import re
import sqlite3
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from index.errors import SiteError, UnknownSite
from index.library import Library
from index.text import clean

LONGEST_LABEL = 40
LONGEST_TEXT = 300
"""Characters of a greeting or a disclaimer."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_COLOR = re.compile(r"#[0-9a-f]{6}")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?|\[[0-9a-f:]+\]")
_DEFAULT_PORTS = {"https": 443, "http": 80}
_COLUMNS = (
    "name, origins, episodes, label, color, greeting, disclaimer,"
    " questions_per_minute, questions_per_day, tokens_per_day"
)


@dataclass(frozen=True, slots=True)
class Site:
    """A registered site.

    Attributes:
        name: of lower-case letters, digits and hyphens; the snippet's `data-site`.
        origins: "https://host" or "https://host:port" of the pages that may hold the chat in a frame.
        episodes: the ids of those that it asks; none for all.
        label: what stands on the launcher, or None.
        color: "#rrggbb", or None.
        greeting: what stands above the first question, or None.
        disclaimer: what stands below the box, or None.
        questions_per_minute: of all its visitors together.
        questions_per_day: of all its visitors together, from midnight to midnight UTC.
        tokens_per_day: of the language model, read and written. Afterwards quotes answer by themselves.
    """

    name: str
    origins: tuple[str, ...] = ()
    episodes: tuple[str, ...] = ()
    label: str | None = None
    color: str | None = None
    greeting: str | None = None
    disclaimer: str | None = None
    questions_per_minute: int = 60
    questions_per_day: int = 2_000
    tokens_per_day: int = 2_000_000


def get(library: Library, name: str) -> Site:
    """The site called `name`.

    Raises:
        UnknownSite: none has this name.
    """
    row = library.db.execute(f"SELECT {_COLUMNS} FROM sites WHERE name = ?", (name,)).fetchone()
    if not row:
        raise UnknownSite(
            f"no site is called {name[:80]!r}",
            where=library.folder,
            fix="register it with: onrecord site add NAME --origin https://HOST",
        )
    return _site(row)


def all_sites(library: Library) -> list[Site]:
    """Every site, by name."""
    return [_site(row) for row in library.db.execute(f"SELECT {_COLUMNS} FROM sites ORDER BY name")]


def put(library: Library, site: Site) -> Site:
    """Register a site, in place of what had its name before; returns it as it was kept.

    Raises:
        SiteError: a name, origin, colour, text or number cannot be used.
        UnknownEpisode: an episode is not there.
    """
    site = replace(
        _checked(site), episodes=tuple(dict.fromkeys(library.resolve(name) for name in site.episodes))
    )
    with library.writing() as db:
        db.execute(
            f"INSERT OR REPLACE INTO sites ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                site.name,
                json.dumps(site.origins),
                json.dumps(site.episodes),
                site.label,
                site.color,
                site.greeting,
                site.disclaimer,
                site.questions_per_minute,
                site.questions_per_day,
                site.tokens_per_day,
            ),
        )
    return site


def remove(library: Library, name: str) -> None:
    """Take a site off the register.

    Raises:
        UnknownSite: none has this name.
    """
    get(library, name)
    with library.writing() as db:
        db.execute("DELETE FROM sites WHERE name = ?", (name,))


def origin_of(text: str) -> str:
    """A web origin as browsers write it: lower-case, without the scheme's own port.

    Raises:
        SiteError: it is none, or one with a path, a wildcard or letters that no host name has.
    """
    text = text.strip().lower()
    try:
        parts = urlsplit(text)
        scheme, host, port = parts.scheme, parts.netloc.rpartition("@")[2], parts.port
    except ValueError:
        scheme, host, port = "", "", None
    host = re.sub(r":\d*$", "", host)
    bare = (
        parts.path in ("", "/") and not (parts.query or parts.fragment or "@" in parts.netloc)
        if host
        else False
    )
    if scheme not in _DEFAULT_PORTS or not bare or not _HOST.fullmatch(host):
        raise SiteError(
            f"{text[:80]!r} is no origin",
            where="--origin",
            fix="write it like https://show.example or http://localhost:8000, without a path or a wildcard",
        )
    return f"{scheme}://{host}" if port in (None, _DEFAULT_PORTS[scheme]) else f"{scheme}://{host}:{port}"


def _checked(site: Site) -> Site:
    if not _NAME.fullmatch(site.name):
        raise SiteError(
            f"{site.name[:80]!r} is no name for a site",
            fix="use lower-case letters, digits and hyphens, at most 63",
        )
    color = site.color and site.color.strip().lower()
    if color and not _COLOR.fullmatch(color):
        raise SiteError(f"{color[:20]!r} is no colour", where="--color", fix="write it like #0b6e4f")
    for what in ("questions_per_minute", "questions_per_day", "tokens_per_day"):
        if not 0 <= getattr(site, what) <= 2**53:
            raise SiteError("the number is out of range", where=what, fix="give 0 or more")
    return replace(
        site,
        origins=tuple(dict.fromkeys(origin_of(origin) for origin in site.origins)),
        color=color or None,
        label=_text(site.label, LONGEST_LABEL, "--label"),
        greeting=_text(site.greeting, LONGEST_TEXT, "--greeting"),
        disclaimer=_text(site.disclaimer, LONGEST_TEXT, "--disclaimer"),
    )


def _text(text: str | None, longest: int, where: str) -> str | None:
    text = " ".join(clean(text or "").split())
    if len(text) > longest:
        raise SiteError(f"the text has {len(text)} characters", where=where, fix=f"use at most {longest}")
    return text or None


def _site(row: sqlite3.Row | tuple[str, ...]) -> Site:
    name, origins, episodes, *rest = row
    return Site(name, tuple(json.loads(origins)), tuple(json.loads(episodes)), *rest)
