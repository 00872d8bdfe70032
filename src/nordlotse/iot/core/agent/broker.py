"""A broker in the company's network: what it brings is acknowledged only when it lies in the agent's buffer."""

from __future__ import annotations

import asyncio
import logging
import zlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from paho.mqtt.client import MQTTMessage

from nordlotse.foundation.problem import BadInput, Problem
from nordlotse.iot.core.agent.allowed import Target, checked
from nordlotse.iot.core.agent.config import Broker
from nordlotse.iot.core.agent.keeping import Keeper
from nordlotse.iot.core.agent.outward import (
    Outward,
    RefusedError,
    Subscription,
    closed,
    context,
    refusal,
    subscribed,
    unreachable,
)
from nordlotse.iot.core.agent.reading import Clock, Finding, Keeping, NotKept, State
from nordlotse.iot.core.decoding import decode
from nordlotse.iot.core.mapping import Route
from nordlotse.iot.core.mqtt.matching import matches
from nordlotse.iot.core.values import Block, Quality, Series, check_name

_log = logging.getLogger("nordlotse.iot")

_PAUSE, _LONGEST = 1.0, 30.0
#: The broker keeps our session so long while we are away, seconds; publications it may send before we acknowledge.
_SESSION, _UNDER_WAY = 14 * 86_400, 500
#: So long is waited before a payload is tried to be kept again, seconds.
_AGAIN = 2.0
_MOST_NAME = 64


class BrokerSource:
    """Reads one broker. Fits `reading.Source`."""

    def __init__(self, config: Broker, allow: Sequence[Target], clock: Clock, name: str) -> None:
        """Take the configuration, whom the agent may connect to, its clock, and the agent's name."""
        self._config = config
        self._allow = allow
        self._clock = clock
        self._id = f"{name}-reader"
        self._given: dict[Series, int] = {}
        self.name = f"MQTT {config.to}"

    async def run(self, into: Keeping, state: State) -> None:
        """Read until cancelled."""
        pause = _PAUSE
        while True:
            try:
                await self._session(into, state)
            except (OSError, Problem, TimeoutError, ValueError) as error:
                pause = _PAUSE if state.connected else pause
                state.fail(*self._words(error))
                _log.warning("event=iot_agent_broker_lost error=%s", type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST)

    async def check(self) -> Sequence[Finding]:
        """Connect once, listen for some seconds, and say which topics bring what."""
        came: asyncio.Queue[MQTTMessage | Exception] = asyncio.Queue()
        found = [Finding(True, "Verbunden.", "Connected.")]
        try:
            client = await self._connected(came, lasting=False)
        except (OSError, Problem, TimeoutError, ValueError) as error:
            return [Finding(False, *self._words(error))]
        seen: dict[str, MQTTMessage] = {}
        try:
            async with asyncio.timeout(3):
                while len(seen) < 20:
                    one = await came.get()
                    if isinstance(one, MQTTMessage):
                        seen.setdefault(one.topic, one)
        except TimeoutError:
            pass
        finally:
            await closed(client)
        for topic, message in seen.items():
            blocks, why = self._decoded(message)
            for block in blocks:
                told = f"{topic} → {block.series.machine}/{block.series.signal}"
                found.append(Finding(True, told, told))
            if why:
                found.append(
                    Finding(
                        False,
                        f"{topic}: nicht lesbar ({why}). [[mqtt.signals]] mit path sagt, wo der Wert steht.",
                        f"{topic}: not readable ({why}). [[mqtt.signals]] with path says where the value is.",
                    )
                )
        if not seen:
            found.append(Finding(True, "In drei Sekunden kam kein Wert.", "No value came within three seconds."))
        return found

    async def _session(self, into: Keeping, state: State) -> None:
        came: asyncio.Queue[MQTTMessage | Exception] = asyncio.Queue()
        client = await self._connected(came, lasting=True)
        state.works()
        try:
            while True:
                batch = [await came.get()]
                while not came.empty() and len(batch) < _UNDER_WAY:
                    batch.append(came.get_nowait())
                for one in batch:
                    if isinstance(one, Exception):
                        raise one
                messages = [one for one in batch if isinstance(one, MQTTMessage)]
                await self._take(client, messages, into, state)
        finally:
            await closed(client)

    async def _take(self, client: Outward, messages: Sequence[MQTTMessage], into: Keeping, state: State) -> None:
        blocks: list[Block] = []
        for message in messages:
            made, why = self._decoded(message)
            blocks += made
            if why:
                state.fault = Finding(
                    False,
                    f"{message.topic}: nicht lesbar ({why}).",
                    f"{message.topic}: not readable ({why}).",
                )
                state.gaps += 1
                _log.warning("event=iot_agent_payload_unreadable reason=%s", why)
        assert isinstance(into, Keeper)  # noqa: S101 - the agent hands in no other
        while blocks:
            try:
                await into.keep_blocks(blocks)
                break
            except NotKept:  # not acknowledged: the broker keeps what follows
                await asyncio.sleep(_AGAIN)
        state.read += sum(map(len, blocks))
        for message in messages:
            if message.qos:
                client.ack(message.mid, message.qos)

    def _decoded(self, message: MQTTMessage) -> tuple[list[Block], str]:
        route = self._route(message.topic)
        arrived = np.array([self._clock.now()], np.int64)
        blocks, refused = decode("", message.topic.encode(), route, [bytes(message.payload)], arrived, self._times)
        # the moment the agent gave is the value's time from here on; what a broker retained holds now, but nobody knows since when
        given = Quality.UNCERTAIN if message.retain else Quality.GOOD
        kept = [
            replace(one, quality=np.where(one.quality & Quality.NO_TIME, one.quality ^ Quality.NO_TIME | given, one.quality))
            for one in blocks
        ]  # fmt: skip
        return kept, str(refused[0].why) if refused else ""

    def _route(self, topic: str) -> Route:
        rules = tuple(rule for rule in self._config.rules if matches(rule.topic, topic))
        if rules:
            return Route(rules=rules)
        levels = topic.split("/")
        machine = self._config.machine
        try:
            if machine:
                return Route(machine, check_name(_named(levels), "topic"))
            if len(levels) == 1:
                return Route(check_name(levels[0], "topic"))
            return Route(check_name(levels[0], "topic"), check_name(_named(levels[1:]), "topic"))
        except BadInput:
            return Route()

    def _times(self, series: Series, arrived: int, count: int) -> int:
        begin = max(arrived, self._given.get(series, 0) + 1)
        self._given[series] = begin + count - 1
        return begin

    # ---- the connection ----

    async def _connected(self, came: asyncio.Queue[MQTTMessage | Exception], lasting: bool) -> Outward:
        loop, config = asyncio.get_running_loop(), self._config
        name = self._id if lasting else f"{self._id}-check"
        client = Outward(name, lambda: checked(config.to, self._allow), manual_ack=True)
        wish = Subscription(
            config.topics,
            _UNDER_WAY,
            _SESSION if lasting else 0,
            config.login.user,
            config.login.password,
            context(config.ca) if config.to.scheme == "mqtts" else None,
        )

        def take(message: MQTTMessage) -> None:
            loop.call_soon_threadsafe(came.put_nowait, message)

        await subscribed(client, config.to.host, config.to.port, wish, take, came.put_nowait)
        return client

    def _words(self, error: Exception) -> tuple[str, str]:
        if isinstance(error, Problem):
            return f"{error.message_de} {error.remedy_de}".strip(), f"{error.message_en} {error.remedy_en}".strip()
        if isinstance(error, RefusedError):
            return refusal(error.reason)
        return unreachable(error, self._config.to)


def _named(levels: Sequence[str]) -> str:
    """Return the name of a signal out of the levels of a topic; a long one is cut and told apart by a sum."""
    name = ".".join(levels)
    return name if len(name) <= _MOST_NAME else f"{name[: _MOST_NAME - 9]}~{zlib.crc32(name.encode()):08x}"
