"""What the room's tables hold of people: no name, no address; but a part is a company's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nordlotse.foundation.language import Text
from nordlotse.foundation.personal import Basis, Declared, Subject, Table, declare
from nordlotse.office import files
from nordlotse.print3d.models import KEPT_DAYS, SHOP_DAYS, Part, PartList, Shop, Work

_WEEK = Text(f"{KEPT_DAYS} Tage, oder bis Sie löschen", f"{KEPT_DAYS} days, or until you delete it")
_CHECK = Text("Das Teil prüfen, schätzen und vergleichen", "Check, estimate and compare the part")


def _parts(subject: Subject) -> object:
    return Part.objects.filter(company=subject.company) if subject.company else Part.objects.none()


def _lists(subject: Subject) -> object:
    return PartList.objects.filter(company=subject.company) if subject.company else PartList.objects.none()


def _with_files(room: str) -> Callable[[Any], object]:
    """Return how rows are deleted together with their files in the office."""

    def erase(rows: Any) -> object:
        for key in list(rows.values_list("pk", flat=True)):
            files.remove_all(room, key)
        return rows.delete()

    return erase


declare(
    Table(
        model=Part,
        what=Text("Ihre geprüften Druckteile", "Your parts checked for printing"),
        declared=(
            Declared(
                fields=("name", "wishes", "found", "today", "company"),
                purpose=_CHECK,
                basis=Basis.CONSENT,
                keep=_WEEK,
                keep_days=KEPT_DAYS,
                keep_from="created_at",
            ),
        ),
        impersonal=("key", "lang", "shop", "share", "share_until", "is_example", "created_at", "expires_at"),
        rows=_parts,
        files=lambda part: files.of("print3d", part.pk),
        erase=_with_files("print3d"),
    )
)

declare(
    Table(
        model=PartList,
        what=Text(
            "Ihre Teilelisten: Teile, Preise, Mengen und Bestand, dazu die Dateien der Teile",
            "Your parts lists: parts, prices, quantities and stock, with the part files",
        ),
        declared=(
            Declared(
                fields=("name", "found", "company"),
                purpose=Text("Die Teile nach Ersparnis ordnen", "Rank the parts by saving"),
                basis=Basis.CONSENT,
                keep=_WEEK,
                keep_days=KEPT_DAYS,
                keep_from="created_at",
            ),
        ),
        impersonal=("key", "lang", "total", "done", "created_at", "expires_at"),
        rows=_lists,
        files=lambda part_list: files.of("print3d_list", part_list.pk),
        erase=_with_files("print3d_list"),
    )
)

declare(
    Table(
        model=Shop,
        what=Text("Eigene Maschinen und Kostenwerte einer Werkstatt", "A shop's own machines and cost figures"),
        declared=(
            Declared(
                fields=("machines", "materials", "figures", "calibration"),
                purpose=Text("Mit eigenen Maschinen rechnen", "Reckon with one's own machines"),
                basis=Basis.CONSENT,
                keep=Text(
                    "bis Sie löschen, höchstens drei Jahre nach der letzten Nutzung",
                    "until you delete them, at most three years after their last use",
                ),
                keep_days=SHOP_DAYS,
                keep_from="touched_at",
            ),
        ),
        impersonal=("key", "created_at", "touched_at"),
        rows=lambda subject: Shop.objects.none(),
    )
)


def _works(subject: Subject) -> object:
    return Work.objects.filter(part__company=subject.company) if subject.company else Work.objects.none()


declare(
    Table(
        model=Work,
        what=Text("Stand der Prüfung eines Teils", "State of the check of a part"),
        declared=(),
        impersonal=(
            "id",
            "kind",
            "part",
            "part_list",
            "state",
            "step",
            "problem",
            "tries",
            "asked_at",
            "taken_at",
            "ended_at",
        ),
        rows=_works,
    )
)
