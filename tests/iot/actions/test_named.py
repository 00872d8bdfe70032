"""What halls keep of one person is found by that person's proved address or account, and goes without the hall."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model

from nordlotse.foundation.personal import Subject, tables
from nordlotse.iot.actions import belonging, receivers, stops
from nordlotse.iot.models import Hall, Machine, Named, Outbox
from nordlotse.journey.actions import companies, members
from nordlotse.journey.models import Membership
from nordlotse.journey.queries import keeping

pytestmark = pytest.mark.django_db

MINE, OTHER = "erika@betrieb.example", "chef@betrieb.example"


@pytest.fixture
def hall() -> Hall:
    made = Hall.objects.create(name="Halle 2", company="c1", expires_at=None)
    Machine.objects.create(hall=made, name="ofen")
    for address in (MINE, OTHER):
        receivers.add_address(made, address, lang="de")
    made.refresh_from_db()
    return made


@pytest.fixture
def erika() -> Any:
    return get_user_model().objects.create_user("erika", MINE, "x", first_name="Erika", last_name="Muster")


def erased(subject: Subject) -> None:
    """Erase as the deletion of one's own data does."""
    for table in tables().values():
        rows = keeping.rows_of(table, subject)
        if rows.exists() and table.model._meta.app_label == "iot":
            assert table.erase is not None
            table.erase(rows)


def addresses() -> list[str]:
    return [one["mail"] for one in Hall.objects.get().mail]


def test_one_person_is_given_their_own_address_and_nothing_of_the_hall(hall: Hall) -> None:
    found = keeping.kept(Subject(mails=frozenset({MINE}))).tables
    assert [row["mail"] for row in found["iot.Named"]] == [MINE]
    assert not {label for label in found if label.startswith("iot.")} - {"iot.Named"}


def test_one_persons_deletion_takes_the_address_out_and_leaves_the_hall(hall: Hall) -> None:
    entry = next(one["id"] for one in hall.mail if one["mail"] == MINE)
    Outbox.objects.create(hall=hall, receiver=entry)
    erased(Subject(mails=frozenset({MINE})))
    assert addresses() == [OTHER] and hall.machines.exists()
    assert not Outbox.objects.exists() and [one.mail for one in Named.objects.all()] == [OTHER]


def test_who_let_names_be_kept_is_found_by_account_and_forgotten(hall: Hall, erika: Any) -> None:
    stops.allow_persons(hall, sure=True, user=erika)
    assert Hall.objects.get().persons_by == "Erika Muster"
    erased(Subject(users=frozenset({erika.pk})))
    kept = Hall.objects.get()
    assert (kept.persons_by, kept.persons, addresses()) == ("", True, [MINE, OTHER])


def test_a_stranger_finds_and_deletes_nothing(hall: Hall, erika: Any) -> None:
    stops.allow_persons(hall, sure=True, user=erika)
    erased(Subject(mails=frozenset({"", "fremd@anderswo.example"}), users=frozenset({erika.pk + 1})))
    assert addresses() == [MINE, OTHER] and Hall.objects.get().persons_by == "Erika Muster"


def test_whoever_leaves_a_company_gets_no_more_of_its_alarms_and_another_companys_stay(hall: Hall) -> None:
    other = Hall.objects.create(company="c2", expires_at=None)
    receivers.add_address(other, MINE, lang="de")
    assert belonging.left("c1", {MINE}) == 1
    hall.refresh_from_db(), other.refresh_from_db()
    assert ([one["mail"] for one in hall.mail], [one["mail"] for one in other.mail]) == ([OTHER], [MINE])


def test_what_is_taken_out_or_back_leaves_no_row(hall: Hall, erika: Any) -> None:
    stops.allow_persons(hall, sure=True, user=erika)
    stops.forbid_persons(hall, erika)
    for one in hall.mail:
        receivers.remove_address(hall, one["id"])
    assert not Named.objects.exists()


def test_a_member_put_out_of_a_company_gets_no_more_of_its_alarms() -> None:
    owner, leaver = (get_user_model().objects.create_user(name, f"{name}@hof.example") for name in ("owner", "leaver"))
    for user in (owner, leaver):
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    company = companies.create(owner, name="Metallbau Hof", place="Husum", employees="40", sector="25")
    Membership.objects.create(company=company, user=leaver)
    hall = Hall.objects.create(company=company.pk, expires_at=None)
    for user in (owner, leaver):
        receivers.add_address(hall, user.email, lang="de")
    members.remove_member(owner, company, leaver.pk)
    assert addresses() == [owner.email]
