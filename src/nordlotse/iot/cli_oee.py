"""`nordlotse iot oee FILE.json`: times and counts in, key figures of ISO 22400-2 and flags out."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any


def add_commands(commands: Any) -> None:
    """Add `oee` to the room's commands."""
    oee = commands.add_parser("oee", help="key figures of ISO 22400-2 from times and counts, with flags")
    oee.add_argument("file", metavar="FILE.json", help="times and counts of machines and shifts; - for stdin")
    oee.add_argument("--json", action="store_true", help="print as JSON")
    oee.add_argument("--lang", choices=("de", "en"), default="de", help="language of the sentences")
    for option in ("--data", "--company"):
        oee.add_argument(option, help="accepted as everywhere in this room; the file alone is read")
    oee.set_defaults(run=run_oee)


def run_oee(called: argparse.Namespace) -> int:
    """Print the key figures of a file; 0 also where the numbers contradict each other, for that is said in the flags.

    Raises:
        BadInput, TooLarge: the file cannot be used.
    """
    from nordlotse.iot.core.oee.answer import answer
    from nordlotse.iot.core.oee.document import MAX_BYTES, read_document

    found = answer(read_document(_bytes(called.file, MAX_BYTES), called.file))
    if called.json:
        sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=2, allow_nan=False) + "\n")
        return 0
    for part in (*found["items"], *([found["total"]] if len(found["items"]) > 1 else [])):
        _print(part, called.lang)
    return 0


def _print(part: dict[str, Any], lang: str) -> None:
    title = ", ".join(text for text in (part["machine"], part["shift"]) if text)
    if title:
        sys.stdout.write(f"{title}\n")
    sys.stdout.writelines(f"  {sentence[lang]}\n" for sentence in part["sentences"])
    for figure in part["key_figures"].values():
        if figure["shown"] is not None:
            unit = {"percent": " %", "per_hour": "/h", "number": ""}[figure["unit"]]
            sys.stdout.write(f"  {figure['name'][lang]}: {figure['shown']:.2f}{unit}  = {figure['formula']}\n")
    for flag in part["flags"]:
        sys.stderr.write(f"{flag['severity']}: {flag['message_' + lang]} [{flag['code']}]\n")


def _bytes(name: str, most: int) -> bytes:
    """A file's bytes, at most one more than `most`, so that a huge file is refused without being read."""
    if name == "-":
        return sys.stdin.buffer.read(most + 1)
    with Path(name).open("rb") as file:
        return file.read(most + 1)
