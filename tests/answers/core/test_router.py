"""The router learns from examples, keeps to possible combinations and survives any input."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nordlotse.answers.core.dense import Encoders
from nordlotse.answers.core.ports import Matrix, Vector
from nordlotse.answers.core.router import Router, training_vectors
from nordlotse.answers.core.softmax import Head, fit, log_softmax, temperature
from nordlotse.answers.core.training import Example, held_out, load_training, read_training
from nordlotse.answers.core.understand import DEMONSTRATORS, KINDS, TOPICS, Given, Neighbour, tidy
from nordlotse.answers.core.vectors import MemoryVectors
from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.region import State


class Letters:
    """An encoder for tests: counts of letter pairs, hashed; counts how often it is asked."""

    name = "letters"
    version = "1"
    dim = 64

    def __init__(self) -> None:
        self.asked = 0

    def query(self, text: str) -> Vector:
        self.asked += 1
        vector = np.full(self.dim, 0.01, dtype=np.float32)
        for a, b in pairwise(text):
            vector[(ord(a) * 31 + ord(b)) % self.dim] += 1
        unit: Vector = vector / np.linalg.norm(vector)
        return unit

    def passages(self, texts: Sequence[str]) -> Matrix:
        return np.stack([self.query(t) for t in texts])


@pytest.fixture(scope="module")
def router() -> Router:
    """A router of words alone, learned from the part that is not held out."""
    return Router.train([e for e in load_training() if not held_out(e)], Encoders(), MemoryVectors())


@pytest.fixture(scope="module")
def few() -> list[Example]:
    return [e for i, e in enumerate(load_training()) if i % 6 == 0]


# ---- training data ----


def test_there_are_at_least_1600_own_questions_and_a_quarter_is_english() -> None:
    training = load_training()
    assert len(training) >= 1_600
    assert 0.22 <= sum(e.lang == "en" for e in training) / len(training) <= 0.4


def test_no_question_occurs_twice() -> None:
    questions = [e.question.lower() for e in load_training()]
    assert len(set(questions)) == len(questions)


def test_every_class_has_examples_to_learn_from_and_to_measure_on() -> None:
    for part, names in (("topic", TOPICS), ("kind", KINDS), ("demonstrator", DEMONSTRATORS)):
        for name in names:
            rows = [e for e in load_training() if getattr(e, part) == name]
            assert any(held_out(e) for e in rows), name
            assert any(not held_out(e) for e in rows), name


def test_about_a_fifth_is_held_out() -> None:
    share = sum(held_out(e) for e in load_training()) / len(load_training())
    assert 0.15 <= share <= 0.27


def test_an_answered_subject_is_held_out_as_a_whole() -> None:
    by_group: dict[str, set[bool]] = {}
    for e in load_training():
        if e.kind == "answer":
            by_group.setdefault(e.group, set()).add(held_out(e))
    assert all(len(values) == 1 for values in by_group.values())


def test_only_unanswered_questions_have_a_card() -> None:
    assert all(bool(e.card) == (e.kind != "answer") for e in load_training())


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        '{"question": "x"}',
        '{"question":"x","lang":"de","topic":"cooking","kind":"answer","demonstrator":"none"}',
        '{"question":"x","lang":"de","topic":"iot","kind":"decline","demonstrator":"none"}',
    ],
)
def test_a_broken_training_line_names_its_number(line: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_training(["", line])
    assert caught.value.where.endswith("line 2")


# ---- the regression ----


def test_the_regression_separates_what_can_be_separated() -> None:
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 3, 300)
    x = (np.eye(3)[labels] + rng.normal(0, 0.1, (300, 3))).astype(np.float32)
    w = fit(x, [Head(labels, np.ones(300, dtype=np.float32), 3)], 1e-3)
    assert (np.argmax(x @ w[:-1] + w[-1], axis=1) == labels).mean() > 0.99


def test_examples_without_a_label_are_left_out() -> None:
    x = np.array([[1.0], [-1.0], [5.0]], dtype=np.float32)
    ones = np.ones(3, dtype=np.float32)
    with_unknown = fit(x, [Head(np.array([0, 1, -1]), ones, 2)], 1e-2)
    without = fit(x[:2], [Head(np.array([0, 1]), ones[:2], 2)], 1e-2)
    assert np.allclose(with_unknown, without, atol=1e-3)


def test_too_sure_logits_get_a_temperature_above_one() -> None:
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 2, 500)
    shown = np.where(rng.random(500) < 0.7, labels, 1 - labels)  # right in 70 of 100, but claims 95
    logits = (np.eye(2)[shown] * 3).astype(np.float32)
    t = temperature(logits, labels)
    assert t > 1
    assert np.exp(log_softmax((logits / t).astype(np.float32))).max() == pytest.approx(0.7, abs=0.06)


# ---- the router ----


def test_words_alone_beat_the_constant_guess_on_unseen_subjects(router: Router) -> None:
    test = [e for e in load_training() if held_out(e)]
    found = [router.understand(e.question) for e in test]
    for part, floor in (("topic", 0.5), ("kind", 0.75), ("demonstrator", 0.6)):
        right = sum(getattr(e, part) == getattr(u, part) for e, u in zip(test, found, strict=True)) / len(test)
        assert right >= floor, part


@pytest.mark.parametrize(
    ("question", "topic", "kind", "demonstrator"),
    [
        ("Wir wurden verschlüsselt, was tun?", "digitalisation", "emergency", "none"),
        ("Was kostet ein gedrucktes Kunststoffteil?", "print3d", "answer", "print_check"),
        ("Ab wann müssen wir elektronische Rechnungen empfangen?", "digitalisation", "answer", "none"),
        ("Was ist eine Verwaltungsschale?", "industrie40", "answer", "twin"),
        ("Wie berechnet man die OEE?", "iot", "answer", "iot"),
        ("Wann ist die nächste Veranstaltung?", "events", "refer", "none"),
        ("Rezept für Pfannkuchen", "out_of_scope", "decline", "none"),
        ("Können wir was mit Sensoren machen?", "iot", "clarify", "iot"),
    ],
)
def test_plain_questions_go_where_they_belong(
    router: Router, question: str, topic: str, kind: str, demonstrator: str
) -> None:
    found = router.understand(question)
    assert (found.topic, found.kind, found.demonstrator) == (topic, kind, demonstrator)


def test_what_was_given_wins_over_what_is_read(router: Router) -> None:
    found = router.understand("Wir sind 30 Leute in Kiel", given=Given("en", State.HH, 5))
    assert (found.lang, found.state, found.employees) == ("en", State.HH, 5)


def test_what_was_not_given_is_read(router: Router) -> None:
    found = router.understand("Wir sind 30 Leute in Kiel, gibt es Förderung?")
    assert (found.lang, found.state, found.employees) == ("de", State.SH, 30)


def test_what_lies_near_does_not_overrule_a_rule(router: Router) -> None:
    near = [Neighbour("print3d", "print_check", 9.0)] * 20
    assert router.understand("Wir wurden gehackt, was jetzt?", near=near).kind == "emergency"


def test_what_lies_near_moves_the_shares_its_way(router: Router) -> None:
    near = [Neighbour("iot", "iot", 5.0 - i / 10) for i in range(20)]
    question = "Wie geht man am besten vor?"
    without, with_near = router.understand(question), router.understand(question, near=near)
    assert with_near.topic == "iot" or with_near.topic_p < without.topic_p


def test_a_card_is_named_exactly_when_nothing_is_answered(router: Router) -> None:
    for example in load_training()[::25]:
        found = router.understand(example.question)
        assert (found.card is None) == (found.kind == "answer")


def test_the_names_of_what_is_asked_are_handed_on(router: Router) -> None:
    assert "AAS" in {e.term for e in router.understand("Was ist eine Verwaltungsschale?").expansions}


@pytest.mark.parametrize("text", ["", "?", "🙂🙂🙂", "42", "\x00"])
def test_no_words_lead_to_a_question_back(router: Router, text: str) -> None:
    found = router.understand(text)
    assert (found.kind, found.card, found.reason) == ("clarify", "clarify-empty", "rule:says-nothing")


BAD = ["", "a", "x" * 20_000, "🙂" * 500, "\x00\x01\x02", "<b><i>" * 3_000, "'; DROP TABLE a; --", "\u202eabc\u202c", "ﷺ" * 300,
       "\ud800\udfff", "Grüße\x00aus\x07Kiel", "1" * 20_000, "ä ö ü " * 4_000, "was " * 5_000]  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_bad_input_is_understood_in_under_50_ms(router: Router, text: str) -> None:
    router.understand("warm")
    start = time.perf_counter()
    found = router.understand(text)
    assert time.perf_counter() - start < 0.05
    assert found.kind in KINDS


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=500))
def test_any_text_gives_a_possible_combination(router: Router, text: str) -> None:
    found = router.understand(text)
    assert found.topic in TOPICS
    assert found.demonstrator in DEMONSTRATORS
    assert (found.kind == "decline") == (found.topic == "out_of_scope")
    assert found.demonstrator == "none" or found.kind in ("answer", "clarify")
    for p in (found.topic_p, found.kind_p, found.demonstrator_p):
        assert 0 <= p <= 1.0001


def test_a_saved_router_decides_the_same(few: list[Example], tmp_path: Path) -> None:
    encoder = Letters()
    made = Router.train(few, Encoders(e5=encoder), MemoryVectors())
    path = tmp_path / "deep" / "router.npz"
    made.save(path)
    again = Router.load(path, made.key)
    assert again is not None
    for example in few[::20]:
        vector = encoder.query(tidy(example.question))
        assert again.understand(example.question, e5=vector) == made.understand(example.question, e5=vector)


def test_a_router_made_from_something_else_is_not_loaded(few: list[Example], tmp_path: Path) -> None:
    made = Router.train(few[:120], Encoders(), MemoryVectors())
    made.save(tmp_path / "router.npz")
    assert Router.load(tmp_path / "router.npz", "another key") is None
    assert Router.load(tmp_path / "nothing.npz", made.key) is None


def test_a_damaged_file_is_not_loaded(tmp_path: Path) -> None:
    (tmp_path / "router.npz").write_bytes(b"PK\x03\x04 broken")
    assert Router.load(tmp_path / "router.npz", "any") is None


def test_the_key_depends_on_examples_and_encoders(few: list[Example]) -> None:
    keys = {
        Router.key_for(few, Encoders()),
        Router.key_for(few[1:], Encoders()),
        Router.key_for(few, Encoders(e5=Letters())),
        Router.key_for(few, Encoders(use=Letters())),
    }
    assert len(keys) >= 3
    assert Router.key_for(few, Encoders()) == Router.key_for(list(few), Encoders())


def test_no_question_is_embedded_twice(few: list[Example]) -> None:
    encoder, store = Letters(), MemoryVectors()
    training_vectors(few, encoder, store)
    asked = encoder.asked
    training_vectors(few, encoder, store)
    assert encoder.asked == asked


def test_understanding_takes_a_few_milliseconds_beside_the_embedding(router: Router) -> None:
    times = []
    for example in load_training()[::15]:
        start = time.perf_counter()
        router.understand(example.question)
        times.append(time.perf_counter() - start)
    assert sorted(times)[len(times) // 2] < 0.003
