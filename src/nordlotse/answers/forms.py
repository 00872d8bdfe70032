"""Forms of the editors."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from nordlotse.answers.core.article import TOPICS

_NAMES = {
    "digitalisation": _("Digitalisierung"),
    "iot": _("Internet der Dinge"),
    "print3d": _("3D-Druck"),
    "industrie40": _("Industrie 4.0"),
    "business_models": _("Geschäftsmodelle"),
    "funding": _("Förderung"),
    "network": _("Netzwerk"),
    "events": _("Veranstaltungen"),
}
_TOPICS = [(t, _NAMES.get(t, t)) for t in TOPICS]


class NewTextForm(forms.Form):
    """What a new article needs to begin."""

    title = forms.CharField(label=_("Titel"), max_length=150)
    slug = forms.CharField(
        label=_("Kennung"),
        help_text=_(
            "Steht in der Adresse des Artikels. Kleinbuchstaben, Ziffern und Bindestriche, zum Beispiel iot-31."
        ),
        max_length=80,
        validators=[
            RegexValidator(
                r"\A[a-z0-9_]+(?:-[a-z0-9_]+)*\Z", _("Erlaubt sind Kleinbuchstaben, Ziffern und Bindestriche.")
            )
        ],
    )
    lang = forms.ChoiceField(label=_("Sprache"), choices=[("de", "Deutsch"), ("en", "English")])
    topic = forms.ChoiceField(label=_("Thema"), choices=_TOPICS)


class ManyFiles(forms.ClearableFileInput):
    """A file field for several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several uploaded files."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Check every file."""
        many = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(one, initial) for one in many]


class ImportForm(forms.Form):
    """Files to make drafts from."""

    files = FilesField(  # type: ignore[assignment] # the stubs know `files` as the uploads of a form
        label=_("Dateien"), help_text=_("Markdown, HTML, PDF oder DOCX; je Datei höchstens 10 MB.")
    )
    topic = forms.ChoiceField(label=_("Thema"), choices=_TOPICS)
