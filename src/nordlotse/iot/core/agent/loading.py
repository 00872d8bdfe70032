"""The agent's configuration read from its file: TOML becomes frozen values, or an error that names table, key and remedy."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

from nordlotse.iot.core.agent.addresses import meant
from nordlotse.iot.core.agent.allowed import Target, check_listed, target
from nordlotse.iot.core.agent.config import (
    PLACES,
    POLICIES,
    REGISTERS,
    Broker,
    Centre,
    Config,
    Files,
    Login,
    Modbus,
    Node,
    OpcUa,
    Register,
)
from nordlotse.iot.core.agent.tables import Table, wrong
from nordlotse.iot.core.mapping import Rule
from nordlotse.iot.core.mqtt.matching import check_filter
from nordlotse.iot.core.mqtt.packets import ProtocolError

_MODES = ("Sign", "SignAndEncrypt")
_NODE = re.compile(r"(nsu?=[^;]+;)?(i=\d+|s=.+|g=[0-9A-Fa-f-]{36}|b=[A-Za-z0-9+/=]+)\Z")
_CLIENT = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")


def load(path: Path) -> Config:
    """Return the configuration a file holds.

    Raises:
        BadInput: `iot_agent_config`, `iot_agent_address`, `iot_name`: what is wrong and where.
        NotAllowed: `iot_agent_not_listed`.
    """
    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise wrong(
            "Diese Datei gibt es nicht.",
            "There is no such file.",
            str(path),
            "Ein Muster gibt: nordlotse iot agent --example modbus > agent.toml",
            "For a sample: nordlotse iot agent --example modbus > agent.toml",
        ) from None
    except OSError as error:
        raise wrong("Die Datei ist nicht lesbar.", "The file cannot be read.", f"{path} {error.strerror}") from error
    except UnicodeDecodeError:
        raise wrong(
            "Die Datei ist nicht in UTF-8 geschrieben.",
            "The file is not written in UTF-8.",
            str(path),
            "Im Editor „Speichern unter“ wählen, Codierung UTF-8.",
            "In the editor choose “Save as”, encoding UTF-8.",
        ) from None
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"at line (\d+), column (\d+)", str(error))  # the rest of its words is for programmers
        raise wrong(
            f"In Zeile {place[1]}, Spalte {place[2]} ist die Schreibweise falsch." if place else "Am Ende der Datei ist die Schreibweise falsch: Etwas ist nicht geschlossen oder steht doppelt.",
            f"The notation is wrong in line {place[1]}, column {place[2]}." if place else "The notation is wrong at the end of the file: something is not closed or stands twice.",
            path.name,
            "Zahlen mit Punkt schreiben (0.1, nicht 0,1). Texte stehen in \"…\", Listen in […], Windows-Pfade in '…'.",
            "Write numbers with a point (0.1, not 0,1). Texts stand in \"…\", lists in […], Windows paths in '…'.",
        ) from None  # fmt: skip
    return _config(Table(content, path.name, path.absolute().parent))


def language(path: Path) -> str:
    """Return the language a file asks for, "de" or "en", also where something else in it is wrong; "" where it asks for none."""
    try:
        found = re.search(r'^\s*language\s*=\s*["\'](de|en)["\']', path.read_text("utf-8-sig"), re.MULTILINE)
    except (OSError, UnicodeDecodeError):
        return ""
    return found[1] if found else ""


def _config(top: Table) -> Config:
    allow = tuple(target(one, ("opc.tcp", "modbus", "mqtt", "mqtts"), top.at("allow")) for one in top.texts("allow"))
    made = Config(
        _centre(top, allow),
        allow,
        top.path("data", "nordlotse-agent"),
        int(top.number("buffer_mb", 1000, 50, 1_000_000) * 1_000_000),
        top.number("write_every", 0.5, 0.05, 60),
        tuple(_opcua(table, allow) for table in top.tables("opcua")),
        tuple(_modbus(table, allow) for table in top.tables("modbus")),
        tuple(_broker(table, allow) for table in top.tables("mqtt")),
        tuple(_files(table) for table in top.tables("csv")),
        top.choice("language", "", ("", "de", "en")),
    )
    top.nothing_else()
    if not (made.opcua or made.modbus or made.brokers or made.files):
        raise wrong(
            "Es ist nichts genannt, das gelesen werden soll.",
            "Nothing is named that is to be read.",
            top.name,
            "Mindestens eine Tabelle [[opcua]], [[modbus]], [[mqtt]] oder [[csv]] anlegen.",
            "Write at least one table [[opcua]], [[modbus]], [[mqtt]] or [[csv]].",
        )
    return made


def _centre(top: Table, allow: Sequence[Target]) -> Centre:
    to = target(top.text("serve"), ("mqtts", "mqtt"), top.at("serve"))
    check_listed(to, allow, top.at("serve"))
    insecure = top.flag("insecure", False)
    if to.scheme == "mqtt" and not to.loopback and not insecure:
        raise wrong(
            "mqtt:// schickt Werte und Passwort unverschlüsselt.",
            "mqtt:// sends values and password without encryption.",
            top.at("serve"),
            "mqtts:// eintragen. Nur zum Ausprobieren im eigenen Netz: insecure = true.",
            "Enter mqtts://. Only for a try in your own network: insecure = true.",
        )
    name = top.text("name", "nordlotse-agent")
    if not _CLIENT.match(name):
        raise wrong(
            "Der Name des Agenten darf nur Buchstaben, Ziffern und . _ - haben.",
            "The agent's name may only have letters, digits and . _ -",
            top.at("name"),
        )
    ca, certificate, key = (top.file(word) for word in ("ca", "certificate", "key"))
    return Centre(to, _login(top), name, ca, certificate, key, insecure)


def _login(table: Table) -> Login:
    user, password, file = table.text("user", ""), table.text("password", ""), table.file("password_file")
    if file is not None:
        password = table.content(file, "password_file").rstrip("\r\n")
    if password and not user:
        raise wrong(
            "Zum Passwort fehlt der Benutzer.", "The password lacks its user.", table.at("user"), 'user = "…" eintragen.',
            'Enter user = "…".',
        )  # fmt: skip
    return Login(user, password)


def _opcua(table: Table, allow: Sequence[Target]) -> OpcUa:
    to = target(table.text("url"), ("opc.tcp",), table.at("url"))
    check_listed(to, allow, table.at("url"))
    security = table.text("security", "")
    policy, _, mode = security.partition(",")
    if security in ("None", "none"):
        security = ""
    elif security and (policy not in POLICIES or mode not in _MODES):
        raise wrong(
            f"„{security}“ gibt es nicht oder gilt nicht mehr als sicher.",
            f"“{security}” does not exist or is no longer held for safe.",
            table.at("security"),
            f"Eine von {', '.join(POLICIES)}, dann ein Komma, dann Sign oder SignAndEncrypt.",
            f"One of {', '.join(POLICIES)}, then a comma, then Sign or SignAndEncrypt.",
        )
    certificate, key, server = (table.file(word) for word in ("certificate", "key", "server_certificate"))
    if security and (certificate is None or key is None):
        raise wrong(
            "Für diese Sicherheit braucht der Agent ein eigenes Zertifikat und den Schlüssel dazu.",
            "For this security the agent needs a certificate of its own and its key.",
            table.at("certificate"),
            "certificate und key eintragen; wie man beide macht, steht in docs/iot-agent.md.",
            "Enter certificate and key; docs/iot-agent.md says how to make both.",
        )
    machine = table.name_or("machine", "")
    nodes = tuple(
        Node(_node(one), one.name_or("machine", machine, needed=True), one.name_or("signal", "", needed=True))
        for one in table.tables("nodes")
    )
    made = OpcUa(
        to,
        nodes,
        table.number("sampling_ms", 1000, 10, 3_600_000),
        int(table.number("queue", 100, 1, 100_000)),
        table.flag("history", True),
        security,
        certificate,
        key,
        server,
        _login(table),
    )
    for one in table.tables("nodes"):
        one.nothing_else("id", "machine", "signal")
    table.nothing_else()
    return made


def _node(table: Table) -> str:
    found = table.text("id")
    if not _NODE.match(found):
        raise wrong(
            f"„{found[:80]}“ ist keine Kennung eines Knotens.",
            f"“{found[:80]}” is no id of a node.",
            table.at("id"),
            'Zum Beispiel id = "ns=2;s=Strom"; --browse zeigt alle.',
            'For example id = "ns=2;s=Current"; --browse shows all.',
        )
    return found


def _modbus(table: Table, allow: Sequence[Target]) -> Modbus:
    to = target(table.text("url"), ("modbus",), table.at("url"))
    check_listed(to, allow, table.at("url"))
    machine = table.name_or("machine", "")
    period = table.number("period", 1.0, 0.05, 86_400)
    words = table.choice("words", "big", ("big", "little"))
    registers = tuple(_register(one, machine, period, words) for one in table.tables("registers"))
    if not registers:
        raise wrong(
            "Es ist kein Register genannt.", "No register is named.", table.at("registers"),
            "Mindestens eine Tabelle [[modbus.registers]] anlegen.", "Write at least one table [[modbus.registers]].",
        )  # fmt: skip
    device, timeout = int(table.number("device", 1, 0, 255)), table.number("timeout", 3.0, 0.1, 60)
    table.nothing_else()
    return Modbus(to, registers, device, timeout)


def _register(table: Table, machine: str, period: float, words: str) -> Register:
    place = table.choice("place", "holding", PLACES)
    kind = table.choice("type", "bit" if place in ("coil", "discrete") else "uint16", tuple(REGISTERS))
    if place in ("coil", "discrete") and kind != "bit":
        raise wrong(
            f"In {place} liegen nur Bits.", f"In {place} there are only bits.", table.at("type"), 'type = "bit"',
            'type = "bit"',
        )  # fmt: skip
    address = int(table.number("address", None, 0))
    if address > 65_536 - REGISTERS[kind]:
        more = meant(place, address)
        raise wrong(
            "Eine Adresse ist höchstens 65535.", "An address is 65535 at most.", table.at("address"), more.de, more.en
        )
    made = Register(
        table.name_or("machine", machine, needed=True),
        table.name_or("signal", "", needed=True),
        address,
        place,
        kind,
        table.choice("words", words, ("big", "little")),
        int(table.number("bit", 0, 0, 15)),
        table.number("scale", 1.0),
        table.number("offset", 0.0),
        table.text("unit", ""),
        table.number("period", period, 0.05, 86_400),
    )
    table.nothing_else()
    return made


def _broker(table: Table, allow: Sequence[Target]) -> Broker:
    to = target(table.text("url"), ("mqtt", "mqtts"), table.at("url"))
    check_listed(to, allow, table.at("url"))
    machine = table.name_or("machine", "")
    rules = []
    for one in table.tables("signals"):
        time = one.steps("time")
        rules.append(
            Rule(
                _filter(one.text("topic"), one.at("topic")),
                one.name_or("machine", machine, needed=True),
                one.name_or("signal", "", needed=True),
                one.steps("path"),
                time or None,
                one.number("scale", 1.0),
                one.number("offset", 0.0),
                one.text("unit", ""),
            )
        )
        one.nothing_else()
    topics = tuple(_filter(one, table.at("topics")) for one in table.texts("topics", needed=not rules))
    made = Broker(
        to,
        topics or tuple(dict.fromkeys(rule.topic for rule in rules)),
        tuple(rules),
        machine,
        _login(table),
        table.file("ca"),
    )
    table.nothing_else()
    return made


def _filter(pattern: str, where: str) -> str:
    try:
        check_filter(pattern)
    except ProtocolError:
        raise wrong(
            f"„{pattern[:80]}“ ist kein Filter für Topics.",
            f"“{pattern[:80]}” is no filter for topics.",
            where,
            "Zum Beispiel halle1/# oder halle1/+/strom.",
            "For example hall1/# or hall1/+/current.",
        ) from None
    return pattern


def _files(table: Table) -> Files:
    made = Files(
        table.path("folder"),
        table.name_or("machine", "", needed=True),
        table.text("pattern", "*.csv"),
        table.number("period", 5.0, 0.2, 86_400),
    )
    if "/" in made.pattern or "\\" in made.pattern:
        raise wrong(
            "Das Muster ist ein Dateiname, kein Pfad.", "The pattern is a file's name, no path.", table.at("pattern"),
            'Zum Beispiel pattern = "*.csv".', 'For example pattern = "*.csv".',
        )  # fmt: skip
    table.nothing_else()
    return made
