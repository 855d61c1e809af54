"""What every answer keeps, whatever made it."""

import re

from index.library import Library
from rag.answer import Answer


def keeps_the_promise(answer: Answer, library: Library) -> None:
    """Every quote is a slice of one turn of the record, with that turn's speaker and time."""
    printed = answer.as_json()
    for quote in [*printed["quotes"], *printed["closest"]]:
        turn = library.episode(quote["episode"]).turns[quote["turn"]]
        assert turn.text[quote["start"] : quote["end"]].encode() == quote["text"].encode()
        assert quote["speaker"] == turn.speaker
        assert quote["time"] == turn.time_at(quote["start"])
        assert quote["url"] == f"/t/{quote['episode']}?q={quote['turn']}.{quote['start']}-{quote['end']}"
    assert [quote["n"] for quote in printed["quotes"]] == list(range(1, len(printed["quotes"]) + 1))
    assert all(claim["quotes"] for claim in printed["claims"])
    assert printed["account"]["checked"] is True
    assert printed["account"]["proposed"] == len(printed["claims"]) + len(printed["dropped"])
    assert bool(printed["quotes"]) == (printed["status"] != "not_discussed")
    shown = " ".join(claim["text"] for claim in printed["claims"])
    for marked in re.findall(r"“([^”]*)”", shown):
        assert any(marked in quote["text"] for quote in printed["quotes"])
    assert not re.search(r'https?://|!\[|\]\(|<[a-z]|"', shown)
