"""Which programme fits a firm: every verdict follows from the record and says its numbers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.records import (
    PURPOSES,
    SECTORS,
    FundingRecord,
    euros,
    load_records,
    number,
    programmes,
    record,
    state_on,
)
from nordlotse.foundation.region import State
from nordlotse.funding.core import Applicant, as_dict, assess, find, parse_applicant

TODAY = date(2026, 11, 23)
DAYS = st.dates(date(2019, 1, 1), date(2035, 1, 1))
PROGRAMMES = st.sampled_from(programmes())
APPLICANTS = st.builds(
    Applicant,
    state=st.none() | st.sampled_from(list(State)),
    employees=st.none() | st.integers(0, 3000),
    sector=st.none() | st.sampled_from(SECTORS),
    purpose=st.none() | st.sampled_from(PURPOSES),
    already_started=st.none() | st.booleans(),
    turnover_eur=st.none() | st.integers(0, 10**9),
)


def _programme(key: str) -> FundingRecord:
    made = record(key)
    assert isinstance(made, FundingRecord)
    return made


@settings(deadline=None)
@given(PROGRAMMES, APPLICANTS, DAYS)
def test_a_closed_programme_is_never_eligible(programme: FundingRecord, applicant: Applicant, on: date) -> None:
    if state_on(programme, on) == "closed":
        assert assess(programme, applicant, on).eligible == "no"


@settings(deadline=None)
@given(PROGRAMMES, APPLICANTS, DAYS)
def test_only_an_open_programme_is_a_plain_yes(programme: FundingRecord, applicant: Applicant, on: date) -> None:
    if assess(programme, applicant, on).eligible == "yes":
        assert state_on(programme, on) == "open"


@settings(deadline=None)
@given(PROGRAMMES, APPLICANTS, st.integers(0, 3000), st.integers(0, 3000))
def test_more_employees_never_make_a_firm_small_enough_again(
    programme: FundingRecord, applicant: Applicant, fewer: int, added: int
) -> None:
    small = assess(programme, replace(applicant, employees=fewer), TODAY)
    large = assess(programme, replace(applicant, employees=fewer + added), TODAY)
    if programme.size.employees_min is None and small.eligible == "no":
        assert large.eligible == "no"


@settings(deadline=None)
@given(PROGRAMMES, APPLICANTS)
def test_a_reason_about_size_names_its_limit_in_both_languages(programme: FundingRecord, applicant: Applicant) -> None:
    for reason in assess(programme, applicant, TODAY).reasons:
        for lang in ("de", "en"):
            said = reason.text.get(lang)
            assert said.endswith(".")
            if reason.code == "employees_max":
                assert number(programme.size.employees_max or 0, lang) in said
                if applicant.employees is not None:
                    assert number(applicant.employees, lang) in said
            if reason.code == "turnover_max":
                assert euros(programme.size.turnover_max_eur or 0, lang) in said
            if reason.code == "minimum":
                assert euros(programme.minimum_eur or 0, lang) in said


@settings(deadline=None)
@given(PROGRAMMES, APPLICANTS)
def test_saying_more_never_turns_a_no_into_a_yes(programme: FundingRecord, applicant: Applicant) -> None:
    if assess(programme, replace(applicant, already_started=None), TODAY).eligible == "no":
        assert assess(programme, replace(applicant, already_started=True), TODAY).eligible == "no"


@settings(deadline=None, max_examples=50)
@given(APPLICANTS, DAYS)
def test_a_finding_sorts_every_programme_by_state_and_is_json(applicant: Applicant, on: date) -> None:
    finding = find(applicant, on)
    assert all(v.state in ("open", "call") for v in finding.open)
    assert all(v.state == "unknown" for v in finding.unknown)
    assert all(e.verdict.state == "closed" for e in finding.ended)
    for ended in finding.ended:
        assert all(a.state != "closed" and a.eligible != "no" for a in ended.alternatives)
    order = [("yes", "maybe", "no").index(v.eligible) for v in finding.open]
    assert order == sorted(order)
    for lang in ("de", "en"):
        assert json.loads(json.dumps(as_dict(finding, lang)))["on"] == on.isoformat()


def test_a_firm_of_forty_in_schleswig_holstein_sees_open_ended_and_unknown_programmes() -> None:
    finding = find(parse_applicant(state="Schleswig-Holstein", employees=40), TODAY)
    assert {"kfw-511-512", "inqa-coaching", "bafa-consulting"} <= {
        v.programme.id for v in finding.open if v.eligible == "yes"
    }
    assert "sh-dku" in {v.programme.id for v in finding.unknown}
    assert {"go-digital", "sh-digibonus"} <= {e.verdict.programme.id for e in finding.ended}
    shown = [v.programme.id for v in (*finding.open, *finding.unknown)]
    assert not any(key.startswith(("hh-", "mv-")) for key in shown)
    assert finding.ceiling_eur == 300_000


def test_the_state_decides_the_rate_of_the_consulting_grant() -> None:
    programme = _programme("bafa-consulting")
    east = assess(programme, Applicant(state=State.MV, employees=10), TODAY)
    west = assess(programme, Applicant(state=State.HH, employees=10), TODAY)
    assert (east.rate_percent, east.cap_eur) == (80, 2800)
    assert (west.rate_percent, west.cap_eur) == (50, 1750)


def test_a_large_firm_gets_the_lower_rate_of_the_research_allowance() -> None:
    programme = _programme("forschungszulage")
    assert assess(programme, Applicant(employees=249), TODAY).rate_percent == 35
    assert assess(programme, Applicant(employees=250), TODAY).rate_percent == 25


@pytest.mark.parametrize(
    ("key", "applicant", "eligible"),
    [
        ("inqa-coaching", Applicant(employees=249), "yes"),
        ("inqa-coaching", Applicant(employees=250), "no"),
        ("inqa-coaching", Applicant(), "maybe"),
        ("zim", Applicant(employees=499), "yes"),
        ("zim", Applicant(employees=500), "maybe"),
        ("zim", Applicant(employees=1000), "no"),
        ("bafa-consulting", Applicant(employees=10, already_started=True), "no"),
        ("forschungszulage", Applicant(employees=10, already_started=True), "yes"),
        ("bafa-consulting", Applicant(employees=10, sector="agriculture"), "no"),
        ("bafa-consulting", Applicant(employees=10, turnover_eur=50_000_000), "yes"),
        ("bafa-consulting", Applicant(employees=10, turnover_eur=50_000_001), "maybe"),
        ("kfw-511-512", Applicant(turnover_eur=500_000_001), "no"),
        ("hh-profi", Applicant(state=State.SH), "no"),
        ("hh-profi", Applicant(), "maybe"),
        ("mv-tbi-digital", Applicant(state=State.MV, employees=20, sector="trade"), "no"),
        ("mv-tbi-digital", Applicant(state=State.MV, employees=20, sector="craft"), "maybe"),
        ("kfw-511-512", Applicant(purpose="training"), "no"),
        ("mittelstand-digital", Applicant(purpose="investment"), "maybe"),
        ("edih-hh-mv", Applicant(state=State.SH), "no"),
        ("go-digital", Applicant(employees=5), "no"),
    ],
)
def test_a_known_case_comes_out_as_the_terms_say(key: str, applicant: Applicant, eligible: str) -> None:
    assert assess(_programme(key), applicant, TODAY).eligible == eligible


def test_the_consulting_grant_moves_to_the_ended_ones_after_its_last_day() -> None:
    applicant = Applicant(state=State.HH, employees=10)
    before, after = find(applicant, date(2026, 12, 31)), find(applicant, date(2027, 1, 1))
    assert "bafa-consulting" in {v.programme.id for v in before.open}
    ended = {e.verdict.programme.id: e for e in after.ended}
    assert [a.programme.id for a in ended["bafa-consulting"].alternatives] == ["inqa-coaching", "mittelstand-digital"]


def test_a_silent_record_is_not_offered() -> None:
    quiet = replace(_programme("inqa-coaching"), fact_status="unverified")
    finding = find(Applicant(), TODAY, {quiet.id: quiet})
    assert finding.open == finding.unknown == finding.ended == ()
    assert finding.de_minimis is None and finding.ceiling_eur is None


def test_a_verdict_tells_when_its_record_is_overdue() -> None:
    programme = _programme("inqa-coaching")
    assert not assess(programme, Applicant(), programme.review_by).stale
    assert assess(programme, Applicant(), date(2027, 6, 1)).stale


def test_the_json_of_a_programme_has_terms_office_sources_and_days() -> None:
    shown = as_dict(
        find(parse_applicant(state="MV", employees=12, sector="Handwerk", purpose="Investition"), TODAY), "de"
    )
    tbi = next(p for p in shown["unknown"] if p["id"] == "mv-tbi-digital")  # type: ignore[attr-defined,index]
    assert tbi["minimum_eur"] == 30_000
    assert tbi["office"]["name"].startswith("TBI")
    assert tbi["sources"] and tbi["checked_on"] == "2026-11-23" and tbi["reasons"] and tbi["sentences"]
    assert "300.000 Euro" in " ".join(shown["de_minimis"]["text"])  # type: ignore[index]


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"state": "Bayern"}, "state"),
        ({"sector": "Raumfahrt"}, "sector"),
        ({"purpose": "Urlaub"}, "purpose"),
        ({"employees": -1}, "employees"),
        ({"employees": 10**9}, "employees"),
        ({"turnover_eur": -5}, "turnover"),
    ],
)
def test_an_impossible_applicant_is_refused_with_the_field(given: dict[str, object], where: str) -> None:
    with pytest.raises(BadInput) as told:
        parse_applicant(**given)  # type: ignore[arg-type]
    assert told.value.where == where
    assert told.value.remedy_de


def test_words_of_practice_are_understood() -> None:
    asked = parse_applicant(state="hamburg", sector="Maschinenbau", purpose="Weiterbildung")
    assert (asked.state, asked.sector, asked.purpose) == (State.HH, "industry", "training")


def test_every_alternative_is_a_programme() -> None:
    for programme in programmes():
        for key in programme.alternatives:
            assert isinstance(load_records()[key], FundingRecord)
