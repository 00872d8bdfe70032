"""The secret store for tokens of remote systems: files in the data folder that only the program's user may read.

They are no rows and no part of a backup: whoever restores elsewhere enters them anew.
"""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings


def _path(source_id: int) -> Path:
    return Path(settings.CONFIGURATION.data_dir) / "secrets" / f"dialogue-import-{source_id:d}"


def token_of(source_id: int) -> str:
    """Return the token of a source, "" if none was entered here."""
    path = _path(source_id)
    return path.read_text(encoding="ascii").strip() if path.is_file() else ""


def keep_token(source_id: int, token: str) -> None:
    """Keep a source's token; an empty one removes it."""
    path = _path(source_id)
    if not token:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f".{path.name}-{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(token)
    partial.replace(path)
