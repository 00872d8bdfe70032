"""A copy of all machine data for a backup, made while the ingest runs, without a lock: what was acknowledged before it began is in it."""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path

from nordlotse.foundation.problem import NotAvailable
from nordlotse.iot.core import apart, quarantine
from nordlotse.iot.core.store import log as logs
from nordlotse.iot.core.store import rollups
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.manifest import load, save, segment_path

_log = logging.getLogger("nordlotse.iot")

#: A manifest may be replaced while its segments are copied; then the newer one is taken.
_TRIES = 20
#: What the writer alone needs while it runs.
_PASSING = {"lock", "shown", "gate", "log", "companies", "leaving"}


def copy(source: Path, target: Path) -> None:
    """Copy the data folder to one that is not there yet. Segments are linked where the file system lets us: they never change.

    The log goes first: what leaves it meanwhile lies in segments by then, and these are copied after it. A store whose manifest is damaged is
    copied file by file as it lies there, with what waits for it: one company's damage keeps nobody else's from being backed up.

    Raises:
        OSError: also where a store changes faster than it can be copied.
    """
    target.mkdir(mode=0o700)
    for path in source.iterdir():
        if path.name in _PASSING or path.name.endswith(".partial"):
            continue
        if path.is_dir():
            shutil.copytree(path, target / path.name, ignore=shutil.ignore_patterns("*.partial"))
        else:
            shutil.copy2(path, target / path.name)
    (target / "log").mkdir(mode=0o700)
    for _, path in logs.files(source / "log"):
        try:
            shutil.copy2(path, target / "log")
        except FileNotFoundError:
            continue
    for company in sorted((source / "companies").glob("*")):
        for _ in range(_TRIES):
            try:
                _company(company, target / "companies" / company.name)
                break
            except FileNotFoundError:
                shutil.rmtree(target / "companies" / company.name, ignore_errors=True)
                if not company.is_dir():
                    break  # it has just left
        else:
            raise TimeoutError("the store changes faster than it can be copied")


def _company(source: Path, target: Path) -> None:
    try:
        manifest = load(source)
    except NotAvailable:
        _log.error("event=iot_store_copied_as_it_is company=%s", source.name)
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.partial", "*.hot"))
        return
    target.mkdir(parents=True, mode=0o700)
    for held in manifest.segments:
        path = segment_path(source, held.number)
        try:
            os.link(path, target / path.name)
        except FileNotFoundError:
            raise
        except OSError:
            shutil.copy2(path, target / path.name)
    for path_of, (number, valid) in ((quarantine.path_of, manifest.aside), (rollups.path_of, manifest.rolled)):
        if valid:
            _beginning(path_of(source, number), path_of(target, number), valid)
    for path in source.glob("*.json"):
        shutil.copy2(path, target / path.name)
    if apart.waits(source):
        shutil.copytree(source / apart.FOLDER, target / apart.FOLDER)
    if load(source).version != manifest.version:
        raise FileNotFoundError(source)
    save(target, manifest, Disk())


def _beginning(source: Path, target: Path, size: int) -> None:
    """Copy the first bytes of a file that only grows."""
    with source.open("rb") as read, target.open("xb") as written:
        while size and (piece := read.read(min(size, 1 << 20))):
            written.write(piece)
            size -= len(piece)
