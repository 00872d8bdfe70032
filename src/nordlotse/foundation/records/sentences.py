"""Sentences are generated from the fields of a record and the day they are shown on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from nordlotse.foundation.records.figures import amount, day, euros, month, number
from nordlotse.foundation.records.model import FundingRecord, Record, Sentence, Statement

MOST_SENTENCES = 4
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_ARTICLE = re.compile(r"^(der|die|das|ein|eine|the|a|an)\b")


def state_on(record: Record, on: date) -> str:
    """Return the state of a record on a day: that of its dates where they decide, otherwise the one noted.

    A rule becomes in force on `valid_from` and has ended after `valid_until`; a programme is closed after its last day.
    """
    if isinstance(record, FundingRecord):
        if record.valid_until is not None and on > record.valid_until:
            return "closed"
        unsure = record.unknown_after is not None and on > record.unknown_after
        return "unknown" if unsure and record.status == "open" else record.status
    status = str(getattr(record, "status", "in_force"))
    if status in ("proposal", "uncertain"):
        return status
    if status == "ended" or (record.valid_until is not None and on > record.valid_until):
        return "ended"
    if record.valid_from is not None:
        return "upcoming" if on < record.valid_from else "in_force"
    return status


def placeholders(text: str) -> tuple[str, ...]:
    """Return the names in curly brackets in the order they appear."""
    return tuple(_PLACEHOLDER.findall(text))


def words(record: Record, lang: str, on: date) -> dict[str, str]:
    """Return what every placeholder of a record becomes in a language on a day."""
    de = lang == "de"
    found: dict[str, str] = {"name": record.name.get(lang), "number": record.number}
    found["subject"] = record.subject.get(lang)
    found["checked"] = day(record.checked_on, lang)
    found.update({a.name: amount(a.value, a.unit, lang) for a in record.amounts})
    found.update({name: day(value, lang) for name, value in record.dates})
    found.update({f"{name}_month": month(value, lang) for name, value in record.dates})
    if record.valid_from is not None:
        written = day(record.valid_from, lang)
        past = on >= record.valid_from
        found["start"] = written
        found["since"] = (
            (f"seit dem {written}" if past else f"ab dem {written}")
            if de
            else (f"since {written}" if past else f"from {written}")
        )
        found["Since"] = found["since"][0].upper() + found["since"][1:]
    if record.valid_until is not None:
        found["end"] = day(record.valid_until, lang)
    found.update(_size_words(record, lang))
    if isinstance(record, FundingRecord):
        found.update(_programme_words(record, lang))
    return found


def _size_words(record: Record, lang: str) -> dict[str, str]:
    size = record.size
    found: dict[str, str] = {}
    if size.employees_min is not None:
        found["employees_min"] = number(size.employees_min, lang)
    if size.employees_max is not None:
        found["employees_max"] = number(size.employees_max, lang)
        found["employees_below"] = number(size.employees_max + 1, lang)
    if size.turnover_min_eur is not None:
        found["turnover_min"] = euros(size.turnover_min_eur, lang)
    if size.turnover_max_eur is not None:
        found["turnover_max"] = euros(size.turnover_max_eur, lang)
    return found


def _programme_words(record: FundingRecord, lang: str) -> dict[str, str]:
    found = {"office": record.office.name.get(lang), "at_office": record.office.at.get(lang)}
    if record.rate_percent is not None:
        rate = record.rate_percent
        found["rate"] = amount(int(rate) if rate == int(rate) else rate, "percent", lang)
    if record.cap_eur is not None:
        found["cap"] = euros(record.cap_eur, lang)
    if record.minimum_eur is not None:
        found["minimum"] = euros(record.minimum_eur, lang)
    return found


def fill(text: str, known: Mapping[str, str]) -> str:
    """Return `text` with its placeholders filled.

    Raises:
        KeyError: a placeholder is not known.
    """
    return _PLACEHOLDER.sub(lambda m: known[m.group(1)], text)


def sentences(record: Record, lang: str, on: date, others: Mapping[str, Record] | None = None) -> tuple[Sentence, ...]:
    """Return the one to four sentences of a record in a language, as they are true on the day `on`.

    `others` gives the names of alternatives of a closed programme. An unverified record returns nothing.
    """
    if not record.speaks:
        return ()
    known = words(record, lang, on)
    state = state_on(record, on)
    everything = tuple(s.id for s in record.sources)
    spoken = [
        Sentence(fill(s.text.get(lang), known), s.sources or everything, record.id)
        for s in record.statements
        if _applies(s, state, on)
    ]
    if isinstance(record, FundingRecord):
        spoken = _programme_sentences(record, lang, state, spoken, others or {})
    elif state == "ended" and not spoken:
        spoken = [Sentence(_ended(record, lang), everything, record.id)]
    return tuple(spoken[:MOST_SENTENCES])


def _applies(statement: Statement, state: str, on: date) -> bool:
    if statement.states and state not in statement.states:
        return False
    if not statement.states and state in ("ended", "closed"):
        return False
    if statement.from_day is not None and on < statement.from_day:
        return False
    return statement.until_day is None or on <= statement.until_day


def _ended(record: Record, lang: str) -> str:
    name = _opening(record, lang)
    if record.valid_until is None:
        return f"{name}: Diese Regel gilt nicht mehr." if lang == "de" else f"{name}: this rule no longer applies."
    last = day(record.valid_until, lang)
    return f"{name} galt bis zum {last}." if lang == "de" else f"{name} applied until {last}."


def _programme_sentences(
    record: FundingRecord, lang: str, state: str, spoken: list[Sentence], others: Mapping[str, Record]
) -> list[Sentence]:
    everything = tuple(s.id for s in record.sources)
    if state == "closed":
        told = [Sentence(_closed(record, lang), everything, record.id), *spoken]
        instead = _instead(record, lang, others)
        return [*told[: MOST_SENTENCES - 1], *([Sentence(instead, (), record.id)] if instead else [])]
    told_already = any(state in s.states for s in record.statements)
    if state == "unknown" and not told_already:
        return [Sentence(_unknown(record, lang), everything, record.id), *spoken]
    return spoken


def _opening(record: Record, lang: str) -> str:
    """Return the name as a sentence begins: "go-digital" stays as written, only an article gets its capital."""
    return _ARTICLE.sub(lambda m: m.group(0).capitalize(), record.name.get(lang))


def _closed(record: FundingRecord, lang: str) -> str:
    name = _opening(record, lang)
    if record.valid_until is None:
        if lang == "de":
            return f"{name} ist beendet und nimmt keine neuen Anträge mehr an."
        return f"{name} has ended and takes no new applications."
    last = day(record.valid_until, lang)
    if lang == "de":
        return f"{name} ist beendet: Das Programm lief bis zum {last} und nimmt keine neuen Anträge mehr an."
    return f"{name} has ended: it ran until {last} and takes no new applications."


def _unknown(record: FundingRecord, lang: str) -> str:
    name, at, checked = record.name.get(lang), record.office.at.get(lang), day(record.checked_on, lang)
    if lang == "de":
        return f"Ob {name} heute Anträge annimmt, ist nicht belegt (Stand {checked}); bitte {at} prüfen."
    return f"Whether {name} takes applications today is not proven (as of {checked}); please ask {at}."


def _instead(record: FundingRecord, lang: str, others: Mapping[str, Record]) -> str:
    names = [others[key].subject.get(lang) for key in record.alternatives if key in others and others[key].speaks]
    if not names:
        return ""
    either = " oder " if lang == "de" else " or "
    listed = names[0] if len(names) == 1 else ", ".join(names[:-1]) + either + names[-1]
    return f"Prüfen Sie stattdessen: {listed}." if lang == "de" else f"Look at these instead: {listed}."


def warnings(record: Record, lang: str, on: date) -> tuple[str, ...]:
    """Return what a reader must know about the record's reliability on a day: uncertain facts, passed review date."""
    if not record.speaks:
        return ()
    found: list[str] = []
    name, checked = record.subject.get(lang), day(record.checked_on, lang)
    unclear = record.fact_status == "uncertain" or state_on(record, on) in ("uncertain", "unknown", "proposal")
    if unclear and lang == "de":
        found.append(f"{name}: Der Stand ist nicht sicher belegt (geprüft am {checked}).")
    elif unclear:
        found.append(f"{name}: the state is not firmly established (checked on {checked}).")
    if on > record.review_by:
        due = day(record.review_by, lang)
        found.append(
            f"{name}: Stand vom {checked}, Prüfung war bis zum {due} fällig. Bitte vor einer Entscheidung nachfragen."
            if lang == "de"
            else f"{name}: as of {checked}; a review was due by {due}. Please ask before you decide."
        )
    return tuple(found)
