"""Time and material of an FDM print from its mesh, without slicing it: sampled layers, machine dynamics, least layer time, error band."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import pi

import numpy as np
import yaml
from scipy.spatial import ConvexHull, QhullError

from nordlotse.print3d.core.mesh import Floats, Mesh
from nordlotse.print3d.core.paths import bead_spacing
from nordlotse.print3d.core.plan import KINDS, Plan, planned, slowed, times
from nordlotse.print3d.core.values import Estimate, Profile
from nordlotse.print3d.core.work import Work, work

#: Layers worked through; more change the result by less than the error that is left.
SAMPLED = 24


@dataclass(frozen=True, eq=False)
class Parts:
    """What the figure is made of: seconds by name, mm³ by name, and the layers' plan."""

    seconds: Mapping[str, float]
    volume: Mapping[str, float]
    work: Work
    plan: Plan


@cache
def coefficients(name: str) -> Mapping[str, float]:
    """Return the coefficients of a profile."""
    text = files("nordlotse.print3d.core.data").joinpath("coefficients.yaml").read_text(encoding="utf-8")
    return {key: float(value) for key, value in yaml.safe_load(text)["profiles"][name].items()}


def parts(mesh: Mesh, profile: Profile, sampled: int = SAMPLED) -> Parts:
    """Return seconds and volume of `mesh`, which stands on the bed, by what is printed."""
    value, given = profile.values, coefficients(profile.id)
    done = work(mesh, profile, sampled)
    plan = planned(done, profile, given, _skirt(mesh, value), float(mesh.size[0] * mesh.size[1]))
    fixed = plan.retractions * given["retract_clock"] + plan.travel / value["travel_speed"]
    speeds = slowed(plan, fixed, value["least_layer_time"], value["least_speed"])
    by_kind = times(plan, speeds).sum(axis=1)
    seconds = dict(zip(KINDS, by_kind.tolist(), strict=True))
    seconds["moves"] = float(plan.retractions.sum())
    # a move reaches its speed only over long ways: the time grows with the root of the distance
    seconds["travel"] = float(np.sqrt(plan.travel * plan.retractions).sum())
    seconds["layers"] = float(done.figures.count)
    flow = bead_spacing(value["width"], value["layer"]) * value["layer"]
    volume = dict(zip(KINDS, (plan.lines.sum(axis=1) * flow).tolist(), strict=True))
    volume["outer"] += float(plan.volume.sum()) - sum(volume.values())
    return Parts(seconds, volume, done, plan)


def _skirt(mesh: Mesh, value: Mapping[str, float]) -> float:
    """Return the length in mm of the skirt of one layer: loops around what the lowest layers hold, until enough filament has flowed."""
    points = _below(mesh, value["layer"] * (value["skirt_layers"] - 0.5))
    try:
        around = float(ConvexHull(points).area)
    except (QhullError, ValueError):
        around = 2.0 * float(np.ptp(points, axis=0).sum()) if len(points) else 0.0
    spacing = bead_spacing(value["width"], value["layer"])
    needed = value["skirt_filament"] * pi / 4 * value["diameter"] ** 2 / (spacing * value["layer"])
    total, loops = 0.0, 0
    while loops < value["skirt_loops"] or (total < needed and loops < 20):
        total += around + 2 * pi * (value["skirt_distance"] + 0.32 + loops * spacing)
        loops += 1
    return total


def _below(mesh: Mesh, height: float) -> Floats:
    """Return points (n, 2) whose hull is that of everything up to `height` mm."""
    corners = mesh.corners[mesh.corners[:, :, 2].min(axis=1) <= height]
    following = np.roll(corners, -1, axis=1)
    rise = following[:, :, 2] - corners[:, :, 2]
    share = np.divide(height - corners[:, :, 2], rise, out=np.ones_like(rise), where=np.abs(rise) > 1e-12)
    over = corners[:, :, 2] > height
    # a corner above gives way to the points where its edges cross the height
    crossing = corners + (following - corners) * np.clip(share, 0.0, 1.0)[:, :, None]
    crosses = over != (following[:, :, 2] > height)
    points: Floats = np.concatenate([corners[~over][:, :2], crossing[crosses][:, :2]])
    return points


__all__ = ["SAMPLED", "Estimate", "Parts", "coefficients", "parts", "time"]
