"""Flags for people at the machine: what was seen in plain words, and what to do about it, or that nothing is to do."""

from __future__ import annotations

from dataclasses import dataclass

from nordlotse.foundation.language import Text
from nordlotse.iot.core.oee.values import Flag

_CYCLE = Text(
    "Stoppen Sie zehn Teile mit der Uhr und tragen Sie den besten Wert unter „Aufträge und Teile“ als Soll-Takt ein.",
    "Time ten parts with a watch and enter the best value as planned cycle under “Orders and parts”.",
)
_COUNTS = Text(
    "Sehen Sie unter „Aufträge und Teile“ nach, ob gute Teile und Ausschuss richtig eingetragen sind.",
    "Look under “Orders and parts” whether good parts and scrap are entered correctly.",
)
_STATES = Text(
    "Sehen Sie auf der Seite „Zustände“ nach, ob „läuft“ und „steht“ stimmen.",
    "Look on the page “States” whether “runs” and “stands” are right.",
)
_COUNTER = Text(
    "Prüfen Sie, ob der Zähler an der Maschine von Hand zurückgesetzt oder verstellt wird.",
    "Check whether somebody resets or changes the counter at the machine by hand.",
)
_LINE = Text("Prüfen Sie Netz und Zugang der Maschine.", "Check the machine's network and login.")
_FILE = Text("Die Messwerte kommen aus einer Datei. Haben Sie welche für diese Zeit, lesen Sie sie auch ein.", "The readings come from a file. If you have some of this time, read them in too.")  # fmt: skip
_NOTHING = Text("", "")

#: By code: what was seen (None: the flag's own words are plain), and what to do; nothing where it only tells how it was reckoned.
_ADVICE: dict[str, tuple[Text | None, Text]] = {
    "effectiveness_over_100": (Text("Teile kamen schneller, als der Soll-Takt vorsieht.", "Parts came faster than the planned cycle says."), _CYCLE),
    "apt_over_pbt": (Text("Die Maschine lief länger, als geplant war.", "The machine ran longer than was planned."), Text("Sehen Sie im Schichtplan nach, ob Ihre Zeiten stimmen.", "Look whether your times in the shift plan are right.")),
    "good_over_produced": (Text("Es sind mehr gute Teile gezählt als Teile überhaupt.", "More good parts were counted than parts in all."), _COUNTS),
    "scrap_over_produced": (Text("Es ist mehr Ausschuss gezählt als Teile überhaupt.", "More scrap was counted than parts in all."), _COUNTS),
    "rework_over_produced": (Text("Es ist mehr Nacharbeit gezählt als Teile überhaupt.", "More rework was counted than parts in all."), _COUNTS),
    "counts_differ": (None, _COUNTS),
    "negative": (Text("Eine Menge oder Zeit ist kleiner als null.", "A quantity or time is less than zero."), _COUNTS),
    "fractional_count": (Text("Eine Zahl von Teilen ist keine ganze Zahl.", "A number of parts is no whole number."), _COUNTS),
    "out_of_range": (None, _COUNTS),
    "division_by_zero": (Text("In dieser Zeit war nichts geplant oder nichts gezählt; eine Kennzahl fehlt deshalb.", "Nothing was planned or counted in this time; so a key figure is missing."), _NOTHING),
    "parts_without_time": (Text("Es kamen Teile, aber die Maschine gilt die ganze Zeit als stehend.", "Parts came, but the machine counts as standing all the time."), _STATES),
    "time_without_parts": (Text("Die Maschine lief, aber es wurde kein Teil gezählt.", "The machine ran, but no part was counted."), Text("Prüfen Sie, ob der Zähler angeschlossen ist. Lief sie nur leer, ist nichts zu tun.", "Check whether the counter is connected. If it only idled, nothing is to do.")),
    "parts_without_order": (None, Text("Tragen Sie den Auftrag unter „Aufträge und Teile“ nach, dann zählt sein Soll-Takt.", "Enter the order under “Orders and parts”, then its planned cycle counts.")),
    "stops_over_lost_time": (Text("Stillstände und Rüsten ergeben mehr Zeit, als verloren ging.", "Stops and setup come to more time than was lost."), _STATES),
    "lost_time_open": (None, Text("Geben Sie auf der Seite „Stillstände“ Gründe an.", "Give reasons on the page “Stops”.")),
    "stops_differ": (Text("Die einzelnen Stillstände ergeben nicht die ganze Stillstandszeit.", "The single stops do not add up to the whole time of standing."), _STATES),
    "incomplete_total": (Text("Nicht in jeder Schicht ist alles bekannt; was fehlt, ist in der Summe weggelassen.", "Not everything is known of each shift; what is missing is left out of the sum."), Text("Tragen Sie den Soll-Takt und die Teile für alle Schichten ein.", "Enter planned cycle and parts for all shifts.")),
    "no_data": (None, _LINE),
    "reset": (Text("Der Teilezähler begann von vorn; Teile kurz davor können fehlen.", "The part counter began anew; parts just before may be missing."), _COUNTER),
    "backwards": (Text("Der Teilezähler lief rückwärts; bis zum alten Stand zählte nichts.", "The part counter ran backwards; nothing counted up to the old reading."), _COUNTER),
    "not_whole": (Text("Der Teilezähler meldet keine ganzen Zahlen; gezählt ist der ganze Teil.", "The part counter sends no whole numbers; the whole part counts."), _COUNTER),
    "too_many": (None, _COUNTER),
    "contradiction": (Text("Zwei Angaben zum selben Zeitraum widersprechen sich; die von Menschen gilt.", "Two statements on the same time contradict each other; what people said holds."), _STATES),
    "rollover": (None, _NOTHING),
    "ran_in_planned_stop": (None, _NOTHING),
    "mixed_cycle_times": (Text("Es liefen Teile mit verschiedenem Soll-Takt; gerechnet ist mit dem mittleren.", "Parts with different planned cycles ran; their mean is used."), _NOTHING),
    "missing": (Text("Für die OEE fehlen Teile oder Soll-Takt.", "Parts or planned cycle are missing for the OEE."), Text("Tragen Sie beides unter „Aufträge und Teile“ ein.", "Enter both under “Orders and parts”.")),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Advice:
    """A flag in plain words and what to do; `do` is empty where nothing is to do and the flag only tells how something was reckoned."""

    seen: Text
    do: Text

    @property
    def quiet(self) -> bool:
        """Tell whether nothing is to do."""
        return not self.do.de


def advice(flag: Flag, from_file: bool = False, breaks: bool = False) -> Advice:
    """Return what a flag says to somebody without the letters of the key figures.

    `from_file`: the newest readings came from a file, no line brings them. `breaks`: time without data counts breaks in.
    """
    seen, do = _ADVICE.get(flag.code, (None, _STATES if flag.severity == "error" else _NOTHING))
    if breaks and flag.code == "no_data":
        seen = Text(flag.text.de.replace(" ohne Daten", " ohne Daten (mit Pausen)", 1), flag.text.en.replace(" without data", " without data (with breaks)", 1))  # fmt: skip
    return Advice(seen or flag.text, _FILE if from_file and flag.code == "no_data" else do)
