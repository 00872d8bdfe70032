"""Matching: no limit is ever broken, nobody gets more than they can take, the order changes nothing, batches beat greed."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nordlotse.foundation.problem import BadInput
from nordlotse.network.core import Expert, Limit, Need, Why, assign, propose
from nordlotse.network.core.limits import FREE, barred
from nordlotse.network.core.matching import slots
from nordlotse.network.core.scoring import Weights, compare
from tests.network.core.people import experts, may_take, needs

HUSUM = Expert(
    "husum",
    partner="a",
    state="SH",
    district="01054",
    place="Husum",
    text="Ich rüste alte Maschinen mit Sensoren nach und lese Steuerungen über OPC UA aus.",
)
HARBURG = Expert("harburg", partner="b", state="HH", district="02107", text="3D-Druck in Kunststoff und Metall.")
ROSTOCK = Expert("rostock", partner="c", state="MV", district="13003", text="Datenschutz, Verträge, Löschkonzepte.")
ALL = (HUSUM, HARBURG, ROSTOCK)
LATHE = Need(
    "n", state="SH", district="01054", text="Unsere alte Drehmaschine soll Daten liefern, am besten per OPC UA."
)


@given(needs, experts)
def test_no_hard_limit_is_ever_broken_by_a_proposal(asked: list[Need], people: list[Expert]) -> None:
    known = {e.id: e for e in people}
    for need in asked:
        for proposal in propose(need, people).proposals:
            assert may_take(need, known[proposal.expert])


@given(needs, experts)
def test_whoever_may_take_a_need_is_proposed_or_worse_than_the_three_who_are(
    asked: list[Need], people: list[Expert]
) -> None:
    for need in asked:
        found = propose(need, people)
        assert len(found.proposals) == min(3, sum(may_take(need, e) for e in people))
        assert (found.referral is not None) == (not found.proposals)
        assert [p.score for p in found.proposals] == sorted((p.score for p in found.proposals), reverse=True)


@given(needs, experts)
def test_a_batch_breaks_no_limit_and_no_capacity_and_leaves_no_need_out(
    asked: list[Need], people: list[Expert]
) -> None:
    plan = assign(asked, people)
    known, wanted = {e.id: e for e in people}, {n.id: n for n in asked}
    for proposal in plan.proposals:
        assert may_take(wanted[proposal.need], known[proposal.expert])
    load = Counter(p.expert for p in plan.proposals)
    assert all(load[e] <= known[e].capacity_left for e in load)
    told = [p.need for p in plan.proposals] + [r.need for r in plan.unassigned]
    assert sorted(told) == sorted(wanted)


@given(needs, experts, st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(asked: list[Need], people: list[Expert], order: random.Random) -> None:
    other_needs, other_people = list(asked), list(people)
    order.shuffle(other_needs)
    order.shuffle(other_people)
    assert assign(asked, people) == assign(other_needs, other_people)
    for need in asked:
        assert propose(need, people) == propose(need, other_people)


def _greedy(asked: list[Need], people: list[Expert]) -> float:
    """Best pair first, until nobody is left."""
    asked, people = sorted(asked, key=lambda n: n.id), sorted(people, key=lambda e: e.id)
    value, _ = slots(compare(asked, people), barred(asked, people), people, len(asked))
    total = 0.0
    while value.size and value.max() > 0:
        row, column = np.unravel_index(value.argmax(), value.shape)
        total += float(value[row, column])
        value = np.delete(np.delete(value, row, axis=0), column, axis=1)
    return total


@given(needs, experts)
def test_a_batch_is_at_least_as_good_as_taking_the_best_pair_again_and_again(
    asked: list[Need], people: list[Expert]
) -> None:
    plan = assign(asked, people)
    assert plan.score >= _greedy(asked, people) - 1e-9
    assert plan.score == pytest.approx(sum(p.score for p in plan.proposals), abs=1e-4)


@given(needs, experts)
@settings(max_examples=50)
def test_a_score_and_its_parts_lie_between_nought_and_one(asked: list[Need], people: list[Expert]) -> None:
    for need in asked:
        for proposal in propose(need, people).proposals:
            assert 0 <= proposal.score <= 1
            assert all(0 <= part <= 1 for part in proposal.parts.values())


@given(needs, experts)
@settings(max_examples=50)
def test_a_pair_scores_the_same_alone_and_in_a_batch(asked: list[Need], people: list[Expert]) -> None:
    """Only where all needs have vectors, or none: the parts that count are the same then."""
    asked = [replace(n, vectors=None) for n in asked]
    if asked and people:
        together = compare(asked, people).score
        for row, need in enumerate(asked):
            assert compare([need], people).score[0] == pytest.approx(together[row], abs=1e-6)


def test_the_one_who_knows_the_matter_comes_first() -> None:
    assert propose(LATHE, ALL).proposals[0].expert == "husum"


def test_the_reason_is_one_sentence_in_both_languages() -> None:
    reason = propose(LATHE, ALL).proposals[0].reason
    assert reason.de.startswith("Hat Erfahrung mit ")
    assert reason.de.endswith("sitzt in Husum (im selben Kreis) und hat in diesem Monat noch 2 Plätze.")
    assert reason.en.endswith("is based in Husum (in the same district) and has 2 places left this month.")


@pytest.mark.parametrize(("key", "told"), [("02107", "im selben Bezirk"), ("01002", "in derselben Stadt")])
def test_a_reason_calls_a_neighbourhood_by_its_name(key: str, told: str) -> None:
    reason = propose(replace(LATHE, district=key), [replace(HUSUM, place="", district=key)]).proposals[0].reason
    assert f"({told})" in reason.de


def test_a_reason_names_the_distance_in_tens_of_kilometres() -> None:
    far = propose(replace(LATHE, district="01002"), [replace(HUSUM, capacity_left=1)]).proposals[0].reason
    assert "sitzt in Husum (rund 80 km entfernt) und hat in diesem Monat noch einen Platz." in far.de


def test_a_reason_does_not_claim_what_a_profile_does_not_say() -> None:
    nothing = Expert("x", text="")
    assert propose(LATHE, [nothing]).proposals[0].reason.de == (
        "Hat kein Stichwort mit der Frage gemeinsam und hat in diesem Monat noch 2 Plätze."
    )


@pytest.mark.parametrize(
    ("expert", "need", "limit"),
    [
        (HUSUM, replace(LATHE, excluded=frozenset({"husum"})), Limit.DECLINED),
        (replace(HUSUM, conflicts=frozenset({"k"})), replace(LATHE, company="k"), Limit.CONFLICT),
        (HUSUM, replace(LATHE, excluded_partners=frozenset({"a"})), Limit.CONFLICT),
        (replace(HUSUM, neutral=False), replace(LATHE, needs_neutral=True), Limit.NEUTRALITY),
        (HUSUM, replace(LATHE, language="en"), Limit.LANGUAGE),
        (replace(HUSUM, states=frozenset({"HH"})), LATHE, Limit.STATE),
        (replace(HUSUM, states=frozenset({"SH"})), replace(LATHE, state=""), Limit.STATE),
        (replace(HUSUM, on_leave=True), LATHE, Limit.LEAVE),
        (replace(HUSUM, capacity_left=0), LATHE, Limit.CAPACITY),
    ],
)
def test_each_limit_keeps_somebody_away_and_is_counted(expert: Expert, need: Need, limit: Limit) -> None:
    found = propose(need, [expert])
    assert found.proposals == ()
    assert found.excluded == {limit: 1}


def test_when_all_have_declined_the_coordinator_is_named_with_the_numbers() -> None:
    need = replace(LATHE, excluded=frozenset({"husum", "harburg"}))
    referral = propose(need, [HUSUM, HARBURG, replace(ROSTOCK, on_leave=True)]).referral
    assert referral is not None
    assert referral.why is Why.ALL_DECLINED
    assert referral.excluded == {Limit.DECLINED: 2, Limit.LEAVE: 1}
    assert referral.reason.de == (
        "Alle, die in Frage kommen, haben abgesagt (2 haben abgesagt oder sind schon gefragt, "
        "eine Person ist abwesend); bitte an die Koordination."
    )


def test_without_people_there_is_nobody() -> None:
    assert propose(LATHE, []).referral.why is Why.NOBODY  # type: ignore[union-attr]
    assert assign([LATHE], []).unassigned[0].why is Why.NOBODY


def test_a_need_for_which_no_place_is_left_in_the_batch_says_so() -> None:
    plan = assign([LATHE, replace(LATHE, id="m")], [replace(HUSUM, capacity_left=1)])
    assert [r.why for r in plan.unassigned] == [Why.ALL_TAKEN]


def test_equal_people_share_the_load() -> None:
    twins = [replace(HUSUM, id=f"t{i}", capacity=3, capacity_left=3) for i in range(3)]
    asked = [replace(LATHE, id=f"n{i}") for i in range(3)]
    assert Counter(p.expert for p in assign(asked, twins).proposals) == {"t0": 1, "t1": 1, "t2": 1}


def test_of_equal_people_the_one_with_more_free_places_comes_first() -> None:
    busy, free = (
        replace(HUSUM, id="a", capacity=4, capacity_left=1),
        replace(HUSUM, id="b", capacity=4, capacity_left=4),
    )
    assert [p.expert for p in propose(LATHE, [busy, free]).proposals] == ["b", "a"]


def test_of_equal_people_the_nearer_comes_first() -> None:
    far, near = replace(HUSUM, id="a", district="13075", state="MV"), replace(HUSUM, id="b")
    assert [p.expert for p in propose(LATHE, [far, near]).proposals] == ["b", "a"]


def test_what_a_profile_rules_out_does_not_count_for_it() -> None:
    denies = replace(
        HARBURG, id="denies", text="3D-Druck kenne ich gut. Retrofit alter Maschinen und OPC UA mache ich nicht."
    )
    found = propose(LATHE, [HARBURG, denies]).proposals
    assert all(p.parts["tags"] == 0 for p in found)


def test_ticked_tags_count_more_than_found_ones() -> None:
    need = replace(LATHE, text="", tags=frozenset({"energy"}))
    found = Expert("f", text="Energie. Datenanalyse.")
    ticked = Expert("t", text="Energie. Datenanalyse.", tags=frozenset({"energy"}))
    assert [p.expert for p in propose(need, [found, ticked]).proposals] == ["t", "f"]


def test_a_tag_of_the_coordinators_own_matches_too() -> None:
    need = replace(LATHE, text="", tags=frozenset({"own:strandkorb"}))
    other = replace(ROSTOCK, tags=frozenset({"own:strandkorb"}))
    first = propose(need, [HUSUM, HARBURG, other]).proposals[0]
    assert (first.expert, first.parts["tags"] > 0) == ("rostock", True)


def test_vectors_alone_can_decide() -> None:
    east, north = np.eye(4, dtype=np.float32)[:1], np.eye(4, dtype=np.float32)[1:2]
    people = [replace(ROSTOCK, id="a", vectors=east), replace(ROSTOCK, id="b", vectors=north)]
    found = propose(Need("n", text="", vectors=north), people)
    assert found.proposals[0].expert == "b"
    assert found.proposals[0].reason.de.startswith("Hat ein Profil, das der Frage ähnelt")


def test_the_weights_can_be_handed_in() -> None:
    only_near = Weights(words=0, vectors=0, tags=0, near=1, room=0)
    assert propose(LATHE, ALL, weights=only_near).proposals[0].expert == "husum"
    assert (
        propose(replace(LATHE, state="MV", district="13003"), ALL, weights=only_near).proposals[0].expert == "rostock"
    )


def test_somebody_listed_twice_is_refused() -> None:
    with pytest.raises(BadInput) as caught:
        propose(LATHE, [HUSUM, HUSUM])
    assert caught.value.where == "husum"


@given(needs, experts)
def test_the_first_limit_that_holds_is_the_one_counted(asked: list[Need], people: list[Expert]) -> None:
    bars = barred(asked, people)
    for i, need in enumerate(asked):
        for j, expert in enumerate(people):
            assert (bars[i, j] == FREE) == may_take(need, expert)
            if expert.id in need.excluded:
                assert tuple(Limit)[bars[i, j]] is Limit.DECLINED
