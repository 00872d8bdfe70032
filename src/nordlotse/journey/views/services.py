"""Pages of services: what waits for a tap, one service, a call entered by hand; and the three questions of the effect."""

from __future__ import annotations

import re
import secrets
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.role import Role
from nordlotse.journey.actions import effect as effects
from nordlotse.journey.actions import entering
from nordlotse.journey.actions import services as actions
from nordlotse.journey.actions.asking import tidy
from nordlotse.journey.actions.companies import enter_for_new
from nordlotse.journey.core import kinds, periods
from nordlotse.journey.forms.services import EffectForm, ServiceForm
from nordlotse.journey.models import Service
from nordlotse.journey.queries import services as queries
from nordlotse.journey.queries.companies import like_name
from nordlotse.journey.queries.sheets import TOPICS, labels
from nordlotse.journey.views.casework import number_in
from nordlotse.office import links
from nordlotse.office.pages import lang_of, told
from nordlotse.office.roles import check_role


def _at_desk(request: HttpRequest) -> bool:
    return "/desk/" in request.path


def _check(request: HttpRequest) -> None:
    """Let coordinators in below the desk, and experts on their own pages."""
    check_role(request.user, Role.COORDINATOR if _at_desk(request) else Role.EXPERT)


def _names(request: HttpRequest) -> dict[str, str]:
    """Return the names of the pages on this side: a coordinator's are below the desk, an expert's are not."""
    if _at_desk(request):
        return {"list": "services", "one": "service", "new": "service_new", "all": "services_all"}
    return {"list": "my_services", "one": "my_service", "new": "my_service_new", "all": "my_services_all"}


def _chosen(request: HttpRequest) -> list[int]:
    return [int(v) for v in request.POST.getlist("service") if v.isdecimal() and len(v) < 18]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: HttpRequest) -> HttpResponse:
    """What waits for a tap; several at once by ticking."""
    _check(request)
    problem = ""
    mine = queries.mine(request.user)
    found = queries.waiting(mine.people)
    if request.method == "POST":
        try:
            return _decide(request)
        except BadInput as caught:
            problem = told(request, caught)
    shown, lang, event = list(found[: queries.PAGE]), lang_of(request), request.GET.get("termin", "")
    if event.isdecimal():
        shown = list(found.filter(event=event[:40])[:1000])
    closed = queries.closed_among(shown)
    context = {
        "refused": _just_refused(request),
        "rows": [(s, f"{s.day:%Y-%m}" in closed) for s in shown],
        "ticked": set(_chosen(request)),
        "total": mine.waiting,
        "any_closed": bool(closed),
        "recent": queries.recent(mine.people),
        "kind_names": labels("kind", lang),
        "names": _names(request),
        "problem": problem,
        "reason": request.POST.get("reason", "")[:300],
        "decided": kinds.table_date(),
        "at_desk": _at_desk(request),
    }
    return render(request, "journey/services/list.html", context, status=422 if problem else 200)


def _decide(request: HttpRequest) -> HttpResponse:
    ids, reason = _chosen(request), request.POST.get("reason", "")
    place = reverse(f"{lang_of(request)}:{_names(request)['list']}")
    if number_in(request, "refuse_one"):
        one = number_in(request, "refuse_one")
        done = actions.refuse(request.user, [one], reason)
        return HttpResponseRedirect(f"{place}?abgelehnt={one}" if done else place)
    if number_in(request, "restore"):
        if actions.restore(request.user, [number_in(request, "restore")]):
            messages.success(request, _("Zurückgeholt. Die Leistung wartet wieder auf Ihr Ja."))
        return HttpResponseRedirect(place)
    late = queries.closed_months(ids)
    done = actions.confirm(request.user, ids, reason)
    told = ngettext("Bestätigt: %(count)s Leistung.", "Bestätigt: %(count)s Leistungen.", done) % {"count": done}
    messages.success(request, f"{told} {_counts_from(late)}")
    return HttpResponseRedirect(place)


def _just_refused(request: HttpRequest) -> Service | None:
    """Return the service refused a moment ago, so that it can be taken back."""
    sent = request.GET.get("abgelehnt", "")
    return queries.refused(request.user, int(sent)) if sent.isdecimal() and len(sent) < 18 else None


def _counts_from(closed: set[str]) -> str:
    """Say what entering or correcting does to the figures: of a closed month they stay."""
    if not closed:
        return _("Das zählt ab jetzt.")
    months = ", ".join(f"{key[5:]}/{key[:4]}" for key in sorted(closed))
    return _(
        "%(months)s ist abgeschlossen und bleibt unverändert; das steht als spätere Änderung im nächsten Bericht."
    ) % {"months": months}


@login_required
@require_safe
def every(request: HttpRequest) -> HttpResponse:
    """A month's services, confirmed, waiting or refused: the way to the one that has to be corrected."""
    _check(request)
    lang, sent = lang_of(request), request.GET
    try:
        month = periods.parse(sent.get("monat", ""))
        if not re.fullmatch(r"\d{4}-\d\d", month.key):
            raise ValueError
    except (BadInput, ValueError):
        month = periods.parse(f"{timezone.localdate():%Y-%m}")
    chosen = {name: sent.get(name, "")[:100] for name in ("q", "person", "stand")}
    found = queries.listed(request.user, month, words=chosen["q"], person=chosen["person"], state=chosen["stand"])
    context = {
        "found": found,
        "month": month.key,
        "chosen": chosen,
        "states": {"confirmed": _("bestätigt"), "waiting": _("wartet"), "refused": _("abgelehnt")},
        "closed": queries.closed_among(list(found.rows)),
        "kind_names": labels("kind", lang),
        "names": _names(request),
        "at_desk": _at_desk(request),
    }
    return render(request, "journey/services/all.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, service_id: int) -> HttpResponse:
    """One service: correct it, which confirms it, or refuse it."""
    _check(request)
    service, lang = queries.one(request.user, service_id), lang_of(request)
    closed = bool(queries.closed_among([service]))
    back = HttpResponseRedirect(reverse(f"{lang}:{_names(request)['list']}"))
    form = ServiceForm(request.POST or None, initial=vars(service), lang=lang, closed=closed)
    problem = ""
    if request.method == "POST":
        try:
            if "refuse" in request.POST:
                actions.refuse(request.user, [service.pk], request.POST.get("reason", ""))
                back["Location"] += f"?abgelehnt={service.pk}"
                return back
            if form.is_valid():
                values = dict(form.cleaned_data)
                reason = values.pop("reason", "") or request.POST.get("reason", "")
                actions.change(request.user, service.pk, values, reason)
                late = queries.closed_months([service.pk]) | ({f"{service.day:%Y-%m}"} if closed else set())
                messages.success(request, f"{_('Gespeichert und bestätigt.')} {_counts_from(late)}")
                return back
        except BadInput as caught:
            problem = told(request, caught)
    context = {"service": service, "form": form, "closed": closed, "problem": problem, "names": _names(request)}
    return render(request, "journey/services/one.html", context, status=422 if request.method == "POST" else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A phone call or visit by hand: one tap on how long it took, everything else is known."""
    _check(request)
    given = request.POST if request.method == "POST" else request.GET
    naming = _at_desk(request) and "neu" in given
    if _at_desk(request) and not naming and not any(given.get(name) for name in ("betrieb", "kontakt", "fall")):
        messages.info(request, _("Mit wem war es? Bitte suchen Sie den Betrieb, oder öffnen Sie den Fall."))
        return HttpResponseRedirect(reverse(f"{lang_of(request)}:desk_companies"))
    known = (
        queries.Preset(tidy(given.get("neu", ""))[:200])
        if naming
        else queries.preset(
            request.user,
            company=given.get("betrieb", "")[:16],
            contact=given.get("kontakt", "")[:16],
            case=given.get("fall", "")[:16],
        )
    )
    problem = ""
    alike = like_name(known.name) if naming and given.get("another") != "1" else []
    if request.method == "POST" and alike and not queries.entered(given.get("form", "")):
        problem = _("Einen Betrieb mit diesem Namen gibt es schon. Ist er es?")
    elif request.method == "POST":
        try:
            service = _entered(request, known)
            entered = _("Eingetragen: %(minutes)s Minuten.") % {"minutes": service.minutes}
            messages.success(request, f"{entered} {_counts_from(queries.closed_months([service.pk]))}")
            return HttpResponseRedirect(reverse(f"{lang_of(request)}:{_names(request)['list']}"))
        except BadInput as caught:
            problem = told(request, caught)
    lang = lang_of(request)
    context: dict[str, Any] = {
        "known": known,
        "given": given,
        "kinds": [kinds.kind(k) for k in ("call", "visit", "consultation", "funding")],
        "kind": given.get("kind", "call"),
        "topics": [(key, text.get(lang)) for key, text in TOPICS.items()],
        "topic": given.get("topic", known.topic),
        "day": given.get("day", "") or timezone.localdate().isoformat(),
        "naming": naming,
        "alike": alike,
        "form_number": given.get("form", "")[:40] or secrets.token_hex(8),
        "problem": problem,
        "names": _names(request),
    }
    return render(request, "journey/services/new.html", context, status=422 if problem else 200)


def _entered(request: HttpRequest, known: queries.Preset) -> Service:
    sent = request.POST
    try:
        day = date.fromisoformat(sent.get("day", "")) if sent.get("day") else None
    except ValueError:
        day = date.max
    topic, kind = sent.get("topic", known.topic), sent.get("kind", "call")
    call: dict[str, Any] = {
        "minutes": sent.get("other", "").strip() or sent.get("minutes", ""),
        "topic": topic if topic in TOPICS else "",
        "day": day,
        "person": known.person,
        "form": sent.get("form", ""),
        "reason": sent.get("reason", ""),
        "text": sent.get("text", "")[:300],
    }
    if _at_desk(request) and "neu" in sent:
        company = {"name": known.name, **{name: sent.get(name, "") for name in ("place", "employees")}}
        return enter_for_new(request.user, kind, company, **call)
    about = actions.About(known.company, known.contact, None if sent.get("other_matter") == "1" else known.case)
    return entering.enter(request.user, kind, about=about, **call)


@require_http_methods(["GET", "HEAD", "POST"])
def effect(request: HttpRequest, token: str) -> HttpResponse:
    """Three questions about what came of a case; opening the page changes nothing."""
    link = links.read(token, effects.PURPOSE)
    asked = effects.asked(link)
    form, problem = EffectForm(request.POST or None, lang=lang_of(request)), ""
    if request.method == "POST" and form.is_valid():
        try:
            effects.answer(token, **form.cleaned_data)
            return render(request, "journey/effect/thanks.html")
        except BadInput as caught:
            problem = told(request, caught)
    context = {"form": form, "case": asked.case, "later": asked.moment == "later", "problem": problem}
    return render(request, "journey/effect/questions.html", context, status=422 if request.method == "POST" else 200)
