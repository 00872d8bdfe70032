"""What the room does when something is announced, in the same transaction: services are noted, the effect is asked."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import pre_delete
from django.utils import timezone

from nordlotse.dialogue import announcements as dialogue
from nordlotse.iot import announcements as iot
from nordlotse.journey import announcements
from nordlotse.journey.actions import checks, effect, letters, machines, parts, proposals, services
from nordlotse.journey.core.kinds import of_event
from nordlotse.journey.models import Contact, Effect, Membership, Service
from nordlotse.journey.models.companies import new_id
from nordlotse.journey.models.services import TAKEN_BACK
from nordlotse.journey.queries.companies import name_key
from nordlotse.network.models import Partner, Person
from nordlotse.print3d import announcements as print3d
from nordlotse.readiness import announcements as readiness


def case_opened(sender: Any, case: Any, check: str = "", part: str = "", hall: str = "", **_: Any) -> None:
    """A case was opened: a readiness check, a checked part or a hall whose result came along is a service of its own."""
    if check:
        checks.noted_with(case, check)
    if part:
        parts.noted_with(case, part)
    if hall:
        machines.noted_with(case, hall)


def check_finished(sender: Any, key: str, number: int, **_: Any) -> None:
    """A round of a readiness check was finished: a service, if the check belongs to a company."""
    checks.finished(key, number)


def part_examined(sender: Any, key: str, **_: Any) -> None:
    """The check of a part was done: a service, if the part belongs to a company."""
    parts.examined(key)


def machines_shown(sender: Any, key: str, **_: Any) -> None:
    """A company's hall has a machine: a service, however many follow."""
    machines.shown(key)


def replied(sender: Any, message: Any, channel: str = "", minutes: int | None = None, **_: Any) -> None:
    """An expert or the centre answered a company: one service per case, author and day, however many messages it took.

    Calls are services of their own, each with the minutes it took.
    """
    case, person = message.case, message.person
    day = timezone.localdate(message.created_at)
    who = f"p{person.pk}" if person is not None else f"u{message.user_id or 0}"
    services.note(
        f"call:{case.pk}:{message.pk}" if channel == "phone" else f"reply:{case.pk}:{who}:{day:%Y%m%d}",
        "call" if channel == "phone" else "answer",
        about=services.About(case=case),
        format="phone" if channel == "phone" else "mail",
        day=day,
        minutes=minutes,
        person=person,
    )


def case_closed(sender: Any, case: Any, words: str = "", tell: bool = False, **_: Any) -> None:
    """A case was closed: ask once what came of it, and `tell` the company how it ended, in the same mail where there is one."""
    before = Effect.objects.filter(case=case, moment=Effect.Moment.CLOSING).exists()
    asked = effect.ask(case, "closing", words)
    if tell and (before or asked is None):
        letters.closed(case, words)


def case_reopened(sender: Any, case: Any, **_: Any) -> None:
    """A case goes on: questions about its effect that nobody has answered are taken back."""
    effect.withdraw(case)


def _about_registration(registration: Any) -> services.About:
    """Find out whose registration it is: the account's company, the contact with the same address, or somebody new.

    No contact is made from a registration. Who comes again counts under the number of the first visit, as long as the room of
    events still knows the address.
    """
    member = Membership.objects.filter(user_id=registration.user_id or 0).select_related("company").first()
    company = member.company if member else None
    mail = registration.mail_key
    contact = Contact.objects.filter(mail=mail).order_by("created_at", "pk").first() if mail else None
    if contact is not None:
        # An address typed at a registration proves nothing: the company is taken from the account alone.
        return services.About(company=company, contact_key=contact.count_key)
    earlier = type(registration).objects.filter(mail_key=mail).exclude(pk=registration.pk) if mail else []
    sources = [f"checkin:{other.pk}" for other in earlier]
    known = Service.objects.filter(source__in=sources).exclude(contact_key="").order_by("pk").first()
    return services.About(company=company, contact_key=known.contact_key if known else new_id())


def organiser_of(name: str, place: str) -> Partner | None:
    """Return the partner who held an event: whom its organiser names, else the only one its place names; None for neither.

    The legal form and the order of words do not matter.
    """
    known = list(Partner.objects.order_by("pk"))
    wanted = name_key(name)
    if wanted:
        return next((p for p in known if name_key(p.name) == wanted), None)
    words = set(name_key(place).split())
    named = [p for p in known if (parts := set(name_key(p.name).split())) and len(parts) > 1 and parts <= words]
    return named[0] if len(named) == 1 else None


def checked_in(sender: Any, registration: Any, **_: Any) -> None:
    """Somebody came to an event: one service for this person, as long as the event lasts."""
    event = registration.event
    services.renew(f"checkin:{registration.pk}")
    services.note(
        f"checkin:{registration.pk}",
        of_event(event.kind),
        about=_about_registration(registration),
        format="online" if event.online else "on_site",
        topic=event.topic,
        day=timezone.localdate(event.begin),
        minutes=event.minutes,
        event=str(event.pk),
        partner=organiser_of(event.organiser, event.place),
        is_example=event.is_example or registration.is_example,
    )


def checked_out(sender: Any, registration: Any, **_: Any) -> None:
    """A check-in was taken back, and with it the service."""
    services.withdraw(f"checkin:{registration.pk}", TAKEN_BACK)


def minuted(sender: Any, meeting: Any, **_: Any) -> None:
    """Minutes of a working group were published: one service for the meeting, with as many participants as came."""
    services.note(
        f"meeting:{meeting.pk}",
        "working_group",
        day=meeting.day,
        minutes=meeting.minutes,
        participants=max(1, meeting.present),
        topic=meeting.group.topic,
        state=meeting.group.state,
        is_example=meeting.group.is_example,
    )


def person_removed(sender: Any, instance: Person, **_: Any) -> None:
    """Somebody of the network is being deleted: no case may be left in hands that are no longer there."""
    proposals.released(instance)


def connect() -> None:
    """Listen to what is announced; called once when the room is loaded."""
    pre_delete.connect(person_removed, sender=Person, dispatch_uid="nordlotse.journey.person_removed")
    for signal, receiver in (
        (announcements.opened, case_opened),
        (announcements.replied, replied),
        (announcements.closed, case_closed),
        (announcements.reopened, case_reopened),
        (dialogue.checked_in, checked_in),
        (dialogue.checked_out, checked_out),
        (dialogue.minuted, minuted),
        (readiness.finished, check_finished),
        (print3d.examined, part_examined),
        (iot.shown, machines_shown),
    ):
        signal.connect(receiver, dispatch_uid=f"nordlotse.journey.{receiver.__name__}")
