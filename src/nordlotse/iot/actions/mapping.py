"""Rules that say where a signal lies in payloads: added from a sample, taken away. The intake reads what waits again by itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.db import transaction

from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.iot import memory
from nordlotse.iot.actions import halls
from nordlotse.iot.core import belongings
from nordlotse.iot.core.mapping import DISCARDED, Rule
from nordlotse.iot.core.mqtt.matching import check_filter
from nordlotse.iot.core.mqtt.packets import ProtocolError
from nordlotse.iot.core.store.disk import Disk, publish
from nordlotse.iot.core.stores import company_folder
from nordlotse.iot.models import Hall
from nordlotse.iot.queries import mapping as queries
from nordlotse.iot.queries.limits import check_waiting
from nordlotse.office import log

#: Rules of one hall at most; characters of a sample that are kept with a rule.
MOST, SAMPLE = 300, 4_000


def rule(
    topic: str,
    machine: str,
    signal: str,
    path: str,
    *,
    time: str,
    unit: str,
    scale: float,
    offset: float,
    sample: str = "",
) -> Rule:
    """Return a rule from what a form gives; `path` and `time` as JSON lists, `time` "" for none; of `sample` the beginning is kept.

    Raises:
        BadInput: `iot_name`, `iot_rule`.
    """
    try:
        check_filter(topic)
        way, moment = _path(path), _path(time) if time else None
        made = Rule(topic, machine, signal, way, moment, scale, offset, unit[:20], sample[:SAMPLE])
    except (ProtocolError, ValueError, TypeError) as error:
        raise BadInput(
            "iot_rule",
            de="Diese Zuordnung passt nicht.",
            en="This mapping does not fit.",
            where="topic" if isinstance(error, ProtocolError) else "path",
            remedy_de="Bitte wählen Sie einen Wert aus dem Beispiel.",
            remedy_en="Choose a value from the sample.",
        ) from error
    return made


def add(hall: Hall, made: Sequence[Rule], user: Any = None) -> None:
    """Keep rules, each in place of an older one for the same machine, signal and topic; the machine gets its signals' units.

    All of them in one step: a payload of which one value has been read waits no more, so rules for its other values must not come later.

    Raises:
        BadInput: `iot_rules_many`, `iot_rule_twice`.
        TooMany: `iot_machines`, `iot_waiting`.
        NotAvailable: `iot_mapping_unreadable`.
    """
    check_waiting(hall)
    same = {(one.topic, one.machine, one.signal) for one in made}
    if len(same) < len(made):
        raise BadInput(
            "iot_rule_twice",
            de="Zwei Werte haben denselben Namen.",
            en="Two values have the same name.",
            where="signal",
            remedy_de="Bitte geben Sie jedem einen eigenen.",
            remedy_en="Give each its own.",
        )

    def changed(known: list[Rule]) -> list[Rule]:
        others = [one for one in known if (one.topic, one.machine, one.signal) not in same]
        if len(others) + len(made) > MOST:
            raise BadInput(
                "iot_rules_many",
                de=f"Eine Halle kann {MOST} Zuordnungen haben.",
                en=f"A hall can have {MOST} mappings.",
                where="rule",
            )
        return [*others, *made]

    with transaction.atomic():
        known = {machine.name: machine.signals for machine in hall.machines.all()}
        named: dict[str, dict[str, dict[str, str]]] = {}
        for one in made:
            if one.signal not in known.get(one.machine, {}):
                named.setdefault(one.machine, {})[one.signal] = {"title": one.signal, "unit": one.unit, "role": ""}
        if named:
            halls.name_signals(hall, named, user)
        _change(hall, changed)
        log.record("mapped", "hall", hall.pk[:6], user)


def remove(hall: Hall, place: int, user: Any = None) -> None:
    """Take a rule away; values it has made stay.

    Raises:
        NotFound: `iot_rule`.
        NotAvailable: `iot_mapping_unreadable`.
    """

    def changed(known: list[Rule]) -> list[Rule]:
        if not 0 <= place < len(known):
            raise NotFound(
                "iot_rule",
                de="Diese Zuordnung gibt es nicht (mehr).",
                en="There is no such mapping (any more).",
                where="rule",
            )
        return [one for at, one in enumerate(known) if at != place]

    with transaction.atomic():
        _change(hall, changed)
        log.record("unmapped", "hall", hall.pk[:6], user)


def discard(hall: Hall, topic: str, until: int, user: Any = None) -> None:
    """Throw away what waits of a topic and came up to `until` (µs); the intake does so by itself. What comes later waits again.

    Raises:
        BadInput: `iot_topic`.
        NotAvailable: `iot_mapping_unreadable`.
    """
    if not topic or len(topic.encode()) > 65_535:
        raise BadInput("iot_topic", de="Dieses Thema gibt es nicht.", en="There is no such topic.", where="topic")
    with transaction.atomic():
        _change(hall, list, {topic: until})
        log.record("discarded", "hall", hall.pk[:6], user)


def _change(hall: Hall, changed: Callable[[list[Rule]], list[Rule]], thrown: Mapping[str, int] | None = None) -> None:
    folder = company_folder(memory.folder(), hall.store)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with belongings.alone(memory.folder()):
        kept: list[dict[str, Any]] = [asdict(one) for one in changed(list(queries.rules(hall)))]
        before = {topic: at for topic, at in queries.discarded(hall).items() if topic not in (thrown or {})}
        gone = list({**before, **(thrown or {})}.items())[-MOST:]
        kept += [{"topic": topic, DISCARDED: at} for topic, at in gone]
        publish(Disk(), folder / queries.FILE, json.dumps(kept, ensure_ascii=False).encode())


def _path(text: str) -> tuple[str | int, ...]:
    told = json.loads(text)
    if not isinstance(told, list) or len(told) > 20 or not all(isinstance(one, str | int) for one in told):
        raise ValueError("no path")
    return tuple(told)
