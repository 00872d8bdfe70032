"""What the outer wall's tables hold of people."""

from __future__ import annotations

from nordlotse.foundation.language import Text
from nordlotse.foundation.personal import Basis, Declared, Table, declare
from nordlotse.web.models import Heartbeat, SignInLink

declare(
    Table(
        model=SignInLink,
        what=Text("Anmeldelinks", "Sign-in links"),
        declared=(
            Declared(
                fields=("user", "expires_at", "used_at"),
                purpose=Text(
                    "Einmalige Anmeldung; vom Link bleibt nur ein Prüfwert",
                    "One-time sign-in; only a hash of the link is kept",
                ),
                basis=Basis.INTEREST,
                keep=Text("24 Stunden, dann binnen einer Stunde gelöscht", "24 hours, then erased within the hour"),
            ),
        ),
        impersonal=("id", "token_hash"),
        rows=lambda subject: SignInLink.objects.filter(user_id__in=subject.users),
    )
)
declare(
    Table(
        model=Heartbeat,
        declared=(),
        impersonal=("name", "beat_at"),
        rows=lambda subject: Heartbeat.objects.none(),
    )
)
