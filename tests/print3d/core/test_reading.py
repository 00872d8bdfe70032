"""A part reads the same from every format; units are told, chosen or guessed; a broken file names what is broken and where."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import trimesh
from bench.print3d.files import every_format, obj, object_xml, packed, simple_3mf, step, stl_text, threemf
from bench.print3d.flaws import sound

from nordlotse.foundation.problem import BadInput, TooLarge, WrongCall
from nordlotse.print3d.core import limits, stl
from nordlotse.print3d.core.archive import part_of, parts_of
from nordlotse.print3d.core.exact import exact_of
from nordlotse.print3d.core.reading import read
from nordlotse.print3d.core.repair import as_stl
from nordlotse.print3d.core.topology import topology
from nordlotse.print3d.core.values import Unit
from tests.print3d.core.solids import box

PART = sound(2)
FILES = every_format(PART)


@pytest.mark.parametrize("name", [name for name in FILES if name != "part.step"])
def test_a_part_reads_the_same_from_every_format(name: str) -> None:
    found = read(FILES[name], name, unit="mm").mesh
    assert len(found.faces) == len(PART.faces)
    assert len(found.vertices) == len(PART.vertices)
    assert found.volume == pytest.approx(PART.volume, rel=1e-5)
    assert found.bounds == pytest.approx(PART.bounds, abs=1e-4)


def test_the_format_is_told_by_the_content_not_by_the_name() -> None:
    for name, data in FILES.items():
        kind = read(data, "part.bin", unit="mm").kind
        assert kind == {"part-text.stl": "stl", "part.zip": "stl"}.get(name, name.rpartition(".")[2])


def test_a_step_cube_has_its_volume_its_unit_and_its_name() -> None:
    found = read(step(20.0), "cube.step")
    assert found.mesh.volume == pytest.approx(8000.0, rel=1e-6)
    assert (found.unit.unit, found.unit.factor, found.unit.certain) == (Unit.MM, 1.0, True)
    assert found.parts == ("block",)
    assert topology(found.mesh).watertight
    if exact_of(step(20.0)) is None:
        assert found.exact_volume is None
        assert any("mesh" in note.en for note in found.notes)
    else:
        assert found.exact_volume == pytest.approx(8000.0, rel=1e-9)
        assert found.brep_valid is True


def test_without_the_exact_reader_the_volume_is_marked_as_from_the_mesh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nordlotse.print3d.core.step.exact_of", lambda data: None)
    found = read(step(), "cube.step")
    assert found.exact_volume is None
    assert found.tolerance == pytest.approx(0.05)
    assert "mesh" in found.notes[-1].en


@pytest.mark.parametrize(
    ("side", "unit", "factor"),
    [(0.05, Unit.M, 1000.0), (2.0, Unit.INCH, 25.4), (40.0, Unit.MM, 1.0), (1500.0, Unit.MM, 1.0)],
)
def test_the_unit_is_guessed_from_the_longest_side_and_the_reason_is_said(
    side: float, unit: Unit, factor: float
) -> None:
    found = read(as_stl(box(side, side / 2, side / 2)), "part.stl")
    assert (found.unit.unit, found.unit.factor, found.unit.certain) == (unit, factor, False)
    assert found.unit.reason.de
    assert found.unit.reason.en
    assert found.mesh.size.max() == pytest.approx(side * factor, rel=1e-5)


def test_a_remark_or_the_name_tells_the_unit() -> None:
    assert read(b"# units: inches\n" + obj(box(20, 20, 20)), "a.obj").unit.unit is Unit.INCH
    assert read(as_stl(box(2, 2, 2)), "gear_mm.stl").unit.unit is Unit.MM


def test_a_chosen_unit_and_scale_overrule_the_guess_and_the_file() -> None:
    assert read(as_stl(box(2, 2, 2)), "a.stl", unit="mm", scale=3.0).mesh.size == pytest.approx([6, 6, 6])
    assert read(simple_3mf(box(2, 2, 2), "inch"), "a.3mf").mesh.size == pytest.approx([50.8] * 3)
    assert read(simple_3mf(box(2, 2, 2), "inch"), "a.3mf", unit="mm").mesh.size == pytest.approx([2] * 3)
    assert read(step(), "a.step", scale=2.0).mesh.size == pytest.approx([40] * 3)
    for unit, scale in (("furlong", 1.0), ("mm", 0.0), ("mm", float("nan"))):
        with pytest.raises(WrongCall):
            read(as_stl(box(2, 2, 2)), "a.stl", unit=unit, scale=scale)


def test_3mf_lays_components_out_moved_and_mirrored() -> None:
    resources = object_xml(1, box(10, 10, 10)) + (
        '<object id="2" type="model"><components><component objectid="1"/>'
        '<component objectid="1" transform="-1 0 0 0 1 0 0 0 1 50 0 0"/></components></object>'
    )
    found = read(threemf(resources, '<item objectid="2" transform="1 0 0 0 1 0 0 0 1 0 0 7"/>'), "a.3mf")
    assert found.mesh.bounds == pytest.approx(np.array([[0, 0, 7], [50, 10, 17]]))
    assert found.mesh.volume == pytest.approx(2000.0)
    assert len(topology(found.mesh).bodies) == 2


def test_3mf_reads_models_in_several_files() -> None:
    core = 'xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02"'
    inner = f'<model unit="millimeter" {core}><resources>{object_xml(1, box(10, 10, 10))}</resources><build/></model>'
    outer = (
        f'<model unit="millimeter" {core} xmlns:p="http://schemas.microsoft.com/3dmanufacturing/production/2015/06"><resources>'
        '<object id="8" type="model"><components><component p:path="/3D/Objects/one.model" objectid="1"/></components></object>'
        '</resources><build><item objectid="8"/></build></model>'
    )
    data = packed({"3D/3dmodel.model": outer.encode(), "3D/Objects/one.model": inner.encode()})
    assert read(data, "a.3mf").mesh.volume == pytest.approx(1000.0)


def test_parts_of_a_zip_are_listed_and_chosen() -> None:
    data = packed({"b/two.obj": obj(box(20, 10, 10)), "one.stl": as_stl(box(10, 10, 10)), "readme.txt": b"x"})
    assert [part.name for part in parts_of(data, "all.zip")] == ["b/two.obj", "one.stl"]
    assert read(part_of(data, "all.zip", "b/two.obj"), "two.obj").mesh.size == pytest.approx([20, 10, 10])
    with pytest.raises(BadInput) as caught:
        read(data, "all.zip")
    assert caught.value.code == "several_parts"
    assert "b/two.obj" in caught.value.where


def test_concave_polygons_keep_their_area() -> None:
    arrow = b"OFF\n8 1 0\n0 0 0\n30 0 0\n30 10 0\n20 10 0\n20 4 0\n10 4 0\n10 10 0\n0 10 0\n8 0 1 2 3 4 5 6 7\n"
    assert read(arrow, "u.off", unit="mm").mesh.area == pytest.approx(300.0 - 60.0)


CUT = {
    "stl_facet": (stl_text(box(10, 10, 10)).replace(b"endfacet", b"", 1), "Zeile/line 2"),
    "file_truncated": (as_stl(box(10, 10, 10))[:-7], "triangle 12"),
    "bad_index": (b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 9\n", "face 1"),
    "obj_line": (b"v 0 0 0\nv 1 zero 0\nv 0 1 0\nf 1 2 3\n", "line 2"),
    "ply_header": (b"ply\nformat klingon 1.0\nend_header\n", "line 2"),
    "off_number": (b"OFF\n3 1 0\n0 0 0\n1 0 x\n0 1 0\n3 0 1 2\n", "entry 2"),
    "xml_broken": (threemf("<object", ""), "line"),
    "3mf_number": (threemf(object_xml(1, box(1, 1, 1)).replace('x="', 'x="a', 1), '<item objectid="1"/>'), "line"),
    "no_triangles": (b"OFF\n0 0 0\n", "part"),
    "format_unknown": (b"%PDF-1.7 and so on", "part"),
}


@pytest.mark.parametrize("code", CUT)
def test_a_broken_file_names_what_is_broken_and_where(code: str) -> None:
    data, place = CUT[code]
    with pytest.raises(BadInput) as caught:
        read(data, "part.stl" if code == "file_truncated" else "part")
    assert caught.value.code == code
    assert place in caught.value.where
    for text in (caught.value.message_de, caught.value.message_en, caught.value.remedy_de, caught.value.remedy_en):
        assert text


def test_more_triangles_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stl, "MAX_TRIANGLES", 10)
    with pytest.raises(TooLarge):
        read(as_stl(box(10, 10, 10)), "a.stl")
    monkeypatch.setattr("nordlotse.print3d.core.reading.MAX_BYTES", 100)
    with pytest.raises(TooLarge):
        read(as_stl(box(10, 10, 10)), "a.stl")
    assert limits.MAX_TRIANGLES >= 2_000_000


def test_vertices_that_only_rounding_keeps_apart_are_one() -> None:
    mesh = box(50, 50, 50)
    data = bytearray(as_stl(mesh))
    corner = np.frombuffer(bytes(data), "<f4", 1, 84 + 12)[0]
    data[96:100] = np.float32(corner + np.float32(4e-6)).tobytes()
    found = read(bytes(data), "a.stl").mesh
    assert len(found.vertices) == 8
    assert topology(found).watertight


@pytest.mark.parametrize(
    "name", ["trimesh_featuretype.STL", "prusa_x-carriage.stl", "trimesh_cycloidal.ply", "trimesh_fandisk.obj"]
)
def test_volume_and_area_equal_those_of_trimesh(shared: Path, name: str) -> None:
    file = shared / "print3d" / "parts" / name
    found = read(file.read_bytes(), name, unit="mm").mesh
    other = trimesh.load(file, force="mesh")
    assert len(found.faces) == len(other.faces)
    assert found.volume == pytest.approx(other.volume, rel=1e-7)
    assert found.area == pytest.approx(other.area, rel=1e-7)


def test_step_volumes_lie_within_their_tolerance_of_the_exact_ones(shared: Path) -> None:
    for name in ("prusa_fs-lever.stp", "trimesh_featuretype.STEP", "prusa_y-rod-holder.stp"):
        found = read((shared / "print3d" / "parts" / name).read_bytes(), name)
        if found.exact_volume is None:
            pytest.skip("the extra step-exact is not installed")
        assert found.mesh.volume == pytest.approx(found.exact_volume, rel=3e-3)


def test_a_very_long_part_is_told_in_metres_with_the_marks_of_each_language() -> None:
    reason = read(as_stl(box(5000, 20, 20)), "a.stl").unit.reason
    assert "5,0 m lang. Stimmt das nicht" in reason.de and reason.de.startswith("Die Datei nennt keine Einheit. Als")
    assert "5.0 m long" in reason.en


def _inch_step() -> bytes:
    """A cube of one inch, drawn in inches."""
    plain, inch = (
        b"#1=(LENGTH_UNIT()NAMED_UNIT(*)SI_UNIT(.MILLI.,.METRE.));",
        b"".join(
            (
                b"#1=(CONVERSION_BASED_UNIT('INCH',#901)LENGTH_UNIT()NAMED_UNIT(#902));",
                b"#901=LENGTH_MEASURE_WITH_UNIT(LENGTH_MEASURE(25.4),#903);",
                b"#902=DIMENSIONAL_EXPONENTS(1.,0.,0.,0.,0.,0.,0.);",
                b"#903=(LENGTH_UNIT()NAMED_UNIT(*)SI_UNIT(.MILLI.,.METRE.));",
            )
        ),
    )
    data = step(1.0)
    assert plain in data
    return data.replace(plain, inch)


def test_a_step_file_drawn_in_inches_says_so_and_is_converted() -> None:
    found = read(_inch_step(), "cube.step")
    assert found.mesh.size == pytest.approx([25.4] * 3, rel=1e-5)
    assert (found.unit.unit, found.unit.factor, found.unit.certain) == (Unit.INCH, 25.4, True)
    assert "Zoll" in found.unit.reason.de and "umgerechnet" in found.unit.reason.de


def test_choosing_the_unit_a_file_carries_changes_nothing() -> None:
    for data, name in ((_inch_step(), "a.step"), (simple_3mf(box(1, 1, 1), "inch"), "a.3mf")):
        found = read(data, name, unit="inch")
        assert found.mesh.size == pytest.approx([25.4] * 3, rel=1e-5), name
        assert "Achtung" not in found.unit.reason.de


def test_choosing_another_unit_than_the_file_s_replaces_it_and_warns_how_much_larger_the_part_becomes() -> None:
    for data, name in ((step(20.0), "a.step"), (simple_3mf(box(20, 20, 20), "millimeter"), "a.3mf")):
        found = read(data, name, unit="inch")
        assert found.mesh.size == pytest.approx([508.0] * 3, rel=1e-5), name
        assert "Achtung" in found.unit.reason.de and "25,4-mal so groß" in found.unit.reason.de
    smaller = read(_inch_step(), "a.step", unit="mm")
    assert smaller.mesh.size == pytest.approx([1.0] * 3, rel=1e-5)
    assert "25,4-mal so klein" in smaller.unit.reason.de
