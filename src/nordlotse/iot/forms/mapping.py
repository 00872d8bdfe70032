"""The forms of rules made from a sample: what holds for all of its values, and one line per value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nordlotse.iot.forms.begin import NameField
from nordlotse.iot.queries.mapping import Leaf


class RuleForm(forms.Form):
    """The topic, the machine and the time of a payload's values."""

    topic = forms.CharField(label=_("Thema (+ steht für eine Ebene, # für alle weiteren)"), max_length=300)
    machine = NameField(label=_("Maschine"), max_length=64)
    time = forms.ChoiceField(label=_("Zeit der Werte"), required=False)

    def __init__(self, leaves: Sequence[Leaf], *given: Any, **named: Any) -> None:
        """Take the values of the sample to choose from."""
        super().__init__(*given, **named)
        choices = [
            (leaf.path, f"{leaf.words or _('der ganze Inhalt')}: {leaf.value}") for leaf in leaves if leaf.usable
        ]
        self.fields["time"].choices = [("", _("wann sie ankam")), *choices]  # type: ignore[attr-defined]


class ValueForm(forms.Form):
    """One value of a payload: whether it is taken, what it is called, how it is converted. `leaf`: what lies there in the sample."""

    take = forms.BooleanField(required=False)
    path = forms.CharField(max_length=1_000, widget=forms.HiddenInput)
    signal = NameField(label=_("Signal"), max_length=64, required=False)
    unit = forms.CharField(label=_("Einheit"), max_length=20, required=False)
    scale = forms.FloatField(label=_("Malnehmen mit"), initial=1, required=False, localize=True)
    offset = forms.FloatField(label=_("Dazuzählen"), initial=0, required=False, localize=True)

    def __init__(self, leaf: Leaf, *given: Any, **named: Any) -> None:
        """Take the value the line is about."""
        super().__init__(*given, **named)
        self.leaf = leaf

    def clean(self) -> dict[str, Any]:
        """Ask nothing of a value that is not taken; one that is needs a name."""
        told = super().clean() or {}
        if not told.get("take"):
            self.errors.clear()
        elif not told.get("signal") and "signal" not in self.errors:
            self.add_error("signal", _("Bitte geben Sie dem Wert einen Namen."))
        return told

    @property
    def taken(self) -> bool:
        """Return whether a rule is to be made of it."""
        return bool(self.cleaned_data.get("take"))

    @property
    def factor(self) -> float:
        """Return what values are multiplied with."""
        given = self.cleaned_data.get("scale")
        return 1.0 if given is None else float(given)

    @property
    def shift(self) -> float:
        """Return what is added afterwards."""
        return float(self.cleaned_data.get("offset") or 0.0)
