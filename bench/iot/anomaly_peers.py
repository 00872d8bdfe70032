"""The peers of the anomaly measurement: SKAB's T²+Q as published, and "everything anomalous"."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import stats

Matrix = NDArray[np.float64]
Flags = NDArray[np.bool_]


def t2q(readings: Matrix, training: int = 400, explained: float = 0.85, p: float = 0.999, window: int = 5) -> Flags:
    """Return the alarm rows of PCA with Hotelling's T² and Q as published with SKAB (`core/t2.py`), own writing.

    Limits: T² by the F distribution, Q by Jackson and Mudholkar (1979); as there, the eigenvalues behind the Q limit
    stand in the order the solver gives them, and their powers are those of their sum.
    """
    moving = (readings[:training] != readings[0]).any(axis=0)
    good = readings[:, moving]
    scaled = (good - good[:training].mean(axis=0)) / good[:training].std(axis=0)
    train = scaled[:training]
    _, singular, directions = np.linalg.svd(train - train.mean(axis=0), full_matrices=False)
    variances = singular**2 / (training - 1)
    kept = int(np.searchsorted(np.cumsum(variances) / variances.sum(), explained)) + 1
    scores = scaled @ directions[:kept].T
    t_squared = (scores**2 / variances[:kept]).sum(axis=1)
    q = ((scaled - scores @ directions[:kept]) ** 2).sum(axis=1)
    factor = kept * (training - 1) * (training + 1) / (training * (training - kept))
    t_limit = factor * stats.f.ppf(p, kept, training - kept)
    rest = np.linalg.eig(np.cov(train.T))[0].real[kept:].sum()
    h0 = 1 - 2 * rest * rest**3 / (3 * rest**4)
    inner = 1 + stats.norm.ppf(p) * h0 * np.sqrt(2 * rest**2) / rest + rest**2 * h0 * (h0 - 1) / rest**2
    q_limit = rest * inner ** (1 / h0)
    return (_median(t_squared, window) > t_limit) | (_median(q, window) > q_limit)


def _median(values: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """Return the rolling median; 0 where the window is not full."""
    found = np.zeros(len(values))
    found[window - 1 :] = np.median(sliding_window_view(values, window), axis=1)
    return found
