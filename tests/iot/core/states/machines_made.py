"""Synthetic machines with known truth: the current (A) of several kinds, with noise, drift, spikes, gaps and long times off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nordlotse.iot.core.states.rules import Signal
from nordlotse.iot.core.states.values import SECOND, State

START = 1_780_000_000 * SECOND


@dataclass(frozen=True, eq=False)
class Made:
    """A signal and the true state of each of its values."""

    signal: Signal
    truth: list[tuple[int, int, State]]


def schedule(rng: np.random.Generator, hours: float, off_share: float, shortest: float) -> list[tuple[float, State]]:
    """Stretches (seconds, state): off at the ends, running broken by idle times of `shortest` seconds to half an hour."""
    made: list[tuple[float, State]] = [(hours * 3600 * off_share * 0.4, State.OFF)]
    left = hours * 3600 * (1 - off_share)
    while left > 0:
        for state, length in (
            (State.IDLE, shortest + rng.exponential(400)),
            (State.PRODUCING, 600 + rng.exponential(2400)),
        ):
            made.append((min(length, max(left, 1.0)), state))
            left -= length
    made.append((hours * 3600 * off_share * 0.6, State.OFF))
    return [part for part in made if part[0] > 0]


def cnc(t: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Cutting at 5 to 11 A in blocks of 20 to 90 s, tool changes of 4 to 10 s at idle level 2 A."""
    level, at = np.empty(len(t)), 0.0
    while len(t) and at <= t[-1]:
        block, change = rng.uniform(20, 90), rng.uniform(4, 10)
        level[(t >= at) & (t < at + block)] = rng.uniform(5, 11)
        level[(t >= at + block) & (t < at + block + change)] = 2.0
        at += block + change
    return level


def moulder(t: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A cycle of 32 s: close and inject 18 A, hold 9 A, cool 4 A, open 12 A."""
    phase = (t % 32.0) / 32.0
    return np.select([phase < 0.15, phase < 0.35, phase < 0.85], [18.0, 9.0, 4.0], 12.0)


def saw(t: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Cuts of 45 s at 7 A rising with the width, 15 s of clamping at 1.2 A."""
    phase = t % 60.0
    return np.where(phase < 45, 6.0 + 1.5 * np.sin(np.pi * phase / 45), 1.2)


def pump(t: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.full(len(t), 12.0)


def oven(t: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A heater of 30 A, on for 70 % of two minutes, beside a fan of 3 A."""
    return np.where(t % 120.0 < 84, 33.0, 3.0)


def press(t: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.where(t % 6.0 < 1.5, 22.0, 6.0)


def lathe(t: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Parts of five minutes at 8 A that changes from second to second, half a minute of loading at idle level."""
    return np.where(t % 300.0 < 270, 8.0 + rng.normal(0, 1, len(t)), 2.2)


def conveyor(t: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A motor that draws nearly two thirds of its current without load."""
    return np.full(len(t), 9.5)


def mill(t: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Parts of 430 s, roughed at 15 A and finished at 11 A; between two parts 24 s at 6.2 A, not far above idle."""
    phase = t % 430.0
    return np.select([phase < 180, phase < 187, phase < 406], [15.0, 7.0, 11.0], 6.2)


def clips(t: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A moulder whose cycle of 31.2 s a value every ten seconds shows only at ten times its length."""
    phase = (t % 31.2) / 31.2
    return np.select([phase < 0.06, phase < 0.22, phase < 0.62, phase < 0.85], [44.0, 27.0, 20.0, 13.0], 16.0)


RUNNING: dict[str, tuple[Callable[[np.ndarray, np.random.Generator], np.ndarray], float]] = {
    "cnc": (cnc, 2.0),
    "moulder": (moulder, 2.5),
    "saw": (saw, 0.8),
    "pump": (pump, 1.5),
    "oven": (oven, 3.0),
    "press": (press, 3.0),
    "lathe": (lathe, 2.2),
    "conveyor": (conveyor, 6.0),
    "mill": (mill, 4.2),
    "clips": (clips, 6.2),
}


def machine(
    kind: str, seed: int, *, hours: float = 24, step: float = 1.0, off_share: float = 0.4, noise: float = 0.08,
    drift: float = 0.0, spikes: float = 0.0,
) -> Made:  # fmt: skip
    """A machine's current. `noise` in A, `drift` as share of the level at the end, `spikes` per hour."""
    rng = np.random.default_rng(seed)
    run, idle = RUNNING[kind]
    truth: list[tuple[int, int, State]] = []
    times, values, at = [], [], 0.0
    for length, state in schedule(rng, hours, off_share, 600 if kind in ("oven", "lathe") else 60):
        t = np.arange(np.ceil(at / step) * step, at + length, step)
        # no machine keeps its cycle to the millisecond
        clock = (t - at) + np.cumsum(rng.normal(0, 0.02 * step**0.5, len(t)))
        level = run(clock, rng) if state is State.PRODUCING else np.full(len(t), idle if state is State.IDLE else 0.05)
        times.append(t)
        values.append(level)
        truth.append((START + round(at * SECOND), START + round((at + length) * SECOND), state))
        at += length
    time, value = np.concatenate(times), np.concatenate(values)
    value = value * (1 + drift * time / time[-1]) * rng.normal(1, 0.02, len(time)) + rng.normal(0, noise, len(time))
    hit = rng.random(len(time)) < spikes * step / 3600
    value[hit] += rng.choice([-1, 1], hit.sum()) * rng.uniform(10, 60, hit.sum())
    return Made(Signal(START + np.round(time * SECOND).astype(np.int64), value), truth)
