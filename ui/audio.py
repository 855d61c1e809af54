"""Local recordings, served so that a player can jump: only the files that the library names.

Range requests: RFC 9110, section 14.
"""

from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse

from index.library import Library

_TYPES = {
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".mp4": "audio/mp4",
    ".aac": "audio/aac",
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".opus": "audio/ogg",
    ".flac": "audio/flac",
    ".wav": "audio/wav",
    ".webm": "audio/webm",
}


def audio_routes(library: Library) -> APIRouter:
    """`/audio/EPISODE`: the recording of an episode, whole or in ranges."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/audio/{id}", methods=["GET", "HEAD"])
    def audio(id: str) -> FileResponse:
        named = next((entry.audio_file for entry in library.entries() if entry.id == id), None)
        path = Path(named) if named else None
        kind = _TYPES.get(path.suffix.lower()) if path else None
        if path is None or kind is None or not path.is_file():
            raise HTTPException(404, "there is no recording of this episode here")
        return FileResponse(path, media_type=kind, headers={"cache-control": "private, max-age=3600"})

    return router
