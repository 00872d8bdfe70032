"""Work for the worker: asked for, claimed by one lane at a time, noted step by step, ended. A lane that died loses its claim."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import timedelta

from django.db.models import F, QuerySet
from django.utils import timezone

from nordlotse.foundation.problem import BadInput, Problem
from nordlotse.print3d.models import Part, PartList, Work
from nordlotse.print3d.queries.parts import problem_kept

_log = logging.getLogger("nordlotse.print3d")

#: Steps a page says in words.
READING, LAYING, RECKONING, DRAWING = "reading", "laying", "reckoning", "drawing"
MENDING, SLICING, SCREENING = "mending", "slicing", "screening"
#: The steps of a check, in their order.
STEPS = (READING, LAYING, RECKONING, DRAWING)

#: A lane says at least this often that it is alive, in seconds; whoever was silent for so much longer is dead.
#: Opening a hostile workbook may take 40 s without a word.
BREATH, DEAD = 5.0, 60.0
#: So often the same work is begun at most.
MOST_TRIES = 2

_OPEN = (Work.State.WAITING, Work.State.RUNNING)


def ask(kind: Work.Kind, *, part: Part | None = None, part_list: PartList | None = None) -> int:
    """Ask for work, in the caller's transaction; what is open of the same kind for the same thing is stopped. Return its id.

    A new check stops the slicer too: it works on what the old one found, and would put that back.
    """
    stop(kind, part=part, part_list=part_list)
    if kind == Work.Kind.EXAMINE:
        stop(Work.Kind.SLICE, part=part)
    return Work.objects.create(kind=kind, part=part, part_list=part_list).pk


def stop(kind: Work.Kind, *, part: Part | None = None, part_list: PartList | None = None) -> int:
    """Stop what waits or runs of a kind for a part or list; its lane notices and kills the child. Return how many there were."""
    rows = Work.objects.filter(kind=kind, part=part, part_list=part_list, state__in=_OPEN)
    return rows.update(state=Work.State.CANCELLED, ended_at=timezone.now())


def claim(kinds: Collection[str]) -> Work | None:
    """Take the oldest work of these kinds that waits, for this lane alone; None if there is none.

    One indexed read while nothing waits. Of two lanes that see the same row only one changes it.
    """
    found = Work.objects.filter(state=Work.State.WAITING, kind__in=kinds).order_by("id").first()
    if found is None:
        return None
    now = timezone.now()
    free = Work.objects.filter(pk=found.pk, state=Work.State.WAITING)
    if not free.update(state=Work.State.RUNNING, taken_at=now, tries=F("tries") + 1, step=""):
        return None
    return Work.objects.select_related("part", "part_list").filter(pk=found.pk).first()


def bring_back() -> int:
    """Let work begin again whose lane has died; what died as often as is allowed is given up. Return how many there were."""
    silent = timezone.now() - timedelta(seconds=DEAD)
    dead = Work.objects.filter(state=Work.State.RUNNING, taken_at__lt=silent)
    given_up = dead.filter(tries__gte=MOST_TRIES).update(
        state=Work.State.FAILED, ended_at=timezone.now(), problem=problem_kept(_died())
    )
    again = dead.update(state=Work.State.WAITING, taken_at=None, step="")
    if given_up or again:
        _log.warning("event=part_work_died again=%s given_up=%s", again, given_up)
    return given_up + again


def note(work: Work, step: str) -> bool:
    """Note the step a work is at; return False if it was stopped or deleted meanwhile."""
    return bool(_mine(work).update(step=step, taken_at=timezone.now()))


def breathe(work: Work) -> bool:
    """Say that its lane is alive; return False if the work was stopped or deleted meanwhile."""
    return bool(_mine(work).update(taken_at=timezone.now()))


def wanted(work: Work) -> bool:
    """Return whether a work is still this lane's: not stopped, deleted, or taken away."""
    return _mine(work).exists()


def give_back(work: Work) -> None:
    """Let another lane begin it: this one is told to stop."""
    _mine(work).update(state=Work.State.WAITING, taken_at=None, step="", tries=F("tries") - 1)


def done(work: Work) -> bool:
    """End a work well, in the caller's transaction; return False if it was stopped meanwhile: then nothing of it may be kept."""
    return bool(_mine(work).update(state=Work.State.DONE, step="", problem={}, ended_at=timezone.now()))


def failed(work: Work, problem: Problem) -> None:
    """End a work that could not be done, with what the person is told."""
    told = problem_kept(problem)
    ended = _mine(work).update(state=Work.State.FAILED, problem=told, ended_at=timezone.now())
    if ended:
        _log.info("event=part_work_failed kind=%s id=%s code=%s", work.kind, work.pk, problem.code)


def _mine(work: Work) -> QuerySet[Work]:
    return Work.objects.filter(pk=work.pk, state=Work.State.RUNNING, tries=work.tries)


def _died() -> Problem:
    return BadInput(
        "part_crash",
        de="Über dieser Datei ist das Rechnen zweimal abgebrochen.",
        en="Computing on this file broke off twice.",
        where="worker",
        remedy_de="Bitte die Datei neu ausgeben oder vereinfachen und noch einmal hochladen.",
        remedy_en="Export or simplify the file anew and upload it again.",
    )
