"""What a hall hands to a case says the same as its report, and no word that somebody typed freely."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import translation

from nordlotse.iot.actions import results, states, stops
from nordlotse.iot.core.measures import BRIEF
from nordlotse.iot.core.oee.losses import Valuable
from nordlotse.iot.models import Machine
from nordlotse.iot.queries import report
from nordlotse.iot.queries.report_words import told_name
from nordlotse.iot.queries.result import as_result
from nordlotse.iot.views.report import told
from tests.iot.worked import HOUR, MONDAY, SECOND, Filled

pytestmark = pytest.mark.django_db

DAY = 24 * HOUR
NOW = MONDAY + 4 * DAY


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Filled:
    made = Filled(euros_per_hour=Decimal("100"))
    made.work(days=3)
    states.find(made.machine, NOW)
    for day in range(3):
        begin = MONDAY + day * DAY
        stops.explain(made.machine, begin + 2 * HOUR, begin + 2 * HOUR + 2400 * SECOND, "Kollege Meier krank")
        stops.explain(made.machine, begin + 450 * 60 * SECOND, begin + 480 * 60 * SECOND, "setup")
    results.refresh(made.machine, NOW)
    monkeypatch.setattr("nordlotse.iot.queries.result.micros", lambda: NOW)
    return made


def summary(made: Filled, lang: str = "de") -> str:
    found = as_result(made.hall, lang)  # type: ignore[arg-type]
    assert found is not None
    return found.summary


def test_own_words_stay_in_the_hall(made: Filled) -> None:
    assert "Meier" not in summary(made) + summary(made, "en")
    assert "ein Grund in eigenen Worten" in summary(made)


def test_setup_is_called_setup_and_not_unplanned(made: Filled) -> None:
    assert "90 Minuten mit Rüsten" in summary(made)
    assert "ungeplant, von" not in summary(made)


def test_the_case_says_what_the_report_says_whatever_language_the_page_has(made: Filled) -> None:
    for lang in ("de", "en"):
        with translation.override(lang):
            whole = told(report.report(made.hall, None, NOW, lang), lang)["lead"]
        with translation.override("en" if lang == "de" else "de"):
            assert whole in summary(made, lang)


def test_machines_without_a_rate_are_told(made: Filled) -> None:
    second = Filled()
    Machine.objects.filter(pk=second.machine.pk).update(hall=made.hall, name="saege2")
    for row in list(made.machine.results.all()):
        row.pk, row.machine_id = None, second.machine.pk
        row.save()
    assert "Für 1 Maschine fehlt der Stundensatz" in summary(made)


def test_short_interruptions_are_no_own_words() -> None:
    loss = Valuable(None, "stops", BRIEF, None, None)  # type: ignore[arg-type]
    assert told_name(loss, "de") == "Unterbrechungen unter 1 Minute"
