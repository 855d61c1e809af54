"""What `onrecord doctor` looks at; every finding carries its remedy."""

import asyncio
import contextlib
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index import vectors
from index.errors import DamagedEpisode, ModelServerError, OnRecordError
from index.library import Library
from index.pair_reader import ANSWERS, CARRIES, embedded_reader
from ui.assembly import encoder_of, entailment_of, model_of
from ui.settings import Settings

_LEAST_FREE_BYTES = 200 * 2**20


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and what to do where it is not well."""

    what: str
    well: bool = True
    fix: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {"what": self.what, "well": self.well, "fix": self.fix}


def diagnose(settings: Settings) -> list[Finding]:
    """Look at the library, the encoder, the claim check, the models that are named, what counts the limits, and the port."""
    return [
        *_guarded(lambda: _library(settings)),
        *_guarded(lambda: _language_model(settings)),
        *_guarded(lambda: _claim_check(settings)),
        *_guarded(lambda: _limits(settings)),
        _port(settings),
    ]


def _guarded(look: Any) -> Iterator[Finding]:
    try:
        yield from look()
    except OnRecordError as error:
        yield Finding(f"{error.where}: {error.what}" if error.where else error.what, False, error.fix)


def _library(settings: Settings) -> Iterator[Finding]:
    library = Library.open(settings.library)
    entries = library.entries()
    yield Finding(f"library {settings.library}: {len(entries)} episodes, generation {library.generation}")
    with contextlib.closing(sqlite3.connect(settings.library / "library.db")) as db:
        problem = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if problem == "ok":
        yield Finding("the record is sound")
    else:
        yield Finding(
            f"the record is damaged ({problem})",
            False,
            "restore library.db from a copy, or add everything anew",
        )
    for entry in entries:
        try:
            library.episode(entry.id)
        except DamagedEpisode as error:
            yield Finding(error.what, False, error.fix)
    state = "sound" if vectors.snapshot_is_sound(library) else "rebuilt from the record when needed"
    yield Finding(f"the vector snapshot is {state}")
    for entry in entries:
        if entry.audio_file and not Path(entry.audio_file).is_file():
            yield Finding(
                f"the recording of {entry.id} is gone ({entry.audio_file})",
                False,
                "put it back, or add the episode again",
            )
    if shutil.disk_usage(settings.library).free < _LEAST_FREE_BYTES:
        yield Finding("the disk is almost full", False, "free some space")
    encoder = encoder_of(settings, library, threads=1)
    library.expect(encoder.id)
    yield Finding(f"embedding model {encoder.id.name} ({encoder.id.sha256[:12]}) made this library")
    embedded_reader(ANSWERS)
    yield Finding(f"the reader {ANSWERS}, which puts quotes in order, is sound")


def _language_model(settings: Settings) -> Iterator[Finding]:
    model = model_of(settings)
    if model is None:
        yield Finding("no language model is set: answers are quotes alone")
        return

    async def asked() -> str:
        try:
            return await model.complete([{"role": "user", "content": "Say yes."}], max_tokens=16)
        finally:
            await model.aclose()

    try:
        asyncio.run(asked())
    except ModelServerError as error:
        yield Finding(
            f"{error.where}: {error.what}", False, error.fix or "answers are quotes until it is back"
        )
    else:
        yield Finding(f"language model {model.name} answers")


def _claim_check(settings: Settings) -> Iterator[Finding]:
    embedded_reader(CARRIES)
    yield Finding(f"the claim check's reader {CARRIES} is sound")
    if entailment := entailment_of(settings):
        entailment.entailed([("It rains.", "It rains.")])
        yield Finding(f"entailment model {settings.nli} answers")


def _limits(settings: Settings) -> Iterator[Finding]:
    if settings.limits_url.startswith("memory:"):
        return
    import redis

    try:
        with redis.Redis.from_url(settings.limits_url, socket_timeout=2, socket_connect_timeout=2) as opened:
            opened.ping()
    except (redis.RedisError, ValueError) as error:
        yield Finding(
            f"the Redis that counts the limits does not answer ({type(error).__name__})",
            False,
            "start it or correct limits_url; until then each process counts by itself",
        )
    else:
        yield Finding("the Redis that counts the limits answers")


def _port(settings: Settings) -> Finding:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError:
            return Finding(
                f"port {settings.port} is in use",
                False,
                "that may be a running onrecord; else stop the other program or use --port",
            )
    return Finding(f"port {settings.port} is free")
