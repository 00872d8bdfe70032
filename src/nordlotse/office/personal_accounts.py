"""What the tables of the packages we use hold of people: accounts, sessions, mail addresses, second factors, sign-in elsewhere."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.sessions.models import Session
from django.utils import timezone

from nordlotse.foundation.language import Text
from nordlotse.foundation.personal import Basis, Declared, Subject, Table, declare

_WITH_ACCOUNT = Text("bis das Konto gelöscht wird", "until the account is deleted")


def _table(
    label: str,
    what: Text | None,
    fields: tuple[str, ...],
    impersonal: tuple[str, ...],
    purpose: Text,
    *,
    whose: str = "",
    basis: Basis = Basis.CONTRACT,
    keep: Text = _WITH_ACCOUNT,
    rows: Any = None,
) -> None:
    """Declare a table if its package is installed; `whose` is the look-up that leads to the account."""
    app, _, name = label.partition(".")
    if not apps.is_installed(_PACKAGES[app]):
        return
    model: Any = apps.get_model(app, name)

    def found(subject: Subject) -> Any:
        return (
            model._default_manager.filter(**{f"{whose}__in": subject.users}) if whose else model._default_manager.none()
        )

    declared = (Declared(fields, purpose, basis, keep),) if fields else ()
    declare(Table(model=model, what=what, declared=declared, impersonal=impersonal, rows=rows or found))


_PACKAGES = {
    "auth": "django.contrib.auth",
    "contenttypes": "django.contrib.contenttypes",
    "sessions": "django.contrib.sessions",
    "account": "allauth.account",
    "mfa": "allauth.mfa",
    "socialaccount": "allauth.socialaccount",
    "allauth_idp_oidc": "allauth.idp.oidc",
}

_NOTHING = Text("", "")


def _sessions(subject: Subject) -> Any:
    """Return the sessions of these accounts; whose a session is stands inside its signed data."""
    wanted = {str(pk) for pk in subject.users}
    running = Session.objects.filter(expire_date__gt=timezone.now()).iterator() if wanted else ()
    return Session.objects.filter(pk__in=[s.pk for s in running if str(s.get_decoded().get("_auth_user_id")) in wanted])


_table(
    "auth.User",
    Text("Ihr Konto", "Your account"),
    ("id", "password", "last_login", "username", "first_name", "last_name", "email", "date_joined"),
    ("is_superuser", "is_staff", "is_active", "groups", "user_permissions"),
    Text(
        "Sich anmelden; vom Passwort bleibt nur ein Prüfwert", "Signing in; of the password only a salted hash is kept"
    ),
    whose="pk",
)
_table("auth.Group", None, (), ("id", "name", "permissions"), _NOTHING)
_table("auth.Permission", None, (), ("id", "name", "content_type", "codename"), _NOTHING)
_table("contenttypes.ContentType", None, (), ("id", "app_label", "model"), _NOTHING)
_table(
    "sessions.Session",
    Text("Ihre Anmeldungen", "Your sessions"),
    ("session_key", "session_data", "expire_date"),
    (),
    Text("Angemeldet bleiben", "Staying signed in"),
    basis=Basis.INTEREST,
    keep=Text("12 Stunden, dann binnen einer Stunde gelöscht", "12 hours, then erased within the hour"),
    rows=_sessions,
)
_table(
    "account.EmailAddress",
    Text("Ihre Mailadressen", "Your mail addresses"),
    ("user", "email", "verified", "primary"),
    ("id",),
    Text("Sich mit einem Code aus einer Mail anmelden", "Signing in with a code from a mail"),
    whose="user_id",
)
_table(
    "account.EmailConfirmation",
    Text("Bestätigungen Ihrer Mailadressen", "Confirmations of your mail addresses"),
    ("email_address", "created", "sent", "key"),
    ("id",),
    Text("Eine Mailadresse bestätigen", "Confirming a mail address"),
    whose="email_address__user_id",
)
_table(
    "mfa.Authenticator",
    Text("Ihre zweiten Schritte und Passkeys", "Your second factors and passkeys"),
    ("user", "type", "data", "created_at", "last_used_at"),
    ("id",),
    Text("Sich sicher anmelden", "Signing in safely"),
    basis=Basis.INTEREST,
    keep=Text("bis sie entfernt werden oder das Konto gelöscht wird", "until removed, or until the account is deleted"),
    whose="user_id",
)
_table(
    "socialaccount.SocialAccount",
    Text("Anmeldung über Ihre eigene Einrichtung", "Sign-in through your own institution"),
    ("user", "provider", "uid", "last_login", "date_joined", "extra_data"),
    ("id",),
    Text("Sich mit dem Konto der eigenen Einrichtung anmelden", "Signing in with the account of one's own institution"),
    whose="user_id",
)
_table(
    "socialaccount.SocialToken",
    Text("Schlüssel dieser Anmeldung", "Keys of that sign-in"),
    ("account", "token", "token_secret", "expires_at"),
    ("id", "app"),
    Text("Sich mit dem Konto der eigenen Einrichtung anmelden", "Signing in with the account of one's own institution"),
    whose="account__user_id",
)
_table(
    "socialaccount.SocialApp",
    None,
    (),
    ("id", "provider", "provider_id", "name", "client_id", "secret", "key", "settings"),
    _NOTHING,
)
_table(
    "allauth_idp_oidc.Client",
    Text("Programme, die unsere Anmeldung nutzen", "Programs that use our sign-in"),
    ("owner",),
    (
        "id",
        "name",
        "secret",
        "scopes",
        "default_scopes",
        "type",
        "grant_types",
        "redirect_uris",
        "cors_origins",
        "allow_uri_wildcards",
        "response_types",
        "skip_consent",
        "created_at",
        "data",
    ),
    Text("Wer ein Programm angeschlossen hat", "Who connected a program"),
    whose="owner_id",
)
_table(
    "allauth_idp_oidc.Token",
    Text("Anmeldungen bei angeschlossenen Programmen", "Sign-ins at connected programs"),
    ("user", "data", "created_at", "expires_at", "scopes"),
    ("id", "type", "hash", "client"),
    Text("Bei einem angeschlossenen Programm angemeldet sein", "Being signed in at a connected program"),
    whose="user_id",
)
