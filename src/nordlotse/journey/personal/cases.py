"""What the tables of cases hold of people."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from nordlotse.foundation.language import Text
from nordlotse.foundation.personal import Basis, Declared, Subject, Table, declare
from nordlotse.journey.models import AccessRecord, Assignment, Case, Message, PersonVectors, Routing
from nordlotse.office import files, incoming, links
from nordlotse.office.models import StoredFile

_WITH_CASE = Text("mit dem Fall", "with the case")

#: A closed case is kept so long, in days: the effect is asked after three months, and somebody may come back to it.
KEEP_DAYS = 365


def _cases(subject: Subject) -> QuerySet[Case]:
    mine = Q(contact_id__in=subject.contacts) | Q(pk__in=subject.references)
    return Case.objects.filter(mine | Q(company_id=subject.company or "-"))


def _erase_cases(rows: Any) -> int:
    """Delete cases with their files, reply addresses and links; messages, answers and readings go with them."""
    keys = list(rows.values_list("pk", flat=True))
    for key in keys:
        files.remove_all("journey", key)
        incoming.withdraw_reply_addresses("case", key)
        links.withdraw("case", key)
    for held in Assignment.objects.filter(case__in=keys).values_list("pk", flat=True):
        links.withdraw("assignment", held)
        links.withdraw("expert_case", held)
    Case.objects.filter(pk__in=keys).delete()
    return len(keys)


def _files(row: Any) -> list[Any]:
    return list(StoredFile.objects.filter(room="journey", reference=row.pk))


declare(
    Table(
        model=Case,
        what=Text("Ihre Fälle", "Your cases"),
        declared=(
            Declared(
                fields=(
                    "id",
                    "number",
                    "company",
                    "contact",
                    "inquiry",
                    "lang",
                    "title",
                    "question",
                    "answer",
                    "results",
                    "tried",
                    "wish",
                    "wished",
                    "wished_partner",
                    "company_name",
                    "place",
                    "topic",
                    "state",
                    "district",
                    "sector",
                    "employees",
                    "status",
                    "waiting_until",
                    "opened_at",
                    "touched_at",
                    "promised_on",
                    "first_reply_at",
                    "closed_at",
                    "outcome",
                    "outcome_note",
                ),
                purpose=Text(
                    "Die Frage eines Betriebs beantworten und ihn begleiten",
                    "Answer a company's question and accompany it",
                ),
                basis=Basis.TASK,
                keep=Text("ein Jahr nach dem Abschluss", "one year after it was closed"),
                keep_days=KEEP_DAYS,
                keep_from="closed_at",
            ),
            Declared(
                fields=("taken_by",),
                purpose=Text("Wer sich im Zentrum um den Fall kümmert", "Who looks after the case in the centre"),
                basis=Basis.TASK,
                keep=Text("solange der Fall gespeichert ist", "as long as the case is kept"),
            ),
        ),
        impersonal=("once", "open", "stage", "needs", "attention", "asked_last", "reminded_at", "is_example"),
        rows=_cases,
        erase=_erase_cases,
        files=_files,
    )
)

declare(
    Table(
        model=Assignment,
        what=Text("Wer für einen Fall gefragt wurde", "Who was asked about a case"),
        declared=(
            Declared(
                fields=(
                    "case",
                    "person",
                    "status",
                    "leads",
                    "reason_de",
                    "reason_en",
                    "score",
                    "proposed_at",
                    "answered_at",
                    "ask_again_on",
                    "note",
                ),
                purpose=Text("Die richtige Person für den Fall finden", "Find the right person for the case"),
                basis=Basis.TASK,
                keep=_WITH_CASE,
            ),
        ),
        impersonal=("id", "reminded"),
        rows=lambda subject: Assignment.objects.filter(case__in=_cases(subject)),
    )
)

declare(
    Table(
        model=Message,
        what=Text("Nachrichten zu Ihren Fällen", "Messages about your cases"),
        declared=(
            Declared(
                fields=(
                    "case",
                    "author",
                    "channel",
                    "user",
                    "person",
                    "text",
                    "internal",
                    "mail_id",
                    "attachments",
                    "created_at",
                ),
                purpose=Text("Das Gespräch zwischen Betrieb und Fachperson", "The talk between company and expert"),
                basis=Basis.TASK,
                keep=_WITH_CASE,
            ),
        ),
        impersonal=("id", "draft"),
        rows=lambda subject: Message.objects.filter(case__in=_cases(subject)),
    )
)

declare(
    Table(
        model=AccessRecord,
        what=Text("Wer Ihre Fälle gelesen hat", "Who read your cases"),
        declared=(
            Declared(
                fields=("case", "user", "person", "role", "at"),
                purpose=Text("Dem Betrieb zeigen, wer seinen Fall gelesen hat", "Show the company who read its case"),
                basis=Basis.DUTY,
                keep=_WITH_CASE,
            ),
        ),
        impersonal=("id",),
        rows=lambda subject: AccessRecord.objects.filter(case__in=_cases(subject)),
    )
)

declare(
    Table(
        model=PersonVectors,
        what=Text("Rechenform eines Profils", "A profile in the form of numbers"),
        declared=(
            Declared(
                fields=("person", "key", "rows", "data"),
                purpose=Text("Fälle und Fachleute vergleichen", "Compare cases with experts"),
                basis=Basis.TASK,
                keep=Text("solange die Person im Netz ist", "as long as the person is in the network"),
            ),
        ),
        impersonal=(),
        rows=lambda subject: PersonVectors.objects.filter(person__user__in=[] if subject.company else subject.users),
    )
)

declare(Table(model=Routing, declared=(), impersonal=("id", "automatic"), rows=lambda subject: Routing.objects.none()))
