"""Payloads nobody could read, looked at by a page: however many there are, little of a process's memory goes to them."""

from __future__ import annotations

import pytest

from nordlotse.foundation.problem import TooMany
from nordlotse.iot.actions import halls, mapping
from nordlotse.iot.core import quarantine
from nordlotse.iot.core.decoding import Refused
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.manifest import load
from nordlotse.iot.core.values import Why
from nordlotse.iot.models import Hall
from nordlotse.iot.queries import limits
from nordlotse.iot.queries import mapping as queries
from tests.iot.written import Written

pytestmark = pytest.mark.django_db
RULE = mapping.rule("a/b/c", "Säge", "Strom", '["x"]', time="", unit="A", scale=1.0, offset=0.0)


@pytest.fixture
def hall() -> Hall:
    return halls.create(user=None, lang="de")


def nonsense(hall: Hall, begin: int, count: int) -> None:
    """Let payloads wait that nobody could read."""
    made = _written.setdefault(hall.store, Written(hall.store))
    refused = [Refused(b"a/b/c", f"?{begin + k:05d}".encode() * 9, begin + k, Why.NOT_JSON) for k in range(count)]
    made.put("Säge", "x", [1_700_000_000_000_000 + begin], [1.0])
    made.writer.flush(made.place, aside=quarantine.add(made.folder, made.writer.manifest, refused, Disk()))


_written: dict[str, Written] = {}


def test_of_very_many_payloads_only_the_newest_are_held_and_all_are_counted(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine, "_PIECE", 100)  # shorter than some records: none may be lost at a border
    monkeypatch.setattr(queries, "_NEWEST", 30)
    nonsense(hall, 0, 100)
    assert queries.count_waiting(hall) == 100
    (waiting,) = queries.waiting(hall)
    assert (waiting.count, waiting.arrived) == (30, 99)
    nonsense(hall, 100, 7)
    assert queries.count_waiting(hall) == 107
    monkeypatch.setattr(queries, "_NEWEST_BYTES", 300)
    nonsense(hall, 107, 1)
    (waiting,) = queries.waiting(hall)
    assert (queries.count_waiting(hall), waiting.count, waiting.arrived) == (108, 5, 107)


def test_reading_piece_by_piece_finds_what_reading_at_once_finds(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    nonsense(hall, 0, 50)
    folder = _written[hall.store].folder
    number, end = load(folder).aside
    monkeypatch.setattr(quarantine, "_PIECE", 10)
    assert [one for _, one in quarantine.read_on(folder, number, 0, end)] == quarantine.held(folder)


def test_a_sandbox_full_of_nonsense_is_shut_and_reads_nothing_again(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "WAITING_BYTES", 2_000)
    nonsense(hall, 0, 10)
    assert not limits.is_full(hall)
    mapping.add(hall, [RULE])
    nonsense(hall, 10, 100)
    assert limits.is_full(hall)
    with pytest.raises(TooMany, match="iot_waiting"):
        mapping.add(hall, [RULE])
