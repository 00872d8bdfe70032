"""From the agent to the centre: TLS, logins, refusals, and what the check says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from nordlotse.iot.core import logins, tail
from nordlotse.iot.core.agent import outward, sending
from nordlotse.iot.core.agent.allowed import Target
from nordlotse.iot.core.agent.buffer import Buffer
from nordlotse.iot.core.agent.config import Centre, Config, Login, Modbus, Register
from nordlotse.iot.core.agent.keeping import Keeper
from nordlotse.iot.core.agent.reading import Clock, NotKept, Reading, State, Told
from nordlotse.iot.core.agent.records import of_readings
from nordlotse.iot.core.agent.running import status
from nordlotse.iot.core.agent.sending import Sender
from nordlotse.iot.core.values import Series
from tests.iot.core.agent.kept import free_port
from tests.iot.core.mqtt.test_tls import make
from tests.iot.process import Serve


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Serve, Path]]:
    folder = tmp_path_factory.mktemp("centre")
    certificate, key = make(folder)
    made = Serve(folder / "iot", NORDLOTSE_IOT_TLS=f"{certificate}:{key}", NORDLOTSE_IOT_AUTH="required")
    yield made, folder
    made.kill()


def config(centre: tuple[Serve, Path], login: Login, folder: Path, **more: object) -> Config:
    serve, where = centre
    to = Target("mqtts", "localhost", serve.port)
    made = Centre(to, login, "agent-test", where / "mqtt.crt")
    return Config(replace(made, **more), (made.to,), folder, 10**6, 0.05)  # type: ignore[arg-type]


@contextmanager
def sending_of(made: Config, buffer: Buffer) -> Iterator[Told]:
    told = Told(State("centre"))
    clock = Clock()
    sender = Sender(made, buffer, told, clock.now)
    sender.start()
    try:
        yield told
    finally:
        sender.stop()


def within(seconds: float, holds: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "did not come about in time"
        time.sleep(0.02)


def test_values_go_over_tls_with_a_login_and_leave_the_buffer(centre: tuple[Serve, Path], tmp_path: Path) -> None:
    user, password = logins.add(centre[1] / "iot", "werk", "Säge")
    made = config(centre, Login(user, password), tmp_path)
    within(30, lambda: sending.check(made).good)  # the intake looks every second
    buffer = Buffer(tmp_path / "puffer", 10**6)
    now = time.time_ns() // 10**6 * 1000
    buffer.put([of_readings([Reading("Säge", "Strom", 1.5, now + 1000 * k) for k in range(10)])])
    with sending_of(made, buffer) as told:
        within(30, lambda: buffer.waiting == 0)
        assert (buffer.passed, told.centre.connected, buffer.bytes_waiting) == (10, True, 0)
        begin = time.monotonic()
        buffer.put([of_readings([Reading("Säge", "Strom", 2.5, now + 10**6)])])
        within(30, lambda: buffer.waiting == 0)
        assert time.monotonic() - begin < 10
    buffer.close()
    reader = tail.reader(centre[1] / "iot", "werk", patience=0)
    reader.look()
    assert reader.count(Series("werk", "Säge", "Strom")) == 11


def test_values_the_login_may_not_send_stay_in_the_buffer_and_the_reason_is_told(
    centre: tuple[Serve, Path], tmp_path: Path
) -> None:
    user, password = logins.add(centre[1] / "iot", "werk", "Säge")
    within(30, lambda: sending.check(config(centre, Login(user, password), tmp_path)).good)
    buffer = Buffer(tmp_path / "puffer", 10**6)
    buffer.put([of_readings([Reading("Fräse", "Strom", 1.5, 10**15)])])
    with sending_of(config(centre, Login(user, password), tmp_path), buffer) as told:
        within(30, lambda: told.centre.fault is not None)
        assert "darf keine Werte der Maschine „Fräse“ senden" in status(told, "de")
        assert "may not send values of the machine “Fräse”" in status(told, "en")
        assert (buffer.waiting, buffer.passed) == (1, 0)
    buffer.close()


def test_a_refused_machine_holds_nobody_back_and_its_values_are_sent_once_when_it_may(
    centre: tuple[Serve, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_ASK", 0.5)
    user, password = logins.add(centre[1] / "iot", "teil", "Säge")
    within(30, lambda: sending.check(config(centre, Login(user, password), tmp_path)).good)
    buffer = Buffer(tmp_path / "puffer", 10**6)
    buffer.put([of_readings([Reading(name, "Strom", k, 10**15 + k) for k in range(20) for name in ("Fräse", "Säge")])])

    def there(machine: str) -> list[float]:
        reader = tail.reader(centre[1] / "iot", "teil", patience=0)
        reader.look()
        return reader.rows(Series("teil", machine, "Strom")).value.tolist()

    with sending_of(config(centre, Login(user, password), tmp_path), buffer) as told:
        within(30, lambda: len(there("Säge")) == 20)
        within(30, lambda: told.centre.fault is not None)
        assert told.centre.connected
        assert "darf keine Werte der Maschine „Fräse“ senden. 20 Werte liegen beiseite" in status(told, "de")
        assert "“Fräse”. 20 values lie aside" in status(told, "en")
        buffer.put([of_readings([Reading(name, "Strom", 20, 10**15 + 20) for name in ("Fräse", "Säge")])])
        within(30, lambda: len(there("Säge")) == 21 and buffer.passed == 21)
        assert (buffer.waiting, there("Fräse")) == (21, [])
    buffer.close()
    buffer = Buffer(tmp_path / "puffer", 10**6)
    user, password = logins.add(centre[1] / "iot", "teil", "")
    within(30, lambda: sending.check(config(centre, Login(user, password), tmp_path)).good)
    with sending_of(config(centre, Login(user, password), tmp_path), buffer) as told:
        assert buffer.taken == 42
        within(30, lambda: buffer.waiting == 0)
        assert there("Fräse") == [float(k) for k in range(21)]
        within(5, lambda: told.centre.fault is None)
    assert buffer.passed == 42
    buffer.close()


def test_where_a_refused_machines_values_find_no_room_aside_everything_stays_in_the_buffer(
    centre: tuple[Serve, Path], tmp_path: Path
) -> None:
    user, password = logins.add(centre[1] / "iot", "eng", "Säge")
    made = replace(config(centre, Login(user, password), tmp_path), limit=10)
    within(30, lambda: sending.check(made).good)
    buffer = Buffer(tmp_path / "puffer", 10**6)
    buffer.put([of_readings([Reading(name, "Strom", 1.5, 10**15) for name in ("Fräse", "Säge")])])
    with sending_of(made, buffer) as told:
        within(30, lambda: "kein Platz" in status(told, "de"))
        assert "no more room" in status(told, "en")
        assert (buffer.waiting, buffer.passed) == (2, 0)
    buffer.close()


def test_check_tells_a_wrong_password_a_foreign_certificate_and_a_closed_port_apart(
    centre: tuple[Serve, Path], tmp_path: Path
) -> None:
    right = config(centre, Login("wer", "falsch"), tmp_path)
    assert "Benutzer oder Passwort stimmen nicht" in sending.check(right).de
    assert "wird nicht anerkannt" in sending.check(config(centre, Login(), tmp_path, ca=None)).de
    plain = Target("mqtt", "localhost", centre[0].port)
    told = sending.check(replace(right, centre=replace(right.centre, to=plain), allow=(plain,)))
    assert not told.good
    closed = Target("mqtts", "localhost", free_port())
    told = sending.check(replace(right, centre=replace(right.centre, to=closed), allow=(closed,)))
    assert "nimmt niemand Verbindungen an" in told.de
    assert "steht nicht in der Liste" in sending.check(replace(right, allow=())).de


def test_check_says_that_a_login_is_not_for_the_machine_sends_nothing_and_leaves_a_running_agent_connected(
    centre: tuple[Serve, Path], tmp_path: Path
) -> None:
    user, password = logins.add(centre[1] / "iot", "nurlesen", "Säge")
    made = config(centre, Login(user, password), tmp_path)
    within(30, lambda: sending.check(made).good)
    device = Target("modbus", "127.0.0.1", 502)
    running = sending.Link(made)
    running.connect()
    try:
        good = replace(made, modbus=(Modbus(device, (Register("Säge", "Strom", 0),)),))
        assert sending.check(good).good
        wrong = sending.check(replace(made, modbus=(Modbus(device, (Register("Fräse", "Strom", 0),)),)))
        assert not wrong.good and "„Fräse“" in wrong.de and "Fräse" in wrong.en
        time.sleep(0.3)
        running.check()
    finally:
        running.close()
    assert not (centre[1] / "iot" / "companies" / "nurlesen").exists()


def test_the_certificate_must_be_the_hosts_though_the_checked_address_is_connected_to(
    centre: tuple[Serve, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = config(centre, Login(), tmp_path)
    to = Target("mqtts", "other.example", centre[0].port)
    monkeypatch.setattr(sending, "checked", lambda *_: "127.0.0.1")
    told = sending.check(replace(made, centre=replace(made.centre, to=to), allow=(to,)))
    assert "wird nicht anerkannt" in told.de


def test_what_finds_no_room_is_refused_to_those_who_can_keep_it_and_counted_for_the_others(tmp_path: Path) -> None:
    async def run() -> None:
        buffer, clock, told = Buffer(tmp_path, 1000), Clock(), Told(State(""))
        keeper = Keeper(buffer, clock, told, 0.01)
        task = asyncio.create_task(keeper.run())
        many = [Reading("M", "s", float(k), clock.now()) for k in range(100)]
        await keeper.keep(many[:10])
        with pytest.raises(NotKept):
            await keeper.keep(many)
        keeper.offer(many)
        await asyncio.sleep(0.1)
        assert (buffer.missed, told.full, buffer.waiting, keeper.handed) == (100, True, 10, 10)
        assert "PUFFER VOLL" in status(told, "de") and "verpasst 100" in status(told, "de")
        buffer.forget(buffer.end, 10)
        await keeper.keep(many[:20])
        assert (told.full, buffer.waiting) == (False, 20)
        keeper.end()
        await task
        buffer.close()

    asyncio.run(run())


def test_every_fault_of_a_connection_is_told_with_its_address_in_both_languages() -> None:
    for error in (ConnectionRefusedError(), TimeoutError(), OSError(113, "No route")):
        de, en = outward.unreachable(error, "mqtts://h:1")
        assert "mqtts://h:1" in de
        assert "mqtts://h:1" in en
        assert de != en
