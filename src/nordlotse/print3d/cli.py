"""`nordlotse print3d`: a part checked, estimated, laid, priced, repaired; a folder screened; a report; a shop's jobs taken as measure.

Files are read in a child process with limits, as on the pages: a damaged one ends the child, not the command. JSON alone goes to stdout;
how the file was read, what was not checked, and progress go to stderr.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date
from typing import Any

from nordlotse.print3d import cli_given as given
from nordlotse.print3d import cli_many as many
from nordlotse.print3d import cli_told as told

_UNITS = ("mm", "inch", "m", "auto")
_PROCESSES = ("fdm", "sla", "sls", "mjf", "lpbf")


def add_commands(commands: Any) -> None:
    """Add this room's commands."""
    room = commands.add_parser("print3d", help="is a part printable, how, for how much, and from which quantity not")
    made = room.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, run: Callable[[argparse.Namespace], int], words: str) -> argparse.ArgumentParser:
        command: argparse.ArgumentParser = made.add_parser(name, help=words)
        command.set_defaults(run=run)
        return command

    check = add(
        "check", _check, "what stands against printing the part: findings with place, and a verdict per process"
    )
    estimate = add("estimate", _estimate, "time and filament of an FDM print of the part as it lies, with error band")
    orient = add("orient", _orient, "three ways to lay the part: cheapest, fastest, best surface")
    cost = add("cost", _cost, "cost of one part by each process at a quantity, and where printing stops to pay")
    repair = add("repair", _repair, "mend holes, winding, doubled faces and crossing bodies, and say what was changed")
    screen = add(
        "screen", many.screen, "which of many parts would pay, ranked by yearly saving; goes on where it stopped"
    )
    report = add("report", _report, "the whole check as a PDF to hand on")
    calibrate = add("calibrate", many.calibrate, "fit the estimate to a shop's past jobs")

    parts = "STL, 3MF, OBJ, PLY, OFF or STEP; in a ZIP with several parts: archive.zip:part.stl"
    for command in (check, estimate, orient, cost, repair, report):
        command.add_argument("part", metavar="PART", help=parts)
    for command in (check, report):
        command.add_argument("--process", choices=_PROCESSES, help="judge one process only")
    for command in (check, estimate, cost, report):
        command.add_argument("--material", default="", metavar="NAME", help="such as pla, petg, pa12-sls, 316l")
    for command in (estimate, cost, report):
        command.add_argument("--profile", default="fdm-pla-0.2", metavar="NAME", help="FDM profile (fdm-pla-0.2)")
    for command in (estimate, cost):
        command.add_argument("--calibration", metavar="FILE", help="what `calibrate --json` printed for one's machine")
    cost.add_argument("--quantity", type=int, required=True, metavar="N", help="how many pieces")
    report.add_argument("--quantity", type=int, default=10, metavar="N", help="how many pieces (10)")
    for command in (cost, report):
        command.add_argument("--today", metavar="EUR", help="what one piece costs today")
        command.add_argument("--today-minimum", type=int, default=1, metavar="N", help="least order today (1)")
    estimate.add_argument("--support", action="store_true", help="with support under overhangs")
    estimate.add_argument(
        "--engine", choices=("estimated", "sliced"), default="estimated", help="sliced: by PrusaSlicer, where installed"
    )
    repair.add_argument("--out", required=True, metavar="FILE.stl", help="new file to write, in mm; never overwritten")
    report.add_argument("--out", required=True, metavar="R.pdf", help="PDF to write")
    screen.add_argument("parts", metavar="FOLDER|ZIP", help="the parts' files")
    screen.add_argument("--list", metavar="F.csv", help="CSV or XLSX: part, file, price today, yearly quantity, stock")
    screen.add_argument("--out", required=True, metavar="R.xlsx", help="XLSX or CSV to write")
    calibrate.add_argument(
        "jobs", metavar="JOBS.csv", help="part (its file beside the list), minutes, grams, support, copies"
    )
    calibrate.add_argument("--profile", required=True, metavar="NAME", help="FDM profile, such as fdm-pla-0.2")
    for command in made.choices.values():
        command.add_argument("--unit", choices=_UNITS, default="auto", help="unit of the file (auto: told or guessed)")
        command.add_argument("--scale", type=float, default=1.0, metavar="FACTOR", help="multiply all lengths (1)")
        command.add_argument("--lang", choices=("de", "en"), default="de", help="language of what is said (de)")
        command.add_argument("--json", action="store_true", help="print as JSON")


def _check(called: argparse.Namespace) -> int:
    with given.shop() as shop:
        from nordlotse.print3d.core.saying import check_lines
        from nordlotse.print3d.core.telling import check_told

        asked = given.asked(called)
        found, about = shop.run(f"{given.ASKING}:check_part", asked, called.process or "", called.material)
    told.beside(called, about)
    told.give(called, check_told(found, called.lang), check_lines(found, called.lang))
    told.say((found.unchecked.get(called.lang), found.rights.get(called.lang)))
    return 0


def _estimate(called: argparse.Namespace) -> int:
    with given.shop() as shop:
        from nordlotse.print3d.core.saying import estimate_lines
        from nordlotse.print3d.core.telling import estimate_told

        factors = given.factors(called.calibration, called.profile)
        asked = given.asked(called)
        made, about = shop.run(
            f"{given.ASKING}:estimate_part", asked, called.profile, called.support, called.engine, called.material, factors
        )  # fmt: skip
    told.beside(called, about)
    told.give(called, estimate_told(made, called.lang), estimate_lines(made, called.lang))
    return 0


def _orient(called: argparse.Namespace) -> int:
    with given.shop() as shop:
        from nordlotse.print3d.core.saying import orient_lines
        from nordlotse.print3d.core.telling import orient_told

        found, about = shop.run(f"{given.ASKING}:orient_part", given.asked(called))
    told.beside(called, about)
    told.give(called, orient_told(found, called.lang), orient_lines(found, called.lang))
    return 0


def _cost(called: argparse.Namespace) -> int:
    with given.shop() as shop:
        from nordlotse.print3d.core.comparison import compare
        from nordlotse.print3d.core.saying import cost_lines
        from nordlotse.print3d.core.telling import cost_told

        today, held = given.today(called), given.rates_of(called)
        factors = given.factors(called.calibration, called.profile)
        asked = given.asked(called)
        part, about = shop.run(f"{given.ASKING}:figures_of_part", asked, called.profile, called.material, factors)
    found = compare(part, called.quantity, today, held)
    told.beside(called, about)
    if called.json:
        told.say(f"{process}: {why.get(called.lang)}" for process, why in found.left_out.items())
    told.give(called, cost_told(found, called.lang), cost_lines(found, held, called.lang))
    return 0


def _repair(called: argparse.Namespace) -> int:
    out = told.output(called.out, (".stl",))
    if out.exists():
        raise told.there_already(out)
    with given.shop() as shop:
        from nordlotse.print3d.core.saying import repair_lines
        from nordlotse.print3d.core.telling import repair_told

        made, about = shop.run(f"{given.ASKING}:repair_part", given.asked(called))
    try:
        with out.open("xb") as file:
            file.write(made.stl)
    except FileExistsError as error:
        raise told.there_already(out) from error
    told.beside(called, about)
    told.give(called, repair_told(made, called.lang), repair_lines(made, called.lang))
    told.say((f"{out}: STL, mm",))
    return 0


def _report(called: argparse.Namespace) -> int:
    out = told.output(called.out, (".pdf",))
    with given.shop() as shop:
        from nordlotse.print3d.core.at_once import compared
        from nordlotse.print3d.core.report import report
        from nordlotse.print3d.core.whole import Wishes

        today, held = given.today(called), given.rates_of(called)
        wishes = Wishes(called.unit, called.scale, called.process or "", called.material, called.profile)
        asked = given.asked(called)
        found, views = shop.run("nordlotse.print3d.core.at_once:examined_at_once", asked, wishes)
    costs = compared(found, called.quantity, today, held)
    told.write(out, report(found, views, costs, called.lang, date.today(), today=today, held=held))
    told.give(called, {"file": str(out)}, (str(out),))
    return 0
