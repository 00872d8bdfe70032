"""What the report says of stops without a reason, and whether reasons for them could change the order of the losses."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from nordlotse.iot.core.oee.evaluate import evaluate
from nordlotse.iot.core.oee.values import Given, Stop
from nordlotse.iot.core.states.values import State
from nordlotse.iot.models import Stop as Word
from nordlotse.iot.queries.report import order_open
from tests.iot.views.test_report_told import now, page, pdf, saw
from tests.iot.worked import HOUR, MONDAY

__all__ = ["now"]
MINUTE = HOUR // 60


def row(*stops: tuple[int, str]) -> Any:
    """A machine of the report that stood so many seconds for each reason ("" none)."""
    made = tuple(Stop(Fraction(seconds), reason or State.IDLE.label.de) for seconds, reason in stops)
    lost = sum((one.seconds for one in made), Fraction())
    elements = {"POT": Fraction(900_000), "PBT": Fraction(900_000), "APT": 900_000 - lost, "ADET": lost}
    return SimpleNamespace(use=SimpleNamespace(found=evaluate(Given(elements, "Säge", "", made))))


def test_the_order_is_open_where_losses_lie_closer_than_what_has_no_reason() -> None:
    near = ((36_000, "tool"), (35_640, "material"), (30_240, "wear"), (22_680, ""))
    assert order_open([row(*near)])
    assert not order_open([row((90_000, "tool"), (60_000, "material"), (30_000, "wear"), (600, ""))])


def test_the_order_is_open_where_stops_without_a_reason_are_one_of_the_losses_told() -> None:
    assert order_open([row((90_000, "tool"), (60_000, "material"), (30_000, ""))])
    assert not order_open([row((90_000, "tool"), (60_000, "material"), (30_000, "wear"))])


def test_reasons_missing_at_one_machine_move_no_loss_of_another() -> None:
    one = row((90_000, "tool"), (60_000, "material"), (59_900, "wear"))
    assert not order_open([one, row((30_000, "tool"), (600, ""))])
    assert order_open([row((90_000, "tool"), (60_000, "material"), (59_900, "wear"), (600, ""))])


@pytest.mark.django_db
def test_page_and_pdf_say_how_long_stops_without_a_reason_are(client: Client, now: list[int]) -> None:
    made = saw(now, days=1)
    told = "der Zeit, in der Maschinen standen; mit Gründen dazu kann sich die Reihenfolge der Verluste ändern."
    shown = page(client, made, "bericht/")
    assert "Ohne Grund sind 90 Minuten, 100 % " + told in shown or "Ohne Grund sind 1,5 Stunden, 100 % " + told in shown
    assert told.replace(" ", "") in pdf(client, made)
    assert "have no reason" in page(client, made, "bericht/", "/en")


@pytest.mark.django_db
def test_nothing_is_said_where_each_stop_has_a_reason(client: Client, now: list[int]) -> None:
    made = saw(now, days=1)
    Word.objects.create(machine=made.machine, begin=MONDAY, end=MONDAY + 9 * HOUR, reason="tool", state="fault")
    from nordlotse.iot.actions import results

    results.refresh(made.machine, now[0])
    assert "Ohne Grund sind" not in page(client, made, "bericht/")


@pytest.mark.django_db
def test_english_pages_name_the_source_of_the_formulas_in_english(client: Client, now: list[int]) -> None:
    made = saw(now, days=1)
    for name in ("bericht/", "m/{m}/auslastung/"):
        shown = page(client, made, name, "/en")
        assert "Helmut Schmidt University Hamburg" in shown and "Institut für" not in shown
