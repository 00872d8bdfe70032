"""Logins: made and removed by any process, kept as hashes, checked without keeping the event loop waiting."""

from __future__ import annotations

import asyncio
import json
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from nordlotse.cli import main
from nordlotse.foundation.problem import BadInput, NotAvailable, NotFound
from nordlotse.iot.core import logins
from nordlotse.iot.core.logins import FileLogins, add, listed, remove, remove_all
from nordlotse.iot.core.mqtt.ports import Login


async def said(known: FileLogins, user: str | None, password: str | None, address: str = "10.0.0.1") -> Login | None:
    found = known.login(user, password.encode() if password is not None else None, address)
    return await found if isinstance(found, asyncio.Future) else found


def ask(known: FileLogins, user: str | None, password: str | None, address: str = "10.0.0.1") -> Login | None:
    return asyncio.run(said(known, user, password, address))


def test_a_login_speaks_for_its_company_and_machine(tmp_path: Path) -> None:
    user, password = add(tmp_path, "acme", "Säge")
    known = FileLogins(tmp_path, required=True)
    assert ask(known, user, password) == Login("acme", "Säge", user)
    assert ask(known, user, password + "x") is None
    assert ask(known, user, "") is None
    assert ask(known, user, None) is None
    assert ask(known, "nobody", password) is None
    assert ask(known, None, None) is None


def test_without_required_logins_an_anonymous_client_is_local_and_a_login_still_counts(tmp_path: Path) -> None:
    user, password = add(tmp_path, "acme")
    known = FileLogins(tmp_path, required=False)
    assert ask(known, None, None) == Login("local")
    assert ask(known, user, password) == Login("acme", "", user)
    assert ask(known, user, "wrong") is None


def test_the_file_is_its_owners_only_and_holds_no_password(tmp_path: Path) -> None:
    user, password = add(tmp_path, "acme")
    path = tmp_path / "logins.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert password not in path.read_text()
    assert user in path.read_text()


def test_a_password_has_128_random_bits_and_two_are_never_alike(tmp_path: Path) -> None:
    made = [add(tmp_path, "acme")[1] for _ in range(20)]
    assert len(set(made)) == 20
    assert all(len(one) * 4.954 >= 128 and one.isalnum() and one.isascii() for one in made)


def test_logins_are_listed_by_company_and_removed(tmp_path: Path) -> None:
    first, _ = add(tmp_path, "acme", "Ofen")
    second, _ = add(tmp_path, "other")
    assert [(one.user, one.machine) for one in listed(tmp_path, "acme")] == [(first, "Ofen")]
    remove(tmp_path, first)
    assert listed(tmp_path, "acme") == []
    assert [one.user for one in listed(tmp_path, "other")] == [second]
    with pytest.raises(NotFound):
        remove(tmp_path, first)
    assert remove_all(tmp_path, "other") == 1
    assert listed(tmp_path, "other") == []
    assert remove_all(tmp_path / "nothing", "other") == 0


@pytest.mark.parametrize(("company", "machine"), [("../x", ""), ("a", "b/c"), ("a", "#"), ("a", "+"), ("a", "\0")])
def test_names_that_would_reach_further_are_refused(tmp_path: Path, company: str, machine: str) -> None:
    with pytest.raises(BadInput):
        add(tmp_path, company, machine)


def test_a_company_has_a_bounded_number_of_logins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logins, "MOST", 2)
    for company in ("acme", "acme", "other"):
        add(tmp_path, company)
    with pytest.raises(BadInput):
        add(tmp_path, "acme")


def test_logins_made_at_once_by_several_threads_and_processes_are_all_kept(tmp_path: Path) -> None:
    program = f"from pathlib import Path\nfrom nordlotse.iot.core.logins import add\n[add(Path({str(tmp_path)!r}), 'p') for _ in range(10)]"
    other = subprocess.Popen([sys.executable, "-c", program])
    threads = [threading.Thread(target=lambda: [add(tmp_path, "t") for _ in range(5)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert other.wait(30) == 0
    assert len(listed(tmp_path, "t")) == 20
    assert len(listed(tmp_path, "p")) == 10


def test_a_new_login_counts_at_once_and_a_removed_one_after_the_next_look(tmp_path: Path) -> None:
    first = add(tmp_path, "acme")
    known = FileLogins(tmp_path, required=True)
    second = add(tmp_path, "acme")
    assert ask(known, *second) is not None
    assert ask(known, *first) is not None
    remove(tmp_path, first[0])
    assert known.refresh() == {first[0]}
    assert ask(known, *first) is None
    assert ask(known, *second) is not None
    assert known.refresh() == set()


def test_a_password_is_hashed_once_and_then_known_without_waiting(tmp_path: Path) -> None:
    user, password = add(tmp_path, "acme")
    known = FileLogins(tmp_path, required=True)

    async def run() -> None:
        first = known.login(user, password.encode(), "10.0.0.1")
        assert isinstance(first, asyncio.Future)
        assert await first == Login("acme", "", user)
        assert known.login(user, password.encode(), "10.0.0.2") == Login("acme", "", user)

    asyncio.run(run())


@pytest.mark.parametrize("limited", [True, False])
def test_after_a_few_failures_an_address_is_not_even_looked_at(
    tmp_path: Path, limited: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, password = add(tmp_path, "acme")
    other = add(tmp_path, "acme")
    known = FileLogins(tmp_path, required=True)
    if not limited:  # the protection off: trying goes on for ever
        monkeypatch.setattr(logins, "_FAILED_USER", 10**9)
    hashed = []
    monkeypatch.setattr(logins, "_hashed", lambda password, salt: hashed.append(password) or b"")

    async def run() -> None:
        for count in range(50):
            assert await said(known, user, f"guess{count}") is None

    asyncio.run(run())
    monkeypatch.undo()
    assert (len(hashed) == logins._FAILED_USER) == limited
    # another address, and another user of the same address, are not concerned
    assert ask(known, user, password, "10.0.0.2") is not None
    assert ask(known, *other) is not None


def test_whoever_was_right_before_is_known_although_its_address_has_failed_too_often(tmp_path: Path) -> None:
    good, bad = add(tmp_path, "acme"), add(tmp_path, "acme")
    known = FileLogins(tmp_path, required=True)

    async def run() -> None:
        assert await said(known, *good) is not None
        for count in range(logins._FAILED_ADDRESS):
            await said(known, f"user{count}", "x")
        assert await said(known, *bad) is None
        assert await said(known, *good) is not None

    asyncio.run(run())


def test_the_addresses_of_one_ipv6_network_count_as_one() -> None:
    assert logins._alike("2001:db8:1:2:3:4:5:6") == logins._alike("2001:db8:1:2:ffff::1")
    assert logins._alike("10.0.0.1") != logins._alike("10.0.0.2")
    assert logins._alike("::ffff:10.0.0.1") != logins._alike("::ffff:10.0.0.2")


def test_counts_of_failures_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logins, "_MOST_REMEMBERED", 100)
    failures = logins.Failures()
    for number in range(1000):
        failures.add(f"10.0.{number // 250}.{number % 250}", "u")
    assert len(failures._counts) == 100


def test_a_flood_of_logins_does_not_stop_the_event_loop(tmp_path: Path) -> None:
    user, _ = add(tmp_path, "acme")
    known = FileLogins(tmp_path, required=True)

    async def run() -> float:
        waiting = [said(known, user, f"x{n}", f"10.1.{n // 250}.{n % 250}") for n in range(500)]
        flood = asyncio.gather(*waiting)
        longest, before = 0.0, time.monotonic()
        while not flood.done():
            await asyncio.sleep(0.001)
            longest, before = max(longest, time.monotonic() - before), time.monotonic()
        assert set(await flood) == {None}
        return longest

    began = time.monotonic()
    longest = asyncio.run(run())
    took = time.monotonic() - began
    assert longest < took / 2, f"the loop stood for {longest:.2f} of {took:.2f} s"


def test_so_many_wait_for_being_checked_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logins, "_MOST_WAITING", 3)
    user, password = add(tmp_path, "acme")
    known = FileLogins(tmp_path, required=True)

    async def run() -> None:
        made = [known.login(user, password.encode(), "10.0.0.1") for _ in range(5)]
        assert [isinstance(one, asyncio.Future) for one in made] == [True] * 3 + [False] * 2
        await asyncio.gather(*(one for one in made if isinstance(one, asyncio.Future)))

    asyncio.run(run())


def test_a_login_removed_while_it_is_checked_is_refused(tmp_path: Path) -> None:
    user, password = add(tmp_path, "acme")
    known = FileLogins(tmp_path, required=True)

    async def run() -> None:
        waiting = known.login(user, password.encode(), "10.0.0.1")
        assert isinstance(waiting, asyncio.Future)
        remove(tmp_path, user)
        known.refresh()
        assert await waiting is None

    asyncio.run(run())


@pytest.mark.parametrize("content", [b"", b"[]", b'{"logins":[{"user":"x"}]}', b"\xff"])
def test_a_damaged_file_is_told_and_while_running_the_last_logins_count(tmp_path: Path, content: bytes) -> None:
    user, password = add(tmp_path, "acme")
    known = FileLogins(tmp_path, required=True)
    (tmp_path / "logins.json").write_bytes(content)
    assert known.refresh() == set()
    assert ask(known, user, password) is not None
    for call in (
        lambda: FileLogins(tmp_path, required=True),
        lambda: listed(tmp_path, "acme"),
        lambda: add(tmp_path, "a"),
    ):
        with pytest.raises(NotAvailable):
            call()
    assert (tmp_path / "logins.json").read_bytes() == content


def test_the_command_line_makes_lists_and_removes_logins(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = ["--data", str(tmp_path), "--company", "acme"]
    assert main(["iot", "login", "add", "--machine", "Ofen", "--json", *data]) == 0
    made = json.loads(capsys.readouterr().out)
    assert ask(FileLogins(tmp_path, required=True), made["user"], made["password"]) == Login(
        "acme", "Ofen", made["user"]
    )
    assert main(["iot", "login", "add", *data]) == 0
    told = capsys.readouterr().out.split()
    assert told[0] == "user" and told[2] == "password"
    assert main(["iot", "login", "list", "--json", *data]) == 0
    assert [(one["user"], one["machine"]) for one in json.loads(capsys.readouterr().out)] == [
        (made["user"], "Ofen"),
        (told[1], ""),
    ]
    assert main(["iot", "login", "list", *data]) == 0
    assert "(all machines)" in capsys.readouterr().out
    assert main(["iot", "login", "remove", made["user"], *data]) == 0
    assert main(["iot", "login", "remove", made["user"], *data]) == 3
    assert len(listed(tmp_path, "acme")) == 1
