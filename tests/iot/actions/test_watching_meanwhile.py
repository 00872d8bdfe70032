"""What somebody asks of a watch while it learns is not lost when it has learnt."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nordlotse.iot.actions import watching
from nordlotse.iot.models import Hall, Machine, Watch
from tests.iot.written import Written

pytestmark = pytest.mark.django_db

SECOND, HOUR = 1_000_000, 3_600_000_000


@pytest.fixture
def now() -> int:
    return time.time_ns() // 1000


@pytest.fixture
def oven(now: int) -> Machine:
    hall = Hall.objects.create(name="Halle 2")
    written, noise = Written(hall.store), np.random.default_rng(1)
    at = [now - k * SECOND for k in range(3 * 3600, 0, -1)]
    for signal in "abc":
        written.put("ofen", signal, at, list(noise.normal(10, 1, len(at))))
    return Machine.objects.create(hall=hall, name="ofen")


def learn_while(do: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Do what was asked for; while it is learnt, somebody does `do`."""
    real = watching.learn_machine

    def slow(*given: Any) -> Any:
        do()
        return real(*given)

    with monkeypatch.context() as patched:
        patched.setattr(watching, "learn_machine", slow)
        assert watching.learn_asked() == 1
    return Watch.objects.get()


def test_a_second_period_asked_for_while_the_first_is_learnt_is_learnt_next(
    oven: Machine, now: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    watching.ask(oven, now - 2 * HOUR, now)
    watch = learn_while(lambda: watching.ask(oven, now - 3 * HOUR, now - HOUR), monkeypatch)
    assert watch.ask and watch.progress < 0.1
    assert watching.learn_asked() == 1
    assert (Watch.objects.get().good_from, Watch.objects.get().ask) == (now - 3 * HOUR, {})


def test_a_watch_told_to_rest_while_it_learns_rests(oven: Machine, now: int, monkeypatch: pytest.MonkeyPatch) -> None:
    watching.ask(oven, now - 2 * HOUR, now)
    watch = learn_while(lambda: watching.switch(oven, False), monkeypatch)
    assert (watch.on, watch.ask, watch.progress) == (False, {}, 1.0)


def test_a_watch_that_was_asked_to_learn_watches_afterwards(oven: Machine, now: int) -> None:
    watching.ask(oven, now - 2 * HOUR, now)
    watching.switch(oven, False)
    watching.ask(oven, now - 2 * HOUR, now)
    watching.learn_asked()
    assert Watch.objects.get().on and not Watch.objects.get().ask
