"""Single sign-on both ways: as a guest of a service the operator named, and as the service of a forum (its clients)."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlsplit

import requests
from allauth.idp.oidc.models import Client
from allauth.idp.oidc.views import authorization
from allauth.socialaccount.providers.openid_connect.views import login
from csp.constants import SELF
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from nordlotse.foundation.problem import BadInput, NotFound


@login_not_required
def to_service(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Lead to the sign-in service; tell it if the service cannot be asked."""
    try:
        response: HttpResponse = login(request, provider_id)
    except requests.RequestException:
        return render(request, "socialaccount/authentication_error.html", status=503)
    return response


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


@never_cache
@csrf_exempt  # the view itself asks for the token where a person agrees; the first request comes from the forum
def authorize(request: HttpRequest) -> HttpResponse:
    """Ask the signed-in person whether the forum may know who they are.

    Browsers hold a form to the content policy through all its redirects, so this one page also names the forum.
    """
    response: Any = authorization(request)
    client = (getattr(response, "context_data", None) or {}).get("client")
    if isinstance(client, Client):
        origins = sorted({_origin(uri) for uri in client.get_redirect_uris()})
        response._csp_update = {"form-action": [SELF, *origins]}
    return response  # type: ignore[no-any-return]


def add_client(name: str, addresses: list[str]) -> tuple[str, str]:
    """Let a forum sign people in; return its id and secret. The secret is kept as a hash only and shown this once.

    Raises:
        BadInput: an address to return to is not https (http on this machine).
    """
    for address in addresses:
        parts = urlsplit(address)
        local = parts.hostname in ("localhost", "127.0.0.1", "::1")
        if not parts.hostname or "*" in address or parts.scheme not in ("https", *(["http"] if local else [])):
            raise BadInput(
                "client_address",
                de="Diese Rückkehradresse ist nicht brauchbar.",
                en="This return address cannot be used.",
                where=address[:80],
                remedy_de="Erwartet wird https://forum.beispiel/auth/oidc/callback, ohne Platzhalter.",
                remedy_en="https://forum.example/auth/oidc/callback is expected, without placeholders.",
            )
    client = Client(name=name[:100], type=Client.Type.CONFIDENTIAL)
    secret = secrets.token_urlsafe(32)
    client.set_secret(secret)
    client.set_redirect_uris(addresses)
    client.set_scopes(["openid", "profile", "email"])
    client.save()
    return str(client.pk), secret


def clients() -> list[tuple[str, str, str]]:
    """Return id, name and return addresses of every client."""
    return [(str(c.pk), c.name, " ".join(c.get_redirect_uris())) for c in Client.objects.order_by("name")]


def remove_client(client_id: str) -> None:
    """Forget a client and everything given to it.

    Raises:
        NotFound: there is none.
    """
    if not Client.objects.filter(pk=client_id).delete()[0]:
        raise NotFound(
            "client_unknown",
            de="Diesen Dienst gibt es nicht.",
            en="There is no such client.",
            where=client_id[:40],
            remedy_de="`nordlotse admin clients` nennt alle.",
            remedy_en="`nordlotse admin clients` lists all.",
        )
