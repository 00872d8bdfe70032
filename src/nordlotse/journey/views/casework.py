"""What the pages of a case share, whoever looks at it: the thread, its form, the steps that are possible, the answers to a POST."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _

from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.result import Result
from nordlotse.journey.actions import cases, entering, proposals, services, thread
from nordlotse.journey.actions.service_values import MAX_MINUTES, whole
from nordlotse.journey.core.briefing import Facts, Line, five_lines
from nordlotse.journey.core.case import Actor, State, possible
from nordlotse.journey.core.kinds import kinds
from nordlotse.journey.forms.cases import CloseForm, WaitForm
from nordlotse.journey.models import Case, Message
from nordlotse.journey.queries import cases as queries
from nordlotse.journey.queries import thread as reading
from nordlotse.journey.queries.access import Who
from nordlotse.journey.queries.briefing import facts_of, title_of, wish_for
from nordlotse.journey.queries.services import counted_of
from nordlotse.office.pages import lang_of

Do = Callable[[HttpRequest, Who, Case], str]


def pictures_of(facts: Facts) -> list[tuple[str, str, str]]:
    """Return the pictures of the attached results: source, the same in words, title.

    They are shown as images, not as part of the page: nothing in an SVG can then run or reach out.
    """
    return [(picture_source(r), r.picture_text or r.title, r.title) for r in facts.results if r.picture]


def picture_source(result: Result) -> str:
    """Return a result's picture as the source of an image, "" for none."""
    if not result.picture:
        return ""
    return f"data:image/svg+xml;base64,{base64.b64encode(result.picture.encode()).decode()}"


def own_lines(case: Case, facts: Facts, lang: Lang) -> tuple[Line, ...]:
    """Return the five lines for whoever opened the case: with the name they gave, which an expert reads after saying yes, and whom they wished for."""
    who, *others, wish = five_lines(facts, lang)
    known = (facts.company, facts.place, facts.state, facts.sector)
    named = case.contact.name if case.contact else ""
    told = who.text if any(known) or facts.employees is not None else ""
    wished = wish_for(case)
    if wished:
        by = Text(f"Am liebsten mit {wished}", f"With {wished}, if possible").get(lang)
        wish = Line(wish.name, ", ".join(filter(None, (by, wish.text if wish.known else ""))))
    return (Line(who.name, ", ".join(filter(None, (named, told))) or who.text), *others, wish)


def shown(request: HttpRequest, who: Who, case: Case, **more: Any) -> dict[str, Any]:
    """Return what every page of a case shows: state, five lines, thread, form, and what this person may do next."""
    lang = lang_of(request)
    facts = facts_of(case)
    counted = counted_of(case, who.person) if who.person is not None else []
    return {
        "case": case,
        "title": title_of(case, lang) if who.actor == Actor.EXPERT else case.title,
        "who": who.actor.value,
        "state": _state(case, who).get(lang),
        "reachable": cases.reachable(case),
        "counted": counted,
        "counted_sum": sum(service.minutes for service in counted),
        "kind_names": {key: kind.name.get(lang) for key, kind in kinds().items()},
        "lines": own_lines(case, facts, lang) if who.actor == Actor.COMPANY else five_lines(facts, lang),
        "pictures": pictures_of(facts),
        "results": facts.results,
        "entries": reading.entries(case, who),
        "people": queries.in_charge_of(case),
        "may": {step.value for step in possible(case.status, who.actor)},
        "visits": [(key, kinds()[key].name.get(lang)) for key in entering.VISITS],
        "today": timezone.localdate().isoformat(),
        "late": queries.late(case),
        "once": secrets.token_hex(16),
        "typed": "",
        "wait_form": WaitForm(),
        "close_form": CloseForm(),
        **more,
    }


_SEARCHED = Text("Wir suchen die passende Fachperson", "We are looking for the right person")


def _state(case: Case, who: Who) -> Text:
    """Return the state in words; a company reads that somebody is looked for, not that somebody said no."""
    state = State(case.status)
    if who.actor == Actor.COMPANY and state in (State.DECLINED, State.NOT_NOW):
        return _SEARCHED
    return state.label


def _once(request: HttpRequest, case: Case) -> str:
    """Return the key under which a form is taken in once, of this case alone; "" for a form without one."""
    sent = request.POST.get("once", "")[:40]
    return f"form:{case.pk}:{sent}" if sent else ""


def number_in(request: HttpRequest, name: str) -> int:
    """Return the id a form names, 0 for what is none."""
    sent = request.POST.get(name, "")
    return int(sent) if sent.isdecimal() and len(sent) < 10 else 0


def _minutes(request: HttpRequest) -> int | None:
    """Return how long a call took, None if nothing was given: then the usual length is proposed.

    Raises:
        BadInput: something was given that is no number of minutes.
    """
    given = request.POST.get("minutes", "").strip()
    return whole(given, MAX_MINUTES, "minutes") if given else None


def _visited(request: HttpRequest, who: Who, case: Case) -> str:
    sent = request.POST
    try:
        day = date.fromisoformat(sent.get("day", "")) if sent.get("day") else None
    except ValueError:
        day = date.max
    entering.visited(
        who,
        case.pk,
        sent.get("kind", ""),
        minutes=sent.get("minutes", ""),
        day=day,
        text=sent.get("note", "")[:300],
        once=_once(request, case),
    )
    return _("Eingetragen. Die Zeit zählt.")


def _count(request: HttpRequest, who: Who, case: Case) -> str:
    services.correct(who, case.pk, number_in(request, "service"), request.POST.get("minutes", ""))
    return _("Die Dauer ist gespeichert und zählt.")


def _say(request: HttpRequest, who: Who, case: Case) -> str:
    call = request.POST.get("channel") == "phone" and who.actor.value != "company"
    thread.say(
        who,
        case.pk,
        request.POST.get("text", ""),
        channel=Message.Channel.PHONE if call else Message.Channel.PAGE,
        uploads=request.FILES.getlist("files"),
        once=_once(request, case),
        minutes=_minutes(request) if call else None,
    )
    return _("Das Telefonat ist vermerkt.") if call else _("Ihre Nachricht ist gespeichert und unterwegs.")


def _note(request: HttpRequest, who: Who, case: Case) -> str:
    words, files = request.POST.get("text", ""), request.FILES.getlist("files")
    thread.say(who, case.pk, words, internal=True, uploads=files, once=_once(request, case))
    return _("Die Notiz ist gespeichert. Der Betrieb sieht sie nicht.")


def _close(request: HttpRequest, who: Who, case: Case) -> str:
    sent = request.POST
    cases.close(who, case.pk, sent.get("outcome", ""), sent.get("note", ""), sent.get("words", ""))
    return _("Der Fall ist abgeschlossen.")


def _wait(request: HttpRequest, who: Who, case: Case) -> str:
    form = WaitForm(request.POST)
    if not form.is_valid():
        raise BadInput(
            "wait_day",
            de="Dieser Tag ist nicht zu verstehen.",
            en="This day cannot be understood.",
            where="until",
            remedy_de="Bitte einen Tag wählen.",
            remedy_en="Choose a day.",
        )
    cases.wait(who, case.pk, form.cleaned_data["until"])
    return _("Der Fall wartet bis zu diesem Tag.")


def _resume(request: HttpRequest, who: Who, case: Case) -> str:
    cases.resume(who, case.pk)
    return _("Es geht weiter.")


def _reopen(request: HttpRequest, who: Who, case: Case) -> str:
    cases.reopen(who, case.pk)
    return _("Der Fall ist wieder offen.")


def _give_back(request: HttpRequest, who: Who, case: Case) -> str:
    proposals.give_back(who, case.pk, request.POST.get("note", ""))
    return _("Der Fall liegt wieder bei der Koordination.")


def _withdraw(request: HttpRequest, who: Who, case: Case) -> str:
    cases.withdraw_consent(who, case.pk, number_in(request, "consent"))
    return _("Zurückgenommen. Es gilt ab sofort.")


def refused(request: HttpRequest, problem: BadInput) -> dict[str, Any]:
    """Return what a page shows of a form it could not take: the problem, which form (`at`), and what was typed."""
    sent = request.POST
    return {
        "problem": problem.message(lang_of(request)),
        "remedy": problem.remedy_in(lang_of(request)),
        "at": sent.get("do", ""),
        "typed": sent.get("text", ""),
        "typed_minutes": sent.get("minutes", "")[:10],
        "typed_service": number_in(request, "service"),
        "typed_kind": sent.get("kind", ""),
        "typed_day": sent.get("day", "")[:10],
        "typed_note": sent.get("note", "")[:300],
    }


#: What a company may send, what whoever works on a case may send; each returns the sentence to be shown.
FOR_COMPANY: Mapping[str, Do] = {"say": _say, "close": _close, "reopen": _reopen, "withdraw": _withdraw}
FOR_WORK: Mapping[str, Do] = {
    "say": _say,
    "close": _close,
    "reopen": _reopen,
    "note": _note,
    "count": _count,
    "visited": _visited,
    "wait": _wait,
    "resume": _resume,
    "give_back": _give_back,
}


def done(
    request: HttpRequest,
    who: Who,
    case: Case,
    table: Mapping[str, Do],
    again: Callable[[BadInput], HttpResponse],
    to: str,
) -> HttpResponse:
    """Do what a form of the page asks for and lead on; what cannot be done is told on the page, with what was typed."""
    do = table.get(request.POST.get("do", ""))
    if do is None:
        return HttpResponseRedirect(to)
    try:
        told = do(request, who, case)
    except BadInput as problem:
        return again(problem)
    messages.success(request, told)
    return HttpResponseRedirect(to)
