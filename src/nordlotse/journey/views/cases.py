"""Pages of cases for the company (with account or by mailed link) and for the coordinator's desk."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nordlotse.foundation.region import State
from nordlotse.journey.actions import cases, letters, proposals, thread
from nordlotse.journey.actions import companies as company_actions
from nordlotse.journey.actions.reading import note_read
from nordlotse.journey.actions.routing import set_automatic
from nordlotse.journey.core.case import SETTLED
from nordlotse.journey.core.case import State as CaseState
from nordlotse.journey.forms.cases import ANSWER_NAMES, ATTENTION_NAMES, OUTCOME_NAMES
from nordlotse.journey.models import Case
from nordlotse.journey.queries import cases as queries
from nordlotse.journey.queries import companies, matching, timeline
from nordlotse.journey.queries import thread as reading
from nordlotse.journey.queries.access import (
    Who,
    as_company,
    as_contact,
    as_coordinator,
    as_expert,
    case_unknown,
    coordinates,
)
from nordlotse.journey.queries.briefing import asked_first
from nordlotse.journey.queries.routing import automatic
from nordlotse.journey.views.casework import FOR_COMPANY, FOR_WORK, Do, done, number_in, refused, shown
from nordlotse.network.models import Person
from nordlotse.office import files, links
from nordlotse.office.pages import ask_again, lang_of, sure
from nordlotse.office.roles import roles_of


def _company_page(request: HttpRequest, who: Who, case: Case, place: str, **more: Any) -> HttpResponse:
    agreed = timeline.ticked_of(case.consents.select_related("case").order_by("pk"), lang_of(request))
    context = shown(
        request,
        who,
        case,
        readers=reading.readers_for_company(case),
        agreed=agreed,
        place=place,
        first=asked_first(case),
        **more,
    )
    context["file_place"] = f"{place}datei/"
    status = 422 if "problem" in more else 200
    return render(request, "journey/cases/company.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def company_case(request: HttpRequest, case_id: str) -> HttpResponse:
    """A case for a member of its company."""
    case = queries.case(case_id)
    who = as_company(request.user, case)
    place = reverse(f"{lang_of(request)}:company_case", args=[case.pk])
    if request.method == "POST":
        return done(
            request,
            who,
            case,
            FOR_COMPANY,
            lambda p: _company_page(request, who, case, place, **refused(request, p)),
            f"{reverse(f'{lang_of(request)}:company')}#ja" if request.POST.get("back") == "company" else place,
        )
    return _company_page(request, who, case, place)


def _by_link(token: str) -> tuple[Who, Case]:
    link = links.read(token, letters.CASE)
    case = queries.case(link.reference)
    if case.contact is None or case.contact.mail.lower() != link.mail:
        raise case_unknown()  # somebody else is the contact by now; the link went to whoever was it before
    return as_contact(case), case


@require_http_methods(["GET", "HEAD", "POST"])
def contact_case(request: HttpRequest, token: str) -> HttpResponse:
    """A case for whoever has no account and came by the link of a mail; looking changes nothing."""
    who, case = _by_link(token)
    place = reverse(f"{lang_of(request)}:contact_case", args=[token])
    if request.method == "POST":
        return done(
            request,
            who,
            case,
            FOR_COMPANY,
            lambda p: _company_page(request, who, case, place, **refused(request, p)),
            place,
        )
    return _company_page(request, who, case, place)


@require_safe
def contact_file(request: HttpRequest, token: str, file_id: str) -> FileResponse:
    """A file of a case for whoever came by the link of a mail."""
    who, case = _by_link(token)
    return files.download(reading.file_of(case, who, file_id))


@login_required
@require_safe
def company_file(request: HttpRequest, case_id: str, file_id: str) -> FileResponse:
    """A file of a case for a member of its company."""
    case = queries.case(case_id)
    return files.download(reading.file_of(case, as_company(request.user, case), file_id))


@login_required
@require_safe
def work_file(request: HttpRequest, case_id: str, file_id: str) -> FileResponse:
    """A file of a case for whoever works on it."""
    case = queries.case(case_id)
    who = as_coordinator(request.user) if coordinates(request.user) else as_expert(request.user, case)
    note_read(who, case)
    return files.download(reading.file_of(case, who, file_id))


# ---- the desk ----


@login_required
@require_safe
def desk_cases(request: HttpRequest) -> HttpResponse:
    """Open cases by age: what needs the coordinator first."""
    as_coordinator(request.user)
    view = request.GET.get("sicht", "attention")
    view = view if view in queries.VIEWS else "open"
    words = " ".join(request.GET.get("q", "").split())[:100]
    state, topic = request.GET.get("state", ""), request.GET.get("topic", "")
    counts = queries.counts(request.user)
    lang = lang_of(request)
    names = {
        "late": _("Zusage fällig"),
        "mine": _("meine"),
        "attention": _("braucht Sie"),
        "unassigned": _("ohne Fachperson"),
        "proposed": _("angefragt"),
        "stale": _("unbewegt"),
        "working": _("in Arbeit"),
        "waiting": _("wartet"),
        "open": _("alle offenen"),
        "closed": _("abgeschlossen"),
    }
    context = {
        "page": queries.desk(
            view, state=state, topic=topic, after=request.GET.get("nach", ""), words=words, user=request.user
        ),
        "view": "" if words else view,
        "q": words,
        "tabs": [(key, name, counts.get(key)) for key, name in names.items()],
        "counted": queries.COUNTED,
        "chosen_state": state,
        "chosen_topic": topic,
        "states": [(s.value, s.label.get(lang)) for s in State],
        "state_names": {s.value: s.label.get(lang) for s in CaseState},
        "attention_names": ATTENTION_NAMES,
        "automatic": automatic(),
    }
    return render(request, "journey/cases/desk_list.html", context)


@login_required
@require_POST
def routing(request: HttpRequest) -> HttpResponse:
    """Switch on or off that people are asked without a tap."""
    set_automatic(as_coordinator(request.user), request.POST.get("automatic") == "1")
    return HttpResponseRedirect(reverse(f"{lang_of(request)}:desk_cases"))


def _ask(request: HttpRequest, who: Who, case: Case) -> str:
    number = number_in(request, "person")
    found = matching.candidates(case).people if matching.is_looked_for(case) else ()
    chosen = next((c for c in found if c.person.pk == number), None)
    proposals.ask_person(
        who,
        case.pk,
        number,
        chosen.reason if chosen else None,
        chosen.score if chosen else 0.0,
        joint=request.POST.get("joint") == "1",
    )
    return _("Die Anfrage ist unterwegs.")


def _take_over(request: HttpRequest, who: Who, case: Case) -> str:
    cases.take_over(who, case.pk)
    return _("Der Fall liegt jetzt bei Ihnen.")


def _answer(request: HttpRequest, who: Who, case: Case) -> str:
    choice, note = request.POST.get("choice", ""), request.POST.get("note", "")
    proposals.answer(who, number_in(request, "assignment"), choice, note)
    return _("Die Antwort ist eingetragen.")


def _draft(request: HttpRequest, who: Who, case: Case) -> str:
    slug = thread.draft_article(who, number_in(request, "message"), named=request.POST.get("named") == "1")
    return _("Der Entwurf liegt bei den Texten: {slug}").format(slug=slug)


def _belongs(request: HttpRequest, who: Who, case: Case) -> str:
    company = companies.company(request.POST.get("company", "")[:16])
    company_actions.belongs(who, case.pk, company)
    return _("Der Fall gehört jetzt zu %(name)s.") % {"name": company.name}


def _sure_it_belongs(request: HttpRequest, case: Case) -> HttpResponse:
    company = companies.company(request.POST.get("company", "")[:16])
    return ask_again(
        request,
        _("Gehört Fall %(number)s zu %(name)s?") % {"number": case.number, "name": company.name},
        _(
            "Wer zu diesem Betrieb gehört, sieht dann den Fall, und der Betrieb zählt einmal. Fragen Sie im Zweifel nach."
        ),
        _("Ja, dazu gehört der Fall"),
        back=reverse(f"{lang_of(request)}:desk_case", args=[case.pk]),
    )


def _sure_to_ask(request: HttpRequest, case: Case, person: Person, filled: int) -> HttpResponse:
    """Ask a second time before somebody is asked who has no place left this month."""
    return ask_again(
        request,
        _("%(name)s trotzdem anfragen?") % {"name": person.name},
        _("%(name)s hat diesen Monat schon %(filled)s von %(capacity)s Plätzen belegt.")
        % {"name": person.name, "filled": filled, "capacity": person.capacity},
        _("Ja, trotzdem anfragen"),
        back=reverse(f"{lang_of(request)}:desk_case", args=[case.pk]),
    )


_FOR_DESK: dict[str, Do] = {
    **FOR_WORK,
    "ask": _ask,
    "take_over": _take_over,
    "answer": _answer,
    "draft": _draft,
    "belongs": _belongs,
}


def _desk_page(request: HttpRequest, who: Who, case: Case, **more: Any) -> HttpResponse:
    asked = queries.assignments(case)
    found = matching.candidates(case) if matching.is_looked_for(case) else None
    everybody = [] if not case.open else queries.free_people(asked, matching.conflicted(case))
    context = shown(
        request,
        who,
        case,
        place=reverse(f"{lang_of(request)}:desk_case", args=[case.pk]),
        file_place="datei/",
        asked=asked,
        answer_names=ANSWER_NAMES,
        waiting=[a for a in asked if a.status == "proposed"],
        found=found,
        referral=found.referral.reason.get(lang_of(request)) if found and found.referral else "",
        everybody=matching.by_fit(found, everybody) if found else everybody,
        told=matching.told_of(found, lang_of(request)) if found else {},
        settled=CaseState(case.status) in SETTLED,
        alike=companies.like_guest(case),
        attention=ATTENTION_NAMES.get(case.attention, ""),
        outcome=OUTCOME_NAMES.get(case.outcome, ""),
        readers=reading.readers(case),
        may_edit="editor" in roles_of(request.user),
        **more,
    )
    return render(request, "journey/cases/desk_case.html", context, status=422 if "problem" in more else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def desk_case(request: HttpRequest, case_id: str) -> HttpResponse:
    """A case on the desk: who could take it and why, the thread with notes, every step."""
    who = as_coordinator(request.user)
    case = queries.case(case_id)
    if request.POST.get("do") == "belongs" and not sure(request):
        return _sure_it_belongs(request, case)
    if request.POST.get("do") == "ask" and not sure(request):
        full = matching.overloaded(number_in(request, "person"))
        if full is not None:
            return _sure_to_ask(request, case, *full)
    if request.method == "POST":
        place = reverse(f"{lang_of(request)}:desk_case", args=[case.pk])
        return done(
            request, who, case, _FOR_DESK, lambda p: _desk_page(request, who, case, **refused(request, p)), place
        )
    if request.method == "GET":
        note_read(who, case)
    return _desk_page(request, who, case)
