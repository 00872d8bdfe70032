"""How a room's measurements become a part of docs/benchmarks.md: each is run, shown, and written into the room's own part.

A room is a package `bench.ROOM` whose `__main__` names its measurements (module → title); a measurement is a module with `main()`
that prints. Other rooms' parts, and sections not measured now, stay as they are.
"""

from __future__ import annotations

import contextlib
import io
import os
import platform
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from importlib import import_module
from pathlib import Path

REPORT = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"

_ROOM = re.compile(r"(?m)^(?=# Benchmarks of the \w+ room$)")


class _Both(io.StringIO):
    """Keeps what is printed and shows it at once."""

    def write(self, text: str) -> int:
        sys.__stdout__.write(text)  # type: ignore[union-attr]
        sys.__stdout__.flush()  # type: ignore[union-attr]
        return super().write(text)


def _measured(room: str, name: str, title: str) -> str:
    main: Callable[[], object] = import_module(f"bench.{room}.{name}").main
    kept = _Both()
    busy = os.getloadavg()[0]
    started = time.perf_counter()
    arguments, sys.argv = sys.argv, [name]
    try:
        with contextlib.redirect_stdout(kept):
            print(f"\n== {title}")
            main()
    finally:
        sys.argv = arguments
    body = "\n".join(line.rstrip() for line in kept.getvalue().splitlines()[2:] if "build/bench" not in line)
    return (
        f"## {title}\n\nMeasured {date.today()} with `python -m bench.{room}.{name}` "
        f"({time.perf_counter() - started:.0f} s; load of the machine before: {busy:.1f}).\n\n```\n{body.strip()}\n```\n"
    )


def _sections(part: str, titles: Mapping[str, str]) -> dict[str, str]:
    """Return the sections a room's part has now, by measurement."""
    found = {}
    for section in re.split(r"(?m)^(?=## )", part)[1:]:
        for name, title in titles.items():
            if section.startswith(f"## {title}\n"):
                found[name] = section.rstrip() + "\n"
    return found


def _write(room: str, titles: Mapping[str, str], told: str, name: str, section: str) -> None:
    """Put one section into the room's part; the file is read anew, for another room may be measured meanwhile."""
    start = f"# Benchmarks of the {room} room\n"
    whole = REPORT.read_text(encoding="utf-8") if REPORT.is_file() else ""
    parts = [part.rstrip() + "\n" for part in _ROOM.split(whole) if part.strip()]
    mine = next((n for n, part in enumerate(parts) if part.startswith(start)), len(parts))
    sections = _sections(parts[mine] if mine < len(parts) else "", titles) | {name: section}
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    head = f"{start}\nWritten by `make bench ROOM={room}`; do not edit. {told}\n\nMachine of the last run: {machine}.\n"
    parts[mine : mine + 1] = ["\n".join([head, *(sections[n] for n in titles if n in sections)])]
    REPORT.write_text("\n".join(parts), encoding="utf-8")


def run(room: str, titles: Mapping[str, str], told: str, wanted: Sequence[str]) -> int:
    """Run the wanted measurements of a room (none named: all) and write each into the report; return the exit code."""
    unknown = [name for name in wanted if name not in titles]
    if unknown:
        print(f"unknown parts: {', '.join(unknown)}; there are: {', '.join(titles)}")
        return 2
    for name in wanted or titles:
        _write(room, titles, told, name, _measured(room, name, titles[name]))
    print(f"\nwritten: {REPORT.relative_to(REPORT.parent.parent)}")
    return 0
