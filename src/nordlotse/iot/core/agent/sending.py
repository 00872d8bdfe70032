"""From the buffer to the centre: MQTT 5 with quality of service 1; only what the centre has acknowledged leaves the buffer."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Collection, Sequence
from typing import Any

from paho.mqtt.client import DisconnectFlags
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from nordlotse.foundation.problem import Problem
from nordlotse.iot.core.agent.allowed import checked
from nordlotse.iot.core.agent.buffer import Buffer
from nordlotse.iot.core.agent.config import Centre, Config
from nordlotse.iot.core.agent.outward import KEEP_ALIVE, TIMEOUT, Outward, context, refusal, unreachable
from nordlotse.iot.core.agent.reading import Finding, NotKept, Told
from nordlotse.iot.core.agent.records import Rows, publications
from nordlotse.iot.core.agent.refused import Aside, parted, whose
from nordlotse.iot.core.store.log import Place

_log = logging.getLogger("nordlotse.iot")

_NEVER = SubscribeOptions.RETAIN_DO_NOT_SEND
#: Values read from the buffer at once.
_AT_ONCE = 100_000
#: Publications under way.
_INFLIGHT = 40
#: A centre that acknowledges nothing for so long is connected to anew, seconds.
_SILENT = 60.0
#: How often is asked whether machines the centre has refused may be sent now, seconds.
_ASK = 60.0
#: Pause after the first fault and longest pause, seconds.
_PAUSE, _LONGEST = 1.0, 60.0


class Refused(Exception):  # noqa: N818 - what the centre answered, not our fault
    """The centre has refused a connection or a publication, for a reason told in two languages."""

    def __init__(self, de: str, en: str) -> None:
        super().__init__(en)
        self.de, self.en = de, en


class Sender:
    """Runs in a thread of its own until `stop`."""

    def __init__(self, config: Config, buffer: Buffer, told: Told, now: Callable[[], int]) -> None:
        """Take the configuration, the buffer, what is shown, and the clock (µs).

        Raises:
            NotAvailable, OSError: what lies aside cannot be opened.
        """
        self._aside = Aside(buffer.folder, config.limit)
        buffer.beside(self._aside.waiting)
        self._asked = 0.0
        #: The disk did not take how far what lies aside is sent.
        self._stuck = False
        self._config = config
        self._buffer = buffer
        self._told = told
        self._now = now
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="send", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, seconds: float = 5.0) -> None:
        """End; what is not acknowledged then stays in the buffer."""
        self._stop.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            self._sending()
        finally:
            self._aside.close()

    def _sending(self) -> None:
        pause = _PAUSE
        state = self._told.centre
        while not self._stop.is_set():
            link = Link(self._config)
            try:
                link.connect()
                state.works()
                _log.info("event=iot_agent_connected")
                self._asked = -_ASK
                while not self._stop.is_set():
                    self._ask(link)
                    if self._send(link):
                        pause = _PAUSE
            except (Refused, Problem, OSError, ValueError) as error:
                de, en = _words(error, self._config.centre)
                state.fail(de, en)
                _log.warning("event=iot_agent_disconnected error=%s", type(error).__name__)
            except Exception as error:  # whatever it is, the values stay in the buffer and are tried again
                state.fail(type(error).__name__, type(error).__name__)
                _log.exception("event=iot_agent_sending_failed")
            finally:
                link.close()
            self._buffer.note_if_due()
            self._stop.wait(pause)
            pause = min(pause * 2, _LONGEST)

    def _send(self, link: Link) -> bool:
        """Send what waits and let go of it once all of it is acknowledged; return whether something was sent."""
        records, place = self._buffer.read(self._buffer.sent, _AT_ONCE)
        count = sum(map(len, records))
        others, refused = parted(records, link.refused)
        if not self._sent(link, others):
            return False
        if link.refused:
            others, more = parted(others, link.refused)
            count = sum(map(len, others))
            self._lay_aside([*refused, *more], link, place, count)
        if place != self._buffer.sent:
            self._buffer.forget(place, count)
        else:
            link.check()
            self._stop.wait(0.05)
            self._buffer.note_if_due()
        return bool(records)

    def _sent(self, link: Link, records: Sequence[Rows]) -> bool:
        """Send values and return True once all of them are answered; False where the agent ends before: they are sent again, and stored once."""
        if not records:
            return True
        for topic, payload, _ in publications(records, self._now()):
            link.publish(topic, payload, self._stop)
        link.settle(self._stop)
        return link.settled or not self._stop.is_set()

    def _lay_aside(self, refused: Sequence[Rows], link: Link, place: Place, count: int) -> None:
        """Lay values of refused machines aside, so that those of the others go on: `count` of them are sent before `place`.

        Raises:
            Refused: there is no room for them; everything stays in the buffer.
        """
        if refused:
            try:
                self._aside.put(refused, place, self._buffer.passed + count)
            except NotKept as error:
                raise _refused_machines(link.refused, self._aside.waiting, full=True) from error
        self._tell(link)

    def _tell(self, link: Link) -> None:
        state = self._told.centre
        if self._stuck:
            state.fault = _stuck(self._aside.waiting)
        elif link.refused:
            told = _refused_machines(link.refused, self._aside.waiting)
            if state.fault is None:
                _log.warning("event=iot_agent_machines_refused count=%d", len(link.refused))
            state.fault = Finding(False, told.de, told.en)
        else:
            state.fault = None

    def _ask(self, link: Link) -> None:
        """Now and then: ask whether machines that were refused may be sent now, and send what of them lies aside."""
        if time.monotonic() - self._asked < _ASK:
            return
        known = self._aside.machines | link.refused
        if known:
            allowed = {machine for machine in known if link.may(machine)}
            link.refused = known - allowed
            self._stuck = False
            if allowed & self._aside.machines:
                try:
                    self._send_aside(link, allowed)
                except NotKept as error:  # what lies aside lies there still; what is new goes on
                    self._stuck = True
                    _log.error("event=iot_agent_aside_stuck reason=%s", error)
            self._tell(link)
        self._asked = time.monotonic()  # once it is done: what takes long must not be all that is done

    def _send_aside(self, link: Link, allowed: set[str]) -> None:
        """Send what lies aside of machines that may be sent now; what of the others lies before it goes behind."""
        end, left = self._aside.end, set[str]()
        while self._aside.waiting and self._aside.sent < end:
            rest, theirs = parted(self._aside.read(), allowed)
            if self._stop.is_set() or not self._sent(link, theirs):
                return
            if link.refused & allowed:  # it may not after all
                theirs, again = parted(theirs, link.refused)
                rest = [*rest, *again]
            count = sum(map(len, theirs))
            self._aside.put_back(rest, self._buffer.sent, self._buffer.passed + count)
            self._buffer.forget(self._buffer.sent, count)
            left |= whose(rest)
        self._aside.machines = left


class Link:
    """One connection to the centre."""

    def __init__(self, config: Config, name: str = "") -> None:
        """Take the configuration; `name`: the client's where it is not the configuration's."""
        self._centre = config.centre
        self._client = Outward(name or config.centre.name, lambda: checked(config.centre.to, config.allow))
        self._changed = threading.Condition()
        self._under_way: dict[int, str] = {}
        self._early: set[int] = set()
        self._answer: ReasonCode | None = None
        self._gone: ReasonCode | None = None
        self._lost = self._left_out = False
        self._refused: Refused | None = None
        #: Machines whose values the centre has refused on this connection.
        self.refused: set[str] = set()
        self._heard = time.monotonic()

    def connect(self) -> None:
        """Connect and wait until the centre has agreed.

        Raises:
            Refused, Problem, OSError.
        """
        client, centre = self._client, self._centre
        if centre.to.scheme == "mqtts":
            client.secure(context(centre.ca, centre.certificate, centre.key))
        if centre.login.user:
            client.username_pw_set(centre.login.user, centre.login.password)
        client.max_inflight_messages_set(_INFLIGHT)
        client.on_connect, client.on_disconnect, client.on_publish = (
            self._connected,
            self._disconnected,
            self._published,
        )
        client.connect(centre.to.host, centre.to.port, KEEP_ALIVE, clean_start=True)
        client.loop_start()
        with self._changed:
            if not self._changed.wait_for(lambda: self._answer is not None or self._lost, TIMEOUT):
                raise TimeoutError("no answer")
        if self._answer is not None and self._answer.is_failure:
            raise Refused(*refusal(self._answer))
        if self._lost:
            raise ConnectionResetError("closed at once")

    def publish(self, topic: str, payload: bytes, stop: threading.Event) -> None:
        """Send a publication as soon as there is room for it under way.

        Raises:
            Refused, OSError.
        """
        self._wait(lambda: len(self._under_way) < _INFLIGHT, stop)
        if stop.is_set():
            self._left_out = True
            return
        told = self._client.publish(topic, payload, qos=1)
        if told.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise ConnectionResetError("connection lost")
        with self._changed:
            if told.mid in self._early:
                self._early.discard(told.mid)
            else:
                self._under_way[told.mid] = topic

    def may(self, machine: str) -> bool:
        """Return whether the login is for a machine: asked by a subscription, for which the centre looks at the same right, so nothing is sent.

        Raises:
            Refused, OSError.
        """
        answers: list[ReasonCode] = []

        def answered(client: Any, data: Any, mid: int, reasons: list[ReasonCode], told: Any) -> None:
            with self._changed:
                answers.extend(reasons)
                self._changed.notify_all()

        self._client.on_subscribe = answered
        topic = f"{machine}/nordlotse-check"
        self._client.subscribe(topic, options=SubscribeOptions(qos=0, retainHandling=_NEVER))
        with self._changed:
            if not self._changed.wait_for(lambda: answers or self._lost, TIMEOUT):
                raise TimeoutError("no answer")
        self.check()
        return bool(answers) and not answers[0].is_failure

    def settle(self, stop: threading.Event) -> None:
        """Return when everything is acknowledged.

        Raises:
            Refused, OSError.
        """
        self._wait(lambda: not self._under_way, stop)

    @property
    def settled(self) -> bool:
        """Return whether everything sent is acknowledged."""
        return not (self._under_way or self._left_out or self._lost) and self._refused is None

    def check(self) -> None:
        """Find out whether the connection still stands.

        Raises:
            Refused, OSError.
        """
        if self._refused is not None:
            raise self._refused
        if self._lost:
            if self._gone is not None and self._gone.is_failure:
                raise Refused(*refusal(self._gone))
            raise ConnectionResetError("connection lost")

    def close(self) -> None:
        """Say good-bye."""
        self._client.end()

    def _wait(self, done: Callable[[], bool], stop: threading.Event) -> None:
        self._heard = max(self._heard, time.monotonic() - _SILENT / 2)
        with self._changed:
            while not done():
                self.check()
                if stop.is_set():
                    return
                if time.monotonic() - self._heard > _SILENT:
                    raise TimeoutError("no acknowledgement")
                self._changed.wait(0.2)
        self.check()

    # ---- called by paho's thread ----

    def _connected(self, client: Any, data: Any, flags: Any, reason: ReasonCode, told: Any) -> None:
        with self._changed:
            self._answer = reason
            self._changed.notify_all()

    def _disconnected(self, client: Any, data: Any, flags: DisconnectFlags, reason: ReasonCode, told: Any) -> None:
        with self._changed:
            self._lost = True
            if flags.is_disconnect_packet_from_server:
                self._gone = reason
            self._changed.notify_all()

    def _published(self, client: Any, data: Any, mid: int, reason: ReasonCode, told: Any) -> None:
        with self._changed:
            self._heard = time.monotonic()
            topic = self._under_way.pop(mid, None)
            if topic is None:
                self._early.add(mid)  # acknowledged before `publish` has told its number
            if str(reason) == "Not authorized" and topic is not None:
                self.refused = self.refused | {topic.partition("/")[0]}
            elif reason.is_failure and self._refused is None:
                self._refused = _not_taken(reason)
            self._changed.notify_all()


def _not_taken(reason: ReasonCode) -> Refused:
    de, en = refusal(reason)
    return Refused(f"{de} Die Werte bleiben im Puffer.", f"{en} The values stay in the buffer.")


def _refused_machines(machines: Collection[str], aside: int, full: bool = False) -> Refused:
    """Return that the login is not for these machines, whose values (`aside`) lie aside or find no room there (`full`)."""
    first, *more = sorted(machines)
    de = f"Die Anmeldung darf keine Werte der Maschine „{first}“ senden" + (
        f" (und {len(more)} weiterer)" if more else ""
    )
    en = f"The login may not send values of the machine “{first}”" + (f" (and {len(more)} more)" if more else "")
    if full:
        return Refused(
            f"{de}. Daneben ist kein Platz mehr: Alles bleibt im Puffer; user oder machine ändern.",
            f"{en}. There is no more room beside the buffer: everything stays in it; change user or machine.",
        )
    return Refused(
        f"{de}. {aside} Werte liegen beiseite, die anderen gehen weiter; user oder machine ändern.",
        f"{en}. {aside} values lie aside, the others go on; change user or machine.",
    )


def _stuck(aside: int) -> Finding:
    """Return that the disk does not take what must be noted when some of what lies aside is sent."""
    return Finding(
        False,
        f"Die Platte nimmt nichts mehr: {aside} Werte bleiben beiseite, die anderen gehen weiter. Bitte Platz schaffen.",
        f"The disk takes nothing more: {aside} values stay aside, the others go on. Please make room.",
    )


def _words(error: Exception, centre: Centre) -> tuple[str, str]:
    if isinstance(error, Refused):
        return error.de, error.en
    if isinstance(error, Problem):
        return f"{error.message_de} {error.remedy_de}".strip(), f"{error.message_en} {error.remedy_en}".strip()
    return unreachable(error, centre.to)


def check(config: Config) -> Finding:
    """Try the connection to the centre once, ask whether the login is for the machines, and say what was found.

    Under a name of its own: an agent that runs stays connected.
    """
    link = Link(config, f"{config.centre.name[:50]}-check-{secrets.token_hex(3)}")
    try:
        link.connect()
        refused = [machine for machine in config.machines if not link.may(machine)]
    except (Refused, Problem, OSError, ValueError) as error:
        return Finding(False, *_words(error, config.centre))
    finally:
        link.close()
    if refused:
        names, named = ", ".join(f"„{one}“" for one in refused), ", ".join(f"“{one}”" for one in refused)
        return Finding(
            False,
            f"Angemeldet, aber diese Anmeldung darf keine Werte senden für: {names}. Bitte user oder machine ändern.",
            f"Logged in, but this login may not send values of: {named}. Change user or machine.",
        )
    plain = config.centre.to.scheme == "mqtt" and not config.centre.to.loopback
    return Finding(
        True,
        "Verbunden und angemeldet." + (" Achtung: unverschlüsselt (insecure)!" if plain else ""),
        "Connected and logged in." + (" Attention: not encrypted (insecure)!" if plain else ""),
    )
