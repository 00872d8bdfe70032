"""Forms of the company's way."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

#: Why an answer did not help, in the order the page offers it; the keys are `Inquiry.Reason`.
REASON_NAMES = {
    "wrong": _("Die Antwort ist falsch"),
    "other_question": _("Sie passt nicht zu meiner Frage"),
    "unclear": _("Ich verstehe sie nicht"),
    "outdated": _("Sie ist veraltet"),
    "too_general": _("Sie ist zu allgemein"),
}


class OperatorForm(forms.Form):
    """Who runs this centre."""

    name = forms.CharField(label=_("Name der Einrichtung"), max_length=200, required=False)
    address = forms.CharField(
        label=_("Anschrift"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    phone = forms.CharField(label=_("Telefon"), max_length=40, required=False)
    mail = forms.EmailField(label=_("E-Mail"), required=False)
    hours = forms.CharField(label=_("Sprechzeiten"), max_length=200, required=False)
    responsible = forms.CharField(label=_("Verantwortliche Person (§ 18 Abs. 2 MStV)"), max_length=200, required=False)
