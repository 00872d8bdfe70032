"""Injection moulding: what the tool costs, and what a shot costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log, pi

import numpy as np

from nordlotse.print3d.core.figures import Figures
from nordlotse.print3d.core.mesh import Floats

#: Thinnest wall in mm that is still reckoned with: thinner ones cool in no time but are not filled.
_THINNEST = 0.5


def customisation(cavities: float, base: float, of_cavities: Sequence[float], of_base: Sequence[float]) -> float:
    """Return the cost of customising in EUR: inserts and base, each times the sum of its factors (Kazmer, ch. 3)."""
    return cavities * sum(of_cavities) + base * sum(of_base)


def mould_cost(cavities: float, base: float, of_cavities: Sequence[float], of_base: Sequence[float]) -> float:
    """Return the cost of a mould in EUR: inserts, base, customisation (Kazmer, ch. 3)."""
    return cavities + base + customisation(cavities, base, of_cavities, of_base)


def base_cost(fixed: float, mass: float, price: float) -> float:
    """Return the cost of a mould base in EUR: a fixed part and kg times EUR/kg (Kazmer, ch. 3)."""
    return fixed + mass * price


def part_cost(material: float, machine: float, tool: float, good: float) -> float:
    """Return the cost of a good part in EUR: all that is spent on one, over the share of good ones (Kazmer, ch. 3)."""
    return (material + machine + tool) / good


def cooling(wall: float, diffusivity: float, melt: float, mould: float, eject: float) -> float:
    """Return the cooling time of a plate in s: s²/(π²·a) · ln(8/π² · (melt − mould)/(eject − mould)) (Ballman and Shusman).

    `wall` in mm, `diffusivity` in mm²/s, temperatures in °C; none where the part may be ejected at once.
    """
    warm = 8 / pi**2 * (melt - mould) / max(eject - mould, 1e-6)
    return wall**2 / (pi**2 * diffusivity) * log(warm) if warm > 1 else 0.0


def tool_cost(part: Figures, given: Mapping[str, float]) -> float:
    """Return the cost of the tool in EUR: inserts cut from blocks around the part, a base by their mass, customisation, design."""
    x, y, z = part.size
    margin, cavities = 2 * given["insert_margin"], given["cavities"]
    block = (x + margin) * (y + margin) * (z + margin) * cavities
    mass = block * 7.85e-6  # kg/mm³ of steel
    # the cavity takes the part's hull out of the two halves; both sides of its surface are finished
    hours = cavities * (part.hull / given["tool_removal"] + part.area / given["tool_finish"])
    inserts = mass * given["insert_price"] + hours * given["tool_rate"]
    base = base_cost(given["base_fixed"], mass * given["base_mass"], given["base_price"])
    made = mould_cost(inserts, base, [given["cavity_factor"]], [given["base_factor"]])
    return made + given["tool_design"] * given["tool_rate"]


def moulding_totals(part: Figures, given: Mapping[str, float], quantity: Floats) -> dict[str, Floats]:
    """Return what quantities cost in EUR, by kind: tooling, setup, machine, material."""
    wall = max(part.wall, _THINNEST)
    cycle = given["move"] + cooling(wall, given["diffusivity"], given["melt"], given["mould"], given["eject"])
    shots = np.ceil(quantity / given["cavities"])
    mass = quantity * part.volume * (1 + given["runner"]) * given["density"] * 1e-6
    return {
        "tooling": np.full_like(quantity, tool_cost(part, given)),
        "setup": np.full_like(quantity, given["setup"] / 60 * given["operator"]),
        "machine": shots * cycle / 3600 * given["machine_rate"],
        "material": mass * given["material_price"],
    }
