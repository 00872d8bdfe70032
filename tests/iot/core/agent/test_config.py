"""The configuration: what it may say, and that an error says where and what to do."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from nordlotse.foundation.problem import BadInput, NotAllowed, NotAvailable, Problem
from nordlotse.iot.core.agent import allowed
from nordlotse.iot.core.agent.allowed import Target, checked
from nordlotse.iot.core.agent.config import Config
from nordlotse.iot.core.agent.examples import KINDS, example
from nordlotse.iot.core.agent.loading import language, load
from nordlotse.iot.core.snippets import PASSWORD_FILE, Connection, snippet

HEAD = """
serve = "mqtts://iot.example:8883"
allow = ["mqtts://iot.example:8883", "modbus://10.0.0.5:502", "opc.tcp://10.0.0.5:4840", "mqtt://10.0.0.6:1883"]
"""
MODBUS = '[[modbus]]\nurl = "modbus://10.0.0.5"\nmachine = "Säge"\n[[modbus.registers]]\nsignal = "a"\naddress = 1\n'
OPCUA = '[[opcua]]\nurl = "opc.tcp://10.0.0.5:4840/x"\nmachine = "F"\n[[opcua.nodes]]\nid = "ns=2;s=a"\nsignal = "a"\n'


def read(folder: Path, text: str) -> Config:
    path = folder / "agent.toml"
    path.write_text(text, "utf-8")
    return load(path)


@pytest.mark.parametrize("kind", KINDS)
def test_every_sample_is_read_once_the_brackets_are_filled_in(tmp_path: Path, kind: str) -> None:
    (tmp_path / "passwort.txt").write_text("geheim\n")
    text = example(kind).replace("<iot.ihr-zentrum.de>", "iot.example").replace("<benutzer>", "säge-1")
    made = read(tmp_path, text)
    assert (made.centre.login.user, made.centre.login.password) == ("säge-1", "geheim")
    assert made.folder == tmp_path / "puffer"
    assert len(made.opcua) + len(made.modbus) + len(made.brokers) + len(made.files) == 1


def test_a_register_takes_what_its_table_does_not_say_from_the_device(tmp_path: Path) -> None:
    (device,) = read(tmp_path, HEAD + MODBUS).modbus
    (one,) = device.registers
    assert (one.machine, one.place, one.type, one.words, one.period) == ("Säge", "holding", "uint16", "big", 1.0)
    assert (device.to.port, device.device) == (502, 1)


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("", "agent.toml allow", "allow fehlt"),
        (HEAD, "agent.toml", "nichts genannt"),
        (HEAD + MODBUS + "adress = 2", "[[modbus.registers]] 1: adress", "gibt es hier nicht"),
        (HEAD + MODBUS.replace("address = 1", 'address = "1"'), "[[modbus.registers]] 1: address", "eine Zahl"),
        (HEAD + MODBUS.replace("address = 1", "address = 70000"), "[[modbus.registers]] 1: address", "höchstens 65535"),
        (HEAD + MODBUS.replace("address = 1", ""), "[[modbus.registers]] 1: address", "fehlt"),
        (HEAD + MODBUS + 'type = "float16"', "[[modbus.registers]] 1: type", "gibt es nicht"),
        (HEAD + MODBUS + 'place = "coil"\ntype = "int16"', "[[modbus.registers]] 1: type", "nur Bits"),
        (HEAD + MODBUS.replace('signal = "a"', 'signal = "a/b"'), "[[modbus.registers]] 1: signal", "kein Name"),
        (HEAD + MODBUS.replace('machine = "Säge"', ""), "[[modbus.registers]] 1: machine", "fehlt"),
        (HEAD + MODBUS.replace("modbus://10.0.0.5", "10.0.0.5"), "[[modbus]] 1: url", "keine brauchbare Adresse"),
        (HEAD + OPCUA.replace("ns=2;s=a", "a"), "[[opcua.nodes]] 1: id", "keine Kennung"),
        (HEAD + OPCUA.replace('machine = "F"', 'machine = "F"\nsecurity = "Basic128,Sign"'), "[[opcua]] 1: security", "nicht mehr"),
        (HEAD + OPCUA.replace('machine = "F"', 'machine = "F"\nsecurity = "Basic256Sha256,Sign"'), "[[opcua]] 1: certificate", "Zertifikat"),
        (HEAD + OPCUA.replace('machine = "F"', 'machine = "F"\npassword = "x"'), "[[opcua]] 1: user", "Benutzer"),
        (HEAD + '[[mqtt]]\nurl = "mqtt://10.0.0.6:1883"\ntopics = ["a/#/b"]', "[[mqtt]] 1: topics", "kein Filter"),
        (HEAD + '[csv]\nfolder = "x"', "agent.toml csv", "[[csv]]"),
        (HEAD + '[[csv]]\nfolder = "x"\nmachine = "M"\npattern = "a/*.csv"', "[[csv]] 1: pattern", "kein Pfad"),
        (HEAD + "serve = 1", "agent.toml", "Schreibweise"),
        (HEAD.replace("mqtts://", "mqtt://") + MODBUS, "agent.toml serve", "unverschlüsselt"),
        (HEAD + 'name = "Halle 1"\n' + MODBUS, "agent.toml name", "Name des Agenten"),
        (HEAD + "buffer_mb = 0\n" + MODBUS, "agent.toml buffer_mb", "von 50 bis"),
        (HEAD + "insecure = 1\n" + MODBUS, "agent.toml insecure", "true oder false"),
    ],
)  # fmt: skip
def test_an_error_names_table_and_key_and_says_what_is_wrong(tmp_path: Path, text: str, where: str, words: str) -> None:
    with pytest.raises(BadInput) as told:
        read(tmp_path, text)
    assert told.value.where.startswith(where)
    assert words in f"{told.value.message_de} {told.value.remedy_de}"
    assert told.value.message_en
    assert told.value.code.startswith("iot_")


@pytest.mark.parametrize(
    "text",
    [
        HEAD.replace(', "modbus://10.0.0.5:502"', "") + MODBUS,
        HEAD.replace('["mqtts://iot.example:8883", ', "[") + MODBUS,
    ],
)
def test_whom_the_list_does_not_name_is_refused_and_the_remedy_is_the_line_to_add(tmp_path: Path, text: str) -> None:
    with pytest.raises(NotAllowed) as told:
        read(tmp_path, text)
    assert told.value.code == "iot_agent_not_listed"
    assert "in allow aufnehmen" in told.value.remedy_de


def test_plain_mqtt_beyond_this_machine_needs_a_loud_word(tmp_path: Path) -> None:
    plain = HEAD.replace("mqtts://", "mqtt://")
    assert read(tmp_path, plain + "insecure = true\n" + MODBUS).centre.insecure
    assert read(tmp_path, plain.replace("iot.example", "127.0.0.1") + MODBUS).centre.to.loopback


def resolve(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    def found(host: str, port: int, **_: Any) -> list[Any]:
        if not addresses:
            raise socket.gaierror
        return [(0, 0, 0, "", (one, port)) for one in addresses]

    monkeypatch.setattr(allowed.socket, "getaddrinfo", found)


def test_the_list_is_looked_at_again_after_the_name_is_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    to = Target("mqtts", "iot.example", 8883)
    resolve(monkeypatch, "93.184.216.34")
    assert checked(to, [to]) == "93.184.216.34"
    # a name that suddenly points into the company's own network
    resolve(monkeypatch, "10.0.0.9")
    with pytest.raises(NotAllowed, match="iot_agent_inside"):
        checked(to, [to])
    assert checked(to, [to, Target("mqtts", "10.0.0.9", 8883)]) == "10.0.0.9"
    with pytest.raises(NotAllowed, match="iot_agent_inside"):  # listed for another service only
        checked(to, [to, Target("modbus", "10.0.0.9", 8883)])
    resolve(monkeypatch, "93.184.216.34", "169.254.169.254")
    with pytest.raises(NotAllowed):
        checked(to, [to])
    resolve(monkeypatch)
    with pytest.raises(NotAvailable, match="iot_agent_unknown_host"):
        checked(to, [to])


def test_a_file_that_is_not_there_or_not_readable_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no such file"):
        load(tmp_path / "nix.toml")
    (tmp_path / "a.toml").write_bytes("serve = 'ä'".encode("latin-1"))
    with pytest.raises(Problem, match="UTF-8"):
        load(tmp_path / "a.toml")
    (tmp_path / "b.toml").write_bytes(b"\xef\xbb\xbf" + (HEAD + MODBUS).encode())  # as Windows' editor writes it
    assert load(tmp_path / "b.toml").modbus


@pytest.mark.parametrize("kind", ["agent_opcua", "agent_modbus"])
@pytest.mark.parametrize("tls", [True, False])
def test_what_the_pages_print_to_paste_is_read_as_it_stands(tmp_path: Path, kind: str, tls: bool) -> None:
    given = Connection("iot.example", 8883, tls, "https://iot.example", "u", "p", "Säge", "Strom")
    (tmp_path / PASSWORD_FILE).write_text("p", "utf-8")
    made = read(tmp_path, snippet(kind, given).text)
    assert made.centre.login.user == "u"
    assert [*(node for one in made.opcua for node in one.nodes), *(reg for one in made.modbus for reg in one.registers)]


@pytest.mark.parametrize(
    ("number", "lines"),
    [
        (400_001, 'place = "holding", address = 0'),
        (300_053, 'place = "input", address = 52'),
        (465_536, 'place = "holding", address = 65535'),
    ],
)
def test_a_six_digit_number_of_a_makers_list_is_refused_with_the_lines_to_write(
    tmp_path: Path, number: int, lines: str
) -> None:
    with pytest.raises(BadInput) as told:
        read(tmp_path, HEAD + MODBUS.replace("address = 1", f"address = {number}"))
    assert lines in told.value.remedy_de and lines in told.value.remedy_en


def test_a_wrong_notation_is_told_by_its_line_without_the_parsers_words(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as told:
        read(tmp_path, "language = 'de'\nscale = 0,1\n")
    assert told.value.message_de == "In Zeile 2, Spalte 10 ist die Schreibweise falsch."
    assert "Expected" not in f"{told.value.where}{told.value.message_en}"
    with pytest.raises(BadInput, match="not closed"):
        read(tmp_path, 'serve = "a')


@pytest.mark.parametrize(
    ("text", "found"), [('language = "de"\nx = 0,1', "de"), ("language='en'", "en"), ("", ""), ('language = "fr"', "")]
)
def test_the_language_asked_for_is_found_where_the_rest_is_wrong_too(tmp_path: Path, text: str, found: str) -> None:
    (tmp_path / "agent.toml").write_text(text, "utf-8")
    assert language(tmp_path / "agent.toml") == found
    assert language(tmp_path / "nix.toml") == ""
