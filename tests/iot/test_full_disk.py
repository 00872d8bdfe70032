"""A file system that is really full: needs the right to mount a small one, and is skipped where nobody has it.

`test_disk_faults` does the same with a limit of the process, everywhere.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.iot.process import Serve, eventually, nordlotse
from tests.iot.test_disk_faults import SWALLOWED, count, published

#: Without the share that stays free, so that the system's own error comes.
NO_RESERVE = "from nordlotse.iot.core.store.disk import Disk\nDisk.short = lambda self, folder: False\n"


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """Give a data folder on a file system of 16 MB."""
    place = tmp_path / "small"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=16m", "nordlotse-test", str(place)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("needs the right to mount a small file system")
    try:
        (place / "iot").mkdir()
        (tmp_path / "iot").symlink_to(place / "iot")
        yield tmp_path / "iot"
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def filled(path: Path) -> None:
    """Write a file until nothing more goes on the file system."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        for size in (1 << 16, 1 << 8, 1):
            with suppress(OSError):
                while file.write(bytes(size)) == size:
                    pass


@pytest.mark.parametrize("reserve", [True, False])
def test_a_file_system_without_room_stops_acknowledgements_not_reads_and_goes_on_alone(
    small: Path, tmp_path: Path, reserve: bool
) -> None:
    others = tmp_path / "small" / "others"
    serve = Serve(small, "" if reserve else NO_RESERVE)
    assert published(serve, 0, 100) == 100
    filled(others)
    time.sleep(1.1)
    assert published(serve, 100, 200) == 0
    assert count(small) == 100
    assert "event=iot_disk_failing error=No space left on device" in (tmp_path / "iot.err").read_text()
    others.unlink()
    assert eventually(lambda: "event=iot_disk_works_again" in (tmp_path / "iot.err").read_text())
    assert published(serve, 200, 300) == 100
    serve.kill()
    again = Serve(small)
    assert again.stop() == 0
    assert count(small) == 200
    assert nordlotse("verify", "--data", str(small))["ok"]


def test_a_log_that_swallows_the_error_acknowledges_what_found_no_room(small: Path, tmp_path: Path) -> None:
    others = tmp_path / "small" / "others"
    serve = Serve(small, NO_RESERVE + SWALLOWED)
    assert published(serve, 0, 100) == 100
    filled(others)
    assert published(serve, 100, 400) > 0
    serve.kill()
    assert count(small) < 400
