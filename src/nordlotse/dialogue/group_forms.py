"""Forms of working groups."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nordlotse.foundation.language import Lang
from nordlotse.foundation.region import State


class GroupForm(forms.Form):
    """What a group is."""

    name_de = forms.CharField(label=_("Name (deutsch)"), max_length=120)
    name_en = forms.CharField(label=_("Name (englisch)"), max_length=120, required=False)
    text_de = forms.CharField(
        label=_("Worum es geht (deutsch)"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    text_en = forms.CharField(
        label=_("Worum es geht (englisch)"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    state = forms.ChoiceField(label=_("Bundesland"), required=False)
    public = forms.BooleanField(label=_("Auch Gäste dürfen lesen"), required=False, initial=True)
    closed = forms.BooleanField(label=_("Die Gruppe ist geschlossen (nur noch lesen)"), required=False)

    def __init__(self, *args: Any, lang: Lang = "de", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        states = [(s.value, s.label.get(lang)) for s in State]
        self.fields["state"].choices = [("", _("alle")), *states]  # type: ignore[attr-defined]


class MinutesForm(forms.Form):
    """Minutes as they are typed: decisions and tasks one a line; a task may end in `| who | day`."""

    day = forms.DateField(label=_("Tag"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    title = forms.CharField(label=_("Titel"), max_length=160)
    present = forms.IntegerField(label=_("Wie viele waren da?"), min_value=0, max_value=1000, initial=0)
    minutes = forms.IntegerField(label=_("Dauer in Minuten"), min_value=1, max_value=1440, initial=90)
    text = forms.CharField(
        label=_("Was besprochen wurde"), required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 8})
    )
    decisions = forms.CharField(
        label=_("Beschlüsse, je Zeile einer"),
        required=False,
        max_length=8_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    tasks = forms.CharField(
        label=_("Aufgaben, je Zeile eine"),
        help_text=_("Wer und bis wann dahinter, mit Strich getrennt: Angebot einholen | Jana | 15.12.2026"),
        required=False,
        max_length=8_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    correction = forms.CharField(
        label=_("Was haben Sie berichtigt?"),
        help_text=_(
            "Steht mit dem heutigen Tag unter dem Protokoll. Die gezählte Leistung ändert sich nicht mit: Sie steht unter Leistungen."
        ),
        max_length=300,
    )

    def __init__(self, *args: Any, published: bool = False, **kwargs: Any) -> None:
        """Ask what was corrected only where the minutes are published already."""
        super().__init__(*args, **kwargs)
        if not published:
            del self.fields["correction"]
