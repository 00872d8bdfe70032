"""Print profiles: how an FDM machine prints, read from our own data."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.print3d.core.values import Material, Process, Profile


@cache
def profiles() -> dict[str, Profile]:
    """Return all profiles by their id."""
    text = files("nordlotse.print3d.core.data").joinpath("profiles.yaml").read_text(encoding="utf-8")
    return {row["id"]: _profile(row) for row in yaml.safe_load(text)["profiles"]}


def profile(name: str) -> Profile:
    """Return the profile called `name`.

    Raises:
        NotFound: `no_such_profile`, with the names there are.
    """
    known = profiles()
    if name in known:
        return known[name]
    raise NotFound(
        "no_such_profile",
        de=f"Es gibt kein Druckprofil „{name[:60]}“.",
        en=f"There is no print profile “{name[:60]}”.",
        remedy_de=f"Wählen Sie: {', '.join(known)}.",
        remedy_en=f"Choose: {', '.join(known)}.",
    )


def with_material(given: Profile, material: Material) -> Profile:
    """Return the profile with another filament: its density and its likely price; speeds and times stay those of the profile.

    Raises:
        BadInput: `material_of_other_process`.
    """
    if material.process is not Process.FDM:
        raise BadInput(
            "material_of_other_process",
            de=f"{material.name.de} ist kein Filament.",
            en=f"{material.name.en} is no filament.",
            where=material.id,
            remedy_de="Wählen Sie ein Material für FDM.",
            remedy_en="Choose a material for FDM.",
        )
    values = {**given.values, "density": material.density, "price": material.price.likely}
    return replace(given, values=MappingProxyType(values), material=material.id)


def _profile(row: dict[str, Any]) -> Profile:
    values = MappingProxyType({key: float(value) for key, value in row["values"].items()})
    return Profile(row["id"], Text(**row["name"]), values, row["material"], row["machine"])
