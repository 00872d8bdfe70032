"""Values that come over HTTP: JSON or lines become blocks, and are answered when they are safe on the disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nordlotse.foundation.problem import BadInput
from nordlotse.iot import memory
from nordlotse.iot.core import lines
from nordlotse.iot.core.gate import hand_in
from nordlotse.iot.core.lines import Wrong
from nordlotse.iot.core.stores import micros
from nordlotse.iot.entrance import Guest, entrance
from nordlotse.iot.leaving import follow
from nordlotse.iot.queries.limits import check_room, growing

#: Values of one request at most.
MOST = 100_000


@dataclass(frozen=True, slots=True)
class Sent:
    """How many values are safe on the disk, and what was not taken."""

    stored: int
    wrong: Sequence[Wrong]


def send(guest: Guest, body: bytes, content_type: str, unit: str = "ns") -> Sent:
    """Take in what of a body can be read; that is safe on the disk when this returns.

    Raises:
        BadInput: nothing can be read (`iot_body`, `iot_body_json`, `iot_unit`), or more than `MOST` (`iot_body_many`).
        NotAllowed: `iot_other_machine`.
        TooMany: `iot_values_rate`, `iot_sandbox_full`, `iot_sandbox_signals`, `iot_signals_machine`, `iot_signals_hall`.
        NotAvailable: `iot_not_running`, `iot_disk_full`.
    """
    blocks, wrong = lines.parse(body, content_type, guest.hall.store, guest.machine or None, micros(), unit)
    for block in blocks:
        entrance.check_sender(guest, block.series.machine)
    count = sum(map(len, blocks))
    if not count:
        raise _nothing(wrong)
    if count > MOST:
        raise BadInput(
            "iot_body_many",
            de=f"Das sind {count} Werte, auf einmal gehen {MOST}.",
            en=f"These are {count} values, {MOST} are possible at once.",
            where="body",
            remedy_de="Bitte in Teilen senden.",
            remedy_en="Send them in parts.",
        )
    check_room(guest.hall)
    with growing(guest.hall, {block.series for block in blocks}):
        entrance.take(guest.hall, count)
        hand_in(memory.folder(), blocks)
    follow(guest.hall.store)
    return Sent(count, wrong)


def _nothing(wrong: Sequence[Wrong]) -> BadInput:
    first = wrong[0] if wrong else None
    return BadInput(
        "iot_body",
        de=first.message("de") if first else "Es ist kein Wert dabei.",
        en=first.message("en") if first else "There is no value in it.",
        where=f"body.{first.line}" if first else "body",
        remedy_de="Die Beschreibung steht unter /api/v1/openapi.json; gespeichert wurde nichts.",
        remedy_en="The description is at /api/v1/openapi.json; nothing was stored.",
    )
