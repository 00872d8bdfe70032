"""The forms with which somebody begins: a machine's name, and what its signals are called."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.actions.halls import ROLES
from nordlotse.iot.core.roles import scale_of, units_of
from nordlotse.iot.core.values import check_name

#: What a signal is good for, in words.
ROLE_NAMES = {
    "": _("nur ansehen"),
    "current": _("Strom der Maschine"),
    "power": _("Leistung der Maschine"),
    "energy": _("Zählerstand Energie"),
    "parts": _("gefertigte Teile"),
    "good": _("gute Teile"),
    "scrap": _("Ausschuss"),
    "state": _("Zustand"),
}


class NameField(forms.CharField):
    """The name of a machine or signal as topics carry it."""

    def clean(self, value: Any) -> str:
        """Return the name if it can be one."""
        name = str(super().clean(value))
        if name:
            try:
                check_name(name, "name")
            except BadInput as wrong:
                raise forms.ValidationError(_("1 bis 64 Zeichen, ohne / \\ + # und Steuerzeichen."), code=wrong.code) from wrong  # fmt: skip
        return name


class MachineForm(forms.Form):
    """A machine that is to be connected."""

    machine = NameField(label=_("Wie heißt die Maschine bei Ihnen?"), max_length=64, initial=_("Säge"))


class NameForm(forms.Form):
    """The name of the machine that is being connected, for the texts to paste."""

    maschine = NameField(
        label=_("Name der Maschine"), max_length=64, help_text=_("So heißt sie in Thema und Texten unten.")
    )


class SignalForm(forms.Form):
    """What one signal is called, measured in and good for."""

    title = forms.CharField(label=_("Name"), max_length=80, required=False)
    unit = forms.CharField(label=_("Einheit"), max_length=20, required=False)
    role = forms.ChoiceField(label=_("Wofür"), choices=[(role, ROLE_NAMES[role]) for role in ROLES], required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse a unit that energy cannot be told from: the sums would be wrong by a thousand, or of something else."""
        told = super().clean() or {}
        role, unit = told.get("role", ""), told.get("unit", "")
        if role in ("power", "energy") and scale_of(unit, role) is None:
            self.add_error("unit", _("Mit „%(unit)s“ rechnen wir keine Energie. Möglich sind %(units)s; groß und klein zählt.") % {"unit": unit, "units": ", ".join(units_of(role))})  # fmt: skip
        return told
