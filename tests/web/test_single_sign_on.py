"""This installation as a sign-in service for a forum, and as the guest of one: code with PKCE, tokens, who it is.

The service asked is our own, over a real connection to a live server on this machine.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from allauth.account.models import EmailAddress
from allauth.idp.oidc.models import Client as Forum
from allauth.idp.oidc.models import Token
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client, override_settings

from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.web import configuration, single_sign_on
from nordlotse.web.adapters import SignInServices
from tests.web.world import person_of

BACK = "https://forum.example/auth/oidc/callback"
ADDRESS = "hinnerk@kahn.example"


@pytest.fixture
def person(db: None) -> Any:
    """Somebody of a company with a proved address."""
    cache.clear()
    user = get_user_model().objects.create_user("m-1", email=ADDRESS)
    EmailAddress.objects.create(user=user, email=ADDRESS, verified=True, primary=True)
    return user


def inside(user: Any) -> Client:
    """Return the browser of somebody signed in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def question(forum: str, verifier: str = "", **more: str) -> str:
    """Return the address a forum sends people to."""
    asked = {
        "response_type": "code",
        "client_id": forum,
        "redirect_uri": BACK,
        "scope": "openid email profile",
        "state": "s",
    }
    if verifier:
        hashed = hashlib.sha256(verifier.encode()).digest()
        asked |= {
            "code_challenge": base64.urlsafe_b64encode(hashed).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
    return "/identity/o/authorize?" + urlencode(asked | more)


def agreed(browser: Client, address: str) -> str:
    """Agree as a person would and return where the browser is sent."""
    page = browser.get(address)
    form = page.context["form"]
    sent = {"request": form.initial["request"], "scopes": form.fields["scopes"].initial, "action": "grant"}
    answer = browser.post("/identity/o/authorize", sent)
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def given(address: str) -> dict[str, str]:
    """Return the query of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def traded(forum: str, secret: str, code: str, verifier: str) -> Any:
    """Trade a code for tokens, as the forum's server would."""
    sent = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
        "client_id": forum,
        "client_secret": secret,
        "code_verifier": verifier,
    }
    return Client().post("/identity/o/api/token", sent)


def test_a_forum_signs_somebody_in_with_code_and_pkce_and_learns_number_and_address(person: Any) -> None:
    forum, secret = single_sign_on.add_client("Forum", [BACK])
    verifier = secrets.token_urlsafe(48)
    sent = agreed(inside(person), question(forum, verifier))
    assert sent.startswith(BACK)
    assert given(sent)["state"] == "s"
    tokens = traded(forum, secret, given(sent)["code"], verifier).json()
    claims = (
        Client().get("/identity/o/api/userinfo", headers={"authorization": f"Bearer {tokens['access_token']}"}).json()
    )
    assert (claims["sub"], claims["email"], claims["email_verified"]) == (str(person.pk), ADDRESS, True)


def test_the_signature_of_the_identity_can_be_checked_with_the_published_key(person: Any) -> None:
    forum, secret = single_sign_on.add_client("Forum", [BACK])
    verifier = secrets.token_urlsafe(48)
    code = given(agreed(inside(person), question(forum, verifier, nonce="n-1")))["code"]
    token = traded(forum, secret, code, verifier).json()["id_token"]
    keys = Client().get("/.well-known/jwks.json").json()["keys"]
    key = jwt.PyJWK.from_dict(keys[0]).key
    claims = jwt.decode(token, key, algorithms=["RS256"], audience=forum, issuer="http://localhost:8000")
    assert (claims["sub"], claims["nonce"]) == (str(person.pk), "n-1")


@pytest.mark.parametrize("wrong", ["verifier", "secret", "twice"])
def test_a_code_is_worth_nothing_without_its_proof_or_a_second_time(person: Any, wrong: str) -> None:
    forum, secret = single_sign_on.add_client("Forum", [BACK])
    verifier = secrets.token_urlsafe(48)
    code = given(agreed(inside(person), question(forum, verifier)))["code"]
    if wrong == "twice":
        assert traded(forum, secret, code, verifier).status_code == 200
    answer = traded(
        forum, "another" if wrong == "secret" else secret, code, "x" * 64 if wrong == "verifier" else verifier
    )
    assert answer.status_code in (400, 401)
    assert "access_token" not in answer.json()


def test_whoever_says_no_is_sent_back_without_a_code(person: Any) -> None:
    forum, _ = single_sign_on.add_client("Forum", [BACK])
    browser = inside(person)
    form = browser.get(question(forum, "v" * 48)).context["form"]
    answer = browser.post("/identity/o/authorize", {"request": form.initial["request"], "action": "cancel"})
    assert given(answer.headers["Location"])["error"] == "access_denied"
    assert not Token.objects.exists()


@pytest.mark.django_db
def test_a_visitor_signs_in_first_and_comes_back_to_the_question() -> None:
    forum, _ = single_sign_on.add_client("Forum", [BACK])
    answer = Client().get(question(forum, "v" * 48))
    assert answer.headers["Location"].startswith("/konto/login/code/?next=/identity/o/authorize%3F")


def test_an_unknown_forum_or_another_way_back_is_told_on_our_page_and_nobody_is_sent_away(person: Any) -> None:
    forum, _ = single_sign_on.add_client("Forum", [BACK])
    for address in (question("unknown"), question(forum, "v" * 48, redirect_uri="https://evil.example/")):
        answer = inside(person).get(address)
        assert "Location" not in answer.headers
        assert "Diese Anmeldung geht nicht" in answer.content.decode()


def test_a_person_of_the_centre_needs_the_second_step_for_the_forum_too(person: Any) -> None:
    forum, _ = single_sign_on.add_client("Forum", [BACK])
    assert inside(person_of("coordinator")).get(question(forum)).headers["Location"] == "/meine-anmeldung/"


def test_the_page_that_asks_lets_its_form_lead_to_the_forum_and_no_other_page_does(person: Any) -> None:
    forum, _ = single_sign_on.add_client("Forum", [BACK])
    browser = inside(person)
    policy = browser.get(question(forum, "v" * 48)).headers["Content-Security-Policy"]
    assert "form-action 'self' https://forum.example" in policy
    assert "forum.example" not in browser.get("/wissen/").headers["Content-Security-Policy"]


@pytest.mark.django_db
def test_the_secret_of_a_forum_is_kept_as_a_hash_only() -> None:
    forum, secret = single_sign_on.add_client("Forum", [BACK])
    assert secret not in Forum.objects.get(pk=forum).secret
    assert single_sign_on.clients() == [(forum, "Forum", BACK)]
    single_sign_on.remove_client(forum)
    with pytest.raises(NotFound):
        single_sign_on.remove_client(forum)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["http://forum.example/", "https://*.example/", "javascript:alert(1)", "forum", ""])
def test_a_way_back_that_others_could_read_is_refused(address: str) -> None:
    with pytest.raises(BadInput):
        single_sign_on.add_client("Forum", [address])


@pytest.mark.django_db
def test_the_description_of_the_service_names_our_address_as_issuer() -> None:
    told = Client().get("/.well-known/openid-configuration").json()
    assert told["issuer"] == "http://localhost:8000"
    assert told["authorization_endpoint"].endswith("/identity/o/authorize")


# ---- as a guest: people sign in here with a service the operator named ----


@pytest.fixture
def service(live_server: Any, settings: Any) -> Iterator[str]:
    """Our own provider on a live server, named as the sign-in service of this installation."""
    cache.clear()
    host = "http://localhost/konto/oidc/dienst/login/callback/"
    forum, secret = single_sign_on.add_client("We ourselves", [host])
    named = configuration.SignInService("Hausdienst", live_server.url, forum, secret)
    settings.CONFIGURATION = replace(settings.CONFIGURATION, oidc=named, public_url=live_server.url)
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver", "127.0.0.1"]
    app = {
        "provider_id": "dienst",
        "name": named.name,
        "client_id": forum,
        "secret": secret,
        "settings": {"server_url": named.issuer},
    }
    with override_settings(SOCIALACCOUNT_PROVIDERS={"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}):
        yield forum


def through(service: str, person: Any) -> tuple[Client, Any]:
    """Go to the service, agree there, come back; return the guest's browser and its last answer."""
    guest = Client(headers={"host": "localhost"})
    assert "Mit Hausdienst anmelden" in guest.get("/konto/login/code/").content.decode()
    away = guest.post("/konto/oidc/dienst/login/").headers["Location"]
    assert given(away)["code_challenge_method"] == "S256"
    parts = urlsplit(away)
    back = urlsplit(agreed(inside(person), f"{parts.path}?{parts.query}"))
    return guest, guest.get(f"{back.path}?{back.query}")


def test_somebody_signs_in_with_the_service_and_is_the_same_person(
    transactional_db: None, person: Any, service: str
) -> None:
    guest, answer = through(service, person)
    assert answer.status_code == 302
    assert guest.session["_auth_user_id"] == str(person.pk)
    assert SocialAccount.objects.get().uid == str(person.pk)


def test_an_address_the_service_has_not_verified_opens_no_account(
    transactional_db: None, person: Any, service: str
) -> None:
    EmailAddress.objects.update(verified=False)
    guest, _ = through(service, person)
    assert "_auth_user_id" not in guest.session


def test_the_second_step_is_asked_after_the_service_too(transactional_db: None, person: Any, service: str) -> None:
    from allauth.mfa.totp.internal import auth as totp

    totp.TOTP.activate(person, totp.generate_totp_secret())
    guest, answer = through(service, person)
    assert answer.headers["Location"].startswith("/konto/2fa/authenticate/")
    assert "_auth_user_id" not in guest.session


def test_the_service_is_asked_through_the_only_door_to_the_outside(
    live_server: Any, service: str, settings: Any
) -> None:
    import requests

    with SignInServices().get_requests_session() as session:
        assert session.get(f"{live_server.url}/.well-known/openid-configuration").json()["issuer"]
        for address in ("http://127.0.0.1:9/", "https://other.example/token", f"{live_server.url}/en"):
            with pytest.raises(requests.ConnectionError):  # not listed, or an answer that leads elsewhere
                session.get(address)


def test_a_service_that_does_not_answer_is_told_and_nobody_is_inside(db: None, service: str, settings: Any) -> None:
    silent = replace(settings.CONFIGURATION.oidc, issuer="http://127.0.0.1:9")
    settings.CONFIGURATION = replace(settings.CONFIGURATION, oidc=silent)
    apps = json.loads(json.dumps(settings.SOCIALACCOUNT_PROVIDERS))
    apps["openid_connect"]["APPS"][0]["settings"]["server_url"] = silent.issuer
    with override_settings(SOCIALACCOUNT_PROVIDERS=apps):
        answer = Client(headers={"host": "localhost"}).post("/konto/oidc/dienst/login/")
    assert "Die Anmeldung hat nicht geklappt" in answer.content.decode()


def test_the_setting_names_one_service_and_never_shows_its_secret() -> None:
    read = configuration.read({"NORDLOTSE_OIDC": "Haus|https://id.example/realm/|nordlotse|ge|heim"})
    assert read.oidc is not None
    assert (read.oidc.issuer, read.oidc.secret, read.oidc.target) == (
        "https://id.example/realm",
        "ge|heim",
        "id.example:443",
    )
    assert "heim" not in repr(read)
    for value in ("Haus", "Haus|http://id.example|a|geheim", "Haus|ftp://id.example|a|geheim", "|https://x|a|geheim"):
        with pytest.raises(configuration.WrongCall) as caught:
            configuration.read({"NORDLOTSE_OIDC": value})
        assert "geheim" not in str(caught.value.as_dict())


def test_without_the_setting_there_is_no_service() -> None:
    assert configuration.read({}).oidc is None
    assert settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"] == []
