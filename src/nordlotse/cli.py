"""The one command `nordlotse`. JSON alone on stdout, progress on stderr; exit 0 done, 2 wrong call, 3 bad input, 4 not available."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from nordlotse import __version__
from nordlotse.foundation.problem import NotAvailable, Problem


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        sys.stderr.write(f"nordlotse: {message}\n")
        sys.exit(2)


def say(line: str) -> None:
    """Write a line for the person at the terminal, apart from the data on stdout."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def prepare(needs: str) -> None:
    """Make ready what a command says it needs.

    "django"; "folder": a data folder that is there; "database" with all its tables, made if need be; "installation":
    a database that is there already.
    """
    if needs:
        from nordlotse.web import database

        if needs in ("folder", "installation"):
            database.refuse_absent(begun=needs == "installation")
        database.django_ready()
        if needs in ("database", "installation"):
            if needs == "installation":
                database.refuse_empty()
            database.reachable()
            database.ready()


def parser() -> argparse.ArgumentParser:
    """Return the whole command line, put together from the rooms' parts."""
    from nordlotse.answers.cli import add_commands as add_answers
    from nordlotse.funding.cli import add_commands as add_funding
    from nordlotse.iot.cli import add_commands as add_iot
    from nordlotse.journey.cli import add_commands as add_journey
    from nordlotse.journey.cli_data import add_commands as add_data
    from nordlotse.network.cli import add_commands as add_network
    from nordlotse.print3d.cli import add_commands as add_print3d
    from nordlotse.readiness.cli import add_commands as add_readiness
    from nordlotse.web.cli import add_commands as add_web

    made = _Parser(prog="nordlotse", description="Nordlotse: questions of companies, answered with sources.")
    made.add_argument("--version", action="version", version=f"nordlotse {__version__}")
    commands = made.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=_Parser)
    added = (add_web, add_journey, add_data, add_answers, add_funding, add_network, add_readiness, add_print3d, add_iot)
    for add in added:
        add(commands)
    return made


def tell(problem: Problem) -> int:
    """Say what is wrong and what to do, in the terminal's language, and return the exit code."""
    named = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    lang = "de" if named.lower().startswith("de") else "en"
    say(f"nordlotse: {problem.message(lang)}" + (f" [{problem.where}]" if problem.where else ""))
    if remedy := problem.remedy_in(lang):
        say(f"  → {remedy}")
    return problem.exit_code


def _cannot_use(place: str, reason: str) -> NotAvailable:
    return NotAvailable(
        "cannot_use",
        de="Eine Datei oder ein Dienst ist nicht nutzbar.",
        en="A file or a service cannot be used.",
        where=f"{place} {reason}".strip(),
        remedy_de="Bitte Pfad, Rechte, Platz und NORDLOTSE_DATA_DIR prüfen.",
        remedy_en="Check path, permissions, space and NORDLOTSE_DATA_DIR.",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # JSON is UTF-8 whatever the terminal's setting; what cannot be shown is escaped instead of ending the command.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    called = parser().parse_args(arguments)
    try:
        prepare(getattr(called, "needs", ""))
        return int(called.run(called) or 0)
    except Problem as problem:
        return tell(problem)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return tell(_cannot_use(str(error.filename or ""), error.strerror or type(error).__name__))
    except KeyboardInterrupt:
        say("nordlotse: cancelled")
        return 130


if __name__ == "__main__":
    sys.exit(main())
