"""Alarm rules: when a signal's value is worth a person's time, whom to tell, and how not to tell too often. Pure values."""

from nordlotse.iot.core.alarms.hours import Hours, Opening, ShiftHours, Span
from nordlotse.iot.core.alarms.kept import (
    outbox_as_plain,
    outbox_from_plain,
    rule_as_plain,
    rule_from_plain,
    same,
    standing_as_plain,
    standing_from_plain,
)
from nordlotse.iot.core.alarms.machine import (
    Acknowledge,
    Effect,
    Event,
    Reading,
    Standing,
    Tick,
    advance,
)
from nordlotse.iot.core.alarms.pace import Pace, pace_of
from nordlotse.iot.core.alarms.rehearsal import Proposal, Rehearsed, Steadied, lately, propose, rehearse, steadied
from nordlotse.iot.core.alarms.rules import MEASURED, Kind, Rule, Step
from nordlotse.iot.core.alarms.storm import Message, News, Outbox, Throttle, offer, release

__all__ = [
    "MEASURED",
    "Acknowledge",
    "Effect",
    "Event",
    "Hours",
    "Kind",
    "Message",
    "News",
    "Opening",
    "Outbox",
    "Pace",
    "Proposal",
    "Reading",
    "Rehearsed",
    "Rule",
    "ShiftHours",
    "Span",
    "Standing",
    "Steadied",
    "Step",
    "Throttle",
    "Tick",
    "advance",
    "lately",
    "offer",
    "outbox_as_plain",
    "outbox_from_plain",
    "pace_of",
    "propose",
    "rehearse",
    "release",
    "rule_as_plain",
    "rule_from_plain",
    "same",
    "standing_as_plain",
    "standing_from_plain",
    "steadied",
]
