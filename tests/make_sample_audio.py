"""Speak the captions of the sample show's second episode, and write their true times back.

    python tests/make_sample_audio.py

The caption file is the script: change its words, run this, and both the recording and the caption
times are made anew. Needs `espeak-ng` and `opusenc` (package opus-tools) on the PATH, nothing else
does: the results are kept in the repository.
"""

import io
import re
import subprocess
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CAPTIONS = Path(__file__).parent.parent / "index" / "sample" / "02-the-lens-in-the-barn.vtt"
RATE_HZ = 22_050
BIT_RATE_KBIT = 13
VOICES = {
    "Wren Castellow": ("en-gb-x-rp+f2", "58"),
    "Brannoch Ilves": ("en-gb-scotland+m3", "38"),
    "Hesper Vane": ("en-gb+f4", "42"),
}
"""A voice and a pitch (0 to 99) for each speaker."""
WORDS_A_MINUTE = "165"
PAUSE_S = {"speaker": 0.55, "sentence": 0.30, "clause": 0.12}
QUIET = 300
"""Samples below this, of 32,768, are silence around the speech."""

_CUE = re.compile(r"^\S+ --> \S+\n<v (?P<speaker>[^>]+)>(?P<text>.+)$", re.MULTILINE)


def spoken(text: str, speaker: str) -> NDArray[np.int16]:
    """One caption as speech: int16[n] at RATE_HZ, without the silence around it."""
    voice, pitch = VOICES[speaker]
    command = ["espeak-ng", "-v", voice, "-p", pitch, "-s", WORDS_A_MINUTE, "--stdout", text]
    sound = subprocess.run(command, check=True, capture_output=True).stdout
    # A stream has no length to declare: its header says "endless", so only the rate is taken from it.
    with wave.open(io.BytesIO(sound)) as header:
        assert header.getframerate() == RATE_HZ
    samples = np.frombuffer(sound[44 : len(sound) - len(sound) % 2], dtype="<i2")
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > QUIET)
    return samples[loud[0] : loud[-1] + 1]


def pause_s(before: re.Match[str] | None, after: re.Match[str]) -> float:
    """The silence between two captions, in seconds."""
    if before is None or before["speaker"] != after["speaker"]:
        return PAUSE_S["speaker"]
    return PAUSE_S["sentence" if before["text"][-1] in '.?!"' else "clause"]


def clock(samples: int) -> str:
    """A place in the recording as captions write it, `hh:mm:ss.mmm`; never past the place."""
    seconds, thousandths = divmod(samples * 1000 // RATE_HZ, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{thousandths:03}"


def main() -> None:
    captions = CAPTIONS.read_text(encoding="utf-8")
    pieces: list[NDArray[np.int16]] = []
    length, before, written, copied = 0, None, "", 0
    for cue in _CUE.finditer(captions):
        silence = np.zeros(round(pause_s(before, cue) * RATE_HZ), dtype="<i2")
        speech = spoken(cue["text"].replace("&amp;", "and"), cue["speaker"])
        start, end = length + len(silence), length + len(silence) + len(speech)
        pieces += [silence, speech]
        written += captions[copied : cue.start()] + f"{clock(start)} --> {clock(end)}\n"
        written += f"<v {cue['speaker']}>{cue['text']}"
        length, before, copied = end, cue, cue.end()
    raw = ["--raw", "--raw-rate", str(RATE_HZ), "--raw-chan", "1"]
    size = ["--bitrate", str(BIT_RATE_KBIT), "--speech", "--framesize", "60"]
    # A fixed serial number: the same captions give the same file.
    target = str(CAPTIONS.with_suffix(".opus"))
    command = ["opusenc", "--quiet", *raw, *size, "--serial", "2", "-", target]
    subprocess.run(command, check=True, input=np.concatenate(pieces).tobytes())
    CAPTIONS.write_text(written + captions[copied:], encoding="utf-8")


if __name__ == "__main__":
    main()
