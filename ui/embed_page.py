"""The light chat that a widget holds in a frame, as a page.

All that the script line's attributes ask for comes in the frame's address, which any page can write:
it is text to show, or one of a few known values.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode, urlsplit

from index.errors import UnknownEpisode
from index.library import Entry, Library
from index.sites import Site
from rag.answering import LONGEST_QUESTION
from rag.confidence import SURE_FROM
from rag.starters import starter_questions
from ui.colors import is_color, style_of
from ui.pages import json_script, render
from ui.show import show_name
from ui.transcript_page import recording_of
from ui.widget_files import embed_version, labels

ENGLISH = "en"
STARTERS = 3
_LONGEST_WISH = 400
_MOST_LISTED = 100
_THEMES = ("light", "dark", "auto")
_PREFERENCE = re.compile(
    r"([a-z]{2})(?:-[\w-]+)?(?:\s*;\s*q=([01](?:\.\d{0,3})?))?", re.ASCII | re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a widget's attributes ask for.

    Attributes:
        host: the origin of the page that holds the frame.
        episodes, speakers: what the chat is narrowed to; none is everything.
        player: the host page plays recordings itself.
        share: questions may be told to the host page.
    """

    host: str
    lang: str
    theme: str
    label: str
    color: str
    greeting: str
    disclaimer: str
    starters: tuple[str, ...]
    episodes: tuple[str, ...]
    speakers: tuple[str, ...]
    player: bool
    share: bool
    rtl: bool
    inline: bool


def wishes_of(query: Mapping[str, str], accept_language: str) -> Wishes:
    """The wishes in an address; one that cannot be met is passed over."""

    def text(name: str) -> str:
        return query.get(name, "").strip()[:_LONGEST_WISH]

    def several(name: str) -> tuple[str, ...]:
        parts = (part.strip()[:LONGEST_QUESTION] for part in query.get(name, "").split("|"))
        return tuple(part for part in parts if part)[:_MOST_LISTED]

    theme, color = text("theme"), text("color")
    return Wishes(
        host=text("host"),
        lang=_language(text("lang") or accept_language),
        theme=theme if theme in _THEMES else "auto",
        label=text("label"),
        color=color if is_color(color) else "",
        greeting=text("greeting"),
        disclaimer=text("disclaimer"),
        starters=several("starters"),
        episodes=several("episode"),
        speakers=several("speaker"),
        player="player" in query,
        share="share" in query,
        rtl="rtl" in query,
        inline="inline" in query,
    )


def entries_for(library: Library, site: Site | None, episodes: tuple[str, ...]) -> list[Entry]:
    """The episodes that a widget may show: those of its site, narrowed to those it names.

    Raises:
        UnknownEpisode: it names one that is not there, or not the site's.
    """
    entries = [
        entry for entry in library.entries() if not site or not site.episodes or entry.id in site.episodes
    ]
    if not episodes:
        return entries
    wanted = {library.resolve(name) for name in episodes}
    foreign = wanted - {entry.id for entry in entries}
    if foreign:
        raise UnknownEpisode(
            f"the episode {min(foreign)!r} is not one of this site's",
            fix="name another one in data-episode, or none",
        )
    return [entry for entry in entries if entry.id in wanted]


def episodes_json(entries: list[Entry]) -> dict[str, Any]:
    """What the chat's filters and players need to know of each episode."""
    recordings = {entry.id: recording_of(entry) for entry in entries}
    return {
        "episodes": [
            {
                "id": entry.id,
                "title": entry.title,
                "speakers": list(entry.speakers),
                "recording": recording.url if (recording := recordings[entry.id]) else None,
            }
            for entry in entries
        ]
    }


def embed_page(library: Library, site: Site | None, wishes: Wishes, *, own_host: str, nonce: str) -> str:
    """The page.

    Args:
        own_host: the name and port under which this server was reached.
        nonce: of the response's policy.

    Raises:
        UnknownEpisode: the widget names one that is not there, or not the site's.
    """
    entries = entries_for(library, site, wishes.episodes)
    said = labels()[wishes.lang]
    ids = tuple(entry.id for entry in entries)
    show = show_name(entries)
    color = wishes.color or (site and site.color)
    asked = {"site": site.name if site else "", "episode": "|".join(wishes.episodes)}
    return render(
        "embed.html",
        lang=wishes.lang,
        direction="rtl" if wishes.rtl else "ltr",
        theme=wishes.theme,
        title=wishes.label
        or (site and site.label)
        or (said["page"]["title"] if show == "onrecord" else show),
        greeting=wishes.greeting or (site and site.greeting),
        disclaimer=wishes.disclaimer or (site and site.disclaimer),
        starters=wishes.starters or _starters(library, library.generation, ids),
        colors=style_of(color) if color else "",
        inline=wishes.inline,
        longest=LONGEST_QUESTION,
        version=embed_version(),
        nonce=nonce,
        say=said["page"],
        settings=json_script(
            {
                "say": said["talk"],
                "sureFrom": SURE_FROM,
                "site": site.name if site else None,
                "host": _host_of(wishes.host, site, own_host),
                "generation": library.generation,
                "episodes": "/embed/episodes?" + urlencode({k: v for k, v in asked.items() if v}),
                "only": list(ids) if wishes.episodes else [],
                "speakers": list(wishes.speakers),
                "player": wishes.player,
                "share": wishes.share,
                "inline": wishes.inline,
            }
        ),
    )


def _host_of(origin: str, site: Site | None, own_host: str) -> str | None:
    """The origin with which the frame talks: only one that may hold it.

    Behind a proxy that ends TLS, the server itself sees http: of the own origin the scheme is not compared.
    """
    allowed = site.origins if site else ()
    if origin in allowed or (origin and urlsplit(origin).netloc.lower() == own_host.lower()):
        return origin
    return None


def _language(preferences: str) -> str:
    """The first language of an `Accept-Language` that there are labels for (RFC 9110, section 12.5.4)."""
    found: list[tuple[float, str]] = []
    for part in preferences.lower().split(","):
        match = _PREFERENCE.fullmatch(part.strip())
        if match and match[1] in labels():
            found.append((float(match[2] or 1), match[1]))
    return max(found, key=lambda each: each[0])[1] if found else ENGLISH


@lru_cache(maxsize=64)
def _starters(library: Library, generation: int, ids: tuple[str, ...]) -> tuple[str, ...]:
    """Questions to start with; they are drawn again when the library changes."""
    return tuple(starter_questions(library, STARTERS, ids))
