"""When a login was heard of and refused last: written by whoever lets logins in, merged, shortened, forgotten with the login."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from nordlotse.iot.core import contacts, logins
from nordlotse.iot.core.contacts import Contact, Contacts, network_of
from nordlotse.iot.core.logins import FileLogins
from nordlotse.iot.core.mqtt.ports import Login


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("192.168.7.23", "192.168.7.x"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("::ffff:10.0.0.9", "10.0.0.x"),
        ("", ""),
        ("key", ""),
    ],
)
def test_of_an_address_only_its_network_is_kept(address: str, kept: str) -> None:
    assert network_of(address) == kept


def test_what_two_processes_saw_is_put_together_and_counted_since_the_first(tmp_path: Path) -> None:
    one, other = Contacts(), Contacts()
    one.came("m-a", 1000.0)
    other.came("m-a", 900.0)
    one.refused("m-a", contacts.PASSWORD, "192.168.7.23")
    other.refused("m-a", contacts.OFTEN, "10.1.2.3")
    one.keep(tmp_path, ["m-a"])
    first = contacts.contacts(tmp_path)["m-a"]
    other.keep(tmp_path, ["m-a"])
    both = contacts.contacts(tmp_path)["m-a"]
    assert (both.heard, both.count, both.since, both.network) == (1000.0, 2, first.since, "10.1.2.x")
    assert both.why == contacts.OFTEN
    assert (tmp_path / "contacts.json").stat().st_mode & 0o077 == 0


def test_a_removed_login_leaves_nothing_and_an_old_refusal_is_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, _ = logins.add(tmp_path, "local")
    gone, _ = logins.add(tmp_path, "local")
    seen = Contacts()
    for one in (user, gone, "m-nobody"):
        seen.came(one, 5.0)
        seen.refused(one, contacts.PASSWORD, "10.0.0.1")
    seen.keep(tmp_path, [user, gone])
    assert set(contacts.contacts(tmp_path)) == {user, gone}
    logins.remove(tmp_path, gone)
    assert set(contacts.contacts(tmp_path)) == {user}
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + contacts.MONTH + 1)
    assert contacts.contacts(tmp_path) == {user: Contact(heard=5.0)}


def test_a_file_that_cannot_be_read_or_written_costs_the_words_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "contacts.json").write_text("[1]")
    assert contacts.contacts(tmp_path) == {}
    seen = Contacts()
    seen.came("m-a")
    seen.keep(tmp_path / "nowhere", ["m-a"])
    seen.keep(tmp_path, ["m-a"])
    assert contacts.contacts(tmp_path) == {}
    (tmp_path / "contacts.json").write_text("{")
    seen.came("m-a", 7.0)
    seen.keep(tmp_path, ["m-a"])
    assert contacts.contacts(tmp_path)["m-a"].heard == 7.0
    assert not list(tmp_path.glob(".*"))


def test_the_listener_notes_who_is_connected_and_who_named_a_login_with_a_wrong_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, password = logins.add(tmp_path, "local")

    async def run() -> None:
        made = FileLogins(tmp_path, True)

        async def tried(name: str, word: str) -> Login | None:
            told = made.login(name, word.encode(), "192.168.7.23")
            return await told if isinstance(told, asyncio.Future) else told

        assert await tried(user, password) == Login("local", "", user)
        for _ in range(7):  # five are looked at
            assert await tried(user, "wrong") is None
        assert await tried("m-nobody", "wrong") is None
        made.note(lambda: [(user, 4e9), ("", 1.0)])
        for _ in range(200):
            if contacts.contacts(tmp_path):
                break
            await asyncio.sleep(0.01)
        made.close()

    monkeypatch.setattr(logins, "EVERY", -1.0)
    asyncio.run(run())
    found = contacts.contacts(tmp_path)
    assert set(found) == {user}
    assert (found[user].heard, found[user].count, found[user].why) == (4e9, 7, contacts.OFTEN)
    assert found[user].network == "192.168.7.x"


@pytest.mark.parametrize("times", [1, 2])
def test_who_was_let_in_is_noted_though_it_left_before_anybody_asked_who_is_connected(
    tmp_path: Path, times: int
) -> None:
    user, password = logins.add(tmp_path, "local")

    async def run() -> float:
        made = FileLogins(tmp_path, True)
        for _ in range(times):  # hashed, then recognised
            made._contacts = Contacts()
            told = made.login(user, password.encode(), "192.168.7.23")
            assert (await told if isinstance(told, asyncio.Future) else told) is not None
        began = time.time()
        made.note_last([])
        made.close()
        return began

    assert 0 <= asyncio.run(run()) - contacts.contacts(tmp_path)[user].heard < 5


def test_who_comes_right_after_the_last_writing_is_written_when_it_is_due_though_nobody_comes_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contacts, "EVERY", 0.3)
    seen = Contacts()
    seen.came("m-a", 5.0)
    seen.keep_in_time(tmp_path, lambda: ["m-a", "m-b"])
    assert set(contacts.contacts(tmp_path)) == {"m-a"}
    for _ in range(3):
        seen.came("m-b", 7.0)
        seen.keep_in_time(tmp_path, lambda: ["m-a", "m-b"])
    assert set(contacts.contacts(tmp_path)) == {"m-a"}, "not each time"
    until = time.monotonic() + 60
    while "m-b" not in contacts.contacts(tmp_path) and time.monotonic() < until:
        time.sleep(0.02)
    assert contacts.contacts(tmp_path)["m-b"].heard == 7.0


def test_the_listener_notes_for_which_machine_a_login_may_not_send(tmp_path: Path) -> None:
    user, _ = logins.add(tmp_path, "local", "Säge")
    made = FileLogins(tmp_path, True)
    made.may_not(Login("local", "Säge", user), "Ofen", "192.168.7.23", 2)
    made.note_last([])
    made.close()
    found = contacts.contacts(tmp_path)[user]
    assert (found.why, found.machine, found.count, found.network) == (contacts.RIGHTS, "Ofen", 2, "192.168.7.x")


def test_of_the_machine_named_only_a_short_line_is_kept_and_a_wrong_password_afterwards_names_none(
    tmp_path: Path,
) -> None:
    seen = Contacts()
    seen.refused("m-a", contacts.RIGHTS, "10.0.0.1", "Ofen\n\x1b[1m" + "x" * 500)
    seen.keep(tmp_path, ["m-a"])
    assert contacts.contacts(tmp_path)["m-a"].machine == "Ofen  [1m" + "x" * 55
    seen.refused("m-a", contacts.PASSWORD, "10.0.0.1")
    seen.keep(tmp_path, ["m-a"])
    assert contacts.contacts(tmp_path)["m-a"].machine == ""
