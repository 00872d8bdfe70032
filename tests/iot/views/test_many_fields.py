"""Pages of a hall or a machine with very many signals: what is chosen there is kept, though a form holds 200 fields only."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from nordlotse.iot import memory
from nordlotse.iot.core import retention
from nordlotse.iot.core.stores import company_folder
from nordlotse.iot.models import Hall, Machine, Watch
from tests.iot.written import Written

pytestmark = pytest.mark.django_db
HOUR = 3_600_000_000


def filled(count: int) -> Machine:
    hall = Hall.objects.create()
    machine = Machine.objects.create(hall=hall, name="ofen")
    written = Written(hall.store)
    for k in range(count):
        written.put("ofen", f"s{k:03d}", [1_700_000_000_000_000], [1.0])
    return machine


def fields(page: str) -> list[tuple[str, str]]:
    """What a browser sends of the page's fields for single signals as they stand."""
    hidden = re.findall(r'type="hidden" name="(n\d+)" value="([^"]+)"', page)
    return [*hidden, *((name.replace("n", "s", 1), "gleich") for name, _ in hidden)]


def test_periods_of_single_signals_are_kept_page_by_page() -> None:
    machine = filled(130)
    address, client = f"/maschinen/{machine.hall.pk}/aufbewahren/", Client()

    def keep(first: int, days: str, **own: str) -> None:
        shown = client.get(address, {"ab": first}).content.decode()
        sent = dict(fields(shown))
        assert 0 < len(sent) + 2 <= 200
        assert client.post(f"{address}?ab={first}", {**sent, "days": days, **own}).status_code == 302

    keep(0, "365", s0="30")
    keep(60, "365", s61="90")
    keep(120, "365", s129="")
    shown = client.get(address).content.decode()
    sent = dict(fields(shown)) | {"days": "365", "s0": "30"}
    client.post(address, sent)  # the first page again changes none of the others
    kept = retention.periods(company_folder(memory.folder(), machine.hall.store))
    assert kept is not None
    assert (kept.days, kept.signals) == (365, {"ofen/s000": 30, "ofen/s061": 90, "ofen/s129": None})
    keep(60, "365")
    kept = retention.periods(company_folder(memory.folder(), machine.hall.store))
    assert kept is not None and kept.signals == {"ofen/s000": 30, "ofen/s129": None}


@pytest.mark.parametrize("first", ["999999", "-1", "x", "59"])
def test_an_address_that_asks_for_no_page_of_signals_gets_one_all_the_same(first: str) -> None:
    machine = filled(3)
    assert "ofen › s000" in Client().get(f"/maschinen/{machine.hall.pk}/aufbewahren/", {"ab": first}).content.decode()


def learn(machine: Machine, **sent: object) -> list[str]:
    address = f"/maschinen/{machine.hall.pk}/m/{machine.pk}/waechter/"
    given = {"do": "learn", "begin": "2026-11-16T06:00", "end": "2026-11-16T12:00", **sent}
    answer = Client().post(address, given)
    assert answer.status_code == 302, answer.content.decode()
    return list(Watch.objects.get(machine=machine).ask["signals"])


def test_a_watch_of_very_many_signals_is_told_which_to_leave_out() -> None:
    machine = filled(210)
    shown = Client().get(f"/maschinen/{machine.hall.pk}/m/{machine.pk}/waechter/").content.decode()
    assert 'name="ohne" value="1"' in shown and len(re.findall(r'name="s" value="[^"]+" checked', shown)) == 0
    chosen = learn(machine, ohne="1", s=["s001", "s002"])
    assert len(chosen) == 208 and not {"s001", "s002"} & set(chosen)
    assert learn(machine, ohne="1") == []  # all of them


def test_a_watch_of_few_signals_is_told_which_to_take() -> None:
    machine = filled(3)
    shown = Client().get(f"/maschinen/{machine.hall.pk}/m/{machine.pk}/waechter/").content.decode()
    assert 'name="ohne"' not in shown and len(re.findall(r'name="s" value="[^"]+" checked', shown)) == 3
    assert learn(machine, s=["s001"]) == ["s001"]
