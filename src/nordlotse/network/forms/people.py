"""Forms for a person's profile: as the person fills it in, and with what only the coordinator sets."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nordlotse.foundation.language import Lang
from nordlotse.network.forms.fields import Several, district_choices, lines, state_choices, tag_choices, words
from nordlotse.network.intake.cells import names
from nordlotse.network.labels import LANGUAGES
from nordlotse.network.queries.terms import Terms


class ProfileForm(forms.Form):
    """One's own profile."""

    name = forms.CharField(label=_("Name"), max_length=120)
    role = forms.CharField(label=_("Aufgabe"), max_length=120, required=False)
    phone = forms.CharField(
        label=_("Telefon"),
        help_text=_("Nur für die Koordination, es wird nicht gezeigt."),
        max_length=40,
        required=False,
    )
    profile = lines(
        _("Womit Sie Betrieben helfen"),
        rows=6,
        most=3000,
        help_text=_("In Ihren eigenen Worten. Daraus schlagen wir Begriffe vor."),
    )
    topics = Several(label=_("Themen"))
    methods = Several(label=_("Methoden"))
    sectors = Several(label=_("Branchen"))
    languages = Several(label=_("Sprachen, in denen Sie beraten"))
    state = forms.ChoiceField(label=_("Bundesland"), help_text=_("Leer: wie der Partner."), required=False)
    district = forms.ChoiceField(label=_("Kreis oder Bezirk"), required=False)
    states = Several(label=_("Nur für Betriebe in"), help_text=_("Nichts angekreuzt heißt: überall."))
    capacity = forms.IntegerField(
        label=_("Neue Fälle im Monat"), help_text=_("0 heißt: zurzeit keine."), min_value=0, max_value=100
    )
    cover = forms.ChoiceField(label=_("Vertretung"), required=False)
    excluded = lines(
        _("Nicht für diese Betriebe"),
        rows=3,
        most=4000,
        help_text=_("Ein Name je Zeile, etwa frühere Arbeitgeber. Das sieht nur die Koordination."),
    )
    visible = forms.BooleanField(
        label=_("Ich bin einverstanden: Mein Profil steht öffentlich im Verzeichnis (Mail und Telefon nie)."),
        required=False,
    )

    def __init__(
        self, *args: Any, known: Terms, colleagues: list[tuple[str, str]], lang: Lang = "de", **options: Any
    ) -> None:
        super().__init__(*args, **options)
        held = self.initial or {}
        for kind, field in (("topic", "topics"), ("method", "methods"), ("sector", "sectors")):
            self.fields[field].choices = tag_choices(known, kind, lang, held.get(field, ()))  # type: ignore[attr-defined]
        self.fields["languages"].choices = words(LANGUAGES, lang, empty=False)  # type: ignore[attr-defined]
        self.fields["state"].choices = state_choices(lang)  # type: ignore[attr-defined]
        self.fields["states"].choices = state_choices(lang, empty=False)  # type: ignore[attr-defined]
        self.fields["district"].choices = district_choices(lang)  # type: ignore[attr-defined]
        self.fields["cover"].choices = [("", _("niemand")), *colleagues]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """Return what the action takes."""
        given = dict(self.cleaned_data)
        given["tags"] = [*given.pop("topics"), *given.pop("methods"), *given.pop("sectors")]
        given["excluded"] = names(given["excluded"])
        return given


class InvitedForm(ProfileForm):
    """The profile from the mailed link; whoever is signed in as an expert may join the account with it."""

    connect = forms.BooleanField(label=_("Dieses Profil gehört zu meinem Konto."), required=False)

    def __init__(self, *args: Any, may_connect: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        if not may_connect:
            del self.fields["connect"]


class PersonForm(ProfileForm):
    """A person's profile as the coordinator keeps it."""

    mail = forms.EmailField(
        label=_("Mailadresse"),
        help_text=_("Dorthin gehen Einladung und Anfragen; gezeigt wird sie nie."),
        required=False,
    )
    active = forms.BooleanField(label=_("Arbeitet im Netz mit"), required=False)
    field_order = ("name", "role", "mail", "phone")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["profile"].label = _("Womit die Person Betrieben hilft")
        self.fields["profile"].help_text = _("Daraus schlagen wir Begriffe vor.")
        self.fields["languages"].label = _("Sprachen")
        self.fields["visible"].label = _("Öffentlich im Verzeichnis; die Person ist einverstanden.")

    def values(self) -> dict[str, Any]:
        """Return what the action takes; the box says that the person agrees."""
        given = super().values()
        return {**given, "consented": given["visible"]}


class LeaveForm(forms.Form):
    """A time away."""

    first = forms.DateField(label=_("Erster Tag"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    last = forms.DateField(label=_("Letzter Tag"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
