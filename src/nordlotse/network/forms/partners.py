"""Forms for a partner and its offers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nordlotse.foundation.language import Lang
from nordlotse.network.forms.fields import Several, district_choices, lines, state_choices, tag_choices, words
from nordlotse.network.labels import LANGUAGES, OFFER_KINDS, PARTNER_KINDS
from nordlotse.network.queries.terms import Terms


class PartnerForm(forms.Form):
    """What the directory says of a partner."""

    name = forms.CharField(label=_("Name"), max_length=200)
    kind = forms.ChoiceField(label=_("Art"), required=False)
    state = forms.ChoiceField(label=_("Bundesland"))
    district = forms.ChoiceField(label=_("Kreis oder Bezirk"), required=False)
    sites = lines(
        _("Standorte"),
        rows=3,
        most=1000,
        help_text=_("Ein Ort je Zeile, bei Bedarf mit Kreis in Klammern: Husum oder Neustadt (Ostholstein)."),
    )
    profile_de = lines(_("Profil auf Deutsch"), rows=6, most=3000)
    profile_en = lines(_("Profil auf Englisch"), rows=6, most=3000)
    website = forms.URLField(label=_("Webseite"), max_length=300, required=False, assume_scheme="https")
    mail = forms.EmailField(
        label=_("Mailadresse"), help_text=_("Nur für die Koordination, sie wird nicht gezeigt."), required=False
    )
    neutral = forms.BooleanField(label=_("Verkauft selbst nichts an Betriebe (neutral)"), required=False)
    visible = forms.BooleanField(label=_("Öffentlich im Verzeichnis"), required=False)

    def __init__(self, *args: Any, lang: Lang = "de", **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["kind"].choices = words(PARTNER_KINDS, lang)  # type: ignore[attr-defined]
        self.fields["state"].choices = state_choices(lang, empty=False)  # type: ignore[attr-defined]
        self.fields["district"].choices = district_choices(lang)  # type: ignore[attr-defined]


class OfferForm(forms.Form):
    """An offer of a partner."""

    kind = forms.ChoiceField(label=_("Art"))
    title_de = forms.CharField(label=_("Titel auf Deutsch"), max_length=150)
    title_en = forms.CharField(label=_("Titel auf Englisch"), max_length=150, required=False)
    text_de = lines(_("Was Betriebe mitnehmen (Deutsch)"), rows=4, most=2000)
    text_en = lines(_("Was Betriebe mitnehmen (Englisch)"), rows=4, most=2000)
    topic = forms.ChoiceField(label=_("Thema"), required=False)
    person = forms.ChoiceField(label=_("Wer es macht"), required=False)
    languages = Several(label=_("Sprachen"))
    place = forms.CharField(label=_("Ort"), max_length=100, required=False)
    district = forms.ChoiceField(label=_("Kreis oder Bezirk"), required=False)
    equipment = lines(_("Geräte und Anlagen"), rows=3, most=1000, help_text=_("Eins je Zeile."))
    days = lines(
        _("Besuchstage"), rows=3, most=2000, help_text=_("Ein Tag je Zeile, zum Beispiel 03.12.2026 10:00-12:00.")
    )
    active = forms.BooleanField(label=_("Wird angeboten"), required=False)

    def __init__(
        self, *args: Any, known: Terms, people: list[tuple[str, str]], lang: Lang = "de", **options: Any
    ) -> None:
        super().__init__(*args, **options)
        none = [("", _("keine Angabe"))]
        chosen = str((self.initial or {}).get("topic", ""))
        self.fields["kind"].choices = words(OFFER_KINDS, lang, empty=False)  # type: ignore[attr-defined]
        self.fields["topic"].choices = [*none, *tag_choices(known, "topic", lang, [chosen])]  # type: ignore[attr-defined]
        self.fields["person"].choices = [*none, *people]  # type: ignore[attr-defined]
        self.fields["languages"].choices = words(LANGUAGES, lang, empty=False)  # type: ignore[attr-defined]
        self.fields["district"].choices = district_choices(lang)  # type: ignore[attr-defined]
