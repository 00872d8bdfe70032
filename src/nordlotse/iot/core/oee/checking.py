"""What does not fit among times, counts and stated key figures. Each finding is a flag; no number is changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from nordlotse.foundation.language import Text
from nordlotse.iot.core.oee.catalogue import MAIN, Catalogue
from nordlotse.iot.core.oee.values import Claim, Computed, Flag, Given, Severity
from nordlotse.iot.core.oee.written import duration, number, percent

Elements = Mapping[str, Fraction]
_COUNTS = ("PQ", "GQ", "SQ", "RQ", "PSQ", "GP", "IP", "PQ1")
#: Pairs of which the first cannot exceed the second: (smaller, larger, code, German, English).
_ORDERED = (
    ("APT", "PBT", "apt_over_pbt", "Die Produktionszeit ist länger als die geplante Belegungszeit", "The production time exceeds the planned busy time"),
    ("GQ", "PQ", "good_over_produced", "Es gibt mehr gute als produzierte Teile", "There are more good parts than produced ones"),
    ("SQ", "PQ", "scrap_over_produced", "Es gibt mehr Ausschuss als produzierte Teile", "There is more scrap than produced parts"),
    ("RQ", "PQ", "rework_over_produced", "Es gibt mehr Nacharbeit als produzierte Teile", "There is more rework than produced parts"),
    ("GP", "IP", "first_pass_over_inspected", "Es gibt mehr gute als geprüfte Teile", "There are more good parts than inspected ones"),
    ("APT", "AUBT", "apt_over_aubt", "Die Produktionszeit ist länger als die Belegung mit Aufträgen", "The production time exceeds the busy time"),
    ("AUPT", "AUBT", "aupt_over_aubt", "Produktion und Rüsten sind länger als die Belegung mit Aufträgen", "Production and setup exceed the busy time"),
    ("PDOT", "POT", "planned_down_over_operation", "Die geplanten Stillstände sind länger als die Betriebszeit", "The planned stops exceed the operation time"),
    ("APWT", "APAT", "work_over_attendance", "Die Arbeitszeit ist länger als die Anwesenheit", "The work time exceeds the attendance"),
    ("LSL", "USL", "limits_reversed", "Die untere Toleranzgrenze liegt über der oberen", "The lower limit lies above the upper one"),
)  # fmt: skip
#: Sums that must come out: (whole, parts, code).
_SUMS = (("PBT", ("+POT", "-PDOT"), "pbt_sum"), ("AUPT", ("+APT", "+AUST"), "aupt_sum"))


def check(given: Given, elements: Elements, derived: Mapping[str, str]) -> Iterator[Flag]:
    """Yield what contradicts itself among the elements."""
    for name, value in elements.items():
        if value < 0 and name not in ("USL", "LSL"):
            yield _flag(
                "negative",
                "error",
                f"{name} ist negativ ({_shown(value).de}).",
                f"{name} is negative ({_shown(value).en}).",
                name,
            )
        if name in _COUNTS and value.denominator != 1:
            yield _flag(
                "fractional_count", "warning", f"{name} ist keine ganze Zahl.", f"{name} is no whole number.", name
            )
    for small, large, code, de, en in _ORDERED:
        if small in elements and large in elements and elements[small] > elements[large]:
            low, high = _shown(elements[small]), _shown(elements[large])
            yield _flag(
                code, "error", f"{de}: {small} = {low.de}, {large} = {high.de}.",
                f"{en}: {small} = {low.en}, {large} = {high.en}.", small,
            )  # fmt: skip
    yield from _sums(elements, derived)
    yield from _counts(elements)
    yield from _lost_time(given, elements)
    yield from _missing(elements)


def check_figures(figures: Mapping[str, Computed], book: Catalogue) -> Iterator[Flag]:
    """Yield the key figures that lie outside the range of their source or divide by zero."""
    for figure in figures.values():
        named = book.figures[figure.id]
        if figure.value is None:
            if not figure.missing and figure.id in MAIN:
                yield _flag(
                    "division_by_zero", "warning", f"{named.name.de}: Der Nenner ist 0, es gibt keinen Wert.",
                    f"{named.name.en}: the denominator is 0, there is no value.", figure.id,
                )  # fmt: skip
            continue
        if figure.id == "effectiveness" and figure.value > 1:
            shown = percent(figure.value)
            yield _flag(
                "effectiveness_over_100", "warning",
                f"Der Leistungsgrad ist {shown.de}: Die Soll-Zeit je Teil (PRI) ist zu lang oder die Produktionszeit zu kurz angesetzt.",
                f"The effectiveness is {shown.en}: the planned time per item (PRI) is too long or the production time too short.",
                figure.id,
            )  # fmt: skip
        elif figure.value < named.lowest or (named.highest is not None and figure.value > named.highest):
            shown = percent(figure.value) if named.unit == "percent" else number(figure.value)
            yield _flag(
                "out_of_range", "warning", f"{named.name.de} ist {shown.de}, das liegt außerhalb des Möglichen.",
                f"{named.name.en} is {shown.en}, which is outside what is possible.", figure.id,
            )  # fmt: skip


def check_claims(given: Given, figures: Mapping[str, Computed], book: Catalogue) -> Iterator[Flag]:
    """Yield the stated key figures that do not follow from the numbers, or not from each other."""
    fits = {name: _fits(claim, figures[name].value) for name, claim in given.claimed.items()}
    from_factors = _product(given.claimed)
    for name, claim in given.claimed.items():
        stated, value = percent(claim.value, 2), figures[name].value
        if value is None:
            yield _flag(
                "claim_not_checked", "info",
                f"{book.figures[name].name.de}: Die genannten {stated.de} sind nicht nachrechenbar, es fehlen Angaben.",
                f"{book.figures[name].name.en}: the stated {stated.en} cannot be checked, numbers are missing.", name,
            )  # fmt: skip
        elif not fits[name]:
            found = percent(value, 2)
            rounding = (
                name == "oee" and from_factors and all(fits.get(f) for f in MAIN[:3]) and _within(claim, from_factors)
            )
            yield _flag(
                "claim_rounded" if rounding else "claim_differs", "info" if rounding else "error",
                f"{book.figures[name].name.de}: Genannt sind {stated.de}, aus den Zahlen folgen {found.de}"
                + (" (genannt ist das Produkt gerundeter Faktoren)." if rounding else "."),
                f"{book.figures[name].name.en}: {stated.en} is stated, {found.en} follows from the numbers"
                + (" (stated is the product of rounded factors)." if rounding else "."), name,
            )  # fmt: skip
            if _fits(Claim(claim.value * 100, claim.half_digit * 100), value):
                yield _flag(
                    "claim_as_share", "info", "Angaben stehen hier in Prozent: 95 statt 0,95.",
                    "Figures are stated in percent here: 95 instead of 0.95.", name,
                )  # fmt: skip
    if from_factors and "oee" in given.claimed and not _within(given.claimed["oee"], from_factors):
        low, high = percent(from_factors[0], 2), percent(from_factors[1], 2)
        yield _flag(
            "claim_product", "error", f"Die genannten Faktoren ergeben {low.de} bis {high.de}, nicht die genannte OEE.",
            f"The stated factors give {low.en} to {high.en}, not the stated OEE.", "oee",
        )  # fmt: skip


def _sums(elements: Elements, derived: Mapping[str, str]) -> Iterator[Flag]:
    for whole, parts, code in _SUMS:
        if whole in derived or whole not in elements or any(part[1:] not in elements for part in parts):
            continue
        if any(part[1:] in derived and derived[part[1:]].find(whole) >= 0 for part in parts):
            continue
        found = sum((elements[p[1:]] if p[0] == "+" else -elements[p[1:]] for p in parts), Fraction())
        if found != elements[whole]:
            written = " ".join(f"{part[0]} {part[1:]}" for part in parts).removeprefix("+ ")
            first, second = duration(elements[whole]), duration(found)
            yield _flag(
                code, "error", f"{whole} ist {first.de}, aber {written} ergibt {second.de}.",
                f"{whole} is {first.en}, but {written} gives {second.en}.", whole,
            )  # fmt: skip


def _counts(elements: Elements) -> Iterator[Flag]:
    if all(name in elements for name in ("PQ", "GQ", "SQ")):
        known = elements["GQ"] + elements["SQ"]
        # reworked parts may already be among the good ones, both ways of counting are in use
        if elements["PQ"] not in (known, known + elements.get("RQ", Fraction())):
            over = known > elements["PQ"]
            yield _flag(
                "counts_differ", "error" if over or "RQ" in elements else "warning",
                "Gute Teile, Ausschuss und Nacharbeit ergeben nicht die produzierte Menge.",
                "Good parts, scrap and rework do not add up to the produced quantity.", "PQ",
            )  # fmt: skip
    if elements.get("PQ", Fraction()) > 0 and elements.get("APT") == 0:
        yield _flag(
            "parts_without_time",
            "error",
            "Es gibt Teile, aber keine Produktionszeit.",
            "There are parts, but no production time.",
            "PQ",
        )
    if elements.get("PQ") == 0 and elements.get("APT", Fraction()) > 0:
        yield _flag(
            "time_without_parts",
            "warning",
            "Es gibt Produktionszeit, aber keine Teile.",
            "There is production time, but no parts.",
            "PQ",
        )


def _lost_time(given: Given, elements: Elements) -> Iterator[Flag]:
    for stop in given.stops:
        if stop.seconds < 0:
            yield _flag(
                "negative_stop",
                "error",
                "Ein Stillstand hat eine negative Dauer.",
                "A stop has a negative length.",
                stop.reason,
            )
    if "PBT" not in elements or "APT" not in elements:
        return
    lost = elements["PBT"] - elements["APT"]
    known = sum((elements.get(name, Fraction()) for name in ("ADET", "AUST", "ADOT")), Fraction())
    if known > lost >= 0:
        more, less = duration(known), duration(lost)
        yield _flag(
            "stops_over_lost_time", "error", f"Stillstände und Rüsten ergeben {more.de}, verloren sind aber nur {less.de}.",
            f"Stops and setup come to {more.en}, but only {less.en} are lost.", "ADET",
        )  # fmt: skip
    elif 0 < known < lost:
        rest = duration(lost - known)
        yield _flag(
            "lost_time_open",
            "info",
            f"{rest.de} Stillstand haben keinen Grund.",
            f"{rest.en} of stop have no reason.",
            "ADET",
        )
    listed = sum((s.seconds for s in given.stops if s.kind == "unplanned"), Fraction())
    if given.stops and "ADET" in given.elements and listed != given.elements["ADET"]:
        yield _flag(
            "stops_differ", "error", "Die einzelnen Stillstände ergeben nicht die genannte Störzeit (ADET).",
            "The single stops do not add up to the stated delay time (ADET).", "ADET",
        )  # fmt: skip


def _missing(elements: Elements) -> Iterator[Flag]:
    missing = [name for name in ("PBT", "APT", "PRI", "PQ", "GQ") if name not in elements]
    if missing:
        listed = ", ".join(missing)
        yield _flag(
            "missing", "warning", f"Für die OEE fehlt: {listed}.", f"Missing for the OEE: {listed}.", missing[0]
        )


def _product(claimed: Mapping[str, Claim]) -> tuple[Fraction, Fraction] | None:
    if any(name not in claimed for name in MAIN[:3]):
        return None
    low = high = Fraction(1)
    for name in MAIN[:3]:
        low *= claimed[name].value - claimed[name].half_digit
        high *= claimed[name].value + claimed[name].half_digit
    return low, high


def _within(claim: Claim, reach: tuple[Fraction, Fraction]) -> bool:
    return claim.value + claim.half_digit >= reach[0] and claim.value - claim.half_digit <= reach[1]


def _fits(claim: Claim, value: Fraction | None) -> bool:
    return value is not None and abs(value - claim.value) <= claim.half_digit


def _shown(value: Fraction) -> Text:
    return number(value, 2)


def _flag(code: str, severity: Severity, de: str, en: str, where: str) -> Flag:
    return Flag(code, severity, Text(de, en), where)
