"""A mail server for the tests of this room, and settings that lead to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from nordlotse.office import incoming
from tests.office.imap_server import ImapServer
from tests.office.mail_server import MailServer


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    """A mail server this installation sends to."""
    with MailServer() as made:
        settings.CONFIGURATION = replace(settings.CONFIGURATION, smtp_url=made.url)
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", made.port, False
        yield made


@pytest.fixture
def mailbox(settings: Any) -> Iterator[ImapServer]:
    """A mailbox this installation reads; mails to it come from the address lotse@centre.example."""
    with ImapServer() as made:
        settings.CONFIGURATION = replace(settings.CONFIGURATION, imap_url=made.url)
        settings.DEFAULT_FROM_EMAIL = "Zentrum <lotse@centre.example>"
        yield made


@dataclass
class Desk:
    """Takes in replies about cases and remembers them; refuses or fails when it is told to."""

    got: list[tuple[Any, ...]] = field(default_factory=list)
    error: Exception | None = None

    def __call__(self, *reply: Any) -> None:
        if self.error is not None:
            raise self.error
        self.got.append(reply)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Who takes in replies about cases."""
    made = Desk()
    monkeypatch.setitem(incoming._handlers, "case", made)
    return made
