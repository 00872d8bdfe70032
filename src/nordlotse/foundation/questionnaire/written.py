"""A form written in YAML becomes the tables of a sheet; row numbers are lines of the file.

settings: {form_id, version, title_de, title_en, …}; groups: [{name, de, en, relevant}]; lists: {name: [{name, de, en, hint_de, hint_en, score,
exclusive}]}; questions: [{name, kind, group, list or choices, de, en, hint_de, hint_en, relevant, …}]; levels and dimensions as in the sheets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml

from nordlotse.foundation.problem import BadInput, TooLarge
from nordlotse.foundation.questionnaire.tables import Table

#: Longest file, in characters: 500 questions with all their texts are a third of it.
MAX_YAML: Final = 1_000_000


class _Lines(yaml.SafeLoader):
    """Keeps with every mapping the line on which it begins. Aliases are refused: a few of them make a file endless."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="aliases (*name) are not taken", problem_mark=event.start_mark)
        return super().compose_node(parent, index)


def _mapping(loader: _Lines, node: yaml.MappingNode) -> dict[str, Any]:
    found: dict[str, Any] = {"__line__": node.start_mark.line + 1}
    for key, value in node.value:
        name = str(loader.construct_object(key, deep=True))
        if name in found:
            raise yaml.MarkedYAMLError(problem=f"“{name[:40]}” stands twice", problem_mark=key.start_mark)
        found[name] = loader.construct_object(value, deep=True)
    return found


_Lines.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def tables_of_yaml(text: str, place: str) -> list[Table]:
    """Return the tables of a form written in YAML.

    Raises:
        BadInput: not YAML, or not the layout above; with the line.
        TooLarge: more than a million characters.
    """
    return list(tables_of_mapping(load_yaml(text, place), place))


def without_lines(loaded: Any) -> Any:
    """Return loaded values without the line numbers."""
    if isinstance(loaded, dict):
        return {k: without_lines(v) for k, v in loaded.items() if k != "__line__"}
    return [without_lines(v) for v in loaded] if isinstance(loaded, list) else loaded


def load_yaml(text: str, place: str) -> dict[str, Any]:
    """Return a YAML file of strangers as plain values; every mapping has its line under `__line__`. Aliases and double keys are refused.

    Raises:
        BadInput, TooLarge: as `tables_of_yaml`.
    """
    if len(text) > MAX_YAML:
        raise TooLarge(
            "form_too_large",
            de=f"Die Datei hat mehr als {MAX_YAML} Zeichen.",
            en=f"The file has more than {MAX_YAML} characters.",
            where=place,
            remedy_de="Bitte teilen oder kürzen.",
            remedy_en="Split or shorten it.",
        )
    try:
        loaded = yaml.load(text, Loader=_Lines)  # noqa: S506 - a SafeLoader with line numbers
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise _broken(
            f"{place}:{line}",
            f"Das YAML ist hier nicht lesbar ({error.problem}).",
            f"The YAML cannot be read here ({error.problem}).",
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _broken(place, "Das YAML ist nicht lesbar.", "The YAML cannot be read.") from error
    if not isinstance(loaded, dict):
        raise _broken(place, "Hier steht kein Formular.", "This is not a form.")
    return loaded


def tables_of_mapping(loaded: object, place: str) -> Iterator[Table]:
    """Yield the tables of a form given as plain values (a part of a larger YAML file).

    Raises:
        BadInput: not the layout of a form.
    """
    if not isinstance(loaded, dict):
        raise _broken(place, "Hier steht kein Formular.", "This is not a form.")
    known = {"settings", "groups", "lists", "questions", "levels", "dimensions"}
    for key in loaded:
        if key not in known and key != "__line__":
            raise _broken(
                f"{place} {str(key)[:40]}",
                f"Den Abschnitt „{str(key)[:40]}“ gibt es nicht.",
                f"There is no section “{str(key)[:40]}”.",
            )
    settings = _one(loaded.get("settings") or {}, place, "settings")
    yield _table("settings", [(_line(settings), {_heading("settings", k): _cell(v) for k, v in settings.items()})])
    questions = _many(loaded.get("questions"), place, "questions")
    groups = {_cell(g.get("name")): g for g in _many(loaded.get("groups"), place, "groups")}
    yield _table("survey", _survey(questions, groups, place))
    yield _table("choices", _choices(questions, _one(loaded.get("lists") or {}, place, "lists"), place))
    for sheet in ("levels", "dimensions"):
        rows = _many(loaded.get(sheet), place, sheet)
        yield _table(sheet, [(_line(r), {_heading(sheet, k): _cell(v) for k, v in r.items()}) for r in rows])


def _broken(where: str, de: str, en: str) -> BadInput:
    return BadInput(
        "form_broken",
        de=de,
        en=en,
        where=where,
        remedy_de="Bitte den Aufbau mit dem Beispiel vergleichen.",
        remedy_en="Compare the layout with the example.",
    )


def _one(value: object, place: str, key: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _broken(f"{place} {key}", f"„{key}“ muss eine Zuordnung sein.", f"“{key}” must be a mapping.")
    return value


def _many(value: object, place: str, key: str) -> list[dict[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
        raise _broken(
            f"{place} {key}", f"„{key}“ muss eine Liste von Zuordnungen sein.", f"“{key}” must be a list of mappings."
        )
    return value


def _line(row: Mapping[str, Any]) -> int:
    return int(row.get("__line__", 0))


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).strip() if isinstance(value, (str, int, float)) else "?"


def _heading(sheet: str, key: str) -> str:
    """The heading of a key: `de` and `en` are the label, `hint_de` the hint in German."""
    if key in ("de", "en"):
        return f"label::{key}"
    if key[-3:] in ("_de", "_en") and sheet != "settings":
        return f"{key[:-3]}::{key[-2:]}"
    return {"from": "lower"}.get(key, key)


def _table(name: str, rows: list[tuple[int, dict[str, str]]]) -> Table:
    columns = dict.fromkeys(heading for _, cells in rows for heading in cells if heading != "__line__")
    return Table(
        name, tuple(columns), tuple((n, {k: v for k, v in cells.items() if k != "__line__"}) for n, cells in rows)
    )


def _survey(
    questions: list[dict[str, Any]], groups: Mapping[str, dict[str, Any]], place: str
) -> list[tuple[int, dict[str, str]]]:
    found: list[tuple[int, dict[str, str]]] = []
    inside, begun = "", set[str]()
    for question in questions:
        group = _cell(question.get("group"))
        if group != inside:
            if inside:
                found.append((_line(question), {"type": "end_group"}))
            if group:
                found.append(_group(question, group, groups, begun, place))
            inside = group
        found.append(_question(question))
    if inside:
        found.append((found[-1][0], {"type": "end_group"}))
    return found


def _group(
    question: dict[str, Any], name: str, groups: Mapping[str, dict[str, Any]], begun: set[str], place: str
) -> tuple[int, dict[str, str]]:
    if name not in groups:
        raise _broken(
            f"{place}:{_line(question)}",
            f"Die Gruppe „{name[:40]}“ fehlt unter groups.",
            f"The group “{name[:40]}” is missing in groups.",
        )
    if name in begun:
        raise _broken(
            f"{place}:{_line(question)}",
            f"Die Fragen der Gruppe „{name[:40]}“ stehen nicht beieinander.",
            f"The questions of the group “{name[:40]}” do not stand together.",
        )
    begun.add(name)
    row = groups[name]
    return _line(row), {"type": "begin_group"} | {
        _heading("survey", k): _cell(v) for k, v in row.items() if k != "__line__"
    }


def _question(question: dict[str, Any]) -> tuple[int, dict[str, str]]:
    name, kind = _cell(question.get("name")), _cell(question.get("kind"))
    listed = _cell(question.get("list")) or (name if question.get("choices") else "")
    row = {"type": f"{kind} {listed}".strip() if kind.startswith("select") else kind}
    for key, value in question.items():
        if key not in ("kind", "list", "choices", "group", "__line__"):
            row[_heading("survey", key)] = _cell(value)
    return _line(question), row


def _choices(questions: list[dict[str, Any]], lists: dict[str, Any], place: str) -> list[tuple[int, dict[str, str]]]:
    found: list[tuple[int, dict[str, str]]] = []
    own = {_cell(q.get("name")): q["choices"] for q in questions if q.get("choices")}
    for name, rows in [*((n, r) for n, r in lists.items() if n != "__line__"), *own.items()]:
        for row in _many(rows, place, f"lists {name}"):
            cells = {"list_name": str(name)} | {_heading("choices", k): _cell(v) for k, v in row.items()}
            found.append((_line(row), cells))
    return found
