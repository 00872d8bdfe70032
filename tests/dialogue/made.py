"""Events and people for tests."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from nordlotse.dialogue.actions import registrations
from nordlotse.dialogue.core.values import ZONE
from nordlotse.dialogue.models import Event, Registration
from nordlotse.foundation.role import Role
from nordlotse.office.models import OutgoingMail
from nordlotse.office.roles import set_roles


def coordinator() -> Any:
    """Return a coordinator."""
    users = get_user_model().objects
    user = users.filter(username="coordinator").first()
    if user is None:
        user = users.create_user("coordinator", email="coordinator@example.org", password=None)
        set_roles(user, frozenset({Role.COORDINATOR}))
    return user


def event(**values: Any) -> Event:
    """Return a public workshop in a week, with two hours in the afternoon (at night nobody is reminded) and no limit."""
    afternoon = (timezone.now().astimezone(ZONE) + timedelta(days=7)).replace(
        hour=14, minute=0, second=0, microsecond=0
    )
    begin = values.pop("begin", None) or afternoon
    given = {
        "slug": f"workshop-{Event.objects.count() + 1}",
        "title_de": "OPC UA in der Praxis",
        "title_en": "OPC UA in practice",
        "begin": begin,
        "end": begin + timedelta(hours=2),
        "place": "Hafenstraße 1, Hamburg",
        "state": "HH",
        "topic": "iot",
        "status": "published",
    }
    return Event.objects.create(**{**given, **values})


def wanted(number: int = 1, **values: Any) -> registrations.Wanted:
    """Return what the number-th person types."""
    given = {"name": f"Gast {number}", "mail": f"gast{number}@example.org", "form_token": f"form-token-{number:06d}"}
    return registrations.Wanted(**{**given, **values})


def registered(made: Event, number: int = 1, **values: Any) -> Registration:
    """Register the number-th person."""
    return registrations.register(made.pk, wanted(number, **values)).registration


def begun(made: Event, *, ended: bool = False) -> Event:
    """Let an event have begun an hour ago, or ended two hours ago."""
    now = timezone.now()
    made.begin = now - timedelta(hours=4 if ended else 1)
    made.end = now - timedelta(hours=2) if ended else now + timedelta(hours=1)
    Event.objects.filter(pk=made.pk).update(begin=made.begin, end=made.end)
    return made


def mails(what: str = "") -> list[OutgoingMail]:
    """Return the mails of one sort in the outbox, in the order they were written."""
    return list(OutgoingMail.objects.filter(key__startswith=f"dialogue:{what}").order_by("pk"))


def link_in(mail: OutgoingMail) -> str:
    """Return the path of the personal link in a mail."""
    found = re.search(r"https?://[^/\s]+(/\S*anmeldung/\S+)", mail.text)
    assert found, mail.text
    return found[1]


def moment(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Return a moment in UTC."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC)
