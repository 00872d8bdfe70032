"""`nordlotse print3d screen` and `calibrate`: many parts and a shop's past jobs, told as they go."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from nordlotse.foundation.problem import NotFound
from nordlotse.print3d import cli_given as given
from nordlotse.print3d import cli_told as told

if TYPE_CHECKING:
    from nordlotse.print3d.core.matching import Job
    from nordlotse.print3d.core.values import Estimate


def screen(called: argparse.Namespace) -> int:
    """Rank the parts of a folder or a ZIP by what printing them would save in a year."""
    from nordlotse.print3d.core import screening
    from nordlotse.print3d.core.ledger import Ledger
    from nordlotse.print3d.core.measuring import in_child
    from nordlotse.print3d.core.ranking import VERDICTS, csv_bytes, xlsx_bytes
    from nordlotse.print3d.core.telling import screen_told
    from nordlotse.print3d.core.units import check_scale
    from nordlotse.print3d.core.workshop import WorkLimits

    check_scale(called.unit, called.scale)
    out = told.output(called.out, (".xlsx", ".csv"))
    work = _jobs(called)
    # beside the result, so that a run broken off goes on where it stopped
    kept = out.with_name(f"{out.name}.measured")
    ledger = Ledger(kept, "" if (called.unit, called.scale) == ("auto", 1.0) else f"{called.unit} {called.scale!r}")
    with in_child(WorkLimits(given.SECONDS, given.MEMORY), called.unit, called.scale) as measure:
        found = screening.screen(work, measure, ledger=ledger, progress=told.progress())
    told.write(out, csv_bytes(found, called.lang) if out.suffix.lower() == ".csv" else xlsx_bytes(found, called.lang))
    lines = [
        f"{n}. {row.item.part}: {VERDICTS[row.verdict].get(called.lang)}" for n, row in enumerate(found.rows[:20], 1)
    ]
    told.give(called, screen_told(found, called.lang), lines)
    done = told.either(
        called,
        f"{out}: {len(found.rows)} Teile. {kept.name} hält fest, was gemessen ist; löschen Sie es, wenn Sie fertig sind.",
        f"{out}: {len(found.rows)} parts. {kept.name} keeps what is measured; delete it when you are done.",
    )
    told.say((done,))
    return 0


def _jobs(called: argparse.Namespace) -> list[Job]:
    """Return the parts with their rows of the list; say which of its columns were not understood."""
    from nordlotse.print3d.core.limits import MAX_BYTES
    from nordlotse.print3d.core.matching import jobs_in_folder, jobs_in_zip
    from nordlotse.print3d.core.partlist import MAX_BYTES as LONGEST_LIST
    from nordlotse.print3d.core.partlist import read_list

    listed = read_list(given.bytes_of(called.list, LONGEST_LIST), Path(called.list).name) if called.list else None
    if listed is not None and listed.unused:
        unknown = told.either(called, "nicht verstanden", "not understood")
        told.say((f"{called.list}: {unknown}: {', '.join(listed.unused)}",))
    parts = Path(called.parts)
    if parts.is_file():
        return jobs_in_zip(given.bytes_of(called.parts, MAX_BYTES), parts.name, listed)
    return jobs_in_folder(parts, listed)


def calibrate(called: argparse.Namespace) -> int:
    """Fit the estimate to a shop's past jobs."""
    from nordlotse.foundation.intake import text_of
    from nordlotse.print3d.core import calibration
    from nordlotse.print3d.core.profile import profile
    from nordlotse.print3d.core.saying import calibration_lines
    from nordlotse.print3d.core.telling import calibration_told

    profile(called.profile)
    place = Path(called.jobs)
    written = text_of(given.bytes_of(called.jobs, calibration.LONGEST * 4), place.name)
    jobs = calibration.read_jobs(written, place.name)
    progress = told.progress()
    made: list[Estimate] = []
    with given.shop() as shop:
        for number, job in enumerate(jobs, 1):
            called.part = str(place.parent / job.part)
            try:
                asked = given.asked(called)
            except OSError as error:
                raise _missing_job(job.part, f"{place.name}:{job.row}") from error
            made.append(shop.run(f"{given.ASKING}:estimate_part", asked, called.profile, job.support)[0])
            progress(number, len(jobs), job.part)
    found = calibration.calibrate(jobs, made, called.profile)
    told.give(called, calibration_told(found), calibration_lines(found, called.lang))
    return 0


def _missing_job(part: str, where: str) -> NotFound:
    return NotFound(
        "job_part_missing",
        de=f"Die Datei „{part[:80]}“ fehlt.",
        en=f"The file “{part[:80]}” is missing.",
        where=where,
        remedy_de="Legen Sie die Dateien der Teile neben die Liste.",
        remedy_en="Put the parts' files beside the list.",
    )
