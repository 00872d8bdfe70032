"""How a part lies: three proposals side by side, one turned by hand, each with its picture; choosing one has the figures reckoned anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import NotFound, Problem
from nordlotse.print3d.actions import parts as actions
from nordlotse.print3d.core import lying
from nordlotse.print3d.core.mesh import Floats
from nordlotse.print3d.core.rates_told import plain
from nordlotse.print3d.forms.costs import decimal
from nordlotse.print3d.queries import lay as queries
from nordlotse.print3d.queries import parts
from nordlotse.print3d.queries.lay import HAND, NOW
from nordlotse.print3d.queries.parts import KeptPart
from nordlotse.print3d.views.page import go, lang_of, unlisted

_AXES = ("x", "y", "z")
#: Buttons that turn by a quarter: name, axis, degrees.
QUARTERS = {"x+": (0, 90.0), "x-": (0, -90.0), "y+": (1, 90.0), "y-": (1, -90.0), "z+": (2, 90.0), "z-": (2, -90.0)}


@require_http_methods(["GET", "HEAD", "POST"])
def lay(request: HttpRequest, key: str) -> HttpResponse:
    """Show the proposals and a way turned by hand (its angles stand in the address); POST chooses one."""
    kept, lang = parts.by_key(key), lang_of(request)
    if request.method == "POST":
        return _choose(request, kept)
    if kept.examined is None or not kept.ready:
        return go(request, "print3d_part", key)
    context: dict[str, Any] = {"kept": kept, "nothing": kept.examined.reckoned is None}
    if not context["nothing"]:
        try:
            context |= _context(request, kept, lang)
        except NotFound:  # a part without picture: it was kept, but could not be drawn
            context["nothing"] = True
    return unlisted(render(request, "print3d/lay.html", context))


def _context(request: HttpRequest, kept: KeptPart, lang: Lang) -> dict[str, Any]:
    rows = queries.proposals(kept, lang)
    now = queries.as_now(kept, lang)
    rotation, wrong = _asked(request.GET, kept, lang)
    hand, problem = None, None
    if rotation is not None and not wrong:
        try:
            hand = queries.turned(kept, rotation, lang)
        except Problem as refused:
            problem = refused
    x, y, z = lying.angles(kept.wishes.turn if rotation is None else rotation)
    return {
        "ways": [(row, _picture(kept, row.id, lang)) for row in rows],
        "now": now if now is not None and not any(row.chosen for row in rows) else None,
        "now_picture": _picture(kept, NOW, lang),
        "hand": hand,
        "hand_picture": _picture(kept, "", lang, x=plain(x, "en"), y=plain(y, "en"), z=plain(z, "en")),
        "angles": [
            (name, request.GET.get(name) if wrong else plain(value, lang))
            for name, value in zip(_AXES, (x, y, z), strict=True)
        ],
        "wrong": wrong,
        "problem": problem,
        "faces": queries.faces(kept, lang),
        "turned_from_file": kept.wishes.rotation is not None,
    }


def _picture(kept: KeptPart, name: str, lang: Lang, **angles: str) -> str:
    return f"{reverse(f'{lang}:print3d_lay_picture', args=[kept.key])}?{urlencode(angles or {'way': name})}"


def _asked(given: Mapping[str, str], kept: KeptPart, lang: Lang) -> tuple[Floats | None, tuple[str, ...]]:
    """Return the rotation somebody asks for by hand, None where nobody does; and the angles that are no numbers."""
    face = given.get("face", "")
    if face.isdecimal() and given.get("do") == "face":
        return queries.face_down(kept, int(face[:4])), ()
    if not any(name in given for name in _AXES):
        return None, ()
    values, wrong = [], []
    for name in _AXES:
        typed = given.get(name, "").strip().removesuffix("°").strip()
        sign = -1.0 if typed.startswith(("-", "−")) else 1.0
        value = decimal(typed.lstrip("-−+"), lang) if typed else 0.0
        if value is None or value > 3600:
            wrong.append(name)
        values.append(sign * (value or 0.0))
    if wrong:
        return None, tuple(wrong)
    rotation = lying.turn(*values)
    if given.get("do") in QUARTERS:
        axis, degrees = QUARTERS[given["do"]]
        rotation = lying.turn(*(degrees if n == axis else 0.0 for n in range(3))) @ rotation
    return rotation, ()


def _choose(request: HttpRequest, kept: KeptPart) -> HttpResponse:
    way = request.POST.get("way", "")
    rotation = _asked(request.POST, kept, lang_of(request))[0] if way == HAND else queries.rotation_of(kept, way)
    if rotation is None:
        return go(request, "print3d_lay", kept.key)
    straight = bool(np.allclose(rotation, np.eye(3), atol=1e-9))
    numbers = None if straight else tuple(float(n) for n in np.asarray(rotation).ravel())
    if numbers != kept.wishes.rotation:
        actions.again(kept.key, replace(kept.wishes, rotation=numbers))
    return go(request, "print3d_part", kept.key)


@require_safe
def picture(request: HttpRequest, key: str) -> HttpResponse:
    """A small picture of the part as it would lie: by a way's name, or by angles."""
    kept = parts.by_key(key)
    if "way" in request.GET:
        rotation = queries.rotation_of(kept, request.GET["way"])
    else:
        rotation, _ = _asked(request.GET, kept, "en")
    if rotation is None:
        raise NotFound(
            "no_such_file",
            de="Diese Lage gibt es nicht.",
            en="There is no such way to lie.",
            where="way",
            remedy_de="Bitte gehen Sie zurück zur Seite mit den Vorschlägen.",
            remedy_en="Go back to the page with the proposals.",
        )
    return unlisted(HttpResponse(queries.picture(kept, rotation), content_type="image/png"))
