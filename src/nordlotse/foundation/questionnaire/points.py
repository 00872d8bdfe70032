"""What is wrong with the points of a form: scores, weights, levels, dimensions; each finding with place and remedy."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from nordlotse.foundation.questionnaire.finding import Findings
from nordlotse.foundation.questionnaire.form import NOT_APPLICABLE, Choice, Form, Kind, Question

#: Weights may miss 100 by so much: thirds are written with two decimals.
_SLACK: Final = 0.05

_SELECTS: Final = (Kind.SELECT_ONE, Kind.SELECT_MULTIPLE)


class Points(Findings):
    """Looks at choices, levels and dimensions; the rows of choices (list, name) and of others (sheet, name) are for the places alone."""

    def __init__(
        self, form: Form, choice_rows: Mapping[tuple[str, str], int], other_rows: Mapping[tuple[str, str], int]
    ) -> None:
        """Take the form and where its rows stand."""
        super().__init__()
        self.form, self.choice_rows, self.other_rows = form, choice_rows, other_rows

    def choices(self) -> None:
        """Tell choices that cannot give points as they stand."""
        for q in self.form.questions:
            if q.kind in _SELECTS and q.dimension and q.choices:
                self.scores(q)
            if q.kind is Kind.SELECT_ONE and any(c.exclusive for c in q.choices):
                self.tell(
                    "exclusive_unused",
                    "note",
                    "survey",
                    q.row,
                    "type",
                    (
                        "exclusive wirkt nur, wo mehrere Kreuze möglich sind.",
                        "exclusive matters only where several ticks are possible.",
                    ),
                )
            if q.dimension and q.kind not in _SELECTS:
                self.tell(
                    "dimension_unused",
                    "warning",
                    "survey",
                    q.row,
                    "dimension",
                    ("Punkte gibt es nur für Fragen mit Auswahl.", "Only questions with choices give points."),
                    ("Bitte dimension hier leeren.", "Clear dimension here."),
                )

    def scores(self, q: Question) -> None:
        """Tell scores that are missing, out of range, or all nothing."""
        top = _top(self.form)
        for c in q.choices:
            row = self.choice_rows.get((q.list_name or q.name, c.name), q.row)
            if problem := _score_problem(q, c, top):
                code, said, remedy = problem
                self.tell(code, "error", "choices", row, "score", said, remedy)
        if not any(c.score for c in q.choices) and all(c.score is not None for c in q.choices):
            self.tell(
                "score_always_zero",
                "error",
                "survey",
                q.row,
                "dimension",
                ("Diese Frage kann keine Punkte geben.", "This question cannot give any points."),
                ("Bitte wenigstens einer Antwort mehr als 0 Punkte geben.", "Give at least one answer more than 0."),
            )

    def levels(self) -> None:
        """Tell levels out of order or out of reach."""
        for before, level in pairwise(self.form.levels):
            if level.lower <= before.lower:
                self.tell(
                    "levels_order",
                    "error",
                    "levels",
                    self.other_rows.get(("levels", level.key), 0),
                    "lower",
                    (
                        f"Die Stufe beginnt bei {level.lower:g}, nicht über der vorigen ({before.lower:g}).",
                        f"The level begins at {level.lower:g}, not above the one before ({before.lower:g}).",
                    ),
                    ("Bitte die Stufen von unten nach oben ordnen.", "Order the levels upwards."),
                )
        self.levels_begin()
        scored = [q for q in self.form.questions if q.dimension and q.kind in _SELECTS]
        top = _number(self.form.settings.get("scale", "")) or max((_best(q) for q in scored), default=None)
        if any(d.aggregate == "sum" for d in self.form.dimensions):
            return
        for level in self.form.levels:
            if top is not None and level.lower > top:
                self.tell(
                    "level_out_of_reach",
                    "error",
                    "levels",
                    self.other_rows.get(("levels", level.key), 0),
                    "lower",
                    (f"Mehr als {top:g} Punkte gibt es nicht.", f"There are no more than {top:g} points."),
                    ("Bitte lower senken.", "Lower it."),
                )

    def levels_begin(self) -> None:
        """Tell where the lowest results have no level, and where levels of a check up to 100 look like shares of 1."""
        if not self.form.levels:
            return
        first, scale = self.form.levels[0], _number(self.form.settings.get("scale", "")) or 0.0
        if first.lower > 0:
            self.tell(
                "levels_from_zero",
                "error",
                "levels",
                self.other_rows.get(("levels", first.key), 0),
                "lower",
                (
                    f"Die erste Stufe beginnt bei {first.lower:g}; ein Betrieb mit weniger Punkten hätte keine Stufe.",
                    f"The first level begins at {first.lower:g}; a company with fewer points would have no level.",
                ),
                (
                    "Bitte bei der ersten Stufe 0 in lower schreiben, oder eine Stufe ab 0 davor setzen.",
                    "Write 0 in lower of the first level, or put a level from 0 before it.",
                ),
            )
        highest = max(level.lower for level in self.form.levels)
        if scale >= 10 and 0 < highest <= 1:
            self.tell(
                "levels_share",
                "warning",
                "levels",
                self.other_rows.get(("levels", self.form.levels[-1].key), 0),
                "lower",
                (
                    f"Alle Stufen beginnen zwischen 0 und 1, die Punkte gehen aber bis {scale:g}.",
                    f"All levels begin between 0 and 1, but points go up to {scale:g}.",
                ),
                (
                    "Waren Prozent gemeint? Dann bitte 40 schreiben, nicht 0,4 oder 40 %.",
                    "Were percent meant? Then write 40, not 0.4 or 40 %.",
                ),
            )

    def dimensions(self) -> None:
        """Tell dimensions without questions, and weights that do not go together."""
        rows = {d.name: d for d in self.form.dimensions}
        scored = [q for q in self.form.questions if q.dimension and q.kind in _SELECTS]
        for q in scored:
            if q.dimension not in rows:
                self.unknown_dimension(q, rows)
        for name, dimension in rows.items():
            row = self.other_rows.get(("dimensions", name), 0)
            inside = [q for q in scored if q.dimension == name]
            if not inside:
                self.tell(
                    "dimension_empty",
                    "error",
                    "dimensions",
                    row,
                    "name",
                    (f"Keine Frage gehört zu „{name[:40]}“.", f"No question belongs to “{name[:40]}”."),
                    (
                        "Bitte den Namen im Blatt survey unter dimension eintragen.",
                        "Enter the name in the sheet survey under dimension.",
                    ),
                )
                continue
            self.ranges(inside, dimension.aggregate, name)
            if dimension.aggregate == "weighted_mean":
                self.weights("survey", inside[0].row, [q.weight for q in inside], name)
            elif any(q.weight is not None for q in inside):
                self.weight_unused(inside, name)
        if rows and _aggregate(self.form) == "weighted_mean":
            first = min((self.other_rows.get(("dimensions", n), 0) for n in rows), default=0)
            self.weights("dimensions", first, [d.weight for d in rows.values()], "")

    def ranges(self, inside: Sequence[Question], aggregate: str, name: str) -> None:
        """Tell where questions of one mean reach differently far: the mean would weight them unseen."""
        if aggregate == "sum" or self.form.settings.get("scale"):
            return
        usual = _best(inside[0])
        for q in inside[1:]:
            if abs(_best(q) - usual) > 1e-9:
                self.tell(
                    "score_ranges_differ",
                    "error",
                    "survey",
                    q.row,
                    "dimension",
                    (
                        f"Diese Frage gibt höchstens {_best(q):g} Punkte, {inside[0].name} aber {usual:g}; „{name[:40]}“ ist ein Mittel daraus.",
                        f"This question gives at most {_best(q):g} points, {inside[0].name} {usual:g}; “{name[:40]}” is their mean.",
                    ),
                    (
                        "Bitte im Blatt settings die Spalte scale mit 100 anlegen: Dann zählt jede Frage bis 100.",
                        "Add a column scale with 100 to the sheet settings: then every question counts up to 100.",
                    ),
                )
                return

    def unknown_dimension(self, q: Question, rows: Mapping[str, object]) -> None:
        """Tell a dimension that is in no row, with the one that may be meant."""
        close = difflib.get_close_matches(q.dimension, rows, 1)
        self.tell(
            "unknown_dimension",
            "error",
            "survey",
            q.row,
            "dimension",
            (f"Die Dimension „{q.dimension[:40]}“ gibt es nicht.", f"There is no dimension “{q.dimension[:40]}”."),
            (
                f"Gemeint ist vielleicht „{close[0]}“." if close else "Bitte sie im Blatt dimensions eintragen.",
                f"Perhaps “{close[0]}” is meant." if close else "Enter it in the sheet dimensions.",
            ),
        )

    def weights(self, sheet: str, row: int, weights: Sequence[float | None], name: str) -> None:
        """Tell weights that do not sum to 100."""
        total = sum(w or 0.0 for w in weights)
        if any(w is None or w <= 0 for w in weights) or abs(total - 100) > _SLACK:
            of_de, of_en = (f" von „{name}“", f" of “{name}”") if name else (" der Dimensionen", " of the dimensions")
            self.tell(
                "weight_sum",
                "error",
                sheet,
                row,
                "weight",
                (f"Die Gewichte{of_de} ergeben {total:g} statt 100.", f"The weights{of_en} sum to {total:g}, not 100."),
                (
                    "Bitte jeder Zeile ein Gewicht über 0 geben; zusammen 100.",
                    "Give every row a weight above 0; 100 together.",
                ),
            )

    def weight_unused(self, inside: Sequence[Question], name: str) -> None:
        """Tell weights that would have no effect."""
        self.tell(
            "weight_unused",
            "warning",
            "survey",
            next(q.row for q in inside if q.weight is not None),
            "weight",
            (f"„{name[:40]}“ rechnet ohne Gewichte.", f"“{name[:40]}” works without weights."),
            (
                "Bitte im Blatt dimensions unter aggregate weighted_mean eintragen oder die Gewichte löschen.",
                "Enter weighted_mean under aggregate in the sheet dimensions, or delete the weights.",
            ),
        )


def _aggregate(form: Form) -> str:
    """How the dimensions come together: as the settings say, else with weights if any are given."""
    told = form.settings.get("aggregate", "")
    return told or ("weighted_mean" if any(d.weight != 1.0 for d in form.dimensions) else "mean")


def _top(form: Form) -> float | None:
    """The most points of one answer, where the settings state it (top)."""
    return _number(form.settings.get("top", ""))


def _best(q: Question) -> float:
    """The most points a question can give: its best answer, or all its ticks together."""
    points = [c.score or 0.0 for c in q.choices]
    return sum(points) if q.kind is Kind.SELECT_MULTIPLE else max(points, default=0.0)


def _number(words: str) -> float | None:
    return float(words.replace(",", ".")) if re.fullmatch(r"[0-9]{1,9}([.,][0-9]{1,6})?", words) else None


def _score_problem(q: Question, c: Choice, top: float | None) -> tuple[str, tuple[str, str], tuple[str, str]] | None:
    name = c.name[:40]
    if c.name == NOT_APPLICABLE:
        return None
    if c.score is None:
        return (
            "score_missing",
            (f"Der Antwort „{name}“ fehlen Punkte.", f"The answer “{name}” has no points."),
            ("Bitte eine Zahl in score schreiben, 0 für keine.", "Write a number in score, 0 for none."),
        )
    if c.score < 0 or (top is not None and c.score > top):
        upto = (f" bis {top:g}", f" to {top:g}") if top is not None else (" aufwärts", " upwards")
        return (
            "score_out_of_range",
            (f"{c.score:g} Punkte liegen außerhalb von 0{upto[0]}.", f"{c.score:g} points are outside 0{upto[1]}."),
            ("Bitte die Punkte ändern.", "Change the points."),
        )
    if c.exclusive and c.score and q.kind is Kind.SELECT_MULTIPLE:
        return (
            "score_exclusive",
            (
                f"„{name}“ heißt „nichts davon“ und gibt keine Punkte.",
                f"“{name}” means “none of these” and gives no points.",
            ),
            ("Bitte 0 in score schreiben.", "Write 0 in score."),
        )
    return None
