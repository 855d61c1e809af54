"""What the chat window says about the loaded show."""

from collections.abc import Sequence

from index.library import Entry, Library
from ui.cards import escaped
from ui.clock import clock


def show_name(entries: Sequence[Entry]) -> str:
    """The show's name where all episodes that name one agree, else the program's."""
    names = {entry.about.show for entry in entries if entry.about.show}
    return names.pop() if len(names) == 1 else "onrecord"


def masthead(entries: Sequence[Entry]) -> str:
    """The page's header."""
    count = f"{len(entries)} episode{'' if len(entries) == 1 else 's'}" if entries else "No episodes yet"
    return (
        '<div class="or-mast"><h1><span class="or-dot"></span>'
        f"{escaped(show_name(entries))}</h1>"
        f"<p>{count}. Answers in the speakers’ own words, every quote checked.</p></div>"
    )


def welcome(entries: Sequence[Entry]) -> str:
    """What stands where the conversation will be."""
    if not entries:
        return (
            '<div class="or-welcome"><p class="or-hello">Nothing on the record yet</p>'
            "<p>Add a folder of transcripts or a feed, and this page takes it up:</p>"
            "<p><code>onrecord add FOLDER</code></p></div>"
        )
    return (
        '<div class="or-welcome"><p class="or-hello">What would you like to know?</p>'
        "<p>Every quote opens at its place in the transcript.</p></div>"
    )


def episode_list(entries: Sequence[Entry]) -> str:
    """Every episode with a link to its transcript."""
    if not entries:
        return ""
    items = "".join(_item(entry) for entry in entries)
    return f'<div class="or-list"><h2>All episodes</h2><ol>{items}</ol></div>'


def _item(entry: Entry) -> str:
    about = entry.about
    facts = [
        f"Episode {about.number}" if about.number else "",
        f"{about.date.day} {about.date:%b %Y}" if about.date else "",
        clock(entry.duration_s),
    ]
    said = " · ".join(escaped(fact) for fact in facts if fact)
    people = escaped(", ".join(entry.speakers))
    return (
        f'<li><a href="/t/{escaped(entry.id)}">{escaped(entry.title)}</a>'
        + (f"<span>{said}</span>" if said else "")
        + (f"<span>{people}</span>" if people else "")
        + "</li>"
    )


def playable_ids(library: Library) -> frozenset[str]:
    """The ids of the episodes with a recording."""
    return frozenset(entry.id for entry in library.entries() if entry.audio_file or entry.about.audio_url)
