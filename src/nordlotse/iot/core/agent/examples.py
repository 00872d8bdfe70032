"""Configurations to begin with: complete, commented in German, one for each kind of source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from nordlotse.iot.core.agent.config import Register

_HEAD = """# Agent von Nordlotse – Muster. Anleitung: docs/iot-agent.md
# Zeilen mit # sind Erklärungen. Was in spitzen Klammern steht, bitte ersetzen.

# Wohin die Werte gehen: Adresse, Benutzer und Passwort stehen auf der Seite Ihrer Maschine.
serve = "mqtts://<iot.ihr-zentrum.de>:8883"
user = "<benutzer>"
password_file = "passwort.txt"    # eine Datei, in der nur das Passwort steht
name = "halle-1"                  # für jeden Agenten ein anderer Name
# language = "de"                 # Sprache seiner Meldungen: de oder en; sonst die des Systems

# Nur zu diesen Adressen verbindet sich der Agent. Alles andere lehnt er ab.
allow = [
    "mqtts://<iot.ihr-zentrum.de>:8883",{allow}
]

data = "puffer"                   # Ordner, in dem Werte liegen, solange die Leitung fehlt
buffer_mb = 1000                  # reicht bei 10 Werten je Sekunde mindestens drei Wochen
"""

_OPCUA = """
[[opcua]]
url = "opc.tcp://192.168.0.20:4840"
machine = "Fräse 1"
# security = "Basic256Sha256,SignAndEncrypt"
# certificate = "agent.der"
# key = "agent.pem"
# user = "<benutzer am Server>"
# password = "<passwort am Server>"
sampling_ms = 1000

# Welche Knoten es gibt, zeigt: nordlotse iot agent agent.toml --browse
[[opcua.nodes]]
id = "ns=2;s=Fraese1.Spindel.Strom"
signal = "Strom"
"""

_MODBUS = """
[[modbus]]
url = "modbus://192.168.0.30:502"
machine = "Säge"
device = 1                        # Gerätenummer (Unit-ID)
period = 1.0                      # alle 1,0 Sekunden

[[modbus.registers]]
signal = "Leistung"
address = 0                       # zählt ab 0: 40001 der Liste heißt place = "holding", address = 0; 30001 place = "input", address = 0
place = "input"                   # holding, input, coil, discrete
type = "float32"                  # int16 uint16 int32 uint32 float32 int64 uint64 float64 bit
words = "big"                     # big: höherwertiges Wort zuerst; sonst little
scale = 1.0
unit = "W"

[[modbus.registers]]
signal = "Energie"
address = 72                      # in der Liste des Herstellers: 40073
place = "holding"
type = "float32"
unit = "kWh"
period = 60
"""

_MQTT = """
[[mqtt]]
url = "mqtt://192.168.0.40:1883"
topics = ["halle1/#"]             # MASCHINE/SIGNAL; längere Topics: erste Ebene = Maschine, Rest = Signal

# Steht der Wert tief in einem JSON (Tasmota, Shelly …), sagt path, wo:
[[mqtt.signals]]
topic = "tele/ofen/SENSOR"
machine = "Ofen"
signal = "Leistung"
path = "ENERGY.Power"
unit = "W"
"""

_CSV = """
[[csv]]
folder = "C:/Messdaten"           # hier schreibt die Maschine ihre Dateien; auch unter Windows mit /
machine = "Spritzguss 3"
pattern = "*.csv"
"""

_ALLOW: Final = {
    "opcua": "opc.tcp://192.168.0.20:4840",
    "modbus": "modbus://192.168.0.30:502",
    "mqtt": "mqtt://192.168.0.40:1883",
    "csv": "",
}
_PARTS: Final = {"opcua": _OPCUA, "modbus": _MODBUS, "mqtt": _MQTT, "csv": _CSV}
#: The kinds there are.
KINDS: Final = tuple(_PARTS)


def example(kind: str) -> str:
    """Return a configuration for one kind of source.

    Raises:
        KeyError: there is no such kind.
    """
    allow = f'\n    "{_ALLOW[kind]}",' if _ALLOW[kind] else ""
    if kind == "mqtt":
        part = _MQTT.replace('topics = ["halle1/#"] ', 'topics = ["halle1/#", "tele/ofen/SENSOR"] ')
    else:
        part = _PARTS[kind]
    return _HEAD.replace("{allow}", allow) + part


#: Places of the Modbus samples, here and on the page that connects a machine: place, address, type.
_SAMPLE_REGISTERS: Final = {("input", 0, "float32"), ("input", 6, "float32"), ("holding", 72, "float32")}
#: Nodes of the OPC UA samples.
_SAMPLE_NODES: Final = {"ns=2;s=Fraese1.Spindel.Strom", "ns=2;s=Spindle.Current"}


def untouched(register: Register) -> bool:
    """Return whether a register stands as in our sample: a person may have forgotten to replace it."""
    return (register.place, register.address, register.type) in _SAMPLE_REGISTERS


def untouched_node(node: str) -> bool:
    """Return whether an OPC UA node is that of our sample."""
    return node in _SAMPLE_NODES
