"""What processes, materials and machines can do, read from our own data with source and date."""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import NotFound
from nordlotse.print3d.core.values import Limits, Machine, Material, Process, Sourced


def _data(name: str) -> dict[str, Any]:
    text = files("nordlotse.print3d.core.data").joinpath(name).read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


@cache
def process_limits() -> dict[Process, Limits]:
    """Return what each process can make."""
    data = _data("limits.yaml")
    decided: date = data["decided"]
    return {
        Process(name): Limits(
            **{key: float(value) for key, value in row.items()}, source=Text(**data["sources"][name]), decided=decided
        )
        for name, row in data["processes"].items()
    }


@cache
def materials() -> dict[str, Material]:
    """Return all materials by their id."""
    data = _data("materials.yaml")
    found = {}
    for row in data["materials"]:
        price = _sourced(row["price"], "EUR/kg", data)
        found[row["id"]] = Material(
            row["id"], Process(row["process"]), Text(**row["name"]), float(row["density"]), price, float(row["warping"])
        )
    return found


@cache
def machines() -> dict[str, Machine]:
    """Return all machine classes by their id."""
    data = _data("machines.yaml")
    found = {}
    for row in data["machines"]:
        x, y, z = (float(side) for side in row["build"])
        rate = _sourced(row["rate"], "EUR/h", data)
        found[row["id"]] = Machine(row["id"], Process(row["process"]), Text(**row["name"]), (x, y, z), rate)
    return found


def _sourced(range_: list[float], unit: str, data: dict[str, Any]) -> Sourced:
    low, likely, high = (float(value) for value in range_)
    return Sourced(low, likely, high, unit, Text(**data["source"]), data["decided"])


def process(name: str) -> Process:
    """Return the process called `name`.

    Raises:
        NotFound: `no_such_process`, with the names there are.
    """
    if name in {one.value for one in Process}:
        return Process(name)
    raise _unknown("no_such_process", "Verfahren", "process", name, [one.value for one in Process])


def material(name: str) -> Material:
    """Return the material called `name`.

    Raises:
        NotFound: `no_such_material`, with the names there are.
    """
    known = materials()
    if name in known:
        return known[name]
    raise _unknown("no_such_material", "Material", "material", name, list(known))


def default_material(of: Process) -> Material:
    """Return the material taken where none is named: the first of the process in our data."""
    return next(one for one in materials().values() if one.process is of)


def _unknown(code: str, de: str, en: str, name: str, known: list[str]) -> NotFound:
    return NotFound(
        code,
        de=f"Kein {de} heißt „{name[:60]}“.",
        en=f"No {en} is called “{name[:60]}”.",
        remedy_de=f"Wählen Sie: {', '.join(known)}.",
        remedy_en=f"Choose: {', '.join(known)}.",
    )
