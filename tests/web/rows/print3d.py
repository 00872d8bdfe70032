"""Pages of the 3D-print check: open to all; behind a part's link to whoever holds it; a shared link only shows."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from nordlotse.office import files
from nordlotse.print3d.actions import list_intake, sharing, shop
from nordlotse.print3d.core.repair import State
from nordlotse.print3d.core.seeing.png import as_png
from nordlotse.print3d.core.workbench import Mended, as_kept
from nordlotse.print3d.queries import parts
from tests.print3d import made
from tests.web.rows import Rows, everybody

# A part's link is the key: whoever holds it gets in, whatever role they have. The list still waits: it has no result to take along;
# and a picture of a way to lie wants to be told which.
PAGES: Rows = {
    "druck/": everybody(post=422),
    "druck/beispiel/": everybody(get=405, post=302, data={"sample": "bracket"}),
    "druck/geteilt/SHARE/": everybody(),
    "druck/geteilt/SHARE/ansicht.bin": everybody(),
    "druck/geteilt/SHARE/bild/front.png": everybody(),
    "druck/geteilt/SHARE/bericht.pdf": everybody(),
    "druck/PART/": everybody(post=422, data={"inner": "x.stl"}),
    "druck/PART/stand/": everybody(get=302),
    "druck/PART/abbrechen/": everybody(get=405, post=302),
    "druck/PART/neu/": everybody(get=302, post=302, data={"unit": "mm", "scale": "1"}),
    "druck/PART/ansicht.bin": everybody(),
    "druck/PART/bild/front.png": everybody(),
    "druck/PART/bericht.pdf": everybody(),
    "druck/PART/reparatur/": everybody(post=302),
    "druck/PART/reparatur.stl": everybody(),
    "druck/OPEN/genau/": everybody(get=405, post=422),
    "druck/PART/druck.gcode": everybody(),
    "druck/PART/teilen/": everybody(post=302, data={"days": "1"}),
    "druck/PART/loeschen/": everybody(post=422),
    "druck/PART/kosten/": everybody(post=302),
    "druck/PART/lage/": everybody(post=302),
    "druck/PART/lage/bild.png": everybody(get=404),
    "druck/PART/werkstatt/": everybody(post=422),
    "druck/liste/": everybody(post=422),
    "druck/liste/beispiel/": everybody(get=405, post=302),
    "druck/liste/vorlage.xlsx": everybody(),
    "druck/liste/LIST/": everybody(),
    "druck/liste/LIST/stand/": everybody(),
    "druck/liste/LIST/abbrechen/": everybody(get=405, post=302),
    "druck/liste/LIST/weiter/": everybody(get=405, post=302),
    "druck/liste/LIST/teil/": everybody(get=405, post=404),
    "druck/liste/LIST/ergebnis.xlsx": everybody(get=404),
    "druck/liste/LIST/ergebnis.csv": everybody(get=404),
    "druck/liste/LIST/loeschen/": everybody(post=422),
    "druck/packen/": everybody(post=422),
    "druck/werkstatt/": everybody(post=302),
    "druck/werkstatt/SHOP/": everybody(post=302),
    "druck/werkstatt/SHOP/maschine/": everybody(post=422),
    "druck/werkstatt/SHOP/material/": everybody(post=422),
    "druck/werkstatt/SHOP/kosten/": everybody(post=302),
    "druck/werkstatt/SHOP/kalibrieren/": everybody(post=422),
    "druck/werkstatt/SHOP/loeschen/": everybody(post=302),
}


#: The interface needs no link: what is sent is looked at and not kept.
SINGLE: Rows = {
    f"api/v1/print3d/{name}": everybody(get=405, post=422)
    for name in ("check", "estimate", "orient", "cost", "repair", "screen", "calibrate")
}


def seed(world: Any) -> None:
    """A part that was checked, repaired and sliced, and is shared; one that waits; a list that waits; a shop."""
    key = made.kept("holder", picture=True)
    state = State(252, 1, 0, True, True, 0, 1000.0, 600.0)
    mended = json.dumps(as_kept(Mended((), state, state))).encode()
    kept = {
        "front.png": as_png(np.zeros((4, 4, 3), np.uint8)),
        parts.REPAIRED: b"stl",
        parts.MENDED: mended,
        parts.GCODE: b"G28",
    }
    for name, content in kept.items():
        files.keep(content, name=name, media_type="application/octet-stream", room=parts.ROOM, reference=key)
    world.places |= {
        "PART": key,
        "OPEN": made.kept("holder", done=False),
        "SHARE": sharing.share(key, 1),
        "LIST": list_intake.take_sample(lang="de"),
        "SHOP": shop.create(),
    }
