"""Processes that build on a plate: FDM by its estimate, SLA by layers, LPBF by volume, layers and recoating."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nordlotse.print3d.core.figures import Figures
from nordlotse.print3d.core.mesh import Floats
from nordlotse.print3d.core.nesting import Grid


def fdm_totals(part: Figures, given: Mapping[str, float], plate: Grid, quantity: Floats) -> dict[str, Floats]:
    """Return what quantities cost in EUR, by kind; `time` in s and `filament` in g of one part come from the estimate."""
    hourly = given["operator"] / 60
    plates = np.ceil(quantity / plate.per_build)
    return {
        "setup": np.full_like(quantity, given["setup"] * hourly),
        "machine": quantity * given["time"] / 3600 * given["machine_rate"],
        "material": quantity * given["filament"] / 1000 * given["material_price"],
        "labour": (plates * given["plate"] + quantity * given["finishing"]) * hourly,
    }


def sla_totals(part: Figures, given: Mapping[str, float], plate: Grid, quantity: Floats) -> dict[str, Floats]:
    """Return what quantities cost in EUR, by kind: a plate takes layers times (exposure + peeling), however many parts are on it."""
    hourly = given["operator"] / 60
    plates = np.ceil(quantity / plate.per_build)
    layers = np.ceil(part.size[2] / given["layer"] - 1e-9)
    hours = plates * layers * (given["exposure"] + given["peel"]) / 3600
    resin = quantity * part.volume * (1 + given["support"]) * (1 + given["waste"]) * given["density"] * 1e-6
    return {
        "setup": np.full_like(quantity, given["setup"] * hourly),
        "machine": hours * given["machine_rate"],
        "material": resin * given["material_price"],
        "labour": (plates * given["plate"] + quantity * given["finishing"]) * hourly,
    }


def lpbf_totals(part: Figures, given: Mapping[str, float], plate: Grid, quantity: Floats) -> dict[str, Floats]:
    """Return what quantities cost in EUR, by kind: melted volume with support, recoating once per layer and plate, treatment per plate."""
    plates = np.ceil(quantity / plate.per_build)
    melted = part.volume + given["support"] * max(part.hull - part.volume, 0.0)
    layers = np.ceil(part.size[2] / given["layer"] - 1e-9)
    hours = quantity * melted / given["scan"] + plates * layers * given["recoat"] / 3600
    return {
        "setup": np.full_like(quantity, given["setup_fixed"]),
        "machine": hours * given["machine_rate"],
        "material": quantity * melted * given["density"] * 1e-6 * given["material_price"],
        "labour": quantity * given["finishing"] * given["operator"] / 60 + plates * given["plate_fixed"],
    }


@dataclass(frozen=True, slots=True)
class MetalQuote:
    """A quote for a metal part after Phasio, "Metal - LPBF": mm³ of support and melted, hours, and EUR."""

    support: float
    melted: float
    hours: float
    machine: float
    mass_g: float
    material: float
    total: float


def metal_quote(
    volume: float,
    hull: float,
    share: float,
    density: float,
    price: float,
    rate: float,
    hourly: float,
    setup: float,
    quantity: int = 1,
) -> MetalQuote:
    """Return the quote: support is a `share` of the space between hull and part; its powder is not charged, its time is.

    mm³, g/cm³, EUR/kg, mm³/h, EUR/h, EUR per order (Phasio, "Metal - LPBF").
    """
    support = share * (hull - volume)
    melted = volume + support
    hours = melted / rate
    mass = volume * density / 1000
    material = mass / 1000 * price
    return MetalQuote(
        support, melted, hours, hours * hourly, mass, material, setup / quantity + hours * hourly + material
    )
