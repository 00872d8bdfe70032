"""Rate limits: a burst is allowed, then a refill; by the client's true address; English addresses count too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from nordlotse.web import limits
from nordlotse.web.limits import LIMITS, Limiter, Rule, limiter
from nordlotse.web.network import client_address, is_loopback, limited_address

RULE = Rule("t", frozenset({"POST"}), ("/x/",), per_minute=60, burst=3)


def test_a_burst_passes_and_the_next_request_waits_until_the_refill() -> None:
    limiter = Limiter()
    assert [limiter.wait_seconds(RULE, "a", now=0) for _ in range(3)] == [0, 0, 0]
    assert limiter.wait_seconds(RULE, "a", now=0) == pytest.approx(1)
    assert limiter.wait_seconds(RULE, "a", now=0.5) == pytest.approx(0.5)
    assert limiter.wait_seconds(RULE, "a", now=1.0) == 0


def test_a_long_rest_fills_the_bucket_only_up_to_the_burst() -> None:
    limiter = Limiter()
    limiter.wait_seconds(RULE, "a", now=0)
    assert [limiter.wait_seconds(RULE, "a", now=9999) > 0 for _ in range(5)] == [False, False, False, True, True]


def test_addresses_and_rules_are_counted_apart() -> None:
    limiter = Limiter()
    for _ in range(3):
        limiter.wait_seconds(RULE, "a", now=0)
    assert limiter.wait_seconds(RULE, "b", now=0) == 0
    assert limiter.wait_seconds(replace(RULE, name="u"), "a", now=0) == 0


def test_the_table_never_grows_beyond_its_capacity() -> None:
    limiter = Limiter(capacity=10)
    for n in range(1000):
        limiter.wait_seconds(RULE, str(n), now=0)
    assert len(limiter._buckets) == 10


@given(st.lists(st.floats(0, 5), max_size=60))
def test_in_any_rhythm_no_more_pass_than_burst_plus_refill(gaps: list[float]) -> None:
    limiter, now, passed = Limiter(), 0.0, 0
    for gap in gaps:
        now += gap
        passed += limiter.wait_seconds(RULE, "a", now=now) == 0
    assert passed <= RULE.burst + now * RULE.per_minute / 60 + 1e-6


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(settings, "CONFIGURATION", replace(settings.CONFIGURATION, rate_limit=True))
    limiter.clear()
    yield
    limiter.clear()


def _drain(client: Client, path: str, method: str = "get", most: int = 200, **more: Any) -> Any:
    """Ask until refused, at most `most` times; the request itself may be nonsense, it counts all the same."""
    for _ in range(most):
        response = getattr(client, method)(path, **more)
        if response.status_code == 429:
            return response
    return None


@pytest.mark.django_db
@pytest.mark.parametrize("rule", LIMITS, ids=lambda r: r.name)
def test_each_limit_refuses_at_last_and_says_when_to_come_back(
    limited: None, rule: Rule, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "time", SimpleNamespace(monotonic=lambda: 1000.0))  # nothing comes back meanwhile
    for prefix in rule.prefixes:
        limiter.clear()
        path = prefix if prefix.startswith("/api/") else f"{prefix}x{rule.endings[0] or '/'}"
        response = _drain(Client(), path, sorted(rule.methods)[-1].lower(), rule.burst + 1)
        assert response is not None, prefix
        assert int(response["Retry-After"]) >= 1


@pytest.mark.django_db
def test_the_interface_refuses_in_json(limited: None) -> None:
    response = _drain(Client(), "/api/v1/ask", "post", data="{", content_type="application/json")
    error = response.json()["error"]
    assert error["code"] == "too_many_requests"
    assert set(error) == {"code", "message_de", "message_en", "where", "remedy"}


@pytest.mark.django_db
def test_english_addresses_count_into_the_same_limit(limited: None) -> None:
    client = Client()
    assert _drain(client, "/suche/") is not None
    response = client.get("/en/suche/")
    assert response.status_code == 429
    assert b"Too many requests" in response.content


@pytest.mark.django_db
def test_reading_pages_is_never_limited(limited: None) -> None:
    client = Client()
    assert all(client.get("/robots.txt").status_code == 200 for _ in range(150))


def _request(remote: str, forwarded: str = "", **headers: str) -> Any:
    if forwarded:
        headers["HTTP_X_FORWARDED_FOR"] = forwarded
    return RequestFactory().get("/", REMOTE_ADDR=remote, **headers)  # type: ignore[arg-type]


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        settings, "CONFIGURATION", replace(settings.CONFIGURATION, trusted_proxies=("10.0.0.0/8", "::1/128"))
    )


def test_without_named_proxies_the_forwarded_header_is_not_believed() -> None:
    assert client_address(_request("203.0.113.9", "198.51.100.1")) == "203.0.113.9"


@pytest.mark.parametrize(
    ("remote", "forwarded", "client"),
    [
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "evil", "evil"),
    ],
)
def test_behind_a_named_proxy_the_last_hop_not_ours_is_the_client(
    proxied: None, remote: str, forwarded: str, client: str
) -> None:
    assert client_address(_request(remote, forwarded)) == client


def test_an_invented_first_hop_does_not_escape_the_limit(proxied: None) -> None:
    seen = {limited_address(_request("10.0.0.1", f"{n}.{n}.{n}.{n}, 198.51.100.1")) for n in range(1, 50)}
    assert seen == {"198.51.100.1"}


def test_all_addresses_of_one_ipv6_customer_share_a_bucket() -> None:
    assert len({limited_address(_request(f"2001:db8:1:2::{n:x}")) for n in range(1, 50)}) == 1
    assert limited_address(_request("2001:db8:1:3::1")) != limited_address(_request("2001:db8:1:2::1"))
    assert limited_address(_request("::ffff:192.0.2.7")) == "192.0.2.7"


@pytest.mark.parametrize(
    ("request_", "local"),
    [
        (_request("127.0.0.1", HTTP_HOST="localhost:8000"), True),
        (_request("::1", HTTP_HOST="[::1]:8000"), True),
        (_request("127.0.0.1", HTTP_HOST="127.0.0.1"), True),
        (_request("127.0.0.1", "198.51.100.1", HTTP_HOST="localhost"), False),
        (_request("127.0.0.1", HTTP_HOST="lotse.example"), False),
        (_request("127.0.0.1", HTTP_HOST="localhost", HTTP_X_REAL_IP="198.51.100.1"), False),
        (_request("127.0.0.1", HTTP_HOST="localhost", HTTP_VIA="1.1 proxy"), False),
        (_request("192.168.0.7", HTTP_HOST="localhost"), False),
        (_request("x", HTTP_HOST="localhost"), False),
    ],
)
def test_only_a_direct_request_from_this_machine_is_local(request_: Any, local: bool) -> None:
    assert is_loopback(request_) is local
