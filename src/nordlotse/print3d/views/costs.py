"""What a part costs by each process, beside what the company does today: the choice stands in the address, so the page can be passed on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from nordlotse.foundation.language import Lang
from nordlotse.foundation.records.figures import number
from nordlotse.print3d.actions import parts as actions
from nordlotse.print3d.core.chart import Mark, chart, crossing
from nordlotse.print3d.core.comparison import TODAY, BreakEven, Comparison, Curve
from nordlotse.print3d.core.costs import CONVENTIONAL, Costing
from nordlotse.print3d.core.costs_told import curve_rows, names_of, told
from nordlotse.print3d.core.rates_told import Moved, moved, plain
from nordlotse.print3d.forms.costs import FIGURE, Wanted, kept_form, read
from nordlotse.print3d.queries import costs as queries
from nordlotse.print3d.queries import parts
from nordlotse.print3d.queries.parts import KeptPart
from nordlotse.print3d.views.page import go, lang_of, unlisted

#: Stops of the slider for the quantity: even steps for the eye on a logarithmic scale.
STOPS = (1, 2, 3, 5, 10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 500, 750, 1_000, 1_500, 2_000, 3_000, 5_000, 10_000)
#: So many figures have a slider; all others stand in the table.
_SLIDERS = 6


@require_http_methods(["GET", "HEAD", "POST"])
def costs(request: HttpRequest, key: str) -> HttpResponse:
    """The costs of a part. GET shows what the address chooses, else what is kept; POST keeps it with the part."""
    kept, lang = parts.by_key(key), lang_of(request)
    given: QueryDict = request.POST if request.method == "POST" else request.GET
    wanted = read(given, kept.today, queries.rates_for(kept), queries.chosen(kept.today), lang)
    if request.method == "POST" and not wanted.wrong:
        actions.remember_today(key, kept_form(wanted.chosen, wanted.detail))
        messages.success(request, _("Gemerkt. Bericht und Übersicht rechnen jetzt mit diesen Angaben."))
        drawn = urlencode([("show", name) for name in wanted.show])
        return go(request, "print3d_costs", key, more=f"{'?' if drawn else ''}{drawn}#ergebnis")
    # Going back in the browser asks for the whole page, with the same header.
    partial = "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers
    template = "print3d/_costs.html" if partial else "print3d/costs.html"
    context = {**_context(kept, wanted, str(given.get("before", "")), lang), "partial": partial}
    context["placed"] = [name.removeprefix(FIGURE).replace(".", "-") for name in given if name.startswith(FIGURE)]
    context["changed"] = partial and given.get("before") != context.get("detail")
    # A part of a page is put in place whatever it says; htmx leaves out answers that are errors.
    return unlisted(render(request, template, context, status=422 if wanted.wrong and not partial else 200))


def _context(kept: KeptPart, wanted: Wanted, before: str, lang: Lang) -> dict[str, Any]:
    context: dict[str, Any] = {"kept": kept, "wanted": wanted, "stops": STOPS, **_typed(wanted, lang)}
    context["stop"] = min(range(len(STOPS)), key=lambda at: abs(STOPS[at] - wanted.chosen.quantity))
    base = queries.costing(kept)
    if base is None or kept.examined is None:
        return {**context, "nothing": True}
    detail = wanted.detail if wanted.detail in base.ways else queries.process_of(kept, base, wanted.chosen.quantity)
    used = queries.costing(kept, wanted.chosen.figures) or base
    if not detail:
        return {**context, "nothing": True}
    figures = _figures(base, used, detail, wanted, lang)
    context |= {
        "detail": detail,
        "ways": [(name, way.way.name.get(lang)) for name, way in base.ways.items()],
        "carried": _carried(wanted, figures, lang),
        "levers": [one for one in figures if one.settable and (one.effect or one.own)][: _SLIDERS + _own(figures)],
    }
    if wanted.wrong:  # a comparison for something else than what was typed would be taken for the answer to it
        return context
    found = queries.compared(kept, wanted.chosen)
    if found is None:
        return {**context, "nothing": True}
    held = queries.rates_for(kept, wanted.chosen.figures)
    names = names_of(held, wanted.chosen.today, lang)
    verdicts = kept.examined.checked.printable
    shown = _shown(found, wanted, detail, before)
    columns, rows = curve_rows(found.curves, names, found.quantity, shown, lang)
    context |= {
        "found": found,
        "told": told(found, held, detail, wanted.chosen.today, verdicts, lang),
        "drawings": _drawings(found, names, shown, detail, lang),
        "drawable": [(c.process, names[c.process], c.process in shown) for c in found.curves if c.process != TODAY],
        "saw": any(name in shown for name in ("sls", "mjf")),
        "columns": columns,
        "rows": rows,
        "figures": figures,
        "fields": _fields(wanted, detail, lang),
        "remembered": kept.today == kept_form(wanted.chosen, wanted.detail),
    }
    return context


def _typed(wanted: Wanted, lang: Lang) -> dict[str, str]:
    """Return what stands in the fields: as typed, else as it is kept."""
    now = wanted.chosen.today
    lead = ""
    if now is not None and now.lead_days[1]:
        soon, late = now.lead_days
        lead = str(late) if soon == late else f"{soon}–{late}"
    kept = {
        "quantity": str(wanted.chosen.quantity),
        "price": plain(now.price, lang) if now else "",
        "lead": lead,
        "minimum": str(now.minimum) if now and now.minimum > 1 else "",
        "process": now.process if now else "",
    }
    typed = wanted.typed if wanted.marks == lang or wanted.wrong else {}
    return {f"typed_{name}": typed.get(name, value) for name, value in kept.items()}


def _fields(wanted: Wanted, detail: str, lang: Lang) -> list[tuple[str, str]]:
    """Return the whole choice as the fields of a form."""
    typed = [(name.removeprefix("typed_"), value) for name, value in _typed(wanted, lang).items() if value]
    figures = [(f"{FIGURE}{key}", plain(value, lang)) for key, value in wanted.chosen.figures.items()]
    return [*typed, *figures, ("detail", detail), ("marks", lang), *(("show", name) for name in wanted.show)]


def _own(figures: Sequence[Moved]) -> int:
    return sum(one.own for one in figures)


def _carried(wanted: Wanted, figures: Sequence[Moved], lang: Lang) -> list[tuple[str, str]]:
    """Return own figures that have no field just now: they travel along unseen."""
    here = {one.id for one in figures}
    return [(f"{FIGURE}{key}", plain(value, lang)) for key, value in wanted.chosen.figures.items() if key not in here]


def _figures(base: Costing, used: Costing, detail: str, wanted: Wanted, lang: Lang) -> tuple[Moved, ...]:
    """Return the cost figures of the process looked at: those somebody gave, then by how much they move the price."""
    quantity, own = wanted.chosen.quantity, wanted.chosen.figures
    way = base.ways[detail]
    strength = {lever.rate.id: lever.width for lever in way.levers(quantity)}
    ours = sorted(way.way.rates.values(), key=lambda rate: (rate.id not in own, -strength.get(rate.id, -1.0)))
    rates = {rate.id: rate for rate in used.ways[detail].way.rates.values()}
    return moved(ours, rates, {lever.rate.id: lever for lever in used.ways[detail].levers(quantity)}, lang)


def _shown(found: Comparison, wanted: Wanted, detail: str, before: str) -> tuple[str, ...]:
    """Return the ways drawn: today's wherever its price is known, with those asked for, else the process looked at, milling and moulding.

    The boxes come along ticked as they were: where another process is looked at now, the usual ones of `before` ask for nothing.
    """
    there = [curve.process for curve in found.curves if curve.process != TODAY]
    now = tuple(curve.process for curve in found.curves if curve.process == TODAY)
    asked = tuple(name for name in there if name in wanted.show)
    usual = {name: tuple(n for n in there if n in (name, *CONVENTIONAL)) for name in (detail, before)}
    return (*now, *(asked if asked and asked not in (usual[before], usual[detail]) else usual[detail]))


def _drawings(found: Comparison, names: Mapping[str, str], shown: Sequence[str], detail: str, lang: Lang) -> list[str]:
    curves = [curve for curve in found.curves if curve.process in shown]
    marks = [_mark(one, curves, lang) for one in found.break_even if one.process == detail and one.against in shown]
    name = _("Kosten je Stück nach Stückzahl, als Kurven") + ": " + ", ".join(names[curve.process] for curve in curves)
    points = [mark for mark in marks if mark is not None] if detail in shown else []
    return [
        chart(curves, names, found.quantity, name, lang, marks=points, strong=detail, size=size)
        for size in ("narrow", "wide")
    ]


def _mark(one: BreakEven, curves: Sequence[Curve], lang: Lang) -> Mark | None:
    if one.always is None or one.always <= 1:
        return None
    return Mark(one.always, crossing(curves, one.against, one.always), number(one.always, lang))
