"""Looks, in a process of its own, whether acknowledged writes are there: ids and marks on stdin as JSON, what is missing on stdout."""

from __future__ import annotations

import json
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nordlotse.web.settings")


def main() -> None:
    """Compare what was acknowledged with what the database holds."""
    import django

    django.setup()
    from nordlotse.dialogue.models import Registration
    from nordlotse.journey.models import Inquiry, Message
    from nordlotse.office import log
    from nordlotse.office.models import OutgoingMail

    said = json.load(sys.stdin)
    asked = set(Inquiry.objects.values_list("pk", flat=True))
    texts = list(Message.objects.filter(text__startswith="Marke ").values_list("text", flat=True))
    mails = list(Registration.objects.filter(mail__startswith="marke").values_list("mail", flat=True))
    missing = {
        "ask": len(set(said["ask"]) - asked),
        "thread": len(set(said["thread"]) - set(texts)),
        "register": len(set(said["register"]) - set(mails)),
    }
    doubled = len(texts) - len(set(texts)) + len(mails) - len(set(mails))
    verdict = log.verify()
    sys.stdout.write(
        json.dumps(
            {
                "missing": missing,
                "doubled": doubled,
                "log_entries": verdict.entries,
                "log_broken_at": verdict.broken_at,
                "mails": OutgoingMail.objects.count(),
            }
        )
    )


if __name__ == "__main__":
    main()
