"""Every write of the network: who may do it, what it refuses, what it leaves in the log."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from nordlotse import cli
from nordlotse.foundation.personal import Subject, tables
from nordlotse.foundation.problem import BadInput, NotAllowed, NotFound
from nordlotse.network.actions import importing, inviting, partners, people, terms
from nordlotse.network.models import Competence, ImportDraft, Leave, Offer, Partner, Person
from nordlotse.network.queries import experts
from nordlotse.office.models import LogEntry, OutgoingMail
from tests.network.conftest import account

pytestmark = pytest.mark.django_db
TODAY = date.today()

#: Every write only a coordinator may do, with arguments that would work.
COORDINATED: dict[str, Callable[[Any, Offer], object]] = {
    "save_partner": lambda u, o: partners.save_partner(u, "", {"name": "Neu", "state": "HH"}),
    "remove_partner": lambda u, o: partners.remove_partner(u, o.partner.slug),
    "save_offer": lambda u, o: partners.save_offer(u, o.partner.slug, o.pk, {"title_de": "Anders"}),
    "remove_offer": lambda u, o: partners.remove_offer(u, o.pk),
    "save_person": lambda u, o: people.save_person(u, o.partner.slug, None, {"name": "Neu"}),
    "remove_person": lambda u, o: people.remove_person(u, o.person_id or 0),
    "add_term": lambda u, o: terms.add_term(u, "topic", "Deichbau", "Dike building"),
    "rename_term": lambda u, o: terms.rename_term(u, "sensors", "Fühler", "Feelers"),
    "retire_term": lambda u, o: terms.retire_term(u, "sensors"),
    "restore_term": lambda u, o: terms.restore_term(u, "sensors"),
    "invite": lambda u, o: inviting.invite(u, o.person_id or 0),
    "invite_partner": lambda u, o: inviting.invite_partner(u),
    "keep_draft": lambda u, o: importing.keep_draft(u, "t.csv", b"Partner;Land\nWerft;SH\n"),
    "look": lambda u, o: importing.look(u, importing.keep_draft(u, "t.csv", b"Partner;Land\nWerft;SH\n").pk),
    "take_over": lambda u, o: importing.take_over(u, importing.keep_draft(u, "t.csv", b"Partner;Land\nW;SH\n").pk),
    "discard": lambda u, o: importing.discard(u, importing.keep_draft(u, "t.csv", b"Partner;Land\nW;SH\n").pk),
}


@pytest.mark.parametrize("name", COORDINATED)
def test_a_coordinator_may_set_up_and_nobody_else(name: str, offer: Offer) -> None:
    for role in ("", "expert", "editor", "researcher", "officer"):
        with pytest.raises(NotAllowed):
            COORDINATED[name](account(role, f"u{role}"), offer)
    COORDINATED[name](account("coordinator"), offer)


#: Writes on a profile that the expert it belongs to may do too.
OWN: dict[str, Callable[[Any, Person], object]] = {
    "save_own": lambda u, p: people.save_own(u, p.pk, {"capacity": 5}),
    "add_leave": lambda u, p: people.add_leave(u, p.pk, TODAY, TODAY),
    "end_leave": lambda u, p: people.end_leave(u, Leave.objects.get_or_create(person=p, first=TODAY, last=TODAY)[0].pk),
}


@pytest.mark.parametrize("name", OWN)
def test_an_expert_may_change_the_own_profile_and_no_other(name: str, person: Person, expert: Any) -> None:
    other = account("expert", "other")
    Person.objects.filter(pk=person.pk).update(user=expert)
    for stranger in (other, account("", "nobody"), account("editor")):
        with pytest.raises(NotAllowed):
            OWN[name](stranger, person)
    OWN[name](expert, person)
    OWN[name](account("coordinator"), person)


@pytest.mark.parametrize("name", [n for n in COORDINATED if n not in ("keep_draft", "look", "discard")])
def test_every_write_leaves_an_entry_without_words_in_the_log(name: str, offer: Offer) -> None:
    before = LogEntry.objects.count()
    COORDINATED[name](account("coordinator"), offer)
    made = list(LogEntry.objects.order_by("number"))[before:]
    assert made
    assert not [e for e in made if "Swantje" in f"{e.verb}{e.object_id}{e.actor}"]


def test_without_consent_a_coordinator_cannot_show_somebody(coordinator: Any, person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(visible=False, consented_at=None)
    with pytest.raises(BadInput, match="consent_missing"):
        people.save_person(coordinator, "hafenlabor", person.pk, {"visible": True})
    made = people.save_person(coordinator, "hafenlabor", person.pk, {"visible": True, "consented": True})
    assert (made.visible, made.consented_at is not None) == (True, True)
    assert people.save_person(coordinator, "hafenlabor", person.pk, {"visible": False}).consented_at is None


def test_nobody_stands_in_from_another_partner(coordinator: Any, person: Person) -> None:
    elsewhere = Partner.objects.create(slug="elbe", name="Elbe", state="HH")
    stranger = Person.objects.create(partner=elsewhere, name="Fremd")
    with pytest.raises(BadInput, match="cover_wrong"):
        people.save_person(coordinator, "hafenlabor", person.pk, {"cover": stranger.pk})


def test_a_mail_address_belongs_to_one_person_of_a_partner(coordinator: Any, person: Person) -> None:
    with pytest.raises(BadInput, match="person_taken"):
        people.save_person(coordinator, "hafenlabor", None, {"name": "Doppelt", "mail": "SWANTJE@example.org"})


@pytest.mark.parametrize(("first", "last"), [(0, -1), (-9, -2), (0, 500)])
def test_a_leave_that_makes_no_sense_is_refused(coordinator: Any, person: Person, first: int, last: int) -> None:
    with pytest.raises(BadInput, match="leave_wrong"):
        people.add_leave(
            coordinator, person.pk, timezone.localdate() + timedelta(first), timezone.localdate() + timedelta(last)
        )


def test_an_account_joins_the_one_free_profile_with_its_confirmed_address(expert: Any, person: Person) -> None:
    EmailAddress.objects.create(user=expert, email="swantje@example.org", verified=False)
    with pytest.raises(NotFound):
        people.connect_own(expert)
    EmailAddress.objects.update(verified=True)
    assert people.connect_own(expert).user_id == expert.pk
    with pytest.raises(NotFound):
        people.connect_own(expert)


def test_a_mail_is_written_once_however_often_the_button_is_pressed(coordinator: Any, person: Person) -> None:
    assert [inviting.invite_partner(coordinator, "hafenlabor") for _ in range(3)] == [1, 0, 0]
    mail = OutgoingMail.objects.get()
    assert mail.subject == "Ihr Profil im Netz (Hafenlabor Nord)"
    with pytest.raises(BadInput, match="invite_again"):
        inviting.invite(coordinator, person.pk)
    Person.objects.update(answered_at=timezone.now(), invited_at=None)
    assert inviting.invite_partner(coordinator) == 0


def test_a_reminder_goes_in_the_language_the_person_works_in(coordinator: Any, person: Person) -> None:
    Person.objects.update(languages=["en"], invitations=1)
    inviting.invite(coordinator, person.pk)
    assert OutgoingMail.objects.get().subject.startswith("Reminder:")


def test_a_retired_term_moves_to_its_replacement_once(coordinator: Any, person: Person) -> None:
    assert terms.retire_term(coordinator, "sensors", "retrofit") == 0
    assert list(person.competences.values_list("tag", flat=True)) == ["retrofit"]
    with pytest.raises(BadInput, match="term_into"):
        terms.retire_term(coordinator, "retrofit", "sensors")


@pytest.mark.parametrize("name", ["Sensorik und Messen", "sensors", "IT security"])
def test_a_new_term_must_not_mean_a_known_one(coordinator: Any, name: str) -> None:
    with pytest.raises(BadInput, match="term_taken"):
        terms.add_term(coordinator, "topic", name, "Something new")


# ---- tables ----

PEOPLE = (
    "Partner;Name;Mail;Themen;Vertretung;Fälle im Monat;Öffentlich\n"
    "Hafenlabor Nord;Swantje Möhring;swantje@example.org;IT-Sicherheit;Ole;4;ja\n"
    "Hafenlabor Nord;Ole;;;;2;nein\n"
    "Nirgends;Uwe;;;;2;nein\n"
)


def test_a_table_changes_what_it_names_and_leaves_the_rest(person: Person) -> None:
    Competence.objects.create(person=person, kind="method", tag="training")
    report = importing.import_file("t.csv", PEOPLE.encode("cp1252"), save=True)
    assert report.counts == {"new": 1, "changed": 1, "same": 0, "wrong": 1}
    person.refresh_from_db()
    assert (person.capacity, person.cover.name if person.cover else "") == (4, "Ole")
    assert set(person.competences.values_list("tag", flat=True)) == {"it-security", "training"}
    assert person.role == "Labor für Messtechnik"


def test_the_same_table_twice_writes_nothing(person: Person) -> None:
    importing.import_file("t.csv", PEOPLE.encode(), save=True)
    before = (list(Person.objects.order_by("pk").values()), LogEntry.objects.count())
    report = importing.import_file("t.csv", PEOPLE.encode(), save=True)
    assert report.counts == {"new": 0, "changed": 0, "same": 2, "wrong": 1}
    assert (list(Person.objects.order_by("pk").values()), LogEntry.objects.count()) == before


def test_a_dry_run_at_the_terminal_tells_and_changes_nothing(
    person: Person, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "netz.csv"
    file.write_text(PEOPLE, encoding="utf-8")
    called = cli.parser().parse_args(["network", "import", str(file), "--dry-run", "--json"])
    assert called.run(called) == 3
    assert json.loads(capsys.readouterr().out)["counts"]["new"] == 1
    assert Person.objects.count() == 1
    called = cli.parser().parse_args(["network", "import", str(file)])
    assert called.run(called) == 3
    assert "Nirgends" in capsys.readouterr().err
    assert Person.objects.count() == 2


def test_drafts_older_than_a_day_are_erased(coordinator: Any) -> None:
    importing.keep_draft(coordinator, "t.csv", b"Partner;Land\nWerft;SH\n")
    ImportDraft.objects.update(created_at=timezone.now() - timedelta(days=2))
    importing.keep_draft(coordinator, "t.csv", b"Partner;Land\nWerft;SH\n")
    assert ImportDraft.objects.count() == 1


# ---- what journey asks for ----


def test_matching_gets_every_active_person_with_what_is_left(offer: Offer, person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(excluded=["Kahn & Deich GmbH"])
    Leave.objects.create(person=person, first=TODAY, last=TODAY)
    (expert,) = experts.matching_experts({person.pk: 1})
    assert (expert.id, expert.state, expert.district, expert.capacity_left) == (str(person.pk), "SH", "01054", 1)
    assert expert.on_leave
    assert experts.company_key("Kahn und Deich GmbH & Co. KG") in expert.conflicts
    assert expert.tags == {"sensors", "retrofit"}
    assert "Prüfstand für Druckluft" in expert.text
    Person.objects.update(active=False)
    assert experts.matching_experts() == []


def test_a_term_added_here_speaks_to_matching_through_the_text(coordinator: Any, person: Person) -> None:
    tag = terms.add_term(coordinator, "topic", "Deichbau", "Dike building")
    people.put_tags(person, ["sensors", tag])
    (expert,) = experts.matching_experts()
    assert expert.tags == {"sensors"}
    assert "Deichbau" in expert.text


@pytest.mark.parametrize("count", [1, 40])
def test_matching_asks_the_database_five_times_however_many_there_are(
    partner: Partner, count: int, django_assert_num_queries: Any
) -> None:
    Person.objects.bulk_create(Person(partner=partner, name=f"M{i}") for i in range(count))
    with django_assert_num_queries(5):
        assert len(experts.matching_experts()) == count


def test_every_table_of_the_room_declares_every_field_once() -> None:
    for label, table in tables().items():
        if not label.startswith("network."):
            continue
        named = [f for d in table.declared for f in d.fields] + list(table.impersonal)
        has = {f.name for f in table.model._meta.concrete_fields}
        assert sorted(set(named)) == sorted(named)
        assert has - set(named) <= {"id"}
        assert set(named) <= has
        assert not table.declared or table.what


def test_a_persons_own_request_finds_profile_leave_and_competences_and_a_companys_does_not(
    offer: Offer, person: Person, expert: Any
) -> None:
    Person.objects.filter(pk=person.pk).update(user=expert)
    Leave.objects.create(person=person, first=TODAY, last=TODAY)
    known = tables()
    mine = Subject(users=frozenset({expert.pk}))
    companys = Subject(company="x", users=frozenset({expert.pk}), mails=frozenset({"swantje@example.org"}))
    for label in ("network.Person", "network.Leave", "network.Competence", "network.Offer"):
        assert known[label].rows(mine).exists(), label
        assert not known[label].rows(companys).exists(), label
