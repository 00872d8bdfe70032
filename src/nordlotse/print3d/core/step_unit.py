"""In which unit a STEP file was drawn: looked up in its text, for the converter gives mm and tells no more.

ISO 10303-41: a context assigns units; that of length is an SI unit, or one based on it by a factor (`CONVERSION_BASED_UNIT`).
"""

from __future__ import annotations

import re

_CONTEXT = re.compile(rb"GLOBAL_UNIT_ASSIGNED_CONTEXT\s*\(\s*\(([#\d,\s]{1,400})\)")
_NUMBER = re.compile(rb"#(\d{1,12})")
_SI = re.compile(rb"SI_UNIT\s*\(\s*(\$|\.[A-Z]{1,10}\.)\s*,\s*\.METRE\.")
_BASED = re.compile(rb"CONVERSION_BASED_UNIT\s*\(\s*'[^']{0,60}'\s*,\s*#(\d{1,12})")
_MEASURE = re.compile(rb"LENGTH_MEASURE\s*\(\s*([-+.\dEe]{1,30})\s*\)\s*,\s*#(\d{1,12})")
_PREFIXES = {b"$": 1000.0, b".MILLI.": 1.0, b".CENTI.": 10.0, b".DECI.": 100.0, b".MICRO.": 0.001, b".KILO.": 1e6}
_NAMES = {0.001: "micron", 1.0: "millimeter", 10.0: "centimeter", 25.4: "inch", 304.8: "foot", 1000.0: "meter"}


def unit_of(data: bytes) -> tuple[float, str]:
    """Return mm in the unit of length of a STEP file, and the unit's name; 1.0 and "" where the text tells none that we know."""
    context = _CONTEXT.search(data)
    for number in _NUMBER.findall(context.group(1))[:8] if context else ():
        entity = _entity(data, number)
        if b"LENGTH_UNIT" not in entity:
            continue
        found = _mm(data, entity)
        name = next((word for mm, word in _NAMES.items() if found and abs(found / mm - 1.0) < 1e-6), "")
        return (next(mm for mm, word in _NAMES.items() if word == name), name) if name else (1.0, "")
    return 1.0, ""


def _mm(data: bytes, entity: bytes) -> float | None:
    """Return mm in a unit of length: of an SI unit, or of one based on it."""
    plain = _SI.search(entity)
    if plain:
        return _PREFIXES.get(plain.group(1))
    based = _BASED.search(entity)
    measure = _MEASURE.search(_entity(data, based.group(1))) if based else None
    below = _SI.search(_entity(data, measure.group(2))) if measure else None
    base = _PREFIXES.get(below.group(1)) if below else None
    try:
        return float(measure.group(1)) * base if measure and base else None
    except ValueError:
        return None


def _entity(data: bytes, number: bytes) -> bytes:
    """Return the text of an entity, at most 1,000 bytes of it; empty where it is not there."""
    found = re.search(rb"#" + number + rb"\s{0,20}=([^;]{0,1000})", data)
    return found.group(1) if found else b""
