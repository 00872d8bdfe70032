"""Kept parts as plain values: what was wished, what was found, what the worker is at, and the files that belong to it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import Q, Sum
from django.utils import timezone

from nordlotse.foundation.problem import BadInput, NotFound, Problem
from nordlotse.office import files
from nordlotse.office.models import StoredFile
from nordlotse.print3d.core.whole import Examined, Wishes, from_text
from nordlotse.print3d.core.workbench import Mended, from_kept
from nordlotse.print3d.models import Part, Work

#: The room the files lie under in the office, and their names there; the six views are `<view>.png`.
ROOM, LIST_ROOM = "print3d", "print3d_list"
ORIGINAL, PICTURE, REPAIRED, MENDED, GCODE = "original", "ansicht.bin", "repariert.stl", "reparatur.json", "druck.gcode"
#: What an archive with several parts holds, as a list of paths.
INSIDE = "inhalt.json"

#: What a key looks like; anything else is not looked up.
_KEY = re.compile(r"[A-Za-z0-9]{24}")
_DAY = 86_400
#: What of a part's figures of today is nobody else's business.
_OWN = ("price", "lead_days", "minimum", "process")


@dataclass(frozen=True, slots=True)
class WorkState:
    """Something that waits or was done for a part: what, where it stands, the step it is at, and why it could not be done."""

    id: int
    kind: str
    state: str
    step: str
    problem: Problem | None
    asked_at: datetime
    ended_at: datetime | None

    @property
    def open(self) -> bool:
        """Tell whether it waits or runs."""
        return self.state in (Work.State.WAITING, Work.State.RUNNING)

    @property
    def failed(self) -> bool:
        """Tell whether it could not be done."""
        return self.state == Work.State.FAILED

    @property
    def cancelled(self) -> bool:
        """Tell whether somebody stopped it."""
        return self.state == Work.State.CANCELLED


@dataclass(frozen=True, slots=True)
class KeptPart:
    """A part behind its link.

    `examined` is None until the check is done, when it failed, and when an older version kept it. `work` is the newest check, `repair` and
    `slicing` the newest of theirs, None where none was asked for. `inner`: the path of the part in its archive, "" where it is none;
    `box`: the key of the part that holds the archive, `part_list` that of the list it was opened from. `shop`, `share`: their keys, "" without. `today`: quantity and how the part is
    bought today, as the form of the costs keeps it.
    """

    key: str
    name: str
    lang: str
    wishes: Wishes
    examined: Examined | None
    work: WorkState | None
    repair: WorkState | None
    slicing: WorkState | None
    today: Mapping[str, Any]
    inner: str
    box: str
    part_list: str
    shop: str
    share: str
    share_until: datetime | None
    company: str
    is_example: bool
    created_at: datetime
    expires_at: datetime

    @property
    def days_left(self) -> int:
        """Return the days until it expires, begun ones whole; 0 when it has."""
        return max(0, math.ceil((self.expires_at - timezone.now()).total_seconds() / _DAY))

    @property
    def ready(self) -> bool:
        """Tell whether there is a result to show and nothing newer under way."""
        return self.examined is not None and not (self.work and self.work.open)


def unknown() -> NotFound:
    """Return the error of a link that leads to no part (any more)."""
    return NotFound(
        "no_such_part",
        de="Unter diesem Link liegt kein Teil.",
        en="There is no part under this link.",
        where="link",
        remedy_de="Bitte prüfen Sie, ob der Link vollständig ist. Teile werden nach sieben Tagen gelöscht; laden Sie es dann neu hoch.",
        remedy_en="See whether the link is complete. Parts are deleted after seven days; then upload it again.",
    )


def gone() -> NotFound:
    """Return the error of a part whose file is not there any more."""
    return NotFound(
        "file_gone",
        de="Die Datei dieses Teils gibt es nicht mehr.",
        en="The file of this part is no longer there.",
        where="file",
        remedy_de="Bitte laden Sie das Teil noch einmal hoch.",
        remedy_en="Upload the part once more.",
    )


def not_repaired() -> NotFound:
    """Return the error of a part that has no mended copy."""
    return NotFound(
        "not_repaired",
        de="Dieses Teil wurde noch nicht repariert.",
        en="This part has not been repaired yet.",
        where="file",
        remedy_de="Starten Sie die Reparatur auf der Seite des Teils.",
        remedy_en="Start the repair on the part's page.",
    )


def repaired_name(kept: KeptPart) -> str:
    """Return the name of the mended copy's file."""
    word = "repariert" if kept.lang == "de" else "repaired"
    return f"{kept.name.rpartition('.')[0] or kept.name}-{word}.stl"


def mended(key: str) -> Mended | None:
    """Return what a repair changed, None where there was none or an older version kept it."""
    kept = content(key, MENDED)
    try:
        return from_kept(json.loads(kept)) if kept else None
    except (KeyError, TypeError, ValueError):
        return None


def by_key(key: str) -> KeptPart:
    """Return a kept part by its link.

    Raises:
        NotFound: there is none, or it has expired (`no_such_part`).
    """
    found = _living().filter(pk=key).first() if _KEY.fullmatch(key) else None
    if found is None:
        raise unknown()
    return _value_of(found)


def by_share(share: str) -> KeptPart:
    """Return the part a shared link shows, without what the company pays today: the link often goes to whoever shall make an offer.

    Raises:
        NotFound: there is none, or the link has ended (`no_such_part`).
    """
    found = _living().filter(share=share, share_until__gt=timezone.now()).first() if _KEY.fullmatch(share) else None
    if found is None:
        raise unknown()
    kept = _value_of(found)
    return replace(kept, today={name: value for name, value in kept.today.items() if name not in _OWN})


def of_company(company: str, most: int = 50) -> list[KeptPart]:
    """Return the parts a company's people laid there, the newest first."""
    rows = _living().filter(company=company) if company else Part.objects.none()
    return [_value_of(row) for row in rows.order_by("-created_at", "pk")[:most]]


def of_shop(shop: str) -> int:
    """Return how many parts are reckoned with a shop."""
    return int(_living().filter(shop=shop).count())


def from_box(key: str) -> dict[str, str]:
    """Return the parts taken out of an archive so far: key by path in it, the newest of each path."""
    rows = _living().filter(wishes__box=key).order_by("created_at").values_list("wishes", "pk")
    return {str(wishes.get("inner", "")): pk for wishes, pk in rows}


def stored(key: str, name: str) -> StoredFile | None:
    """Return a part's file by its name in the office, None where it has none (yet)."""
    return StoredFile.objects.filter(room=ROOM, reference=key, name=name).order_by("-added_at", "-pk").first()


def content(key: str, name: str) -> bytes | None:
    """Return the bytes of a part's file, None where there is none (yet)."""
    found = stored(key, name)
    try:
        return files.path_of(found).read_bytes() if found is not None else None
    except FileNotFoundError:
        return None


def bytes_kept() -> int:
    """Return how many bytes all parts and lists take."""
    return StoredFile.objects.filter(room__in=(ROOM, LIST_ROOM)).aggregate(total=Sum("size"))["total"] or 0


def waiting(keys: list[str] | None = None) -> int:
    """Return how much work waits or runs, of all or of the parts and lists named."""
    rows = Work.objects.filter(state__in=(Work.State.WAITING, Work.State.RUNNING))
    if keys is not None:
        rows = rows.filter(Q(part__in=keys) | Q(part_list__in=keys))
    return rows.count()


def place_in_line(work: WorkState) -> int:
    """Return how many checks are done before this one."""
    kinds = (Work.Kind.EXAMINE, Work.Kind.REPAIR)
    return Work.objects.filter(state=Work.State.WAITING, kind__in=kinds, id__lt=work.id).count()


def wishes_of(kept: Mapping[str, Any]) -> Wishes:
    """Return wishes from what a row keeps of them."""
    known = {f.name for f in fields(Wishes)}
    given = {name: value for name, value in kept.items() if name in known}
    if given.get("rotation") is not None:
        given["rotation"] = tuple(float(number) for number in given["rotation"])
    return Wishes(**given)


def wishes_kept(wishes: Wishes) -> dict[str, Any]:
    """Return wishes as a row keeps them."""
    return asdict(wishes)


def problem_of(kept: Mapping[str, Any]) -> Problem | None:
    """Return the error a row keeps, None for none."""
    if not kept:
        return None
    told = {name: str(kept.get(name, "")) for name in ("de", "en", "where", "remedy_de", "remedy_en")}
    return BadInput(str(kept.get("code", "")), **told)


def problem_kept(problem: Problem) -> dict[str, str]:
    """Return an error as a row keeps it."""
    return {
        "code": problem.code,
        "de": problem.message_de,
        "en": problem.message_en,
        "where": problem.where,
        "remedy_de": problem.remedy_de,
        "remedy_en": problem.remedy_en,
    }


def _living() -> Any:
    return Part.objects.filter(expires_at__gt=timezone.now()).prefetch_related("works")


@lru_cache(maxsize=64)
def _examined(text: str) -> Examined | None:
    """Read a result once: a page, its pictures and its figures ask for it one after the other."""
    try:
        return from_text(text)
    except BadInput:
        return None


def _value_of(part: Part) -> KeptPart:
    shared = part.share_until is not None and part.share_until > timezone.now()
    works = {work.kind: work_state(work) for work in sorted(part.works.all(), key=lambda work: work.pk)}
    return KeptPart(
        key=part.key,
        name=part.name,
        lang=part.lang,
        wishes=wishes_of(part.wishes),
        examined=_examined(part.found) if part.found else None,
        work=works.get(Work.Kind.EXAMINE),
        repair=works.get(Work.Kind.REPAIR),
        slicing=works.get(Work.Kind.SLICE),
        today=part.today,
        inner=str(part.wishes.get("inner", "")),
        box=str(part.wishes.get("box", "")),
        part_list=str(part.wishes.get("list", "")),
        shop=part.shop_id or "",
        share=part.share or "" if shared else "",
        share_until=part.share_until if shared else None,
        company=part.company,
        is_example=part.is_example,
        created_at=part.created_at,
        expires_at=part.expires_at,
    )


def work_state(work: Work) -> WorkState:
    """Return a row of work as a value."""
    return WorkState(work.pk, work.kind, work.state, work.step, problem_of(work.problem), work.asked_at, work.ended_at)


def inside(key: str) -> tuple[str, ...]:
    """Return the paths of the parts in a kept archive, () where it is none or was not looked into yet."""
    found = content(key, INSIDE)
    return tuple(str(path) for path in json.loads(found)) if found else ()
