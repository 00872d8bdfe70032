"""Rules, standings and outboxes as plain values for JSON, and back: what a table keeps between two turns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from nordlotse.iot.core.alarms.hours import Opening
from nordlotse.iot.core.alarms.machine import Standing
from nordlotse.iot.core.alarms.rules import Rule
from nordlotse.iot.core.alarms.storm import News, Outbox

_RULE = ("name", "kind", "low", "high", "silence", "state", "hysteresis", "delay", "clear_after")


def rule_as_plain(rule: Rule) -> dict[str, Any]:
    """Return a rule without its steps; `hours` only says whether there are any, for they are the hall's."""
    return {name: getattr(rule, name) for name in _RULE} | {"hours": rule.hours is not None}


def rule_from_plain(kept: Mapping[str, Any], hours: Opening | None) -> Rule:
    """Return the rule kept by `rule_as_plain`; `hours` are taken if it has any.

    Raises:
        BadInput: `alarm_rule`.
    """
    return Rule(**{name: kept[name] for name in _RULE if name in kept}, hours=hours if kept.get("hours") else None)


def standing_as_plain(standing: Standing) -> dict[str, Any]:
    """Return a standing as plain values."""
    return asdict(standing)


def standing_from_plain(kept: Mapping[str, Any]) -> Standing:
    """Return the standing kept by `standing_as_plain`; an empty one for {}."""
    known = {field.name for field in fields(Standing)}
    return Standing(**{name: value for name, value in kept.items() if name in known})


def same(one: Standing, other: Standing) -> bool:
    """Return whether two standings differ in nothing but the times of the newest event."""
    return replace(one, now=None, seen=None, read=None) == replace(other, now=None, seen=None, read=None)


def outbox_as_plain(outbox: Outbox) -> dict[str, Any]:
    """Return an outbox as plain values."""
    return asdict(outbox)


def outbox_from_plain(kept: Mapping[str, Any]) -> Outbox:
    """Return the outbox kept by `outbox_as_plain`; an empty one for {}."""
    return Outbox(
        tuple(News(**news) for news in kept.get("waiting", ())),
        kept.get("more", 0),
        kept.get("since"),
        tuple(kept.get("sent", ())),
        tuple((group, time) for group, time in kept.get("groups", ())),
    )
