"""What the agent is told: the centre, whom it may connect to, its buffer, its sources, as frozen values. `loading` reads them from a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nordlotse.iot.core.agent.allowed import Target
from nordlotse.iot.core.mapping import Rule

#: Types of Modbus values and how many registers each takes.
REGISTERS = {
    "int16": 1,
    "uint16": 1,
    "int32": 2,
    "uint32": 2,
    "float32": 2,
    "int64": 4,
    "uint64": 4,
    "float64": 4,
    "bit": 1,
}
#: Where Modbus values lie.
PLACES = ("holding", "input", "coil", "discrete")
#: Security policies of OPC UA that are still held for safe; older ones are refused.
POLICIES = ("Basic256Sha256", "Aes128Sha256RsaOaep", "Aes256Sha256RsaPss")


@dataclass(frozen=True, slots=True)
class Login:
    """A user and a password; both "" for none."""

    user: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class Centre:
    """Where the values go: address, login, certificates (`ca` of the centre, own `certificate` and `key`), the client's name."""

    to: Target
    login: Login
    name: str
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    insecure: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """An OPC UA node and the signal made of it."""

    id: str
    machine: str
    signal: str


@dataclass(frozen=True, slots=True)
class OpcUa:
    """An OPC UA server: nodes, sampling (ms), values the server may keep back between two sendings, security "" or "POLICY,MODE"."""

    to: Target
    nodes: tuple[Node, ...]
    sampling: float = 1000.0
    queue: int = 100
    history: bool = True
    security: str = ""
    certificate: Path | None = None
    key: Path | None = None
    server_certificate: Path | None = None
    login: Login = Login()


@dataclass(frozen=True, slots=True)
class Register:
    """A value in a Modbus device: `address` counts from 0; stored is raw · scale + offset; `words`: "big" or "little", which word is first."""

    machine: str
    signal: str
    address: int
    place: str = "holding"
    type: str = "uint16"
    words: str = "big"
    bit: int = 0
    scale: float = 1.0
    offset: float = 0.0
    unit: str = ""
    period: float = 1.0


@dataclass(frozen=True, slots=True)
class Modbus:
    """A Modbus TCP device, its number on the bus, and what is read of it."""

    to: Target
    registers: tuple[Register, ...]
    device: int = 1
    timeout: float = 3.0


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker in the company's network: topics to read; `rules` for payloads with a shape of their own; `machine` of topics that name none."""

    to: Target
    topics: tuple[str, ...]
    rules: tuple[Rule, ...] = ()
    machine: str = ""
    login: Login = Login()
    ca: Path | None = None


@dataclass(frozen=True, slots=True)
class Files:
    """A folder into which a machine or a program writes CSV files."""

    folder: Path
    machine: str
    pattern: str = "*.csv"
    period: float = 5.0


@dataclass(frozen=True, slots=True)
class Config:
    """Everything the agent is told: the centre, whom it may connect to, its buffer (folder, bytes), the sources."""

    centre: Centre
    allow: tuple[Target, ...]
    folder: Path
    limit: int
    every: float
    opcua: tuple[OpcUa, ...] = ()
    modbus: tuple[Modbus, ...] = ()
    brokers: tuple[Broker, ...] = ()
    files: tuple[Files, ...] = ()
    #: Language of what the agent says; "" for the system's.
    language: str = ""

    @property
    def machines(self) -> list[str]:
        """Return the machines the configuration names; a broker's topics may name others."""
        named = [node.machine for server in self.opcua for node in server.nodes]
        named += [register.machine for device in self.modbus for register in device.registers]
        for broker in self.brokers:
            named += [rule.machine for rule in broker.rules] + ([broker.machine] if broker.machine else [])
        return sorted({*named, *(folder.machine for folder in self.files)})
