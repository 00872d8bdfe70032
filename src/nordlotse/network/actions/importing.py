"""Tables taken over: kept for a look first, then written line by line; wrong lines never hold up good ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from nordlotse.foundation.intake import shown_name
from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.network.actions.access import check_coordinator
from nordlotse.network.actions.partners import put_days, put_sites
from nordlotse.network.actions.people import put_tags
from nordlotse.network.intake import sheets
from nordlotse.network.intake.plan import Line, State, make
from nordlotse.network.intake.sheets import Sheet
from nordlotse.network.models import ImportDraft, Offer, Partner, Person
from nordlotse.network.queries.stock import stock
from nordlotse.network.queries.terms import terms
from nordlotse.office.log import record

#: How long tables wait to be taken over.
KEEP = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Report:
    """What a file would do or did: every line, and the sheets that could not be used at all."""

    name: str
    lines: tuple[Line, ...]
    refused: tuple[BadInput, ...]
    saved: bool = False

    def count(self, state: str) -> int:
        """Return how many lines are new, changed, same or wrong."""
        return sum(line.state == state for line in self.lines)

    @property
    def counts(self) -> dict[str, int]:
        """Return the four counts."""
        return {state.value: self.count(state) for state in State}

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON."""
        return {
            "file": self.name,
            "saved": self.saved,
            "counts": self.counts,
            "refused": [p.as_dict() for p in self.refused],
            "lines": [
                {
                    "table": line.table,
                    "line": line.number,
                    "state": line.state.value,
                    "what": line.label,
                    "problems": [p.as_dict() for p in line.problems],
                    "notes": [{"de": n.de, "en": n.en} for n in line.notes],
                }
                for line in self.lines
            ],
        }


def keep_draft(user: Any, name: str, data: bytes) -> ImportDraft:
    """Read a file and keep its tables for the look before they are taken over; drafts older than a day are erased.

    Raises:
        NotAllowed: not a coordinator.
        BadInput: not a table, or no table of ours in it.
    """
    check_coordinator(user)
    found = sheets.read(shown_name(name), data)
    report = preview(shown_name(name), found)
    if report.refused and not report.lines:
        raise report.refused[0]
    with transaction.atomic():
        erase_drafts()
        tables = [{"name": s.name, "header": s.header, "rows": s.rows} for s in found]
        return ImportDraft.objects.create(user=user, name=shown_name(name), tables=tables)


def erase_drafts() -> int:
    """Delete tables that nobody took over for a day; return how many."""
    erased, _ = ImportDraft.objects.filter(created_at__lt=timezone.now() - KEEP).delete()
    return erased


def _draft(user: Any, draft_id: int) -> ImportDraft:
    check_coordinator(user)
    found = ImportDraft.objects.filter(pk=draft_id, user=user).first()
    if found is None:
        raise NotFound(
            "draft_unknown",
            de="Diese Tabelle wartet nicht mehr.",
            en="This table is not waiting any more.",
            where="draft",
            remedy_de="Bitte die Datei noch einmal hochladen.",
            remedy_en="Upload the file again.",
        )
    return found


def _sheets(draft: ImportDraft) -> list[Sheet]:
    return [
        Sheet(t["name"], tuple(t["header"]), tuple((n, tuple(cells)) for n, cells in t["rows"])) for t in draft.tables
    ]


def preview(name: str, found: list[Sheet]) -> Report:
    """Return what tables would do; writes nothing."""
    lines, refused = make(found, stock(), terms())
    return Report(name, tuple(lines), tuple(refused))


def look(user: Any, draft_id: int) -> Report:
    """Return what one's waiting tables would do today; writes nothing.

    Raises:
        NotAllowed: not a coordinator.
        NotFound: no such draft of this person.
    """
    draft = _draft(user, draft_id)
    return preview(draft.name, _sheets(draft))


def discard(user: Any, draft_id: int) -> None:
    """Throw waiting tables away.

    Raises:
        NotAllowed, NotFound: as `look`.
    """
    _draft(user, draft_id).delete()


def take_over(user: Any, draft_id: int) -> Report:
    """Write the good lines of one's waiting tables and throw the draft away.

    Raises:
        NotAllowed, NotFound: as `look`.
    """
    with transaction.atomic():
        draft = _draft(user, draft_id)
        report = _write(draft.name, _sheets(draft), user)
        draft.delete()
    return report


def import_file(name: str, data: bytes, *, save: bool, actor: str = "system") -> Report:
    """Read a file at the terminal and write its good lines, or only tell what it would do.

    Raises:
        BadInput: not a table.
    """
    found = sheets.read(shown_name(name), data)
    if not save:
        return preview(shown_name(name), found)
    with transaction.atomic():
        return _write(shown_name(name), found, actor)


def _write(name: str, found: list[Sheet], actor: Any) -> Report:
    planned = preview(name, found)
    ids: dict[tuple[str, int], int] = {}

    def real(table: str, row: Any) -> int | None:
        """The id of a row of the plan: those below zero were made just now."""
        return None if not row else ids[table, row] if row < 0 else int(row)

    write = {"partner": _partner, "personen": _person, "angebote": _offer}
    done = [line for line in planned.lines if line.state in (State.NEW, State.CHANGED)]
    for line in done:
        ids[line.table, line.row] = write[line.table](line, real)
        kind = {"partner": "partner", "personen": "person", "angebote": "offer"}[line.table]
        record(f"{kind}.imported", kind, ids[line.table, line.row], actor)
    for line in done:
        if line.table == "personen" and "cover" in line.values:
            cover = real("personen", line.values["cover"])
            Person.objects.filter(pk=ids[line.table, line.row]).update(cover=cover)
    return Report(name, planned.lines, planned.refused, saved=True)


_Real = Callable[[str, Any], int | None]


def _partner(line: Line, real: _Real) -> int:
    partner = Partner() if line.row < 0 else Partner.objects.get(pk=line.row)
    for name, value in line.values.items():
        if name not in ("sites", *(("slug",) if line.row > 0 else ())):
            setattr(partner, name, value)
    partner.save()
    if "sites" in line.values:
        put_sites(partner, line.values["sites"])
    return partner.pk


def _person(line: Line, real: _Real) -> int:
    person = Person() if line.row < 0 else Person.objects.get(pk=line.row)
    kept = ("topics", "methods", "sectors", "cover", "partner")
    for name, value in line.values.items():
        if name not in kept:
            setattr(person, name, value)
    if line.row < 0:
        person.partner_id = real("partner", line.values["partner"])  # type: ignore[assignment] # always there
    if "visible" in line.values:
        # The heading asks for it: "yes" says that the person agrees.
        person.consented_at = (person.consented_at or timezone.now()) if person.visible else None
    person.save()
    fields = {"topic": "topics", "method": "methods", "sector": "sectors"}
    given = {kind: line.values[field] for kind, field in fields.items() if field in line.values}
    if given:
        kept_tags = list(person.competences.exclude(kind__in=given).values_list("tag", flat=True))
        put_tags(person, [*kept_tags, *(t for tags in given.values() for t in tags)])
    return person.pk


def _offer(line: Line, real: _Real) -> int:
    offer = Offer() if line.row < 0 else Offer.objects.get(pk=line.row)
    for name, value in line.values.items():
        if name not in ("partner", "person", "days"):
            setattr(offer, name, value)
    if line.row < 0:
        offer.partner_id = real("partner", line.values["partner"])  # type: ignore[assignment] # always there
    if "person" in line.values:
        offer.person_id = real("personen", line.values["person"])
    offer.save()
    if "days" in line.values:
        put_days(offer, line.values["days"])
    return offer.pk
