"""Files of values: looked at when they come, taken in by the worker as somebody has confirmed, thrown away afterwards."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Set
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from nordlotse.foundation.child import as_told
from nordlotse.foundation.intake import shown_name
from nordlotse.foundation.problem import BadInput, NotAvailable, Problem, TooLarge
from nordlotse.iot import memory
from nordlotse.iot.actions import halls
from nordlotse.iot.core import tables, tail
from nordlotse.iot.core.gate import Sender
from nordlotse.iot.core.roles import role_of
from nordlotse.iot.core.store.reader import Reader
from nordlotse.iot.core.tables import Found, Role
from nordlotse.iot.core.values import Block, Series, check_name
from nordlotse.iot.leaving import ROOM, erase_uploads, follow
from nordlotse.iot.models import DONE_DAYS, Hall, Upload, new_key
from nordlotse.iot.queries.limits import UPLOAD_BYTES, check_files, check_room, check_series
from nordlotse.iot.queries.uploads import MOST_STRETCHES, Shown, file_of, with_values
from nordlotse.office import files, log

_log = logging.getLogger("nordlotse.iot")

#: Files that wait or run at once, of one hall.
MOST = 5
#: Seconds between two notes of the progress; after so many without one a run counts as dead and is done again.
_NOTED, DEAD_SECONDS = 0.5, 60.0
#: A file nobody took in is thrown away after so many hours.
OLD_HOURS = 24
#: Values whose corrections are counted at once.
_COUNTED = 1_000_000
#: What of a table its times are read by, beside the roles of its columns.
_OF_TIMES = ("time_form", "zone", "decimal", "begin", "step", "sheet")
_State = Upload.State
OPEN = (_State.WAITING, _State.RUNNING)


class Stopped(Exception):  # noqa: N818 - no fault: somebody does not want it any more
    """Nobody wants the file taken in any more."""


def take(hall: Hall, machine: str, upload: UploadedFile[Any], user: Any = None) -> str:
    """Keep a file and look at how it is written; return its key. Nothing is taken in yet.

    Raises:
        BadInput: `file_empty`, `iot_name`, or as `core.tables.inspect`.
        TooLarge: `file_too_large`.
        TooMany: `iot_sandbox_full`, `iot_sandbox_signals`, `iot_files_held`. NotAvailable: `iot_disk_full`.
    """
    name = shown_name(upload.name or "")
    size = int(upload.size or 0)
    machine = check_name(machine.strip(), "machine")
    if not size:
        raise BadInput(
            "file_empty",
            de="Die Datei ist leer.",
            en="The file is empty.",
            where=name,
            remedy_de="Bitte die richtige Datei wählen.",
            remedy_en="Choose the right file.",
        )
    if size > UPLOAD_BYTES:
        raise TooLarge(
            "file_too_large",
            de=f"Die Datei hat {size // 2**20} MB, erlaubt sind {UPLOAD_BYTES // 2**20} MB.",
            en=f"The file has {size // 2**20} MB, {UPLOAD_BYTES // 2**20} MB are allowed.",
            where=name,
            remedy_de="Bitte teilen, oder mit dem Befehl „nordlotse iot replay“ einlesen.",
            remedy_en="Split it, or take it in with the command “nordlotse iot replay”.",
        )
    check_room(hall)
    check_files(hall, size)
    key = new_key()
    upload.seek(0)
    held = files.staged(upload, name=name, media_type="application/octet-stream", room=ROOM, reference=key)
    try:
        found = _looked(files.path_of(held), name)
        kept = tables.kept(found) | _reached(hall, files.path_of(held), found, machine, {})
    except Exception:
        files.path_of(held).unlink(missing_ok=True)
        raise
    with transaction.atomic():
        Upload.objects.create(key=key, hall=hall, machine=machine, name=name, size=size, found=kept)
        held.save(force_insert=True)
        log.record("handed_in", "values_file", key[:6], user)
    _log.info("event=iot_file_looked id=%s", key[:6])
    return key


def change(row: Upload, told: Mapping[str, Any], machine: str) -> None:
    """Keep how the file is to be read, as somebody has changed it; another sheet is looked at anew.

    Raises:
        BadInput: `table_settings`, `iot_name`, `table_sheet`.
    """
    machine = check_name(machine.strip(), "machine")
    sheet = str(told.get("sheet", ""))
    if sheet and sheet != row.found.get("sheet"):
        found = _looked(file_of(row), row.name, sheet)
    else:
        found = tables.found_from({**row.found, **told})
    kept = tables.kept(found) | _reached(row.hall, file_of(row), found, machine, row.found)
    with transaction.atomic():
        current = Upload.objects.select_for_update().get(pk=row.pk)
        if current.state in OPEN:
            return
        Upload.objects.filter(pk=row.pk).update(found=kept, machine=machine)
    row.found, row.machine = kept, machine


def ask(row: Upload, user: Any = None) -> None:
    """Let the worker take the file in.

    Raises:
        BadInput: `table_no_time`: its times are not known; `iot_files`: too many wait.
        TooMany: `iot_sandbox_full`.
    """
    found = tables.found_from(row.found)
    check_room(row.hall)
    if not (found.places(Role.TIME) or found.places(Role.DATE)) and (found.begin is None or not found.step):
        raise BadInput(
            "table_no_time",
            de="Es ist keine Spalte mit Zeiten gewählt.",
            en="No column of times is chosen.",
            where="time",
            remedy_de="Bitte wählen Sie, in welcher Spalte die Zeit steht.",
            remedy_en="Choose which column holds the time.",
        )
    if row.hall.uploads.filter(state__in=OPEN).exclude(pk=row.pk).count() >= MOST:
        raise BadInput(
            "iot_files",
            de=f"Es warten schon {MOST} Dateien.",
            en=f"{MOST} files are waiting already.",
            where="file",
            remedy_de="Bitte warten Sie, bis eine fertig ist.",
            remedy_en="Wait until one is done.",
        )
    with transaction.atomic():
        current = Upload.objects.select_for_update().get(pk=row.pk)
        if current.state in (_State.LOOKED, _State.FAILED, _State.CANCELLED):
            Upload.objects.filter(pk=row.pk).update(state=_State.WAITING, progress=0.0, problem={}, outcome={})
            log.record("asked", "values_file", row.pk[:6], user)


@transaction.atomic
def cancel(row: Upload, user: Any = None) -> None:
    """Stop taking a file in; what of it is stored stays, and coming again counts once."""
    if Upload.objects.filter(pk=row.pk, state__in=OPEN).update(state=_State.CANCELLED):
        log.record("cancelled", "values_file", row.pk[:6], user)


@transaction.atomic
def remove(row: Upload, user: Any = None) -> None:
    """Throw a file away; values that were taken in stay."""
    erase_uploads(Upload.objects.filter(pk=row.pk))
    log.record("removed", "values_file", row.pk[:6], user)


def forget_old() -> int:
    """Throw away files that nobody took in within a day, and forget what came of those taken in long ago; return how many."""
    now = timezone.now()
    old = Q(asked_at__lt=now - timedelta(hours=OLD_HOURS)) & ~Q(state__in=(*OPEN, _State.DONE))
    done = Q(state=_State.DONE, taken_at__lt=now - timedelta(days=DONE_DAYS))
    done |= Q(state=_State.DONE, taken_at=None, asked_at__lt=now - timedelta(days=DONE_DAYS))
    rows = Upload.objects.filter(old | done)
    count = rows.count()
    if count:
        with transaction.atomic():
            erase_uploads(rows)
    return count


def _looked(path: Path, name: str, sheet: str = "") -> Found:
    try:
        return tables.inspect(path, sheet)
    except Problem as problem:
        problem.where = problem.where.replace(path.name, name)  # on the disk it has no name
        raise


def _reached(hall: Hall, path: Path, found: Found, machine: str, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the stretch a file covers, where its values may come to a machine that has some; read again only where its times are read otherwise."""
    there = with_values(hall)
    if not found.places(Role.MACHINE) and there is not None and machine not in there:
        return {}
    kept = tables.kept(found)
    if (
        before.get("reach")
        and all(before.get(name) == kept[name] for name in _OF_TIMES)
        and _roles(before) == _roles(kept)
    ):
        return {"reach": before["reach"]}
    try:
        reach = tables.reach(path, found)
    except Problem:  # what is wrong is told when it is taken in
        return {}
    return {"reach": asdict(reach)} if reach else {}


def _roles(kept: Mapping[str, Any]) -> list[str]:
    return [str(column["role"]) for column in kept["columns"]]


# ---- the worker ----


@dataclass(slots=True)
class _Reached:
    """Up to where a series of a file goes: its first and last moment, µs."""

    first: int
    last: int


@dataclass(slots=True)
class _Run:
    """What was sent of a file so far."""

    told: tables.Told
    reached: dict[Series, _Reached] = field(default_factory=dict)
    sent: int = 0

    def note(self, blocks: list[Block]) -> None:
        """Remember what of which series was sent."""
        for block in blocks:
            first, last = int(block.time.min()), int(block.time.max())
            known = self.reached.setdefault(block.series, _Reached(first, last))
            known.first, known.last = min(known.first, first), max(known.last, last)
            self.sent += len(block)


class Lane:
    """Takes files in, one after the other; lives in a thread of the worker."""

    def __init__(self, stopping: Callable[[], bool] = lambda: False) -> None:
        """Take what tells that the worker is to end."""
        self._stopping = stopping
        self._looked = 0.0

    def run_one(self) -> bool:
        """Take in the oldest file that waits; return whether there was one."""
        if time.monotonic() - self._looked > DEAD_SECONDS / 2:
            self._looked = time.monotonic()
            dead = timezone.now() - timedelta(seconds=DEAD_SECONDS)
            Upload.objects.filter(state=_State.RUNNING, taken_at__lt=dead).update(state=_State.WAITING)
        row = _claimed()
        if row is None:
            return False
        had = set(row.hall.machines.values_list("name", flat=True))
        run = _Run(tables.Told())
        try:
            outcome = self._take_in(row, run, had)
        except Stopped:
            if self._stopping():
                Upload.objects.filter(pk=row.pk, state=_State.RUNNING).update(state=_State.WAITING)
        except Problem as problem:
            self._failed(row, problem)
        except Exception:
            _log.exception("event=iot_file_broke id=%s", row.pk[:6])
            self._failed(row, _broke())
        else:
            _done(row, outcome)
        if not follow(row.hall.store):
            for name in had & {series.machine for series in run.reached}:
                follow(row.hall.store, name)  # what came of a machine deleted meanwhile goes too
        return True

    def _take_in(self, row: Upload, run: _Run, had: Set[str]) -> dict[str, Any]:
        found = tables.found_from(row.found)
        folder, store = memory.folder(), row.hall.store
        before = tail.reader(folder, store)
        before.look()
        known = set(before.series())
        noted = time.monotonic()
        try:
            with Sender(folder, 60.0) as sender:
                for blocks in tables.blocks(file_of(row), found, store, row.machine, run.told):
                    if not {block.series for block in blocks} <= known:
                        known.update(block.series for block in blocks)
                        check_series(row.hall, known, whole=False)
                    sender.send(blocks)
                    run.note(blocks)
                    if self._stopping():
                        raise Stopped
                    if time.monotonic() - noted > _NOTED:
                        noted = time.monotonic()
                        _note(row, min(0.99, run.told.rows / max(found.rows, 1)))
        except Problem as problem:
            problem.where = problem.where.replace(file_of(row).name, row.name)
            raise
        after = tail.reader(folder, store, patience=0)  # all of it was acknowledged
        after.look()
        _name(row, found, run, had)
        return _outcome(run, before, after)

    def _failed(self, row: Upload, problem: Problem) -> None:
        Upload.objects.filter(pk=row.pk, state=_State.RUNNING).update(state=_State.FAILED, problem=as_told(problem))

    def close(self) -> None:
        """Nothing is held between two files."""


@transaction.atomic
def _claimed() -> Upload | None:
    row = (
        Upload.objects.select_for_update(of=("self",))
        .filter(state=_State.WAITING)
        .select_related("hall")
        .order_by("asked_at")
        .first()
    )
    if row is not None:
        Upload.objects.filter(pk=row.pk).update(state=_State.RUNNING, taken_at=timezone.now())
    return row


def _note(row: Upload, progress: float) -> None:
    """Keep how far it is.

    Raises:
        Stopped: nobody wants it any more.
        TooMany: the sandbox is full.
    """
    rows = Upload.objects.filter(pk=row.pk, state=_State.RUNNING)
    if not rows.update(progress=progress, taken_at=timezone.now()):
        raise Stopped
    check_room(row.hall)


@transaction.atomic
def _done(row: Upload, outcome: dict[str, Any]) -> None:
    if Upload.objects.filter(pk=row.pk, state=_State.RUNNING).update(
        state=_State.DONE, progress=1.0, outcome=outcome, taken_at=timezone.now(), found={**row.found, "first": []}
    ):
        files.remove_all(ROOM, row.pk)
        _log.info("event=iot_file_taken id=%s", row.pk[:6])


@transaction.atomic
def _name(row: Upload, found: Found, run: _Run, had: Set[str]) -> None:
    """Give the machines of a file their signals with the units the file tells; what somebody has said already stays.

    Machines there were (`had`) and are no more were deleted meanwhile: they do not come back.

    Raises:
        Stopped: nobody wants the file any more.
    """
    if not Upload.objects.select_for_update().filter(pk=row.pk, state=_State.RUNNING).exists():
        raise Stopped
    units = {column.signal: column.unit for column in found.columns if column.role is Role.SIGNAL}
    told: dict[str, dict[str, dict[str, str]]] = {}
    known = {one.name: one.signals for one in row.hall.machines.all()}
    for series in run.reached:
        if series.machine in had and series.machine not in known:
            continue
        if series.signal not in known.get(series.machine, {}):
            unit = units.get(series.signal, "")
            told.setdefault(series.machine, {})[series.signal] = {
                "title": series.signal,
                "unit": unit,
                "role": str(role_of(series.signal, unit)),
            }
    try:
        halls.name_signals(row.hall, told)
    except Problem as problem:  # the values are there all the same, and can be named on their page
        _log.warning("event=iot_file_names code=%s", problem.code)


def _outcome(run: _Run, before: Reader, after: Reader) -> dict[str, Any]:
    fresh = corrected = 0
    for series, reached in run.reached.items():
        first, last = reached.first, reached.last + 1
        fresh += _counted(after, series, first, last) - _counted(before, series, first, last)
        corrected += _older(after, series, first, last) - _older(before, series, first, last)
    moments = list(run.reached.values())
    shown = Shown(
        values=run.sent,
        fresh=max(fresh, 0),
        corrected=max(corrected, 0),
        duplicates=max(run.sent - fresh - corrected, 0),
        rows=run.told.rows,
        machines=sorted({series.machine for series in run.reached}),
        signals=len(run.reached),
        first=min((one.first for one in moments), default=0),
        last=max((one.last for one in moments), default=0),
        counts=dict(run.told.counts),
        faults=[asdict(one) for one in run.told.faults[:200]],
        stretches=[(s.machine, s.signal, r.first, r.last) for s, r in list(run.reached.items())[:MOST_STRETCHES]],
    )
    return asdict(shown)


def _counted(reader: Reader, series: Series, first: int, last: int) -> int:
    return int(reader.buckets(series, first, last, 1, rolled=False).count.sum())


def _older(reader: Reader, series: Series, first: int, last: int) -> int:
    """Return how many values of a stretch newer ones corrected, read in pieces that fit into memory."""
    parts = 1 + _counted(reader, series, first, last) // _COUNTED
    borders = [first + (last - first) * place // parts for place in range(parts + 1)]
    return sum(len(reader.older(series, a, b)) for a, b in pairwise(borders))


def _broke() -> NotAvailable:
    return NotAvailable(
        "iot_file_broke",
        de="Beim Einlesen dieser Datei ist bei uns ein Fehler aufgetreten; er ist vermerkt.",
        en="An error of ours occurred while taking in this file; it is noted.",
        where="worker",
        remedy_de="Bitte versuchen Sie es noch einmal; doppelte Werte zählen nur einmal.",
        remedy_en="Try once more; values that come twice count once.",
    )
