"""Modbus TCP against a real server (pymodbus) in this process."""

from __future__ import annotations

import asyncio
import logging
import struct
from pathlib import Path
from typing import Any

import pytest
from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from nordlotse.iot.core.agent.allowed import Target
from nordlotse.iot.core.agent.config import Modbus, Register
from nordlotse.iot.core.agent.modbus import ModbusSource, groups, value_of
from nordlotse.iot.core.agent.reading import Clock, State
from nordlotse.iot.core.values import Quality
from tests.iot.core.agent.kept import Kept, free_port, until

logging.getLogger("pymodbus").setLevel(logging.CRITICAL)


def register(signal: str, address: int, **more: Any) -> Register:
    return Register("Säge", signal, address, **{"period": 0.05, **more})


async def server(port: int) -> tuple[ModbusTcpServer, dict[str, Any]]:
    """Return a running device: holding registers 0 to 9, input registers 0 to 3, coils 0 to 15."""
    words = [
        7,
        0xFFFF,
        *struct.unpack(">2H", struct.pack(">f", 12.5)),
        *reversed(struct.unpack(">2H", struct.pack(">i", -70_000))),
    ]
    held: dict[str, Any] = {"fail": False}

    async def action(function: int, begin: int, address: int, count: int, now: Any, new: Any) -> Any:
        return ExcCodes.DEVICE_FAILURE if held["fail"] and address == 0 else None

    device = SimDevice(
        1,
        (
            [SimData(0, values=[True] * 16, datatype=DataType.BITS)],
            [SimData(0, values=[False] * 16, datatype=DataType.BITS)],
            [SimData(0, values=[*words, 0, 0, 0, 4], datatype=DataType.REGISTERS)],
            [SimData(0, values=[230, 231, 232, 233], datatype=DataType.REGISTERS)],
        ),
        action=action,
    )
    made = ModbusTcpServer(device, address=("127.0.0.1", port))
    await made.serve_forever(background=True)
    return made, held


REGISTERS = (
    register("Teile", 0),
    register("Temperatur", 1, type="int16", scale=0.1, offset=5.0),
    register("Leistung", 2, type="float32"),
    register("Weg", 4, type="int32", words="little"),
    register("Spannung", 1, place="input"),
    register("Pumpe", 3, place="coil", type="bit"),
    register("Tür", 9, type="bit", bit=2),
)


def source(port: int, registers: tuple[Register, ...] = REGISTERS, **more: Any) -> ModbusSource:
    made = Modbus(Target("modbus", "127.0.0.1", port), registers, **{"timeout": 0.5, **more})
    return ModbusSource(made, [made.to], Clock())


def test_every_type_is_read_with_scale_word_order_and_one_time_for_what_is_read_together() -> None:
    async def run() -> None:
        port = free_port()
        made, _ = await server(port)
        kept, state = Kept(), State("")
        task = asyncio.create_task(source(port).run(kept, state))
        try:
            await until(lambda: {one.signal for one in kept.readings} == {one.signal for one in REGISTERS})
            values = {one.signal: one.value for one in kept.readings}
            assert values == {
                "Teile": 7.0, "Temperatur": 4.9, "Leistung": 12.5, "Weg": -70_000.0, "Spannung": 231.0,
                "Pumpe": True, "Tür": True,
            }  # fmt: skip
            first = {one.signal: one.time for one in reversed(kept.readings)}
            assert first["Teile"] == first["Leistung"] == first["Weg"]
            await until(lambda: len(kept.values("Teile")) > 4)
            assert state.connected and state.fault is None
        finally:
            task.cancel()
            await made.shutdown()

    asyncio.run(run())


def test_a_device_that_goes_away_comes_back_and_the_gap_is_told() -> None:
    async def run() -> None:
        port = free_port()
        made, held = await server(port)
        kept, state = Kept(), State("")
        task = asyncio.create_task(source(port, REGISTERS[:1]).run(kept, state))
        try:
            await until(lambda: kept.readings)
            held["fail"] = (
                True  # the device answers with its own fault: the last value stands there once more, marked bad
            )
            await until(lambda: kept.readings[-1].quality == Quality.BAD)
            await until(lambda: state.fault is not None)
            assert state.fault is not None and "eigene Störung" in state.fault.de
            bad = len(kept.readings)
            await asyncio.sleep(0.2)
            assert len(kept.readings) == bad  # and only once
            held["fail"] = False
            await until(lambda: kept.readings[-1].quality == 0)
            await made.shutdown()
            await until(lambda: not state.connected)
            assert state.gaps == 1
            before = len(kept.readings)
            made, _ = await server(port)
            await until(lambda: len(kept.readings) > before + 2)
            assert state.connected
        finally:
            task.cancel()
            await made.shutdown()

    asyncio.run(run())


def test_check_says_in_words_what_a_technician_can_mend() -> None:
    async def run() -> None:
        port = free_port()
        found = await source(port).check()
        assert [one.good for one in found] == [False]
        assert "nimmt niemand Verbindungen an" in found[0].de
        made, _ = await server(port)
        try:
            found = await source(port, (register("Teile", 0, unit="Stück"), register("Fern", 5000))).check()
            assert [one.good for one in found] == [True, True, False]
            assert found[1].de == "Säge/Teile (holding 0) = 7 Stück"
            assert "Diese Adresse gibt es im Gerät nicht" in found[2].de
        finally:
            await made.shutdown()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (40_000, 'place = "holding", address = 0'),
        (40_001, 'place = "holding", address = 0'),
        (40_007, 'place = "holding", address = 6'),
        (30_053, 'place = "input", address = 52'),
        (10_001, 'place = "discrete", address = 0'),
        (5000, "40001 in der Liste"),
        (5000, "address = 4999"),
    ],
)
def test_an_address_the_device_does_not_have_is_told_with_what_the_makers_list_means_by_it(
    address: int, said: str
) -> None:
    async def run() -> None:
        port = free_port()
        made, _ = await server(port)
        try:
            told = (await source(port, (register("Fern", address),)).check())[-1]
            assert not told.good and said in told.de
        finally:
            await made.shutdown()

    asyncio.run(run())


def test_registers_side_by_side_are_read_together_and_nothing_in_between() -> None:
    made = groups(
        [
            register("a", 0),
            register("b", 1, type="float32"),
            register("c", 4),
            register("d", 3),
            register("e", 9, place="input"),
        ]
    )
    assert [(one.place, one.begin, one.count) for one in made] == [("holding", 0, 5), ("input", 9, 1)]
    apart = groups([register("a", 0), register("b", 2), register("c", 1, period=5.0)])
    assert [(one.begin, one.count, one.period) for one in apart] == [(0, 1, 0.05), (2, 1, 0.05), (1, 1, 5.0)]


@pytest.mark.parametrize(("type_", "code", "value"), [
    ("int16", "h", -5), ("uint16", "H", 65_000), ("int32", "i", -5_000_000), ("uint32", "I", 4_000_000_000),
    ("float32", "f", -0.5), ("int64", "q", -5_000_000_000), ("uint64", "Q", 2**53), ("float64", "d", 1e-300),
])  # fmt: skip
@pytest.mark.parametrize("words", ["big", "little"])
def test_a_value_is_read_as_it_was_written(type_: str, code: str, value: float, words: str) -> None:
    raw = struct.pack(f">{code}", value)
    held = list(struct.unpack(f">{len(raw) // 2}H", raw))
    one = register("x", 3, type=type_, words=words)
    assert value_of(one, held if words == "big" else held[::-1], 3) == value


def test_a_number_that_is_none_is_no_value() -> None:
    assert value_of(register("x", 0, type="float32"), [0x7FC0, 0], 0) is None


def test_nothing_is_asked_of_a_device_that_is_not_listed(tmp_path: Path) -> None:
    async def run() -> None:
        made = Modbus(Target("modbus", "127.0.0.1", 502), REGISTERS)
        found = await ModbusSource(made, [], Clock()).check()
        assert "steht nicht in der Liste allow" in found[0].de

    asyncio.run(run())


def test_one_wrong_register_silences_and_blames_no_other_that_lies_beside_it() -> None:
    async def run() -> None:
        port = free_port()
        made, _ = await server(port)
        registers = (register("Teile", 8), register("Zähler", 9), register("Fern", 10))  # the device ends at 9
        found = await source(port, registers).check()
        assert [(one.good, one.de.split(" ")[0]) for one in found[1:]] == [
            (True, "Säge/Teile"),
            (True, "Säge/Zähler"),
            (False, "Säge/Fern"),
        ]
        kept, state = Kept(), State("")
        task = asyncio.create_task(source(port, registers).run(kept, state))
        try:
            await until(lambda: len(kept.values("Zähler")) > 3)
            assert set(kept.values("Zähler")) == {4.0} and not kept.values("Fern")
            assert state.fault is not None and "Säge/Fern" in state.fault.de and "Teile" not in state.fault.de
        finally:
            task.cancel()
            await made.shutdown()

    asyncio.run(run())
