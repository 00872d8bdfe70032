"""The run over a list of parts: the worker judges each, keeps what is measured, and keeps the result, all or nothing."""

from __future__ import annotations

import io
import json
import logging
import time
from typing import Any

from django.db import transaction

from nordlotse.foundation.intake import shown_name
from nordlotse.foundation.problem import BadInput, Problem
from nordlotse.office import files
from nordlotse.office.models import StoredFile
from nordlotse.print3d.actions import work
from nordlotse.print3d.actions.examining import Call, Stopped
from nordlotse.print3d.actions.list_intake import staged
from nordlotse.print3d.actions.list_told import NAMED, line, summary, understood
from nordlotse.print3d.core import screening
from nordlotse.print3d.core.archive import Container
from nordlotse.print3d.core.figures import Figures
from nordlotse.print3d.core.ledger import Ledger
from nordlotse.print3d.core.matching import Job, jobs, jobs_in_zip
from nordlotse.print3d.core.partlist import MAX_BYTES as MAX_TABLE
from nordlotse.print3d.core.partlist import PartList as Table
from nordlotse.print3d.core.partlist import read_list
from nordlotse.print3d.core.ranking import csv_bytes, xlsx_bytes
from nordlotse.print3d.core.screening import Screening
from nordlotse.print3d.models import PartList, Work
from nordlotse.print3d.queries import lists
from nordlotse.print3d.queries.parts import LIST_ROOM

_log = logging.getLogger("nordlotse.print3d")

#: Seconds one part of a list may take; single parts get more.
SECONDS = 60.0
#: Seconds between two notes of the progress.
_NOTED = 0.5


def screen(found: Work, call: Call) -> None:
    """Judge the parts of a list, or pack them; what an earlier run has measured is not measured again.

    Raises:
        Problem: archive or list cannot be read.
        Stopped: somebody stopped or deleted it.
    """
    if found.part_list is None or not work.note(found, work.SCREENING):
        raise Stopped
    kept = lists.by_key(found.part_list.key)
    if kept.wish:
        from nordlotse.print3d.actions import packing

        packing.pack(found, kept, call)
        return
    todo = _todo(found, kept)
    if kept.task == lists.PACK:  # what is in the archive is all the page needs to ask for counts
        _name_parts(found, kept.key, todo)
        return
    ledger = Ledger(files.path_of(_ledger(kept.key)))
    progress = _Progress(found, kept.key, len(todo))

    def measure(data: bytes, name: str) -> Figures:
        made = call("nordlotse.print3d.core.measuring:measured", data, name, seconds=SECONDS)
        if not isinstance(made, Figures):
            raise BadInput("part_unreadable", de="Das Teil lässt sich nicht lesen.", en="The part cannot be read.")
        return made

    fine = bool(kept.found.get("other_fine"))
    done = screening.screen(todo, measure, ledger=ledger, progress=progress, other_fine=fine)
    _finish(found, kept.key, done)


def _todo(found: Work, kept: lists.KeptList) -> list[Job]:
    """Return what is to be judged, and note how files and rows came together."""
    box, table = lists.stored(kept.key, lists.PARTS), lists.table_of(kept.key)
    data = files.path_of(box).read_bytes() if box else b""
    noted = dict(kept.found.get("understood", {}))
    given = None
    if table is not None:
        name = noted.get("table") or table.name
        given = read_list(files.path_of(table).read_bytes(), name)
    elif data:
        given, name = _list_inside(data, kept.name)
        if given is not None:
            noted |= understood(given, name)
    todo = jobs_in_zip(data, kept.name, given) if data else jobs({}, given)
    if not todo:
        raise BadInput(
            "list_nothing",
            de="Die Liste nennt kein Teil, und Dateien liegen nicht bei.",
            en="The list names no part, and no files came with it.",
            where="list",
            remedy_de="Bitte geben Sie die Dateien der Teile oder eine gefüllte Liste ab.",
            remedy_en="Hand in the part files or a filled list.",
        )
    alone = [job.file for job in todo if given is not None and not job.item.row]
    without = [job.item.part for job in todo if data and not job.file]
    noted |= {
        "files": sum(1 for job in todo if job.file),
        "matched": sum(1 for job in todo if job.file and job.item.row),
        "alone": [len(alone), alone[:NAMED]],
        "without": [len(without), without[:NAMED]],
    }
    rows = PartList.objects.filter(pk=kept.key)
    if not rows.update(found={**kept.found, "understood": noted}, total=len(todo)):
        raise Stopped
    return todo


def _list_inside(data: bytes, name: str) -> tuple[Table | None, str]:
    """Return the parts list that lies in the archive, if there is exactly one that can be read."""
    box = Container(data, name)
    paths = [path for path in box.paths if path.lower().endswith((".csv", ".xlsx")) and "__MACOSX" not in path]
    if len(paths) != 1 or box.size(paths[0]) > MAX_TABLE:
        return None, ""
    shown = shown_name(paths[0])
    try:
        return read_list(box.read(paths[0], MAX_TABLE), shown), shown
    except Problem:  # some other table that lay beside the parts
        return None, ""


def _ledger(key: str) -> StoredFile:
    """Return the file in which what is measured is kept while the run is not done."""
    held = lists.stored(key, lists.LEDGER)
    if held is not None:
        return held
    with transaction.atomic():
        if not PartList.objects.select_for_update().filter(pk=key).exists():
            raise Stopped
        return files.keep(b"", name=lists.LEDGER, media_type="application/x-ndjson", room=LIST_ROOM, reference=key)


class _Progress:
    """Notes how many are done, at most twice a second; stops the run that nobody wants any more."""

    def __init__(self, found: Work, key: str, total: int) -> None:
        self._work, self._key, self._total, self._noted = found, key, total, 0.0

    def __call__(self, done: int, total: int, name: str) -> None:
        now = time.monotonic()
        if now - self._noted < _NOTED and done < total:
            return
        self._noted = now
        if not work.breathe(self._work):
            raise Stopped
        PartList.objects.filter(pk=self._key).update(done=done)


def _name_parts(found: Work, key: str, todo: list[Job]) -> None:
    """End the look into an archive whose parts are to be packed: its parts are rows without a verdict."""
    rows = "".join(f"u{json.dumps({'part': job.item.part, 'file': job.file})}\n" for job in todo if job.file)
    _keep(found, key, {lists.ROWS: rows.encode()}, {"named": True})


def _finish(found: Work, key: str, done: Screening) -> None:
    """Keep rows, files to download and the summary, and end the work: all or nothing."""
    contents = {lists.ROWS: "".join(map(line, done.rows)).encode()}
    for lang in ("de", "en"):
        contents[lists.result_name(lang, "csv")] = csv_bytes(done, lang)
        contents[lists.result_name(lang, "xlsx")] = xlsx_bytes(done, lang)
        if not work.breathe(found):
            raise Stopped
    _keep(found, key, contents, {"summary": summary(done)})
    _log.info("event=list_screened id=%s parts=%s measured=%s", key[:6], len(done.rows), done.fresh)


def _keep(found: Work, key: str, contents: dict[str, bytes], told: dict[str, Any]) -> None:
    made = [staged(key, name, io.BytesIO(content)) for name, content in contents.items()]
    with transaction.atomic():
        row = PartList.objects.select_for_update().filter(pk=key).first()
        if row is None or not work.done(found):
            raise Stopped
        for old in files.of(LIST_ROOM, key):
            if old.name in contents:
                files.remove(old)
        for file in made:
            file.save(force_insert=True)
        row.found = {**row.found, **told}
        row.done = row.total
        row.save(update_fields=["found", "done"])


def keep_plan(found: Work, key: str, plan: bytes) -> None:
    """Keep a packing and end its work.

    Raises:
        Stopped: it was stopped or deleted meanwhile.
    """
    _keep(found, key, {lists.PLAN: plan}, {"wish": {}})
