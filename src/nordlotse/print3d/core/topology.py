"""How the triangles of a mesh hang together: edges, holes, doubled and empty triangles, winding, bodies.

The parts are told apart in an order, so that one flaw is not found several times: empty and doubled triangles are set aside first, then
loose flaps on an edge, then winding and holes are judged on what is left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nordlotse.print3d.core.bodies import Body, bodies_of, groups, nested
from nordlotse.print3d.core.intersections import NO_CROSSINGS, Crossings, crossings
from nordlotse.print3d.core.mesh import Floats, Ints, Mesh

Index = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: A triangle is empty if it is lower than this share of its longest side (rounding of 32-bit coordinates).
EMPTY = 1e-6
#: Or lower than this share of the largest coordinate: three units in the last place of a 32-bit number.
ROUNDING = 3.0 * 2.0**-23


@dataclass(frozen=True, eq=False)
class Edges:
    """The edges of chosen faces: ends (e, 2) with the smaller number first, how many faces use each.

    `of_face` (m, 3): the edge of each face's side, -1 for faces not chosen; `order`/`starts`: sides grouped by edge, a side is
    3·face + corner; `forward` (m, 3): whether the face runs along it from the smaller number.
    """

    ends: Index
    uses: Index
    of_face: Index
    order: Index
    starts: Index
    forward: Mask


@dataclass(frozen=True, eq=False)
class Topology:
    """What was found. Faces are numbers of the mesh's own triangles.

    `empty` (triangles without area that close nothing), `doubled`, `flaps` (faces that hang on an edge two others share), `turned` (run the other way than their body) are faces;
    `holes` loops of boundary edges as vertex numbers; `many` edges of three or more faces, (k, 2) vertices, with `many_faces`;
    `bodies` the bodies; `crossings` where the surface passes through itself; `body_of` the body of each face, -1 for those set aside.
    """

    mesh: Mesh
    empty: Ints
    doubled: Ints
    flaps: Ints
    turned: tuple[Ints, ...]
    unorientable: Ints
    holes: tuple[Ints, ...]
    many: Index
    many_faces: tuple[Ints, ...]
    bodies: tuple[Body, ...]
    body_of: Ints
    crossings: Crossings

    @property
    def watertight(self) -> bool:
        """Return whether every edge has exactly two faces, all triangles counted."""
        return not (self.holes or len(self.flaps) or len(self.many) or len(self.empty) or len(self.doubled))

    @property
    def winding_ok(self) -> bool:
        """Return whether neighbouring faces run alike everywhere and no body is inside out."""
        return not self.turned and not len(self.unorientable) and not any(inside_out(body) for body in self.bodies)


def inside_out(body: Body) -> bool:
    """Return whether a closed body has its inside outside; a cavity (inside of another one) is to be so."""
    return body.closed and body.volume < 0 and len(body.inside) % 2 == 0


def edges_of(mesh: Mesh, chosen: Mask) -> Edges:
    """Return the edges of the chosen faces."""
    sides = np.flatnonzero(np.repeat(chosen, 3))
    faces = mesh.faces.astype(np.int64, copy=False)
    a, b = faces.reshape(-1)[sides], np.roll(faces, -1, axis=1).reshape(-1)[sides]
    key = np.minimum(a, b) * (len(mesh.vertices) + 1) + np.maximum(a, b)
    order = np.argsort(key)
    ordered = key[order]
    new = np.ones(len(order), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    starts = np.flatnonzero(new)
    number = np.empty(len(order), np.int64)
    number[order] = np.cumsum(new) - 1
    of_face = np.full(len(faces) * 3, -1, np.int64)
    of_face[sides] = number
    forward = np.zeros(len(faces) * 3, bool)
    forward[sides] = a < b
    first = ordered[starts]
    ends = np.stack([first // (len(mesh.vertices) + 1), first % (len(mesh.vertices) + 1)], axis=1)
    uses = np.diff(np.append(starts, len(order)))
    return Edges(ends, uses, of_face.reshape(-1, 3), sides[order], starts, forward.reshape(-1, 3))


def topology(mesh: Mesh, cross: bool = True) -> Topology:
    """Return how the mesh hangs together; without `cross` self-intersections are not looked for."""
    chosen, empty, doubled = _set_aside(mesh)
    edges = edges_of(mesh, chosen)
    flaps = _flaps(mesh, edges, chosen)
    if len(flaps):
        chosen[flaps] = False
        edges = edges_of(mesh, chosen)
    pairs, same = _neighbours(edges)
    turned, unorientable = _winding(mesh, pairs, same, chosen)
    label = groups(len(mesh.faces), *_joined_sides(mesh, edges, pairs))
    open_edges = np.append(edges.uses != 2, False)  # the last for faces not chosen
    open_faces = np.flatnonzero((open_edges[edges.of_face] & (edges.of_face >= 0)).any(axis=1)).astype(np.int32)
    kept = np.flatnonzero(chosen).astype(np.int32)
    bodies = _bodies(_righted(mesh, turned), label, kept, open_faces)
    body_of = np.full(len(mesh.faces), -1, np.int32)
    for number, body in enumerate(bodies):
        body_of[body.faces] = number
    found = crossings(mesh) if cross else NO_CROSSINGS
    between = body_of[found.pairs]
    between.sort(axis=1)
    bodies = nested(mesh, bodies, {(a, b) for a, b in np.unique(between, axis=0).tolist() if a != b})
    many = np.flatnonzero(edges.uses > 2)
    return Topology(
        mesh=mesh,
        empty=empty,
        doubled=doubled,
        flaps=flaps,
        turned=turned,
        unorientable=unorientable,
        holes=_holes(mesh, edges),
        many=edges.ends[many],
        many_faces=tuple((_sides(edges, e) // 3).astype(np.int32) for e in many.tolist()),
        bodies=tuple(bodies),
        body_of=body_of,
        crossings=found,
    )


def _sides(edges: Edges, edge: int) -> Index:
    begin = edges.starts[edge]
    return edges.order[begin : begin + edges.uses[edge]]


def empty_faces(mesh: Mesh) -> Mask:
    """Return the triangles without an area: a corner named twice, or corners in one line (as far as 32-bit coordinates tell)."""
    faces = mesh.faces
    same = (faces[:, 0] == faces[:, 1]) | (faces[:, 1] == faces[:, 2]) | (faces[:, 2] == faces[:, 0])
    sides = mesh.corners - mesh.corners[:, [1, 2, 0]]
    longest = np.einsum("kij,kij->ki", sides, sides).max(axis=1)  # squared
    rounding = ROUNDING * float(np.abs(mesh.bounds).max()) if len(faces) else 0.0
    empty: Mask = same | (2.0 * mesh.areas <= np.maximum(EMPTY * longest, rounding * np.sqrt(longest)))
    return empty


def _set_aside(mesh: Mesh) -> tuple[Mask, Ints, Ints]:
    """Return which faces are judged on, which are empty, which are doubled (all but the first of each kind).

    An empty triangle between two others keeps its place, for it closes the surface there.
    """
    faces = mesh.faces
    chosen = np.ones(len(faces), bool)
    empty = empty_faces(mesh)
    same = (faces[:, 0] == faces[:, 1]) | (faces[:, 1] == faces[:, 2]) | (faces[:, 2] == faces[:, 0])
    chosen[same] = False
    ordered = np.sort(faces, axis=1).astype(np.int64)
    count = np.int64(len(mesh.vertices) + 1)
    with np.errstate(over="ignore"):
        key = (ordered[:, 0] * count + ordered[:, 1]) * np.int64(0x9E3779B97F4A7C1) + ordered[:, 2]
    order = np.argsort(key, kind="stable")
    repeat = (key[order][1:] == key[order][:-1]) & (ordered[order[1:]] == ordered[order[:-1]]).all(axis=1)
    doubled = order[1:][repeat]
    doubled = np.sort(doubled[~same[doubled]]).astype(np.int32)
    chosen[doubled] = False
    thin = np.flatnonzero(empty & chosen)
    if len(thin):
        edges = edges_of(mesh, chosen)
        chosen[thin[(edges.uses[edges.of_face[thin]] != 2).any(axis=1)]] = False
    aside = ~chosen
    aside[doubled] = False
    return chosen, np.flatnonzero(aside).astype(np.int32), doubled


def _neighbours(edges: Edges) -> tuple[Index, Mask]:
    """Return the pairs of faces that share an edge alone, and whether both run along it the same way (which is wrong)."""
    two = edges.starts[edges.uses == 2]
    first, second = edges.order[two], edges.order[two + 1]
    forward = edges.forward.reshape(-1)
    return np.stack([first // 3, second // 3], axis=1), forward[first] == forward[second]


def _flaps(mesh: Mesh, edges: Edges, chosen: Mask) -> Ints:
    """Return the faces of pieces that hang on an edge of three or more faces and have open edges besides: without them it is sound."""
    many = edges.uses > 2
    if not many.any():
        return np.zeros(0, np.int32)
    pairs, _ = _neighbours(edges)
    label = groups(len(mesh.faces), pairs[:, 0], pairs[:, 1])
    known = edges.of_face >= 0
    on_many = (many[edges.of_face] & known).any(axis=1)
    on_open = ((edges.uses == 1)[edges.of_face] & known).any(axis=1)
    size = np.bincount(label, mesh.areas)
    pieces = np.intersect1d(label[on_many], label[on_open])
    flaps = chosen & np.isin(label, pieces) & (label != int(np.argmax(size)))
    # only where two faces are left at each of those edges
    rest = np.array(
        [int((~flaps[_sides(edges, e) // 3]).sum()) for e in np.flatnonzero(many)[:100_000].tolist()], np.int64
    )
    bad = np.flatnonzero(many)[:100_000][(rest != 2) & (rest != 0)]
    spoiled = [label[_sides(edges, e) // 3] for e in bad.tolist()]
    if spoiled:
        flaps &= ~np.isin(label, np.concatenate(spoiled))
    return np.flatnonzero(flaps).astype(np.int32)


def _joined_sides(mesh: Mesh, edges: Edges, pairs: Index) -> tuple[Index, Index]:
    """Return which faces belong to one body: those sharing an edge; at an edge of many, open pieces belong together."""
    odd = np.flatnonzero((edges.uses > 2) & (edges.uses % 2 == 1))
    if not len(odd):
        return pairs[:, 0], pairs[:, 1]
    begin = edges.starts[odd]
    first = np.concatenate([edges.order[begin] // 3, edges.order[begin] // 3])
    second = np.concatenate([edges.order[begin + 1] // 3, edges.order[begin + 2] // 3])
    return np.concatenate([pairs[:, 0], first]), np.concatenate([pairs[:, 1], second])


def _righted(mesh: Mesh, turned: tuple[Ints, ...]) -> Mesh:
    """Return the mesh with the turned patches turned back: so a body's volume has its own sign."""
    if not turned:
        return mesh
    faces = mesh.faces.copy()
    wrong = np.concatenate(turned)
    faces[wrong] = faces[wrong][:, ::-1]
    return Mesh(mesh.vertices, faces)


def _bodies(mesh: Mesh, label: Ints, kept: Ints, open_faces: Ints) -> list[Body]:
    if not len(kept):
        return []
    is_open = np.zeros(len(mesh.faces), bool)
    is_open[open_faces] = True
    part = Mesh(mesh.vertices, mesh.faces[kept])
    found = bodies_of(part, label[kept], np.flatnonzero(is_open[kept]).astype(np.int32))
    return [Body(kept[b.faces], b.volume, b.area, b.box, b.centre, b.closed) for b in found]


def _winding(mesh: Mesh, pairs: Index, same: Mask, chosen: Mask) -> tuple[tuple[Ints, ...], Ints]:
    """Return the patches that run against the larger part of their body, and faces where no choice fits (a Möbius strip)."""
    if not same.any():
        return (), np.zeros(0, np.int32)
    good = pairs[~same]
    patch = groups(len(mesh.faces), good[:, 0], good[:, 1])
    links = np.unique(np.sort(patch[pairs[same]], axis=1), axis=0)
    twisted = np.unique(pairs[same][patch[pairs[same, 0]] == patch[pairs[same, 1]]])
    near: dict[int, list[int]] = {}
    for a, b in links.tolist():
        if a != b:
            near.setdefault(a, []).append(b)
            near.setdefault(b, []).append(a)
    area: Floats = np.bincount(patch[chosen], mesh.areas[chosen], int(patch.max()) + 1).astype(np.float64)
    size = np.bincount(patch[chosen], minlength=int(patch.max()) + 1).astype(np.float64)
    wrong = [p for piece in _pieces(near) for p in _minority(piece, area, size.astype(np.float64))]
    order = np.argsort(patch, kind="stable")
    begin = np.searchsorted(patch[order], np.arange(int(patch.max()) + 2))
    turned = tuple(np.sort(order[begin[p] : begin[p + 1]]).astype(np.int32) for p in sorted(wrong))
    return turned, twisted.astype(np.int32)


def _pieces(near: dict[int, list[int]]) -> list[dict[int, bool]]:
    """Return for each connected set of patches which of them must be turned, seen from its first patch."""
    seen: set[int] = set()
    found = []
    for start in near:
        if start in seen:
            continue
        side = {start: False}
        waiting = [start]
        while waiting:
            here = waiting.pop()
            for other in near[here]:
                if other not in side:
                    side[other] = not side[here]
                    waiting.append(other)
        seen |= side.keys()
        found.append(side)
    return found


def _minority(side: dict[int, bool], area: Floats, size: Floats) -> list[int]:
    """Return the patches of the smaller side by area; at equal areas the one of fewer faces."""
    weight = [
        (sum(area[p] for p in side if side[p] == s), sum(size[p] for p in side if side[p] == s)) for s in (False, True)
    ]
    smaller = (
        weight[1] < weight[0] if abs(weight[0][0] - weight[1][0]) > 1e-9 * weight[0][0] else weight[1][1] < weight[0][1]
    )
    return [p for p in side if side[p] == smaller]


def _holes(mesh: Mesh, edges: Edges) -> tuple[Ints, ...]:
    """Return the boundary as chains of vertices, loops where they close; each boundary edge belongs to one."""
    single = edges.order[edges.starts[edges.uses == 1]]
    if not len(single):
        return ()
    face, corner = single // 3, single % 3
    # the boundary runs against the face: the hole is filled in this direction
    begin = mesh.faces[face, (corner + 1) % 3]
    end = mesh.faces[face, corner]
    after: dict[int, list[int]] = {}
    for a, b in zip(begin.tolist(), end.tolist(), strict=True):
        after.setdefault(a, []).append(b)
    inward = set(end.tolist())
    found = []
    for start in [a for a in after if a not in inward] + list(after):
        while after.get(start):
            found += _chains(after, start)
    return tuple(np.array(chain, np.int32) for chain in found)


def _chains(after: dict[int, list[int]], start: int) -> list[list[int]]:
    """Take the way from `start` as far as it goes; where it comes back to a vertex, cut that loop off."""
    chain, at = [start], {start: 0}
    loops = []
    while after.get(chain[-1]):
        following = after[chain[-1]].pop()
        if following in at:
            loop = chain[at[following] :]
            loops.append(loop)
            for vertex in loop[1:]:
                del at[vertex]
            del chain[at[following] + 1 :]
        else:
            at[following] = len(chain)
            chain.append(following)
    return loops + ([chain] if len(chain) > 1 else [])
