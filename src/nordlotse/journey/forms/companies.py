"""Forms of a company's own page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nordlotse.foundation.language import Lang
from nordlotse.foundation.sectors import choices


class CompanyForm(forms.Form):
    """What a company says of itself; only the name is needed."""

    name = forms.CharField(label=_("Name des Betriebs"), max_length=200)
    place = forms.CharField(label=_("Ort"), max_length=100, required=False)
    employees = forms.IntegerField(label=_("Zahl der Beschäftigten"), min_value=0, max_value=1_000_000, required=False)
    sector = forms.ChoiceField(label=_("Branche (WZ 2008)"), required=False)

    def __init__(self, *args: Any, lang: Lang = "de", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sector"].choices = [("", _("keine Angabe")), *choices(lang)]  # type: ignore[attr-defined]


class InvitationForm(forms.Form):
    """Whom to invite."""

    mail = forms.EmailField(label=_("E-Mail-Adresse der Kollegin oder des Kollegen"))
