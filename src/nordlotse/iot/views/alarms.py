"""Alarms: the list, one with its reasons; acknowledging and judging; who is told; confirming an address from a mail."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_safe

from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import Problem
from nordlotse.iot.actions import alarms as actions
from nordlotse.iot.actions import receivers as receiving
from nordlotse.iot.actions.watching import Moved
from nordlotse.iot.core.showing.words import figure
from nordlotse.iot.forms.alarms import AddressForm, WebhookForm
from nordlotse.iot.models import Watch
from nordlotse.iot.queries import alarm_page, together
from nordlotse.iot.queries import alarms as queries
from nordlotse.iot.queries import telling as told_queries
from nordlotse.iot.views.page import go, hall_of, lang_of, unlisted


@require_safe
def alarms(request: HttpRequest, key: str) -> HttpResponse:
    """Show a hall's alarms, those nobody has looked at first; either list is turned over for itself."""
    hall, lang = hall_of(request, key), lang_of(request)
    open_after, after = (queries.place(request.GET.get(name, "")) for name in ("offen", "vor"))
    first = open_after is None and after is None
    nothing = queries.Page((), None)
    new = queries.listed(hall, lang, waiting=True, after=open_after) if first or open_after else nothing
    old = queries.listed(hall, lang, waiting=False, after=after) if first or after else nothing
    machines = list(hall.machines.annotate(living=Count("rules", filter=Q(rules__on=True))).order_by("pk"))
    watched = set(
        Watch.objects.filter(machine__hall=hall, on=True).exclude(learned_at=None).values_list("machine_id", flat=True)
    )
    context = {
        "hall": hall,
        "first": first,
        "waiting": queries.waiting(hall) if first else 0,
        "new": queries.matters(new.rows),
        "open_further": new.further,
        "old": queries.matters(old.rows),
        "further": old.further,
        "machines": [(one, one.pk in watched, one.living) for one in machines],
    }
    return unlisted(render(request, "iot/alarms.html", context))


@require_http_methods(["GET", "HEAD", "POST"])
def alarm(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Show an alarm with its reasons; POST acknowledges it and those beside it, or keeps what somebody says of it."""
    hall, lang = hall_of(request, key), lang_of(request)
    found = queries.alarm(hall, number)
    problem: Problem | None = None
    if request.method == "POST":
        # of those beside it only the ones this person was shown
        shown = {found.pk, *(int(one) for one in request.POST.getlist("mit") if one.isdecimal() and len(one) < 19)}
        group = [one for one in together.beside(found) if one.pk in shown]
        try:
            if request.POST.get("do") == "seen":
                actions.acknowledge_together(group, request.user)
                messages.success(request, _("Bestätigt. Niemand wird weiter benachrichtigt."))
            else:
                note = request.POST.get("note", "")
                moved = actions.judge_together(found, group, request.POST.get("verdict", ""), note, request.user)
                messages.success(request, _said(moved, lang))
        except Problem as told:
            problem = told
        else:
            return go(request, "iot_alarm", hall.pk, found.pk)
    context = {
        "hall": hall,
        "machine": found.machine,
        "alarm": found,
        "shown": alarm_page.shown(found, lang),
        "problem": problem,
        "letters": actions.MOST_LETTERS,
    }
    return unlisted(render(request, "iot/alarm.html", context, status=problem.http_status if problem else 200))


def _said(moved: Moved | None, lang: Lang) -> str:
    """Return what a word on an alarm did to the limit."""
    if moved is None or abs(moved.after - moved.before) < 0.005:
        return _("Gemerkt. Die Grenze bleibt, wo sie ist.") if moved else _("Gemerkt.")
    percent = figure(abs(moved.after / moved.before - 1) * 100, lang)
    if moved.after > moved.before:
        return _("Gemerkt. Die Grenze liegt jetzt %(n)s %% höher: So etwas meldet der Wächter nicht mehr.") % {
            "n": percent
        }
    return _("Gemerkt. Die Grenze liegt jetzt %(n)s %% tiefer: So etwas meldet der Wächter früher.") % {"n": percent}


@require_http_methods(["GET", "HEAD", "POST"])
def tell(request: HttpRequest, key: str) -> HttpResponse:
    """Show and set who gets a hall's alarms."""
    hall, lang = hall_of(request, key), lang_of(request)
    form, web = AddressForm(), WebhookForm(initial={"webhook": hall.webhook})
    problem: Problem | None = None
    if request.method == "POST":
        do = request.POST.get("do", "")
        try:
            if do == "remove":
                receiving.remove_address(hall, request.POST.get("id", "")[:12], request.user)
                messages.success(request, _("Diese Adresse bekommt keine Alarme mehr."))
                return go(request, "iot_tell", hall.pk)
            if do == "webhook":
                web = WebhookForm(request.POST)
                if web.is_valid():
                    receiving.set_webhook(hall, web.cleaned_data["webhook"], request.user)
                    messages.success(request, _("Gemerkt."))
                    return go(request, "iot_tell", hall.pk)
            else:
                form = AddressForm(request.POST)
                if form.is_valid():
                    given = form.cleaned_data
                    linked = receiving.add_address(
                        hall, given["mail"], after=given["after"], hours=given["hours"], lang=lang, user=request.user
                    )
                    messages.success(
                        request,
                        _(
                            "Wir haben einen Link an diese Adresse geschickt. Erst nach der Bestätigung gehen Alarme dorthin."
                        )
                        if linked
                        else _("Gemerkt. Die Adresse ist schon bestätigt, es kommt kein neuer Link."),
                    )
                    return go(request, "iot_tell", hall.pk)
        except Problem as told:
            problem = told
    wrong = problem is not None or form.errors or web.errors
    receivers = told_queries.receivers(hall)
    context: dict[str, Any] = {
        "hall": hall,
        "form": form,
        "web": web,
        "problem": problem,
        "sandbox": not hall.company,
        "receivers": receivers,
        "nobody": bool(receivers) and not hall.webhook and not any(one.told for one in receivers),
        "failed": told_queries.failed(hall, lang) if hall.webhook else None,
        "non_field": NON_FIELD_ERRORS,
    }
    status = problem.http_status if problem else 422 if wrong else 200
    return unlisted(render(request, "iot/tell.html", context, status=status))


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether alarms shall come to the address a link was sent to; POST says yes."""
    lang = lang_of(request)
    if request.method == "POST":
        hall = receiving.confirm(token)
        with override(lang):
            return unlisted(render(request, "iot/confirmed.html", {"hall": hall, "done": True}))
    hall, address = receiving.asked(token)
    return unlisted(render(request, "iot/confirmed.html", {"hall": hall, "address": address}))
