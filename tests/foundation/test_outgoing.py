"""The only door to the outside: shut by default, opened only by name, never to an internal address by accident."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from nordlotse.foundation import outgoing
from nordlotse.foundation.problem import BadInput, NotAllowed, NotAvailable, Problem


class _Far(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.startswith("/redirect"):
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/")
            self.end_headers()
        elif self.path == "/large":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"x" * 2000)
        elif self.path == "/slow":
            time.sleep(1)
        elif self.path == "/drip":
            self.send_response(200)
            self.end_headers()
            for _ in range(40):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.1)
        else:
            self.send_response(200)
            self.send_header("X-Asked", f"{self.headers['Host']} {self.path}")
            self.end_headers()
            self.wfile.write(b"hello")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def far() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Far)
    server.handle_error = lambda request, address: None  # type: ignore[method-assign] # clients leave early on purpose
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def _refused(url: str, allowed: tuple[str, ...], kind: type[Problem], **more: float) -> Problem:
    with pytest.raises(kind) as caught:
        outgoing.request("GET", url, allowed=allowed, **more)  # type: ignore[arg-type]
    assert caught.value.message_de and caught.value.remedy_de
    return caught.value


def test_by_default_nothing_goes_out(far: int) -> None:
    assert _refused(f"http://127.0.0.1:{far}/", (), NotAllowed).code == "outgoing_not_listed"


def test_a_listed_target_is_reached_with_its_host_and_query(far: int) -> None:
    reply = outgoing.request("GET", f"http://127.0.0.1:{far}/a?b=c", allowed=(f"127.0.0.1:{far}",))
    assert (reply.status, reply.body, reply.headers["x-asked"]) == (200, b"hello", f"127.0.0.1:{far} /a?b=c")


def test_another_port_of_a_listed_host_is_refused(far: int) -> None:
    assert _refused(f"http://127.0.0.1:{far}/", (f"127.0.0.1:{far + 1}",), NotAllowed).code == "outgoing_not_listed"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.5",
        "192.168.1.1",
        "169.254.169.254",
        "::1",
        "fd00::1",
        "0.0.0.0",
        "224.0.0.1",
        "::ffff:127.0.0.1",
        "100.64.0.1",
    ],
)
def test_a_listed_name_that_points_to_an_internal_address_is_refused(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: [(2, 1, 6, "", (address, 80))])
    assert _refused("http://models.example/", ("models.example:80",), NotAllowed).code == "outgoing_private_address"


def test_one_internal_address_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(2, 1, 6, "", ("93.184.215.14", 80)), (2, 1, 6, "", ("10.0.0.1", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: rows)
    assert _refused("http://models.example/", ("models.example:80",), NotAllowed).code == "outgoing_private_address"


def test_the_connection_goes_to_the_checked_address_and_not_to_a_second_look_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    went: list[tuple[str, int]] = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        went.append(address)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: [(2, 1, 6, "", ("93.184.215.14", 80))])
    monkeypatch.setattr(socket, "create_connection", connect)
    _refused("http://models.example/", ("models.example:80",), NotAvailable)
    assert went == [("93.184.215.14", 80)]


def test_a_redirect_is_not_followed(far: int) -> None:
    assert _refused(f"http://127.0.0.1:{far}/redirect", (f"127.0.0.1:{far}",), NotAllowed).code == "outgoing_redirect"


def test_an_answer_larger_than_the_limit_is_refused(far: int) -> None:
    assert (
        _refused(f"http://127.0.0.1:{far}/large", (f"127.0.0.1:{far}",), NotAvailable, max_bytes=1999).code
        == "outgoing_too_large"
    )


@pytest.mark.parametrize("path", ["/slow", "/drip"])
def test_a_slow_answer_is_given_up_within_the_time(far: int, path: str) -> None:
    start = time.monotonic()
    assert (
        _refused(f"http://127.0.0.1:{far}{path}", (f"127.0.0.1:{far}",), NotAvailable, timeout=0.4).code
        == "outgoing_failed"
    )
    assert time.monotonic() - start < 1.0


def test_an_unknown_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*a: object, **k: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert _refused("http://nowhere.example/", ("nowhere.example:80",), NotAvailable).code == "outgoing_unknown_host"


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://x:21/", "gopher://x:70/", "http://", "", "http://a:99999/", "http://[::1/"]
)
def test_only_http_addresses_are_usable(url: str) -> None:
    assert _refused(url, ("x:21", "x:70"), BadInput).code == "outgoing_address"


@pytest.mark.parametrize(
    "url", ["http://models.example\r\nX: y/", "http://models.example/a b", "http://models.example/\r\nHost: x"]
)
def test_a_line_break_in_an_address_never_becomes_a_second_header(url: str) -> None:
    assert _refused(url, ("models.example:80",), BadInput).code == "outgoing_address"
