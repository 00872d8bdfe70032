"""A list of parts taken in: what is handed in is sorted, a list is read at once, the files are kept until the worker comes."""

from __future__ import annotations

import io
import logging
import tempfile
import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import IO, Any

from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db import transaction

from nordlotse.foundation.intake import shown_name
from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.problem import BadInput
from nordlotse.office import files, log
from nordlotse.office.models import StoredFile
from nordlotse.print3d.actions import work
from nordlotse.print3d.actions.list_told import understood
from nordlotse.print3d.actions.room_left import check_room
from nordlotse.print3d.actions.turnstile import turnstile
from nordlotse.print3d.core import formats, samples
from nordlotse.print3d.core.limits import MAX_BYTES
from nordlotse.print3d.core.partlist import MAX_BYTES as MAX_TABLE
from nordlotse.print3d.core.partlist import read_list
from nordlotse.print3d.core.refusals import large
from nordlotse.print3d.models import PartList, Work, new_key
from nordlotse.print3d.queries import lists
from nordlotse.print3d.queries import parts as known
from nordlotse.print3d.queries.parts import LIST_ROOM

_log = logging.getLogger("nordlotse.print3d")

_TABLES = (".csv", ".tsv", ".txt", ".xlsx")
_PIECE = 1 << 20
#: Bytes by which it is seen what a file is, and what an archive without any file begins with.
_HEAD, _EMPTY_ZIP = 1 << 16, b"PK\x05\x06"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def take(
    uploads: Sequence[UploadedFile[Any]],
    table: UploadedFile[Any] | None,
    *,
    lang: Lang,
    address: str = "",
    company: str = "",
    task: str = lists.SCREEN,
    archive: str = "",
    other_fine: bool = False,
) -> str:
    """Keep part files (one ZIP, or several files) and a parts list, either may be missing, and ask for the run; return its key.

    The list is read at once, so that a bad one is told where it was chosen; the archive is opened by the worker. A list among the part
    files is taken as the list. For `task` "pack" nothing is run yet: the page asks for counts first. `archive`: key of a part that turned
    out to be an archive of several; its file is copied where no other is handed in. `other_fine`: another material than the list's does.

    Raises:
        NotFound: there is no such archive.
        BadInput: nothing handed in (`list_nothing`), several archives (`list_archives`), none of the files is a part (`list_no_part`), a
            list alone that states no sizes (`list_no_files`), or a list as `read_list` refuses it.
        TooLarge: above `core.limits.MAX_BYTES`, or a list as `read_list` refuses it.
        TooMany, NotAvailable: as `parts.take`.
    """
    if archive and not any(uploads):
        with _from_part(archive) as held:
            return take([held], table, lang=lang, address=address, company=company, task=task, other_fine=other_fine)
    uploads, table = _sorted(uploads, table)
    turnstile.check(address)
    check_room(sum(upload.size or 0 for upload in uploads) + (table.size or 0 if table else 0))
    table_read: dict[str, Any] = {}
    laid_by: list[StoredFile] = []
    key = new_key()
    if table is not None:
        name = shown_name(table.name or "")
        data = table.read(MAX_TABLE + 1)
        listed = read_list(data, name)
        if not uploads and not any(item.size for item in listed.items):
            raise _no_files(len(listed.items))
        table_read = understood(listed, name)
        ending = PurePosixPath(name).suffix.lower()
        laid_by.append(staged(key, f"liste{ending if ending in _TABLES else '.csv'}", io.BytesIO(data)))
    if uploads:
        laid_by.append(_archive(key, uploads))
    shown = table_read.get("table") or _name_of(uploads)
    with transaction.atomic():
        row = PartList.objects.create(
            key=key,
            name=shown,
            lang=lang,
            company=company,
            found={"task": task, "understood": table_read, "other_fine": other_fine},
        )
        for file in laid_by:
            file.save(force_insert=True)
        work.ask(Work.Kind.SCREEN, part_list=row)
        log.record("taken", "part_list", key[:6])
    turnstile.entered(address, key)
    _log.info("event=list_taken id=%s files=%s", key[:6], len(uploads))
    return key


def _from_part(key: str) -> UploadedFile[Any]:
    """Return the file of a part that is kept already, as if it were handed in."""
    kept, held = known.by_key(key), known.stored(key, known.ORIGINAL)
    if held is None:
        raise known.gone()
    name = kept.name if kept.name.lower().endswith(".zip") else f"{kept.name}.zip"
    return UploadedFile(files.path_of(held).open("rb"), name=name, size=held.size)


def take_sample(*, lang: Lang, address: str = "") -> str:
    """Run over our own sample parts with a short list; return the key of the new list.

    Raises:
        TooMany, NotAvailable: as `parts.take`.
    """
    uploads = [SimpleUploadedFile(one.file, samples.sample_bytes(one.id)) for one in samples.SAMPLES]
    head = Text("Teil;Datei;Preis (€/Stück);Jahresmenge;Bestand", "part;file;price (EUR/piece);yearly;stock").get(lang)
    figures = (("18,50", 40, 25), ("2,40", 300, 900), ("9,80", 60, 150), ("64,00", 12, 6))
    rows = [
        f"{one.name.get(lang)};{one.file};{price};{yearly};{stock}"
        for one, (price, yearly, stock) in zip(samples.SAMPLES, figures, strict=True)
    ]
    name = Text("beispiel.csv", "example.csv").get(lang)
    table = SimpleUploadedFile(name, "\n".join([head, *rows]).encode())
    return take(uploads, table, lang=lang, address=address)


def _sorted(
    uploads: Sequence[UploadedFile[Any]], table: UploadedFile[Any] | None
) -> tuple[list[UploadedFile[Any]], UploadedFile[Any] | None]:
    """Return part files and the list, which may lie among them."""
    tables = [upload for upload in uploads if (upload.name or "").lower().endswith(_TABLES)]
    if table is None and len(tables) == 1:
        table = tables[0]
    kept = [upload for upload in uploads if upload not in tables]
    if kept and not any(_may_be_part(upload) for upload in kept):
        raise _no_part(kept)
    if table is None and not kept:
        raise BadInput(
            "list_nothing",
            de="Es fehlen Dateien der Teile oder eine Teileliste.",
            en="Part files or a parts list are missing.",
            where="files",
            remedy_de="Bitte wählen Sie ein ZIP mit den Teilen, eine Liste, oder beides.",
            remedy_en="Choose a ZIP with the parts, a list, or both.",
        )
    if len(kept) > 1 and any(_is_archive(upload) for upload in kept):
        raise BadInput(
            "list_archives",
            de="Bitte ein ZIP allein oder einzelne Dateien, nicht beides.",
            en="One ZIP alone, please, or single files, not both.",
            where="files",
            remedy_de="Packen Sie alles in ein ZIP.",
            remedy_en="Pack everything into one ZIP.",
        )
    total = sum(upload.size or 0 for upload in kept)
    if total > MAX_BYTES:
        raise large(
            "file_too_large",
            f"Zusammen sind das {total // 2**20} MB; erlaubt sind {MAX_BYTES // 2**20} MB.",
            f"Together these are {total // 2**20} MB; {MAX_BYTES // 2**20} MB are allowed.",
            "files",
        )
    return kept, table


def _may_be_part(upload: UploadedFile[Any]) -> bool:
    """Return whether a file is a part or an archive with something in it, by its first bytes."""
    upload.seek(0)
    head = upload.read(_HEAD)
    upload.seek(0)
    if _is_archive(upload):
        return head.startswith(b"PK") and not head.startswith(_EMPTY_ZIP)
    try:
        formats.kind_of(head, upload.name or "", upload.size)
    except BadInput:
        return False
    return True


def _no_part(kept: Sequence[UploadedFile[Any]]) -> BadInput:
    names = ", ".join(shown_name(upload.name or "") for upload in kept[:3])
    return BadInput(
        "list_no_part",
        de=f"Darin ist kein Bauteil: {names}." if len(kept) == 1 else f"Keine dieser Dateien ist ein Bauteil: {names}.",
        en=f"There is no part in it: {names}." if len(kept) == 1 else f"None of these files is a part: {names}.",
        where="files",
        remedy_de="Wir lesen STL, 3MF, OBJ, PLY, OFF und STEP, einzeln oder in einem ZIP.",
        remedy_en="We read STL, 3MF, OBJ, PLY, OFF and STEP, single or in one ZIP.",
    )


def _no_files(rows: int) -> BadInput:
    return BadInput(
        "list_no_files",
        de=f"Zu den {rows} Zeilen der Liste fehlen die Dateien der Teile, und Maße stehen nicht darin.",
        en=f"The part files for the {rows} rows of the list are missing, and it states no sizes.",
        where="files",
        remedy_de="Bitte geben Sie die Dateien dazu ab (ein ZIP), oder schreiben Sie Länge, Breite und Höhe in die Liste.",
        remedy_en="Hand in the files as well (one ZIP), or write length, width and height into the list.",
    )


def _is_archive(upload: UploadedFile[Any]) -> bool:
    return (upload.name or "").lower().endswith(".zip")


def _name_of(uploads: Sequence[UploadedFile[Any]]) -> str:
    first = shown_name(uploads[0].name or "")
    return first if len(uploads) == 1 else f"{first} + {len(uploads) - 1}"


def _archive(key: str, uploads: Sequence[UploadedFile[Any]]) -> StoredFile:
    """Return the archive handed in, or one of the single files, staged."""
    if len(uploads) == 1 and _is_archive(uploads[0]):
        uploads[0].seek(0)
        return staged(key, lists.PARTS, uploads[0].file or uploads[0])
    with tempfile.TemporaryFile() as made:
        used: Counter[str] = Counter()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as out:
            for upload in uploads:
                name = PurePosixPath(shown_name(upload.name or "")).name
                used[name.casefold()] += 1
                again = used[name.casefold()]
                path = name if again == 1 else f"{again}/{name}"
                upload.seek(0)
                with out.open(path, "w") as inside:
                    while piece := upload.read(_PIECE):
                        inside.write(piece)
        made.seek(0)
        return staged(key, lists.PARTS, made)


def staged(key: str, name: str, source: IO[bytes]) -> StoredFile:
    """Return a file of a list, written but not yet in the database, see `office.files.staged`."""
    ending = name.rpartition(".")[2]
    kind = {"xlsx": _XLSX, "csv": "text/csv", "zip": "application/zip"}.get(ending, "application/octet-stream")
    return files.staged(source, name=name, media_type=kind, room=LIST_ROOM, reference=key)
