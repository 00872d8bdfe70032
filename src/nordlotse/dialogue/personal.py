"""What the room's tables hold of people: registrations for a year after the event, then figures only."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils import timezone

from nordlotse.dialogue.models import Event, Feedback, ImportSource, Question, Registration
from nordlotse.dialogue.models.events import new_key
from nordlotse.foundation.language import Text
from nordlotse.foundation.personal import Basis, Declared, Subject, Table, declare

#: Registrations lose name and address so long after the event.
KEEP_DAYS = 365

_KEPT = Text(
    "12 Monate nach dem Termin; danach bleiben nur Zahlen", "12 months after the event; then only figures stay"
)
_STAFF = Text("solange der Termin gespeichert ist", "as long as the event is kept")


def _of_subject(subject: Subject) -> Q:
    return Q(mail_key__in=subject.mails) | Q(user_id__in=subject.users)


def forget(rows: Any) -> int:
    """Erase what tells of a person in these registrations and their feedback; whether somebody came stays as a figure.

    Who has not come yet loses the place; the worker gives it to whoever waits.
    """
    now, count = timezone.now(), 0
    for row in rows.select_related("event"):
        Feedback.objects.filter(registration=row).update(registration=None, useful="", missing="")
        for field in ("name", "mail", "mail_key", "company_name"):
            setattr(row, field, "")
        row.user, row.answers, row.key, row.erased_at = None, {}, new_key(), now
        if row.checked_in_at is None and row.status != Registration.Status.CANCELLED and row.event.end > now:
            row.status, row.turn, row.cancelled_at = Registration.Status.CANCELLED, None, now
        row.save()
        count += 1
    return count


def _no_rows(model: Any) -> Any:
    return lambda subject: model.objects.none()


declare(
    Table(
        model=Registration,
        what=Text("Anmeldungen zu Terminen", "Registrations for events"),
        declared=(
            Declared(
                ("name", "mail", "mail_key", "company_name", "user", "lang", "answers", "key", "code"),
                Text(
                    "Anmeldung zu einem Termin, Einlass, Teilnahmebestätigung",
                    "Registration for an event, entrance, certificate",
                ),
                Basis.CONTRACT,
                _KEPT,  # counted from the event's end, not from a field of this table: the room's worker erases
            ),
            Declared(
                ("checked_in_by",),
                Text("Wer am Einlass war", "Who was at the entrance"),
                Basis.TASK,
                _STAFF,
            ),
        ),
        impersonal=(
            "id",
            "event",
            "status",
            "turn",
            "form_token",
            "consent_version",
            "at",
            "moved_up_at",
            "cancelled_at",
            "checked_in_at",
            "checked_in_change",
            "thanked_at",
            "erased_at",
            "is_example",
        ),
        rows=lambda subject: Registration.objects.filter(_of_subject(subject), erased_at=None),
        erase=forget,
    )
)
declare(
    Table(
        model=Feedback,
        what=Text("Rückmeldungen zu Terminen", "Feedback on events"),
        declared=(
            Declared(
                ("registration", "useful", "missing"),
                Text("Rückmeldung zu einem Termin", "Feedback on an event"),
                Basis.TASK,
                _KEPT,
            ),
        ),
        impersonal=("id", "event", "rating", "at", "is_example"),
        rows=lambda subject: Feedback.objects.filter(
            registration__in=Registration.objects.filter(_of_subject(subject))
        ),
        erase=lambda rows: rows.update(registration=None, useful="", missing=""),
    )
)
declare(
    Table(
        model=Event,
        what=Text("Wer Termine angelegt hat", "Who made events"),
        declared=(
            Declared(
                ("created_by",),
                Text("Wer einen Termin angelegt hat", "Who made an event"),
                Basis.TASK,
                _STAFF,
            ),
        ),
        impersonal=tuple(f.name for f in Event._meta.concrete_fields if f.name != "created_by"),
        rows=lambda subject: Event.objects.filter(created_by_id__in=subject.users),
        erase=lambda rows: rows.update(created_by=None),
    )
)
for _model in (Question, ImportSource):
    declare(
        Table(
            model=_model,
            declared=(),
            impersonal=tuple(f.name for f in _model._meta.concrete_fields),
            rows=_no_rows(_model),
        )
    )
