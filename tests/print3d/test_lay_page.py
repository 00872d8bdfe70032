"""The page on which a part is laid: proposals side by side, turning by hand, laying a face down, choosing, and the pictures."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pytest
import trimesh
from django.test import Client

from nordlotse.foundation.problem import BadInput
from nordlotse.office import files
from nordlotse.print3d.actions import parts as actions
from nordlotse.print3d.core import amounts, lying, slicer
from nordlotse.print3d.core.limits_data import machines
from nordlotse.print3d.core.mesh import Mesh
from nordlotse.print3d.core.reading import read
from nordlotse.print3d.core.seeing import look_closely, picture_data
from nordlotse.print3d.core.seeing.png import said_in
from nordlotse.print3d.models import Part, Work
from nordlotse.print3d.queries import costs, lay, parts
from tests.print3d.examined_parts import examined, kept, table

pytestmark = pytest.mark.django_db


def _laid(**more: object) -> str:
    """Keep the table with its picture and return its key."""
    data = table()
    part = kept(examined(data), **more)  # type: ignore[arg-type]
    checked, _, seen = look_closely(data, "platte.stl")
    drawn = picture_data(seen, checked)
    files.keep(drawn, name=parts.PICTURE, media_type="application/octet-stream", room=parts.ROOM, reference=part.key)
    return part.key


def _text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def test_the_proposals_stand_side_by_side_with_support_time_height_and_foot(client: Client) -> None:
    said = _text(client, f"/druck/{_laid()}/lage/")
    for word in ("Am günstigsten", "Am schnellsten", "Beste Oberfläche", "Stützen", "Druckzeit", "Höhe", "Standfläche"):
        assert word in said
    assert "So liegt es jetzt" in said


def test_the_cheapest_way_to_lay_a_table_needs_no_support_and_as_it_lies_it_does(client: Client) -> None:
    kept_part = parts.by_key(_laid())
    cheapest = next(row for row in lay.proposals(kept_part, "de") if "cheapest" in row.names)
    now = lay.as_now(kept_part, "de")
    assert cheapest.support == "keine"
    assert now is not None
    assert now.support.endswith("g")


def test_choosing_a_proposal_has_the_part_reckoned_anew_in_that_way(client: Client) -> None:
    key = _laid()
    assert client.post(f"/druck/{key}/lage/", {"way": "cheapest"}).status_code == 302
    found = parts.by_key(key)
    assert found.examined is not None
    chosen = next(one for one in found.examined.proposals if one.name == "cheapest")
    assert np.allclose(found.wishes.turn, chosen.rotation)
    assert Work.objects.filter(part=key, kind="examine", state="waiting").count() == 1


def test_choosing_how_it_lies_already_asks_for_nothing(client: Client) -> None:
    key = _laid()
    client.post(f"/druck/{key}/lage/", {"way": "file"})
    assert not Work.objects.filter(part=key, state="waiting").exists()
    assert Part.objects.get(pk=key).wishes["rotation"] is None


def test_a_way_that_is_none_changes_nothing(client: Client) -> None:
    key = _laid()
    assert client.post(f"/druck/{key}/lage/", {"way": "upside"}).status_code == 302
    assert not Work.objects.filter(part=key, state="waiting").exists()


def test_turning_by_hand_is_judged_before_it_is_chosen(client: Client) -> None:
    key = _laid()
    said = _text(client, f"/druck/{key}/lage/?x=180&y=0&z=0")
    hand = said[said.rindex("Von Hand gedreht") :]
    assert "Stützen keine" in hand
    assert "passt in: FDM-Tischgerät" in hand
    assert not Work.objects.filter(part=key, state="waiting").exists()


def test_a_way_turned_by_hand_can_be_chosen(client: Client) -> None:
    key = _laid()
    client.post(f"/druck/{key}/lage/", {"way": "hand", "x": "180", "y": "0", "z": "0"})
    assert np.allclose(parts.by_key(key).wishes.turn, np.diag([1.0, -1.0, -1.0]), atol=1e-9)


def test_the_quarter_buttons_turn_on_from_where_the_angles_are(client: Client) -> None:
    page = client.get(f"/druck/{_laid()}/lage/?x=90&y=0&z=0&do=x%2B").content.decode()
    assert 'id="winkel-x" name="x" inputmode="decimal" maxlength="10" autocomplete="off" value="180"' in page


def test_a_flat_side_is_laid_down_and_only_sides_it_can_stand_on_are_offered(client: Client) -> None:
    found = parts.by_key(_laid())
    offered = lay.faces(found, "de")
    # the table's top; the underside of the top lies within, and it stands on its leg already
    assert offered[0].text == "oben, 3.600 mm²"
    assert {face.text.split(",")[0] for face in offered} == {"oben", "vorn", "hinten", "links", "rechts"}
    turned = lay.shape(found).turned(lay.face_down(found, offered[0].number)).on_bed()
    assert turned.areas[turned.centres[:, 2] < 1e-6].sum() == pytest.approx(3600)
    assert np.allclose(lay.face_down(found, 99), np.eye(3))
    page = client.get(f"/druck/{found.key}/lage/").content.decode()
    assert "Fundstelle" not in page[page.index('id="flaeche"') :]
    assert "top, 3,600 mm²" in client.get(f"/en/druck/{found.key}/lage/").content.decode()
    laid = _text(client, f"/druck/{found.key}/lage/?face={offered[0].number}&do=face")
    assert "Standfläche 3.600 mm²" in laid[laid.rindex("Von Hand gedreht") :]


def test_a_round_part_has_no_flat_side_but_its_ends() -> None:
    rod = trimesh.creation.cylinder(radius=5, height=40, sections=200)
    sides = lying.feet(Mesh(np.asarray(rod.vertices, np.float64), np.asarray(rod.faces, np.int32)))
    assert sorted(round(float(normal[2])) for normal, _ in sides) == [-1, 1]


def test_the_time_as_it_lies_is_the_one_the_part_s_page_names(client: Client) -> None:
    found = parts.by_key(_laid())
    now, seen = lay.as_now(found, "de"), costs.glance(found, "de")
    assert now is not None and found.examined is not None and found.examined.reckoned is not None
    assert now.time == amounts.duration(found.examined.reckoned.estimate.time_s, "de")
    assert seen is not None and (seen.process != "fdm" or seen.time == now.time)
    assert "die der anderen Lagen ist grob geschätzt" in _text(client, f"/druck/{found.key}/lage/")
    assert "rough estimate for comparing" in _text(client, f"/en/druck/{found.key}/lage/")


def test_angles_that_are_no_numbers_are_said_at_their_field(client: Client) -> None:
    page = client.get(f"/druck/{_laid()}/lage/?x=schief&y=0&z=0").content.decode()
    assert 'href="#winkel-x"' in page
    assert "Bitte einen Winkel in Grad" in page


def test_negative_angles_and_german_decimals_are_read(client: Client) -> None:
    page = client.get(f"/druck/{_laid()}/lage/?x=-90&y=12,5&z=0").content.decode()
    assert re.search(r'id="winkel-x"[^>]*value="270"', page)
    assert re.search(r'id="winkel-y"[^>]*value="12,5"', page)


def test_a_picture_of_a_way_is_a_png_and_shows_support_where_the_table_hangs_over(client: Client) -> None:
    key = _laid()
    standing = client.get(f"/druck/{key}/lage/bild.png?way=now")
    turned = client.get(f"/druck/{key}/lage/bild.png?x=180&y=0&z=0")
    assert standing["Content-Type"] == turned["Content-Type"] == "image/png"
    assert said_in(standing.content) == {}
    assert standing.content != turned.content


def test_a_picture_of_no_way_is_not_found(client: Client) -> None:
    assert client.get(f"/druck/{_laid()}/lage/bild.png?way=upside").status_code == 404


def test_a_part_without_picture_says_so_instead_of_breaking(client: Client) -> None:
    assert "keine Vorschläge" in _text(client, f"/druck/{kept(examined(table())).key}/lage/")


def test_the_english_page_is_english(client: Client) -> None:
    said = _text(client, f"/en/druck/{_laid()}/lage/?x=10&y=0&z=0")
    for word in ("Cheapest", "Fastest", "Turned by hand", "fits: FDM desktop"):
        assert word in said
    assert "Stützen" not in said


@pytest.mark.parametrize("given", [(0, 0, 0), (90, 0, 0), (12.5, 300, 47), (200, 90, 0), (33, 270, 0)])
def test_angles_and_rotations_tell_the_same(given: tuple[float, float, float]) -> None:
    rotation = lying.turn(*given)
    assert np.allclose(lying.turn(*lying.angles(rotation)), rotation, atol=3e-3)


@pytest.mark.parametrize("normal", [(0, 0, 1), (0, 0, -1), (1, 0, 0), (0.3, -0.4, 0.5), (0, 0, 0)])
def test_a_face_laid_down_looks_down_and_nothing_is_mirrored(normal: tuple[float, float, float]) -> None:
    rotation = lying.down(np.array(normal, dtype=float))
    assert np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-9)
    assert np.linalg.det(rotation) == pytest.approx(1)
    if any(normal):
        assert np.allclose(rotation @ (np.array(normal) / np.linalg.norm(normal)), [0, 0, -1], atol=1e-9)


def _box(*sides: float) -> Mesh:
    made = trimesh.creation.box(sides)
    return Mesh(np.asarray(made.vertices, np.float64), np.asarray(made.faces, np.int32))


def test_a_part_fits_a_machine_also_turned_on_the_plate() -> None:
    desktop = machines()["fdm-desktop"]
    assert lying.fit(_box(240, 200, 100), np.eye(3), [desktop]).heading == 0
    assert lying.fit(_box(200, 240, 100), np.eye(3), [desktop]).heading == 90
    assert lying.fit(_box(250, 210, 210), np.eye(3), [desktop]).machine is desktop
    assert 20 < lying.fit(_box(290, 20, 20), np.eye(3), [desktop]).heading % 90 < 70  # across the plate
    assert lying.fit(_box(100, 100, 211), np.eye(3), [desktop]).machine is None
    assert lying.fit(_box(211, 211, 100), np.eye(3), [desktop]).machine is None


def test_a_part_that_fits_on_edge_only_does_not_fit_as_it_lies() -> None:
    desktop = machines()["fdm-desktop"]
    plate = _box(215, 212, 10)
    assert lying.fit(plate, np.eye(3), [desktop]).machine is None
    assert lying.fit(plate, lying.turn(90, 0, 0), [desktop]).machine is None
    assert lying.fit(_box(215, 209, 10), lying.turn(90, 0, 0), [desktop]).machine is desktop


def test_an_empty_mesh_has_a_picture_too() -> None:
    assert lying.picture(Mesh(np.zeros((0, 3)), np.zeros((0, 3), np.int32)), np.eye(3)).startswith(b"\x89PNG")


def test_no_orange_stands_under_a_cube_and_some_under_a_table() -> None:
    cube = trimesh.creation.box((20, 20, 20))
    plain = Mesh(np.asarray(cube.vertices, np.float64), np.asarray(cube.faces, np.int32))
    high = read(table(), "table.stl").mesh
    assert _orange(plain) == 0
    assert _orange(high) > 500


def _orange(mesh: Mesh) -> int:
    """Return how many pixels of the picture have the colour of support."""
    import struct
    import zlib

    png = lying.picture(mesh, np.eye(3))
    at, packed = 8, b""
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            packed += png[at + 8 : at + 8 + length]
        at += 12 + length
    rows = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(lying.HIGH, 1 + 3 * lying.WIDE)[:, 1:]
    pixels = np.cumsum(rows.astype(np.uint64), axis=0).astype(np.uint8).reshape(-1, 3)
    return int((pixels == (236, 160, 70)).all(axis=1).sum())


def test_nothing_is_sliced_that_no_machine_takes_as_it_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    key = _laid()
    monkeypatch.setattr(slicer, "program", lambda: Path("/bin/true"))
    monkeypatch.setattr(lay, "machines_for", lambda kept: [replace(machines()["fdm-desktop"], build=(5.0, 5.0, 5.0))])
    with pytest.raises(BadInput) as caught:
        actions.ask_slice(key)
    assert caught.value.code == "fits_not_so"
