"""Around every request: headers, policy, language, errors as pages or JSON, health, figures, logs."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from nordlotse.answers.memory import memory
from nordlotse.foundation.problem import BadInput
from nordlotse.journey import actions
from nordlotse.web import metrics, views
from nordlotse.web.limits import LIMITS
from nordlotse.web.logs import Impersonal, KeyValue
from nordlotse.web.models import Heartbeat
from tests.web.world import signed_in

pytestmark = pytest.mark.django_db

PLACES = [
    "/",
    "/en/",
    "/wissen/",
    "/foerderung/",
    "/konto/login/",
    "/nothing/",
    "/api/v1/openapi.json",
    "/health/live",
    "/desk/",
]


@pytest.mark.parametrize("path", PLACES)
def test_every_answer_carries_the_security_headers(path: str) -> None:
    response = Client().get(path)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"]
    assert "no-store" in response["Cache-Control"] or "no-cache" in response["Cache-Control"]


@pytest.mark.parametrize("path", PLACES)
def test_the_content_policy_names_no_foreign_origin_and_allows_nothing_inline(path: str) -> None:
    rules = dict(r.strip().split(" ", 1) for r in Client().get(path)["Content-Security-Policy"].split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    for name, allowed in rules.items():
        extra = {"data:"} if name == "img-src" else set()
        assert set(allowed.split()) <= {"'self'", "'none'"} | extra, name


@pytest.mark.parametrize("path", ["/", "/en/", "/wissen/", "/foerderung/", "/desk/", "/konto/login/"])
def test_a_page_sets_no_cookie_before_somebody_signs_in_or_sends_a_form(path: str) -> None:
    assert set(Client().get(path).cookies) <= {"csrftoken"}


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/", "de"),
        ("/en/", "en"),
        ("/en/wissen/", "en"),
        ("/wissen/", "de"),
        ("/nothing/", "de"),
        ("/en/nothing/", "en"),
    ],
)
def test_the_address_alone_decides_the_language(path: str, code: str) -> None:
    response = Client(HTTP_ACCEPT_LANGUAGE="fr, en;q=0.5, de;q=0.1").get(path)
    assert response["Content-Language"] == code
    assert f'<html lang="{code}"' in response.content.decode()


def test_a_problem_is_a_page_with_its_remedy_in_the_language_of_the_address() -> None:
    german, english = Client().get("/wissen/gibt-es-nicht/"), Client().get("/en/wissen/gibt-es-nicht/")
    assert german.status_code == english.status_code == 404
    assert "Diesen Artikel gibt es nicht." in german.content.decode()
    assert "There is no such article." in english.content.decode()


def test_an_unknown_address_is_a_page_and_below_the_interface_json() -> None:
    assert "<html" in Client().get("/nothing/").content.decode()
    assert Client().get("/api/v1/nothing").json()["error"]["code"] == "nothing_here"


def test_a_failure_shows_a_page_that_says_nothing_about_the_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    from nordlotse.journey import queries

    def broken(inquiry_id: str) -> None:
        raise RuntimeError("planted secret")

    monkeypatch.setattr(queries, "inquiry", broken)
    response = Client(raise_request_exception=False).get("/antwort/abc/")
    assert response.status_code == 500
    assert "planted" not in response.content.decode() and "Traceback" not in response.content.decode()


@pytest.mark.parametrize(("path", "status"), [("/fragen/", 413), ("/rueckmeldung/x/", 413)])
def test_a_giant_form_is_told_as_a_page(path: str, status: int) -> None:
    response = Client().post(path, {"question": "x" * 400_000})
    assert response.status_code == status
    assert "<html" in response.content.decode()


def test_a_host_name_that_is_not_ours_is_refused() -> None:
    response = Client().get("/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert "evil.example" not in response.content.decode()


def test_ready_says_503_until_the_knowledge_is_loaded_and_then_200(monkeypatch: pytest.MonkeyPatch) -> None:
    memory.current()
    assert Client().get("/health/ready").status_code == 200
    monkeypatch.setattr(memory, "_snapshot", None)
    response = Client().get("/health/ready")
    assert (response.status_code, response.json()["knowledge"]) == (503, False)
    assert Client().get("/health/live").status_code == 200


def test_ready_says_503_while_tables_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    memory.current()
    monkeypatch.setattr(views, "_tables", {})
    monkeypatch.setattr(views.database, "waiting", lambda: (["web.0002"], []))
    response = Client().get("/health/ready")
    assert (response.status_code, response.json()["tables"]) == (503, False)


@pytest.mark.parametrize(("seconds", "fresh"), [(5, True), (61, False)])
def test_ready_tells_whether_the_worker_lives_but_answers_do_not_need_it(seconds: int, fresh: bool) -> None:
    memory.current()
    Heartbeat.objects.create(name="worker", beat_at=timezone.now() - timedelta(seconds=seconds))
    response = Client().get("/health/ready")
    assert (response.status_code, response.json()["worker"]) == (200, fresh)


def test_figures_are_given_to_this_machine_only() -> None:
    assert Client().get("/metrics").status_code == 200
    for foreign in ({"REMOTE_ADDR": "203.0.113.9"}, {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}):
        assert Client().get("/metrics", **foreign).status_code == 403  # type: ignore[arg-type]


def _value(line: str) -> float:
    body = metrics.exposition().decode()
    found = re.search(rf"^{re.escape(line)} ([\d.e+]+)$", body, flags=re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_answers_and_requests_are_counted_by_route_and_never_by_address() -> None:
    line = 'nordlotse_requests_total{method="GET",route="de:article",status="404"}'
    before, answers = _value(line), _value("nordlotse_answer_seconds_count")
    Client().get("/wissen/geheime-firma/")
    actions.ask("Was ist OEE?", store=False)
    assert _value(line) == before + 1
    assert _value("nordlotse_answer_seconds_count") == answers + 1
    assert "geheime-firma" not in metrics.exposition().decode()


def test_an_invented_method_does_not_grow_the_table_of_figures() -> None:
    Client().generic("BREW", "/")
    assert 'method="other"' in metrics.exposition().decode()
    assert "BREW" not in metrics.exposition().decode()


def _logged(name: str, message: str, *args: object, error: BaseException | None = None, **extra: Any) -> str:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord(name, logging.ERROR, __file__, 1, message, args, info)
    vars(record).update(extra)
    Impersonal().filter(record)
    return KeyValue().format(record)


@pytest.mark.parametrize(
    ("name", "message", "secret"),
    [
        ("x", "asked /suche/?q=Klabautermann", "Klabautermann"),
        ("x", "mail to erika@werft.example failed", "erika"),
        ("x", "GET /anmelden/abcDEF123/ 200", "abcDEF123"),
        ("x", "GET /antwort/qwertz/blatt/", "qwertz"),
        ("x", "GET /druck/aB3dE6gH9jK2mN5pQ8rS1tU4/ansicht.bin", "aB3dE6gH9"),
        ("x", "GET /en/druck/geteilt/aB3dE6gH9jK2mN5pQ8rS1tU4/", "aB3dE6gH9"),
        ("x", "GET /druck/werkstatt/aB3dE6gH9jK2mN5pQ8rS1tU4/", "aB3dE6gH9"),
        ("x", "GET /druck/liste/aB3dE6gH9jK2mN5pQ8rS1tU4/ergebnis.csv", "aB3dE6gH9"),
        ("x", "GET /betrieb/teil/aB3dE6gH9jK2mN5pQ8rS1tU4/", "aB3dE6gH9"),
        ("django.request", "Not Found: /Klabautermann/", "Klabautermann"),
        ("django.security.csrf", "Forbidden: /anmelden/abcDEF123/", "abcDEF123"),
        ("django.security.DisallowedHost", "Invalid HTTP_HOST header: 'erika.example'", "erika"),
    ],
)
def test_a_log_line_leaves_out_what_points_to_a_person(name: str, message: str, secret: str) -> None:
    assert secret not in _logged(name, message, status_code=404)


def test_a_traceback_shows_where_but_not_what_was_typed() -> None:
    try:
        int("Klabautermann fragt")
    except ValueError as error:
        line = _logged("x", "failed", error=error)
    assert "ValueError" in line and "test_middleware.py" in line
    assert "Klabautermann" not in line


def test_a_traceback_keeps_the_message_of_the_house_s_own_problems() -> None:
    assert "setting_wrong" in _logged("x", "failed", error=BadInput("setting_wrong", de="a", en="b"))


def test_a_log_line_is_one_line_whatever_stands_in_it() -> None:
    line = _logged("x", 'a\nlevel=INFO message="forged"')
    assert "\n" not in line
    assert line.count('"') == 2


def test_security_txt_appears_once_an_operator_has_entered_a_contact() -> None:
    from nordlotse.journey.models import Operator

    assert Client().get("/.well-known/security.txt").status_code == 404
    Operator.objects.create(pk=1, mail="sicherheit@zentrum.example")
    body = Client().get("/.well-known/security.txt").content.decode()
    assert "Contact: mailto:sicherheit@zentrum.example" in body
    expires = re.search(r"Expires: (\S+)Z", body)
    assert expires is not None and expires[1] > f"{timezone.now() + timedelta(days=100):%Y-%m-%d}"


def test_with_an_https_address_plain_requests_are_led_there_and_cookies_are_secure() -> None:
    """The settings for it are made in a process of their own; see test_deploy.py."""
    assert replace(settings.CONFIGURATION, public_url="https://x.example").secure


@pytest.mark.parametrize(
    "path", ["/", "/en/", "/wissen/", "/foerderung/", "/health/live", "/robots.txt", "/konto/login/"]
)
def test_a_monitor_may_ask_with_head_wherever_a_page_can_be_read(path: str) -> None:
    response = Client().head(path)
    assert (response.status_code, response.content) == (200, b"")
    assert int(response["Content-Length"]) > 0


def test_head_counts_into_the_limit_of_get() -> None:
    (rule,) = (r for r in LIMITS if r.name == "search")
    assert rule.applies("HEAD", "/suche/")


@pytest.mark.parametrize(
    "place",
    ["/desk/faelle/?topic=%00", "/desk/betriebe/?q=%00", "/gespraech/?termin=%00", "/desk/leistungen/neu/?fall=%00"],
)
def test_a_character_no_text_can_hold_breaks_no_page_on_either_database(place: str) -> None:
    client = signed_in("administrator")
    client.raise_request_exception = False
    assert client.get(place).status_code in (200, 404, 422)
