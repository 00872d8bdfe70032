"""Texts to paste at a device or into a program, made for one hall: its address, its login, its topic. What was not tried on a device says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from nordlotse.foundation.language import Lang, Text


@dataclass(frozen=True, slots=True)
class Connection:
    """What the texts need: the listener's host and port, whether it speaks TLS, the page's own address (`url`), the login, machine and signal, the language of comments."""

    host: str
    port: int
    tls: bool
    url: str
    user: str
    password: str
    machine: str
    signal: str = "Strom"
    lang: Lang = "de"

    @property
    def topic(self) -> str:
        """Return the topic of the one signal."""
        return f"{self.machine}/{self.signal}"


@dataclass(frozen=True, slots=True)
class Snippet:
    """A text to paste. `over`: "mqtt" or "http"; `tried`: whether a test sends with it; `after`: what comes next."""

    title: Text
    text: str
    over: str = "mqtt"
    tried: bool = False
    after: Text | None = None


_DEVICE = Text("Nach der Anleitung des Herstellers geschrieben, nicht an einem Gerät erprobt.", "Written from the maker's manual, not tried on a device.")  # fmt: skip


def snippet(kind: str, given: Connection) -> Snippet:
    """Return the text of a kind.

    Raises:
        KeyError: there is no such kind.
    """
    return _MADE[kind](given)


def _mosquitto(given: Connection) -> Snippet:
    tls = " --tls-use-os-certs" if given.tls else ""
    text = (
        f"mosquitto_pub -V 5 -h {given.host} -p {given.port}{tls} -q 1 \\\n  -u '{given.user}' -P '{given.password}' \\\n"
        f"  -t '{given.topic}' -m '4.2'"
    )
    return Snippet(Text("Befehlszeile (mosquitto_pub)", "Command line (mosquitto_pub)"), text, tried=True)


def _python(given: Connection) -> Snippet:
    tls = "client.tls_set()\n" if given.tls else ""
    text = f"""import time
import paho.mqtt.client as mqtt

client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id={json.dumps(given.user)}, clean_session=False)
client.username_pw_set({json.dumps(given.user)}, {json.dumps(given.password)})
{tls}client.connect({json.dumps(given.host)}, {given.port})
client.loop_start()

while True:
    value = 4.2  # hier Ihren Messwert lesen
    client.publish({json.dumps(given.topic, ensure_ascii=False)}, value, qos=1).wait_for_publish()
    time.sleep(1)
"""
    return Snippet(
        Text("Python (pip install paho-mqtt)", "Python (pip install paho-mqtt)"),
        text,
        tried=True,
        after=Text(
            "QoS 1: Bestätigt wird ein Wert erst, wenn er sicher auf der Platte liegt.",
            "QoS 1: a value is acknowledged only when it is safe on the disk.",
        ),
    )


def _tasmota(given: Connection) -> Snippet:
    port = f"MqttPort {given.port}" + ("; SetOption103 1" if given.tls else "")
    text = (
        f"Backlog MqttHost {given.host}; {port}; MqttUser {given.user}; MqttPassword {given.password}\n"
        f"Backlog FullTopic {given.machine}/%prefix%/%topic%/; SetOption19 1\n"
        f"TelePeriod 10\nRule1 ON Tele-ENERGY#Current DO Publish {given.topic} %value% ENDON\nRule1 1"
    )
    after = Text(
        f"FullTopic und SetOption19 sorgen dafür, dass das Gerät nur unter dem Namen der Maschine sendet; anderes nimmt ihr Zugang nicht an. {_DEVICE.de}",
        f"FullTopic and SetOption19 see to it that the device sends below the machine's name only; its login takes nothing else. {_DEVICE.en}",
    )
    return Snippet(Text("Tasmota (Konsole des Geräts)", "Tasmota (the device's console)"), text, after=after)


def _shelly(given: Connection) -> Snippet:
    told = {
        "config": {
            "enable": True,
            "server": f"{given.host}:{given.port}",
            "user": given.user,
            "pass": given.password,
            "topic_prefix": given.machine,
            "status_ntf": True,
            **({"ssl_ca": "ca.pem"} if given.tls else {}),
        }
    }
    text = (
        "curl -X POST 'http://ADRESSE-DES-SHELLY/rpc/Mqtt.SetConfig' -d '" + json.dumps(told, ensure_ascii=False) + "'"
    )
    after = Text(
        "Der Shelly schickt mehrere Werte in einem Paket. Wählen Sie danach unter „Zuordnung“ den Wert „current“ aus. Nach der Anleitung des Herstellers geschrieben, nicht an einem Gerät erprobt.",
        "The Shelly sends several values in one packet. Pick the value “current” under “Mapping” afterwards. Written from the maker's manual, not tried on a device.",
    )
    return Snippet(Text("Shelly Pro EM (Gen2)", "Shelly Pro EM (Gen2)"), text, after=after)


def _arduino(given: Connection) -> Snippet:
    client = "WiFiClientSecure net;  // net.setCACert(…)" if given.tls else "WiFiClient net;"
    text = f"""#include <WiFi.h>
#include <PubSubClient.h>
{client}
PubSubClient mqtt(net);

void setup() {{
  WiFi.begin("WLAN", "KENNWORT");
  mqtt.setServer("{given.host}", {given.port});
}}

void loop() {{
  if (!mqtt.connected()) mqtt.connect("{given.user}", "{given.user}", "{given.password}");
  mqtt.loop();
  mqtt.publish("{given.topic}", String(analogRead(34) * 0.0122).c_str());
  delay(1000);
}}
"""
    return Snippet(Text("ESP32 (Arduino, PubSubClient)", "ESP32 (Arduino, PubSubClient)"), text, after=_DEVICE)


def _nodered(given: Connection) -> Snippet:
    broker = {
        "id": "nordlotse",
        "type": "mqtt-broker",
        "name": "Nordlotse",
        "broker": given.host,
        "port": str(given.port),
        "usetls": given.tls,
        "clientid": given.user,
        "cleansession": False,
        "protocolVersion": "4",
        "credentials": {"user": given.user, "password": given.password},
    }
    out = {
        "id": "nordlotse-out",
        "type": "mqtt out",
        "name": given.topic,
        "topic": given.topic,
        "qos": "1",
        "broker": "nordlotse",
    }
    text = json.dumps([broker, out], ensure_ascii=False, indent=1)
    after = Text(
        "In Node-RED: Menü, Import, einfügen; dann Ihren Messwert als Zahl an diesen Knoten geben. Nach der Anleitung geschrieben, nicht in Node-RED erprobt.",
        "In Node-RED: menu, import, paste; then pass your value as a number to this node. Written from the manual, not tried in Node-RED.",
    )
    return Snippet(Text("Node-RED (Import)", "Node-RED (import)"), text, after=after)


def _http(given: Connection) -> Snippet:
    body = json.dumps({"machine": given.machine, "values": {given.signal: 4.2}}, ensure_ascii=False)
    text = f"curl -u '{given.user}:{given.password}' -H 'Content-Type: application/json' \\\n  -d '{body}' \\\n  {given.url}/api/v1/iot/values"
    return Snippet(Text("HTTP mit JSON", "HTTP with JSON"), text, over="http", tried=True)


def _http_lines(given: Connection) -> Snippet:
    machine, signal = (
        name.replace(",", "\\,").replace(" ", "\\ ").replace("=", "\\=") for name in (given.machine, given.signal)
    )
    text = (
        f"curl -u '{given.user}:{given.password}' -H 'Content-Type: text/plain' \\\n"
        f"  --data-binary '{machine} {signal}=4.2' \\\n  {given.url}/api/v1/iot/values"
    )  # fmt: skip
    return Snippet(Text("HTTP mit Zeilen (InfluxDB)", "HTTP with lines (InfluxDB)"), text, over="http", tried=True)


#: The file the agent's password stands in, beside `agent.toml`.
PASSWORD_FILE = "passwort.txt"  # noqa: S105 - the file's name, not what is in it


def _agent(given: Connection, device: str) -> str:
    scheme = "mqtts" if given.tls else "mqtt"
    serve = f"{scheme}://{given.host}:{given.port}"
    here = given.host in ("127.0.0.1", "localhost", "::1")
    plain = "" if given.tls or here else "insecure = true\n"
    only = Text(
        "# Diese Adresse gilt nur auf dem Rechner, auf dem Nordlotse selbst läuft.\n",
        "# This address holds only on the computer that Nordlotse itself runs on.\n",
    ).get(given.lang)
    beside = Text("Datei daneben, in der nur das Passwort steht", "a file beside it that holds only the password")
    speaks = Text("Sprache seiner Meldungen: de oder en", "language of its messages: de or en")
    return (
        f'{only if here else ""}serve = "{serve}"\n{plain}user = "{given.user}"\n'
        f'password_file = "{PASSWORD_FILE}"    # {beside.get(given.lang)}\n'
        f'language = "{given.lang}"                   # {speaks.get(given.lang)}\n'
        f'allow = ["{serve}", "{device}"]\n'
    )


_AGENT_AFTER = Text(
    "Als agent.toml speichern, Adresse und Signale Ihrer Maschine eintragen. Prüfen: nordlotse iot agent agent.toml --check. Starten: nordlotse iot agent agent.toml",
    "Save as agent.toml, put in address and signals of your machine. Check: nordlotse iot agent agent.toml --check. Start: nordlotse iot agent agent.toml",
)


def _agent_password(given: Connection) -> Snippet:
    text = (
        "# Linux, Raspberry Pi: im Ordner von agent.toml\n"
        f"(umask 077; echo '{given.password}' > {PASSWORD_FILE})\n\n"
        "# Windows (PowerShell): im Ordner von agent.toml\n"
        f"'{given.password}' | Out-File -Encoding ascii {PASSWORD_FILE}\n"
        f'icacls {PASSWORD_FILE} /inheritance:r /grant:r "$($env:USERNAME):(R,W)" "*S-1-5-18:(R)"'
    )
    after = Text(
        "Legt das Passwort so ab, dass nur Sie (unter Windows auch der Dienst) es lesen können. Ist es für andere lesbar, warnt der Agent.",
        "Keeps the password so that only you (on Windows the service too) can read it. If others can, the agent warns.",
    )
    return Snippet(
        Text("Passwort des Agenten (passwort.txt)", "The agent's password (passwort.txt)"), text, "agent", after=after
    )


def _agent_opcua(given: Connection) -> Snippet:
    device = "opc.tcp://192.168.1.20:4840"
    table = f"""
[[opcua]]
url = "{device}"
nodes = [
  {{ id = "ns=2;s=Spindle.Current", machine = "{given.machine}", signal = "{given.signal}" }},
]
"""
    return Snippet(
        Text("Agent mit OPC UA (agent.toml)", "Agent with OPC UA (agent.toml)"),
        _agent(given, device) + table,
        "agent",
        after=_AGENT_AFTER,
    )


#: How addresses of makers' lists are written in the configuration.
_COUNTED = Text(
    """# Adressen zählen ab 0. So wird die Nummer aus der Liste des Herstellers geschrieben:
#   40001 (400001) → place = "holding",  address = 0     40007 → address = 6
#   30001 (300001) → place = "input",    address = 0
#   10001 (100001) → place = "discrete", address = 0
#   00001 (000001) → place = "coil",     address = 0
# Zählt die Liste ohne solche Nummern ab 1, ist address eins kleiner.""",
    """# Addresses count from 0. This is how the number of the maker's list is written:
#   40001 (400001) → place = "holding",  address = 0     40007 → address = 6
#   30001 (300001) → place = "input",    address = 0
#   10001 (100001) → place = "discrete", address = 0
#   00001 (000001) → place = "coil",     address = 0
# Where the list counts from 1 without such numbers, address is one less.""",
)


def _agent_modbus(given: Connection) -> Snippet:
    device = "modbus://192.168.1.30:502"
    german = given.lang == "de"
    energy = "Energie" if german else "Energy"
    table = f"""
[[modbus]]
url = "{device}"
machine = "{given.machine}"
device = 1                        # {"Gerätenummer (Unit-ID)" if german else "the device's number (unit id)"}
period = 1.0                      # {"alle 1,0 Sekunden (Punkt, kein Komma)" if german else "every 1.0 seconds"}

# {"Für jeden Wert eine Tabelle [[modbus.registers]]; so viele, wie Sie brauchen." if german else "For each value a table [[modbus.registers]]; as many as you need."}
{_COUNTED.get(given.lang)}
[[modbus.registers]]
signal = "{given.signal}"
address = 6                       # {"in der Liste des Herstellers" if german else "in the maker's list"}: 30007
place = "input"                   # holding, input, coil, discrete
type = "float32"                  # int16 uint16 int32 uint32 float32 int64 uint64 float64 bit
words = "big"                     # {"big: höherwertiges Wort zuerst; sonst little" if german else "big: the higher word first; else little"}
scale = 1.0                       # {"Wert = roh · scale" if german else "value = raw · scale"}
unit = "A"

[[modbus.registers]]
signal = "{energy}"
address = 72                      # {"in der Liste des Herstellers" if german else "in the maker's list"}: 40073
place = "holding"
type = "float32"
unit = "kWh"
period = 60                       # {"dieser Wert einmal in der Minute" if german else "this value once a minute"}
"""
    return Snippet(
        Text("Agent mit Modbus TCP (agent.toml)", "Agent with Modbus TCP (agent.toml)"),
        _agent(given, device) + table,
        "agent",
        after=_AGENT_AFTER,
    )


_MADE: dict[str, Callable[[Connection], Snippet]] = {
    "mosquitto": _mosquitto,
    "python": _python,
    "tasmota": _tasmota,
    "shelly": _shelly,
    "arduino": _arduino,
    "nodered": _nodered,
    "http": _http,
    "http_lines": _http_lines,
    "agent_password": _agent_password,
    "agent_opcua": _agent_opcua,
    "agent_modbus": _agent_modbus,
}
