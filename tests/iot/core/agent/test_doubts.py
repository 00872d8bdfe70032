"""What `--check` doubts: numbers a device tells when address, order of words or type are wrong; and what it does not doubt."""

from __future__ import annotations

import asyncio
import os
import struct
from pathlib import Path
from typing import Any

import pytest
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from nordlotse.cli import main
from nordlotse.iot.core.agent import modbus
from nordlotse.iot.core.agent.allowed import Target
from nordlotse.iot.core.agent.config import Modbus, Register
from nordlotse.iot.core.agent.doubts import better, doubt, remedy, told_doubt
from nordlotse.iot.core.agent.examples import untouched, untouched_node
from nordlotse.iot.core.agent.modbus import ModbusSource
from nordlotse.iot.core.agent.reading import Clock, Finding
from nordlotse.iot.core.agent.secrecy import readable_by_others
from nordlotse.iot.core.snippets import Connection, snippet
from tests.iot.core.agent.kept import free_port


def register(signal: str, **more: Any) -> Register:
    return Register("Kantbank", signal, **{"address": 5, **more})


def words(code: str, value: float) -> list[int]:
    made = struct.pack(f">{code}", value)
    return list(struct.unpack(f">{len(made) // 2}H", made))


@pytest.mark.parametrize(
    ("one", "held", "said"),
    [
        (register("Teile", type="uint32"), [4539, 0], "untere Hälfte ist leer"),  # the trial's 297,467,904 parts
        (register("Leistung", type="float32", unit="W"), words("f", 1840.5)[::-1], "vertauscht"),
        (register("Temperatur", type="int16", unit="°C"), [9000], "in °C unmöglich"),
        (register("Temperatur", unit="°C", scale=0.1), [1], "roh eine 1"),  # the trial's 0.1 °C
        (register("Temperatur", type="int16", unit="°C"), [0x8000], "kein Wert"),
        (register("Teile", type="int16"), [0xFFF0], "nie negativ"),
        (register("Energie", type="float32", unit="kWh"), words("f", 5e10), "unglaublich groß"),
        (register("Druck", type="float32", unit="bar"), words("f", 1e-40), "kein Messwert"),
        (register("Strom", type="float32", unit="A"), [0x7FC0, 0], "keine Zahl"),
    ],
)
def test_nonsense_is_doubted_with_its_reason(one: Register, held: list[int], said: str) -> None:
    found = doubt(one, held)
    assert found is not None and said in found.de and found.en


@pytest.mark.parametrize(
    ("one", "held"),
    [
        (register("Strom", unit="A", scale=0.1), [154]),
        (register("Temperatur", unit="°C", type="int16"), [0xFFF6]),  # -10 °C
        (register("Teile", type="uint32"), [1, 4540]),  # 70,076 parts
        (register("Energie", type="float32", unit="kWh"), words("f", 123_456.7)),
        (register("Status"), [1]),
        (register("Pumpe", type="bit"), [0]),
        (register("Tür", place="coil", type="bit"), [0]),
    ],
)
def test_what_may_well_be_right_is_not_doubted(one: Register, held: list[int]) -> None:
    assert doubt(one, held) is None


def test_zero_is_doubted_only_when_it_stays_and_a_counter_only_when_it_goes_back() -> None:
    current = register("Strom", unit="A")
    assert doubt(current, [0]) is None
    constant = doubt(current, [0], 0.0)
    assert constant is not None and "zweimal genau 0" in constant.de
    parts = register("Teile")
    assert doubt(parts, [11], 10.0) is None
    back = doubt(parts, [9], 10.0)
    assert back is not None and "ging" in back.de


def test_settings_that_make_sense_are_named_with_what_they_would_give() -> None:
    power = register("Leistung", type="float32", unit="W")
    held = words("f", 1840.5)
    assert ('words = "little"', 1840.5) in better(power, held[::-1], None)
    hot = register("Temperatur", unit="°C", scale=0.1)
    assert better(hot, [1], [618]) == [
        ("address = 4", pytest.approx(61.8)),
    ]
    assert remedy(hot, [1], [618]).de == "address = 4 gäbe 61.8 °C"
    general = remedy(hot, [1], None)
    assert general.de.startswith("Zu versuchen: address = 4") and "words" not in general.de  # one word has no order


def test_a_servers_number_is_doubted_where_no_machine_can_have_it() -> None:
    assert told_doubt("Strom", "", 4.2) is None and told_doubt("Strom", "", 0.0) is None
    assert told_doubt("Strom", "", 1e-40) is not None and told_doubt("Teile", "", -3.0) is not None


def test_the_samples_rows_are_known_as_untouched() -> None:
    given = Connection("h", 1883, False, "http://h", "u", "p", "Kantbank")
    text = snippet("agent_modbus", given).text
    assert "address = 6 " in text and "address = 72" in text  # what `untouched` knows
    assert untouched(register("Energie", address=72, place="holding", type="float32"))
    assert not untouched(register("Energie", address=72, place="input", type="float32"))
    assert all(untouched_node(node) for node in ("ns=2;s=Spindle.Current",)) and "Spindle.Current" in snippet("agent_opcua", given).text  # fmt: skip


async def off_by_one(port: int) -> ModbusTcpServer:
    """A device with 15.4 A, 61.8 °C and 70,076 parts in holding registers 0 to 3, and nothing in input registers."""
    device = SimDevice(
        1,
        (
            [SimData(0, values=[False] * 16, datatype=DataType.BITS)],
            [SimData(0, values=[False] * 16, datatype=DataType.BITS)],
            [SimData(0, values=[154, 618, 1, 4540, 0, 0], datatype=DataType.REGISTERS)],
            [SimData(0, values=[0] * 80, datatype=DataType.REGISTERS)],
        ),
    )
    made = ModbusTcpServer(device, address=("127.0.0.1", port))
    await made.serve_forever(background=True)
    return made


def test_addresses_counted_from_one_are_found_out_by_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modbus, "_LOOK_AGAIN", 0.05)
    rows = (
        register("Temperatur", address=2, unit="°C", scale=0.1),
        register("Teile", address=3, type="uint32"),
        register("Strom", address=6, place="input", type="float32", unit="A"),
    )

    async def run() -> dict[str, Finding]:
        port = free_port()
        device = await off_by_one(port)
        to = Target("modbus", "127.0.0.1", port)
        try:
            found = await ModbusSource(Modbus(to, rows), [to], Clock()).check()
        finally:
            await device.shutdown()
        return {one.de.split(" ")[0].removeprefix("Kantbank/"): one for one in found}

    found = asyncio.run(run())
    hot, parts, current = (found[name].doubt for name in ("Temperatur", "Teile", "Strom"))
    assert hot is not None and "address = 1 gäbe 61.8 °C" in hot.de
    assert parts is not None and "address = 2 gäbe 70076" in parts.de
    assert current is not None and "zweimal genau 0" in current.de
    assert found["Strom"].sample and not found["Teile"].sample
    assert all(one.good for one in found.values())


def test_the_command_asks_whether_the_numbers_fit_and_counts_the_strange_ones(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The centre's part is left out: what is told depends on what the check found."""
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    config = tmp_path / "agent.toml"
    config.write_text(
        'serve = "mqtt://127.0.0.1:1"\nallow = ["mqtt://127.0.0.1:1", "modbus://127.0.0.1:2"]\n'
        '[[modbus]]\nurl = "modbus://127.0.0.1:2"\nmachine = "K"\n[[modbus.registers]]\nsignal = "x"\naddress = 0\n'
    )
    odd = doubt(register("Teile", type="uint32"), [4539, 0])
    found = [
        Finding(True, "Verbunden.", "Connected."),
        Finding(True, "K/x = 1", "K/x = 1", value=True, doubt=odd, sample=True),
    ]

    async def checked(_: object) -> list[tuple[str, list[Finding]]]:
        return [("Modbus", found)]

    monkeypatch.setattr("nordlotse.iot.core.agent.running.check", checked)
    assert main(["iot", "agent", str(config), "--check"]) == 0
    told = capfd.readouterr()
    assert "?   K/x = 1" in told.out and "untere Hälfte" in told.out and "im Muster" in told.out
    assert "Passen diese Zahlen?" in told.err
    assert told.err.splitlines()[-1] == "Alles gelesen, aber 1 Wert sieht seltsam aus (mit ? markiert)."
    found[1:] = [Finding(True, "K/x = 1", "K/x = 1", value=True)]
    main(["iot", "agent", str(config), "--check"])
    assert capfd.readouterr().err.splitlines()[-1] == "Alles in Ordnung."


@pytest.mark.skipif(os.name == "nt", reason="rights are not bits there")
def test_a_password_that_others_can_read_is_told_wherever_it_stands(tmp_path: Path) -> None:
    config, secret = tmp_path / "agent.toml", tmp_path / "passwort.txt"
    secret.write_text("geheim")
    for path, mode in ((config, 0o644), (secret, 0o644)):
        path.touch()
        path.chmod(mode)
    config.write_text('user = "m"\npassword = "geheim"\n')
    assert readable_by_others(config) == [config]
    config.write_text('user = "m"\n[[opcua]]\npassword_file = "passwort.txt"\n')
    assert readable_by_others(config) == [secret]
    secret.chmod(0o600)
    assert readable_by_others(config) == []
    config.write_text('user = "m"\n[[opcua]]\npassword = "geheim"\n')
    config.chmod(0o600)
    assert readable_by_others(config) == []
