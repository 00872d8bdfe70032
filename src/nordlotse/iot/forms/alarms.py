"""Forms of alarms: a rule as people type it, a good period, an address. Numbers are read as people of a language write them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from nordlotse.iot.actions.receivers import AFTER
from nordlotse.iot.core.showing.words import micros
from nordlotse.iot.forms.numbers import plain

_KINDS = (
    ("above", _("liegt über einer Grenze")),
    ("below", _("liegt unter einer Grenze")),
    ("outside", _("verlässt einen Bereich")),
    ("silent", _("bleibt aus")),
    ("state", _("hat einen bestimmten Zustand")),
)
_SPANS = ((0, _("sofort")), (5, "5 s"), (30, "30 s"), (60, "1 min"), (300, "5 min"), (900, "15 min"), (3600, "1 h"))
_SILENCES = (
    (30, "30 s"),
    (60, "1 min"),
    (300, "5 min"),
    (900, "15 min"),
    (3600, "1 h"),
    (14_400, "4 h"),
    (86_400, "24 h"),
)


class Number(forms.CharField):
    """A finite number as people of the language write it; None for an empty field."""

    def __init__(self, **kwargs: Any) -> None:
        """Make a field that may be empty."""
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(max_length=20, required=False, widget=widget, **kwargs)

    def clean(self, value: Any) -> Any:
        """Return the number."""
        typed = str(super().clean(value)).strip()
        if not typed:
            return None
        text = plain(typed)
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if not abs(number) < 1e15:
            raise ValidationError(gettext("Bitte eine Zahl, zum Beispiel 2,5."))
        return number


class RuleForm(forms.Form):
    """An alarm rule on one signal."""

    signal = forms.ChoiceField(label=_("Messwert"))
    kind = forms.ChoiceField(label=_("Alarm, wenn er"), choices=_KINDS)
    high = Number(label=_("Obere Grenze"), help_text=_("bei „über einer Grenze“ und „Bereich“"))
    low = Number(label=_("Untere Grenze"), help_text=_("bei „unter einer Grenze“ und „Bereich“"))
    silence = forms.TypedChoiceField(
        label=_("Kein Wert seit"), choices=_SILENCES, coerce=int, initial=300, help_text=_("bei „bleibt aus“")
    )
    state = forms.CharField(label=_("Zustand"), max_length=64, required=False, help_text=_("bei „bestimmten Zustand“, so geschrieben, wie er ankommt; an oder aus für Schalter"))  # fmt: skip
    delay = forms.TypedChoiceField(
        label=_("Alarm erst, wenn das so lange dauert"), choices=_SPANS, coerce=int, initial=30
    )
    hysteresis = Number(label=_("Zurück im Guten erst so weit innerhalb der Grenze"), help_text=_("damit ein Wert, der um die Grenze pendelt, nur einen Alarm gibt"))  # fmt: skip
    hours = forms.BooleanField(label=_("Nur während der Schichten"), required=False)
    name = forms.CharField(label=_("Name der Regel"), max_length=60, required=False)

    def __init__(self, signals: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        """Take the signals to choose from and their titles."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["signal"]
        field.choices = signals

    def plain(self) -> dict[str, Any]:
        """Return the rule as it is kept."""
        given = self.cleaned_data
        kind = given["kind"]
        state: Any = given["state"].strip()
        if state.casefold() in ("an", "on", "true", "aus", "off", "false"):
            state = state.casefold() in ("an", "on", "true")
        return {
            "name": given["name"].strip(),
            "kind": kind,
            "high": given["high"] if kind in ("above", "outside") else None,
            "low": given["low"] if kind in ("below", "outside") else None,
            "silence": float(given["silence"]) if kind == "silent" else 0.0,
            "state": (state if state != "" else None) if kind == "state" else None,
            "hysteresis": (given["hysteresis"] or 0.0) if kind in ("above", "below", "outside") else 0.0,
            "delay": float(given["delay"]),
            "clear_after": 0.0,
            "hours": given["hours"],
        }


def initial_of(signal: str, plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stands in the form of a kept rule."""

    def typed(key: str) -> str:
        value = plain.get(key)
        if value is None:
            return ""
        text = f"{value:.10g}"
        return text if (get_language() or "de").startswith("en") else text.replace(".", ",")

    state = plain.get("state")
    return {
        "signal": signal,
        "kind": plain.get("kind", "above"),
        "high": typed("high"),
        "low": typed("low"),
        "silence": int(plain.get("silence") or 300),
        "state": ("an" if state else "aus") if isinstance(state, bool) else state or "",
        "hysteresis": typed("hysteresis") if plain.get("hysteresis") else "",
        "delay": int(plain.get("delay", 30)),
        "hours": bool(plain.get("hours")),
        "name": plain.get("name", ""),
    }


class PeriodForm(forms.Form):
    """A period that was good, in the time of Berlin, and the signals to watch."""

    begin = forms.DateTimeField(label=_("Von (Ortszeit)"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"))  # fmt: skip
    end = forms.DateTimeField(label=_("Bis (Ortszeit)"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"))  # fmt: skip

    def stretch(self) -> tuple[int, int]:
        """Return begin and end, µs."""
        begin, end = self.cleaned_data["begin"], self.cleaned_data["end"]
        return micros(_local(begin)), micros(_local(end))


def _local(when: datetime) -> datetime:
    """Return a moment as it was typed: the form's zone is the server's, the page's that of Berlin."""
    return when.replace(tzinfo=None)


class AddressForm(forms.Form):
    """An address that shall get alarms."""

    mail = forms.EmailField(label=_("E-Mail-Adresse"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    after = forms.TypedChoiceField(
        label=_("Wann?"),
        coerce=int,
        choices=[
            (0, _("sofort")),
            *((one, _("nach %(n)s Minuten, wenn niemand bestätigt hat") % {"n": one // 60}) for one in AFTER[1:]),
        ],
    )
    hours = forms.BooleanField(label=_("Nur während der Schichten; sonst zu Beginn der nächsten"), required=False)


class WebhookForm(forms.Form):
    """The web address that gets alarms as JSON."""

    webhook = forms.CharField(label=_("Webadresse (https://…)"), max_length=300, required=False)
