"""The figures behind a price in words of one language: each with its range, its unit as people say it, and how it moves the price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import floor, log10

from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.records.figures import number
from nordlotse.print3d.core import amounts
from nordlotse.print3d.core.costs import Lever
from nordlotse.print3d.core.own_shop import OWN
from nordlotse.print3d.core.rates import Rate

#: From so many seconds on a time is said in minutes and hours; figures with more digits than this are rounded for people.
_MINUTE, _READABLE = 60, 4
_UNITS = {
    "share": Text("Anteil", "share"),
    "1": Text("", ""),
    "1/a": Text("im Jahr", "a year"),
    "EUR/h": Text("€ je Stunde", "€ per hour"),
    "EUR/kg": Text("€ je kg", "€ per kg"),
    "EUR": Text("€", "€"),
    "min": Text("Minuten", "minutes"),
    "h": Text("Stunden", "hours"),
    "s": Text("Sekunden", "seconds"),
    "g/cm3": Text("g/cm³", "g/cm³"),
    "mm3/h": Text("mm³ je Stunde", "mm³ per hour"),
    "mm2/h": Text("mm² je Stunde", "mm² per hour"),
    "mm2/s": Text("mm² je Sekunde", "mm² per second"),
}


@dataclass(frozen=True, slots=True)
class Moved:
    """A cost figure in words. `ours`: its range, `used`: what is reckoned with if somebody gave it, `effect`: the price at its two ends.

    `ours` and `used` are plain figures as a field takes them, `ours_said` and `used_said` the same with their unit as people say it.

    `shop`: the shop a part is reckoned with gave it. `least`, `most`, `step` and `at` are for a slider, with a point as decimal mark; no slider where `settable` is False.
    """

    id: str
    slug: str
    name: str
    unit: str
    ours: str
    ours_said: str
    likely: str
    used: str
    used_said: str
    effect: str
    source: str
    decided: date
    shop: bool
    settable: bool
    least: str
    most: str
    at: str
    step: str

    @property
    def own(self) -> bool:
        """Tell whether somebody gave the figure."""
        return bool(self.used)


def moved(
    ours: Sequence[Rate], used: Mapping[str, Rate], effects: Mapping[str, Lever], lang: Lang
) -> tuple[Moved, ...]:
    """Return cost figures in words: `ours` in their order, `used` those reckoned with, `effects` how they move the price."""
    found = []
    for rate in ours:
        given, now = rate.value, used[rate.id].value
        pull = effects.get(rate.id)
        ends = sorted((pull.at_low, pull.at_high)) if pull else []
        found.append(
            Moved(
                id=rate.id,
                slug=rate.id.replace(".", "-"),
                name=_capital(rate.name.get(lang)),
                unit=unit(given.unit, lang),
                ours=" – ".join(dict.fromkeys(plain(v, lang) for v in (given.low, given.likely, given.high))),
                ours_said=said((given.low, given.likely, given.high), given.unit, lang),
                likely=plain(given.likely, lang),
                used_said=said((now.likely,), now.unit, lang) if now != given else "",
                used=plain(now.likely, lang) if now != given else "",
                effect=amounts.span(*(amounts.about(end, lang) for end in ends)) if ends else "",
                source=given.source.get(lang),
                decided=given.decided,
                shop=given.source == OWN,
                settable=rate.id.rpartition(".")[2] not in ("time", "filament"),
                least=_bare(min(given.low, now.likely)),
                most=_bare(max(given.high, now.likely)),
                at=_bare(now.likely),
                step=_step(given.low, given.high),
            )
        )
    return tuple(found)


def said(values: Sequence[float], name: str, lang: Lang) -> str:
    """Return figures of a unit as people say them, each once: "5 – 15 – 30 %", "4 h 10 min – 5 h 35 min", "9,2 g"."""
    if name == "g" or (name == "s" and max(values) >= _MINUTE):
        show = amounts.grams if name == "g" else amounts.duration
        return " – ".join(dict.fromkeys(show(value, lang) for value in values))
    sign = "%" if name == "share" else unit(name, lang)
    shown = (_short(value * 100 if name == "share" else value, lang) for value in values)
    return f"{' – '.join(dict.fromkeys(shown))} {sign}".strip()


def _short(value: float, lang: Lang) -> str:
    """Return a figure without digits nobody reads: as it was given where it is short, else with three digits that count."""
    held = round(value, 10)
    digits = _bare(held).replace(".", "").strip("0")
    shown = _bare(held if len(digits) <= _READABLE else amounts.rounded(held, 3))
    whole, _, rest = shown.partition(".")
    return number(int(whole), lang) + (f"{',' if lang == 'de' else '.'}{rest}" if rest else "")


def unit(name: str, lang: Lang) -> str:
    """Return a unit as people write it."""
    return _UNITS[name].get(lang) if name in _UNITS else name


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def plain(value: float, lang: Lang) -> str:
    """Return a figure as a person may write it: no marks between thousands, the decimal mark of the language."""
    text = _bare(value)
    return text.replace(".", ",") if lang == "de" else text


def _bare(value: float) -> str:
    return f"{Decimal(repr(float(value))).normalize():f}"


def _step(low: float, high: float) -> str:
    """Return the step of a slider between two figures: about a hundredth of the way, 1, 2 or 5 times a power of ten."""
    rough = (high - low) / 100
    if rough <= 0:
        return "any"
    power = 10.0 ** floor(log10(rough))
    return _bare(min((1, 2, 5, 10), key=lambda times: abs(times * power - rough)) * power)
