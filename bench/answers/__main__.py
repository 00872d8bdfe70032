"""`make bench ROOM=answers`: every measurement of the room, us and the peers in one run, written to docs/benchmarks.md.

`python -m bench.answers PART …` runs only the named parts (retrieval, sentences, refusal, routing, shown, latency, throughput) and
writes only their sections anew.
"""

from __future__ import annotations

import contextlib
import io
import os
import platform
import re
import sys
import time
from collections.abc import Callable
from datetime import date
from importlib import import_module
from pathlib import Path

REPORT = Path(__file__).resolve().parent.parent.parent / "docs" / "benchmarks.md"

PARTS = {
    "retrieval": "Finding passages: us and the peers (nDCG@10, pool D)",
    "sentences": "The sentence that answers, end to end (as `ask` composes it)",
    "refusal": "Refusing what is not there, and calibration",
    "routing": "Understanding a question before retrieval (held-out fifth of the training questions)",
    "shown": "Answers as shown: facts, kind, topic, demonstrator; traps",
    "latency": "Time and memory of one question (ranking and composing; what `ask` takes under load is under requests per second)",
    "throughput": "Requests per second on two cores",
}


class _Both(io.StringIO):
    """Keeps what is printed and shows it at once."""

    def write(self, text: str) -> int:
        sys.__stdout__.write(text)  # type: ignore[union-attr]
        sys.__stdout__.flush()  # type: ignore[union-attr]
        return super().write(text)


def _run(name: str) -> str:
    main: Callable[[], object] = import_module(f"bench.answers.{name}").main
    kept = _Both()
    started = time.perf_counter()
    arguments, sys.argv = sys.argv, [name]
    try:
        with contextlib.redirect_stdout(kept):
            print(f"\n== {PARTS[name]}")
            main()
    finally:
        sys.argv = arguments
    body = "\n".join(line.rstrip() for line in kept.getvalue().splitlines()[2:] if "build/bench" not in line)
    return (
        f"## {PARTS[name]}\n\nMeasured {date.today()} with `python -m bench.answers.{name}` "
        f"({time.perf_counter() - started:.0f} s).\n\n```\n{body.strip()}\n```\n"
    )


def _known() -> dict[str, str]:
    """Return the sections the report has now."""
    if not REPORT.is_file():
        return {}
    found = {}
    for section in re.split(r"(?m)^(?=## )", REPORT.read_text(encoding="utf-8"))[1:]:
        for name, title in PARTS.items():
            if section.startswith(f"## {title}\n"):
                found[name] = section
    return found


def main(wanted: list[str]) -> int:
    """Run the parts and write the report."""
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        print(f"unknown parts: {', '.join(unknown)}; there are: {', '.join(PARTS)}")
        return 2
    sections = _known()
    head = (
        "# Benchmarks of the answers room\n\n"
        "Written by `make bench ROOM=answers`; do not edit. The text and retrieval sets are licensed for use beside the product, not in it "
        "(XQuAD CC BY-SA 4.0, OMoS-QA CC BY 4.0); without them the parts that need them say so.\n\n"
        f"Machine of the last run: {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}.\n\n"
    )
    for name in wanted or PARTS:
        sections[name] = _run(name)
        REPORT.write_text(head + "\n".join(sections[n] for n in PARTS if n in sections), encoding="utf-8")
    print(f"\nwritten: {REPORT.relative_to(REPORT.parent.parent)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
