"""Measures are read strictly; those that ship lead only to what exists and raise every question of the short check to its top."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import nordlotse
from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.questionnaire.form import Choice, Form, Kind, Question
from nordlotse.foundation.records import load_records
from nordlotse.network.core import taxonomy as network
from nordlotse.readiness.core.catalogue import questions, shipped_models
from nordlotse.readiness.core.fitting import possible
from nordlotse.readiness.core.measure import Goal, Measure
from nordlotse.readiness.core.measures import read_measures, shipped_measures
from nordlotse.readiness.core.planning import plan
from nordlotse.readiness.core.prospect import Prospect

_SOURCE = Path(nordlotse.__file__).parent
_TOPICS = {"digitalisation", "iot", "print3d", "industrie40", "business_models"}
_DEMONSTRATORS = {"print_check", "iot", "twin", "business_simulation"}

_GOOD = """
- id: first
  title: {de: Erst, en: First}
  text: {de: Tun Sie es., en: Do it.}
  raises: [{question: q, to: "1", why: {de: Darum., en: Because.}}]
  days: [1, 2, 3]
  cost: {low: 0, likely: 5, high: 9, source: {de: geschätzt, en: estimated}, decided: 2026-11-23}
- id: second
  title: {de: Dann, en: Then}
  text: {de: Tun Sie es., en: Do it.}
  raises: [{question: s, adds: [a], why: {de: Darum., en: Because.}}]
  days: [1, 2, 3]
  cost: {low: 0, likely: 5, high: 9, source: {de: geschätzt, en: estimated}, decided: 2026-11-23}
  after: [first]
  pointers: [{kind: article, key: iot-01}]
  employees_from: 10
"""


def _words(text: str) -> Text:
    return Text(text, text)


def _form() -> Form:
    stages = (Choice("0", _words("0")), Choice("1", _words("1")), Choice("not_applicable", _words("-")))
    boxes = (Choice("a", _words("a")), Choice("none", _words("none"), exclusive=True))
    return Form(
        "f",
        "1",
        _words("f"),
        (
            Question("q", Kind.SELECT_ONE, _words("q"), choices=stages),
            Question("s", Kind.SELECT_MULTIPLE, _words("s"), choices=boxes),
            Question("n", Kind.INTEGER, _words("n")),
        ),
    )


def test_a_good_file_is_read_whole() -> None:
    first, second = read_measures(_GOOD, "m.yaml", _form())
    assert (first.id, first.days, first.cost.likely, first.raises[0].to) == ("first", (1, 2, 3), 5, "1")
    assert (second.after, second.raises[0].adds, second.employees_from) == (("first",), ("a",), 10)
    assert second.pointers[0].key == "iot-01"


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        ("question: q,", "question: gone,", "m.yaml:2 first raises[0] question", "There is no question “gone”"),
        ('to: "1"', 'to: "7"', "m.yaml:2 first raises[0] to", "“7” is not one of 0, 1"),
        ('to: "1"', "to: not_applicable", "m.yaml:2 first raises[0] to", "is not one of"),
        ("adds: [a]", "adds: [none]", "m.yaml:8 second raises[0] adds", "none of these"),
        ("adds: [a]", 'to: "a"', "m.yaml:8 second raises[0] adds", "needs “adds”"),
        ("question: q,", "question: n,", "m.yaml:2 first raises[0] question", "has no choices"),
        ("after: [first]", "after: [third]", "m.yaml second after", "There is no measure “third”"),
        ("after: [first]", "after: [second]", "m.yaml second after", "second → second"),
        ("id: second", "id: first", "m.yaml first", "appears twice"),
        ("days: [1, 2, 3]", "days: [3, 2, 1]", "m.yaml:2 first days", "low, likely, high"),
        ("likely: 5", "likely: 50", "m.yaml:2 first cost likely", "low ≤ likely ≤ high"),
        ("kind: article", "kind: song", "m.yaml:8 second pointers[0] kind", "is not one of"),
        ("employees_from: 10", "employees_from: 10\n  employees_to: 9", "m.yaml:8 second employees_to", "smaller"),
        ("employees_from: 10", "colour: red", "m.yaml:8 second colour", "is not known"),
        ("after: [first]", "after: [first]\n  after: [first]", "m.yaml:15 after", "appears twice"),
        ("en: First}", "}", "m.yaml:2 first title", "needs exactly"),
        ("- id: first", "- id: [first", "m.yaml:", "not valid YAML"),
        ("decided: 2026-11-23", "decided: soon", "m.yaml:2 first cost decided", "must be a day"),
    ],
)
def test_a_mistake_is_told_with_its_place(old: str, new: str, place: str, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_measures(_GOOD.replace(old, new), "m.yaml", _form())
    problem = caught.value
    assert problem.code == "measures_broken"
    assert problem.where.startswith(place)
    assert said in problem.message_en
    assert problem.remedy_de
    assert problem.remedy_en


@pytest.mark.parametrize("text", ["", "a: 1", "- 1", "[]\n---\n[]", "x" * 600_000])
def test_what_is_no_list_of_measures_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read_measures(text, "m.yaml", _form())


def test_a_circle_through_several_measures_is_named() -> None:
    text = _GOOD.replace("- id: second", "  after: [second]\n- id: second")
    with pytest.raises(BadInput) as caught:
        read_measures(text, "m.yaml", _form())
    assert "first → second → first" in caught.value.message_en


def _pointers(kind: str) -> Iterator[tuple[str, str]]:
    for one in shipped_measures():
        for pointer in one.pointers:
            if pointer.kind == kind:
                yield one.id, pointer.key


def test_every_article_a_measure_leads_to_exists_in_both_languages() -> None:
    for measure, key in _pointers("article"):
        folder = _SOURCE / "answers" / "knowledge" / key.rsplit("-", 1)[0]
        assert (folder / f"{key}.de.md").is_file(), (measure, key)
        assert (folder / f"{key}.en.md").is_file(), (measure, key)


def test_every_programme_a_measure_leads_to_is_open() -> None:
    programmes = {key: record for key, record in load_records().items() if record.topic == "funding"}
    for measure, key in _pointers("programme"):
        assert key in programmes, (measure, key)
        assert programmes[key].status == "open", (measure, key)


def test_every_offer_is_sought_by_a_subject_of_the_network_not_by_a_whole_topic() -> None:
    subjects = {tag.id for tag in network.taxonomy() if tag.kind == network.Kind.TOPIC}
    assert {key for _, key in _pointers("offer")} <= subjects
    assert not list(_pointers("event"))  # events are only known by topic: any of them would fit a step by chance


def test_every_demonstrator_is_one_of_those_that_there_are() -> None:
    assert {key for _, key in _pointers("demonstrator")} <= _DEMONSTRATORS


def test_every_article_or_record_named_as_the_source_of_a_cost_exists() -> None:
    articles = {path.name.removesuffix(".de.md") for path in (_SOURCE / "answers" / "knowledge").rglob("*.de.md")}
    for one in shipped_measures():
        for words in (one.cost.source.de, one.cost.source.en):
            named = {word.strip("(),;:.") for word in words.split()}
            slugs = {word for word in named if word.rsplit("-", 1)[0] in _TOPICS and word[-1:].isdigit()}
            assert slugs <= articles, one.id
        own = "eigene" in one.cost.source.de
        assert own or "Beitr" in one.cost.source.de or "Datensatz" in one.cost.source.de, one.id


def _sizes() -> tuple[int | None, ...]:
    return None, 4, 40


def _reach(measures: tuple[Measure, ...], model: str, employees: int | None) -> dict[str, str | tuple[str, ...]]:
    """Return the answers once everything that can be done from nothing is done."""
    prospect = Prospect(shipped_models()[model], {}, questions())
    able = possible(prospect, measures, employees)
    return prospect.after(prospect.today, able.measures)


@pytest.mark.parametrize("employees", _sizes())
def test_from_nothing_every_question_of_the_short_check_can_be_raised_to_its_top(employees: int | None) -> None:
    reached = _reach(shipped_measures(), "own", employees)
    for leaf in shipped_models()["own"].leaves():
        answer = reached[leaf.question]
        if leaf.several:
            assert set(answer) >= {name for name, points in leaf.scores.items() if points}, leaf.question
        else:
            assert leaf.scores[str(answer)] == leaf.high, leaf.question


@pytest.mark.parametrize("employees", _sizes())
def test_from_every_stage_below_the_top_a_step_leads_up(employees: int | None) -> None:
    model = shipped_models()["own"]
    for leaf in model.leaves():
        if leaf.several:
            continue
        for stage, points in leaf.scores.items():
            if points < leaf.high:
                prospect = Prospect(model, {leaf.question: stage}, questions())
                able = possible(prospect, shipped_measures(), employees)
                after = prospect.after(prospect.today, able.measures)
                assert leaf.scores[str(after[leaf.question])] > points, (leaf.question, stage)


def test_no_single_measure_takes_a_question_of_the_short_check_from_nothing_to_the_top() -> None:
    model = shipped_models()["own"]
    for leaf in model.leaves():
        for one in shipped_measures():
            prospect = Prospect(model, {}, questions())
            free = not one.after
            after = prospect.after({}, [one]).get(leaf.question)
            assert not (free and after is not None and not leaf.several and leaf.scores[str(after)] == leaf.high)


@pytest.mark.parametrize("employees", _sizes())
def test_from_nothing_every_item_of_impuls_can_be_raised_to_level_three(employees: int | None) -> None:
    model = shipped_models()["impuls"]
    prospect = Prospect(model, {}, questions())
    reached = _reach(shipped_measures(), "impuls", employees)
    for leaf in model.leaves():
        assert (prospect.value(leaf, reached) or 0) >= 3, leaf.id


@pytest.mark.parametrize("employees", _sizes())
def test_every_block_of_ticks_of_the_dma_has_ways_up(employees: int | None) -> None:
    model = shipped_models()["dma"]
    reached = _reach(shipped_measures(), "dma", employees)
    for leaf in model.leaves():
        if leaf.several:
            assert len(reached[leaf.question]) >= 4, leaf.id


def test_nothing_uses_data_before_data_are_collected() -> None:
    known = {one.id: one for one in shipped_measures()}

    def first(name: str) -> set[str]:
        return {name} | {earlier for before in known[name].after for earlier in first(before)}

    assert "first_machine" in first("weekly_review")
    assert "sensor_daily" in first("service_sold")
    assert "product_senses" in first("product_data_used")


def test_texts_are_two_sentences_or_a_little_more_and_say_when_it_is_done() -> None:
    for one in shipped_measures():
        assert "Fertig ist es, wenn" in one.text.de, one.id
        assert "It is done when" in one.text.en, one.id
        assert len(one.text.de.split()) <= 50, one.id
        assert len(one.title.de) <= 70, one.id


@pytest.mark.parametrize("model", ["own", "dma", "impuls"])
def test_a_company_that_knows_nothing_gets_a_plan_in_every_model(model: str) -> None:
    found = plan(shipped_models()[model], {}, Goal(budget=3_000), shipped_measures(), employees=8, form=questions())
    assert 1 <= len(found.steps) <= 5
    assert found.cost[1] <= 3_000
    assert found.after > found.before
