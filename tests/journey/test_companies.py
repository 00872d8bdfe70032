"""Companies: made, joined, left, merged, consenting."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.test import Client

from nordlotse.foundation.problem import BadInput, NotAllowed, NotFound
from nordlotse.foundation.role import Role
from nordlotse.journey.actions import companies as actions
from nordlotse.journey.actions import members
from nordlotse.journey.models import Case, Company, Consent, Contact, Membership, Service
from nordlotse.journey.queries import companies as queries
from nordlotse.journey.queries.keeping import subject_of_company
from nordlotse.office.models import OutgoingMail
from nordlotse.office.roles import set_roles
from tests.web.world import signed_in

pytestmark = pytest.mark.django_db


def person(name: str, *roles: Role, mail: str = "") -> Any:
    user = get_user_model().objects.create_user(name, email=mail)
    if mail:
        EmailAddress.objects.create(user=user, email=mail, verified=True, primary=True)
    set_roles(user, frozenset(roles))
    return user


def token_of(key: str) -> str:
    text = OutgoingMail.objects.filter(key__startswith=key).latest("created_at").text
    return next(line.rstrip("/").rsplit("/", 1)[1] for line in text.splitlines() if "://" in line)


@pytest.fixture
def owner() -> Any:
    return person("owner", mail="owner@hof.example")


@pytest.fixture
def company(owner: Any) -> Company:
    return actions.create(owner, name="Metallbau Hof", place="Husum", employees="40", sector="25")


def test_a_place_gives_district_and_state(company: Company) -> None:
    assert (company.district, company.state) == ("01054", "SH")


def test_a_state_known_otherwise_stays_when_something_else_is_changed(company: Company, owner: Any) -> None:
    Company.objects.update(place="Hintertupfing", district="", state="MV")
    company.refresh_from_db()
    changed = actions.change(owner, company, name="Neuer Name", place="Hintertupfing")
    assert (changed.name, changed.state) == ("Neuer Name", "MV")
    assert actions.change(owner, company, name="Neuer Name", place="Husum").state == "SH"


def test_hamburg_alone_gives_the_state_but_no_borough(owner: Any) -> None:
    made = actions.create(owner, name="Kontor", place="Hamburg")
    assert (made.district, made.state) == ("", "HH")


def test_whoever_makes_a_company_belongs_to_it(company: Company, owner: Any) -> None:
    assert queries.of_user(owner) == company


def test_a_company_needs_a_name(owner: Any) -> None:
    with pytest.raises(BadInput, match="company_name_missing"):
        actions.create(owner, name="  ")


def test_a_stranger_changes_nothing(company: Company) -> None:
    stranger = person("stranger")
    for attempt in (
        lambda: actions.change(stranger, company, name="X"),
        lambda: members.invite(stranger, company, "a@b.example"),
        lambda: members.remove_member(stranger, company, 1),
        lambda: actions.consent(stranger, company, "news", given=True),
    ):
        with pytest.raises(NotAllowed):
            attempt()


def test_a_case_opened_without_account_comes_with_the_proved_address(owner: Any) -> None:
    contact = Contact.objects.create(name="H", mail="owner@hof.example")
    case = Case.objects.create(number=1, contact=contact, title="Rückruf")
    made = actions.create(owner, name="Metallbau Hof")
    case.refresh_from_db()
    assert case.company == made


def test_a_case_of_another_address_stays_where_it_is(owner: Any) -> None:
    contact = Contact.objects.create(name="H", mail="other@hof.example")
    case = Case.objects.create(number=1, contact=contact, title="Rückruf")
    actions.create(owner, name="Metallbau Hof")
    case.refresh_from_db()
    assert case.company is None


def test_an_invitation_makes_an_account_and_a_member_once(company: Company, owner: Any) -> None:
    members.invite(owner, company, "Kollegin@hof.example")
    token = token_of("journey:invited")
    user, joined = members.join(token)
    assert joined == company
    assert user.email == "kollegin@hof.example"
    with pytest.raises(NotFound, match="link_used"):
        members.join(token)
    assert Membership.objects.filter(company=company).count() == 2


def test_opening_an_invitation_changes_nothing_and_joining_signs_in(company: Company, owner: Any) -> None:
    members.invite(owner, company, "kollegin@hof.example")
    client, address = Client(), f"/einladung/betrieb/{token_of('journey:invited')}/"
    for _ in range(2):
        assert client.get(address).status_code == 200
        assert client.head(address).status_code == 200
    assert Membership.objects.count() == 1
    assert client.post(address)["Location"] == "/betrieb/"
    assert client.get("/betrieb/").status_code == 200


def test_the_last_member_cannot_leave(company: Company, owner: Any) -> None:
    with pytest.raises(BadInput, match="last_member"):
        members.remove_member(owner, company, owner.pk)


def colleague(company: Company, owner: Any) -> Any:
    """Let somebody be invited and join."""
    members.invite(owner, company, "kollegin@hof.example")
    return members.join(token_of("journey:invited"))[0]


def test_whoever_was_invited_cannot_remove_who_was_there_before(company: Company, owner: Any) -> None:
    invited = colleague(company, owner)
    with pytest.raises(NotAllowed, match="came_later"):
        members.remove_member(invited, company, owner.pk)
    page = Client()
    page.force_login(invited, backend="django.contrib.auth.backends.ModelBackend")
    assert f"/betrieb/mitglied/{owner.pk}/entfernen/" not in page.get("/betrieb/").content.decode()
    assert queries.is_member(owner, company)


def test_whoever_was_there_before_removes_and_the_removed_is_told(company: Company, owner: Any) -> None:
    invited = colleague(company, owner)
    client = Client()
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    place = f"/betrieb/mitglied/{invited.pk}/entfernen/"
    asked = client.post(place).content.decode()
    assert "kollegin@hof.example" in asked and queries.is_member(invited, company), "the first tap only asks"
    client.post(place, {"sure": "yes"})
    assert not queries.is_member(invited, company)
    assert OutgoingMail.objects.filter(key__startswith="journey:removed", to="kollegin@hof.example").count() == 1


def test_whoever_leaves_alone_gets_no_mail_about_it(company: Company, owner: Any) -> None:
    invited = colleague(company, owner)
    members.remove_member(invited, company, invited.pk)
    assert not OutgoingMail.objects.filter(key__startswith="journey:removed").exists()


def test_before_somebody_is_invited_the_page_says_what_they_may_do(company: Company, owner: Any) -> None:
    client = Client()
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    assert "sieht alles, was Sie sehen" in client.get("/betrieb/").content.decode()


def test_a_consent_is_kept_with_its_version_and_ends_when_withdrawn(company: Company, owner: Any) -> None:
    actions.consent(owner, company, "benchmark", given=True)
    actions.consent(owner, company, "benchmark", given=True)
    assert queries.consented(company, None, "benchmark")
    assert Consent.objects.get().version
    actions.consent(owner, company, "benchmark", given=False)
    assert not queries.consented(company, None, "benchmark")
    assert Consent.objects.get().withdrawn_at is not None


def test_merging_moves_every_row_that_points_to_the_double(company: Company, owner: Any) -> None:
    coordinator = person("coordinator", Role.COORDINATOR)
    double = actions.create(person("second", mail="x@hof.example"), name="Metallbau Hof GmbH")
    Case.objects.create(number=2, company=double, title="Fall")
    Contact.objects.create(company=double, name="B")
    Consent.objects.create(company=double, purpose="news", version="1")
    Service.objects.create(
        source="t:1",
        kind="call",
        format="phone",
        day="2026-11-02",
        minutes=10,
        company=double,
        company_key=double.count_key,
    )
    tables = {model._meta.label for model, _ in queries.links_to_companies()}
    moved = actions.merge(coordinator, double, company)
    assert set(moved) == tables, "a table with a link to a company has no row in this test"
    for model, name in queries.links_to_companies():
        assert not model._default_manager.filter(**{name: double}).exists()
    assert Service.objects.get().company_key == company.count_key
    assert queries.company(double.pk) == company


def test_what_was_merged_before_and_what_was_mailed_follow_to_the_last_company(company: Company, owner: Any) -> None:
    coordinator = person("coordinator", Role.COORDINATOR)
    first = actions.create(person("first", mail="a@hof.example"), name="Metallbau Hof oHG")
    second = actions.create(person("second", mail="b@hof.example"), name="Metallbau Hof GmbH")
    members.invite(Membership.objects.get(company=first).user, first, "neu@hof.example")
    actions.merge(coordinator, first, second)
    second.refresh_from_db()
    actions.merge(coordinator, second, company)
    assert queries.company(first.pk) == company
    assert members.join(token_of("journey:invited"))[1] == company
    assert {first.pk, second.pk, company.pk} <= subject_of_company(company).references
    for double in (first, second):  # as they were read before
        with pytest.raises(BadInput):
            actions.merge(coordinator, company, double)


def test_an_invitation_to_a_company_that_is_gone_says_so(company: Company, owner: Any) -> None:
    members.invite(owner, company, "neu@hof.example")
    token = token_of("journey:invited")
    Company.objects.all().delete()
    assert Client().post(f"/einladung/betrieb/{token}/").status_code == 404


def test_an_invitation_does_not_stand_in_for_a_second_factor(company: Company, owner: Any) -> None:
    from allauth.mfa.models import Authenticator

    colleague = person("colleague", mail="kollegin@hof.example")
    Authenticator.objects.create(user=colleague, type=Authenticator.Type.TOTP, data={"secret": "x"})
    members.invite(owner, company, "kollegin@hof.example")
    client = Client()
    client.post(f"/einladung/betrieb/{token_of('journey:invited')}/")
    assert queries.is_member(colleague, company)
    assert client.get("/betrieb/").status_code == 302, "not signed in"


def test_a_closed_account_joins_nothing(company: Company, owner: Any) -> None:
    closed = person("closed", mail="weg@hof.example")
    type(closed).objects.update(is_active=False)
    members.invite(owner, company, "weg@hof.example")
    with pytest.raises(NotFound, match="account_closed"):
        members.join(token_of("journey:invited"))
    assert not Membership.objects.filter(user=closed).exists()


def test_one_address_is_not_invited_without_end(company: Company, owner: Any) -> None:
    with pytest.raises(BadInput, match="too_many_invitations"):
        for _ in range(members.INVITATIONS + 1):
            members.invite(owner, company, "opfer@elsewhere.example")
    assert OutgoingMail.objects.filter(to="opfer@elsewhere.example").count() == members.INVITATIONS


def test_only_a_coordinator_merges(company: Company, owner: Any) -> None:
    other = actions.create(person("second"), name="Metallbau Hof GmbH")
    with pytest.raises(NotAllowed):
        actions.merge(owner, other, company)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Metallbau Hof GmbH & Co. KG", "Metallbau Hof"),
        ("Hof Metallbau", "metallbau HOF e.K."),
        ("Müller AG", "Mueller"),
    ],
)
def test_two_spellings_of_one_name_are_found(one: str, other: str) -> None:
    first = Company.objects.create(name=one)
    second = Company.objects.create(name=other)
    assert [{d.first, d.second} for d in queries.likely_doubles()] == [{first, second}]


def test_two_in_different_places_are_two_unless_they_share_a_mail_domain() -> None:
    first = Company.objects.create(name="Tischlerei Nord", place="Husum")
    second = Company.objects.create(name="Tischlerei Nord", place="Wismar")
    assert queries.likely_doubles() == []
    for one in (first, second):
        Contact.objects.create(company=one, name="A", mail=f"{one.pk}@nord.example")
    assert len(queries.likely_doubles()) == 1


def test_two_told_apart_are_never_shown_again_and_stay_so_after_a_merge() -> None:
    one, other, third = (Company.objects.create(name="Tischlerei Nord") for _ in range(3))
    client = signed_in("coordinator")
    assert len(queries.likely_doubles()) == 3
    assert client.post(f"/desk/betriebe/{other.pk}/in/{one.pk}/", {"do": "apart"}).status_code == 302
    pairs = [{d.first, d.second} for d in queries.likely_doubles()]
    assert {one, other} not in pairs and len(pairs) == 2
    client.post(f"/desk/betriebe/{other.pk}/in/{third.pk}/", {"do": "merge", "stays": third.pk})
    assert queries.likely_doubles() == []


def test_the_entry_that_was_chosen_stays() -> None:
    one, other = (Company.objects.create(name="Tischlerei Nord") for _ in range(2))
    signed_in("coordinator").post(f"/desk/betriebe/{other.pk}/in/{one.pk}/", {"do": "merge", "stays": other.pk})
    one.refresh_from_db()
    assert one.merged_into == other


def test_the_page_of_a_merge_shows_both_in_words_of_the_desk() -> None:
    one = Company.objects.create(name="Tischlerei Nord", place="Husum", employees=12)
    other = Company.objects.create(name="Tischlerei Nord GmbH", place="Husum")
    Contact.objects.create(company=other, name="Anna Beispiel", mail="anna@nord.example")
    page = signed_in("coordinator").get(f"/desk/betriebe/{other.pk}/in/{one.pk}/").content.decode()
    for words in ("Husum", "12", "Anna Beispiel", "nord.example", "Ansprechpersonen: 1"):
        assert words in page
    assert "journey." not in page


def test_different_names_are_no_doubles() -> None:
    Company.objects.create(name="Tischlerei Nord")
    Company.objects.create(name="Tischlerei Süd")
    assert queries.likely_doubles() == []


def test_among_many_companies_doubles_are_searched_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "COMPARED", 2)
    for name in ("Hof GmbH", "Hof KG", "Werft"):
        Company.objects.create(name=name)
    client = signed_in("coordinator")
    page = client.get("/desk/betriebe/").content.decode()
    assert "Wahrscheinlich doppelt" not in page
    assert 'href="?doppelt=1"' in page
    assert "Wahrscheinlich doppelt" in client.get("/desk/betriebe/?doppelt=1").content.decode()
    Company.objects.get(name="Hof KG").delete()
    assert "Kein Betrieb steht doppelt da." in client.get("/desk/betriebe/?doppelt=1").content.decode()


def test_among_few_companies_doubles_show_by_themselves() -> None:
    for name in ("Hof GmbH", "Hof KG"):
        Company.objects.create(name=name)
    assert "Wahrscheinlich doppelt" in signed_in("coordinator").get("/desk/betriebe/").content.decode()


def test_the_page_shows_company_members_and_consents(company: Company, owner: Any) -> None:
    client = Client()
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    for place in ("/betrieb/", "/en/betrieb/"):
        page = client.get(place).content.decode()
        assert "Metallbau Hof" in page
        assert "owner@hof.example" in page
