"""What the tables of services, effect and closed months hold of people."""

from __future__ import annotations

from django.db.models import Q

from nordlotse.foundation.language import Text
from nordlotse.foundation.personal import Basis, Declared, Subject, Table, declare
from nordlotse.journey.models import ClosedMonth, CountedMonth, Effect, KeptTally, LaterChange, Service, Target

_STAFF = Text("solange das Konto besteht", "as long as the account exists")
_NUMBERS = Text(
    "Zahlen ohne Bedeutung: Sie halten Betriebe einmal zählbar und führen nach der Löschung zu niemandem",
    "numbers without meaning: they keep companies countable once and lead to nobody after a deletion",
)


def _services(subject: Subject) -> object:
    mine = Q(contact_id__in=subject.contacts) | Q(case_id__in=subject.references) | Q(confirmed_by_id__in=subject.users)
    return Service.objects.filter(mine | Q(company_id=subject.company or "-"))


declare(
    Table(
        model=Service,
        what=Text("Was das Zentrum für Sie getan hat", "What the centre did for you"),
        declared=(
            Declared(
                fields=("note", "company", "contact", "case", "person", "confirmed_by"),
                purpose=Text(
                    "Belegen, was das Zentrum getan hat, und Zahlen für den Fördergeber",
                    "Prove what the centre did, and figures for the funder",
                ),
                basis=Basis.TASK,
                keep=Text(
                    "bis zur Löschung; danach bleibt die Leistung ohne Namen, Fall und Notiz gezählt",
                    "until deleted; after that the service stays counted without name, case and note",
                ),
            ),
            Declared(
                fields=("source", "company_key", "contact_key", "event"),
                purpose=Text("Nichts doppelt zählen", "Count nothing twice"),
                basis=Basis.TASK,
                keep=_NUMBERS,
            ),
        ),
        impersonal=(
            "id",
            "kind",
            "format",
            "topic",
            "day",
            "participants",
            "minutes",
            "state",
            "district",
            "sector",
            "size",
            "partner",
            "is_example",
            "created_at",
            "confirmed_at",
            "refused_at",
        ),
        rows=_services,
        erase=lambda rows: rows.update(note="", company=None, contact=None, case=None, confirmed_by=None),
    )
)

declare(
    Table(
        model=Effect,
        what=Text("Was Sie zur Wirkung gesagt haben", "What you said about the effect"),
        declared=(
            Declared(
                fields=("case", "asked_at", "answered_at", "helped", "done", "worth"),
                purpose=Text("Wissen, ob die Hilfe gewirkt hat", "Know whether the help had an effect"),
                basis=Basis.TASK,
                keep=Text("bis zur Löschung des Falls", "until the case is deleted"),
            ),
        ),
        impersonal=("id", "moment"),
        rows=lambda subject: Effect.objects.filter(
            Q(case_id__in=subject.references) | Q(case__company_id=subject.company or "-")
        ),
    )
)

declare(
    Table(
        model=ClosedMonth,
        what=Text("Abgeschlossene Monate", "Closed months"),
        declared=(
            Declared(
                fields=("closed_by",),
                purpose=Text("Wer den Monat abgeschlossen hat", "Who closed the month"),
                basis=Basis.TASK,
                keep=_STAFF,
            ),
            Declared(
                fields=("figures", "records"),
                purpose=Text("Nachweis gegenüber dem Fördergeber", "Proof for the funder"),
                basis=Basis.DUTY,
                keep=_NUMBERS,
            ),
        ),
        impersonal=("month", "closed_at", "sha256"),
        rows=lambda subject: ClosedMonth.objects.filter(closed_by_id__in=subject.users),
        erase=lambda rows: rows.update(closed_by=None),
    )
)

declare(
    Table(
        model=LaterChange,
        what=Text("Spätere Änderungen", "Later changes"),
        declared=(
            Declared(
                fields=("by", "reason"),
                purpose=Text("Wer warum nachträglich geändert hat", "Who changed something afterwards, and why"),
                basis=Basis.DUTY,
                keep=_STAFF,
            ),
        ),
        impersonal=("id", "month", "source", "what", "before", "after", "at"),
        rows=lambda subject: LaterChange.objects.filter(by_id__in=subject.users),
        erase=lambda rows: rows.update(by=None),
    )
)

declare(
    Table(
        model=Target,
        what=Text("Ziele", "Targets"),
        declared=(),
        impersonal=("id", "figure", "begin", "end", "value", "source"),
        rows=lambda subject: Target.objects.none(),
    )
)

declare(
    Table(
        model=CountedMonth,
        what=Text("Gezählte Monate", "Counted months"),
        declared=(),
        impersonal=("month", "stamp"),
        rows=lambda subject: CountedMonth.objects.none(),
    )
)

declare(
    Table(
        model=KeptTally,
        what=Text("Gezählte Monate, gepackt", "Counted months, packed"),
        declared=(
            Declared(
                fields=("data", "rest"),
                purpose=Text("Zahlen schnell zeigen", "Show figures quickly"),
                basis=Basis.TASK,
                keep=_NUMBERS,
            ),
        ),
        impersonal=("month", "key"),
        rows=lambda subject: KeptTally.objects.none(),
    )
)
