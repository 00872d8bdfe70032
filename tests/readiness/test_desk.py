"""The coordinator's page of checks, and the page of changes: what is counted, and what is too few to be told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from nordlotse.readiness.actions import releases
from nordlotse.readiness.models import Check, Release
from nordlotse.readiness.queries import desk, effects
from tests.readiness import made
from tests.web.world import signed_in

pytestmark = pytest.mark.django_db


def text(role: str, path: str) -> str:
    response = signed_in(role).get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_the_desk_tells_that_nobody_has_kept_a_check() -> None:
    assert "Noch hat niemand einen Check gesichert." in text("coordinator", "/desk/check/")


def test_checks_are_counted_by_month_without_examples() -> None:
    keys = made.many(7, agree=False)
    Check.objects.filter(pk=keys[0]).update(is_example=True)
    assert [m.checks.shown for m in desk.months()] == [6]


def test_one_to_four_checks_are_not_told_exactly() -> None:
    made.many(3, agree=False)
    assert [m.checks.shown for m in desk.months()] == [None]
    assert "weniger als 5" in text("coordinator", "/desk/check/")


def test_the_desk_shows_what_is_published() -> None:
    made.many(6)
    releases.tend()
    assert "alle Betriebe: n = 6" in text("coordinator", "/desk/check/")


def test_the_page_of_changes_says_too_few() -> None:
    assert "Zu wenige Betriebe" in text("officer", "/bericht/check/")


def test_the_page_of_changes_says_what_it_does_not_say() -> None:
    for key in made.many(6):
        made.again(key, 1.0)
    releases.tend()
    page = text("researcher", "/bericht/check/")
    assert "6 Betriebe haben T0 und T1 gemacht." in page
    assert "nicht warum" in page


def test_the_page_of_changes_speaks_english() -> None:
    for key in made.many(6):
        made.again(key, 1.0)
    releases.tend()
    assert "6 companies made T0 and T1." in text("researcher", "/en/bericht/check/")


def test_an_expert_sees_neither_page(client: Client) -> None:
    expert = signed_in("expert")
    assert expert.get("/desk/check/").status_code == 403
    assert expert.get("/bericht/check/").status_code == 403


def test_both_pages_ask_the_database_as_often_for_many_releases_as_for_none(
    django_assert_max_num_queries: Any,
) -> None:
    for _ in range(2):
        made.many(5)
        releases.tend()
        Release.objects.update(made_at=timezone.now() - timedelta(days=1))
    with django_assert_max_num_queries(3):
        assert desk.models("de")[0].cells
    with django_assert_max_num_queries(3):
        effects.effects("de")
