"""Who belongs to a company: invited by mail, joined by the link, removed by whoever was there before."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import BadInput, NotAllowed, NotFound
from nordlotse.iot.actions import belonging as halls
from nordlotse.journey.actions.companies import check_member
from nordlotse.journey.models import Case, Company, Contact, Membership
from nordlotse.journey.queries import companies as queries
from nordlotse.office import links, log, mail, people

#: What a link in an invitation is about.
INVITATION = "company"

#: So many invitations of one company may be open, and so many go out within a day.
INVITATIONS = 20


@transaction.atomic
def invite(user: Any, company: Company, address: str, lang: Lang = "de") -> None:
    """Invite somebody by mail; the link works once within three weeks, a new one replaces the old one.

    Raises:
        NotAllowed: not a member.
        BadInput: 20 invitations are open, or were sent within a day (the same address again counts too).
    """
    check_member(user, company)
    if queries.open_invitations(company).count() >= INVITATIONS or queries.invited_today(company) >= INVITATIONS:
        raise BadInput(
            "too_many_invitations",
            de=f"Es sind schon {INVITATIONS} Einladungen offen oder heute verschickt.",
            en=f"{INVITATIONS} invitations are already open, or were sent today.",
            where="mail",
            remedy_de="Bitte warten Sie, bis einige angenommen sind, oder bis morgen.",
            remedy_en="Wait until some have been accepted, or until tomorrow.",
        )
    address = address.strip().lower()
    queries.open_invitations(company).filter(mail=address).delete()
    token = links.make(INVITATION, company.pk, mail=address)
    mail.enqueue(
        f"journey:invited:{token[:24]}",
        address,
        lang=lang,
        template="journey/mail/company_invitation.txt",
        context={"company": company.name, "token": token, "inviter": user.email or company.name},
        room="journey",
        reference=company.pk,
    )
    log.record("invite", "company", company.pk, user)


@transaction.atomic
def join(token: str) -> tuple[Any, Company]:
    """Join the company an invitation is about; the link proves the mail address, its account is made if there is none.

    Returns the account and the company; the page signs the person in.

    Raises:
        NotFound: the link is unknown, used or expired, the company is gone, or the account has been closed.
    """
    link = links.use(token, INVITATION)
    company = queries.company(link.reference)
    user = people.account_of(link.mail)
    if not user.is_active:
        raise NotFound(
            "account_closed",
            de="Dieses Konto ist geschlossen.",
            en="This account is closed.",
            where="account",
            remedy_de="Bitte wenden Sie sich an die Verwaltung des Zentrums.",
            remedy_en="Turn to the centre's administrators.",
        )
    Membership.objects.get_or_create(company=company, user=user)
    log.record("join", "company", company.pk, user)
    return user, company


@transaction.atomic
def remove_member(user: Any, company: Company, member_id: int, lang: Lang = "de") -> None:
    """End a membership: one's own, or that of somebody who joined later; who is removed is told by mail.

    Whoever was invited cannot put out who was there before: the founder is removed by nobody else.

    Raises:
        NotAllowed: not a member, or the other one was there before.
        BadInput: it is the last one: then the company's data would belong to nobody.
    """
    check_member(user, company)
    memberships = list(Membership.objects.select_for_update().filter(company=company))
    if len(memberships) < 2:
        raise BadInput(
            "last_member",
            de="Sie sind die letzte Person dieses Betriebs.",
            en="You are the last person of this company.",
            where="member",
            remedy_de="Laden Sie erst jemanden ein, oder löschen Sie die Daten des Betriebs.",
            remedy_en="Invite somebody first, or delete the company's data.",
        )
    left = [m for m in memberships if m.user_id != member_id]
    gone = next((m for m in memberships if m.user_id == member_id), None)
    if gone is not None:
        if not queries.may_remove(user, gone, memberships):
            raise _came_later()
        gone.delete()
        halls.left(company.pk, people.mails_of(gone.user))
        if member_id != user.pk:
            _tell_removed(company, gone, lang)
        _pass_on(company, member_id, next((m.user for m in left if m.user_id == user.pk), left[0].user))
    log.record("leave", "company", company.pk, user)


def _came_later() -> NotAllowed:
    return NotAllowed(
        "came_later",
        de="Wer vor Ihnen dabei war, kann nur selbst austreten.",
        en="Whoever was there before you can only leave by themselves.",
        where="member",
        remedy_de="Bitte sprechen Sie mit der Person, oder wenden Sie sich an das Zentrum.",
        remedy_en="Talk to the person, or turn to the centre.",
    )


def _tell_removed(company: Company, gone: Membership, lang: Lang) -> None:
    if gone.user.email:
        mail.enqueue(
            f"journey:removed:{company.pk}:{gone.user_id}:{gone.since:%Y%m%d%H%M%S}",
            gone.user.email,
            lang=lang,
            template="journey/mail/removed.txt",
            context={"company": company.name},
            room="journey",
            reference=company.pk,
        )


def _pass_on(company: Company, member_id: int, to: Any) -> None:
    """Let another member be told of the cases of somebody who is no longer one: what comes is the company's."""
    cases = Case.objects.filter(company=company, contact__user_id=member_id)
    if not cases.exists():
        return
    contact = Contact.objects.filter(company=company, user=to).order_by("created_at").first()
    if contact is None:
        name = to.get_full_name() or to.email
        contact = Contact.objects.create(company=company, user=to, name=name[:120], mail=to.email.lower())
    cases.update(contact=contact)
