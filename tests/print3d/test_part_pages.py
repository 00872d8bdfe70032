"""A part's pages: progress, result, changing wishes, archives, deleting, exact figures, and the headers of pages behind a link."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from nordlotse.foundation.problem import BadInput
from nordlotse.office import files
from nordlotse.print3d import tasks
from nordlotse.print3d.actions import parts as actions
from nordlotse.print3d.actions import shop, work
from nordlotse.print3d.core import slicer
from nordlotse.print3d.core.limits_data import materials
from nordlotse.print3d.core.slicer import Sliced
from nordlotse.print3d.core.values import RIGHTS, UNCHECKED, Process
from nordlotse.print3d.core.whole import from_text, to_text
from nordlotse.print3d.models import Part, Work
from nordlotse.print3d.queries import parts
from nordlotse.print3d.queries import shop as shops
from tests.print3d import handed_in, made

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return Client()


def _page(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, response.status_code
    return re.sub(r"\s+", " ", response.content.decode())


def _checked(lane: tasks.Lane, monkeypatch: pytest.MonkeyPatch, content: bytes, name: str = "platte.stl") -> str:
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)
    key = handed_in.hand_in(content, name)
    lane.run_one()
    return key


# ---- waiting ----


def test_a_part_that_waits_says_how_many_are_before_it(client: Client) -> None:
    handed_in.hand_in()
    key = handed_in.hand_in()
    assert "Vor Ihrem Teil wartet noch 1." in _page(client, f"/druck/{key}/")


def test_a_running_check_names_its_step_and_without_scripts_the_page_loads_itself_again(client: Client) -> None:
    key = handed_in.hand_in()
    found = work.claim(tasks.PARTS)
    assert found is not None
    work.note(found, work.LAYING)
    page = _page(client, f"/druck/{key}/")
    assert "Schritt 3 von 4: Die beste Lage suchen" in page
    assert '<noscript><meta http-equiv="refresh"' in page


def test_progress_sends_nothing_while_nothing_changes_and_loads_the_page_anew_at_the_end(client: Client) -> None:
    key = handed_in.hand_in()
    found = work.claim(tasks.PARTS)
    assert found is not None
    work.note(found, work.READING)
    htmx = {"HX-Request": "true"}
    fragment = client.get(f"/druck/{key}/stand/?gesehen=", headers=htmx)
    assert fragment.status_code == 200 and b"Schritt 1 von 4" in fragment.content and b"<html" not in fragment.content
    assert client.get(f"/druck/{key}/stand/?gesehen=reading0", headers=htmx).status_code == 204
    work.failed(found, BadInput("x", de="x", en="x"))
    over = client.get(f"/druck/{key}/stand/?gesehen=reading0", headers=htmx)
    assert over["HX-Refresh"] == "true"
    assert client.get(f"/druck/{key}/stand/")["Location"] == f"/druck/{key}/"


def test_a_cancelled_check_can_be_begun_again(client: Client) -> None:
    key = handed_in.hand_in()
    assert client.post(f"/druck/{key}/abbrechen/").status_code == 302
    assert "Prüfung abgebrochen" in _page(client, f"/druck/{key}/")
    client.post(f"/druck/{key}/neu/", {"same": "1"})
    kept = parts.by_key(key)
    assert kept.work is not None and kept.work.state == "waiting"


# ---- results ----


def test_the_result_says_everything_about_a_flawed_part(
    client: Client, lane: tasks.Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = _checked(lane, monkeypatch, handed_in.thin())
    page = _page(client, f"/druck/{key}/")
    assert re.search(r"<h1[^>]*>Mit Änderungen druckbar", page)
    assert "Die Wand ist dünner" in page  # reason
    assert "Gemessen: <strong>0,3 mm (Grenze" in page  # measured value and limit
    assert "Wand mindestens auf das Grenzmaß verdicken" in page  # remedy
    assert re.search(r"Ort: x [−\d,]+ · y [−\d,]+ · z [−\d,]+ mm", page)  # place
    assert "zählt bei FDM" in page  # for which processes
    for name in ("FDM (Filament)", "SLA (Harz)", "SLS (Pulver, Laser)", "MJF (Pulver, Tinte)", "LPBF"):
        assert name in page
    assert UNCHECKED.de in page and RIGHTS.de[:40] in page
    assert "noch 7 Tage hier" in page and f"/druck/{key}/loeschen/" in page


def test_a_sound_part_is_said_to_be_sound(client: Client, lane: tasks.Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    key = _checked(lane, monkeypatch, handed_in.plate())
    page = _page(client, f"/druck/{key}/")
    assert "Wir haben nichts gefunden, was gegen den Druck spricht." in page or "Hinweis" in page
    assert "9,60 cm³" in page and "12 Dreiecke" in page and "geschlossen" in page
    assert "Netz reparieren, auf einer Kopie" not in page


def test_unit_and_scale_are_shown_with_the_reason_and_another_unit_examines_again(
    client: Client, lane: tasks.Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = _checked(lane, monkeypatch, handed_in.small())
    page = _page(client, f"/druck/{key}/")
    found = parts.by_key(key).examined
    assert found is not None
    assert found.unit.reason.de in page.replace("&quot;", '"').replace("&#x27;", "'")
    response = client.post(f"/druck/{key}/neu/", {"unit": "mm", "scale": "10", "process": "fdm", "material": ""})
    assert response.status_code == 302
    lane.run_one()
    after = parts.by_key(key).examined
    assert after is not None and after.checked.facts.volume_mm3 == pytest.approx(1000)
    page = _page(client, f"/druck/{key}/")
    assert "Gelesen in Millimeter: 20 × 10 × 5 mm." in page and "Maßstab 10" in page


def test_wishes_that_cannot_be_are_told_on_the_page(client: Client) -> None:
    key = made.kept("bracket")
    response = client.post(f"/druck/{key}/neu/", {"unit": "elle", "scale": "1"})
    assert response.status_code == 422
    assert "Bitte sehen Sie die Angaben noch einmal durch." in response.content.decode()
    assert parts.by_key(key).ready


def test_an_older_result_stays_with_its_wishes_when_the_new_check_is_cancelled(client: Client) -> None:
    key = made.kept("bracket")
    client.post(f"/druck/{key}/neu/", {"unit": "inch", "scale": "1", "process": "", "material": ""})
    client.post(f"/druck/{key}/abbrechen/")
    kept = parts.by_key(key)
    assert kept.examined is not None and kept.wishes == kept.examined.wishes
    assert "<h1" in _page(client, f"/druck/{key}/") and kept.ready


def test_an_older_result_stays_when_the_new_check_fails_and_the_page_says_so(client: Client) -> None:
    key = made.kept("bracket")
    actions.again(key, replace(parts.by_key(key).wishes, scale=2.0))
    found = work.claim(tasks.PARTS)
    assert found is not None
    work.failed(found, BadInput("x", de="Zu groß.", en="Too large.", remedy_de="Kleiner machen."))
    page = _page(client, f"/druck/{key}/")
    assert "Sie sehen das frühere Ergebnis" in page and "Zu groß." in page and "Kleiner machen." in page


def test_many_findings_are_grouped_by_kind_and_all_keep_their_numbers(client: Client) -> None:
    text, _ = made.examined("holder")
    whole = from_text(text)
    one = next(f for f in whole.checked.findings if f.code == "thin_wall")
    many = tuple(replace(one, where=(float(n), 0.0, 0.0)) for n in range(12))
    key = made.kept("holder", found=to_text(replace(whole, checked=replace(whole.checked, findings=many))))
    page = _page(client, f"/druck/{key}/")
    assert "12 sind ein Risiko" in page and "Ebenso: 11 weitere Stellen" in page
    for number in range(1, 13):
        assert f'data-show-finding="{number}"' in page


def test_a_failed_check_tells_what_where_and_what_to_do(
    client: Client, lane: tasks.Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = _checked(lane, monkeypatch, b"PK\x03\x04 nothing", "teil.zip")
    page = _page(client, f"/druck/{key}/")
    assert "Das Archiv ist beschädigt" in page and "(teil.zip)" in page and "neu packen" in page
    english = _page(client, f"/en/druck/{key}/")
    assert "The archive is damaged" in english


def test_names_of_an_assembly_and_the_sound_solid_of_a_step_file_are_told(client: Client) -> None:
    whole = from_text(made.examined("flange")[0])
    found = to_text(replace(whole, parts=("Deckel", "Gehäuse"), brep_valid=True))
    page = _page(client, f"/druck/{made.kept('flange', found=found)}/")
    assert "Deckel" in page and "Gehäuse" in page
    assert "Das CAD-Modell ist einwandfrei" in page


def test_an_archive_shows_its_parts_and_choosing_one_leads_to_its_page(
    client: Client, lane: tasks.Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = _checked(lane, monkeypatch, handed_in.archive(a_stl=handed_in.plate(), b_stl=handed_in.thin()), "teile.zip")
    page = _page(client, f"/druck/{box}/")
    assert "Im Archiv liegen 2 Teile" in page and f"?archiv={box}" in page
    response = client.post(f"/druck/{box}/", {"inner": "a.stl"})
    assert response.status_code == 302
    lane.run_one()
    assert "9,60 cm³" in _page(client, response["Location"])
    assert response["Location"] in _page(client, f"/druck/{box}/")


def test_a_result_of_an_older_version_can_be_made_anew(client: Client) -> None:
    key = made.kept("bracket", found='{"value": {"=": "object", "of": "nordlotse.print3d.core.gone:X"}, "arrays": []}')
    assert "Dieses Teil muss neu geprüft werden" in _page(client, f"/druck/{key}/")


# ---- what a link opens ----


@pytest.mark.parametrize("path", ["", "stand/", "teilen/", "loeschen/", "reparatur/", "ansicht.bin", "bild/front.png"])
def test_a_link_that_leads_nowhere_is_not_found(client: Client, path: str) -> None:
    for key in ("A" * 24, "x", "liste1"):
        assert client.get(f"/druck/{key}/{path}").status_code == 404


def test_pages_behind_a_link_stay_out_of_search_engines_and_shared_caches(client: Client) -> None:
    key = made.kept("bracket", picture=True)
    for path in ("", "ansicht.bin", "teilen/", "reparatur/", "loeschen/"):
        response = client.get(f"/druck/{key}/{path}")
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        assert response["Referrer-Policy"] == "same-origin"
        assert response["Cache-Control"] == "private, no-cache"


def test_a_picture_that_the_browser_has_is_not_sent_again(client: Client) -> None:
    key = made.kept("bracket", picture=True)
    first = client.get(f"/druck/{key}/ansicht.bin")
    assert first.content.startswith(b"NLV1")
    again = client.get(f"/druck/{key}/ansicht.bin", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_deleting_asks_once_more_and_then_leaves_nothing(client: Client) -> None:
    key = made.kept("bracket", picture=True)
    assert client.post(f"/druck/{key}/loeschen/").status_code == 422
    paths = [files.path_of(file) for file in files.of(parts.ROOM, key)]
    assert paths and all(path.exists() for path in paths)
    response = client.post(f"/druck/{key}/loeschen/", {"sure": "yes"})
    assert response.status_code == 200 and "mit 2 Dateien" in response.content.decode()
    assert not Part.objects.exists() and not Work.objects.exists() and not files.of(parts.ROOM, key)
    assert client.get(f"/druck/{key}/").status_code == 404


# ---- exact figures ----


def test_without_a_slicer_there_is_no_button_but_a_sentence(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    key = made.kept("bracket")
    monkeypatch.setattr(slicer, "PROGRAMS", ())
    page = _page(client, f"/druck/{key}/")
    assert "auf diesem Rechner ist er nicht eingerichtet" in page and "genau rechnen lassen" not in page
    assert client.post(f"/druck/{key}/genau/").status_code == 503
    assert not Work.objects.filter(kind="slice").exists()


def test_exact_figures_take_the_place_of_the_estimate_and_come_with_g_code(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slicer, "program", lambda: "/usr/bin/prusa-slicer")
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)
    key = made.kept("bracket")
    before = parts.by_key(key).examined
    assert before is not None and before.reckoned is not None
    exact = replace(before.reckoned.estimate, time_s=4321.0, engine="sliced")

    class Slow:
        """A child that slices at once; the slicer itself has tests of its own."""

        def run(self, function: str, *arguments: Any, limits: Any) -> Any:
            assert function.endswith(":exactly") and before is not None and before.reckoned is not None
            said = Sliced(exact, b"G28\nG1 X1")
            return replace(before.reckoned, estimate=said.estimate), said.gcode

        def close(self) -> None:
            """Nothing to end."""

    assert client.post(f"/druck/{key}/genau/").status_code == 302
    assert "PrusaSlicer rechnet." in _page(client, f"/druck/{key}/")
    lane = tasks.Lane(tasks.EXACT)
    lane.workshop = Slow()  # type: ignore[assignment]
    assert lane.run_one()
    after = parts.by_key(key).examined
    assert after is not None and after.reckoned is not None
    assert after.reckoned.estimated == before.reckoned.estimate
    assert (after.reckoned.estimate.engine, after.reckoned.estimate.time_s) == ("sliced", 4321.0)
    page = _page(client, f"/druck/{key}/")
    assert "Zeit und Filament für FDM hat PrusaSlicer gerechnet" in page
    gcode = client.get(f"/druck/{key}/druck.gcode")
    assert gcode.content == b"G28\nG1 X1" and "bracket.gcode" in gcode["Content-Disposition"]
    lane.close()


# ---- a shop's own ----


def test_a_shop_s_own_material_can_be_chosen_and_the_part_is_judged_with_it(
    client: Client, lane: tasks.Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)
    key = made.kept("bracket")
    own = shop.create(key)
    row = {"process": "sls", "density": 1.1, "price": 90.0, "warping": 0.1}
    for name in ("PA 12 grau", "PA 11 schwarz"):
        shop.put_material(own, {**row, "name": name})
    Part.objects.filter(pk=key).update(shop=own)
    second = shops.by_key(own).own.materials[1]
    assert "PA 11 schwarz (SLS)" in _page(client, f"/druck/{key}/")
    fields = {"unit": "mm", "scale": "1", "process": "", "material": second.id}
    assert client.post(f"/druck/{key}/neu/", fields).status_code == 302
    lane.run_one()
    kept = parts.by_key(key)
    assert kept.examined is not None and kept.examined.wishes.material == second.id
    assert set(kept.examined.checked.printable) == {"sls"}
    preferred = shops.of_part(kept)
    assert preferred is not None and preferred.judged_materials()[Process.SLS].name.de == "PA 11 schwarz"


def test_a_material_of_another_process_is_refused_on_the_page(client: Client) -> None:
    key = made.kept("bracket")
    steel = next(m.id for m in materials().values() if m.process is Process.LPBF)
    response = client.post(f"/druck/{key}/neu/", {"unit": "mm", "scale": "1", "process": "fdm", "material": steel})
    assert response.status_code == 422
    assert "Dieses Material gibt es beim gewählten Verfahren nicht." in response.content.decode()


def test_the_page_says_first_what_to_change_where_and_why_with_a_way_to_the_finding(client: Client) -> None:
    key = made.kept("holder")
    page = _page(client, f"/druck/{key}/")
    first = page[page.index('id="zuerst"') : page.index('id="ansicht"')]
    lines = re.findall(r"<li>.*?</li>", first)
    assert 1 <= len(lines) <= 3
    for line in lines:
        number = re.search(r'href="#befund-(\d+)"', line)
        assert number and f'id="befund-{number.group(1)}"' in page and f'data-show-finding="{number.group(1)}"' in line
        assert re.search(r"Ort: x [−\d,]+", line)
    assert "Die Wand ist dünner" in lines[0] and "mm (Grenze" in lines[0] and "Wand mindestens" in lines[0]


def test_a_file_with_several_parts_says_so_first_with_their_names_and_numbers(client: Client) -> None:
    text, _ = made.examined("holder")
    whole = replace(from_text(text), parts=("box_base", "side_long", "side_long"))
    page = _page(client, f"/druck/{made.kept('holder', found=to_text(whole))}/")
    assert page.index("Ihre Datei enthält 3 Einzelteile.") < page.index("Gelesen in")
    assert "box_base, 2 × side_long" in page
    assert "Einzelteile." not in _page(client, f"/druck/{made.kept('holder')}/")


def test_an_old_link_is_answered_in_words_without_a_code(client: Client) -> None:
    response = client.get("/druck/gibtesnichtmehr/")
    page = response.content.decode()
    assert response.status_code == 404 and "no_such_part" not in page and "Kennung" not in page
    assert '<h1 class="kern-heading-large">' in page


def test_the_print_check_stands_in_the_main_menu(client: Client) -> None:
    page = _page(client, "/")
    menu = page[page.index('class="top__nav"') : page.index("</nav>")]
    assert re.search(r'href="/druck/"[^>]*>3D-Druck<', menu)
