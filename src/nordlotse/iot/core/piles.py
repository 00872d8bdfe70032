"""Publications of one topic that look alike, by the hundred thousand: their numbers and times are found without touching them one by one.

Recovery of a long log lives on it. What it reads is what `mqtt.frames` and `decoding` read one by one: every step is checked for all
publications at once, and where one differs nothing is read here at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import orjson
from numpy.typing import NDArray

from nordlotse.iot.core.values import Floats, Times

_Bytes = NDArray[np.uint8]
#: What a JSON text of plain numbers and commas has none of: beginnings of texts, objects, true, false, null; lists but the one around.
_OTHERS = (b'"', b"{", b"t", b"f", b"n")
_SPACE, _COMMA = 0x20, 0x2C
#: Head of an object's value, and what stands between value and time.
_VALUE = re.compile(rb'\{ ?"value": ?')
_TIME = re.compile(rb', ?"time": ?')


@dataclass(frozen=True, eq=False)
class Pile:
    """What publications say: `value` (n,), `ms` since 1970 (n,) where they tell times, and where in the bytes each begins, (n,)."""

    value: Floats
    ms: Times | None
    begin: Times


def topic_of(frames: bytes) -> bytes:
    """Return the topic of the first publication, b"" if it is longer than such piles hold."""
    if len(frames) < 4 or frames[0] not in (0x30, 0x32) or frames[1] > 127:
        return b""
    size = frames[2] << 8 | frames[3]
    return frames[4 : 4 + size] if 0 < size < 120 else b""


def how_many(frames: bytes) -> int:
    """Return how many publications with quality of service 1 and topics of one length follow each other exactly, 0 if they are not all such."""
    if len(frames) < 4 or frames[0] != 0x32 or frames[2]:
        return 0
    data = np.frombuffer(frames, np.uint8)
    begin = _begins(data, data[0], frames[3])
    return 0 if begin is None else len(begin)


def pile(frames: bytes, topic: bytes, version: int) -> Pile | None:
    """Return what publications one behind the other say if all have this topic, one form and a plain number; None otherwise."""
    data = np.frombuffer(frames, np.uint8)
    head = data[0]
    begin = _begins(data, head, len(topic))
    step = len(data) // len(begin) if begin is not None and _even(begin, len(data)) else 0
    if begin is None or not _all(data, begin + 4, topic, step):
        return None
    skip = 4 + len(topic) + (2 if head == 0x32 else 0)
    if head == 0x32 and ((data[begin + skip - 2] | data[begin + skip - 1]) == 0).any():
        return None  # a packet identifier of 0
    end = np.append(begin[1:], len(data))
    if version == 5:
        if int((end - begin).min()) <= skip or data[begin + skip].any():
            return None  # properties
        skip += 1
    if int((end - begin).min()) <= skip:
        return None  # an empty payload
    first = frames[skip : int(end[0])]
    listed = bytearray(b"[%b]" % frames)
    text = np.frombuffer(listed, np.uint8)[1:-1]
    _blank(text, begin, skip, step)
    text[begin[1:]] = _COMMA
    timed = False
    if first[:1] == b"{":
        found = _opened(data, text, begin + skip, end, first, step)
        if found is None:
            return None
        timed = found
    return _read(listed, begin, timed)


def _begins(data: _Bytes, head: np.uint8, topic: int) -> Times | None:
    """Return where the publications begin if they follow each other exactly."""
    if len(data) < 5:
        return None
    step = 2 + int(data[1])
    if 4 <= step <= 129 and len(data) % step == 0:  # all of one length, as most machines send
        heads = data.reshape(-1, step)[:, :4]
        if (heads == np.array([head, step - 2, 0, topic])).all():
            return np.arange(0, len(data), step)
    like = (data[:-3] == head) & (data[2:-1] == 0) & (data[3:] == topic)
    begin = np.flatnonzero(like)
    if not len(begin) or begin[0] != 0:
        return None
    size = data[begin + 1].astype(np.int64)
    follows = begin + 2 + size
    if (size > 127).any() or (follows[:-1] != begin[1:]).any() or follows[-1] != len(data):
        return None
    return begin


def _even(begin: Times, length: int) -> bool:
    """Return whether all publications are equally long."""
    return length % len(begin) == 0 and bool((np.diff(begin, append=length) == length // len(begin)).all())


def _opened(data: _Bytes, text: _Bytes, begin: Times, end: Times, first: bytes, step: int) -> bool | None:
    """Take the words of objects away, so that value and time are left; return whether there is a time, None if they are not alike."""
    value = _VALUE.match(first)
    if value is None or (data[end - 1] != ord("}")).any() or not _all(data, begin, value[0], step):
        return None
    time = _TIME.search(first)
    text[end - 1] = _SPACE
    _blank(text, begin, len(value[0]), step)
    if time is None:
        return False
    word = time[0]
    comma = begin + time.start()
    if step and _all(data, comma, word, step):  # a second one, elsewhere, would leave its quotation marks
        _blank(text, comma + 1, len(word) - 1, step)
        return True
    comma = _at(data, word)
    if len(comma) != len(begin) or (comma <= begin).any() or (comma >= end).any():
        return None
    _blank(text, comma + 1, len(word) - 1)
    return True


def _at(data: _Bytes, word: bytes) -> Times:
    """Return the places at which a word stands."""
    found = np.flatnonzero(data[: len(data) - len(word) + 1] == word[0])
    for place, letter in enumerate(word[1:], 1):
        found = found[data[found + place] == letter]
    return found


def _read(listed: bytearray, begin: Times, timed: bool) -> Pile | None:
    """Return the numbers that are left in the text, a list in JSON, if nothing but numbers is."""
    if listed.find(b"[", 1) > 0 or any(other in listed for other in _OTHERS):
        return None
    try:
        numbers = np.array(orjson.loads(listed), np.float64)
    except (ValueError, OverflowError):
        return None
    n = len(begin)
    if len(numbers) != (2 * n if timed else n) or not np.isfinite(numbers).all():
        return None
    if not timed:
        return Pile(numbers, None, begin)
    ms = numbers[1::2]
    whole = np.clip(ms, -(2**53), 2**53).astype(np.int64)  # beyond, a float64 does not hold every whole number
    if (whole != ms).any():
        return None
    return Pile(numbers[::2].copy(), whole, begin)


def _all(data: _Bytes, begin: Times, word: bytes, step: int = 0) -> bool:
    """Return whether a word stands at every one of the places; `step`: how far they are apart, if all publications are equally long."""
    if not len(begin) or int(begin[-1]) + len(word) > len(data):
        return False
    if step and begin[0] + len(word) <= step:
        columns = data.reshape(-1, step)[:, begin[0] : begin[0] + len(word)]
        return bool((columns == np.frombuffer(word, np.uint8)).all())
    return all(bool((data[begin + place] == letter).all()) for place, letter in enumerate(word))


def _blank(text: _Bytes, begin: Times, count: int, step: int = 0) -> None:
    """Put spaces in the place of `count` bytes from each of the places on; `step` as in `_all`."""
    if step and begin[0] + count <= step:
        text.reshape(-1, step)[:, begin[0] : begin[0] + count] = _SPACE
        return
    for place in range(count):
        text[begin + place] = _SPACE
