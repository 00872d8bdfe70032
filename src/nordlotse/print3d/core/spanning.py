"""The smallest surface over a loop of points: the way to close a hole that is not flat, such as a hair-thin crack round a tube.

Least area over all triangulations, by dynamic programming (Barequet and Sharir, Filling gaps in the boundary of a polyhedron, 1995).
"""

from __future__ import annotations

import numpy as np

from nordlotse.print3d.core.mesh import Floats, Ints

#: Longer loops take too long: the work grows with the third power.
MOST = 120


def spanned(points: Floats) -> tuple[Ints, float] | None:
    """Return the triangles (n − 2, 3) of least area over a loop (n, 3), as numbers of its points in its sense, and their area.

    None for loops with fewer than three or more than `MOST` points.
    """
    count = len(points)
    if not 3 <= count <= MOST:
        return None
    least = np.zeros((count, count))
    chosen = np.zeros((count, count), np.int32)
    for apart in range(2, count):
        i = np.arange(count - apart)
        k = i[:, None] + np.arange(1, apart)[None, :]
        j = i + apart
        to, on = points[k] - points[i][:, None], (points[j] - points[i])[:, None]
        area = np.linalg.norm(np.cross(to, on), axis=2) / 2.0
        total = least[i[:, None], k] + least[k, j[:, None]] + area
        best = np.argmin(total, axis=1)
        least[i, j] = total[i, best]
        chosen[i, j] = k[i, best]
    triangles: list[tuple[int, int, int]] = []
    waiting = [(0, count - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        between = int(chosen[first, last])
        triangles.append((first, between, last))
        waiting += [(first, between), (between, last)]
    return np.array(triangles, np.int32), float(least[0, count - 1])
