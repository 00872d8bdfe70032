"""Folding of German spelling: one form for ä/ae/a, ß/ss, capitals and accents."""

from __future__ import annotations

import re
import unicodedata

_UMLAUTS = str.maketrans({"ß": "ss", "ä": "a", "ö": "o", "ü": "u", "ẞ": "ss"})
# "ue" stays after a, e, i, o, u, q: "neue", "Quelle", "blaue" are not umlauts.
_UE = re.compile(r"(?<![aeiouq])ue")


def fold(text: str) -> str:
    """Return `text` lower-cased with umlauts, their ASCII spellings and accents folded.

    ß→ss, ä/ae→a, ö/oe→o, ü/ue→u (the last not after a, e, i, o, u or q); other accents are dropped.
    """
    lowered = unicodedata.normalize("NFC", text).lower().translate(_UMLAUTS)
    if not lowered.isascii():
        lowered = "".join(c for c in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(c))
    lowered = lowered.replace("ae", "a").replace("oe", "o")
    return _UE.sub("u", lowered)
