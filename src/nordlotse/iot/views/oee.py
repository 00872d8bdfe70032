"""How much of its time a machine was of use: plain words, key figures, losses, trend; and all machines of a hall."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import Problem
from nordlotse.iot.actions import states as actions
from nordlotse.iot.core.measures import NO_REASON, loss_name, measure_for
from nordlotse.iot.core.measures import valuable as worth
from nordlotse.iot.core.oee.advice import advice
from nordlotse.iot.core.oee.catalogue import catalogue
from nordlotse.iot.core.oee.written import duration, number, percent
from nordlotse.iot.core.periods import short_day
from nordlotse.iot.core.work_told import about, factors, shown, shown_at_most
from nordlotse.iot.forms.numbers import shown as typed
from nordlotse.iot.forms.work import RateForm
from nordlotse.iot.queries import oee as queries
from nordlotse.iot.queries import use_shown
from nordlotse.iot.queries.oee import Use
from nordlotse.iot.queries.report_words import compared
from nordlotse.iot.views import underway
from nordlotse.iot.views.page import go, hall_of, lang_of, machine_of, unlisted
from nordlotse.iot.views.pauses import asked
from nordlotse.iot.views.working import day_in, fresh, fresh_all, periods


@require_http_methods(["GET", "HEAD", "POST"])
def oee(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The use of a machine over a period. POST keeps what an hour of standstill costs."""
    machine, lang = machine_of(request, key, number), lang_of(request)
    form = RateForm(
        request.POST if request.method == "POST" else None, initial={"rate": typed(machine.euros_per_hour, 2, lang)}
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.put_rate(machine, form.cleaned_data["rate"], request.user)
        except Problem as problem:
            form.add_error("rate", problem.message(lang))
        else:
            messages.success(request, _("Gemerkt. Verluste stehen jetzt auch in Euro da."))
            return go(request, "iot_oee", key, number, more=_query(request))
    now = fresh(machine)
    wanted = queries.chosen(machine, request.GET.get("zeit", "woche"), day_in(request), now)
    context: dict[str, Any] = {
        "hall": machine.hall,
        "machine": machine,
        "here": "oee",
        "periods": periods(wanted.id, lang),
        "words": wanted.words.get(lang),
        "older": wanted.before.isoformat(),
        "newer": wanted.after.isoformat() if wanted.end <= now else "",
        "form": form,
        "pausing": asked([machine], lang, named=False),
    }
    half = None if form.errors else underway.unfinished(request, [machine], wanted, now)
    if half is not None:
        return underway.page(request, half, "iot/oee.html", {**context, "asked": False})
    provisional = underway.provisional(request, [machine], wanted, now)
    found = queries.use(machine, wanted)
    context |= {"use": found, "waiting": provisional, **_told(found, lang, provisional)}
    answer = underway.done(request)
    return answer or unlisted(render(request, "iot/oee.html", context, status=422 if form.errors else 200))


@require_safe
def hall(request: HttpRequest, key: str) -> HttpResponse:
    """The use of all machines of a hall."""
    found, lang = hall_of(request, key), lang_of(request)
    machines = list(found.machines.select_related("hall"))
    now = fresh_all(machines)
    id_ = request.GET.get("zeit", "woche")
    wanted = queries.chosen(machines[0], id_, day_in(request), now) if machines else None
    context: dict[str, Any] = {
        "hall": found,
        "here": "oee",
        "periods": periods(wanted.id if wanted else "woche", lang),
        "pausing": asked(machines, lang, named=True),
    }
    half = underway.unfinished(request, machines, wanted, now) if wanted else None
    if half is not None:
        return underway.page(request, half, "iot/oee_hall.html", context)
    context |= {
        "waiting": wanted is not None and underway.provisional(request, machines, wanted, now),
        "rows": [_row(used, lang) for used in queries.hall_use(found, id_, day_in(request))],
    }
    return underway.done(request) or unlisted(render(request, "iot/oee_hall.html", context))


def _told(used: Use, lang: Lang, provisional: bool = False) -> dict[str, Any]:
    found = used.found
    if found is None:
        return {"next": used.next, "asked": used.next == "rate"}
    name = used.machine.title or used.machine.name
    columns = use_shown.trend_columns(used, lang)
    valuable = worth(found, 2)
    before = queries.before(used.machine, used.period)
    weeks = queries.by_week(used.machine)
    # a week whose shifts are still being worked out moves: no number of it is told
    moving = queries.weeks_moving(used.machine) if len(weeks) > 1 else frozenset()
    return {
        "sentences": [text.get(lang) for text in used.sentences],
        "next": used.next,
        "counter": used.counter,
        "asked": used.machine.euros_per_hour is None,
        "oee": shown_at_most(used.oee, used.scrap_known).get(lang),
        "factors": [
            {"name": catalogue().figures[id_].name.get(lang), "asks": asks.get(lang), "value": shown(value).get(lang), "says": says.get(lang)}
            for id_, asks, value, says in factors(found, used.scrap_known, used.partly, used.counter)
        ],
        "figures": use_shown.figures(found, lang, used.scrap_known),
        "elements": use_shown.elements(found, lang),
        "source": catalogue().source,
        "publisher": catalogue().publisher.get(lang),
        "licence": catalogue().licence,
        **_account(used, name, lang),
        "open_stops": used.open_stops,
        "flags": [flag for flag in _flags(used, lang) if flag["do"]],
        "notes": [flag["text"] for flag in _flags(used, lang) if not flag["do"]],
        "compared": "" if provisional or used.oee is None or before is None else compared("OEE", used.oee - before, used.period, lang),
        "trend_pictures": use_shown.trend_pictures(columns, _("OEE im Verlauf: %(name)s") % {"name": name}, _("nachgerechnet")),
        "shifts": [_shift(one, lang, used.scrap_known) for one in used.shifts],
        "weeks": [
            {"day": short_day(day).get(lang), "oee": shown(week.value("oee")).get(lang), "availability": shown(week.value("availability")).get(lang), "revised": revised, "open": day in moving}
            for day, week, revised in weeks
        ],
        "unknown": duration(Fraction(used.unknown)).get(lang) if used.unknown >= queries.LEAST_UNKNOWN else "",
        "measure": _measure(valuable[0], lang) if valuable else None,
        # the second-largest loss is told in the advice too where it only needs a reason
        "unnamed": duration(valuable[1].seconds).get(lang) if len(valuable) > 1 and valuable[1].reason == NO_REASON else "",
    }  # fmt: skip


def _flags(used: Use, lang: Lang) -> list[dict[str, Any]]:
    filed = any(f.flag.code == "no_data" for f in used.flags) and queries.from_file(used.machine)
    told = [(f, advice(f.flag, filed, used.breaks)) for f in used.flags]
    return [
        {"text": a.seen.get(lang), "do": a.do.get(lang), "severity": f.flag.severity, "count": f.count} for f, a in told
    ]


def _account(used: Use, name: str, lang: Lang) -> dict[str, Any]:
    """Where the planned time went: one list for table and picture, with the sums the sentences name."""
    kept = used.account
    if kept is None:
        return {}

    def row(words: str, seconds: Fraction, count: int | None = None, priced: bool = True) -> dict[str, Any]:
        cost = kept.euros(seconds) if priced else None
        return {
            "name": words[:1].upper() + words[1:],
            "count": "" if count is None else count,
            "time": duration(seconds).get(lang),
            "share": percent(seconds / kept.planned).get(lang) if kept.planned else "–",
            "euros": "" if cost is None else about(cost).get(lang),
        }

    sums = [row(_("Stillstand zusammen"), kept.stood)]
    if kept.lost != kept.stood:
        sums.append(row(_("Alle Verluste, mit Tempo und Ausschuss"), kept.lost))
    if kept.good is not None:
        sums.append(row(queries.GOOD.get(lang), kept.good, priced=False))
    losses = [row(loss_name(line.loss).get(lang), line.loss.seconds, line.count) for line in kept.lines]
    return {
        "losses": losses,
        "tables": [losses, [*sums, row(catalogue().elements["PBT"].name.get(lang), kept.planned, priced=False)]],
        "waterfall": use_shown.account_pictures(
            kept, _("Wohin die geplante Zeit ging: %(name)s") % {"name": name}, lang
        ),
    }


def _shift(one: queries.Kept, lang: Lang, scrap: bool) -> dict[str, Any]:
    why = {
        "values": _("späte Messwerte"), "limits": _("andere Grenzen"), "stops": _("Gründe von Stillständen"),
        "orders": _("Aufträge oder Teile"), "plan": _("anderer Schichtplan"),
    }  # fmt: skip
    e = one.found.elements
    return {
        "day": short_day(one.day).get(lang),
        "name": queries.shift_name(one.name, lang),
        "oee": shown(one.found.value("oee")).get(lang),
        "availability": shown(one.found.value("availability")).get(lang),
        "effectiveness": shown(one.found.value("effectiveness")).get(lang),
        "quality": shown(one.found.value("quality") if scrap else None).get(lang),
        "stood": duration(e["ADET"]).get(lang) if "ADET" in e else "–",
        "parts": number(e["PQ"], 0).get(lang) if "PQ" in e else "–",
        "revised": ", ".join(why[w] for w in one.row.why if w in why) if one.revised else "",
        "open": not one.row.settled,
    }


def _measure(loss: Any, lang: Lang) -> dict[str, str]:
    made = measure_for(loss)
    return {
        "name": loss_name(loss).get(lang),
        "time": duration(loss.seconds).get(lang),
        "first": made.first.get(lang),
        "then": made.then.get(lang),
        "basis": made.basis.get(lang),
    }


def _row(used: Use, lang: Lang) -> dict[str, Any]:
    found = used.found
    stood = queries.stood(used)
    rate = found.given.cost_per_hour if found else None
    return {
        "machine": used.machine,
        "words": used.period.words.get(lang) if found else "",
        "sentence": used.sentences[0].get(lang) if used.sentences else "",
        "oee": shown_at_most(used.oee, used.scrap_known).get(lang),
        "availability": shown(found.value("availability") if found else None).get(lang),
        "stood": duration(stood).get(lang) if found else "–",
        "euros": about(stood * rate / 3600).get(lang) if rate is not None else "",
    }


def _query(request: HttpRequest) -> str:
    chosen = request.GET.urlencode()
    return f"?{chosen}" if chosen else ""
