"""Kept parts with a result, as the worker leaves them: for tests of pages that show one."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache
from typing import Any

import trimesh

from nordlotse.print3d.core.check import check_file
from nordlotse.print3d.core.whole import Examined, Wishes, begun, laid, reckoned, to_text
from nordlotse.print3d.models import Part, Shop, Work
from nordlotse.print3d.queries.parts import wishes_kept


def plate(x: float = 40.0, y: float = 30.0, z: float = 8.0) -> bytes:
    """Return an STL of a plate of that size."""
    made = trimesh.creation.box((x, y, z)).subdivide().subdivide()
    held = io.BytesIO()
    made.export(held, file_type="stl")
    return held.getvalue()


def table() -> bytes:
    """Return an STL of a table top on one leg: as it lies it needs support, upside down it needs none."""
    top = trimesh.creation.box((60, 60, 5))
    top.apply_translation((0, 0, 42.5))
    leg = trimesh.creation.box((10, 10, 40.02))
    leg.apply_translation((0, 0, 20))
    made = trimesh.boolean.union([top, leg], engine="manifold")
    made.apply_translation(-made.bounds[0])
    held = io.BytesIO()
    made.export(held, file_type="stl")
    return held.getvalue()


@cache
def examined(data: bytes, process: str = "") -> Examined:
    """Return everything found about a file, as the worker finds it."""
    wishes = Wishes(process=process)
    checked, loaded = check_file(data, "platte.stl", process=process or None)
    found = begun(loaded, checked, wishes)
    return replace(found, proposals=laid(loaded.mesh, wishes), reckoned=reckoned(loaded.mesh, wishes))


def kept(found: Examined | None = None, *, today: dict[str, Any] | None = None, shop: Shop | None = None) -> Part:
    """Return a part whose check is done."""
    found = found or examined(plate())
    part = Part.objects.create(
        name="platte.stl", found=to_text(found), wishes=wishes_kept(found.wishes), today=today or {}, shop=shop
    )
    Work.objects.create(kind=Work.Kind.EXAMINE, part=part, state=Work.State.DONE)
    return part
