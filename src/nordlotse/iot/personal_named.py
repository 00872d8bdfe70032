"""What halls keep of one person, whatever company the hall is of: found by proved addresses and accounts, taken out without touching the hall."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from nordlotse.foundation.language import Text
from nordlotse.foundation.personal import Basis, Declared, Subject, Table, declare
from nordlotse.iot.leaving import erase_named
from nordlotse.iot.models import Named


def _rows(subject: Subject) -> Any:
    own = Q(mail__in=[mail for mail in subject.mails if mail]) | Q(user_id__in=subject.users)
    return Named.objects.filter(own | Q(hall__company=subject.company) if subject.company else own)


declare(
    Table(
        model=Named,
        what=Text(
            "Hallen, die Sie nennen: Adresse für Alarme, wer Namen erlaubt hat",
            "Halls that name you: address for alarms, who allowed names",
        ),
        declared=(
            Declared(
                fields=("mail", "user"),
                purpose=Text("Alarme schicken; belegen, wer Namen erlaubt hat", "Send alarms; prove who allowed names"),
                basis=Basis.CONSENT,
                keep=Text("bis zum Herausnehmen, Austreten oder Löschen", "until taken out, left or deleted"),
            ),
        ),
        impersonal=("id", "hall", "entry"),
        rows=_rows,
        erase=erase_named,
    )
)
