"""TLS of the listener, with certificates made here; a replaced one is taken for new connections, a broken one leaves the old."""

from __future__ import annotations

import datetime
import ipaddress
import shutil
import socket
import ssl
import subprocess
import time
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from nordlotse.cli import main
from nordlotse.foundation.problem import NotAvailable
from nordlotse.iot.core.mqtt.handshake import Handshake, network_of
from nordlotse.iot.core.mqtt.server import Limits
from nordlotse.iot.core.mqtt.tls import Certificate
from tests.iot.core.mqtt.listener import Listener, Raw, connect, until
from tests.iot.core.mqtt.test_clients import VERSIONS, Client


def make(folder: Path, name: str = "localhost", password: bytes | None = None) -> tuple[Path, Path]:
    """Write a certificate for this machine, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    locked = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    for path, content in (
        (folder / "mqtt.crt", made.public_bytes(serialization.Encoding.PEM)),
        (folder / "mqtt.key", key.private_bytes(serialization.Encoding.PEM, form, locked)),
    ):
        partial = path.with_suffix(".new")
        partial.write_bytes(content)
        partial.replace(path)
    return folder / "mqtt.crt", folder / "mqtt.key"


def shown(port: int) -> str:
    """Return the common name of the certificate a new connection is shown."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), 10) as sock, context.wrap_socket(sock) as wrapped:
        found = x509.load_der_x509_certificate(wrapped.getpeercert(binary_form=True) or b"")
        return str(found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


@pytest.mark.parametrize("version", VERSIONS)
def test_paho_publishes_over_tls_and_checks_the_certificate(tmp_path: Path, version: int) -> None:
    pair = make(tmp_path)
    with Listener(tmp_path / "iot", tls=pair) as listener:
        client = Client(listener.port, version)
        client.paho.tls_set(str(pair[0]))
        client.open()
        client.subscribe("Ofen/#")
        for k in range(200):
            client.paho.publish("Ofen/Grad", b"%d" % k, 1)
        client.send("Ofen/Grad", b"200", 2)
        assert listener.eventually("Ofen", "Grad", 201) == list(range(201))
        client.close()


def test_mosquitto_pub_publishes_over_tls(tmp_path: Path) -> None:
    tool = shutil.which("mosquitto_pub")
    if not tool:
        pytest.skip("mosquitto_pub is not installed (Debian package mosquitto-clients): this client stays untried here")
    pair = make(tmp_path)
    with Listener(tmp_path / "iot", tls=pair) as listener:
        where = ["-h", "127.0.0.1", "-p", str(listener.port), "--cafile", str(pair[0])]
        subprocess.run([tool, *where, "-t", "Ofen/Grad", "-m", "5", "-q", "1"], timeout=20, check=True)
        assert listener.eventually("Ofen", "Grad", 1) == [5.0]


def test_plain_text_and_old_versions_get_nowhere(tmp_path: Path) -> None:
    with Listener(tmp_path / "iot", tls=make(tmp_path)) as listener:
        with Raw(listener.port) as raw:
            raw.send(connect())
            assert raw.ended()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        with pytest.warns(DeprecationWarning):
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        with (
            pytest.raises((ssl.SSLError, ConnectionError)),
            socket.create_connection(("127.0.0.1", listener.port), 10) as sock,
        ):
            context.wrap_socket(sock)
        assert listener.server.counters.connections == 0


def test_a_replaced_certificate_is_shown_to_new_connections_and_old_ones_go_on(tmp_path: Path) -> None:
    pair = make(tmp_path, "first")
    with Listener(tmp_path / "iot", tls=pair) as listener:
        client = Client(listener.port, paho.MQTTv311)
        client.paho.tls_set(str(pair[0]))
        client.open()
        assert shown(listener.port) == "first"
        make(tmp_path, "second")
        listener.refresh()
        assert shown(listener.port) == "second"
        client.send("Ofen/Grad", b"1")
        pair[1].write_bytes(b"broken")
        listener.refresh()
        assert shown(listener.port) == "second"
        make(tmp_path, "third")
        listener.refresh()
        assert shown(listener.port) == "third"
        client.close()


def test_a_certificate_whose_key_is_not_there_yet_is_taken_when_it_is(tmp_path: Path) -> None:
    pair = make(tmp_path, "first")
    other = tmp_path / "other"
    other.mkdir()
    second = make(other, "second")
    held = Certificate(*pair)
    shutil.copy(second[0], pair[0])
    assert not held.refresh()
    shutil.copy(second[1], pair[1])
    assert held.refresh()
    assert not held.refresh()


def test_unusable_files_end_the_start_with_a_remedy(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    certificate, key = make(tmp_path)
    for pair in ((certificate, tmp_path / "none"), (key, certificate)):
        with pytest.raises(NotAvailable):
            Certificate(*pair)
    with pytest.raises(NotAvailable):
        Certificate(*make(tmp_path, password=b"secret"))  # nobody is asked on a terminal
    serve = ["iot", "serve", "--mqtt", "127.0.0.1:0", "--data", str(tmp_path / "iot")]
    assert main([*serve, "--tls-cert", str(certificate), "--tls-key", str(tmp_path / "none")]) == 4
    assert main([*serve, "--tls-cert", str(certificate)]) == 2
    assert "--tls-key" in capfd.readouterr().err
    assert not (tmp_path / "iot" / "log").exists()


def test_whoever_begins_tls_and_goes_silent_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nordlotse.iot.core.mqtt.server._HANDSHAKE", 0.2)
    with Listener(tmp_path / "iot", tls=make(tmp_path)) as listener, Raw(listener.port, 5) as raw:
        raw.send(b"\x16\x03\x01\x02\x00")
        assert raw.ended()


def test_serve_speaks_tls_by_its_setting(tmp_path: Path) -> None:
    from tests.iot.process import Serve

    certificate, key = make(tmp_path, "by setting")
    serve = Serve(tmp_path / "iot", NORDLOTSE_IOT_TLS=f"{certificate}:{key}")
    assert shown(serve.port) == "by setting"
    assert serve.stop() == 0


@pytest.mark.parametrize("bound", ["connections", "strangers", "handshakes", ""])
def test_half_open_handshakes_count_for_every_bound(tmp_path: Path, bound: str) -> None:
    limits = Limits(**{bound: 10}) if bound else Limits()
    with Listener(tmp_path / "iot", tls=make(tmp_path), limits=limits) as listener:
        held = [Raw(listener.port, 5) for _ in range(60)]
        many = 10 if bound else 60
        assert until(lambda: len(listener.server.open), lambda count: count == many) == many
        time.sleep(0.3)
        assert sum(not _left(raw) for raw in held) == many
        if bound in ("strangers", "handshakes"):
            assert not _left(held[-1]), "the first goes first"
            assert shown(listener.port), "and whoever comes later is let in"
        for raw in held:
            raw.socket.close()
        assert until(lambda: len(listener.server.open), lambda count: not count) == 0
        assert not listener.server._handshakes
        assert not listener.server.strangers


def _left(raw: Raw) -> bool:
    raw.socket.setblocking(False)
    try:
        return raw.socket.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


@pytest.mark.parametrize("kept", [True, False])
def test_what_comes_in_one_piece_with_the_end_of_the_handshake_is_read(
    tmp_path: Path, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not kept:
        monkeypatch.setattr(Handshake, "data_received", lambda self, data: None)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        Listener(tmp_path / "iot", tls=make(tmp_path)) as listener,
        socket.create_connection(("127.0.0.1", listener.port), 2) as sock,
    ):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        wrapped = context.wrap_bio(incoming, outgoing)
        while True:
            try:
                wrapped.do_handshake()
                break
            except ssl.SSLWantReadError:
                sock.sendall(outgoing.read())
                incoming.write(sock.recv(65_536))
        wrapped.write(connect())
        sock.sendall(outgoing.read())  # the last of the handshake and CONNECT
        answer = b""
        while not answer:
            try:
                answer = wrapped.read(4)
            except ssl.SSLWantReadError:
                try:
                    incoming.write(sock.recv(65_536))
                except TimeoutError:
                    break
        assert (answer[:1] == b"\x20") == kept


def test_one_customer_of_ipv6_is_one_address() -> None:
    assert network_of("2001:db8:1:2::3") == network_of("2001:db8:1:2:ffff::1") != network_of("2001:db8:1:3::3")
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1") != network_of("192.0.2.2")
    assert network_of("fe80::1%eth0") == network_of("fe80::2")
