"""The code for the entrance: ten characters, eight drawn by lot, two a signature, and its picture (QR).

Alphabet: Crockford's base 32 (no I, L, O, U), so that a code can be read out. 40 random bits keep codes of one
centre apart (two alike among 100,000: 1 in 200); 10 bits of HMAC-SHA-256 tell a typing error from a code of ours without asking the
database. A code opens nothing by itself: only a coordinator can check somebody in with it.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import secrets

import segno

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_DRAWN, _SIGNED = 8, 2
LENGTH = _DRAWN + _SIGNED
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None})


def _signature(drawn: str, secret: str) -> str:
    digest = hmac.new(secret.encode(), b"nordlotse.checkin:" + drawn.encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest[:8], "big")
    return "".join(_ALPHABET[(number >> (5 * i)) & 31] for i in range(_SIGNED))


def new_code(secret: str) -> str:
    """Draw a code; `secret` is the installation's key."""
    drawn = "".join(secrets.choice(_ALPHABET) for _ in range(_DRAWN))
    return drawn + _signature(drawn, secret)


def read_code(typed: str, secret: str) -> str | None:
    """Return the code somebody typed or scanned, None if it cannot be one of ours. Small letters and blanks are fine."""
    code = typed.strip().upper().translate(_MISREAD)
    if len(code) != LENGTH or any(c not in _ALPHABET for c in code):
        return None
    fits = hmac.compare_digest(code[_DRAWN:], _signature(code[:_DRAWN], secret))
    return code if fits else None


def spoken(code: str) -> str:
    """Return a code in two groups, as it is shown and read out."""
    return f"{code[:5]} {code[5:]}"


def qr_svg(text: str) -> str:
    """Return a QR code (ISO/IEC 18004, error correction M) as an SVG element for a page."""
    return segno.make(text, error="m", micro=False).svg_inline(
        scale=6, border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None
    )


def qr_png(text: str) -> bytes:
    """Return a QR code as a picture for a mail."""
    file = io.BytesIO()
    segno.make(text, error="m", micro=False).save(file, kind="png", scale=6, border=4)
    return file.getvalue()
