"""Names that this house gave signals and rules itself, in both languages: a page in English shows them in English, whoever made them in German."""

from __future__ import annotations

from functools import cache

from nordlotse.foundation.language import Lang, Text

#: Signals of the simulated machines.
SIGNALS = (
    Text("Strom", "Current"),
    Text("Leistung", "Power"),
    Text("Spindeldrehzahl", "Spindle speed"),
    Text("Spindellast", "Spindle load"),
    Text("Vibration", "Vibration"),
    Text("Spindeltemperatur", "Spindle temperature"),
    Text("Kühlmitteldruck", "Coolant pressure"),
    Text("Teile", "Parts"),
    Text("Ausschuss", "Scrap"),
    Text("Zylindertemperatur 1", "Barrel temperature 1"),
    Text("Zylindertemperatur 2", "Barrel temperature 2"),
    Text("Einspritzdruck", "Injection pressure"),
    Text("Massepolster", "Cushion"),
    Text("Zykluszeit", "Cycle time"),
    Text("Öltemperatur", "Oil temperature"),
    Text("Ofentemperatur", "Oven temperature"),
    Text("Chargentemperatur", "Load temperature"),
    Text("Gasdurchfluss", "Gas flow"),
    Text("Abgastemperatur", "Flue gas temperature"),
    Text("Tür offen", "Door open"),
)
#: What is often proposed for a signal by its name, or asked for by a guide.
PROPOSED = (
    Text("Energie", "Energy"),
    Text("Gutteile", "Good parts"),
    Text("Stückzahl", "Number of parts"),
    Text("Spannung", "Voltage"),
    Text("Drehzahl", "Speed"),
    Text("Temperatur", "Temperature"),
    Text("Druck", "Pressure"),
    Text("Schwingung", "Oscillation"),
    Text("Feuchte", "Humidity"),
    Text("Last", "Load"),
    Text("Durchfluss", "Flow"),
    Text("Zustand", "State"),
)
#: Rules of the simulated machines.
RULES = (
    Text("Spindel vibriert stark", "Spindle vibrates strongly"),
    Text("Spindel zu warm", "Spindle too warm"),
    Text("Zylinder zu kalt", "Barrel too cold"),
    Text("Öl zu warm", "Oil too warm"),
    Text("Ofen zu heiß", "Oven too hot"),
    Text("Ofen meldet sich nicht", "Oven does not report"),
)
#: Units that are words.
UNITS = (Text("Stück", "pcs"),)


def named(given: str, lang: Lang) -> str:
    """Return a name in a language if it is one of ours, in whichever of the two it was given; else as it was given."""
    found = _known().get(given)
    return found.get(lang) if found is not None else given


@cache
def _known() -> dict[str, Text]:
    return {word: one for one in (*PROPOSED, *SIGNALS, *RULES, *UNITS) for word in (one.de, one.en)}
