"""Fills an installation for the measurements, in a process of its own; prints what the load needs as JSON.

Called as `python -m bench.journey.seed USERS` with the installation's environment.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nordlotse.web.settings")


def main(users: int) -> None:
    """Load a centre that counts like a real one, users with companies and open cases, and events without a limit."""
    import django

    django.setup()
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
    from django.contrib.sessions.backends.db import SessionStore
    from django.utils import timezone

    from nordlotse.dialogue.models import Event
    from nordlotse.journey.actions import example
    from nordlotse.journey.models import Assignment, Case, Company, Membership, Message
    from nordlotse.network.models import Person

    example.load(mark=False)
    expert = Person.objects.order_by("pk").first()
    number = Case.objects.order_by("-number").values_list("number", flat=True).first() or 0
    made = []
    for n in range(users):
        user = get_user_model().objects.create_user(f"load-{n}", email=f"load{n}@load.example")
        company = Company.objects.create(name=f"Lastbetrieb {n}", state="SH")
        Membership.objects.create(company=company, user=user)
        case = Case.objects.create(
            number=number + n + 1, company=company, title="Last", question="Last?", status="in_work", state="SH"
        )
        Assignment.objects.create(case=case, person=expert, status="accepted")
        for k in range(6):
            Message.objects.create(case=case, author="expert" if k % 2 else "company", text=f"Nachricht {k} " * 20)
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        made.append({"session": session.session_key, "case": case.pk})
    begin = timezone.now() + timedelta(days=30)
    slugs = [f"last-{n}" for n in range(5)]
    for slug in slugs:
        Event.objects.create(
            slug=slug,
            title_de=slug,
            begin=begin,
            end=begin + timedelta(hours=2),
            quota=50,
            status="published",
            state="SH",
        )
    sys.stdout.write(json.dumps({"users": made, "events": slugs}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
