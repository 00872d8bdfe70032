"""Writes of alarm rules: putting, switching, removing. Where a rule stands begins anew with every change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from nordlotse.foundation.problem import NotFound, TooMany
from nordlotse.iot.core.alarms import Rule as Limits
from nordlotse.iot.core.alarms import rule_as_plain, rule_from_plain
from nordlotse.iot.core.stores import micros
from nordlotse.iot.core.values import check_name
from nordlotse.iot.models import Alarm, Machine, Rule
from nordlotse.iot.queries.rules import hours_of
from nordlotse.office import log

#: Rules a machine may have.
MOST = 50
#: Within a rule's standing: how often the rule was changed or switched. Whoever keeps a standing of an older version keeps nothing.
VERSION = "version"
#: Within a rule's standing: since when (µs) it holds as it is: put, changed or switched then.
BEGAN = "began"


def version(rule: Rule) -> int:
    """Return how often a rule was changed or switched."""
    return int(rule.standing.get(VERSION, 0))


def began(rule: Rule) -> int | None:
    """Return since when (µs) a rule holds as it is; None for one put before that was noted."""
    kept = rule.standing.get(BEGAN)
    return int(kept) if kept is not None else None


@transaction.atomic
def put(machine: Machine, signal: str, told: Mapping[str, Any], number: int | None = None, user: Any = None) -> Rule:
    """Make a rule on a signal, or change the one with `number`; `told` as `core.alarms.rule_as_plain` gives it.

    Raises:
        BadInput: `alarm_rule`, `iot_name`.
        NotFound: `iot_no_rule`.
        TooMany: `iot_rules`.
    """
    rule: Limits = rule_from_plain(told, hours_of(machine.hall))
    plain = rule_as_plain(rule) | {"hours": bool(told.get("hours"))}
    check_name(signal, "signal")
    if number is None:
        if machine.rules.count() >= MOST:
            raise TooMany(
                "iot_rules",
                de=f"Mehr als {MOST} Regeln hat eine Maschine nicht.",
                en=f"A machine has no more than {MOST} rules.",
                where="rules",
                remedy_de="Löschen Sie eine, die Sie nicht mehr brauchen.",
                remedy_en="Delete one you no longer need.",
            )
        made = Rule.objects.create(machine=machine, signal=signal, rule=plain, standing={BEGAN: micros()})
    else:
        made = _locked(machine, number)
        made.signal, made.rule, made.standing = signal, plain, _anew(made)
        made.save(update_fields=["signal", "rule", "standing"])
        _end(made)
    log.record("put_rule", "machine", machine.hall.pk[:6], user)
    return made


@transaction.atomic
def switch(machine: Machine, number: int, on: bool, user: Any = None) -> None:
    """Let a rule rest, or hold again from now on.

    Raises:
        NotFound: `iot_no_rule`.
    """
    rule = _locked(machine, number)
    rule.on, rule.standing = on, _anew(rule)
    rule.save(update_fields=["on", "standing"])
    _end(rule)
    log.record("rule_on" if on else "rule_off", "machine", machine.hall.pk[:6], user)


@transaction.atomic
def remove(machine: Machine, number: int, user: Any = None) -> None:
    """Delete a rule; its alarms stay in the list.

    Raises:
        NotFound: `iot_no_rule`.
    """
    rule = _locked(machine, number)
    _end(rule)
    rule.delete()
    log.record("removed_rule", "machine", machine.hall.pk[:6], user)


def get(machine: Machine, number: int) -> Rule:
    """Return a rule of a machine.

    Raises:
        NotFound: `iot_no_rule`.
    """
    found = machine.rules.filter(pk=number).first()
    if found is None:
        raise NotFound(
            "iot_no_rule",
            de="Diese Regel gibt es nicht (mehr).",
            en="This rule does not exist (any more).",
            where="rule",
            remedy_de="Gehen Sie zurück zu den Regeln der Maschine.",
            remedy_en="Go back to the machine's rules.",
        )
    return found


def _locked(machine: Machine, number: int) -> Rule:
    """Return a rule locked for a change: what is raised meanwhile is raised before it, and ended with it."""
    return Rule.objects.select_for_update().get(pk=get(machine, number).pk)


def _anew(rule: Rule) -> dict[str, int]:
    """Return the standing of a rule that begins now as another version."""
    return {VERSION: version(rule) + 1, BEGAN: micros()}


def _end(rule: Rule) -> None:
    Alarm.objects.filter(rule=rule, end=None).update(end=micros())
