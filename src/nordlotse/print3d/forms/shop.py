"""The forms of a shop: a machine, a material, past jobs, the link of a shop; numbers are read as people of a language write them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from nordlotse.foundation.language import Lang
from nordlotse.print3d.forms.costs import decimal
from nordlotse.print3d.forms.intake import PROCESSES

#: The largest ZIP of parts for a calibration, in bytes.
MAX_ZIP = 24 * 1024 * 1024
_MAX_TABLE = 500_000


class Number(forms.CharField):
    """A number with a point or a comma, between two ends."""

    def __init__(self, least: float, most: float, *, above: bool = False, **kwargs: Any) -> None:
        """Take the ends; `above`: the lower end itself is not allowed."""
        self.least, self.most, self.above = least, most, above
        super().__init__(
            max_length=20, widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}), **kwargs
        )

    def clean(self, value: Any) -> Any:
        """Return the number, None for an empty field that may be empty."""
        typed = str(super().clean(value)).strip()
        if not typed:
            return None
        lang: Lang = "en" if (get_language() or "de").startswith("en") else "de"
        number = decimal(typed, lang)
        if number is None:
            raise ValidationError(gettext("Bitte eine Zahl, zum Beispiel 2,5."))
        if number > self.most or number < self.least or (self.above and number == self.least):
            raise ValidationError(
                gettext("Die Zahl muss zwischen %(least)s und %(most)s liegen.")
                % {"least": f"{self.least:g}", "most": f"{self.most:g}"}
            )
        return number


def _processes() -> list[tuple[str, Any]]:
    return [(process.value, name) for process, name in PROCESSES.items()]


class MachineForm(forms.Form):
    """A machine of the shop."""

    name = forms.CharField(label=_("Name der Maschine"), max_length=60)
    process = forms.ChoiceField(label=_("Verfahren"), choices=_processes)
    x = Number(0, 5000, above=True, label=_("Bauraum: Breite in mm"))
    y = Number(0, 5000, above=True, label=_("Bauraum: Tiefe in mm"))
    z = Number(0, 5000, above=True, label=_("Bauraum: Höhe in mm"))
    rate = Number(0, 10_000, label=_("Maschinenstunde in Euro"), help_text=_("ohne Umsatzsteuer, ohne Bedienung"))
    wall = Number(0.05, 50, required=False, label=_("Kleinste Wand in mm"))
    gap = Number(0.05, 50, required=False, label=_("Kleinster Spalt in mm"))
    hole = Number(0.05, 50, required=False, label=_("Kleinstes Loch in mm"))
    feature = Number(0.05, 50, required=False, label=_("Kleinster Zapfen oder Steg in mm"))
    overhang = Number(0, 89, required=False, label=_("Überhang ohne Stützen ab, in Grad"))
    bridge = Number(0, 500, required=False, label=_("Längste freie Brücke in mm"))
    layer = Number(0.005, 2, required=False, label=_("Schichtdicke in mm"))

    def row(self) -> dict[str, Any]:
        """Return the machine as a shop keeps it."""
        given = self.cleaned_data
        names = ("wall", "gap", "hole", "feature", "overhang", "bridge", "layer")
        return {
            "name": given["name"],
            "process": given["process"],
            "build": [given["x"], given["y"], given["z"]],
            "rate": given["rate"],
            "limits": {name: given[name] for name in names if given[name] is not None},
        }


class MaterialForm(forms.Form):
    """A material of the shop."""

    name = forms.CharField(label=_("Name des Materials"), max_length=60)
    process = forms.ChoiceField(label=_("Verfahren"), choices=_processes)
    density = Number(0, 25, above=True, label=_("Dichte in g/cm³"))
    price = Number(0, 100_000, label=_("Preis in Euro je kg"), help_text=_("ohne Umsatzsteuer"))
    warping = Number(
        0,
        1,
        required=False,
        label=_("Verzug von 0 bis 1"),
        help_text=_("0 verzieht sich nicht, 1 stark; PLA 0,2, ABS 0,8"),
    )

    def row(self) -> dict[str, Any]:
        """Return the material as a shop keeps it."""
        given = self.cleaned_data
        return {
            "name": given["name"],
            "process": given["process"],
            "density": given["density"],
            "price": given["price"],
            "warping": given["warping"] or 0.0,
        }


class JobsForm(forms.Form):
    """Past jobs: a table and the parts it names."""

    table = forms.FileField(
        label=_("Liste der Aufträge (CSV)"),
        help_text=_("Spalten: part, minutes, grams; wenn nötig support (ja oder nein) und copies"),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt"}),
        error_messages={"empty": _("Die Datei ist leer.")},
    )
    parts = forms.FileField(
        label=_("Die Teile dazu (ZIP)"),
        help_text=_("mit den Dateinamen aus der Spalte part, bis 24 MB"),
        widget=forms.FileInput(attrs={"accept": ".zip"}),
        error_messages={"empty": _("Die Datei ist leer.")},
    )

    def clean_table(self) -> str:
        """Return the table's text; tables of office programs are read too."""
        upload = self.cleaned_data["table"]
        if upload.size > _MAX_TABLE:
            raise ValidationError(gettext("Die Liste ist zu groß."))
        data = upload.read()
        if b"\0" in data:
            raise ValidationError(gettext("Das ist keine CSV-Datei. Speichern Sie die Tabelle als CSV."))
        try:
            return str(data.decode("utf-8-sig"))
        except UnicodeDecodeError:
            return str(data.decode("cp1252", errors="replace"))

    def clean_parts(self) -> bytes:
        """Return the ZIP's bytes."""
        upload = self.cleaned_data["parts"]
        if upload.size > MAX_ZIP:
            raise ValidationError(gettext("Das ZIP ist zu groß: höchstens 24 MB."))
        return bytes(upload.read())


class LinkForm(forms.Form):
    """The link of a shop that exists."""

    link = forms.CharField(label=_("Link Ihrer Werkstatt"), max_length=300)
