"""Backup and restore: one file with a consistent copy of the database and all files, each with its checksum."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, connections, transaction

from nordlotse import __version__
from nordlotse.foundation.problem import BadInput, NotAvailable, NotFound
from nordlotse.iot.core import copying
from nordlotse.web import database

#: Files of the data folder that are part of a backup beside the database.
KEPT = ("secret_key", "signing_key.pem", "media", "iot")
_MANIFEST = "manifest.json"
_COPIES = {"sqlite3": "database.sqlite3", "postgresql": "database.pgdump"}
_TEMPORARY = ".backup-"


def _hash(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _engine() -> str:
    return str(settings.DATABASES["default"]["ENGINE"]).rpartition(".")[2]


def _copy_database(target: Path) -> tuple[dict[str, int], list[str]]:
    """Write a consistent copy of the database; return the rows by table and the migrations as they are in that copy."""
    if _engine() == "sqlite3":
        with (
            closing(sqlite3.connect(settings.DATABASES["default"]["NAME"])) as live,
            closing(sqlite3.connect(target)) as copy,
        ):
            live.backup(copy)
            target.chmod(0o600)
            return _rows_of(copy), [
                f"{a}.{n}" for a, n in copy.execute("SELECT app, name FROM django_migrations ORDER BY 1, 2")
            ]
    # Dump, counts and migrations see one and the same moment: the exported snapshot of this transaction.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        _postgres(
            "pg_dump",
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--snapshot={snapshot}",
            f"--file={target}",
        )
        rows = {}
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608 - a quoted table name
            rows[table] = int(cursor.fetchone()[0])
        return rows, database.applied()


def _rows_of(copy: sqlite3.Connection) -> dict[str, int]:
    names = [
        n
        for (n,) in copy.execute(
            "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        )
    ]
    return {n: int(copy.execute(f'SELECT count(*) FROM "{n}"').fetchone()[0]) for n in names}  # noqa: S608 - a quoted table name


#: Where libpq's own programs look for what Django calls so; a command's arguments could be read by everybody.
_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "service": "PGSERVICE",
    "passfile": "PGPASSFILE",
    "options": "PGOPTIONS",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "sslcrl": "PGSSLCRL",
    "channel_binding": "PGCHANNELBINDING",
    "gssencmode": "PGGSSENCMODE",
}


def _connecting() -> dict[str, str]:
    """Return the environment in which PostgreSQL's programs reach the same database as Django."""
    given = connection.get_connection_params()
    return {name: str(given[key]) for key, name in _VARIABLES.items() if given.get(key) not in (None, "")}


def _postgres(program: str, *arguments: str) -> None:
    found = os.environ.get("PG_BIN", "")
    path = shutil.which(program, path=f"{found}{os.pathsep}{os.environ.get('PATH', '')}")
    if path is None:
        raise NotAvailable(
            "pg_tools_missing",
            de=f"{program} ist nicht installiert.",
            en=f"{program} is not installed.",
            where=program,
            remedy_de="Bitte die PostgreSQL-Client-Programme installieren.",
            remedy_en="Install the PostgreSQL client programs.",
        )
    result = subprocess.run(  # noqa: S603 - fixed programs
        [path, *arguments], capture_output=True, text=True, check=False, env={**os.environ, **_connecting()}
    )
    if result.returncode:
        raise NotAvailable(
            "pg_tools_failed",
            de=f"{program} ist gescheitert.",
            en=f"{program} failed.",
            where=result.stderr.strip().splitlines()[-1][:200] if result.stderr.strip() else program,
            remedy_de="Bitte die Meldung und die Version der Client-Programme prüfen.",
            remedy_en="Check the message and the version of the client programs.",
        )


def backup(target: Path | None = None) -> Path:
    """Write a backup and return its path; the file appears under its name only when it is complete.

    Raises:
        BadInput: something stands at that path already.
        NotAvailable: PostgreSQL's client programs are missing or fail, or the file cannot be written.
    """
    made_at = datetime.now(UTC)
    data: Path = settings.CONFIGURATION.data_dir
    target = target or data / "backups" / f"nordlotse-{made_at:%Y%m%dT%H%M%S%fZ}.tar.gz"
    _refuse_taken(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _sweep(target.parent)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f"{_TEMPORARY}{os.getpid()}-") as place:
            archive = _written(Path(place), data, made_at)
            _refuse_taken(target)
            archive.replace(target)
    except OSError as error:
        raise NotAvailable(
            "backup_failed",
            de="Die Sicherung konnte nicht geschrieben werden.",
            en="The backup could not be written.",
            where=f"{target} ({error.strerror or type(error).__name__})",
            remedy_de="Bitte Platz und Rechte prüfen.",
            remedy_en="Check space and permissions.",
        ) from error
    return target


def _refuse_taken(target: Path) -> None:
    if os.path.lexists(target):
        raise BadInput(
            "backup_exists",
            de="Unter diesem Namen steht schon etwas; es bleibt, wie es ist.",
            en="Something stands under this name already; it stays as it is.",
            where=str(target),
            remedy_de="Bitte einen anderen Namen nehmen.",
            remedy_en="Take another name.",
        )


def _written(place: Path, data: Path, made_at: datetime) -> Path:
    """Collect everything below `place` and return the finished archive in it, safely on the disk."""
    folder = place / "content"
    folder.mkdir()
    name = _COPIES[_engine()]
    rows, migrations = _copy_database(folder / name)
    for kept in KEPT:
        source = data / kept
        if source.is_dir() and kept == "iot":
            copying.copy(source, folder / kept)
        elif source.is_dir():
            _copy_tree(source, folder / kept)
        elif source.is_file():
            shutil.copy2(source, folder / kept)
    manifest = {
        "program": __version__,
        "made_at": f"{made_at:%Y-%m-%dT%H:%M:%SZ}",
        "engine": _engine(),
        "database": name,
        "migrations": migrations,
        "rows": rows,
        "files": {str(p.relative_to(folder)): _hash(p) for p in _files(folder)},
    }
    (folder / _MANIFEST).write_text(json.dumps(manifest, indent=2), encoding="utf-8")
    archive = place / "archive"
    with tarfile.open(archive, "w:gz", compresslevel=6) as made:
        for path in [folder / _MANIFEST, *_files(folder)]:
            made.add(path, arcname=str(path.relative_to(folder)), recursive=False)
    archive.chmod(0o600)
    with archive.open("rb+") as handle:
        os.fsync(handle.fileno())
    return archive


def _copy_tree(source: Path, target: Path) -> None:
    """Copy a folder in which others go on writing: a file that is removed meanwhile, or still half written, is passed over.

    The database was copied before: every file its rows speak of was whole by then, and whatever came later does no harm.
    """
    target.mkdir()
    for found in sorted(source.rglob("*")):
        place = target / found.relative_to(source)
        if found.is_symlink() or found.name.startswith(".partial-"):
            continue
        if found.is_dir():
            place.mkdir(parents=True, exist_ok=True)
        else:
            with suppress(FileNotFoundError):
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(found, place)


def _sweep(folder: Path) -> None:
    """Remove what a killed backup has left: its folder names the process that made it."""
    for left in folder.glob(f"{_TEMPORARY}*-*"):
        owner = left.name.removeprefix(_TEMPORARY).partition("-")[0]
        if owner.isdecimal() and not _alive(int(owner)):
            shutil.rmtree(left, ignore_errors=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(p for p in folder.rglob("*") if p.is_file() and p.name != _MANIFEST)


def _broken(where: str) -> BadInput:
    return BadInput(
        "backup_broken",
        de="Die Sicherung ist unvollständig oder beschädigt; nichts wurde verändert.",
        en="The backup is incomplete or damaged; nothing was changed.",
        where=where,
        remedy_de="Bitte eine andere Sicherung nehmen.",
        remedy_en="Take another backup.",
    )


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    """Unpack a backup into `folder`, check that every file is there with its hash, and return the manifest."""
    try:
        with gzip.open(source) as packed:
            while packed.read(1 << 20):  # to the very end: a file that was cut off is told by its missing tail
                pass
        with tarfile.open(source, "r:gz") as archive:
            archive.extractall(folder, filter="data")
        manifest: dict[str, Any] = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        files, name = dict(manifest["files"]), str(manifest["database"])
        wanted = {"engine": str, "migrations": list, "rows": dict, "made_at": str, "program": str}
        complete = name in files and all(isinstance(manifest.get(k), kind) for k, kind in wanted.items())
    except (tarfile.TarError, OSError, EOFError, ValueError, KeyError, TypeError, zlib.error) as error:
        raise _broken(source.name) from error
    if not complete or {str(p.relative_to(folder)) for p in _files(folder)} != set(files):
        raise _broken(source.name)
    for file, expected in files.items():
        if _hash(folder / file) != expected:
            raise _broken(f"{source.name}: {file}")
    return manifest


def _check(manifest: dict[str, Any], folder: Path, source: Path) -> None:
    """Refuse what cannot be put in place here, before anything is touched."""
    if manifest["engine"] != _engine() or manifest["database"] != _COPIES[_engine()]:
        raise BadInput(
            "backup_engine",
            de=f"Die Sicherung stammt aus {manifest['engine']}, eingestellt ist {_engine()}.",
            en=f"The backup was made from {manifest['engine']}, configured is {_engine()}.",
            where=source.name,
            remedy_de="Bitte NORDLOTSE_DATABASE_URL anpassen.",
            remedy_en="Adjust NORDLOTSE_DATABASE_URL.",
        )
    database.refuse_newer(database.unknown_among(str(m) for m in manifest["migrations"]))
    if _engine() == "sqlite3":
        try:
            with closing(sqlite3.connect(f"file:{folder / manifest['database']}?mode=ro", uri=True)) as copy:
                sound = (
                    copy.execute("PRAGMA integrity_check").fetchone()[0] == "ok" and _rows_of(copy) == manifest["rows"]
                )
        except sqlite3.DatabaseError as error:
            raise _broken(f"{source.name}: {manifest['database']}") from error
        if not sound:
            raise _broken(f"{source.name}: {manifest['database']}")


def restore(source: Path) -> dict[str, Any]:
    """Put a backup in place of the present data; what was there is kept beside it. Returns the backup's manifest.

    The program must not be running. Everything is checked before anything is changed; if a step fails, the files already
    moved go back.

    Raises:
        NotFound: there is no such file.
        BadInput: the backup is damaged, or made from another kind of database.
        NotAvailable: the backup was made by a newer program, or PostgreSQL's client programs are missing or fail.
    """
    if not source.is_file():
        raise NotFound(
            "backup_missing",
            de="Diese Sicherung gibt es nicht.",
            en="There is no such backup.",
            where=str(source),
            remedy_de="Bitte den Pfad prüfen.",
            remedy_en="Check the path.",
        )
    data: Path = settings.CONFIGURATION.data_dir
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=data, prefix=".restore-") as unpacked:
        folder = Path(unpacked)
        manifest = _unpack(source, folder)
        _check(manifest, folder, source)
        connections.close_all()
        aside = data / "replaced" / datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        aside.mkdir(parents=True, mode=0o700)
        with _undoing() as move:
            pairs = [(folder / name, data / name) for name in KEPT]
            if _engine() == "sqlite3":
                live = Path(settings.DATABASES["default"]["NAME"])
                live.parent.mkdir(parents=True, exist_ok=True)
                pairs += [
                    (folder / f"{manifest['database']}{suffix}", live.with_name(live.name + suffix))
                    for suffix in ("", "-wal", "-shm")
                ]
            # Everything old goes first: a restored database beside an old log would be mixed with it.
            for _, place in pairs:
                move(place, aside / place.name)
            for new, place in pairs:
                move(new, place)
            if _engine() != "sqlite3":
                _replace_postgres(folder / manifest["database"], folder, aside)
    return manifest


@contextmanager
def _undoing() -> Iterator[Callable[[Path, Path], None]]:
    """Give a function that moves a file or folder; undo all moves if the block does not end well, whatever stopped it."""
    begun: list[tuple[Path, Path]] = []

    def move(source: Path, target: Path) -> None:
        if source.exists():
            begun.append((source, target))
            shutil.move(source, target)

    try:
        yield move
    except BaseException:
        for source, target in reversed(begun):
            if not source.exists() and target.exists():
                shutil.move(target, source)
            elif source.is_file() and target.is_file():  # stopped while copying to another disk
                target.unlink()
        raise


def _replace_postgres(copy: Path, folder: Path, aside: Path) -> None:
    """Replace the whole schema in one transaction; tables a newer program had made go too. The old state is dumped aside."""
    _postgres("pg_dump", "--format=custom", "--no-owner", f"--file={aside / 'database.pgdump'}")
    script = folder / "restore.sql"
    _postgres("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(copy))
    _postgres_script([folder / "empty.sql", script])


def _postgres_script(scripts: Sequence[Path]) -> None:
    scripts[0].write_text("DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n", encoding="ascii")
    files = [f"--file={s}" for s in scripts]
    _postgres("psql", "--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1", *files)
