"""The gate: what is answered is safe, what cannot be kept is refused, and nobody without the secret gets in."""

from __future__ import annotations

import asyncio
import errno
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from nordlotse.foundation.problem import BadInput, NotAvailable, TooMany
from nordlotse.iot.core import gate, gatekeeper, tail
from nordlotse.iot.core.gate import Sender, hand_in, portions
from nordlotse.iot.core.ingest import Ingest
from nordlotse.iot.core.mqtt.ports import Login
from nordlotse.iot.core.store import hot
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.log import START
from nordlotse.iot.core.values import Block, Kind, Series
from tests.iot.process import Serve, nordlotse

BEGIN = 1_700_000_000_000_000


class Everybody:
    def login(self, user: str | None, password: bytes | None, address: str) -> Login | None:
        return Login("local")

    def may_not(self, login: Login, machine: str, address: str, count: int = 1) -> None: ...


class Failing(Disk):
    """A disk whose log cannot be synced while `error` is set."""

    error: OSError | None = None

    def sync(self, handle: int) -> None:
        if self.error is not None and Path(f"/proc/self/fd/{handle}").readlink().suffix == ".log":
            raise self.error
        super().sync(handle)


class Running:
    """An ingest in a thread of its own."""

    def __init__(self, folder: Path) -> None:
        self.disk = Failing()
        self._ready = threading.Event()
        self._end: asyncio.Event
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run(folder)))
        self._thread.start()
        assert self._ready.wait(60)

    async def _run(self, folder: Path) -> None:
        self._end = asyncio.Event()
        self.loop = asyncio.get_running_loop()
        ingest = Ingest(folder, Everybody(), self.disk)
        await ingest.start()
        self._ready.set()
        await self._end.wait()
        await ingest.stop()

    def stop(self) -> None:
        if self._thread.is_alive():
            self.loop.call_soon_threadsafe(self._end.set)
            self._thread.join(30)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    made = Running(tmp_path / "iot")
    yield made
    made.stop()


def block(
    count: int,
    signal: str = "Strom",
    begin: int = 0,
    kind: Kind = Kind.NUMBER,
    texts: tuple[str, ...] = (),
    company: str = "local",
) -> Block:
    rows = np.arange(begin, begin + count, dtype=np.int64)
    value = rows % len(texts) if texts else rows * 0.5 if kind is Kind.NUMBER else rows % 2
    return Block(
        Series(company, "Säge", signal),
        Kind.TEXT if texts else kind,
        BEGIN + rows * 1_000_000,
        value.astype(np.float64),
        np.zeros(count, np.uint8),
        np.full(count, BEGIN, np.int64),
        texts,
    )


def count(folder: Path, signal: str = "Strom", company: str = "local") -> int:
    reader = tail.reader(folder, company, patience=0)
    reader.look()
    return reader.count(Series(company, "Säge", signal))


def test_what_was_handed_in_is_there_at_once_and_after_a_kill(tmp_path: Path) -> None:
    serve = Serve(tmp_path / "iot")
    hand_in(tmp_path / "iot", [block(300_000), block(7, "Zustand", texts=("läuft", "steht"))])
    serve.kill()
    assert count(tmp_path / "iot") == 300_000
    again = Serve(tmp_path / "iot")
    assert again.stop() == 0
    assert nordlotse("count", "Säge", "Strom", "--data", str(tmp_path / "iot"))["count"] == 300_000
    found = nordlotse(
        "query", "Säge", "Zustand", "--from", "0", "--to", str(2 * BEGIN), "--data", str(tmp_path / "iot")
    )
    assert [row["value"] for row in found[:3]] == ["läuft", "steht", "läuft"]


def test_the_same_values_twice_are_stored_once(tmp_path: Path, running: Running) -> None:
    for _ in range(2):
        hand_in(tmp_path / "iot", [block(1000)])
    assert count(tmp_path / "iot") == 1000


def test_blocks_of_several_companies_reach_each_of_them(tmp_path: Path, running: Running) -> None:
    hand_in(tmp_path / "iot", [block(10), block(20, company="other"), block(5, begin=10)])
    assert (count(tmp_path / "iot"), count(tmp_path / "iot", company="other")) == (15, 20)


def test_portions_hold_all_rows_in_order_and_none_is_longer_than_a_frame() -> None:
    blocks = [
        block(400_000),
        block(0),
        block(20_000, "Text", texts=tuple(f"{n:04d}" + "\x01" * 252 for n in range(500))),
    ]
    made = list(portions(blocks))
    assert all(len(hot.content(START, one)) <= gate.FRAME_BYTES for one in made)
    assert len(made) > 2
    for original in blocks:
        parts = [part for one in made for part in one if part.series == original.series]
        if len(original):
            assert np.array_equal(np.concatenate([part.time for part in parts]), original.time)
            told = [part.texts[int(v)] if part.texts else v for part in parts for v in part.value.tolist()]
            assert told == [original.texts[int(v)] if original.texts else v for v in original.value.tolist()]


def test_where_nothing_runs_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotAvailable, match="iot_not_running"):
        hand_in(tmp_path, [block(1)])


def test_the_file_is_for_its_owner_only_is_new_each_run_and_gone_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "iot" / gate.FILE
    told = []
    for _ in range(2):
        running = Running(tmp_path / "iot")
        assert path.stat().st_mode & 0o777 == 0o600
        told.append(json.loads(path.read_bytes())["secret"])
        running.stop()
        assert not path.exists()
    assert told[0] != told[1]
    assert len(told[0]) == 64


def test_who_does_not_know_the_secret_is_put_out_and_stores_nothing(tmp_path: Path, running: Running) -> None:
    path = tmp_path / "iot" / gate.FILE
    told = json.loads(path.read_bytes())
    with socket.create_connection(("127.0.0.1", told["port"]), 5) as made:
        content = hot.content(START, [block(3)])
        made.sendall(b"n" * 32)
        made.sendall(b"x" * 32 + gate.HEAD.pack(1, len(content)) + content)
        assert len(gate._exactly(made, 64)) == 64
        with suppress(ConnectionResetError):
            assert made.recv(100) == b""
    assert count(tmp_path / "iot") == 0


def test_a_stranger_on_the_port_gets_no_values(tmp_path: Path) -> None:
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        (tmp_path / gate.FILE).write_text(json.dumps({"port": server.getsockname()[1], "secret": "ab" * 32}))

        def stranger() -> None:
            made, _ = server.accept()
            with made:
                heard.append(made.recv(1000))
                made.sendall(b"?" * 64)
                heard.append(made.recv(1000))

        thread = threading.Thread(target=stranger)
        thread.start()
        with pytest.raises(NotAvailable, match="iot_not_running"):
            hand_in(tmp_path, [block(1)])
        thread.join(10)
    assert [len(one) for one in heard] == [32, 0]


def test_while_the_disk_fails_the_error_comes_back_and_nothing_is_stored(tmp_path: Path, running: Running) -> None:
    hand_in(tmp_path / "iot", [block(10)])
    running.disk.error = OSError(errno.ENOSPC, "full")
    with pytest.raises(NotAvailable, match="iot_disk_full"):
        hand_in(tmp_path / "iot", [block(10, begin=10)])
    running.disk.error = OSError(errno.EIO, "broken")
    with pytest.raises(NotAvailable, match="iot_disk_failing"):
        hand_in(tmp_path / "iot", [block(10, begin=20)])
    assert count(tmp_path / "iot") == 10
    running.disk.error = None
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            hand_in(tmp_path / "iot", [block(10, begin=10)])
            break
        except NotAvailable:
            time.sleep(0.1)
    assert count(tmp_path / "iot") == 20


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (lambda: block(1, "a/b"), "iot_name"),
        (lambda: block(1, company="../up"), "iot_company"),
        (lambda: block(2, kind=Kind.NUMBER, begin=10**13), "iot_time"),
        (lambda: single(Kind.NUMBER, np.nan), "iot_value"),
        (lambda: single(Kind.BOOLEAN, 2.0), "iot_value"),
        (lambda: single(Kind.TEXT, 1.0, ("only one",)), "iot_value"),
        (lambda: single(Kind.TEXT, 0.0, ("ä" * 129,)), "iot_value"),
        (lambda: single(Kind.TEXT, 0.0, ("\ud800",)), "iot_value"),
    ],
)
def test_what_cannot_be_kept_is_refused_on_both_sides(
    tmp_path: Path, running: Running, made: Callable[[], Block], code: str
) -> None:
    with Sender(tmp_path / "iot") as sender:
        with pytest.raises(BadInput, match=code):
            sender.send([block(5), made()])
        sender.send([block(1)])
    assert count(tmp_path / "iot") == 1
    content = hot.content(START, [block(5), made()])
    with gate._connected(tmp_path / "iot", 5) as connection:
        connection.sendall(gate.HEAD.pack(1, len(content)) + content)
        assert json.loads(gate._answer(connection)[1])["code"] == code
    assert count(tmp_path / "iot") == 1


def single(kind: Kind, value: float, texts: tuple[str, ...] = ()) -> Block:
    return Block(
        Series("local", "Säge", "S"),
        kind,
        np.array([BEGIN]),
        np.array([value]),
        np.zeros(1, np.uint8),
        np.array([BEGIN]),
        texts,
    )


def test_a_frame_longer_than_the_limit_and_nonsense_are_refused(tmp_path: Path, running: Running) -> None:
    for head, content, code in (
        (gate.FRAME_BYTES + 1, b"x" * 100_000, "iot_frame_size"),
        (5, b"abcde", "iot_frame"),
        (60, b"\xff" * 60, "iot_frame"),
    ):
        with gate._connected(tmp_path / "iot", 5) as made:
            made.sendall(gate.HEAD.pack(9, head) + content)
            number, answer = gate._answer(made)
            assert (number, json.loads(answer)["code"]) == (9, code)


def test_a_frame_that_is_a_fault_of_ours_is_refused_and_gives_its_room_back(
    tmp_path: Path, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gatekeeper, "HELD_BYTES", 200_000)
    whole = hot.content(START, [block(1, "T", texts=("x" * 100_000,))])
    deep = whole.replace(b'["' + b"x" * 100_000 + b'"]', b"[" * 100_004)
    assert len(deep) == len(whole)
    for _ in range(4):
        with gate._connected(tmp_path / "iot", 5) as made:
            made.sendall(gate.HEAD.pack(9, len(deep)) + deep)
            assert json.loads(gate._answer(made)[1])["code"] == "iot_frame"
    hand_in(tmp_path / "iot", [block(1)])


def test_who_has_not_proved_the_secret_takes_no_place_from_others(
    tmp_path: Path, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gatekeeper, "CONNECTIONS", 2)
    where = ("127.0.0.1", gate.address(tmp_path / "iot").port)
    silent = [socket.create_connection(where, 5) for _ in range(4)]
    hand_in(tmp_path / "iot", [block(1)])
    for one in silent:
        one.close()


def test_more_connections_than_the_limit_are_told_so(
    tmp_path: Path, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gatekeeper, "CONNECTIONS", 2)
    senders = [Sender(tmp_path / "iot") for _ in range(3)]
    for sender in senders[:2]:
        sender.send([block(1)])
        sender.finish()
    with pytest.raises(TooMany, match="iot_gate_busy"):
        hand_in(tmp_path / "iot", [block(1)])
    for sender in senders:
        sender.close()


def test_who_says_nothing_is_put_out(tmp_path: Path, running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gatekeeper, "PROOF_SECONDS", 0.2)
    with socket.create_connection(("127.0.0.1", gate.address(tmp_path / "iot").port), 5) as made:
        assert made.recv(10) == b""


def test_what_is_under_way_when_the_ingest_stops_is_answered_or_its_loss_told(tmp_path: Path, running: Running) -> None:
    sender = Sender(tmp_path / "iot")
    told: list[NotAvailable] = []

    def hand_on() -> None:
        try:
            for k in range(10_000):
                sender.send([block(100, begin=100 * k)])
            sender.finish()
        except NotAvailable as problem:
            told.append(problem)

    thread = threading.Thread(target=hand_on)
    thread.start()
    while sender.safe < 1000:
        time.sleep(0.005)
    running.stop()
    thread.join(20)
    assert [problem.code for problem in told] == ["iot_not_running"]
    assert sender.safe <= count(tmp_path / "iot") < 1_000_000
