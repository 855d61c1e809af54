"""Quotes in a draft, or in JSON Lines, looked up on the record."""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.errors import CheckError
from index.library import Library
from rag.quotes import Quote
from rag.record import TranscriptRecord

_QUOTED = re.compile(r"“([^”]{3,})”|\"([^\"\n]{3,})\"|«([^»]{3,})»|„([^“”]{3,})[“”]")
_ON_RECORD = frozenset({"exact", "repaired"})


@dataclass(frozen=True, slots=True)
class Checked:
    """One quoted text, and what became of it.

    Attributes:
        label: its line or id, for people.
        verdict: `exact`, `repaired`, `fabricated`, `wrong_speaker` or `wrong_episode`.
    """

    id: str
    label: str
    text: str
    verdict: str
    matches: tuple[Quote, ...]
    remark: str

    @property
    def passed(self) -> bool:
        return self.verdict in _ON_RECORD

    def as_json(self) -> dict[str, Any]:
        return {"id": self.id, "verdict": self.verdict, "matches": [quote.as_json(None) for quote in self.matches]}
