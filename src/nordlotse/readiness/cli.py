"""`nordlotse readiness`: the models, their questions as a workbook, a centre's own workbook checked, answers scored, the cheapest plan."""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nordlotse.foundation.problem import WrongCall

if TYPE_CHECKING:
    from nordlotse.foundation.questionnaire.form import Form
    from nordlotse.readiness.core.assess import Assessment
    from nordlotse.readiness.core.maturity import MaturityModel


def add_commands(commands: Any) -> None:
    """Add this room's commands."""
    room = commands.add_parser("readiness", help="where a company stands, and the cheapest plan to the next level")
    made = room.add_subparsers(metavar="COMMAND", required=True)

    models = made.add_parser("models", help="the models with their questions, answers and points")
    models.set_defaults(run=_models)

    form = made.add_parser("form", help="write the questions of a model as an XLSX workbook (XLSForm)")
    form.add_argument("model", help="own, dma or impuls")
    form.add_argument("--out", required=True, metavar="FILE.xlsx", help="the workbook to write")
    form.set_defaults(run=_form)

    compile_ = made.add_parser("compile", help="check a workbook or YAML file of one's own and compile it")
    compile_.add_argument("file")
    compile_.set_defaults(run=_compile)

    score = made.add_parser("score", help="score a file of answers")
    score.add_argument(
        "answers", nargs="?", help='JSON: {"answers": {id: value}}, {"dma": {…}}, {"impuls": {…}}; - for stdin'
    )
    score.add_argument(
        "--model", action="extend", nargs="+", default=[], metavar="MODEL", help="own, dma, impuls (all)"
    )
    score.set_defaults(run=_score)

    plan = made.add_parser(
        "plan", help="the cheapest measures that reach a level, or the most progress within a budget"
    )
    plan.add_argument("answers", help="as for score")
    plan.add_argument("--model", required=True, help="own, dma or impuls, or one's own")
    goal = plan.add_mutually_exclusive_group(required=True)
    goal.add_argument("--target", metavar="LEVEL", help="key of a level, as `readiness models` lists them")
    goal.add_argument("--budget", metavar="EUR", help="whole euros")
    plan.add_argument(
        "--without",
        metavar="ID",
        action="append",
        default=[],
        help="a measure that does not suit the company; may be repeated",
    )
    plan.add_argument("--days", metavar="N", help="at most so many likely days of own work, whole or half: 3 or 0.5")
    plan.set_defaults(run=_plan)

    for command in (score, plan):
        command.add_argument(
            "--form", metavar="FILE", help="take a model of one's own from a workbook or YAML file along"
        )
    for command in (models, compile_, score, plan):
        command.add_argument("--lang", choices=("de", "en"), default="de", help="language of reasons and findings")
        command.add_argument("--json", action="store_true", help="print as JSON")


def _print(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def _bytes(name: str, most: int) -> bytes:
    """A file's bytes, at most one more than `most`, so that a huge file is refused without being read."""
    if name == "-":
        return sys.stdin.buffer.read(most + 1)
    with Path(name).open("rb") as file:
        return file.read(most + 1)


def _models(called: argparse.Namespace) -> int:
    from nordlotse.readiness.core import catalogue
    from nordlotse.readiness.core.listing import company_questions, listed

    form = catalogue.questions()
    models = [listed(model, form) for model in catalogue.shipped_models().values()]
    if called.json:
        _print({"models": models, "company": company_questions(form, catalogue.COMPANY), "form_hash": form.hash})
        return 0
    for model in models:
        sys.stdout.write(f"\n{model['id']}  {model['title'][called.lang]}  ({model['minutes']} min)\n")
        for dimension in model["dimensions"]:
            sys.stdout.write(f"  {dimension['id']}: {dimension['label'][called.lang]}\n")
            sys.stdout.writelines(f"    {i['id']}: {i['label'][called.lang]}\n" for i in dimension["items"])
    return 0


def _form(called: argparse.Namespace) -> int:
    from nordlotse.foundation.questionnaire.sheets import write_workbook
    from nordlotse.readiness.core import catalogue

    out = Path(called.out)
    if out.suffix.lower() != ".xlsx":
        raise WrongCall(
            "out_not_xlsx",
            de="Die Ausgabe muss auf .xlsx enden.",
            en="The output must end in .xlsx.",
            where=str(out),
            remedy_de="Zum Beispiel: --out fragen.xlsx",
            remedy_en="For example: --out questions.xlsx",
        )
    form = catalogue.form_for([called.model])
    out.write_bytes(write_workbook(form))
    sys.stderr.write(f"{out}: {len(form.questions)} questions\n")
    return 0


def _compile(called: argparse.Namespace) -> int:
    from nordlotse.readiness.core.own import MAX_BYTES, compile_file

    name = Path(called.file).name
    made = compile_file(name, _bytes(called.file, MAX_BYTES))
    if called.json:
        _print(made.as_dict(name))
    for finding in made.findings:
        place = finding.place.get(called.lang)
        remedy = f" {finding.remedy.get(called.lang)}" if finding.remedy.get(called.lang) else ""
        sys.stderr.write(f"{finding.severity}: {place}: {finding.message.get(called.lang)}{remedy} [{finding.code}]\n")
    if made.form is None:
        return 3
    if not called.json:
        model = f"model {made.model.id}" if made.model else "no model"
        sys.stderr.write(f"{name}: {len(made.form.questions)} questions, {model}\n")
    return 0


def _score(called: argparse.Namespace) -> int:
    from nordlotse.readiness.core import catalogue
    from nordlotse.readiness.core.assess import as_dict

    if called.answers is None and len(called.model) > 1:
        # `--model own FILE`: what comes last is the file
        called.answers = called.model.pop()
    if called.answers is None:
        raise WrongCall(
            "answers_missing",
            de="Es fehlt die Datei mit den Antworten.",
            en="The file of answers is missing.",
            where="score",
            remedy_de="Zum Beispiel: nordlotse readiness score antworten.json --json",
            remedy_en="For example: nordlotse readiness score answers.json --json",
        )
    models, form = _on_offer(called.form)
    wanted = [name for given in called.model for name in given.split(",") if name]
    chosen = catalogue.chosen(wanted, models) if wanted else dict(models)
    found = _assessed(called.answers, models, chosen, form)
    scores = {name: as_dict(score, called.lang) for name, score in found.scores.items()}
    if called.json:
        _print(scores)
        return 0
    for name, score in scores.items():
        sys.stdout.write(
            f"{name}: total {score['total']}, level {score['level']} ({score['lower']} to {score['upper']})\n"
        )
        sys.stdout.writelines(f"  {dimension}: {value}\n" for dimension, value in score["dimensions"].items())
        sys.stdout.writelines(f"  → {b['item']}: {b['reason']}\n" for b in score["blocking"])
    return 0


def _on_offer(own: str | None) -> tuple[Mapping[str, MaturityModel], Form]:
    """The shipped models and their questions, with a model of one's own from a file if one is named."""
    from nordlotse.readiness.core import catalogue
    from nordlotse.readiness.core.own import MAX_BYTES, compile_file, joined

    models, form = catalogue.shipped_models(), catalogue.questions()
    if own is None:
        return models, form
    name = Path(own).name
    made = compile_file(name, _bytes(own, MAX_BYTES)).needed(name)
    return {**models, made.model.id: made.model}, joined(form, [made.form])


def _assessed(
    file: str, models: Mapping[str, MaturityModel], chosen: Mapping[str, MaturityModel], form: Form
) -> Assessment:
    from nordlotse.readiness.core.answers_file import MAX_BYTES, read_json, refuse_mends
    from nordlotse.readiness.core.assess import assess, read_document

    document = read_json(_bytes(file, MAX_BYTES), file)
    found = assess(read_document(document, models, file), chosen, form)
    for mend in found.filled.mends[1:]:
        sys.stderr.write(f"{file}, answers.{mend.question}: {mend.message.en} {mend.remedy.en}\n")
    refuse_mends(found.filled.mends, file)
    return found


def _plan(called: argparse.Namespace) -> int:
    from nordlotse.readiness.core import catalogue
    from nordlotse.readiness.core.fitting import before_all
    from nordlotse.readiness.core.measure import Goal
    from nordlotse.readiness.core.measures import shipped_measures
    from nordlotse.readiness.core.planning import as_dict, plan

    goal = Goal(target=called.target or "", budget=_euros(called.budget), days=_days(called.days))
    models, form = _on_offer(called.form)
    chosen = catalogue.chosen([called.model], models)
    assessed = _assessed(called.answers, models, chosen, form)
    answers = assessed.filled.answers
    employees = answers.get("employees")
    with _stdout_kept():
        found = plan(
            chosen[called.model],
            answers,
            goal,
            shipped_measures(),
            employees=employees if isinstance(employees, int) else None,
            hidden=assessed.hidden,
            form=form,
            without=_struck(called.without),
        )
    known = employees if isinstance(employees, int) else None
    first = before_all(answers, shipped_measures(), employees=known)
    shown = as_dict(found, called.lang) | {"first": [m.id for m in first]}
    if called.json:
        _print(shown)
        return 0
    sys.stdout.writelines(f"! {m.title.get(called.lang)}\n" for m in first)
    for step in shown["steps"]:
        cost = step["cost_eur"]
        sys.stdout.write(f"{step['number']}. {step['title']} ({cost['low']}–{cost['likely']}–{cost['high']} EUR)\n")
        sys.stdout.write(f"   {step['reason']}\n")
    cost = shown["total_cost_eur"]
    sys.stdout.write(f"{cost['low']}–{cost['likely']}–{cost['high']} EUR; reached: {shown['reached']}\n")
    return 0


def _struck(named: Sequence[str]) -> frozenset[str]:
    """Return the measures struck out, refusing what is none: a slip would silently change nothing."""
    from nordlotse.readiness.core.measures import shipped_measures

    known = {m.id for m in shipped_measures()}
    for name in named:
        if name not in known:
            raise WrongCall(
                "measure_unknown",
                de=f"Die Maßnahme „{name[:40]}“ gibt es nicht.",
                en=f"There is no measure “{name[:40]}”.",
                where="--without",
                remedy_de="Die Kennungen stehen bei den Schritten eines Plans (--json).",
                remedy_en="The ids stand with the steps of a plan (--json).",
            )
    return frozenset(named)


@contextlib.contextmanager
def _stdout_kept() -> Iterator[None]:
    """Send what C code prints to stderr meanwhile: the solver now and then writes lines of its own among our JSON.

    The C library holds back what it prints into a pipe, so its buffers are written out before stdout is itself again.
    """
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        os.dup2(2, 1)
        yield
    finally:
        with contextlib.suppress(OSError, TypeError):  # no such library by this name on Windows
            ctypes.CDLL(None).fflush(None)
        os.dup2(kept, 1)
        os.close(kept)


def _days(written: str | None) -> float | None:
    if written is None:
        return None
    typed = written.strip().replace(",", ".")
    if not re.fullmatch(r"\d{1,4}(\.[05])?", typed, re.ASCII):
        raise WrongCall(
            "days",
            de=f"„{written[:40]}“ sind keine ganzen oder halben Tage.",
            en=f"“{written[:40]}” is no number of whole or half days.",
            where="--days",
            remedy_de="Zum Beispiel: --days 3 oder --days 0.5",
            remedy_en="For example: --days 3 or --days 0.5",
        )
    return float(typed) if float(typed) % 1 else int(float(typed))


#: Whole euros, with points between thousands or without: "5.5" and "5000.00" are no such amounts.
_EUROS = re.compile(r"\d{1,12}|\d{1,3}(?:[. ]\d{3}){1,3}", re.ASCII)


def _euros(written: str | None) -> int | None:
    if written is None:
        return None
    digits = written.strip().removesuffix("EUR").removesuffix("€").strip()
    if not _EUROS.fullmatch(digits):
        raise WrongCall(
            "budget",
            de=f"„{written[:40]}“ ist kein Betrag in ganzen Euro.",
            en=f"“{written[:40]}” is not an amount in whole euros.",
            where="--budget",
            remedy_de="Zum Beispiel: --budget 5000",
            remedy_en="For example: --budget 5000",
        )
    return int(digits.replace(".", "").replace(" ", ""))
