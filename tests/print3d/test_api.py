"""The room's JSON interface: the keys of the command line, refusals with codes, and no part takes the site with it."""

from __future__ import annotations

import io
import threading
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from bench.print3d.files import packed
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from nordlotse.foundation.problem import TooMany
from nordlotse.print3d import api_values as values
from nordlotse.print3d import memory
from nordlotse.print3d.core.samples import sample, sample_bytes
from nordlotse.print3d.core.workshop import WorkLimits
from tests.print3d.core.solids import box

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True, scope="module")
def child_ended() -> Iterator[None]:
    yield
    memory.counter.close()


def upload(data: bytes, name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def asked(route: str, name: str = "bracket", **fields: Any) -> Any:
    file = fields.pop("file", None) or upload(sample_bytes(name), sample(name).file)
    return Client().post(f"/api/v1/print3d/{route}", {"file": file, **fields})


def refused(response: Any, status: int, code: str) -> dict[str, str]:
    assert response.status_code == status, response.content[:300]
    error: dict[str, str] = response.json()["error"]
    assert error["code"] == code
    assert error["message_de"] and error["message_en"]
    return error


def test_a_check_gives_mesh_findings_verdicts_and_seconds() -> None:
    found = asked("check", "holder", lang="en").json()
    assert set(found) == {"mesh", "findings", "printable", "seconds"}
    assert set(found["mesh"]) == set(values.MeshOut.model_fields)
    wall = next(f for f in found["findings"] if f["code"] == "thin_wall")
    assert set(wall) == set(values.FindingOut.model_fields)
    assert wall["value"] == pytest.approx(0.6, abs=0.01)
    assert wall["text"].startswith("The wall is thinner")
    assert set(found["printable"]) == {"fdm", "sla", "sls", "mjf", "lpbf"}


def test_a_check_may_be_narrowed_to_a_process_and_its_material() -> None:
    found = asked("check", "knob", process="sls", material="pa12-sls").json()
    assert list(found["printable"]) == ["sls"]


def test_unit_and_scale_change_lengths_and_places() -> None:
    inch = asked("check", unit="inch").json()["mesh"]
    half = asked("check", scale="0.5").json()["mesh"]
    assert inch["bbox_mm"][1] == pytest.approx([60 * 25.4, 40 * 25.4, 50 * 25.4])
    assert (inch["unit"], half["bbox_mm"][1]) == ("inch", pytest.approx([30, 20, 25]))


def test_an_estimate_has_its_band_and_support_only_where_asked_for() -> None:
    bare, held = asked("estimate", "holder").json(), asked("estimate", "holder", support="true").json()
    assert set(bare) == set(values.EstimateOut.model_fields)
    assert bare["time_low_s"] < bare["time_s"] < bare["time_high_s"]
    assert (bare["support_g"], bare["engine"]) == (0, "estimated")
    assert 0 < held["support_g"] < held["filament_g"]


def test_another_filament_changes_the_mass() -> None:
    pla, abs_ = (asked("estimate", material=name).json()["filament_g"] for name in ("pla", "abs"))
    assert abs_ == pytest.approx(pla * 1.04 / 1.24)


def test_three_ways_to_lay_the_part_come_with_proper_rotations() -> None:
    found = asked("orient", "holder").json()["proposals"]
    assert [one["name"] for one in found] == ["cheapest", "fastest", "best_surface"]
    for one in found:
        rows = one["rotation"]
        assert all(sum(cell**2 for cell in row) == pytest.approx(1) for row in rows)


def test_cost_stands_beside_todays_price_and_no_process_is_left_untold() -> None:
    found = asked("cost", quantity="50", today="12.5").json()
    assert set(found) == {"processes", "break_even"}
    assert set(found["processes"]) == {"today", "fdm", "sla", "sls", "mjf", "lpbf", "milling", "moulding"}
    assert [name for name, way in found["processes"].items() if way["measured"]] == ["today", "fdm"]
    assert {"fdm", "today"} <= {one["process"] for one in found["break_even"]} | {
        one["against"] for one in found["break_even"]
    }


def test_a_process_the_part_is_too_large_for_has_no_cost() -> None:
    found = asked("cost", quantity="5", scale="6").json()["processes"]
    assert found["lpbf"] == {"unit_cost": None, "measured": False}


def test_a_material_changes_the_cost_of_its_own_process() -> None:
    steel = asked("cost", quantity="5").json()["processes"]
    light = asked("cost", quantity="5", material="alsi10mg").json()["processes"]
    assert light["lpbf"]["unit_cost"]["likely"] < steel["lpbf"]["unit_cost"]["likely"]
    assert light["sls"] == steel["sls"]


def open_box() -> bytes:
    from nordlotse.print3d.core.mesh import Mesh
    from nordlotse.print3d.core.repair import as_stl

    whole = box(20, 20, 20)
    return as_stl(Mesh(whole.vertices, whole.faces[:-1]))


def test_a_repair_says_what_it_changed_or_gives_the_mended_part() -> None:
    told = asked("repair", file=upload(open_box(), "open.stl")).json()
    assert (told["before"]["watertight"], told["after"]["watertight"]) == (False, True)
    assert told["changes"]
    stl = asked("repair", file=upload(open_box(), "open.stl"), answer="stl")
    assert stl["Content-Type"] == "model/stl"
    again = asked("check", file=upload(stl.content, "mended.stl"), unit="mm").json()
    assert again["mesh"]["watertight"]


def archive(*names: str) -> bytes:
    return packed({sample(name).file: sample_bytes(name) for name in names})


def test_of_an_archive_with_several_parts_one_is_chosen() -> None:
    two = archive("bracket", "holder")
    told = refused(asked("check", file=upload(two, "two.zip")), 422, "several_parts")
    assert "bracket.stl, holder.stl" in told["message_en"]
    found = asked("check", file=upload(two, "two.zip"), inner="holder.stl").json()
    assert found["mesh"]["triangles"] == 254
    refused(asked("check", file=upload(two, "two.zip"), inner="vase.stl"), 404, "no_such_part")
    refused(asked("check", inner="vase.stl"), 422, "no_archive")


def test_a_screening_ranks_by_saving_and_tells_what_it_cannot_read() -> None:
    listed = b"part;price;yearly\nbracket;40;200\nholder;40;20\nvase;9;9\n"
    found = asked(
        "screen",
        file=upload(archive("bracket", "holder"), "two.zip"),
        list=upload(listed, "list.csv"),
    ).json()["parts"]
    assert [row["part"] for row in found] == ["bracket", "holder", "vase"]
    assert found[0]["saving_eur"]["likely"] > found[1]["saving_eur"]["likely"]
    assert (found[2]["verdict"], found[2]["unit_cost"]) == ("unread", None)
    assert set(found[0]) == set(values.ScreenedOut.model_fields)


def test_a_screening_by_the_interface_takes_fifty_parts() -> None:
    many = packed({f"{n}.stl": b"solid" for n in range(51)})
    refused(asked("screen", file=upload(many, "many.zip")), 413, "too_many_parts")


def jobs(factor: float, names: tuple[str, ...]) -> bytes:
    rows = []
    for name in names:
        made = asked("estimate", name).json()
        rows.append(f"{sample(name).file};{made['time_s'] / 60 * factor:.3f};{made['filament_g']:.3f}")
    return "\n".join(["part;minutes;grams", *rows, *rows]).encode()


def test_a_shop_whose_machine_is_a_fifth_slower_gets_that_factor() -> None:
    names = ("bracket", "holder", "knob")
    found = asked(
        "calibrate",
        jobs=upload(jobs(1.2, names), "jobs.csv"),
        file=upload(archive(*names), "parts.zip"),
        profile="fdm-pla-0.2",
    ).json()
    assert set(found) == set(values.CalibrationOut.model_fields)
    assert found["time"]["factor"] == pytest.approx(1.2, rel=0.01)
    assert found["filament"]["factor"] == pytest.approx(1.0, rel=0.01)


def test_a_job_without_its_file_is_named_with_its_row() -> None:
    listed = upload(b"part;minutes;grams\nvase.stl;10;5\n", "jobs.csv")
    told = refused(
        asked("calibrate", jobs=listed, file=upload(archive("holder"), "p.zip"), profile="fdm-pla-0.2"),
        422,
        "job_part_missing",
    )
    assert told["where"] == "jobs.csv:2"


@pytest.mark.parametrize(
    ("route", "fields", "status", "code"),
    [
        ("check", {"unit": "ell"}, 422, "field_wrong"),
        ("check", {"scale": "0"}, 422, "field_wrong"),
        ("check", {"scale": "nan"}, 422, "field_wrong"),
        ("check", {"process": "clay"}, 422, "field_wrong"),
        ("check", {"material": "clay"}, 404, "no_such_material"),
        ("estimate", {"profile": "clay"}, 404, "no_such_profile"),
        ("estimate", {"material": "clay"}, 404, "no_such_material"),
        ("cost", {}, 422, "field_wrong"),
        ("cost", {"quantity": "0"}, 422, "quantity_impossible"),
        ("cost", {"quantity": "5", "today": "-1"}, 422, "field_wrong"),
        ("cost", {"quantity": "5", "today": "inf"}, 422, "field_wrong"),
        ("repair", {"answer": "gcode"}, 422, "field_wrong"),
    ],
)
def test_a_field_that_cannot_be_is_refused(route: str, fields: dict[str, str], status: int, code: str) -> None:
    refused(asked(route, **fields), status, code)


def test_a_call_without_a_file_says_which_field_is_missing() -> None:
    told = refused(Client().post("/api/v1/print3d/check", {"unit": "mm"}), 422, "field_wrong")
    assert "file" in told["message_en"]


@pytest.mark.parametrize(
    ("data", "name", "status", "code"),
    [
        (b"", "a.stl", 422, "file_empty"),
        (b"%PDF-1.7 ...", "a.pdf", 422, "format_unknown"),
        (sample_bytes("bracket")[:5000], "a.stl", 422, "file_truncated"),
        (b"PK\x03\x04 broken", "a.zip", 422, "zip_broken"),
    ],
)
def test_a_file_that_cannot_be_is_refused(data: bytes, name: str, status: int, code: str) -> None:
    refused(asked("check", file=upload(data, name)), status, code)


ENTITIES = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 12))


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (packed({"3D/3dmodel.model": b" " * (40 * 2**20)}, 9), "bomb.3mf", "zip_bomb"),
        (b"\0" * 80 + (10**9).to_bytes(4, "little") + b"\0" * 500, "claims.stl", "file_truncated"),
        (packed({"3D/3dmodel.model": b"<!DOCTYPE m [" + ENTITIES + b"]><model/>"}), "bomb.3mf", "xml_entities"),
    ],
)
def test_a_hostile_file_is_refused_and_the_next_part_is_served(data: bytes, name: str, code: str) -> None:
    refused(asked("check", file=upload(data, name)), 422, code)
    assert asked("check").status_code == 200


def test_a_part_that_takes_too_long_is_refused_and_its_child_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    from nordlotse.print3d import api

    slow = memory.Counter(WorkLimits(seconds=0.001))
    monkeypatch.setattr(api, "counter", slow)
    refused(asked("check", "knob"), 422, "part_time")
    assert slow.child is None
    slow.close()


def test_beyond_one_that_waits_callers_are_told_to_come_back() -> None:
    counter = memory.Counter(patience=0.2)
    served, told = threading.Event(), []

    def wait() -> None:
        served.wait()
        for _ in range(2):
            try:
                with counter.turn():
                    told.append("served")
            except TooMany as busy:
                told.append(busy.code)

    waiting = [threading.Thread(target=wait) for _ in range(3)]
    for one in waiting:
        one.start()
    with counter.turn():
        served.set()
        for one in waiting:
            one.join()
    assert told == ["parts_busy"] * 6
    with counter.turn():
        pass
    counter.close()


def test_a_busy_interface_answers_429_with_a_time_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    from nordlotse.print3d import api

    counter = memory.Counter(patience=0.01)
    monkeypatch.setattr(api, "counter", counter)
    with counter.turn():
        response = asked("check")
    refused(response, 429, "parts_busy")
    assert response["Retry-After"] == "10"
    counter.close()


def alive(counter: memory.Counter) -> bool:
    return counter.child is not None


def test_an_idle_child_is_ended() -> None:
    counter = memory.Counter(idle=0.5)
    with counter.turn() as shop:
        shop.run("nordlotse.print3d.core.asking:warm")
    assert alive(counter)
    pause = threading.Event()
    for _ in range(500):
        if not alive(counter):
            break
        pause.wait(0.02)
    assert not alive(counter)
    counter.close()


def test_every_route_describes_its_fields_and_its_answer() -> None:
    paths = Client().get("/api/v1/openapi.json").json()["paths"]
    mine = {path.rpartition("/")[2]: row["post"] for path, row in paths.items() if "/print3d/" in path}
    assert set(mine) == {"check", "estimate", "orient", "cost", "repair", "screen", "calibrate"}
    for operation in mine.values():
        assert operation["summary"] and operation["description"]
        assert set(operation["requestBody"]["content"]) == {"multipart/form-data"}
        assert "200" in operation["responses"] or 200 in operation["responses"]


def test_a_zip_of_nothing_has_no_parts() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as empty:
        empty.writestr("readme.txt", "nothing")
    refused(asked("check", file=upload(made.getvalue(), "a.zip")), 422, "zip_no_parts")


def test_an_fdm_estimate_of_a_material_that_is_no_filament_is_refused() -> None:
    refused(asked("estimate", material="316l"), 422, "material_of_other_process")


def test_an_estimate_for_another_filament_says_that_its_time_is_that_of_the_profile() -> None:
    pla, abs_ = asked("estimate", lang="en").json(), asked("estimate", lang="en", material="abs").json()
    assert pla["warnings"] == []
    assert ["print settings for PLA" in told for told in abs_["warnings"]] == [True]
    assert abs_["time_s"] == pla["time_s"]
    assert abs_["filament_g"] == pytest.approx(pla["filament_g"] * 1.04 / 1.24)
