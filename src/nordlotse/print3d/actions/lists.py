"""What a person does with a list of parts: stop it, go on, open one part, delete it. Whoever holds the link may do it."""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from django.db import transaction
from django.utils import timezone

from nordlotse.foundation.language import Lang
from nordlotse.office import files, log
from nordlotse.print3d.actions import parts, work
from nordlotse.print3d.actions.parts import Receipt
from nordlotse.print3d.actions.turnstile import turnstile
from nordlotse.print3d.core.own_material import nearest
from nordlotse.print3d.core.whole import Wishes
from nordlotse.print3d.models import PartList, Work
from nordlotse.print3d.queries import lists
from nordlotse.print3d.queries.parts import LIST_ROOM

_log = logging.getLogger("nordlotse.print3d")


@transaction.atomic
def cancel(key: str) -> None:
    """Stop the run; what is measured stays, so that it can go on.

    Raises:
        NotFound: there is no such list.
    """
    if work.stop(Work.Kind.SCREEN, part_list=_list(key)):
        log.record("cancelled", "part_list", key[:6])


def resume(key: str, *, address: str = "", other_fine: bool | None = None) -> None:
    """Go on with a run that was stopped or broke off; nothing happens while one runs or when it is done.

    `other_fine` stated: judge all parts anew by it; what is measured is not measured again.

    Raises:
        NotFound: there is no such list.
        TooMany: as `parts.take`.
    """
    turnstile.check(address)
    with transaction.atomic():
        row = _list(key)
        kept = lists.by_key(key)
        if kept.running or (kept.summary and other_fine is None):
            return
        if other_fine is not None:
            row.found = {**{k: v for k, v in row.found.items() if k != "summary"}, "other_fine": other_fine}
            row.save(update_fields=["found"])
        work.ask(Work.Kind.SCREEN, part_list=row)
        log.record("resumed", "part_list", key[:6])


def open_part(key: str, rank: int, *, lang: Lang, address: str = "") -> str:
    """Make a row's file a part of its own with today's price, and ask for its whole check; return its key.

    Raises:
        NotFound: there is no such list, row or file.
        BadInput, TooLarge, TooMany, NotAvailable: as `parts.take`.
    """
    kept, row = lists.by_key(key), lists.row(key, rank)
    turnstile.check(address)  # before a file of the archive is unpacked
    shown = str(row["file"]) if row else ""
    data = lists.content(key, shown)
    name = PurePosixPath(shown).name
    part = parts.take_stream(
        io.BytesIO(data), len(data), name, _wishes(row or {}), lang=lang, address=address, company=kept.company
    )
    parts.remember_list(part, key)
    if row and row.get("price"):
        lead = int(row.get("lead") or 0)
        parts.remember_today(
            part,
            {
                "quantity": max(1, int(row.get("lot") or 1)),
                "price": row["price"],
                "lead_days": [lead, lead],
                "minimum": max(1, int(row.get("minimum") or 1)),
                "process": "",
                "figures": {},
                "list": {name: row.get(name) for name in ("yearly", "lot", "saving")},
            },
        )
    return part


def _wishes(row: Mapping[str, Any]) -> Wishes:
    """Return process and material the list was reckoned with, so that the part's own page says the same."""
    chosen, process = nearest(str(row.get("own") or "")), str(row.get("process") or "")
    if process not in chosen.processes:
        return Wishes()
    return Wishes(process=process, material=chosen.of(process).id)


@transaction.atomic
def delete(key: str) -> Receipt:
    """Delete a list with all its files at once; a run that is at it notices.

    Raises:
        NotFound: there is no such list.
    """
    row = _list(key)
    count = files.remove_all(LIST_ROOM, key)
    name = row.name
    row.delete()
    log.record("deleted", "part_list", key[:6])
    return Receipt(name, count)


def forget_expired() -> int:
    """Delete lists past their day with their files; return how many."""
    past = list(PartList.objects.filter(expires_at__lte=timezone.now()).values_list("pk", flat=True)[:1_000])
    for key in past:
        with transaction.atomic():
            files.remove_all(LIST_ROOM, key)
            PartList.objects.filter(pk=key).delete()
    if past:
        _log.info("event=lists_expired number=%s", len(past))
    return len(past)


def _list(key: str) -> PartList:
    found = PartList.objects.select_for_update().filter(pk=key, expires_at__gt=timezone.now()).first()
    if found is None:
        raise lists.unknown()
    return found
