"""Signals a hall has already, many and of names nobody took in: no page becomes heavy of them, and their values are taken without a look.

No intake runs here: the tests write the hall's store themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from html import unescape
from threading import Thread

import pytest
from django.test import Client

from nordlotse.foundation.problem import TooMany
from nordlotse.iot import memory
from nordlotse.iot.actions import halls
from nordlotse.iot.core.store.reader import Reader
from nordlotse.iot.core.values import Series
from nordlotse.iot.models import Hall
from nordlotse.iot.queries import exporting, limits
from tests.iot.written import Written

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall() -> Hall:
    return halls.create(user=None, lang="de")


def signals(hall: Hall) -> int:
    with memory.looked(hall.store) as reader:
        return len(reader.series())


@pytest.fixture
def crowded(hall: Hall) -> Iterator[Hall]:
    """Values came under very many names that are no machine of the hall."""
    written = Written(hall.store)
    for k in range(15):
        written.put(f"m{k:03d}", "s", [1_700_000_000_000_000], [1.0])
    halls.add_machine(hall, "säge")
    written.put("säge", "s", [1_700_000_000_000_000], [1.0])
    yield hall


def test_names_nobody_took_in_are_told_few_and_counted(crowded: Hall) -> None:
    page = unescape(Client().get(f"/maschinen/{crowded.pk}/").content.decode())
    assert page.count("Es kommen Werte von") == 10
    assert "Und von 5 weiteren Maschinen" in page


def test_what_a_hall_holds_is_told_of_its_machines_first_and_of_so_many(
    crowded: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MOST", 12)
    held = exporting.held(crowded)
    assert (held.machines[0].name, len(held.machines), held.more, held.values) == ("säge", 12, 4, 16)
    assert "Dazu 4 weitere Maschinen." in Client().get(f"/maschinen/{crowded.pk}/mitnehmen/").content.decode()


# ---- signals a hall has already ----


@pytest.fixture
def company(hall: Hall) -> Hall:
    """A company's hall in which a saw has sent one signal."""
    Written(hall.store).put("saw", "a", [1_700_000_000_000_000], [1.0])
    hall.company = "betrieb"
    return hall


def named(hall: Hall, *signals: str) -> set[Series]:
    return {Series(hall.store, "saw", signal) for signal in signals}


def looks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count from now on how often a store is looked at."""
    seen: list[int] = []
    look = Reader.look

    def counted(self: Reader) -> None:
        seen.append(1)
        look(self)

    monkeypatch.setattr(Reader, "look", counted)
    return seen


def test_values_of_signals_a_hall_is_known_to_have_are_taken_without_a_look_at_its_store(
    company: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = looks(monkeypatch)
    for _ in range(5):
        with limits.growing(company, named(company, "a")):
            pass
    assert len(seen) == 1
    for _ in range(5):
        with limits.growing(company, named(company, "a", "b")):
            pass
    assert len(seen) == 2  # what was handed in is known too


def test_a_signal_whose_values_were_not_taken_is_not_known(company: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    with suppress(RuntimeError), limits.growing(company, named(company, "b")):
        raise RuntimeError("the ingest does not run")
    seen = looks(monkeypatch)
    with limits.growing(company, named(company, "b")):
        pass
    assert len(seen) == 1


def test_known_signals_are_looked_for_again_after_a_while(company: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    with limits.growing(company, named(company, "a")):
        pass
    monkeypatch.setattr(limits, "KNOWN_SECONDS", -1.0)
    seen = looks(monkeypatch)
    with limits.growing(company, named(company, "a")):
        pass
    assert len(seen) == 1


def test_a_page_does_not_wait_for_a_request_that_brings_a_new_signal(company: Hall) -> None:
    read: list[int] = []
    with limits.growing(company, named(company, "b")):
        page = Thread(target=lambda: read.append(signals(company)), daemon=True)
        page.start()
        page.join(60)
    assert read == [1]


def test_while_nobody_can_read_a_hall_s_values_new_ones_are_taken(
    company: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = Reader.look

    def fails(self: Reader) -> None:
        raise TimeoutError

    monkeypatch.setattr(Reader, "look", fails)
    with limits.growing(company, named(company, "b")):
        pass
    monkeypatch.setattr(Reader, "look", look)
    monkeypatch.setattr(limits, "MOST_OF_MACHINE", 1)
    with pytest.raises(TooMany, match="iot_signals_machine"), limits.growing(company, named(company, "b")):
        pass
