"""Forms of the set-up: a table handed in, a term."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nordlotse.foundation.language import Lang
from nordlotse.network.forms.fields import words
from nordlotse.network.labels import TAG_KINDS


class TableForm(forms.Form):
    """A table to look at."""

    table = forms.FileField(label=_("Tabelle"), help_text=_("CSV oder XLSX, höchstens 2 MB und 2.000 Zeilen."))


class TermForm(forms.Form):
    """What a term is called."""

    name_de = forms.CharField(label=_("Name auf Deutsch"), max_length=80)
    name_en = forms.CharField(label=_("Name auf Englisch"), max_length=80)
    words = forms.CharField(
        label=_("Andere Schreibweisen"),
        help_text=_("Mit Komma getrennt. Sie gelten zusätzlich beim Einlesen, Suchen und Vorschlagen."),
        max_length=1000,
        required=False,
    )


class NewTermForm(TermForm):
    """A term that is to be added."""

    kind = forms.ChoiceField(label=_("Art"))
    field_order = ("kind", "name_de", "name_en", "words")

    def __init__(self, *args: Any, lang: Lang = "de", **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["kind"].choices = words(TAG_KINDS, lang, empty=False)  # type: ignore[attr-defined]
