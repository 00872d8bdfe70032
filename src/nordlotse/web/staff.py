"""The second factor of staff: whoever signs in with a password needs one before the desk opens.

A session made by the one-time link may work at once: the link is itself proof of access to the machine or the mailbox.
"""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from nordlotse.web.templatetags.components import language

Handler = Callable[[HttpRequest], HttpResponse]

#: Session key: this session was made by the one-time link.
BY_LINK = "signed_in_by_link"


def may_work(request: HttpRequest) -> bool:
    """Tell whether the signed-in person's session is strong enough for the desk."""
    return bool(request.session.get(BY_LINK)) or is_mfa_enabled(request.user)


def _at_desk(request: HttpRequest) -> bool:
    return request.path.removeprefix("/en").startswith("/desk/")


def _needs_factor(request: HttpRequest) -> bool:
    match = request.resolver_match
    return _at_desk(request) and match is not None and match.url_name != "security" and request.user.is_authenticated


def typed(request: HttpRequest) -> str:
    """Return the long text somebody sent with a form that cannot be taken, so that the page can give it back."""
    return next((text for name in ("raw", "question", "comment") if (text := request.POST.get(name, "").strip())), "")


class SecondFactor:
    """Leads a member of staff without a second factor to the page that sets one up."""

    def __init__(self, get_response: Handler) -> None:
        """Take the next handler."""
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Hand the request on."""
        return self._get_response(request)

    def process_view(self, request: HttpRequest, *args: object) -> HttpResponse | None:
        """Answer instead of the desk where the second factor is missing, or where a session ended while somebody wrote."""
        if not request.user.is_authenticated and _at_desk(request) and typed(request):
            return render(request, "web/problem.html", {"signed_out": True, "kept": typed(request)}, status=403)
        if _needs_factor(request) and not may_work(request):
            return HttpResponseRedirect(reverse(f"{language()}:security"))
        return None


@never_cache
@login_required
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Show how the signed-in person gets in, and lead to password and second factor."""
    context = {
        "by_link": bool(request.session.get(BY_LINK)),
        "has_password": isinstance(request.user, AbstractBaseUser) and request.user.has_usable_password(),
        "has_factor": is_mfa_enabled(request.user),
        "must": not may_work(request),
    }
    return render(request, "web/security.html", context)


@never_cache
def closed(request: HttpRequest) -> HttpResponse:
    """Say that accounts are made by an administrator only."""
    return render(request, "account/signup_closed.html", status=404)
