"""Every vector store keeps the same promises; nothing is embedded twice."""

from __future__ import annotations

import multiprocessing
import threading
from pathlib import Path

import numpy as np
import pytest

from nordlotse.answers.core.vectors import (
    BATCH,
    FileVectors,
    MemoryVectors,
    VectorStore,
    embed_missing,
    stored_vectors,
    vector_key,
)
from tests.answers.core.stand_ins import HashEncoder


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> VectorStore:
    return MemoryVectors() if request.param == "memory" else FileVectors(tmp_path / "deep" / "vectors.sqlite")


def _unit(seed: int) -> np.ndarray:
    vector = np.random.default_rng(seed).normal(size=8).astype(np.float32)
    return vector / np.float32(np.linalg.norm(vector))


def test_what_was_put_comes_back_within_half_precision(store: VectorStore) -> None:
    store.put({"a": _unit(1), "b": _unit(2)})
    found = store.get(["a", "b"])
    assert found["a"].dtype == np.float32
    np.testing.assert_allclose(found["a"], _unit(1), atol=1e-3)
    np.testing.assert_allclose(found["b"], _unit(2), atol=1e-3)


def test_unknown_keys_are_left_out(store: VectorStore) -> None:
    store.put({"a": _unit(1)})
    assert set(store.get(["a", "b"])) == {"a"}
    assert store.get([]) == {}


def test_a_second_put_replaces(store: VectorStore) -> None:
    store.put({"a": _unit(1)})
    store.put({"a": _unit(2)})
    np.testing.assert_allclose(store.get(["a"])["a"], _unit(2), atol=1e-3)


def test_thousands_of_keys_are_read_at_once(store: VectorStore) -> None:
    store.put({f"k{i}": _unit(i) for i in range(1700)})
    assert len(store.get([f"k{i}" for i in range(1700)])) == 1700


def test_threads_write_and_read_together(store: VectorStore) -> None:
    def write(start: int) -> None:
        for i in range(start, start + 20):
            store.put({f"k{i}": _unit(i)})
            store.get([f"k{i}"])

    threads = [threading.Thread(target=write, args=(100 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.get([f"k{100 * n + i}" for n in range(4) for i in range(20)])) == 80


def test_equal_texts_are_embedded_once_and_never_again(store: VectorStore) -> None:
    encoder = HashEncoder()
    assert embed_missing(["eins", "zwei", "eins"], encoder, store) == 2
    assert embed_missing(["zwei", "eins", "drei"], encoder, store) == 1
    assert encoder.embedded == ["eins", "zwei", "drei"]


def test_an_interrupted_job_goes_on_where_it_stopped(store: VectorStore) -> None:
    encoder = HashEncoder()
    texts = [f"text {i}" for i in range(3 * BATCH)]
    asked = iter([False, True])
    assert embed_missing(texts, encoder, store, cancelled=lambda: next(asked)) == BATCH
    seen: list[tuple[int, int]] = []
    assert embed_missing(texts, encoder, store, progress=lambda done, of: seen.append((done, of))) == 2 * BATCH
    assert seen == [(BATCH, 2 * BATCH), (2 * BATCH, 2 * BATCH)]
    assert len(encoder.embedded) == 3 * BATCH


def test_a_crash_in_the_middle_keeps_the_finished_batches(store: VectorStore) -> None:
    class Breaking(HashEncoder):
        def passages(self, texts):  # type: ignore[no-untyped-def]
            if len(self.embedded) >= BATCH:
                raise RuntimeError("power cut")
            return super().passages(texts)

    texts = [f"text {i}" for i in range(2 * BATCH)]
    with pytest.raises(RuntimeError):
        embed_missing(texts, Breaking(), store)
    assert stored_vectors(texts, HashEncoder(), store)[1].sum() == BATCH


def test_vectors_of_another_model_version_or_kind_are_never_used(store: VectorStore) -> None:
    embed_missing(["text"], HashEncoder(version="1"), store)
    assert not stored_vectors(["text"], HashEncoder(version="2"), store)[1].any()
    assert not stored_vectors(["text"], HashEncoder(name="other"), store)[1].any()
    assert not stored_vectors(["text"], HashEncoder(version="1"), store, "query")[1].any()
    assert stored_vectors(["text"], HashEncoder(version="1"), store)[1].all()


def test_a_stored_vector_of_wrong_length_counts_as_missing(store: VectorStore) -> None:
    encoder = HashEncoder()
    store.put({vector_key("passage", encoder, "text"): np.ones(3, dtype=np.float32)})
    assert not stored_vectors(["text"], encoder, store)[1].any()


def test_keys_of_odd_texts_can_be_made() -> None:
    assert len({vector_key("passage", HashEncoder(), text) for text in ("", "\x00", "\ud800", "😀")}) == 4


def _write_many(path: str, start: int) -> None:
    store = FileVectors(path)
    for i in range(start, start + 30):
        store.put({f"k{i}": _unit(i)})


def test_processes_share_one_file(tmp_path: Path) -> None:
    path = str(tmp_path / "vectors.sqlite")
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_write_many, args=(path, 100 * n)) for n in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert len(FileVectors(path).get([f"k{100 * n + i}" for n in range(2) for i in range(30)])) == 60


def test_a_file_that_is_no_database_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite"
    path.write_bytes(b"this is no database, not even nearly one" * 50)
    store = FileVectors(path)
    store.put({"a": _unit(1)})
    assert set(store.get(["a"])) == {"a"}
    assert path.with_name("vectors.sqlite.broken").exists()
    store.close()
