"""A shop's own machines, materials, figures and calibration: made, changed, deleted. Whoever holds the link may do it."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from nordlotse.foundation.problem import BadInput
from nordlotse.office import log
from nordlotse.print3d.actions import work
from nordlotse.print3d.core.archive import part_of, parts_of
from nordlotse.print3d.core.asking import Asked
from nordlotse.print3d.core.calibration import FEWEST, Calibration, Job, calibrate, read_jobs
from nordlotse.print3d.core.own_shop import Trial, missing, trial
from nordlotse.print3d.core.values import Estimate
from nordlotse.print3d.memory import PART, counter
from nordlotse.print3d.models import Part, Shop, Work, new_key
from nordlotse.print3d.queries import shop as queries

_log = logging.getLogger("nordlotse.print3d")

#: So many machines and materials, and so many past jobs at most: more were not entered by hand.
MACHINES, MATERIALS, JOBS = 20, 40, 60
#: So many parts of a shop are examined again at once.
PARTS = 20
#: What reading one part of the past may take, in seconds, and all of them together: a person and a web thread wait for it.
_SECONDS, _TOGETHER = 15.0, 45.0
_ROOM = "nordlotse.print3d.core."


@transaction.atomic
def create(part: str = "") -> str:
    """Make an empty shop and return its key; `part`: key of a part that shall be reckoned with it."""
    made = Shop.objects.create()
    log.record("created", "shop", made.key[:6])
    if part:
        Part.objects.filter(pk=part).update(shop=made)
    return made.key


@transaction.atomic
def put_machine(key: str, row: Mapping[str, Any], id_: str = "") -> str:
    """Keep a machine as its form gives it, in place of the one with the id, else as a new one; return its id.

    Raises:
        NotFound: `no_such_shop`.
        BadInput: `shop_full`.
    """
    shop = _shop(key)
    shop.machines, made = _put(shop.machines, row, id_, MACHINES)
    _changed(shop, "machines")
    return made


@transaction.atomic
def put_material(key: str, row: Mapping[str, Any], id_: str = "") -> str:
    """Keep a material, as `put_machine`.

    Raises:
        NotFound, BadInput: as `put_machine`.
    """
    shop = _shop(key)
    shop.materials, made = _put(shop.materials, row, id_, MATERIALS)
    _changed(shop, "materials")
    return made


@transaction.atomic
def remove_machine(key: str, id_: str) -> None:
    """Take a machine away.

    Raises:
        NotFound: `no_such_shop`.
    """
    shop = _shop(key)
    shop.machines = [row for row in shop.machines if row["id"] != id_]
    _changed(shop, "machines")


@transaction.atomic
def remove_material(key: str, id_: str) -> None:
    """Take a material away.

    Raises:
        NotFound: `no_such_shop`.
    """
    shop = _shop(key)
    shop.materials = [row for row in shop.materials if row["id"] != id_]
    _changed(shop, "materials")


@transaction.atomic
def put_figures(key: str, figures: Mapping[str, float]) -> None:
    """Keep the shop's own cost figures; those left out are ours again.

    Raises:
        NotFound: `no_such_shop`.
    """
    shop = _shop(key)
    shop.figures = dict(figures)
    _changed(shop, "figures")


def calibrated(key: str, table: str, archive: bytes, name: str, profile: str) -> tuple[Calibration, Trial]:
    """Fit the estimate to past jobs: a CSV and a ZIP with the parts it names, which a child process reads; keep what it says.

    Raises:
        NotFound: `no_such_shop`.
        BadInput: `jobs_broken`, `too_few_jobs`, `too_many_jobs`, `jobs_parts_missing`, `jobs_time`, what reading a part refuses.
        TooMany: `parts_busy`, others compute just now.
        TooLarge: `jobs_too_large`, or the ZIP.
    """
    queries.by_key(key)
    jobs = read_jobs(table)
    if len(jobs) < FEWEST:
        raise too_few(len(jobs))
    if len(jobs) > JOBS:
        raise BadInput(
            "too_many_jobs",
            de=f"Hier sind höchstens {JOBS} Aufträge möglich.",
            en=f"At most {JOBS} jobs can be taken here.",
            where="jobs.csv",
            remedy_de="Wählen Sie die jüngsten mit verschiedenen Teilen; die Befehlszeile nimmt mehr.",
            remedy_en="Choose the newest with different parts; the command line takes more.",
        )
    made = _estimates(jobs, archive, name, profile)
    found = calibrate(jobs, made, profile)
    tried = trial(jobs, made, found)
    with transaction.atomic():
        shop = _shop(key)
        shop.calibration = {
            "profile": profile,
            "time": asdict(found.time),
            "filament": asdict(found.filament),
            "jobs": found.jobs,
            "left_out": list(found.left_out),
            "before": tried.before,
            "after": tried.after,
            "on": timezone.now().date().isoformat(),
        }
        _changed(shop, "calibration")
    return found, tried


def too_few(count: int) -> BadInput:
    """Return the error of a list of jobs that is too short to say anything."""
    return BadInput(
        "too_few_jobs",
        de=f"{count} Aufträge reichen nicht: Ein Durchschnitt aus so wenigen wäre Zufall.",
        en=f"{count} jobs are not enough: an average of so few would be chance.",
        where="jobs.csv",
        remedy_de=f"Nennen Sie mindestens {FEWEST} Aufträge mit verschiedenen Teilen, besser 10 bis 50.",
        remedy_en=f"Give at least {FEWEST} jobs with different parts, better 10 to 50.",
    )


def _estimates(jobs: Sequence[Job], archive: bytes, name: str, profile: str) -> list[Estimate]:
    there = {part.name: part.path for part in parts_of(archive, name)} | {
        part.path: part.path for part in parts_of(archive, name)
    }
    if any(job.part not in there for job in jobs):
        raise missing(jobs, list(there), name)
    made: dict[tuple[str, bool], Estimate] = {}
    with counter.turn() as child:
        end = time.monotonic() + _TOGETHER
        for job in jobs:
            wanted = (job.part, job.support)
            if wanted in made:
                continue
            left = end - time.monotonic()
            if left <= 0:
                raise _too_long()
            asked = Asked(part_of(archive, name, there[job.part]), job.part)
            limits = replace(PART, seconds=min(_SECONDS, left))
            made[wanted] = child.run(f"{_ROOM}asking:estimate_part", asked, profile, job.support, limits=limits)[0]
    return [made[(job.part, job.support)] for job in jobs]


def _too_long() -> BadInput:
    return BadInput(
        "jobs_time",
        de=f"Die Teile durchzurechnen dauert länger als {_TOGETHER:.0f} Sekunden.",
        en=f"Computing the parts takes longer than {_TOGETHER:.0f} seconds.",
        where="parts.zip",
        remedy_de="Nehmen Sie weniger oder einfachere Teile; die Befehlszeile nimmt mehr.",
        remedy_en="Take fewer or simpler parts; the command line takes more.",
    )


@transaction.atomic
def forget_calibration(key: str) -> None:
    """Take the calibration away.

    Raises:
        NotFound: `no_such_shop`.
    """
    shop = _shop(key)
    shop.calibration = {}
    _changed(shop, "calibration")


@transaction.atomic
def examine_parts(key: str) -> int:
    """Have the parts that are reckoned with a shop examined again, the newest first; return how many.

    Raises:
        NotFound: `no_such_shop`.
    """
    parts = Part.objects.filter(shop=_shop(key), expires_at__gt=timezone.now()).order_by("-created_at")[:PARTS]
    for part in parts:
        work.ask(Work.Kind.EXAMINE, part=part)
    return len(parts)


@transaction.atomic
def delete(key: str) -> None:
    """Delete a shop; parts reckoned with it are reckoned with our figures again.

    Raises:
        NotFound: `no_such_shop`.
    """
    shop = _shop(key)
    parts = list(Part.objects.filter(shop=shop).values_list("pk", flat=True))
    shop.delete()
    for part in Part.objects.filter(pk__in=parts)[:PARTS]:
        work.ask(Work.Kind.EXAMINE, part=part)
    log.record("deleted", "shop", key[:6])
    _log.info("event=shop_deleted id=%s parts=%s", key[:6], len(parts))


def _put(rows: list[dict[str, Any]], row: Mapping[str, Any], id_: str, most: int) -> tuple[list[dict[str, Any]], str]:
    if any(one["id"] == id_ for one in rows):
        return [{**row, "id": id_} if one["id"] == id_ else one for one in rows], id_
    if len(rows) >= most:
        raise BadInput(
            "shop_full",
            de=f"Mehr als {most} Einträge sind nicht vorgesehen.",
            en=f"No more than {most} entries are taken.",
            where="shop",
            remedy_de="Löschen Sie einen Eintrag, den Sie nicht mehr brauchen.",
            remedy_en="Delete an entry you no longer need.",
        )
    made = f"own-{new_key()[:8].lower()}"
    return [*rows, {**row, "id": made}], made


def _changed(shop: Shop, field: str) -> None:
    shop.touched_at = timezone.now()
    shop.save(update_fields=[field, "touched_at"])
    log.record(f"changed_{field}", "shop", shop.key[:6])


def _shop(key: str) -> Shop:
    found = Shop.objects.select_for_update().filter(pk=key).first()
    if found is None:
        raise queries.unknown()
    return found
