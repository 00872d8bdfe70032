"""A hall: made within limits, kept by a company, shared, ended, deleted with its values, logins and files."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client, TestCase
from django.utils import timezone

from nordlotse.foundation.problem import BadInput, NotAllowed, NotFound, TooMany
from nordlotse.iot import elsewhere, memory
from nordlotse.iot.actions import halls, keeping, logins, mapping, uploads
from nordlotse.iot.actions.turnstile import MOST_OF_ONE
from nordlotse.iot.core import logins as kept_logins
from nordlotse.iot.core.orders import Order, waiting
from nordlotse.iot.core.stores import company_folder
from nordlotse.iot.models import Hall, Machine, Simulation
from nordlotse.iot.queries import halls as queries
from nordlotse.iot.queries import keeping as kept_periods
from nordlotse.iot.queries import limits
from nordlotse.iot.queries import mapping as kept_mapping
from nordlotse.office import files
from tests.iot.written import Written

pytestmark = pytest.mark.django_db


class Member:
    """A signed-in member of a company."""

    is_authenticated, pk = True, 7


@pytest.fixture
def company(monkeypatch: pytest.MonkeyPatch) -> Member:
    """A member, and a house that knows them."""
    house = elsewhere.House(
        lambda user, company: isinstance(user, Member) and company == "betrieb",
        lambda user: ("betrieb", "Kahn GmbH") if isinstance(user, Member) else None,
        lambda hall, lang: (),
    )
    monkeypatch.setattr(elsewhere, "house", lambda: house)
    return Member()


def made(**given: Any) -> Hall:
    return halls.create(user=None, lang="de", **given)


def ordered(store: str) -> list[Order]:
    return [order for order in waiting(memory.folder()).values() if order.company == store]


def test_a_visitor_s_hall_ends_after_a_day_and_a_member_s_never(company: Member) -> None:
    ends = made().expires_at
    assert ends is not None
    assert abs(ends - timezone.now() - timedelta(hours=24)) < timedelta(minutes=1)
    own = halls.create(user=company, lang="de")
    assert (own.company, own.expires_at) == ("betrieb", None)


def test_an_address_has_so_many_sandboxes_at_once_and_more_when_some_are_gone() -> None:
    first = made(address="203.0.113.7")
    for _ in range(MOST_OF_ONE - 1):
        made(address="203.0.113.7")
    with pytest.raises(TooMany, match="iot_halls"):
        made(address="203.0.113.7")
    made(address="203.0.113.8")
    halls.delete(first)
    made(address="203.0.113.7")


def test_a_sandbox_has_so_many_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MACHINES", 2)
    hall = made()
    first = halls.add_machine(hall, "Säge")
    halls.add_machine(hall, "Presse")
    assert halls.add_machine(hall, "Säge") == first
    with pytest.raises(TooMany, match="iot_machines"):
        halls.add_machine(hall, "Ofen")


@pytest.mark.parametrize("name", ["", "a/b", "..", "x" * 65, "a\nb"])
def test_a_name_that_topics_cannot_carry_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="iot_name"):
        halls.add_machine(made(), name)


def test_names_and_units_make_machines_and_keep_what_was_said_of_other_signals() -> None:
    hall = made()
    halls.name_signals(hall, {"Säge": {"Strom": {"title": "Strom", "unit": "A", "role": "current"}}})
    halls.name_signals(hall, {"Säge": {"T": {"title": "Temperatur", "unit": "°C", "role": ""}}})
    kept = Machine.objects.get(hall=hall).signals
    assert kept["Strom"] == {"title": "Strom", "unit": "A", "role": "current"}
    assert kept["T"]["unit"] == "°C"
    with pytest.raises(BadInput, match="iot_signal"):
        halls.name_signals(hall, {"Säge": {"T": {"role": "king"}}})


def test_a_hall_that_is_kept_has_no_end_and_only_members_get_in(company: Member) -> None:
    hall = made()
    share = halls.share(hall, 1)
    kept = halls.keep(hall, company)
    assert (kept.pk, kept.expires_at, kept.company) == (hall.pk, None, "betrieb")
    assert queries.hall(hall.pk, company) == kept
    with pytest.raises(NotFound):
        queries.hall(hall.pk, None)
    with pytest.raises(NotFound):
        queries.shared(share)


def test_who_has_no_company_cannot_keep_and_nobody_takes_another_s(company: Member) -> None:
    hall = made()
    with pytest.raises(NotAllowed, match="iot_no_company"):
        halls.keep(hall, None)
    Hall.objects.filter(pk=hall.pk).update(company="fremd")
    with pytest.raises(NotAllowed, match="iot_kept"):
        halls.keep(hall, company)


def test_a_shared_link_ends_after_its_days_and_never_outlives_a_sandbox() -> None:
    hall = made()
    share = halls.share(hall, 30)
    assert queries.shared(share) == hall
    hall.refresh_from_db()
    assert hall.share_until == hall.expires_at
    Hall.objects.update(share_until=timezone.now() - timedelta(seconds=1))
    with pytest.raises(NotFound):
        queries.shared(share)
    with pytest.raises(BadInput, match="iot_share_days"):
        halls.share(hall, 2)


def test_deleting_a_hall_takes_values_logins_and_files_and_tells_how_much_it_was() -> None:
    hall = made(name="Halle 1")
    halls.add_machine(hall, "Säge")
    Written(hall.store).put("Säge", "Strom", [1_700_000_000_000_000, 1_700_000_001_000_000], [1.0, 2.0])
    logins.add(hall)
    file = uploads.take(
        hall, "Säge", SimpleUploadedFile("a.csv", b"Zeit;A\n2026-03-01 06:00:00;1\n2026-03-01 06:00:01;2\n")
    )
    place = files.path_of(files.of("iot", file)[0])
    with TestCase.captureOnCommitCallbacks(execute=True):
        receipt = halls.delete(hall)
    assert (receipt.name, receipt.machines, receipt.values, receipt.files) == ("Halle 1", 1, 2, 1)
    assert not Hall.objects.filter(pk=hall.pk).exists()
    assert kept_logins.listed(memory.folder(), hall.store) == []
    assert ordered(hall.store) == [Order("leave", hall.store)]
    assert not place.exists()


def test_deleting_a_machine_takes_its_values_and_logins_and_no_others() -> None:
    hall = made()
    saw = halls.add_machine(hall, "Säge")
    halls.add_machine(hall, "Presse")
    gone, _ = logins.add(hall, "Säge")
    stays, _ = logins.add(hall, "Presse")
    with TestCase.captureOnCommitCallbacks(execute=True):
        halls.delete_machine(saw)
    assert [one.name for one in hall.machines.all()] == ["Presse"]
    assert ordered(hall.store) == [Order("drop", hall.store, "Säge")]
    users = {one.user for one in kept_logins.listed(memory.folder(), hall.store)}
    assert gone not in users and stays in users


def test_sandboxes_past_their_day_go_with_their_values_and_a_company_s_hall_stays(company: Member) -> None:
    old, own = made(), halls.create(user=company, lang="de")
    Hall.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert halls.forget_expired() == 1
    assert [one.pk for one in Hall.objects.all()] == [own.pk]
    assert ordered(old.store) == [Order("leave", old.store)]


def test_a_full_sandbox_loses_its_logins_and_takes_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    hall = made()
    Written(hall.store).put("Säge", "Strom", [1_700_000_000_000_000], [1.0])
    logins.add(hall)
    monkeypatch.setattr(limits, "SANDBOX_BYTES", 10)
    assert halls.shut_full() == 1
    assert kept_logins.listed(memory.folder(), hall.store) == []
    with pytest.raises(TooMany, match="iot_sandbox_full"):
        logins.add(hall)
    Hall.objects.filter(pk=hall.pk).update(company="betrieb")
    hall.refresh_from_db()
    limits.check_room(hall)


def test_a_sandbox_whose_machines_make_up_signals_without_end_is_shut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SIGNALS", 3)
    hall = made()
    written = Written(hall.store)
    logins.add(hall)
    for place in range(3):
        written.put("Säge", f"s{place}", [1_700_000_000_000_000], [1.0])
    assert halls.shut_full() == 0
    written.put("Säge", "s3", [1_700_000_000_000_000], [1.0])
    assert halls.shut_full() == 1
    with pytest.raises(TooMany, match="iot_sandbox_signals"):
        limits.check_room(hall)


def test_a_company_has_so_many_halls_made_or_kept(company: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "COMPANY_HALLS", 1)
    sandbox = made()
    halls.create(user=company, lang="de")
    with pytest.raises(TooMany, match="iot_halls_company"):
        halls.create(user=company, lang="de")
    with pytest.raises(TooMany, match="iot_halls_company"):
        halls.keep(sandbox, company)


def test_a_hall_kept_in_its_last_second_is_not_deleted(company: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    hall = made()
    Hall.objects.filter(pk=hall.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(NotFound):  # the other way round its day is over
        halls.keep(hall, company)
    whole = transaction.atomic

    def kept_meanwhile() -> Any:
        Hall.objects.filter(pk=hall.pk).update(company="betrieb", expires_at=None)
        return whole()

    monkeypatch.setattr("nordlotse.iot.actions.halls.transaction.atomic", kept_meanwhile)
    halls.forget_expired()
    assert Hall.objects.filter(pk=hall.pk).exists()


def test_keeping_a_hall_ends_the_links_on_its_sheets_and_the_logins_that_were_ticked(company: Member) -> None:
    hall = made()
    machine = halls.add_machine(hall, "Säge")
    ends, _ = logins.add(hall)
    stays, _ = logins.add(hall)
    foreign, _ = logins.add(made())
    with TestCase.captureOnCommitCallbacks(execute=True):
        halls.keep(hall, company, [ends, foreign, "m-unknown"])
    before = machine.stop_key
    machine.refresh_from_db()
    assert machine.stop_key != before
    assert [one.user for one in kept_logins.listed(memory.folder(), hall.store)] == [stays]
    assert kept_logins.find(memory.folder(), foreign) is not None
    renewed = machine.stop_key
    halls.keep(hall, company)  # once more: nothing is to be renewed
    machine.refresh_from_db()
    assert machine.stop_key == renewed


def simulated(hall: Hall, name: str, **given: Any) -> Simulation:
    machine = halls.add_machine(hall, name)
    return Simulation.objects.create(
        machine=machine, kind="cnc", until=hall.expires_at or timezone.now() + timedelta(days=1), **given
    )


def test_simulated_machines_of_a_kept_hall_run_on_for_thirty_days(company: Member) -> None:
    hall = made()
    runs, stopped = simulated(hall, "a"), simulated(hall, "b", stopped=True)
    halls.keep(hall, company)
    runs.refresh_from_db()
    stopped.refresh_from_db()
    assert abs(runs.until - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)
    assert stopped.until < timezone.now() + timedelta(days=2)


def test_keeping_brings_a_company_no_more_simulated_machines_than_it_may_have(company: Member) -> None:
    own, hall, empty = halls.create(user=company, lang="de"), made(), made()
    for place in range(4):
        simulated(own, f"m{place}")
    simulated(hall, "a")
    second = simulated(hall, "b")
    with pytest.raises(TooMany, match="iot_simulations_company"):
        halls.keep(hall, company)
    halls.keep(empty, company)
    second.delete()
    assert halls.keep(hall, company).company == "betrieb"


def test_the_page_of_keeping_lists_what_stays_valid(company: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    hall = made()
    user, _ = logins.add(hall)
    simulated(hall, "Säge")
    monkeypatch.setattr(halls, "company_of", lambda user: ("betrieb", "Kahn GmbH"))
    shown = Client().get(f"/maschinen/{hall.pk}/behalten/").content.decode()
    assert f'name="ende" value="{user}"' in shown
    assert "drucken Sie neue" in shown and "30 Tage" in shown
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert Client().post(f"/maschinen/{hall.pk}/behalten/", {"ende": user}).status_code == 302
    assert kept_logins.listed(memory.folder(), hall.store) == []


def test_deleting_a_machine_leaves_none_of_its_mappings_periods_and_files() -> None:
    hall = made()
    saw = halls.add_machine(hall, "Säge")
    rules = [
        mapping.rule(f"werk/{name}", name, "T", '["t"]', time="", unit="C", scale=1.0, offset=0.0, sample='{"t":1,"who":"M"}')
        for name in ("Säge", "Säge 2")
    ]  # fmt: skip
    mapping.add(hall, rules)
    mapping.discard(hall, "werk/x", 5)
    keeping.put(hall, 30, {"Säge/T": None, "Säge 2/T": 90})
    table = b"Zeit;A\n2026-03-01 06:00:00;1\n2026-03-01 06:00:01;2\n"
    file = uploads.take(hall, "Säge", SimpleUploadedFile("a.csv", table))
    other = uploads.take(hall, "Säge 2", SimpleUploadedFile("b.csv", table))
    place = files.path_of(files.of("iot", file)[0])
    with TestCase.captureOnCommitCallbacks(execute=True):
        receipt = halls.delete_machine(saw)
    assert receipt.files == 1
    assert [one.machine for one in kept_mapping.rules(hall)] == ["Säge 2"]
    assert kept_mapping.discarded(hall) == {"werk/x": 5}
    assert kept_periods.periods(hall).signals == {"Säge 2/T": 90}
    assert [one.pk for one in hall.uploads.all()] == [other]
    assert not place.exists()


def test_a_mapping_nobody_can_read_keeps_no_machine_from_being_deleted() -> None:
    hall = made()
    saw = halls.add_machine(hall, "Säge")
    folder = company_folder(memory.folder(), hall.store)
    folder.mkdir(parents=True)
    (folder / "mapping.json").write_text("kaputt")
    with TestCase.captureOnCommitCallbacks(execute=True):
        halls.delete_machine(saw)
    assert ordered(hall.store) == [Order("drop", hall.store, "Säge")]
