"""What companies, members, contacts and consents hold of people."""

from __future__ import annotations

from django.db.models import Q

from nordlotse.foundation.language import Text
from nordlotse.foundation.personal import Basis, Declared, Subject, Table, declare
from nordlotse.journey.models import Company, Consent, Contact, DifferentCompanies, Membership

_WITH_COMPANY = Text("bis der Betrieb seine Daten löscht", "until the company deletes its data")

declare(
    Table(
        model=Company,
        what=Text("Ihr Betrieb", "Your company"),
        declared=(
            Declared(
                fields=(
                    "id",
                    "count_key",
                    "name",
                    "state",
                    "district",
                    "place",
                    "sector",
                    "employees",
                    "merged_into",
                    "created_at",
                ),
                purpose=Text("Den Betrieb begleiten und einmal zählen", "Accompany the company and count it once"),
                basis=Basis.TASK,
                keep=_WITH_COMPANY,
            ),
        ),
        impersonal=("is_example",),
        rows=lambda subject: Company.objects.filter(
            Q(pk=subject.company or "-") | Q(merged_into=subject.company or "-")
        ),
    )
)

declare(
    Table(
        model=DifferentCompanies,
        what=Text("Mit welchen Einträgen Ihr Betrieb nicht zu verwechseln ist", "Which entries are not your company"),
        declared=(
            Declared(
                fields=("first", "second", "at"),
                purpose=Text("Zwei ähnliche Betriebe nicht zusammenlegen", "Not merge two companies that look alike"),
                basis=Basis.TASK,
                keep=_WITH_COMPANY,
            ),
        ),
        impersonal=("id",),
        rows=lambda subject: DifferentCompanies.objects.filter(
            Q(first_id=subject.company or "-") | Q(second_id=subject.company or "-")
        ),
    )
)

declare(
    Table(
        model=Membership,
        what=Text("Wer zum Betrieb gehört", "Who belongs to the company"),
        declared=(
            Declared(
                fields=("company", "user", "since"),
                purpose=Text("Wer für den Betrieb handeln darf", "Who may act for the company"),
                basis=Basis.TASK,
                keep=Text("bis zum Austritt oder bis zur Löschung", "until the person leaves or the data is deleted"),
            ),
        ),
        impersonal=("id",),
        rows=lambda subject: Membership.objects.filter(
            Q(company_id=subject.company or "-") | (Q(user_id__in=subject.users) if not subject.company else Q(pk=None))
        ),
    )
)


def _contacts(subject: Subject) -> object:
    mine = Q(pk__in=subject.contacts) | Q(mail__in=[m for m in subject.mails if m])
    return Contact.objects.filter(mine | Q(company_id=subject.company or "-"))


declare(
    Table(
        model=Contact,
        what=Text("Wie wir Sie erreichen", "How we reach you"),
        declared=(
            Declared(
                fields=(
                    "id",
                    "count_key",
                    "name",
                    "phone",
                    "mail",
                    "hours",
                    "company_name",
                    "company",
                    "user",
                    "lang",
                    "created_at",
                ),
                purpose=Text("Zurückrufen oder zurückschreiben", "Call or write back"),
                basis=Basis.TASK,
                keep=Text(
                    "ein Jahr nach dem letzten Fall, oder bis zur Löschung auf Wunsch",
                    "one year after the last case, or until deleted on request",
                ),
            ),
        ),
        impersonal=("is_example",),
        rows=_contacts,
    )
)

declare(
    Table(
        model=Consent,
        what=Text("Ihre Einwilligungen", "Your consents"),
        declared=(
            Declared(
                fields=("company", "contact", "case", "purpose", "version", "given_at", "given_by", "withdrawn_at"),
                purpose=Text("Belegen, wozu jemand Ja gesagt hat", "Prove what somebody said yes to"),
                basis=Basis.DUTY,
                keep=_WITH_COMPANY,
            ),
        ),
        impersonal=("id",),
        rows=lambda subject: Consent.objects.filter(
            Q(company_id=subject.company or "-") | Q(contact_id__in=subject.contacts)
        ),
    )
)
