"""`nordlotse iot`: take machine data in, ask for them, prove that they are whole, take them away."""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nordlotse.foundation.problem import BadInput, NotFound, WrongCall

if TYPE_CHECKING:
    from nordlotse.foundation.language import Lang
    from nordlotse.iot.core.store.reader import Reader
    from nordlotse.iot.core.values import Rows, Series


def add_commands(commands: Any) -> None:
    """Add this room's commands."""
    from nordlotse.iot.cli_agent import add_commands as add_agent
    from nordlotse.iot.cli_anomalies import add_commands as add_anomalies
    from nordlotse.iot.cli_logins import add_commands as add_logins
    from nordlotse.iot.cli_oee import add_commands as add_oee
    from nordlotse.iot.cli_serve import add_commands as add_serve
    from nordlotse.iot.cli_sources import add_commands as add_sources

    room = commands.add_parser("iot", help="machine data: take in, ask, prove whole, take away")
    made = room.add_subparsers(metavar="COMMAND", required=True)

    add_serve(made)
    query = made.add_parser("query", help="values of a signal, or a stretch of it in equal parts")
    query.add_argument(
        "--from", dest="begin", required=True, metavar="T", help="ISO 8601 (UTC without zone) or µs since 1970"
    )
    query.add_argument("--to", dest="end", required=True, metavar="T", help="the first moment behind the stretch")
    query.add_argument("--buckets", type=int, metavar="N", help="N equal parts with least, most, mean and number")
    query.set_defaults(run=_query)

    latest = made.add_parser("latest", help="the newest value of each signal of a machine")
    latest.set_defaults(run=_latest)

    count = made.add_parser("count", help="how many values of a signal there are")
    count.add_argument("--all", action="store_true", help="count values that newer ones corrected too")
    count.set_defaults(run=_count)

    verify = made.add_parser("verify", help="prove that everything stored is as it was written")
    verify.set_defaults(run=_verify)

    export = made.add_parser("export", help="write all values of a machine to a file")
    export.add_argument("--out", required=True, metavar="FILE", help="a new file, .parquet or .csv")
    export.set_defaults(run=_export)

    for add in (add_agent, add_logins, add_sources, add_oee, add_anomalies):
        add(made)
    for command in (query, count):
        command.add_argument("machine", help="its name, the first level of its topics")
        command.add_argument("signal", help="its name, the second level")
    for command in (latest, export):
        command.add_argument("machine", help="its name, the first level of its topics")
    for command in (query, latest, count, export):
        command.add_argument("--company", default="local", help="whose machines (local)")
    for command in (query, latest, count, verify, export):
        command.add_argument("--data", metavar="DIR", help="data folder ($NORDLOTSE_DATA_DIR/iot)")
        command.add_argument("--json", action="store_true", help="print as JSON")


def data_folder(given: str | None) -> Path:
    """Return the folder of the machine data: as given, or below the installation's data folder."""
    if given:
        return Path(given).absolute()
    base = os.environ.get("NORDLOTSE_DATA_DIR")
    if base:
        return Path(base).expanduser().absolute() / "iot"
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(home) / "nordlotse" / "iot"


def terminal_lang() -> Lang:
    """Return the terminal's language, "de" or "en"; on Windows that of the system."""
    named = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    if not named and sys.platform == "win32":
        import locale

        named = locale.getlocale()[0] or ""
    return "de" if named.lower().startswith(("de", "ger")) else "en"


def place_told(called: argparse.Namespace) -> Path:
    """Return the folder of the machine data; says on stderr which folder and company are meant where no option names the folder."""
    folder = data_folder(called.data)
    if not called.data:
        german = getattr(called, "lang", "en") == "de"
        named = ("Ordner", "Unternehmen") if german else ("folder", "company")
        sys.stderr.write(f"{named[0]} {folder}, {named[1]} {called.company}\n")
    return folder


def reader(called: argparse.Namespace) -> Reader:
    """Return a reader of the company's store that has just looked.

    Raises:
        NotFound: `iot_no_data`: nothing was ever taken in there.
        BadInput: `iot_company`.
    """
    from nordlotse.iot.core import tail
    from nordlotse.iot.core.values import COMPANY

    if not COMPANY.match(called.company):
        raise BadInput(
            "iot_company",
            de="Das kann keine Kennung eines Unternehmens sein.",
            en="This cannot be a company's id.",
            where=called.company[:80],
        )
    folder = place_told(called)
    if not folder.is_dir():
        raise _no_data(folder)
    made = tail.reader(folder, called.company, patience=0)  # once asked, all of it is told
    made.look()
    for error in made.snapshot.damaged.values():
        sys.stderr.write(f"nordlotse: {error.message('en')} [{error.where}]\n")
    return made


def _no_data(folder: Path) -> NotFound:
    return NotFound(
        "iot_no_data",
        de="In diesem Ordner wurden noch keine Maschinendaten aufgenommen.",
        en="No machine data were taken in in this folder yet.",
        where=str(folder),
        remedy_de="Bitte --data oder NORDLOTSE_DATA_DIR prüfen; `nordlotse iot serve` beginnt.",
        remedy_en="Check --data or NORDLOTSE_DATA_DIR; `nordlotse iot serve` begins.",
    )


def _series(called: argparse.Namespace) -> Series:
    from nordlotse.iot.core.values import Series

    return Series(called.company, called.machine, called.signal)


def _print(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n")


def moment(text: str) -> int:
    """Return a moment of the command line in µs since 1970.

    Raises:
        BadInput: `iot_time`.
    """
    if re.fullmatch(r"-?\d{1,18}", text):
        return int(text)
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(
            "iot_time",
            de="Das ist keine Zeit.",
            en="This is not a time.",
            where=text[:80],
            remedy_de="Zum Beispiel 2026-11-23T06:00:00+01:00, oder µs seit 1970.",
            remedy_en="For example 2026-11-23T06:00:00+01:00, or µs since 1970.",
        ) from None
    since = (read if read.tzinfo else read.replace(tzinfo=UTC)) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _shown(rows: Rows) -> list[dict[str, object]]:
    columns = (rows.time.tolist(), rows.shown(), rows.quality.tolist(), rows.arrived.tolist())
    return [dict(zip(("t", "value", "quality", "arrived"), row, strict=True)) for row in zip(*columns, strict=True)]


def _query(called: argparse.Namespace) -> int:
    begin, end = moment(called.begin), moment(called.end)
    most = 100_000
    if called.buckets is not None and not 1 <= called.buckets <= most:
        raise WrongCall("iot_buckets", de=f"1 bis {most} Teile.", en=f"1 to {most} parts.", where="--buckets")
    if end <= begin:
        raise BadInput(
            "iot_stretch", de="--to muss nach --from liegen.", en="--to must lie after --from.", where=called.end
        )
    looked = reader(called)
    if called.buckets is None:
        found = _shown(looked.rows(_series(called), begin, end))
    else:
        made = looked.buckets(_series(called), begin, end, called.buckets)
        columns = [
            made.begin.tolist(),
            *([None if math.isnan(x) else x for x in column.tolist()] for column in (made.least, made.most, made.mean)),
            made.count.tolist(),
        ]
        found = [
            dict(zip(("t", "min", "max", "mean", "count"), row, strict=True)) for row in zip(*columns, strict=True)
        ]
        for row in found:
            if row["min"] is None:
                row["mean"] = None
    if called.json:
        _print(found)
    else:
        for row in found:
            sys.stdout.write("\t".join(str(value) for value in row.values()) + "\n")
    return 0


def _latest(called: argparse.Namespace) -> int:
    looked = reader(called)
    found = {
        series.signal: _shown(rows)[0]
        for series in sorted(looked.series())
        if series.machine == called.machine and len(rows := looked.latest(series))
    }
    if called.json:
        _print(found)
    else:
        for name, row in found.items():
            sys.stdout.write(f"{name}\t{row['value']}\t{row['t']}\n")
    return 0


def _count(called: argparse.Namespace) -> int:
    looked = reader(called)
    corrections = len(looked.older(_series(called)))
    count = looked.count(_series(called)) + (corrections if called.all else 0)
    if called.json:
        _print({"count": count, "corrections": corrections})
    else:
        sys.stdout.write(f"{count}\n")
    return 0


def _verify(called: argparse.Namespace) -> int:
    from dataclasses import asdict

    from nordlotse.iot.core.verifying import verify

    folder = data_folder(called.data)
    if not called.data:
        sys.stderr.write(f"{'Ordner' if terminal_lang() == 'de' else 'folder'} {folder}\n")
    found = verify(folder)
    if not found.companies and not found.log_records and found.ok:
        raise _no_data(folder)  # nothing was looked at: that proves nothing
    if called.json:
        _print({"ok": found.ok, **asdict(found)})
    else:
        sys.stdout.write(f"{found.companies} companies, {found.segments} segments, {found.values} values\n")
        sys.stdout.writelines(f"damaged: {fault}\n" for fault in found.faults)
    return 0 if found.ok else 4


def _export(called: argparse.Namespace) -> int:
    from nordlotse.iot.core.export import export

    count = export(reader(called), called.machine, Path(called.out))
    if called.json:
        _print({"count": count, "file": called.out})
    else:
        sys.stderr.write(f"{called.out}: {count} values\n")
    return 0
