"""The parts to measure on, prepared as the recorded slices were: from the folder with the measuring data, not from the repository."""

from __future__ import annotations

import csv
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nordlotse.print3d.core.mesh import Floats, Mesh
from nordlotse.print3d.core.reading import read

#: Reading of a part from its file counts as part of the estimate's time; the warm-up does not.
ROOT = Path(__file__).resolve().parents[2]


def folder() -> Path:
    """Return the folder of the parts: NORDLOTSE_SHARED, else `../shared` beside the checkout."""
    found = Path(os.environ.get("NORDLOTSE_SHARED") or ROOT.parent / "shared") / "data" / "print3d"
    if not found.is_dir():
        raise SystemExit(f"{found} is missing: set NORDLOTSE_SHARED to the folder with the measuring data")
    return found


def missing() -> bool:
    """Say so and return True where the folder of the parts is not there: what needs it is skipped."""
    try:
        folder()
    except SystemExit as reason:
        print(f"SKIPPED, not measured: {reason}")
        return True
    return False


@dataclass(frozen=True, eq=False)
class Part:
    """A part as it was sliced: centred, lowest point at 0; `seconds` of CPU its reading took; `group`: STL and STEP of one part."""

    name: str
    group: str
    mesh: Mesh
    data: bytes
    scale: float
    seconds: float


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file of the folder."""
    with (folder() / name).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def group_of(name: str) -> str:
    """Return the part's name without its format: STL and STEP of one part are one."""
    stem = re.sub(r"\.(stl|stp|step|3mf|obj|ply)$", "", name, flags=re.IGNORECASE).lower()
    return {"trimesh_counter.unitsmm": "trimesh_counterxp"}.get(stem, stem)


def parts() -> Iterator[Part]:
    """Yield the parts that can be read, scaled so that they have the size they were sliced with."""
    for row in rows("parts.csv"):
        if not row["scale"]:
            continue
        data = (folder() / "parts" / row["file"]).read_bytes()
        size = np.array([float(row[f"d{axis}_mm"]) for axis in "xyz"])
        try:
            first = read(data, row["file"], unit="mm").mesh
        except Exception as problem:
            print(f"  not read: {row['file']}: {problem}")
            continue
        scale = float(size.max() / first.size.max())
        started = time.process_time()
        mesh = read(data, row["file"], unit="mm", scale=scale).mesh
        seconds = time.process_time() - started
        yield Part(row["file"], group_of(row["file"]), mesh.on_bed(), data, scale, seconds)


def matrix(text: str) -> Floats:
    """Return the 3 × 3 matrix written as nine numbers row by row."""
    return np.array([float(word) for word in text.split()]).reshape(3, 3)


def quantiles(values: Floats) -> str:
    """Return median and 90th percentile of the sizes of errors, as per cent."""
    size = np.abs(values[np.isfinite(values)])
    return f"median {np.median(size):6.1%}   90th percentile {np.percentile(size, 90):6.1%}"
