"""The second factor: whoever has a role of the centre or its funder needs one before that role counts.

A session is strong when it was made by the one-time link of the machine's operator (the link is itself proof of access to the
machine), or when a second factor was used or set up in it. That somebody has set one up elsewhere makes no session strong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from nordlotse.office.roles import needs_second_factor
from nordlotse.web import accounts
from nordlotse.web.landing import landing
from nordlotse.web.templatetags.components import language

Handler = Callable[[HttpRequest], HttpResponse]

#: Session key: this session was made by the one-time link of the machine's operator.
BY_LINK = "signed_in_by_link"

#: Session key: this session was made by a mailed invitation; it may set up a second factor, but is none.
BY_INVITATION = "signed_in_by_invitation"

#: Where people act in a role: below these a missing second factor is told at once.
ROLE_PLACES = ("/desk/", "/betrieb/", "/fachleute/", "/bericht/", "/identity/o/authorize")

#: Pages that open further ways in: not for a session that only a mailed code made.
_WAYS_IN = frozenset({"mfa_activate_totp", "mfa_add_webauthn", "account_set_password"})

_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def may_work(request: HttpRequest) -> bool:
    """Tell whether the signed-in person's session is strong enough for a role that needs a second factor."""
    if request.session.get(BY_LINK):
        return True
    used = any(r.get("method") == "mfa" for r in get_authentication_records(request, request.user))
    return used and is_mfa_enabled(request.user, types=_FACTORS)


def may_set_up(request: HttpRequest) -> bool:
    """Tell whether this session may set up the first second factor of a person whose role needs one.

    A code to the mailbox alone is not enough: after a reset, whoever reads the mailbox would be inside.
    """
    invited = request.session.get(BY_INVITATION) and not is_mfa_enabled(request.user, types=_FACTORS)
    if may_work(request) or invited or not needs_second_factor(request.user):
        return True
    return any(r.get("method") in ("password", "mfa") for r in get_authentication_records(request, request.user))


def remember_factor(sender: Any, request: HttpRequest, user: Any, authenticator: Authenticator, **more: Any) -> None:
    """Note that this very session has set up a second factor (signal `authenticator_added`).

    Whoever has just proved to hold it is not asked for it again before seeing the spare codes.
    """
    if authenticator.type in _FACTORS:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type, reauthenticated=True)


def _in_role(request: HttpRequest) -> bool:
    return request.path.removeprefix("/en").startswith(ROLE_PLACES)


def typed(request: HttpRequest) -> str:
    """Return the long text somebody sent with a form that cannot be taken, so that the page can give it back."""
    names = ("raw", "question", "comment", "text", "message")
    return next((text for name in names if (text := request.POST.get(name, "").strip())), "")


class SecondFactor:
    """Lets roles that need a second factor count only in a strong session, and leads people to set one up."""

    def __init__(self, get_response: Handler) -> None:
        """Take the next handler."""
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Hand the request on; whoever asks for the person's roles hears how strong the session is."""
        if "_auth_user_id" in request.session and request.user.is_authenticated:
            vars(request)["_strong"] = None
            person: Any = request.user
            person.signed_in_weakly = lambda: not _strong(request)
        return self._get_response(request)

    def process_view(self, request: HttpRequest, *args: object) -> HttpResponse | None:
        """Answer instead of the page where the second factor is missing, or where a session ended while somebody wrote."""
        if not request.user.is_authenticated:
            if _in_role(request) and request.method == "POST" and typed(request):
                return render(request, "web/problem.html", {"signed_out": True, "kept": typed(request)}, status=403)
            return None
        match = request.resolver_match
        name = match.url_name if match is not None else ""
        if _in_role(request) and needs_second_factor(request.user) and not _strong(request):
            return HttpResponseRedirect(reverse(f"{language()}:security"))
        if name in _WAYS_IN and not may_set_up(request):
            return HttpResponseRedirect(reverse(f"{language()}:security"))
        return None


def _strong(request: HttpRequest) -> bool:
    """Ask once per request."""
    kept = vars(request)
    if kept.get("_strong") is None:
        kept["_strong"] = may_work(request)
    return bool(kept["_strong"])


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def security(request: HttpRequest) -> HttpResponse:
    """Show how the signed-in person gets in, lead to passkey, password and second step; end all other sessions on demand."""
    user: Any = request.user
    if request.method == "POST":
        accounts.end_sessions(user, but=request.session.session_key or "")
        return HttpResponseRedirect(f"{reverse(f'{language()}:security')}?beendet=1")
    needed = needs_second_factor(user)
    kinds = set(Authenticator.objects.filter(user_id=user.pk).values_list("type", flat=True))
    context = {
        "by_link": bool(request.session.get(BY_LINK)),
        "by_invitation": bool(request.session.get(BY_INVITATION)),
        "has_password": isinstance(user, AbstractBaseUser) and user.has_usable_password(),
        "has_app": Authenticator.Type.TOTP in kinds,
        "has_passkey": Authenticator.Type.WEBAUTHN in kinds,
        "has_factor": bool(kinds),
        "needed": needed,
        "must": needed and not may_work(request),
        "may_set_up": may_set_up(request),
        "ended": "beendet" in request.GET,
        "home": landing(user),
    }
    return render(request, "web/security.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD"])
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the page this person begins with."""
    return HttpResponseRedirect(landing(request.user))


@never_cache
def closed(request: HttpRequest) -> HttpResponse:
    """Say that there is no such way in here."""
    return render(request, "account/signup_closed.html", status=404)
