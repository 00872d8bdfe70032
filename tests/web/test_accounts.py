"""Accounts of staff: sign in by one-time link, a second factor that can be reset, no sign-up."""

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

from nordlotse.foundation.problem import BadInput, NotFound
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
    assert [c.get("/desk/anmeldung/").status_code for c in clients] == [302, 302, 200]
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
    assert client.get("/desk/")["Location"] == "/desk/anmeldung/"
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


def test_nobody_can_sign_up() -> None:
    response = Client().post(
        "/konto/signup/", {"username": "x", "password1": "Wattenmeer-und-7", "password2": "Wattenmeer-und-7"}
    )
    assert response.status_code < 500
    assert not get_user_model().objects.exists()


def test_until_an_administrator_has_signed_in_the_start_knows_it() -> None:
    path = accounts.new_link(accounts.administrator())
    assert not accounts.anybody_signed_in()
    Client().post(path)
    assert accounts.anybody_signed_in()
