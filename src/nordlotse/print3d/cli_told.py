"""What `nordlotse print3d` hands out: JSON or words on stdout, what belongs beside it on stderr, and files written whole or not at all."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from nordlotse.foundation.problem import BadInput, WrongCall

if TYPE_CHECKING:
    from nordlotse.print3d.core.asking import About


def output(name: str, endings: tuple[str, ...]) -> Path:
    """Return the file to write.

    Raises:
        WrongCall: `out_ending`, its name ends in none of `endings`.
    """
    out = Path(name)
    if out.suffix.lower() not in endings:
        raise WrongCall(
            "out_ending",
            de=f"Die Ausgabe muss auf {' oder '.join(endings)} enden.",
            en=f"The output must end in {' or '.join(endings)}.",
            where=str(out),
            remedy_de=f"Zum Beispiel: --out ergebnis{endings[0]}",
            remedy_en=f"For example: --out result{endings[0]}",
        )
    return out


def there_already(out: Path) -> BadInput:
    """Return the refusal to write over a file."""
    return BadInput(
        "out_exists",
        de="Diese Datei gibt es schon; sie bleibt, wie sie ist.",
        en="This file is there already; it stays as it is.",
        where=str(out),
        remedy_de="Nennen Sie eine neue Datei.",
        remedy_en="Name a new file.",
    )


def write(out: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    descriptor, name = tempfile.mkstemp(prefix=f".{out.name}.", dir=out.parent or Path())
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        Path(name).replace(out)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def beside(called: argparse.Namespace, about: About) -> None:
    """Say how the part's file was read."""
    from nordlotse.print3d.core.saying import file_lines

    say(file_lines(about, called.lang))


def either(called: argparse.Namespace, de: str, en: str) -> str:
    """Return the text in the language asked for."""
    return de if called.lang == "de" else en


def say(lines: Iterable[str]) -> None:
    """Write lines to stderr, at once."""
    sys.stderr.writelines(f"{line}\n" for line in lines)
    sys.stderr.flush()


def give(called: argparse.Namespace, value: object, lines: Iterable[str]) -> None:
    """Print the result: as JSON, else in words."""
    if called.json:
        # NaN is no JSON: where it came out there is a mistake of ours, better told than handed on
        sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


def progress() -> Callable[[int, int, str], None]:
    """Return what tells how many are done, at most once a second."""
    from nordlotse.foundation.intake import shown_name

    last = 0.0

    def told(done: int, whole: int, name: str) -> None:
        nonlocal last
        if done == whole or time.monotonic() - last >= 1:
            last = time.monotonic()
            say((f"{done}/{whole} {shown_name(name)}",))

    return told
