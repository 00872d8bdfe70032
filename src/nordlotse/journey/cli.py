"""`nordlotse ask`: one question, or a file of them; `nordlotse journey`: the log and figures."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nordlotse.foundation.problem import BadInput, NotFound, Problem, WrongCall
from nordlotse.foundation.region import parse_state

if TYPE_CHECKING:
    from nordlotse.foundation.language import Lang

MAX_LINE = 100_000


def say(line: str) -> None:
    """Write a line for the person at the terminal, apart from the data on stdout."""
    sys.stderr.write(line + "\n")


def add_commands(commands: Any) -> None:
    """Add this room's commands."""
    ask = commands.add_parser("ask", help="answer a question, or a file of questions")
    ask.add_argument("question", nargs="?", help="the question")
    ask.add_argument("--lang", choices=("de", "en"), help="language of the answer (found out if not given)")
    ask.add_argument("--state", help="HH, SH or MV")
    ask.add_argument("--employees", type=int, help="number of employees")
    ask.add_argument("--json", action="store_true", help="print the answer object")
    ask.add_argument(
        "--batch", metavar="IN.jsonl", help='a file of {"id","question","lang"?,"state"?,"employees"?} lines'
    )
    ask.add_argument("--out", metavar="OUT.jsonl", help="where the answers of --batch go")
    ask.set_defaults(run=_ask, needs="database")
    journey = commands.add_parser("journey", help="the log, and figures of a period")
    inner = journey.add_subparsers(dest="journey", metavar="COMMAND", required=True)
    verify = inner.add_parser("verify-log", help="walk the chain of the log; exit code 3 if it is broken")
    verify.set_defaults(run=_verify_log, needs="installation")
    figures = inner.add_parser("figures", help="print the figures of a period as JSON")
    figures.add_argument("period", help="2026-03, 2026-Q1, 2026-H1, 2026 or 2026-03-05..2026-04-01")
    figures.add_argument("--protected", action="store_true", help="as the officer sees a closed quarter")
    figures.set_defaults(run=_figures, needs="installation")


def _verify_log(called: argparse.Namespace) -> int:
    from nordlotse.office import log

    found = log.verify()
    answer = {"whole": not found.broken_at, "entries": found.entries, "broken_at": found.broken_at, "hash": found.hash}
    sys.stdout.write(json.dumps(answer) + "\n")
    if found.broken_at:
        raise BadInput(
            "log_broken",
            de=f"Die Kette des Protokolls bricht bei Eintrag {found.broken_at}.",
            en=f"The chain of the log breaks at entry {found.broken_at}.",
            where="log",
            remedy_de="Jemand hat die Datenbank an der Anwendung vorbei geändert. Bitte eine Sicherung daneben prüfen.",
            remedy_en="Somebody changed the database past the program. Check a backup beside it.",
        )
    say(f"the log is whole: {found.entries} entries")
    return 0


def _figures(called: argparse.Namespace) -> int:
    from nordlotse.journey.core.periods import parse
    from nordlotse.journey.queries import sheets
    from nordlotse.journey.queries.figures import closed_quarter

    board = (
        sheets.outside(closed_quarter(called.period), "en")
        if called.protected
        else sheets.full(parse(called.period), "en")
    )
    sys.stdout.write(json.dumps(sheets.as_dict(board), ensure_ascii=False, indent=2) + "\n")
    return 0


def _ask(called: argparse.Namespace) -> int:
    if bool(called.batch) == (called.question is not None) or bool(called.batch) != bool(called.out):
        raise WrongCall(
            "ask_call",
            de="Entweder eine Frage oder --batch mit --out.",
            en="Either a question or --batch with --out.",
            where="ask",
            remedy_de='Beispiel: nordlotse ask "Was kostet ein 3D-Druckteil?"',
            remedy_en='Example: nordlotse ask "What does a 3D-printed part cost?"',
        )
    return _batch(called) if called.batch else _one(called)


def _one(called: argparse.Namespace) -> int:
    from nordlotse.journey import actions

    made, _ = actions.ask(
        called.question,
        lang=called.lang,
        state=parse_state(called.state),
        employees=actions.check_employees(called.employees),
        channel="cli",
    )
    if called.json:
        sys.stdout.write(json.dumps(made, ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stdout.write(_as_text(made) + "\n")
    return 0


def _as_text(made: dict[str, Any]) -> str:
    from django.conf import settings

    from nordlotse.answers.core.wording import LEVELS

    german = made["lang"] == "de"
    lines = [LEVELS[made["confidence"]].get(made["lang"])] if made["kind"] == "answer" else []
    lines += ["", *(f"{s['text']}" for s in made["sentences"])] if made["sentences"] else []
    lines += [f"! {w}" for w in made["warnings"]]
    lines += [f"? {q}" for q in made["ask_back"]]
    if made["sources"]:
        lines += ["", "Quellen:" if german else "Sources:"]
        lines += [
            f"  {s['title']} ({s['publisher']}{', ' + str(s['year']) if s['year'] else ''}), "
            f"{'geprüft am' if german else 'checked on'} {s['checked_on']}  {s['url']}"
            for s in made["sources"]
        ]
    base = settings.CONFIGURATION.public_url
    lines += ["", f"→ {made['next_step']['label']}: {base}{made['next_step']['target']}"]
    lines += [f"  {base}{'' if german else '/en'}/antwort/{made['id']}/"]
    return "\n".join(lines)


def check_file(path: Path) -> None:
    """Raise `NotFound` if there is no such file."""
    if not path.is_file():
        raise NotFound(
            "file_missing",
            de="Die Datei gibt es nicht.",
            en="There is no such file.",
            where=str(path),
            remedy_de="Bitte den Pfad prüfen.",
            remedy_en="Check the path.",
        )


def read_lines(path: Path) -> Iterator[tuple[int, dict[str, Any] | BadInput]]:
    """Yield (line number, object or what is wrong with the line) of a JSON-lines file."""
    with path.open("rb") as handle:
        for number, line in enumerate(handle, 1):
            if not line.strip():
                continue
            where = f"{path.name}:{number}"
            try:
                if len(line) > MAX_LINE:
                    raise ValueError("too long")
                row = json.loads(line.decode("utf-8-sig"))
                if not isinstance(row, dict):
                    raise TypeError("not an object")
                yield number, row
            except (ValueError, TypeError, RecursionError) as error:
                yield (
                    number,
                    BadInput(
                        "line_unreadable",
                        de="Die Zeile ist kein JSON-Objekt in UTF-8.",
                        en=f"The line is not a JSON object in UTF-8 ({type(error).__name__}).",
                        where=where,
                        remedy_de='Bitte {"id": "…", "question": "…"} je Zeile schreiben.',
                        remedy_en='Write {"id": "…", "question": "…"} on each line.',
                    ),
                )


def answer_line(row: dict[str, Any]) -> dict[str, Any]:
    """Answer one line of a batch; unknown keys are ignored, `region` is a synonym of `state`.

    Raises:
        BadInput: a field cannot be used.
    """
    from nordlotse.journey import actions

    lang = row.get("lang")
    state = row.get("state") or row.get("region")
    known: Lang | None = "de" if lang == "de" else "en" if lang == "en" else None
    made, _ = actions.ask(
        row.get("question"),
        lang=known,
        state=parse_state(state if isinstance(state, str) else None),
        employees=actions.check_employees(row.get("employees")),
        channel="cli",
        store=False,
    )
    return {**made, "id": str(row.get("id", made["id"]))}


def _batch(called: argparse.Namespace) -> int:
    source, target = Path(called.batch), Path(called.out)
    check_file(source)
    partial = target.with_name(target.name + ".part")
    done = wrong = 0
    with partial.open("w", encoding="utf-8") as out:
        for number, row in read_lines(source):
            try:
                if isinstance(row, BadInput):
                    raise row
                made = answer_line(row)
            except Problem as problem:
                wrong += 1
                problem.where = f"{source.name}:{number} {problem.where}".strip()
                say(f"{problem.where}: {problem.message_en}")
                name = row.get("id", f"line-{number}") if isinstance(row, dict) else f"line-{number}"
                made = {"id": str(name), "error": problem.as_dict()}
            out.write(json.dumps(made, ensure_ascii=False) + "\n")
            done += 1
            if done % 50 == 0:
                say(f"{done} answered")
    partial.replace(target)
    say(f"{done} lines, {wrong} refused → {target}")
    return 3 if wrong else 0
