"""The districts of the three states: official keys, names, a tile on the map, a rough centre, and the towns in them.

Keys of Schleswig-Holstein and Mecklenburg-Vorpommern are the five-digit official municipality keys (AGS). Hamburg has one
official key (02000); its seven boroughs carry keys of our own, 021 and the official number of the borough in two digits.
`nuts`: the NUTS 3 code of a district (Regulation (EC) No 1059/2003, NUTS 2024); Hamburg is one region.
Centres are our own estimates, rounded to a tenth of a degree (7 to 11 km): enough to say who sits near, not to measure.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import cos, hypot, radians

from nordlotse.foundation.german import fold
from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.region import State

__all__ = ["KINDS", "District", "by_key", "centre", "distance_km", "districts", "find", "name_of", "nuts_of", "towns"]

_DATA = "nordlotse.foundation.places"

_KM_PER_DEGREE = 111.2
"""Length of one degree of latitude on a sphere of 6,371 km."""

KINDS = {
    "borough": Text("Bezirk", "borough"),
    "city": Text("kreisfreie Stadt", "independent city"),
    "district": Text("Kreis", "district"),
}
"""What a district is, for people."""

# Words that stand before or after a name and do not change it.
_ADDED = re.compile(r"^(?:landkreis|kreis|bezirk|hansestadt|hanse- und universitatsstadt|stadt) |(?:, stadt| stadt)$")
_BETWEEN = re.compile(r"[\s.,/()\u2010-\u2015-]+")
_POSTCODE = re.compile(r"(?<!\d)\d{5}(?!\d)")


@dataclass(frozen=True, slots=True)
class District:
    """One district. `row` and `column`: its tile on the map, counted from 0 at the top left. `lat`, `lon`: degrees."""

    key: str
    state: State
    kind: str
    name: str
    row: int
    column: int
    lat: float
    lon: float


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files(_DATA).joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def districts() -> tuple[District, ...]:
    """Return all 30 districts: Hamburg, Schleswig-Holstein, Mecklenburg-Vorpommern, by key within each."""
    return tuple(
        District(
            key=row["key"],
            state=State(row["state"]),
            kind=row["kind"],
            name=row["name"],
            row=int(row["row"]),
            column=int(row["column"]),
            lat=float(row["lat"]),
            lon=float(row["lon"]),
        )
        for row in _rows("districts.csv")
    )


@cache
def by_key() -> dict[str, District]:
    """Return the districts by their key."""
    return {district.key: district for district in districts()}


@cache
def towns() -> tuple[tuple[str, str], ...]:
    """Return (place, key of its district) for the towns and quarters people name most, as they are written."""
    return tuple((row["place"], row["district"]) for row in _rows("towns.csv"))


def name_of(key: str) -> str:
    """Return the name of a district, "" for a key that is none."""
    district = by_key().get(key)
    return district.name if district else ""


#: NUTS 1 codes of the three states (Regulation (EC) No 1059/2003, NUTS 2024).
_NUTS_1 = {State.HH: "DE6", State.SH: "DEF", State.MV: "DE8"}


@cache
def nuts_of(key: str) -> str:
    """Return the NUTS code (2024) of a district (NUTS 3; a borough has that of Hamburg) or of a state (NUTS 1), "" for neither."""
    if key in _NUTS_1:
        return _NUTS_1[State(key)]
    return next((row["nuts"] for row in _rows("districts.csv") if row["key"] == key), "")


@cache
def centre(key: str) -> tuple[float, float]:
    """Return rough latitude and longitude (degrees) of a district by its key, or of a state by its two letters.

    Raises:
        BadInput: neither a district nor a state.
    """
    district = by_key().get(key)
    if district is not None:
        return district.lat, district.lon
    inside = [d for d in districts() if d.state == key]
    if not inside:
        raise BadInput(
            "district_unknown",
            de=f"„{key[:40]}“ ist kein Kreis, den wir kennen.",
            en=f"“{key[:40]}” is not a district we know.",
            where="district",
            remedy_de="Bitte einen Kreis aus der Liste wählen.",
            remedy_en="Choose a district from the list.",
        )
    return sum(d.lat for d in inside) / len(inside), sum(d.lon for d in inside) / len(inside)


@cache
def distance_km(a: str, b: str) -> float:
    """Return kilometres as the crow flies between the centres of two districts (or states), 0 within one.

    The flat approximation at the mean latitude is off by less than 1 % within the three states.

    Raises:
        BadInput: one of them is unknown.
    """
    (lat_a, lon_a), (lat_b, lon_b) = centre(a), centre(b)
    east = (lon_a - lon_b) * cos(radians((lat_a + lat_b) / 2))
    return hypot(lat_a - lat_b, east) * _KM_PER_DEGREE


def _form(text: str) -> str:
    """The form in which names meet: folded, one blank between words, no postcode."""
    words = _BETWEEN.sub(" ", fold(_POSTCODE.sub(" ", text))).strip()
    return re.sub(r"\bsankt\b", "st", words)


@cache
def _names() -> dict[str, District]:
    """Every form of a name to its district; a district's own name wins over a town's."""
    known: dict[str, District] = {}
    for place, key in towns():
        known[_form(place)] = by_key()[key]
    for district in districts():
        known[_form(district.name)] = district
        known[_form(f"{KINDS[district.kind].de} {district.name}")] = district
    known["landkreis rostock"] = by_key()["13072"]
    return known


def find(text: str) -> District | None:
    """Return the district meant by a key, a district's name or a town's name ("25813 Husum" → Nordfriesland).

    Returns None for what we do not know and for "Hamburg" alone, which does not say the borough.
    """
    given = text.strip()[:100]
    if given in by_key():
        return by_key()[given]
    form = re.sub(r"^lk ", "landkreis ", _form(given))
    known = _names()
    if form in known:
        return known[form]
    return known.get(_ADDED.sub("", form)) or known.get(form.removeprefix("hamburg "))
