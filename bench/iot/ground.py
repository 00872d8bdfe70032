"""What measurements of the iot room stand on: a folder on a real disk, what syncing costs there, whether a target is met."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

#: Below the checkout, for /tmp may be a RAM disk; `NORDLOTSE_BENCH_DIR` says another one.
_FOLDER = Path(__file__).resolve().parents[2] / "build" / "bench" / "iot"
_RAM = {"tmpfs", "ramfs", "devtmpfs"}


def option(name: str, default: float, told: str) -> float:
    """Return a measurement's number: `--NAME`, else `NORDLOTSE_BENCH_NAME`, else the default."""
    parser = argparse.ArgumentParser()
    parser.add_argument(f"--{name}", type=float, help=told)
    given: float | None = getattr(parser.parse_known_args(sys.argv[1:])[0], name)
    return float(os.environ.get(f"NORDLOTSE_BENCH_{name.upper()}") or default) if given is None else given


@contextmanager
def folder(name: str) -> Iterator[Path]:
    """Give an empty folder on a real disk, say what disk it is, and remove the folder afterwards."""
    made = Path(os.environ.get("NORDLOTSE_BENCH_DIR") or _FOLDER) / name
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    try:
        tell(made)
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def tell(path: Path) -> None:
    """Print the file system below a folder, what `fdatasync` costs there, and how busy the machine is.

    Raises:
        SystemExit: it is a RAM disk, on which nothing can be measured.
    """
    device, kind = file_system(path)
    if kind in _RAM:
        raise SystemExit(f"{path} lies on a RAM disk ({kind}); set NORDLOTSE_BENCH_DIR to a folder on a disk")
    costs = {size: sync_cost(path, size) for size in (64, 64 * 1024, 1024 * 1024)}
    told = " / ".join(f"{1000 * cost:.2f}" for cost in costs.values())
    print(f"file system: {kind} on {device}, no RAM disk; fdatasync behind 64 B / 64 KiB / 1 MiB: {told} ms (median)")
    print(f"load average: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def file_system(path: Path) -> tuple[str, str]:
    """Return device and kind of the file system a folder lies on."""
    found = ("?", "?")
    longest = -1
    for line in Path("/proc/mounts").read_text().splitlines():
        device, place, kind = line.split()[:3]
        if path.resolve().is_relative_to(place) and len(place) > longest:
            found, longest = (device, kind), len(place)
    return found


def sync_cost(path: Path, size: int, times: int = 60) -> float:
    """Return the median seconds of an append of so many bytes with its fdatasync."""
    handle = os.open(path / "sync", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    content = os.urandom(size)
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        os.write(handle, content)
        os.fdatasync(handle)
        took.append(time.perf_counter() - begun)
    os.close(handle)
    (path / "sync").unlink()
    return median(took)


def target(what: str, value: float, limit: float, unit: str = "", least: bool = False) -> None:
    """Print a figure beside its target; `least`: the target is the least it may be."""
    met = value >= limit if least else value <= limit
    print(
        f"{what}: {shown(value)}{unit} (target {'≥' if least else '≤'} {shown(limit)}{unit}): {'met' if met else 'MISSED'}"
    )


def shown(value: float) -> str:
    """Return a figure with three digits that count."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def quantiles(values: list[float]) -> tuple[float, float]:
    """Return median and 99th percentile."""
    ordered = sorted(values)
    return median(ordered), ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
