"""Ranking whole files: passages and questions in, one line per question out (`nordlotse answers rank`)."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from nordlotse.answers.core.dense import Encoders, load_encoders
from nordlotse.answers.core.ports import VectorStore
from nordlotse.answers.core.ranking import Index, Passage
from nordlotse.answers.core.vectors import FileVectors
from nordlotse.foundation.problem import BadInput, NotFound

__all__ = ["default_store", "rank_files"]

FileProgress = Callable[[str, int, int], None]
"""Called with (what is being done, done, total)."""


def default_store() -> FileVectors:
    """Return the vector store in the user's cache directory (XDG_CACHE_HOME, else ~/.cache, else the home's)."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return FileVectors(Path(base) / "nordlotse" / "vectors.sqlite")


def rank_files(
    passages_path: Path | str,
    queries_path: Path | str,
    out_path: Path | str,
    k: int = 10,
    progress: FileProgress | None = None,
    *,
    encoders: Encoders | None = None,
    store: VectorStore | None = None,
) -> int:
    """Rank the passages of one JSON-lines file for the questions of another; returns the number of questions.

    Passages `{"id", "title"?, "text"}`, questions `{"id", "q"}`, output `{"qid", "pids", "confidence", "abstain",
    "ms"}`, one line a question, in the order of the questions. Vectors are kept in `store` (default: the user's
    cache), so a second run embeds only what is new. The output appears only when it is complete.

    Raises BadInput with file, line and remedy for lines that cannot be used, NotFound for missing files.
    """
    if k < 1:
        raise BadInput(
            "k_too_small",
            de=f"k muss mindestens 1 sein, nicht {k}.",
            en=f"k must be at least 1, not {k}.",
            remedy_de="Geben Sie zum Beispiel --k 10 an.",
            remedy_en="Give --k 10, for example.",
        )
    passages = [
        Passage(row["id"], row.get("title") or "", row["text"])
        for row in _rows(Path(passages_path), required=("id", "text"), optional=("title",))
    ]
    queries = list(_rows(Path(queries_path), required=("id", "q")))
    encoders = encoders or load_encoders()
    store = store or default_store()
    index = Index.build(passages, encoders, store, embed=())
    index = index.embed_rest(progress=None if progress is None else lambda n, of: progress("vectors", n, of))
    target = Path(out_path)
    partial = target.with_name(target.name + ".part")
    try:
        with partial.open("w", encoding="utf-8") as out:
            for done, query in enumerate(queries, 1):
                started = time.perf_counter()
                ranking = index.rank(query["q"], k)
                spent = (time.perf_counter() - started) * 1000
                line = {
                    "qid": query["id"],
                    "pids": [hit.passage.id for hit in ranking.hits],
                    "confidence": round(ranking.confidence, 4),
                    "abstain": ranking.abstain,
                    "ms": round(spent, 2),
                }
                out.write(json.dumps(line, ensure_ascii=False) + "\n")
                if progress is not None and (done % 50 == 0 or done == len(queries)):
                    progress("questions", done, len(queries))
        partial.replace(target)
    except OSError as error:
        raise BadInput(
            "cannot_write",
            de=f"Die Ausgabe kann nicht geschrieben werden: {error.strerror}.",
            en=f"The output cannot be written: {error.strerror}.",
            where=str(target),
            remedy_de="Geben Sie mit --out eine Datei in einem vorhandenen, beschreibbaren Ordner an.",
            remedy_en="Give a file in an existing, writable folder with --out.",
        ) from error
    return len(queries)


def _rows(path: Path, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> Iterator[dict[str, Any]]:
    """Yield the checked objects of a JSON-lines file; blank lines are skipped, ids must be unique."""
    seen: dict[str, int] = {}
    for number, raw in enumerate(_lines(path), 1):
        where = f"{path}:{number}"
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise BadInput(
                "not_utf8",
                de=f"Die Zeile ist kein gültiges UTF-8 (Byte {error.start + 1}).",
                en=f"The line is not valid UTF-8 (byte {error.start + 1}).",
                where=where,
                remedy_de="Speichern Sie die Datei als UTF-8.",
                remedy_en="Save the file as UTF-8.",
            ) from error
        if not line.strip():
            continue
        row = _object(line, where)
        for name in (*required, *optional):
            _check_field(row, name, name in required, where)
        if row["id"] in seen:
            raise BadInput(
                "duplicate_id",
                de=f"Die Kennung „{row['id']}“ steht schon in Zeile {seen[row['id']]}.",
                en=f'The id "{row["id"]}" already stands in line {seen[row["id"]]}.',
                where=where,
                remedy_de="Geben Sie jeder Zeile eine eigene Kennung.",
                remedy_en="Give every line an id of its own.",
            )
        seen[row["id"]] = number
        yield row
    if not seen:
        raise BadInput(
            "empty_file",
            de="Die Datei enthält keine Zeilen.",
            en="The file contains no lines.",
            where=str(path),
            remedy_de="Geben Sie eine Datei mit einem JSON-Objekt je Zeile an.",
            remedy_en="Give a file with one JSON object per line.",
        )


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from file
    except FileNotFoundError as error:
        raise NotFound(
            "no_such_file",
            de="Diese Datei gibt es nicht.",
            en="There is no such file.",
            where=str(path),
            remedy_de="Prüfen Sie Pfad und Schreibweise.",
            remedy_en="Check path and spelling.",
        ) from error
    except OSError as error:
        raise BadInput(
            "cannot_read",
            de=f"Die Datei kann nicht gelesen werden: {error.strerror}.",
            en=f"The file cannot be read: {error.strerror}.",
            where=str(path),
            remedy_de="Geben Sie eine lesbare Datei an, keinen Ordner.",
            remedy_en="Give a readable file, not a folder.",
        ) from error


def _object(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadInput(
            "not_json",
            de="Die Zeile ist kein JSON.",
            en="The line is not JSON.",
            where=where,
            remedy_de="Schreiben Sie ein JSON-Objekt je Zeile (JSON Lines).",
            remedy_en="Write one JSON object per line (JSON Lines).",
        ) from error
    if not isinstance(row, dict):
        raise BadInput(
            "not_an_object",
            de="Die Zeile ist kein JSON-Objekt.",
            en="The line is not a JSON object.",
            where=where,
            remedy_de='Schreiben Sie zum Beispiel {"id": "1", "text": "…"}.',
            remedy_en='Write {"id": "1", "text": "…"}, for example.',
        )
    return row


def _check_field(row: dict[str, Any], name: str, required: bool, where: str) -> None:
    value = row.get(name)
    if value is None and not required:
        return
    if name == "id" and isinstance(value, int) and not isinstance(value, bool):
        value = row[name] = str(value)
    if not isinstance(value, str) or (name == "id" and not value):
        problem_de = "fehlt" if value is None else "ist kein Text" if not isinstance(value, str) else "ist leer"
        problem_en = "is missing" if value is None else "is no text" if not isinstance(value, str) else "is empty"
        raise BadInput(
            "bad_field",
            de=f"Das Feld „{name}“ {problem_de}.",
            en=f'The field "{name}" {problem_en}.',
            where=where,
            remedy_de=f"Geben Sie „{name}“ als Zeichenkette an.",
            remedy_en=f'Give "{name}" as a string.',
        )


def print_progress(what: str, done: int, total: int) -> None:
    """Write progress to stderr, over one line."""
    end = "\n" if done == total else ""
    sys.stderr.write(f"\r{what}: {done}/{total}{end}")
    sys.stderr.flush()
