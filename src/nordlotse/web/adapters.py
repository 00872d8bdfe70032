"""Where the accounts package meets the house: its mails go to our outbox, its requests through our only door."""

from __future__ import annotations

import secrets
from typing import Any

import requests
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.account.stages import EmailVerificationStage
from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.idp.oidc.models import PrivateKey
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from requests.adapters import BaseAdapter

from nordlotse.foundation import outgoing
from nordlotse.foundation.problem import Problem
from nordlotse.office import mail
from nordlotse.web.landing import landing
from nordlotse.web.network import limited_address
from nordlotse.web.signing_key import signing_key
from nordlotse.web.templatetags.components import language

#: The package's mails and our words for them. What is not here is not sent: changes are told on the page itself.
MAILS = {
    "login_code": "web/mail/sign_in_code.txt",
    "email_confirmation_signup": "web/mail/sign_up_code.txt",
    "email_confirmation": "web/mail/sign_up_code.txt",
    "account_already_exists": "web/mail/account_known.txt",
    "unknown_account": "web/mail/account_unknown.txt",
}


class Accounts(DefaultAccountAdapter):  # type: ignore[misc] # allauth carries no types
    """Anybody may have an account; what it may do depends on roles and companies."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """Count sign-in attempts by the same address as every other limit."""
        return limited_address(request)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Go where this person works, in the language of the sign-in page."""
        return landing(request.user)

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        """Go where everybody with an account goes."""
        return landing(request.user)

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """Give an account a name that says nothing about the person; nobody needs to know it."""
        user.username = user.username or f"m-{secrets.token_hex(6)}"

    def get_login_stages(self) -> list[str]:
        """Ask for a proved mail address only where the account has one."""
        ours = "nordlotse.web.adapters.ProvedAddress"
        return [ours if stage.endswith(".EmailVerificationStage") else stage for stage in super().get_login_stages()]

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **more: Any
    ) -> None:
        """Keep silent about what the page shows anyway; only errors with words of their own are told."""
        if message_template is None:
            super().add_message(request, level, None, *args, **more)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write a mail into the outbox; codes are erased from it once sent."""
        template = MAILS[template_prefix.rpartition("/")[2]]
        code = str(context.get("code", ""))
        mail.enqueue(
            f"web:account:{secrets.token_hex(8)}",
            email,
            lang="en" if language() == "en" else "de",
            template=template,
            context={"code": code},
            room="web",
            secret=True,
        )


class ProvedAddress(EmailVerificationStage):  # type: ignore[misc]
    """Staff without a mail address sign in by password and second factor: there is nothing to prove."""

    def handle(self) -> tuple[Any, bool]:
        """Let accounts without an address pass."""
        user = self.login.user
        if user is not None and not user.email and not EmailAddress.objects.filter(user=user).exists():
            return None, True
        passed: tuple[Any, bool] = super().handle()
        return passed


class Factors(DefaultMFAAdapter):  # type: ignore[misc]
    """Names of keys in our words; a company's own people are known by their mail address."""

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """Return the name offered for a new passkey."""
        return _("Mein Passkey")

    def _get_site_name(self) -> str:
        return "Nordlotse"


class _OnlyDoor(BaseAdapter):
    """Lets the `requests` library speak through `foundation.outgoing`, to listed hosts only."""

    def send(  # type: ignore[override] # keyword arguments of the transport have no meaning here
        self, request: requests.PreparedRequest, **options: Any
    ) -> requests.Response:
        """Send one request.

        Raises:
            requests.ConnectionError: not listed, not reachable, too slow, too large, or a redirect.
        """
        body = request.body.encode() if isinstance(request.body, str) else request.body
        if body is not None and not isinstance(body, bytes):
            raise requests.ConnectionError("only whole bodies are sent", request=request)
        configuration = settings.CONFIGURATION
        allowed = (*configuration.outgoing, *([configuration.oidc.target] if configuration.oidc else []))
        headers = {name: str(value) for name, value in request.headers.items() if name.lower() != "accept-encoding"}
        try:
            reply = outgoing.request(
                str(request.method),
                str(request.url),
                allowed=allowed,
                body=body,
                headers=headers,
                max_bytes=1024 * 1024,
            )
        except Problem as problem:
            raise requests.ConnectionError(problem.code, request=request) from problem
        response = requests.Response()
        response.status_code, response.url, response.request = reply.status, str(request.url), request
        response.headers.update(reply.headers)
        response._content = reply.body
        response.encoding = "utf-8"
        return response

    def close(self) -> None:
        """Nothing stays open."""


class SignInServices(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """The sign-in service the operator named."""

    def get_requests_session(self) -> requests.Session:
        """Return a session that knows no other way out than ours."""
        session = requests.Session()
        session.trust_env = False
        for scheme in ("http://", "https://"):
            session.mount(scheme, _OnlyDoor())
        return session


class Provider(DefaultOIDCAdapter):  # type: ignore[misc]
    """This installation as the sign-in service of a forum."""

    def get_issuer(self) -> str:
        """Return the address of this installation."""
        return str(settings.CONFIGURATION.public_url)

    def list_private_keys(self, **filters: Any) -> list[PrivateKey]:
        """Return the one key of the data folder."""
        return [PrivateKey(pem=signing_key(settings.CONFIGURATION.data_dir))]
