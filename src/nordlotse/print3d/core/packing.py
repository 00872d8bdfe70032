"""Several different parts in one powder chamber: where each lies, what share is used, what a piece costs there and at other quantities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nordlotse.foundation.language import NOTHING, Text
from nordlotse.foundation.problem import BadInput, Problem
from nordlotse.print3d.core.costs import Priced, priced
from nordlotse.print3d.core.figures import Figures, figures
from nordlotse.print3d.core.mesh import Mesh
from nordlotse.print3d.core.nesting import Nest, Placed, Size, nest
from nordlotse.print3d.core.powder import nested_costs
from nordlotse.print3d.core.rates import Rates, Way, rates
from nordlotse.print3d.core.reading import read

#: Processes whose parts lie in powder, on and above each other.
POWDER = ("sls", "mjf")
#: Most pieces of one packing, and most different parts.
MOST, MOST_KINDS = 200, 60
#: The chamber runs for this order only, as `nested_costs` reckons: nobody else fills what stays empty.
_OWN = {"alone": 1.0}
#: Points of a cost curve, at most.
_POINTS = 400


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to be packed and how many pieces of it."""

    name: str
    data: bytes
    count: int


@dataclass(frozen=True, slots=True)
class Filled:
    """A quantity at which something is full, and what a piece costs then in EUR."""

    quantity: int
    cost: float


@dataclass(frozen=True, slots=True)
class PackedPart:
    """A kind of part in the packing: its size in mm, volume in mm³, EUR per piece in this packing and made alone at this count.

    Both in a chamber that runs for this order only.

    `row`, `layer`, `build`: what fills a row, a layer and a build of this part alone. `curve`: EUR per piece over quantities.
    `problem`: why it is not in the packing.
    """

    name: str
    count: int
    size: Size = (0.0, 0.0, 0.0)
    volume: float = 0.0
    here: float = 0.0
    alone: float = 0.0
    row: Filled | None = None
    layer: Filled | None = None
    build: Filled | None = None
    curve: tuple[tuple[int, float], ...] = ()
    problem: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Packing:
    """Parts in a chamber (mm): places (`part` counts in `parts`), height filled per build in mm, share of the filled space that is part."""

    process: str
    chamber: Size
    gap: float
    parts: tuple[PackedPart, ...]
    placed: tuple[Placed, ...]
    heights: tuple[float, ...]
    density: float


def pack(wanted: Sequence[Wanted], process: str, given: Rates | None = None) -> Packing:
    """Return the packing of files in a process's chamber. Runs over strangers' files: in a child.

    A part that cannot be read or does not fit is told in its place and left out.

    Raises:
        BadInput: `pack_process`, `pack_many`, `pack_nothing`.
    """
    check_wanted(process, [one.count for one in wanted])
    held = given or rates()
    way = held.ways[process]
    read_in = [_read(one, held, process) for one in wanted]
    bodies = [(k, mesh) for k, (mesh, _, _) in enumerate(read_in) if mesh is not None for _ in range(wanted[k].count)]
    if not bodies:
        why = next((part.problem for _, _, part in read_in if part.problem.de), NOTHING)
        raise BadInput(
            "pack_nothing",
            de=f"Keines der Teile lässt sich packen. {why.de}".strip(),
            en=f"None of the parts can be packed. {why.en}".strip(),
            where="files",
            remedy_de="Bitte andere Teile wählen.",
            remedy_en="Choose other parts.",
        )
    made = nest([mesh for _, mesh in bodies], way.build, way.gap)
    here = _here([(k, way_of.part) for k, _ in bodies if (way_of := read_in[k][1]) is not None], made, way)
    parts = tuple(_with_costs(part, way_of, here.get(k, 0.0)) for k, (_, way_of, part) in enumerate(read_in))
    placed = tuple(
        Placed(bodies[one.part][0], one.build, one.corner, one.size, one.axes)
        for one in sorted(made.placed, key=lambda one: one.part)
    )
    return Packing(process, way.build, way.gap, parts, placed, made.heights, made.density)


def check_wanted(process: str, counts: Sequence[int]) -> None:
    """Refuse a packing that is none, or is too large.

    Raises:
        BadInput: `pack_process`, `pack_many`.
    """
    if process not in POWDER:
        raise BadInput(
            "pack_process",
            de="Gepackt wird nur für SLS und MJF.",
            en="Packing is for SLS and MJF only.",
            where=process,
        )
    if sum(counts) > MOST or len(counts) > MOST_KINDS:
        raise BadInput(
            "pack_many",
            de=f"Gepackt werden höchstens {MOST} Stück von höchstens {MOST_KINDS} verschiedenen Teilen.",
            en=f"At most {MOST} pieces of at most {MOST_KINDS} different parts are packed.",
            where="counts",
            remedy_de="Bitte weniger Stück wählen.",
            remedy_en="Choose fewer pieces.",
        )


def _read(one: Wanted, held: Rates, process: str) -> tuple[Mesh | None, Priced | None, PackedPart]:
    try:
        loaded = read(one.data, one.name)
        known = figures(loaded.mesh, None, loaded.exact_volume)
        costing = priced(known, held)
    except Problem as problem:
        return None, None, PackedPart(one.name, one.count, problem=Text(problem.message_de, problem.message_en))
    if process not in costing.ways:
        return None, None, PackedPart(one.name, one.count, known.size, known.volume, problem=costing.left_out[process])
    return loaded.mesh, costing.ways[process], PackedPart(one.name, one.count, known.size, known.volume)


def _here(bodies: Sequence[tuple[int, Figures]], made: Nest, way: Way) -> dict[int, float]:
    """Return what a piece of each kind costs where all are one order: they share chamber and set-up; surcharges as in `Priced.totals`."""
    given = way.likely()
    costs = nested_costs([known for _, known in bodies], made, given, way.build)
    setup = given["setup"] * given["operator"] / 60 / len(bodies)
    surcharge = (1 + given["overhead"]) * (1 + given["margin"])
    found: dict[int, list[float]] = {}
    for (kind, _), cost in zip(bodies, costs, strict=True):
        found.setdefault(kind, []).append((cost / (1 - given["scrap"]) + setup) * surcharge)
    return {kind: sum(each) / len(each) for kind, each in found.items()}


def _with_costs(part: PackedPart, way: Priced | None, here: float) -> PackedPart:
    if way is None:
        return part
    grid = way.packed
    most = max(20, part.count, min(2 * grid.per_layer, 2_000), min(grid.per_build + grid.per_layer, 1_000))
    # every quantity where there are few; else evenly, and both sides of each full layer, where the teeth are
    if most <= _POINTS:
        points = np.arange(1, most + 1)
    else:
        edges = np.arange(grid.per_layer, most, grid.per_layer)[: _POINTS // 3]
        points = np.concatenate((np.linspace(1, most, _POINTS - 2 * len(edges)).astype(int), edges, edges + 1))
        points = np.unique(points)
    cost = way.unit(points, _OWN)
    asked = np.array([part.count, grid.per_row, grid.per_layer, grid.per_build])
    alone, *full = (float(value) for value in way.unit(asked, _OWN))
    row, layer, build = (Filled(int(n), c) for n, c in zip(asked[1:], full, strict=True))
    curve = tuple((int(n), round(float(c), 4)) for n, c in zip(points, cost, strict=True))
    return PackedPart(part.name, part.count, part.size, part.volume, here, alone, row, layer, build, curve)
