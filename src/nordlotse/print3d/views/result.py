"""What the result page of a part shows, for whoever holds its link and for a shared, read-only page."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from nordlotse.foundation.language import Lang, Text
from nordlotse.print3d import elsewhere
from nordlotse.print3d.actions.sharing import DAYS
from nordlotse.print3d.core import slicer
from nordlotse.print3d.core.findings import UNSOUND
from nordlotse.print3d.core.limits_data import machines
from nordlotse.print3d.core.seeing.look import numbered
from nordlotse.print3d.core.seeing.views import VIEWS, marks_in
from nordlotse.print3d.core.sentence import verdict_sentence
from nordlotse.print3d.core.values import Finding, Machine, Material
from nordlotse.print3d.core.whole import Examined
from nordlotse.print3d.forms.intake import PROCESSES, WishesForm
from nordlotse.print3d.queries import costs, parts, shop
from nordlotse.print3d.queries.parts import KeptPart

#: So many kinds of findings are shown at once, the rest folded; so many are told above all else.
SHOWN, FIRST = 5, 3


@dataclass(frozen=True, slots=True)
class Row:
    """A finding as the page shows it: its number, itself, its place in words, the processes for which it matters ("" for all)."""

    number: int
    finding: Finding
    place: str
    processes: str

    @property
    def severity(self) -> str:
        """Return how much it matters."""
        return self.finding.severity.value

    @property
    def text(self) -> Text:
        """Return what it says."""
        return self.finding.text

    @property
    def value(self) -> float | None:
        """Return what was measured."""
        return self.finding.value

    @property
    def limit(self) -> float | None:
        """Return the limit."""
        return self.finding.limit

    @property
    def unit(self) -> str:
        """Return the unit of value and limit."""
        return self.finding.unit


def result_context(kept: KeptPart, lang: Lang, form: WishesForm | None = None, *, share: str = "") -> dict[str, Any]:
    """Return what `print3d/part.html` and its partials need.

    For all partials: `kept`, `examined`, `shared` (nothing may be changed). For the viewer: `view_url`, `picture_urls` (name, address,
    alternative text), `findings`, `proposals`, `machine`. For the figures: `glance`, `key` ("" where shared), `not_reckoned`.
    """
    examined = kept.examined
    if examined is None:
        return {"kept": kept}
    rows = _rows(examined, lang)
    grouped = _grouped(rows)
    facts = examined.checked.facts
    named, key = ("print3d_shared", share) if share else ("print3d", kept.key)
    return {
        "kept": kept,
        "examined": examined,
        "shared": share,
        "key": "" if share else kept.key,
        "verdict": verdict_sentence(examined.checked.printable).get(lang),
        "view_url": reverse(f"{lang}:{named}_view", args=[key]),
        "picture_urls": _pictures(kept.key, f"{lang}:{named}_picture", key),
        "findings": rows,
        "shown": grouped[:SHOWN],
        "more": grouped[SHOWN:],
        "first": _first(grouped),
        "pieces": _pieces(examined),
        "summary": _summary(rows),
        "mends": any(row.finding.code in UNSOUND or row.finding.code == "tessellation_crack" for row in rows),
        "proposals": examined.proposals,
        "machine": _machine(kept, examined),
        "volume": volume(facts.volume_mm3, lang),
        "tolerance": volume(facts.volume_tolerance, lang) if facts.volume_tolerance else "",
        "report": reverse(f"{lang}:{named}_report", args=[key]),
        "processes": _processes(examined, lang),
        "glance": costs.glance(kept, lang),
        "not_reckoned": examined.not_reckoned.get(lang) if examined.not_reckoned else "",
        "sliced": examined.reckoned is not None and examined.reckoned.estimate.engine == "sliced",
        "slicer": slicer.program() is not None,
        "form": form or WishesForm(initial=_initial(examined), own=own_materials(kept)),
        "days": DAYS,
        "further": () if share else elsewhere.found(kept, lang),
        "problem": kept.work.problem if kept.work is not None and kept.work.failed else None,
    }


def own_materials(kept: KeptPart) -> tuple[Material, ...]:
    """Return the materials of the shop a part is reckoned with."""
    own = shop.of_part(kept)
    return own.materials if own is not None else ()


def _rows(examined: Examined, lang: Lang) -> list[Row]:
    return [
        Row(one.number, one.finding, place_of(one.finding.where, lang), _named(one.finding.processes))
        for one in numbered(examined.checked.findings)
    ]


def _grouped(rows: list[Row]) -> list[tuple[Row, list[Row]]]:
    """Return the findings by kind: the first of each, and the further places of the same kind."""
    kinds: dict[str, list[Row]] = {}
    for row in rows:
        kinds.setdefault(row.finding.code, []).append(row)
    return [(same[0], same[1:]) for same in kinds.values()]


def _first(grouped: list[tuple[Row, list[Row]]]) -> list[tuple[Row, int]]:
    """Return the kinds of findings to see to first, each with how many places there are; hints only where there is nothing else."""
    weighty = [one for one in grouped if one[0].severity != "note"]
    return [(row, len(further) + 1) for row, further in (weighty or grouped)[:FIRST]]


def _pieces(examined: Examined) -> list[str]:
    """Return the parts in the file by their names, equal ones counted: "2 × side_long"; none where there is only one."""
    if len(examined.parts) < 2:
        return []
    counts = Counter(name or _("ohne Namen") for name in examined.parts)
    return [f"{n} × {name}" if n > 1 else name for name, n in counts.items()]


def place_of(where: tuple[float, float, float], lang: Lang) -> str:
    """Return a place in mm of the file's coordinates: "x 12,5 · y 0 · z 3"."""
    said = (f"{axis} {value:.1f}" for axis, value in zip("xyz", where, strict=True))
    text = " · ".join(said).replace("-0.0", "0.0").replace(".0", "") + " mm"
    return text.replace("-", "−") if lang == "en" else text.replace("-", "−").replace(".", ",")


def _named(processes: tuple[str, ...]) -> str:
    return ", ".join(name.upper() for name in processes)


def _summary(rows: list[Row]) -> str:
    """Return how many findings there are of each weight, in one sentence."""
    if not rows:
        return _("Wir haben nichts gefunden, was gegen den Druck spricht.")
    counts = {weight: sum(row.severity == weight for row in rows) for weight in ("blocks", "risk", "note")}
    said = [
        _("%(n)s verhindern den Druck") if counts["blocks"] > 1 else _("%(n)s verhindert den Druck"),
        _("%(n)s sind ein Risiko") if counts["risk"] > 1 else _("%(n)s ist ein Risiko"),
        _("%(n)s sind Hinweise") if counts["note"] > 1 else _("%(n)s ist ein Hinweis"),
    ]
    told = [text % {"n": n} for text, n in zip(said, counts.values(), strict=True) if n]
    return _("Gefunden: %(what)s.") % {"what": ", ".join(told)}


def _pictures(key: str, name: str, shown_as: str) -> list[tuple[str, str, str]]:
    """Return the six views: name, address, and in words from where one looks and which marks are seen."""
    from_where = seen_from()
    found = []
    for view in VIEWS:
        content = parts.content(key, f"{view}.png")
        if content is None:
            continue
        marks = ", ".join(str(number) for number in marks_in(content))
        text = from_where[view] + (_(", mit den Marken %(marks)s") % {"marks": marks} if marks else "")
        found.append((view, reverse(name, args=[shown_as, view]), text))
    return found


def seen_from() -> dict[str, str]:
    """Return what the six views are called."""
    return {
        "front": _("Ansicht von vorn"),
        "back": _("Ansicht von hinten"),
        "left": _("Ansicht von links"),
        "right": _("Ansicht von rechts"),
        "top": _("Ansicht von oben"),
        "bottom": _("Ansicht von unten"),
    }


def volume(mm3: float, lang: Lang) -> str:
    """Return a volume in words with three digits that count: cm³ from 0.1 cm³ on, else mm³."""
    value, unit = (mm3 / 1000, "cm³") if abs(mm3) >= 100 else (mm3, "mm³")
    places = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    text = f"{value:,.{places}f}"
    return f"{text.translate(str.maketrans(',.', '.,')) if lang == 'de' else text} {unit}"


def _machine(kept: KeptPart, examined: Examined) -> Machine | None:
    """Return the machine whose build plate the picture shows: the first of the chosen process that the part fits, else the first.

    A shop's own machines of that process stand in for ours.
    """
    wanted = examined.wishes.process or "fdm"
    own = [one for one in shop.machines_of(kept) if one.process == wanted]
    own = own or [one for one in machines().values() if one.process == wanted]
    low, high = examined.checked.facts.bbox_mm
    size = sorted(above - below for below, above in zip(low, high, strict=True))
    fitting = [m for m in own if all(s <= b for s, b in zip(size, sorted(m.build), strict=True))]
    return next(iter([*fitting, *own]), None)


def _processes(examined: Examined, lang: Lang) -> list[dict[str, Any]]:
    names = {process.value: name for process, name in PROCESSES.items()}
    look = {"yes": "found", "with_changes": "related", "no": "none"}
    said = {"yes": _("druckbar"), "with_changes": _("mit Änderungen druckbar"), "no": _("nicht druckbar")}
    return [
        {
            "name": names.get(name, name.upper()),
            "look": look[verdict.verdict],
            "verdict": said[verdict.verdict],
            "reasons": [reason.get(lang) for reason in verdict.reasons],
        }
        for name, verdict in examined.checked.printable.items()
    ]


def _initial(examined: Examined) -> dict[str, Any]:
    wishes = examined.wishes
    scale = int(wishes.scale) if wishes.scale == int(wishes.scale) else wishes.scale
    return {"unit": wishes.unit, "scale": scale, "process": wishes.process, "material": wishes.material}
