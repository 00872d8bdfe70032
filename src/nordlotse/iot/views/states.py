"""How a machine's states are told: what was found, its limits on a picture, a day in colours; corrections with a look ahead before they count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.problem import BadInput, Problem
from nordlotse.iot.actions import states as actions
from nordlotse.iot.core.drawing.strip import levels, strip
from nordlotse.iot.core.drawing.svg import Size, state_box
from nordlotse.iot.core.oee.written import duration, percent
from nordlotse.iot.core.periods import clock
from nordlotse.iot.core.spreadsheet import MARK, line
from nordlotse.iot.core.states.pausing import ANSWERS, Pauses
from nordlotse.iot.core.states.values import SECOND, Span, State
from nordlotse.iot.core.states.ways import Way, corrected, histogram, told_states
from nordlotse.iot.forms.numbers import shown as plain_number
from nordlotse.iot.forms.work import LimitsForm
from nordlotse.iot.models import Machine
from nordlotse.iot.queries import states as queries
from nordlotse.iot.queries.live import titled
from nordlotse.iot.queries.observing import Observer
from nordlotse.iot.queries.oee import zone_of
from nordlotse.iot.queries.stops import name_of
from nordlotse.iot.views.export import handed
from nordlotse.iot.views.page import go, lang_of, machine_of, unlisted
from nordlotse.iot.views.working import day_in, fresh

_SIZES: tuple[Size, ...] = ("narrow", "wide")
#: The table of a day shows so many stretches, the longest; its file has all.
_MOST = 40
_FLAGS = {
    "too_short": Text("Die Grenzen stammen aus weniger als einer Stunde an Werten. Sie werden von selbst genauer.", "The limits come from less than an hour of values. They become better by themselves."),
    "one_level": Text("So gemittelt zeigt das Signal bisher nur einen Zustand. Sobald es einen weiteren zeigt, werden die Grenzen neu gesucht.", "Averaged like this the signal shows one state only so far. As soon as it shows another one, the limits are looked for again."),
    "no_idle": Text("„Steht bereit“ war bisher nicht zu sehen.", "“Idle” was not seen so far."),
    "no_off": Text("„Aus“ war bisher nicht zu sehen.", "“Off” was not seen so far."),
}  # fmt: skip
#: What the pauses of a cycle show after all: while they are asked about, these are not said.
_IN_PAUSES = frozenset({"one_level", "no_idle"})


@require_http_methods(["GET", "HEAD", "POST"])
def states(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The states of a machine. POST `look` shows a change before it counts, `keep` lets it count, `forget` finds anew; `answer` says what pauses are."""
    machine, lang = machine_of(request, key, number), lang_of(request)
    now = fresh(machine)
    way, do = queries.way_of(machine), request.POST.get("do", "")
    form = LimitsForm(request.POST if do in ("look", "keep") else None, initial=_limits(way, lang))
    if way is not None and way.pauses:
        form.fields["pauses"].choices = form.fields["pauses"].choices[1:]  # type: ignore[attr-defined] # a field of choices
    candidate: Way | None = None
    if do == "answer":
        try:
            actions.answer(machine, _said(request.POST.get("pauses", "")), now, request.user)
        except Problem as problem:
            messages.error(request, problem.message(lang))
        else:
            messages.success(request, _("Gemerkt; die Schichten werden nachgerechnet."))
        return go(request, "iot_states", key, number)
    if do == "forget":
        actions.forget(machine, request.user)
        actions.find(machine, now)
        messages.success(request, _("Die Zustände werden neu gesucht."))
        return go(request, "iot_states", key, number)
    if form.is_bound and form.is_valid():
        try:
            candidate = _candidate(machine, way, request.POST.get("signal", ""), form, now)
        except Problem as problem:
            form.add_error(None, problem.message(lang))
        if do == "keep" and candidate is not None:
            try:
                actions.keep(machine, candidate, request.user)
            except Problem as problem:
                messages.error(request, problem.message(lang))
            else:
                messages.success(request, _("Gilt ab jetzt; die Schichten werden nachgerechnet."))
            return go(request, "iot_states", key, number)
    context = {
        "hall": machine.hall,
        "machine": machine,
        "here": "oee",
        "way": way,
        "form": form,
        **_signals(machine, candidate or way, now),
        **(_way(machine, way, now, lang) if way else {}),
        **_day(request, machine, now, lang),
    }
    if candidate is not None:
        context |= {
            "candidate": candidate,
            "preview": _preview(machine, way, candidate, now, lang),
            "typed": request.POST,
        }
    return unlisted(render(request, "iot/states.html", context, status=422 if form.errors else 200))


@require_safe
def day(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """All stretches of a day (`?tag=`) as a CSV for a German spreadsheet."""
    machine = machine_of(request, key, number)
    now = fresh(machine)
    chosen, spans, _begin, _end = queries.day(machine, day_in(request, "tag"), zone_of(machine.hall), now)
    table = MARK + "".join(line(row) for row in queries.day_rows(spans))
    return handed(table.encode(), f"{machine.name}.zustaende-{chosen.isoformat()}.csv", "text/csv; charset=utf-8")


def _candidate(machine: Machine, way: Way | None, signal: str, form: LimitsForm, now: int) -> Way | None:
    chosen = way
    if way is None or (signal and signal != way.signal):
        chosen = queries.proposal(machine, now, signal)
    run, off = form.cleaned_data["run"], form.cleaned_data["off"]
    if chosen is None:
        raise BadInput(
            "iot_no_states",
            de="In diesem Signal ist noch nichts zu sehen.",
            en="Nothing can be seen in this signal yet.",
            where="signal",
        )
    before = chosen.limits
    typed = any(value is not None for value in (run, off)) and chosen.kind != "counter"
    same = chosen is way and all(
        (value is None) == (limit is None)
        and (value is None or limit is None or abs(value - limit.enter) <= abs(limit.enter) * 0.006)
        for value, limit in zip((run, off), before, strict=True)
    )
    # another signal has limits of its own: what stood in the fields belongs to the old one
    made = corrected(chosen, run, off) if typed and not same and chosen is way else chosen
    # a page shown before the question was answered sends none: that takes no answer back
    pauses = _said(form.cleaned_data["pauses"]) or chosen.pauses
    if chosen is way and chosen.rhythm is not None and pauses != chosen.pauses:
        made = queries.with_pauses(machine, made, pauses, now)
    return replace(made, on_change=form.cleaned_data["on_change"])


def _said(typed: str) -> Pauses:
    return next((one for one in ANSWERS if one == typed), "")


def _doubts(way: Way) -> list[Text]:
    """Return what is not sure about how states were found; not what the question about pauses tells better."""
    flags = () if way.levels is None else way.levels.flags
    return [_FLAGS[flag] for flag in flags if flag in _FLAGS and not (way.asks and flag in _IN_PAUSES)]


def _pauses(way: Way, lang: Lang) -> dict[str, Any]:
    """The question about pauses within a cycle, or what was said of them; empty where there is none."""
    rhythm = way.rhythm
    if rhythm is None:
        return {}
    said = {"work": rhythm.said_work, "stop": rhythm.said_stop}.get(way.pauses)
    return {
        "rhythm": rhythm.seen.get(lang),
        "shares": rhythm.shares.get(lang),
        "pauses_said": said.get(lang) if said is not None else "",
    }


def _limits(way: Way | None, lang: Lang) -> dict[str, Any]:
    if way is None:
        return {}
    run, off = way.limits
    shown = {"run": run, "off": off}
    typed = {name: plain_number(float(f"{c.enter:.4g}"), 9, lang) for name, c in shown.items() if c is not None}
    return typed | ({"on_change": True} if way.on_change else {}) | {"pauses": way.pauses}


def _signals(machine: Machine, way: Way | None, now: int) -> dict[str, Any]:
    names = Observer(machine, now).names
    return {"signals": [(name, titled(machine, name)[0], way is not None and way.signal == name) for name in names]}


def _way(machine: Machine, way: Way, now: int, lang: Lang) -> dict[str, Any]:
    observer = Observer(machine, now)
    unit = observer.unit(way.signal)
    told = told_states(way)
    context: dict[str, Any] = {
        "method": way.method.get(lang),
        "unit": unit,
        "signal_title": titled(machine, way.signal, lang)[0],
        "told_states": [{"state": state.value, "name": state.label.get(lang), "from": f"{text.get(lang)} {unit}".strip(), "key": _key(state)} for state, text in told],
        "doubts": [one.get(lang) for one in _doubts(way)],
        **_pauses(way, lang),
    }  # fmt: skip
    if way.undecided:
        context |= _so_far(queries.progress(machine, way, now), lang)
    if way.kind != "counter":
        hills = histogram(observer.signal(way.signal, observer.newest - 86_400 * SECOND, observer.newest + 1))
        run, off = way.limits
        limits = [(c.enter, name) for c, name in ((run, _("läuft ab")), (off, _("aus unter"))) if c is not None]
        name = _("Wie oft welcher Wert vorkommt, mit den Grenzen zwischen den Zuständen")
        context["levels"] = [levels(hills, limits, unit, name, lang, size) for size in _SIZES]
    return context


def _so_far(found: queries.Progress, lang: Lang) -> dict[str, Any]:
    """How much there is of what finding the states takes."""
    there, first, surely = (
        duration(Fraction(one, SECOND)).get(lang) for one in (found.there, found.first, found.surely)
    )
    return {
        "there": there,
        "values": found.values,
        "first_look": first,
        "surely": surely,
        "one_state": found.there >= found.first,
        "due": found.due,
    }


def _day(request: HttpRequest, machine: Machine, now: int, lang: Lang) -> dict[str, Any]:
    zone = zone_of(machine.hall)
    day, spans, begin, end = queries.day(machine, day_in(request, "tag"), zone, now)
    lengths = queries.lengths(spans)
    return {
        "day": day,
        "day_before": (day - timedelta(days=1)).isoformat(),
        "day_after": (day + timedelta(days=1)).isoformat() if end <= now else "",
        "strip": [strip(spans, begin, end, zone, _("Zustände des Tages"), size) for size in _SIZES],
        "lengths": _lengths(lengths, lang),
        "unknown": next((duration(Fraction(seconds)).get(lang) for state, seconds, _share in lengths if state is State.UNKNOWN and seconds >= 60), ""),
        "rows": _rows(spans, zone, lang),
        "stretches": len(spans),
        "tag": day.isoformat(),
    }  # fmt: skip


def _rows(spans: Sequence[Span], zone: str, lang: Lang) -> list[dict[str, str]]:
    """The longest stretches of a day in their order, so that the strip can be read as a table."""
    longest = sorted(spans, key=lambda s: -s.length)[:_MOST]
    return [
        {
            "from": clock(s.begin, zone),
            "to": clock(s.end, zone),
            "state": s.state.label.get(lang),
            "reason": name_of(s.reason, lang) if s.reason else "",
            "length": duration(Fraction(s.length, SECOND)).get(lang),
        }
        for s in sorted(longest)
    ]


def _preview(machine: Machine, way: Way | None, candidate: Way, now: int, lang: Lang) -> dict[str, Any]:
    observer = Observer(machine, now)
    zone, end = zone_of(machine.hall), observer.until
    spans = queries.preview(machine, candidate, now)
    before = {s: seconds for s, seconds, _ in queries.lengths(queries.preview(machine, way, now))} if way else {}
    after = {s: seconds for s, seconds, _ in queries.lengths(spans)}
    return {
        "strip": [strip(spans, end - 86_400 * SECOND, end, zone, _("Die 24 Stunden bis zum neuesten Wert mit der Änderung"), size) for size in _SIZES],
        "rows": [
            {"name": state.label.get(lang), "before": duration(Fraction(before.get(state, 0))).get(lang), "after": duration(Fraction(after.get(state, 0))).get(lang)}
            for state in State
            if state in before or state in after
        ],
    }  # fmt: skip


def _lengths(lengths: Sequence[tuple[State, int, float]], lang: Lang) -> list[dict[str, str]]:
    return [
        {"name": state.label.get(lang), "time": duration(Fraction(seconds)).get(lang), "share": percent(Fraction(share), 0).get(lang), "key": _key(state)}
        for state, seconds, share in lengths
    ]  # fmt: skip


def _key(state: State) -> str:
    return f'<svg class="work" viewBox="0 0 18 18" aria-hidden="true">{state_box(1, 1, 16, 16, state)}</svg>'
