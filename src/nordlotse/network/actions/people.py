"""People of the partners: made, completed by themselves, away, gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from nordlotse.foundation.problem import NotFound
from nordlotse.foundation.region import State
from nordlotse.foundation.role import Role
from nordlotse.network.actions.access import check_coordinator, check_person, partner_of, person_of, wrong
from nordlotse.network.actions.partners import seated
from nordlotse.network.labels import LANGUAGES
from nordlotse.network.models import Competence, Leave, Person
from nordlotse.network.queries.terms import terms
from nordlotse.office import links
from nordlotse.office.log import record
from nordlotse.office.roles import check_role

#: What a link in an invitation is for.
PURPOSE = "person"

#: Longest leave, in days: what is longer is no leave but a change of who works here.
MAX_LEAVE = 400

_OWN = ("name", "role", "phone", "languages", "profile", "state", "district", "states", "capacity", "excluded")


def save_person(user: Any, slug: str, person_id: int | None, values: Mapping[str, Any]) -> Person:
    """Make somebody of a partner (`person_id` None) or change one; only the values given change.

    `tags`: ids of terms; `cover`: the id of a colleague or None; `visible` needs `consented` while the person has not
    agreed to be shown.

    Raises:
        NotAllowed: not a coordinator.
        NotFound: no such partner or person.
        BadInput: no name, a mail address that a colleague has, an unknown term, language or district, shown without consent.
    """
    check_coordinator(user)
    with transaction.atomic():
        person = person_of(person_id) if person_id else Person(partner=partner_of(slug), languages=["de"])
        before = person.mail
        if "mail" in values:
            person.mail = str(values["mail"]).strip().lower()
        if "active" in values:
            person.active = bool(values["active"])
        if person.pk and (person.mail != before or not person.active):
            links.withdraw(PURPOSE, person.pk)  # it lies in the mailbox of whoever had the address before
        _agree(person, values, may_say=bool(values.get("consented")))
        put(person, values)
        record("person.changed" if person_id else "person.made", "person", person.pk, user)
    return person


def save_own(user: Any, person_id: int, values: Mapping[str, Any]) -> Person:
    """Change one's own profile; a coordinator may do it for somebody.

    Raises:
        NotAllowed: not one's own, and not a coordinator.
        NotFound, BadInput: as `save_person`.
    """
    with transaction.atomic():
        person = person_of(person_id)
        check_person(user, person)
        _agree(person, values, may_say=person.user_id == user.pk)
        put(person, values)
        if person.user_id == user.pk:
            Person.objects.filter(pk=person.pk).update(answered_at=timezone.now())
        record("person.profile", "person", person.pk, user)
    return person


def invited(token: str) -> Person:
    """Return who a link of an invitation is for; changes nothing.

    Raises:
        NotFound: the link is unknown, used or expired, or the person is gone.
    """
    link = links.read(token, PURPOSE)
    found = Person.objects.select_related("partner").filter(pk=int(link.reference), active=True).first()
    if found is None:
        raise NotFound(
            "person_gone",
            de="Dieses Profil gibt es nicht mehr.",
            en="This profile does not exist any more.",
            where="link",
            remedy_de="Bitte fragen Sie die Koordination.",
            remedy_en="Ask the coordinator.",
        )
    return found


def complete(token: str, values: Mapping[str, Any], user: Any = None, *, connect: bool = False) -> Person:
    """Save the profile that somebody completed from the mailed link; the link is used up by it.

    `connect`: whoever is signed in says that the account is this person's.

    Raises:
        NotFound: the link is unknown, used or expired.
        BadInput: as `save_person`; the link still works then.
    """
    with transaction.atomic():
        person = invited(token)
        links.use(token, PURPOSE)
        _agree(person, values, may_say=True)
        person.answered_at = timezone.now()
        if connect and user is not None and user.is_authenticated:
            check_role(user, Role.EXPERT)
            if person.user_id not in (None, user.pk):
                raise wrong(
                    "profile_taken",
                    "Dieses Profil gehört schon zu einem anderen Konto.",
                    "This profile belongs to another account already.",
                    "connect",
                    "Bitte fragen Sie die Koordination.",
                    "Ask the coordinator.",
                )
            person.user = user
        put(person, values)
        record("person.completed", "person", person.pk, f"person:{person.pk}")
    return person


def _agree(person: Person, values: Mapping[str, Any], *, may_say: bool) -> None:
    """Switch the profile on or off; on needs the person's consent, off withdraws it."""
    if "visible" not in values:
        return
    if values["visible"] and person.consented_at is None:
        if not may_say:
            raise wrong(
                "consent_missing",
                "Öffentlich wird ein Profil nur, wenn der Mensch einverstanden ist.",
                "A profile becomes public only if the person agrees.",
                "visible",
                "Bitte das Einverständnis bestätigen oder eine Einladung schicken.",
                "Confirm the consent, or send an invitation.",
            )
        person.consented_at = timezone.now()
    if not values["visible"]:
        person.consented_at = None
    person.visible = bool(values["visible"])


def put(person: Person, values: Mapping[str, Any]) -> None:
    """Check and save what a profile holds, in the caller's transaction.

    Raises:
        BadInput: as `save_person`.
    """
    for name in _OWN:
        if name in values:
            setattr(person, name, values[name])
    person.name = " ".join(person.name.split())
    person.languages = [c for c in dict.fromkeys(person.languages) if c in LANGUAGES] or ["de"]
    person.states = [s.value for s in State if s.value in person.states]
    person.state, person.district = seated(person.state, person.district)
    _check(person)
    if "cover" in values:
        person.cover = _colleague(person, values["cover"])
    person.save()
    if "tags" in values:
        put_tags(person, values["tags"])


def _check(person: Person) -> None:
    if not person.name:
        raise wrong("person_name", "Der Name fehlt.", "The name is missing.", "name", "Bitte angeben.", "Give it.")
    taken = person.mail and Person.objects.filter(partner=person.partner, mail=person.mail).exclude(pk=person.pk)
    if taken and taken.exists():
        raise wrong(
            "person_taken",
            "Diese Mailadresse hat schon jemand bei diesem Partner.",
            "Somebody of this partner has this mail address already.",
            "mail",
            "Bitte das vorhandene Profil bearbeiten.",
            "Edit the existing profile.",
        )


def _colleague(person: Person, cover_id: Any) -> Person | None:
    if not cover_id:
        return None
    found = Person.objects.filter(pk=cover_id, partner=person.partner, active=True).exclude(pk=person.pk).first()
    if found is None:
        raise wrong(
            "cover_wrong",
            "Vertreten kann nur jemand anderes vom selben Partner.",
            "Only somebody else of the same partner can stand in.",
            "cover",
        )
    return found


def put_tags(person: Person, tags: Iterable[str]) -> None:
    """Make these a person's competences, in the caller's transaction.

    Raises:
        BadInput: a tag the taxonomy does not have.
    """
    known, wanted = terms().tags, list(dict.fromkeys(tags))
    has = set(person.competences.values_list("tag", flat=True))
    if any(t not in known and t not in has for t in wanted):
        raise wrong("term_unknown", "Diesen Begriff gibt es nicht.", "There is no such term.", "tags")
    person.competences.exclude(tag__in=wanted).delete()
    Competence.objects.bulk_create(Competence(person=person, kind=known[t].kind, tag=t) for t in wanted if t not in has)


def add_leave(user: Any, person_id: int, first: date, last: date) -> Leave:
    """Note a time in which a person takes no new cases; both days count.

    Raises:
        NotAllowed: neither one's own profile nor a coordinator.
        NotFound: no such person.
        BadInput: the end lies before the beginning, in the past, or more than 400 days off.
    """
    with transaction.atomic():
        person = person_of(person_id)
        check_person(user, person)
        if last < first or last < timezone.localdate() or last - first > timedelta(days=MAX_LEAVE):
            raise wrong(
                "leave_wrong",
                "Dieser Zeitraum passt nicht: Er endet vor dem Anfang, liegt in der Vergangenheit oder ist zu lang.",
                "This period does not fit: it ends before it begins, lies in the past, or is too long.",
                "last",
                "Bitte die Tage prüfen.",
                "Check the days.",
            )
        made = Leave.objects.create(person=person, first=first, last=last)
        record("person.leave", "person", person.pk, user)
    return made


def end_leave(user: Any, leave_id: int) -> None:
    """Remove a leave.

    Raises:
        NotAllowed: neither one's own profile nor a coordinator.
        NotFound: there is none.
    """
    with transaction.atomic():
        leave = Leave.objects.select_related("person").filter(pk=leave_id).first()
        if leave is None:
            raise NotFound(
                "leave_unknown",
                de="Diese Abwesenheit gibt es nicht mehr.",
                en="This leave does not exist any more.",
                where="leave",
            )
        check_person(user, leave.person)
        leave.delete()
        record("person.leave_ended", "person", leave.person_id, user)


def remove_person(user: Any, person_id: int) -> None:
    """Delete a person with everything the network holds about them; an open invitation stops working.

    Raises:
        NotAllowed: not a coordinator.
        NotFound: no such person.
    """
    check_coordinator(user)
    with transaction.atomic():
        person = person_of(person_id)
        links.withdraw(PURPOSE, person.pk)
        person.delete()
        record("person.removed", "person", person_id, user)


def connect_own(user: Any) -> Person:
    """Join an expert's account with the profile that has the account's confirmed mail address.

    Raises:
        NotAllowed: not an expert.
        NotFound: no profile without an account has this address, or several have.
    """
    check_role(user, Role.EXPERT)
    with transaction.atomic():
        mails = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
        found = list(Person.objects.filter(mail__in=[m.lower() for m in mails], user=None, active=True)[:2])
        if len(found) != 1:
            raise NotFound(
                "profile_none",
                de="Zu Ihrer bestätigten Mailadresse gibt es kein freies Profil.",
                en="There is no free profile for your confirmed mail address.",
                where="profile",
                remedy_de="Bitte die Koordination um eine Einladung.",
                remedy_en="Ask the coordinator for an invitation.",
            )
        found[0].user = user
        found[0].save(update_fields=["user"])
        record("person.connected", "person", found[0].pk, user)
    return found[0]
