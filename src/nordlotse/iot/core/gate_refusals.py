"""What the gate refuses, in words for people."""

from __future__ import annotations

import errno
from pathlib import Path

from nordlotse.foundation.problem import BadInput, NotAvailable, TooLarge, TooMany

_TOLD = {
    "iot_company": ("Das kann keine Kennung eines Unternehmens sein.", "This cannot be a company's id."),
    "iot_time": ("Zeiten vor 1900 oder nach 2199 kann kein Wert haben.", "No value can have a time before 1900 or after 2199."),
    "iot_value": (
        "Ein Wert ist keine endliche Zahl, kein Wahrheitswert oder ein Text über 256 Bytes.",
        "A value is no finite number, no boolean, or a text over 256 bytes.",
    ),
    "iot_frame": ("Was ankam, sind keine Werte eines Unternehmens.", "What came are no values of one company."),
}  # fmt: skip


def impossible(code: str, where: str) -> BadInput:
    """Return that blocks cannot be kept: `iot_company`, `iot_time`, `iot_value`, `iot_frame`."""
    de, en = _TOLD[code]
    return BadInput(code, de=de, en=en, where=where)


def too_large(size: int, most: int) -> TooLarge:
    """Return that a frame of so many bytes is too large."""
    return TooLarge(
        "iot_frame_size",
        de="So viele Werte auf einmal nimmt die Aufnahme nicht.",
        en="Taking in does not accept so many values at once.",
        where=f"{size} > {most}",
    )


def busy(most: int) -> TooMany:
    """Return that too many programs hand in values."""
    return TooMany(
        "iot_gate_busy",
        de="Zu viele Programme übergeben gerade Werte.",
        en="Too many programs are handing in values.",
        where=f"{most}",
        remedy_de="Bitte gleich noch einmal versuchen.",
        remedy_en="Try again in a moment.",
    )


def disk(error: OSError) -> NotAvailable:
    """Return that the disk does not take what came."""
    if error.errno == errno.ENOSPC:
        return NotAvailable(
            "iot_disk_full",
            de="Der Datenträger ist fast voll. Die Werte sind nicht gespeichert.",
            en="The disk is nearly full. The values are not stored.",
            remedy_de="Bitte Platz schaffen und die Werte noch einmal senden.",
            remedy_en="Make room and send the values again.",
        )
    return NotAvailable(
        "iot_disk_failing",
        de="Der Datenträger nimmt gerade nichts an. Die Werte sind nicht gespeichert.",
        en="The disk takes nothing now. The values are not stored.",
        where=str(error.strerror or ""),
        remedy_de="Bitte den Datenträger prüfen und die Werte noch einmal senden.",
        remedy_en="Check the disk and send the values again.",
    )


def not_running(folder: Path) -> NotAvailable:
    """Return that nobody takes values in."""
    return NotAvailable(
        "iot_not_running",
        de="Die Aufnahme der Maschinendaten läuft gerade nicht.",
        en="Taking in machine data is not running now.",
        where=str(folder),
        remedy_de="`nordlotse start` oder `nordlotse iot serve` startet sie. Nochmals senden schadet nicht.",
        remedy_en="`nordlotse start` or `nordlotse iot serve` starts it. Sending again does no harm.",
    )


def slow() -> NotAvailable:
    """Return that no answer came in time."""
    return NotAvailable(
        "iot_slow",
        de="Die Aufnahme der Maschinendaten antwortet nicht rechtzeitig.",
        en="Taking in machine data does not answer in time.",
        remedy_de="Bitte noch einmal senden; doppelte Werte werden nur einmal gespeichert.",
        remedy_en="Send again; values that come twice are stored once.",
    )
