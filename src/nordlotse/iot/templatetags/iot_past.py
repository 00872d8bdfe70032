"""How much of a simulated machine's past is there already: for a line on its pages while the worker makes it up."""

from __future__ import annotations

from django import template

from nordlotse.iot.actions import simulating
from nordlotse.iot.actions.simulating import Progress
from nordlotse.iot.models import Machine

register = template.Library()


@register.simple_tag
def iot_past(machine: Machine) -> Progress | None:
    """Return how much of the past is there; None for a real machine, and when all of it is."""
    return simulating.progress(machine) if machine.kind else None
