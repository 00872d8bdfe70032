"""A shop behind its link: machines, materials, cost figures, past jobs; what they change; bad and hostile input; deletion."""

from __future__ import annotations

import io
import re
import zipfile
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.print3d import tasks
from nordlotse.print3d.actions import parts as part_actions
from nordlotse.print3d.actions import shop as actions
from nordlotse.print3d.core.calibration import calibrate, read_jobs
from nordlotse.print3d.core.limits_data import process_limits
from nordlotse.print3d.core.own_shop import trial
from nordlotse.print3d.core.rates import rates
from nordlotse.print3d.core.values import Estimate, Limits, Process
from nordlotse.print3d.core.whole import Wishes
from nordlotse.print3d.models import Part, Shop, Work
from nordlotse.print3d.queries import costs, parts
from nordlotse.print3d.queries import shop as queries
from tests.print3d import handed_in
from tests.print3d.examined_parts import examined, kept, plate

pytestmark = pytest.mark.django_db

_MACHINE = {"name": "Prusa MK4", "process": "fdm", "x": "250", "y": "210", "z": "220", "rate": "4,5", "wall": "0,8"}
_MATERIAL = {"name": "ABS blau", "process": "fdm", "density": "1,04", "price": "30", "warping": "0,8"}


def _made(client: Client, part: str = "") -> str:
    answer = client.post("/druck/werkstatt/", {"part": part})
    return str(answer.headers["Location"]).split("/")[-2]


def _text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def test_looking_at_the_page_makes_no_shop(client: Client) -> None:
    client.get("/druck/werkstatt/")
    assert not Shop.objects.exists()


def test_a_new_shop_shows_its_link_and_says_who_may_use_it(client: Client) -> None:
    key = _made(client)
    said = _text(client, f"/druck/werkstatt/{key}/")
    assert f"/druck/werkstatt/{key}/" in said
    assert "Wer ihn hat, darf alles sehen und ändern" in said


@pytest.mark.parametrize("process", ["sla", "sls", "mjf", "lpbf"])
def test_a_machine_and_a_material_that_cost_nothing_are_reckoned_with(client: Client, process: str) -> None:
    key = _made(client)
    machine = {**_MACHINE, "process": process, "rate": "0", "x": "600", "y": "600", "z": "600"}
    assert client.post(f"/druck/werkstatt/{key}/maschine/", machine).status_code == 302
    material = {**_MATERIAL, "process": process, "price": "0"}
    assert client.post(f"/druck/werkstatt/{key}/material/", material).status_code == 302
    part = kept(examined(plate(), process), shop=Shop.objects.get(pk=key))
    assert client.get(f"/druck/{part.pk}/").status_code == 200
    seen = costs.glance(parts.by_key(part.pk), "de")
    assert seen is not None and seen.process == process
    assert seen.mass not in ("", "0 g")


def test_a_machine_is_kept_as_the_core_takes_it(client: Client) -> None:
    key = _made(client)
    assert client.post(f"/druck/werkstatt/{key}/maschine/", _MACHINE).status_code == 302
    own = queries.by_key(key).own
    (machine,) = own.of(Process.FDM)
    assert machine.build == (250.0, 210.0, 220.0)
    assert (machine.rate.low, machine.rate.high) == (4.5, 4.5)
    assert own.machines[0].limits == {"wall": 0.8}


def test_a_machine_can_be_changed_and_deleted(client: Client) -> None:
    key = _made(client)
    client.post(f"/druck/werkstatt/{key}/maschine/", _MACHINE)
    row = queries.by_key(key).machines[0]
    assert "4,5" in client.get(f"/druck/werkstatt/{key}/maschine/?id={row['id']}").content.decode()
    client.post(f"/druck/werkstatt/{key}/maschine/", {**_MACHINE, "id": row["id"], "name": "MK4 neu"})
    assert [row["name"] for row in queries.by_key(key).machines] == ["MK4 neu"]
    client.post(f"/druck/werkstatt/{key}/maschine/", {"id": row["id"], "do": "delete"})
    assert queries.by_key(key).machines == ()


@pytest.mark.parametrize(
    ("field", "typed"),
    [("x", "abc"), ("x", "0"), ("z", "-5"), ("rate", "1e9"), ("wall", "100"), ("process", "magic"), ("name", "")],
)
def test_a_machine_that_cannot_be_is_refused_at_its_field(client: Client, field: str, typed: str) -> None:
    key = _made(client)
    answer = client.post(f"/druck/werkstatt/{key}/maschine/", {**_MACHINE, field: typed})
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in answer.content.decode()
    assert queries.by_key(key).machines == ()


@pytest.mark.parametrize(("field", "typed"), [("density", "0"), ("density", "99"), ("price", "-1"), ("warping", "2")])
def test_a_material_that_cannot_be_is_refused(client: Client, field: str, typed: str) -> None:
    key = _made(client)
    assert client.post(f"/druck/werkstatt/{key}/material/", {**_MATERIAL, field: typed}).status_code == 422
    assert queries.by_key(key).materials == ()


def test_names_of_a_visitor_are_only_shown(client: Client) -> None:
    key = _made(client)
    client.post(f"/druck/werkstatt/{key}/maschine/", {**_MACHINE, "name": "<script>x</script>"})
    assert "<script>x" not in client.get(f"/druck/werkstatt/{key}/").content.decode()


def test_a_shop_takes_no_more_machines_than_somebody_enters_by_hand(client: Client) -> None:
    key = actions.create()
    for _ in range(actions.MACHINES):
        actions.put_machine(key, {"name": "M", "process": "fdm", "build": [1, 1, 1], "rate": 1})
    with pytest.raises(BadInput, match="shop_full"):
        actions.put_machine(key, {"name": "M", "process": "fdm", "build": [1, 1, 1], "rate": 1})


def _with_machine(build: list[float], **limits: float) -> str:
    key = actions.create()
    row = {"name": "Klein", "process": "fdm", "build": build, "rate": 9.0, "limits": limits}
    actions.put_machine(key, row)
    return key


def test_a_shops_machine_gives_hour_and_build_volume_to_the_costs() -> None:
    key = _with_machine([100, 100, 100])
    way = queries.by_key(key).own.rates(rates()).ways["fdm"]
    assert way.build == (100.0, 100.0, 100.0)
    assert way.likely()["machine_rate"] == 9.0
    assert way.rates["machine_rate"].value.source.de == "Angabe der Werkstatt"


def test_of_several_machines_the_smallest_the_part_fits_is_taken() -> None:
    key = _with_machine([300, 300, 300])
    actions.put_machine(key, {"name": "Winzig", "process": "fdm", "build": [50, 50, 50], "rate": 2.0})
    way = queries.by_key(key).own.rates(rates()).ways["fdm"]
    assert way.build == (50.0, 50.0, 50.0)
    assert [one.build for one in way.larger] == [(300, 300, 300)]


def test_a_part_too_large_for_the_shop_is_out_of_its_costs_with_the_reason() -> None:
    key = _with_machine([30, 20, 10])
    found = costs.costing(parts.by_key(kept(shop=Shop.objects.get(pk=key)).key))
    assert found is not None
    assert "30 × 20 × 10 mm" in found.left_out["fdm"].de


def test_a_lighter_material_of_the_shop_makes_the_filament_lighter() -> None:
    key = actions.create()
    actions.put_material(key, {"name": "Leicht", "process": "fdm", "density": 0.62, "price": 25.0})
    bare = costs.figures_of(parts.by_key(kept().key))
    own = costs.figures_of(parts.by_key(kept(shop=Shop.objects.get(pk=key)).key))
    assert bare is not None
    assert own is not None
    assert bare.fdm is not None
    assert own.fdm is not None
    assert own.fdm.filament_g == pytest.approx(bare.fdm.filament_g / 2)


def test_the_check_takes_the_shops_machines_limits_and_materials() -> None:
    key = _with_machine([100, 100, 100], wall=0.4)
    actions.put_material(key, {"name": "Krumm", "process": "fdm", "density": 1, "price": 1, "warping": 1.0})
    judged = queries.judged(queries.of_key(key))
    assert judged.limits is not None
    assert judged.machines is not None
    assert judged.materials is not None
    assert judged.limits[Process.FDM].wall == 0.4
    assert judged.limits[Process.FDM].gap == 0.5  # not stated: ours
    assert [m.build for m in judged.machines if m.process is Process.FDM] == [(100, 100, 100)]
    assert any(m.process is Process.SLS for m in judged.machines)  # a process the shop does not have: ours
    assert judged.materials[Process.FDM].warping == 1.0


def _limits_of(key: str) -> Limits:
    judged = queries.judged(queries.of_key(key))
    assert judged.limits is not None
    return judged.limits[Process.FDM]


def test_of_two_machines_of_one_process_the_best_counts_for_each_limit_in_either_order() -> None:
    fine, coarse = {"wall": 0.4, "bridge": 4.0, "overhang": 50.0}, {"wall": 2.0, "bridge": 25.0, "overhang": 30.0}
    for first, second in ((fine, coarse), (coarse, fine)):
        key = _with_machine([100, 100, 100], **first)
        row = {"name": "Zweite", "process": "fdm", "build": [100, 100, 100], "rate": 9.0, "limits": second}
        actions.put_machine(key, row)
        limits = _limits_of(key)
        assert (limits.wall, limits.bridge, limits.overhang) == (0.4, 25.0, 30.0)


def test_a_machine_without_figures_beside_a_coarser_one_does_what_we_say_of_the_process() -> None:
    key = _with_machine([100, 100, 100], wall=2.0)
    assert _limits_of(key).wall == 2.0  # alone it is the shop's best
    actions.put_machine(key, {"name": "Ohne", "process": "fdm", "build": [100, 100, 100], "rate": 9.0})
    assert _limits_of(key) == process_limits()[Process.FDM]


def test_own_cost_figures_are_kept_and_emptied_ones_are_ours_again(client: Client) -> None:
    key = _made(client)
    address = f"/druck/werkstatt/{key}/kosten/"
    client.post(address, {"process": "fdm", "f.fdm.finishing": "3,5", "f.shop.operator": "60"})
    assert queries.by_key(key).figures == {"fdm.finishing": 3.5, "shop.operator": 60.0}
    assert "Nacharbeit je Teil: 3,5 Minuten" in _text(client, f"/druck/werkstatt/{key}/")
    client.post(address, {"process": "fdm", "f.fdm.finishing": "", "f.shop.operator": "60"})
    assert queries.by_key(key).figures == {"shop.operator": 60.0}


def test_figures_of_one_process_leave_those_of_another(client: Client) -> None:
    key = _made(client)
    client.post(f"/druck/werkstatt/{key}/kosten/", {"process": "fdm", "f.fdm.finishing": "3"})
    client.post(f"/druck/werkstatt/{key}/kosten/", {"process": "sls", "f.sls.finishing": "2"})
    assert queries.by_key(key).figures == {"fdm.finishing": 3.0, "sls.finishing": 2.0}


def test_a_cost_figure_that_cannot_be_is_refused(client: Client) -> None:
    key = _made(client)
    answer = client.post(f"/druck/werkstatt/{key}/kosten/", {"process": "fdm", "f.fdm.scrap": "2"})
    assert answer.status_code == 422
    assert "höchstens 0.95" in answer.content.decode()


def test_a_part_takes_a_shop_by_its_pasted_link_and_is_examined_again(client: Client) -> None:
    key, part = _made(client), kept()
    link = f"https://nordlotse.example/en/druck/werkstatt/{key}/"
    assert client.post(f"/druck/{part.key}/werkstatt/", {"link": link}).status_code == 302
    assert Part.objects.get(pk=part.key).shop_id == key
    assert Work.objects.filter(part=part, state="waiting").count() == 1
    client.post(f"/druck/{part.key}/werkstatt/", {"do": "without"})
    assert Part.objects.get(pk=part.key).shop_id is None


@pytest.mark.parametrize("link", ["nichts", "A" * 24, "https://x/druck/werkstatt/"])
def test_a_link_to_no_shop_is_said(client: Client, link: str) -> None:
    answer = client.post(f"/druck/{kept().key}/werkstatt/", {"link": link})
    assert answer.status_code == 422
    assert "liegt keine Werkstatt" in answer.content.decode()


def test_changed_machines_can_be_used_for_all_parts_of_the_shop_at_once(client: Client) -> None:
    key = _made(client)
    part = kept(shop=Shop.objects.get(pk=key))
    client.post(f"/druck/werkstatt/{key}/")
    assert Work.objects.filter(part=part, state="waiting").count() == 1


def test_deleting_asks_first_and_frees_the_parts(client: Client) -> None:
    key = _made(client)
    part = kept(shop=Shop.objects.get(pk=key))
    client.get(f"/druck/werkstatt/{key}/loeschen/")
    assert Shop.objects.filter(pk=key).exists()
    client.post(f"/druck/werkstatt/{key}/loeschen/")
    assert not Shop.objects.filter(pk=key).exists()
    assert Part.objects.get(pk=part.key).shop_id is None
    assert client.get(f"/druck/werkstatt/{key}/").status_code == 404


def test_a_key_that_is_none_is_not_found(client: Client) -> None:
    for key in ("kurz", "A" * 24, "a" * 200):
        assert client.get(f"/druck/werkstatt/{key}/").status_code == 404
    with pytest.raises(NotFound):
        queries.by_key("' OR 1=1 --")


# --- past jobs -------------------------------------------------------------------------------------------------------


def _zip(count: int) -> tuple[bytes, list[Estimate]]:
    held, made = io.BytesIO(), []
    with zipfile.ZipFile(held, "w") as box:
        for n in range(count):
            data = plate(20 + 5 * n, 30, 6 + n)
            box.writestr(f"p{n}.stl", data)
            reckoned = examined(data).reckoned
            assert reckoned is not None
            made.append(reckoned.estimate)
    return held.getvalue(), made


def _jobs(made: list[Estimate], factor: float) -> str:
    rows = [f"p{n}.stl;{e.time_s / 60 * factor:.2f};{e.filament_g:.2f}" for n, e in enumerate(made)]
    return "\n".join(["part;minutes;grams", *rows])


def _send(client: Client, key: str, table: bytes, box: bytes) -> Any:
    files = {"table": SimpleUploadedFile("a.csv", table), "parts": SimpleUploadedFile("p.zip", box)}
    return client.post(f"/druck/werkstatt/{key}/kalibrieren/", files)


def test_past_jobs_make_the_estimate_the_shops_own_and_say_by_how_much(client: Client) -> None:
    box, made = _zip(7)
    key = _made(client)
    assert _send(client, key, _jobs(made, 1.3).encode(), box).status_code == 302
    own = queries.by_key(key).own
    assert own.factors is not None
    assert own.factors.time == pytest.approx(1.3, rel=0.02)
    said = _text(client, f"/druck/werkstatt/{key}/kalibrieren/")
    assert "Ihre Maschinen brauchen etwa 30 Prozent länger als geschätzt." in said
    assert "7 Aufträge zählen. Ohne Anpassung lag die Zeit im Mittel 23 Prozent daneben." in said


def test_too_few_jobs_change_nothing_and_say_so(client: Client) -> None:
    box, made = _zip(3)
    key = _made(client)
    answer = _send(client, key, _jobs(made, 1.3).encode(), box)
    assert answer.status_code == 422
    assert "3 Aufträge reichen nicht" in answer.content.decode()
    assert queries.by_key(key).own.factors is None


def test_with_five_jobs_nobody_claims_that_calibration_was_tested() -> None:
    _, made = _zip(5)
    jobs = read_jobs(_jobs(made, 1.2))
    found = calibrate(jobs, made, "fdm-pla-0.2")
    assert trial(jobs, made, found).after is None


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (b"", "leer"),
        (b"\xff\xfe\x00\x01part", "keine CSV-Datei"),
        (b"teil;preis\na;1", "ist unbekannt"),
        (b"part;minutes;grams\np0.stl;viel;3", "keine Zahl"),
        ("part;minutes;grams\n" + "p0.stl;1;1\n" * 70, "höchstens 60"),
        (b"part;minutes;grams\n" + b"fehlt.stl;1;1\n" * 6, "fehlen aber im ZIP: fehlt.stl"),
        (b'part;minutes;grams\n=HYPERLINK("x");1;1\n' * 1, "reichen nicht"),
    ],
)
def test_a_broken_list_is_named_with_its_place(client: Client, table: bytes | str, said: str) -> None:
    box, _ = _zip(1)
    answer = _send(client, _made(client), table.encode() if isinstance(table, str) else table, box)
    assert answer.status_code == 422
    assert said in unescape(answer.content.decode())


def test_what_is_no_zip_is_refused(client: Client) -> None:
    _, made = _zip(6)
    answer = _send(client, _made(client), _jobs(made, 1).encode(), b"kein Archiv")
    assert answer.status_code == 422


def test_a_part_that_cannot_be_read_is_refused_and_the_site_stays(client: Client) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as box:
        for n in range(6):
            box.writestr(f"p{n}.stl", b"solid x\nfacet normal 0 0 nan\n")
    rows = "\n".join(f"p{n}.stl;1;1" for n in range(6))
    answer = _send(client, _made(client), f"part;minutes;grams\n{rows}".encode(), held.getvalue())
    assert answer.status_code == 422


def test_only_the_page_of_past_jobs_takes_more_than_a_form(client: Client) -> None:
    key = _made(client)
    files = {"table": SimpleUploadedFile("a.csv", b"part"), "parts": SimpleUploadedFile("p.zip", b"x" * 400_000)}
    assert client.post(f"/druck/werkstatt/{key}/kalibrieren/", files).status_code == 422
    assert client.post(f"/druck/werkstatt/{key}/kosten/", {"f.fdm.scrap": "1" * 400_000}).status_code == 413


def test_a_calibration_can_be_taken_away(client: Client) -> None:
    key = _made(client)
    fit = {"factor": 1.2, "low": 1.1, "high": 1.3, "band": 0.1}
    kept_fit = {"time": fit, "filament": fit, "jobs": 6, "before": 0.2, "after": None, "left_out": [4]}
    Shop.objects.filter(pk=key).update(calibration=kept_fit)
    said = _text(client, f"/druck/werkstatt/{key}/kalibrieren/")
    assert "lässt sich mit so wenigen nicht prüfen" in said
    assert "Zeilen 4 der Liste" in said
    client.post(f"/druck/werkstatt/{key}/kalibrieren/", {"do": "delete"})
    assert queries.by_key(key).own.factors is None


@pytest.mark.parametrize("page", ["", "maschine/", "material/", "kosten/?process=sls", "kalibrieren/", "loeschen/"])
def test_every_page_of_a_shop_is_english_too_and_stays_out_of_search_engines(client: Client, page: str) -> None:
    answer = client.get(f"/en/druck/werkstatt/{_made(client)}/{page}")
    assert answer.status_code == 200
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    said = re.sub(r"<[^>]+>", " ", answer.content.decode())
    assert not re.search(r"\b(Werkstatt|Maschine|eintragen|Speichern|löschen|Kosten)\b", said)


def test_a_part_whose_own_material_is_gone_is_examined_with_the_usual_one(client: Client, lane: tasks.Lane) -> None:
    key = _made(client)
    material = actions.put_material(
        key, {"name": "ABS", "process": "fdm", "density": 1.04, "price": 30, "warping": 0.8}
    )
    part = handed_in.hand_in()
    part_actions.use_shop(part, key)
    part_actions.again(part, Wishes(material=material))
    assert lane.run_one()
    with_own = parts.by_key(part)
    assert with_own.examined is not None and with_own.examined.wishes.material == material
    actions.delete(key)
    assert lane.run_one()
    after = parts.by_key(part)
    assert after.work is not None and after.work.problem is None
    assert after.examined is not None and after.examined.wishes.material == ""
    assert set(after.examined.checked.printable) == {"fdm", "sla", "sls", "mjf", "lpbf"}


def test_a_part_is_handed_in_from_the_shop_s_own_page_and_names_its_machine(client: Client) -> None:
    key = _made(client)
    assert (
        'name="werkstatt"' not in client.get(f"/druck/werkstatt/{key}/").content.decode()
    )  # nothing to check with yet
    client.post(f"/druck/werkstatt/{key}/maschine/", _MACHINE)
    page = client.get(f"/druck/werkstatt/{key}/").content.decode()
    assert "Ein Teil damit prüfen" in page
    assert f'name="werkstatt" value="{key}"' in page
    assert "Check a part with it" in client.get(f"/en/druck/werkstatt/{key}/").content.decode()
    given = {"file": SimpleUploadedFile("platte.stl", handed_in.plate()), "unit": "mm", "process": "", "werkstatt": key}
    answer = client.post("/druck/", given)
    assert answer.status_code == 302
    assert Part.objects.get(pk=answer.headers["Location"].split("/")[-2]).shop_id == key


def test_a_part_for_a_shop_there_is_not_is_refused_and_nothing_is_kept(client: Client) -> None:
    given = {"file": SimpleUploadedFile("platte.stl", handed_in.plate()), "unit": "mm", "werkstatt": "a" * 24}
    answer = client.post("/druck/", given)
    assert answer.status_code == 404
    assert "liegt keine Werkstatt" in answer.content.decode()
    assert not Part.objects.exists()


def test_a_part_reckoned_with_a_shop_names_its_machine_and_whose_figures_these_are(client: Client) -> None:
    key = _made(client)
    client.post(f"/druck/werkstatt/{key}/maschine/", _MACHINE)
    part = kept(examined(plate(), "fdm"), shop=Shop.objects.get(pk=key))
    said = _text(client, f"/druck/{part.pk}/")
    assert "Gerechnet auf Ihrer Maschine: Prusa MK4 (250 × 210 × 220 mm)." in said
    assert "mit den Angaben Ihrer Werkstatt" in said
    assert "Kosten ohne Umsatzsteuer, aus allgemeinen Kostenwerten" not in said
    assert "Bauplatte: Prusa MK4" in said
    assert "Reckoned on your machine: Prusa MK4" in _text(client, f"/en/druck/{part.pk}/")
    rows = _text(client, f"/druck/{part.pk}/kosten/")
    rows = rows[rows.index("Alle Kostenwerte mit Quelle") :]
    assert "Maschinenstunde 4,5 € je Stunde dem Wert der Werkstatt Angabe der Werkstatt" in rows
