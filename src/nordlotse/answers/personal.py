"""What the room's tables hold of people."""

from __future__ import annotations

from nordlotse.answers.models import KnowledgeState, Revision
from nordlotse.foundation.language import Text
from nordlotse.foundation.personal import Basis, Declared, Table, declare

declare(
    Table(
        model=Revision,
        what=Text("Fassungen der Texte", "Versions of texts"),
        declared=(
            Declared(
                fields=("author", "note", "created_at"),
                purpose=Text(
                    "Wer welchen Text geändert hat, damit die Redaktion dafür einstehen kann",
                    "Who changed which text, so that editors can answer for it",
                ),
                basis=Basis.TASK,
                keep=Text(
                    "so lange wie die Geschichte des Textes; der Name geht mit dem Konto",
                    "as long as the text's history; the author is removed with the account",
                ),
            ),
        ),
        impersonal=("id", "slug", "lang", "number", "raw", "state", "base_hash"),
        rows=lambda subject: Revision.objects.filter(author_id__in=subject.users),
        erase=lambda rows: rows.update(author=None, note=""),
    )
)
declare(
    Table(
        model=KnowledgeState,
        declared=(),
        impersonal=("id", "version"),
        rows=lambda subject: KnowledgeState.objects.none(),
    )
)
