"""Photos and voice notes: files in the state folder, each named by the hash of what it holds.

Nothing is kept as it came in. A picture is drawn anew (turned upright, without EXIF, so without the place where it was
taken), sound is coded anew: what lies here is what our own coders wrote, whatever a stranger sent.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import re
import warnings
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from concierge.domain.conversation import File
from concierge.domain.errors import BadRequest

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 50_000_000
LONGEST_SIDE = 2560
MAX_SECONDS = 300
HZ = 16_000
VOICE_BITS = 32_000
PICTURES = ("JPEG", "PNG", "WEBP")
FORMATS = {"format_whitelist": "wav,ogg,matroska,webm,mov,mp4,m4a,mp3,aac,flac,amr", "protocol_whitelist": "none"}
"""Of sound. A playlist would have FFmpeg open other files, or addresses."""
HASH = re.compile("[0-9a-f]{64}")
AT_ONCE = 2
"""Files that are coded at the same time: a call must not stutter for it."""

Hear = Callable[[np.ndarray, str | None], Awaitable[str]]
"""(sound, float32 mono at 16 kHz; language or None) → its words."""


class Files:
    """The files of one property, in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._coding = asyncio.Semaphore(AT_ONCE)

    async def take(self, content: bytes, name: str, who: str, *, lang: str | None = None, hear: Hear | None = None) -> File:
        """Keeps what ``who`` sent in; ``hear`` gives a voice note's words. Raises :class:`BadRequest` for what is neither a
        picture nor sound."""
        async with self._coding:
            kind, coded, sound = await asyncio.to_thread(_coded, content)
        hash = hashlib.sha256(coded).hexdigest()
        known = await asyncio.to_thread(self.find, hash)
        file, senders = known or (File(hash, kind, "", len(coded)), {})
        if sound is not None and not known:
            words = await hear(sound, lang) if hear else ""
            file = replace(file, seconds=round(len(sound) / HZ, 1), transcript=words)
        senders = {**senders, who: _plain_name(name)}
        await asyncio.to_thread(self._write, file, coded, senders)
        return replace(file, name=senders[who])

    def find(self, hash: str) -> tuple[File, Mapping[str, str]] | None:
        """The file, without a name, and who has sent it in under which; None: there is none."""
        if not HASH.fullmatch(hash):
            return None
        try:
            about: dict[str, Any] = json.loads(self._about(hash).read_text("utf-8"))
        except FileNotFoundError:
            return None
        return File(**about["file"]), about["senders"]

    def path(self, hash: str) -> Path:
        return self._folder / hash[:2] / hash

    def _about(self, hash: str) -> Path:
        return self.path(hash).with_suffix(".json")

    def _write(self, file: File, coded: bytes, senders: Mapping[str, str]) -> None:
        """The content before what is said of it: who finds the one has the other."""
        self.path(file.hash).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self.path(file.hash).exists():
            _replace(self.path(file.hash), coded)
        about = {"file": asdict(file), "senders": senders}
        _replace(self._about(file.hash), json.dumps(about, ensure_ascii=False).encode())


def _replace(path: Path, content: bytes) -> None:
    """At once and for its owner only, and on the disk before it has its name."""
    fresh = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _plain_name(name: str) -> str:
    """For people to read, and nothing else."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(char for char in last if char.isprintable() and char not in '<>"')[:80].strip()


def _coded(content: bytes) -> tuple[str, bytes, np.ndarray | None]:
    """(type, our own coding of it, its sound if it is sound). What it is, its bytes say. Raises :class:`BadRequest`."""
    if len(content) > MAX_BYTES:
        raise BadRequest(f"the file has {len(content)} bytes, at most {MAX_BYTES} are taken")
    picture = _picture(content)
    if picture:
        return *picture, None
    sound = _sound(content)
    return "audio/mp4", _mp4(sound), sound


def _picture(content: bytes) -> tuple[str, bytes] | None:
    """None: it is none that we know."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is below, before anything is decoded
            image: Image.Image = Image.open(io.BytesIO(content), formats=PICTURES)
        kind = image.format or "PNG"
        if image.width * image.height > MAX_PIXELS:
            raise BadRequest(f"the picture has {image.width} × {image.height} pixels, at most {MAX_PIXELS} are taken")
        image = ImageOps.exif_transpose(image)
        image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        image = image.convert("RGB" if kind == "JPEG" else "RGBA")
    except (UnidentifiedImageError, Image.DecompressionBombError):
        return None
    except (OSError, ValueError, SyntaxError, EOFError) as error:  # whatever Pillow makes of a broken one
        raise BadRequest("the picture is broken") from error
    clean = Image.new(image.mode, image.size)
    clean.paste(image)  # pixels alone: no text, profile or comment goes along
    out = io.BytesIO()
    clean.save(out, kind, **({"quality": 85} if kind != "PNG" else {}))
    return Image.MIME[kind], out.getvalue()


def _sound(content: bytes) -> np.ndarray:
    """float32 mono at 16 kHz. Raises :class:`BadRequest`."""
    pieces: list[np.ndarray] = []
    resampler = av.AudioResampler("fltp", rate=HZ)
    seconds = 0.0
    try:
        with av.open(io.BytesIO(content), "r", metadata_errors="ignore", options=FORMATS) as container:
            for frame in container.decode(audio=0):
                frame.pts = None
                # averaged here, as in media.recording: FFmpeg's own mix to mono is 3 dB louder
                pieces += [piece.to_ndarray().mean(axis=0) for piece in resampler.resample(frame)]
                seconds += frame.samples / frame.sample_rate
                if seconds > MAX_SECONDS + 1:
                    break  # a small file may hold hours of silence
            pieces += [piece.to_ndarray().mean(axis=0) for piece in resampler.resample(None)]
    except (av.FFmpegError, ValueError, IndexError) as error:
        raise BadRequest("the file is neither a picture (JPEG, PNG, WebP) nor sound") from error
    sound: np.ndarray = np.nan_to_num(np.concatenate(pieces or [np.zeros(0)])).astype(np.float32)
    if not HZ // 10 <= len(sound) <= MAX_SECONDS * HZ:
        raise BadRequest(f"a voice note lasts from 0.1 to {MAX_SECONDS} s")
    return sound


def _mp4(sound: np.ndarray) -> bytes:
    """AAC: what every browser and phone plays."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=HZ, layout="mono")
        stream.bit_rate = VOICE_BITS
        frame = av.AudioFrame.from_ndarray(sound[np.newaxis, :], "fltp", "mono")
        frame.sample_rate = HZ
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return out.getvalue()
