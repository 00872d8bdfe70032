"""What the watch proposes to learn from, how an alarm's peak is told on both pages, and how a judgement is shown once given."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from nordlotse.iot.core.stores import micros
from nordlotse.iot.models import Alarm, Hall, Machine, Watch
from nordlotse.iot.queries.alarm_page import shown
from nordlotse.iot.queries.watching import DAY, HOUR, proposed
from tests.iot.written import Written

pytestmark = pytest.mark.django_db


@pytest.fixture
def machine() -> Machine:
    """A machine with a value every ten minutes for six days up to now."""
    made = Machine.objects.create(hall=Hall.objects.create(), name="saege", title="Säge")
    now = micros()
    times = list(range(now - 6 * DAY, now, HOUR // 6))
    Written(made.hall.store).put("saege", "Strom", times, [8.0 + (place % 7) / 10 for place in range(len(times))])
    return made


def fault(machine: Machine, verdict: str = "real", ago: int = HOUR) -> Alarm:
    begin = micros() - ago
    reason = {"sensor": "Strom", "share": 1.0, "seen": 9.0, "usual": 8.0}
    return Alarm.objects.create(machine=machine, kind="unusual", begin=begin, end=begin + HOUR // 6, verdict=verdict, score=6.419, limit=1.0, reasons=[reason])  # fmt: skip


def text(machine: Machine, path: str) -> str:
    answer = Client().get(f"/maschinen/{machine.hall.pk}/{path}")
    assert answer.status_code == 200
    return answer.content.decode()


def plain(page: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


@pytest.mark.parametrize("verdict", ["real", ""])
def test_a_fault_that_was_real_or_is_not_judged_is_never_in_the_time_proposed(machine: Machine, verdict: str) -> None:
    before = proposed(machine)
    assert before is not None
    made = fault(machine, verdict, ago=micros() - (before.begin + before.end) // 2)
    after = proposed(machine)
    assert after is not None and made.end is not None
    assert after.end <= made.begin - HOUR or after.begin >= made.end + HOUR


def test_a_false_alarm_leaves_the_time_proposed_as_it_is(machine: Machine) -> None:
    before = proposed(machine)
    assert before is not None
    fault(machine, "false", ago=micros() - (before.begin + before.end) // 2)
    after = proposed(machine)
    assert after is not None and after.begin == before.begin


def test_nothing_is_proposed_while_one_alarm_lasts_over_all_values_and_the_page_says_so(machine: Machine) -> None:
    Alarm.objects.create(machine=machine, kind="above", begin=micros() - 20 * DAY, end=None, reasons=[])
    assert proposed(machine) is None
    assert "Einen ruhigen Zeitraum können wir gerade nicht vorschlagen" in plain(
        text(machine, f"m/{machine.pk}/waechter/")
    )


def test_the_form_holds_the_dates_of_the_sentence_above_it_whatever_was_learnt_before(machine: Machine) -> None:
    Watch.objects.create(machine=machine, good_from=micros() - 30 * DAY, good_to=micros() - 29 * DAY)
    page = text(machine, f"m/{machine.pk}/waechter/")
    said = re.search(r"vom (\S+), (\S+) bis (\S+), (\d\d:\d\d)", plain(page))
    assert said is not None
    for day, clock in (said.groups()[:2], said.groups()[2:]):
        date, month, year = day.split(".")
        assert f"{year}-{month}-{date}T{clock}" in page


def test_an_alarm_tells_its_peak_by_the_limit_that_the_watch_tells_it_by(machine: Machine) -> None:
    made = fault(machine)
    assert (shown(made, "de").score, shown(made, "de").moved) == ("6,42", False)
    Watch.objects.create(machine=machine, learned_at=timezone.now() - timedelta(hours=2), limit_factor=2.0)
    assert (shown(made, "de").score, shown(made, "de").moved) == ("3,21", True)


def test_a_judged_alarm_shows_the_judgement_and_asks_no_more(machine: Machine) -> None:
    asked = plain(text(machine, f"alarme/{fault(machine, '').pk}/"))
    judged = text(machine, f"alarme/{fault(machine).pk}/")
    assert "Was war es?" in asked and "Ihr Urteil" not in asked
    assert "Ihr Urteil: stimmte" in plain(judged) and "<summary>ändern</summary>" in judged
    heading = re.search(r'id="was">(.*?)</h2>', judged, re.S)
    assert heading is not None and "Was war es?" not in heading[1]


def test_that_a_judgement_was_kept_is_told_once(machine: Machine) -> None:
    where = f"/maschinen/{machine.hall.pk}/alarme/{fault(machine, '').pk}/"
    answer = Client().post(where, {"do": "judge", "verdict": "real"}, follow=True)
    assert plain(answer.content.decode()).count("Gemerkt.") == 1
