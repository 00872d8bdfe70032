"""What ships: models that keep the house's promises, and the form that some of them need, each question once."""

from __future__ import annotations

import pytest

from nordlotse.foundation.problem import BadInput
from nordlotse.readiness.core import catalogue
from nordlotse.readiness.core.loading import model_of
from nordlotse.readiness.core.maturity import Leaf
from nordlotse.readiness.core.written import as_tree

MODELS = sorted(catalogue.shipped_models())


def test_three_models_ship_the_short_check_first() -> None:
    assert list(catalogue.shipped_models()) == ["own", "dma", "impuls"]


@pytest.mark.parametrize("name", MODELS)
def test_a_shipped_model_writes_and_reads_back(name: str) -> None:
    model = catalogue.shipped_models()[name]
    assert model_of(as_tree(model), "again", catalogue.questions()) == model


@pytest.mark.parametrize("name", MODELS)
def test_a_shipped_model_says_where_it_comes_from_and_what_it_cannot_do(name: str) -> None:
    model = catalogue.shipped_models()[name]
    assert model.attribution.de and model.limits.de and model.sources and model.parameters


@pytest.mark.parametrize(("name", "leaves"), [("own", 15), ("dma", 26), ("impuls", 18)])
def test_a_shipped_model_has_its_items(name: str, leaves: int) -> None:
    assert len(list(catalogue.shipped_models()[name].leaves())) == leaves


def test_impuls_weights_are_the_surveyed_ones() -> None:
    weights = [int(part.weight) for part in catalogue.shipped_models()["impuls"].dimensions]
    assert weights == [25, 14, 10, 19, 14, 18]


def test_the_short_check_asks_15_questions_on_five_topics() -> None:
    own = catalogue.shipped_models()["own"]
    assert [len(part.children) for part in own.dimensions if not isinstance(part, Leaf)] == [3] * 5
    assert len(own.questions) == 15


def test_the_form_of_the_short_check_has_its_questions_and_those_about_the_company() -> None:
    names = [q.name for q in catalogue.form_for(["own"]).questions if q.group != catalogue.COMPANY]
    assert sorted(names) == sorted(catalogue.shipped_models()["own"].questions)
    assert {"employees", "sector", "state"} <= set(catalogue.form_for(["own"]).by_name)


def test_a_form_of_several_models_asks_nothing_twice() -> None:
    form = catalogue.form_for(["own", "dma", "impuls"])
    names = [q.name for q in form.questions]
    assert len(names) == len(set(names))
    needed = {name for model in catalogue.shipped_models().values() for name in model.questions}
    assert needed <= set(names)
    assert len(needed) < sum(len(model.questions) for model in catalogue.shipped_models().values())


def test_a_form_keeps_the_groups_it_uses_in_order() -> None:
    groups = [g.name for g in catalogue.form_for(["own"]).groups]
    assert groups == ["company", "digitalisation", "iot", "print3d", "industrie40", "business_models"]


def test_the_short_check_is_asked_before_what_goes_deeper() -> None:
    names = [q.name for q in catalogue.form_for(["own", "dma", "impuls"]).questions]
    own = set(catalogue.shipped_models()["own"].questions)
    places = [names.index(name) for name in own]
    first_deeper = min(n for n, name in enumerate(names) if name not in own and n > min(places))
    assert max(places) < first_deeper


def test_a_form_may_be_made_for_a_model_itself() -> None:
    own = catalogue.shipped_models()["own"]
    assert catalogue.form_for([own]) == catalogue.form_for(["own"])


def test_going_deeper_asks_only_what_has_no_answer() -> None:
    own = catalogue.shipped_models()["own"]
    answered = dict.fromkeys(own.questions, "dont_know")
    left = catalogue.deepening(["own", "dma"], answered)
    assert left and not set(left) & set(own.questions)
    assert catalogue.deepening(["own"], answered) == ()


def test_an_unknown_model_is_refused_with_those_there_are() -> None:
    with pytest.raises(BadInput) as caught:
        catalogue.form_for(["siri"])
    assert caught.value.code == "unknown_model"
    assert "own, dma, impuls" in caught.value.remedy_de
