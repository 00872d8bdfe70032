"""Forms of services, of the effect, and of targets."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nordlotse.foundation.language import Lang, Text
from nordlotse.journey.core.counting import KPIS
from nordlotse.journey.core.kinds import FORMATS, kinds
from nordlotse.journey.queries.sheets import DONE, HELPED, TOPICS


def _choices(texts: dict[str, Text], lang: Lang, empty: str = "") -> list[tuple[str, str]]:
    first = [("", empty)] if empty else []
    return first + [(key, text.get(lang)) for key, text in texts.items()]


class ServiceForm(forms.Form):
    """A service as a person corrects it; what is known is filled in."""

    kind = forms.ChoiceField(label=_("Art der Leistung"))
    minutes = forms.IntegerField(label=_("Minuten"), min_value=1, max_value=4320)
    participants = forms.IntegerField(label=_("Teilnehmende"), min_value=1, max_value=10_000)
    topic = forms.ChoiceField(label=_("Thema"), required=False)
    format = forms.ChoiceField(label=_("Form"))
    day = forms.DateField(label=_("Tag"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    reason = forms.CharField(label=_("Grund der Änderung"), max_length=300, required=False)

    def __init__(self, *args: Any, lang: Lang, closed: bool = False, **kwargs: Any) -> None:
        """Offer the table's kinds in the page's language; ask for a reason only where a month is closed."""
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(k.key, k.name.get(lang)) for k in kinds().values()]  # type: ignore[attr-defined]
        self.fields["topic"].choices = _choices(TOPICS, lang, "–")  # type: ignore[attr-defined]
        self.fields["format"].choices = _choices(FORMATS, lang)  # type: ignore[attr-defined]
        if closed:
            self.fields["reason"].required = True
            self.fields["reason"].help_text = _("Der Monat ist abgeschlossen. Der Grund steht im nächsten Bericht.")
        else:
            del self.fields["reason"]


class EffectForm(forms.Form):
    """Three questions; one answer is enough."""

    helped = forms.ChoiceField(label=_("Hat es Ihnen geholfen?"), required=False, widget=forms.RadioSelect)
    done = forms.ChoiceField(label=_("Was ist daraus geworden?"), required=False, widget=forms.RadioSelect)
    worth = forms.CharField(
        label=_("Was ist es Ihnen wert?"),
        help_text=_("In Ihren Worten: gesparte Stunden, weniger Ausschuss, ein neuer Auftrag, eine Sorge weniger."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, lang: Lang, **kwargs: Any) -> None:
        """Offer the answers in the page's language."""
        super().__init__(*args, **kwargs)
        self.fields["helped"].choices = _choices(HELPED, lang)  # type: ignore[attr-defined]
        self.fields["done"].choices = _choices(DONE, lang)  # type: ignore[attr-defined]


class TargetForm(forms.Form):
    """What was promised, for when, and where that stands."""

    figure = forms.ChoiceField(label=_("Kennzahl"))
    begin = forms.DateField(label=_("Erster Tag"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    end = forms.DateField(label=_("Letzter Tag"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    value = forms.IntegerField(label=_("Ziel"), min_value=1, max_value=10_000_000)
    source = forms.CharField(
        label=_("Wo steht das?"),
        help_text=_("Zum Beispiel: Zuwendungsbescheid vom 4. Mai 2026, Seite 3."),
        max_length=200,
    )

    def __init__(self, *args: Any, lang: Lang, **kwargs: Any) -> None:
        """Offer the figures in the page's language."""
        super().__init__(*args, **kwargs)
        self.fields["figure"].choices = [(m.key, m.name.get(lang)) for m in KPIS]  # type: ignore[attr-defined]
