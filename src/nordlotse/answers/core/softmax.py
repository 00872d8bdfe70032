"""Several softmax regressions over shared features, fitted together with L-BFGS; numpy only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Head", "fit", "log_softmax", "temperature"]

Array = NDArray[np.float32]
_MEMORY = 12  # steps L-BFGS remembers (Nocedal & Wright, Numerical Optimization, 2006, chapter 7)
_ARMIJO = 1e-4


@dataclass(frozen=True, slots=True)
class Head:
    """One question asked of every example: labels (-1 = not known) and weights, both shape (n,), and class count."""

    labels: NDArray[np.int64]
    weights: Array
    classes: int


def log_softmax(logits: Array) -> Array:
    """Return log probabilities along the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    result: Array = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result


def _loss(x: Array, heads: Sequence[Head], penalty: float) -> Callable[[Array], tuple[float, Array]]:
    def value(w: Array) -> tuple[float, Array]:
        logits = x @ w[:-1] + w[-1]
        slope = np.zeros_like(logits)
        loss, at = 0.0, 0
        for head in heads:
            known = np.flatnonzero(head.labels >= 0)
            weights = head.weights[known] / head.weights[known].sum()
            logs = log_softmax(logits[known, at : at + head.classes])
            loss -= float((weights * logs[np.arange(len(known)), head.labels[known]]).sum())
            part = np.exp(logs)
            part[np.arange(len(known)), head.labels[known]] -= 1.0
            slope[known, at : at + head.classes] = part * weights[:, None]
            at += head.classes
        gradient = np.empty_like(w)
        gradient[:-1] = x.T @ slope + penalty * w[:-1]
        gradient[-1] = slope.sum(axis=0)  # the intercept is not penalised
        return loss + 0.5 * penalty * float((w[:-1] ** 2).sum()), gradient

    return value


def fit(x: Array, heads: Sequence[Head], penalty: float, steps: int = 120, tolerance: float = 1e-5) -> Array:
    """Return weights of shape (features + 1, sum of classes); the last row is the intercept.

    Minimises the mean cross-entropy of every head plus `penalty`/2 times the squared weights.
    """
    value = _loss(x, heads, penalty)
    w = np.zeros((x.shape[1] + 1, sum(h.classes for h in heads)), dtype=np.float32)
    loss, gradient = value(w)
    moves: list[tuple[Array, Array, float]] = []
    for _ in range(steps):
        direction = -_two_loop(gradient, moves)
        slope = float((gradient * direction).sum())
        if slope > -1e-12:
            break
        length = 1.0 if moves else min(1.0, 1.0 / (float(np.abs(gradient).sum()) + 1e-12)) * 100
        while length > 1e-6:
            new = w + np.float32(length) * direction
            new_loss, new_gradient = value(new)
            if new_loss <= loss + _ARMIJO * length * slope:
                break
            length *= 0.5
        else:
            break
        change, bend = new - w, new_gradient - gradient
        curvature = float((change * bend).sum())
        if curvature > 1e-12:
            moves = [*moves[-(_MEMORY - 1) :], (change, bend, 1.0 / curvature)]
        done = loss - new_loss < tolerance * max(1.0, abs(new_loss))
        w, loss, gradient = new, new_loss, new_gradient
        if done:
            break
    return w


def _two_loop(gradient: Array, moves: Sequence[tuple[Array, Array, float]]) -> Array:
    """The L-BFGS two-loop recursion: the inverse curvature applied to the gradient."""
    q = gradient.copy()
    alphas = []
    for change, bend, rho in reversed(moves):
        alpha = rho * float((change * q).sum())
        alphas.append(alpha)
        q -= np.float32(alpha) * bend
    if moves:
        change, bend, rho = moves[-1]
        q *= np.float32(1.0 / (rho * float((bend * bend).sum())))
    for (change, bend, rho), alpha in zip(moves, reversed(alphas), strict=True):
        beta = rho * float((bend * q).sum())
        q += np.float32(alpha - beta) * change
    return q


def temperature(logits: Array, labels: NDArray[np.int64]) -> float:
    """Return the divisor of the logits that makes held-out probabilities honest (Guo et al. 2017), 0.3 to 5."""
    grid = np.exp(np.linspace(np.log(0.3), np.log(5.0), 60))
    rows = np.arange(len(labels))
    losses = [-float(log_softmax((logits / t).astype(np.float32))[rows, labels].mean()) for t in grid]
    return float(grid[int(np.argmin(losses))])
