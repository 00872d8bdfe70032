"""Packing parts of a list into one chamber: asked for with counts, done by the worker."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from nordlotse.foundation.problem import BadInput
from nordlotse.print3d.actions import work
from nordlotse.print3d.actions.examining import Call
from nordlotse.print3d.actions.list_run import keep_plan
from nordlotse.print3d.actions.turnstile import turnstile
from nordlotse.print3d.core.packing import Packing, Wanted, check_wanted
from nordlotse.print3d.core.parcel import packed
from nordlotse.print3d.models import PartList, Work
from nordlotse.print3d.queries import lists

#: Seconds a packing may take.
SECONDS = 180.0


def ask(key: str, process: str, counts: Mapping[int, int], *, address: str = "") -> None:
    """Ask for so many pieces of a list's rows (by rank) to be packed; the last packing stays until then.

    Raises:
        NotFound: there is no such list.
        BadInput: `pack_process`, `pack_many`, `pack_none` (no count above 0), `pack_early` (the list is not judged yet).
        TooMany: as `parts.take`.
    """
    kept = lists.by_key(key)
    wanted = {rank: count for rank, count in counts.items() if count > 0}
    check_wanted(process, list(wanted.values()))
    if not wanted:
        raise BadInput(
            "pack_none",
            de="Kein Teil ist gewählt.",
            en="No part is chosen.",
            where="counts",
            remedy_de="Bitte bei mindestens einem Teil eine Stückzahl eintragen.",
            remedy_en="Enter a count for at least one part.",
        )
    if not kept.named or (kept.running and not kept.wish):
        raise BadInput(
            "pack_early",
            de="Diese Liste ist noch nicht so weit.",
            en="This list is not ready yet.",
            where="list",
            remedy_de="Bitte warten Sie, bis der Lauf fertig ist.",
            remedy_en="Wait until the run is done.",
        )
    turnstile.check(address)
    with transaction.atomic():
        row = PartList.objects.select_for_update().filter(pk=key, expires_at__gt=timezone.now()).first()
        if row is None:
            raise lists.unknown()
        row.found = {**row.found, "wish": {"process": process, "counts": {str(k): n for k, n in wanted.items()}}}
        row.save(update_fields=["found"])
        work.ask(Work.Kind.SCREEN, part_list=row)


def pack(found: Work, kept: lists.KeptList, call: Call) -> None:
    """Pack what was asked for, in the child, and keep the packing.

    Raises:
        Problem: nothing can be packed.
        Stopped: somebody stopped or deleted it.
    """
    wanted = []
    for rank, count in kept.wish.get("counts", {}).items():
        row = lists.row(kept.key, int(rank))
        if row and row["file"]:
            wanted.append(Wanted(row["file"], lists.content(kept.key, row["file"]), int(count)))
    made = call("nordlotse.print3d.core.packing:pack", wanted, str(kept.wish["process"]), seconds=SECONDS)
    if isinstance(made, Packing):
        keep_plan(found, kept.key, packed(made)[0])
