"""Modbus TCP: registers are polled; what lies side by side is read together."""

from __future__ import annotations

import asyncio
import heapq
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ModbusPDU

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import Problem
from nordlotse.iot.core.agent import addresses, doubts
from nordlotse.iot.core.agent.allowed import Target, checked
from nordlotse.iot.core.agent.config import REGISTERS, Modbus, Register
from nordlotse.iot.core.agent.examples import untouched
from nordlotse.iot.core.agent.outward import unreachable
from nordlotse.iot.core.agent.reading import Clock, Finding, Keeping, Reading, State
from nordlotse.iot.core.values import Quality

_log = logging.getLogger("nordlotse.iot")

_PAUSE, _LONGEST = 1.0, 30.0
#: Registers, or bits, read at once at most [Modbus application protocol 1.1b3: 125 and 2,000].
_MOST = 120
#: So long after the first reading `--check` reads again, seconds: a value that lives has changed.
_LOOK_AGAIN = 1.0
#: The answer of a device that has no such address.
_NO_ADDRESS = 2
#: What a device answers that does not read [ibid., 7].
_ANSWERS = {
    1: ("Das Gerät kennt diese Art zu lesen nicht: place prüfen.", "The device does not know this way of reading: check place."),
    2: ("Diese Adresse gibt es im Gerät nicht.", "The device has no such address."),
    3: ("Das Gerät nimmt die Anzahl nicht an.", "The device does not take the number."),
    4: ("Das Gerät meldet eine eigene Störung. Manche antworten so auch auf eine falsche Nummer: device prüfen.", "The device reports a fault of its own. Some answer a wrong number so too: check device."),
    6: ("Das Gerät ist beschäftigt.", "The device is busy."),
    10: ("Das Gateway erreicht das Gerät nicht: device prüfen.", "The gateway does not reach the device: check device."),
    11: ("Das Gerät hinter dem Gateway antwortet nicht: device prüfen.", "The device behind the gateway does not answer: check device."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Group:
    """Registers that lie side by side and are read together."""

    place: str
    begin: int
    count: int
    registers: tuple[Register, ...]
    period: float


#: A register, its value where it has one, and why it could not be read.
_Read = tuple[Register, float | bool | None, Finding | None]


def groups(registers: Sequence[Register]) -> list[Group]:
    """Return registers put together; nothing in between is read, for devices refuse addresses they do not have."""
    made: list[Group] = []
    order = sorted(registers, key=lambda one: (one.place, one.period, one.address))
    for one in order:
        end = one.address + REGISTERS[one.type]
        last = made[-1] if made else None
        if (
            last is not None
            and (last.place, last.period) == (one.place, one.period)
            and one.address <= last.begin + last.count
            and end - last.begin <= _MOST
        ):
            count = max(last.count, end - last.begin)
            made[-1] = Group(last.place, last.begin, count, (*last.registers, one), last.period)
        else:
            made.append(Group(one.place, one.address, end - one.address, (one,), one.period))
    return made


def value_of(register: Register, held: Sequence[int] | Sequence[bool], begin: int) -> float | bool | None:
    """Return a register's value out of what was read from `begin` on; None for NaN and infinity."""
    at = register.address - begin
    if register.place in ("coil", "discrete"):
        return bool(held[at])
    words = list(held[at : at + REGISTERS[register.type]])
    if register.type == "bit":
        return bool(words[0] >> register.bit & 1)
    return doubts.value_in(register, words)


class ModbusSource:
    """Polls one device. Fits `reading.Source`."""

    def __init__(self, config: Modbus, allow: Sequence[Target], clock: Clock) -> None:
        """Take the configuration, whom the agent may connect to, and its clock."""
        self._config = config
        self._allow = allow
        self._clock = clock
        self._groups = groups(config.registers)
        self._last: dict[Register, float | bool] = {}
        self._single: set[Group] = set()
        self.name = f"Modbus {config.to}"

    async def run(self, into: Keeping, state: State) -> None:
        """Poll until cancelled."""
        pause = _PAUSE
        while True:
            try:
                await self._session(into, state)
            except (OSError, ModbusException, Problem, TimeoutError) as error:
                if state.connected:
                    pause = _PAUSE
                    state.gaps += 1
                    _log.warning("event=iot_agent_gap source=modbus from=%d", self._clock.now())
                state.fail(*self._words(error))
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST)

    async def check(self) -> Sequence[Finding]:
        """Read every register twice, a moment apart, and say which values look like nonsense."""
        found = [Finding(True, "Verbunden.", "Connected.")]
        values: list[tuple[Register, float | bool | None]] = []
        try:
            client = await self._connected()
        except (OSError, ModbusException, Problem, TimeoutError) as error:
            return [Finding(False, *self._words(error))]
        try:
            for group in self._groups:
                for one, value, fault in await self._values(client, group):
                    told = f"{one.machine}/{one.signal} ({one.place} {one.address})"
                    if fault is not None:
                        found.append(Finding(False, f"{told}: {fault.de}", f"{told}: {fault.en}"))
                        continue
                    values.append((one, value))
            await asyncio.sleep(_LOOK_AGAIN)
            found[1:1] = [await self._judged(client, one, value) for one, value in values]
        except (OSError, ModbusException, TimeoutError) as error:
            found.append(Finding(False, *self._words(error)))
        finally:
            client.close()
        return found

    async def _judged(self, client: AsyncModbusTcpClient, one: Register, value: float | bool | None) -> Finding:
        """Return what is told of a register that could be read: its value, and what looks odd about it."""
        told = f"{one.machine}/{one.signal} ({one.place} {one.address})"
        if one.place in ("coil", "discrete") or one.type == "bit":
            shown = f"{told} = {int(bool(value))}"
            return Finding(True, shown, shown, value=True, sample=untouched(one))
        size = REGISTERS[one.type]
        words, fault = await self._read(client, Group(one.place, one.address, size, (one,), one.period))
        shown = f"{told} = {value:.10g} {one.unit}".rstrip() if value is not None else f"{told} = ?"
        odd = None if fault is not None else doubts.doubt(one, words, value)
        if odd is None:
            return Finding(value is not None, shown, shown, value=value is not None, sample=untouched(one))
        below: Sequence[int] | None = None
        if one.address:
            held, fault = await self._read(client, Group(one.place, one.address - 1, size, (one,), one.period))
            below = None if fault is not None else held
        more = doubts.remedy(one, words, below)
        why = Text(f"{odd.de}. {more.de}", f"{odd.en}. {more.en}")
        return Finding(value is not None, shown, shown, value=value is not None, doubt=why, sample=untouched(one))

    async def _session(self, into: Keeping, state: State) -> None:
        client = await self._connected()
        state.works()
        _log.info("event=iot_agent_modbus_connected")
        begin = time.monotonic()
        due = [(begin, place) for place in range(len(self._groups))]
        faults: dict[Register, Finding] = {}
        try:
            while True:
                at, place = heapq.heappop(due)
                await asyncio.sleep(max(at - time.monotonic(), 0))
                group = self._groups[place]
                self._hand_on(await self._values(client, group), faults, into, state)
                state.fault = next(iter(faults.values()), None)
                # a slow device is asked less often, not ever later
                heapq.heappush(due, (max(at + group.period, time.monotonic()), place))
        finally:
            client.close()

    def _hand_on(self, read: Sequence[_Read], faults: dict[Register, Finding], into: Keeping, state: State) -> None:
        """Hand on what was read; the last value once more, marked bad, where reading fails for the first time. Renews `faults`."""
        now = self._clock.now()
        made = []
        for one, value, fault in read:
            if value is not None:
                self._last[one] = value
                made.append(Reading(one.machine, one.signal, value, now))
            elif one not in faults and one in self._last:
                made.append(Reading(one.machine, one.signal, self._last.pop(one), now, int(Quality.BAD)))
            if fault is None:
                faults.pop(one, None)
            else:
                told = f"{one.machine}/{one.signal}: "
                faults[one] = Finding(False, told + fault.de, told + fault.en)
        state.read += len(made)
        into.offer(made)

    async def _values(self, client: AsyncModbusTcpClient, group: Group) -> list[_Read]:
        """Return what a group's registers hold. Where the device refuses the group, each is read singly, so that only the wrong one is missing.

        A group that was refused is read singly from then on; once none of its registers is refused any more it is read together again.
        """
        if group in self._single:
            read = [(one, *await self._single_value(client, one)) for one in group.registers]
            if not any(refused for _, _, refused in read):
                self._single.discard(group)
            return read
        held, fault = await self._read(client, group)
        if fault is None:
            return [(one, value_of(one, held, group.begin), None) for one in group.registers]
        if len(group.registers) == 1:
            return [(group.registers[0], None, fault)]
        self._single.add(group)
        return await self._values(client, group)

    async def _single_value(
        self, client: AsyncModbusTcpClient, one: Register
    ) -> tuple[float | bool | None, Finding | None]:
        alone = Group(one.place, one.address, REGISTERS[one.type], (one,), one.period)
        held, fault = await self._read(client, alone)
        return (None, fault) if fault is not None else (value_of(one, held, one.address), None)

    async def _connected(self) -> AsyncModbusTcpClient:
        config = self._config
        address = await asyncio.get_running_loop().run_in_executor(None, checked, config.to, self._allow)
        client = AsyncModbusTcpClient(
            address, port=config.to.port, timeout=config.timeout, retries=1, reconnect_delay=0
        )
        try:
            # the library only says whether, a connection of our own says why not
            _, writer = await asyncio.wait_for(asyncio.open_connection(address, config.to.port), config.timeout)
            writer.close()
            if not await client.connect():
                raise ConnectionResetError("connection lost")
        except BaseException:
            client.close()
            raise
        return client

    async def _read(self, client: AsyncModbusTcpClient, group: Group) -> tuple[Sequence[int], Finding | None]:
        ask = {
            "holding": client.read_holding_registers,
            "input": client.read_input_registers,
            "coil": client.read_coils,
            "discrete": client.read_discrete_inputs,
        }[group.place]
        answer: ModbusPDU = await ask(group.begin, count=group.count, device_id=self._config.device)
        if answer.isError():
            code = int(getattr(answer, "exception_code", 0))
            de, en = _ANSWERS.get(
                code, (f"Das Gerät antwortet mit Fehler {code}.", f"The device answers with error {code}.")
            )
            if code == _NO_ADDRESS:
                meant = addresses.meant(group.place, group.begin)
                de, en = f"{de} {meant.de}", f"{en} {meant.en}"
            where = f" [{group.place} {group.begin}–{group.begin + group.count - 1}]"
            return [], Finding(False, de + where, en + where)
        held = answer.bits if group.place in ("coil", "discrete") else answer.registers
        if len(held) < group.count:
            raise ConnectionResetError("short answer")
        return held, None

    def _words(self, error: Exception) -> tuple[str, str]:
        if isinstance(error, Problem):
            return f"{error.message_de} {error.remedy_de}".strip(), f"{error.message_en} {error.remedy_en}".strip()
        if isinstance(error, ModbusException):
            to, device = self._config.to, self._config.device
            return (
                f"{to} ist verbunden, antwortet aber nicht. Gerätenummer (device = {device}) prüfen; manche Geräte nehmen nur eine Verbindung an.",
                f"{to} is connected but does not answer. Check the device's number (device = {device}); some devices take only one connection.",
            )
        return unreachable(error, self._config.to)
