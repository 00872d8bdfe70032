"""Accounts: signing in, the second factor, invitations, roles, and this installation as a sign-in service."""

from __future__ import annotations

from typing import Any

from nordlotse.foundation.role import Role
from nordlotse.web import single_sign_on
from nordlotse.web.invitations import invite
from tests.web.rows import SIGNED_IN, Row, Rows, everybody, only
from tests.web.world import World

PAGES: Rows = {
    # How one's own account signs in: everybody with an account may see it; the button ends all other sessions.
    "meine-anmeldung/": only(SIGNED_IN, post=302),
    "mein-platz/": only(SIGNED_IN, get=302),
    "desk/konten/": only({"administrator"}, post=422),
    "desk/konten/ACCOUNT/": only({"administrator"}, post=302, data={"do": "link"}),
    # Whoever holds the link may look at it and use it, signed in or not: it proves the mailbox it was sent to.
    "einladung/konto/INVITATION/": everybody(post=302),
}


def entrance(get: int = 200, post: int = 200) -> Row:
    """Return the row of a page that lets people in: whoever is inside already is led on."""
    return {
        "GET": only(SIGNED_IN, 302, 302, visitor=get)["GET"],
        "POST": only(SIGNED_IN, 302, 302, visitor=post)["POST"],
    }


CLOSED = everybody(get=404, post=404)

SINGLE: Rows = {
    "anmelden/unknown/": everybody(get=404, post=404),
    "konto/login/": entrance(),
    "konto/login/code/": entrance(),
    "konto/signup/": entrance(),
    # Without a code that has been asked for there is nothing to confirm.
    "konto/login/code/confirm/": entrance(get=302, post=302),
    "konto/confirm-email/": everybody(get=302, post=302),
    "konto/logout/": {"GET": only(SIGNED_IN)["GET"], "POST": {"visitor": 302}},
    # Who has neither password nor second factor cannot confirm anything.
    "konto/reauthenticate/": only(SIGNED_IN, get=403, post=403),
    "konto/password/change/": everybody(get=302, post=302),
    "konto/password/set/": only(SIGNED_IN, post=200),
    "konto/2fa/": only(SIGNED_IN),
    "konto/2fa/authenticate/": everybody(get=302, post=302),
    "konto/2fa/reauthenticate/": only(SIGNED_IN, get=403, post=403),
    "konto/2fa/totp/activate/": only(SIGNED_IN, post=200),
    "konto/2fa/totp/deactivate/": only(SIGNED_IN, get=404, post=404),
    "konto/2fa/recovery-codes/": only(SIGNED_IN, get=404),
    "konto/2fa/recovery-codes/generate/": only(SIGNED_IN, post=200),
    "konto/2fa/recovery-codes/download/": only(SIGNED_IN, get=404, post=404),
    "konto/2fa/webauthn/": only(SIGNED_IN),
    "konto/2fa/webauthn/add/": only(SIGNED_IN, post=200),
    "konto/2fa/webauthn/reauthenticate/": only(SIGNED_IN, get=403, post=403),
    "konto/2fa/webauthn/login/": entrance(get=302, post=302),
    "konto/2fa/webauthn/keys/1/remove/": only(SIGNED_IN, get=404, post=404),
    "konto/2fa/webauthn/keys/1/edit/": only(SIGNED_IN, get=404, post=404),
    "konto/3rdparty/login/cancelled/": everybody(post=405),
    "konto/3rdparty/login/error/": everybody(get=401, post=405),
    # No sign-in service is named in this installation.
    "konto/oidc/dienst/login/": everybody(get=404, post=404),
    "konto/oidc/dienst/login/callback/": everybody(get=404, post=404),
    # Ways of the package that are shut here.
    "konto/email/": CLOSED,
    "konto/inactive/": CLOSED,
    "konto/password/reset/": CLOSED,
    "konto/password/reset/done/": CLOSED,
    "konto/password/reset/key/done/": CLOSED,
    "konto/password/reset/key/1-x/": CLOSED,
    "konto/3rdparty/": CLOSED,
    "konto/3rdparty/signup/": CLOSED,
    "konto/social/login/cancelled/": CLOSED,
    "konto/social/login/error/": CLOSED,
    "konto/social/signup/": CLOSED,
    "konto/social/connections/": CLOSED,
    # This installation as a sign-in service: a forum asks; without a client the person is told that it is not known.
    ".well-known/openid-configuration": everybody(),
    ".well-known/jwks.json": everybody(),
    "identity/o/authorize": {"GET": only(SIGNED_IN)["GET"], "POST": {"visitor": 302}},
    "identity/o/api/token": everybody(get=405, post=400),
    "identity/o/api/revoke": everybody(get=405, post=400),
    "identity/o/api/userinfo": everybody(get=401, post=401),
    "identity/o/device": CLOSED,
    "identity/o/logout": CLOSED,
    "identity/o/api/device/code": CLOSED,
}


def seed(world: World) -> None:
    """Make an account to change, an invitation and a forum."""
    from django.contrib.auth import get_user_model

    from nordlotse.office import links

    other: Any = get_user_model().objects.create_user("konto", email="konto@example.org")
    from allauth.account.models import EmailAddress

    EmailAddress.objects.create(user=other, email=other.email, verified=True, primary=True)
    invite(world.people["administrator"], "neu@example.org", frozenset({Role.EDITOR}))
    world.places["ACCOUNT"] = str(other.pk)
    world.places["INVITATION"] = links.make("account", "editor", mail="gast@example.org")
    single_sign_on.add_client("Forum", ["https://forum.example/auth/oidc/callback"])
