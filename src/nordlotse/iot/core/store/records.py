"""Records in a file that only grows: length, checksum, content. What was torn by a crash is told from what was spoilt on the disk.

A record is `<4sII`: a mark, the length of the content, and CRC-32 (ISO 3309, as zlib's) over length and content. By the mark the next
whole record is found after damage. What stands in a record may come from anybody, and after damage a record inside a content would be
taken for one of ours: where that matters a file has a mark and a beginning of the checksum of its own (`Seal`), which nobody can guess.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

HEAD = struct.Struct("<4sII")
#: Longest content of a record in bytes; a longer claim is damage.
MOST = 64 * 1024 * 1024
#: Behind damage so many bytes are checked for each byte of the file: heads of no record, one behind the other, must not keep anybody busy.
_EFFORT = 8


class Seal(NamedTuple):
    """How the records of a file are told: their mark of four bytes, and what the checksum begins with."""

    mark: bytes
    seed: int


#: Of files without a seal of their own.
PLAIN = Seal(b"\xf5NLr", 0)
#: Bytes a seal is made of.
SALT_BYTES = 8


def seal(salt: bytes) -> Seal:
    """Return the seal made of `SALT_BYTES` random bytes, `PLAIN` for none."""
    return Seal(salt[:4], int.from_bytes(salt[4:], "little")) if salt else PLAIN


@dataclass(frozen=True, slots=True)
class Damage:
    """A stretch of a file that is no record: where it begins and ends; `inside`: whole records follow it, so it is no torn tail."""

    begin: int
    end: int
    inside: bool


def record(*parts: bytes | bytearray | memoryview, sealed: Seal = PLAIN) -> bytes:
    """Return the parts, one behind the other, as a record.

    Raises:
        ValueError: nothing, or more than `MOST` bytes.
    """
    size = sum(map(len, parts))
    if not 0 < size <= MOST:
        raise ValueError(f"a record of {size} bytes")
    mark, seed = sealed
    crc = zlib.crc32(size.to_bytes(4, "little"), seed)
    for part in parts:
        crc = zlib.crc32(part, crc)
    return b"".join((HEAD.pack(mark, size, crc), *parts))


def records(
    data: bytes | memoryview, begin: int = 0, damages: list[Damage] | None = None, sealed: Seal = PLAIN
) -> Iterator[tuple[int, int, memoryview]]:
    """Yield (begin, end, content) of every whole record from `begin` on; damage is skipped and put into `damages`.

    A bit that flipped costs one record, never those behind it.
    """
    view = memoryview(data)
    search = _Search(data, sealed)
    at = begin
    while at < len(view):
        end = whole(view, at, sealed)
        if end:
            yield at, end, view[at + HEAD.size : end]
            at = end
            continue
        then = search.behind(at)
        if damages is not None:
            damages.append(Damage(at, then or len(view), then is not None or search.left < 0))
        if then is None:
            return
        at = then


def unbroken(data: bytes | memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """Yield (begin, end, content) of the whole records up to the first that is none."""
    view, at = memoryview(data), 0
    while end := whole(view, at):
        yield at, end, view[at + HEAD.size : end]
        at = end


def whole(view: memoryview, at: int, sealed: Seal = PLAIN) -> int:
    """Return where the record at `at` ends, 0 if there is none."""
    if at + HEAD.size > len(view):
        return 0
    mark, size, crc = HEAD.unpack_from(view, at)
    end = at + HEAD.size + size
    if mark != sealed.mark or not 0 < size <= MOST or end > len(view):
        return 0
    told = zlib.crc32(view[at + HEAD.size : end], zlib.crc32(view[at + 4 : at + 8], sealed.seed))
    return end if told == crc else 0


class _Search:
    """Looks for the next whole record behind damage; all looking in a file together checks a few times its bytes at most."""

    def __init__(self, data: bytes | memoryview, sealed: Seal) -> None:
        self._data = data
        self._view = memoryview(data)
        self._sealed = sealed
        #: Bytes that may still be checked. Below 0 nothing more is found: what is left is told as damage.
        self.left = _EFFORT * len(data)

    def behind(self, at: int) -> int | None:
        """Return where the next whole record behind a damaged one begins.

        With a seal that is the nearest, as no content holds one. Without, what stands in the content must not be looked at: the length leads
        behind it, unless it is the length that was hit.
        """
        if self._sealed == PLAIN and at + HEAD.size <= len(self._view):
            end = at + HEAD.size + int(HEAD.unpack_from(self._view, at)[1])
            if self._whole(end):
                return self._shorter(at, end) or end
        if isinstance(self._data, memoryview):
            self._data = bytes(self._data)
        at += 1
        while self.left >= 0 and (at := self._data.find(self._sealed.mark, at)) >= 0:
            if self._whole(at):
                return at
            at += 1
        return None

    def _shorter(self, at: int, end: int) -> int:
        """Return where the damaged record at `at` ends whose length leads to `end` past whole records, as one bit of it flipped; 0: its length is right.

        Then the mark is right, and so is the checksum with that bit as it was. A content may be made so that its beginning has the checksum of
        the whole and records follow in it: of those one is damaged, or it is the checksum that was hit.
        """
        mark, size, crc = HEAD.unpack_from(self._view, at)
        if mark != self._sealed.mark or (self._checksum(at, size) ^ crc).bit_count() == 1:
            return 0
        for bit in reversed(range(size.bit_length())):
            less = size & ~(1 << bit)
            then: int = at + HEAD.size + less
            if 0 < less < size and self._view[then : then + 4] == self._sealed.mark and self._checksum(at, less) == crc:
                reached = then
                while reached < end and self._whole(reached):
                    reached += HEAD.size + int(HEAD.unpack_from(self._view, reached)[1])
                if reached >= end:
                    return then
        return 0

    def _checksum(self, at: int, size: int) -> int:
        """Return the checksum of the record at `at` if it were so long; -1 where too much was checked already."""
        self.left -= size
        if self.left < 0:
            return -1
        return zlib.crc32(
            self._view[at + HEAD.size :][:size], zlib.crc32(size.to_bytes(4, "little"), self._sealed.seed)
        )

    def _whole(self, at: int) -> bool:
        if at + HEAD.size > len(self._view):
            return False
        mark, size, _ = HEAD.unpack_from(self._view, at)
        if mark == self._sealed.mark and at + HEAD.size + size <= len(self._view):
            self.left -= size
        return self.left >= 0 and whole(self._view, at, self._sealed) > 0
