"""What the room's tables hold of people: a hall is a company's own; entries on stops may name a person only where the hall allows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nordlotse.foundation.language import Text
from nordlotse.foundation.personal import Basis, Declared, Subject, Table, declare
from nordlotse.iot.leaving import ROOM, erase_halls, erase_machines, erase_uploads
from nordlotse.iot.models import (
    DONE_DAYS,
    Alarm,
    Delivery,
    Hall,
    Machine,
    Order,
    Outbox,
    Rule,
    Score,
    ShiftResult,
    Simulation,
    Stop,
    Upload,
    Watch,
)
from nordlotse.office import files

_KEPT = Text("bis Sie löschen; eine Probehalle 24 Stunden", "until you delete it; a trial hall for 24 hours")
_PURPOSE = Text("Maschinendaten zeigen und auswerten", "Show and evaluate machine data")


def _halls(subject: Subject) -> Any:
    return Hall.objects.filter(company=subject.company) if subject.company else Hall.objects.none()


def _of(model: Any, path: str) -> Any:
    def rows(subject: Subject) -> Any:
        return model.objects.filter(**{path: subject.company}) if subject.company else model.objects.none()

    return rows


def _table(
    model: Any,
    path: str,
    what: Text,
    personal: tuple[str, ...],
    impersonal: tuple[str, ...],
    erase: Callable[[Any], object] | None = None,
    files_of: Callable[[Any], list[Any]] | None = None,
    keep: Text = _KEPT,
) -> None:
    declared = (Declared(fields=personal, purpose=_PURPOSE, basis=Basis.CONSENT, keep=keep),) if personal else ()
    declare(
        Table(
            model=model,
            what=what,
            declared=declared,
            impersonal=impersonal,
            rows=_of(model, path),
            erase=erase,
            files=files_of,
        )
    )


declare(
    Table(
        model=Hall,
        what=Text("Ihre Hallen mit Maschinen", "Your halls with machines"),
        declared=(
            Declared(
                fields=("name", "company", "shifts", "mail", "webhook", "webhook_secret", "persons_by"),
                purpose=_PURPOSE,
                basis=Basis.CONSENT,
                keep=_KEPT,
            ),
        ),
        impersonal=(
            "key", "store", "lang", "share", "share_until", "persons", "persons_at", "price_kwh", "is_example", "created_at", "expires_at",
        ),
        rows=_halls,
        erase=erase_halls,
    )
)  # fmt: skip
_table(
    Machine,
    "hall__company",
    Text("Ihre Maschinen", "Your machines"),
    ("name", "title", "signals", "states", "euros_per_hour"),
    ("id", "hall", "kind", "cycle", "stop_key", "created_at"),
    erase=erase_machines,
)
_table(
    Stop,
    "machine__hall__company",
    Text("Gründe für Stillstände", "Reasons for stops"),
    ("reason", "note", "person"),
    ("id", "machine", "begin", "end", "state", "said_at"),
)
_table(
    Order,
    "machine__hall__company",
    Text("Ihre Aufträge an Maschinen", "Your orders on machines"),
    ("name", "part"),
    ("id", "machine", "cycle", "begin", "end", "made", "scrap", "rework", "taps"),
)
_table(
    Alarm,
    "machine__hall__company",
    Text("Alarme Ihrer Maschinen", "Alarms of your machines"),
    ("note", "told"),
    ("id", "machine", "rule", "kind", "begin", "end", "score", "limit", "reasons", "verdict", "acknowledged_at", "raised_at"),
    keep=Text("ein Jahr nach dem Ende des Alarms, wenn Sie nicht eher löschen; eine Probehalle 24 Stunden", "a year after the alarm's end unless you delete it earlier; a trial hall for 24 hours"),
)  # fmt: skip
_table(
    Upload,
    "hall__company",
    Text("Dateien mit Messwerten", "Files of values"),
    ("name", "found", "outcome", "problem"),
    ("key", "hall", "machine", "size", "state", "progress", "asked_at", "taken_at"),
    keep=Text(
        f"{DONE_DAYS} Tage nach dem Einlesen, nicht eingelesen einen Tag, wenn Sie nicht eher löschen; eine Probehalle 24 Stunden",
        f"{DONE_DAYS} days after being taken in, a day if not, unless you delete it earlier; a trial hall for 24 hours",
    ),
    erase=erase_uploads,
    files_of=lambda upload: files.of(ROOM, upload.pk),
)
_table(
    Simulation,
    "machine__hall__company",
    Text("Simulierte Maschinen", "Simulated machines"),
    (),
    ("machine", "kind", "seed", "faults", "history_from", "sent_until", "stopped", "until"),
)
_table(
    ShiftResult,
    "machine__hall__company",
    Text("Kennzahlen je Schicht", "Key figures per shift"),
    (),
    (
        "id",
        "machine",
        "begin",
        "end",
        "shift",
        "given",
        "spans",
        "energy",
        "seen",
        "why",
        "settled",
        "computed",
        "revision",
    ),
)
_table(
    Watch,
    "machine__hall__company",
    Text("Was ein Wächter gelernt hat", "What a watch has learned"),
    (),
    (
        "machine", "signals", "good_from", "good_to", "learned", "limit_factor", "on", "seen_until", "standing", "ask", "progress", "problem",
        "learned_at",
    ),
)  # fmt: skip
_table(
    Score,
    "machine__hall__company",
    Text("Wie auffällig eine Maschine war", "How unusual a machine was"),
    (),
    ("id", "machine", "begin", "peaks"),
)
_table(
    Outbox,
    "hall__company",
    Text("Alarme, die noch gemeldet werden", "Alarms still to be told"),
    (),
    ("id", "hall", "receiver", "waiting", "number"),
)
_table(
    Delivery,
    "hall__company",
    Text("Meldungen an Ihren Webhook", "Messages to your webhook"),
    ("body",),
    ("id", "hall", "attempts", "due_at", "claimed_at", "sent_at", "failed_at", "error", "made_at"),
)
_table(
    Rule,
    "machine__hall__company",
    Text("Alarmregeln", "Alarm rules"),
    ("rule",),
    ("id", "machine", "signal", "standing", "on", "created_at"),
)
