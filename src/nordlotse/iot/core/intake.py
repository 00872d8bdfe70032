"""Entries of the log become values: the same way for the ingest, for recovery, for readers of the log's end, and for the quarantine."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from nordlotse.foundation.problem import Problem
from nordlotse.iot.core.decoding import Given, Refused, decode
from nordlotse.iot.core.mapping import Routes, discarded_from, rules_from
from nordlotse.iot.core.mqtt.ports import Released, Taken
from nordlotse.iot.core.values import Block, Series, Times, Why

_log = logging.getLogger("nordlotse.iot")

Entry = Taken | Released | list[Block]
_Gathered = dict[tuple[str, bytes], tuple[list[bytes], list[tuple[int, int]]]]


@dataclass(slots=True)
class Worked:
    """What became of entries, by company."""

    blocks: dict[str, list[Block]] = field(default_factory=dict)
    refused: dict[str, list[Refused]] = field(default_factory=dict)


class Mapping:
    """A company's routes, read again when its file of rules has changed."""

    def __init__(self, folder: Path) -> None:
        """Take the company's folder."""
        self._path = folder / "mapping.json"
        self._read = -1
        self._routes: Routes | None = None

    @property
    def changed(self) -> int:
        """Return when the file was changed, ns; 0 where there is none."""
        try:
            return self._path.stat().st_mtime_ns
        except OSError:
            return 0

    def routes(self) -> Routes | None:
        """Return the routes; while the file is not readable the last ones, None where there were none: then nothing may be guessed."""
        changed = self.changed
        if changed != self._read:
            self._read = changed
            try:
                kept = json.loads(self._path.read_bytes()) if changed else []
                self._routes = Routes(rules_from(kept), discarded_from(kept))
            except (OSError, ValueError, TypeError, KeyError, Problem) as error:
                _log.error("event=iot_mapping_unreadable error=%s", type(error).__name__)
        return self._routes


#: Whether a company may have these series.
Room = Callable[[str, Collection[Series]], bool]


def worked(
    entries: Iterable[Entry],
    routes: Callable[[str], Routes | None],
    given: Callable[[str], Given],
    room: Room = lambda company, several: True,
) -> Worked:
    """Return the values of entries and what was refused; never raises for what stands in them.

    `routes`: a company's; `given`: how a company gives times to values without one; `room`: whether it may have further series.
    """
    gathered: _Gathered = {}
    made = Worked()
    for entry in entries:
        if isinstance(entry, list):
            # what was published before stands before it: a later value for the same moment corrects the earlier one
            _decode(gathered, routes, given, room, made)
            for block in entry:
                made.blocks.setdefault(block.series.company, []).append(block)
        elif isinstance(entry, Taken):
            _gather(entry, gathered)
    _decode(gathered, routes, given, room, made)
    return made


def _decode(
    gathered: _Gathered,
    routes: Callable[[str], Routes | None],
    given: Callable[[str], Given],
    room: Room,
    made: Worked,
) -> None:
    """Add the values of what was gathered, topic by topic, and begin gathering anew."""
    for (company, topic), (payloads, turns) in gathered.items():
        arrived = np.repeat(*(np.array(column, np.int64) for column in zip(*turns, strict=True)))
        blocks, refused = _decoded(company, topic, routes(company), payloads, arrived, given(company))
        if not room(company, {block.series for block in blocks}):
            blocks, refused = [], _aside(topic, payloads, arrived, Why.TOO_MANY)
        if blocks:
            made.blocks.setdefault(company, []).extend(blocks)
        if refused:
            made.refused.setdefault(company, []).extend(refused)
    gathered.clear()


def again(company: str, refused: Sequence[Refused], routes: Routes, given: Given) -> tuple[list[Block], list[Refused]]:
    """Return the values of payloads that were refused before, and what still is; what a person has thrown away is neither."""
    by_topic: dict[bytes, list[Refused]] = {}
    for one in refused:
        if routes.throws_away(one.topic, one.arrived):
            continue
        by_topic.setdefault(one.topic, []).append(one)
    blocks: list[Block] = []
    still: list[Refused] = []
    for topic, ones in by_topic.items():
        arrived = np.array([one.arrived for one in ones], np.int64)
        made, left = _decoded(company, topic, routes, [one.payload for one in ones], arrived, given)
        blocks += made
        still += left
    return blocks, still


def _decoded(
    company: str,
    topic: bytes,
    routes: Routes | None,
    payloads: Sequence[bytes],
    arrived: Times,
    given: Given,
) -> tuple[list[Block], list[Refused]]:
    why = Why.NO_MAPPING
    if routes is not None:
        try:
            return decode(company, topic, routes.of(topic), payloads, arrived, given)
        except Exception as error:
            _log.error("event=iot_decode_failed error=%s", type(error).__name__)
            why = Why.FAILED
    return [], _aside(topic, payloads, arrived, why)


def _aside(topic: bytes, payloads: Sequence[bytes], arrived: Times, why: Why) -> list[Refused]:
    return [Refused(topic, payload, at, why) for payload, at in zip(payloads, arrived.tolist(), strict=True)]


def _gather(taken: Taken, into: _Gathered) -> None:
    """Sort publications by topic, with runs of (arrival, how many)."""
    found = taken.publications
    topics = set(found.topics)
    if len(topics) == 1:
        sorted_out = {found.topics[0]: found.payloads}
    else:
        sorted_out = {topic: [] for topic in topics}
        for topic, payload in zip(found.topics, found.payloads, strict=True):
            sorted_out[topic].append(payload)
    for topic, payloads in sorted_out.items():
        held, turns = into.setdefault((taken.company, topic), ([], []))
        held.extend(payloads)
        turns.append((taken.arrived, len(payloads)))
