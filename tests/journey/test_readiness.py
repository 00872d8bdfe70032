"""A readiness check on the company's way: into a talk and a case, to the company, as a service; and where a plan's steps lead."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from nordlotse.answers import queries as answers
from nordlotse.dialogue.models import Event
from nordlotse.foundation import records as dated
from nordlotse.foundation.problem import NotAllowed
from nordlotse.journey.actions import checks as ties
from nordlotse.journey.actions import companies, example, privacy
from nordlotse.journey.models import Case, Company, Membership, Service
from nordlotse.journey.queries import keeping
from nordlotse.journey.queries.checks import of_company
from nordlotse.journey.queries.directions import HouseDirections
from nordlotse.network.models import Offer, Partner
from nordlotse.readiness import directions
from nordlotse.readiness.actions import comparing, releases
from nordlotse.readiness.core.measure import Pointer
from nordlotse.readiness.models import Check, Comparing, Release
from tests.journey import factories
from tests.readiness import made

pytestmark = pytest.mark.django_db


def member(client: Client, name: str = "Kahn") -> tuple[Any, Company]:
    """Sign a new member of a new company in."""
    user = factories.person("expert").__class__.objects.create_user(f"m-{name}", email=f"{name}@example.org")
    company = factories.company(name)
    Membership.objects.create(company=company, user=user)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user, company


def talk(client: Client, key: str, *share: str) -> Case:
    """Send the talk page from a check."""
    sent = {"check": key, "name": "Hinnerk", "phone": "040 1234567", "once": key[-24:], "share": list(share)}
    assert client.post("/gespraech/", sent).status_code == 302
    return Case.objects.latest("opened_at")


# ---- into a case ----


def test_the_talk_page_shows_result_and_plan_unticked(client: Client) -> None:
    text = client.get(f"/gespraech/?check={made.kept(0.25)}").content.decode()
    assert "Reifegrad-Check" in text
    assert "Plan: " in text
    assert 'value="results" checked' not in text


def test_a_ticked_result_goes_into_the_case_with_its_plan(client: Client) -> None:
    case = talk(client, made.kept(0.25), "results")
    assert [r["kind"] for r in case.results] == ["readiness_check", "readiness_plan"]


def steps_of(client: Client, key: str, goal: str) -> tuple[list[str], list[str]]:
    """Return the steps on the plan's page, and those in the case that its link to a talk opens."""
    page = client.get(f"/check/{key}/plan/?{goal}").content.decode()
    link = re.search(r'gespraech/\?check=([^"]+)"', page.split('id="mitnehmen"')[1])
    assert link
    client.get(f"/gespraech/?check={link[1]}")
    case = talk(client, unquote(link[1]), "results")
    plan = next(r for r in case.results if r["kind"] == "readiness_plan")
    return re.findall(r'<li class="plan__step"><h3[^>]*>([^<]*)</h3>', page), [f[0] for f in plan["figures"]]


@pytest.mark.parametrize(
    "goal", ["", "ziel=budget&budget=1000", "ziel=level&stufe=2", "ziel=budget&budget=9000&employees=3"]
)
def test_the_plan_in_the_case_is_the_one_that_was_on_the_page(client: Client, goal: str) -> None:
    shown, taken = steps_of(client, made.kept(0.25), goal)
    assert shown
    assert [escape(step) for step in taken] == shown


def test_a_goal_that_is_none_brings_the_plan_of_who_names_none(client: Client) -> None:
    key = made.kept(0.25)
    plain = talk(client, key, "results").results[1]["figures"]
    assert talk(client, key + ".nobody.x.level.99", "results").results[1]["figures"] == plain


def test_the_case_page_shows_every_step_of_the_plan(client: Client) -> None:
    from tests.web.world import signed_in

    case = talk(client, made.kept(0.25), "results")
    steps = case.results[1]["figures"]
    page = signed_in("coordinator").get(f"/desk/faelle/{case.pk}/").content.decode()
    assert steps
    assert all(escape(label) in page for label, *_ in steps)


def test_without_the_tick_nothing_of_the_check_goes_into_the_case(client: Client) -> None:
    case = talk(client, made.kept(0.25))
    assert case.results == []
    assert not Service.objects.filter(kind="readiness").exists()


def test_the_link_of_the_check_is_not_in_the_case(client: Client) -> None:
    key = made.kept(0.25)
    case = talk(client, key, "results")
    assert key not in str(case.results)


def test_a_check_that_is_gone_turns_nobody_away(client: Client) -> None:
    assert client.get("/gespraech/?check=aaaaaaaaaaaaaaaaaaaaaaaa").status_code == 200


# ---- as a service ----


def test_a_result_in_a_case_is_one_service_made_by_the_company_itself(client: Client) -> None:
    case = talk(client, made.kept(0.25), "results")
    service = Service.objects.get(kind="readiness")
    assert (service.format, service.case_id, service.confirmed_at) == ("self", case.pk, None)


def test_the_same_check_in_two_cases_is_one_service(client: Client) -> None:
    key = made.kept(0.25)
    talk(client, key, "results")
    sent = {"check": key, "name": "Hinnerk", "phone": "040 1234567", "once": "second", "share": ["results"]}
    client.post("/gespraech/", sent)
    assert Case.objects.count() == 2
    assert Service.objects.filter(kind="readiness").count() == 1


def test_no_key_stands_in_a_service(client: Client) -> None:
    key = made.kept(0.25)
    talk(client, key, "results")
    assert key not in Service.objects.get(kind="readiness").source


def test_the_figures_count_a_confirmed_check(client: Client) -> None:
    from nordlotse.journey.actions import services
    from nordlotse.journey.core.periods import quarter_of
    from nordlotse.journey.queries import tallies

    talk(client, made.kept(0.25), "results")
    services.confirm(factories.person("coordinator"), [Service.objects.get(kind="readiness").pk])
    counted = tallies.tally(quarter_of(timezone.localdate()))[1]
    assert counted.tables["kind"]["readiness"].services == 1


# ---- with the company ----


def test_a_member_lays_a_finished_check_to_the_company_and_it_is_a_service(client: Client) -> None:
    _, company = member(client)
    key = made.kept(0.25)
    assert client.post(f"/betrieb/check/{key}/", {"do": "lay"}).status_code == 302
    assert Check.objects.get(pk=key).company == company.pk
    assert Service.objects.get(kind="readiness").company == company


def test_a_round_finished_at_the_company_is_a_service_of_its_own(client: Client) -> None:
    user, company = member(client)
    key = made.kept(0.25)
    ties.lay(user, company, key)
    made.again(key, 0.75)
    assert Service.objects.filter(kind="readiness", company=company).count() == 2


def test_a_check_of_nobody_is_no_service() -> None:
    made.kept(0.25)
    assert not Service.objects.exists()


def test_the_company_page_lists_the_check(client: Client) -> None:
    member(client)
    key = made.kept(0.25)
    client.post(f"/betrieb/check/{key}/", {"do": "lay"})
    assert f"/check/{key}/" in client.get("/betrieb/").content.decode()


def test_many_checks_of_a_company_take_as_many_queries_as_one(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    user, company = member(client)
    for _ in range(6):
        ties.lay(user, company, made.kept())
    with django_assert_max_num_queries(6):
        assert len(of_company(company, "de")) == 6


def test_a_detached_check_stays_kept(client: Client) -> None:
    member(client)
    key = made.kept(0.25)
    client.post(f"/betrieb/check/{key}/", {"do": "lay"})
    client.post(f"/betrieb/check/{key}/", {"do": "away"})
    assert Check.objects.get(pk=key).company == ""


def test_a_check_of_another_company_is_not_taken(client: Client) -> None:
    user, company = member(client)
    key = made.kept(0.25)
    ties.lay(user, company, key)
    other, second = member(client, "Kogge")
    with pytest.raises(NotAllowed):
        ties.lay(other, second, key)


def test_only_members_lay_a_check_to_a_company(client: Client) -> None:
    _, company = member(client)
    stranger, _ = member(client, "Kogge")
    with pytest.raises(NotAllowed):
        ties.lay(stranger, company, made.kept(0.25))


def test_the_page_asks_before_it_lays(client: Client) -> None:
    member(client)
    text = client.get(f"/betrieb/check/{made.kept(0.25)}/").content.decode()
    assert "Zu unserem Betrieb legen" in text


def test_merged_companies_keep_their_checks(client: Client) -> None:
    user, company = member(client)
    into = factories.company("Kahn GmbH")
    key = made.kept(0.25)
    ties.lay(user, company, key)
    companies.merge(factories.person("coordinator"), company, into)
    assert Check.objects.get(pk=key).company == into.pk


def test_taking_back_the_company_s_consent_takes_its_checks_out_of_the_comparison(client: Client) -> None:
    user, company = member(client)
    keys = made.many(6)
    ties.lay(user, company, keys[0])
    releases.tend()
    companies.consent(user, company, "benchmark", given=False)
    assert not Comparing.objects.filter(check_of=keys[0], withdrawn_at=None).exists()
    assert Release.objects.get(model="own").cells == {}


def test_deleting_a_company_s_data_deletes_its_checks(client: Client) -> None:
    user, company = member(client)
    key = made.kept(0.25, agree=True)
    ties.lay(user, company, key)
    subject = keeping.subject_of_company(company)
    assert "readiness.Check" in keeping.kept(subject).tables
    privacy.delete_company(user, company, seen=keeping.kept(subject).hash, typed_name=company.name)
    assert not Check.objects.filter(pk=key).exists()


def test_a_check_nobody_opened_for_three_years_is_deleted() -> None:
    old, new = made.kept(0.25), made.kept(0.25)
    Check.objects.filter(pk=old).update(touched_at=timezone.now() - timedelta(days=1101))
    privacy.retain()
    assert set(Check.objects.values_list("pk", flat=True)) == {new}


# ---- the example centre ----


def test_the_example_centre_has_checks_that_count_nowhere() -> None:
    example.load(today=timezone.localdate())
    assert Check.objects.filter(is_example=True).count() == 24
    for key in Check.objects.values_list("pk", flat=True):
        comparing.agree(key)
    releases.tend()
    assert not Release.objects.exists()


# ---- where steps lead ----


def find(kind: str, key: str, **about: Any) -> Any:
    return HouseDirections().find(Pointer(kind, key), "de", **about)  # type: ignore[arg-type]


def test_the_house_s_directions_are_plugged_in() -> None:
    assert isinstance(directions._plugged[0], HouseDirections)


def test_a_step_leads_to_an_article_that_is_there(client: Client) -> None:
    article = next(iter(answers.knowledge().articles))[0]
    assert client.get(find("article", article).target).status_code == 200


def test_a_step_leads_to_no_article_that_is_not_there() -> None:
    assert find("article", "none-such") is None


def programmes(state: str) -> list[str]:
    found = dated.read_records().records.values()
    return [
        r.id
        for r in found
        if isinstance(r, dated.FundingRecord) and r.speaks and dated.state_on(r, timezone.localdate()) == state
    ]


def test_a_step_leads_to_an_open_programme_and_says_so(client: Client) -> None:
    found = next(d for d in (find("programme", key) for key in programmes("open")) if d)
    assert found.state.startswith("offen")
    assert client.get(found.target).status_code == 200


def test_a_step_leads_to_no_programme_that_has_ended() -> None:
    closed = programmes("closed")
    assert closed
    assert not [key for key in closed if find("programme", key)]


def test_a_step_leads_to_no_programme_of_another_state() -> None:
    records = dated.read_records().records
    own = [k for k in programmes("open") if getattr(records[k], "jurisdiction", "") == "HH"]
    assert own
    assert not [key for key in own if find("programme", key, state="MV")]


def test_a_step_leads_to_no_demonstrator_that_is_not_built() -> None:
    assert find("demonstrator", "twin") is None


def test_a_step_leads_to_an_offer_of_the_topic_near_by(client: Client) -> None:
    for state, slug in (("HH", "werft"), ("SH", "klinik")):
        partner = Partner.objects.create(slug=slug, name=slug, kind="association", state=state, visible=True)
        Offer.objects.create(partner=partner, kind="talk", title_de=f"Angebot {slug}", topic="it-security")
    found = find("offer", "it-security", state="SH")
    assert found.label == "Angebot klinik (klinik)"
    assert client.get(found.target).status_code == 200


def test_an_offer_may_be_named_by_one_of_the_centre_s_subjects() -> None:
    partner = Partner.objects.create(slug="werft", name="Werft", kind="association", state="HH", visible=True)
    Offer.objects.create(partner=partner, kind="talk", title_de="Sicher", topic="it-security")
    assert find("offer", "digitalisation").label == "Sicher (Werft)"


def test_hidden_partners_are_not_led_to() -> None:
    partner = Partner.objects.create(slug="werft", name="Werft", kind="association", state="HH", visible=False)
    Offer.objects.create(partner=partner, kind="talk", title_de="Sicher", topic="it-security")
    assert find("offer", "it-security") is None


def event(quota: int | None, days: int, slug: str) -> Event:
    begin = timezone.now() + timedelta(days=days)
    return Event.objects.create(
        slug=slug, title_de=slug, begin=begin, end=begin + timedelta(hours=2), topic="iot", quota=quota,
        status="published", kind="workshop", state="HH",
    )  # fmt: skip


def test_a_step_leads_to_the_next_event_with_free_places() -> None:
    event(0, 3, "voll")
    event(12, 9, "frei")
    found = find("event", "iot")
    assert found.label == "frei"
    assert "12 Plätze frei" in found.state


def test_a_step_leads_to_no_event_that_is_over() -> None:
    event(12, -9, "vorbei")
    assert find("event", "iot") is None
