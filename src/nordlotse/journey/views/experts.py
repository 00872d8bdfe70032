"""Pages of the people of the network: the request behind a mailed link, their own list, a case, their hours."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.role import Role
from nordlotse.journey.actions import letters, proposals
from nordlotse.journey.actions.proposals import ASK_AGAIN
from nordlotse.journey.actions.reading import note_read
from nordlotse.journey.core.briefing import five_lines
from nordlotse.journey.core.case import Actor, State
from nordlotse.journey.forms.cases import OUTCOME_NAMES
from nordlotse.journey.models import Assignment, Case
from nordlotse.journey.queries import cases as queries
from nordlotse.journey.queries import thread as reading
from nordlotse.journey.queries.access import Who, as_expert, case_unknown, had_before, in_charge, people_of
from nordlotse.journey.queries.asking import operator
from nordlotse.journey.queries.briefing import facts_of, title_of
from nordlotse.journey.queries.matching import conflicted
from nordlotse.journey.queries.routing import automatic
from nordlotse.journey.queries.services import counted_of
from nordlotse.journey.queries.sheets import labels
from nordlotse.journey.views.casework import FOR_WORK, Do, done, number_in, pictures_of, refused, shown
from nordlotse.office import files, links
from nordlotse.office.pages import lang_of
from nordlotse.office.roles import check_role


def _request_page(request: HttpRequest, assignment: Assignment, place: str, **more: Any) -> HttpResponse:
    lang = lang_of(request)
    facts = facts_of(assignment.case)
    context = {
        "assignment": assignment,
        "case": assignment.case,
        "title": title_of(assignment.case, lang),
        "lines": five_lines(facts, lang),
        "pictures": pictures_of(facts),
        "results": facts.results,
        "reason": assignment.reason_en if lang == "en" else assignment.reason_de,
        "again_on": timezone.localdate() + ASK_AGAIN,
        "place": place,
        **more,
    }
    return render(request, "journey/cases/request.html", context, status=422 if more else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def request_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The request behind a mailed link: five lines and four answers. Looking changes nothing, an answer works once."""
    lang = lang_of(request)
    place = reverse(f"{lang}:request", args=[token])
    used = proposals.read_used(token)
    if used is not None:
        return _answered_page(request, used)
    assignment = proposals.read_link(token)
    if request.method != "POST":
        return _request_page(request, assignment, place)
    choice = request.POST.get("choice", "")
    try:
        answered = proposals.answer_by_link(token, choice, request.POST.get("note", ""))
    except BadInput as problem:
        return _request_page(request, assignment, place, problem=problem.message(lang), remedy=problem.remedy_in(lang))
    # An answer given on the page shows that it was read; opening alone does not, mail scanners open links too.
    note_read(Who(Actor.EXPERT, person=answered.person), answered.case)
    return _answered_page(request, answered)


_CHOSEN = {
    Assignment.Status.ACCEPTED: "accept",
    Assignment.Status.DECLINED: "decline",
    Assignment.Status.NOT_NOW: "not_now",
    Assignment.Status.CONFLICT: "conflict",
}


def _answered_page(request: HttpRequest, assignment: Assignment, status: int = 200, **more: Any) -> HttpResponse:
    """Say what was answered and, to whoever has the case, how to reach the company and where to work on it.

    The mailed link stays good for this page; it changes nothing any more.
    """
    found = queries.case(assignment.case_id)
    held = in_charge(found, assignment.person) and assignment.status in (
        Assignment.Status.ACCEPTED,
        Assignment.Status.ENDED,
    )
    context = {
        "choice": _CHOSEN.get(Assignment.Status(assignment.status), "over"),
        "assignment": assignment,
        "case": found,
        "held": held,
        # A new link is a change: opening a page makes none.
        "path": letters.expert_path(assignment)
        if held and (request.method == "POST" or assignment.person.user_id is not None)
        else "",
        "operator": operator(),
        "automatic": automatic(),
        "kind_names": labels("kind", lang_of(request)),
        **more,
    }
    return render(request, "journey/cases/answered.html", context, status=status)


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """An expert's own page: what is asked, what is in hand, places and hours of this month."""
    check_role(request.user, Role.EXPERT)
    context = {
        "own": queries.own(request.user),
        "state_names": {s.value: s.label.get(lang_of(request)) for s in State},
    }
    return render(request, "journey/cases/expert_home.html", context)


@login_required
@require_safe
def hours(request: HttpRequest) -> HttpResponse:
    """An expert's hours of the last twelve months as CSV."""
    check_role(request.user, Role.EXPERT)
    response = HttpResponse("\ufeff" + queries.hours_csv(request.user), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="stunden.csv"'
    return response


def _hand_over(request: HttpRequest, who: Who, case: Case) -> str:
    proposals.ask_person(who, case.pk, number_in(request, "person"), joint=request.POST.get("joint") == "1")
    return _("Die Anfrage ist unterwegs. Bis zur Zusage bleibt der Fall bei Ihnen.")


_FOR_EXPERT: dict[str, Do] = {**FOR_WORK, "ask": _hand_over}


def _asked_of(user: Any, case: Case) -> Assignment:
    """Return the open request of a case to one of the user's profiles.

    Raises:
        NotFound: there is none.
    """
    asked = case.assignments.filter(status=Assignment.Status.PROPOSED, person__in=people_of(user))
    found = asked.select_related("person__partner").first()
    if found is None:
        raise case_unknown()
    found.case = case
    return found


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def case(request: HttpRequest, case_id: str) -> HttpResponse:
    """A case for the person in charge; for somebody who is only asked, the request."""
    found = queries.case(case_id)
    place = reverse(f"{lang_of(request)}:expert_case", args=[found.pk])
    if request.POST.get("choice"):
        return _answered(request, found, place)
    mine = Assignment.objects.filter(case=found, person__in=people_of(request.user))
    if not mine.filter(status__in=(Assignment.Status.ACCEPTED, Assignment.Status.ENDED)).exists():
        return _request_page(request, _asked_of(request.user, found), place)
    who = as_expert(request.user, found)
    if request.method == "POST":
        to = reverse(f"{lang_of(request)}:expert_home") if request.POST.get("do") == "give_back" else place
        return done(request, who, found, _FOR_EXPERT, lambda p: _page(request, who, found, place, p), to)
    if request.method == "GET":
        note_read(who, found)
    return _page(request, who, found, place)


def _assigned(token: str) -> tuple[Case, Assignment]:
    """Return whose link this is, whether the case is still in this person's hands or not."""
    held = links.read(token, letters.HELD).reference
    assignment = Assignment.objects.select_related("person__partner").filter(pk=held).first()
    if assignment is None or not assignment.person.active:
        raise case_unknown()
    return queries.case(assignment.case_id), assignment


def _by_link(token: str) -> tuple[Who, Case, Assignment]:
    """Return whose link this is, while the case is in this person's hands."""
    found, assignment = _assigned(token)
    if not in_charge(found, assignment.person):
        raise case_unknown()
    return Who(Actor.EXPERT, person=assignment.person), found, assignment


@require_http_methods(["GET", "HEAD", "POST"])
def case_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """A case for the person in charge who has no account, by the link of a mail; looking changes nothing."""
    found, held = _assigned(token)
    place = reverse(f"{lang_of(request)}:request_case", args=[token])
    if not in_charge(found, held.person) and had_before(found, held.person):
        return _left_page(request, found, held, place)
    who, found, held = _by_link(token)
    if request.method == "POST":
        note_read(who, found)
        answer = done(request, who, found, FOR_WORK, lambda p: _page(request, who, found, place, p), place)
        if request.POST.get("do") != "give_back" or in_charge(found, held.person):
            return answer
        # The link does not lead to the case any more: what was done is said here, not behind it.
        list(messages.get_messages(request))
        held.refresh_from_db(fields=["status"])
        return _answered_page(request, held, **_own_time(found, held, place))
    return _page(request, who, found, place)


def _own_time(found: Case, held: Assignment, place: str) -> dict[str, Any]:
    """Return what is left to somebody who gave a case back: the own minutes, to be counted or corrected."""
    counted = counted_of(found, held.person)
    return {"counted": counted, "counted_sum": sum(s.minutes for s in counted), "place": place}


def _left_page(request: HttpRequest, found: Case, held: Assignment, place: str) -> HttpResponse:
    """The page behind the link once the case is in other hands: nothing of the case, only the own minutes."""
    who = Who(Actor.EXPERT, person=held.person)
    if request.method == "POST" and request.POST.get("do") == "count":
        return done(
            request,
            who,
            found,
            {"count": FOR_WORK["count"]},
            lambda p: _answered_page(request, held, 422, **_own_time(found, held, place), **refused(request, p)),
            place,
        )
    return _answered_page(request, held, **_own_time(found, held, place))


@require_safe
def file_by_link(request: HttpRequest, token: str, file_id: str) -> FileResponse:
    """A file of a case for the person in charge who has no account."""
    who, found, _held = _by_link(token)
    return files.download(reading.file_of(found, who, file_id))


def _answered(request: HttpRequest, found: Case, place: str) -> HttpResponse:
    lang = lang_of(request)
    assignment = _asked_of(request.user, found)
    who = Who(Actor.EXPERT, user=request.user, person=assignment.person)
    choice = request.POST.get("choice", "")
    try:
        proposals.answer(who, assignment.pk, choice, request.POST.get("note", ""))
    except BadInput as problem:
        return _request_page(request, assignment, place, problem=problem.message(lang), remedy=problem.remedy_in(lang))
    messages.success(request, _("Ihre Antwort ist gespeichert."))
    return HttpResponseRedirect(place if choice == "accept" else reverse(f"{lang}:expert_home"))


def _page(request: HttpRequest, who: Who, found: Case, place: str, problem: BadInput | None = None) -> HttpResponse:
    told = refused(request, problem) if problem else {}
    asked = queries.assignments(found)
    context = shown(
        request,
        who,
        found,
        place=place,
        file_place=f"{place}datei/",
        # By link nobody hands over: the list of colleagues is for those who have signed in.
        everybody=queries.free_people(asked, conflicted(found)) if found.open and who.user is not None else [],
        waiting=[a for a in asked if a.status == "proposed"],
        outcome=OUTCOME_NAMES.get(found.outcome, ""),
        **told,
    )
    return render(request, "journey/cases/expert_case.html", context, status=422 if problem else 200)
