"""Which machine and signal a topic and a payload belong to: by the topic's own shape, or by rules a company made from a sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.mqtt.matching import matches
from nordlotse.iot.core.values import check_name

#: The key of an entry among the kept rules that is none: payloads of its topic that came up to this moment (µs) are thrown away.
DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class Rule:
    """Where one signal lies in the payloads of topics that match `topic` (an MQTT filter).

    `path`: keys and places on the way to the value, () for the payload itself; `time` likewise, None for none. What is stored is
    value · scale + offset. `sample`: a payload it was made from, to add further rules by when none waits any more.
    """

    topic: str
    machine: str
    signal: str
    path: tuple[str | int, ...]
    time: tuple[str | int, ...] | None = None
    scale: float = 1.0
    offset: float = 0.0
    unit: str = ""
    sample: str = ""

    def __post_init__(self) -> None:
        """Refuse names that cannot be."""
        check_name(self.machine, "machine")
        check_name(self.signal, "signal")


@dataclass(frozen=True, slots=True)
class Route:
    """Where payloads of a topic go: one signal, all signals of a machine (an object), by rules, or nowhere (no name can be made of it)."""

    machine: str = ""
    signal: str = ""
    rules: tuple[Rule, ...] = ()

    @property
    def nowhere(self) -> bool:
        """Return whether the topic leads nowhere."""
        return not self.machine and not self.rules


class Routes:
    """The routes of a company's topics; each topic is worked out once."""

    def __init__(self, rules: Sequence[Rule] = (), discarded: Mapping[str, int] | None = None) -> None:
        """Take the company's rules; they go before the topic's own shape. `discarded`: up to when (µs) what waits of a topic is thrown away."""
        self._rules = tuple(rules)
        self._discarded = dict(discarded or {})
        self._known: dict[bytes, Route] = {}

    @property
    def plain(self) -> bool:
        """Return whether there are no rules: topics speak for themselves."""
        return not self._rules

    def throws_away(self, topic: bytes, arrived: int) -> bool:
        """Return whether a person has thrown a payload away that nobody could read; what comes afterwards waits again."""
        return arrived <= self._discarded.get(topic.decode("utf-8", "replace"), -1)

    def of(self, topic: bytes) -> Route:
        """Return where payloads of a topic go."""
        route = self._known.get(topic)
        if route is None:
            if len(self._known) > 100_000:
                self._known.clear()
            route = self._known[topic] = self._made(topic.decode("utf-8", "replace"))
        return route

    def leads_to(self, topic: bytes, machine: str, signal: str = "") -> bool:
        """Return whether payloads of a topic may hold values of a machine; with a signal: values of nothing else."""
        text = topic.decode("utf-8", "replace")
        if rules := self.of(topic).rules:
            if not signal:
                return any(rule.machine == machine for rule in rules)
            return all((rule.machine, rule.signal) == (machine, signal) for rule in rules)
        return text == f"{machine}/{signal}" if signal else text.partition("/")[0] == machine

    def _made(self, topic: str) -> Route:
        rules = tuple(rule for rule in self._rules if matches(rule.topic, topic))
        if rules:
            return Route(rules=rules)
        levels = topic.split("/")
        try:
            names = [check_name(level, "topic") for level in levels]
        except BadInput:
            return Route()
        if len(names) == 1:
            return Route(names[0])
        return Route(names[0], names[1]) if len(names) == 2 else Route()


def found(payload: Any, path: Sequence[str | int]) -> Any:
    """Return what lies at a path.

    Raises:
        LookupError, TypeError: nothing does.
    """
    for step in path:
        if isinstance(payload, str):  # a text has letters, not parts
            raise TypeError("a text")
        payload = payload[step]
    return payload


def rules_from(kept: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Return rules as they are kept in JSON.

    Raises:
        BadInput: `iot_mapping`, `iot_name`.
    """
    try:
        return tuple(
            Rule(
                str(one["topic"]),
                str(one["machine"]),
                str(one["signal"]),
                tuple(one["path"]),
                None if one.get("time") is None else tuple(one["time"]),
                float(one.get("scale", 1.0)),
                float(one.get("offset", 0.0)),
                str(one.get("unit", "")),
                str(one.get("sample", "")),
            )
            for one in kept
            if DISCARDED not in one
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(
            "iot_mapping",
            de="Die Zuordnung der Signale ist unvollständig.",
            en="The mapping of signals is incomplete.",
            where=str(error)[:80],
        ) from error


def discarded_from(kept: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return up to when (µs) payloads of a topic are thrown away that nobody could read, by topic, as it is kept in JSON.

    Raises:
        KeyError, TypeError, ValueError: it is damaged.
    """
    return {str(one["topic"]): int(one[DISCARDED]) for one in kept if DISCARDED in one}
