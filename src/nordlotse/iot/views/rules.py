"""The alarm rules of a machine: making, changing, trying on the past, switching and deleting them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from nordlotse.foundation.problem import Problem
from nordlotse.iot.actions import rules as rule_actions
from nordlotse.iot.forms.alarms import RuleForm, initial_of
from nordlotse.iot.models import Hall, Machine
from nordlotse.iot.queries import rules as queries
from nordlotse.iot.queries.already import already
from nordlotse.iot.queries.live import titled
from nordlotse.iot.queries.watching import signals as signal_names
from nordlotse.iot.views.page import go, lang_of, machine_of, unlisted


@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Show a machine's rules; make, change, try on the past, switch and delete one."""
    machine, lang = machine_of(request, key, number), lang_of(request)
    signals = [(name, titled(machine, name)[0]) for name in signal_names(machine)]
    typed = request.POST.get("id", "") or request.GET.get("id", "")
    chosen = int(typed) if typed.isdecimal() and len(typed) < 18 else None
    do = request.POST.get("do", "") if request.method == "POST" else ""
    problem: Problem | None = None
    form = RuleForm(signals, initial=_initial(machine, chosen, request.GET.get("s", "")))
    preview: queries.Preview | None = None
    if request.method == "POST":
        try:
            if do in ("on", "off", "delete") and chosen is not None:
                if do == "delete":
                    rule_actions.remove(machine, chosen, request.user)
                else:
                    rule_actions.switch(machine, chosen, do == "on", request.user)
                return go(request, "iot_rules", key, number)
            given = request.POST.copy()
            if do == "steady":
                given["hysteresis"] = given.get("steady", "")
            form = RuleForm(signals, given)
            if form.is_valid():
                signal, plain = form.cleaned_data["signal"], form.plain()
                if do == "save":
                    kept = rule_actions.put(machine, signal, plain, chosen, request.user)
                    messages.success(request, _("Regel gespeichert. Sie gilt ab jetzt."))
                    more = f"?id={kept.pk}#regel" if already(kept, lang) else ""
                    return go(request, "iot_rules", key, number, more=more)
                preview = queries.preview(machine, signal, plain, lang)
        except Problem as told:
            problem = told
    hall: Hall = machine.hall
    context = {
        "hall": hall,
        "machine": machine,
        "rules": queries.rules(machine, lang),
        "form": form,
        "chosen": chosen,
        "already": already(rule_actions.get(machine, chosen), lang) if chosen is not None and not do else "",
        "preview": preview,
        "problem": problem,
        "signals": signals,
        "open": bool(chosen or preview or problem or form.errors or request.GET.get("s")),
    }
    wrong = bool(request.method == "POST" and form.errors)
    return unlisted(
        render(request, "iot/rules.html", context, status=problem.http_status if problem else 422 if wrong else 200)
    )


def _initial(machine: Machine, chosen: int | None, signal: str) -> dict[str, Any]:
    """Return what stands in the form: the rule to change, or limits proposed from the signal's past."""
    if chosen is not None:
        kept = rule_actions.get(machine, chosen)
        return initial_of(kept.signal, kept.rule)
    if signal:
        found = queries.proposal(queries.past(machine, signal))
        if found is not None:
            plain = {
                "kind": "outside",
                "high": found.high,
                "low": found.low,
                "hysteresis": found.hysteresis,
                "delay": 30,
            }
            return initial_of(signal, plain)
        return {"signal": signal}
    return {}
