"""Topic filters [MQTT 5, 4.7] and what a login may publish and see."""

from __future__ import annotations

from nordlotse.iot.core.mqtt.frames import MAX_TOPIC
from nordlotse.iot.core.mqtt.packets import ProtocolError, Reason
from nordlotse.iot.core.mqtt.ports import Login


def check_filter(pattern: str) -> None:
    """Refuse a filter whose wildcards stand wrong, an empty and a huge one.

    Raises:
        ProtocolError.
    """
    levels = pattern.split("/")
    for place, level in enumerate(levels):
        wild = "#" in level or "+" in level
        if (wild and len(level) > 1) or (level == "#" and place != len(levels) - 1):
            raise ProtocolError(Reason.FILTER_INVALID, "wildcard in the wrong place")
    if not 0 < len(pattern) <= MAX_TOPIC:
        raise ProtocolError(Reason.FILTER_INVALID, "empty or too long")


def matches(pattern: str, topic: str) -> bool:
    """Return whether a filter catches a topic; wildcards at the beginning do not catch topics of the system ($…)."""
    wanted, levels = pattern.split("/"), topic.split("/")
    if topic.startswith("$") and wanted[0] in ("+", "#"):
        return False
    for place, level in enumerate(wanted):
        if level == "#":
            return True
        if place >= len(levels) or level not in ("+", levels[place]):
            return False
    return len(wanted) == len(levels)


def allowed(login: Login, pattern: str) -> bool:
    """Return whether a login may subscribe to a filter: to its own machine's, and to one that begins with a wildcard, which then shows only that."""
    return login.may(pattern) or pattern.split("/", 1)[0] in ("+", "#")
