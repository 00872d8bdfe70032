"""What a visitor's logins may send over MQTT: bounded together, without a loss, and no longer once the hall is kept."""

from __future__ import annotations

import time
from pathlib import Path

from nordlotse.iot.core import logins
from nordlotse.iot.core.logins import FileLogins
from nordlotse.iot.core.mqtt import allowance
from nordlotse.iot.core.mqtt.allowance import AT_ONCE, PER_SECOND, Allowance
from nordlotse.iot.core.mqtt.ports import Login
from nordlotse.iot.core.mqtt.server import Server
from tests.iot.core.mqtt.listener import Everybody, bare, connect, publish, turns
from tests.iot.core.mqtt.test_publishing import opened, run


class Visitors(Everybody):
    """Everybody comes with a slow login of one company, but for `fast`."""

    def login(self, user: str | None, password: bytes | None, address: str) -> Login:
        return Login("fast" if user == "fast" else "c", "", user or "m", slow=user != "fast")


def tend(server: Server, seconds: float) -> None:
    for one in list(server.open):
        one.tend(time.monotonic() + seconds)


FLOOD = publish("a/b", b"1" * 900) * 1000


def test_the_bucket_fills_again_and_never_over_its_rim() -> None:
    made = Allowance(0.0)
    assert not made.spend(int(AT_ONCE), 0.0) and made.spend(1000, 0.0)
    assert not made.ready(0.001) and made.ready(1000 / PER_SECOND)
    assert not made.spend(int(AT_ONCE), 10_000.0) and made.spend(1, 10_000.0)


def test_a_flooding_visitor_is_not_read_from_until_it_may_again_and_nothing_is_dropped() -> None:
    async def work() -> None:
        server, intake = bare()
        server.logins = Visitors()
        made, wire = await opened(server, connect(user="m", password="p"))
        sent = 0
        while not wire.paused:
            made.data_received(FLOOD)
            sent += 1000
            await turns(3)
            assert sent * 900 < 2 * AT_ONCE
        assert sent * 900 > AT_ONCE * 0.9
        assert len(intake.payloads) == sent
        tend(server, 0)
        assert wire.paused and not wire.closed
        tend(server, len(FLOOD) / PER_SECOND + 1)
        assert not wire.paused and not wire.closed

    run(work)


def test_coming_again_or_with_many_connections_gives_no_more_and_others_are_left_alone() -> None:
    async def work() -> None:
        server, _ = bare()
        server.logins = Visitors()
        first, wire = await opened(server, connect("one", user="m", password="p"))
        while not wire.paused:
            first.data_received(FLOOD)
            await turns(3)
        first.connection_lost(None)
        second, other = await opened(server, connect("two", user="m", password="p"))
        second.data_received(publish("a/b", b"1"))
        assert other.paused
        quick, free = await opened(server, connect("three", user="fast", password="p"))
        for _ in range(12):
            quick.data_received(FLOOD)
            await turns(3)
        assert not free.paused

    run(work)


def test_a_keep_alive_does_not_end_a_connection_that_is_not_read_from() -> None:
    async def work() -> None:
        server, _ = bare()
        server.logins = Visitors()
        made, wire = await opened(server, connect(user="m", password="p", keep_alive=5))
        while not wire.paused:
            made.data_received(FLOOD)
            await turns(3)
        tend(server, 0.1)
        assert not wire.closed

    run(work)


def test_a_visitors_login_is_slow_until_it_is_lifted_and_a_file_of_before_is_read(tmp_path: Path) -> None:
    user, _ = logins.add(tmp_path, "c", slow=True)
    other, _ = logins.add(tmp_path, "d", slow=True)
    made = FileLogins(tmp_path, True)
    logins.lift(tmp_path, "c")
    assert [one.slow for one in (*logins.listed(tmp_path, "c"), *logins.listed(tmp_path, "d"))] == [False, True]
    assert made.refresh() == {user}  # it comes again, without a bound
    made.close()
    path = tmp_path / "logins.json"
    path.write_text(path.read_text().replace(', "slow": false', "").replace(', "slow": true', ""))
    assert logins.find(tmp_path, other) is not None and not logins.listed(tmp_path, "d")[0].slow
    assert allowance.AT_ONCE > allowance.PER_SECOND
