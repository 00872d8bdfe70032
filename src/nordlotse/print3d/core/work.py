"""What there is to print in each sampled layer: lengths in mm, areas in mm², loops and lines one by one for the motion model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from nordlotse.print3d.core.mesh import Floats, Mesh
from nordlotse.print3d.core.paths import (
    Hatching,
    Slots,
    areas,
    bead_spacing,
    grown_area,
    grown_length,
    hatched,
    lengths,
    per_slot,
    stacked,
)
from nordlotse.print3d.core.sampling import Sample, exposed, sample
from nordlotse.print3d.core.slicing import Contours, Indices, Layers, cut, layers, thinned
from nordlotse.print3d.core.values import Profile

#: Points nearer than this to the line between their neighbours are left out, in mm.
_FINE = 0.015
#: A surface smaller than this share of the section is covered by the perimeters.
_UNSEEN = 0.01
#: Slicers grow the outermost layer of a flat top or bottom by this into the infill, in mm, so that it holds on to it.
_SPREAD = 3.0
#: Solid bands overlap the infill beside them by this, in mm.
_OVERLAP = 0.13
#: Lines of a pair lie this much further in than their place while it is tested whether the wall holds a pair, in mm.
_PAIR = 0.095
#: Outlines are taken this coarsely where only an area is wanted, in mm.
_COARSE = 0.1
#: Gaps narrower than twice this are closed, in mm.
_CLOSING = 0.049
#: Infill lines are joined along the outline over at most this, in mm.
_ANCHOR = 12.0
#: Walls thinner than this are not printed at all, in mm.
_THINNEST = 0.1
#: Pieces of infill smaller than this are not counted, in mm².
_CRUMB = 0.3


@dataclass(frozen=True, eq=False)
class Lines:
    """Infill lines: length in mm, the layer's position in the sample, how many lines one stands for."""

    length: Floats
    slot: Indices
    weight: Floats


@dataclass(frozen=True, eq=False)
class Work:
    """What is printed in the sampled layers; arrays (m,) over them, lengths mm, areas mm².

    `outer`, `inner`: loops of perimeters that come in pairs, `pair` mm further in than they are printed. `area`, `length`: of the
    section. `thin_length`, `thin_outer`: single lines in thin walls and what they fill; `thin_inner` the same between the external
    lines; `widened`: what is too narrow for infill and makes the inner lines wider. `core`: inside the perimeters; `solid`: of it printed
    solid; `spread`: the same grown as the outermost layer of a flat surface is. `sparse`: how the infill's lines hang together.
    `outers`, `holes`, `pieces`, `solid_pieces`: counts. `near_up`, `near_down`: surfaces within the shells above and below, of which a top
    has `top_layers` and a bottom `bottom_layers`. `open_ends`: of the contours.
    """

    figures: Layers
    sample: Sample
    outer: Contours
    inner: Contours
    pair: float
    area: Floats
    length: Floats
    thin_length: Floats
    thin_outer: Floats
    thin_inner: Floats
    widened: Floats
    core: Floats
    solid: Floats
    spread: Floats
    sparse_lines: Lines
    solid_lines: Lines
    sparse: Hatching
    outers: Floats
    holes: Floats
    pieces: Floats
    solid_pieces: Floats
    near_up: Floats
    near_down: Floats
    top_layers: int
    bottom_layers: int
    open_ends: int


def work(mesh: Mesh, profile: Profile, most: int) -> Work:
    """Return what is to print of `mesh`, which stands on the bed, in at most `most` sampled layers."""
    value = profile.values
    layer, width = value["layer"], value["width"]
    top, bottom = (
        _shells(value["top_layers"], value["top_thickness"], layer),
        _shells(value["bottom_layers"], value["bottom_thickness"], layer),
    )
    figures = layers(mesh, layer)
    chosen = sample(figures, top, bottom, most)
    count = len(chosen.chosen)
    sections, near_up, near_down, contours = _cuts(mesh, figures, chosen, top, bottom)
    low, size = float(mesh.bounds[0, 1]), float(mesh.size[1])
    part = _closed(stacked(contours, sections, count, low, size), contours, mesh)
    spacing = bead_spacing(width, layer)
    # where the wall holds two lines of a kind; thinner places get one line in their middle
    split, ring = width / 2 + _PAIR, width / 2 + spacing / 2
    outer, inner = part.offset(-split).contours(), part.offset(-ring - spacing / 2 - _PAIR).contours()
    edge = ring + spacing * (value["perimeters"] - 1)
    fill = edge - value["infill_overlap"] * spacing
    # infill goes where at least a line's width is left inside the perimeters
    core = part.offset(-edge - spacing / 2).offset(spacing / 2 + edge - fill)
    core_c, part_c = core.contours(), part.contours()
    area = per_slot(part_c, areas(part_c), count)
    length = per_slot(part_c, lengths(part_c), count)
    thin_outer = np.maximum(area - grown_area(outer, split, count), 0.0)
    # what of the outline no pair of external lines follows has one line for both its sides
    alone = (length - grown_length(outer, split, count)) / 2
    thin_length = np.clip(alone, thin_outer / (2 * split), thin_outer / _THINNEST)
    thin_inner = np.maximum(
        grown_area(outer, _PAIR - spacing / 2, count) - grown_area(inner, _PAIR + spacing / 2, count), 0.0
    )
    # what is too narrow for infill inside the perimeters makes these wider
    within = grown_area(inner, _PAIR - spacing / 2, count) - grown_area(core_c, fill - edge, count)
    widened = np.clip(within, 0.0, spacing * per_slot(inner, lengths(inner), count) / 2)
    solid = _solid(contours, core, near_up, near_down, (count, low, size), fill - 0.15)
    solid_c = solid.contours()
    spread_c = (
        Slots(solid.section.simplify(_COARSE), solid.pitch, solid.base, count).offset(_SPREAD) & core
    ).contours()
    loops = areas(part_c)
    sparse_c = (core - solid).contours()
    pitch = 2.0 * spacing / value["infill"]
    sparse = hatched(sparse_c, pitch, _ANCHOR, count)
    # no more solid lines than needed to know how long they are
    full = hatched(solid_c, 4.0 * spacing, 0.0, count)
    return Work(
        figures,
        chosen,
        outer,
        inner,
        _PAIR,
        area,
        length,
        thin_length,
        thin_outer,
        thin_inner,
        widened,
        per_slot(core_c, areas(core_c), count),
        per_slot(solid_c, areas(solid_c), count),
        per_slot(spread_c, areas(spread_c), count),
        _lines(sparse, sparse_c, pitch, count),
        _lines(full, solid_c, 2.0 * spacing, count),
        sparse,
        per_slot(part_c, (loops > 0).astype(float), count),
        per_slot(part_c, (loops < 0).astype(float), count),
        per_slot(sparse_c, (areas(sparse_c) > _CRUMB).astype(float), count),
        per_slot(solid_c, (areas(solid_c) > _CRUMB).astype(float), count),
        *exposed(figures, top, bottom),
        top,
        bottom,
        contours.open_ends,
    )


def _closed(part: Slots, contours: Contours, mesh: Mesh) -> Slots:
    """Return the regions with hair-thin gaps between bodies closed, as a slicer does before anything else."""
    outers = np.bincount(contours.cut, areas(contours) > 0)
    if not len(outers) or outers.max() < 2 or _bodies(mesh) < 2:
        return part
    return part.offset(_CLOSING).offset(-_CLOSING)


def _bodies(mesh: Mesh) -> int:
    """Return how many pieces the faces make that share no corner."""
    a, b, c = mesh.faces.T
    count = len(mesh.vertices)
    graph = coo_matrix((np.ones(2 * len(a), np.int8), (np.r_[a, b], np.r_[b, c])), (count, count))
    pieces = connected_components(graph, directed=False)[1]
    return len(np.unique(pieces[a]))


def _shells(number: float, thickness: float, layer: float) -> int:
    """Return how many layers a top or bottom has: the wanted number, more if they would be thinner than asked."""
    return max(int(number), int(np.ceil(thickness / layer - 1e-6)))


def _cuts(
    mesh: Mesh, figures: Layers, chosen: Sample, top: int, bottom: int
) -> tuple[list[list[int]], list[list[int]], list[list[int]], Contours]:
    """Cut the sampled layers and, where a surface is near, the layers that far above and below; return which cut serves which slot."""
    above, below = exposed(figures, top, bottom)
    n = figures.count
    seen = above + below > _UNSEEN * np.maximum(figures.area, 0.0)
    wanted = {int(k) for k in chosen.chosen}
    for k in chosen.chosen.tolist():
        if seen[k]:
            wanted.update(j for j in (k + top, k - bottom) if 0 <= j < n)
    heights = sorted(wanted)
    place = {k: i for i, k in enumerate(heights)}
    sections: list[list[int]] = [[] for _ in heights]
    up: list[list[int]] = [[] for _ in heights]
    down: list[list[int]] = [[] for _ in heights]
    for slot, k in enumerate(chosen.chosen.tolist()):
        sections[place[k]].append(slot)
        higher, lower = (k + top, k - bottom) if seen[k] else (k, k)
        if higher < n:
            up[place[higher]].append(slot)
        if lower >= 0:
            down[place[lower]].append(slot)
    contours = thinned(cut(mesh, figures.heights[np.array(heights)]), _FINE)
    return sections, up, down, contours


def _solid(
    contours: Contours,
    core: Slots,
    up: list[list[int]],
    down: list[list[int]],
    plane: tuple[int, float, float],
    ring: float,
) -> Slots:
    """Return what of the core is not inside the core of the layers above and below: tops and bottoms, printed solid."""
    inside = stacked(contours, up, *plane).offset(-ring) & stacked(contours, down, *plane).offset(-ring)
    return (core - inside).offset(-0.2).offset(0.2 + _OVERLAP)


def _lines(found: Hatching, contours: Contours, spacing: float, count: int) -> Lines:
    """Return infill lines, weighted so that length times spacing is twice the area."""
    keep = found.length > 0.1
    length, slot = found.length[keep], found.slot[keep]
    target = 2.0 * per_slot(contours, areas(contours), count) / spacing
    have = np.bincount(slot, length, count)
    weight = np.divide(target, have, out=np.zeros(count), where=have > 0)
    return Lines(length, slot, weight[slot])
