"""The watch of a machine: what it watches, learning from a good period, its score over time."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import Problem
from nordlotse.iot.actions import watching as actions
from nordlotse.iot.core.drawing.scores import scores as drawn
from nordlotse.iot.core.drawing.svg import Size
from nordlotse.iot.core.showing import words
from nordlotse.iot.core.stores import micros
from nordlotse.iot.forms.alarms import PeriodForm
from nordlotse.iot.models import Alarm, Machine, Watch
from nordlotse.iot.queries import watching as queries
from nordlotse.iot.queries.alarm_page import peak_said
from nordlotse.iot.queries.live import titled
from nordlotse.iot.views.page import go, lang_of, machine_of, unlisted

HOUR, DAY = 3_600_000_000, 86_400_000_000
_STEPS = 144
_SIZES: tuple[Size, ...] = ("narrow", "wide")
#: Beyond so many signals the page asks for those that are not to be watched where they are fewer.
_TICKED = 150
#: Why a signal is not watched, in words.
_LEFT = {
    "text": gettext_lazy("kein Zahlenwert"),
    "rarely_changes": gettext_lazy("ändert sich kaum (Zähler, Zustand oder Einstellung)"),
    "counter": gettext_lazy("zählt nur"),
    "constant_in_training": gettext_lazy("immer gleich"),
    "missing_in_training": gettext_lazy("zu selten da"),
}


@require_http_methods(["GET", "HEAD", "POST"])
def watch(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Show a machine's watch; POST lets it learn, rest or watch again."""
    machine, lang = machine_of(request, key, number), lang_of(request)
    kept = Watch.objects.filter(machine=machine).first()
    form: PeriodForm | None = None
    problem: Problem | None = None
    if request.method == "POST":
        do = request.POST.get("do", "")
        try:
            if do in ("rest", "watch"):
                actions.switch(machine, do == "watch", request.user)
                messages.success(
                    request, _("Der Wächter passt wieder auf.") if do == "watch" else _("Der Wächter ruht.")
                )
                return go(request, "iot_watch", key, number)
            form = PeriodForm(request.POST)
            if form.is_valid():
                begin, end = form.stretch()
                actions.ask(machine, begin, end, _chosen(request, machine), request.user)
                return go(request, "iot_watch", key, number)
        except Problem as told:
            problem = told
    context = _watch_context(machine, kept, form, lang) | {"problem": problem}
    status = problem.http_status if problem else 422 if form is not None and form.errors else 200
    return unlisted(render(request, "iot/watch.html", context, status=status))


def _chosen(request: HttpRequest, machine: Machine) -> list[str]:
    """Return the signals a form chooses: those ticked, or where it asked for the others all but those."""
    ticked = request.POST.getlist("s")
    if request.POST.get("ohne") != "1":
        return ticked
    return [name for name in queries.signals(machine) if name not in set(ticked)] if ticked else []


def _watch_context(machine: Machine, kept: Watch | None, form: PeriodForm | None, lang: Lang) -> dict[str, Any]:
    learned = queries.learnt(kept)
    names = queries.signals(machine)
    proposal = queries.proposed(machine) if kept is None or not kept.ask else None
    if form is None:
        # the form holds what the sentence above it proposes; without a proposal what was learnt from last
        begin, end = (
            (proposal.begin, proposal.end) if proposal else (kept.good_from, kept.good_to) if kept else (None, None)
        )
        given = (
            {"begin": words.moment(begin).replace(tzinfo=None), "end": words.moment(end).replace(tzinfo=None)}
            if begin and end
            else {}
        )
        form = PeriodForm(initial=given)
    chosen = set(learned.model.sensors) if learned else set()
    # a form holds 200 fields: of very many signals it asks for those that are fewer
    without = len(names) > _TICKED and (not chosen or 2 * len(chosen) > len(names))
    context: dict[str, Any] = {
        "hall": machine.hall,
        "machine": machine,
        "watch": kept,
        "form": form,
        "proposal": proposal,
        "learning": bool(kept and kept.ask),
        "percent": round((kept.progress if kept else 0) * 100),
        "signals": [(name, titled(machine, name)[0], (name in chosen or not chosen) is not without) for name in names],
        "without": without,
        "stale": kept is not None and kept.learned_at is not None and learned is None,
        "said_problem": (kept.problem.get(lang), kept.problem.get(f"remedy_{lang}")) if kept and kept.problem else None,
    }
    if proposal:
        context["proposed_said"] = (words.clock(proposal.begin, lang, False), words.clock(proposal.end, lang, False))
    if kept is None or learned is None:
        return context
    since = kept.learned_at
    alarms = Alarm.objects.filter(machine=machine, rule=None, raised_at__gte=since) if since else Alarm.objects.none()
    context |= {
        "sensors": [titled(machine, name)[0] for name in learned.model.sensors],
        "left_out": [
            (titled(machine, one.column)[0], str(_LEFT.get(one.reason, one.reason))) for one in learned.left_out
        ],
        "at_work": (titled(machine, learned.at_work.signal), words.figure(learned.at_work.limit, lang))
        if learned.at_work
        else None,
        "good": (words.clock(kept.good_from or 0, lang, False), words.clock(kept.good_to or 0, lang, False)),
        "step": learned.grid.step // 1_000_000,
        "told": alarms.count(),
        "false": alarms.filter(verdict="false").count(),
        "limit": words.figure(kept.limit_factor * 100, lang),
        "moved": abs(kept.limit_factor - 1) > 0.005,
    }
    return context | _scores(machine, kept, lang)


def _scores(machine: Machine, kept: Watch, lang: Lang) -> dict[str, Any]:
    """Return the pictures of the last day's scores, the same in a sentence and as a table."""
    end = micros() // 600_000_000 * 600_000_000 + 600_000_000
    begin = end - DAY
    found = [None if one is None else one / kept.limit_factor for _, one in queries.scores(machine, begin, end, _STEPS)]
    seen = [one for one in found if one is not None]
    table = []
    for place in range(0, _STEPS, 12):
        there = [one for one in found[place : place + 12] if one is not None]
        if there:
            at = begin + DAY * place // _STEPS
            table.append((words.clock(at, lang, False), peak_said(max(there), 1, lang)))
    name = _("Wie auffällig die Maschine in den letzten 24 Stunden war")
    ends = (words.clock(begin, lang, False), words.clock(end, lang, False))
    return {
        "pictures": [drawn(found, *ends, _("Grenze"), name, size) for size in _SIZES] if seen else [],
        "highest": peak_said(max(seen), 1, lang) if seen else "",
        "over": sum(one > 1 for one in seen),
        "table": table,
    }
