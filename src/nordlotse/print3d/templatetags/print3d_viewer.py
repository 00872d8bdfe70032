"""What the viewer says of a part in words: its size, what was measured at a mark, how a proposal is called."""

from __future__ import annotations

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from nordlotse.print3d.core.values import Finding, MeshFacts, Proposal

register = template.Library()

_SIGNS = {"mm2": "mm²", "mm3": "mm³", "deg": "°", "": ""}


@register.filter
def extent(facts: MeshFacts) -> str:
    """Return length, width and height in mm: "120 × 80,5 × 40 mm"."""
    low, high = facts.bbox_mm
    sides = [_short(above - below) for below, above in zip(low, high, strict=True)]
    return f"{' × '.join(sides)} mm"


@register.filter
def unit_called(unit: str) -> str:
    """Return what a file's unit is called in the page's language."""
    return {"inch": _("Zoll"), "m": _("Meter")}.get(unit, _("Millimeter"))


@register.filter
def measured(finding: Finding) -> str:
    """Return what was measured at a mark and its limit: "0,62 mm (Grenze 0,8 mm)"; "" where nothing is measured."""
    if finding.value is None:
        return ""
    sign = _SIGNS.get(finding.unit, finding.unit)
    gap = "" if sign in ("°", "") else " "
    value = f"{_short(finding.value)}{gap}{sign}"
    if finding.limit is None:
        return value
    if finding.code == "trapped_volume":
        needed = f"{_short(finding.limit)} mm"
        if not finding.value:
            return _("keine Öffnung, nötig sind %(needed)s") % {"needed": needed}
        return _("weiteste Öffnung %(value)s, nötig sind %(needed)s") % {"value": value, "needed": needed}
    return _("%(value)s (Grenze %(limit)s)") % {"value": value, "limit": f"{_short(finding.limit)}{gap}{sign}"}


@register.filter
def called(proposal: Proposal) -> str:
    """Return what a proposal how to lay the part is called in the page's language."""
    names = {"cheapest": _("am günstigsten"), "fastest": _("am schnellsten"), "best_surface": _("beste Oberfläche")}
    return names.get(proposal.name, proposal.name)


@register.filter
def nine_numbers(rotation: object) -> str:
    """Return a rotation (3, 3) as nine numbers row by row, for the script to read."""
    rows: list[list[float]] = [[float(x) for x in row] for row in rotation]  # type: ignore[attr-defined]
    return " ".join(f"{x:.9g}" for row in rows for x in row)


def _short(value: float) -> str:
    """Write a figure with three digits that count, without zeros at the end."""
    places = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    text: str = number_format(round(value, places), places, use_l10n=True, force_grouping=True)
    mark = number_format(0.5, 1, use_l10n=True)[1]
    return text.rstrip("0").rstrip(mark) if mark in text else text
