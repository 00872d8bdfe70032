"""Fills an installation for the measurements, in a process of its own; prints what the load needs as JSON.

Called as `python -m bench.journey.seed USERS [SERVICES]` with the installation's environment; SERVICES is how many shall wait for a
coordinator's tap besides those of the example centre.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nordlotse.web.settings")

#: Messages in each seeded case's thread.
MESSAGES = 6


def session(user: Any, **more: object) -> str:
    """Return the key of a session in which this person is signed in."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    for name, value in more.items():
        store[name] = value
    store.create()
    return str(store.session_key)


def staff(role: str) -> str:
    """Return the session of somebody new with a role of the centre, with a second factor as it were."""
    from django.contrib.auth import get_user_model

    from nordlotse.foundation.role import Role
    from nordlotse.office.roles import set_roles
    from nordlotse.web.staff import BY_LINK

    user = get_user_model().objects.create_user(f"load-{role}", email=f"load-{role}@load.example")
    set_roles(user, frozenset({Role(role)}))
    return session(user, **{BY_LINK: True})


def members(number: int) -> list[dict[str, Any]]:
    """Make users, each with a company and a case in an expert's hands; `reply`: where that expert answers by mail, if mail comes in."""
    from django.contrib.auth import get_user_model

    from nordlotse.journey.actions import letters
    from nordlotse.journey.models import Assignment, Case, Company, Contact, Membership, Message
    from nordlotse.network.models import Person

    experts = list(Person.objects.exclude(mail="").order_by("pk")[:10])
    last = Case.objects.order_by("-number").values_list("number", flat=True).first() or 0
    made = []
    for n in range(number):
        user = get_user_model().objects.create_user(f"load-{n}", email=f"load{n}@load.example")
        company = Company.objects.create(name=f"Lastbetrieb {n}", state="SH")
        Membership.objects.create(company=company, user=user)
        contact = Contact.objects.create(company=company, user=user, name="Last", mail=user.email)
        case = Case.objects.create(
            number=last + n + 1,
            company=company,
            contact=contact,
            title="Last",
            question="Last?",
            status="in_work",
            state="SH",
        )
        expert = experts[n % len(experts)]
        assignment = Assignment.objects.create(case=case, person=expert, status="accepted")
        for k in range(MESSAGES):
            Message.objects.create(case=case, author="expert" if k % 2 else "company", text=f"Nachricht {k} " * 20)
        reply = letters.reply_address(assignment)
        made.append({"session": session(user), "case": case.pk, "reply": reply, "expert": expert.mail})
    return made


def events() -> list[str]:
    """Make five events to which people register; return their names in addresses."""
    from django.utils import timezone

    from nordlotse.dialogue.models import Event

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
    return slugs


def services(number: int) -> list[int]:
    """Make services of today that wait for a tap; return their ids."""
    from django.utils import timezone

    from nordlotse.journey.models import Service

    today = timezone.localdate()
    made = Service.objects.bulk_create(
        Service(source=f"load:{n}", kind="consultation", format="on_site", day=today, minutes=45) for n in range(number)
    )
    return [service.pk for service in made]


def main(users: int, waiting: int) -> None:
    """Load a centre that counts like a real one, and what the load needs."""
    import django

    django.setup()
    from nordlotse.journey.actions import example

    example.load(mark=False)
    world = {
        "users": members(users),
        "events": events(),
        "services": services(waiting),
        "coordinator": staff("coordinator"),
    }
    sys.stdout.write(json.dumps(world))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
