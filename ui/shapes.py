"""The JSON shapes that the command line and the HTTP API share."""

from typing import Any

from index.ingest import Outcome
from index.library import Entry, Library
from index.transcript import About, Episode
from rag.retrieval import Ranked


def about_json(about: About) -> dict[str, Any]:
    """What is known about an episode; what is not known is null."""
    return {
        "show": about.show,
        "number": about.number,
        "date": about.date.isoformat() if about.date else None,
        "page_url": about.page_url,
        "audio_url": about.audio_url,
    }


def entry_json(entry: Entry) -> dict[str, Any]:
    """One row of `episodes --json`."""
    return {
        "id": entry.id,
        "title": entry.title,
        **about_json(entry.about),
        "speakers": list(entry.speakers),
        "words": entry.words,
        "passages": entry.passages,
        "duration_s": entry.duration_s,
        "has_audio": bool(entry.audio_file or entry.about.audio_url),
    }


def episode_json(episode: Episode) -> dict[str, Any]:
    """`show --json`: `time` is where a turn begins, `marks` are [character offset, seconds]."""
    return {
        "id": episode.id,
        "title": episode.title,
        **about_json(episode.about),
        "speakers": list(episode.speakers),
        "turns": [
            {
                "speaker": turn.speaker,
                "time": turn.time_at(0),
                "text": turn.text,
                "marks": [list(mark) for mark in turn.marks],
            }
            for turn in episode.turns
        ],
    }


def passage_json(library: Library, hit: Ranked) -> dict[str, Any]:
    """One passage of `search --json`: `from` and `to` are [turn, character offset]."""
    episode = library.episode(hit.passage.episode)
    first, last = hit.passage.lines[0], hit.passage.lines[-1]
    said = []
    for turn in range(first.turn, last.turn + 1):
        start = first.start if turn == first.turn else 0
        end = last.end if turn == last.turn else len(episode.turns[turn].text)
        said.append({"speaker": episode.turns[turn].speaker, "text": episode.turns[turn].text[start:end]})
    return {
        "episode": episode.id,
        "title": episode.title,
        "from": [first.turn, first.start],
        "to": [last.turn, last.end],
        "words": sum(len(part["text"].split()) for part in said if part["text"]),
        "score": round(hit.score, 4),
        "time": episode.turns[first.turn].time_at(first.start),
        "url": f"/t/{episode.id}?q={first.turn}.{first.start}-"
        + (f"{last.end}" if first.turn == last.turn else f"{len(episode.turns[first.turn].text)}"),
        "said": said,
    }


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """One row of `add --json`."""
    return {
        "source": outcome.source,
        "outcome": str(outcome.kind),
        "id": outcome.id,
        "title": outcome.title,
        "turns": outcome.turns,
        "speakers": list(outcome.speakers),
        "forgiven": list(outcome.forgiven),
        "why": outcome.why,
    }
