"""Forms of the accounts package with our words."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm, RequestLoginCodeForm, SignupForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django.utils.translation import gettext_lazy as _


class SignUp(SignupForm):  # type: ignore[misc] # allauth carries no types
    """A mail address, nothing else."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Name the field."""
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-Mail-Adresse")


class MailAddress(RequestLoginCodeForm):  # type: ignore[misc]
    """The address a code is sent to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Name the field."""
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-Mail-Adresse")


class AddPasskey(AddWebAuthnForm):  # type: ignore[misc]
    """A name for the passkey, and whether it alone shall open the door."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Name the fields; a passkey that signs in alone is what most people want."""
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name des Passkeys")
        self.fields["passwordless"].label = _("Damit ohne Code und ohne Passwort anmelden")
        self.fields["passwordless"].help_text = ""
        self.fields["passwordless"].initial = True


class SignIn(LoginForm):  # type: ignore[misc]
    """Name and password: the way in of staff. The package drops the password where sign-up has none; here it stays."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Name the field."""
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Benutzername oder E-Mail-Adresse")

    def _setup_password_field(self) -> None:
        """Keep the field."""
