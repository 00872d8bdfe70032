"""The JSON interface of the room: what the command line does, for one uploaded file at a time and with tighter limits. Nothing is kept.

All routes take multipart/form-data. A part may take 30 s and 1.5 GB; one is computed at a time per web process, a second caller waits,
further ones get 429 with Retry-After. `screen` and `calibrate` answer at once for at most 50 parts and 40 s; more parts: page or command.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Router
from ninja.files import UploadedFile

from nordlotse.foundation.intake import text_of
from nordlotse.foundation.problem import BadInput, TooLarge
from nordlotse.print3d import api_values as values
from nordlotse.print3d.core import limits
from nordlotse.print3d.core.archive import Container, parts_of
from nordlotse.print3d.core.asking import Asked
from nordlotse.print3d.core.calibration import LONGEST, calibrate, read_jobs
from nordlotse.print3d.core.comparison import Today, compare
from nordlotse.print3d.core.costs import check_quantity
from nordlotse.print3d.core.limits_data import material as material_of
from nordlotse.print3d.core.matching import jobs_in_zip
from nordlotse.print3d.core.measuring import Measure, by
from nordlotse.print3d.core.partlist import MAX_BYTES as LONGEST_LIST
from nordlotse.print3d.core.partlist import read_list
from nordlotse.print3d.core.profile import profile as profile_of
from nordlotse.print3d.core.rates import rates, with_material
from nordlotse.print3d.core.screening import screen as screened
from nordlotse.print3d.core.telling import (
    calibration_told,
    check_told,
    cost_told,
    estimate_told,
    orient_told,
    repair_told,
    screen_told,
)
from nordlotse.print3d.core.workshop import Workshop
from nordlotse.print3d.memory import counter

router = Router(tags=["print3d"])

#: Most parts and seconds of one call that looks at several.
MOST_PARTS, MOST_SECONDS = 50, 40.0
_ASKING = "nordlotse.print3d.core.asking"
_PART = File(..., description="STL, 3MF, OBJ, PLY, OFF or STEP, also in a ZIP; at most 150 MB")


@router.post("/print3d/check", response=values.CheckOut, summary="What stands against printing a part")
def check(request: HttpRequest, file: UploadedFile = _PART, asked: values.CheckIn = Form(...)) -> dict[str, Any]:
    """Return mesh, findings with their places, and a verdict per process.

    Not checked: strength, fatigue and approval. Copying someone else's part may infringe rights.
    """
    if asked.material:
        material_of(asked.material)
    found = _computed(file, asked, "check_part", asked.process or "", asked.material)
    return check_told(found, asked.lang)


@router.post("/print3d/estimate", response=values.EstimateOut, summary="Time and filament of an FDM print")
def estimate(request: HttpRequest, file: UploadedFile = _PART, asked: values.EstimateIn = Form(...)) -> dict[str, Any]:
    """Return time and filament of the part as it lies, with their error bands; estimated, not sliced."""
    profile_of(asked.profile)
    if asked.material:
        material_of(asked.material)
    made = _computed(file, asked, "estimate_part", asked.profile, asked.support, "estimated", asked.material)
    return estimate_told(made, asked.lang)


@router.post("/print3d/orient", response=values.OrientOut, summary="Three ways to lay a part")
def orient(request: HttpRequest, file: UploadedFile = _PART, asked: values.Reading = Form(...)) -> dict[str, Any]:
    """Return the proposals cheapest, fastest, best_surface with their rotations and reasons."""
    found = _computed(file, asked, "orient_part")
    return orient_told(found, asked.lang)


@router.post("/print3d/cost", response=values.CostOut, summary="Cost of a part by each process")
def cost(request: HttpRequest, file: UploadedFile = _PART, asked: values.CostIn = Form(...)) -> dict[str, Any]:
    """Return the cost of one part by each process at the quantity, beside today's price, and where printing stops to pay."""
    check_quantity(asked.quantity)
    profile_of(asked.profile)
    held = with_material(rates(), material_of(asked.material)) if asked.material else rates()
    today = None if asked.today is None else Today(asked.today, minimum=asked.today_minimum)
    part = _computed(file, asked, "figures_of_part", asked.profile, asked.material)
    return cost_told(compare(part, asked.quantity, today, held), asked.lang)


@router.post("/print3d/repair", response=values.RepairOut, summary="Mend a part")
def repair(request: HttpRequest, file: UploadedFile = _PART, asked: values.RepairIn = Form(...)) -> Any:
    """Return what was changed, before and after; with `answer=stl` the mended part itself (model/stl, mm)."""
    made = _computed(file, asked, "repair_part")
    if asked.answer == "stl":
        return HttpResponse(
            made.stl, content_type="model/stl", headers={"Content-Disposition": 'attachment; filename="repaired.stl"'}
        )
    return repair_told(made, asked.lang)


@router.post("/print3d/screen", response=values.ScreenOut, summary="Which of many parts would pay")
def screen(
    request: HttpRequest,
    file: UploadedFile = File(..., description="a ZIP with at most 50 parts"),
    list: UploadedFile | None = File(None, description="CSV or XLSX: part, file, price today, yearly quantity, stock"),
    asked: values.Reading = Form(...),
) -> dict[str, Any]:
    """Return the parts ranked by yearly saving, without figures by suitability; parts that took too long are told as not judged."""
    given = read_list(_content(list, LONGEST_LIST), list.name or "") if list is not None else None
    with _within() as (shop, left):
        work = jobs_in_zip(_content(file, limits.MAX_BYTES), file.name or "", given)
        _check_count(len(work))
        found = screened(work, _until(by(shop, None, asked.unit, asked.scale), left))
    return screen_told(found, asked.lang)


@router.post("/print3d/calibrate", response=values.CalibrationOut, summary="Fit the estimate to past jobs")
def calibrated(
    request: HttpRequest,
    jobs: UploadedFile = File(..., description="CSV: part, minutes, grams, support, copies; at most 50 jobs"),
    file: UploadedFile = File(..., description="a ZIP with the parts' files named in the list"),
    asked: values.CalibrateIn = Form(...),
) -> dict[str, Any]:
    """Return the factors for time and filament that a shop's own jobs say."""
    profile_of(asked.profile)
    name = jobs.name or "jobs.csv"
    listed = read_jobs(text_of(_content(jobs, LONGEST), name), name)
    _check_count(len(listed))
    made = []
    with _within() as (shop, left):
        data = _content(file, limits.MAX_BYTES)
        box = Container(data, file.name or "")
        paths = {part.path.rpartition("/")[2]: part.path for part in parts_of(data, file.name or "")}
        for job in listed:
            path = paths.get(job.part.replace("\\", "/").rpartition("/")[2])
            if path is None:
                raise _missing(job.part, f"{name}:{job.row}")
            if left() <= 0:
                raise _late()
            one = Asked(box.read(path), job.part, asked.unit, asked.scale)
            made.append(shop.run(f"{_ASKING}:estimate_part", one, asked.profile, job.support)[0])
    return calibration_told(calibrate(listed, made, asked.profile))


def _computed(file: UploadedFile, asked: values.Reading, function: str, *arguments: Any) -> Any:
    """Return what the child makes of a file; it is read only when its turn has come, so that waiting holds no memory."""
    with counter.turn() as shop:
        one = Asked(_content(file, limits.MAX_BYTES), file.name or "", asked.unit, asked.scale, asked.inner)
        return shop.run(f"{_ASKING}:{function}", one, *arguments)[0]


def _content(file: UploadedFile, most: int) -> bytes:
    """Return a file's bytes, at most one more than `most`: what reads them says what is too large."""
    data: bytes = file.read(most + 1)
    return data


@contextmanager
def _within() -> Iterator[tuple[Workshop, Callable[[], float]]]:
    """Give the workshop, and how many seconds are left for this call."""
    with counter.turn() as shop:
        end = time.monotonic() + MOST_SECONDS
        yield shop, lambda: end - time.monotonic()


def _until(measure: Measure, left: Callable[[], float]) -> Measure:
    def measured(data: bytes, name: str) -> Any:
        if left() <= 0:
            raise _late()
        return measure(data, name)

    return measured


def _late() -> BadInput:
    return BadInput(
        "call_time",
        de=f"Die Zeit für einen Aufruf ({MOST_SECONDS:.0f} s) ist um.",
        en=f"The time for one call ({MOST_SECONDS:.0f} s) is over.",
        where="request",
        remedy_de="Bitte weniger Teile senden oder die Seite /druck/liste/ nutzen.",
        remedy_en="Send fewer parts or use the page /en/druck/liste/.",
    )


def _check_count(count: int) -> None:
    if count > MOST_PARTS:
        raise TooLarge(
            "too_many_parts",
            de=f"Das sind {count} Teile; ein Aufruf nimmt höchstens {MOST_PARTS}.",
            en=f"These are {count} parts; one call takes at most {MOST_PARTS}.",
            where="file",
            remedy_de="Bitte teilen, oder die Seite /druck/liste/ oder den Befehl „nordlotse print3d screen“ nutzen.",
            remedy_en="Split them, or use the page /en/druck/liste/ or the command “nordlotse print3d screen”.",
        )


def _missing(part: str, where: str) -> BadInput:
    return BadInput(
        "job_part_missing",
        de=f"Die Datei „{part[:80]}“ fehlt.",
        en=f"The file “{part[:80]}” is missing.",
        where=where,
        remedy_de="Legen Sie die Dateien der Teile in die ZIP-Datei.",
        remedy_en="Put the parts' files into the ZIP file.",
    )
