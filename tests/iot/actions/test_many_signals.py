"""A visitor names more signals than a trial hall may have, in one request, over several, in a file: refused."""

from __future__ import annotations

import time
from threading import Thread
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from nordlotse.foundation.problem import TooMany
from nordlotse.iot import memory
from nordlotse.iot.actions import halls, sending, uploads
from nordlotse.iot.core.gate import hand_in
from nordlotse.iot.core.values import Block
from nordlotse.iot.entrance import Guest
from nordlotse.iot.models import Hall, Upload
from nordlotse.iot.queries import limits
from tests.iot.process import Serve

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall() -> Hall:
    return halls.create(user=None, lang="de")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trial hall may have five signals."""
    monkeypatch.setattr(limits, "SIGNALS", 5)


def lines(begin: int, end: int) -> bytes:
    return "\n".join(f"m{k} s=1" for k in range(begin, end)).encode()


def signals(hall: Hall) -> int:
    with memory.looked(hall.store) as reader:
        return len(reader.series())


def test_a_request_that_brings_too_many_signals_is_refused_whole(intake: Serve, hall: Hall, few: None) -> None:
    guest = Guest(hall, "")
    with pytest.raises(TooMany, match="iot_sandbox_signals"):
        sending.send(guest, lines(0, 6), "text/plain")
    assert signals(hall) == 0
    sending.send(guest, lines(0, 5), "text/plain")
    sending.send(guest, lines(0, 5), "text/plain")  # those it has may go on
    with pytest.raises(TooMany, match="iot_sandbox_signals"):
        sending.send(guest, lines(4, 6), "text/plain")
    assert signals(hall) == 5


def test_a_company_s_hall_has_not_the_limit_of_a_trial_hall(intake: Serve, hall: Hall, few: None) -> None:
    hall.company = "betrieb"
    assert sending.send(Guest(hall, ""), lines(0, 6), "text/plain").stored == 6


@pytest.mark.parametrize(
    ("most", "body", "code"),
    [
        ("MOST_OF_MACHINE", b"saw a=1,b=1,c=1,d=1\n", "iot_signals_machine"),
        ("MOST_SERIES", lines(0, 4), "iot_signals_hall"),
    ],
)
def test_over_http_a_company_s_hall_has_as_many_signals_as_over_mqtt(
    intake: Serve, hall: Hall, monkeypatch: pytest.MonkeyPatch, most: str, body: bytes, code: str
) -> None:
    monkeypatch.setattr(limits, most, 3)
    hall.company = "betrieb"
    guest = Guest(hall, "")
    with pytest.raises(TooMany, match=code) as told:
        sending.send(guest, body, "text/plain")
    assert "3" in told.value.message("de")
    assert "3" in told.value.message("en")
    assert signals(hall) == 0
    assert sending.send(guest, b"saw a=1,b=1,c=1", "text/plain").stored == 3
    assert sending.send(guest, b"saw a=2,b=2,c=2", "text/plain").stored == 3  # those it has may go on


def test_requests_at_once_bring_no_more_together(
    intake: Serve, hall: Hall, few: None, monkeypatch: pytest.MonkeyPatch
) -> None:

    def slow(folder: Any, blocks: list[Block]) -> None:
        time.sleep(0.2)
        hand_in(folder, blocks)

    monkeypatch.setattr("nordlotse.iot.actions.sending.hand_in", slow)
    monkeypatch.setattr("nordlotse.iot.actions.sending.follow", lambda store: False)
    refused = []

    def send(begin: int) -> None:
        try:
            sending.send(Guest(hall, ""), lines(begin, begin + 4), "text/plain")
        except TooMany as problem:
            refused.append(problem.code)

    threads = [Thread(target=send, args=(begin,)) for begin in (0, 10, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["iot_sandbox_signals"] * 2
    assert signals(hall) == 4


def test_a_file_brings_no_more_than_a_trial_hall_may_have(intake: Serve, hall: Hall, few: None) -> None:
    names = ";".join(f"s{k}" for k in range(6))
    rows = "\r\n".join(f"01.03.2026 06:00:{k:02d};1;2;3;4;5;6" for k in range(9))
    key = uploads.take(hall, "Säge", SimpleUploadedFile("a.csv", f"Zeit;{names}\r\n{rows}".encode()))
    uploads.ask(hall.uploads.get(pk=key))
    assert uploads.Lane().run_one()
    row = hall.uploads.get(pk=key)
    assert (row.state, row.problem["code"]) == (Upload.State.FAILED, "iot_sandbox_signals")
    assert signals(hall) == 0


@pytest.mark.parametrize(
    ("most", "code"), [("MOST_OF_MACHINE", "iot_signals_machine"), ("MOST_SERIES", "iot_signals_hall")]
)
def test_a_file_brings_no_more_to_a_company_s_hall_than_a_request_does(
    intake: Serve, hall: Hall, monkeypatch: pytest.MonkeyPatch, most: str, code: str
) -> None:
    monkeypatch.setattr(limits, most, 3)
    Hall.objects.filter(pk=hall.pk).update(company="betrieb")
    hall.refresh_from_db()
    key = uploads.take(
        hall, "Säge", SimpleUploadedFile("a.csv", b"Zeit;a;b;c;d\r\n" + b"01.03.2026 06:00:00;1;2;3;4\r\n" * 3)
    )
    uploads.ask(hall.uploads.get(pk=key))
    assert uploads.Lane().run_one()
    row = hall.uploads.get(pk=key)
    assert (row.state, row.problem["code"]) == (Upload.State.FAILED, code)
    assert "Gespeichert wurde nichts" not in str(row.problem)  # of a long file the first rows may be
    assert signals(hall) == 0
