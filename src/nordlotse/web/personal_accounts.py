"""What the tables of accounts hold of people (Django's and the accounts package's)."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.idp.oidc.models import Client, Token
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from nordlotse.foundation.language import Text
from nordlotse.foundation.personal import Basis, Declared, Subject, Table, declare

_WITH_ACCOUNT = Text("bis das Konto gelöscht wird", "until the account is deleted")


def _sessions(subject: Subject) -> QuerySet[Session]:
    """Return the sessions of a subject; a session tells only its key whose it is, so the running ones are opened."""
    if not subject.users:
        return Session.objects.none()
    wanted = {str(user) for user in subject.users}
    running = Session.objects.filter(expire_date__gt=timezone.now()).iterator()
    keys = [s.pk for s in running if str(s.get_decoded().get("_auth_user_id")) in wanted]
    return Session.objects.filter(pk__in=keys)


declare(
    Table(
        model=Session,
        what=Text("Sitzungen", "Sessions"),
        declared=(
            Declared(
                fields=("session_data", "expire_date"),
                purpose=Text(
                    "Angemeldet bleiben; Sprache der Anmeldeseiten", "Staying signed in; language of the sign-in pages"
                ),
                basis=Basis.CONTRACT,
                keep=Text("12 Stunden, dann binnen einer Stunde gelöscht", "12 hours, then erased within the hour"),
            ),
        ),
        impersonal=("session_key",),
        rows=_sessions,
    )
)
declare(
    Table(
        model=Authenticator,
        what=Text("Passkeys und zweite Schritte", "Passkeys and second steps"),
        declared=(
            Declared(
                fields=("user", "type", "data", "created_at", "last_used_at"),
                purpose=Text(
                    "Anmeldung, die mit Passwort oder Mailcode allein nicht gelingt",
                    "A sign-in that does not succeed with password or mailed code alone",
                ),
                basis=Basis.INTEREST,
                keep=Text("bis er entfernt oder das Konto gelöscht wird", "until it is removed or the account deleted"),
            ),
        ),
        impersonal=("id",),
        rows=lambda subject: Authenticator.objects.filter(user_id__in=subject.users),
    )
)
declare(
    Table(
        model=EmailConfirmation,
        what=Text("Bestätigungen von Adressen", "Confirmations of addresses"),
        declared=(
            Declared(
                fields=("email_address", "created", "sent", "key"),
                purpose=Text("Bestätigen, dass die Adresse stimmt", "Confirming that the address is right"),
                basis=Basis.CONTRACT,
                keep=_WITH_ACCOUNT,
            ),
        ),
        impersonal=("id",),
        rows=lambda subject: EmailConfirmation.objects.filter(email_address__user_id__in=subject.users),
    )
)
declare(
    Table(
        model=EmailAddress,
        what=Text("E-Mail-Adressen der Konten", "Mail addresses of accounts"),
        declared=(
            Declared(
                fields=("user", "email", "verified", "primary"),
                purpose=Text("Anmeldung mit einem Code per Mail", "Signing in with a code by mail"),
                basis=Basis.CONTRACT,
                keep=Text(
                    "bis das Konto gelöscht wird; eine nie bestätigte Adresse einen Tag",
                    "until the account is deleted; an address never confirmed one day",
                ),
            ),
        ),
        impersonal=("id",),
        rows=lambda subject: EmailAddress.objects.filter(user_id__in=subject.users),
    )
)
declare(
    Table(
        model=SocialToken,
        declared=(),
        impersonal=("id", "app", "account", "token", "token_secret", "expires_at"),  # never stored
        rows=lambda subject: SocialToken.objects.filter(account__user_id__in=subject.users),
    )
)
declare(
    Table(
        model=SocialAccount,
        what=Text("Anmeldungen mit einem Anmeldedienst", "Sign-ins with a sign-in service"),
        declared=(
            Declared(
                fields=("user", "provider", "uid", "last_login", "date_joined", "extra_data"),
                purpose=Text(
                    "Wiedererkennen, wer mit dem Anmeldedienst der Betreiberin kommt",
                    "Recognising who comes with the operator's sign-in service",
                ),
                basis=Basis.CONTRACT,
                keep=_WITH_ACCOUNT,
            ),
        ),
        impersonal=("id",),
        rows=lambda subject: SocialAccount.objects.filter(user_id__in=subject.users),
    )
)
declare(
    Table(
        model=Token,
        what=Text("Anmeldungen bei einem Forum", "Sign-ins at a forum"),
        declared=(
            Declared(
                fields=("user", "client", "type", "scopes", "data", "created_at", "expires_at"),
                purpose=Text(
                    "Anmeldung bei einem angeschlossenen Forum, der die Person zugestimmt hat",
                    "Sign-in at a joined forum, to which the person has agreed",
                ),
                basis=Basis.CONSENT,
                keep=Text("eine Stunde, gelöscht binnen eines Tages", "one hour, erased within a day"),
                keep_days=1,
                keep_from="expires_at",
            ),
        ),
        impersonal=("id", "hash"),
        rows=lambda subject: Token.objects.filter(user_id__in=subject.users),
    )
)
declare(
    Table(
        model=User,
        what=Text("Konten", "Accounts"),
        declared=(
            Declared(
                fields=(
                    "username",
                    "email",
                    "first_name",
                    "last_name",
                    "password",
                    "last_login",
                    "date_joined",
                    "is_active",
                    "is_staff",
                    "is_superuser",
                ),
                purpose=Text(
                    "Anmeldung; der Benutzername von Betrieben ist eine Zufallszahl, Vor- und Nachname bleiben leer",
                    "Sign-in; the user name of companies is random, first and last name stay empty",
                ),
                basis=Basis.CONTRACT,
                keep=_WITH_ACCOUNT,
            ),
        ),
        impersonal=("id",),
        rows=lambda subject: User.objects.filter(pk__in=subject.users),
    )
)


def _nobody(model: Any, *fields: str) -> None:
    """Declare a table that holds nothing of anybody."""
    declare(Table(model=model, declared=(), impersonal=fields, rows=lambda subject: model._default_manager.none()))


_nobody(Group, "id", "name")
_nobody(Permission, "id", "name", "content_type", "codename")
_nobody(ContentType, "id", "app_label", "model")
_nobody(SocialApp, "id", "provider", "provider_id", "name", "client_id", "secret", "key", "settings")
_nobody(
    Client,
    *("id", "name", "secret", "scopes", "default_scopes", "type", "grant_types", "redirect_uris", "cors_origins"),
    *("allow_uri_wildcards", "response_types", "owner", "skip_consent", "created_at", "data"),
)
