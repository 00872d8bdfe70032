"""Accounts of staff. Visitors need none, and nobody can sign up."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from itertools import chain, count
from typing import TYPE_CHECKING

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.web.models import SignInLink
from nordlotse.web.network import limited_address
from nordlotse.web.templatetags.components import language

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class StaffOnly(DefaultAccountAdapter):  # type: ignore[misc] # allauth carries no types
    """Closes sign-up: accounts are made by an administrator."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """Count sign-in attempts by the same address as every other limit."""
        return limited_address(request)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Go to the desk in the language of the sign-in page."""
        return reverse(f"{language()}:desk")


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
    removed, _ = Authenticator.objects.filter(user=user).delete()
    user.set_unusable_password()
    user.save(update_fields=["password"])
    for session in Session.objects.filter(expire_date__gt=timezone.now()):
        if str(session.get_decoded().get("_auth_user_id")) == str(user.pk):
            session.delete()
    return int(removed)


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


def add_staff(username: str, *, administrator: bool = False) -> User:
    """Make an account for a member of staff (without password; the first sign-in is by link).

    Raises:
        BadInput: the name is taken or not usable.
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
        raise BadInput(
            "user_taken",
            de="Dieser Benutzername ist vergeben.",
            en="This user name is taken.",
            where=username,
            remedy_de="Bitte einen anderen wählen.",
            remedy_en="Choose another one.",
        )
    return users.objects.create_user(username, password=None, is_staff=True, is_superuser=administrator)
