"""What is wrong with a form as a whole: formulas, names, languages, weights, scores, levels; each finding with place and remedy."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.questionnaire.expression import Expression, parse
from nordlotse.foundation.questionnaire.finding import Finding, Findings
from nordlotse.foundation.questionnaire.form import Form, Group, Kind, Question
from nordlotse.foundation.questionnaire.points import Points
from nordlotse.foundation.questionnaire.reaching import can_hold

#: Texts whose headings have no colons, because XLSForm's own tools would stumble over them.
_FLAT: Final = frozenset({("levels", "text"), ("choices", "hint")})

#: Most parts of all formulas of a form together: what one filling may cost.
MOST_PARTS: Final = 20_000


def check(
    form: Form,
    choice_rows: Mapping[tuple[str, str], int] | None = None,
    other_rows: Mapping[tuple[str, str], int] | None = None,
) -> list[Finding]:
    """Return what is wrong with a form. The rows of choices (list, name) and of levels, dimensions and groups (sheet, name) are for
    the places alone.
    """
    checker = _Checker(form, choice_rows or {}, other_rows or {})
    checker.names()
    checker.languages()
    formulas = checker.formulas()
    checker.references(formulas)
    if not checker.circles(formulas):
        checker.reachable(formulas)
    points = Points(form, checker.choice_rows, checker.other_rows)
    points.choices()
    points.levels()
    points.dimensions()
    return checker.findings + points.findings


class _Formula:
    """A formula of a row: what it is for, what was read of it."""

    def __init__(self, row: Question | Group, column: str, read: Expression) -> None:
        self.row, self.column, self.read = row, column, read


class _Checker(Findings):
    def __init__(
        self, form: Form, choice_rows: Mapping[tuple[str, str], int], other_rows: Mapping[tuple[str, str], int]
    ) -> None:
        super().__init__()
        self.form, self.choice_rows, self.other_rows = form, choice_rows, other_rows
        self.place = {q.name: n for n, q in enumerate(form.questions)}
        self.rows: tuple[Question | Group, ...] = (*form.groups, *form.questions)

    # -- names and languages --

    def names(self) -> None:
        seen: dict[str, int] = {}
        for row in self.rows:
            if row.name and row.name in seen:
                self.tell(
                    "double_name",
                    "error",
                    "survey",
                    row.row,
                    "name",
                    (
                        f"Den Namen „{row.name[:40]}“ gibt es schon in Zeile {seen[row.name]}.",
                        f"The name “{row.name[:40]}” is taken by row {seen[row.name]}.",
                    ),
                    ("Bitte eine der beiden Zeilen umbenennen.", "Rename one of the rows."),
                )
            seen.setdefault(row.name, row.row)

    def languages(self) -> None:
        """Labels are there in both languages (the reader has copied the only one of a form with one language), and say the same."""
        form = self.form
        for group in form.groups:
            self.said("survey", group.row, "label", group.label, needed=False)
        lists: dict[str, Question] = {}
        for q in form.questions:
            if q.kind is not Kind.CALCULATE:
                self.said("survey", q.row, "label", q.label, needed=True)
            self.said("survey", q.row, "hint", q.hint, needed=False)
            self.said("survey", q.row, "constraint_message", q.constraint_message, needed=False)
            lists.setdefault(q.list_name or q.name, q)
        for name, q in lists.items():
            for choice in q.choices:
                row = self.choice_rows.get((name, choice.name), q.row)
                self.said("choices", row, "label", choice.label, needed=True)
                self.said("choices", row, "hint", choice.hint, needed=False)
        for level in form.levels:
            row = self.other_rows.get(("levels", level.key), 0)
            self.said("levels", row, "label", level.label, needed=True)
            self.said("levels", row, "text", level.text, needed=False)
        for dimension in form.dimensions:
            row = self.other_rows.get(("dimensions", dimension.name), 0)
            self.said("dimensions", row, "label", dimension.label, needed=True)

    def said(self, sheet: str, row: int, column: str, text: Text, *, needed: bool) -> None:
        if bool(text.de) != bool(text.en):
            missing, name_de, name_en = ("en", "Englisch", "English") if text.de else ("de", "Deutsch", "German")
            self.tell(
                "translation_missing",
                "error" if needed else "warning",
                sheet,
                row,
                f"{column}_{missing}"
                if (sheet, column) in _FLAT
                else f"{column}::{'English' if missing == 'en' else 'Deutsch'} ({missing})",
                (f"Hier fehlt der Text auf {name_de}.", f"The text in {name_en} is missing here."),
                (
                    f"Bitte übersetzen: „{(text.de or text.en)[:60]}“.",
                    f"Translate it: “{(text.de or text.en)[:60]}”.",
                ),
            )
        elif needed and not text.de:
            self.tell(
                "label_missing",
                "error",
                sheet,
                row,
                column,
                ("Hier fehlt der Text.", "The text is missing here."),
                ("Bitte einen Text eintragen.", "Enter a text."),
            )
        elif text.de and text.de != text.en and _figures(text.de) != _figures(text.en):
            self.tell(
                "figures_differ",
                "warning",
                sheet,
                row,
                column,
                (
                    "Die Zahlen im deutschen und im englischen Text sind verschieden.",
                    "The figures in the German and the English text differ.",
                ),
                ("Bitte beide Texte vergleichen.", "Compare the two texts."),
            )

    # -- formulas --

    def formulas(self) -> list[_Formula]:
        found: list[_Formula] = []
        for row in self.rows:
            for column, source, own in _written(row):
                try:
                    read = parse(source, own, f"{row.name}: {column}")
                except BadInput as wrong:
                    said, remedy = (wrong.message_de, wrong.message_en), (wrong.remedy_de, wrong.remedy_en)
                    self.tell(wrong.code, "error", "survey", row.row, column, said, remedy)
                    continue
                found.append(_Formula(row, column, read))
        for q in self.form.questions:
            self.calculation(q)
        if sum(f.read.parts for f in found) > MOST_PARTS:
            self.tell(
                "formulas_too_large",
                "error",
                "survey",
                0,
                "",
                (
                    f"Alle Formeln zusammen haben mehr als {MOST_PARTS} Teile.",
                    f"All formulas together have more than {MOST_PARTS} parts.",
                ),
                ("Bitte das Formular teilen.", "Split the form."),
            )
        return found

    def calculation(self, q: Question) -> None:
        if q.kind is Kind.CALCULATE and not q.calculation:
            self.tell(
                "calculation_missing",
                "error",
                "survey",
                q.row,
                "calculation",
                ("Hier fehlt die Formel.", "The formula is missing here."),
                ("Bitte calculation ausfüllen oder die Zeile löschen.", "Fill in calculation, or delete the row."),
            )
        elif q.kind is not Kind.CALCULATE and q.calculation:
            self.tell(
                "calculation_unused",
                "warning",
                "survey",
                q.row,
                "calculation",
                ("Eine Formel rechnet nur in einer Zeile calculate.", "A formula works in a row calculate only."),
                ("Bitte eine eigene Zeile calculate anlegen.", "Add a row calculate of its own."),
            )

    def references(self, formulas: Sequence[_Formula]) -> None:
        for formula in formulas:
            row, last = formula.row, formula.row.name
            place = self.place.get(row.name, self._first_of(row))
            for name in formula.read.references:
                if name not in self.place:
                    self.undefined(row, formula.column, name)
                elif formula.column == "relevant" and self.place[name] > place:
                    self.tell(
                        "forward_reference",
                        "warning",
                        "survey",
                        row.row,
                        formula.column,
                        (
                            f"${{{name}}} wird erst nach {last} gefragt.",
                            f"${{{name}}} is asked only after {last}.",
                        ),
                        ("Bitte die Frage vorher stellen.", "Ask that question before."),
                    )
                elif self.form.questions[self.place[name]].kind is Kind.NOTE:
                    self.undefined(row, formula.column, name)

    def _first_of(self, row: Question | Group) -> int:
        inside = [self.place[q.name] for q in self.form.questions if q.group == row.name]
        return min(inside, default=len(self.place))

    def undefined(self, row: Question | Group, column: str, name: str) -> None:
        close = difflib.get_close_matches(name, self.place, 1)
        self.tell(
            "undefined_reference",
            "error",
            "survey",
            row.row,
            column,
            (
                f"Die Frage ${{{name[:40]}}} gibt es nicht oder sie nimmt keine Antwort an.",
                f"There is no question ${{{name[:40]}}}, or it takes no answer.",
            ),
            (
                f"Gemeint ist vielleicht ${{{close[0]}}}." if close else "Bitte den Namen prüfen.",
                f"Perhaps ${{{close[0]}}} is meant." if close else "Check the name.",
            ),
        )

    def circles(self, formulas: Sequence[_Formula]) -> bool:
        """Tell of a question that depends on itself; return whether there is one."""
        depends: dict[str, set[str]] = {q.name: set() for q in self.form.questions}
        inside: dict[str, list[str]] = {}
        for q in self.form.questions:
            inside.setdefault(q.group, []).append(q.name)
        for formula in formulas:
            if formula.column == "constraint":
                continue
            names = inside.get(formula.row.name, []) if isinstance(formula.row, Group) else [formula.row.name]
            for name in names:
                depends[name] |= depends.keys() & set(formula.read.references)
        path = _circle(depends)
        if not path:
            return False
        shown = " → ".join(path[:8])
        question = self.form.by_name[path[0]]
        column = "calculation" if question.kind is Kind.CALCULATE else "relevant"
        self.tell(
            "circle",
            "error",
            "survey",
            question.row,
            column,
            (f"Diese Formeln hängen im Kreis voneinander ab: {shown}.", f"These formulas form a circle: {shown}."),
            ("Bitte eine der Bedingungen entfernen.", "Remove one of the conditions."),
        )
        return True

    def reachable(self, formulas: Sequence[_Formula]) -> None:
        """Tell of conditions that no answers can meet, so that a question is never asked."""
        never: set[str] = set()
        gates = {f.row.name: f for f in formulas if f.column == "relevant"}
        for q in self.form.questions:
            for gate in (gates.get(q.group), gates.get(q.name)):
                if gate is not None and not can_hold(gate.read, self.form, never):
                    never.add(q.name)
                    if gate.row.name not in never or gate.row is q:
                        self.unreachable(gate)
                    never.add(gate.row.name)

    def unreachable(self, gate: _Formula) -> None:
        self.tell(
            "unreachable",
            "error",
            "survey",
            gate.row.row,
            "relevant",
            (
                "Diese Bedingung ist bei keiner Antwort erfüllt; hier wird nie gefragt.",
                "No answer meets this condition; nothing is ever asked here.",
            ),
            (
                "Bitte die Namen der Antworten und die Zahlen in der Bedingung prüfen.",
                "Check the names of answers and the figures in the condition.",
            ),
        )


def _written(row: Question | Group) -> Iterator[tuple[str, str, str]]:
    if row.relevant:
        yield "relevant", row.relevant, ""
    if isinstance(row, Question) and row.constraint:
        yield "constraint", row.constraint, row.name
    if isinstance(row, Question) and row.kind is Kind.CALCULATE and row.calculation:
        yield "calculation", row.calculation, ""


def _figures(words: str) -> list[str]:
    return sorted(
        re.sub(r"[.,](?=[0-9]{3}\b)", "", f).replace(",", ".") for f in re.findall(r"[0-9]+(?:[.,][0-9]+)*", words)
    )


def _circle(depends: Mapping[str, set[str]]) -> list[str]:
    """Return the names of a circle, the first again at the end; empty if there is none."""
    done: set[str] = set()
    for start in depends:
        path: list[str] = []
        waiting: list[tuple[str, int]] = [(start, 0)]
        while waiting:
            name, depth = waiting.pop()
            del path[depth:]
            if name in path:
                return [*path[path.index(name) :], name]
            if name in done:
                continue
            path.append(name)
            following = sorted(depends[name])
            if not following:
                done.add(name)
            waiting += [(other, depth + 1) for other in following]
        done.add(start)
    return []
