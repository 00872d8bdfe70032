"""The form with which many parts are handed in: their files, and the list that says what is paid today."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from nordlotse.print3d.core.archive import ENDINGS


class _Several(forms.FileInput):
    """A file control for several files at once."""

    allow_multiple_selected = True


class SeveralFiles(forms.FileField):
    """Any number of files; none where it is not required."""

    widget = _Several

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        """Return the files chosen.

        Raises:
            ValidationError: none was chosen though at least one is needed.
        """
        chosen = data if isinstance(data, list | tuple) else [data] if data else []
        if not chosen:
            super().clean(None, initial)
        return [one for one in chosen if one]


class ListForm(forms.Form):
    """Many parts: their files, a list, or both."""

    uploads = SeveralFiles(
        label=_("Dateien der Teile"),
        required=False,
        help_text=_(
            "Ein ZIP, oder bis zu 100 einzelne Dateien: STL, 3MF, OBJ, PLY, OFF oder STEP. Zusammen bis 150 MB."
        ),
        widget=_Several(attrs={"accept": ",".join([*ENDINGS, ".zip"])}),
        allow_empty_file=True,
    )
    table = forms.FileField(
        label=_("Teileliste"),
        required=False,
        help_text=_(
            "XLSX oder CSV, bis 10.000 Zeilen. Mit Preis und Jahresmenge rechnen wir die Ersparnis, ohne sie ordnen wir nach Eignung."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        allow_empty_file=True,
    )
    other_fine = forms.BooleanField(
        label=_("Ein anderer Werkstoff als in der Liste ist in Ordnung, wenn er gedruckt wird"),
        required=False,
    )


class PackForm(forms.Form):
    """Parts that shall share a chamber: their files."""

    uploads = SeveralFiles(
        label=_("Dateien der Teile"),
        help_text=_(
            "Ein ZIP, oder bis zu 100 einzelne Dateien: STL, 3MF, OBJ, PLY, OFF oder STEP. Zusammen bis 150 MB."
        ),
        widget=_Several(attrs={"accept": ",".join([*ENDINGS, ".zip"])}),
        allow_empty_file=True,
    )
