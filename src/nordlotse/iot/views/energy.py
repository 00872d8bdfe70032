"""What a machine, or all of a hall, took: by state, day and part, base load, cost and CO₂."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nordlotse.foundation.language import Lang
from nordlotse.iot.actions import shifts as actions
from nordlotse.iot.core.drawing.svg import state_box
from nordlotse.iot.core.energy import factors
from nordlotse.iot.core.measures import OWN
from nordlotse.iot.core.oee.written import duration, number, percent
from nordlotse.iot.core.periods import short_day
from nordlotse.iot.core.states.values import State
from nordlotse.iot.forms.numbers import shown
from nordlotse.iot.forms.work import PriceForm
from nordlotse.iot.queries import energy as queries
from nordlotse.iot.queries import oee
from nordlotse.iot.queries.energy import Used
from nordlotse.iot.views.page import go, hall_of, lang_of, machine_of, unlisted
from nordlotse.iot.views.working import day_in, fresh, fresh_all, periods


@require_http_methods(["GET", "HEAD", "POST"])
def energy(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The energy of a machine over a period. POST keeps the hall's price."""
    machine, lang = machine_of(request, key, number), lang_of(request)
    price = machine.hall.price_kwh
    form = PriceForm(
        request.POST if request.method == "POST" else None,
        initial={"price": shown(price, 4, lang)},
    )
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data["price"]
        actions.put_price(machine.hall, None if typed is None else Decimal(str(round(typed, 4))), request.user)
        messages.success(request, _("Gemerkt."))
        return go(request, "iot_energy", key, number)
    now = fresh(machine)
    wanted = oee.chosen(machine, request.GET.get("zeit", "woche"), day_in(request), now)
    found = queries.used(machine, wanted, now)
    context = {
        "hall": machine.hall,
        "machine": machine,
        "here": "energy",
        "form": form,
        "periods": periods(wanted.id, lang),
        "words": wanted.words.get(lang),
        "older": wanted.before.isoformat(),
        "newer": wanted.after.isoformat() if wanted.end <= now else "",
        "found": found,
        **(_told(found, lang) if found else {}),
    }
    return unlisted(render(request, "iot/energy.html", context, status=422 if form.errors else 200))


@require_safe
def hall(request: HttpRequest, key: str) -> HttpResponse:
    """The energy of all machines of a hall in a week."""
    found, lang = hall_of(request, key), lang_of(request)
    rows, whole = [], 0.0
    machines = list(found.machines.select_related("hall").order_by("pk"))
    now = fresh_all(machines)
    made = {machine.pk: queries.used(machine, wanted, now) for machine, wanted in oee.each(machines, "woche", day_in(request), now)}  # fmt: skip
    for machine in machines:
        used = made[machine.pk]
        whole += used.kwh if used else 0.0
        rows.append({"machine": machine, "kwh": _kwh(used.kwh, lang) if used else "–", "euros": _euros(used.euros, lang) if used else "–", "waste": percent(_share(used.waste, used.kwh), 0).get(lang) if used and used.kwh else "–", "words": used.period.words.get(lang) if used else ""})  # fmt: skip
    return unlisted(
        render(
            request, "iot/energy_hall.html", {"hall": found, "here": "energy", "rows": rows, "whole": _kwh(whole, lang)}
        )
    )


def _told(found: Used, lang: Lang) -> dict[str, Any]:
    name = found.machine.title or found.machine.name
    step = found.step
    return {
        "kwh": _kwh(found.kwh, lang),
        "euros": _euros(found.euros, lang),
        "co2": _decimal(found.co2, lang),
        "waste": _kwh(found.waste, lang) if found.waste else "",
        "waste_euros": _euros(found.waste * found.price, lang),
        "planned": _kwh(found.planned, lang) if found.planned else "",
        "planned_euros": _euros(found.planned * found.price, lang),
        "idle_hour": _cents(found.idle_watts / 1000 * found.price, lang) if found.idle_watts else "",
        "idle_kw": _decimal(found.idle_watts / 1000, lang, 2) if found.idle_watts else "",
        "waste_share": percent(_share(found.waste, found.kwh), 0).get(lang) if found.kwh else "",
        "per_part": number(Fraction(found.per_part), 3).get(lang) if found.per_part else "",
        "base": number(Fraction(round(found.base_watts)), 0).get(lang) if found.base_watts is not None else "",
        "base_year": _euros(found.base_watts / 1000 * 8760 * found.price, lang) if found.base_watts else "",
        "rows": [
            {"key": f'<svg class="work" viewBox="0 0 18 18" aria-hidden="true">{state_box(1, 1, 16, 16, state)}</svg>', "name": state.label.get(lang), "time": duration(Fraction(seconds)).get(lang), "kwh": _kwh(kwh, lang), "euros": _euros(kwh * found.price, lang), "co2": _decimal(kwh * factors()["co2_grid_de"].value / 1000, lang)}
            for state, (seconds, kwh) in sorted(found.by_state.items(), key=lambda item: list(State).index(item[0]))
            if kwh > 0
        ],
        "days": [{"day": short_day(day).get(lang), "kwh": _kwh(sum(states.values()), lang)} for day, states in found.by_day],
        "pictures": queries.pictures(found, _("Energie je Tag und Zustand: %(name)s") % {"name": name}, lang),
        "flags": [text.get(lang) for text in found.flags],
        "sources": [{"name": one.name.get(lang), "value": f"{_decimal(one.value, lang, 2)} {one.unit}", "note": one.note.get(lang), "year": one.year, "title": one.title, "title_said": one.title_en if lang == "en" else "", "publisher": one.publisher.get(lang), "url": one.url} for one in queries.sources(found)],
        "price": _decimal(found.price, lang, 4),
        "meter": {"energy": _("Energiezähler"), "power": _("Leistung"), "current": _("Strom")}[found.source],
        "measure": {"first": step.first.get(lang), "basis": OWN.get(lang)} if step else None,
    }  # fmt: skip


def _share(part: float, whole: float) -> Fraction:
    return Fraction(part / whole) if whole else Fraction()


def _kwh(value: float, lang: Lang) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{_decimal(value, lang, digits)} kWh"


def _euros(value: float, lang: Lang) -> str:
    shown = _decimal(value, lang, 0 if abs(value) >= 10 else 2)
    return f"{shown} €" if lang == "de" else f"€{shown}"


def _cents(value: float, lang: Lang) -> str:
    shown = _decimal(value, lang, 2)
    return f"{shown} €" if lang == "de" else f"€{shown}"


def _decimal(value: float, lang: Lang, digits: int = 1) -> str:
    return number(Fraction(value), digits).get(lang)
