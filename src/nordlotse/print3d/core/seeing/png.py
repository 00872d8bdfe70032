"""Pictures as PNG (ISO/IEC 15948): eight bits per colour, with a word or two about the picture inside."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
#: Compression: a drawing has large even fields, more effort saves little.
_EFFORT = 6


def as_png(pixels: NDArray[np.uint8], said: dict[str, str] | None = None) -> bytes:
    """Return pixels (height, width, 3) as PNG; `said` are Latin-1 texts by keyword, kept in the file (tEXt)."""
    high, wide = pixels.shape[:2]
    rows = np.zeros((high, 1 + wide * 3), np.uint8)
    rows[:, 1:] = pixels.reshape(high, -1)
    # each row less the row above (filter "up"): even fields become zeros
    rows[1:, 1:] -= pixels.reshape(high, -1)[:-1]
    rows[1:, 0] = 2
    texts = [_chunk(b"tEXt", f"{key}\0{text}".encode("latin-1")) for key, text in (said or {}).items()]
    head = struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0)
    body = zlib.compress(rows.tobytes(), _EFFORT)
    return b"".join([_SIGNATURE, _chunk(b"IHDR", head), *texts, _chunk(b"IDAT", body), _chunk(b"IEND", b"")])


def said_in(png: bytes) -> dict[str, str]:
    """Return the texts kept in a PNG of ours, {} if there are none."""
    found: dict[str, str] = {}
    at = len(_SIGNATURE)
    while png.startswith(_SIGNATURE) and at + 8 <= len(png):
        length, kind = struct.unpack_from(">I4s", png, at)
        if kind == b"tEXt":
            key, _, text = png[at + 8 : at + 8 + length].decode("latin-1").partition("\0")
            found[key] = text
        at += length + 12
    return found


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
