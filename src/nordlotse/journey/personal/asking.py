"""What questions and the operator's own details hold of people."""

from __future__ import annotations

from nordlotse.foundation.language import Text
from nordlotse.foundation.personal import Basis, Declared, Subject, Table, declare
from nordlotse.journey.models import Inquiry, Operator

_KEPT = Text("180 Tage, dann werden die Worte gelöscht", "180 days, then the words are erased")


def _inquiries(subject: Subject) -> object:
    """Return the questions attached to this subject's cases; other questions belong to nobody known."""
    return Inquiry.objects.filter(cases__company_id=subject.company or "-") | Inquiry.objects.filter(
        cases__contact_id__in=subject.contacts
    )


declare(
    Table(
        model=Inquiry,
        what=Text("Ihre Frage, ihre Antwort und Ihre Rückmeldung", "Your question, its answer and your feedback"),
        declared=(
            Declared(
                fields=("question", "comment", "handled_note"),
                purpose=Text(
                    "Der feste Link zeigt die Frage; das Team findet Lücken im Wissen",
                    "The permanent link shows the question; staff find gaps in the knowledge",
                ),
                basis=Basis.TASK,
                keep=_KEPT,
            ),
            Declared(
                fields=(
                    "id",
                    "state",
                    "employees",
                    "asked_at",
                    "expires_at",
                    "helpful",
                    "reason",
                    "handled_at",
                    "handled_by",
                ),
                purpose=Text("Fester Link, Statistik, bessere Antworten", "Permanent link, statistics, better answers"),
                basis=Basis.TASK,
                keep=Text(
                    "auf Dauer; ohne die Worte der Frage lässt sich daraus keine Person erkennen",
                    "for good; without the words of the question no person can be recognised",
                ),
            ),
        ),
        impersonal=("lang", "channel", "kind", "topic", "confidence", "answer"),
        rows=_inquiries,
        erase=lambda rows: rows.update(question="", comment="", handled_note="", expires_at=None),
    )
)

declare(
    Table(
        model=Operator,
        what=Text("Wer dieses Zentrum betreibt", "Who runs this centre"),
        declared=(
            Declared(
                fields=("name", "address", "phone", "mail", "hours", "responsible"),
                purpose=Text(
                    "Impressum und Kontakt, vom Gesetz verlangt (§ 5 DDG, § 18 MStV)",
                    "Imprint and contact, required by law (§ 5 DDG, § 18 MStV)",
                ),
                basis=Basis.DUTY,
                keep=Text("bis die Verwaltung sie ändert", "until changed by an administrator"),
            ),
        ),
        impersonal=("id", "asked"),
        rows=lambda subject: Operator.objects.none(),
    )
)
