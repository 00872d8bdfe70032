"""Repairing a part: what would be changed, what was, before and after; the file handed in stays as it is."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nordlotse.foundation.language import Lang
from nordlotse.print3d.actions import parts as actions
from nordlotse.print3d.core.findings import UNSOUND
from nordlotse.print3d.core.repair import State
from nordlotse.print3d.core.seeing.views import VIEWS
from nordlotse.print3d.core.workbench import Mended
from nordlotse.print3d.queries import parts
from nordlotse.print3d.queries.parts import KeptPart
from nordlotse.print3d.views.page import address_of, file, go, lang_of, unlisted
from nordlotse.print3d.views.result import seen_from, volume

#: A change of volume or surface by less than this share is not to be seen in a picture.
_UNSEEN = 1e-3


@require_http_methods(["GET", "HEAD", "POST"])
def repair(request: HttpRequest, key: str) -> HttpResponse:
    """Show what a repair would change or has changed; POST asks for it, or for the check of the mended copy."""
    kept = parts.by_key(key)
    lang = lang_of(request)
    if request.method == "POST":
        if request.POST.get("do") == "check":
            return go(request, "print3d_part", actions.take_repaired(key, lang=lang, address=address_of(request)))
        actions.ask_repair(key)
        return go(request, "print3d_repair", key)
    done = parts.mended(key)
    context: dict[str, Any] = {"kept": kept, "mended": done, "flaws": _flaws(kept, lang)}
    if done is not None:
        pairs = _pairs(kept, lang) if done.changes else []
        unseen = bool(pairs) and _same_shape(done)
        context |= {"rows": _rows(done, lang), "pairs": [] if unseen else pairs, "unseen": unseen}
    return unlisted(render(request, "print3d/repair.html", context))


def _same_shape(done: Mended) -> bool:
    """Return whether volume and surface stayed the same: then pictures of before and after show no difference."""
    before, after = done.before, done.after
    volume_moved = abs(after.volume_mm3 - before.volume_mm3) > _UNSEEN * abs(before.volume_mm3)
    return not volume_moved and abs(after.area_mm2 - before.area_mm2) <= _UNSEEN * before.area_mm2


def _flaws(kept: KeptPart, lang: Lang) -> list[tuple[str, int]]:
    """Return what the check found about the mesh, each kind once with how often."""
    found: dict[str, int] = {}
    for one in kept.examined.checked.findings if kept.examined else ():
        if one.code in UNSOUND or one.code == "tessellation_crack":
            text = one.text.get(lang)
            found[text] = found.get(text, 0) + 1
    return list(found.items())


def _rows(done: Mended, lang: Lang) -> list[tuple[str, str, str]]:
    said = {True: _("ja"), False: _("nein")}

    def both(what: str, of: Any) -> tuple[str, str, str]:
        return what, of(done.before), of(done.after)

    def whole(name: str) -> Any:
        return lambda state: f"{getattr(state, name):,}".replace(",", "." if lang == "de" else ",")

    def yes(name: str) -> Any:
        return lambda state: said[bool(getattr(state, name))]

    def filled(state: State) -> str:
        return volume(state.volume_mm3, lang)

    return [
        both(_("Dreiecke"), whole("triangles")),
        both(_("Einzelkörper"), whole("bodies")),
        both(_("Löcher"), whole("holes")),
        both(_("Durchdringungen"), whole("crossings")),
        both(_("Oberfläche geschlossen"), yes("watertight")),
        both(_("Dreiecke einheitlich gerichtet"), yes("winding_ok")),
        both(_("Volumen"), filled),
    ]


def _pairs(kept: KeptPart, lang: Lang) -> list[tuple[str, str, str]]:
    """Return the views of the file and of its mended copy: from where, address before, address after."""

    def of(view: str) -> str:
        return reverse(f"{lang}:print3d_picture", args=[kept.key, view])

    names = seen_from()
    return [
        (names[view], of(view), of(f"nachher-{view}"))
        for view in VIEWS
        if parts.stored(kept.key, f"{view}.png") and parts.stored(kept.key, f"nachher-{view}.png")
    ]


@require_safe
def repaired(request: HttpRequest, key: str) -> HttpResponse:
    """Hand out the repaired part as STL."""
    kept = parts.by_key(key)
    content = parts.content(key, parts.REPAIRED)
    if content is None:
        raise parts.not_repaired()
    return file(content, "model/stl", parts.repaired_name(kept))
