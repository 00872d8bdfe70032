"""Rights per machine and company: what a login may publish, see and leave as its will; and how it is told."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from nordlotse.cli import main
from nordlotse.iot.core.contacts import contacts
from nordlotse.iot.core.logins import add, remove
from nordlotse.iot.core.mqtt.matching import allowed, check_filter, matches
from nordlotse.iot.core.mqtt.packets import ProtocolError
from nordlotse.iot.core.mqtt.ports import Login
from nordlotse.iot.core.mqtt.sessions import name_of
from tests.iot.core.mqtt.listener import (
    Everybody,
    Listener,
    Raw,
    bare,
    connect,
    patched,
    plugged,
    publish,
    subscribe,
    turns,
    until,
)
from tests.iot.core.mqtt.test_publishing import opened, run
from tests.iot.process import Serve

SAW = Login("acme", "Säge")


@pytest.mark.parametrize("version", [4, 5])
@pytest.mark.parametrize("guarded", [True, False])
def test_a_machine_publishes_for_itself_only(version: int, guarded: bool) -> None:
    """Version 5 is told with the acknowledgement, 3.1.1 has no way to say it: its connection ends."""

    async def work() -> None:
        server, intake = bare()
        made, wire = await opened(server, connect(version=version, user="acme/Säge"))
        made.data_received(
            publish("Säge/Strom", b"1", 1, qos=1, version=version) + publish("Säge", b"{}", 2, qos=1, version=version)
        )
        made.data_received(
            publish("Ofen/Grad", b"2", 3, qos=1, version=version)
            + publish("Sägewerk/Strom", b"3", 4, qos=2, version=version)
            + publish("Ofen/Grad", b"4", version=version)
            + publish("Säge/Strom", b"5", 5, qos=1, version=version)
        )
        others = [b"2", b"3", b"4"]
        assert (not set(others) & set(intake.payloads)) == guarded
        if guarded and version == 4:
            assert wire.closed
            assert intake.payloads == [b"1", b"{}"]
        elif guarded:
            assert not wire.closed
            assert intake.payloads == [b"1", b"{}", b"5"]
            told = b"\x40\x03\0\x03\x87" + b"\x50\x03\0\x04\x87" + b"\x40\x02\0\x05"
            assert wire.written == b"\x40\x02\0\x01\x40\x02\0\x02" + told

    if guarded:
        run(work)
    else:
        with patched(Login, may=lambda self, topic: True):
            run(work)


@pytest.mark.parametrize(("version", "times"), [(4, 1), (5, 3)])
def test_who_publishes_for_another_machine_is_noted_and_who_publishes_for_its_own_is_not(
    version: int, times: int
) -> None:
    async def work() -> None:
        server, _ = bare()
        assert isinstance(server.logins, Everybody)
        made, _ = await opened(server, connect(version=version, user="acme/Säge"))
        made.data_received(publish("Säge/Strom", b"1", 1, qos=1, version=version))
        assert server.logins.refused == []
        made.data_received(b"".join(publish("Ofen/Grad", b"2", k, qos=1, version=version) for k in (3, 4, 5)))
        assert server.logins.refused == [("acme/Säge", "Ofen", "127.0.0.1", times)]

    run(work)


@pytest.mark.parametrize("version", [4, 5])
def test_a_will_for_another_machine_is_noted(version: int) -> None:
    async def work() -> None:
        server, _ = bare()
        assert isinstance(server.logins, Everybody)
        made, _ = plugged(server)
        made.data_received(connect(version=version, user="acme/Säge", will=("Ofen/an", b"0", 0)))
        await turns()
        assert server.logins.refused == [("acme/Säge", "Ofen", "127.0.0.1", 1)]

    run(work)


@pytest.mark.parametrize(("version", "refused"), [(4, 0x80), (5, 0x87)])
def test_a_machine_subscribes_to_itself_and_a_wildcard_shows_only_that(version: int, refused: int) -> None:
    async def work() -> None:
        server, _ = bare()
        oven, _ = await opened(server, connect("o", version=4, user="acme/Ofen"))
        other, _ = await opened(server, connect("x", version=4, user="other"))
        made, wire = await opened(server, connect(version=version, user="acme/Säge"))
        for number, (pattern, reason) in enumerate(
            [
                ("Ofen/#", refused),
                ("Säge/#", 0),
                ("#", 0),
                ("+/Grad", 0),
                ("Sägewerk/#", refused),
                ("Ofen/Grad", refused),
            ],
            1,
        ):
            made.data_received(subscribe(pattern, number, version=version))
            assert wire.written[-1] == reason, pattern
        wire.written.clear()
        oven.data_received(publish("Ofen/Grad", b"1", flags=1))
        other.data_received(publish("Säge/Strom", b"2", flags=1))
        assert not wire.written
        made.data_received(subscribe("#", 9, version=version))
        assert wire.written.count(b"\x31") == 0, "nor does a retained value of others come"
        saw, _ = await opened(server, connect("s", user="acme"))
        wire.written.clear()
        saw.data_received(publish("Säge/Strom", b"3"))
        assert wire.written == publish("Säge/Strom", b"3", version=version), "once, though two filters catch it"

    run(work)


@pytest.mark.parametrize(("version", "answer"), [(4, b"\x20\x02\0\x05"), (5, b"\x20\x03\0\x87\0")])
def test_a_will_for_another_machine_is_refused(version: int, answer: bytes) -> None:
    async def work() -> None:
        server, _ = bare()
        made, wire = plugged(server)
        made.data_received(connect(version=version, user="acme/Säge", will=("Ofen/an", b"0", 0)))
        await turns()
        assert wire.written == answer
        assert wire.closed

    run(work)


@pytest.mark.parametrize("version", [4, 5])
def test_a_login_is_required_checked_and_ends_when_it_is_removed(tmp_path: Path, version: int) -> None:
    user, password = add(tmp_path, "acme", "Säge")
    other = add(tmp_path, "acme")
    refused = b"\0\x04" if version == 4 else b"\0\x86\0"
    with Listener(tmp_path, required=True) as listener:
        for wrong in ({}, {"user": user}, {"user": user, "password": "x"}, {"user": "nobody", "password": password}):
            with Raw(listener.port) as raw:
                raw.send(connect(version=version, **wrong))
                assert raw.packet() == (0x20, refused)
                assert raw.ended()
        with Raw(listener.port) as raw, Raw(listener.port) as stays:
            stays.send(connect("stays", version=version, user=other[0], password=other[1]))
            raw.send(
                connect(version=version, user=user, password=password, will=("Säge/an", b"0", 0))
                + publish("Säge/Strom", b"7", 1, qos=1, version=version)
            )
            assert raw.packet()[1][1] == 0
            assert raw.packet() == (0x40, b"\0\x01")
            assert stays.packet()[1][1] == 0
            assert listener.eventually("Säge", "Strom", 1, "acme") == [7.0]
            remove(tmp_path, user)
            listener.refresh()
            if version == 5:
                assert raw.packet() == (0xE0, b"\x87")
            assert raw.ended()
            stays.send(b"\xc0\0")
            assert stays.packet() == (0xD0, b"")
        with Raw(listener.port) as raw:
            raw.send(connect(version=version, user=user, password=password))
            assert raw.packet() == (0x20, refused)
        assert listener.values("Säge", "an", "acme") == [], "a login that is gone publishes no will"


def test_serve_requires_logins_by_its_setting_and_ends_a_removed_one_within_seconds(tmp_path: Path) -> None:
    serve = Serve(tmp_path / "iot", NORDLOTSE_IOT_AUTH="required")
    with Raw(serve.port) as anonymous:
        anonymous.send(connect())
        assert anonymous.packet() == (0x20, b"\0\x04")
    user, password = add(tmp_path / "iot", "acme", "Ofen")
    with Raw(serve.port) as raw:
        raw.send(connect(user=user, password=password) + publish("Ofen/Grad", b"1", 1, qos=1))
        assert raw.packet() == (0x20, b"\0\0")
        assert raw.packet() == (0x40, b"\0\x01")
        assert main(["iot", "login", "remove", user, "--data", str(tmp_path / "iot")]) == 0
        raw.socket.settimeout(60)
        assert raw.ended()
    assert serve.stop() == 0


def test_who_sends_once_and_leaves_is_heard_of_also_when_the_listener_ends_right_after(tmp_path: Path) -> None:
    user, password = add(tmp_path / "iot", "acme", "Ofen")
    serve = Serve(tmp_path / "iot", NORDLOTSE_IOT_AUTH="required")
    with Raw(serve.port) as raw:
        raw.send(connect(user=user, password=password))
        assert raw.packet() == (0x20, b"\0\0")
        time.sleep(0.3)
        sent = time.time()
        raw.send(publish("Ofen/Grad", b"1", 1, qos=1))
        assert raw.packet() == (0x40, b"\0\x01")
    assert serve.stop() == 0
    heard = contacts(tmp_path / "iot")[user].heard
    assert sent - 0.2 <= heard <= time.time(), "the last message counts, not the beginning of the connection"


def test_many_machines_that_come_back_at_once_all_get_in(tmp_path: Path) -> None:
    made = [add(tmp_path, "acme", f"M{k}") for k in range(60)]
    with Listener(tmp_path, required=True) as listener:
        clients = [Raw(listener.port) for _ in made]
        for (user, password), raw in zip(made, clients, strict=True):
            raw.send(connect(user, user=user, password=password))
        assert [raw.packet()[1] for raw in clients] == [b"\0\0"] * 60
        for raw in clients:
            raw.close()
        assert until(lambda: not listener.server.of_company)


@pytest.mark.parametrize(
    ("pattern", "topic", "caught"),
    [
        ("#", "a/b", True), ("#", "$SYS/a", False), ("+/a", "$SYS/a", False), ("$SYS/#", "$SYS/a", True),
        ("a/#", "a", True), ("a/+", "a", False), ("a/+", "a/", True), ("+", "", True), ("a/+/c", "a/b/c", True),
        ("a/+/c", "a/b/d", False), ("a", "a/b", False), ("+/+", "a/b", True), ("/+", "/a", True), ("+", "/a", False),
    ],
)  # fmt: skip
def test_filters_catch_what_the_standard_says(pattern: str, topic: str, caught: bool) -> None:
    assert matches(pattern, topic) == caught


@pytest.mark.parametrize("pattern", ["", "a#", "#/a", "a/#/b", "a+", "+a/b", "a/b#", "x" * 513])
def test_filters_with_wildcards_in_the_wrong_place_are_refused(pattern: str) -> None:
    with pytest.raises(ProtocolError):
        check_filter(pattern)


def test_a_login_for_all_machines_may_subscribe_to_anything() -> None:
    assert all(allowed(Login("acme"), pattern) for pattern in ("#", "Ofen/#", "Ofen/+"))
    assert [allowed(SAW, pattern) for pattern in ("#", "Ofen/#", "Säge", "Säge/+", "+/x", "Säge+")] == [
        True, False, True, True, True, False,
    ]  # fmt: skip


def test_a_company_that_leaves_is_sent_away_with_its_sessions_retained_values_and_wills() -> None:
    async def work() -> None:
        server, intake = bare()
        made, wire = await opened(server, connect("a", clean=False, user="acme", will=("x/an", b"0", 0)))
        stays, other = await opened(server, connect("b", clean=False, user="other"))
        for one in (made, stays):
            one.data_received(publish("x/y", b"1", flags=1))
        server.expel("acme")
        await turns()
        assert wire.closed and not other.closed
        assert [one.company for one in server.sessions] == ["other"]
        assert (server.retained.count("acme"), server.retained.count("other")) == (0, 1)
        assert b"0" not in intake.payloads

    run(work)


@pytest.mark.parametrize("protected", [True, False])
def test_a_login_under_another_ones_client_name_neither_ends_its_connection_nor_gets_its_session(
    monkeypatch: pytest.MonkeyPatch, protected: bool
) -> None:
    """The protection off: sessions go by the client's name alone."""
    if not protected:
        monkeypatch.setattr("nordlotse.iot.core.mqtt.connection.name_of", lambda _, client: client)

    async def work() -> None:
        server, intake = bare()
        press, of_press = await opened(server, connect("x", clean=False, user="firma/B"))
        saw, of_saw = await opened(server, connect("x", clean=False, user="firma/A"))
        assert of_press.closed != protected
        saw.data_received(publish("A/Teile", b"1", 1, qos=2))
        assert of_saw.written == b"\x50\x02\0\x01"
        if of_press.closed:
            press, of_press = await opened(server, connect("x", clean=False, user="firma/B"))
        press.data_received(publish("B/Druck", b"7", 2, qos=2))
        assert press._session.received.keys() == ({2} if protected else {1, 2})
        assert intake.payloads == [b"1", b"7"]

    run(work)


def test_a_client_cannot_name_itself_like_the_session_of_a_login() -> None:
    assert name_of("", "m-abc\x1fx") != name_of("m-abc", "x")
    assert name_of("", "x") == "x"


def test_filters_kept_for_clients_that_are_away_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nordlotse.iot.core.mqtt.sessions.MOST_FILTERS_OF_COMPANY", 6)

    async def work() -> None:
        server, _ = bare()
        granted = []
        for k in range(4):
            made, wire = await opened(server, connect(f"c{k}", clean=False, version=4))
            for n in range(3):
                made.data_received(subscribe(f"a/{n}", n + 1))
            granted.append([answer & 0x80 for answer in wire.written[4::5]])
            made.connection_lost(None)
        assert granted == [[0, 0, 0], [0, 0, 0], [0x80] * 3, [0x80] * 3]
        assert sum(len(one.subscriptions) for one in server.sessions) == 6
        server.sessions.drop("local")
        server.sessions.sweep()
        made, wire = await opened(server, connect("c9", clean=False, version=4))
        made.data_received(subscribe("a/b"))
        assert wire.written[-1] == 0

    run(work)
