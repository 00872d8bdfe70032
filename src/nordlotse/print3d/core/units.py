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


#: What units are called, by the words of 3MF and STEP.
_CALLED = {
    "micron": Text("Mikrometer", "micrometres"),
    "millimeter": Text("Millimeter", "millimetres"),
    "centimeter": Text("Zentimeter", "centimetres"),
    "meter": Text("Meter", "metres"),
    "inch": Text("Zoll", "inches"),
    "foot": Text("Fuß", "feet"),
}


#: The first bytes of a mended part that we hand out: STL names no unit, but in ours it is known.
OURS = b"Nordlotse repaired copy, unit mm"


def told_by_us() -> UnitGuess:
    """Return the unit of a mended part that we handed out."""
    reason = Text(
        "Das ist unsere reparierte Kopie; sie steht in Millimeter und ist so groß wie das Teil vorher.",
        "This is our repaired copy; it is in millimetres and as large as the part was before.",
    )
    return UnitGuess(Unit.MM, 1.0, reason, True)


def told_by_file(factor: float, word: str) -> UnitGuess:
    """Return the unit a file carries: `factor` mm in its unit, `word` its name for it ("" if it names none that we know)."""
    unit = next((u for u, mm in MM.items() if mm == factor), Unit.MM)
    if not word:
        reason = Text(
            "Die Datei bringt ihre Einheit mit; alle Maße hier sind in Millimeter umgerechnet.",
            "The file carries its unit; all sizes here are converted to millimetres.",
        )
        return UnitGuess(unit, factor, reason, True)
    name = _CALLED.get(word, Text(word, word))
    if factor == 1.0:
        reason = Text(f"Die Datei nennt ihre Einheit: {name.de}.", f"The file names its unit: {name.en}.")
    else:
        reason = Text(
            f"Die Datei nennt ihre Einheit: {name.de}. Alle Maße hier sind in Millimeter umgerechnet.",
            f"The file names its unit: {name.en}. All sizes here are converted to millimetres.",
        )
    return UnitGuess(unit, factor, reason, True)


def told_by_person(unit: Unit, told: UnitGuess | None = None) -> UnitGuess:
    """Return the unit a person chose, with a warning where the file itself tells (`told`) another one."""
    said = Text("Von Ihnen gewählt.", "Chosen by you.")
    if told is None or told.factor == MM[unit]:
        return UnitGuess(unit, MM[unit], said, True)
    times = MM[unit] / told.factor
    grown = f"{times:.4g}" if times > 1 else f"{1 / times:.4g}"
    de = f"{grown.replace('.', ',')}-mal so {'groß' if times > 1 else 'klein'}"
    en = f"{grown} times {'larger' if times > 1 else 'smaller'}"
    warning = Text(
        f"Achtung: Die Datei sagt etwas anderes. Mit Ihrer Wahl wird das Teil {de}. "
        "„Selbst erkennen“ nimmt die Einheit der Datei.",
        f"Careful: the file says otherwise. With your choice the part becomes {en}. "
        "“Find out” takes the unit of the file.",
    )
    return UnitGuess(unit, MM[unit], Text(f"{said.de} {warning.de}", f"{said.en} {warning.en}"), True)


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
        metres = f"{longest / 1000:.1f}".replace(".", ",")
        reason = Text(
            f"Die Datei nennt keine Einheit. Als Millimeter gelesen ist das Teil {metres} m lang. "
            "Stimmt das nicht, wählen Sie einen Maßstab.",
            f"The file names no unit. Read as millimetres the part is {longest / 1000:.1f} m long. If that is wrong, "
            "choose a scale.",
        )
        return UnitGuess(Unit.MM, 1.0, reason, False)
    reason = Text(
        f"Die Datei nennt keine Einheit. Als Millimeter gelesen hat das Teil eine übliche Größe (längste Seite {de} mm).",
        f"The file names no unit. Read as millimetres the part has a usual size (longest side {said} mm).",
    )
    return UnitGuess(Unit.MM, 1.0, reason, False)
