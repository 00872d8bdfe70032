"""What holds for every model and every answer set, tried on random ones."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from nordlotse.readiness.core import catalogue
from nordlotse.readiness.core.maturity import MaturityModel
from nordlotse.readiness.core.scoring import score
from nordlotse.readiness.core.steps import better
from tests.readiness.core.trees import answers, known, models

MANY = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


def of(given_answers: dict[str, Any], model: MaturityModel) -> Any:
    """Return the total of a score."""
    return score(model, given_answers).total


@MANY
@given(data=st.data())
def test_the_total_never_leaves_its_range(data: st.DataObject) -> None:
    model = data.draw(models())
    total = of(data.draw(answers(model)), model)
    assert 0 <= total.lower <= total.upper <= model.top


@MANY
@given(data=st.data())
def test_one_better_answer_never_lowers_anything(data: st.DataObject) -> None:
    model = data.draw(models())
    before = data.draw(answers(model))
    leaf = data.draw(st.sampled_from(list(model.leaves())))
    now = data.draw(known(leaf))
    raised = better(leaf, tuple(now) if isinstance(now, list) else now)
    assume(raised is not None)
    assert raised is not None
    low, high = (score(model, before | {leaf.question: answer}) for answer in (now, raised[0]))
    assert low.total.lower <= high.total.lower
    assert low.total.upper <= high.total.upper
    for one, other in zip(low.dimensions, high.dimensions, strict=True):
        assert (one.lower, one.upper) <= (other.lower, other.upper)


@MANY
@given(data=st.data())
def test_one_tick_more_never_lowers_the_total_unless_it_stands_for_none(data: st.DataObject) -> None:
    model = data.draw(models())
    several = [leaf for leaf in model.leaves() if leaf.several]
    assume(several)
    leaf = data.draw(st.sampled_from(several))
    before = data.draw(answers(model)) | {leaf.question: data.draw(known(leaf))}
    more = before | {leaf.question: [*before[leaf.question], data.draw(st.sampled_from("abcd"))]}
    assert of(before, model).lower <= of(more, model).lower


@MANY
@given(data=st.data())
def test_the_bounds_contain_every_completion(data: st.DataObject) -> None:
    model = data.draw(models())
    some = data.draw(answers(model))
    bounds = of(some, model)
    full = {
        leaf.question: data.draw(known(leaf)) if some[leaf.question] in (None, "dont_know") else some[leaf.question]
        for leaf in model.leaves()
    }
    total = of(full, model)
    if total.applies:
        assert bounds.lower <= total.value <= bounds.upper


@MANY
@given(data=st.data())
def test_the_bounds_contain_completions_by_what_does_not_apply(data: st.DataObject) -> None:
    model = data.draw(models(rules=("mean", "weighted_mean", "min"), not_applicable="skip"))
    some = data.draw(answers(model))
    open_questions = [name for name, answer in some.items() if answer in (None, "dont_know")]
    full = some | dict.fromkeys(open_questions, "not_applicable")
    total, bounds = of(full, model), of(some, model)
    assume(total.applies)
    assert bounds.lower <= total.value <= bounds.upper


@MANY
@given(data=st.data())
def test_both_bounds_are_reached(data: st.DataObject) -> None:
    model = data.draw(models())
    some = data.draw(answers(model))
    bounds = of(some, model)
    assume(bounds.applies)
    ends = []
    for end in (min, max):
        full = dict(some)
        for leaf in model.leaves():
            if some[leaf.question] in (None, "dont_know"):
                full[leaf.question] = (
                    ([] if end is min else list("abcd"))
                    if leaf.several
                    else end(leaf.scores, key=leaf.scores.__getitem__)
                )
        ends.append(of(full, model).value)
    assert ends == [bounds.lower, bounds.upper]


@MANY
@given(data=st.data())
def test_no_answers_are_undetermined_or_0_by_policy(data: st.DataObject) -> None:
    model = data.draw(models())
    empty = of({}, model)
    assert (empty.value, empty.lower, empty.upper) == (None, 0, model.top)
    zero = data.draw(models(missing="zero"))
    assert of({}, zero).value == 0
    skip = data.draw(models(missing="skip"))
    assert of({}, skip).value is None


@MANY
@given(data=st.data())
def test_the_order_of_answers_and_ticks_does_not_matter(data: st.DataObject) -> None:
    model = data.draw(models())
    some = data.draw(answers(model))
    turned = {
        name: some[name][::-1] if isinstance(some[name], list) else some[name]
        for name in random.Random(1).sample(sorted(some), len(some))
    }
    assert score(model, some) == score(model, turned)


@MANY
@given(data=st.data())
def test_the_trace_adds_up_to_the_lower_bound(data: st.DataObject) -> None:
    model = data.draw(models())
    found = score(model, data.draw(answers(model)))
    assert sum(point.contribution for point in found.trace) == found.total.lower
    assert all(point.contribution >= 0 and point.rule.de and point.rule.en for point in found.trace)
    assert len(found.trace) == len(list(model.leaves()))


@MANY
@given(data=st.data())
def test_what_blocks_the_total_adds_more_than_any_other_single_step(data: st.DataObject) -> None:
    model = data.draw(models())
    full = data.draw(answers(model, gaps=False))
    found = score(model, full)
    assume(found.blocking)
    first = found.blocking[0]
    gains = {}
    for leaf in model.leaves():
        answer = full[leaf.question]
        raised = None if answer == "not_applicable" else better(leaf, tuple(answer) if leaf.several else answer)
        if raised is not None:
            gains[leaf.id] = of(full | {leaf.question: raised[0]}, model).value - found.total.value
    if first.dimension == "":
        assert first.gain == max(gains.values()) == gains[first.item]
    else:
        assert max(gains.values(), default=0) == 0


@MANY
@given(data=st.data())
def test_shipped_models_hold_their_range_for_any_answers(data: st.DataObject) -> None:
    model = data.draw(st.sampled_from(list(catalogue.shipped_models().values())))
    some = {
        leaf.question: data.draw(
            st.one_of(
                st.sampled_from([None, "dont_know", "not_applicable"]),
                st.lists(st.sampled_from(sorted(leaf.scores)), unique=True)
                if leaf.several
                else st.sampled_from(sorted(leaf.scores)),
            )
        )
        for leaf in model.leaves()
    }
    found = score(model, some)
    assert 0 <= found.total.lower <= found.total.upper <= model.top
    assert all(0 <= part.lower <= part.upper <= part.top for part in found.dimensions)
    assert sum(point.contribution for point in found.trace) == found.total.lower


@MANY
@given(data=st.data())
def test_no_reason_says_that_a_step_raises_something_by_nothing(data: st.DataObject) -> None:
    model = data.draw(models())
    for one in score(model, data.draw(answers(model))).blocking:
        assert " um 0 " not in one.reason.de and " um 0;" not in one.reason.de
        assert one.reason.en and one.item
