"""What somebody tells about cost, as typed: quantity, today's way, the process to look at, own cost figures."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from nordlotse.foundation.language import Lang, Text
from nordlotse.print3d.core.comparison import Today
from nordlotse.print3d.core.costs import MOST, PROCESSES
from nordlotse.print3d.core.rates import Rates
from nordlotse.print3d.queries.costs import QUANTITY, Chosen, impossible

#: What comes before the key of an own cost figure in a form.
FIGURE = "f."
#: A form that was sent holds one of these.
_FIELDS = ("quantity", "price", "lead", "minimum", "process")
_MOST_EUROS = 1_000_000.0
_MOST_DAYS = 1_000
_AROUND = re.compile(
    r"^(?:ca\.?|etwa|rund|about|circa)\s+|\s*(?:€|eur|euros?|stück|stk\.?|pieces?|pcs\.?)$", re.IGNORECASE
)
_LEAD = re.compile(
    r"(\d{1,4})(?:\s*(?:-|–|bis|to)\s*(\d{1,4}))?\s*(?:(tage?n?|days?|d)|(wochen?|weeks?|w)|(monate?n?|months?))?\.?",
    re.IGNORECASE | re.ASCII,
)


class Fields(Protocol):
    """What a form sent: a `QueryDict`."""

    def get(self, key: str, default: str, /) -> Any:
        """Return the last value of a field."""

    def getlist(self, key: str, /) -> list[Any]:
        """Return all values of a field."""

    def __contains__(self, key: object, /) -> bool:
        """Tell whether a field was sent."""

    def keys(self) -> Any:
        """Return the names of all fields."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was told. `wrong` says what could not be read, by field; `typed` is what stands in the fields, in the language `marks`.

    `detail`: process to look at closely, "" for none named; `show`: ways to draw, () for the usual ones.
    """

    chosen: Chosen
    detail: str = ""
    show: tuple[str, ...] = ()
    wrong: Mapping[str, Text] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)
    marks: Lang = "de"


def decimal(typed: str, lang: Lang) -> float | None:
    """Return a number as people of a language write it: "1.234,50 €" and "4.1" in German; None where it is none.

    A mark followed by exactly three digits parts thousands if it is the language's own mark for that.
    """
    said = _AROUND.sub("", _AROUND.sub("", typed.strip())).replace("\u00a0", "").replace(" ", "")
    thousand, point = (".", ",") if lang == "de" else (",", ".")
    if re.fullmatch(rf"\d{{1,3}}(?:{re.escape(thousand)}\d{{3}})+(?:{re.escape(point)}\d+)?", said, re.ASCII):
        said = said.replace(thousand, "").replace(point, ".")
    elif re.fullmatch(r"\d{1,12}(?:[.,]\d{1,9})?", said, re.ASCII):
        said = said.replace(",", ".")
    else:
        return None
    return float(said)


def read(given: Fields, kept: Mapping[str, Any], base: Rates, before: Chosen, lang: Lang) -> Wanted:
    """Return what was told; where no form was sent, what is kept with the part (`before`, and `kept` as it is kept)."""
    names = [name for name in given.keys() if name.startswith(FIGURE)]  # noqa: SIM118 - a QueryDict
    detail = str(given.get("detail", ""))
    detail = detail if detail in PROCESSES else str(kept.get("detail", ""))
    show = tuple(dict.fromkeys(str(name) for name in given.getlist("show") if name in (*PROCESSES, "today")))
    if not any(name in given for name in _FIELDS) and not names:
        return Wanted(before, detail, show, marks=lang)
    wrong: dict[str, Text] = {}
    # numbers are read as they were typed, also where the page was changed to the other language since
    lang = {"de": "de", "en": "en"}.get(str(given.get("marks", "")), lang)  # type: ignore[assignment]
    quantity = _whole(str(given.get("quantity", "")), "quantity", MOST, wrong, lang) or QUANTITY
    today = _today(given, wrong, lang)
    figures = _figures(given, names, base, wrong, lang)
    typed = {name: str(given.get(name, ""))[:60] for name in _FIELDS if name in given}
    return Wanted(Chosen(quantity, today, figures, True), detail, show, wrong, typed, lang)


def _whole(typed: str, name: str, most: int, wrong: dict[str, Text], lang: Lang) -> int | None:
    if not typed.strip():
        return None
    value = decimal(typed, lang)
    if value is None or value != int(value) or not 1 <= value <= most:
        shown = f"{most:,}"
        wrong[name] = Text(
            f"Bitte eine ganze Zahl von 1 bis {shown.replace(',', '.')}.", f"Give a whole number from 1 to {shown}."
        )
        return None
    return int(value)


def _today(given: Fields, wrong: dict[str, Text], lang: Lang) -> Today | None:
    typed = str(given.get("price", ""))
    price = decimal(typed, lang) if typed.strip() else None
    if typed.strip() and (price is None or not 0 < price <= _MOST_EUROS):
        wrong["price"] = Text(
            "Bitte einen Preis in Euro je Stück, zum Beispiel 12,50.",
            "Give a price in euros per piece, for example 12.50.",
        )
        price = None
    minimum = _whole(str(given.get("minimum", "")), "minimum", MOST, wrong, lang) or 1
    lead = lead_time(str(given.get("lead", "")))
    if lead is None:
        wrong["lead"] = Text(
            "Bitte Tage oder Wochen, zum Beispiel 14, 10–20 oder 3 Wochen.",
            "Give days or weeks, for example 14, 10–20 or 3 weeks.",
        )
    if price is None or wrong:
        return None
    process = " ".join(str(given.get("process", "")).split())[:60]
    return Today(price, lead or (0, 0), minimum, process)


def lead_time(typed: str) -> tuple[int, int] | None:
    """Return a lead time in days: "14", "10–20", "3 Wochen"; (0, 0) for nothing said, None where it is no time."""
    if not typed.strip():
        return 0, 0
    found = _LEAD.fullmatch(typed.strip())
    if found is None:
        return None
    times = 7 if found[4] else 30 if found[5] else 1
    soon, late = int(found[1]) * times, int(found[2] or found[1]) * times
    return (soon, late) if soon <= late <= _MOST_DAYS else None


def own_figures(given: Fields, base: Rates, wrong: dict[str, Text], lang: Lang) -> dict[str, float]:
    """Return the own cost figures a form holds; what cannot be taken is said in `wrong`, by field."""
    names = [name for name in given.keys() if name.startswith(FIGURE)]  # noqa: SIM118 - a QueryDict
    return _figures(given, names, base, wrong, lang)


def _figures(given: Fields, names: Sequence[str], base: Rates, wrong: dict[str, Text], lang: Lang) -> dict[str, float]:
    known = {rate.id for way in base.ways.values() for rate in way.rates.values()}
    figures = {}
    for name in names[:200]:
        key, typed = name.removeprefix(FIGURE), str(given.get(name, ""))
        if not typed.strip() or key not in known or key == given.get("reset", ""):
            continue
        value = decimal(typed, lang)
        why = impossible(base, key, value) if value is not None else None
        if value is None or why is not None:
            wrong[name] = why or Text("Bitte eine Zahl, zum Beispiel 4,5.", "Give a number, for example 4.5.")
        else:
            figures[key] = value
    return figures


def kept_form(said: Chosen, detail: str) -> dict[str, Any]:
    """Return what was told as the part keeps it (`Part.today`)."""
    kept: dict[str, Any] = {"quantity": said.quantity, "figures": dict(said.figures), "detail": detail}
    if said.today is not None:
        now = said.today
        kept |= {
            "price": now.price,
            "lead_days": list(now.lead_days),
            "minimum": now.minimum,
            "process": now.process,
        }
    return kept
