"""Ways to lay a kept part: the proposals, one turned by hand, how each does, and whether it fits a machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.problem import NotFound
from nordlotse.foundation.records.figures import number
from nordlotse.office.models import StoredFile
from nordlotse.print3d.core import amounts, lying
from nordlotse.print3d.core.limits_data import machines
from nordlotse.print3d.core.mesh import Floats, Mesh
from nordlotse.print3d.core.orientation import by_hand
from nordlotse.print3d.core.profile import profile
from nordlotse.print3d.core.seeing import read_picture
from nordlotse.print3d.core.values import Machine, Process, Proposal
from nordlotse.print3d.queries import parts
from nordlotse.print3d.queries import shop as shops
from nordlotse.print3d.queries.parts import KeptPart

#: Parts with more triangles are turned and drawn at once, but reckoned only once a way is chosen.
_MOST_AT_ONCE = 150_000
_UNKNOWN_REASON = Text(
    "Von Hand gedreht: Zeit und Stützen rechnen wir, sobald Sie diese Lage wählen.",
    "Turned by hand: we reckon time and support once you choose this way.",
)
#: What a way is called in addresses beside the proposals' names: as it lies now, as in the file.
NOW, FILE, HAND = "now", "file", "hand"
#: Two directions are the same from this cosine on.
_SAME = 0.999
#: Where a side looks: by axis, and whether along it.
_SIDES: Mapping[tuple[int, bool], Text] = {
    (0, True): Text("rechts", "right"),
    (0, False): Text("links", "left"),
    (1, True): Text("hinten", "back"),
    (1, False): Text("vorn", "front"),
    (2, True): Text("oben", "top"),
    (2, False): Text("unten", "bottom"),
}


@dataclass(frozen=True, slots=True)
class Lying:
    """One way to lay the part, in words. `names`: what it is best in; `chosen`: the part lies so; `reckoned`: its time is known."""

    id: str
    names: tuple[str, ...]
    rotation: tuple[float, ...]
    reason: str
    support: str
    time: str
    height: str
    foot: str
    box: str
    fits: str
    chosen: bool
    reckoned: bool = True


@dataclass(frozen=True, slots=True)
class Face:
    """A flat side the part can stand on: its number, and where it looks with its area."""

    number: int
    text: str


def shape(kept: KeptPart) -> Mesh:
    """Return the part as its picture shows it, in mm of the file's coordinates but for a shift.

    Raises:
        NotFound: `no_such_file`, where there is no picture (yet).
    """
    return _picture(kept)[1]


def _picture(kept: KeptPart) -> tuple[Mapping[str, Any], Mesh, Mapping[str, Any]]:
    return _read(kept.key, _stored(kept).sha256)


def _stored(kept: KeptPart) -> StoredFile:
    found = parts.stored(kept.key, parts.PICTURE)
    if found is None:
        raise NotFound(
            "no_such_file",
            de="Von diesem Teil gibt es (noch) kein Bild.",
            en="There is no picture of this part (yet).",
            where="file",
            remedy_de="Bitte warten Sie, bis die Prüfung fertig ist.",
            remedy_en="Wait until the check is done.",
        )
    return found


@lru_cache(maxsize=2)
def _read(key: str, sha256: str) -> tuple[Mapping[str, Any], Mesh, Mapping[str, Any]]:
    """Read a picture's data once: one page asks for several views of it."""
    head, arrays = read_picture(parts.content(key, parts.PICTURE) or b"")
    mesh = Mesh(arrays["vertices"].astype(np.float64), arrays["faces"].astype(np.int32))
    return head, mesh, arrays


def picture(kept: KeptPart, rotation: Floats) -> bytes:
    """Return a small picture (PNG) of the part as it would lie.

    Raises:
        NotFound: as `shape`.
    """
    found = _stored(kept)
    return _drawn(kept.key, found.sha256, tuple(float(n) for n in np.asarray(rotation).ravel()))


@lru_cache(maxsize=64)
def _drawn(key: str, sha256: str, rotation: tuple[float, ...]) -> bytes:
    """Draw a way once: a large part takes a core for half a second, and one page shows the same ways again and again."""
    return lying.picture(_read(key, sha256)[1], np.array(rotation).reshape(3, 3))


def faces(kept: KeptPart, lang: Lang) -> tuple[Face, ...]:
    """Return the flat sides the part can stand on by where they look as the part lies now; the one it stands on is left out."""
    found = []
    for place, (normal, area) in enumerate(_feet(kept)):
        looks = kept.wishes.turn @ normal
        if looks[2] > -_SAME:
            found.append(Face(place + 1, f"{_side(looks, lang)}, {number(round(area), lang)} mm²"))
    return tuple(found)


def _feet(kept: KeptPart) -> tuple[tuple[Floats, float], ...]:
    return _sides(kept.key, _stored(kept).sha256)


@lru_cache(maxsize=8)
def _sides(key: str, sha256: str) -> tuple[tuple[Floats, float], ...]:
    return lying.feet(_read(key, sha256)[1])


def _side(looks: Floats, lang: Lang) -> str:
    """Return where a side looks in words: "oben", "schräg nach vorn"."""
    axis = int(np.argmax(np.abs(looks)))
    name = _SIDES[axis, bool(looks[axis] > 0)].get(lang)
    return name if abs(looks[axis]) > _SAME else f"{'schräg' if lang == 'de' else 'slanting'} {name}"


def face_down(kept: KeptPart, place: int) -> Floats:
    """Return the rotation that lays a side of `faces` down by its number; as in the file for a number there is not.

    Raises:
        NotFound: as `shape`.
    """
    found = _feet(kept)
    return lying.down(found[place - 1][0]) if 1 <= place <= len(found) else np.eye(3)


def proposals(kept: KeptPart, lang: Lang) -> tuple[Lying, ...]:
    """Return the proposals side by side; those that lie the same way are one."""
    if kept.examined is None:
        return ()
    mesh = shape(kept)
    ways: list[tuple[list[str], Proposal]] = []
    for one in kept.examined.proposals:
        same = next((names for names, other in ways if np.allclose(other.rotation, one.rotation, atol=1e-6)), None)
        if same is not None:
            same.append(one.name)
        else:
            ways.append(([one.name], one))
    return tuple(_lying(names[0], names, one, kept, mesh, lang) for names, one in ways)


def as_now(kept: KeptPart, lang: Lang) -> Lying | None:
    """Return how the part lies now, None where it could not be reckoned."""
    if kept.examined is None or kept.examined.reckoned is None:
        return None
    return _lying(NOW, [NOW], kept.examined.reckoned.pose, kept, shape(kept), lang)


def turned(kept: KeptPart, rotation: Floats, lang: Lang) -> Lying:
    """Return a way turned by hand, judged like the proposals; a part with very many triangles is judged once it is chosen.

    Raises:
        BadInput: the part cannot be printed like that (`part_too_tall` …).
        NotFound: as `shape`.
    """
    mesh = shape(kept)
    if len(mesh.faces) > _MOST_AT_ONCE:
        sides = lying.size(mesh, rotation)
        bare = Proposal(HAND, rotation, 0.0, 0.0, sides[2], 0.0, _UNKNOWN_REASON)
        return _lying(HAND, [HAND], bare, kept, mesh, lang, reckoned=False)
    return _lying(HAND, [HAND], by_hand(mesh, rotation, profile(kept.wishes.profile)), kept, mesh, lang)


def rotation_of(kept: KeptPart, name: str) -> Floats | None:
    """Return the rotation of a way by its name in an address; None for a name there is not."""
    if name == FILE:
        return np.eye(3)
    if name == NOW:
        return kept.wishes.turn
    found = next((one for one in (kept.examined.proposals if kept.examined else ()) if one.name == name), None)
    return None if found is None else found.rotation


def _lying(
    id_: str, names: Sequence[str], one: Proposal, kept: KeptPart, mesh: Mesh, lang: Lang, *, reckoned: bool = True
) -> Lying:
    given = profile(kept.wishes.profile).values
    found = lying.fit(mesh, one.rotation, machines_for(kept))
    return Lying(
        id=id_,
        names=tuple(names),
        rotation=tuple(float(n) for n in np.asarray(one.rotation).ravel()),
        reason=_reason(one.reason.get(lang)),
        support=_support(one.support_mm3 * given["density"] / 1000, lang) if reckoned else "",
        time=amounts.duration(one.time_s * _like_result(kept), lang) if reckoned else "",
        height=f"{one.height_mm:.0f} mm",
        foot=f"{number(round(one.stands_mm2), lang)} mm²" if reckoned else "",
        box=" × ".join(f"{side:.0f}" for side in found.sides) + " mm",
        fits=_fits(found, lang),
        chosen=bool(np.allclose(kept.wishes.turn, one.rotation, atol=1e-6)),
        reckoned=reckoned,
    )


def _like_result(kept: KeptPart) -> float:
    """Return by what to multiply the quick time of a way to lay: as it lies now it is then the time the part's page names."""
    made = kept.examined.reckoned if kept.examined else None
    return made.estimate.time_s / made.pose.time_s if made is not None and made.pose.time_s > 0 else 1.0


def _reason(said: str) -> str:
    """Return a reason without what it is best in: that stands above it already."""
    rest = said.partition(": ")[2] or said
    return rest[:1].upper() + rest[1:]


def _support(mass: float, lang: Lang) -> str:
    if mass < 0.05:
        return "keine" if lang == "de" else "none"
    return amounts.grams(mass, lang)


def _fits(found: lying.Fit, lang: Lang) -> str:
    if found.machine is None:
        return "passt so in keine Maschine" if lang == "de" else "fits no machine like this"
    build = " × ".join(f"{side:.0f}" for side in found.machine.build)
    name = found.machine.name.get(lang)
    said = f"passt in: {name} ({build} mm)" if lang == "de" else f"fits: {name} ({build} mm)"
    if not found.heading:
        return said
    askew = (
        f"um {found.heading}° auf der Platte gedreht" if lang == "de" else f"turned by {found.heading}° on the plate"
    )
    return f"{said}, {askew}"


def fits_as_it_lies(kept: KeptPart) -> bool:
    """Return whether one of the machines takes the part as it lies now.

    Raises:
        NotFound: as `shape`.
    """
    return lying.fit(shape(kept), kept.wishes.turn, machines_for(kept)).machine is not None


def machines_for(kept: KeptPart) -> list[Machine]:
    """Return the FDM machines a part may be laid on: a shop's own where one is chosen, else ours, the smallest first."""
    own = [one for one in shops.machines_of(kept) if one.process is Process.FDM]
    return own or [one for one in machines().values() if one.process is Process.FDM]
