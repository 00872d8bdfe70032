"""What the MQTT listener needs from outside: who may do what, and where publications become safe."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from nordlotse.iot.core.mqtt.frames import Publications


@dataclass(frozen=True, slots=True)
class Login:
    """Who is connected: the company, the machine it speaks for ("" for all of the company's), and the user ("" without a login).

    `slow`: what all such connections of the company send is bounded (`allowance`).
    """

    company: str
    machine: str = ""
    user: str = ""
    slow: bool = False

    def may(self, topic: str) -> bool:
        """Return whether the login may publish to, or see, a topic or filter: of its own machine only, if it has one."""
        return not self.machine or topic == self.machine or topic.startswith(f"{self.machine}/")


class Logins(Protocol):
    """Knows users and passwords."""

    def login(
        self, user: str | None, password: bytes | None, address: str
    ) -> Login | asyncio.Future[Login | None] | None:
        """Return who this is, None if nobody that may connect; a future where that takes longer than the event loop may wait."""
        ...

    def may_not(self, login: Login, machine: str, address: str, count: int = 1) -> None:
        """Learn that a login was refused: it sent `count` times for a machine that it may not send for. It must not take long."""
        ...


@dataclass(frozen=True, slots=True)
class Taken:
    """Publications of one connection that came together, to be made safe: their own bytes and what was read of them.

    `client`: of a lasting session, "" otherwise. `arrived`: µs since 1970.
    """

    company: str
    client: str
    version: int
    arrived: int
    frames: bytes
    publications: Publications


@dataclass(frozen=True, slots=True)
class Released:
    """Packet identifiers a client has released (quality of service 2), or with `all`, that its session begins anew."""

    company: str
    client: str
    packet_ids: tuple[int, ...]
    all: bool = False


#: Called when what was taken is safe (None) or could not be made safe (the error).
Done = Callable[[OSError | None], None]


class Intake(Protocol):
    """Makes publications safe."""

    def put(self, taken: Taken | Released, done: Done) -> None:
        """Make it safe and call `done` afterwards, in the order of the calls."""
        ...

    @property
    def full(self) -> bool:
        """Return whether so much waits that nobody should be read from."""
        ...
