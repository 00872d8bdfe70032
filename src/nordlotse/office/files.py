"""Files people hand in: kind judged by content, size limited, kept under an id, given back only as a download."""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum
from django.http import FileResponse

from nordlotse.foundation.intake import check_size, shown_name
from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.office.core import kinds
from nordlotse.office.faults import reach
from nordlotse.office.models import StoredFile

_log = logging.getLogger("nordlotse.office")

#: What may belong to one thing (a case, a post): number of files, bytes together.
MAX_FILES = 20
MAX_TOTAL_BYTES = 50 * 1024 * 1024

#: A file without a row younger than this may still get its row: its transaction is under way.
ORPHAN_SECONDS = 3600.0

_PARTIAL = ".partial-"
#: Bytes copied at once from a stream.
_PIECE = 1024 * 1024


def folder() -> Path:
    """Return the folder below which the bytes of all files lie."""
    return Path(settings.MEDIA_ROOT) / "files"


def path_of(file: StoredFile | str) -> Path:
    """Return where a file's bytes lie."""
    file_id = file if isinstance(file, str) else file.pk
    return folder() / file_id[:2] / file_id


def take_in(upload: UploadedFile[Any], *, room: str, reference: object, user: Any = None) -> StoredFile:
    """Keep a file handed in by a form, in the caller's transaction.

    Raises:
        BadInput, TooLarge: as `take_in_bytes`.
    """
    name = shown_name(upload.name or "")
    check_size(upload.size or 0, name)
    return take_in_bytes(upload.read(), name=name, room=room, reference=reference, user=user)


def take_in_bytes(content: bytes, *, name: str, room: str, reference: object, user: Any = None) -> StoredFile:
    """Keep a stranger's bytes (from a form or a mail) after judging what they are, in the caller's transaction.

    Raises:
        BadInput: empty, a kind that is not taken (`file_kind`, `file_macros`, `file_bomb`, `file_broken`), or more files
            than one thing may have (`file_quota`).
        TooLarge: more than 10 MB.
    """
    kind = check_content(content, name)
    _check_quota(room, str(reference), len(content), name)
    fitting = kinds.fitting_name(shown_name(name), kind)
    return keep(content, name=fitting, media_type=kind.media_type, room=room, reference=reference, user=user)


def check_content(content: bytes, name: str) -> kinds.FileKind:
    """Return what kind of file this is; keeps nothing.

    Raises:
        BadInput, TooLarge: as `take_in_bytes`, but for the quota.
    """
    shown = shown_name(name)
    check_size(len(content), shown)
    return kinds.kind_of(content, shown)


def _check_quota(room: str, reference: str, size: int, name: str) -> None:
    known = StoredFile.objects.filter(room=room, reference=reference)
    total = known.aggregate(total=Sum("size"))["total"] or 0
    if known.count() >= MAX_FILES or total + size > MAX_TOTAL_BYTES:
        raise BadInput(
            "file_quota",
            de=f"Hier liegen schon so viele Dateien, wie möglich sind: höchstens {MAX_FILES} mit zusammen 50 MB.",
            en=f"There are already as many files here as possible: at most {MAX_FILES} with 50 MB together.",
            where=name,
            remedy_de="Bitte eine Datei entfernen, die nicht mehr gebraucht wird.",
            remedy_en="Remove a file that is no longer needed.",
        )


def keep(content: bytes, *, name: str, media_type: str, room: str, reference: object, user: Any = None) -> StoredFile:
    """Keep bytes of our own making or already checked, in the caller's transaction.

    The bytes are safely on the disk before the row is written: a row never speaks of a file that a power cut has taken.
    """
    file = StoredFile(
        id=secrets.token_hex(16),
        room=room,
        reference=str(reference),
        name=shown_name(name),
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        added_by=user if user is not None and user.is_authenticated else None,
    )
    _write(path_of(file), content)
    reach("file-written")
    file.save(force_insert=True)
    return file


def staged(source: IO[bytes], *, name: str, media_type: str, room: str, reference: object) -> StoredFile:
    """Copy a stream of any length to the disk, piece by piece; the caller saves the row that comes back, in a transaction of its own.

    For large files: neither are they held in memory nor does a transaction wait for the disk. Without its row the bytes are removed
    after an hour as any others (`remove_orphans`).
    """
    file = StoredFile(
        id=secrets.token_hex(16), room=room, reference=str(reference), name=shown_name(name), media_type=media_type
    )
    known = hashlib.sha256()
    size = 0
    with _written(path_of(file)) as handle:
        while piece := source.read(_PIECE):
            handle.write(piece)
            known.update(piece)
            size += len(piece)
    file.size, file.sha256 = size, known.hexdigest()
    return file


def _write(place: Path, content: bytes) -> None:
    with _written(place) as handle:
        handle.write(content)


@contextmanager
def _written(place: Path) -> Iterator[IO[bytes]]:
    """Give a file to write into that stands in its place only when it is whole and on the disk."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = place.with_name(f"{_PARTIAL}{place.name}")
    with partial.open("wb") as handle:
        yield handle
        handle.flush()
        os.fsync(handle.fileno())
    partial.rename(place)
    descriptor = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def of(room: str, reference: object) -> list[StoredFile]:
    """Return the files that belong to something, oldest first."""
    return list(StoredFile.objects.filter(room=room, reference=str(reference)).order_by("added_at", "pk"))


def remove(file: StoredFile) -> None:
    """Delete a file in the caller's transaction; its bytes go when that is through."""
    place = path_of(file)
    file.delete()
    transaction.on_commit(lambda: place.unlink(missing_ok=True))


def remove_all(room: str, reference: object) -> int:
    """Delete everything that belongs to something; return how many files there were."""
    found = of(room, reference)
    for file in found:
        remove(file)
    return len(found)


def remove_orphans() -> int:
    """Delete bytes without a row that are older than an hour (their transaction was undone or killed); return how many."""
    removed = 0
    old = time.time() - ORPHAN_SECONDS
    for part in sorted(p for p in folder().glob("*") if p.is_dir()):
        names = [p for p in part.iterdir() if _modified(p) < old]
        known = set(StoredFile.objects.filter(pk__in=[p.name for p in names]).values_list("pk", flat=True))
        for place in names:
            if place.name not in known:
                place.unlink(missing_ok=True)
                removed += 1
    return removed


def _modified(place: Path) -> float:
    try:
        return place.stat().st_mtime
    except FileNotFoundError:  # removed meanwhile
        return time.time()


def download(file: StoredFile) -> FileResponse:
    """Return a file as a download; the caller has checked that this person may have it.

    Never shown inside the site: always an attachment, its kind not guessed, and shut off should a browser show it all the same.

    Raises:
        NotFound: its bytes are not there (`file_gone`).
    """
    try:
        handle = path_of(file).open("rb")
    except FileNotFoundError as error:
        _log.error("event=file_gone id=%s", file.pk)
        raise NotFound(
            "file_gone",
            de="Diese Datei gibt es nicht mehr.",
            en="This file is no longer there.",
            where="file",
            remedy_de="Bitte lassen Sie sich die Datei noch einmal schicken.",
            remedy_en="Ask for the file to be sent again.",
        ) from error
    response = FileResponse(
        handle, as_attachment=True, filename=file.name.rpartition("/")[2], content_type=file.media_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response
