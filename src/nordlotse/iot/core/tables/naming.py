"""Names and units of signals from the titles of columns."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.values import check_name

_BRACKETS = re.compile(r"\A(.*?)\s*[\[(]\s*([^\[\]()]{1,16}?)\s*[\])]\s*\Z")
_IN = re.compile(
    r"\A(.+?)[\s_]+(?:in[\s_]+)?(°C|°F|kWh|Wh|kW|MW|W|A|mA|V|mV|kV|bar|mbar|Pa|kPa|hPa|Hz|%|mm/s|m/s|1/min|rpm|U/min|l/min|m³/h|kVArh|kVAr)\Z"
)
_PER = re.compile(r"[/\\]")
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f+#]")


def apart(title: str) -> tuple[str, str]:
    """Return a title without its unit, and the unit ("" if it tells none): "Druck [bar]", "Druck (bar)", "Druck in bar", "Druck_bar"."""
    found = _BRACKETS.match(title) or _IN.match(title)
    if found and found[1].strip(" _-"):
        return found[1].strip(" _-"), found[2]
    return title.strip(), ""


def name_of(title: str) -> str:
    """Return a name made of a text, "" if none can be made."""
    name = _FORBIDDEN.sub(" ", _PER.sub("-", title))
    name = " ".join(name.split())[:64].strip()
    try:
        return check_name(name, "signal")
    except BadInput:
        return ""


def names_of(titles: Sequence[str]) -> list[str]:
    """Return a name for each title, each once."""
    found: list[str] = []
    for place, title in enumerate(titles, 1):
        name = name_of(title) or f"Spalte {place}"
        again = 2
        made = name
        while made in found:
            made = f"{name[:60]} {again}"
            again += 1
        found.append(made)
    return found
