"""A shop behind its link as values of the core: machines, materials, cost figures, calibration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import NotFound
from nordlotse.print3d.core.estimate import Factors
from nordlotse.print3d.core.own_shop import LIMITS, OwnMachine, OwnShop, certain
from nordlotse.print3d.core.values import Machine, Material, Process
from nordlotse.print3d.core.workbench import Judged
from nordlotse.print3d.models import Shop

if TYPE_CHECKING:
    from nordlotse.print3d.queries.parts import KeptPart

_KEY = re.compile(r"[A-Za-z0-9]{24}")


@dataclass(frozen=True, slots=True)
class KeptShop:
    """A shop behind its link: its rows as its forms hold them, and what the core makes of them."""

    key: str
    machines: tuple[Mapping[str, Any], ...]
    materials: tuple[Mapping[str, Any], ...]
    figures: Mapping[str, float]
    calibration: Mapping[str, Any]
    own: OwnShop
    created_at: datetime
    touched_at: datetime


def unknown() -> NotFound:
    """Return the error of a link that leads to no shop."""
    return NotFound(
        "no_such_shop",
        de="Unter diesem Link liegt keine Werkstatt.",
        en="There is no shop under this link.",
        where="link",
        remedy_de="Bitte prüfen Sie, ob der Link vollständig ist.",
        remedy_en="See whether the link is complete.",
    )


def by_key(key: str) -> KeptShop:
    """Return a shop by its link.

    Raises:
        NotFound: `no_such_shop`.
    """
    row = Shop.objects.filter(pk=key).first() if _KEY.fullmatch(key) else None
    if row is None:
        raise unknown()
    return KeptShop(
        row.key,
        tuple(row.machines),
        tuple(row.materials),
        dict(row.figures),
        dict(row.calibration),
        _own(row),
        row.created_at,
        row.touched_at,
    )


def key_in(link: str) -> str:
    """Return the key in a link somebody pasted, or the key itself; "" where there is none."""
    found = re.findall(r"(?<![A-Za-z0-9])[A-Za-z0-9]{24}(?![A-Za-z0-9])", link)
    return found[-1] if found else ""


def of_part(kept: KeptPart) -> OwnShop | None:
    """Return the shop a part is reckoned with, None for our own figures."""
    own = of_key(kept.shop)
    return own.preferring(kept.wishes.material) if own is not None else None


def of_key(key: str) -> OwnShop | None:
    """Return a shop's values by its key, None where there is none (any more)."""
    row = Shop.objects.filter(pk=key).first() if key else None
    return _own(row) if row is not None else None


def judged(own: OwnShop | None) -> Judged:
    """Return by what a part is judged: a shop's machines, limits and materials, or our own data without a shop."""
    if own is None:
        return Judged()
    return Judged(own.judged_machines(), own.judged_limits(timezone.localdate()), own.judged_materials())


def machines_of(kept: KeptPart) -> tuple[Machine, ...]:
    """Return the machines of the shop a part is reckoned with, the smallest of each process first; () without a shop."""
    own = of_part(kept)
    return tuple(one for process in Process for one in own.of(process)) if own else ()


def _own(row: Shop) -> OwnShop:
    on = row.touched_at.date()
    return OwnShop(
        tuple(_machine(one, on) for one in row.machines),
        tuple(_material(one, on) for one in row.materials),
        {str(key): float(value) for key, value in row.figures.items()},
        factors(row.calibration),
    )


def _machine(row: Mapping[str, Any], on: date) -> OwnMachine:
    x, y, z = (float(side) for side in row["build"])
    name = str(row["name"])
    machine = Machine(
        str(row["id"]), Process(row["process"]), Text(name, name), (x, y, z), certain(float(row["rate"]), "EUR/h", on)
    )
    return OwnMachine(machine, {k: float(v) for k, v in row.get("limits", {}).items() if k in LIMITS})


def _material(row: Mapping[str, Any], on: date) -> Material:
    name = str(row["name"])
    return Material(
        str(row["id"]),
        Process(row["process"]),
        Text(name, name),
        float(row["density"]),
        certain(float(row["price"]), "EUR/kg", on),
        float(row.get("warping", 0.0)),
    )


def factors(kept: Mapping[str, Any]) -> Factors | None:
    """Return what a calibration says to the estimate, None where there is none."""
    if not kept.get("time"):
        return None
    time, filament = kept["time"], kept["filament"]
    return Factors(float(time["factor"]), float(filament["factor"]), float(time["band"]), float(filament["band"]))
