"""Several parts in one chamber: which and how many, the picture from two sides, what a piece costs there and at other quantities."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods

from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import Problem
from nordlotse.print3d.actions import list_intake, packing
from nordlotse.print3d.core import chamber
from nordlotse.print3d.core.amounts import about
from nordlotse.print3d.core.packing import MOST, MOST_KINDS, POWDER, PackedPart, Packing
from nordlotse.print3d.core.rates import GUIDE_VALUE, rates
from nordlotse.print3d.forms.lists import PackForm
from nordlotse.print3d.queries import lists
from nordlotse.print3d.queries.lists import KeptList
from nordlotse.print3d.views.page import address_of, go, lang_of, unlisted

#: Builds that are drawn; further ones only count.
_DRAWN = 4


@require_http_methods(["GET", "HEAD", "POST"])
def pack(request: HttpRequest) -> HttpResponse:
    """Without a list ask for files; with one (`?liste=KEY`) ask for counts and show the packing. POST does the one or the other."""
    key = request.GET.get("liste", "")
    if not key:
        return _start(request)
    kept = lists.by_key(key)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            packing.ask(key, request.POST.get("process", ""), _counts(request), address=address_of(request))
        except Problem as told:
            problem = told
        else:
            return go(request, "print3d_pack", more=f"?liste={key}")
    if kept.running:
        return unlisted(render(request, "print3d/pack_waiting.html", {"kept": kept, "percent": 0}))
    if not kept.named:
        return unlisted(render(request, "print3d/pack_failed.html", {"kept": kept}))
    context = _chosen(request, kept, problem)
    return unlisted(render(request, "print3d/pack.html", context, status=problem.http_status if problem else 200))


def _start(request: HttpRequest) -> HttpResponse:
    form = PackForm(request.POST, request.FILES) if request.method == "POST" else PackForm()
    problem: Problem | None = None
    if form.is_bound and form.is_valid():
        try:
            given = form.cleaned_data["uploads"]
            key = list_intake.take(given, None, lang=lang_of(request), address=address_of(request), task=lists.PACK)
        except Problem as told:
            problem = told
        else:
            return go(request, "print3d_pack", more=f"?liste={key}")
    status = problem.http_status if problem else 422 if form.errors else 200
    return render(request, "print3d/pack_start.html", {"form": form, "problem": problem}, status=status)


def _counts(request: HttpRequest) -> dict[int, int]:
    """Return the counts by rank; what is no number counts as none."""
    found = {}
    for name, typed in list(request.POST.items())[: 2 * MOST_KINDS]:
        rank, count = name.removeprefix("n."), str(typed).strip()
        if name.startswith("n.") and all(s.isascii() and s.isdigit() and len(s) < 6 for s in (rank, count)):
            found[int(rank)] = int(count)
    return found


def _chosen(request: HttpRequest, kept: KeptList, problem: Problem | None) -> dict[str, Any]:
    lang = lang_of(request)
    rows, many = lists.with_files(kept.key, MOST_KINDS)
    made = lists.plan(kept.key)
    told = _counts(request) if request.method == "POST" else {int(k): n for k, n in kept.wish.get("counts", {}).items()}
    failed = kept.work.problem if kept.work is not None and kept.work.failed and kept.wish else None
    if not told and made is not None:
        told = _again(made, rows)
    process = (
        request.POST.get("process", "") or str(kept.wish.get("process", "")) or (made.process if made else POWDER[0])
    )
    return {
        "kept": kept,
        "problem": problem or failed,
        "rows": [(row, told.get(row["rank"], 0)) for row in rows] if told else _proposed(rows, kept),
        "hidden": many - len(rows),
        "most": MOST,
        "processes": [(name, rates().ways[name].name.get(lang), name == process) for name in POWDER],
        "made": _made(request, made, lang) if made is not None else None,
    }


def _proposed(rows: list[dict[str, Any]], kept: KeptList) -> list[tuple[dict[str, Any], int]]:
    """Return how many pieces are proposed: of a judged list a lot of what pays, of loose files one each; never too many together."""
    left, found = MOST, []
    for row in rows:
        wanted = 1 if kept.task == lists.PACK else min(10, int(row.get("lot") or 1)) if row["verdict"] == "worth" else 0
        found.append((row, min(wanted, left)))
        left -= min(wanted, left)
    return found


def _again(made: Packing, rows: list[dict[str, Any]]) -> dict[int, int]:
    counts = {part.name: part.count for part in made.parts}
    return {row["rank"]: counts.get(row["file"], 0) for row in rows}


def _made(request: HttpRequest, made: Packing, lang: Lang) -> dict[str, Any]:
    asked = request.GET.get("teil", "")
    fine = [k for k, part in enumerate(made.parts) if part.curve]
    shown = int(asked) - 1 if asked.isascii() and asked.isdigit() and len(asked) < 4 else -1
    # without a choice the part of which there are most
    shown = shown if shown in fine else max(fine, key=lambda k: (made.parts[k].count, made.parts[k].volume))
    part = made.parts[shown]
    way = rates().ways[made.process]
    return {
        "process": way.name.get(lang),
        "guide": GUIDE_VALUE.get(lang),
        "pieces": len(made.placed),
        "builds": len(made.heights),
        "height": round(max(made.heights)),
        "share": _percent(made.density, lang),
        "chamber": " × ".join(f"{side:.0f}" for side in made.chamber) + " mm",
        "drawn": [
            # our own drawing: names in it are escaped there
            (build + 1, mark_safe(chamber.front(made, build, lang)), mark_safe(chamber.above(made, build, lang)))  # noqa: S308
            for build in range(min(_DRAWN, len(made.heights)))
        ],
        "parts": [_row(k, one, lang) for k, one in enumerate(made.parts)],
        "saw": mark_safe(chamber.saw(part, lang)),  # noqa: S308
        "part": part,
        "name": PurePosixPath(part.name).name,
        "full": [
            (kind, filled.quantity, about(filled.cost, lang))
            for kind, filled in (("row", part.row), ("layer", part.layer), ("build", part.build))
            if filled is not None
        ],
        "gap": f"{made.gap:.0f}",
        "total": about(sum(one.here * one.count for one in made.parts if one.here), lang),
        "from": _from(part, lang),
        "first": about(part.curve[0][1], lang),
        "alone": about(part.alone, lang),
    }


def _from(part: PackedPart, lang: Lang) -> tuple[int, str] | None:
    """Return from which quantity the curve is drawn and the dearest piece drawn; None where it is drawn from the first."""
    first, dearest = chamber.drawn_from(part)
    return (first, about(dearest, lang)) if first > 1 else None


def _percent(share: float, lang: Lang) -> str:
    """Return a share in percent, below ten with a decimal."""
    said = f"{share * 100:.1f}" if share < 0.1 else f"{share * 100:.0f}"
    return f"{said.replace('.', ',') if lang == 'de' else said} %"


def _row(number: int, one: PackedPart, lang: Lang) -> dict[str, Any]:
    return {
        "number": number + 1,
        "name": PurePosixPath(one.name).name,
        "count": one.count,
        "size": " × ".join(f"{side:.0f}" for side in one.size) if any(one.size) else "",
        "here": about(one.here, lang) if one.here else "",
        "alone": about(one.alone, lang) if one.alone else "",
        "problem": one.problem.get(lang) if one.problem.de else "",
    }
