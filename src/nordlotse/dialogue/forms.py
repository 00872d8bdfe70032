"""Forms of the room: registering, the organiser's event, sources of imports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nordlotse.dialogue import organisers
from nordlotse.dialogue.actions.events import MAX_QUESTIONS, Asked
from nordlotse.dialogue.core.kinds import AUDIENCES, KINDS, TOPICS
from nordlotse.dialogue.core.series import same_weekday
from nordlotse.dialogue.models import Event, ImportSource, Question
from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.region import State

_LOCAL = "%Y-%m-%dT%H:%M"


def _choices(words: dict[str, Text], lang: Lang, *, empty: str = "") -> list[tuple[str, str]]:
    return [*([("", empty)] if empty else []), *((code, text.get(lang)) for code, text in words.items())]


def _states(lang: Lang, empty: str) -> list[tuple[str, str]]:
    return [("", empty), *((s.value, s.label.get(lang)) for s in State)]


def _fill(form: forms.Form, choices: dict[str, list[tuple[str, str]]]) -> None:
    """Give a form's fields their choices in the page's language."""
    for name, offered in choices.items():
        field = form.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = offered


class RegistrationForm(forms.Form):
    """Name, mail, company, and what the organiser asks."""

    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    mail = forms.EmailField(label=_("E-Mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    company_name = forms.CharField(
        label=_("Betrieb"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    form_token = forms.CharField(max_length=40, widget=forms.HiddenInput())

    def __init__(self, *args: Any, questions: Sequence[Question] = (), lang: Lang = "de", **more: Any) -> None:
        super().__init__(*args, **more)
        self._questions = questions
        for question in questions:
            self.fields[f"question_{question.pk}"] = _question_field(question, lang)

    def answers(self) -> dict[str, str]:
        """Return the answers by question number."""
        given = {str(q.pk): self.cleaned_data.get(f"question_{q.pk}") for q in self._questions}
        return {number: "yes" if value is True else str(value) for number, value in given.items() if value}


def _question_field(question: Question, lang: Lang) -> forms.Field:
    label = question.text(lang)
    if question.kind == Question.Kind.YES_NO:
        return forms.BooleanField(label=label, required=question.required)
    if question.kind == Question.Kind.CHOICE:
        choices = [("", _("bitte wählen")), *((o, o) for o in question.options)]
        return forms.ChoiceField(label=label, required=question.required, choices=choices)
    return forms.CharField(label=label, required=question.required, max_length=500)


class FeedbackForm(forms.Form):
    """Three questions after an event."""

    rating = forms.TypedChoiceField(
        label=_("Wie war der Termin?"),
        coerce=int,
        choices=[
            ("", _("bitte wählen")),
            ("5", _("5 – sehr gut")),
            ("4", _("4 – gut")),
            ("3", _("3 – in Ordnung")),
            ("2", _("2 – eher schlecht")),
            ("1", _("1 – schlecht")),
        ],
    )
    useful = forms.CharField(
        label=_("Was nehmen Sie mit?"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    missing = forms.CharField(
        label=_("Was hat gefehlt?"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class _LocalTime(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format=_LOCAL)


class EventForm(forms.Form):
    """What staff enter about an event."""

    title_de = forms.CharField(label=_("Titel"), max_length=200)
    title_en = forms.CharField(label=_("Titel auf Englisch"), max_length=200, required=False)
    kind = forms.ChoiceField(label=_("Art"))
    begin = forms.DateTimeField(label=_("Beginn"), widget=_LocalTime())
    end = forms.DateTimeField(label=_("Ende"), widget=_LocalTime())
    place = forms.CharField(label=_("Ort"), max_length=300, required=False)
    video_link = forms.URLField(
        label=_("Video-Link"),
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text=_("Nur wer einen Platz hat, sieht ihn."),
    )
    state = forms.ChoiceField(label=_("Bundesland"), required=False)
    topic = forms.ChoiceField(label=_("Thema"), required=False)
    quota = forms.IntegerField(
        label=_("Plätze"), min_value=1, max_value=100_000, required=False, help_text=_("Leer: offen für alle.")
    )
    register_until = forms.DateTimeField(label=_("Anmelden bis"), required=False, widget=_LocalTime())
    text_de = forms.CharField(
        label=_("Beschreibung"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )
    text_en = forms.CharField(
        label=_("Beschreibung auf Englisch"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    organiser = forms.CharField(
        label=_("Veranstaltet von"),
        max_length=200,
        required=False,
        help_text=_("Für diesen Partner zählen die Teilnahmen."),
    )
    organiser_other = forms.CharField(label=_("Oder von jemand anderem"), max_length=200, required=False)
    language = forms.ChoiceField(label=_("Sprache des Termins"), choices=[("de", _("Deutsch")), ("en", _("Englisch"))])
    audience = forms.ChoiceField(label=_("Für wen"))
    alarm_minutes = forms.IntegerField(
        label=_("Kalender erinnert so viele Minuten vorher"), min_value=0, max_value=10_080
    )
    questions = forms.CharField(
        label=_("Fragen bei der Anmeldung"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "Eine je Zeile. Mit * am Anfang ist sie Pflicht. Auswahl: Frage | A | B. Ja oder nein: Frage | ?. Englisch hinter //."
        ),
    )

    def __init__(self, *args: Any, lang: Lang = "de", **more: Any) -> None:
        super().__init__(*args, **more)
        _fill(self, {"kind": _choices(KINDS, lang), "audience": _choices(AUDIENCES, lang)})
        _fill(self, {"topic": _choices(TOPICS, lang, empty="–"), "state": _states(lang, "–")})
        self._offer_organisers()

    def _offer_organisers(self) -> None:
        """Let one of the partners be chosen; whoever else it is, is typed below."""
        names = organisers.offered()
        if not names:
            del self.fields["organiser_other"]
            return
        now = str(self.initial.get("organiser") or "")
        if now and now not in names:
            self.initial = {**self.initial, "organiser": "", "organiser_other": now}
        old = self.fields["organiser"]
        self.fields["organiser"] = forms.ChoiceField(
            label=old.label,
            required=False,
            help_text=old.help_text,
            choices=[("", "–"), *((name, name) for name in names)],
        )

    def clean(self) -> dict[str, Any]:
        """Take whoever was typed where no partner was chosen."""
        given = super().clean() or {}
        other = str(given.pop("organiser_other", "") or "")
        given["organiser"] = str(given.get("organiser") or "") or other
        return given

    def values(self) -> dict[str, Any]:
        """Return the event's values, without the questions."""
        return {name: value for name, value in self.cleaned_data.items() if name != "questions"}

    def asked(self) -> list[Asked]:
        """Return the questions."""
        lines = [line.strip() for line in self.cleaned_data["questions"].splitlines() if line.strip()]
        return [_asked(line) for line in lines[: MAX_QUESTIONS + 1]]


def _asked(line: str) -> Asked:
    required, line = line.startswith("*"), line.lstrip("* ")
    text, *options = (part.strip() for part in line.split("|"))
    german, _slashes, english = (part.strip() for part in text.partition("//"))
    kind = "yes_no" if options == ["?"] else "choice" if options else "line"
    return Asked(german, english, kind, tuple(options) if kind == "choice" else (), required)


def question_lines(event: Event) -> str:
    """Return an event's questions as staff wrote them."""
    lines = []
    for question in event.questions.all():
        english = f" // {question.text_en}" if question.text_en else ""
        options = ["?"] if question.kind == Question.Kind.YES_NO else question.options
        star = "* " if question.required else ""
        lines.append(" | ".join([f"{star}{question.text_de}{english}", *options]))
    return "\n".join(lines)


class SeriesForm(forms.Form):
    """How an event is repeated."""

    every = forms.ChoiceField(
        label=_("Wiederholen"),
        choices=[
            ("FREQ=WEEKLY", _("jede Woche")),
            ("FREQ=WEEKLY;INTERVAL=2", _("alle zwei Wochen")),
            ("FREQ=MONTHLY", _("jeden Monat am gleichen Tag")),
            ("weekday", _("jeden Monat am gleichen Wochentag")),
        ],
    )
    count = forms.IntegerField(label=_("Wie oft im Ganzen"), min_value=2, max_value=60)

    def rule(self, event: Event) -> str:
        """Return the recurrence rule (RFC 5545)."""
        every = str(self.cleaned_data["every"])
        if every == "weekday":
            every = same_weekday(event.begin)
        return f"{every};COUNT={self.cleaned_data['count']}"


class GuestForm(forms.Form):
    """Somebody at the door without a registration."""

    name = forms.CharField(label=_("Name"), max_length=120)
    mail = forms.EmailField(label=_("E-Mail"), max_length=254, required=False)
    company_name = forms.CharField(label=_("Betrieb"), max_length=200, required=False)
    form_token = forms.CharField(max_length=40, widget=forms.HiddenInput())


class SourceForm(forms.Form):
    """A remote calendar."""

    kind = forms.ChoiceField(
        label=_("Art der Quelle"),
        choices=[
            (ImportSource.Kind.PRETIX, "pretix"),
            (ImportSource.Kind.INDICO, "Indico"),
            (ImportSource.Kind.ICS, _("Kalender (ICS)")),
        ],
    )
    name = forms.CharField(label=_("Name der Quelle"), max_length=120)
    url = forms.URLField(
        label=_("Adresse"),
        max_length=500,
        assume_scheme="https",
        help_text=_(
            "pretix: …/api/v1/organizers/NAME/ – Indico: …/export/categ/NUMMER.json – ICS: die Adresse des Kalenders"
        ),
    )
    token = forms.CharField(
        label=_("Zugangsschlüssel"),
        max_length=500,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Leer lassen, wenn er bleiben soll. Er liegt nicht in der Datenbank."),
    )
    organiser = forms.CharField(label=_("Veranstaltet von"), max_length=200, required=False)
    state = forms.ChoiceField(label=_("Bundesland"), required=False)
    topic = forms.ChoiceField(label=_("Thema"), required=False)
    publish = forms.BooleanField(label=_("Neue Termine sofort zeigen"), required=False)
    active = forms.BooleanField(label=_("Regelmäßig abfragen"), required=False, initial=True)

    def __init__(self, *args: Any, lang: Lang = "de", **more: Any) -> None:
        super().__init__(*args, **more)
        _fill(self, {"topic": _choices(TOPICS, lang, empty="–"), "state": _states(lang, "–")})


class CalendarFileForm(forms.Form):
    """A calendar file to take over."""

    file = forms.FileField(
        label=_("Kalenderdatei (.ics)"), widget=forms.FileInput(attrs={"accept": ".ics,text/calendar"})
    )
    organiser = forms.CharField(label=_("Veranstaltet von"), max_length=200, required=False)
    state = forms.ChoiceField(label=_("Bundesland"), required=False)
    topic = forms.ChoiceField(label=_("Thema"), required=False)

    def __init__(self, *args: Any, lang: Lang = "de", **more: Any) -> None:
        super().__init__(*args, **more)
        _fill(self, {"topic": _choices(TOPICS, lang, empty="–"), "state": _states(lang, "–")})
