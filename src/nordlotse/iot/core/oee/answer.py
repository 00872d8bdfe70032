"""What `nordlotse iot oee` prints: key figures with their steps, losses, flags and sentences as plain values for JSON.

Every number stands twice: `value` as JSON number, `exact` as fraction in a text. Times are seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from nordlotse.foundation.language import Text
from nordlotse.iot.core.oee.catalogue import MAIN, catalogue
from nordlotse.iot.core.oee.document import Document
from nordlotse.iot.core.oee.evaluate import evaluate, total
from nordlotse.iot.core.oee.losses import stops_by_size, trend, waterfall
from nordlotse.iot.core.oee.telling import tell, tell_trend
from nordlotse.iot.core.oee.values import Computed, Evaluated, Flag
from nordlotse.iot.core.oee.written import rounded

_UNITS = {"time": "s", "time_per_unit": "s per unit", "count": "pieces", "quantity": "", "number": ""}


def answer(document: Document) -> dict[str, Any]:
    """Return everything that follows from a document, ready for JSON."""
    items = [evaluate(given) for given in document.items]
    machines = list(dict.fromkeys(item.given.machine for item in items))
    whole = items[0] if len(items) == 1 else evaluate(total(document.items, machines[0] if len(machines) == 1 else ""))
    per_machine = [
        evaluate(total([i.given for i in items if i.given.machine == name], name))
        for name in machines
        if len(machines) > 1
    ]
    short = document.short_stop
    book = catalogue()
    return {
        "consistent": all(item.consistent for item in items),
        "key_figures": _figures(whole),
        "flags": [flag | {"item": place} for place, item in enumerate(items) for flag in _flags(item.flags)]
        + ([] if len(items) == 1 else [flag | {"item": None} for flag in _flags(whole.flags)]),
        "items": [evaluated(item, short) for item in items],
        "machines": [evaluated(one, short) for one in per_machine],
        "total": evaluated(whole, short),
        "trend": _trend(items) if len(items) > 1 and len(machines) == 1 else None,
        "source": book.source.as_dict() | {"licence": book.licence},
    }


def evaluated(found: Evaluated, short: Fraction) -> dict[str, Any]:
    """Return one machine and shift, or a sum of them, ready for JSON."""
    book = catalogue()
    return {
        "machine": found.given.machine,
        "shift": found.given.shift,
        "consistent": found.consistent,
        "elements": {
            name: _number(value) | {"unit": _UNITS[book.elements[name].kind], "from": found.derived.get(name, "given")}
            for name, value in found.elements.items()
        },
        "key_figures": _figures(found),
        "missing": {name: list(c.missing) for name, c in found.figures.items() if c.missing},
        "identity": _identity(found),
        "losses": [
            {"kind": loss.kind, "name": _both(loss.name), "seconds": float(loss.seconds), "left": float(loss.left)}
            | ({} if loss.euros is None else {"euros": float(rounded(loss.euros, 2))})
            for loss in waterfall(found, short)
        ],
        "stops": [
            {"reason": g.reason, "count": g.count, "seconds": float(g.seconds), "share": float(g.share)}
            | ({} if g.euros is None else {"euros": float(rounded(g.euros, 2))})
            for g in stops_by_size(found.given.stops, found.given.cost_per_hour)
        ],
        "flags": _flags(found.flags),
        "sentences": [_both(text) for text in tell(found, short)],
    }


def _figures(found: Evaluated) -> dict[str, Any]:
    return {
        name: _figure(computed)
        for name, computed in found.figures.items()
        if computed.value is not None or name in MAIN
    }


def _figure(computed: Computed) -> dict[str, Any]:
    named = catalogue().figures[computed.id]
    shown: dict[str, Any] = {"value": None, "exact": None, "shown": None}
    if computed.value is not None:
        shown = _number(computed.value) | {"shown": float(rounded(computed.value * named.scale, 2))}
    return shown | {
        "unit": named.unit,
        "name": _both(named.name),
        "formula": named.formula.source,
        "direction": named.direction,
        "missing": list(computed.missing),
        "steps": [
            {"term": step.term, "inserted": step.inserted, "value": None if step.value is None else _float(step.value)}
            for step in computed.steps
        ],
    }


def _identity(found: Evaluated) -> dict[str, Any] | None:
    """A·P·Q beside PRI·GQ/PBT: two ways to the same number, None where one of them cannot be gone."""
    e, oee = found.elements, found.value("oee")
    if oee is None or not e.get("PBT"):
        return None
    direct = e["PRI"] * e["GQ"] / e["PBT"]
    return {"a_p_q": str(oee), "pri_gq_pbt": str(direct), "equal": oee == direct}


def _flags(flags: Sequence[Flag]) -> list[dict[str, Any]]:
    return [
        {"code": f.code, "severity": f.severity, "where": f.where, "message_de": f.text.de, "message_en": f.text.en}
        for f in flags
    ]


def _trend(items: Sequence[Evaluated]) -> dict[str, Any]:
    found = trend(items)
    return {
        "figure": found.figure,
        "values": [[label, None if value is None else _float(value)] for label, value in found.values],
        "change": None if found.change is None else _float(found.change),
        "sentence": _both(tell_trend(found, catalogue().figures[found.figure].name)),
    }


def _number(value: Fraction) -> dict[str, Any]:
    return {"value": _float(value), "exact": str(value)}


def _float(value: Fraction) -> float | int:
    return int(value) if value.denominator == 1 else float(value)


def _both(text: Text) -> dict[str, str]:
    return {"de": text.de, "en": text.en}
