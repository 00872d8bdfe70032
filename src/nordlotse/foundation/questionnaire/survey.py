"""The sheet survey becomes questions and groups; a type, a list or an end that cannot be is told with its row and remedy."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Final

from nordlotse.foundation.questionnaire.cells import Cells, Row
from nordlotse.foundation.questionnaire.form import Choice, Group, Kind, Question

#: Rows that devices fill in by themselves; nothing is asked, so they are left out.
_METADATA: Final = frozenset(
    {"start", "end", "today", "deviceid", "username", "phonenumber", "email", "audit", "simserial", "subscriberid"}
)


class Survey:
    """Reads the rows of the sheet; `cells` reads their cells and keeps what is found, `lists` are the answers by their list.

    `any_choices`: whether the sheet choices holds anything at all.
    """

    def __init__(
        self, cells: Cells, rows: Sequence[Row], lists: Mapping[str, tuple[Choice, ...]], *, any_choices: bool
    ) -> None:
        """Take the rows and the lists they may name."""
        self.cells, self.rows, self.lists, self.any_choices = cells, rows, lists, any_choices

    def read(self) -> tuple[list[Question], list[Group]]:
        """Return the questions in their order, and the groups that hold any."""
        questions: list[Question] = []
        groups: list[Group] = []
        open_groups: list[tuple[Group, Row]] = []
        for row in self.rows:
            kind = " ".join(row.get("type").split())
            if kind.lower().replace(" ", "_") == "begin_group":
                group = self._group(row, open_groups[-1][0] if open_groups else None)
                open_groups.append((group, row))
                groups.append(group)
            elif kind.lower().replace(" ", "_") == "end_group":
                if not open_groups:
                    self.cells.wrong(
                        row,
                        "type",
                        "group_end",
                        ("Hier endet eine Gruppe, die nicht begonnen hat.", "A group ends here that did not begin."),
                        (
                            "Bitte diese Zeile löschen oder begin_group ergänzen.",
                            "Delete this row, or add begin_group.",
                        ),
                    )
                else:
                    open_groups.pop()
            elif kind.lower() in _METADATA:
                self.cells.tell(
                    "metadata",
                    "note",
                    "survey",
                    row.number,
                    row.heading("type"),
                    (f"„{kind}“ wird nicht gefragt und ausgelassen.", f"“{kind}” is not asked and left out."),
                )
            elif (question := self._question(row, kind, open_groups[-1][0].name if open_groups else "")) is not None:
                questions.append(question)
        for group, row in open_groups:
            self.cells.wrong(
                row,
                "type",
                "group_open",
                (f"Die Gruppe „{group.name[:40]}“ endet nicht.", f"The group “{group.name[:40]}” does not end."),
                (
                    "Bitte nach ihrer letzten Frage eine Zeile end_group einfügen.",
                    "Add a row end_group after its last question.",
                ),
            )
        used = {q.group for q in questions}
        return questions, [g for g in groups if g.name in used]

    def _group(self, row: Row, outer: Group | None) -> Group:
        relevant = row.get("relevant")
        if outer is not None and outer.relevant:
            # a group in a group is asked where both conditions hold
            relevant = f"({outer.relevant}) and ({relevant})" if relevant else outer.relevant
        return Group(self.cells.name(row), self.cells.said(row, "label"), relevant, row.number)

    def _question(self, row: Row, written: str, group: str) -> Question | None:
        first, _, rest = written.partition(" ")
        kind = next((k for k in Kind if k.value == first.lower()), None)
        if kind is None:
            self._unknown_type(row, written)
            return None
        choices: tuple[Choice, ...] = ()
        if kind in (Kind.SELECT_ONE, Kind.SELECT_MULTIPLE):
            rest = rest.removesuffix(" or_other").strip()
            choices = self.lists.get(rest, ())
            if not self.any_choices:
                self._choices_missing()
            elif not choices:
                self._unknown_list(row, rest)
        elif rest:
            self._unknown_type(row, written)
        return Question(
            name=self.cells.name(row),
            kind=kind,
            label=self.cells.said(row, "label"),
            hint=self.cells.said(row, "hint"),
            choices=choices,
            list_name=rest if choices else "",
            group=group,
            relevant=row.get("relevant"),
            constraint=row.get("constraint"),
            constraint_message=self.cells.said(row, "constraint_message"),
            required=self.cells.flag(row, "required"),
            calculation=row.get("calculation"),
            dimension=row.get("dimension"),
            weight=self.cells.number(row, "weight"),
            benchmark=row.get("benchmark"),
            source=row.get("source"),
            action=row.get("action"),
            row=row.number,
        )

    def _unknown_type(self, row: Row, written: str) -> None:
        known = [k.value for k in Kind] + ["begin_group", "end_group"]
        close = difflib.get_close_matches(written.partition(" ")[0].lower()[:40], known, 1)
        listed = ", ".join(known)
        self.cells.wrong(
            row,
            "type",
            "unknown_type" if written else "type_missing",
            (f"Die Art „{written[:40]}“ nehmen wir nicht.", f"We do not take the type “{written[:40]}”."),
            (
                (f"Gemeint ist vielleicht {close[0]}. " if close else "") + f"Möglich sind: {listed}.",
                (f"Perhaps {close[0]} is meant. " if close else "") + f"Possible are: {listed}.",
            ),
        )

    def _choices_missing(self) -> None:
        if any(f.code == "choices_missing" for f in self.cells.findings):
            return
        self.cells.tell(
            "choices_missing",
            "error",
            "choices",
            0,
            "",
            (
                "Das Blatt choices fehlt oder ist leer; dort stehen die Antworten.",
                "The sheet choices, which holds the answers, is missing or empty.",
            ),
            (
                "Bitte ein Blatt mit dem Namen choices anlegen: list_name, name, label::Deutsch (de), score.",
                "Add a sheet named choices: list_name, name, label::Deutsch (de), score.",
            ),
        )

    def _unknown_list(self, row: Row, name: str) -> None:
        close = difflib.get_close_matches(name[:40], self.lists, 1)
        said = (
            (
                f"Die Liste „{name[:40]}“ gibt es im Blatt choices nicht.",
                f"There is no list “{name[:40]}” in the sheet choices.",
            )
            if name
            else ("Hier fehlt der Name der Liste.", "The name of the list is missing here.")
        )
        remedy = (
            (f"Gemeint ist vielleicht „{close[0]}“.", f"Perhaps “{close[0]}” is meant.")
            if close
            else (
                "Bitte die Antworten im Blatt choices unter diesem list_name eintragen.",
                "Enter the answers in the sheet choices under this list_name.",
            )
        )
        self.cells.wrong(row, "type", "unknown_list", said, remedy)
