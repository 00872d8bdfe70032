"""What people type about states, orders, shifts and energy: numbers and moments as people of a language write them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import holidays
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from nordlotse.iot.core.states.plans import PATTERNS
from nordlotse.iot.core.states.shifts import Calendar, Shift
from nordlotse.iot.forms.numbers import plain

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,9})?\Z")
_CLOSED = 400


class Number(forms.CharField):
    """A number as people of the language write it, between two ends; None for an empty field that may be empty."""

    def __init__(self, least: float, most: float, *, whole: bool = False, **kwargs: Any) -> None:
        """Take the ends; `whole`: no decimals."""
        self.least, self.most, self.whole = least, most, whole
        mode = "numeric" if whole else "decimal"
        super().__init__(
            max_length=20, widget=forms.TextInput(attrs={"inputmode": mode, "autocomplete": "off"}), **kwargs
        )

    def clean(self, value: Any) -> Any:
        """Return the number."""
        typed = str(super().clean(value)).strip()
        if not typed:
            return None
        text = plain(typed, self.whole)
        if not _NUMBER.match(text) or (self.whole and "." in text):
            raise ValidationError(
                gettext("Bitte eine Zahl, zum Beispiel 12.")
                if self.whole
                else gettext("Bitte eine Zahl, zum Beispiel 2,5.")
            )
        number = float(text)
        if not self.least <= number <= self.most:
            raise ValidationError(
                gettext("Die Zahl muss zwischen %(least)s und %(most)s liegen.")
                % {"least": f"{self.least:g}", "most": f"{self.most:g}"}
            )
        return int(number) if self.whole else number


class Moment(forms.CharField):
    """A day and time in a hall's zone, as µs; empty: None."""

    def __init__(self, **kwargs: Any) -> None:
        """Make the field."""
        self.zone = "Europe/Berlin"
        super().__init__(max_length=20, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}), **kwargs)

    def clean(self, value: Any) -> Any:
        """Return the moment, µs since 1970."""
        typed = str(super().clean(value)).strip()
        if not typed:
            return None
        try:
            local = datetime.fromisoformat(typed)
        except ValueError as error:
            raise ValidationError(gettext("Bitte Tag und Uhrzeit angeben.")) from error
        if local.tzinfo is not None or not 2000 <= local.year <= 2199:
            raise ValidationError(gettext("Bitte Tag und Uhrzeit angeben."))
        return (local.replace(tzinfo=ZoneInfo(self.zone)) - _EPOCH) // timedelta(microseconds=1)


class RateForm(forms.Form):
    """What an hour of standstill costs."""

    rate = Number(0, 99_999, required=False, label=_("Was kostet eine Stunde Stillstand, in Euro?"), help_text=_("Meist der Maschinenstundensatz mit Bediener. Leer: Wir nennen nur Stunden."))  # fmt: skip


class LimitsForm(forms.Form):
    """The limits between states."""

    run = Number(-1e9, 1e9, required=False, label=_("Läuft ab"))
    off = Number(-1e9, 1e9, required=False, label=_("Aus unter"), help_text=_("Leer: „aus“ wird nicht unterschieden."))
    pauses = forms.ChoiceField(
        required=False,
        label=_("Die Pausen in jedem Takt"),
        choices=[
            ("", _("noch offen, zählen als Lauf")),
            ("work", _("gehören zum Takt")),
            ("stop", _("dann steht sie")),
        ],
    )
    on_change = forms.BooleanField(required=False, label=_("Die Maschine sendet nur, wenn sich etwas ändert"))


class CycleForm(forms.Form):
    """The planned seconds per part where no order says."""

    cycle = Number(
        0.001,
        999_999,
        required=False,
        label=_("Soll-Takt in Sekunden je Teil"),
        help_text=_("gilt, wo kein Auftrag einen nennt"),
    )


class OrderForm(forms.Form):
    """A new order."""

    name = forms.CharField(label=_("Auftrag"), max_length=60)
    part = forms.CharField(label=_("Teil"), max_length=80, required=False)
    cycle = Number(0.001, 9_999_999, label=_("Soll-Takt in Sekunden je Teil"))
    at = Moment(label=_("Beginn"), required=False, help_text=_("Leer: jetzt"))


class PartsForm(forms.Form):
    """What was made, noted by hand."""

    made = Number(0, 1e9, whole=True, required=False, label=_("Teile insgesamt"))
    scrap = Number(0, 1e9, whole=True, required=False, label=_("davon Ausschuss"))
    rework = Number(0, 1e9, whole=True, required=False, label=_("davon Nacharbeit"))
    at = Moment(label=_("Ende"), required=False, help_text=_("Leer: jetzt"))


class PlannedForm(forms.Form):
    """A planned stop of one machine or of all."""

    machine = forms.ChoiceField(label=_("Maschine"), required=False)
    reason = forms.ChoiceField(label=_("Grund"))
    begin = Moment(label=_("Von"))
    end = Moment(label=_("Bis"))


class PriceForm(forms.Form):
    """What a kWh costs the company."""

    price = Number(0, 99, required=False, label=_("Ihr Strompreis in Euro je kWh"), help_text=_("Arbeitspreis mit Netzentgelt und Abgaben, ohne Umsatzsteuer"))  # fmt: skip


def states() -> list[tuple[str, Any]]:
    """Return the German states to choose from, for their public holidays."""
    return [
        ("-", _("keine Feiertage frei")), ("", _("nur bundesweite Feiertage")),
        ("BW", "Baden-Württemberg"), ("BY", "Bayern"), ("BE", "Berlin"), ("BB", "Brandenburg"), ("HB", "Bremen"), ("HH", "Hamburg"),
        ("HE", "Hessen"), ("MV", "Mecklenburg-Vorpommern"), ("NI", "Niedersachsen"), ("NW", "Nordrhein-Westfalen"),
        ("RP", "Rheinland-Pfalz"), ("SL", "Saarland"), ("SN", "Sachsen"), ("ST", "Sachsen-Anhalt"), ("SH", "Schleswig-Holstein"), ("TH", "Thüringen"),
    ]  # fmt: skip


class ShiftsForm(forms.Form):
    """The rest of a calendar: state, closed days; the shifts themselves are rows of `read_shifts`."""

    state = forms.ChoiceField(label=_("Feiertage"), choices=states, required=False)
    closed = forms.CharField(
        label=_("Betriebsferien und freie Tage"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Je Zeile ein Tag oder von–bis, zum Beispiel 24.12.2026–1.1.2027"),
    )

    def clean_closed(self) -> frozenset[date]:
        """Return the closed days."""
        found: set[date] = set()
        for line in str(self.cleaned_data["closed"]).splitlines():
            if not line.strip():
                continue
            ends = [_day(part) for part in re.split(r"\s*(?:–|bis|to|\s-\s)\s*", line.strip())]
            if not 1 <= len(ends) <= 2 or None in ends:
                raise ValidationError(gettext("„%(line)s“ ist kein Tag.") % {"line": line.strip()[:40]})
            first, last = ends[0], ends[-1]
            if first is None or last is None or not 0 <= (last - first).days <= _CLOSED:
                raise ValidationError(gettext("„%(line)s“ ist kein Zeitraum.") % {"line": line.strip()[:40]})
            found.update(first + timedelta(days=n) for n in range((last - first).days + 1))
        return frozenset(found)


def read_shifts(given: Any) -> tuple[Shift, ...]:
    """Return the shifts that rows `name-N`, `begin-N`, `end-N`, `days-N`, `pause-N-from`, `pause-N-to` of a form give.

    Raises:
        ValidationError: a row that is none.
    """
    found = []
    for row in range(8):
        begin, end = given.get(f"begin-{row}", "").strip(), given.get(f"end-{row}", "").strip()
        days = tuple(sorted({int(day) for day in given.getlist(f"days-{row}") if day in "0123456" and len(day) == 1}))
        if not begin and not end:
            continue
        if not days or not begin or not end:
            raise ValidationError(gettext("Eine Schicht braucht Beginn, Ende und mindestens einen Wochentag."))
        breaks = []
        for place in range(3):
            first, last = (given.get(f"break-{row}-{place}-{word}", "").strip() for word in ("from", "to"))
            if first and last:
                breaks.append((_time(first), _time(last)))
        name = given.get(f"name-{row}", "").strip()[:40] or gettext("Schicht %(n)s") % {"n": row + 1}
        found.append(Shift(name, days, _time(begin), _time(end), tuple(breaks)))
    return tuple(found)


def calendar_of(shifts: tuple[Shift, ...], state: str, closed: frozenset[date]) -> Calendar:
    """Return the calendar of a form.

    Raises:
        BadInput: `iot_calendar`.
    """
    known = set(holidays.country_holidays("DE").subdivisions)
    return Calendar(shifts, state=None if state == "-" else state if state in known else "", closed=closed)


def pattern_shifts(name: str) -> tuple[Shift, ...] | None:
    """Return the shifts of a usual week, None where there is no such."""
    return PATTERNS[name].shifts if name in PATTERNS else None


def _time(typed: str) -> time:
    try:
        return time.fromisoformat(typed if len(typed) != 4 else f"0{typed}").replace(
            second=0, microsecond=0, tzinfo=None
        )
    except ValueError as error:
        raise ValidationError(gettext("„%(typed)s“ ist keine Uhrzeit.") % {"typed": typed[:10]}) from error


def _day(typed: str) -> date | None:
    found = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", typed.strip())
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else date.fromisoformat(typed.strip())
    except ValueError:
        return None
