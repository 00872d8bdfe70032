"""The worker sends what is written and reads what has come, each in a thread of its own, and ends between two mails."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from nordlotse.office import mailbox
from nordlotse.office.models import OutgoingMail
from nordlotse.web import worker
from tests.office.mail_server import MailServer
from tests.office.test_mail import write

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_mail_goes_out_while_reading_the_mailbox_hangs(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging, asked = threading.Event(), threading.Event()

    def collect() -> dict[str, int]:
        asked.set()
        hanging.wait(20)
        return {}

    monkeypatch.setattr(mailbox, "collect", collect)
    made: Any = worker.Worker()
    made._chores = []
    thread = threading.Thread(target=made.run)
    thread.start()
    try:
        assert asked.wait(10)
        write()
        until = time.monotonic() + 15
        while OutgoingMail.objects.get().state != "sent" and time.monotonic() < until:
            time.sleep(0.05)
        assert OutgoingMail.objects.get().state == "sent"
        assert len(server.got) == 1
    finally:
        hanging.set()
        made.stop()
        thread.join(15)
    assert not thread.is_alive()
