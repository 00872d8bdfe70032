"""The consent to be compared, the releases made from it, and what a company gets to see of others."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from nordlotse.readiness.actions import checks, comparing, releases
from nordlotse.readiness.core.consent import current
from nordlotse.readiness.models import Check, Comparing, Release, Sheet
from nordlotse.readiness.queries import comparison, effects
from nordlotse.readiness.queries import models as known
from tests.readiness import made

pytestmark = pytest.mark.django_db


def tomorrow() -> None:
    """Let a day pass for what was released."""
    for row in Release.objects.all():
        row.made_at -= timedelta(days=1)
        row.save(update_fields=["made_at"])


def shown() -> dict[str, int]:
    return {name: cell.n for name, cell in comparison.published(known.available()["own"]).items()}


# ---- the consent ----


def test_keeping_a_check_is_no_consent() -> None:
    made.many(6, agree=False)
    releases.tend()
    assert not shown()


def test_a_consent_names_the_version_of_its_text() -> None:
    key = made.kept(agree=True)
    assert Comparing.objects.get(check_of=key).text_version == current().version


def test_agreeing_twice_is_agreeing_once() -> None:
    key = made.kept(agree=True)
    comparing.agree(key)
    assert Comparing.objects.filter(check_of=key).count() == 1


def test_a_consent_taken_back_can_be_given_again() -> None:
    key = made.kept(agree=True)
    comparing.withdraw(key)
    assert not comparison.consent_of(key).given
    comparing.agree(key)
    assert comparison.consent_of(key).given


# ---- releases ----


def test_five_who_agreed_are_published() -> None:
    made.many(5)
    releases.tend()
    assert shown()["all"] == 5


def test_four_are_not() -> None:
    made.many(4)
    releases.tend()
    assert not shown()


def test_examples_never_count() -> None:
    keys = made.many(6)
    Check.objects.filter(pk__in=keys[:3]).update(is_example=True)
    releases.tend()
    assert not shown()


def test_a_check_with_an_unknown_answer_does_not_count() -> None:
    keys = made.many(5)
    sheet = Sheet.objects.get(round__check_of=keys[0])
    name = next(n for n in sheet.answers if n not in ("employees", "sector", "state"))
    sheet.answers = sheet.answers | {name: "dont_know"}
    sheet.save()
    releases.tend()
    assert not shown()


def test_an_unfinished_check_does_not_count() -> None:
    keys = made.many(5)
    Check.objects.get(pk=keys[0]).rounds.update(finished_at=None)
    releases.tend()
    assert not shown()


def test_a_company_with_two_checks_counts_once() -> None:
    keys = made.many(5)
    Check.objects.filter(pk__in=keys[:2]).update(company="betrieb")
    releases.tend()
    assert not shown()


def test_the_first_round_counts_whatever_comes_later() -> None:
    keys = made.many(5)
    releases.tend()
    before = comparison.published(known.available()["own"])["all"].values
    for key in keys:
        made.again(key, 1.0)
    tomorrow()
    releases.tend()
    assert comparison.published(known.available()["own"])["all"].values == before


def test_a_second_release_on_the_same_day_is_not_made() -> None:
    made.many(5)
    releases.tend()
    made.many(5)
    assert releases.tend() == 0
    assert shown()["all"] == 5


def test_without_a_change_no_release_is_made() -> None:
    made.many(5)
    releases.tend()
    tomorrow()
    assert releases.tend() == 0


def test_one_more_company_is_shown_only_with_four_others() -> None:
    made.many(6)
    releases.tend()
    made.many(1)
    tomorrow()
    releases.tend()
    assert shown()["all"] == 6
    made.many(4)
    tomorrow()
    releases.tend()
    assert shown()["all"] == 11


def test_a_withdrawal_takes_every_group_of_the_company_off_the_page_at_once() -> None:
    keys = made.many(6, sector="C") + made.many(6, sector="F", employees=100)
    releases.tend()
    assert {"all", "small", "medium"} <= set(shown())
    comparing.withdraw(keys[0])
    assert set(shown()) == {"medium", "medium/F", "medium/F/HH"}


def test_after_a_withdrawal_the_group_comes_back_without_the_company_and_four_others() -> None:
    keys = made.many(12)
    releases.tend()
    comparing.withdraw(keys[0])
    tomorrow()
    releases.tend()
    assert shown()["all"] == 7


def test_deleting_a_check_takes_its_groups_off_the_page_at_once() -> None:
    keys = made.many(6)
    releases.tend()
    checks.delete(keys[0])
    assert not shown()


def test_no_key_of_a_check_stands_in_a_release() -> None:
    keys = made.many(6)
    releases.tend()
    row = Release.objects.get(model="own")
    assert not [key for key in keys if key in str(row.members) or key in str(row.cells)]


def test_a_release_of_another_version_of_the_model_is_not_shown() -> None:
    made.many(6)
    releases.tend()
    Release.objects.update(model_hash="old")
    assert not shown()


# ---- what a company sees ----


def page(client: Client, key: str, lang: str = "") -> str:
    response = client.get(f"{lang}/check/{key}/vergleich/")
    assert response.status_code == 200
    return response.content.decode()


def test_with_too_few_companies_the_page_says_so(client: Client) -> None:
    text = page(client, made.kept())
    assert "Zu wenige Betriebe" in text
    assert "keine Stichprobe" in text


def test_the_page_shows_the_number_and_how_it_was_searched(client: Client) -> None:
    made.many(8, sector="F")
    releases.tend()
    text = page(client, made.kept(sector="C"))
    assert "8 Betriebe in der Gruppe „10 bis 49 Beschäftigte“" in text
    assert "zu wenige" in text
    assert "95-%-Intervall" in text


def test_the_english_page_speaks_english(client: Client) -> None:
    made.many(8)
    releases.tend()
    text = page(client, made.kept(), "/en")
    assert "8 companies in the group" in text
    assert "Yes, count us" in text


def test_agreeing_and_withdrawing_are_one_button_each(client: Client) -> None:
    key = made.kept()
    client.post(f"/check/{key}/vergleich/", {"do": "agree"})
    assert comparison.consent_of(key).given
    assert "Zustimmung zurücknehmen" in page(client, key)
    client.post(f"/check/{key}/vergleich/", {"do": "withdraw"})
    assert not comparison.consent_of(key).given


def test_an_unknown_check_has_no_page(client: Client) -> None:
    assert client.get("/check/aaaaaaaaaaaaaaaaaaaaaaaa/vergleich/").status_code == 404


# ---- changes over companies ----


def changes() -> effects.Change:
    return next(m for m in effects.effects("de") if m.model == "own").changes[0]


def test_five_pairs_show_their_mean_change() -> None:
    for n, key in enumerate(made.many(6)):
        made.again(key, 0.75 if n % 2 else 1.0)
    releases.tend()
    assert changes().n == 6
    assert changes().sentence.startswith("6 Betriebe haben T0 und T1 gemacht.")


def test_four_pairs_show_nothing() -> None:
    for key in made.many(4):
        made.again(key, 1.0)
    releases.tend()
    assert changes().n == 0


def test_who_is_overdue_counts_as_lost_with_the_first_result() -> None:
    for key in made.many(6):
        made.again(key, 1.0)
    for key in made.many(5):
        made.days_ago(key, 500)
    releases.tend()
    assert changes().lost == 5
    assert changes().lost_start


def test_who_is_not_due_yet_is_not_lost() -> None:
    for key in made.many(6):
        made.again(key, 1.0)
    made.many(5)
    releases.tend()
    assert changes().lost is None


def smallest_difference() -> int:
    """Return how few companies the difference of any two groups ever published is about, whatever they were published for."""
    groups = {group for row in Release.objects.all() for group in comparison.issue_of(row).members.values()}
    return min(len(a ^ b) for a in groups for b in [*groups, frozenset()] if a != b)


def test_the_changes_beside_the_comparison_tell_of_no_single_company() -> None:
    keys = made.many(12)
    for key in keys[:11]:
        made.again(key, 1.0)
    for key in keys[:10]:
        made.again(key, 0.5)
    releases.tend()
    assert shown()["all"] == 12
    assert changes().n
    assert smallest_difference() >= 5


def test_another_model_beside_the_short_check_tells_of_no_single_company() -> None:
    made.many(1)
    made.many(5, models=("own", "impuls"))
    releases.tend()
    assert shown()["all"] == 6
    assert smallest_difference() >= 5


def test_the_worker_makes_the_releases() -> None:
    from nordlotse.readiness import tasks

    made.many(5)
    tasks.run()
    assert Release.objects.filter(model="own", made_at__lte=timezone.now()).exists()
