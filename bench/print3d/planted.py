"""Flaws planted at known places: is each found, under its code, within 1 mm, and is nothing else claimed?

Two generators: one the checks were tuned with, and a second one they were not. All parts go the way of a file, in every format that can
carry the flaw, and are checked as a person's upload is.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from bench.print3d import flaws, shape_flaws, unseen_mesh, unseen_shape
from bench.print3d.files import obj, off, ply, simple_3mf, stl_text
from bench.print3d.unseen_parts import BASES, base, mesh_of
from nordlotse.foundation.language import NOTHING
from nordlotse.print3d.core.check import check
from nordlotse.print3d.core.findings import CODES, topology_findings
from nordlotse.print3d.core.mesh import Mesh
from nordlotse.print3d.core.reading import read
from nordlotse.print3d.core.repair import as_stl
from nordlotse.print3d.core.topology import topology
from nordlotse.print3d.core.values import Finding, Loaded, Unit, UnitGuess

#: Parts for each code and generator.
PARTS = 20
#: How a part is written; a STEP file carries no flaw of a mesh and needs a CAD program for one of shape.
FORMATS: tuple[tuple[str, Callable[[Mesh], bytes]], ...] = (
    ("a.stl", as_stl),
    ("a.obj", obj),
    ("a.ply", lambda mesh: ply(mesh, "<")),
    ("a.3mf", simple_3mf),
    ("a.off", off),
    ("b.stl", stl_text),
)
_Planted = TypeVar("_Planted")
_Place = tuple[float, float, float]
#: Codes about the mesh alone; the rest come from the part's shape.
_MESH_ONLY = frozenset(unseen_mesh.PLANTS) | {"tessellation_crack"}


def as_loaded(mesh: Mesh) -> Loaded:
    """Return a mesh in mm as if read from a file."""
    return Loaded("part.stl", "stl", mesh, UnitGuess(Unit.MM, 1.0, NOTHING, True))


def filed(mesh: Mesh, part: int) -> Loaded:
    """Return a mesh written to a file and read again; the format goes round with the part's number."""
    name, write = FORMATS[part % len(FORMATS)]
    return read(write(mesh), name, unit="mm")


@dataclass(slots=True)
class _Tally:
    """What was found of one code: parts, parts found, claims, true claims, errors of the measure, farthest place in mm."""

    parts: int = 0
    found: int = 0
    claimed: int = 0
    true: int = 0
    errors: list[float] = field(default_factory=list)
    far: float = 0.0


class _Book:
    """Counts per code over all parts, so that a wrong claim counts against the code it was made under."""

    def __init__(self, codes: Iterable[str]) -> None:
        self.rows = {code: _Tally() for code in codes}
        self.others: list[str] = []

    def enter(
        self,
        code: str,
        part: int,
        found: Iterable[Finding],
        away: Callable[[Finding], float],
        value: float | None,
        besides: Iterable[str],
    ) -> None:
        """Count what was found in a part with one flaw."""
        row = self.rows[code]
        row.parts += 1
        near = []
        for one in found:
            if one.code in besides:
                continue
            tally = self.rows.setdefault(one.code, _Tally())
            tally.claimed += 1
            far = away(one)
            if one.code == code and far <= 1.0:
                tally.true += 1
                near.append(one)
                row.far = max(row.far, far)
            else:
                self.others.append(f"{code} in part {part}: {one.code} {one.value} at {far:.2f} mm")
        row.found += bool(near)
        if not near:
            self.others.append(f"{code} in part {part}: not found")
        elif value and near[0].value is not None:
            row.errors.append(abs(near[0].value / value - 1.0))

    def show(self, title: str, least: float = 0.95) -> None:
        """Print a line per code."""
        print(
            f"{title:20s} {'parts':>5s} {'recall':>7s} {'precision':>9s} {'farthest mm':>11s} {'worst error of the measure':>27s}"
        )
        for code, row in self.rows.items():
            worst = f"{max(row.errors):.1%}" if row.errors else "-"
            if not row.parts:
                print(f"{code:20s} claimed {row.claimed} times, planted nowhere")
                continue
            recall, precision = row.found / row.parts, row.true / max(row.claimed, 1)
            miss = "  MISSED TARGET" if recall < least or precision < 0.9 else ""
            print(f"{code:20s} {row.parts:5d} {recall:7.2f} {precision:9.2f} {row.far:11.2f} {worst:>27s}{miss}")
        for line in self.others[:12]:
            print("  ", line)
        print()


def _tuned(parts: int) -> None:
    book = _Book([*flaws.PLANTS, *shape_flaws.BUILT])
    for code in flaws.PLANTS:
        for part in range(parts):
            flaw = flaws.planted(code, part)
            loaded = filed(flaw.mesh, part)
            found = topology_findings(topology(loaded.mesh))
            book.enter(code, part, found, lambda one, flaw=flaw: flaws.distance(flaw, one.where), None, ())  # type: ignore[misc]
    for code in shape_flaws.BUILT:
        for part in range(parts):
            shape = shape_flaws.shape_flaw(code, part)
            found = check(filed(shape.mesh, part), process=shape.process).findings
            reach = shape_flaws.reach(shape) - 1.0

            def away(one: Finding, place=shape.place, reach: float = reach) -> float:  # type: ignore[no-untyped-def]
                return max(float(np.linalg.norm(np.array(one.where) - place)) - reach, 0.0)

            book.enter(code, part, found, away, shape.value, shape.besides)
    book.show("first generator")


def _from(away: Callable[[_Planted, _Place], float], planted: _Planted) -> Callable[[Finding], float]:
    """Return how far in mm a finding lies from what was planted."""
    return lambda one: away(planted, one.where)


def _unseen(parts: int) -> None:
    book = _Book([*unseen_mesh.PLANTS, *unseen_shape.SHAPES])
    for code in unseen_mesh.PLANTS:
        for part in range(parts):
            flaw = unseen_mesh.flawed(code, part)
            found = topology_findings(topology(filed(flaw.mesh, part).mesh))
            book.enter(code, part, found, _from(unseen_mesh.away, flaw), None, flaw.besides)
    for code in unseen_shape.SHAPES:
        for part in range(parts):
            shape = unseen_shape.shaped(code, part)
            found = check(filed(shape.mesh, part), process=shape.process).findings
            book.enter(code, part, found, _from(unseen_shape.away, shape), shape.value, shape.besides)
    book.show("second generator")


def _several(parts: int) -> None:
    """Three flaws of the mesh in one part: each found, each under its own code."""
    codes = ("hole", "winding", "duplicate_face", "degenerate_face", "inner_shell", "loose_body")
    book = _Book(codes)
    for part in range(parts):
        draw = np.random.default_rng([29, part])
        mesh = unseen_mesh.host(part, draw)
        # bodies last, or another flaw would fall upon them
        chosen = sorted(map(str, draw.choice(codes, 3, replace=False)), key=codes.index)
        made = []
        for code in chosen:
            mesh, place, region, _ = unseen_mesh.PLANTS[code](mesh, draw)
            made.append(unseen_mesh.Flawed(code, mesh, place, region))
        found = topology_findings(topology(filed(mesh, part).mesh))
        for flaw in made:
            own = [one for one in found if one.code == flaw.code]
            book.enter(flaw.code, part, own, _from(unseen_mesh.away, flaw), None, ())
        for one in found:
            if one.code not in chosen:
                book.rows.setdefault(one.code, _Tally()).claimed += 1
                book.others.append(f"{', '.join(chosen)} in part {part}: {one.code} {one.value}")
    book.show("three flaws at once")


def _sound(parts: int) -> None:
    first = sum(bool(topology_findings(topology(filed(flaws.sound(part), part).mesh))) for part in range(parts))
    second = shapes = 0
    for part in range(2 * len(BASES)):
        found = check(filed(mesh_of(base(part)), part), process="sls").findings
        second += any(one.code in _MESH_ONLY for one in found)
        shapes += any(
            one.code in ("thin_wall", "thin_gap", "small_hole", "small_feature", "trapped_volume") for one in found
        )
    print(f"sound parts of the first generator with any finding of the mesh: {first} of {parts}")
    print(
        f"sound parts of the second generator: {second} of {2 * len(BASES)} with a finding of the mesh, {shapes} with one of wall, gap, hole, pin or cavity"
    )


def main() -> int:
    """Print recall and precision per code."""
    asked = sorted(set(CODES) - set(unseen_mesh.PLANTS) - set(unseen_shape.SHAPES))
    print(f"codes not planted: {', '.join(asked)} (from STEP files, see topology)\n")
    _tuned(PARTS)
    _unseen(PARTS)
    _several(2 * PARTS)
    _sound(PARTS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
