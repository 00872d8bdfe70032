"""Administrators invite by mail, change roles, reset and close; a link acts once, and only by the button."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.test import Client

from nordlotse.foundation.problem import BadInput, NotAllowed, NotFound
from nordlotse.foundation.role import Role
from nordlotse.office import log
from nordlotse.office.models import LogEntry, OutgoingMail
from nordlotse.office.roles import held_roles
from nordlotse.web import accounts, invitations
from tests.web.world import person_of, signed_in

pytestmark = pytest.mark.django_db

ADDRESS = "hinnerk@kahn.example"


def link_in_mail() -> str:
    """Return the path of the link in the newest mail."""
    found = re.search(
        r"http://localhost:8000(\S+/einladung/\S+|/einladung/\S+)", OutgoingMail.objects.latest("pk").text
    )
    assert found is not None
    return found[1]


def invited(*roles: Role, lang: str = "de") -> str:
    """Invite somebody and return the link's path."""
    invitations.invite(person_of("administrator"), ADDRESS, frozenset(roles), lang)  # type: ignore[arg-type]
    return link_in_mail()


def test_looking_at_an_invitation_changes_nothing(client: Client) -> None:
    path = invited(Role.COORDINATOR)
    for method in (client.get, client.head, client.get):
        assert method(path).status_code == 200
    assert not get_user_model().objects.filter(email=ADDRESS).exists()
    assert "Koordination" in client.get(path).content.decode()


def test_the_button_makes_the_account_gives_the_role_and_signs_in_once(client: Client) -> None:
    path = invited(Role.COORDINATOR, Role.EXPERT)
    assert client.post(path).headers["Location"] == "/meine-anmeldung/"
    user = get_user_model().objects.get(email=ADDRESS)
    assert held_roles(user) == {Role.COORDINATOR, Role.EXPERT}
    assert client.session["_auth_user_id"] == str(user.pk)
    assert Client().post(path).status_code == 404


def test_an_invited_coordinator_sets_up_the_second_step_before_the_desk_opens(client: Client) -> None:
    client.post(invited(Role.COORDINATOR))
    assert client.get("/desk/").headers["Location"] == "/meine-anmeldung/"
    assert client.get("/konto/2fa/totp/activate/").status_code == 200
    assert client.get("/konto/2fa/webauthn/add/").status_code == 200


def test_an_expert_needs_no_second_step(client: Client) -> None:
    assert client.post(invited(Role.EXPERT)).headers["Location"] != "/meine-anmeldung/"


def test_an_invitation_adds_roles_to_an_account_that_is_there(client: Client) -> None:
    client.post(invited(Role.EXPERT))
    Client().post(invited(Role.EDITOR))
    assert held_roles(get_user_model().objects.get(email=ADDRESS)) == {Role.EXPERT, Role.EDITOR}


def test_a_new_invitation_ends_the_older_one_to_the_same_address(client: Client) -> None:
    old = invited(Role.EDITOR)
    new = invited(Role.EXPERT)
    assert (client.get(old).status_code, client.get(new).status_code) == (404, 200)


def test_the_english_invitation_leads_to_the_english_page(client: Client) -> None:
    path = invited(Role.OFFICER, lang="en")
    assert path.startswith("/en/")
    assert OutgoingMail.objects.latest("pk").subject == "Invitation to Nordlotse"
    assert "You are invited" in client.get(path).content.decode()


@pytest.mark.parametrize("role", ["member", "expert", "coordinator", "editor", "researcher", "officer"])
def test_only_administrators_invite_and_change_accounts(role: str) -> None:
    actor, other = person_of(role), person_of("stranger")
    for act in (
        lambda: invitations.invite(actor, ADDRESS, frozenset({Role.EDITOR})),
        lambda: invitations.change_roles(actor, other, frozenset({Role.EDITOR})),
        lambda: invitations.reset(actor, other),
        lambda: invitations.send_link(actor, other),
        lambda: invitations.switch(actor, other, active=False),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize(("address", "roles"), [("nothing", {Role.EDITOR}), ("", {Role.EDITOR}), (ADDRESS, set())])
def test_an_invitation_needs_an_address_and_a_role(address: str, roles: set[Role]) -> None:
    with pytest.raises(BadInput):
        invitations.invite(person_of("administrator"), address, frozenset(roles))


def test_after_a_reset_the_mailbox_alone_does_not_lead_back_into_the_role(client: Client) -> None:
    client.post(invited(Role.COORDINATOR))
    user = get_user_model().objects.get(email=ADDRESS)
    Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
    invitations.reset(person_of("administrator"), user)
    assert client.get("/meine-anmeldung/").status_code == 302
    browser = Client()
    browser.post("/konto/login/code/", {"email": ADDRESS})
    code = re.search(r"^ {4}(\S+)$", OutgoingMail.objects.latest("pk").text, flags=re.MULTILINE)
    assert code is not None
    browser.post("/konto/login/code/confirm/", {"code": code[1]})
    assert "_auth_user_id" in browser.session
    for closed in ("/desk/", "/konto/2fa/totp/activate/", "/konto/2fa/webauthn/add/", "/konto/password/set/"):
        assert browser.get(closed).headers["Location"] == "/meine-anmeldung/"
    assert "Anmeldelink schicken" in browser.get("/meine-anmeldung/").content.decode()


def test_a_link_sent_after_a_reset_leads_back(client: Client) -> None:
    client.post(invited(Role.COORDINATOR))
    user = get_user_model().objects.get(email=ADDRESS)
    invitations.reset(person_of("administrator"), user)
    invitations.send_link(person_of("administrator"), user)
    browser = Client()
    browser.post(link_in_mail())
    assert browser.get("/konto/2fa/totp/activate/").status_code == 200


def test_somebody_without_a_proved_address_gets_no_link_by_mail() -> None:
    with pytest.raises(BadInput):
        invitations.send_link(person_of("administrator"), person_of("member"))


def test_a_closed_account_is_out_at_once_and_stays_out(client: Client) -> None:
    path = invited(Role.EXPERT)
    client.post(path)
    user = get_user_model().objects.get(email=ADDRESS)
    again = invited(Role.EXPERT)
    invitations.switch(person_of("administrator"), user, active=False)
    assert client.get("/meine-anmeldung/").status_code == 302
    with pytest.raises(NotFound):
        invitations.accept(again.rstrip("/").rpartition("/")[2])


def test_the_last_administrator_stays_and_nobody_locks_themselves_out() -> None:
    chief = person_of("administrator")
    for act in (
        lambda: invitations.change_roles(chief, chief, frozenset({Role.EDITOR})),
        lambda: invitations.reset(chief, chief),
        lambda: invitations.switch(chief, chief, active=False),
    ):
        with pytest.raises(BadInput):
            act()
    second = accounts.add_staff("zweite", administrator=True)
    invitations.change_roles(chief, second, frozenset({Role.EDITOR}))
    assert held_roles(second) == {Role.EDITOR}


def test_every_change_of_an_account_is_logged_without_a_name() -> None:
    chief = person_of("administrator")
    invited(Role.EDITOR)
    invitations.change_roles(chief, person_of("member"), frozenset({Role.EXPERT}))
    invitations.reset(chief, person_of("member"))
    verbs = list(LogEntry.objects.filter(kind="account").order_by("number").values_list("verb", flat=True))
    assert verbs == ["invite", "roles", "reset_factor"]
    assert log.verify().broken_at == 0


def test_the_list_shows_who_lacks_the_second_step_and_invites() -> None:
    chief = signed_in("administrator")
    accounts.add_staff("meike")
    page = chief.get("/desk/konten/").content.decode()
    assert "meike" in page and "fehlt noch" in page
    assert chief.post("/desk/konten/", {"mail": ADDRESS, "roles": ["editor", "nonsense"]}).status_code == 302
    assert ADDRESS in chief.get("/desk/konten/").content.decode()


def test_a_wrong_invitation_is_told_on_the_page_and_keeps_what_was_typed() -> None:
    answer = signed_in("administrator").post("/desk/konten/", {"mail": "unfertig", "roles": ["editor"]})
    assert answer.status_code == 422
    assert 'value="unfertig"' in answer.content.decode()
    assert 'id="role_editor" value="editor" checked' in answer.content.decode()


@pytest.mark.parametrize("do", ["roles", "reset", "close"])
def test_the_page_of_an_account_does_what_its_buttons_say(do: str) -> None:
    meike = accounts.add_staff("meike")
    answer = signed_in("administrator").post(f"/desk/konten/{meike.pk}/", {"do": do, "roles": ["officer"]})
    assert answer.status_code == 302
    meike = get_user_model().objects.get(pk=meike.pk)
    assert (held_roles(meike) == {Role.OFFICER}) is (do == "roles")
    assert meike.is_active is (do != "close")


def test_an_invitation_gives_its_role_but_lets_nobody_past_a_second_step_that_is_set_up(client: Client) -> None:
    Client().post(invited(Role.EDITOR))
    user = get_user_model().objects.get(email=ADDRESS)
    Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
    answer = client.post(invited(Role.COORDINATOR))
    assert answer.headers["Location"] == "/konto/login/"
    assert "_auth_user_id" not in client.session
    assert held_roles(get_user_model().objects.get(pk=user.pk)) == {Role.EDITOR, Role.COORDINATOR}
