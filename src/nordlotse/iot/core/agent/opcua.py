"""OPC UA: nodes are subscribed to; what was missed (connection lost, queue overflown, agent off) is read from the server's history."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.uaerrors import UaError, UaStatusCodeError
from cryptography import x509

from nordlotse.foundation.problem import Problem
from nordlotse.iot.core.agent.allowed import Target, checked
from nordlotse.iot.core.agent.backfilling import Backfill, Live, micros_of, name_of
from nordlotse.iot.core.agent.config import Node, OpcUa
from nordlotse.iot.core.agent.doubts import told_doubt
from nordlotse.iot.core.agent.examples import untouched_node
from nordlotse.iot.core.agent.holes import Holes
from nordlotse.iot.core.agent.marks import Marks
from nordlotse.iot.core.agent.outward import unreachable
from nordlotse.iot.core.agent.reading import Clock, Finding, Keeping, NotKept, Reading, State, usable
from nordlotse.iot.core.values import Quality

_log = logging.getLogger("nordlotse.iot")

#: Pause after the first fault and longest pause, seconds.
_PAUSE, _LONGEST = 1.0, 60.0
#: So many changes wait in memory at most; what comes beyond is brought from the history.
_HELD = 100_000
#: A source's time may differ from ours by so much before the clock is marked as wrong, µs.
_APART = 3600 * 1_000_000
NO_NODES = (
    "Es ist noch kein Knoten gewählt. --browse zeigt alle, zum Kopieren.",
    "No node is chosen yet. --browse shows all, to copy.",
)
_OTHER_SERVER = (
    "Der Server antwortet nicht, oder er hat ein anderes Zertifikat als server_certificate. Netz und Zertifikat prüfen.",
    "The server does not answer, or has another certificate than server_certificate. Check network and certificate.",
)
#: Of a status [OPC UA part 4, 7.39]: severity in the two highest bits; info type "data value" with the overflow bit.
_BAD, _UNCERTAIN, _OVERFLOW = 0x80000000, 0x40000000, 0x0480
#: What servers answer, in words that say what to do.
_TOLD = {
    "BadNodeIdUnknown": ("Diesen Knoten kennt der Server nicht; --browse zeigt alle.", "The server does not know this node; --browse shows all."),
    "BadNodeIdInvalid": ("Das ist keine Kennung eines Knotens; --browse zeigt alle.", "This is no id of a node; --browse shows all."),
    "BadUserAccessDenied": ("Benutzer oder Passwort stimmen nicht, oder dieser Benutzer darf das nicht.", "User or password are wrong, or this user may not do that."),
    "BadIdentityTokenRejected": ("Benutzer oder Passwort stimmen nicht.", "User or password are wrong."),
    "BadIdentityTokenInvalid": ("Der Server verlangt einen Benutzer: user und password eintragen.", "The server asks for a user: enter user and password."),
    "BadSecurityChecksFailed": ("Der Server vertraut dem Zertifikat des Agenten noch nicht: am Server freigeben.", "The server does not trust the agent's certificate yet: allow it at the server."),
    "BadCertificateUntrusted": ("Der Server vertraut dem Zertifikat des Agenten noch nicht: am Server freigeben.", "The server does not trust the agent's certificate yet: allow it at the server."),
    "BadCertificateTimeInvalid": ("Ein Zertifikat ist abgelaufen, oder eine Uhr geht falsch.", "A certificate has expired, or a clock is wrong."),
    "BadSecurityPolicyRejected": ("Der Server bietet diese Sicherheit nicht: security prüfen.", "The server does not offer this security: check security."),
    "BadTooManySessions": ("Der Server nimmt keine weitere Verbindung an.", "The server takes no further connection."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Came:
    node: Node
    data: ua.DataValue


class OpcUaSource:
    """Reads one server. Fits `reading.Source`."""

    def __init__(self, config: OpcUa, allow: Sequence[Target], clock: Clock, marks: Marks) -> None:
        """Take the configuration, whom the agent may connect to, its clock, and how far was read before."""
        self._config = config
        self._allow = allow
        self._clock = clock
        self._marks = marks
        self._last: dict[str, Reading] = {}
        self._holes = Holes(marks)
        #: Whether the buffer had no room last time.
        self._full = False
        #: The newest time µs a node's source has told since the connection stands: its clock may be another one than ours.
        self._newest: dict[str, int] = {}
        self.name = f"OPC UA {config.to}"

    async def run(self, into: Keeping, state: State) -> None:
        """Read until cancelled."""
        pause = _PAUSE
        while True:
            try:
                await self._session(into, state)
                pause = _PAUSE
            except (OSError, UaError, Problem, TimeoutError, ValueError, RuntimeError) as error:
                if state.connected:
                    pause = _PAUSE
                    _log.warning("event=iot_agent_opcua_lost error=%s", type(error).__name__)
                state.fail(*words(error, self._config.to))
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST)

    async def check(self) -> Sequence[Finding]:
        """Connect once and read every node."""
        try:
            async with await opened(self._config, self._allow) as client:
                found = [self._connected()]
                found += [await self._tried(client, node) for node in self._config.nodes]
        except (OSError, UaError, Problem, TimeoutError, ValueError, RuntimeError) as error:
            if isinstance(error, TimeoutError) and self._config.server_certificate is not None:
                return [Finding(False, *_OTHER_SERVER)]
            return [Finding(False, *words(error, self._config.to))]
        if not self._config.nodes:
            found.append(Finding(False, *NO_NODES))
        return found

    def _connected(self) -> Finding:
        if self._config.login.password and not self._config.security:
            return Finding(
                True,
                "Verbunden. Achtung: ohne security kann das Passwort mitgelesen werden.",
                "Connected. Attention: without security the password can be read by others.",
            )
        return Finding(True, "Verbunden.", "Connected.")

    async def _tried(self, client: Client, node: Node) -> Finding:
        told = f"{node.machine}/{node.signal} ({node.id})"
        try:
            data = await client.get_node(node.id).read_data_value(raise_on_bad_status=False)
        except (UaError, ValueError) as error:
            de, en = words(error, self._config.to)
            return Finding(False, f"{told}: {de}", f"{told}: {en}", sample=untouched_node(node.id))
        value = usable(data.Value.Value if data.Value is not None else None)
        status = data.StatusCode.name if data.StatusCode is not None else "Good"
        if value is None and status in _TOLD:
            de, en = _TOLD[status]
            return Finding(False, f"{told}: {de}", f"{told}: {en}")
        if value is None:
            return Finding(
                False,
                f"{told}: liefert keinen Wert, der sich aufzeichnen lässt (Status {status}).",
                f"{told}: tells no value that can be recorded (status {status}).",
            )
        shown = f"{told} = {value} ({status})"
        odd = told_doubt(node.signal, "", value) if isinstance(value, float) else None
        return Finding(True, shown, shown, value=True, doubt=odd, sample=untouched_node(node.id))

    # ---- a session ----

    async def _session(self, into: Keeping, state: State) -> None:
        lost = asyncio.Event()
        came: asyncio.Queue[_Came] = asyncio.Queue(_HELD)
        self._newest = {}
        async with await opened(self._config, self._allow) as client:

            async def on_lost(error: Exception) -> None:
                lost.set()

            client.connection_lost_callback = on_lost
            if not self._config.nodes:
                raise _NoNodesError
            for node in self._config.nodes:
                if mark := self._marks.known.get(name_of(node)):
                    self._holes.dig(name_of(node), mark[0])
            faults = await self._subscribe(client, came, lost)
            state.works()
            if faults:  # the other nodes are read nevertheless
                state.fault = Finding(False, *words(faults[0], self._config.to))
            _log.info("event=iot_agent_opcua_connected")
            filling = asyncio.create_task(self._backfill(client, into, state).run())
            filling.add_done_callback(lambda _: lost.set())
            try:
                await self._take(came, lost, into, state)
                if filling.done():
                    filling.result()
            finally:
                filling.cancel()
                await asyncio.gather(filling, return_exceptions=True)
        raise ConnectionResetError("connection lost")

    def _backfill(self, client: Client, into: Keeping, state: State) -> Backfill:
        def fail(error: Exception) -> None:
            state.fault = Finding(False, *words(error, self._config.to))

        return Backfill(
            client,
            self._config,
            self._holes,
            Live(
                partial(self._kept, into=into, state=state),
                self._of_history,
                lambda: self._full,
                fail,
                self._newest,
            ),
            state,
        )

    async def _subscribe(
        self, client: Client, came: asyncio.Queue[_Came], lost: asyncio.Event
    ) -> Sequence[_NoNodeError]:
        """Subscribe to the nodes; return what the server says to those it does not take."""
        config = self._config
        nodes = {client.get_node(node.id): node for node in config.nodes}

        def take(one: _Came) -> None:
            time = self._time(one.data)
            self._newest[one.node.id] = max(time, self._newest.get(one.node.id, 0))
            try:
                came.put_nowait(one)
            except asyncio.QueueFull:  # the disk takes longer than the machine
                self._dig(one.node, time)

        subscription = await client.create_subscription(max(config.sampling, 100.0), _Handler(nodes, take, lost))
        results = await subscription.subscribe_data_change(
            list(nodes), queuesize=config.queue, sampling_interval=ua.Double(config.sampling)
        )
        faults = [
            _NoNodeError(node, result.name)
            for node, result in zip(config.nodes, results, strict=True)
            if isinstance(result, ua.StatusCode)
        ]
        if len(faults) == len(config.nodes):
            raise faults[0]
        return faults

    async def _take(self, came: asyncio.Queue[_Came], lost: asyncio.Event, into: Keeping, state: State) -> None:
        """Hand on what comes until the connection is lost, and what had come by then."""
        while not lost.is_set():
            try:
                first = await asyncio.wait_for(came.get(), 1.0)
            except TimeoutError:
                continue
            await self._hand_on([first, *_rest(came)], into, state)
        await self._hand_on(_rest(came), into, state)

    async def _hand_on(self, batch: Sequence[_Came], into: Keeping, state: State) -> None:
        for each in batch:
            if _status(each.data) & _OVERFLOW == _OVERFLOW:
                _log.warning("event=iot_agent_opcua_overflow")
                self._dig(each.node, self._time(each.data))
        made = [(each.node, one) for each in batch if (one := self._reading(each)) is not None]
        if made and not await self._kept([one for _, one in made], into, state):
            for node, one in made:
                self._dig(node, one.time)

    def _dig(self, node: Node, time: int) -> None:
        """Remember that what lies between a node's newest kept value and a moment may be missing."""
        mark = self._marks.known.get(name_of(node))
        self._holes.dig(name_of(node), min(mark[0], time - 1) if mark else time - 1)

    async def _kept(self, readings: Sequence[Reading], into: Keeping, state: State) -> bool:
        try:
            await into.keep(readings)
        except NotKept:
            self._full = True
            return False
        self._full = False
        state.read += len(readings)
        for one in readings:
            key = f"{one.machine}/{one.signal}"
            if one.time > self._marks.known.get(key, [0])[0]:
                self._marks.set(key, one.time, soon=True)
        return True

    # ---- values ----

    def _reading(self, came: _Came) -> Reading | None:
        """Return what a server told; a bad value without content stands as the last known one, marked bad."""
        node, data = came.node, came.data
        now = self._clock.now()
        made = self._made(node, data, self._time(data))
        if made is None:
            return None
        if abs(made.time - now) > _APART:
            made = made._replace(quality=made.quality | Quality.CLOCK)
        self._last[node.id] = made
        return made

    def _of_history(self, node: Node, data: ua.DataValue) -> Reading | None:
        told = data.SourceTimestamp or data.ServerTimestamp
        return self._made(node, data, micros_of(told)) if told else None

    def _made(self, node: Node, data: ua.DataValue, at: int) -> Reading | None:
        status = _status(data)
        quality = Quality.BAD if status & _BAD else Quality.UNCERTAIN if status & _UNCERTAIN else Quality.GOOD
        value = usable(data.Value.Value if data.Value is not None else None)
        if value is None:
            last = self._last.get(node.id)
            if last is None:
                return None
            value, quality = last.value, Quality.BAD
        if status & _OVERFLOW == _OVERFLOW:
            quality |= Quality.UNCERTAIN
        return Reading(node.machine, node.signal, value, at, int(quality))

    def _time(self, data: ua.DataValue) -> int:
        told = data.SourceTimestamp or data.ServerTimestamp
        return micros_of(told) if told else self._clock.now()


class _NoNodesError(ValueError):
    """None is chosen yet."""


class _NoNodeError(ValueError):
    def __init__(self, node: Node, status: str) -> None:
        super().__init__(status)
        self.node, self.status = node, status


class _Handler:
    """Takes what a subscription brings."""

    def __init__(self, nodes: dict[Any, Node], take: Callable[[_Came], None], lost: asyncio.Event) -> None:
        self._nodes = nodes
        self._take = take
        self._lost = lost

    def datachange_notification(self, node: Any, value: Any, data: Any) -> None:
        """Take one change."""
        self._take(_Came(self._nodes[node], data.monitored_item.Value))

    def status_change_notification(self, status: Any) -> None:
        """End the session when the server has ended the subscription."""
        self._lost.set()


async def opened(config: OpcUa, allow: Sequence[Target]) -> Client:
    """Return a client that connects to the checked address, with the security the configuration asks for.

    Raises:
        Problem, OSError, UaError.
    """
    to = config.to
    address = await asyncio.get_running_loop().run_in_executor(None, checked, to, allow)
    host = f"[{address}]" if ":" in address else address
    client = Client(f"opc.tcp://{host}:{to.port}{to.path}", timeout=10)
    client.name = client.description = "Nordlotse agent"
    if config.login.user:
        client.set_user(config.login.user)
        client.set_password(config.login.password)
    if config.security:
        policy, _, mode = config.security.partition(",")
        assert config.certificate is not None  # noqa: S101 - the configuration refuses it otherwise
        client.application_uri = _own_uri(config.certificate) or client.application_uri
        server = f",{config.server_certificate}" if config.server_certificate else ""
        await client.set_security_string(f"{policy},{mode},{config.certificate},{config.key}{server}")
    return client


def _own_uri(certificate: Path) -> str:
    """Return the application's URI as its certificate tells it; servers compare both."""
    content = certificate.read_bytes()
    read = x509.load_pem_x509_certificate if b"-----BEGIN" in content else x509.load_der_x509_certificate
    try:
        names = read(content).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ""
    return next(iter(names.get_values_for_type(x509.UniformResourceIdentifier)), "")


def words(error: Exception, to: Target) -> tuple[str, str]:
    """Return in German and English what went wrong with a server, and what to do."""
    if isinstance(error, Problem):
        return f"{error.message_de} {error.remedy_de}".strip(), f"{error.message_en} {error.remedy_en}".strip()
    if isinstance(error, _NoNodesError):
        return NO_NODES
    name = error.status if isinstance(error, _NoNodeError) else ""
    if isinstance(error, UaStatusCodeError):
        name = ua.StatusCode(error.code).name
    if isinstance(error, ValueError) and not name:
        name = "BadNodeIdInvalid"
    node = f" ({error.node.id})" if isinstance(error, _NoNodeError) else ""
    if name:
        de, en = _TOLD.get(name, (f"Der Server antwortet: {name}.", f"The server answers: {name}."))
        return de + node, en + node
    if isinstance(error, UaError) and "No matching endpoints" in str(error):
        return _TOLD["BadSecurityPolicyRejected"]
    if isinstance(error, UaError):
        return f"Der Server antwortet: {error}"[:300], f"The server answers: {error}"[:300]
    return unreachable(error, to)


def _status(data: ua.DataValue) -> int:
    return int(data.StatusCode.value) if data.StatusCode is not None else 0


def _rest(came: asyncio.Queue[_Came]) -> list[_Came]:
    """Return what waits just now."""
    return [came.get_nowait() for _ in range(came.qsize())]
