"""A centre's own check: a workbook or a YAML file becomes questions and a maturity model without code, or findings with their places.

Three kinds of file are taken: a workbook (survey, choices, levels, dimensions, settings), the same in YAML (settings, questions, lists …), and
the YAML of a model over the common questions, with further questions of its own under `questionnaire`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any, Final

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.questionnaire import rows
from nordlotse.foundation.questionnaire.answering import needed
from nordlotse.foundation.questionnaire.finding import Finding, errors, refuse_wrong
from nordlotse.foundation.questionnaire.form import Form, Question
from nordlotse.foundation.questionnaire.sheets import MAX_BYTES, tables_of_workbook, write_workbook
from nordlotse.foundation.questionnaire.written import load_yaml, tables_of_mapping, without_lines
from nordlotse.readiness.core import catalogue
from nordlotse.readiness.core.from_form import model_of_form
from nordlotse.readiness.core.loading import model_of, read_model
from nordlotse.readiness.core.maturity import MaturityModel
from nordlotse.readiness.core.settings import in_tables, settings_findings
from nordlotse.readiness.core.written import as_tree

__all__ = [
    "MAX_BYTES",
    "Compiled",
    "Usable",
    "clashes_between",
    "compile_file",
    "example_workbook",
    "form_for",
    "joined",
]

#: Ids of the models that ship; an own one needs another.
_TAKEN: Final = frozenset({*catalogue.ORDER, "answers"})


@dataclass(frozen=True, slots=True)
class Usable:
    """A file's questions and its model."""

    form: Form
    model: MaturityModel


@dataclass(frozen=True, slots=True)
class Compiled:
    """What a file became: its questions and model as far as they can be used, and everything found."""

    form: Form | None
    model: MaturityModel | None
    findings: tuple[Finding, ...]

    @property
    def usable(self) -> Usable | None:
        """Return questions and model, None where one of them is missing."""
        return Usable(self.form, self.model) if self.form is not None and self.model is not None else None

    def needed(self, file: str) -> Usable:
        """Return questions and model.

        Raises:
            BadInput: the first error, or that the file holds questions only.
        """
        refuse_wrong(self.findings, file)
        if self.usable is None:
            raise BadInput(
                "no_model",
                de="In der Datei stehen Fragen, aber kein Modell.",
                en="The file holds questions but no model.",
                where=file,
                remedy_de=_NO_MODEL.remedy.de,
                remedy_en=_NO_MODEL.remedy.en,
            )
        return self.usable

    def as_dict(self, file: str) -> dict[str, Any]:
        """Return everything as JSON values: findings, the canonical form and its hash, the model's tree and its hash."""
        return {
            "file": file,
            "ok": not errors(self.findings),
            "findings": [f.as_dict() for f in self.findings],
            "form": self.form.canonical() if self.form else None,
            "form_hash": self.form.hash if self.form else None,
            "model": as_tree(self.model) if self.model else None,
            "model_hash": self.model.hash if self.model else None,
        }


_NO_MODEL: Final = Finding(
    "no_model",
    "note",
    "dimensions",
    0,
    "",
    Text(
        "Ohne die Blätter dimensions und levels entsteht kein Modell.",
        "Without the sheets dimensions and levels there is no model.",
    ),
    Text(
        "Für einen eigenen Check beide Blätter anlegen, wie in der Anleitung.",
        "Add both sheets for a check of your own, as in the guide.",
    ),
)


def compile_file(name: str, data: bytes) -> Compiled:
    """Return what an XLSX or YAML file becomes.

    Raises:
        BadInput: the file is neither, or cannot be opened; what is wrong inside is told in findings.
        TooLarge: more than 2 MB.
    """
    if name.lower().endswith((".csv", ".tsv", ".ods", ".xlsb", ".numbers")):
        raise _other_table(name)
    if data.startswith(b"PK") or name.lower().endswith((".xlsx", ".xlsm", ".xls")):
        return _from_tables(name, rows.compiled(tables_of_workbook(name, data)))
    text = _text(name, data)
    written = load_yaml(text, name)
    if "dimensions" in written and "questions" not in written:
        return _from_model_yaml(name, text, written)
    return _from_tables(name, rows.compiled(list(tables_of_mapping(written, name))))


def _other_table(name: str) -> BadInput:
    return BadInput(
        "own_table_type",
        de="Diese Tabelle hat ein Format, das wir nicht lesen: Ein Check braucht mehrere Blätter.",
        en="This table has a format we do not read: a check needs several sheets.",
        where=name,
        remedy_de="Bitte als .xlsx speichern: im Tabellenprogramm „Speichern unter“, Excel-Arbeitsmappe.",
        remedy_en="Save it as .xlsx: in the spreadsheet program “Save as”, Excel workbook.",
    )


def _text(name: str, data: bytes) -> str:
    try:
        if len(data) > MAX_BYTES or b"\x00" in data:
            raise ValueError
        return data.decode("utf-8-sig")
    except ValueError as error:
        raise BadInput(
            "own_file_type",
            de="Diese Datei lesen wir nicht.",
            en="We do not read this file.",
            where=name,
            remedy_de="Bitte eine XLSX-Tabelle oder YAML in UTF-8 nehmen, höchstens 2 MB.",
            remedy_en="Take an XLSX workbook, or YAML in UTF-8, of at most 2 MB.",
        ) from error


def _from_tables(name: str, made: rows.Compiled) -> Compiled:
    if made.form is None:
        return Compiled(None, None, made.findings)
    form = made.form
    clashes = _clashes(form)
    if not form.dimensions and not form.levels:
        return Compiled(form if not clashes else None, None, (*clashes, *made.findings, _NO_MODEL))
    found = [*clashes, *_name_taken(form.id), *settings_findings(form)]
    if errors(found):
        return Compiled(None, None, (*found, *made.findings))
    try:
        model = model_of_form(form, name)
    except BadInput as problem:
        found.append(in_tables(problem, name, form))
        return Compiled(None, None, (*found, *made.findings))
    usable = not errors(found)
    return Compiled(form if usable else None, model if usable else None, (*found, *made.findings))


def _from_model_yaml(name: str, text: str, written: dict[str, Any]) -> Compiled:
    common = catalogue.questions()
    own: Form | None = None
    findings: tuple[Finding, ...] = ()
    if "questionnaire" in written:
        part = written.pop("questionnaire")
        if isinstance(part, dict) and "settings" not in part:
            part["settings"] = {"form_id": str(written.get("id", "")), "version": str(written.get("version", "1"))}
        made = rows.compiled(list(tables_of_mapping(part, f"{name} questionnaire")))
        if made.form is None:
            return Compiled(None, None, made.findings)
        own, findings = made.form, (*_clashes(made.form), *made.findings)
    try:
        asked = joined(common, [own] if own else [])
        tree = without_lines(written)
        model = model_of(tree, name, asked) if own else read_model(text, name, common)
    except BadInput as problem:
        return Compiled(None, None, (_told(problem), *findings))
    findings = (*_name_taken(model.id), *findings)
    if errors(findings):
        return Compiled(None, None, findings)
    names = [*model.questions, *(q.name for q in own.questions)] if own else list(model.questions)
    return Compiled(_subset(asked, names, model), model, findings)


def _subset(form: Form, names: Iterable[str], model: MaturityModel) -> Form:
    kept = set(needed(form, names))
    asked = tuple(q for q in form.questions if q.name in kept)
    groups = {q.group for q in asked}
    shown = tuple(g for g in form.groups if g.name in groups)
    return Form(model.id, model.version, model.title, asked, shown)


def _told(problem: BadInput) -> Finding:
    place = problem.where.partition(" ")
    return Finding(
        problem.code,
        "error",
        place[2] or place[0],
        0,
        "",
        Text(problem.message_de, problem.message_en),
        Text(problem.remedy_de, problem.remedy_en),
    )


def _name_taken(name: str) -> list[Finding]:
    if name not in _TAKEN:
        return []
    return [
        Finding(
            "model_id_taken",
            "error",
            "settings",
            0,
            "form_id",
            Text(f"„{name}“ heißt schon ein Modell, das mitkommt.", f"“{name}” is the name of a model that ships."),
            Text("Bitte einen eigenen Namen wählen.", "Choose a name of your own."),
        )
    ]


def _clashes(form: Form) -> list[Finding]:
    return clashes_between(form, [catalogue.questions()])


def clashes_between(form: Form, others: Sequence[Form]) -> list[Finding]:
    """Return the questions that have the name of another form's question but are not the same: one answer cannot serve both."""
    taken = {q.name: q for other in others for q in other.questions}
    return [
        Finding(
            "question_name_taken",
            "error",
            "survey",
            q.row,
            "name",
            Text(
                f"„{q.name}“ heißt schon eine Frage, mit anderer Art oder anderen Antworten.",
                f"“{q.name}” is a question already, of another type or with other choices.",
            ),
            Text(
                "Bitte umbenennen, oder Art und Namen der Antworten von dort übernehmen; dann gilt eine Antwort für beide.",
                "Rename it, or take over its type and the names of its choices; then one answer serves both.",
            ),
        )
        for q in form.questions
        if q.name in taken and not _same(q, taken[q.name])
    ]


def _same(one: Question, other: Question) -> bool:
    return one.kind is other.kind and {c.name for c in one.choices} == {c.name for c in other.choices}


def joined(common: Form, forms: Sequence[Form]) -> Form:
    """Return the common questions with those of own forms after them, each name once (the first one stays)."""
    questions, groups = list(common.questions), list(common.groups)
    taken = {q.name for q in questions}
    for form in forms:
        begun = {g.name for g in groups}
        # a group of an own form may have the name of another one, but never its heading and condition
        renamed = {g.name: _free(g.name, form.id, begun | taken) for g in form.groups}
        fresh = [replace(q, group=renamed.get(q.group, "")) for q in form.questions if q.name not in taken]
        used = {q.group for q in fresh}
        groups += [replace(g, name=renamed[g.name]) for g in form.groups if renamed[g.name] in used]
        questions += fresh
        taken |= {q.name for q in fresh}
    return replace(common, questions=tuple(questions), groups=tuple(groups))


def _free(name: str, prefix: str, taken: set[str]) -> str:
    return name if name not in taken else f"{prefix}_{name}"


def form_for(models: Sequence[MaturityModel], own: Mapping[str, Form]) -> Form:
    """Return the questions of models, each once, with those about the company; `own` are the forms of own models by id.

    An own form is asked whole, also its questions without points; where its questions are common ones, the common wording is asked.
    """
    forms = [own[m.id] for m in models if m.id in own]
    if not forms:
        return catalogue.form_for(list(models))
    form = joined(catalogue.questions(), forms)
    names = [name for m in models for name in m.questions]
    names += [q.name for f in forms for q in f.questions]
    names += [q.name for q in form.questions if q.group == catalogue.COMPANY]
    kept = set(needed(form, names))
    asked = tuple(q for q in form.questions if q.name in kept)
    groups = {q.group for q in asked}
    return replace(form, questions=asked, groups=tuple(g for g in form.groups if g.name in groups))


def example_workbook() -> bytes:
    """Return a small complete check as XLSX, to be changed: the template of the desk and the example of docs/own-checks.md."""
    name = "example_check.yaml"
    text = (resources.files("nordlotse.readiness.core") / "data" / name).read_text("utf-8")
    return write_workbook(rows.read_form(text, name))
