"""Accounts by name: sign in by one-time link, a second factor that can be reset, roles by command."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.db import connections
from django.test import Client
from django.utils import timezone

from nordlotse import cli
from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.foundation.role import Role
from nordlotse.office.people import mails_of
from nordlotse.office.roles import held_roles
from nordlotse.web import accounts
from nordlotse.web.models import SignInLink

pytestmark = pytest.mark.django_db


def _token(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


def test_looking_at_a_link_does_not_use_it_up() -> None:
    path = accounts.new_link(accounts.administrator())
    for _ in range(3):
        client = Client()
        assert client.get(path).status_code == 200
        assert "_auth_user_id" not in client.session


def test_the_button_signs_in_exactly_once() -> None:
    path = accounts.new_link(accounts.administrator())
    first, second = Client(), Client()
    assert first.post(path).status_code == 302
    assert "_auth_user_id" in first.session
    assert first.get("/desk/").status_code == 200
    assert second.post(path).status_code == 404
    assert "_auth_user_id" not in second.session
    assert first.get(path).status_code == 404


def test_a_link_needs_the_form_s_token() -> None:
    path = accounts.new_link(accounts.administrator())
    assert Client(enforce_csrf_checks=True).post(path).status_code == 403
    assert Client().post(path).status_code == 302


def test_a_link_expires() -> None:
    path = accounts.new_link(accounts.administrator())
    SignInLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert Client().get(path).status_code == 404
    assert Client().post(path).status_code == 404


def test_a_new_link_ends_the_unused_one_before() -> None:
    old = accounts.new_link(accounts.administrator())
    new = accounts.new_link(accounts.administrator())
    assert Client().get(old).status_code == 404
    assert Client().get(new).status_code == 200


def test_a_link_of_a_closed_account_opens_nothing() -> None:
    user = accounts.add_staff("meike")
    path = accounts.new_link(user)
    get_user_model().objects.update(is_active=False)
    assert Client().post(path).status_code == 404


def test_only_the_hash_of_a_link_is_kept() -> None:
    token = _token(accounts.new_link(accounts.administrator()))
    assert len(token) >= 40
    assert not SignInLink.objects.filter(token_hash__contains=token).exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_uses_at_once_only_one_signs_in() -> None:
    token = _token(accounts.new_link(accounts.administrator()))
    won, lost, gate = [], [], threading.Barrier(4)

    def use() -> None:
        gate.wait()
        try:
            won.append(accounts.use_link(token))
        except NotFound:
            lost.append(1)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 3)


def test_resetting_the_factor_removes_it_and_ends_every_session_of_that_person_only() -> None:
    meike, jens = accounts.add_staff("meike"), accounts.add_staff("jens")
    Authenticator.objects.create(user=meike, type="totp", data={"secret": "x"})
    clients = [Client() for _ in range(3)]
    for client, user in zip(clients, [meike, meike, jens], strict=True):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert accounts.reset_factor("meike") == 1
    assert not Authenticator.objects.exists()
    assert [c.get("/meine-anmeldung/").status_code for c in clients] == [302, 302, 200]
    assert Session.objects.count() == 1


def test_after_a_reset_the_old_password_opens_nothing_and_only_a_fresh_link_does() -> None:
    meike = accounts.add_staff("meike")
    meike.set_password("Wattenmeer-und-Deich-7")
    meike.save()
    accounts.reset_factor("meike")
    client = Client()
    client.post("/konto/login/", {"login": "meike", "password": "Wattenmeer-und-Deich-7"})
    assert "_auth_user_id" not in client.session
    client.post(accounts.new_link(accounts.person("meike")))
    assert client.get("/desk/").status_code == 200


def test_the_administrator_is_made_even_if_the_name_is_taken() -> None:
    accounts.add_staff("admin")
    assert accounts.administrator().get_username() == "admin-2"
    get_user_model().objects.update(is_active=False)
    assert accounts.administrator().get_username() == "admin-3"
    assert accounts.administrator().get_username() == "admin-3"


def test_resetting_the_factor_of_nobody_is_told() -> None:
    with pytest.raises(NotFound):
        accounts.reset_factor("nobody")


def test_a_password_alone_does_not_open_the_desk() -> None:
    user = accounts.add_staff("meike")
    user.set_password("Wattenmeer-und-Deich-7")
    user.save()
    client = Client()
    client.post("/konto/login/", {"login": "meike", "password": "Wattenmeer-und-Deich-7"})
    assert "_auth_user_id" in client.session
    assert client.get("/desk/")["Location"] == "/meine-anmeldung/"
    assert client.get("/desk/texte/").status_code == 302


def test_a_new_member_of_staff_has_no_usable_password_and_no_more_rights_than_asked_for() -> None:
    editor, chief = accounts.add_staff("meike"), accounts.add_staff("chief", administrator=True)
    assert (editor.is_staff, editor.is_superuser, editor.has_usable_password()) == (True, False, False)
    assert (chief.is_staff, chief.is_superuser) == (True, True)


@pytest.mark.parametrize("name", ["", "a b", "x" * 200, "<b>", "a\x00b"])
def test_an_impossible_name_is_refused(name: str) -> None:
    with pytest.raises(BadInput):
        accounts.add_staff(name)


def test_a_taken_name_is_refused() -> None:
    accounts.add_staff("meike")
    with pytest.raises(BadInput) as caught:
        accounts.add_staff("meike")
    assert caught.value.code == "user_taken"


def test_somebody_may_have_several_roles_from_the_beginning() -> None:
    user = accounts.add_staff("meike", roles=frozenset({Role.COORDINATOR, Role.EXPERT}), mail="Meike@Example.org")
    assert held_roles(user) == {Role.COORDINATOR, Role.EXPERT}
    assert (user.is_staff, user.is_superuser, mails_of(user)) == (True, False, {"meike@example.org"})


def test_an_officer_is_not_of_the_staff() -> None:
    user = accounts.add_staff("pt", roles=frozenset({Role.OFFICER}))
    assert (user.is_staff, held_roles(user)) == (False, {Role.OFFICER})


def test_a_mail_address_belongs_to_one_account() -> None:
    accounts.add_staff("meike", mail="meike@example.org")
    with pytest.raises(BadInput) as caught:
        accounts.add_staff("jens", mail="MEIKE@example.org")
    assert caught.value.code == "mail_taken"


def test_a_word_that_is_no_role_is_refused_and_told_which_there_are() -> None:
    with pytest.raises(BadInput) as caught:
        accounts.role_of("captain")
    assert "coordinator" in caught.value.remedy_in("en")


@pytest.mark.parametrize(
    ("words", "said"),
    [([], "editor"), (["coordinator", "expert"], "coordinator, expert"), (["none"], "no role")],
)
def test_the_command_shows_and_changes_roles(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.add_staff("meike")
    called = cli.parser().parse_args(["admin", "roles", "meike", *words])
    assert called.run(called) == 0
    assert capsys.readouterr().out == f"meike: {said}\n"


def test_the_command_does_not_take_the_last_administrator_away() -> None:
    accounts.add_staff("chief", administrator=True)
    called = cli.parser().parse_args(["admin", "roles", "chief", "editor"])
    with pytest.raises(BadInput):
        called.run(called)


def test_until_an_administrator_has_signed_in_the_start_knows_it() -> None:
    path = accounts.new_link(accounts.administrator())
    assert not accounts.anybody_signed_in()
    Client().post(path)
    assert accounts.anybody_signed_in()
