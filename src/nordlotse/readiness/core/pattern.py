"""A link as a picture that a phone reads (QR code)."""

from __future__ import annotations

import segno

__all__ = ["qr_svg"]


def qr_svg(text: str) -> str:
    """Return a QR code (ISO/IEC 18004, error correction M) as an SVG element for a page."""
    return segno.make(text, error="m", micro=False).svg_inline(
        scale=6, border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None
    )
