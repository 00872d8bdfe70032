"""Reading measures from YAML, strictly: file, place and remedy for everything that is wrong; prerequisites without a circle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, Literal, cast

import yaml

from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.questionnaire.form import DONT_KNOW, NOT_APPLICABLE, Form, Kind, Question
from nordlotse.foundation.records.fields import Fields
from nordlotse.foundation.sectors import sections
from nordlotse.readiness.core.catalogue import questions
from nordlotse.readiness.core.double_keys import refuse_double_keys
from nordlotse.readiness.core.measure import Cost, Measure, Pointer, Raise

#: A file is text that people wrote; a larger one is a mistake or an attack.
LONGEST = 500_000
#: Measures in one file: the plan stays quick up to here.
MOST = 200

_KINDS = ("article", "programme", "demonstrator", "offer", "event")


@cache
def shipped_measures() -> tuple[Measure, ...]:
    """Return the measures that ship with the room, over the common set of questions.

    Raises:
        BadInput: the file is broken.
    """
    name = "measures.yaml"
    text = (resources.files("nordlotse.readiness.core") / "data" / name).read_text("utf-8")
    return read_measures(text, name, questions())


def read_measures(text: str, place: str, form: Form) -> tuple[Measure, ...]:
    """Return the measures written in a YAML text; `place` names the file, `form` holds the questions they may raise.

    Raises:
        BadInput: `measures_broken`, with file and line, place and remedy.
    """
    try:
        measures = [_measure(fields, form) for fields in _listed(text, place)]
        _check_prerequisites(measures, place)
    except BadInput as problem:
        problem.code = "measures_broken"  # the reader of fields is shared; here it is the measures that are broken
        raise
    return tuple(measures)


def _wrong(where: str, de: str, en: str, remedy_de: str, remedy_en: str) -> BadInput:
    return BadInput("measures_broken", de=de, en=en, where=where, remedy_de=remedy_de, remedy_en=remedy_en)


def _listed(text: str, place: str) -> list[Fields]:
    """Return the mappings of the list, each with file and line."""
    if len(text) > LONGEST:
        raise _wrong(
            place,
            f"Die Datei ist länger als {LONGEST} Zeichen.",
            f"The file is longer than {LONGEST} characters.",
            "Kürzen Sie die Texte.",
            "Shorten the texts.",
        )
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise _wrong(
            f"{place}:{mark.line + 1}" if mark is not None else place,
            "Das ist kein gültiges YAML.",
            "This is not valid YAML.",
            "Prüfen Sie Einrückung, Anführungszeichen und Klammern an dieser Stelle.",
            "Check indentation, quotes and brackets at this place.",
        ) from error
    if not isinstance(node, yaml.SequenceNode) or not all(isinstance(value, dict) for value in values):
        raise _wrong(
            place,
            "Die Datei muss eine Liste von Maßnahmen sein.",
            "The file must be a list of measures.",
            "Beginnen Sie jede Maßnahme mit „- id:“.",
            "Begin each measure with “- id:”.",
        )
    if len(values) > MOST:
        raise _wrong(
            place,
            f"Mehr als {MOST} Maßnahmen.",
            f"More than {MOST} measures.",
            "Streichen Sie Maßnahmen, die niemand braucht.",
            "Drop measures that nobody needs.",
        )
    refuse_double_keys(node, place)
    return [
        Fields(value, f"{place}:{child.start_mark.line + 1} {str(value.get('id', ''))[:60]}".rstrip())
        for value, child in zip(values, node.value, strict=True)
    ]


def _measure(fields: Fields, form: Form) -> Measure:
    days = _range(fields, "days")
    smallest, largest = fields.whole("employees_from"), fields.whole("employees_to")
    if smallest is not None and largest is not None and smallest > largest:
        raise fields.wrong("employees_to", "ist kleiner als „employees_from“.", "is smaller than “employees_from”.")
    found = Measure(
        id=fields.string("id", needed=True),
        title=fields.text("title", needed=True),
        text=fields.text("text", needed=True),
        raises=_raises(fields, form),
        days=days,
        cost=_cost(fields),
        after=fields.strings("after"),
        pointers=tuple(_pointer(one) for one in fields.mappings("pointers")),
        employees_from=smallest,
        employees_to=largest,
        sectors=_sectors(fields),
        first=_yes(fields, "first"),
        weeks=fields.whole("weeks") or 0,
    )
    fields.done()
    return found


def _range(fields: Fields, key: str) -> tuple[float, float, float]:
    values = fields.raw(key, needed=True)
    if (
        not isinstance(values, list)
        or len(values) != 3
        or not all(_half_days(v) for v in values)
        or sorted(values) != values
    ):
        raise fields.wrong(
            key,
            "muss aus drei ganzen oder halben Zahlen bestehen: niedrig, wahrscheinlich, hoch.",
            "must be three whole or half numbers: low, likely, high.",
        )
    return values[0], values[1], values[2]


def _half_days(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 and (value * 2) % 1 == 0


def _sectors(fields: Fields) -> tuple[str, ...]:
    """Return the sections a measure is for, () for all of them."""
    found = fields.strings("sectors")
    wrong = [one for one in found if one not in sections()]
    if wrong or len(set(found)) < len(found):
        raise fields.wrong(
            "sectors",
            "braucht Abschnitte der WZ 2008 von A bis U, jeden einmal.",
            "needs sections of WZ 2008 from A to U, each once.",
        )
    return found


def _yes(fields: Fields, key: str) -> bool:
    value = fields.raw(key)
    if value not in (None, True, False):
        raise fields.wrong(key, "muss true oder false sein.", "must be true or false.")
    return bool(value)


def _cost(fields: Fields) -> Cost:
    if not fields.mapping("cost"):
        raise fields.wrong("cost", "fehlt.", "is missing.")
    cost = Fields(fields.mapping("cost"), fields.where("cost"))
    low, likely, high = (cost.whole(key) for key in ("low", "likely", "high"))
    if low is None or likely is None or high is None or not low <= likely <= high:
        raise cost.wrong("likely", "braucht low ≤ likely ≤ high in Euro.", "needs low ≤ likely ≤ high in euros.")
    yearly = cost.whole("yearly") or 0
    found = Cost(low, likely, high, cost.text("source", needed=True), cost.needed_day("decided"), yearly)
    cost.done()
    return found


def _pointer(fields: Fields) -> Pointer:
    kind = cast(Literal["article", "programme", "demonstrator", "offer", "event"], fields.choice("kind", _KINDS))
    found = Pointer(kind, fields.string("key", needed=True))
    fields.done()
    return found


def _raises(fields: Fields, form: Form) -> tuple[Raise, ...]:
    listed = fields.mappings("raises")
    if not listed:
        raise fields.wrong("raises", "muss mindestens eine Antwort heben.", "must raise at least one answer.")
    raises = tuple(_raise(one, form) for one in listed)
    names = [raised.question for raised in raises]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise fields.wrong("raises", f"hebt „{twice}“ zweimal.", f"raises “{twice}” twice.")
    return raises


def _raise(fields: Fields, form: Form) -> Raise:
    name = fields.string("question", needed=True)
    asked = form.by_name.get(name)
    if asked is None:
        raise fields.wrong("question", f"Die Frage „{name}“ gibt es nicht.", f"There is no question “{name}”.")
    several = asked.kind == Kind.SELECT_MULTIPLE
    if not several and asked.kind != Kind.SELECT_ONE:
        raise fields.wrong("question", f"„{name}“ hat keine Auswahl.", f"“{name}” has no choices.")
    to, adds = fields.string("to", needed=not several), fields.strings("adds")
    if several and (to or not adds):
        raise fields.wrong("adds", f"„{name}“ braucht „adds“, nicht „to“.", f"“{name}” needs “adds”, not “to”.")
    if not several and adds:
        raise fields.wrong("adds", f"„{name}“ braucht „to“, nicht „adds“.", f"“{name}” needs “to”, not “adds”.")
    for choice in adds or (to,):
        _check_choice(fields, asked, choice)
    found = Raise(name, to, adds, fields.text("why", needed=True))
    fields.done()
    return found


def _check_choice(fields: Fields, asked: Question, name: str) -> None:
    choice = asked.choice(name)
    key = "adds" if asked.kind == Kind.SELECT_MULTIPLE else "to"
    if choice is None or name in {DONT_KNOW, NOT_APPLICABLE}:
        known = ", ".join(c.name for c in asked.choices if c.name != NOT_APPLICABLE)
        raise fields.wrong(key, f"„{name}“ ist keine Antwort; möglich: {known}.", f"“{name}” is not one of {known}.")
    if choice.exclusive:
        raise fields.wrong(key, f"„{name}“ steht für „nichts davon“.", f"“{name}” stands for “none of these”.")


def _check_prerequisites(measures: Sequence[Measure], place: str) -> None:
    """Refuse ids that stand twice, prerequisites that do not exist, and circles."""
    known: dict[str, Measure] = {}
    for one in measures:
        if one.id in known:
            raise _wrong(
                f"{place} {one.id}",
                f"Die Kennung „{one.id}“ steht zweimal.",
                f"The id “{one.id}” appears twice.",
                "Geben Sie jeder Maßnahme eine eigene Kennung.",
                "Give every measure an id of its own.",
            )
        known[one.id] = one
    for one in measures:
        for name in one.after:
            if name not in known:
                raise _wrong(
                    f"{place} {one.id} after",
                    f"Die Maßnahme „{name}“ gibt es nicht.",
                    f"There is no measure “{name}”.",
                    "Nennen Sie eine Kennung aus dieser Datei.",
                    "Name an id of this file.",
                )
    circle = _circle({one.id: one.after for one in measures})
    if circle:
        raise _wrong(
            f"{place} {circle[0]} after",
            f"Die Voraussetzungen laufen im Kreis: {' → '.join(circle)}.",
            f"The prerequisites run in a circle: {' → '.join(circle)}.",
            "Streichen Sie eine davon.",
            "Remove one of them.",
        )


def _circle(after: Mapping[str, Sequence[str]]) -> list[str]:
    """Return one circle, empty if there is none: what is never free of waiting waits for itself."""
    waiting: dict[str, set[str]] = {name: set(first) for name, first in after.items()}
    while free := {name for name, first in waiting.items() if not first & waiting.keys()}:
        for name in free:
            del waiting[name]
    if not waiting:
        return []
    path: list[Any] = [min(waiting)]
    while (then := min(waiting[path[-1]] & waiting.keys())) not in path:
        path.append(then)
    return [*path[path.index(then) :], then]
