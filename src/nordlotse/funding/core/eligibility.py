"""Does a programme fit a firm: every condition is checked and told with its number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from nordlotse.foundation.language import Text
from nordlotse.foundation.records import FundingRecord, day, euros, number, state_on
from nordlotse.foundation.region import State
from nordlotse.funding.core.applicant import PURPOSE_NAMES, SECTOR_NAMES, Applicant

Eligible = Literal["yes", "no", "maybe"]
Weight = Literal["for", "against", "open", "condition"]

# EU recommendation 2003/361/EC: a small enterprise has fewer than 50 staff, a medium-sized one fewer than 250.
SMALL_MOST_EMPLOYEES = 49
SME_MOST_EMPLOYEES = 249


@dataclass(frozen=True, slots=True)
class Reason:
    """One condition and how it turned out.

    `weight`: "for" met, "against" not met, "open" cannot be told, "condition" must be kept or shown when applying.
    """

    code: str
    weight: Weight
    text: Text


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a programme means for an applicant on a day.

    `state` is that of the programme on the day (open, closed, call, unknown); rate in percent, money in euros.
    "yes" means: nothing the applicant said speaks against it, the conditions remain.
    """

    programme: FundingRecord
    state: str
    eligible: Eligible
    reasons: tuple[Reason, ...]
    rate_percent: float | None
    cap_eur: int | None
    on: date

    @property
    def stale(self) -> bool:
        """Tell whether the review date of the programme's record has passed."""
        return self.on > self.programme.review_by


def assess(programme: FundingRecord, applicant: Applicant, on: date) -> Verdict:
    """Return whether `applicant` may apply to `programme` on the day `on`, with every reason."""
    state = state_on(programme, on)
    reasons = tuple(_reasons(programme, applicant, state))
    rate, cap = _terms(programme, applicant)
    return Verdict(programme, state, _sum_up(reasons), reasons, rate, cap, on)


def _sum_up(reasons: tuple[Reason, ...]) -> Eligible:
    weights = {reason.weight for reason in reasons}
    if "against" in weights:
        return "no"
    return "maybe" if "open" in weights else "yes"


def _terms(programme: FundingRecord, applicant: Applicant) -> tuple[float | None, int | None]:
    """Return rate (percent) and cap (euros) for the applicant's state and size."""
    for state, rate, cap in programme.regional_rates:
        if applicant.state == state:
            return rate, cap
    staff = applicant.employees or 0
    if staff > SME_MOST_EMPLOYEES and programme.large_rate_percent is not None:
        return programme.large_rate_percent, programme.large_cap_eur or programme.cap_eur
    if staff > SMALL_MOST_EMPLOYEES and programme.medium_rate_percent is not None:
        return programme.medium_rate_percent, programme.cap_eur
    return programme.rate_percent, programme.cap_eur


def _reasons(programme: FundingRecord, applicant: Applicant, state: str) -> Iterator[Reason]:
    yield _state(programme, state)
    yield from _region(programme, applicant)
    yield from _employees(programme, applicant)
    yield from _turnover(programme, applicant)
    yield from _sector(programme, applicant)
    yield from _purpose(programme, applicant)
    yield from _start(programme, applicant)
    if programme.minimum_eur is not None:
        least = programme.minimum_eur
        yield Reason(
            "minimum",
            "condition",
            Text(
                f"Die Ausgaben müssen mindestens {euros(least, 'de')} betragen.",
                f"The cost must be at least {euros(least, 'en')}.",
            ),
        )


def _state(programme: FundingRecord, state: str) -> Reason:
    de, en = day(programme.checked_on, "de"), day(programme.checked_on, "en")
    if state == "closed":
        return Reason("closed", "against", Text("Das Programm ist beendet.", "The programme has ended."))
    if state == "open":
        return Reason(
            "open", "for", Text(f"Das Programm ist offen (Stand {de}).", f"The programme is open (as of {en}).")
        )
    if state == "call":
        return Reason(
            "call",
            "open",
            Text(
                f"Anträge gehen nur bei einem Förderaufruf (Stand {de}).",
                f"Applications are possible only during a call (as of {en}).",
            ),
        )
    return Reason(
        "state_unknown",
        "open",
        Text(
            f"Ob heute Anträge möglich sind, ist nicht belegt (Stand {de}); bitte {programme.office.at.de} fragen.",
            f"Whether applications are possible today is not proven (as of {en}); please ask {programme.office.at.en}.",
        ),
    )


def _region(programme: FundingRecord, applicant: Applicant) -> Iterator[Reason]:
    where = programme.states or (() if programme.jurisdiction in ("DE", "EU") else (programme.jurisdiction,))
    if not where:
        return
    names = [State(code).label for code in where]
    de, en = " und ".join(n.de for n in names), " and ".join(n.en for n in names)
    text = Text(f"Das Programm gilt für Betriebe in {de}.", f"The programme is for firms in {en}.")
    if applicant.state is None:
        yield Reason("region", "open", text)
    else:
        yield Reason("region", "for" if applicant.state in where else "against", text)


def _employees(programme: FundingRecord, applicant: Applicant) -> Iterator[Reason]:
    size, told = programme.size, applicant.employees
    if size.employees_max is not None:
        de, en = number(size.employees_max, "de"), number(size.employees_max, "en")
        limit = Text(f"Grenze: höchstens {de} Beschäftigte", f"Limit: at most {en} staff")
        yield _compared("employees_max", limit, told, told is not None and told <= size.employees_max)
    if size.employees_min is not None:
        de, en = number(size.employees_min, "de"), number(size.employees_min, "en")
        limit = Text(f"Grenze: mindestens {de} Beschäftigte", f"Limit: at least {en} staff")
        yield _compared("employees_min", limit, told, told is not None and told >= size.employees_min)
    if size.employees_sure is not None and told is not None and told > size.employees_sure:
        de, en = number(size.employees_sure, "de"), number(size.employees_sure, "en")
        text = Text(
            f"Über {de} Beschäftigte nur in besonderen Fällen, etwa in Kooperation mit einem KMU.",
            f"Above {en} staff only in special cases, for example together with an SME.",
        )
        yield Reason("employees_sure", "open", text)


def _compared(code: str, limit: Text, told: int | None, fits: bool) -> Reason:
    if told is None:
        return Reason(code, "open", Text(f"{limit.de}.", f"{limit.en}."))
    text = Text(f"{limit.de}; Sie nennen {number(told, 'de')}.", f"{limit.en}; you say {number(told, 'en')}.")
    return Reason(code, "for" if fits else "against", text)


def _turnover(programme: FundingRecord, applicant: Applicant) -> Iterator[Reason]:
    most = programme.size.turnover_max_eur
    if most is None:
        return
    also = programme.size.turnover_or_balance
    limit = Text(
        f"Grenze: höchstens {euros(most, 'de')} Jahresumsatz"
        + (" (oder die Bilanzsumme hält ihre Grenze ein)" if also else ""),
        f"Limit: at most {euros(most, 'en')} turnover a year"
        + (" (or the balance sheet keeps its limit)" if also else ""),
    )
    told = applicant.turnover_eur
    if told is None:
        yield Reason("turnover_max", "condition", Text(f"{limit.de}.", f"{limit.en}."))
        return
    text = Text(f"{limit.de}; Sie nennen {euros(told, 'de')}.", f"{limit.en}; you say {euros(told, 'en')}.")
    if told <= most:
        yield Reason("turnover_max", "for", text)
    else:
        # Above the turnover limit a firm may still qualify by its balance sheet, which nobody told us.
        yield Reason("turnover_max", "open" if also else "against", text)


def _sector(programme: FundingRecord, applicant: Applicant) -> Iterator[Reason]:
    only, never = programme.sectors, programme.excluded_sectors
    if only:
        de, en = ", ".join(SECTOR_NAMES[s].de for s in only), ", ".join(SECTOR_NAMES[s].en for s in only)
        text = Text(f"Gefördert werden nur: {de}.", f"Funded are only: {en}.")
        if applicant.sector is None:
            yield Reason("sector", "condition", text)
        else:
            yield Reason("sector", "for" if applicant.sector in only else "against", text)
    if applicant.sector is not None and applicant.sector in never:
        name = SECTOR_NAMES[applicant.sector]
        text = Text(f"Ausgeschlossen: {name.de}.", f"Excluded: {name.en}.")
        yield Reason("sector_excluded", "against", text)


def _purpose(programme: FundingRecord, applicant: Applicant) -> Iterator[Reason]:
    if applicant.purpose is None or not programme.purposes:
        return
    listed = [PURPOSE_NAMES[p] for p in programme.purposes]
    de, en = ", ".join(n.de for n in listed), ", ".join(n.en for n in listed)
    if applicant.purpose in programme.purposes:
        yield Reason("purpose", "for", Text(f"Passt zum Zweck: {de}.", f"Fits the purpose: {en}."))
    elif programme.free:
        text = Text(f"Hilft kostenlos, zahlt aber kein Geld: {de}.", f"Helps free of charge but pays no money: {en}.")
        yield Reason("purpose", "open", text)
    else:
        yield Reason("purpose", "against", Text(f"Anderer Zweck: {de}.", f"Other purpose: {en}."))


def _start(programme: FundingRecord, applicant: Applicant) -> Iterator[Reason]:
    if programme.free and programme.apply_before_start is None:
        return
    if programme.apply_before_start is False:
        if applicant.already_started:
            text = Text("Geht auch nach dem Start.", "Works after the start, too.")
            yield Reason("start", "for", text)
        return
    if programme.apply_before_start is None:
        text = Text(
            "Klären Sie vor dem Start, ob der Antrag vorher gestellt sein muss.",
            "Ask before you start whether you have to apply first.",
        )
        yield Reason("start", "open" if applicant.already_started else "condition", text)
    elif applicant.already_started:
        text = Text(
            "Der Antrag muss vor dem Start gestellt sein; das Vorhaben läuft schon.",
            "You have to apply before the start; the project is already running.",
        )
        yield Reason("start", "against", text)
    else:
        text = Text(
            "Erst den Antrag stellen, dann bestellen oder beauftragen.",
            "Apply first, then order or commission.",
        )
        yield Reason("start", "condition", text)
