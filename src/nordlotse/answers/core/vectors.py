"""Stores for embeddings and the resumable job that fills them: nothing is embedded twice."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from nordlotse.answers.core.ports import Encoder, Matrix, Vector, VectorStore

__all__ = [
    "BATCH",
    "FileVectors",
    "MemoryVectors",
    "VectorStore",
    "embed_missing",
    "stored_vectors",
    "vector_key",
]

BATCH = 16
"""Texts embedded and committed at once: small enough that an interrupted job loses about a second of work."""

_KEYS_PER_SELECT = 500
_BUSY_SECONDS = 60.0

Progress = Callable[[int, int], None]
"""Called after every batch with (done, total)."""


def vector_key(kind: str, encoder: Encoder, text: str) -> str:
    """Return the key of a text's vector: SHA-1 over kind, model id, model version and text (40 hex digits).

    `kind` ("passage", "query", "sentence") is part of it because models treat questions and passages differently.
    A vector of another model or version has another key, so it is never mixed in: it is simply not found.
    """
    parts = (kind, encoder.name, encoder.version, text)
    joined = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


class MemoryVectors:
    """Vectors in a dictionary; gone with the process. Safe for several threads."""

    def __init__(self) -> None:
        self._rows: dict[str, np.ndarray] = {}

    def get(self, keys: Sequence[str]) -> dict[str, Vector]:
        """Return the stored vectors among `keys` as float32."""
        rows = self._rows
        return {key: rows[key].astype(np.float32) for key in keys if key in rows}

    def put(self, vectors: Mapping[str, Vector]) -> None:
        """Store vectors as float16, like the file store, so that both give the same ranking."""
        self._rows.update({key: np.asarray(vector, dtype=np.float16) for key, vector in vectors.items()})


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Switch the file to WAL, waiting for others that do the same at this moment.

    SQLite does not call its busy handler while the journal mode changes: two processes that open a new file together
    get "database is locked" at once, whatever the timeout of the connection says.
    """
    until = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


class FileVectors:
    """Vectors in one SQLite file (float16 blobs); safe for several threads and processes.

    Every `put` is one transaction. A file that is no SQLite database is set aside as `<name>.broken` and started
    anew: the vectors are a build product and can be made again.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._local = threading.local()
        try:
            self._connection()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            self.path.replace(self.path.with_name(self.path.name + ".broken"))
            self._connection()

    def _connection(self) -> sqlite3.Connection:
        """One connection per process and thread: SQLite handles must not cross a fork."""
        owner = getattr(self._local, "pid", None)
        if owner != os.getpid():
            connection = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)
            try:
                _use_write_ahead_log(connection)
                connection.execute("PRAGMA synchronous=NORMAL")
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS vectors (key TEXT PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"
                )
            except sqlite3.Error:
                connection.close()
                raise
            self._local.connection = connection
            self._local.pid = os.getpid()
        mine: sqlite3.Connection = self._local.connection
        return mine

    def get(self, keys: Sequence[str]) -> dict[str, Vector]:
        """Return the stored vectors among `keys` as float32."""
        found: dict[str, Vector] = {}
        connection = self._connection()
        for start in range(0, len(keys), _KEYS_PER_SELECT):
            part = list(keys[start : start + _KEYS_PER_SELECT])
            marks = ",".join("?" * len(part))
            select = f"SELECT key, vector FROM vectors WHERE key IN ({marks})"  # noqa: S608 - only question marks
            for key, blob in connection.execute(select, part):
                found[key] = np.frombuffer(blob, dtype="<f2").astype(np.float32)
        return found

    def put(self, vectors: Mapping[str, Vector]) -> None:
        """Store vectors in one transaction; waits up to a minute for another writer."""
        rows = [(key, np.asarray(vector).astype("<f2").tobytes()) for key, vector in vectors.items()]
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.executemany("INSERT OR REPLACE INTO vectors (key, vector) VALUES (?, ?)", rows)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def close(self) -> None:
        """Close this thread's connection; the next call opens a new one."""
        if getattr(self._local, "pid", None) == os.getpid():
            self._local.connection.close()
        self._local.pid = None


def stored_vectors(
    texts: Sequence[str], encoder: Encoder, store: VectorStore, kind: str = "passage"
) -> tuple[Matrix, np.ndarray]:
    """Return (matrix (n, dim), found (n,) bool): the stored vectors of `texts`, zero rows where none is stored.

    A stored vector of a wrong length counts as missing.
    """
    matrix = np.zeros((len(texts), encoder.dim), dtype=np.float32)
    known = np.zeros(len(texts), dtype=bool)
    for start in range(0, len(texts), _KEYS_PER_SELECT):  # in parts, so that large pools are not held twice
        keys = [vector_key(kind, encoder, text) for text in texts[start : start + _KEYS_PER_SELECT]]
        found = store.get(keys)
        for row, key in enumerate(keys, start):
            vector = found.get(key)
            if vector is not None and vector.shape == (encoder.dim,):
                matrix[row] = vector
                known[row] = True
    return matrix, known


def embed_missing(
    texts: Sequence[str],
    encoder: Encoder,
    store: VectorStore,
    *,
    kind: str = "passage",
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> int:
    """Embed every text that has no stored vector, in batches of 16, and return how many were embedded.

    Each batch is stored before the next begins, so an interrupted job goes on where it stopped. Equal texts are
    embedded once. `cancelled` is asked before every batch.
    """
    wanted = {vector_key(kind, encoder, text): text for text in texts}
    keys = list(wanted)
    missing = _missing(keys, store)
    done = 0
    for start in range(0, len(missing), BATCH):
        if cancelled is not None and cancelled():
            break
        batch = missing[start : start + BATCH]
        vectors = encoder.passages([wanted[key] for key in batch])
        store.put(dict(zip(batch, vectors, strict=True)))
        done += len(batch)
        if progress is not None:
            progress(done, len(missing))
    return done


def _missing(keys: list[str], store: VectorStore) -> list[str]:
    known: set[str] = set()
    for start in range(0, len(keys), _KEYS_PER_SELECT):
        known.update(store.get(keys[start : start + _KEYS_PER_SELECT]))
    return [key for key in keys if key not in known]
