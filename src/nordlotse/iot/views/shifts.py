"""The shift calendar of a hall in two or three clicks: a usual week, breaks, public holidays, closed days; and planned stops."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import ChoiceField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import Problem
from nordlotse.iot.actions import shifts as actions
from nordlotse.iot.actions import stops
from nordlotse.iot.core.periods import day_clock
from nordlotse.iot.core.states.plans import PATTERNS, calendar_read
from nordlotse.iot.core.states.reasons import shipped_reasons
from nordlotse.iot.core.states.shifts import Shift
from nordlotse.iot.core.states.values import State
from nordlotse.iot.forms.work import Moment, PlannedForm, ShiftsForm, calendar_of, pattern_shifts, read_shifts
from nordlotse.iot.models import Hall, Machine, Stop
from nordlotse.iot.queries.oee import shift_name, zone_of
from nordlotse.iot.queries.stops import name_of
from nordlotse.iot.views.page import go, hall_of, lang_of, unlisted

#: Rows for shifts, breaks of each, planned stops shown.
_ROWS, _BREAKS, _PLANNED = 5, 2, 20


@require_http_methods(["GET", "HEAD", "POST"])
def shifts(request: HttpRequest, key: str) -> HttpResponse:
    """The calendar. POST `pattern` takes a usual week, `save` own shifts, `none` takes it back, `plan` a planned stop, `unplan` takes one back."""
    hall, lang = hall_of(request, key), lang_of(request)
    do = request.POST.get("do", "") if request.method == "POST" else ""
    form = ShiftsForm(request.POST if do in ("save", "pattern") else None, initial=_initial(hall))
    planned = _planned_form(request, hall, do == "plan", lang)
    wrong = ""
    if request.method == "POST":
        done, wrong = _done(request, hall, do, form, planned)
        if done:
            messages.success(request, done)
            return go(request, "iot_shifts", key)
    context = {
        "hall": hall,
        "here": "shifts",
        "form": form,
        "planned_form": planned,
        "wrong": wrong,
        "patterns": [(one.id, one.name.get(lang)) for one in PATTERNS.values()],
        "set": bool(hall.shifts.get("shifts")),
        "week": _week(calendar_read(hall.shifts).shifts, lang) if hall.shifts.get("shifts") else [],
        "rows": _rows(request if do == "save" and wrong else None, hall, lang),
        "weekdays": _weekdays(),
        "planned": _planned(hall, lang),
        "machine": hall.machines.order_by("pk").first(),
    }
    return unlisted(render(request, "iot/shifts.html", context, status=422 if request.method == "POST" else 200))


def _done(request: HttpRequest, hall: Hall, do: str, form: ShiftsForm, planned: PlannedForm) -> tuple[str, str]:
    """Do what a form says; return what to say about it and what was wrong, one of them ""."""
    done = ""
    try:
        if do == "none":
            actions.put(hall, None, request.user)
            done = _("Kein Schichtplan mehr: Jeder Tag zählt von 0 bis 24 Uhr.")
        elif do in ("save", "pattern") and form.is_valid():
            chosen = pattern_shifts(request.POST.get("pattern", "")) if do == "pattern" else read_shifts(request.POST)
            if not chosen:
                return "", _("Bitte tragen Sie mindestens eine Schicht ein.")
            calendar = calendar_of(chosen, form.cleaned_data["state"], form.cleaned_data["closed"])
            actions.put(hall, calendar, request.user)
            done = _("Schichtplan gespeichert; die Auswertung wird nachgerechnet.")
        elif do == "plan" and planned.is_valid():
            given = planned.cleaned_data
            for machine in _machines(hall, given["machine"]):
                stops.plan(machine, given["begin"], given["end"], given["reason"], request.user)
            done = _("Geplanter Stillstand gespeichert.")
        elif do == "unplan":
            for machine in hall.machines.filter(pk=_number(request.POST.get("machine", ""))):
                stops.take_back(machine, _number(request.POST.get("begin", "")), request.user)
            done = _("Geplanter Stillstand zurückgenommen.")
    except ValidationError as error:
        return "", " ".join(error.messages)
    except Problem as problem:
        lang = lang_of(request)
        return "", f"{problem.message(lang)} {problem.remedy_in(lang)}".strip()
    return done, "" if done else _("Bitte sehen Sie die Angaben noch einmal durch.")


def _planned_form(request: HttpRequest, hall: Hall, bound: bool, lang: Lang) -> PlannedForm:
    form = PlannedForm(request.POST if bound else None)
    machine, reason = form.fields["machine"], form.fields["reason"]
    if isinstance(machine, ChoiceField) and isinstance(reason, ChoiceField):
        machine.choices = [
            ("", _("alle Maschinen")),
            *((str(m.pk), m.title or m.name) for m in hall.machines.order_by("pk")),
        ]
        planned = (one for one in shipped_reasons().values() if one.state is State.PLANNED_STOP)
        reason.choices = [(one.id, one.name.get(lang)) for one in planned]
    for field in (form.fields["begin"], form.fields["end"]):
        if isinstance(field, Moment):
            field.zone = zone_of(hall)
    return form


def _machines(hall: Hall, chosen: str) -> list[Machine]:
    found = hall.machines.select_related("hall")
    return list(found.filter(pk=_number(chosen)) if chosen else found)


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 19 else 0


def _initial(hall: Hall) -> dict[str, str]:
    kept = hall.shifts
    state = kept.get("state", "SH")
    return {
        "state": "-" if state is None else state,
        "closed": "\n".join(_runs([date.fromisoformat(d) for d in kept.get("closed", ())])),
    }


def _runs(days: Sequence[date]) -> list[str]:
    """Days as lines, neighbours as one stretch."""
    lines: list[tuple[date, date]] = []
    for day in sorted(days):
        if lines and day - lines[-1][1] == timedelta(days=1):
            lines[-1] = (lines[-1][0], day)
        else:
            lines.append((day, day))
    return [_written(a) if a == b else f"{_written(a)}–{_written(b)}" for a, b in lines]


def _written(day: date) -> str:
    return f"{day.day}.{day.month}.{day.year}"


def _weekdays() -> list[str]:
    return [_("Mo"), _("Di"), _("Mi"), _("Do"), _("Fr"), _("Sa"), _("So")]


def _week(chosen: Sequence[Shift], lang: Lang) -> list[str]:
    """Each shift as a sentence."""
    days = _weekdays()
    told = []
    for one in chosen:
        run = one.weekdays
        together = len(run) > 2 and run == tuple(range(run[0], run[-1] + 1))
        when = f"{days[run[0]]}–{days[run[-1]]}" if together else ", ".join(days[d] for d in run)
        breaks = ", ".join(f"{a:%H:%M}–{b:%H:%M}" for a, b in one.breaks)
        told.append(
            f"{shift_name(one.name, lang)}: {when}, {one.begin:%H:%M}–{one.end:%H:%M}"
            + (f" ({_('Pausen')} {breaks})" if breaks else "")
        )
    return told


def _rows(request: HttpRequest | None, hall: Hall, lang: Lang) -> list[dict[str, Any]]:
    """The rows of the form: as typed, else as they are kept, with empty ones behind."""
    kept = calendar_read(hall.shifts).shifts if hall.shifts.get("shifts") else ()
    rows = []
    for at in range(max(_ROWS, len(kept))):
        one = kept[at] if at < len(kept) else None
        row: dict[str, Any] = {
            "at": at,
            "name": one.name if one else "",
            "begin": f"{one.begin:%H:%M}" if one else "",
            "end": f"{one.end:%H:%M}" if one else "",
            "days": list(one.weekdays) if one else [],
            "breaks": [(f"{a:%H:%M}", f"{b:%H:%M}") for a, b in one.breaks] if one else [],
        }
        if request is not None:
            given = request.POST
            row |= {name: given.get(f"{name}-{at}", "") for name in ("name", "begin", "end")}
            row["days"] = [int(d) for d in given.getlist(f"days-{at}") if d in tuple("0123456")]
            row["breaks"] = [
                (given.get(f"break-{at}-{n}-from", ""), given.get(f"break-{at}-{n}-to", "")) for n in range(3)
            ]
        row["days"] = [(n, word, n in row["days"]) for n, word in enumerate(_weekdays())]
        row["breaks"] = [
            (n, *(row["breaks"][n] if n < len(row["breaks"]) else ("", "")))
            for n in range(max(_BREAKS, len(row["breaks"])))
        ]
        row["open"] = at == 0 or bool(row["begin"])
        rows.append(row)
    return rows


def _planned(hall: Hall, lang: Lang) -> list[dict[str, Any]]:
    zone = zone_of(hall)
    rows = Stop.objects.filter(machine__hall=hall, state=State.PLANNED_STOP.value).exclude(end=0)
    return [
        {
            "machine": one.machine,
            "begin": one.begin,
            "from": day_clock(one.begin, zone).get(lang),
            "to": day_clock(one.end, zone).get(lang),
            "reason": name_of(one.reason, lang),
        }
        for one in rows.select_related("machine").order_by("-begin", "machine_id")[:_PLANNED]
    ]
