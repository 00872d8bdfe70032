"""What is said about a period, what to do about a loss, what a signal stands for, and the pictures."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree

import pytest

from nordlotse.foundation.language import Text
from nordlotse.iot.core.drawing.bars import Bar, Column, bars, columns, stacked
from nordlotse.iot.core.drawing.strip import levels, strip
from nordlotse.iot.core.drawing.svg import Size
from nordlotse.iot.core.measures import NO_REASON, measure_for, measures, reason_name, valuable
from nordlotse.iot.core.oee.evaluate import evaluate
from nordlotse.iot.core.oee.losses import Valuable, waterfall
from nordlotse.iot.core.oee.values import Evaluated, Given, Stop
from nordlotse.iot.core.periods import PERIODS, period
from nordlotse.iot.core.report import report_pdf
from nordlotse.iot.core.roles import role_of, roles
from nordlotse.iot.core.states.reasons import shipped_reasons
from nordlotse.iot.core.states.values import SECOND, Span, State
from nordlotse.iot.core.work_told import lead, parts_said, standing, wanting

WEEK = Text("vom 16. bis 22. November 2026", "from 16 to 22 November 2026")


def worked(stops: tuple[Stop, ...], rate: int | None = 70) -> Evaluated:
    lost = sum((s.seconds for s in stops), Fraction())
    elements = {"POT": Fraction(144_000), "PBT": Fraction(144_000), "APT": 144_000 - lost, "ADET": lost, "PRI": Fraction(60), "PQ": Fraction(1500), "GQ": Fraction(1490)}  # fmt: skip
    return evaluate(Given(elements, "Säge", "", stops, {}, None if rate is None else Fraction(rate)))


def test_the_first_sentence_names_machine_period_hours_and_euros() -> None:
    said = next(lead("Säge", WEEK, worked((Stop(Fraction(39_600), "tool"),))))
    assert (
        said.de
        == "„Säge“ stand vom 16. bis 22. November 2026 11 Stunden ungeplant, von 40 Stunden geplanter Zeit. Das sind etwa 770 € (gerechnet mit 70 € je Stunde)."
    )
    assert said.en.endswith("That is about €770 (reckoned with €70 an hour).")


def test_the_total_comes_first_then_its_parts_and_both_add_up() -> None:
    elements = {"POT": Fraction(720_000), "PBT": Fraction(720_000), "APT": Fraction(442_800), "ADET": Fraction(140_400), "AUST": Fraction(136_800)}  # fmt: skip
    found = evaluate(Given(elements, "Säge", "", (Stop(Fraction(140_400), "tool"),), {}, Fraction(85)))
    said = next(lead("Säge", WEEK, found)).de
    assert "zusammen 77 Stunden von 200 Stunden geplanter Zeit: 39 Stunden ungeplant, 38 Stunden mit Rüsten" in said
    assert "etwa 6.500 € (gerechnet mit 85 € je Stunde)" in said
    assert sum(seconds for _, seconds in standing(found.elements)) == 277_200


def test_parts_that_do_not_add_up_as_told_are_called_rounded() -> None:
    unplanned, setup = Text("ungeplant", "unplanned"), Text("mit Rüsten", "for setup")
    rough = parts_said([(unplanned, Fraction(85_400)), (setup, Fraction(59_700))])  # 23.7 h and 16.6 h of 40.3 h
    assert rough.de == "24 Stunden ungeplant, 17 Stunden mit Rüsten (gerundet)"
    assert rough.en.endswith("17 hours for setup (rounded)")
    assert parts_said([(unplanned, Fraction(86_400)), (setup, Fraction(57_600))]).de.endswith("16 Stunden mit Rüsten")


def test_the_largest_loss_told_is_the_one_the_advice_is_about() -> None:
    stops = (*(Stop(Fraction(300), State.IDLE.label.de) for _ in range(100)), Stop(Fraction(20_000), "tool"))
    elements = {"POT": Fraction(400_000), "PBT": Fraction(400_000), "APT": Fraction(305_000), "ADET": Fraction(50_000), "AUST": Fraction(45_000)}  # fmt: skip
    found = evaluate(Given(elements, "Säge", "", stops, {}, Fraction(60)))
    said = [text.de for text in wanting(found)]
    assert f"Am meisten kostet: {valuable(found, 1)[0].name.de}" in said[0] and "Rüsten" in said[0]
    assert "verteilt auf 100 Stillstände" in said[1]


def test_no_reason_is_told_as_none_and_what_to_do() -> None:
    elements = {"POT": Fraction(400_000), "PBT": Fraction(400_000), "APT": Fraction(305_000), "ADET": Fraction(36_000), "AUST": Fraction(59_000)}  # fmt: skip
    stops = tuple(Stop(Fraction(3600), State.IDLE.label.de) for _ in range(10))
    said = list(wanting(evaluate(Given(elements, "Säge", "", stops, {}, Fraction(60)))))[1]
    assert (
        said.de
        == "Am längsten stand sie ungeplant ohne genannten Grund: 10 Stunden, verteilt auf 10 Stillstände. Geben Sie auf der Seite „Stillstände“ Gründe an."
    )
    assert (
        said.en
        == "It stood unplanned longest without a reason given: 10 hours, in 10 stops. Give reasons on the page “Stops”."
    )
    brief = tuple(Stop(Fraction(30), State.IDLE.label.de) for _ in range(1200))
    said = list(wanting(evaluate(Given(elements, "Säge", "", brief, {}, Fraction(60)))))[1]
    assert "Am längsten stand sie ungeplant in Unterbrechungen unter 1 Minute: 10 Stunden" in said.de


def test_faster_than_planned_is_told_as_a_gain() -> None:
    elements = {"PBT": Fraction(7200), "APT": Fraction(7200), "ADET": Fraction(0), "PRI": Fraction(60), "PQ": Fraction(125), "GQ": Fraction(125)}  # fmt: skip
    speed = next(one for one in waterfall(evaluate(Given(elements, "Säge"))) if one.kind == "speed")
    assert (speed.seconds, speed.name.de) == (-300, "schneller als geplant (Gewinn)")


def test_without_a_rate_no_sentence_speaks_of_euros() -> None:
    found = worked((Stop(Fraction(39_600), "tool"),), None)
    assert not any("€" in text.de + text.en for text in (*lead("Säge", WEEK, found), *wanting(found)))


def test_stops_nobody_explained_are_one_loss() -> None:
    found = worked(
        (
            Stop(Fraction(4000), State.IDLE.label.de),
            Stop(Fraction(5000), State.OFF.label.de),
            Stop(Fraction(6000), "tool"),
        )
    )
    first, second, *_ = sorted((x for x in valuable(found, 9) if x.kind == "stops"), key=lambda x: -x.seconds)
    assert (first.reason, first.seconds, second.reason) == (NO_REASON, 9000, "tool")
    assert measure_for(first).id == "why_it_stands"


def test_each_reason_and_each_kind_of_loss_has_a_measure_of_its_own_with_its_basis() -> None:
    for reason in shipped_reasons():
        loss = Valuable(Text("", ""), "stops", reason, Fraction(1), None)
        assert reason in measures(), reason
        assert measure_for(loss) is measures()[reason]
    for kind in ("setup", "stops", "short_stops", "no_order", "unexplained", "speed", "scrap"):
        assert measures()[kind].basis.de.startswith(("nach ", "eigener Vorschlag"))


def test_a_reason_in_own_words_keeps_them() -> None:
    assert reason_name("Kran besetzt") == Text("Kran besetzt", "Kran besetzt")
    assert reason_name(State.OFF.label.de).de == "ohne Grund (aus)"


@pytest.mark.parametrize(
    ("name", "unit", "role"),
    [
        ("Strom", "", "current"), ("I_L1", "A", "current"), ("Leistung", "kW", "power"), ("Zähler", "kWh", "energy"), ("Teile", "", "parts"),
        ("Ausschuss", "", "scrap"), ("Gutteile", "", "good"), ("Temperatur", "°C", ""), ("good_parts", "", "good"), ("Maschinenzustand", "", "state"),
    ],
)  # fmt: skip
def test_names_and_units_tell_what_a_signal_stands_for(name: str, unit: str, role: str) -> None:
    assert role_of(name, unit) == role


def test_what_a_person_confirmed_goes_before_a_guess() -> None:
    assert roles({"x": {"role": "current"}, "Teile": {"role": ""}}, ["Strom", "Teile", "x"]) == {"current": "x"}


def test_a_period_is_made_of_whole_local_days_and_told_in_words() -> None:
    autumn = period("woche", date(2026, 10, 28), "Europe/Berlin")
    assert (autumn.end - autumn.begin) // (3600 * SECOND) == 7 * 24 + 1
    assert autumn.words.de == "vom 22. bis 28. Oktober 2026"
    assert (
        period("zweiwochen", date(2026, 12, 5), "Europe/Berlin").words.en == "from 22 November 2026 to 5 December 2026"
    )
    assert {period(id_, date(2026, 12, 5), "Europe/Berlin").last for id_ in PERIODS} == {date(2026, 12, 5)}


@pytest.mark.parametrize("size", ["narrow", "wide"])
def test_every_picture_is_sound_has_a_name_and_no_negative_length(size: Size) -> None:
    hour = 3600 * SECOND
    states = [Span(k * hour, (k + 1) * hour, state) for k, state in enumerate(State)]
    made = [
        bars(
            [
                Bar("a & b", 0, 10, "10 h", "whole"),
                Bar("<x>", 8, 2, "2 h", "loss"),
                Bar("zu viel", 6, -3, "-3 h", "loss"),
            ],
            "Verluste",
            size,
        ),
        columns([Column("1.", 0.5), Column("2.", 1.4, True), Column("3.", None)], "Verlauf", "nachgerechnet", size),
        strip(states, 0, len(states) * hour, "Europe/Berlin", "Tag", size),
        levels([(0.0, 0.4), (1.0, 0.0), (2.0, 0.6)], [(0.5, "aus"), (1.5, "läuft")], "A", "Werte", "de", size),
        stacked([("1.", [(s, 1.5) for s in State]), ("2.", [(s, 0.0) for s in State])], "Energie", "kWh", "de", size),
    ]
    for picture in made:
        root = ElementTree.fromstring(picture)  # noqa: S314 - drawn by us
        assert root.get("aria-label")
        assert not re.search(r'(?:width|height)="-', picture)
        assert "style=" not in picture


def test_nothing_to_draw_draws_nothing() -> None:
    assert bars([], "x") == columns([], "x", "y") == stacked([], "x", "kWh", "de") == ""


def test_hostile_words_come_through_the_report_as_words_and_the_same_values_give_the_same_bytes() -> None:
    word = "#panic() \\ $x$ " + "ä" * 300 + "\u202e\x07"
    told = {
        "words": {k: k for k in ("title", "losses", "machines", "trend", "energy", "alarms", "quality", "help", "page", "of")},
        "hall": word, "words_period": "p", "made": "m", "lead": word, "more": [word],
        "losses": [{"rank": "1", "title": word, "first": word, "then": word, "basis": word}] * 3,
        "head": ["a", "b", "c"], "rows": [[word, "1", "2"]] * 12, "trend": "t", "picture": columns([Column("1.", 0.5)], "x", "y"),
        "picture_text": "x", "energy": ["e"], "alarms": "a", "quality": ["q"], "help": ["h"], "notes": ["n"],
    }  # fmt: skip
    first = report_pdf(told, "de", date(2026, 11, 23))
    assert first.startswith(b"%PDF") and first == report_pdf(told, "de", date(2026, 11, 23))


def report_of(machines: int) -> dict[str, Any]:
    long = "Nehmen Sie die drei längsten Störungen der zwei Wochen und fragen Sie mit Bediener und Instandhaltung fünfmal „Warum?“, bis eine Ursache da steht, die Sie ändern können."
    return {
        "words": {k: k for k in ("title", "losses", "machines", "trend", "energy", "alarms", "quality", "help", "page", "of")},
        "hall": "Halle", "words_period": "p", "made": "m", "simulated": "Simulierte Werte: Säge", "lead": long, "more": [long],
        "losses": [{"rank": "1", "title": "Säge: Rüsten", "stops": long, "first": long, "then": long, "basis": "b"}] * 3,
        "head": ["a", "b", "c"], "rows": [["Säge", "1", "2"]] * machines, "trend": long, "picture": columns([Column("1.", 0.5)] * 14, "x", "y"),
        "picture_text": "x", "energy": [long, long], "alarms": long, "quality": [long], "help": ["h", "h", "h"], "notes": [long, long],
    }  # fmt: skip


@pytest.mark.parametrize(("machines", "pages"), [(1, 1), (5, 1), (12, 2)])
def test_the_report_of_a_few_machines_is_one_page_and_never_more_than_two(machines: int, pages: int) -> None:
    import io

    from pypdf import PdfReader

    assert len(PdfReader(io.BytesIO(report_pdf(report_of(machines), "de", date(2026, 11, 23)))).pages) <= pages


@pytest.mark.parametrize("size", ["narrow", "wide"])
def test_no_line_of_the_waterfall_runs_through_words(size: Size) -> None:
    rows = [Bar("geplante Zeit", 0, 150, "150 Stunden", "whole"), Bar("Rüsten", 140, 10, "10 Stunden", "loss"), Bar("Ausschuss", 70, 70, "70 Stunden", "loss"), Bar("gute Teile im Soll-Takt", 0, 70, "70 Stunden", "good")]  # fmt: skip
    lines = re.findall(r'<line class="chart__grid" x1="([\d.]+)"', bars(rows, "Verluste", size))
    width = 360 if size == "narrow" else 760
    assert [x for x in map(float, lines) if x > width - 75] == []
    assert len(lines) == (0 if size == "narrow" else 1)


def test_a_long_name_of_a_bar_is_cut_only_where_its_figure_begins() -> None:
    picture = bars([Bar("Störung an der Werkzeugaufnahme", 0, 5, "5 Std", "loss")], "Verluste", "narrow")
    assert "Störung an der Werkzeugaufnahme" in picture
