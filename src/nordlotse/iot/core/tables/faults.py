"""What of a table could not be read: where, why, and what helps; counted, and the first of each kind told one by one."""

from __future__ import annotations

from dataclasses import dataclass, field

#: So many faults of each kind are told one by one.
MOST_TOLD = 20

_WORDS = {
    "cells": (
        "Die Zeile hat eine andere Zahl von Spalten.",
        "The row has another number of columns.",
        "Steht das Trennzeichen in einem Text? Dann den Text in Anführungszeichen setzen.",
        "Does the separator stand in a text? Then put the text in quotation marks.",
    ),
    "time": (
        "Das ist keine Zeit in der erkannten Schreibweise.",
        "This is not a time in the way of writing that was found.",
        "Bitte die Schreibweise der Zeit prüfen (Tag.Monat.Jahr oder Monat/Tag/Jahr?).",
        "Check how times are written (day.month.year or month/day/year?).",
    ),
    "time_range": (
        "Zeiten vor 1900 oder nach 2199 werden nicht aufgenommen.",
        "Times before 1900 or after 2199 are not taken in.",
        "Bitte die Uhr des Geräts prüfen.",
        "Check the device's clock.",
    ),
    "number": (
        "Das ist keine Zahl.",
        "This is not a number.",
        "Komma oder Punkt verwechselt? Oder die Spalte als Text aufnehmen.",
        "Comma and point mixed up? Or take the column in as text.",
    ),
    "not_finite": (
        "Die Zahl ist unendlich.",
        "The number is infinite.",
        "Der Fühler war vermutlich gestört; solche Werte entfallen.",
        "The sensor was probably disturbed; such values are left out.",
    ),
    "text": (
        "Der Text hat mehr als 256 Bytes.",
        "The text has more than 256 bytes.",
        "Bitte kürzen.",
        "Shorten it.",
    ),
    "boolean": (
        "Das ist weder ja noch nein.",
        "This is neither yes nor no.",
        "Erkannt werden ja/nein, wahr/falsch, an/aus, 1/0.",
        "Known are yes/no, true/false, on/off, 1/0.",
    ),
    "name": (
        "Das kann kein Name einer Maschine oder eines Signals sein.",
        "This cannot be a machine's or signal's name.",
        "1 bis 64 Zeichen, ohne / \\ + # und Steuerzeichen.",
        "1 to 64 characters, without / \\ + # and control characters.",
    ),
    "missing_hour": (
        "Diese Stunde gibt es nicht: Die Uhr wurde vorgestellt. Die Zeit zählt als Normalzeit.",
        "This hour does not exist: the clock was put forward. The time counts as standard time.",
        "Schreibt das Gerät UTC oder Normalzeit? Dann diese Zone wählen.",
        "Does the device write UTC or standard time? Then choose that zone.",
    ),
    "double_hour": (
        "Diese Stunde gibt es zweimal: Die Uhr wurde zurückgestellt. Geordnet nach der Folge der Zeilen.",
        "This hour exists twice: the clock was put back. Put in order as the rows follow each other.",
        "Eindeutig wird es mit UTC oder mit einer Zeitzone in der Datei.",
        "UTC, or a zone in the file, makes it clear.",
    ),
}  # fmt: skip

#: Faults that are only told: the values are taken all the same.
TAKEN = frozenset({"missing_hour", "double_hour"})


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell or row: its line in the file (from 1), the column's title ("" for the row), what stands there, and the reason's code."""

    code: str
    line: int
    column: str
    content: str

    def message(self, lang: str) -> str:
        """Return what is wrong ("de", or anything else for English)."""
        return _WORDS[self.code][0 if lang == "de" else 1]

    def remedy(self, lang: str) -> str:
        """Return what helps ("de", or anything else for English)."""
        return _WORDS[self.code][2 if lang == "de" else 3]


@dataclass(slots=True)
class Told:
    """What became of a table: rows seen, values made, times that stood twice in a signal, faults by code, and the first of each."""

    rows: int = 0
    values: int = 0
    twice: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def add(self, code: str, count: int) -> int:
        """Count faults, and return how many of them are to be told one by one."""
        before = self.counts.get(code, 0)
        if count:
            self.counts[code] = before + count
        return max(0, min(count, MOST_TOLD - before))

    @property
    def lost(self) -> int:
        """Return how many rows or cells became no value although something stood there."""
        return sum(count for code, count in self.counts.items() if code not in TAKEN)
