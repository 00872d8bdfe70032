"""Up to which quantity one way costs less than another, in words of one language: as a sentence, and as rows of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nordlotse.foundation.language import Lang
from nordlotse.foundation.records.figures import number
from nordlotse.print3d.core.comparison import TODAY, BreakEven
from nordlotse.print3d.core.costs import PRINTED

#: A limit that may lie so many times lower than the largest quantity, or beyond that, is no limit anybody can reckon with.
_VAGUE = 20


@dataclass(frozen=True, slots=True)
class BreakRow:
    """Up to which quantity printing costs less, by process: against each other way its name and what is said."""

    process: str
    name: str
    cells: tuple[tuple[str, str], ...]


def break_sentence(one: BreakEven, names: Mapping[str, str], lang: Lang) -> str:
    """Return where one process stops to pay against another, as a sentence with its uncertainty."""
    name, other = names[one.process], names[one.against]
    begun = f"Gegen „{other}“: {name} " if lang == "de" else f"Against “{other}”: {name} "
    if one.always == 1 or not one.pays:
        return begun + _never(one.horizon, lang) + _perhaps(one, lang)
    begin = one.pays[0][0]
    if one.always is None:
        said = _onwards(begin, one.horizon, lang) + _surely(one, begin, lang)
    else:
        said = _until(begin, one.always, lang)
    return begun + said + _gaps(one, lang) + _perhaps(one, lang)


def _never(top: int, lang: Lang) -> str:
    most = number(top, lang)
    if lang == "de":
        return f"ist bei keiner Stückzahl bis {most} günstiger."
    return f"is cheaper at no quantity up to {most}."


def _onwards(begin: int, top: int, lang: Lang) -> str:
    """Return from which quantity on it costs less, as far as is reckoned."""
    first, most = number(begin, lang), number(top, lang)
    if lang == "de":
        return f"bleibt bis {most} Stück günstiger." if begin == 1 else f"ist ab {first} Stück günstiger."
    return f"stays cheaper up to {most} pieces." if begin == 1 else f"is cheaper from {first} pieces."


def _until(begin: int, end: int, lang: Lang) -> str:
    """Return from which quantity to which it costs less; `end`: the first at which it no longer does."""
    first, last, over = number(begin, lang), number(end - 1, lang), number(end, lang)
    if lang == "de":
        pays = f"bis {last} Stück günstiger" if begin == 1 else f"ab {first} Stück günstiger, aber nur bis {last} Stück"
        return f"ist {pays}; ab {over} Stück lohnt es sich nicht mehr."
    start = "" if begin == 1 else f"from {first} pieces "
    return f"is cheaper {start}up to {last} pieces; from {over} it no longer pays."


def _surely(one: BreakEven, begin: int, lang: Lang) -> str:
    """Return from which quantity it is so whatever the ranges hold, "" where that is from the first paying one, or never."""
    held = ""
    if one.against == TODAY:
        held = (
            " Ihr heutiger Preis ist dabei für jede Stückzahl gleich angenommen."
            if lang == "de"
            else " Today's price is taken as the same for every quantity."
        )
    if one.low is not None or one.sure is None or one.sure <= begin:
        return held
    sure = number(one.sure, lang)
    if lang == "de":
        return f" Sicher ist das erst ab etwa {sure} Stück; darunter überlappen die Spannen.{held}"
    return f" That is certain only from about {sure} pieces; below that the ranges overlap.{held}"


def _gaps(one: BreakEven, lang: Lang) -> str:
    """Return that printing does not pay all the way up to the limit, "" where it does."""
    if one.first is None or one.first == one.always:
        return ""
    first = number(one.first, lang)
    if lang == "de":
        return f" Dazwischen gibt es Stückzahlen, bei denen es nicht günstiger ist, zuerst {first}."
    return f" In between there are quantities at which it is not cheaper, first {first}."


def _perhaps(one: BreakEven, lang: Lang) -> str:
    """Return how sure the place is: where it lies at the ends of both ranges; "" where both ends say the same."""
    if one.low == one.high:
        return ""
    top = one.horizon
    soon, late = one.low if one.low is not None else top, one.high
    de = lang == "de"
    if late is None and soon * _VAGUE <= top:
        return (
            f" Sicher ist das nicht: Zwischen {number(soon, lang)} und mehr als {number(top, lang)} Stück ist mit unseren Werten alles möglich. Eigene Werte oder ein Angebot grenzen es ein."
            if de
            else f" That is not certain: with our figures anything between {number(soon, lang)} and more than {number(top, lang)} pieces is possible. Your own figures or a quote narrow it down."
        )
    early = (
        ("schon beim ersten Stück" if de else "at the first piece")
        if soon == 1
        else f"{'bei' if de else 'at'} {number(soon, lang)}"
    )
    if late is None:
        far = f"über {number(top, lang)}" if de else f"beyond {number(top, lang)}"
    else:
        far = f"bei {number(late, lang)}" if de else f"at {number(late, lang)}"
    return (
        f" Mit allen Unsicherheiten kann die Grenze {early} liegen oder erst {far}."
        if de
        else f" With all uncertainties the limit may lie {early} or only {far}."
    )


def break_rows(
    found: Sequence[BreakEven], against: Sequence[str], names: Mapping[str, str], lang: Lang
) -> tuple[BreakRow, ...]:
    """Return the table: a row for each process that prints, a cell for each other way in `against`."""
    printed = [name for name in PRINTED if any(one.process == name for one in found)]
    return tuple(BreakRow(name, names[name], _cells(found, name, against, names, lang)) for name in printed)


def _cells(
    found: Sequence[BreakEven], process: str, against: Sequence[str], names: Mapping[str, str], lang: Lang
) -> tuple[tuple[str, str], ...]:
    by = {one.against: one for one in found if one.process == process}
    return tuple((names[name], _cell(by[name], lang) if name in by else "–") for name in against)


def _cell(one: BreakEven, lang: Lang) -> str:
    de = lang == "de"
    if not one.pays:
        top = number(one.horizon, lang)
        return f"bei keiner Menge bis {top}" if de else f"at no quantity up to {top}"
    begin = one.pays[0][0]
    start = "" if begin == 1 else (f"ab {number(begin, lang)} " if de else f"from {number(begin, lang)} ")
    gaps = (" mit Lücken" if de else " with gaps") if _gaps(one, lang) else ""
    if one.always is None:
        if one.low is None and one.sure is not None and one.sure > begin:
            gaps += f", sicher ab {number(one.sure, lang)}" if de else f", certain from {number(one.sure, lang)}"
        if start:
            return start.strip() + gaps
        whole = (
            ("bis" if de else "up to")
            if _gaps(one, lang)
            else ("bei jeder Menge bis" if de else "at any quantity up to")
        )
        return f"{whole} {number(one.horizon, lang)}{gaps}"
    end = f"bis {number(one.always - 1, lang)}" if de else f"up to {number(one.always - 1, lang)}"
    return f"{start}{end}{gaps}"
