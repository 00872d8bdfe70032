"""Topology and self-intersection beside trimesh and manifold3d in the same run; no finding on files both call clean."""

from __future__ import annotations

import csv
import io
import resource
import sys

import numpy as np
import trimesh
from manifold3d import Error, Manifold
from manifold3d import Mesh as ManifoldMesh

from bench.print3d.reading import cpu, dense
from bench.print3d.samples import folder, missing
from nordlotse.foundation.problem import BadInput
from nordlotse.print3d.core.findings import UNSOUND, topology_findings
from nordlotse.print3d.core.mesh import Mesh
from nordlotse.print3d.core.reading import read
from nordlotse.print3d.core.repair import as_stl
from nordlotse.print3d.core.topology import Topology, topology


def _peer(data: bytes) -> tuple[bool, bool, int, float]:
    mesh = trimesh.load_mesh(io.BytesIO(data), file_type="stl")
    return mesh.is_watertight, mesh.is_winding_consistent, mesh.body_count, mesh.volume


def refined(mesh: Mesh, triangles: int) -> Mesh:
    """Return the mesh cut finer until it has so many triangles: the slivers of CAD parts stay slivers."""
    vertices, faces = mesh.vertices, mesh.faces
    while len(faces) < triangles:
        vertices, faces = trimesh.remesh.subdivide(vertices, faces)  # type: ignore[no-untyped-call]
    return Mesh(np.asarray(vertices), np.asarray(faces).astype(np.int32))


def _speed(name: str, mesh: Mesh) -> None:
    data = as_stl(mesh)
    read_s, loaded = cpu(lambda: read(data, "a.stl", unit="mm"), 1)
    edges_s, _ = cpu(lambda: topology(Mesh(loaded.mesh.vertices, loaded.mesh.faces), cross=False), 1)
    all_s, _ = cpu(lambda: topology_findings(topology(Mesh(loaded.mesh.vertices, loaded.mesh.faces))), 1)
    peer_s, _ = cpu(lambda: _peer(data), 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name:26s} {len(mesh.faces):10,d} {read_s:7.2f} {edges_s:9.2f} {all_s - edges_s:9.2f} {read_s + all_s:8.2f} {peer_s:10.2f} {peak:8.0f}"
    )


def _clean(mesh: Mesh) -> bool:
    solid = Manifold(ManifoldMesh(mesh.vertices.astype(np.float32), mesh.faces.astype(np.uint32)))
    peer = trimesh.Trimesh(mesh.vertices, mesh.faces, process=False)
    return bool(solid.status() == Error.NoError and peer.is_watertight and peer.is_winding_consistent)


def main() -> int:
    """Print seconds and verdicts."""
    head = ("part", "triangles", "read", "edges", "crossing", "together", "trimesh", "MB peak")
    print("processor seconds; trimesh: load, watertight, winding, bodies, volume (it has no self-intersection)")
    print("{:26s} {:>10s} {:>7s} {:>9s} {:>9s} {:>8s} {:>10s} {:>8s}".format(*head))
    _speed("bored block, 100,000", dense(100_000))
    _speed("bored block, 1,000,000", dense(1_000_000))
    if missing():
        return 0
    parts = folder() / "parts"
    body = read((parts / "prusa_extruder-body.stl").read_bytes(), "a.stl", unit="mm").mesh
    _speed("extruder body", body)
    _speed("extruder body, refined", refined(body, 80_000))
    _speed("extruder body, refined", refined(body, 1_000_000))
    clean = alarms = flawed = flagged = equal = count = cracked = blamed = 0
    for row in csv.DictReader((folder() / "parts.csv").read_text("utf-8").splitlines()):
        try:
            loaded = read((parts / row["file"]).read_bytes(), row["file"])
        except BadInput:
            continue
        found: Topology = topology(loaded.mesh)
        codes = {f.code for f in topology_findings(found, loaded.kind, loaded.brep_valid)}
        count += 1
        equal += found.watertight == (row["watertight"] == "true")
        if _clean(loaded.mesh):
            clean += 1
            alarms += bool(codes & UNSOUND)
        elif loaded.kind == "step":
            cracked += "tessellation_crack" in codes
            blamed += bool(loaded.brep_valid and codes & UNSOUND)
        else:
            flawed += 1
            flagged += bool(codes)
    print(f"\nfiles that trimesh and manifold3d call clean: {clean}, with a topology finding: {alarms}")
    print(f"sound STEP solids whose triangles leave cracks: {cracked} noted as ours, {blamed} blamed on the file")
    print(f"flawed mesh files: {flawed}, flagged: {flagged}; watertight as recorded from trimesh: {equal} of {count}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
