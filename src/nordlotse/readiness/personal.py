"""What the room's tables hold of people: almost nothing; a check has no name, but its answers are a company's own."""

from __future__ import annotations

from nordlotse.foundation.language import Text
from nordlotse.foundation.personal import Basis, Declared, Subject, Table, declare
from nordlotse.readiness.models import Check, Comparing, OwnModel, Release, Round, Sheet

#: A check nobody opened for so long is deleted, in days: T2 comes about two years after T0, and somebody may come late.
KEPT_DAYS = 1100

_KEEP = Text(
    "bis Sie den Check löschen, höchstens drei Jahre nach dem letzten Öffnen",
    "until you delete the check, at most three years after it was last opened",
)

declare(
    Table(
        model=Check,
        what=Text("Ihre Reifegrad-Checks", "Your readiness checks"),
        declared=(
            Declared(
                fields=("employees", "sector", "state", "company"),
                purpose=Text(
                    "Den Check fortsetzen, wiederholen und vergleichen", "Resume, repeat and compare the check"
                ),
                basis=Basis.CONSENT,
                keep=_KEEP,
                keep_days=KEPT_DAYS,
                keep_from="touched_at",
            ),
        ),
        impersonal=("key", "lang", "is_example", "created_at", "touched_at"),
        rows=lambda subject: Check.objects.filter(company=subject.company) if subject.company else Check.objects.none(),
    )
)


def _rounds(subject: Subject) -> object:
    return Round.objects.filter(check_of__company=subject.company) if subject.company else Round.objects.none()


declare(
    Table(
        model=Round,
        what=Text("Gewählte Pläne in Ihren Reifegrad-Checks", "Plans chosen in your readiness checks"),
        declared=(
            Declared(
                fields=("wanted",),
                purpose=Text(
                    "Den gewählten Plan wieder zeigen: Ziel, Budget, gestrichene Schritte",
                    "Show the chosen plan again: goal, budget, steps struck out",
                ),
                basis=Basis.CONSENT,
                keep=_KEEP,
            ),
        ),
        impersonal=("id", "check_of", "number", "models_asked", "hashes", "started_at", "finished_at"),
        rows=_rounds,
    )
)


def _sheets(subject: Subject) -> object:
    return Sheet.objects.filter(round__check_of__company=subject.company) if subject.company else Sheet.objects.none()


declare(
    Table(
        model=Sheet,
        what=Text("Antworten in Ihren Reifegrad-Checks", "Answers in your readiness checks"),
        declared=(
            Declared(
                fields=("who", "answers"),
                purpose=Text(
                    "Den Stand des Betriebs zeigen und einen Plan machen",
                    "Show where the company stands and make a plan",
                ),
                basis=Basis.CONSENT,
                keep=_KEEP,
            ),
        ),
        impersonal=("key", "round", "lead", "version", "touched_at"),
        rows=_sheets,
    )
)


def _comparing(subject: Subject) -> object:
    company = subject.company
    return Comparing.objects.filter(check_of__company=company) if company else Comparing.objects.none()


declare(
    Table(
        model=Comparing,
        what=Text("Zustimmung zum Vergleich der Checks", "Consent to the comparison of checks"),
        declared=(
            Declared(
                fields=("text_version", "given_at", "withdrawn_at"),
                purpose=Text("Belegen, wozu jemand Ja gesagt hat", "Prove what somebody said yes to"),
                basis=Basis.DUTY,
                keep=Text("mit dem Check", "with the check"),
            ),
        ),
        impersonal=("id", "check_of"),
        rows=_comparing,
    )
)
declare(
    Table(
        model=Release,
        what=Text("Veröffentlichte Vergleichswerte", "Published comparison figures"),
        declared=(
            Declared(
                fields=("cells", "members"),
                purpose=Text(
                    "Vergleichen, ohne dass sich aus zwei Veröffentlichungen weniger als fünf Betriebe ergeben",
                    "Compare without two releases telling of fewer than five companies",
                ),
                basis=Basis.CONSENT,
                keep=Text(
                    "Werte ab fünf Betrieben und Zahlen ohne Bedeutung; sie führen nach der Löschung zu niemandem",
                    "figures of five companies or more and numbers without meaning; after a deletion they lead to nobody",
                ),
            ),
        ),
        impersonal=("id", "model", "model_hash", "made_at"),
        rows=lambda subject: Release.objects.none(),
    )
)
declare(
    Table(
        model=OwnModel,
        declared=(),
        impersonal=("id", "model", "version", "hash", "name", "source", "form", "tree", "state", "by", "at"),
        rows=lambda subject: OwnModel.objects.none(),
    )
)
