"""The way in for our own processes on this machine: columns of values handed to the one process that writes, answered when they are safe.

The ingest listens on 127.0.0.1 and writes where, with a secret made anew each run, into the file `gate` of the data folder, which only its
owner can read. Both sides prove that they know the secret (HMAC-SHA-256 over the other's random bytes) without telling it, so that a port
taken over by somebody else gets neither secret nor values. Then frames go to the ingest, `<II` number and length, and `hot.content` of
blocks of one company; each is answered by `<II` number and length and JSON, {} or a problem, in any order.
"""

from __future__ import annotations

import hmac
import json
import logging
import secrets
import socket
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from nordlotse.foundation.child import told_again
from nordlotse.foundation.problem import Problem
from nordlotse.iot.core import gate_refusals as refusals
from nordlotse.iot.core.store import hot
from nordlotse.iot.core.store.log import START
from nordlotse.iot.core.values import COMPANY, EARLIEST, LATEST, MAX_TEXT, Block, Kind, check_name

_log = logging.getLogger("nordlotse.iot")

#: Name of the file that says where the gate is.
FILE = "gate"
#: Most bytes of a frame; what is sent is cut to about half of it.
FRAME_BYTES = 8 * 1024 * 1024
_PORTION = FRAME_BYTES // 2
#: Most connections at once, and bytes of frames held for all of them together.
CONNECTIONS = 64
HELD_BYTES = 32 * 1024 * 1024
#: Seconds for the proof of the secret, for a frame that has begun, and between two frames.
PROOF_SECONDS, FRAME_SECONDS, IDLE_SECONDS = 5.0, 30.0, 3600.0
#: Frames of one connection that may wait for their answers.
UNDER_WAY = 8
NONCE = 32
HEAD = struct.Struct("<II")
#: Most bytes a value takes on the wire as a number, and as a text: every byte of it may be escaped.
_NUMBER_BYTES, _TEXT_BYTES = 25, 25 + 6 * MAX_TEXT + 4


def hand_in(folder: Path, blocks: Sequence[Block], seconds: float = 10.0) -> None:
    """Return when all values are safe on the disk of the ingest that runs on a data folder.

    After an error a part of them may be safe; handing in again does no harm, for the same value of the same time is stored once.
    `seconds`: for each answer.

    Raises:
        NotAvailable: `iot_not_running`, `iot_disk_full`, `iot_disk_failing`, `iot_slow`.
        TooMany: `iot_gate_busy`.
        BadInput: `iot_name`, `iot_company`, `iot_value`, `iot_time`, see `check`: nothing is stored.
    """
    with Sender(folder, seconds) as sender:
        sender.send(blocks)


class Sender:
    """Hands in much, with several frames under way; a context manager. What was sent is safe when `finish` or the context ends without error."""

    def __init__(self, folder: Path, seconds: float = 10.0) -> None:
        """Take the data folder and the seconds to wait for each answer. The connection is made with the first frame."""
        self._folder = folder
        self._seconds = seconds
        self._socket: socket.socket | None = None
        self._number = 0
        self._open = 0
        #: Values that are safe.
        self.safe = 0
        self._sizes: dict[int, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            if kind is None:
                self.finish()
        finally:
            self.close()

    def connect(self) -> None:
        """Make the connection now rather than with the first frame.

        Raises:
            NotAvailable: `iot_not_running`, `iot_slow`.
        """
        self._guarded(lambda made: None)

    def send(self, blocks: Sequence[Block]) -> None:
        """Send blocks; returns while their last frames are under way.

        Raises:
            as `hand_in`, the others than BadInput also for what was sent before; the connection is closed then.
        """
        for block in blocks:
            check(block)
        for portion in portions(blocks):
            content = hot.content(START, portion)
            while self._open >= UNDER_WAY:
                self._answered()
            self._number = (self._number + 1) % 2**32
            self._sizes[self._number] = sum(map(len, portion))
            self._open += 1
            self._guarded(partial(self._write, content))

    def finish(self) -> None:
        """Return when everything sent is safe.

        Raises:
            as `hand_in`.
        """
        while self._open:
            self._answered()

    def close(self) -> None:
        """Close the connection; what was not answered may be safe or not."""
        if self._socket is not None:
            self._socket.close()
        self._socket, self._open = None, 0
        self._sizes.clear()

    def _write(self, content: bytes, made: socket.socket) -> None:
        made.sendall(HEAD.pack(self._number, len(content)))
        made.sendall(content)

    def _answered(self) -> None:
        """Wait for one answer."""
        told: list[tuple[int, bytes]] = []
        self._guarded(lambda made: told.append(_answer(made)))
        number, content = told[0]
        self._open -= 1
        count = self._sizes.pop(number, 0)
        answer = json.loads(content)
        if answer:
            self.close()
            raise told_again(answer, "iot_not_running")
        self.safe += count

    def _guarded(self, do: Callable[[socket.socket], None]) -> None:
        try:
            if self._socket is None:
                self._socket = _connected(self._folder, self._seconds)
            do(self._socket)
        except TimeoutError as error:
            self.close()
            raise refusals.slow() from error
        except (OSError, ValueError, struct.error) as error:
            refused = self._refused()
            self.close()
            raise refused or refusals.not_running(self._folder) from error
        except Problem:
            self.close()
            raise

    def _refused(self) -> Problem | None:
        """Return what the other side said before it closed the connection."""
        if self._socket is None:
            return None
        with suppress(OSError, ValueError, struct.error):
            while True:
                answer = json.loads(_answer(self._socket)[1])
                if answer:
                    return told_again(answer, "iot_not_running")
        return None


def portions(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Yield the values again in groups of one company that fit into a frame; long blocks are cut, empty ones left out."""
    group: list[Block] = []
    held = 0
    for block in blocks:
        most = _PORTION // (_TEXT_BYTES if block.kind is Kind.TEXT else _NUMBER_BYTES)
        for begin in range(0, len(block), most):
            part = block if len(block) <= most else cut(block, begin, min(begin + most, len(block)))
            size = _size(part)
            if group and (held + size > _PORTION or group[0].series.company != part.series.company):
                yield group
                group, held = [], 0
            group.append(part)
            held += size
    if group:
        yield group


def cut(block: Block, begin: int, end: int) -> Block:
    """Return a stretch of a block's rows, with the texts they need only."""
    part = slice(begin, end)
    value, texts = block.value[part], block.texts
    if texts:
        used, codes = np.unique(value.astype(np.int64), return_inverse=True)
        value, texts = codes.astype(np.float64), tuple(texts[place] for place in used.tolist())
    return replace(
        block, time=block.time[part], value=value, quality=block.quality[part], arrived=block.arrived[part], texts=texts
    )


def _size(block: Block) -> int:
    """Return at least as many bytes as a block takes on the wire."""
    names = 17 + sum(len(name.encode()) for name in block.series)
    return names + _NUMBER_BYTES * len(block) + sum(6 * len(text.encode()) + 4 for text in block.texts)


# ---- both sides ----


@dataclass(frozen=True, slots=True)
class Address:
    """Where the gate is: a port of 127.0.0.1, and the secret."""

    port: int
    secret: bytes


def address(folder: Path) -> Address:
    """Return where the gate of a data folder is.

    Raises:
        NotAvailable: `iot_not_running`: no ingest runs, or it is only starting.
    """
    try:
        told = json.loads((folder / FILE).read_bytes())
        return Address(int(told["port"]), bytes.fromhex(told["secret"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise refusals.not_running(folder) from error


def proof(secret: bytes, who: bytes, nonce: bytes) -> bytes:
    """Return the proof that one side (`who`) knows the secret, over the other side's random bytes."""
    return hmac.digest(secret, who + nonce, "sha256")


def _connected(folder: Path, seconds: float) -> socket.socket:
    """Return a connection on which both sides have proved that they know the secret.

    Raises:
        NotAvailable: `iot_not_running`. TimeoutError, OSError.
    """
    where = address(folder)
    made = socket.create_connection(("127.0.0.1", where.port), seconds)
    try:
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        nonce = secrets.token_bytes(NONCE)
        made.sendall(nonce)
        greeted = _exactly(made, 2 * NONCE)
        if not hmac.compare_digest(greeted[:NONCE], proof(where.secret, b"gate", nonce)):
            raise ConnectionError("somebody else")
        made.sendall(proof(where.secret, b"hand", greeted[NONCE:]))
    except BaseException:
        made.close()
        raise
    return made


def _exactly(made: socket.socket, count: int) -> bytes:
    found = bytearray()
    while len(found) < count:
        got = made.recv(count - len(found))
        if not got:
            raise ConnectionError("closed")
        found += got
    return bytes(found)


def _answer(made: socket.socket) -> tuple[int, bytes]:
    number, size = HEAD.unpack(_exactly(made, HEAD.size))
    if size > 65_536:
        raise ConnectionError("no answer")
    return number, _exactly(made, size)


# ---- the ingest's side ----


def check(block: Block) -> None:
    """Refuse a block that can not be kept.

    Raises:
        BadInput: `iot_company`, `iot_name`, `iot_time` (before 1900 or after 2200), `iot_value` (not finite, no boolean, no text of the table, a text
            over 256 bytes).
    """
    if not len(block):
        return
    company, machine, signal = block.series
    if not COMPANY.match(company):
        raise refusals.impossible("iot_company", company[:80])
    check_name(machine, "machine")
    check_name(signal, "signal")
    where = f"{machine}/{signal}"
    for times in (block.time, block.arrived):
        if int(times.min()) < EARLIEST or int(times.max()) >= LATEST:
            raise refusals.impossible("iot_time", where)
    value = block.value
    if block.kind is Kind.TEXT:
        places = (value >= 0) & (value < len(block.texts)) & (value == np.floor(value))
        short = all(map(_short, block.texts))
        fits = bool(places.all()) and short
    elif block.kind is Kind.BOOLEAN:
        fits = bool(((value == 0) | (value == 1)).all())
    else:
        fits = bool(np.isfinite(value).all())
    if not fits:
        raise refusals.impossible("iot_value", where)


def _short(text: object) -> bool:
    try:
        return isinstance(text, str) and len(text.encode()) <= MAX_TEXT
    except UnicodeEncodeError:  # half a character
        return False
