"""Backup and restore: one file with a consistent copy of the database and all files, each with its checksum."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from nordlotse import __version__
from nordlotse.foundation.problem import BadInput, NotAvailable, NotFound

#: Files of the data folder that are part of a backup beside the database.
KEPT = ("secret_key", "media")
_MANIFEST = "manifest.json"


def _hash(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _engine() -> str:
    return str(settings.DATABASES["default"]["ENGINE"]).rpartition(".")[2]


def _copy_database(folder: Path) -> str:
    """Write a consistent copy of the database into `folder` and return its file name."""
    if _engine() == "sqlite3":
        target = folder / "database.sqlite3"
        with closing(sqlite3.connect(settings.DATABASES["default"]["NAME"])) as live, closing(sqlite3.connect(target)) as copy:
            live.backup(copy)
        return target.name
    target = folder / "database.pgdump"
    _postgres("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}", _dsn())
    return target.name


def _dsn() -> str:
    return str(settings.CONFIGURATION.database_url).replace("postgres://", "postgresql://", 1)


def _postgres(program: str, *arguments: str) -> None:
    found = os.environ.get("PG_BIN", "")
    path = shutil.which(program, path=f"{found}{os.pathsep}{os.environ.get('PATH', '')}")
    if path is None:
        raise NotAvailable("pg_tools_missing", de=f"{program} ist nicht installiert.", en=f"{program} is not installed.",
                           where=program, remedy_de="Bitte die PostgreSQL-Client-Programme installieren.",
                           remedy_en="Install the PostgreSQL client programs.")
    result = subprocess.run([path, *arguments], capture_output=True, text=True, check=False)  # noqa: S603 - fixed programs
    if result.returncode:
        raise NotAvailable("pg_tools_failed", de=f"{program} ist gescheitert.", en=f"{program} failed.",
                           where=result.stderr.strip().splitlines()[-1][:200] if result.stderr.strip() else program,
                           remedy_de="Bitte die Meldung und die Version der Client-Programme prüfen.",
                           remedy_en="Check the message and the version of the client programs.")


def counts() -> dict[str, int]:
    """Return the number of rows of every table of ours, by model."""
    from django.apps import apps

    return {m._meta.label: m._default_manager.count() for m in apps.get_models() if m._meta.managed}


def backup(target: Path | None = None) -> Path:
    """Write a backup and return its path; the file appears only when it is complete and checked.

    Raises:
        NotAvailable: PostgreSQL's client programs are missing or fail.
    """
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    data: Path = settings.CONFIGURATION.data_dir
    target = target or data / "backups" / f"nordlotse-{stamp}.tar.gz"
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as place:
        folder = Path(place)
        database = _copy_database(folder)
        for name in KEPT:
            source = data / name
            if source.is_dir():
                shutil.copytree(source, folder / name)
            elif source.is_file():
                shutil.copy2(source, folder / name)
        manifest = {
            "program": __version__,
            "made_at": stamp,
            "engine": _engine(),
            "database": database,
            "rows": counts(),
            "files": {str(p.relative_to(folder)): _hash(p) for p in _files(folder)},
        }
        (folder / _MANIFEST).write_text(json.dumps(manifest, indent=2), encoding="utf-8")
        partial = target.with_name(f".{target.name}.part")
        with tarfile.open(partial, "w:gz") as archive:
            for path in [folder / _MANIFEST, *_files(folder)]:
                archive.add(path, arcname=str(path.relative_to(folder)), recursive=False)
        partial.chmod(0o600)
        with partial.open("rb+") as handle:
            os.fsync(handle.fileno())
        partial.replace(target)
    return target


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(p for p in folder.rglob("*") if p.is_file() and p.name != _MANIFEST)


def _broken(where: str) -> BadInput:
    return BadInput("backup_broken", de="Die Sicherung ist unvollständig oder beschädigt; nichts wurde verändert.",
                    en="The backup is incomplete or damaged; nothing was changed.", where=where,
                    remedy_de="Bitte eine andere Sicherung nehmen.", remedy_en="Take another backup.")


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    """Unpack a backup into `folder`, check every file's hash, and return the manifest."""
    try:
        with tarfile.open(source, "r:gz") as archive:
            archive.extractall(folder, filter="data")
        manifest: dict[str, Any] = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except (tarfile.TarError, OSError, EOFError, ValueError) as error:
        raise _broken(source.name) from error
    for name, expected in manifest["files"].items():
        path = folder / name
        if not path.is_file() or _hash(path) != expected:
            raise _broken(f"{source.name}: {name}")
    return manifest


def restore(source: Path) -> dict[str, Any]:
    """Put a backup in place of the present data; what was there is kept beside it. Returns the backup's manifest.

    The program must not be running. Everything is checked before anything is changed.

    Raises:
        NotFound: there is no such file.
        BadInput: the backup is damaged, or made from another kind of database.
    """
    if not source.is_file():
        raise NotFound("backup_missing", de="Diese Sicherung gibt es nicht.", en="There is no such backup.", where=str(source),
                       remedy_de="Bitte den Pfad prüfen.", remedy_en="Check the path.")
    data: Path = settings.CONFIGURATION.data_dir
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=data, prefix=".restore-") as place:
        folder = Path(place)
        manifest = _unpack(source, folder)
        if manifest["engine"] != _engine():
            raise BadInput("backup_engine", de=f"Die Sicherung stammt aus {manifest['engine']}, eingestellt ist {_engine()}.",
                           en=f"The backup was made from {manifest['engine']}, configured is {_engine()}.", where=source.name,
                           remedy_de="Bitte NORDLOTSE_DATABASE_URL anpassen.", remedy_en="Adjust NORDLOTSE_DATABASE_URL.")
        aside = data / "replaced" / datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        aside.mkdir(parents=True, mode=0o700)
        _replace_database(folder / manifest["database"], aside)
        for name in KEPT:
            if (data / name).exists():
                shutil.move(data / name, aside / name)
            if (folder / name).exists():
                shutil.move(folder / name, data / name)
    return manifest


def _replace_database(copy: Path, aside: Path) -> None:
    if _engine() == "sqlite3":
        live = Path(settings.DATABASES["default"]["NAME"])
        for suffix in ("", "-wal", "-shm"):
            path = live.with_name(live.name + suffix)
            if path.exists():
                shutil.move(path, aside / path.name)
        shutil.move(copy, live)
        return
    _postgres("pg_dump", "--format=custom", "--no-owner", f"--file={aside / 'database.pgdump'}", _dsn())
    _postgres("pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", f"--dbname={_dsn()}", str(copy))
