"""Takes the triangles out of a binary glTF, as the STEP converter writes it: a tree of nodes with transforms and meshes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from nordlotse.print3d.core.limits import MAX_DEPTH, MAX_PARTS, MAX_TRIANGLES
from nordlotse.print3d.core.mesh import Floats, Ints
from nordlotse.print3d.core.refusals import broken, too_many_triangles

_TYPES = {5121: np.uint8, 5123: np.uint16, 5125: np.uint32}


def bodies_of(data: bytes, where: str) -> list[tuple[str, Floats, Ints]]:
    """Return name, vertices (n, 3) in the file's unit and faces (m, 3) of each node with a mesh, transforms applied.

    Raises:
        BadInput: `step_unreadable`, if the tree is not one.
        TooLarge: `too_many_triangles`.
    """
    length = int.from_bytes(data[12:16], "little")
    tree = json.loads(data[20 : 20 + length])
    binary = data[20 + length + 8 :]
    found: list[tuple[str, Floats, Ints]] = []
    waiting = [(node, np.eye(4), 0) for node in tree.get("scenes", [{}])[tree.get("scene", 0)].get("nodes", [])]
    total = 0
    while waiting:
        number, above, depth = waiting.pop(0)
        node = tree["nodes"][number]
        place = above @ _place(node)
        if depth > MAX_DEPTH or len(found) > MAX_PARTS:
            raise broken(
                "step_unreadable",
                "Die Baugruppe ist zu tief verschachtelt.",
                "The assembly is nested too deeply.",
                where,
            )
        if "mesh" in node:
            mesh = tree["meshes"][node["mesh"]]
            total += sum(_count(tree, primitive) for primitive in mesh["primitives"])
            if total > MAX_TRIANGLES:
                raise too_many_triangles(total, where)
            vertices, faces = _mesh(tree, binary, mesh)
            # the mesh bears the product's name, the node only that of its use in the assembly
            title = str(mesh.get("name") or node.get("name", ""))[:80]
            found.append((title, vertices @ place[:3, :3].T + place[:3, 3], faces))
        waiting += [(child, place, depth + 1) for child in node.get("children", [])]
    return found


def _place(node: dict[str, Any]) -> Floats:
    if "matrix" in node:
        return np.array(node["matrix"], np.float64).reshape(4, 4).T
    place = np.eye(4)
    if "rotation" in node:
        x, y, z, w = node["rotation"]
        place[:3, :3] = [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    place[:3, :3] = place[:3, :3] * np.array(node.get("scale", (1.0, 1.0, 1.0)))
    place[:3, 3] = node.get("translation", (0.0, 0.0, 0.0))
    return place


def _count(tree: dict[str, Any], primitive: dict[str, Any]) -> int:
    return int(tree["accessors"][primitive["indices"]]["count"]) // 3


def _mesh(tree: dict[str, Any], binary: bytes, mesh: dict[str, Any]) -> tuple[Floats, Ints]:
    vertices, faces, start = [], [], 0
    for primitive in mesh["primitives"]:
        if primitive.get("mode", 4) != 4:
            continue
        points = _column(tree, binary, primitive["attributes"]["POSITION"], np.dtype("<f4"), 3)
        corners = tree["accessors"][primitive["indices"]]
        numbers = _column(tree, binary, primitive["indices"], np.dtype(_TYPES[corners["componentType"]]), 1)
        vertices.append(points.astype(np.float64))
        faces.append(numbers.reshape(-1, 3).astype(np.int32) + np.int32(start))
        start += len(points)
    if not vertices:
        return np.zeros((0, 3)), np.zeros((0, 3), np.int32)
    return np.concatenate(vertices), np.concatenate(faces)


def _column(tree: dict[str, Any], binary: bytes, number: int, kind: np.dtype[Any], width: int) -> np.ndarray[Any, Any]:
    accessor = tree["accessors"][number]
    view = tree["bufferViews"][accessor["bufferView"]]
    at = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
    return np.frombuffer(binary, kind, accessor["count"] * width, at).reshape(-1, width)
