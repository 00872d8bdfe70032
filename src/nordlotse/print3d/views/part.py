"""A part's page: how far its check is, what was found, and examining it again with other wishes."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from nordlotse.foundation.problem import Problem
from nordlotse.print3d.actions import parts as actions
from nordlotse.print3d.forms.intake import WishesForm
from nordlotse.print3d.queries import parts
from nordlotse.print3d.queries.parts import KeptPart
from nordlotse.print3d.views.page import address_of, go, lang_of, unlisted
from nordlotse.print3d.views.result import own_materials, result_context


@require_http_methods(["GET", "HEAD", "POST"])
def part(request: HttpRequest, key: str) -> HttpResponse:
    """The page of a part: progress while the check is under way, else its result. POST takes a part out of an archive."""
    kept = parts.by_key(key)
    if request.method == "POST":
        made = actions.choose(key, request.POST.get("inner", ""), lang=lang_of(request), address=address_of(request))
        return go(request, "print3d_part", made)
    return page(request, kept)


def page(request: HttpRequest, kept: KeptPart, form: WishesForm | None = None) -> HttpResponse:
    """Return the page that fits where the part stands."""
    status = 422 if form is not None and form.errors else 200
    if kept.work is not None and kept.work.open:
        return unlisted(render(request, "print3d/waiting.html", _progress(kept)))
    if kept.work is not None and kept.work.failed and kept.work.problem is not None and kept.examined is None:
        return _failed(request, kept, kept.work.problem, form)
    if kept.examined is None:
        return unlisted(render(request, "print3d/stopped.html", {"kept": kept}))
    return unlisted(render(request, "print3d/part.html", result_context(kept, lang_of(request), form), status=status))


def _failed(request: HttpRequest, kept: KeptPart, problem: Problem, form: WishesForm | None) -> HttpResponse:
    if problem.code == "several_parts" and (inside := parts.inside(kept.key)):
        taken = parts.from_box(kept.key)
        context = {"kept": kept, "rows": [(path, taken.get(path, "")) for path in inside]}
        return unlisted(render(request, "print3d/box.html", context))
    context = {
        "kept": kept,
        "problem": problem,
        "form": form or WishesForm(initial=parts.wishes_kept(kept.wishes), own=own_materials(kept)),
    }
    return unlisted(render(request, "print3d/failed.html", context, status=422 if form and form.errors else 200))


def _progress(kept: KeptPart) -> dict[str, Any]:
    """Return how far the check is: what is done now in words, all steps, at which of them, and a mark of all that."""
    work = kept.work
    step = work.step if work is not None else ""
    before = parts.place_in_line(work) if work is not None and work.state == "waiting" else 0
    names = {
        "reading": _("Datei lesen, Netz und Form prüfen"),
        "drawing": _("Ansichten zeichnen"),
        "laying": _("Die beste Lage suchen"),
        "reckoning": _("Zeit und Material rechnen"),
    }
    at = list(names).index(step) if step in names else -1
    if at >= 0:
        now = _("Schritt %(at)s von %(all)s: %(what)s") % {"at": at + 1, "all": len(names), "what": names[step]}
    elif before:
        now = ngettext("Vor Ihrem Teil wartet noch %(n)s.", "Vor Ihrem Teil warten noch %(n)s.", before) % {"n": before}
    else:
        now = _("Gleich geht es los.")
    return {
        "kept": kept,
        "now": now,
        "steps": list(names.values()),
        "at": at,
        "begun": max(at, 0),
        "mark": f"{step}{before}",
    }


@require_safe
def progress(request: HttpRequest, key: str) -> HttpResponse:
    """How far the check is, as a fragment; `?was=genau` and `?was=reparatur` ask for the slicer and the repair.

    Nothing is sent while nothing has changed; when it is over the whole page is loaded anew.
    """
    kept = parts.by_key(key)
    other = {"genau": kept.slicing, "reparatur": kept.repair}
    asked = request.GET.get("was", "")
    work = other.get(asked, kept.work)
    if work is None or not work.open:
        if not request.headers.get("HX-Request"):
            return go(request, "print3d_part", key)
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return unlisted(answer)
    context = _progress(kept)
    if asked in other or request.GET.get("gesehen") == context["mark"]:
        return unlisted(HttpResponse(status=204))
    return unlisted(render(request, "print3d/_progress.html", context))


@require_http_methods(["POST"])
def cancel(request: HttpRequest, key: str) -> HttpResponse:
    """Stop the check."""
    actions.cancel(key)
    return go(request, "print3d_part", key)


@require_http_methods(["GET", "HEAD", "POST"])
def again(request: HttpRequest, key: str) -> HttpResponse:
    """Examine the part again with another unit, scale, process or material."""
    kept = parts.by_key(key)
    if request.method != "POST":
        return go(request, "print3d_part", key)
    if request.POST.get("same"):
        actions.again(key, kept.wishes)
        return go(request, "print3d_part", key)
    form = WishesForm(request.POST, own=own_materials(kept))
    if not form.is_valid():
        return page(request, kept, form)
    try:
        actions.again(key, form.wishes(kept.wishes))
    except Problem as problem:
        form.add_error(None, f"{problem.message(lang_of(request))} {problem.remedy_in(lang_of(request))}")
        return page(request, kept, form)
    return go(request, "print3d_part", key)
