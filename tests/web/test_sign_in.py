"""Companies sign in by a mailed code: address, code, inside; nobody learns from outside which addresses have an account."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from nordlotse.journey.models import Company, Membership
from nordlotse.office.models import OutgoingMail
from nordlotse.web import accounts
from nordlotse.web.landing import landing
from tests.web.world import person_of

pytestmark = pytest.mark.django_db

ADDRESS = "hinnerk@kahn.example"


@pytest.fixture(autouse=True)
def rested() -> None:
    """Limits of the accounts package begin anew."""
    cache.clear()


def mailed_code() -> str:
    """Return the code of the newest mail in the outbox."""
    found = re.search(r"^ {4}(\S+)$", OutgoingMail.objects.latest("pk").text, flags=re.MULTILINE)
    assert found is not None
    return found[1]


def signed_up(client: Client, address: str = ADDRESS, lang: str = "de") -> Any:
    """Make an account as a person would and return the last answer."""
    client.get(f"/konto/signup/?lang={lang}")
    assert client.post("/konto/signup/", {"email": address}).headers["Location"] == "/konto/confirm-email/"
    return client.post("/konto/confirm-email/", {"code": mailed_code()})


def test_an_address_and_a_code_make_an_account_and_nothing_else_is_asked(client: Client) -> None:
    page = client.get("/konto/signup/")
    assert list(page.context["form"].fields) == ["email"]
    assert "Wir speichern Ihre E-Mail-Adresse" in page.content.decode()
    assert signed_up(client).status_code == 302
    user = get_user_model().objects.get(email=ADDRESS)
    assert client.session["_auth_user_id"] == str(user.pk)
    assert not user.has_usable_password()
    assert re.fullmatch(r"m-[0-9a-f]{12}", user.username)
    assert EmailAddress.objects.get(user=user).verified


def test_before_the_code_is_typed_nobody_is_inside(client: Client) -> None:
    client.post("/konto/signup/", {"email": ADDRESS})
    assert "_auth_user_id" not in client.session
    assert client.post("/konto/confirm-email/", {"code": "WRONG-CODE"}).status_code == 200
    assert "_auth_user_id" not in client.session


def test_with_an_account_the_code_is_enough(client: Client) -> None:
    signed_up(Client())
    asked = client.post("/konto/login/code/", {"email": ADDRESS.upper()})
    assert asked.headers["Location"] == "/konto/login/code/confirm/"
    assert client.post("/konto/login/code/confirm/", {"code": mailed_code()}).status_code == 302
    assert client.session["_auth_user_id"]


def test_a_code_works_once_and_three_wrong_ones_end_it(client: Client) -> None:
    signed_up(Client())
    client.post("/konto/login/code/", {"email": ADDRESS})
    code = mailed_code()
    for _ in range(3):
        client.post("/konto/login/code/confirm/", {"code": "AAAA-AAAA"})
    assert client.post("/konto/login/code/confirm/", {"code": code}).headers["Location"].startswith("/konto/login/")
    assert "_auth_user_id" not in client.session


def test_a_code_of_one_browser_opens_no_other(client: Client) -> None:
    signed_up(Client())
    client.post("/konto/login/code/", {"email": ADDRESS})
    other = Client()
    other.post("/konto/login/code/confirm/", {"code": mailed_code()})
    assert "_auth_user_id" not in other.session


def test_a_known_and_an_unknown_address_get_the_same_answers() -> None:
    signed_up(Client())
    pages = []
    for address in (ADDRESS, "niemand@kahn.example"):
        cache.clear()
        client = Client()
        asked = client.post("/konto/login/code/", {"email": address})
        shown = client.get("/konto/login/code/confirm/").content.decode().replace(address, "ADDRESS")
        joined = Client().post("/konto/signup/", {"email": address})
        pages.append((asked.status_code, asked.headers["Location"], _plain(shown), joined.headers["Location"]))
    assert pages[0] == pages[1]


def _plain(page: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)


def test_the_mail_says_what_the_page_does_not(client: Client) -> None:
    client.post("/konto/login/code/", {"email": ADDRESS})
    cache.clear()
    told = OutgoingMail.objects.latest("pk")
    assert "kein Konto" in told.subject
    assert "http://localhost:8000/konto/signup/?lang=de" in told.text
    signed_up(Client())
    cache.clear()
    Client().post("/konto/signup/", {"email": ADDRESS})
    again = OutgoingMail.objects.latest("pk")
    assert "schon ein Konto" in again.subject
    assert "http://localhost:8000/konto/login/code/?lang=de" in again.text


def test_code_mails_are_secret_so_that_the_outbox_erases_them(client: Client) -> None:
    signed_up(client)
    row = OutgoingMail.objects.latest("pk")
    assert (row.secret, row.room, row.to) == (True, "web", ADDRESS)
    assert ADDRESS not in row.key


def test_the_mail_speaks_the_language_of_the_page(client: Client) -> None:
    signed_up(client, lang="en")
    assert OutgoingMail.objects.latest("pk").subject.startswith("Your code for Nordlotse")
    assert OutgoingMail.objects.latest("pk").lang == "en"


def test_too_many_codes_for_one_address_are_refused(client: Client) -> None:
    signed_up(Client())
    before = OutgoingMail.objects.count()
    for _ in range(6):
        Client().post("/konto/login/code/", {"email": ADDRESS})
    assert OutgoingMail.objects.count() - before == 3


def test_an_address_begun_but_never_proved_is_forgotten_after_a_day(client: Client) -> None:
    client.post("/konto/signup/", {"email": "begonnen@kahn.example"})
    signed_up(Client())
    assert accounts.forget_unfinished() == 0
    get_user_model().objects.update(date_joined=timezone.now() - timedelta(hours=25))
    assert accounts.forget_unfinished() == 1
    assert list(get_user_model().objects.values_list("email", flat=True)) == [ADDRESS]


@pytest.mark.parametrize(
    ("role", "place"),
    [("editor", "/desk/"), ("coordinator", "/desk/"), ("administrator", "/desk/"), ("member", "company")],
)
def test_everybody_begins_where_they_work(role: str, place: str) -> None:
    if role == "member":
        Membership.objects.create(company=Company.objects.create(name="Kahn"), user=person_of(role))
        assert landing(person_of(role)) in ("/betrieb/", "/")
    else:
        assert landing(person_of(role)) == place


def test_the_page_to_go_on_to_is_kept_through_the_code(client: Client) -> None:
    signed_up(Client())
    client.get("/konto/login/code/?next=/wissen/")
    asked = client.post("/konto/login/code/", {"email": ADDRESS, "next": "/wissen/"})
    answer = client.post(asked.headers["Location"], {"code": mailed_code(), "next": "/wissen/"})
    assert answer.headers["Location"] == "/wissen/"


def test_nobody_is_led_to_a_foreign_site(client: Client) -> None:
    signed_up(Client())
    client.post("/konto/login/code/", {"email": ADDRESS, "next": "https://evil.example/"})
    answer = client.post("/konto/login/code/confirm/", {"code": mailed_code(), "next": "https://evil.example/"})
    assert "evil" not in answer.headers["Location"]


def test_one_button_ends_all_other_sessions_and_only_one_s_own() -> None:
    first, second, stranger = Client(), Client(), Client()
    user = person_of("member")
    for browser, person in ((first, user), (second, user), (stranger, person_of("stranger"))):
        browser.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    assert first.post("/meine-anmeldung/").status_code == 302
    assert [b.get("/meine-anmeldung/").status_code for b in (first, second, stranger)] == [200, 302, 200]


def test_who_has_an_account_already_is_led_to_the_code_and_not_to_the_staffs_password(client: Client) -> None:
    page = client.get("/konto/signup/?next=/betrieb/").content.decode()
    link = re.search(r'href="([^"]+)">Ich habe schon ein Konto', page)
    assert link is not None
    assert link[1].startswith("/konto/login/code/") and "next=%2Fbetrieb%2F" in link[1]
