"""The example centre comes, is marked, and goes without a trace."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from nordlotse.foundation.problem import BadInput
from nordlotse.journey.actions import example
from nordlotse.journey.models import Case, Company, Service
from nordlotse.network.models import Partner, Person

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()

#: What stays: the log of what was done (ids and verbs), and nothing else.
STAYS = {"office.LogEntry", "office.LogHead"}


def everything() -> dict[str, int]:
    return {m._meta.label: m._default_manager.count() for m in apps.get_models() if m._meta.label not in STAYS}


def test_it_is_as_large_as_promised_and_all_of_it_is_marked() -> None:
    example.load(today=TODAY)
    assert Partner.objects.count() == 21
    assert Person.objects.count() == 40
    assert Company.objects.count() == 200
    assert Case.objects.count() > 150
    for model in (Partner, Person, Company, Case, Service):
        assert not model._default_manager.filter(is_example=False).exists(), model


def test_every_status_a_desk_should_show_is_there_and_nothing_lies_in_the_future() -> None:
    example.load(today=TODAY)
    found = set(Case.objects.values_list("status", flat=True))
    assert {"new", "proposed", "in_work", "waiting", "closed", "effect_asked"} <= found
    assert Case.objects.order_by("-opened_at").first().opened_at.date() <= TODAY  # type: ignore[union-attr]
    assert not Service.objects.filter(day__gt=TODAY).exists()


def test_removing_it_leaves_every_table_as_it_was() -> None:
    Company.objects.create(name="Echte Firma")
    before = everything()
    example.load(today=TODAY)
    assert everything() != before
    example.remove()
    assert everything() == before


def test_the_same_seed_makes_the_same_centre() -> None:
    def shape() -> list[Any]:
        return list(Case.objects.order_by("number").values_list("title", "status", "company__name", "opened_at"))

    example.load(seed=7, today=TODAY)
    first = shape()
    example.remove()
    example.load(seed=7, today=TODAY)
    assert [row[:3] for row in shape()] == [row[:3] for row in first]
    example.remove()
    example.load(seed=8, today=TODAY)
    assert [row[:3] for row in shape()] != [row[:3] for row in first]


def test_it_is_loaded_once() -> None:
    example.load(today=TODAY)
    with pytest.raises(BadInput, match="example_there"):
        example.load(today=TODAY)


def test_removing_nothing_does_nothing() -> None:
    assert example.remove() == {}
