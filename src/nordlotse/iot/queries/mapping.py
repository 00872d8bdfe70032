"""Payloads nobody could read: by topic and reason, what lies in them, and what a rule would make of them."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import NotAvailable, Problem
from nordlotse.iot import memory
from nordlotse.iot.core import quarantine
from nordlotse.iot.core.decoding import Refused, decode
from nordlotse.iot.core.intake import Mapping
from nordlotse.iot.core.just_refused import JustRefused
from nordlotse.iot.core.mapping import Route, Routes, Rule, discarded_from, rules_from
from nordlotse.iot.core.mqtt.matching import matches
from nordlotse.iot.core.store.manifest import load
from nordlotse.iot.core.stores import company_folder
from nordlotse.iot.core.values import Why
from nordlotse.iot.models import Hall

#: Topics and leaves shown at most; payloads a rule is tried on at most; values shown of a trial.
_TOPICS, _LEAVES, _TRIED, _SHOWN = 50, 200, 2_000, 8
_DEEP = 8
#: Payloads of a topic whose values are put together at most.
_LOOKED = 100
#: The newest payloads of a hall that a process holds, their bytes together, and of how many halls.
_NEWEST, _NEWEST_BYTES, _PILES = 20_000, 8 * 1024 * 1024, 16
FILE = "mapping.json"
#: Why a payload is broken, so that no rule ever reads it.
_BROKEN = (Why.NOT_JSON, Why.NOT_UTF8, Why.NOT_FINITE)

WHY = {
    Why.NOT_JSON: Text("Kein gültiges JSON", "Not valid JSON"),
    Why.NOT_UTF8: Text("Kein Text in UTF-8", "No text in UTF-8"),
    Why.NO_VALUE: Text("Kein Wert darin, den wir erkennen", "No value in it that we recognise"),
    Why.NOT_FINITE: Text("Keine endliche Zahl", "Not a finite number"),
    Why.TOO_LONG: Text("Text länger als 256 Byte", "Text longer than 256 bytes"),
    Why.BAD_TIME: Text("Unlesbare Zeit", "Time that cannot be read"),
    Why.BAD_NAME: Text("Name, der keiner sein kann", "A name that cannot be one"),
    Why.NO_MAPPING: Text("Keine Zuordnung für dieses Thema", "No mapping for this topic"),
    Why.TOO_MANY: Text(
        "Zu viele Signale: steht eine Nummer oder ein Datum im Namen?",
        "Too many signals: is there a number or a date in the name?",
    ),
    Why.FAILED: Text("Fehler bei uns", "A fault of ours"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why payloads of a topic could not be read: how many, and the newest of them as text."""

    why: Text
    count: int
    sample: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Payloads of one topic that could not be read: how many, by reason (that of the sample first); when the newest came (µs).

    `sample`: the newest one that can be mapped, else the newest of all; `broken`: there is none that can be. `soon`: a rule fits, or somebody
    has thrown them away, and the intake has not worked that in yet.
    """

    topic: str
    reasons: tuple[Reason, ...]
    count: int
    sample: str
    arrived: int
    broken: bool = False
    soon: bool = False

    @property
    def last(self) -> datetime:
        """Return when the newest came."""
        return datetime.fromtimestamp(self.arrived / 1e6, UTC)


@dataclass(frozen=True, slots=True)
class Stand:
    """What waits in a hall, by topic, the newest first; `at`: up to when that is known; `whole`: what came in the last half minute is in it.

    `reading`: the intake is about to work in a mapping that was just made.
    """

    waiting: tuple[Waiting, ...]
    at: datetime
    whole: bool
    reading: bool

    @property
    def mark(self) -> str:
        """Return a word that differs where something else is to be shown."""
        told = [(one.topic, one.count, one.arrived, one.soon) for one in self.waiting]
        return hashlib.sha256(repr((told, self.whole, self.reading)).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value in a payload: its path as it is kept, in words, and the value as text. `usable`: a number, a yes or no, a short text."""

    path: str
    words: str
    value: str
    usable: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """What a rule would make: how many payloads it reads and how many not, the first values with their machine and signal."""

    read: int
    left: int
    values: tuple[tuple[str, str, int, str], ...]


def count_waiting(hall: Hall) -> int:
    """Return how many payloads of a hall nobody could read."""
    return _looked(hall).count


def waiting(hall: Hall) -> list[Waiting]:
    """Return what nobody could read, by topic, the newest first; of very many the newest are counted."""
    return list(stand(hall).waiting)


def stand(hall: Hall) -> Stand:
    """Return what nobody could read just now, what came a moment ago too."""
    at = datetime.now(UTC)
    looked = _looked(hall)
    topics: dict[bytes, list[Refused]] = {}
    for one in looked.newest:
        topics.setdefault(one.topic, []).append(one)
    routes = Mapping(company_folder(memory.folder(), hall.store)).routes() if looked.reading else None
    found = [_waiting(topic, ones, routes) for topic, ones in topics.items()]
    shown = sorted(found, key=lambda one: -one.arrived)[:_TOPICS]
    return Stand(tuple(shown), at, looked.whole, looked.reading)


def _waiting(topic: bytes, ones: Sequence[Refused], routes: Routes | None) -> Waiting:
    """Return the payloads of a topic, put together; `routes`: what is about to be worked in, None for nothing."""
    good = next((one for one in reversed(ones[-_LOOKED:]) if not broken(one)), None)
    best = good or ones[-1]
    by_why: dict[Why, list[Refused]] = {best.why: []}
    for one in ones:
        by_why.setdefault(one.why, []).append(one)
    reasons = tuple(
        Reason(WHY[why], len(some), _text(best if best in some else some[-1])) for why, some in by_why.items()
    )
    soon = routes is not None and (bool(routes.of(topic).rules) or routes.throws_away(topic, ones[-1].arrived))
    last = max(one.arrived for one in ones)
    return Waiting(topic.decode("utf-8", "replace"), reasons, len(ones), _text(best), last, good is None, soon)


def broken(one: Refused) -> bool:
    """Return whether a payload can never be mapped, whatever a rule says: it is neither JSON nor a plain text."""
    at = np.array([one.arrived], np.int64)
    _, refused = decode("", b"x/y", Route("x", "y"), [one.payload], at, lambda series, arrived, count: arrived)
    return bool(refused) and refused[0].why in _BROKEN


def _text(one: Refused) -> str:
    return one.payload[:2_000].decode("utf-8", "replace")


def leaves(sample: str) -> list[Leaf]:
    """Return the values that lie in a payload, each with its path; the payload itself where it is a single value."""
    try:
        content = orjson.loads(sample)
    except ValueError:
        return [Leaf("[]", "", sample[:100], True)] if sample and len(sample) < 200 else []
    return [leaf for leaf, _ in zip(_walk(content, ()), range(_LEAVES), strict=False)]


def written(path: tuple[str | int, ...]) -> str:
    """Return a path as leaves and forms carry it."""
    return json.dumps(path, ensure_ascii=False)


def leaves_of(hall: Hall, topic: str, sample: str) -> list[Leaf]:
    """Return the values that lie in a topic's newest payloads, each with the newest of its contents: payloads of one topic may differ.

    What is broken tells none.
    """
    newest = [one for one in _looked(hall).newest if one.topic == topic.encode()][-_LOOKED:]
    payloads = [one.payload for one in newest if not broken(one)]
    found: dict[str, Leaf] = {}
    for text in (sample, *(payload.decode("utf-8", "replace") for payload in reversed(payloads))):
        for leaf in leaves(text):
            if leaf.path not in found or (leaf.usable and not found[leaf.path].usable):
                found[leaf.path] = leaf
    return list(found.values())[:_LEAVES]


def rules(hall: Hall) -> tuple[Rule, ...]:
    """Return a hall's rules.

    Raises:
        NotAvailable: `iot_mapping_unreadable`.
    """
    return _kept(hall)[0]


def discarded(hall: Hall) -> dict[str, int]:
    """Return up to when (µs) what waited of a topic was thrown away, by topic.

    Raises:
        NotAvailable: `iot_mapping_unreadable`.
    """
    return _kept(hall)[1]


def _kept(hall: Hall) -> tuple[tuple[Rule, ...], dict[str, int]]:
    path = company_folder(memory.folder(), hall.store) / FILE
    try:
        kept = json.loads(path.read_bytes())
        return rules_from(kept), discarded_from(kept)
    except FileNotFoundError:
        return (), {}
    except (OSError, ValueError, TypeError, KeyError, Problem) as error:
        raise NotAvailable(
            "iot_mapping_unreadable",
            de="Die Zuordnungen dieser Halle sind nicht lesbar.",
            en="This hall's mappings cannot be read.",
            where="mapping",
            remedy_de="Bitte sagen Sie es dem Betreiber; verloren ist nichts.",
            remedy_en="Tell the operator; nothing is lost.",
        ) from error


def tried(hall: Hall, made: Sequence[Rule]) -> Trial:
    """Return what rules would make of the payloads that wait under their topics; nothing is changed."""
    topics = {rule.topic for rule in made}
    held = [(one, one.topic.decode("utf-8", "replace")) for one in _looked(hall).newest]
    meant = [one for one, topic in held if any(matches(pattern, topic) for pattern in topics)][-_TRIED:]
    same = {(one.topic, one.machine, one.signal) for one in made}
    routes = Routes([*(one for one in rules(hall) if (one.topic, one.machine, one.signal) not in same), *made])
    values: list[tuple[str, str, int, str]] = []
    left = 0
    for one in meant:
        blocks, refused = decode(
            hall.store,
            one.topic,
            routes.of(one.topic),
            [one.payload],
            np.array([one.arrived], np.int64),
            lambda series, arrived, count: arrived,
        )
        left += len(refused)
        for block in blocks:
            shown = block.texts[int(block.value[0])] if block.texts else f"{block.value[0]:g}"
            values.append((block.series.machine, block.series.signal, int(block.time[0]), shown))
    return Trial(len(meant) - left, left, tuple(values[-_SHOWN:]))


def _walk(content: Any, path: tuple[str | int, ...]) -> Iterator[Leaf]:
    if isinstance(content, dict | list) and len(path) < _DEEP:
        inside = content.items() if isinstance(content, dict) else enumerate(content)
        for key, value in inside:
            yield from _walk(value, (*path, key))
        return
    usable = isinstance(content, bool | int | float) or (isinstance(content, str) and len(content.encode()) <= 256)
    words = " › ".join(str(step) for step in path)
    yield Leaf(written(path), words, json.dumps(content, ensure_ascii=False)[:100], usable)


@dataclass(slots=True)
class _Pile:
    """What a process has read of a hall's quarantine: which file, up to where, how many payloads, and the newest of them with their bytes."""

    file: int = 0
    at: int = 0
    count: int = 0
    size: int = 0
    newest: deque[Refused] = field(default_factory=deque)

    def read_on(self, folder: Path, end: int) -> None:
        """Read what came since the last look; the oldest payloads are forgotten, though not uncounted."""
        for behind, one in quarantine.read_on(folder, self.file, self.at, end):
            self.at = behind
            self.count += 1
            self.size += len(one.topic) + len(one.payload)
            self.newest.append(one)
            while len(self.newest) > _NEWEST or self.size > _NEWEST_BYTES:
                gone = self.newest.popleft()
                self.size -= len(gone.topic) + len(gone.payload)


@dataclass(frozen=True, slots=True)
class _Looked:
    """How many payloads wait, and the newest of them; whether that is all, and whether a new mapping is about to be worked in."""

    count: int = 0
    newest: Sequence[Refused] = ()
    whole: bool = True
    reading: bool = False


_piles: OrderedDict[Path, tuple[_Pile, JustRefused]] = OrderedDict()
_lock = threading.Lock()


def _looked(hall: Hall) -> _Looked:
    """Return what waits; of very much only the newest: a machine that sends nonsense all night must not fill a process's memory."""
    folder = company_folder(memory.folder(), hall.store)
    try:
        manifest = load(folder)
    except (NotAvailable, OSError):
        return _Looked()
    file, end = manifest.aside
    with _lock:
        held = _piles.pop(folder) if folder in _piles else None
        pile, just = held or (_Pile(file), JustRefused(memory.folder(), hall.store))
        if pile.file != file or pile.at > end:
            pile = _Pile(file)
        if end:
            pile.read_on(folder, end)
        seen = just.look(manifest.worked)
        _piles[folder] = pile, just
        while len(_piles) > _PILES:
            _piles.popitem(last=False)
        changed = Mapping(folder).changed
        newest = (*pile.newest, *seen.refused)
        reading = bool(changed) and changed != manifest.mapped
        return _Looked(pile.count + len(seen.refused), newest, seen.whole, reading)
