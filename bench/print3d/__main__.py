"""`make bench ROOM=print3d`: estimate, support, orientation and the checks, beside recorded slices; written to docs/benchmarks.md.

`python -m bench.print3d PART …` runs only the named parts and writes only their sections anew.
"""

from __future__ import annotations

import sys

from bench import report

PARTS = {
    "reading": "Reading files beside trimesh",
    "hostile": "Files that mean harm",
    "topology": "Topology and self-intersection beside trimesh",
    "planted": "Planted flaws of mesh and shape",
    "whole": "The whole check",
    "estimate": "Print time and material without slicing",
    "support": "Print time and filament with support at 45°",
    "orientation": "Which way to lay a part",
}

TOLD = (
    "Parts, recorded slices (PrusaSlicer 2.5.0) and recorded poses (Tweaker-3) come from a folder beside the checkout. The "
    "estimate's coefficients were fitted to parts of our own generator alone; only the width of its band was set with an eye on both."
)

if __name__ == "__main__":
    sys.exit(report.run("print3d", PARTS, TOLD, sys.argv[1:]))
