"""Who has which role: Django's groups, one per role; administrators are superusers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import Group

from nordlotse.foundation.problem import NotAllowed
from nordlotse.foundation.role import NEEDS_SECOND_FACTOR, Person, Role

if TYPE_CHECKING:
    from django.contrib.auth.models import User

#: Roles that work in the centre itself and so open the desk (`is_staff`).
OF_THE_CENTRE = frozenset({Role.COORDINATOR, Role.EDITOR, Role.ADMINISTRATOR})


def roles_of(user: Any) -> frozenset[Role]:
    """Return the roles a person may act in now; none for visitors and switched-off accounts.

    In a session without a second factor the roles that need one do not count (the wall outside says so by the attribute
    `signed_in_weakly`, a function); whoever acts without a session, such as a command, is not asked.
    """
    held = held_roles(user)
    weakly = getattr(user, "signed_in_weakly", None)
    if held & NEEDS_SECOND_FACTOR and weakly is not None and weakly():
        return held - NEEDS_SECOND_FACTOR
    return held


def held_roles(user: Any) -> frozenset[Role]:
    """Return the roles a person was given, however this session began.

    An administrator may do what coordinators and editors do. A member of staff without a group is an editor (accounts from
    before there were roles).
    """
    if not (user.is_authenticated and user.is_active):
        return frozenset()
    known = getattr(user, "_roles", None)
    if known is None:
        names = set(user.groups.values_list("name", flat=True))
        found = {role for role in Role if role.value in names}
        if user.is_superuser:
            found |= OF_THE_CENTRE
        elif user.is_staff and not found:
            found = {Role.EDITOR}
        known = user._roles = frozenset(found)
    return frozenset(known)


def has_role(user: Person | Any, *wanted: Role) -> bool:
    """Tell whether a person has one of these roles."""
    return bool(roles_of(user) & set(wanted))


def check_role(user: Person | Any, *wanted: Role) -> None:
    """Raise `NotAllowed` unless the person has one of these roles."""
    if not has_role(user, *wanted):
        raise _missing(user, wanted)


def check_staff(user: Person | Any) -> None:
    """Raise `NotAllowed` unless the person works in the centre itself; whoever is signed in hears who does and whom to ask."""
    if not (user.is_authenticated and user.is_active and getattr(user, "is_staff", False)):
        raise _missing(user, tuple(role for role in Role if role in OF_THE_CENTRE))


def _missing(user: Person | Any, wanted: tuple[Role, ...]) -> NotAllowed:
    """Return what somebody without a role is told: visitors to sign in, people with an account what their access covers."""
    de, en = ", ".join(r.label.de for r in wanted), ", ".join(r.label.en for r in wanted)
    held = held_roles(user)
    if not user.is_authenticated:
        return NotAllowed(
            "role_missing",
            de=f"Das darf nur, wer eine dieser Rollen hat: {de}.",
            en=f"Only people with one of these roles may do this: {en}.",
            where="role",
            remedy_de="Bitte melden Sie sich an.",
            remedy_en="Sign in.",
        )
    if held & set(wanted):
        return NotAllowed(
            "second_factor_missing",
            de="Für Ihre Rolle braucht diese Anmeldung einen zweiten Schritt.",
            en="Your role needs a second factor in this session.",
            where="role",
            remedy_de="Er steht unter „Meine Anmeldung“.",
            remedy_en="You find it under “My sign-in”.",
        )
    report_only = bool(held) and held <= {Role.OFFICER, Role.RESEARCHER}
    return NotAllowed(
        "role_missing",
        de="Ihr Zugang umfasst nur den Bericht." if report_only else "Ihr Zugang umfasst diese Seite nicht.",
        en="Your access covers the report only." if report_only else "Your access does not cover this page.",
        where="role",
        remedy_de=f"Diese Seite sehen nur Menschen mit einer dieser Rollen: {de}. Brauchen Sie Zugang, fragen Sie die "
        "Verwaltung des Zentrums.",
        remedy_en=f"Only people with one of these roles see this page: {en}. If you need access, ask the centre's "
        "administrators.",
    )


def set_roles(user: User, roles: frozenset[Role]) -> None:
    """Give a person exactly these roles; the caller has checked who asks for it."""
    user.is_superuser = Role.ADMINISTRATOR in roles
    user.is_staff = bool(roles & OF_THE_CENTRE)
    user.save(update_fields=["is_superuser", "is_staff"])
    user.groups.set([Group.objects.get_or_create(name=role.value)[0] for role in sorted(roles)])
    vars(user).pop("_roles", None)


def needs_second_factor(user: Person | Any) -> bool:
    """Tell whether this person's roles ask for a second factor."""
    return bool(held_roles(user) & NEEDS_SECOND_FACTOR)
