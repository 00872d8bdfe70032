"""What lies on the child's bench: one part, looked at once and asked about step by step. These functions run in the child (`workshop`).

The parent holds neither triangles nor pictures in memory between the steps. Each step names the part by a token; where another part
lies on the bench (or the child is new) the step refuses with `not_on_bench`, and the parent lays the part there again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput
from nordlotse.print3d.core.archive import part_of, parts_of
from nordlotse.print3d.core.estimate import Factors
from nordlotse.print3d.core.figures import figures
from nordlotse.print3d.core.profile import profile
from nordlotse.print3d.core.reading import read
from nordlotse.print3d.core.repair import Repaired, State, as_stl, repair
from nordlotse.print3d.core.seeing.look import Seen, look_at
from nordlotse.print3d.core.seeing.picture import picture_data
from nordlotse.print3d.core.seeing.views import views
from nordlotse.print3d.core.slicer import sliced
from nordlotse.print3d.core.units import OURS
from nordlotse.print3d.core.values import Checked, Limits, Loaded, Machine, Material, Process, Proposal
from nordlotse.print3d.core.whole import Examined, Reckoned, Wishes, begun, laid, reckoned


@dataclass(frozen=True, slots=True)
class Judged:
    """By what a part is judged where not by our own data: a shop's machines, limits and materials."""

    machines: tuple[Machine, ...] | None = None
    limits: Mapping[Process, Limits] | None = None
    materials: Mapping[Process, Material] | None = None


@dataclass(frozen=True, slots=True)
class Mended:
    """What a repair changed, measured before and after, and the name of the file it was made from."""

    changes: tuple[Text, ...]
    before: State
    after: State


@dataclass(frozen=True, slots=True)
class _Laid:
    token: str
    loaded: Loaded
    checked: Checked | None = None
    seen: Seen | None = None


_bench: list[_Laid] = []


def paths(data: bytes, name: str) -> tuple[str, ...]:
    """Return the paths of the parts in a ZIP.

    Raises:
        Problem: as `parts_of`.
    """
    return tuple(part.path for part in parts_of(data, name))


def unpacked(data: bytes, name: str, path: str) -> bytes:
    """Return one part of a ZIP.

    Raises:
        BadInput: as `part_of`.
    """
    return part_of(data, name, path)


def look(token: str, data: bytes, name: str, wishes: Wishes, judged: Judged = Judged()) -> Examined:
    """Read a file, check the part in it and lay it on the bench.

    Raises:
        Problem: what reading and checking refuse.
    """
    _bench.clear()
    loaded = read(data, name, unit=wishes.unit, scale=wishes.scale)
    checked, seen = look_at(
        loaded, wishes.process or None, wishes.material or None, judged.machines, judged.limits, judged.materials
    )
    _bench.append(_Laid(token, loaded, checked, seen))
    return begun(loaded, checked, wishes)


def lay_there(token: str, data: bytes, name: str, wishes: Wishes) -> None:
    """Read a file and lay the part on the bench without checking it: it was checked before.

    Raises:
        Problem: what reading refuses.
    """
    _bench.clear()
    _bench.append(_Laid(token, read(data, name, unit=wishes.unit, scale=wishes.scale)))


def drawn(token: str, wishes: Wishes, judged: Judged = Judged()) -> tuple[bytes, dict[str, bytes]]:
    """Return the picture's data of the part on the bench, and its six views as PNG by their names.

    Raises:
        BadInput: `not_on_bench`.
    """
    part = _on_bench(token)
    if part.checked is None or part.seen is None:
        raise _missing()
    data = picture_data(part.seen, part.checked, wishes.process, judged.limits)
    return data, views(part.seen, part.checked, wishes.process, judged.limits)


def proposals(token: str, wishes: Wishes) -> tuple[Proposal, ...]:
    """Return the proposals how to lay the part on the bench.

    Raises:
        BadInput: as `laid`; `not_on_bench`.
    """
    return laid(_on_bench(token).loaded.mesh, wishes)


def figures_of(token: str, wishes: Wishes, factors: Factors | None = None) -> Reckoned:
    """Return time, material and figures of the part on the bench.

    Raises:
        BadInput: as `reckoned`; `not_on_bench`.
    """
    loaded = _on_bench(token).loaded
    return reckoned(loaded.mesh, wishes, loaded.exact_volume, factors)


def mended(data: bytes, name: str, wishes: Wishes) -> tuple[Mended, bytes, dict[str, bytes]]:
    """Return what a repair changed, the mended part as binary STL in mm, and its six views.

    Raises:
        Problem: what reading refuses.
    """
    loaded = read(data, name, unit=wishes.unit, scale=wishes.scale)
    made: Repaired = repair(loaded.mesh)
    after = replace(loaded, mesh=made.mesh, brep_valid=None, exact_volume=None)
    checked, seen = look_at(after, wishes.process or None, wishes.material or None)
    return Mended(made.changes, made.before, made.after), as_stl(made.mesh, OURS), views(seen, checked, wishes.process)


def exactly(data: bytes, name: str, wishes: Wishes, supported: bool) -> tuple[Reckoned, bytes]:
    """Return figures as the slicer reckons them, as the part shall lie, and its G-code.

    Raises:
        NotAvailable: `no_slicer`.
        BadInput: as `sliced` and `reckoned`.
    """
    loaded = read(data, name, unit=wishes.unit, scale=wishes.scale)
    turned = loaded.mesh.turned(wishes.turn)
    cut = sliced(turned, profile(wishes.profile), supported, keep=True)
    before = reckoned(loaded.mesh, replace(wishes, support=supported), loaded.exact_volume)
    exact = replace(cut.estimate, warnings=before.estimate.warnings)
    return replace(before, estimate=exact, figures=figures(turned, exact, loaded.exact_volume)), cut.gcode


def as_kept(mended_part: Mended) -> dict[str, Any]:
    """Return what a repair did as plain values, to be kept as JSON; `from_kept` reads it."""
    return {
        "changes": [[text.de, text.en] for text in mended_part.changes],
        "before": asdict(mended_part.before),
        "after": asdict(mended_part.after),
    }


def from_kept(kept: Mapping[str, Any]) -> Mended:
    """Return what `as_kept` made plain.

    Raises:
        KeyError, TypeError, ValueError: another version kept it.
    """
    changes: Sequence[Sequence[str]] = kept["changes"]
    texts = tuple(Text(de, en) for de, en in changes)
    return Mended(texts, State(**kept["before"]), State(**kept["after"]))


def _on_bench(token: str) -> _Laid:
    if not _bench or _bench[0].token != token:
        raise _missing()
    return _bench[0]


def _missing() -> BadInput:
    return BadInput(
        "not_on_bench",
        de="Das Teil liegt nicht auf der Werkbank.",
        en="The part is not on the bench.",
        where="workbench",
        remedy_de="Bitte noch einmal versuchen.",
        remedy_en="Try again.",
    )
