"""The form that takes a check of the centre's own."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class OwnModelForm(forms.Form):
    """One file."""

    table = forms.FileField(
        label=_("Datei mit Ihrem Check"),
        help_text=_("XLSX wie die Vorlage, oder YAML. Höchstens 2 MB, 500 Fragen, 2.000 Antworten."),
        error_messages={"required": _("Bitte eine Datei wählen."), "empty": _("Die Datei ist leer.")},
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.yaml,.yml"}),
    )
