"""Which way to lay a part: three proposals out of those that no other beats, each with its reason; and a good heading about z, apart."""

from __future__ import annotations

from dataclasses import replace
from math import degrees, inf, pi

import numpy as np
from scipy.spatial import ConvexHull, QhullError

from nordlotse.foundation.language import Text
from nordlotse.print3d.core.estimate import coefficients, estimate, printable
from nordlotse.print3d.core.mesh import Floats, Mesh
from nordlotse.print3d.core.poses import Pose, directions, posed, shape, under_all
from nordlotse.print3d.core.profile import profile as profile_of
from nordlotse.print3d.core.slicing import Indices
from nordlotse.print3d.core.values import Profile, Proposal

#: Up to so many triangles, so many directions are looked at column by column; the others are ruled out by their faces alone.
_CLOSELY = ((20_000, 16), (100_000, 8), (inf, 5))
#: Supports nearer than this (share, or mm³ of filament) count as equal: the estimate knows no better.
_EQUAL_SHARE, _EQUAL_MM3 = 0.03, 12.0
#: What a part that does not stand by itself needs beside, as a share and in mm³ of filament.
_UNSTEADY_SHARE, _UNSTEADY_MM3 = 0.25, 150.0
#: Seconds a layer costs beside what is printed in it: moving up, leaving and coming back.
_PER_LAYER = 1.5
#: Seconds per mm³ of support filament.
_PER_SUPPORT = 0.35


def orient(mesh: Mesh, profile: Profile | None = None, marked: Indices | None = None) -> list[Proposal]:
    """Return three ways to lay the part: "cheapest", "fastest", "best_surface"; often one way is several of them.

    `marked` are faces whose surface matters (all if None). Rotations turn on the shortest way; `heading_deg` is a further turn about z
    that lays the part's long edges along the machine's axes.

    Raises:
        BadInput: as `estimate`.
    """
    profile = profile or profile_of("fdm-pla-0.2")
    mesh = printable(mesh, profile)
    poses = _fitting(candidates(mesh, profile, marked), profile)
    best = pareto(poses)
    cheapest = _cheapest(best)
    fastest = min(best, key=lambda pose: (not pose.stable, _clock(pose)))
    finest = min(best, key=lambda pose: (not pose.stable, round(pose.rough, 3), pose.support))
    # each way is estimated in full once; the quickest of these is the fastest, whatever it was picked for
    looked = {id(pose): (pose, _seconds(pose, mesh, profile)) for pose in (cheapest, fastest, finest)}
    fastest = min(looked.values(), key=lambda found: (not found[0].stable, found[1]))[0]
    return [
        _proposal(name, pose, looked[id(pose)][1], mesh, _reason(name, pose, poses, profile.values["density"] / 1000.0))
        for name, pose in (("cheapest", cheapest), ("fastest", fastest), ("best_surface", finest))
    ]


def candidates(mesh: Mesh, profile: Profile, marked: Indices | None = None) -> list[Pose]:
    """Return the poses worth a close look, as they would print; the part as it lies is always among them."""
    angle = profile.values["support_angle"]
    part = shape(mesh)
    downs = directions(part)
    above = under_all(part, downs, angle)
    order = np.argsort(above, kind="stable")
    closely = next(number for most, number in _CLOSELY if len(mesh.faces) < most)
    chosen = [0, *[int(n) for n in order if n][: closely - 1]]
    return [posed(part, downs[n], angle, _factors(profile), marked, profile.values["layer"]) for n in chosen]


def _fitting(poses: list[Pose], profile: Profile) -> list[Pose]:
    """Return the poses that fit the machine at some heading about z; all of them where none fits."""
    x, y, z = (profile.values[f"bed_{axis}"] for axis in "xyz")

    def fits(pose: Pose) -> bool:
        across = np.roll(pose.outline, len(pose.outline) // 2)
        return pose.height <= z and bool(((pose.outline <= x + 0.5) & (across <= y + 0.5)).any())

    return [pose for pose in poses if fits(pose)] or poses


def _clock(pose: Pose) -> float:
    """Return the seconds in which poses of one part differ."""
    return pose.height / 0.2 * _PER_LAYER + pose.support * _PER_SUPPORT


def pareto(poses: list[Pose]) -> list[Pose]:
    """Return the poses no other beats in support, time, surface and foot at once."""
    values = np.array([[p.support, _clock(p), p.rough, -p.stands, not p.stable] for p in poses], dtype=np.float64)
    beaten = [bool(((values <= row).all(axis=1) & (values < row).any(axis=1)).any()) for row in values]
    return [pose for pose, worse in zip(poses, beaten, strict=True) if not worse]


def _cheapest(poses: list[Pose]) -> Pose:
    """Return the pose with the least support, for removing it costs hands; among equals the one that stands, then the quickest."""
    least = min(_burden(pose) for pose in poses)
    equal = [pose for pose in poses if _burden(pose) <= least * (1 + _EQUAL_SHARE) + _EQUAL_MM3]
    return min(equal, key=lambda pose: (not pose.stable, _clock(pose)))


def _burden(pose: Pose) -> float:
    """Return the support in mm³; a part that does not stand needs more than its overhangs say, to be held at all."""
    return pose.support if pose.stable else pose.support * (1 + _UNSTEADY_SHARE) + _UNSTEADY_MM3


def _seconds(pose: Pose, mesh: Mesh, profile: Profile) -> float:
    """Return the print time with support in s."""
    given = coefficients(profile.id)
    support = pose.support * given["support_time_volume"] / given["support_volume"]
    return estimate(mesh.turned(pose.rotation), profile).time_s + support


def _proposal(name: str, pose: Pose, seconds: float, mesh: Mesh, reason: Text) -> Proposal:
    turn = heading(mesh.turned(pose.rotation))
    return Proposal(name, pose.rotation, pose.support, seconds, pose.height, pose.stands, reason, turn)


def _reason(name: str, pose: Pose, poses: list[Pose], density: float) -> Text:
    most = max(other.support for other in poses)
    foot = f"{pose.stands:.0f} mm²"
    if pose.support < 1.0:
        de, en = "kommt ohne Stützen aus", "needs no support"
    else:
        more_de = f" (die ungünstigste betrachtete Lage: {_de(most * density)} g)" if most > pose.support else ""
        more_en = f" (the worst way looked at: {most * density:.1f} g)" if most > pose.support else ""
        de = f"braucht {_de(pose.support * density)} g Stützen{more_de}"
        en = f"needs {pose.support * density:.1f} g of support{more_en}"
    stands_de = f"steht auf {foot}" if pose.stable else "steht nicht sicher: Rand (Brim) oder Stützen vorsehen"
    stands_en = f"stands on {foot}" if pose.stable else "does not stand safely: plan a brim or supports"
    if name == "fastest":
        return Text(
            f"Am schnellsten: {pose.height:.0f} mm hoch, also wenige Schichten; {de}; {stands_de}.",
            f"Fastest: {pose.height:.0f} mm tall, so few layers; {en}; {stands_en}.",
        )
    if name == "best_surface":
        return Text(
            f"Beste Oberfläche: Stufen im Mittel {pose.rough * 100:.0f} % einer Schicht hoch; {de}; {stands_de}.",
            f"Best surface: steps {pose.rough * 100:.0f} % of a layer high on average; {en}; {stands_en}.",
        )
    if name == "by_hand":
        return Text(f"Von Hand gedreht: {de}; {stands_de}.", f"Turned by hand: {en}; {stands_en}.")
    return Text(f"Am günstigsten: {de}; {stands_de}.", f"Cheapest: {en}; {stands_en}.")


def _de(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")


def heading(mesh: Mesh) -> float:
    """Return the turn about z in degrees (−45 to 45) that lays the longest straight outlines along x and y.

    Slicers lay support along the axes; walls that stand slanted to them cost support. Each edge of the outline from above votes with its
    length for its direction modulo a quarter turn.
    """
    try:
        points: Floats = mesh.vertices[np.unique(mesh.faces)][:, :2]
        outline = points[ConvexHull(points).vertices]
    except (QhullError, ValueError):
        return 0.0
    edges = np.roll(outline, -1, axis=0) - outline
    walls = mesh.normals[:, 2] ** 2 < 1e-4
    across = mesh.normals[walls][:, :2]
    angle = np.r_[np.arctan2(edges[:, 1], edges[:, 0]), np.arctan2(across[:, 1], across[:, 0])]
    weight = np.r_[np.hypot(edges[:, 0], edges[:, 1]) * max(mesh.size[2], 1.0), mesh.areas[walls]]
    bins = np.bincount(np.round((angle % (pi / 2)) * 720 / pi).astype(np.int64) % 360, weight, 360)
    best = int(bins.argmax())
    if bins[best] < 0.15 * bins.sum():
        return 0.0
    turn = degrees(best * pi / 720)
    return -turn if turn <= 45 else 90.0 - turn


def by_hand(mesh: Mesh, rotation: Floats, profile: Profile | None = None) -> Proposal:
    """Return a way chosen by hand, judged like the proposals; `rotation` (3, 3) with v' = R v.

    Raises:
        BadInput: as `estimate`.
    """
    profile = profile or profile_of("fdm-pla-0.2")
    turned = printable(mesh, profile).turned(rotation)
    down = np.array([0.0, 0.0, -1.0])
    pose = posed(shape(turned), down, profile.values["support_angle"], _factors(profile), None, profile.values["layer"])
    reason = _reason("by_hand", pose, [pose], profile.values["density"] / 1000.0)
    found = _proposal("by_hand", pose, _seconds(pose, turned, profile), turned, reason)
    return replace(found, rotation=np.asarray(rotation, dtype=np.float64))


def _factors(profile: Profile) -> tuple[float, float, float]:
    given = coefficients(profile.id)
    return given["support_margin"], given["support_volume"], given["support_contact"]
