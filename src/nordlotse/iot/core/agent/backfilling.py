"""What was missed of an OPC UA server is read from its history, beside what comes live; where there is none, a gap is told."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.uaerrors import UaError, UaStatusCodeError

from nordlotse.iot.core.agent.config import Node, OpcUa
from nordlotse.iot.core.agent.holes import Holes
from nordlotse.iot.core.agent.reading import Finding, Reading, State

_log = logging.getLogger("nordlotse.iot")

#: History is asked for in pieces of so much, and this far back at most, µs.
_PIECE, _FAR = 3600 * 1_000_000, 31 * 86_400 * 1_000_000
#: Pause before what could not be brought is tried again, and the longest such pause, seconds.
_AGAIN, _LONGEST = 2.0, 60.0
#: So long is waited for the first values, seconds.
_FIRST = 5.0
#: Server_ServerStatus_CurrentTime [OPC UA part 5, 6.3.1]: what every server's clock shows.
_SERVERS_TIME = "i=2258"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: What servers answer that keep no history, or not of this node, or not for us.
_NO_HISTORY = (
    "BadHistoryOperationUnsupported", "BadHistoryOperationInvalid", "BadServiceUnsupported", "BadNotImplemented",
    "BadUserAccessDenied", "BadNotReadable", "BadNotSupported", "BadNodeIdUnknown",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Live:
    """What filling needs from the source: to keep readings (False: no room), to read a value, whether there was no room, to tell a fault.

    `newest`: the newest time µs each node's source has told since the connection stands, by the node's id.
    """

    keep: Callable[[Sequence[Reading]], Awaitable[bool]]
    reading: Callable[[Node, ua.DataValue], Reading | None]
    full: Callable[[], bool]
    fail: Callable[[Exception], None]
    newest: Mapping[str, int]


class Backfill:
    """Fills the holes of one server's nodes for as long as a connection stands."""

    def __init__(self, client: Client, config: OpcUa, holes: Holes, live: Live, state: State) -> None:
        """Take the connection, whose history is read, what is missing, the source, and where it is told how it goes."""
        self._client = client
        self._config = config
        self._holes = holes
        self._live = live
        self._state = state
        self._ahead = 0
        self._fault: Finding | None = None

    async def run(self) -> None:
        """Fill what is missing and what will be, until cancelled.

        Raises:
            OSError, UaError: the connection is lost; what is not filled yet stays noted.
        """
        self._ahead = await self._ahead_of_us()
        await self._first()
        pause = _AGAIN
        while True:
            self._holes.wake.clear()
            done = [await self._tried(node) for node in self._config.nodes]
            if all(done):
                pause = _AGAIN
                if self._fault is not None and self._state.fault is self._fault:
                    self._state.fault = None
                await self._holes.wake.wait()
            else:
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST)

    async def _tried(self, node: Node) -> bool:
        """Return whether nothing is missing of a node any more, or its gap is told."""
        begin = self._holes.begin(name_of(node))
        if begin is None:
            return True
        try:
            if self._config.history and await _has_history(self._client, node):
                return await self._fill(node, begin)
        except UaStatusCodeError as error:
            name = ua.StatusCode(error.code).name
            if name not in _NO_HISTORY:
                _log.warning("event=iot_agent_history_failed error=%s", name)
                self._live.fail(error)
                self._fault = self._state.fault
                return False
        if self._live.full():  # the gap is not over
            return False
        self._gap(begin, self._until(node))
        self._holes.close(name_of(node))
        return True

    async def _fill(self, node: Node, begin: int) -> bool:
        """Bring what lies between a moment and now, as the source's clock shows it; False while there is no room for it."""
        name = name_of(node)
        went_back = begin > self._until(node)
        at = max(begin, self._until(node) - _FAR)
        count = 0
        while True:
            end = self._until(node)
            then = min(at + _PIECE, end) if at < end else at + _PIECE
            self._holes.asked(name)
            history = await self._client.get_node(node.id).read_raw_history(
                _moment(at), _moment(then), return_bounds=False
            )
            found = [one for data in history if (one := self._live.reading(node, data)) is not None]
            if found and not await self._live.keep(found):
                return False
            new = sum(one.time > begin for one in found)
            self._state.backfilled += new
            count += new
            at = self._holes.brought(name, then)
            if at == then >= end:  # what is missing of later moments is a hole of its own
                break
        if went_back and not count:  # what was missed carries times lived through before: nobody can say which
            self._gap(begin, self._until(node))
        self._holes.close(name)
        return True

    def _gap(self, begin: int, end: int) -> None:
        self._state.gaps += 1
        _log.warning("event=iot_agent_gap source=opcua from=%d to=%d", begin, end)

    def _until(self, node: Node) -> int:
        """Return the moment now, µs, as the clock ahead shows it: ours, the server's, the source's."""
        return max(time.time_ns() // 1000 + max(self._ahead, 0), self._live.newest.get(node.id, 0))

    async def _first(self) -> None:
        """Wait for the first value of each node: only that tells what its source's clock shows."""
        until = time.monotonic() + _FIRST
        while any(node.id not in self._live.newest for node in self._config.nodes) and time.monotonic() < until:
            await asyncio.sleep(0.05)

    async def _ahead_of_us(self) -> int:
        """Return by how much the server's clock is ahead of ours, µs; 0 where it does not tell."""
        try:
            told = await self._client.get_node(_SERVERS_TIME).read_value()
        except UaError:
            return 0
        return micros_of(told) - time.time_ns() // 1000 if isinstance(told, datetime) else 0


def name_of(node: Node) -> str:
    """Return under which name a node's marks stand."""
    return f"{node.machine}/{node.signal}"


def micros_of(moment: datetime) -> int:
    """Return a moment in µs since 1970; one without a zone is UTC."""
    since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _moment(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


async def _has_history(client: Client, node: Node) -> bool:
    """Return whether the server says that a node's history can be read (some answer with nothing instead of refusing)."""
    try:
        return ua.AccessLevel.HistoryRead in await client.get_node(node.id).get_access_level()
    except UaStatusCodeError:
        return True  # it does not tell: ask
