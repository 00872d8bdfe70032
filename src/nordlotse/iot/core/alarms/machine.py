"""The life of one alarm as a pure state machine: (rule, standing, event) → (standing, effects)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from nordlotse.iot.core.alarms.rules import MEASURED, Rule

Phase = Literal["quiet", "waiting", "raised", "acknowledged"]
What = Literal["raised", "escalated", "acknowledged", "cleared"]


@dataclass(frozen=True, slots=True)
class Reading:
    """A value of the signal at `time` (s since 1970 UTC)."""

    time: float
    value: float | str | bool


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed; delays, silence and escalation need it."""

    time: float


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """A person has seen the alarm; escalation ends."""

    time: float


Event = Reading | Tick | Acknowledge


@dataclass(frozen=True, slots=True)
class Effect:
    """What is to be told: the alarm was raised, escalated (`to` names whom), acknowledged or cleared at `time`."""

    what: What
    time: float
    to: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an alarm stands; all times in seconds since 1970 UTC, None where they do not apply.

    `now` is the newest time seen, `read` that of the newest value, `since` when the condition began, `gone` when it ended, `lost` when it was seen
    last, where nothing was known for a while before it ended, `told` the steps already told.
    """

    phase: Phase = "quiet"
    now: float | None = None
    seen: float | None = None
    held: bool = False
    since: float | None = None
    gone: float | None = None
    raised: float | None = None
    told: int = 0
    read: float | None = None
    lost: float | None = None


def advance(rule: Rule, standing: Standing, event: Event) -> tuple[Standing, tuple[Effect, ...]]:
    """Return the next standing and what is to be told.

    A value older than the newest value seen changes nothing: late data never raise or clear an alarm of now. Between two values time may
    have been told further than the second one's: values arrive in batches. In a rule on a number, time without data does not count (`Rule.pace`).
    """
    newest = standing.read if isinstance(event, Reading) else standing.now
    if newest is not None and event.time < newest:
        return standing, ()
    effects: list[Effect] = []
    gap = isinstance(event, Reading) and _parted(rule, standing, event.time)
    if gap and standing.phase == "waiting" and standing.since is not None:
        # as if somebody had looked before the silence was one
        standing, told_before = advance(rule, standing, Tick(standing.since + rule.delay))
        effects.extend(told_before)
    before = standing.read
    if isinstance(event, Reading):
        standing = replace(standing, read=event.time)
    next_ = _condition(rule, standing, event)
    if gap and next_.held and standing.phase in ("quiet", "waiting"):
        next_ = replace(next_, since=event.time)  # it must last anew: nobody knows what was between
    elif gap and standing.held and not next_.held:
        next_ = replace(next_, lost=before)
    elif next_.held and next_.lost is not None:
        next_ = replace(next_, lost=None)
    now = event.time if next_.now is None else next_.now
    next_ = _acknowledged(next_, event, effects)
    open_ = rule.hours is None or rule.hours.open_at(event.time)
    if next_.held:
        counted = _counted(rule, next_, event)
        opened = rule.hours is None or rule.hours.open_at(counted)
        next_ = _raised(rule, next_, counted, now, opened, effects)
    else:
        next_ = _cleared(rule, next_, event.time, now, effects)
    if next_.phase == "raised" and open_:
        told = list(_escalated(rule, next_, now))
        effects.extend(told)
        next_ = replace(next_, told=next_.told + len(told))
    return next_, tuple(effects)


def _parted(rule: Rule, standing: Standing, time: float) -> bool:
    """Return whether between the newest value of a rule on a number and one at `time` lies time without data."""
    return rule.kind in MEASURED and standing.read is not None and time - standing.read > rule.pace.hold


def _counted(rule: Rule, standing: Standing, event: Event) -> float:
    """Return up to when the condition is known to hold: up to a value, and for a step behind it while nothing else has come."""
    if rule.kind not in MEASURED or isinstance(event, Reading) or standing.read is None:
        return event.time
    return min(event.time, standing.read + rule.pace.step)


def _condition(rule: Rule, standing: Standing, event: Event) -> Standing:
    """Return the standing with the condition judged anew and the time it began or ended."""
    seen = event.time if isinstance(event, Reading) or standing.seen is None else standing.seen
    now = event.time if standing.now is None else max(standing.now, event.time)
    began = event.time
    if rule.kind == "silent":
        held = event.time - seen > rule.silence
        began = seen + rule.silence
    else:
        held = rule.holds(event.value, standing.held) if isinstance(event, Reading) else standing.held
    if held == standing.held:
        return replace(standing, now=now, seen=seen)
    if held:
        return replace(standing, now=now, seen=seen, held=True, since=began, gone=None)
    return replace(standing, now=now, seen=seen, held=False, gone=event.time)


def _acknowledged(standing: Standing, event: Event, effects: list[Effect]) -> Standing:
    if not isinstance(event, Acknowledge) or standing.phase != "raised":
        return standing
    effects.append(Effect("acknowledged", event.time))
    return replace(standing, phase="acknowledged")


def _raised(rule: Rule, standing: Standing, time: float, now: float, open_: bool, effects: list[Effect]) -> Standing:
    if standing.phase in ("raised", "acknowledged"):
        return standing
    began = standing.since if standing.since is not None else time
    if time - began < rule.delay or not open_:
        return replace(standing, phase="waiting")
    effects.append(Effect("raised", now))
    return replace(standing, phase="raised", raised=now, told=0)


def _cleared(rule: Rule, standing: Standing, time: float, now: float, effects: list[Effect]) -> Standing:
    if standing.phase in ("quiet", "waiting"):
        return replace(standing, phase="quiet", since=None, gone=None)
    if standing.gone is None or time - standing.gone < rule.clear_after:
        return standing
    effects.append(Effect("cleared", now if standing.lost is None else standing.lost))
    return replace(standing, phase="quiet", since=None, gone=None, raised=None, told=0, lost=None)


def _escalated(rule: Rule, standing: Standing, time: float) -> Iterator[Effect]:
    """Return the steps now due and not yet told, in their order."""
    for step in rule.steps[standing.told :]:
        if standing.raised is None or time - standing.raised < step.after:
            return
        yield Effect("escalated", time, step.to)
