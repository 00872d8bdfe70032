"""Forms of cases: ask for a talk, write, answer a request, wait, close, hand over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from nordlotse.foundation.language import Lang
from nordlotse.foundation.records import day
from nordlotse.foundation.region import State
from nordlotse.journey.core.briefing import WISHES

#: When somebody can be reached: the next day, and in the order of the day.
TIMES = {
    "tomorrow": _("morgen"),
    "morning": _("vormittags"),
    "noon": _("mittags"),
    "afternoon": _("nachmittags"),
    "evening": _("nach 17 Uhr"),
}

#: How a case can end, for those who work on it; the keys are `actions.cases.OUTCOMES`.
OUTCOME_NAMES = {
    "solved": _("Frage gelöst"),
    "on_the_way": _("auf gutem Weg, der Betrieb macht weiter"),
    "passed_on": _("an eine andere Stelle weitergegeben"),
    "not_possible": _("wir konnten nicht helfen"),
    "no_reply": _("der Betrieb hat sich nicht mehr gemeldet"),
    "withdrawn": _("der Betrieb hat zurückgezogen"),
}

#: Why the coordinator has to look at a case; the keys are `Case.Attention`.
ATTENTION_NAMES = {
    "all_declined": _("alle Gefragten haben abgesagt"),
    "nobody": _("niemand passt"),
    "given_back": _("zurückgegeben"),
    "unanswered": _("Anfrage blieb ohne Antwort"),
    "ask_again": _("kann wieder gefragt werden"),
    "promise": _("Zusage läuft ab"),
    "stale": _("seit zehn Arbeitstagen still"),
    "away": _("die Fachperson ist abwesend"),
    "declined": _("wer gefragt war, kann nicht: bitte jemand anderen fragen"),
    "note": _("die Fachperson hat Ihnen etwas geschrieben (interne Notiz)"),
}


#: What came of asking somebody; the keys are `Assignment.Status`.
ANSWER_NAMES = {
    "proposed": _("angefragt"),
    "accepted": _("angenommen"),
    "declined": _("abgelehnt"),
    "not_now": _("jetzt nicht"),
    "conflict": _("befangen"),
    "handed_over": _("abgegeben"),
    "withdrawn": _("zurückgezogen"),
    "silent": _("nicht geantwortet"),
    "ended": _("abgeschlossen"),
}


class TalkForm(forms.Form):
    """How somebody can be reached and what it is about; a name and one of phone and mail are enough."""

    name = forms.CharField(label=_("Ihr Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    phone = forms.CharField(
        label=_("Telefon"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )
    mail = forms.EmailField(
        label=_("E-Mail"), max_length=254, required=False, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    times = forms.MultipleChoiceField(label=_("Wann passt es Ihnen?"), choices=list(TIMES.items()), required=False)
    hours = forms.CharField(label=_("Oder in Ihren Worten"), max_length=100, required=False)
    text = forms.CharField(
        label=_("Worum geht es?"),
        help_text=_("Ein Satz genügt. Ohne ihn weiß die Person nicht, worum es geht."),
        max_length=3000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    share = forms.MultipleChoiceField(choices=[(name, name) for name in ("answer", "results", "later")], required=False)
    company_name = forms.CharField(
        label=_("Betrieb"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    place = forms.CharField(
        label=_("Ort"), max_length=100, required=False, widget=forms.TextInput(attrs={"autocomplete": "address-level2"})
    )
    state = forms.ChoiceField(label=_("Bundesland"), required=False)
    employees = forms.IntegerField(
        label=_("Beschäftigte"),
        min_value=0,
        max_value=1_000_000,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    tried = forms.CharField(label=_("Was haben Sie schon versucht?"), max_length=500, required=False)
    wish = forms.ChoiceField(label=_("Was wünschen Sie sich?"), required=False)
    once = forms.CharField(max_length=32, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, lang: Lang = "de", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lang = lang
        states = [(s.value, s.label.get(lang)) for s in State]
        self.fields["state"].choices = [("", _("keine Angabe")), *states]  # type: ignore[attr-defined]
        wishes = [(key, name.get(lang)) for key, name in WISHES.items()]
        self.fields["wish"].choices = [("", _("egal")), *wishes]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for one of phone and mail."""
        given = super().clean() or {}
        if not given.get("phone") and not given.get("mail") and not {"phone", "mail"} & set(self.errors):
            self.add_error("phone", gettext("Bitte Telefon oder E-Mail angeben, eines von beiden genügt."))
        return given

    def wished_hours(self) -> str:
        """Return when somebody can be reached, in words; "tomorrow" with its date, for it is read later."""
        tomorrow = day(timezone.localdate() + timedelta(days=1), self.lang)
        chosen = [
            f"{TIMES[key]} ({tomorrow})" if key == "tomorrow" else str(TIMES[key]) for key in self.cleaned_data["times"]
        ]
        return ", ".join([*chosen, *filter(None, [self.cleaned_data["hours"]])])


class WaitForm(forms.Form):
    """Until when a case rests."""

    until = forms.DateField(label=_("Wieder vorlegen am"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first = timezone.localdate() + timedelta(days=1)
        self.fields["until"].widget.attrs["min"] = first.isoformat()


class CloseForm(forms.Form):
    """How a case ends."""

    outcome = forms.ChoiceField(label=_("Ergebnis"), choices=[("", _("bitte wählen")), *OUTCOME_NAMES.items()])
    words = forms.CharField(
        label=_("Ein Satz an den Betrieb"),
        help_text=_("Geht mit der Mail hinaus, die dem Betrieb sagt, dass der Fall abgeschlossen ist."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    note = forms.CharField(label=_("Notiz"), help_text=_("Sieht der Betrieb nicht."), max_length=500, required=False)
