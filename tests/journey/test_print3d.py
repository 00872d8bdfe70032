"""A checked part on the company's way: into a talk and a case, to the company, as a service; and what comes after the check."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from nordlotse.dialogue.models import Event
from nordlotse.foundation.problem import NotAllowed, NotFound
from nordlotse.journey.actions import companies, example, privacy, services
from nordlotse.journey.actions import parts as ties
from nordlotse.journey.core.periods import quarter_of
from nordlotse.journey.models import Case, Company, Membership, Service
from nordlotse.journey.queries import keeping, tallies
from nordlotse.journey.queries.after_print import after
from nordlotse.journey.queries.directions import HouseDirections
from nordlotse.journey.queries.parts import cases_with, of_company
from nordlotse.network.models import Offer, Partner
from nordlotse.office.models import StoredFile
from nordlotse.print3d import elsewhere
from nordlotse.print3d.actions import belonging
from nordlotse.print3d.announcements import examined
from nordlotse.print3d.models import Part
from nordlotse.print3d.queries import parts
from nordlotse.readiness.core.measure import Pointer
from tests.journey import factories
from tests.print3d import made

pytestmark = pytest.mark.django_db


def member(client: Client, name: str = "Kahn") -> tuple[Any, Company]:
    """Sign a new member of a new company in."""
    user = factories.person("expert").__class__.objects.create_user(f"m-{name}", email=f"{name}@example.org")
    company = factories.company(name)
    Membership.objects.create(company=company, user=user)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user, company


def talk(client: Client, key: str, *share: str, once: str = "", **more: str) -> Case:
    """Send the talk page from a part."""
    sent = {"teil": key, "name": "Hinnerk", "phone": "040 1234567", "once": once or key, "share": list(share), **more}
    assert client.post("/gespraech/", sent).status_code == 302
    return Case.objects.latest("opened_at")


# ---- into a case ----


@pytest.mark.parametrize(("begin", "title"), [("", "Druckprüfung: holder.stl"), ("/en", "Print check: holder.stl")])
def test_the_talk_page_shows_the_result_unticked(client: Client, begin: str, title: str) -> None:
    address = "/gespraech/" if not begin else "/en/gespraech/"
    text = client.get(f"{address}?teil={made.kept()}").content.decode()
    assert title in text
    assert 'value="results" checked' not in text


def test_the_talk_page_shows_every_figure_that_would_go_along(client: Client) -> None:
    text = client.get(f"/gespraech/?teil={made.kept()}").content.decode()
    assert "Befund 1: Die Wand ist dünner" in text
    assert "Kosten je Stück bei 10" in text


def test_the_talk_page_shows_the_drawing_that_would_go_along(client: Client) -> None:
    text = client.get(f"/gespraech/?teil={made.kept(picture=True)}").content.decode()
    assert 'src="data:image/svg+xml;base64,' in text
    assert "holder.stl von schräg oben: 1 Die Wand" in text


def test_a_ticked_result_goes_into_the_case_with_its_drawing(client: Client) -> None:
    result = talk(client, made.kept(picture=True), "results").results[0]
    assert result["kind"] == "print_check"
    assert result["picture"].startswith("<svg")
    assert "von schräg oben: 1 Die Wand" in result["picture_text"]


def test_without_the_tick_nothing_of_the_part_goes_into_the_case(client: Client) -> None:
    assert talk(client, made.kept()).results == []
    assert not Service.objects.exists()


def test_the_link_of_the_part_is_not_in_the_case(client: Client) -> None:
    key = made.kept(picture=True)
    assert key not in str(talk(client, key, "results").results)


def test_a_part_that_is_gone_turns_nobody_away(client: Client) -> None:
    assert client.get("/gespraech/?teil=aaaaaaaaaaaaaaaaaaaaaaaa").status_code == 200


def test_an_expired_part_brings_nothing_along(client: Client) -> None:
    key = made.kept(expires_at=timezone.now() - timedelta(hours=1))
    assert talk(client, key, "results").results == []


def test_a_part_still_being_checked_brings_nothing_along(client: Client) -> None:
    assert talk(client, made.kept(done=False), "results").results == []


def test_the_case_page_of_the_staff_shows_figures_and_drawing(client: Client) -> None:
    from tests.web.world import signed_in

    case = talk(client, made.kept(picture=True), "results")
    page = signed_in("coordinator").get(f"/desk/faelle/{case.pk}/").content.decode()
    figures = case.results[0]["figures"]
    assert len(figures) > 8
    assert all(escape(value) in page for _, value, _ in figures)
    assert "data:image/svg+xml;base64," in page


def test_the_page_after_sending_leads_back_to_the_part_in_this_browser_alone(client: Client) -> None:
    key = made.kept()
    case = talk(client, key, "results")
    assert f"/druck/{key}/" in client.get(f"/gespraech/danke/{case.pk}/").content.decode()
    assert key not in Client().get(f"/gespraech/danke/{case.pk}/").content.decode()


def test_what_was_sent_along_can_be_taken_back(client: Client) -> None:
    case = talk(client, made.kept(), "results")
    client.post(f"/gespraech/danke/{case.pk}/", {"do": "withdraw"})
    case.refresh_from_db()
    page = client.get(f"/gespraech/danke/{case.pk}/").content.decode()
    assert "haben Sie es zurückgenommen" in page


def test_a_part_may_be_taken_to_a_partner(client: Client) -> None:
    partner = Partner.objects.create(slug="druckhaus", name="Druckhaus", kind="company", state="HH", visible=True)
    case = talk(client, made.kept(), "results", partner="druckhaus")
    assert case.wished_partner == partner
    assert case.results[0]["kind"] == "print_check"


def test_the_part_knows_which_cases_its_result_went_to(client: Client) -> None:
    key = made.kept()
    case = talk(client, key, "results")
    assert cases_with(key) == [str(case.number)]
    assert list(elsewhere.cases_with(key)) == [str(case.number)]


# ---- as a service ----


def test_a_result_in_a_case_is_one_demonstration_made_by_the_company_itself(client: Client) -> None:
    case = talk(client, made.kept(), "results")
    service = Service.objects.get()
    assert (service.kind, service.format, service.topic) == ("demonstration", "self", "print3d")
    assert (service.case_id, service.confirmed_at) == (case.pk, None)


def test_the_same_part_in_two_cases_is_one_service(client: Client) -> None:
    key = made.kept()
    talk(client, key, "results")
    talk(client, key, "results", once="second")
    assert Case.objects.count() == 2
    assert Service.objects.count() == 1


def test_no_key_stands_in_a_service(client: Client) -> None:
    key = made.kept()
    talk(client, key, "results")
    assert key not in Service.objects.get().source


def test_the_figures_count_a_confirmed_part(client: Client) -> None:
    talk(client, made.kept(), "results")
    services.confirm(factories.person("coordinator"), [Service.objects.get().pk])
    counted = tallies.tally(quarter_of(timezone.localdate()))[1]
    assert counted.tables["kind"]["demonstration"].services == 1


# ---- with the company ----


def test_a_member_lays_a_checked_part_to_the_company_and_it_is_a_service(client: Client) -> None:
    _, company = member(client)
    key = made.kept()
    assert client.post(f"/betrieb/teil/{key}/", {"do": "lay"}).status_code == 302
    assert Part.objects.get(pk=key).company == company.pk
    assert Service.objects.get(kind="demonstration").company == company


def test_a_part_laid_before_its_check_is_done_is_a_service_when_it_is(client: Client) -> None:
    user, company = member(client)
    key = made.kept(done=False)
    ties.lay(user, company, key)
    assert not Service.objects.exists()
    Part.objects.filter(pk=key).update(found=made.examined("holder")[0])
    examined.send(Part, key=key)
    assert Service.objects.get().company == company


def test_a_part_checked_again_is_no_further_service(client: Client) -> None:
    user, company = member(client)
    key = made.kept()
    ties.lay(user, company, key)
    examined.send(Part, key=key)
    assert Service.objects.count() == 1


def test_a_part_of_nobody_is_no_service() -> None:
    examined.send(Part, key=made.kept())
    assert not Service.objects.exists()


def test_the_company_page_lists_the_part_with_its_verdict_and_its_last_day(client: Client) -> None:
    user, company = member(client)
    key = made.kept()
    ties.lay(user, company, key)
    text = client.get("/betrieb/").content.decode()
    assert f"/druck/{key}/" in text
    assert "druckbar (" in text
    assert "gelöscht" in text


def test_many_parts_of_a_company_take_as_many_queries_as_one(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    user, company = member(client)
    for _ in range(6):
        ties.lay(user, company, made.kept())
    with django_assert_max_num_queries(3):
        assert len(of_company(company, "de")) == 6


def test_a_detached_part_stays_under_its_link(client: Client) -> None:
    member(client)
    key = made.kept()
    client.post(f"/betrieb/teil/{key}/", {"do": "lay"})
    client.post(f"/betrieb/teil/{key}/", {"do": "away"})
    assert Part.objects.get(pk=key).company == ""


def test_a_part_of_another_company_is_not_taken(client: Client) -> None:
    user, company = member(client)
    key = made.kept()
    ties.lay(user, company, key)
    other, second = member(client, "Kogge")
    with pytest.raises(NotAllowed):
        ties.lay(other, second, key)


def test_only_members_lay_a_part_to_a_company(client: Client) -> None:
    _, company = member(client)
    stranger, _ = member(client, "Kogge")
    with pytest.raises(NotAllowed):
        ties.lay(stranger, company, made.kept())


def test_an_expired_part_is_not_laid_anywhere(client: Client) -> None:
    user, company = member(client)
    with pytest.raises(NotFound):
        ties.lay(user, company, made.kept(expires_at=timezone.now() - timedelta(hours=1)))


@pytest.mark.parametrize(("begin", "asked"), [("", "Zu unserem Betrieb legen"), ("/en", "Put with our company")])
def test_the_page_asks_before_it_lays(client: Client, begin: str, asked: str) -> None:
    member(client)
    page = client.get(f"{begin}/betrieb/teil/{made.kept()}/")
    assert asked in page.content.decode()
    assert page["X-Robots-Tag"] == "noindex, nofollow"


def test_merged_companies_keep_their_parts(client: Client) -> None:
    user, company = member(client)
    into = factories.company("Kahn GmbH")
    key = made.kept()
    ties.lay(user, company, key)
    companies.merge(factories.person("coordinator"), company, into)
    assert Part.objects.get(pk=key).company == into.pk


def test_moving_from_no_company_moves_nothing() -> None:
    made.kept(done=False)
    assert belonging.move("", "somewhere") == 0


def test_deleting_a_company_s_data_deletes_its_parts_and_their_files(client: Client) -> None:
    user, company = member(client)
    key = made.kept(picture=True)
    ties.lay(user, company, key)
    subject = keeping.subject_of_company(company)
    assert "print3d.Part" in keeping.kept(subject).tables
    privacy.delete_company(user, company, seen=keeping.kept(subject).hash, typed_name=company.name)
    assert not Part.objects.filter(pk=key).exists()
    assert not StoredFile.objects.filter(room=parts.ROOM, reference=key).exists()


# ---- the example centre ----


def test_the_example_centre_has_a_part_that_counts_nowhere_and_goes_without_a_trace() -> None:
    example.load(today=timezone.localdate())
    part = Part.objects.get(is_example=True)
    assert part.company
    assert Case.objects.filter(results__0__kind="print_check").exists()
    example.remove()
    assert not Part.objects.exists()
    assert not StoredFile.objects.filter(room=parts.ROOM).exists()


# ---- what comes after ----


def steps(key: str, lang: str = "de") -> dict[str, Any]:
    """Return what comes after a part's check, by kind, the first of each."""
    found: dict[str, Any] = {}
    for one in after(parts.by_key(key), lang):  # type: ignore[arg-type]
        found.setdefault(one.kind, one)
    return found


def partner(name: str, state: str = "HH", **values: Any) -> Partner:
    """Return a new visible partner."""
    return Partner.objects.create(slug=name, name=name, kind="company", state=state, visible=True, **values)


def offer(of: Partner, topic: str = "printing-plastic", **values: Any) -> Offer:
    """Return a new offer of a partner."""
    given = {"kind": "test", "title_de": "Drucken", "text_de": ""} | values
    return Offer.objects.create(partner=of, topic=topic, **given)


def test_the_query_is_plugged_in() -> None:
    key = made.kept()
    assert list(elsewhere.found(parts.by_key(key), "de")) == list(after(parts.by_key(key), "de"))


@pytest.mark.parametrize("lang", ["de", "en"])
def test_every_step_leads_to_a_page_that_is_there(client: Client, lang: str) -> None:
    offer(partner("druckhaus"))
    found = after(parts.by_key(made.kept()), lang)  # type: ignore[arg-type]
    assert [one.kind for one in found][:2] == ["partner", "talk"]
    for one in found:
        assert client.get(one.target).status_code == 200


def test_the_first_step_asks_the_partner_that_names_a_machine_of_the_process() -> None:
    offer(partner("allgemein"))
    offer(partner("fachhaus"), title_de="Lasersintern ausprobieren", equipment="Formlabs Fuse (SLS)")
    key = made.kept(wishes=parts.wishes_kept(parts.wishes_of({"process": "sls"})), found=with_process("sls"))
    found = after(parts.by_key(key), "de")[0]
    assert (found.kind, found.label) == ("partner", "Bei fachhaus anfragen")
    assert "Formlabs Fuse" in found.reason
    asked = parse_qs(urlsplit(found.target).query)
    assert asked == {"teil": [key], "partner": ["fachhaus"]}


def with_process(process: str) -> str:
    """Return what is kept of the sample part when a process was asked for."""
    from dataclasses import replace

    from nordlotse.print3d.core.whole import Wishes, from_text, to_text

    return to_text(replace(from_text(made.examined("holder")[0]), wishes=Wishes(process=process)))


def test_a_partner_of_the_company_s_state_goes_before_others(client: Client) -> None:
    offer(partner("anderswo", "SH"), equipment="FDM")
    offer(partner("nebenan", "HH"))
    user, company = member(client)
    key = made.kept()
    ties.lay(user, company, key)
    assert steps(key)["partner"].label == "Bei nebenan anfragen"


def test_hidden_partners_are_not_named() -> None:
    hidden = partner("heimlich")
    offer(hidden)
    Partner.objects.filter(pk=hidden.pk).update(visible=False)
    assert "partner" not in steps(made.kept())


def test_without_a_partner_a_human_is_the_first_step() -> None:
    key = made.kept()
    first = after(parts.by_key(key), "de")[0]
    assert (first.kind, first.target) == ("talk", f"/gespraech/?teil={key}")


def test_the_article_fits_what_was_found() -> None:
    assert steps(made.kept("holder"))["article"].target == "/wissen/print3d-10/"
    assert steps(made.kept("bracket"))["article"].target == "/wissen/print3d-20/"


def test_a_file_that_is_not_sound_is_repaired_first() -> None:
    from dataclasses import replace

    from nordlotse.print3d.core.whole import from_text, to_text

    found = from_text(made.examined("holder")[0])
    hole = replace(found.checked.findings[0], code="hole")
    key = made.kept(found=to_text(replace(found, checked=replace(found.checked, findings=(hole,)))))
    offer(partner("druckhaus"))
    assert after(parts.by_key(key), "de")[0].target == f"/druck/{key}/reparatur/"


def test_the_next_event_on_the_subject_is_named_while_there_are_places() -> None:
    begin = timezone.now() + timedelta(days=9)
    Event.objects.create(
        slug="drucken", title_de="Drucken lernen", begin=begin, end=begin + timedelta(hours=2), topic="print3d",
        quota=12, status="published", kind="workshop", state="HH",
    )  # fmt: skip
    found = steps(made.kept())["event"]
    assert found.label == "Drucken lernen"
    assert "12 Plätze frei" in found.reason


def test_nothing_comes_after_a_check_that_is_not_done() -> None:
    assert after(parts.by_key(made.kept(done=False)), "de") == ()


def test_a_step_of_a_readiness_plan_leads_to_the_print_check() -> None:
    found = HouseDirections().find(Pointer("demonstrator", "print_check"), "de")
    assert found is not None
    assert found.target == "/druck/"
