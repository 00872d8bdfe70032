"""The file of times and counts that `nordlotse iot oee FILE.json` reads; its form is described in docs/iot-oee.md.

One object, a list of objects, or `{"machines": […]}` / `{"shifts": […]}` / `{"items": […]}`, a machine with its own `shifts`. Nothing is
guessed and nothing ignored: an unknown field, a field given twice or under two names, a wrong type is refused with place and remedy.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, cast

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput, TooLarge
from nordlotse.iot.core.oee.catalogue import catalogue
from nordlotse.iot.core.oee.evaluate import mean_cycle
from nordlotse.iot.core.oee.logged import logged
from nordlotse.iot.core.oee.losses import SHORT_STOP
from nordlotse.iot.core.oee.quantities import UNITS, number_of, percent_of, time_of, wrong
from nordlotse.iot.core.oee.values import Claim, Flag, Given, Stop

#: Largest file (bytes), most machines and shifts together, most stops or orders of one shift.
MAX_BYTES, MAX_ITEMS, MAX_ROWS = 5_000_000, 10_000, 10_000
_LISTS = ("machines", "shifts", "items")
_ABOUT = ("machine", "shift", "name", "date")
_KINDS = ("unplanned", "planned", "setup")
_OWN = frozenset({*_LISTS, *_ABOUT, "unit", "cost_per_hour", "short_stop", "stops", "orders", "claimed", "elements", "times", "counts",
                  "states", "begin", "end"})  # fmt: skip
_FIGURES = {
    "a": "availability",
    "p": "effectiveness",
    "performance": "effectiveness",
    "q": "quality",
    "quality_ratio": "quality",
}


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds: one entry per machine and shift, in its order, and the limit of a short stop in seconds."""

    items: tuple[Given, ...]
    short_stop: Fraction


@dataclass(frozen=True, slots=True)
class _Scope:
    """What an object inherits from the one around it."""

    unit: str = ""
    machine: str = ""
    cost: Fraction | None = None


def read_document(data: bytes, place: str) -> Document:
    """Return the machines and shifts in a file's bytes.

    Raises:
        TooLarge: `oee_too_large`: more than 5 MB, or more than 10,000 machines and shifts.
        BadInput: `oee_not_json`, `oee_unknown_field`, `oee_value`, `oee_empty`, with the place in the file.
    """
    root = _json(data, place)
    short = SHORT_STOP
    if isinstance(root, dict) and "short_stop" in root:
        short = time_of(root["short_stop"], _unit(root, place) or "s", f"{place} short_stop")
        root = {key: value for key, value in root.items() if key != "short_stop"}
    found: list[Given] = []
    for given in _items(root, place, _Scope(), 0):
        found.append(given)
        if len(found) > MAX_ITEMS:
            raise TooLarge(
                "oee_too_large",
                de=f"Die Datei hat mehr als {MAX_ITEMS} Maschinen und Schichten.",
                en=f"The file has more than {MAX_ITEMS} machines and shifts.",
                where=place,
                remedy_de="Teilen Sie die Datei, zum Beispiel nach Monaten.",
                remedy_en="Split the file, for example by month.",
            )
    if not found:
        raise wrong(
            place, "Die Datei nennt keine Maschine und keine Schicht.", "The file names no machine and no shift.",
            'Zum Beispiel: {"unit": "min", "PBT": 480, "APT": 420, "PRI": 1, "PQ": 400, "GQ": 380}',
            'For example: {"unit": "min", "PBT": 480, "APT": 420, "PRI": 1, "PQ": 400, "GQ": 380}', "oee_empty",
        )  # fmt: skip
    return Document(tuple(found), short)


def _json(data: bytes, place: str) -> Any:
    if len(data) > MAX_BYTES:
        raise TooLarge(
            "oee_too_large",
            de=f"Die Datei hat mehr als {MAX_BYTES // 1_000_000} MB.",
            en=f"The file has more than {MAX_BYTES // 1_000_000} MB.",
            where=place,
            remedy_de="Teilen Sie die Datei, zum Beispiel nach Monaten.",
            remedy_en="Split the file, for example by month.",
        )
    try:
        return json.loads(
            data.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_number, parse_float=Decimal
        )
    except UnicodeDecodeError as error:
        raise _not_json(f"{place}, byte {error.start + 1}", "kein UTF-8", "not UTF-8") from error
    except json.JSONDecodeError as error:
        raise _not_json(f"{place}:{error.lineno}:{error.colno}", error.msg, error.msg) from error
    except RecursionError as error:
        raise _not_json(place, "zu tief geschachtelt", "nested too deeply") from error
    except (ValueError, ArithmeticError) as error:
        said = str(error)[:120] if isinstance(error, _RefusedError) else "a number is too long"
        raise _not_json(place, said, said) from error


class _RefusedError(ValueError):
    """JSON that a program would take, but that a person surely did not mean."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise _RefusedError(f"“{twice[:40]}” stands twice")
    return found


def _no_number(name: str) -> Any:
    raise _RefusedError(f"{name} is not a number in JSON")


def _not_json(where: str, de: str, en: str) -> BadInput:
    return wrong(
        where, f"Die Datei ist kein JSON ({de}).", f"The file is not JSON ({en}).",
        "Bitte die Stelle prüfen: Anführungszeichen, Kommas, Klammern, Dezimalpunkt.",
        "Check the place: quotation marks, commas, brackets, decimal point.", "oee_not_json",
    )  # fmt: skip


def _items(node: Any, where: str, scope: _Scope, depth: int) -> Iterator[Given]:
    if isinstance(node, list):
        for place, inner in enumerate(node):
            yield from _items(inner, f"{where}[{place}]", scope, depth + 1)
        return
    if not isinstance(node, dict) or depth > 8:
        raise wrong(where, "Hier muss ein Objekt {…} stehen.", "An object {…} is needed here.")
    inner_scope = _Scope(
        _unit(node, where) or scope.unit,
        _label(node, "machine", where) or scope.machine,
        scope.cost if "cost_per_hour" not in node else number_of(node["cost_per_hour"], f"{where} cost_per_hour"),
    )
    lists = [name for name in _LISTS if name in node]
    if not lists:
        yield _given(node, where, inner_scope)
        return
    beside = [key for key in node if key not in {*_LISTS, *_ABOUT, "unit", "cost_per_hour"}]
    if len(lists) > 1 or beside:
        raise wrong(
            f"{where} {(beside or lists)[0]}", f"Neben „{lists[0]}“ darf das nicht stehen.", f"This cannot stand beside “{lists[0]}”.",
            f"Schreiben Sie es in jeden Eintrag von „{lists[0]}“.", f"Write it into each entry of “{lists[0]}”.",
        )  # fmt: skip
    if not isinstance(node[lists[0]], list):
        raise wrong(f"{where} {lists[0]}", "Hier muss eine Liste […] stehen.", "A list […] is needed here.")
    if not inner_scope.machine and lists[0] == "shifts":
        inner_scope = replace(inner_scope, machine=_label(node, "name", where))
    yield from _items(node[lists[0]], f"{where} {lists[0]}", inner_scope, depth + 1)


def _given(node: dict[str, Any], where: str, scope: _Scope) -> Given:
    notes: list[Flag] = []
    unit = scope.unit or "s"
    elements = dict(_elements(node, where, unit, ()))
    for group in ("elements", "times", "counts"):
        if group in node:
            elements.update(
                _elements(_object(node[group], f"{where} {group}"), f"{where} {group}", unit, elements, only=True)
            )
    machine, shift = scope.machine, _label(node, "shift", where) or _label(node, "date", where)
    name = _label(node, "name", where)
    if name:
        machine, shift = (machine, shift or name) if machine else (name, shift)
    if not scope.unit and _numbers_in(node):
        notes.append(
            Flag("unit_assumed", "info", Text("Keine Einheit genannt: Zeiten ohne Einheit gelten als Sekunden.", "No unit named: times without a unit count as seconds."), "unit")
        )  # fmt: skip
    elements, more = _with_orders(node, where, unit, elements)
    stops = tuple(_stops(node, where, unit))
    given = Given(elements, machine, shift, stops, dict(_claimed(node, where)), scope.cost, (*notes, *more))
    return logged(node, where, given) if "states" in node else _no_window(node, where, given)


def _no_window(node: Mapping[str, Any], where: str, given: Given) -> Given:
    for key in ("begin", "end"):
        if key in node:
            raise wrong(
                f"{where} {key}",
                f"„{key}“ gehört zu „states“.",
                f"“{key}” belongs to “states”.",
                "Nennen Sie auch die Zustände.",
                "Name the states, too.",
            )
    return given


def _elements(
    node: Mapping[str, Any], where: str, unit: str, known: Any, *, only: bool = False
) -> Iterator[tuple[str, Fraction]]:
    book, seen = catalogue(), dict.fromkeys(known, "")
    for key, value in node.items():
        if not only and key in _OWN:
            continue
        name = book.names.get(key.strip().casefold().replace(" ", "_").replace("-", "_"))
        if name is None:
            raise _unknown(key, where, (*book.names, *_OWN))
        if name in seen:
            raise wrong(
                f"{where} {key}",
                f"{name} ist zweimal angegeben.",
                f"{name} is given twice.",
                "Lassen Sie eine Angabe weg.",
                "Leave one out.",
            )
        seen[name] = key
        kind = book.elements[name].kind
        place = f"{where} {key}"
        yield name, time_of(value, unit, place) if kind in ("time", "time_per_unit") else number_of(value, place)


def _unknown(key: str, where: str, known: Any) -> BadInput:
    folded = key.casefold()[:60]
    near = [name for name in known if sorted(name) == sorted(folded)] or difflib.get_close_matches(
        folded, known, 1, 0.6
    )
    hint = near[0].upper() if near and len(near[0]) <= 4 and near[0] not in _OWN else "".join(near)
    return wrong(
        f"{where} {key[:60]}", f"Das Feld „{key[:60]}“ ist nicht bekannt.", f"The field “{key[:60]}” is not known.",
        f"Meinten Sie „{hint}“?" if near else "Die Felder stehen in docs/iot-oee.md.",
        f"Did you mean “{hint}”?" if near else "The fields are listed in docs/iot-oee.md.", "oee_unknown_field",
    )  # fmt: skip


def _with_orders(
    node: Mapping[str, Any], where: str, unit: str, elements: dict[str, Fraction]
) -> tuple[dict[str, Fraction], list[Flag]]:
    """Add up the orders of a shift: quantities summed, the planned time per unit as their mean over what was produced."""
    rows: list[dict[str, Fraction]] = []
    for place, row in _rows(node, "orders", where):
        label = {key: value for key, value in row.items() if key not in ("order", "part", "name")}
        rows.append(dict(_elements(label, place, unit, (), only=True)))
    if not rows:
        return elements, []
    from nordlotse.iot.core.oee.evaluate import evaluate  # derived quantities of each order

    whole = [dict(evaluate(Given(row)).elements) for row in rows]
    summed, notes = dict(elements), []
    for name in ("PQ", "GQ", "SQ", "RQ"):
        if all(name in row for row in whole):
            value = sum((row[name] for row in whole), Fraction())
            if summed.setdefault(name, value) != value:
                notes.append(
                    Flag("orders_differ", "error", Text(f"Die Aufträge ergeben nicht das genannte {name}.", f"The orders do not add up to the stated {name}."), name)
                )  # fmt: skip
    cycle, note = mean_cycle([(row.get("PRI"), row.get("PQ"), row.get("GQ")) for row in whole])
    if cycle is not None:
        summed.setdefault("PRI", cycle)
    return summed, notes + ([note] if note else [])


def _stops(node: Mapping[str, Any], where: str, unit: str) -> Iterator[Stop]:
    for place, row in _rows(node, "stops", where):
        unknown = [
            key for key in row if key not in ("duration", "seconds", "minutes", "hours", "reason", "kind", "planned")
        ]
        if unknown:
            raise _unknown(unknown[0], place, ("duration", "reason", "kind", "seconds", "minutes", "hours", "planned"))
        lengths = [(key, row[key]) for key in ("duration", "seconds", "minutes", "hours") if key in row]
        if len(lengths) != 1:
            raise wrong(
                place,
                "Ein Stillstand braucht genau eine Dauer.",
                "A stop needs exactly one length.",
                'Zum Beispiel: {"minutes": 12, "reason": "Werkzeug"}',
                'For example: {"minutes": 12, "reason": "tool"}',
            )
        key, value = lengths[0]
        seconds = time_of(
            value, {"duration": unit, "seconds": "s", "minutes": "min", "hours": "h"}[key], f"{place} {key}"
        )
        kind = row.get("kind", "unplanned")
        if row.get("planned") is True:
            kind = "planned"
        elif row.get("planned", False) is not False:
            raise wrong(f"{place} planned", "Hier muss true oder false stehen.", "true or false is needed here.")
        if kind not in _KINDS:
            raise wrong(
                f"{place} kind",
                "Diese Art gibt es nicht.",
                "There is no such kind.",
                "Möglich: " + ", ".join(_KINDS),
                "Possible: " + ", ".join(_KINDS),
            )
        yield Stop(seconds, _label(row, "reason", place), cast(Literal["unplanned", "planned", "setup"], kind))


def _claimed(node: Mapping[str, Any], where: str) -> Iterator[tuple[str, Claim]]:
    book = catalogue()
    for key, value in _object(node.get("claimed", {}), f"{where} claimed").items():
        folded = key.strip().casefold()
        name = _FIGURES.get(folded, folded)
        if name not in book.figures or book.figures[name].unit != "percent":
            raise _unknown(key, f"{where} claimed", tuple(f for f in book.figures if book.figures[f].unit == "percent"))
        share, half = percent_of(value, f"{where} claimed {key}")
        yield name, Claim(share, half)


def _rows(node: Mapping[str, Any], key: str, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    rows = node.get(key, [])
    if not isinstance(rows, list) or len(rows) > MAX_ROWS:
        raise wrong(
            f"{where} {key}",
            f"Hier muss eine Liste mit höchstens {MAX_ROWS} Einträgen stehen.",
            f"A list of at most {MAX_ROWS} entries is needed here.",
        )
    for place, row in enumerate(rows):
        yield f"{where} {key}[{place}]", _object(row, f"{where} {key}[{place}]")


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise wrong(where, "Hier muss ein Objekt {…} stehen.", "An object {…} is needed here.")
    return value


def _label(node: Mapping[str, Any], key: str, where: str) -> str:
    value = node.get(key, "")
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**15:
        return str(value)
    if not isinstance(value, str) or len(value) > 200 or any(ord(c) < 32 for c in value):
        raise wrong(
            f"{where} {key}",
            "Hier muss ein Text mit höchstens 200 Zeichen stehen.",
            "A text of at most 200 characters is needed here.",
        )
    return value.strip()


def _unit(node: Mapping[str, Any], where: str) -> str:
    unit = _label(node, "unit", where).casefold()
    if unit and unit not in UNITS:
        raise wrong(
            f"{where} unit",
            f"Die Einheit „{unit[:20]}“ ist nicht bekannt.",
            f"The unit “{unit[:20]}” is not known.",
            "Möglich: s, min, h",
            "Possible: s, min, h",
        )
    return unit


def _numbers_in(node: Mapping[str, Any]) -> bool:
    """Tell whether a time stands there as a bare number."""
    book = catalogue()
    times = {name for name, element in book.names.items() if book.elements[element].kind in ("time", "time_per_unit")}
    groups = [node, *(node[g] for g in ("elements", "times") if isinstance(node.get(g), dict))]
    return any(
        not isinstance(value, str) for group in groups for key, value in group.items() if key.casefold() in times
    )
