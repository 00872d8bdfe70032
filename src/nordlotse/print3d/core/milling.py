"""CNC milling: removed volume, finished area, non-cutting time, set-ups, programming, stock."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nordlotse.print3d.core.figures import Figures
from nordlotse.print3d.core.mesh import Floats


def milling_totals(part: Figures, given: Mapping[str, float], quantity: Floats) -> dict[str, Floats]:
    """Return what quantities cost in EUR, by kind: setup (with programming), machine, material, labour.

    Cutting = removed volume / removal rate + area / finishing rate; non-cutting is a share on top. The stock is the part's box with
    an allowance on every side.
    """
    stock = float(np.prod([side + 2 * given["allowance"] for side in part.size]))
    cutting = max(stock - part.volume, 0.0) / given["removal"] + part.area / given["finish"]
    hours = cutting * (1 + given["idle"]) + given["setups"] * given["clamp"] / 60
    once = (given["setups"] * given["setup"] / 60 + given["programming"]) * given["machine_rate"]
    return {
        "setup": np.full_like(quantity, once),
        "machine": quantity * hours * given["machine_rate"],
        "material": quantity * stock * given["density"] * 1e-6 * given["material_price"],
        "labour": quantity * given["finishing"] * given["operator"] / 60,
    }
