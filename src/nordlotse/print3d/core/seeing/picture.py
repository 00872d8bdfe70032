"""The picture's data: what the viewer in a browser draws, as one block of bytes (`ansicht.bin`).

Little-endian: `NLV1`, uint32 length of the JSON, JSON (UTF-8), zeros up to a multiple of 4 bytes, then the arrays in the order the JSON's
`arrays` names them. `vertices` are mm of the file's coordinates less the JSON's `origin`.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nordlotse.print3d.core.limits_data import process_limits
from nordlotse.print3d.core.mesh import Ints
from nordlotse.print3d.core.seeing import colours
from nordlotse.print3d.core.seeing.coarser import coarser
from nordlotse.print3d.core.seeing.look import Seen, numbered
from nordlotse.print3d.core.seeing.marks import Marks, nearest_piece
from nordlotse.print3d.core.values import Checked, Limits, Process

MAGIC = b"NLV1"
#: Above so many triangles the picture is simplified: a browser on a telephone turns them smoothly.
MOST = 400_000


def picture_data(
    seen: Seen, checked: Checked, process: str = "", limits: Mapping[Process, Limits] | None = None, most: int = MOST
) -> bytes:
    """Return the picture's data of a part: its triangles with thickness and incline, the findings with their triangles, the colours.

    Above `most` triangles the surface is simplified, for the picture only; the triangles of findings stay as they are.
    """
    given = process_limits() if limits is None else limits
    own = numbered(checked.findings)
    marks = Marks(seen)
    slices = [marks.of(one.finding) for one in own]
    faces_before = len(seen.faces)
    shown = seen
    if faces_before > most:
        shown, slices = _simplified(seen, slices, most)
    mesh = shown.mesh
    slices = [
        pieces if len(pieces) else nearest_piece(mesh, one.finding.where)
        for one, pieces in zip(own, slices, strict=True)
    ]
    first = np.cumsum([0, *(len(pieces) for pieces in slices)])
    findings = [
        {
            "number": one.number,
            "code": one.finding.code,
            "severity": one.finding.severity.value,
            "where": list(one.finding.where),
            "value": one.finding.value,
            "limit": one.finding.limit,
            "unit": one.finding.unit,
            "processes": list(one.finding.processes),
            "first": int(begin),
            "count": len(pieces),
        }
        for one, pieces, begin in zip(own, slices, first[:-1], strict=True)
    ]
    bounds = mesh.bounds
    origin = bounds.mean(axis=0)
    head = {
        "origin": origin.tolist(),
        "bounds": bounds.tolist(),
        "size": mesh.size.tolist(),
        "triangles": checked.facts.triangles,
        "simplified": faces_before > most,
        "findings": findings,
        "limits": {
            str(name): {"wall": one.wall, "gap": one.gap, "overhang": one.overhang} for name, one in given.items()
        },
        "process": process,
        "limit": colours.limit_of(process, limits),
        "colours": _colours(),
    }
    arrays: list[tuple[str, NDArray[Any]]] = [
        ("vertices", (shown.vertices - origin).astype("<f4")),
        ("faces", shown.faces.astype("<u4")),
        ("width", shown.wall.astype("<f4")),
        ("angle", shown.angle.astype("<f4")),
        ("parent", shown.parent.astype("<u4")),
        ("marked", np.concatenate([np.zeros(0, np.int32), *slices]).astype("<u4")),
    ]
    return _block(head, arrays)


def _colours() -> dict[str, Any]:
    """Return the table of colours as the viewer takes it: it holds none of its own."""
    return {
        "stops": [[share, list(colour)] for share, colour in colours.STOPS],
        "unknown": list(colours.UNKNOWN),
        "overhang": list(colours.OVERHANG),
        "marked": list(colours.MARKED),
    }


def _simplified(seen: Seen, slices: list[Ints], most: int) -> tuple[Seen, list[Ints]]:
    """Return the part with at most about `most` triangles, and the findings' pieces there."""
    keep = np.unique(np.concatenate([np.zeros(0, np.int32), *slices]))
    mesh, of = coarser(seen.mesh, most, keep)
    place = np.full(len(seen.faces), -1, np.int32)
    place[of] = np.arange(len(of), dtype=np.int32)
    moved = [place[pieces] for pieces in slices]
    shown = Seen(mesh.vertices, mesh.faces, seen.parent[of], seen.wall[of], seen.gap[of], seen.angle[of])
    return shown, [pieces[pieces >= 0] for pieces in moved]


def _block(head: Mapping[str, Any], arrays: Sequence[tuple[str, NDArray[Any]]]) -> bytes:
    named = [{"name": name, "type": array.dtype.str, "shape": list(array.shape)} for name, array in arrays]
    text = json.dumps({**head, "arrays": named}, ensure_ascii=False, allow_nan=False).encode()
    padding = b"\0" * (-(len(MAGIC) + 4 + len(text)) % 4)
    return b"".join([MAGIC, struct.pack("<I", len(text)), text, padding, *(array.tobytes() for _, array in arrays)])


def read_picture(data: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return the JSON and the arrays of a picture's data, as the viewer reads them.

    Raises:
        ValueError: it is no picture's data, or not whole.
    """
    if len(data) < 8 or data[:4] != MAGIC:
        raise ValueError("no picture's data")
    (length,) = struct.unpack_from("<I", data, 4)
    head: dict[str, Any] = json.loads(data[8 : 8 + length])
    at = 8 + length + (-(8 + length) % 4)
    arrays = {}
    for one in head["arrays"]:
        count = int(np.prod(one["shape"]))
        arrays[one["name"]] = np.frombuffer(data, one["type"], count, at).reshape(one["shape"])
        at += count * np.dtype(one["type"]).itemsize
    return head, arrays
