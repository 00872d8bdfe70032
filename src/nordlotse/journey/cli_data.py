"""`nordlotse demo` and `nordlotse privacy`: the example centre, the register, and what is kept of somebody."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nordlotse.foundation.problem import BadInput

if TYPE_CHECKING:
    from nordlotse.foundation.personal import Subject


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


def _give(found: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=2) + "\n")


def add_commands(commands: Any) -> None:
    """Add the commands about data as a whole."""
    demo = commands.add_parser("demo", help="load or remove the example centre")
    parts = demo.add_subparsers(dest="part", required=True)
    load = parts.add_parser("load", help="load 21 partners, 40 people and 200 companies, all invented and marked")
    load.add_argument("--seed", type=int, default=2026, help="another number gives another centre")
    load.set_defaults(run=_load, needs="database")
    parts.add_parser("remove", help="remove the example centre without a trace").set_defaults(
        run=_remove, needs="installation"
    )
    privacy = commands.add_parser("privacy", help="what is stored of people")
    parts = privacy.add_subparsers(dest="part", required=True)
    parts.add_parser("register", help="print the register of processing (Markdown)").set_defaults(
        run=_register, needs="django"
    )
    for name, help_text, run in (
        ("export", "write everything kept of a company or address into a ZIP", _export),
        ("delete", "delete everything kept of a company or address", _delete),
    ):
        made = parts.add_parser(name, help=help_text)
        whose = made.add_mutually_exclusive_group(required=True)
        whose.add_argument("--company", metavar="ID", help="the company's id")
        whose.add_argument("--mail", metavar="ADDRESS", help="a mail address of somebody without a company")
        made.set_defaults(run=run, needs="installation")
        if name == "export":
            made.add_argument("--out", required=True, metavar="FILE.zip", help="where the ZIP goes; must not exist")
            made.add_argument("--lang", choices=("de", "en"), default="de", help="language of the readable page")
        else:
            made.add_argument("--yes", action="store_true", help="really delete; without it only the counts are shown")


def _load(called: argparse.Namespace) -> int:
    from nordlotse.journey.actions import example

    made = example.load(seed=called.seed)
    _say("nordlotse: the example centre is loaded; `nordlotse demo remove` removes it")
    _give(made)
    return 0


def _remove(called: argparse.Namespace) -> int:
    from nordlotse.journey.actions import example

    _give(example.remove())
    return 0


def _register(called: argparse.Namespace) -> int:
    from nordlotse.journey.queries.privacy import register_markdown

    sys.stdout.write(register_markdown())
    return 0


def _subject(called: argparse.Namespace) -> Subject:
    from nordlotse.journey.queries import companies, keeping

    if called.company:
        return keeping.subject_of_company(companies.company(called.company))
    return keeping.subject_of_mail(called.mail)


def _export(called: argparse.Namespace) -> int:
    from nordlotse.journey.queries import keeping

    place = Path(called.out)
    if place.exists():
        raise BadInput(
            "file_exists",
            de="Die Datei gibt es schon.",
            en="The file is there already.",
            where=called.out,
            remedy_de="Bitte einen anderen Namen wählen.",
            remedy_en="Choose another name.",
        )
    content = keeping.archive(_subject(called), called.lang)
    with place.open("xb") as file:
        place.chmod(0o600)
        file.write(content)
    _say(f"nordlotse: {len(content)} bytes written")
    return 0


def _delete(called: argparse.Namespace) -> int:
    from nordlotse.journey.actions import privacy
    from nordlotse.journey.queries import keeping

    subject = _subject(called)
    found = keeping.kept(subject)
    shown: dict[str, Any] = {label: len(rows) for label, rows in found.tables.items()}
    if called.yes:
        receipt = privacy.delete(subject, seen=found.hash, actor="administrator")
        shown["receipt"] = receipt.number
    else:
        _say("nordlotse: nothing was deleted; --yes deletes what is listed")
    _give(shown)
    return 0
