"""Pages of the readiness check: open to all; behind a link to whoever holds it; the centre's own models and figures."""

from __future__ import annotations

import json
from typing import Any

from nordlotse.readiness.actions import checks, own_models
from nordlotse.readiness.core.own import example_workbook
from tests.web.rows import COORDINATION, Rows, everybody, only

#: Answers that travel: what a page of the check posts.
_CARRIED = {"answers": json.dumps({"state": "SH"}), "models": "own"}
#: Without answers in the form there is nothing to show: the way leads to the start.
_LOOSE = everybody(get=302, post=200, data=_CARRIED)

# A check's link is the key: whoever holds it gets in, whatever role they have.
PAGES: Rows = {
    "check/": everybody(post=422),
    "check/fragen/": _LOOSE,
    "check/sichern/": _LOOSE,
    "check/antworten.json": _LOOSE,
    "check/ergebnis/": _LOOSE,
    "check/plan/": _LOOSE,
    "check/bericht.pdf": _LOOSE,
    "check/plan.ics": _LOOSE,
    "check/mit/SHEET/": everybody(),
    "check/mit/SHEET/fragen/": everybody(post=302, data={"do": "next"}),
    "check/CHECK/": everybody(post=302, data={"do": "finish"}),
    "check/CHECK/mail/": everybody(get=302, post=422, data={"mail": "keine"}),
    "check/CHECK/fragen/": everybody(post=302, data={"do": "next"}),
    "check/CHECK/antworten.json": everybody(),
    "check/CHECK/ergebnis/": everybody(),
    "check/CHECK/plan/": everybody(post=302),
    "check/CHECK/bericht.pdf": everybody(),
    "check/CHECK/plan.ics": everybody(),
    "check/CHECK/unterschiede/": everybody(post=404),
    "check/CHECK/veraenderung/": everybody(),
    "check/CHECK/vergleich/": everybody(post=302),
    "check/CHECK/wiederholen/": everybody(post=302),
    "check/CHECK/loeschen/": everybody(post=422),
    "desk/check/": only(COORDINATION),
    "desk/check/modelle/": only(COORDINATION, post=422),
    "desk/check/modelle/vorlage.xlsx": only(COORDINATION),
    "desk/check/anleitung/": only(COORDINATION),
    "desk/check/modelle/MODEL/": only(COORDINATION, post=302, data={"do": "nothing"}),
    "bericht/check/": only({"officer", "researcher", *COORDINATION}),
}


def seed(world: Any) -> None:
    """A kept check with one colleague and two rounds; a draft of an own model."""
    key = checks.keep({"state": "SH", "employees": 40}, ("own",), lang="de")
    checks.finish(key)
    checks.repeat(key, empty=False, seen=0)
    sheet = checks.invite(key, "Werkstatt")
    checks.finish(key)
    draft = own_models.hand_in(world.people["coordinator"], "check.xlsx", example_workbook()).draft
    world.places |= {"CHECK": key, "SHEET": sheet, "MODEL": str(draft)}
