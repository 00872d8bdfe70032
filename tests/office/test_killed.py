"""Killed with SIGKILL at every point between an effect and its commit: no mail lost, no row doubled, at most the one in flight twice.

The processes are real, the SMTP and IMAP servers listen on this machine; each database has its own run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection

from nordlotse.office import incoming, log
from nordlotse.office.models import IncomingMail, OutgoingMail
from tests.conftest import ROOT
from tests.office.imap_server import ImapServer
from tests.office.mail_server import MailServer
from tests.office.test_incoming import reply

pytestmark = pytest.mark.django_db(transaction=True)

KILLED = -9


class Office:
    """A process that does jobs and survives their deaths."""

    def __init__(self) -> None:
        environment = {**os.environ, "NORDLOTSE_TEST_FOLDER": str(django_settings.CONFIGURATION.data_dir)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.office.office_process", str(connection.settings_dict["NAME"])],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT, env=environment,
        )  # fmt: skip
        assert self._line() == ["ready"]

    def _line(self) -> list[str]:
        assert self._process.stdout is not None
        return self._process.stdout.readline().split()

    def do(self, job: str, *arguments: object, fault: str = "-") -> tuple[int, list[str]]:
        """Do one job; return how it ended and the keys it said were written."""
        assert self._process.stdin is not None
        self._process.stdin.write(" ".join(map(str, [job, fault, *arguments])) + "\n")
        self._process.stdin.flush()
        written = []
        while (line := self._line())[0] != "ended":
            written.append(line[1])
        return int(line[1]), written

    def close(self) -> None:
        """End."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(20)


@pytest.fixture
def office() -> Iterator[Office]:
    made = Office()
    yield made
    made.close()


ROUNDS = [pytest.param(3, id="some"), pytest.param(50, marks=pytest.mark.long, id="many")]


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.parametrize("point", ["mail-enqueued", "log-appended"])
def test_killed_before_the_commit_nothing_of_the_change_is_there_and_nothing_acknowledged_is_lost(
    point: str, rounds: int, office: Office
) -> None:
    acknowledged: list[str] = []
    for n in range(rounds):
        code, written = office.do("write", n * 10, 5, fault=f"{point}:{n % 5 + 1}")
        assert code == KILLED
        assert len(written) == n % 5
        acknowledged += written
    code, written = office.do("write", 10_000, 5)
    assert code == 0
    assert sorted(OutgoingMail.objects.values_list("key", flat=True)) == sorted(acknowledged + written)
    verdict = log.verify()
    assert (verdict.entries, verdict.broken_at) == (len(acknowledged + written), 0)


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.parametrize(
    ("point", "doubled"), [("mail-claimed", False), ("mail-accepted", True), ("mail-marked", False)]
)
def test_a_sender_killed_at_any_point_loses_no_mail_and_sends_at_most_the_one_in_flight_twice(
    point: str, doubled: bool, rounds: int, office: Office
) -> None:
    assert office.do("write", 0, rounds * 3)[0] == 0
    with MailServer() as server:
        for _ in range(rounds):
            # At the second visit: the mail that was in flight before comes first, and each death meets another one.
            assert office.do("send", server.port, fault=f"{point}:2")[0] == KILLED
            time.sleep(0.06)  # until the claim of the dead is void
        assert office.do("send", server.port)[0] == 0
        arrived = Counter(str(m["Message-ID"]) for m in server.got)
    rows = list(OutgoingMail.objects.values_list("message_id", "state"))
    assert len(rows) == rounds * 3, "no row was doubled"
    assert {state for _, state in rows} == {"sent"}
    assert set(arrived) == {message_id for message_id, _ in rows}, "every mail arrived, and each under its own id"
    assert max(arrived.values()) <= 2
    assert sum(n - 1 for n in arrived.values()) == (rounds if doubled else 0), "one each time it died between the two"


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.parametrize("point", ["incoming-handled", "incoming-committed"])
def test_a_reader_killed_at_any_point_takes_each_reply_in_once(
    point: str, rounds: int, office: Office, settings: Any
) -> None:
    with ImapServer() as server:
        from dataclasses import replace

        settings.CONFIGURATION = replace(settings.CONFIGURATION, imap_url=server.url)
        settings.DEFAULT_FROM_EMAIL = "Zentrum <lotse@centre.example>"
        address = incoming.make_reply_address("case", "c1", "person:7", "fachfrau@labor.example")
        for n in range(rounds * 2):
            server.box.put(reply(address, f"wort{n}", n).as_bytes())
        for n in range(rounds):
            assert office.do("collect", server.url, fault=f"{point}:{n % 2 + 1}")[0] == KILLED
        assert office.do("collect", server.url)[0] == 0
        assert server.box.mails == {}
    expected = sorted(f"taken:wort{n}" for n in range(rounds * 2))
    assert sorted(OutgoingMail.objects.values_list("key", flat=True)) == expected
    assert IncomingMail.objects.filter(outcome="taken").count() == rounds * 2


def test_without_the_variable_no_point_does_anything(office: Office) -> None:
    assert office.do("write", 0, 3)[0] == 0
    assert office.do("write", 3, 3, fault="another-point:1")[0] == 0
    assert OutgoingMail.objects.count() == 6
