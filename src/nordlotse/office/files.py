"""Files people hand in: kind judged by content, size limited, kept under an id, given back only as a download."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from nordlotse.foundation.intake import check_size, shown_name
from nordlotse.office.models import StoredFile


def path_of(file: StoredFile | str) -> Path:
    """Return where a file's bytes lie."""
    file_id = file if isinstance(file, str) else file.pk
    return Path(settings.MEDIA_ROOT) / "files" / file_id[:2] / file_id


def take_in(upload: UploadedFile, *, room: str, reference: object, user: Any = None) -> StoredFile:
    """Keep a file handed in.

    Raises:
        BadInput, TooLarge: empty, more than 10 MB, or a kind that is not taken.
    """
    name = shown_name(upload.name or "")
    check_size(upload.size or 0, name)
    content = upload.read()
    return keep(content, name=name, media_type=_media_type(content, name), room=room, reference=reference, user=user)


def keep(content: bytes, *, name: str, media_type: str, room: str, reference: object, user: Any = None) -> StoredFile:
    """Keep bytes of our own making or already checked, in the caller's transaction."""
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
    place = path_of(file)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    file.save(force_insert=True)
    return file


def _media_type(content: bytes, name: str) -> str:
    return "application/octet-stream"


def of(room: str, reference: object) -> list[StoredFile]:
    """Return the files that belong to something, oldest first."""
    return list(StoredFile.objects.filter(room=room, reference=str(reference)).order_by("added_at", "pk"))
