"""Repairing on a copy: what would be changed, what was, before and after; the file handed in is never touched."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.test import Client

from nordlotse.print3d import tasks
from nordlotse.print3d.core.check import check_file
from nordlotse.print3d.queries import parts
from nordlotse.print3d.views.repair import _same_shape
from tests.print3d import handed_in, made

pytestmark = pytest.mark.django_db


@pytest.fixture
def repaired(lane: tasks.Lane, monkeypatch: pytest.MonkeyPatch) -> str:
    """A box that lacks a triangle, checked and repaired."""
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)
    key = handed_in.hand_in(handed_in.open_box(), "kiste.stl")
    lane.run_one()
    before = Client().get(f"/druck/{key}/reparatur/").content.decode()
    assert "Die Oberfläche hat ein Loch" in before
    assert Client().post(f"/druck/{key}/reparatur/").status_code == 302
    assert "Die Reparatur läuft" in Client().get(f"/druck/{key}/reparatur/").content.decode()
    lane.run_one()
    return key


def test_the_page_says_what_was_changed_with_figures_and_pictures_of_both(repaired: str) -> None:
    page = re.sub(r"\s+", " ", Client().get(f"/druck/{repaired}/reparatur/").content.decode())
    assert "Die Oberfläche ist jetzt geschlossen." in page and re.search(r"Ein Loch von [\d,]+ mm² geschlossen\.", page)
    assert re.search(r"Dreiecke</th><td>11</td><td>12</td>", page)
    assert re.search(r"Oberfläche geschlossen</th><td>nein</td><td>ja</td>", page)
    assert "Was nicht stimmte" in page and page.count("Die Oberfläche hat ein Loch") == 1
    assert f"/druck/{repaired}/bild/front.png" in page and f"/druck/{repaired}/bild/nachher-front.png" in page
    assert Client().get(f"/druck/{repaired}/bild/nachher-front.png").content.startswith(b"\x89PNG")


def test_the_repaired_copy_is_sound_and_the_file_handed_in_stays_as_it_was(repaired: str) -> None:
    response = Client().get(f"/druck/{repaired}/reparatur.stl")
    assert "kiste-repariert.stl" in response["Content-Disposition"]
    checked, _ = check_file(response.content, "x.stl", unit="mm")
    assert checked.facts.watertight and checked.facts.volume_mm3 == pytest.approx(9600)
    assert parts.content(repaired, parts.ORIGINAL) == handed_in.open_box()


def test_the_repaired_copy_can_be_checked_as_a_part_of_its_own(repaired: str, lane: tasks.Lane) -> None:
    response = Client().post(f"/druck/{repaired}/reparatur/", {"do": "check"})
    key = response["Location"].split("/")[2]
    assert key != repaired
    lane.run_one()
    found = parts.by_key(key).examined
    assert found is not None and found.checked.facts.watertight and found.unit.unit == "mm"
    assert "reparierte Kopie" in found.unit.reason.de and "gewählt" not in found.unit.reason.de
    before = parts.by_key(repaired).examined
    assert before is not None and not before.checked.facts.watertight


def test_where_form_and_size_stay_the_page_says_that_no_picture_shows_the_change(repaired: str) -> None:
    done = parts.mended(repaired)
    assert done is not None and not _same_shape(done)
    same = replace(done, before=replace(done.after, holes=1))
    assert _same_shape(same)


def test_another_unit_forgets_the_repair_of_the_old_one(repaired: str, lane: tasks.Lane) -> None:
    Client().post(f"/druck/{repaired}/neu/", {"unit": "inch", "scale": "1", "process": "", "material": ""})
    lane.run_one()
    assert Client().get(f"/druck/{repaired}/reparatur.stl").status_code == 404
    assert "Kopie reparieren" in Client().get(f"/druck/{repaired}/reparatur/").content.decode()


def test_a_sound_part_is_told_that_nothing_is_to_be_repaired() -> None:
    page = Client().get(f"/druck/{made.kept('bracket')}/reparatur/").content.decode()
    assert "nichts gefunden, was zu reparieren wäre" in page


def test_what_was_not_repaired_cannot_be_downloaded_or_checked() -> None:
    key = made.kept("bracket")
    assert Client().get(f"/druck/{key}/reparatur.stl").status_code == 404
    assert Client().post(f"/druck/{key}/reparatur/", {"do": "check"}).status_code == 404
