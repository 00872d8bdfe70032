"""What the room's tables hold of people: of the network's own people; companies stand in none of them."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from nordlotse.foundation.language import Text
from nordlotse.foundation.personal import Basis, Declared, Subject, Table, declare
from nordlotse.network.models import (
    Competence,
    ImportDraft,
    Leave,
    Offer,
    Partner,
    Person,
    Site,
    Term,
    VisitDay,
)

_IN_NETWORK = Text("solange die Person im Netz ist", "as long as the person is in the network")
_LEAD = Text("Betriebe zur richtigen Person führen", "Lead companies to the right person")


def _people(subject: Subject) -> Any:
    """One's own profile; a company's request never reaches the profile of somebody who also works in the network."""
    if subject.company:
        return Person.objects.none()
    return Person.objects.filter(Q(user_id__in=subject.users) | Q(mail__in=[m for m in subject.mails if m]))


def _of_people(model: Any) -> Any:
    return lambda subject: model.objects.filter(person__in=_people(subject))


declare(
    Table(
        model=Partner,
        declared=(),
        impersonal=(
            "id",
            "slug",
            "name",
            "kind",
            "state",
            "district",
            "profile_de",
            "profile_en",
            "website",
            "mail",
            "neutral",
            "visible",
            "is_example",
            "created_at",
        ),
        rows=lambda subject: Partner.objects.none(),
    )
)

declare(
    Table(
        model=Site,
        declared=(),
        impersonal=("id", "partner", "place", "state", "district"),
        rows=lambda subject: Site.objects.none(),
    )
)

declare(
    Table(
        model=Person,
        what=Text("Ihr Profil im Netz", "Your profile in the network"),
        declared=(
            Declared(
                fields=(
                    "partner",
                    "user",
                    "name",
                    "role",
                    "mail",
                    "phone",
                    "languages",
                    "state",
                    "district",
                    "states",
                    "capacity",
                    "cover",
                    "excluded",
                    "active",
                    "created_at",
                ),
                purpose=_LEAD,
                basis=Basis.TASK,
                keep=_IN_NETWORK,
            ),
            Declared(
                fields=("profile", "visible", "consented_at"),
                purpose=Text("Das Profil öffentlich zeigen", "Show the profile to everybody"),
                basis=Basis.CONSENT,
                keep=Text("bis zum Widerruf", "until withdrawn"),
            ),
            Declared(
                fields=("invited_at", "invitations", "answered_at"),
                purpose=Text("Wissen, wer sein Profil noch ausfüllen muss", "Know who has yet to complete the profile"),
                basis=Basis.TASK,
                keep=_IN_NETWORK,
            ),
        ),
        impersonal=("id", "is_example"),
        rows=_people,
    )
)

declare(
    Table(
        model=Leave,
        what=Text("Ihre Abwesenheiten", "Your leave"),
        declared=(
            Declared(
                fields=("person", "first", "last"),
                purpose=Text("Während der Abwesenheit niemanden hinführen", "Lead nobody there during a leave"),
                basis=Basis.TASK,
                keep=Text("30 Tage nach dem Ende", "30 days after its end"),
                keep_days=30,
                keep_from="last",
            ),
        ),
        impersonal=("id",),
        rows=_of_people(Leave),
    )
)

declare(
    Table(
        model=Competence,
        what=Text("Ihre Kompetenzen", "Your competences"),
        declared=(Declared(fields=("person", "kind", "tag"), purpose=_LEAD, basis=Basis.TASK, keep=_IN_NETWORK),),
        impersonal=("id",),
        rows=_of_people(Competence),
    )
)

declare(
    Table(
        model=Offer,
        what=Text("Ihre Angebote", "Your offers"),
        declared=(
            Declared(
                fields=("person",),
                purpose=Text("Wer ein Angebot macht", "Who gives an offer"),
                basis=Basis.TASK,
                keep=_IN_NETWORK,
            ),
        ),
        impersonal=(
            "id",
            "partner",
            "kind",
            "title_de",
            "title_en",
            "text_de",
            "text_en",
            "topic",
            "languages",
            "place",
            "district",
            "equipment",
            "active",
            "is_example",
            "created_at",
        ),
        rows=_of_people(Offer),
        # The offer is the partner's; only who gives it goes.
        erase=lambda rows: rows.update(person=None),
    )
)

declare(
    Table(
        model=VisitDay,
        declared=(),
        impersonal=("id", "offer", "starts_at", "ends_at"),
        rows=lambda subject: VisitDay.objects.none(),
    )
)

declare(
    Table(
        model=Term,
        declared=(),
        impersonal=("id", "tag", "kind", "name_de", "name_en", "words", "retired", "changed_at"),
        rows=lambda subject: Term.objects.none(),
    )
)

declare(
    Table(
        model=ImportDraft,
        what=Text("Tabellen, die Sie hochgeladen haben", "Tables you have uploaded"),
        declared=(
            Declared(
                fields=("user", "name", "tables", "created_at"),
                purpose=Text("Eine Tabelle ansehen, bevor sie gilt", "Look at a table before it counts"),
                basis=Basis.TASK,
                keep=Text("bis zur Übernahme, höchstens einen Tag", "until taken over, one day at most"),
                keep_days=1,
                keep_from="created_at",
            ),
        ),
        impersonal=("id",),
        rows=lambda subject: ImportDraft.objects.filter(user_id__in=subject.users),
    )
)
