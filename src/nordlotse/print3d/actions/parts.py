"""Taking parts in, examining them again with other wishes, stopping, laying them to a company, deleting. Whoever holds the link may do it."""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from nordlotse.foundation.intake import shown_name
from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import BadInput, NotAvailable
from nordlotse.office import files, log
from nordlotse.print3d.actions import work
from nordlotse.print3d.actions.room_left import check_room
from nordlotse.print3d.actions.turnstile import turnstile
from nordlotse.print3d.core import samples, slicer
from nordlotse.print3d.core.formats import kind_of
from nordlotse.print3d.core.limits import MAX_BYTES
from nordlotse.print3d.core.refusals import large
from nordlotse.print3d.core.units import check_scale
from nordlotse.print3d.core.whole import Wishes
from nordlotse.print3d.models import Part, Shop, Work, new_key
from nordlotse.print3d.queries import lay, parts

_log = logging.getLogger("nordlotse.print3d")

#: Bytes read to judge what a file is.
_BEGIN = 65_536


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was deleted: the part's name, how many files."""

    name: str
    files: int


def take(
    upload: UploadedFile[Any], wishes: Wishes, *, lang: Lang, address: str = "", shop: str = "", company: str = ""
) -> str:
    """Keep a part handed in and ask for its check; return its key. The file is copied piece by piece, never held in memory.

    `address`: by which the parts waiting for one person are counted, "" counts nothing.

    Raises:
        BadInput: no part by its content (`format_unknown`, `file_empty`), or wishes that cannot be.
        TooLarge: above `core.limits.MAX_BYTES`.
        TooMany: too much waits already (`parts_waiting`, `queue_full`).
        NotAvailable: the disk share for parts is used up (`parts_disk`).
    """
    name = shown_name(upload.name or "")
    handle: IO[bytes] = upload.file if upload.file is not None else upload
    return _taken(handle, upload.size or 0, name, wishes, lang=lang, address=address, shop=shop, company=company)


def take_stream(
    handle: IO[bytes], size: int, name: str, wishes: Wishes, *, lang: Lang, address: str = "", company: str = ""
) -> str:
    """Keep a part of `size` bytes read from `handle`, as `take`."""
    return _taken(handle, size, shown_name(name), wishes, lang=lang, address=address, shop="", company=company)


def _taken(
    handle: IO[bytes], size: int, name: str, wishes: Wishes, *, lang: Lang, address: str, shop: str, company: str
) -> str:
    if size > MAX_BYTES:
        raise large(
            "file_too_large",
            f"Die Datei hat {size // 2**20} MB; erlaubt sind {MAX_BYTES // 2**20} MB.",
            f"The file has {size // 2**20} MB; {MAX_BYTES // 2**20} MB are allowed.",
            name,
        )
    handle.seek(0)
    kind_of(handle.read(_BEGIN), name, size)
    check_wishes(wishes)
    turnstile.check(address)
    check_room(size)
    handle.seek(0)
    key = new_key()
    file = files.staged(
        handle, name=parts.ORIGINAL, media_type="application/octet-stream", room=parts.ROOM, reference=key
    )
    with transaction.atomic():
        part = Part.objects.create(
            key=key,
            name=name,
            lang=lang,
            wishes=parts.wishes_kept(wishes),
            shop=Shop.objects.filter(pk=shop).first() if shop else None,
            company=company,
        )
        file.save(force_insert=True)
        work.ask(Work.Kind.EXAMINE, part=part)
        log.record("taken", "part", key[:6])
    turnstile.entered(address, key)
    _log.info("event=part_taken id=%s bytes=%s", key[:6], size)
    return key


def take_sample(name: str, *, lang: Lang, address: str = "") -> str:
    """Keep a copy of one of our own sample parts and ask for its check; return its key.

    Raises:
        NotFound: there is no such sample.
        TooMany, NotAvailable: as `take`.
    """
    content, file = samples.sample_bytes(name), samples.sample(name).file
    handle = io.BytesIO(content)
    return _taken(handle, len(content), file, Wishes(), lang=lang, address=address, shop="", company="")


def check_wishes(wishes: Wishes) -> None:
    """Refuse wishes that cannot be.

    Raises:
        WrongCall: `unit_unknown`, `scale_wrong`.
    """
    check_scale(wishes.unit, wishes.scale)


def choose(key: str, inner: str, *, lang: Lang, address: str = "") -> str:
    """Take one part out of a kept archive as a part of its own, and ask for its check; return its key.

    Raises:
        NotFound: there is no such archive.
        BadInput: `zip_no_such_part`.
        TooMany, NotAvailable: as `take`.
    """
    box = parts.by_key(key)
    if inner not in parts.inside(key):
        raise BadInput(
            "zip_no_such_part",
            de="Dieses Teil liegt nicht im Archiv.",
            en="This part is not in the archive.",
            where=shown_name(inner),
            remedy_de="Bitte wählen Sie ein Teil aus der Liste.",
            remedy_en="Choose a part from the list.",
        )
    turnstile.check(address)
    check_room(0)  # how large it is unpacked the worker sees; where the share is used up already nothing more comes
    with transaction.atomic():
        made = Part.objects.create(
            name=shown_name(inner),
            lang=lang,
            wishes={**parts.wishes_kept(box.wishes), "inner": inner, "box": key},
            shop_id=box.shop or None,
            company=box.company,
            expires_at=box.expires_at,
        )
        work.ask(Work.Kind.EXAMINE, part=made)
        log.record("taken", "part", made.key[:6])
    turnstile.entered(address, made.key)
    return made.key


@transaction.atomic
def again(key: str, wishes: Wishes) -> None:
    """Examine a part again with other wishes (unit, scale, process, material, rotation, support); the old result stays until then.

    Raises:
        NotFound: there is no such part.
        WrongCall: `unit_unknown`, `scale_wrong`.
    """
    check_wishes(wishes)
    part = _part(key)
    part.wishes = {**part.wishes, **parts.wishes_kept(wishes)}
    part.save(update_fields=["wishes"])
    work.ask(Work.Kind.EXAMINE, part=part)
    log.record("examined_again", "part", key[:6])


@transaction.atomic
def cancel(key: str) -> None:
    """Stop the check of a part; an older result holds again, with the wishes it was made with.

    Raises:
        NotFound: there is no such part.
    """
    part = _part(key)
    if not work.stop(Work.Kind.EXAMINE, part=part):
        return
    if (examined := parts.by_key(key).examined) is not None:
        part.wishes = {**part.wishes, **parts.wishes_kept(examined.wishes)}
        part.save(update_fields=["wishes"])
    log.record("cancelled", "part", key[:6])


@transaction.atomic
def remember_today(key: str, today: Mapping[str, Any]) -> None:
    """Keep quantity and how the part is bought today, as the form of the costs gives it.

    Raises:
        NotFound: there is no such part.
    """
    part = _part(key)
    part.today = dict(today)
    part.save(update_fields=["today"])


@transaction.atomic
def remember_list(key: str, part_list: str) -> None:
    """Keep which list a part was opened from: its page leads back there.

    Raises:
        NotFound: there is no such part.
    """
    part = _part(key)
    part.wishes = {**part.wishes, "list": part_list}
    part.save(update_fields=["wishes"])


@transaction.atomic
def use_shop(key: str, shop: str) -> None:
    """Let a part be judged and priced with a shop's own machines, or ("") with ours again; it is examined again.

    Raises:
        NotFound: there is no such part.
    """
    part = _part(key)
    part.shop = Shop.objects.filter(pk=shop).first() if shop else None
    part.save(update_fields=["shop"])
    work.ask(Work.Kind.EXAMINE, part=part)


@transaction.atomic
def ask_repair(key: str) -> None:
    """Ask for the repair of a part, on a copy.

    Raises:
        NotFound: there is no such part.
    """
    part = _part(key)
    work.ask(Work.Kind.REPAIR, part=part)


def take_repaired(key: str, *, lang: Lang, address: str = "") -> str:
    """Keep the mended copy of a part as a part of its own and ask for its check; return its key.

    Raises:
        NotFound: there is no such part, or it was not repaired.
        TooMany, NotAvailable: as `take`.
    """
    kept = parts.by_key(key)
    file = parts.stored(key, parts.REPAIRED)
    if file is None:
        raise parts.not_repaired()
    with files.path_of(file).open("rb") as handle:
        return _taken(
            handle,
            file.size,
            parts.repaired_name(kept),
            Wishes(process=kept.wishes.process, material=kept.wishes.material),
            lang=lang,
            address=address,
            shop=kept.shop,
            company=kept.company,
        )


@transaction.atomic
def ask_slice(key: str) -> None:
    """Ask for exact figures by the slicer, as the part shall lie.

    Raises:
        NotFound: there is no such part.
        NotAvailable: no slicer is installed (`no_slicer`).
        BadInput: there is no result yet, or the part cannot be printed (`not_reckoned`); no machine takes it as it lies (`fits_not_so`).
    """
    part = _part(key)
    kept = parts.by_key(key)
    if kept.examined is None or kept.examined.reckoned is None:
        raise BadInput(
            "not_reckoned",
            de="Für dieses Teil gibt es keine Zahlen, die genauer werden könnten.",
            en="There are no figures of this part that could become more exact.",
            where="part",
            remedy_de="Bitte reparieren Sie das Netz zuerst.",
            remedy_en="Repair the mesh first.",
        )
    if slicer.program() is None:
        raise NotAvailable(
            "no_slicer",
            de="Auf diesem Rechner ist kein PrusaSlicer eingerichtet.",
            en="There is no PrusaSlicer on this machine.",
            where="slicer",
            remedy_de="Nutzen Sie die Schätzung.",
            remedy_en="Use the estimate.",
        )
    if parts.stored(key, parts.PICTURE) is not None and not lay.fits_as_it_lies(kept):
        raise BadInput(
            "fits_not_so",
            de="So, wie das Teil liegt, passt es in keine der Maschinen.",
            en="As the part lies, it fits none of the machines.",
            where="part",
            remedy_de="Bitte legen Sie es anders, oder wählen Sie eine größere Maschine.",
            remedy_en="Lay it differently, or choose a larger machine.",
        )
    work.ask(Work.Kind.SLICE, part=part)


@transaction.atomic
def delete(key: str) -> Receipt:
    """Delete a part with all its files at once; a lane that is at it notices.

    Raises:
        NotFound: there is no such part.
    """
    part = _part(key)
    count = files.remove_all(parts.ROOM, key)
    name = part.name
    part.delete()
    log.record("deleted", "part", key[:6])
    _log.info("event=part_deleted id=%s files=%s", key[:6], count)
    return Receipt(name, count)


def forget_expired() -> int:
    """Delete parts past their day with their files; return how many. The worker does it every hour."""
    past = list(Part.objects.filter(expires_at__lte=timezone.now()).values_list("pk", flat=True)[:1_000])
    for key in past:
        with transaction.atomic():
            files.remove_all(parts.ROOM, key)
            Part.objects.filter(pk=key).delete()
    if past:
        _log.info("event=parts_expired number=%s", len(past))
    return len(past)


def _part(key: str) -> Part:
    found = Part.objects.select_for_update().filter(pk=key, expires_at__gt=timezone.now()).first()
    if found is None:
        raise parts.unknown()
    return found
