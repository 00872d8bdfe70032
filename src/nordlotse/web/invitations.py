"""Invitations into the centre by mail, and what an administrator changes of an account; each change is logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import transaction

from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.foundation.role import Role
from nordlotse.office import links, log, mail, people
from nordlotse.office.addresses import check_address
from nordlotse.office.models import ActionLink
from nordlotse.office.roles import check_role, held_roles, set_roles
from nordlotse.web import accounts

if TYPE_CHECKING:
    from django.contrib.auth.models import User

#: What these links are about.
PURPOSE = "account"
DAYS = 7


def _roles_in(reference: str) -> frozenset[Role]:
    return frozenset(Role(word) for word in reference.split(",") if word in set(Role))


@transaction.atomic
def invite(actor: Any, address: str, roles: frozenset[Role], lang: Lang = "de") -> None:
    """Invite somebody by mail into these roles; an older open invitation to the same address stops working.

    Raises:
        NotAllowed: not an administrator.
        BadInput: no mail address, or no role.
    """
    check_role(actor, Role.ADMINISTRATOR)
    address = check_address(address)
    if not roles:
        raise BadInput(
            "role_missing",
            de="Es ist keine Rolle gewählt.",
            en="No role has been chosen.",
            where="roles",
            remedy_de="Bitte wählen Sie mindestens eine. Menschen aus Betrieben brauchen keine: Sie melden sich selbst an.",
            remedy_en="Choose at least one. People of companies need none: they sign up themselves.",
        )
    _send(address, ",".join(sorted(roles)), lang, "web/mail/invitation.txt")
    log.record("invite", "account", "new", actor)


def _send(address: str, reference: str, lang: Lang, template: str) -> None:
    ActionLink.objects.filter(purpose=PURPOSE, mail=address, used_at=None).delete()
    token = links.make(PURPOSE, reference, mail=address, days=DAYS)
    context = {"token": token, "roles": [role.label.get(lang) for role in sorted(_roles_in(reference))]}
    key = f"web:invited:{token.partition('.')[0]}"
    mail.enqueue(key, address, lang=lang, template=template, context=context, room="web", secret=True)


@transaction.atomic
def send_link(actor: Any, user: User, lang: Lang = "de") -> None:
    """Mail a fresh sign-in link to somebody, with which a second factor can be set up again.

    Raises:
        NotAllowed: not an administrator.
        BadInput: the account has no proved mail address.
    """
    check_role(actor, Role.ADMINISTRATOR)
    proved = people.mails_of(user)
    if not proved or not user.is_active:
        raise BadInput(
            "no_address",
            de="Zu diesem Konto gehört keine bestätigte E-Mail-Adresse, oder es ist geschlossen.",
            en="This account has no proved mail address, or it is closed.",
            where="mail",
            remedy_de="Machen Sie den Link am Rechner: nordlotse admin link NAME.",
            remedy_en="Make the link at the machine: nordlotse admin link NAME.",
        )
    address = user.email.lower() if user.email.lower() in proved else sorted(proved)[0]
    _send(address, "", lang, "web/mail/sign_in_link.txt")
    log.record("send_link", "account", user.pk, actor)


def look_at(token: str) -> tuple[str, frozenset[Role]]:
    """Return the address and the roles an invitation is about, without using it.

    Raises:
        NotFound: unknown, used or expired.
    """
    link = links.read(token, PURPOSE)
    return link.mail, _roles_in(link.reference)


@transaction.atomic
def accept(token: str) -> User:
    """Use an invitation up: the account of its address, made at first, gets the roles. The page signs the person in.

    Raises:
        NotFound: unknown, used or expired, or the account has been closed.
    """
    link = links.use(token, PURPOSE)
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
    roles = _roles_in(link.reference)
    if roles - held_roles(user):
        set_roles(user, held_roles(user) | roles)
    log.record("accept", "account", user.pk, user)
    return user


@transaction.atomic
def change_roles(actor: Any, user: User, roles: frozenset[Role]) -> None:
    """Give a person exactly these roles.

    Raises:
        NotAllowed: not an administrator.
        BadInput: nobody would be left to administer.
    """
    check_role(actor, Role.ADMINISTRATOR)
    accounts.check_not_last(user, roles)
    set_roles(user, roles)
    log.record("roles", "account", user.pk, actor)


@transaction.atomic
def reset(actor: Any, user: User) -> int:
    """Remove a person's second factors and password and end all sessions; return how many factors there were.

    Raises:
        NotAllowed: not an administrator.
        BadInput: it is one's own account: that would lock oneself out.
    """
    check_role(actor, Role.ADMINISTRATOR)
    _check_other(actor, user)
    removed = accounts.take_factors(user)
    log.record("reset_factor", "account", user.pk, actor)
    return removed


@transaction.atomic
def switch(actor: Any, user: User, *, active: bool) -> None:
    """Close an account, ending its sessions, or open it again.

    Raises:
        NotAllowed: not an administrator.
        BadInput: it is one's own account, or nobody would be left to administer.
    """
    check_role(actor, Role.ADMINISTRATOR)
    _check_other(actor, user)
    if not active:
        accounts.check_not_last(user, frozenset())
        accounts.end_sessions(user)
    user.is_active = active
    user.save(update_fields=["is_active"])
    log.record("open" if active else "close", "account", user.pk, actor)


def _check_other(actor: Any, user: User) -> None:
    if actor.pk == user.pk:
        raise BadInput(
            "own_account",
            de="Das geht nicht mit dem eigenen Konto.",
            en="This cannot be done to one's own account.",
            where="account",
            remedy_de="Bitten Sie eine andere Person aus der Verwaltung.",
            remedy_en="Ask another administrator.",
        )


def account(user_id: int) -> User:
    """Return an account.

    Raises:
        NotFound: there is none.
    """
    found = get_user_model().objects.filter(pk=user_id).first()
    if found is None:
        raise NotFound(
            "account_unknown",
            de="Dieses Konto gibt es nicht.",
            en="There is no such account.",
            where="account",
            remedy_de="Bitte gehen Sie zur Liste der Konten zurück.",
            remedy_en="Go back to the list of accounts.",
        )
    return found
