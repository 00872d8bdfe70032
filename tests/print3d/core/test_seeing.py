"""What pictures of a part show: colours tell the thickness, marks stand at the findings, nothing changes with how the part lies."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from bench.print3d.planted import as_loaded
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from manifold3d import Manifold
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from nordlotse.print3d.core import seeing
from nordlotse.print3d.core.check import check
from nordlotse.print3d.core.limits_data import process_limits
from nordlotse.print3d.core.mesh import Floats, Mesh
from nordlotse.print3d.core.rays import Solid
from nordlotse.print3d.core.repair import as_stl
from nordlotse.print3d.core.seeing.coarser import coarser
from nordlotse.print3d.core.seeing.colours import STOPS, UNKNOWN
from nordlotse.print3d.core.seeing.views import HIGH, WIDE, round_length
from nordlotse.print3d.core.thickness import Measured, thickness
from nordlotse.print3d.core.together import Together
from nordlotse.print3d.core.values import Checked, Process, Severity
from nordlotse.print3d.core.workshop import Workshop
from tests.print3d.core.solids import box, mesh_of, table, tube

#: What two pixels of a view may miss, in mm.
_HALF = 0.75


def holder() -> Mesh:
    """Return a plate with a thin rib, a small bore and a shelf that hangs over it."""
    solid = Manifold.cube((60, 40, 5)) + Manifold.cube((60, 4, 40)) + Manifold.cube((0.8, 20, 25)).translate((30, 4, 5))
    solid += Manifold.cube((20, 22, 4)).translate((4, 4, 36))
    solid -= Manifold.cylinder(10, 0.7, -1, 48).translate((52, 30, -2))
    return mesh_of(solid)


def stairs() -> tuple[Mesh, list[float]]:
    """Return steps of 10 × 10 mm with these heights one beside the other, touching nowhere but seen from above."""
    heights = [0.4, 0.9, 1.1, 1.5, 2.4, 6.0, 12.0]
    solid = Manifold()
    for number, height in enumerate(heights):
        solid += Manifold.cube((10, 10, height)).translate((12 * number, 0, 0))
    return mesh_of(solid), heights


def _look(mesh: Mesh, process: str = "fdm") -> tuple[Checked, seeing.Seen]:
    return seeing.look_at(as_loaded(mesh), process)


@cache
def _held() -> tuple[Checked, seeing.Seen, dict[str, seeing.View]]:
    """Return the holder, looked at and drawn once."""
    checked, seen = _look(holder())
    return checked, seen, seeing.drawn(seen, checked, "fdm")


@cache
def _bare() -> dict[str, seeing.View]:
    """Return the holder drawn without marks."""
    checked, seen, _ = _held()
    return seeing.drawn(seen, replace(checked, findings=()), "fdm")


def _place(view: seeing.View, mesh: Mesh, x: float, y: float) -> tuple[Floats, Floats]:
    """Return the line of sight through a pixel: a place on it and its direction, in the file's coordinates."""
    right, up, away = (np.array(way, float) for way in seeing.VIEWS[view.name])
    across, down = (x - WIDE / 2) / view.scale, (y - (HIGH - 64 + 40) / 2) / view.scale
    return mesh.bounds.mean(axis=0) + across * right - down * up, away


def _unpacked(png: bytes) -> NDArray[np.uint8]:
    """Read a PNG of eight bits and three colours back with nothing of ours."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    at, body, size = 8, b"", (0, 0)
    while at < len(png):
        length, kind = struct.unpack_from(">I4s", png, at)
        chunk = png[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", png, at + 8 + length)[0] == zlib.crc32(kind + chunk)
        if kind == b"IHDR":
            size = struct.unpack_from(">II", chunk)
            assert chunk[8:] == bytes([8, 2, 0, 0, 0])
        body += chunk if kind == b"IDAT" else b""
        at += length + 12
    rows = np.frombuffer(zlib.decompress(body), np.uint8).reshape(size[1], 1 + 3 * size[0])
    found = np.zeros((size[1], 3 * size[0]), np.uint8)
    for number, row in enumerate(rows):
        assert row[0] in (0, 2)
        found[number] = row[1:] + (found[number - 1] if row[0] == 2 else 0)
    return found.reshape(size[1], size[0], 3)


# ---- colours ----


def test_below_the_limit_colours_are_strong_and_from_the_limit_on_pale() -> None:
    thin, just = seeing.colour_of(1.1, 1.2), seeing.colour_of(1.2, 1.2)
    assert max(thin) - min(thin) > 180
    assert max(just) - min(just) < 110
    assert seeing.colour_of(float("nan"), 1.2) == seeing.colour_of(float("inf"), 1.2) == UNKNOWN
    assert seeing.colour_of(0.0, 1.2) == STOPS[0][1] and seeing.colour_of(500.0, 1.2) == STOPS[-1][1]


def test_the_scale_can_be_told_apart_without_red_and_green() -> None:
    """Blue against yellow alone: too thin is dark, at the limit light, thick blue (sRGB weights of luminance)."""
    light = [0.2126 * r + 0.7152 * g + 0.0722 * b for _, (r, g, b) in STOPS]
    assert light[:4] == sorted(light[:4]) and light[3] - light[2] > 60
    blue = [b - (r + g) / 2 for _, (r, g, b) in STOPS]
    assert all(b > 20 for b in blue[-2:]) and all(b < 0 for b in blue[:5])


@pytest.mark.parametrize("limit", [0.5, 1.2])
def test_the_legend_shows_the_colours_of_the_map_and_names_the_limit(limit: float) -> None:
    keys = seeing.legend(limit)
    assert [key.colour for key in keys] == [
        f"#{r:02x}{g:02x}{b:02x}" for r, g, b in (seeing.colour_of(k.width, limit) for k in keys)
    ]
    assert [key.width for key in keys if "Grenzmaß" in key.text.de] == [limit]
    assert [key.width < limit for key in keys] == ["too thin" in key.text.en for key in keys]


def test_the_limit_is_that_of_the_process_and_the_strictest_where_none_is_chosen() -> None:
    walls = {name: one.wall for name, one in process_limits().items()}
    assert seeing.limit_of("sls") == walls[Process.SLS]
    assert seeing.limit_of("") == max(walls.values())


# ---- views ----


def test_steps_of_known_heights_have_the_colour_of_their_thickness_seen_from_above() -> None:
    mesh, heights = stairs()
    checked, seen = _look(mesh)
    view = seeing.drawn(seen, replace(checked, findings=()), "fdm")["top"]
    limit = process_limits()[Process.FDM].wall
    rng = np.random.default_rng(5)
    for number, height in enumerate(heights):
        for _ in range(3):
            place = np.array([12 * number + rng.uniform(2, 8), rng.uniform(2, 8)])
            flat = (place - mesh.bounds.mean(axis=0)[:2]) * view.scale
            x, y = int(WIDE / 2 + flat[0]), int((HIGH - 64 + 40) / 2 - flat[1])
            expected = np.array(seeing.colour_of(height, limit)) * view.shade[y, x]
            assert view.pixels[y, x] == pytest.approx(expected, abs=1.5)


@pytest.mark.parametrize("name", list(seeing.VIEWS))
def test_at_twenty_points_of_each_view_the_colour_is_that_of_the_computed_thickness(name: str) -> None:
    mesh = holder()
    seen, view = _held()[1], _bare()[name]
    limit = process_limits()[Process.FDM].wall
    inner = view.piece[1:-1, 1:-1]
    even = np.ones(inner.shape, bool)
    for up, side in ((0, 1), (2, 1), (1, 0), (1, 2)):
        even &= view.piece[up : up + inner.shape[0], side : side + inner.shape[1]] == inner
    y, x = np.nonzero(even & (inner >= 0))
    plain = seen.angle[inner[y, x]] >= 90
    chosen = np.random.default_rng(1).choice(np.flatnonzero(plain), 20, replace=False)
    for row, column in zip(y[chosen] + 1, x[chosen] + 1, strict=True):
        piece = view.piece[row, column]
        place, away = _place(view, mesh, column + 0.5, row + 0.5)
        corners = seen.vertices[seen.faces[piece]]
        flat = np.cross(away, corners - place)  # the pixel's line of sight passes within the triangle
        assert np.linalg.norm(flat, axis=1).min() < 1.5
        expected = np.array(seeing.colour_of(float(seen.wall[piece]), limit)) * view.shade[row, column]
        assert view.pixels[row, column] == pytest.approx(expected, abs=1.5)


def test_a_mark_stands_on_its_triangles_within_a_pixel_of_the_place_s_line_of_sight() -> None:
    mesh = holder()
    checked, seen, drawn = _held()
    findings = {one.number: one.finding for one in seeing.numbered(checked.findings)}
    looked = 0
    for view in drawn.values():
        for pin in view.pins:
            place, away = _place(view, mesh, *pin.at)
            aside = np.linalg.norm(np.cross(np.array(findings[pin.number].where) - place, away))
            assert aside < 1.0
            if pin.seen and findings[pin.number].code == "thin_wall":
                parent = seen.parent[view.piece[int(pin.at[1]), int(pin.at[0])]]
                assert int(parent) in findings[pin.number].faces
                looked += 1
    assert looked >= 2


def test_every_finding_is_marked_in_some_view_by_its_number_in_the_list() -> None:
    checked, _, drawn = _held()
    pictures = {name: view.png for name, view in drawn.items()}
    assert set(pictures) == set(seeing.VIEWS)
    shown = {number for png in pictures.values() for number in seeing.marks_in(png)}
    assert shown == {one.number for one in seeing.numbered(checked.findings)}
    assert len(shown) >= 4


def test_what_matters_most_has_the_first_numbers() -> None:
    checked, _ = _look(holder())
    weights = [one.finding.severity for one in seeing.numbered(checked.findings)]
    assert weights == sorted(weights, key=[Severity.BLOCKS, Severity.RISK, Severity.NOTE].index)
    bare = [replace(one, faces=()) for one in checked.findings]
    assert [one.finding.code for one in seeing.numbered(bare)] == [
        one.finding.code for one in seeing.numbered(checked.findings)
    ]


def test_a_bore_is_marked_where_one_looks_into_it_and_nowhere_else() -> None:
    plate = mesh_of(Manifold.cube((40, 30, 8)) - Manifold.cylinder(10, 0.7, -1, 48).translate((12, 10, -1)))
    checked, seen = _look(plate)
    assert [one.code for one in checked.findings] == ["small_hole"]
    drawn = seeing.drawn(seen, checked, "fdm")
    assert {name for name, view in drawn.items() if view.pins} == {"top", "bottom"}


def test_a_cavity_that_no_view_shows_is_marked_with_an_open_dot_in_three() -> None:
    hollow = mesh_of(Manifold.cube((30, 30, 30)) - Manifold.sphere(8, 48).translate((15, 15, 15)))
    checked, seen = _look(hollow, "sls")
    drawn = seeing.drawn(seen, checked, "sls")
    assert checked.findings
    assert {name for name, view in drawn.items() if view.pins} == {"front", "right", "top"}
    assert not any(pin.seen for view in drawn.values() for pin in view.pins)


def test_numbers_never_cover_each_other() -> None:
    plate = Manifold.cube((28, 28, 6))
    for number in range(25):
        plate -= Manifold.cylinder(8, 0.7, -1, 24).translate((4 + 5 * (number % 5), 4 + 5 * (number // 5), -1))
    checked, seen = _look(mesh_of(plate))
    view = seeing.drawn(seen, checked, "fdm")["top"]
    places = np.array([pin.label for pin in view.pins])
    assert len(places) >= 20
    assert min(np.linalg.norm(a - b) for i, a in enumerate(places) for b in places[:i]) > 24


def test_faces_that_hang_over_are_hatched_only_where_the_process_needs_support() -> None:
    checked, seen = _look(table(), "")
    fdm = seeing.drawn(seen, replace(checked, findings=()), "fdm")
    sls = seeing.drawn(seen, replace(checked, findings=()), "sls")
    limit = seeing.limit_of("sls"), seeing.limit_of("fdm")
    assert limit[0] != limit[1]
    violet = {name: _violet(view.pixels) for name, view in fdm.items()}
    assert violet["bottom"] > 5_000
    assert max(count for name, count in violet.items() if name != "bottom") == 0
    assert _violet(sls["bottom"].pixels) == 0


def _violet(pixels: NDArray[np.uint8]) -> int:
    r, g, b = pixels.astype(int).transpose(2, 0, 1)
    return int(((b - g > 40) & (r - g > 15) & (b > r)).sum())


def test_a_view_is_a_png_of_640_by_480_pixels_that_others_read_too() -> None:
    view = _held()[2]["right"]
    read = _unpacked(view.png)
    assert read.shape == (480, 640, 3)
    assert (read == view.pixels).all()
    assert seeing.marks_in(view.png) == tuple(pin.number for pin in view.pins)
    assert seeing.marks_in(b"no picture") == ()


def test_the_outline_of_a_view_is_that_of_the_part_at_the_scale_of_its_bar() -> None:
    checked, seen = _look(box(60, 20, 30))
    view = seeing.drawn(seen, checked, "fdm")["front"]
    y, x = np.nonzero(view.piece >= 0)
    assert (x.max() - x.min() + 1) / view.scale == pytest.approx(60, abs=_HALF)
    assert (y.max() - y.min() + 1) / view.scale == pytest.approx(30, abs=_HALF)


@pytest.mark.parametrize(
    ("about", "length", "words"),
    [(23.0, 20.0, "20 mm"), (0.07, 0.05, "50 µm"), (5.0, 5.0, "5 mm"), (1999.0, 1000.0, "1 m"), (1.2, 1.0, "1 mm")],
)
def test_the_scale_s_bar_has_a_round_length(about: float, length: float, words: str) -> None:
    found, said = round_length(about)
    assert found == pytest.approx(length)
    assert said == words


def test_a_file_without_surface_gives_white_views_and_no_triangles() -> None:
    flat = Mesh(np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0]]), np.array([[0, 1, 2]], np.int32))
    checked, seen = _look(flat)
    drawn = seeing.drawn(seen, checked, "fdm")
    assert all((view.pixels == 255).all() and not view.pins for view in drawn.values())
    head, arrays = seeing.read_picture(seeing.picture_data(seen, checked))
    assert len(arrays["faces"]) == 0 and head["findings"]


def test_an_open_mesh_seen_from_inside_is_drawn_and_lit() -> None:
    cup = box(20, 20, 20)
    lid = cup.normals[:, 2] < 0.5
    checked, seen = _look(Mesh(cup.vertices, cup.faces[lid]))
    view = seeing.drawn(seen, checked, "fdm")["top"]
    y, x = np.nonzero(view.piece >= 0)
    assert len(y) > 50_000
    assert view.shade[y, x].min() > 0.6


# ---- one look ----


def test_a_close_look_finds_what_the_check_finds_and_measures_the_walls_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Solid] = []

    def counted(solid: Solid, joined: Together | None = None) -> Measured:
        calls.append(solid)
        return thickness(solid, joined)

    monkeypatch.setattr("nordlotse.print3d.core.check.thickness", counted)
    loaded = as_loaded(holder())
    checked, _ = seeing.look_at(loaded, "fdm")
    assert len(calls) == 1
    assert replace(checked, seconds=0.0) == replace(check(loaded, "fdm"), seconds=0.0)


def test_the_child_looks_closely_and_its_pictures_are_those_of_this_process() -> None:
    data = as_stl(holder())
    with Workshop() as workshop:
        checked, loaded, seen = workshop.run(
            "nordlotse.print3d.core.seeing:look_closely", data, "halter.stl", unit="mm", process="fdm"
        )
        pictures = workshop.run("nordlotse.print3d.core.seeing:views", seen, checked, "fdm")
    assert loaded.name == "halter.stl"
    own_checked, _, own = seeing.look_closely(data, "halter.stl", unit="mm", process="fdm")
    assert pictures == seeing.views(own, own_checked, "fdm")
    assert seeing.picture_data(seen, checked) == seeing.picture_data(own, own_checked)


# ---- the viewer's data ----


def test_the_picture_holds_the_part_in_its_own_place_with_thickness_and_incline() -> None:
    mesh = table().moved(np.array([1000.0, -2000.0, 500.0]))
    checked, seen = _look(mesh)
    data = seeing.picture_data(seen, checked, "fdm")
    head, arrays = seeing.read_picture(data)
    assert data[:4] == b"NLV1" and len(data) % 4 == 0
    assert head["size"] == pytest.approx([40, 40, 23]) and not head["simplified"]
    placed = arrays["vertices"].astype(float) + head["origin"]
    assert placed.min(axis=0) == pytest.approx(mesh.bounds[0], abs=1e-4)
    assert placed.max(axis=0) == pytest.approx(mesh.bounds[1], abs=1e-4)
    normals = Mesh(placed, arrays["faces"].astype(np.int32)).normals
    plate = (normals[:, 2] > 0.9) & (arrays["width"] < 4)
    assert arrays["width"][plate] == pytest.approx(3.0, abs=0.01)
    hanging = arrays["angle"] < 45
    assert (normals[hanging, 2] < -0.9).all()
    low = placed[arrays["faces"]][:, :, 2].max(axis=1) < mesh.bounds[0, 2] + 1
    assert hanging.any() and not (hanging & low).any()
    assert head["limits"]["fdm"] == {"wall": 1.2, "gap": 0.5, "overhang": 45.0}
    assert head["colours"]["stops"][0] == [0.0, list(STOPS[0][1])]
    assert mesh.normals[arrays["parent"]] == pytest.approx(normals, abs=1e-3)


def test_each_finding_s_triangles_lie_within_a_millimetre_of_its_place() -> None:
    checked, seen, _ = _held()
    head, arrays = seeing.read_picture(seeing.picture_data(seen, checked, "fdm"))
    corners = arrays["vertices"][arrays["faces"]] + head["origin"]
    assert len(head["findings"]) == len(checked.findings) >= 4
    for one in head["findings"]:
        own = arrays["marked"][one["first"] : one["first"] + one["count"]]
        assert len(own)
        points = np.concatenate([corners[own].reshape(-1, 3), corners[own].mean(axis=1)])
        assert np.linalg.norm(points - one["where"], axis=1).min() < 1.0


def test_of_a_large_face_only_the_pieces_that_are_too_thin_are_marked() -> None:
    wall = Manifold.cube((40, 3, 20)) - Manifold.cube((10, 2.2, 10)).translate((15, 0.8, 5))
    checked, seen = _look(mesh_of(wall))
    head, arrays = seeing.read_picture(seeing.picture_data(seen, checked, "fdm"))
    one = next(row for row in head["findings"] if row["code"] == "thin_wall")
    own = arrays["marked"][one["first"] : one["first"] + one["count"]]
    assert np.nanmax(arrays["width"][own]) < 1.2
    area = (
        np.linalg.norm(
            np.cross(*np.diff(arrays["vertices"][arrays["faces"][own]], axis=1).transpose(1, 0, 2)), axis=1
        ).sum()
        / 2
    )
    assert area == pytest.approx(200, rel=0.15)


def test_a_very_fine_part_is_simplified_but_its_findings_keep_their_triangles() -> None:
    fine = mesh_of(Manifold.cube((40, 30, 0.8)).refine(40) + Manifold.sphere(6, 200).translate((60, 0, 0)))
    checked, seen = _look(fine)
    whole, all_arrays = seeing.read_picture(seeing.picture_data(seen, checked, "fdm"))
    head, arrays = seeing.read_picture(seeing.picture_data(seen, checked, "fdm", most=6_000))
    assert head["simplified"] and not whole["simplified"]
    assert len(arrays["faces"]) < 6_000 + len(np.unique(all_arrays["marked"]))
    assert len(arrays["faces"]) < 0.7 * len(all_arrays["faces"])
    for ours, theirs in zip(head["findings"], whole["findings"], strict=True):
        kept = arrays["marked"][ours["first"] : ours["first"] + ours["count"]]
        before = all_arrays["marked"][theirs["first"] : theirs["first"] + theirs["count"]]
        now = (arrays["vertices"][arrays["faces"][kept]] + head["origin"]).reshape(len(kept), 9)
        then = (all_arrays["vertices"][all_arrays["faces"][before]] + whole["origin"]).reshape(len(before), 9)
        assert len(kept) == len(before)
        assert cKDTree(then).query(now)[0].max() < 1e-3


def test_a_coarser_picture_keeps_the_two_sides_of_a_thin_wall_apart() -> None:
    plate = mesh_of(Manifold.cube((40, 30, 0.8)).refine(40))
    made, of = coarser(plate, 2_000, np.zeros(0, np.int32))
    assert 500 < len(made.faces) <= 2_000 and len(of) == len(made.faces)
    inner = (np.abs(made.vertices[:, :2] - [20, 15]) < [15, 10]).all(axis=1)
    assert {round(float(z), 3) for z in made.vertices[inner, 2]} == {0.0, 0.8}
    assert made.volume == pytest.approx(plate.volume, rel=0.1)


def test_a_picture_s_data_cut_short_or_of_another_kind_is_refused() -> None:
    checked, seen = _look(box(5, 5, 5))
    data = seeing.picture_data(seen, checked)
    for broken in (b"", b"NLV2" + data[4:], data[:-8], data[:6]):
        with pytest.raises(ValueError, match=r".+"):
            seeing.read_picture(broken)


def test_the_same_part_gives_the_same_bytes() -> None:
    first, second = _look(holder()), _look(holder())
    assert seeing.views(first[1], first[0], "fdm") == seeing.views(second[1], second[0], "fdm")
    assert seeing.picture_data(first[1], first[0]) == seeing.picture_data(second[1], second[0])


# ---- what never changes ----


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10_000), st.booleans(), st.booleans())
def test_turning_moving_and_mirroring_leave_the_widths_as_they_are(seed: int, mirrored: bool, thin: bool) -> None:
    rng = np.random.default_rng(seed)
    part = holder() if thin else tube(15, 12.5, 20)
    turn = Rotation.random(random_state=seed).as_matrix() @ np.diag([-1.0 if mirrored else 1.0, 1.0, 1.0])
    shift = rng.uniform(-300, 300, 3)
    faces = np.ascontiguousarray(part.faces[:, ::-1]) if mirrored else part.faces
    other = Mesh(part.vertices @ turn.T + shift, faces)
    seen, moved = _look(part)[1], _look(other)[1]
    assert _told(moved) == pytest.approx(_told(seen), rel=0.02)


def _told(seen: seeing.Seen) -> list[float]:
    """Return the least width, the area too thin, the mean width (more than 8 mm as 8), the area with a width."""
    areas, known = seen.mesh.areas, np.isfinite(seen.wall)
    mean = float(np.average(np.minimum(seen.wall[known], 8.0), weights=areas[known]))
    return [float(np.nanmin(seen.wall)), float(areas[seen.wall < 1.2].sum()), mean, float(areas[known].sum())]
