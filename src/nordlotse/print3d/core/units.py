"""Which unit a file is in: told by the file, by the person, or guessed from the size with the reason said."""

from __future__ import annotations

import re

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import WrongCall
from nordlotse.print3d.core.values import Unit, UnitGuess

#: mm in one of the unit.
MM = {Unit.MM: 1.0, Unit.INCH: 25.4, Unit.M: 1000.0}

#: A part whose longest side lies between these mm is taken as mm: below hardly anything is printed, above few machines reach.
SMALLEST, LARGEST = 8.0, 900.0
#: Below this number of units inches would be smaller than 10 mm: then metres are likelier.
_METRES_BELOW = 0.4

_WORDS = {"mm": Unit.MM, "millimet": Unit.MM, "inch": Unit.INCH, "in": Unit.INCH, "met": Unit.M, "m": Unit.M}
_IN_COMMENT = re.compile(
    rb"units?(?:\s+scale)?\s*(?:[:=]|is|are)?\s*\"?(mm|millimet|inch|in|met|m)(?:er|re)?e?s?\b", re.I
)
_IN_NAME = re.compile(r"(?:^|[^a-z])(?:units?[ _-]?)?(mm|inch|inches)(?:[^a-z]|$)|units?(mm|inch|m)(?:[^a-z]|$)", re.I)


def check_scale(unit: str, scale: float) -> None:
    """Refuse an unknown unit or a senseless scale.

    Raises:
        WrongCall: `unit_unknown`, `scale_wrong`.
    """
    if unit not in ("auto", *Unit):
        raise WrongCall(
            "unit_unknown",
            de="Diese Einheit gibt es hier nicht.",
            en="There is no such unit here.",
            where=unit[:40],
            remedy_de="Möglich sind mm, inch, m und auto.",
            remedy_en="mm, inch, m and auto are possible.",
        )
    if not 1e-6 <= scale <= 1e6:
        raise WrongCall(
            "scale_wrong",
            de="Der Maßstab muss zwischen 0,000001 und 1.000.000 liegen.",
            en="The scale must lie between 0.000001 and 1,000,000.",
            where=f"{scale:g}",
            remedy_de="1 lässt die Größe, wie sie ist; 25.4 macht aus Zoll Millimeter.",
            remedy_en="1 leaves the size as it is; 25.4 turns inches into millimetres.",
        )


def told_by_file(factor: float, word: str) -> UnitGuess:
    """Return the unit a file carries: `factor` mm in its unit, `word` its name for it."""
    unit = next((u for u, mm in MM.items() if mm == factor), Unit.MM)
    return UnitGuess(
        unit, factor, Text(f"Die Datei nennt ihre Einheit: {word}.", f"The file names its unit: {word}."), True
    )


def told_by_person(unit: Unit) -> UnitGuess:
    """Return the unit a person chose."""
    return UnitGuess(unit, MM[unit], Text("Von Ihnen gewählt.", "Chosen by you."), True)


def guessed(longest: float, name: str, begin: bytes = b"") -> UnitGuess:
    """Return the unit of a file that carries none, from a remark in its first bytes, its name, or its longest side in file units."""
    remark = _IN_COMMENT.search(begin)
    if remark:
        unit = _WORDS[remark.group(1).decode().lower()]
        reason = Text("Ein Vermerk in der Datei nennt diese Einheit.", "A remark in the file names this unit.")
        return UnitGuess(unit, MM[unit], reason, False)
    named = _IN_NAME.search(name)
    if named:
        word = (named.group(1) or named.group(2)).lower()
        unit = Unit.INCH if word.startswith("inch") else Unit(word)
        return UnitGuess(unit, MM[unit], Text("Der Dateiname nennt diese Einheit.", "The file name says so."), False)
    return _by_size(longest)


def _by_size(longest: float) -> UnitGuess:
    said = f"{longest:.4g}"
    de = said.replace(".", ",")
    if longest < _METRES_BELOW:
        reason = Text(
            f"Die Datei nennt keine Einheit. Ihre längste Seite misst {de}; in Millimeter oder Zoll wäre das Teil winzig, "
            f"in Meter {longest * 1000:.0f} mm lang.",
            f"The file names no unit. Its longest side measures {said}; in millimetres or inches the part would be tiny, in "
            f"metres {longest * 1000:.0f} mm long.",
        )
        return UnitGuess(Unit.M, MM[Unit.M], reason, False)
    if longest < SMALLEST:
        reason = Text(
            f"Die Datei nennt keine Einheit. Ihre längste Seite misst {de}; in Millimeter wäre das Teil sehr klein, in Zoll "
            f"{longest * 25.4:.0f} mm lang. Ist es wirklich so klein, wählen Sie Millimeter.",
            f"The file names no unit. Its longest side measures {said}; in millimetres the part would be very small, in inches "
            f"{longest * 25.4:.0f} mm long. If it really is that small, choose millimetres.",
        )
        return UnitGuess(Unit.INCH, MM[Unit.INCH], reason, False)
    if longest > LARGEST:
        reason = Text(
            f"Die Datei nennt keine Einheit. Als Millimeter gelesen ist das Teil {longest / 1000:.1f} m lang.".replace(
                ".", ",", 0
            )
            + " Stimmt das nicht, wählen Sie einen Maßstab.",
            f"The file names no unit. Read as millimetres the part is {longest / 1000:.1f} m long. If that is wrong, "
            "choose a scale.",
        )
        return UnitGuess(Unit.MM, 1.0, reason, False)
    reason = Text(
        f"Die Datei nennt keine Einheit. Als Millimeter gelesen hat das Teil eine übliche Größe (längste Seite {de} mm).",
        f"The file names no unit. Read as millimetres the part has a usual size (longest side {said} mm).",
    )
    return UnitGuess(Unit.MM, 1.0, reason, False)
