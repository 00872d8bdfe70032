"""Accounts by name: the centre's people, their roles, one-time links and invitations."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from itertools import chain, count
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.foundation.role import Role
from nordlotse.office.addresses import check_address
from nordlotse.office.roles import held_roles, set_roles
from nordlotse.web.models import SignInLink

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def administrator() -> User:
    """Return the installation's administrator, making the account at first (`admin-2` if the name `admin` is taken)."""
    users = get_user_model().objects
    found = users.filter(is_superuser=True, is_active=True).order_by("pk").first()
    if found is None:
        taken = set(users.filter(username__startswith="admin").values_list("username", flat=True))
        free = next(n for n in chain(["admin"], (f"admin-{k}" for k in count(2))) if n not in taken)
        found = users.create_superuser(free, email="", password=None)
    return found


def anybody_signed_in() -> bool:
    """Tell whether an administrator has ever signed in; until then every start prints a fresh link."""
    return bool(get_user_model().objects.filter(is_superuser=True, last_login__isnull=False).exists())


def new_link(user: User, hours: float = 24) -> str:
    """Return the path of a fresh one-time sign-in link; older unused links of this person stop working."""
    SignInLink.objects.filter(user=user, used_at=None).delete()
    token = secrets.token_urlsafe(32)
    SignInLink.objects.create(token_hash=_hash(token), user=user, expires_at=timezone.now() + timedelta(hours=hours))
    return reverse("sign_in", args=[token])


def link_owner(token: str) -> User:
    """Return whose link this is, without using it.

    Raises:
        NotFound: unknown, used or expired.
    """
    link = SignInLink.objects.filter(token_hash=_hash(token), used_at=None, expires_at__gt=timezone.now()).first()
    if link is None or not link.user.is_active:
        raise _used_up()
    return link.user


def _used_up() -> NotFound:
    return NotFound(
        "link_used",
        de="Dieser Anmeldelink ist unbekannt, verbraucht oder abgelaufen.",
        en="This sign-in link is unknown, used or expired.",
        where="link",
        remedy_de="Einen neuen macht `nordlotse admin link`.",
        remedy_en="`nordlotse admin link` makes a new one.",
    )


def use_link(token: str) -> User:
    """Use a link up and return its owner; of two attempts at once only one succeeds.

    Raises:
        NotFound: unknown, used or expired.
    """
    changed = SignInLink.objects.filter(token_hash=_hash(token), used_at=None, expires_at__gt=timezone.now()).update(
        used_at=timezone.now()
    )
    link = SignInLink.objects.select_related("user").filter(token_hash=_hash(token)).first()
    if not changed or link is None or not link.user.is_active:
        raise _used_up()
    return link.user


def reset_factor(username: str) -> int:
    """Remove a person's second factors and password and end the person's sessions; return how many factors were removed.

    Afterwards only a fresh one-time link opens the account: with the old password alone nobody can set up a new factor.

    Raises:
        NotFound: there is no such person.
    """
    user = get_user_model().objects.filter(username=username).first()
    if user is None:
        raise NotFound(
            "user_unknown",
            de="Dieses Konto gibt es nicht.",
            en="There is no such account.",
            where=username[:80],
            remedy_de="Bitte den Benutzernamen prüfen.",
            remedy_en="Check the user name.",
        )
    return take_factors(user)


def take_factors(user: User) -> int:
    """Remove a person's second factors and password and end all sessions; return how many factors there were."""
    removed, _ = Authenticator.objects.filter(user=user).delete()
    user.set_unusable_password()
    user.save(update_fields=["password"])
    end_sessions(user)
    return int(removed)


def end_sessions(user: User, but: str = "") -> int:
    """End a person's sessions, all or all but one (its key); return how many."""
    ended = 0
    for session in Session.objects.filter(expire_date__gt=timezone.now()).exclude(session_key=but):
        if str(session.get_decoded().get("_auth_user_id")) == str(user.pk):
            session.delete()
            ended += 1
    return ended


def end_everything() -> None:
    """End all sessions and drop all sign-in links: after a restore those of the backup's day would be valid again."""
    present = set(connection.introspection.table_names())
    for model in (Session, SignInLink):  # the backup may be older than a table
        if model._meta.db_table in present:
            model.objects.all().delete()


def person(username: str) -> User:
    """Return a member of staff by name.

    Raises:
        NotFound: there is no such account.
    """
    user = get_user_model().objects.filter(username=username, is_active=True).first()
    if user is None:
        raise NotFound(
            "user_unknown",
            de="Dieses Konto gibt es nicht.",
            en="There is no such account.",
            where=username[:80],
            remedy_de="Bitte den Benutzernamen prüfen oder mit `nordlotse admin add` anlegen.",
            remedy_en="Check the user name, or make it with `nordlotse admin add`.",
        )
    return user


def add_staff(
    username: str, *, administrator: bool = False, roles: frozenset[Role] = frozenset(), mail: str = ""
) -> User:
    """Make an account with roles, an editor's if none are named (without password; the first sign-in is by link).

    Raises:
        BadInput: the name or the mail address is taken or not usable.
    """
    users = get_user_model()
    try:
        users.username_validator(username)
        users._meta.get_field("username").run_validators(username)
    except ValidationError as error:
        raise BadInput(
            "user_name",
            de="Dieser Benutzername ist nicht möglich.",
            en="This user name is not possible.",
            where=username[:80],
            remedy_de="Erlaubt sind Buchstaben, Ziffern und @ . + - _",
            remedy_en="Letters, digits and @ . + - _ are allowed.",
        ) from error
    if users.objects.filter(username=username).exists():
        raise _taken("user_taken", username, "Dieser Benutzername", "This user name")
    mail = check_address(mail) if mail else ""
    if mail and (
        EmailAddress.objects.filter(email__iexact=mail).exists() or users.objects.filter(email__iexact=mail).exists()
    ):
        raise _taken("mail_taken", username, "Diese E-Mail-Adresse", "This mail address")
    wanted = roles | ({Role.ADMINISTRATOR} if administrator else frozenset()) or frozenset({Role.EDITOR})
    with transaction.atomic():
        user = users.objects.create_user(username, email=mail, password=None)
        if mail:
            # Whoever works at the machine vouches for it; a code sent there proves it anew at each sign-in.
            EmailAddress.objects.create(user=user, email=mail, verified=True, primary=True)
        set_roles(user, wanted)
    return user


def _taken(code: str, where: str, de: str, en: str) -> BadInput:
    return BadInput(
        code,
        de=f"{de} ist vergeben.",
        en=f"{en} is taken.",
        where=where,
        remedy_de="Bitte eine andere wählen.",
        remedy_en="Choose another one.",
    )


def role_of(word: str) -> Role:
    """Return the role a word names.

    Raises:
        BadInput: there is no such role.
    """
    try:
        return Role(word)
    except ValueError as error:
        names = ", ".join(Role)
        raise BadInput(
            "role_unknown",
            de="Diese Rolle gibt es nicht.",
            en="There is no such role.",
            where=word[:40],
            remedy_de=f"Es gibt: {names}.",
            remedy_en=f"There are: {names}.",
        ) from error


def other_administrators(user: User) -> bool:
    """Tell whether somebody else is an administrator too."""
    return bool(get_user_model().objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk).exists())


def check_not_last(user: User, roles: frozenset[Role]) -> None:
    """Raise `BadInput` if this would leave the centre without an administrator."""
    if Role.ADMINISTRATOR in held_roles(user) and Role.ADMINISTRATOR not in roles and not other_administrators(user):
        raise BadInput(
            "last_administrator",
            de="Das ist die letzte Person mit der Rolle Verwaltung.",
            en="This is the last administrator.",
            where="roles",
            remedy_de="Geben Sie die Rolle zuerst jemand anderem.",
            remedy_en="Give the role to somebody else first.",
        )


def forget_unfinished(hours: float = 24) -> int:
    """Delete accounts that were begun but whose mail address was never proved; return how many.

    Only accounts without roles, password, company or factor count: nobody has ever been inside.
    """
    begun = get_user_model().objects.filter(
        date_joined__lt=timezone.now() - timedelta(hours=hours),
        last_login=None,
        is_staff=False,
        is_superuser=False,
        groups=None,
        memberships=None,
        network_people=None,
        username__startswith="m-",
    )
    begun = begun.exclude(emailaddress__verified=True).exclude(email="")
    ids = list(begun.values_list("pk", flat=True))
    get_user_model().objects.filter(pk__in=ids).delete()
    return len(ids)
