"""The other side of the gate: takes frames of our own processes, has them made safe, and answers. `gate` tells what goes over the wire."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import os
import secrets
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from nordlotse.foundation.child import as_told
from nordlotse.foundation.problem import Problem
from nordlotse.iot.core import gate_refusals as refusals
from nordlotse.iot.core.gate import (
    CONNECTIONS,
    FILE,
    FRAME_BYTES,
    FRAME_SECONDS,
    HEAD,
    HELD_BYTES,
    IDLE_SECONDS,
    NONCE,
    PROOF_SECONDS,
    UNDER_WAY,
    check,
    proof,
)
from nordlotse.iot.core.store import hot
from nordlotse.iot.core.store.log import START
from nordlotse.iot.core.values import Block

_log = logging.getLogger("nordlotse.iot")

#: Connections that have not proved yet that they know the secret.
_UNPROVED = 256


class Taker(Protocol):
    """What makes blocks safe: the ingest's `Committer`."""

    failing: str

    @property
    def full(self) -> bool:
        """Return whether nobody should be read from."""

    def put(self, entry: list[Block], done: Callable[[OSError | None], None], packed: bytes = b"") -> None:
        """Make blocks safe and call `done`; `packed`: the same as they came."""


class Gate:
    """The gate as the ingest holds it. Belongs to one event loop."""

    def __init__(self, folder: Path, taker: Taker) -> None:
        """Take the data folder and who makes values safe. The file of an earlier run is removed: nobody listens there."""
        self._path = folder / FILE
        self._path.unlink(missing_ok=True)
        self._taker = taker
        self._secret = secrets.token_bytes(32)
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()
        self._held = self._unproved = 0
        self._closing = False

    async def open(self) -> None:
        """Listen, and say where; returns when that is written.

        Raises:
            OSError.
        """
        self._server = await asyncio.start_server(self._connection, "127.0.0.1", 0, limit=1024 * 1024)
        port = self._server.sockets[0].getsockname()[1]
        content = json.dumps({"port": port, "secret": self._secret.hex()}).encode()
        while not self._closing and not self._told(content):
            await asyncio.sleep(1)

    def _told(self, content: bytes) -> bool:
        """Write where the gate is, and return whether that was possible."""
        partial = self._path.with_name(f"{FILE}.partial")
        try:
            partial.unlink(missing_ok=True)
            handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            partial.replace(self._path)
        except OSError as error:
            _log.error("event=iot_gate_unwritten error=%s", error.strerror)
            return False
        return True

    async def close(self) -> None:
        """Take nothing more, answer what came, remove the file. The committer must still run."""
        self._closing = True
        self._path.unlink(missing_ok=True)
        if self._server is not None:
            self._server.close()
        for task in list(self._serving):
            task.cancel()
        if self._serving:
            await asyncio.wait(self._serving, timeout=10)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or self._closing:
            writer.close()
            return
        self._serving.add(task)
        visitor = _Visitor(reader, writer)
        try:
            self._unproved += 1
            try:
                if self._unproved > _UNPROVED:
                    return
                async with asyncio.timeout(PROOF_SECONDS):
                    known = await visitor.proved(self._secret)
            finally:
                self._unproved -= 1
            if not known:
                _log.warning("event=iot_gate_refused")
            elif len(self._serving) - self._unproved > CONNECTIONS:
                await visitor.refuse(0, refusals.busy(CONNECTIONS))
            else:
                await self._serve(visitor)
        except (OSError, EOFError, TimeoutError, struct.error, asyncio.CancelledError):
            pass  # it left, was too slow, or we close
        finally:
            with suppress(asyncio.CancelledError):
                await visitor.leave()
            self._serving.discard(task)

    async def _serve(self, visitor: _Visitor) -> None:
        while not self._closing:
            async with asyncio.timeout(IDLE_SECONDS):
                number, size = HEAD.unpack(await visitor.reader.readexactly(HEAD.size))
            if size > FRAME_BYTES:
                await visitor.refuse(number, refusals.too_large(size, FRAME_BYTES))
                return
            while (self._held and self._held + size > HELD_BYTES) or (self._taker.full and not self._taker.failing):
                await asyncio.sleep(0.002)
            self._held += size
            try:
                async with asyncio.timeout(FRAME_SECONDS):
                    content = await visitor.reader.readexactly(size)
                await visitor.room()
            except BaseException:
                self._held -= size
                raise
            self._take(visitor, number, content)

    def _take(self, visitor: _Visitor, number: int, content: bytes) -> None:
        """Put a frame's values to be made safe; the answer follows then."""

        def done(error: OSError | None) -> None:
            self._held -= len(content)
            visitor.settled(number, None if error is None else refusals.disk(error))

        visitor.waiting += 1
        try:
            blocks, whole = _blocks(content)
            self._taker.put(blocks, done, content if whole else b"") if blocks else done(None)
        except Problem as problem:
            self._held -= len(content)
            visitor.settled(number, problem)
        except Exception as error:  # whatever it is: what is held for it is given back, or the gate would stand still
            _log.error("event=iot_gate_frame_failed error=%s", type(error).__name__)
            self._held -= len(content)
            visitor.settled(number, refusals.impossible("iot_frame", "frame"))


class _Visitor:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self._writer = writer
        #: Frames without an answer.
        self.waiting = 0
        self._less = asyncio.Event()

    async def proved(self, secret: bytes) -> bool:
        """Prove that we know the secret and return whether the other side does."""
        nonce = secrets.token_bytes(NONCE)
        theirs = await self.reader.readexactly(NONCE)
        self._writer.write(proof(secret, b"gate", theirs) + nonce)
        told = await self.reader.readexactly(NONCE)
        return hmac.compare_digest(told, proof(secret, b"hand", nonce))

    async def room(self) -> None:
        """Return when few frames wait for their answers."""
        await self._until(UNDER_WAY - 1)

    async def refuse(self, number: int, problem: Problem) -> None:
        """Answer that nothing more is taken, and wait until the other side has gone: what it still sends would undo the answer."""
        self.answer(number, problem)
        self._writer.write_eof()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(PROOF_SECONDS):
                while await self.reader.read(65_536):
                    pass

    async def leave(self) -> None:
        """Close when everything is answered."""
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(5):
                await self._until(0)
                await self._writer.drain()
        self._writer.close()

    async def _until(self, most: int) -> None:
        while self.waiting > most:
            self._less.clear()
            await self._less.wait()

    def settled(self, number: int, problem: Problem | None) -> None:
        """Answer a frame."""
        self.waiting -= 1
        self._less.set()
        self.answer(number, problem)

    def answer(self, number: int, problem: Problem | None) -> None:
        """Send an answer, if the other side is still there."""
        if not self._writer.is_closing():
            told = b"{}" if problem is None else json.dumps(as_told(problem)).encode()
            self._writer.write(HEAD.pack(number, len(told)) + told)


def _blocks(content: bytes) -> tuple[list[Block], bool]:
    """Return a frame's blocks if all can be kept, and whether the frame holds just them, so that it can stand in the log as it came.

    Raises:
        BadInput.
    """
    try:
        told = hot.unpacked(memoryview(content))
    except (ValueError, struct.error, TypeError) as error:
        raise refusals.impossible("iot_frame", "frame") from error
    blocks = [block for block in told.blocks if len(block)]
    for block in blocks:
        check(block)
    if len({block.series.company for block in blocks}) > 1:  # readers look at a record's first block only
        raise refusals.impossible("iot_frame", "companies")
    return blocks, len(blocks) == len(told.blocks) and told.until == START
