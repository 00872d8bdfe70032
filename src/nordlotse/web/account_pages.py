"""Pages of accounts: the administrator's list, one account, and the page an invitation opens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth import get_user_model, login
from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.role import Role
from nordlotse.office.models import ActionLink
from nordlotse.office.roles import check_role, held_roles, needs_second_factor
from nordlotse.web import invitations
from nordlotse.web.landing import landing
from nordlotse.web.staff import BY_INVITATION
from nordlotse.web.templatetags.components import language


@dataclass(frozen=True, slots=True)
class Line:
    """One account in the list."""

    id: int
    name: str
    roles: tuple[str, ...]
    lacks_factor: bool
    active: bool
    last_login: Any


def _name(user: Any) -> str:
    """Return how people know an account: its mail address, or its name if it was made by name."""
    return str(user.email if user.email and user.username.startswith("m-") else user.username)


def _lines() -> list[Line]:
    factor = Authenticator.objects.filter(user=OuterRef("pk"), type__in=("totp", "webauthn"))
    people = (
        get_user_model()
        .objects.filter(Q(groups__name__in=list(Role)) | Q(is_staff=True) | Q(is_superuser=True))
        .annotate(has_factor=Exists(factor))
        .prefetch_related("groups")
        .distinct()
        .order_by("-is_active", "username")
    )
    lines = []
    for user in people:
        names = {group.name for group in user.groups.all()}
        roles = {role for role in Role if role.value in names} or ({Role.EDITOR} if user.is_staff else set())
        roles |= {Role.ADMINISTRATOR} if user.is_superuser else set()
        words = tuple(role.label.get(language()) for role in sorted(roles))
        lacks = needs_second_factor(user) and not user.has_factor
        lines.append(Line(user.pk, _name(user), words, lacks, user.is_active, user.last_login))
    return lines


def _chosen(request: HttpRequest) -> frozenset[Role]:
    return frozenset(Role(word) for word in request.POST.getlist("roles") if word in set(Role))


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def accounts(request: HttpRequest) -> HttpResponse:
    """List everybody with a role and the open invitations; invite somebody."""
    check_role(request.user, Role.ADMINISTRATOR)
    problem, status = None, 200
    if request.method == "POST":
        wanted: Lang = "en" if request.POST.get("lang") == "en" else "de"
        try:
            invitations.invite(request.user, request.POST.get("mail", ""), _chosen(request), wanted)
        except BadInput as error:
            problem, status = error, error.http_status
        else:
            messages.success(request, _("Die Einladung ist unterwegs."))
            return HttpResponseRedirect(reverse(f"{language()}:accounts"))
    waiting = ActionLink.objects.filter(purpose=invitations.PURPOSE, used_at=None, expires_at__gt=timezone.now())
    context = {
        "lines": _lines(),
        "waiting": waiting.exclude(reference="").order_by("expires_at"),
        "roles": [(role.value, role.label.get(language()), role in _chosen(request)) for role in Role],
        "mail": request.POST.get("mail", "")[:254],
        "problem": problem,
    }
    return render(request, "web/accounts.html", context, status=status)


def _roles(request: HttpRequest, user: Any) -> str:
    invitations.change_roles(request.user, user, _chosen(request))
    return _("Die Rollen sind geändert.")


def _reset(request: HttpRequest, user: Any) -> str:
    invitations.reset(request.user, user)
    return _("Zweiter Schritt und Passwort sind entfernt, alle Sitzungen beendet.")


def _link(request: HttpRequest, user: Any) -> str:
    invitations.send_link(request.user, user, "en" if language() == "en" else "de")
    return _("Der Anmeldelink ist unterwegs.")


def _close(request: HttpRequest, user: Any) -> str:
    invitations.switch(request.user, user, active=False)
    return _("Das Konto ist geschlossen.")


def _open(request: HttpRequest, user: Any) -> str:
    invitations.switch(request.user, user, active=True)
    return _("Das Konto ist wieder offen.")


_VERBS: dict[str, Callable[[HttpRequest, Any], str]] = {
    "roles": _roles,
    "reset": _reset,
    "link": _link,
    "close": _close,
    "open": _open,
}


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest, user_id: int) -> HttpResponse:
    """Show one account and change it: roles, second step, link, closing."""
    check_role(request.user, Role.ADMINISTRATOR)
    user = invitations.account(user_id)
    problem, status = None, 200
    if request.method == "POST":
        try:
            # Without a verb nothing is done: a form cut short must not take somebody's roles away.
            if verb := _VERBS.get(request.POST.get("do", "")):
                messages.success(request, verb(request, user))
        except BadInput as error:
            problem, status = error, error.http_status
        else:
            return HttpResponseRedirect(reverse(f"{language()}:account", args=[user.pk]))
    held = held_roles(user) if user.is_active else frozenset()
    names = set(user.groups.values_list("name", flat=True))
    given = {role for role in Role if role.value in names} | ({Role.ADMINISTRATOR} if user.is_superuser else set())
    context = {
        "person": user,
        "name": _name(user),
        "roles": [(role.value, role.label.get(language()), role in (given or held)) for role in Role],
        "factors": Authenticator.objects.filter(user=user).exclude(type="recovery_codes").count(),
        "needed": needs_second_factor(user),
        "own": user.pk == request.user.pk,
        "problem": problem,
    }
    return render(request, "web/account.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show what an invitation is about; only the button uses it, makes the account, gives the roles and signs in."""
    if request.method == "POST":
        user = invitations.accept(token)
        if is_mfa_enabled(user) and request.user.pk != user.pk:
            # A link replaces the code from a mail, not a second factor: whoever has one signs in with it.
            return HttpResponseRedirect(reverse("account_login"))
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        request.session[BY_INVITATION] = True
        name = "security" if needs_second_factor(user) else ""
        return HttpResponseRedirect(reverse(f"{language()}:{name}") if name else landing(user))
    address, roles = invitations.look_at(token)
    context = {"address": address, "roles": [role.label.get(language()) for role in sorted(roles)]}
    return render(request, "web/invitation.html", context)
