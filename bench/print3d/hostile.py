"""Files that mean harm, broken off and altered ones: refused or read, how quickly, with how much memory, and is the child gone?"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from pathlib import Path

from bench.print3d.files import every_format, hostile, mutations, truncations
from bench.print3d.flaws import sound
from nordlotse.foundation.problem import BadInput
from nordlotse.print3d.core.workshop import WorkLimits, Workshop

#: The limits of the worker lane; what a file is refused within is 2 s and 300 MB all the same.
LIMITS = WorkLimits()
SECONDS, ALLOWED = 2.0, 300 * 2**20
PRELOAD = ("nordlotse.print3d.core.reading", "nordlotse.print3d.core.step:warm")
READ = "nordlotse.print3d.core.reading:read"


def peak(process: int) -> int:
    """Return the highest resident memory a process had since its mark was set back, in bytes; and set it back."""
    status = Path(f"/proc/{process}/status").read_text()
    found = next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))
    Path(f"/proc/{process}/clear_refs").write_text("5")
    return found


def attempt(shop: Workshop, name: str, data: bytes) -> tuple[str, float, int]:
    """Return how a file ended ("read" or the code of its refusal), seconds by the clock, bytes of memory growth."""
    shop.start()
    process = shop.child or 0
    before = peak(process) and resident(process)
    started = time.perf_counter()
    try:
        shop.run(READ, data, name)
        outcome = "read"
    except BadInput as problem:
        outcome = problem.code
    seconds = time.perf_counter() - started
    grown = peak(process) - before if shop.child == process else 0
    return outcome, seconds, grown


def resident(process: int) -> int:
    """Return the resident memory of a process in bytes."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main() -> int:
    """Print the worst of each kind."""
    part = sound(2)
    with Workshop(LIMITS, PRELOAD) as shop:
        shop.run(READ, every_format(part)["part.step"], "warm.step", limits=WorkLimits(seconds=60))
        print(f"{'file':34s} {'ended':20s} {'s':>6s} {'MB':>6s}")
        for file in hostile(part):
            outcome, seconds, grown = attempt(shop, file.name, file.data)
            sign = "" if not file.codes or outcome in file.codes else "  UNEXPECTED"
            print(f"{file.what:34s} {outcome:20s} {seconds:6.2f} {grown / 2**20:6.0f}{sign}")
        print(
            f"\n{'200 beginnings, 512 bytes altered':34s} {'read':>5s} {'refused':>8s} {'killed':>7s} {'worst s':>8s} {'worst MB':>9s}"
        )
        for name, data in every_format(part).items():
            for what, files in (("cut", truncations(data, 200, 1)), ("altered", mutations(data, 512, 2))):
                ends: Counter[str] = Counter()
                slow, large = 0.0, 0
                for altered in files:
                    outcome, seconds, grown = attempt(shop, name, altered)
                    kind = "read" if outcome == "read" else "killed" if outcome.startswith("part_") else "refused"
                    ends[kind] += 1
                    slow, large = max(slow, seconds), max(large, grown)
                print(
                    f"{name + ' ' + what:34s} {ends['read']:5d} {ends['refused']:8d} {ends['killed']:7d} {slow:8.2f} {large / 2**20:9.0f}"
                )
        process = shop.child
    gone = process is None or not Path(f"/proc/{process}").exists()
    print(f"\nchild gone afterwards: {'yes' if gone else 'NO'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
