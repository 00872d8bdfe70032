"""A mail server on this machine that keeps what it gets, and refuses whom it is told to refuse."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from tests.web.installation import free_port


class Keeping:
    """Takes mails in and keeps them."""

    def __init__(self) -> None:
        self.got: list[EmailMessage] = []
        self.refused: dict[str, str] = {}

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.got.append(email.message_from_bytes(envelope.content, policy=email.policy.default))  # type: ignore[arg-type]
        return "250 Taken"


class MailServer:
    """Runs in a thread; a context manager."""

    def __init__(self) -> None:
        self.keeping = Keeping()
        self.port = free_port()
        self._controller = Controller(self.keeping, hostname="127.0.0.1", port=self.port)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?starttls=off"

    @property
    def got(self) -> list[EmailMessage]:
        return self.keeping.got

    def __enter__(self) -> MailServer:
        self._controller.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._controller.stop()
