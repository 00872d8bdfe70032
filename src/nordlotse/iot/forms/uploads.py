"""The forms of a file of values: choosing it, and how it is to be read."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from nordlotse.iot.core.tables import Found, Role, Shape, TimeForm
from nordlotse.iot.core.tables.values import kept
from nordlotse.iot.forms.begin import NameField

#: Columns that can be changed on the page; further ones stay as they were found.
MOST_COLUMNS = 55

ZONES = ("Europe/Berlin", "UTC", "Europe/London", "Europe/Istanbul", "Asia/Shanghai", "America/New_York", "Etc/GMT-1")
ROLES = {
    Role.TIME: _("Zeit"),
    Role.DATE: _("Datum"),
    Role.CLOCK: _("Uhrzeit"),
    Role.SIGNAL: _("Messwert"),
    Role.MACHINE: _("Maschine"),
    Role.NAME: _("Name des Signals"),
    Role.VALUE: _("Wert der Zeile"),
    Role.IGNORED: _("nicht einlesen"),
}
FORMS = {
    TimeForm.YMD: _("Jahr-Monat-Tag"),
    TimeForm.DMY: _("Tag.Monat.Jahr"),
    TimeForm.MDY: _("Monat/Tag/Jahr"),
    TimeForm.SECONDS: _("Sekunden seit 1970"),
    TimeForm.MILLIS: _("Millisekunden seit 1970"),
    TimeForm.MICROS: _("Mikrosekunden seit 1970"),
    TimeForm.NANOS: _("Nanosekunden seit 1970"),
    TimeForm.SERIAL: _("Tage wie in Excel"),
}


class FileForm(forms.Form):
    """A file of values, and of which machine they are."""

    file = forms.FileField(
        label=_("Datei mit Messwerten"), help_text=_("CSV, Excel (XLSX) oder Parquet, höchstens 100 MB.")
    )
    machine = NameField(
        label=_("Von welcher Maschine?"),
        max_length=64,
        help_text=_("So, wie sie hier heißt oder heißen soll, zum Beispiel „Säge 2“."),
    )


class ReadingForm(forms.Form):
    """How a file is to be read, beside its columns."""

    machine = NameField(label=_("Maschine"), max_length=64)
    time_form = forms.ChoiceField(label=_("So steht die Zeit darin"), choices=[(k.value, v) for k, v in FORMS.items()])
    zone = forms.ChoiceField(label=_("Zeitzone, wenn keine dabeisteht"))
    decimal = forms.ChoiceField(
        label=_("Dezimalzeichen"), choices=[(",", _("Komma (1.234,5)")), (".", _("Punkt (1,234.5)"))]
    )
    shape = forms.ChoiceField(
        label=_("Aufbau"),
        choices=[(Shape.WIDE.value, _("eine Spalte je Signal")), (Shape.LONG.value, _("eine Zeile je Wert"))],
    )
    sheet = forms.CharField(label=_("Blatt"), max_length=80, required=False)

    def __init__(self, found: Found, *given: Any, **named: Any) -> None:
        """Take how the file was found to be written."""
        super().__init__(*given, **named)
        known = [*ZONES, *([found.zone] if found.zone not in ZONES and found.zone in available_timezones() else [])]
        self.fields["zone"].choices = [(zone, zone) for zone in known]  # type: ignore[attr-defined]
        if found.file.value != "xlsx":
            del self.fields["sheet"]


class ColumnForm(forms.Form):
    """One column of a file: what it holds; of a signal its name and unit."""

    role = forms.ChoiceField(label=_("Was ist das?"), choices=[(k.value, v) for k, v in ROLES.items()])
    signal = NameField(label=_("Name"), max_length=64, required=False)
    unit = forms.CharField(label=_("Einheit"), max_length=20, required=False)

    def clean(self) -> dict[str, Any]:
        """Want a name for a signal."""
        given = super().clean() or {}
        if given.get("role") == Role.SIGNAL.value and not given.get("signal") and "signal" not in self.errors:
            self.add_error("signal", _("Bitte einen Namen angeben."))
        return given


def column_forms(found: Found, data: Any = None) -> list[ColumnForm]:
    """Return a form for each column that can be changed."""
    made = []
    for place, column in enumerate(found.columns[:MOST_COLUMNS]):
        initial = {"role": column.role.value, "signal": column.signal, "unit": column.unit}
        made.append(ColumnForm(data, initial=initial, prefix=f"c{place}"))
    return made


def as_told(found: Found, form: ReadingForm, columns: list[ColumnForm]) -> dict[str, Any]:
    """Return what valid forms say, as `core.tables.found_from` reads it."""
    given = form.cleaned_data
    told = [dict(one) for one in kept(found)["columns"]]
    for one, column in zip(told, columns, strict=False):
        said = column.cleaned_data
        one |= {"role": said["role"], "signal": said["signal"] or one["signal"], "unit": said["unit"]}
    return {
        "columns": told,
        "time_form": given["time_form"],
        "zone": given["zone"],
        "decimal": given["decimal"],
        "shape": given["shape"],
        "sheet": given.get("sheet") or found.sheet,
    }
