"""A disk that is full or fails: nothing is acknowledged that is not safe, an alarm is raised, reads go on, and it resumes alone.

With the protections off: `SWALLOWED` plants a log that takes a failed sync for a good one, and values are acknowledged that nobody has;
`NO_PROBE` takes the probe of a failing disk away, and a quiet client never goes on.
"""

from __future__ import annotations

import resource
import time
from pathlib import Path

import pytest

from tests.iot.process import Client, Serve, eventually, nordlotse
from tests.iot.test_cli import payloads

#: Fails where a file says so: `bad` in the folder beside, holding the ending of the files whose sync fails, "*" for all.
FAULT = """
import errno, os
from pathlib import Path
from nordlotse.iot.core.store.disk import Disk
true = Disk.sync
def sync(self, handle):
    try:
        ending = Path(os.environ["BAD"]).read_text()
    except FileNotFoundError:
        ending = ""
    name = os.readlink(f"/proc/self/fd/{handle}").removesuffix(".partial")
    if ending and name.endswith(ending.split()):
        raise OSError(errno.EIO, "Input/output error")
    true(self, handle)
Disk.sync = sync
""".replace("ending.split()", "tuple(ending.split())")
NO_PROBE = """
from nordlotse.iot.core import committing
async def written(self, contents, first=None, true=committing.Committer._written):
    if contents == [committing.NOTHING]:
        return OSError(5, "not tried")
    return await true(self, contents, first)
committing.Committer._written = written
"""
SWALLOWED = """
from nordlotse.iot.core.store.log import Log
true_append = Log.append
def append(self, contents):
    try:
        return true_append(self, contents)
    except OSError:
        return self.end
Log.append = append
"""
QUICK = "from nordlotse.iot.core import stores\nstores.FLUSH_SECONDS = 0.2\n"


def count(data: Path) -> int:
    return int(nordlotse("count", "Säge", "Strom", "--data", str(data))["count"])


def published(serve: Serve, begin: int, end: int) -> int:
    client = Client(serve.port)
    try:
        return client.publish("Säge/Strom", payloads(begin, end))
    finally:
        client.close()


def test_a_full_disk_stops_acknowledgements_not_reads_and_is_left_alone(tmp_path: Path) -> None:
    data = tmp_path / "iot"
    serve = Serve(data)
    pid = serve.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    assert published(serve, 0, 100) == 100
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (3000, before[1]))  # less than these publications take
    assert published(serve, 100, 200) == 0
    assert count(data) == 100
    assert "event=iot_disk_failing" in (tmp_path / "iot.err").read_text()
    resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
    assert eventually(lambda: "event=iot_disk_works_again" in (tmp_path / "iot.err").read_text())
    assert published(serve, 200, 300) == 100
    serve.kill()
    assert count(data) == 200
    again = Serve(data)
    assert again.stop() == 0
    assert count(data) == 200
    assert nordlotse("verify", "--data", str(data))["ok"]


def test_a_failed_sync_is_not_acknowledged_and_its_values_do_not_come_back(tmp_path: Path) -> None:
    data, bad = tmp_path / "iot", tmp_path / "bad"
    serve = Serve(data, FAULT, BAD=str(bad))
    assert published(serve, 0, 50) == 50
    bad.write_text(".log")
    assert published(serve, 50, 100) == 0
    assert count(data) == 50
    bad.unlink()
    assert eventually(lambda: "event=iot_disk_works_again" in (tmp_path / "iot.err").read_text())
    assert published(serve, 100, 150) == 50
    serve.kill()
    again = Serve(data)
    assert count(data) == 100
    assert again.stop() == 0


def test_a_log_that_swallows_the_error_acknowledges_what_nobody_has(tmp_path: Path) -> None:
    data, bad = tmp_path / "iot", tmp_path / "bad"
    serve = Serve(data, FAULT + SWALLOWED, BAD=str(bad))
    bad.write_text(".log")
    assert published(serve, 0, 50) == 50
    serve.kill()
    assert count(data) < 50


def test_without_the_probe_nobody_finds_out_that_the_disk_works_again(tmp_path: Path) -> None:
    data, bad = tmp_path / "iot", tmp_path / "bad"
    serve = Serve(data, FAULT + NO_PROBE, BAD=str(bad))
    quiet = Client(serve.port, b"quiet")
    bad.write_text(".log")
    assert published(serve, 0, 50) == 0
    time.sleep(0.7)  # the quiet client is paused now
    bad.unlink()
    quiet.socket.settimeout(2)
    assert quiet.publish("Säge/Strom", payloads(50, 60)) == 0
    quiet.close()
    serve.kill()


def test_the_probe_lets_a_quiet_client_go_on(tmp_path: Path) -> None:
    data, bad = tmp_path / "iot", tmp_path / "bad"
    serve = Serve(data, FAULT, BAD=str(bad))
    quiet = Client(serve.port, b"quiet")
    bad.write_text(".log")
    assert published(serve, 0, 50) == 0
    time.sleep(0.7)
    bad.unlink()
    assert quiet.publish("Säge/Strom", payloads(50, 60)) == 10
    quiet.close()
    serve.kill()


@pytest.mark.parametrize("ending", [".seg", "manifest"])
def test_segments_that_cannot_be_written_keep_nobody_from_sending_or_reading(tmp_path: Path, ending: str) -> None:
    data, bad = tmp_path / "iot", tmp_path / "bad"
    serve = Serve(data, QUICK + FAULT, BAD=str(bad))
    assert published(serve, 0, 100) == 100
    bad.write_text(ending)
    for k in range(1, 4):
        assert published(serve, 100 * k, 100 * k + 100) == 100
        time.sleep(0.4)
    assert eventually(lambda: "event=iot_segments_failing" in (tmp_path / "iot.err").read_text())
    assert count(data) == 400
    bad.unlink()
    assert eventually(lambda: "event=iot_segments_work_again" in (tmp_path / "iot.err").read_text())
    assert count(data) == 400
    serve.kill()
    again = Serve(data)
    assert count(data) == 400
    assert again.stop() == 0
    verdict = nordlotse("verify", "--data", str(data))
    assert verdict["ok"]
    assert verdict["values"] == 400


def test_a_fault_in_the_decoder_ends_the_process_loudly_and_the_next_one_has_everything(tmp_path: Path) -> None:
    data = tmp_path / "iot"
    broken = """
from nordlotse.iot.core import stores
def take(self, entries, until):
    raise RuntimeError("a fault of ours")
stores.Stores.take = take
"""
    serve = Serve(data, broken)
    published(serve, 0, 50)
    assert serve.end() == 4
    assert "event=iot_decoder_ended" in (tmp_path / "iot.err").read_text()
    assert count(data) == 50
    again = Serve(data)
    assert again.stop() == 0
    assert nordlotse("verify", "--data", str(data))["values"] == 50
