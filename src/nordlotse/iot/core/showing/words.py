"""Values, ages and moments as short words, in German and English; moments are told in the time of Berlin."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import floor, isfinite, log10
from zoneinfo import ZoneInfo

from nordlotse.foundation.language import Lang
from nordlotse.iot.core.values import Quality

#: The time the pages show.
ZONE = ZoneInfo("Europe/Berlin")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: So many digits behind the point at most, however small a value.
_FINEST = 9


def digits(value: float) -> int:
    """Return how many digits behind the point a value is shown with: none from a thousand on, below one three that count."""
    size = abs(value)
    if size >= 1000 or size == 0 or not isfinite(size):
        return 0
    if size >= 100:
        return 1
    return 2 if size >= 1 else min(2 - floor(log10(size)), _FINEST)


def figure(value: float, lang: Lang, most: int | None = None) -> str:
    """Return a value as people read it: "1.234", "12,5", "0,0123"; with so many digits behind the point at `most`, else as its size asks for."""
    text = f"{value:,.{digits(value) if most is None else most}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if text == "-0":
        text = "0"
    return text.translate(str.maketrans(",.", ".,")) if lang == "de" else text


def said(value: float | bool | str, lang: Lang) -> str:
    """Return any value: a number, "an" or "aus", or a text as it came."""
    if isinstance(value, bool):
        return ("an" if value else "aus") if lang == "de" else ("on" if value else "off")
    return value if isinstance(value, str) else figure(value, lang)


def moment(time: int) -> datetime:
    """Return a time (µs since 1970) in the time of Berlin."""
    return (_EPOCH + timedelta(microseconds=time)).astimezone(ZONE)


def micros(when: datetime) -> int:
    """Return a moment as µs since 1970; without a zone it is taken for the time of Berlin."""
    aware = when if when.tzinfo else when.replace(tzinfo=ZONE)
    return (aware - _EPOCH) // timedelta(microseconds=1)


def clock(time: int, lang: Lang, seconds: bool = True) -> str:
    """Return day and time: "23.11.2026, 14:05:12" or "23 Nov 2026, 14:05:12"."""
    when = moment(time)
    day = f"{when:%d.%m.%Y}" if lang == "de" else f"{when.day} {_MONTHS[when.month - 1]} {when.year}"
    return f"{day}, {when:%H:%M:%S}" if seconds else f"{day}, {when:%H:%M}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def age(seconds: float, time: int, lang: Lang) -> str:
    """Return how old a value is: "jetzt", "vor 12 s", "vor 5 min", "vor 3 h", older than two days the day; ahead of our clock: that."""
    if seconds < -60:
        return "Uhr geht vor" if lang == "de" else "clock is ahead"
    if seconds < 2:
        return "jetzt" if lang == "de" else "now"
    for below, unit, one in ((60, "s", 1), (3600, "min", 60), (48 * 3600, "h", 3600)):
        if seconds < below:
            count = int(seconds // one)
            return f"vor {count} {unit}" if lang == "de" else f"{count} {unit} ago"
    return clock(time, lang, seconds=False)


#: What a mark on a value says, the gravest first.
_MARKS: tuple[tuple[Quality, str, str], ...] = (
    (Quality.BAD, "laut Quelle ungültig", "bad, says the source"),
    (Quality.UNCERTAIN, "laut Quelle unsicher", "uncertain, says the source"),
    (Quality.CLOCK, "Uhr der Maschine geht falsch", "the machine's clock is wrong"),
    (Quality.IMPORTED, "aus einer Datei", "from a file"),
    (Quality.NO_TIME, "ohne Zeit der Maschine", "without a time of the machine"),
)


def marks(quality: int, lang: Lang, least: Quality = Quality.NO_TIME) -> list[str]:
    """Return what is known of a value beside itself; only `NO_TIME` is left out where `least` is another one."""
    told = [one for one in _MARKS if quality & one[0] and (least is Quality.NO_TIME or one[0] is not Quality.NO_TIME)]
    return [de if lang == "de" else en for _, de, en in told]
