"""Accounts of people who have proved that a mail address is theirs."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def mails_of(user: User) -> frozenset[str]:
    """Return the mail addresses a person has proved to be theirs, in lower case."""
    return frozenset(
        mail.lower()
        for mail in EmailAddress.objects.filter(user_id=user.pk, verified=True).values_list("email", flat=True)
    )


def mails_of_all(user_ids: Iterable[int]) -> frozenset[str]:
    """Return the proved mail addresses of several people together, in lower case."""
    found = EmailAddress.objects.filter(user_id__in=list(user_ids), verified=True)
    return frozenset(mail.lower() for mail in found.values_list("email", flat=True))


@transaction.atomic
def account_of(mail: str) -> User:
    """Return the account of a proved mail address, making it at first; its user name says nothing about the person.

    Call it only when whoever asks has just opened a link or typed a code sent to that address.
    """
    mail = mail.strip().lower()
    owner = _owner(mail)
    if owner is not None:
        return owner
    try:
        with transaction.atomic():
            user = get_user_model().objects.create_user(f"m-{secrets.token_hex(6)}", email=mail, password=None)
            EmailAddress.objects.create(user=user, email=mail, verified=True, primary=True)
    except IntegrityError:  # somebody opened two links at once: the other one has made the account
        owner = _owner(mail)
        if owner is None:
            raise
        return owner
    return user


def _owner(mail: str) -> User | None:
    known = EmailAddress.objects.filter(email__iexact=mail, verified=True).select_related("user").first()
    return known.user if known is not None else None
