"""Beginning a simulated machine holds no lock while values are handed in and its past is reckoned, and leaves nothing half where it fails."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from nordlotse.foundation.problem import NotAvailable
from nordlotse.iot.actions import example, simulating
from nordlotse.iot.core import simulator
from nordlotse.iot.models import Hall, Machine, Simulation

pytestmark = pytest.mark.django_db


def test_nothing_is_locked_while_values_are_handed_in_and_the_past_is_reckoned(monkeypatch: pytest.MonkeyPatch) -> None:
    depth: list[int] = []
    truth = simulator.Simulation.truth
    monkeypatch.setattr(simulating, "hand_in", lambda *given, **more: depth.append(len(connection.savepoint_ids)))

    def told(self: simulator.Simulation, *given: Any) -> Any:
        depth.append(len(connection.savepoint_ids))
        return truth(self, *given)

    monkeypatch.setattr(simulator.Simulation, "truth", told)
    before = len(connection.savepoint_ids)  # the test's own transaction
    machine = simulating.start("cnc", user=None, lang="de")
    assert len(depth) >= 3 and set(depth) == {before}
    assert machine.orders.exists() and machine.stops.exists() and machine.rules.exists()


def test_where_no_intake_runs_no_machine_stays_in_a_hall_that_was_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*given: Any, **more: Any) -> None:
        raise NotAvailable("iot_not_running", de="x", en="x", where="gate")

    monkeypatch.setattr(simulating, "hand_in", refused)
    hall = Hall.objects.create(name="Halle 2")
    with pytest.raises(NotAvailable):
        simulating.start("cnc", user=None, lang="de", hall=hall)
    assert Hall.objects.exists() and not Machine.objects.exists() and not Simulation.objects.exists()


def test_what_cannot_be_written_leaves_no_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulating, "hand_in", lambda *given, **more: None)
    monkeypatch.setitem(example._RULES, "cnc", (("Vibration", simulating.Text("x", "x"), {"kind": "above"}),))
    hall = Hall.objects.create(name="Halle 2")
    with pytest.raises(Exception, match="alarm_rule"):
        simulating.start("cnc", user=None, lang="de", hall=hall)
    assert not Machine.objects.exists() and not Simulation.objects.exists()
