"""A shop's own machines, materials, cost figures and past jobs, behind its link; and which shop a part is reckoned with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import NotFound, Problem
from nordlotse.print3d.actions import parts as part_actions
from nordlotse.print3d.actions import shop as actions
from nordlotse.print3d.core.costs import PROCESSES as WAYS
from nordlotse.print3d.core.rates import rates
from nordlotse.print3d.core.rates_told import Moved, moved, plain
from nordlotse.print3d.forms.costs import FIGURE, own_figures
from nordlotse.print3d.forms.intake import PROCESSES, PartForm
from nordlotse.print3d.forms.shop import JobsForm, LinkForm, MachineForm, MaterialForm
from nordlotse.print3d.queries import parts
from nordlotse.print3d.queries import shop as queries
from nordlotse.print3d.queries.shop import KeptShop
from nordlotse.print3d.views.page import go, lang_of, unlisted

#: The profile past jobs are compared with.
_PROFILE = "fdm-pla-0.2"


@require_http_methods(["GET", "HEAD", "POST"])
def shops(request: HttpRequest) -> HttpResponse:
    """Say what an own shop is good for; make one, for a part if one is named."""
    part = request.POST.get("part", "") or request.GET.get("part", "")
    kept = _part(part)
    if request.method == "POST":
        return go(request, "print3d_shop", actions.create(kept.key if kept else ""))
    return unlisted(render(request, "print3d/shops.html", {"kept": kept}))


@require_http_methods(["GET", "HEAD", "POST"])
def shop(request: HttpRequest, key: str) -> HttpResponse:
    """Show everything a shop has, and its link. POST has the parts reckoned with it examined again."""
    held, lang = queries.by_key(key), lang_of(request)
    if request.method == "POST":
        if actions.examine_parts(key):
            messages.success(request, _("Die Teile werden neu geprüft."))
        return go(request, "print3d_shop", key)
    return unlisted(
        render(
            request,
            "print3d/shop.html",
            {
                "shop": held,
                "link": f"{settings.CONFIGURATION.public_url}{reverse(f'{lang}:print3d_shop', args=[key])}",
                "machines": [_row(row, lang) for row in held.machines],
                "materials": [_row(row, lang) for row in held.materials],
                "figures": [one for one in _figures(held, lang) if one.own],
                "parts": parts.of_shop(key),
                "form": PartForm(),
            },
        )
    )


def _row(row: Mapping[str, Any], lang: Lang) -> dict[str, Any]:
    names = {process.value: name for process, name in PROCESSES.items()}
    build = " × ".join(plain(side, lang) for side in row.get("build", ()))
    density = plain(row.get("density", 0.0), lang)
    return {**row, "process_name": names.get(row["process"], row["process"]), "sides": build, "weighs": density}


@require_http_methods(["GET", "HEAD", "POST"])
def machine(request: HttpRequest, key: str) -> HttpResponse:
    """Enter, change or delete a machine."""
    held, lang = queries.by_key(key), lang_of(request)
    id_ = request.POST.get("id", "") or request.GET.get("id", "")
    before = next((row for row in held.machines if row["id"] == id_), None)
    if request.method == "POST" and request.POST.get("do") == "delete":
        actions.remove_machine(key, id_)
        messages.success(request, _("Maschine gelöscht."))
        return go(request, "print3d_shop", key)
    if request.method == "POST":
        form = MachineForm(request.POST)
        if form.is_valid():
            actions.put_machine(key, form.row(), id_ if before else "")
            messages.success(request, _("Maschine gespeichert."))
            return go(request, "print3d_shop", key)
        return _form(request, "print3d/shop_machine.html", held, form, id_, 422)
    initial = {}
    if before:
        x, y, z = (plain(side, lang) for side in before["build"])
        limits = {name: plain(value, lang) for name, value in before.get("limits", {}).items()}
        initial = {**before, "x": x, "y": y, "z": z, "rate": plain(before["rate"], lang), **limits}
    return _form(request, "print3d/shop_machine.html", held, MachineForm(initial=initial), id_ if before else "", 200)


@require_http_methods(["GET", "HEAD", "POST"])
def material(request: HttpRequest, key: str) -> HttpResponse:
    """Enter, change or delete a material."""
    held, lang = queries.by_key(key), lang_of(request)
    id_ = request.POST.get("id", "") or request.GET.get("id", "")
    before = next((row for row in held.materials if row["id"] == id_), None)
    if request.method == "POST" and request.POST.get("do") == "delete":
        actions.remove_material(key, id_)
        messages.success(request, _("Material gelöscht."))
        return go(request, "print3d_shop", key)
    if request.method == "POST":
        form = MaterialForm(request.POST)
        if form.is_valid():
            actions.put_material(key, form.row(), id_ if before else "")
            messages.success(request, _("Material gespeichert."))
            return go(request, "print3d_shop", key)
        return _form(request, "print3d/shop_material.html", held, form, id_, 422)
    initial = dict(before or {})
    for name in ("density", "price", "warping"):
        if name in initial:
            initial[name] = plain(initial[name], lang)
    return _form(request, "print3d/shop_material.html", held, MaterialForm(initial=initial), id_ if before else "", 200)


def _form(request: HttpRequest, template: str, held: KeptShop, form: Any, id_: str, status: int) -> HttpResponse:
    return unlisted(render(request, template, {"shop": held, "form": form, "id": id_}, status=status))


@require_http_methods(["GET", "HEAD", "POST"])
def figures(request: HttpRequest, key: str) -> HttpResponse:
    """Enter the shop's own cost figures, process by process."""
    held, lang = queries.by_key(key), lang_of(request)
    wrong: dict[str, Any] = {}
    if request.method == "POST":
        given = own_figures(request.POST, rates(), wrong, lang)
        if not wrong:
            here = {rate.id for rate in _rates_of(_process(request))}
            others = {name: value for name, value in held.figures.items() if name not in here}
            actions.put_figures(key, {**others, **given})
            messages.success(request, _("Kostenwerte gespeichert."))
            return go(request, "print3d_shop", key)
    process = _process(request)
    names = {way.id: way.name.get(lang) for way in rates().ways.values()}
    typed = {name.removeprefix(FIGURE): value for name, value in request.POST.items() if name.startswith(FIGURE)}
    rows = [(one, typed.get(one.id, one.used)) for one in _figures(held, lang, process)]
    return unlisted(
        render(
            request,
            "print3d/shop_figures.html",
            {
                "shop": held,
                "process": process,
                "ways": [(name, names[name]) for name in WAYS],
                "name": names[process],
                "rows": rows,
                "wrong": [(name.replace(".", "-"), text) for name, text in wrong.items()],
            },
            status=422 if wrong else 200,
        )
    )


def _process(request: HttpRequest) -> str:
    asked = request.POST.get("process", "") or request.GET.get("process", "")
    return asked if asked in WAYS else "fdm"


def _rates_of(process: str) -> list[Any]:
    """Return the figures a shop may state of a process; what its machine and material say stands there."""
    way = rates().ways[process]
    elsewhere = {"machine_rate", "material_price", "density"} if way.machine else set()
    return [rate for name, rate in way.rates.items() if name not in elsewhere]


def _figures(held: KeptShop, lang: Lang, process: str = "") -> tuple[Moved, ...]:
    """Return the cost figures of a process, or ("") all of them, with what the shop says."""
    own = held.own.rates(rates())
    found: dict[str, Moved] = {}
    for name in [process] if process else WAYS:
        used = {rate.id: rate for rate in own.ways[name].rates.values()}
        found |= {one.id: one for one in moved(_rates_of(name), used, {}, lang)}
    return tuple(found.values())


@require_http_methods(["GET", "HEAD", "POST"])
def jobs(request: HttpRequest, key: str) -> HttpResponse:
    """Fit the estimate to past jobs, or forget that."""
    held = queries.by_key(key)
    if request.method == "POST" and request.POST.get("do") == "delete":
        actions.forget_calibration(key)
        messages.success(request, _("Kalibrierung gelöscht."))
        return go(request, "print3d_shop_jobs", key)
    form = JobsForm(request.POST, request.FILES) if request.method == "POST" else JobsForm()
    if form.is_bound and form.is_valid():
        try:
            name = getattr(request.FILES["parts"], "name", "") or "parts.zip"
            actions.calibrated(key, form.cleaned_data["table"], form.cleaned_data["parts"], name, _PROFILE)
        except NotFound:
            raise
        except Problem as problem:
            lang = lang_of(request)
            where = f" ({problem.where})" if problem.where else ""
            form.add_error(None, f"{problem.message(lang)} {problem.remedy_in(lang)}{where}")
        else:
            messages.success(request, _("Kalibriert. Neue Schätzungen gehen davon aus."))
            return go(request, "print3d_shop_jobs", key)
    return unlisted(
        render(
            request,
            "print3d/shop_jobs.html",
            {"shop": held, "form": form, "found": _calibration(held.calibration)},
            status=422 if form.errors else 200,
        )
    )


def _calibration(kept: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what is kept of a calibration, in per cent and words."""
    if not kept.get("time"):
        return None

    def change(fit: Mapping[str, float]) -> dict[str, int]:
        return {name: round((fit[name] - 1) * 100) for name in ("factor", "low", "high")} | {
            "band": round(fit["band"] * 100)
        }

    after = kept.get("after")
    return {
        **kept,
        "time": change(kept["time"]),
        "filament": change(kept["filament"]),
        "before": round(kept["before"] * 100),
        "after": None if after is None else round(after * 100),
        "rows": ", ".join(str(row) for row in kept["left_out"]),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, key: str) -> HttpResponse:
    """Ask, then delete a shop."""
    held = queries.by_key(key)
    if request.method == "POST":
        actions.delete(key)
        messages.success(request, _("Ihre Werkstatt ist gelöscht."))
        return go(request, "print3d_shops")
    return unlisted(render(request, "print3d/shop_delete.html", {"shop": held}))


@require_http_methods(["GET", "HEAD", "POST"])
def part_shop(request: HttpRequest, key: str) -> HttpResponse:
    """Choose the shop a part is reckoned with; the part is examined again."""
    kept = parts.by_key(key)
    form = LinkForm(request.POST) if request.method == "POST" else LinkForm()
    if request.method == "POST" and request.POST.get("do") == "without":
        part_actions.use_shop(key, "")
        return go(request, "print3d_part", key)
    if request.method == "POST" and form.is_valid():
        try:
            held = queries.by_key(queries.key_in(form.cleaned_data["link"]))
        except NotFound as problem:
            form.add_error("link", f"{problem.message(lang_of(request))} {problem.remedy_in(lang_of(request))}")
        else:
            part_actions.use_shop(key, held.key)
            return go(request, "print3d_part", key)
    status = 422 if form.errors else 200
    return unlisted(render(request, "print3d/part_shop.html", {"kept": kept, "form": form}, status=status))


def _part(key: str) -> Any:
    try:
        return parts.by_key(key) if key else None
    except NotFound:
        return None
