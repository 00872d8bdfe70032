"""What is wrong with the sheet `settings` of a centre's own check, and errors of its model told at a place of the table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.questionnaire.finding import Finding, Severity
from nordlotse.foundation.questionnaire.form import Form

#: The one row of the sheet that holds values.
_ROW: Final = 2
#: Settings that take one of a few words.
_WORDS: Final = {
    "rounding": ("none", "half_up"),
    "missing": ("undetermined_with_bounds", "zero", "skip"),
    "not_applicable": ("skip", "zero"),
}
#: Texts of the settings: what stands where they are left out.
_TEXTS: Final = {
    "about": Text("Auf der Startseite steht dann nur der Titel.", "The start page then shows the title only."),
    "limits": Text(
        "Dann steht dort: eigener Check, nicht wissenschaftlich geprüft.",
        "It then says: a check of our own, not scientifically validated.",
    ),
}
_NUMBER = re.compile(r"[1-9][0-9]{0,5}([.,][0-9]{1,4})?")
_LONGEST_ID: Final = 40


def settings_findings(form: Form) -> list[Finding]:
    """Return what is wrong with the settings of a check, and what is missing there."""
    return [*_words(form), *_texts(form), *_numbers(form)]


def _finding(code: str, severity: Severity, column: str, said: tuple[str, str], remedy: tuple[str, str]) -> Finding:
    return Finding(code, severity, "settings", _ROW, column, Text(*said), Text(*remedy))


def _words(form: Form) -> Iterator[Finding]:
    for column, possible in _WORDS.items():
        written = form.settings.get(column, "")
        if written and written not in possible:
            listed = ", ".join(possible)
            yield _finding(
                "setting_unknown",
                "error",
                column,
                (f"„{written[:40]}“ gibt es hier nicht.", f"There is no “{written[:40]}” here."),
                (f"Möglich sind: {listed}.", f"Possible are: {listed}."),
            )


def _texts(form: Form) -> Iterator[Finding]:
    two = any(q.label.de != q.label.en for q in form.questions)
    for column in ("about", "limits", "attribution"):
        de, en = (form.settings.get(f"{column}_{lang}", "") for lang in ("de", "en"))
        if bool(de) != bool(en):
            lacking, name = ("en", ("Englisch", "English")) if de else ("de", ("Deutsch", "German"))
            yield _finding(
                "translation_missing",
                "error" if two else "note",
                f"{column}_{lacking}",
                (f"Hier fehlt der Text auf {name[0]}.", f"The text in {name[1]} is missing here."),
                (f"Bitte übersetzen: „{(de or en)[:60]}“.", f"Translate it: “{(de or en)[:60]}”."),
            )
        elif column in _TEXTS and not de:
            yield _finding(
                "setting_missing",
                "note",
                f"{column}_de",
                (f"Es fehlt {column}_de. {_TEXTS[column].de}", f"{column}_de is missing. {_TEXTS[column].en}"),
                (f"Bitte {column}_de und {column}_en ergänzen.", f"Add {column}_de and {column}_en."),
            )


def _numbers(form: Form) -> Iterator[Finding]:
    for column in ("scale", "minutes"):
        written = form.settings.get(column, "")
        whole = column == "minutes"
        if written and not (written.isdecimal() and len(written) < 4 if whole else _NUMBER.fullmatch(written)):
            yield _finding(
                "not_a_number",
                "error",
                column,
                (f"„{written[:40]}“ ist keine Zahl über 0.", f"“{written[:40]}” is not a number above 0."),
                (
                    f"Bitte eine Zahl schreiben, zum Beispiel {10 if whole else 100}.",
                    f"Write a number, such as {10 if whole else 100}.",
                ),
            )
    if len(form.id) > _LONGEST_ID or "." in form.id:
        yield _finding(
            "form_id",
            "error",
            "form_id",
            (f"„{form.id[:50]}“ taugt nicht als Name des Checks.", f"“{form.id[:50]}” cannot be the check's name."),
            (
                f"Bitte höchstens {_LONGEST_ID} Buchstaben ohne Umlaute, Ziffern, _ und -.",
                f"Use at most {_LONGEST_ID} letters without accents, digits, _ and -.",
            ),
        )


def in_tables(problem: BadInput, file: str, form: Form) -> Finding:
    """Return an error of the model's own reader as a finding at the sheet, row and column that the table has."""
    place = problem.where.removeprefix(file).strip()
    sheet, row, column = _place(place, form)
    said, remedy = Text(problem.message_de, problem.message_en), Text(problem.remedy_de, problem.remedy_en)
    return Finding(problem.code, "error", sheet, row, column, said, remedy)


def _place(place: str, form: Form) -> tuple[str, int, str]:
    if place.startswith(("bands", "dimension_bands")):
        return "levels", 0, "lower" if place.endswith("from") else "key"
    for question in form.questions:
        if re.search(rf"\b{re.escape(question.name)}\b", place):
            return "survey", question.row, "dimension"
    if found := re.match(r"dimensions\[(\d+)\](?: items\[(\d+)\])?", place):
        inside = (
            [q for q in form.questions if q.dimension == form.dimensions[int(found[1])].name] if form.dimensions else []
        )
        if found[2] is not None and int(found[2]) < len(inside):
            return "survey", inside[int(found[2])].row, "dimension"
        return "dimensions", 0, "aggregate"
    if place.split(" ", maxsplit=1)[0] in ("dimensions", "aggregate", *(d.name for d in form.dimensions)):
        return "dimensions", 0, "aggregate"
    return "settings", _ROW, re.sub(r"[^a-z_]", "", place.split(" ", maxsplit=1)[0])
