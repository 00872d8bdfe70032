"""SLS and MJF: a part costs its share of the packed chamber. The cost curve is a saw: it jumps with each row, layer and build.

After the idea of Ruffo, Tuck and Hague (2006): an indirect rate per machine hour, and a unit cost that falls until a row, a layer or a
build is full. Only the shape is theirs; the figures are those of `costs.yaml`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from nordlotse.print3d.core.figures import Figures
from nordlotse.print3d.core.mesh import Floats
from nordlotse.print3d.core.nesting import Grid, Nest, Size, started


def powder_totals(
    part: Figures, given: Mapping[str, float], packed: Grid, chamber: Size, quantity: Floats
) -> dict[str, Floats]:
    """Return what quantities cost in EUR, by kind: setup, machine, material, labour.

    `alone` (0 to 1) is the share of started rows, layers and builds the order bears: 0 where others fill the rest, 1 where nobody does.
    The machine's hours go by layers, the aged powder by rows, warming by builds.
    """
    fill = started(packed, quantity)
    alone, height = given["alone"], packed.pitch[2]
    layers = fill.layers_exact + alone * (fill.layers_whole - fill.layers_exact)
    rows = fill.layers_exact + alone * (fill.layers_by_rows - fill.layers_exact)
    warm = fill.layers_exact / packed.layers
    warm = warm + alone * (fill.builds - warm)
    hours = layers * height / given["layer"] * given["recoat"] / 3600
    hours = hours + quantity * part.volume / given["scan"] + warm * given["warm"]
    around = np.maximum(rows * height * chamber[0] * chamber[1] - quantity * part.volume, 0.0)
    # 1 g/cm³ is 1e-6 kg/mm³
    mass = (quantity * part.volume * given["density"] + around * given["bulk"] * given["refresh"]) * 1e-6
    hourly = given["operator"] / 60
    return {
        "setup": np.full_like(quantity, given["setup"] * hourly),
        "machine": hours * given["machine_rate"],
        "material": mass * given["material_price"],
        "labour": (fill.builds * given["plate"] + quantity * given["finishing"]) * hourly,
    }


def nested_costs(
    parts: Sequence[Figures], packed: Nest, given: Mapping[str, float], chamber: Size
) -> tuple[float, ...]:
    """Return what each of several different parts costs in EUR that share the builds of a nest; together they pay all of it.

    Layers, warming, aged powder and unpacking go by the share of a part's box in its build; melting and its own powder by its volume.
    Without set-up per order, scrap, overhead and margin.
    """
    hourly = given["operator"] / 60
    crowd = [0.0] * len(packed.heights)
    melted = [0.0] * len(packed.heights)
    for place in packed.placed:
        crowd[place.build] += float(np.prod(place.size))
        melted[place.build] += parts[place.part].volume
    shared = []
    for height, solid in zip(packed.heights, melted, strict=True):
        hours = height / given["layer"] * given["recoat"] / 3600 + given["warm"]
        aged = max(height * chamber[0] * chamber[1] - solid, 0.0) * given["bulk"] * given["refresh"] * 1e-6
        shared.append(hours * given["machine_rate"] + aged * given["material_price"] + given["plate"] * hourly)
    costs = [0.0] * len(parts)
    for place in packed.placed:
        part = parts[place.part]
        own = part.volume / given["scan"] * given["machine_rate"] + given["finishing"] * hourly
        own += part.volume * given["density"] * 1e-6 * given["material_price"]
        costs[place.part] = own + shared[place.build] * float(np.prod(place.size)) / crowd[place.build]
    return tuple(costs)


def wrapped_price(
    wrapped: float, rate: float, setup: float, quantity: int, discounts: Sequence[tuple[int, float]] = ()
) -> float:
    """Return the unit price by the space a part takes up: `wrapped` mm³, `rate` EUR/cm³, `setup` EUR per order.

    `discounts`: (from this quantity, share off); the largest that applies counts (Phasio, "Powder Bed").
    """
    off = max((share for least, share in discounts if quantity >= least), default=0.0)
    return (wrapped / 1000 * rate + setup / quantity) * (1 - off)
