"""What somebody wants to talk about: the page they come from, as the talk page shows it and the case keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils import timezone

from nordlotse.answers import queries as answers
from nordlotse.dialogue.queries import events
from nordlotse.foundation import records as dated
from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import Problem
from nordlotse.foundation.result import Result
from nordlotse.journey.models import Inquiry
from nordlotse.journey.queries import asking, checks, machines, parts
from nordlotse.network.models import Partner, Person
from nordlotse.network.queries import directory
from nordlotse.print3d.queries import list_result

#: Which page somebody comes from, by the word in the address: `?antwort=ID`, `?partner=SLUG` … A part may come with a partner.
SOURCES = ("antwort", "programm", "artikel", "teil", "liste", "halle", "person", "partner", "termin", "check")


#: Behind a check's key stands the goal of its plan, with the steps struck out.
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class About:
    """What the visit is about; all empty for somebody who came straight to the page. `source` goes back into the form.

    `check`, `part` and `hall` are the keys of the readiness check, of the checked part and of the hall whose result comes along.
    """

    source: Mapping[str, str] = field(default_factory=dict)
    inquiry: Inquiry | None = None
    results: tuple[Result, ...] = ()
    person: Person | None = None
    partner: Partner | None = None
    topic: str = ""
    state: str = ""
    employees: int | None = None
    check: str = ""
    part: str = ""
    hall: str = ""

    @property
    def question(self) -> str:
        """Return the question asked before, "" when there is none or its words are erased."""
        return self.inquiry.question if self.inquiry else ""

    @property
    def answer(self) -> str:
        """Return the words of the answer given before."""
        return str(self.inquiry.answer.get("answer", "")) if self.inquiry else ""


def about(given: Mapping[str, str], lang: Lang, user: Any = None) -> About:
    """Find out what the visit is about; what is no longer there is left out, for nobody shall be turned away over it.

    A company's hall is told of to its members alone; `user` says who asks.
    """
    for name in SOURCES:
        value = given.get(name, "")[: _LONGEST if name == "check" else 120]
        if value:
            try:
                found = _hall(value, lang, user) if name == "halle" else _FINDERS[name](value, lang)
                return _with_partner(found, given.get("partner", "")[:120], lang) if name == "teil" else found
            except Problem:
                return About()
    return About()


def _answer(value: str, lang: Lang) -> About:
    found = asking.inquiry(value)
    return About({"antwort": value}, inquiry=found, topic=found.topic, state=found.state, employees=found.employees)


def _programme(value: str, lang: Lang) -> About:
    records = dated.read_records().records
    record = records.get(value)
    if not isinstance(record, dated.FundingRecord) or not record.speaks:
        return About()
    told = " ".join(s.text for s in dated.sentences(record, lang, timezone.localdate(), records)[:2])
    place = reverse(f"{lang}:programme", args=[value])
    return About(
        {"programm": value},
        results=(Result("programme", lang, record.subject.get(lang), told, place),),
        topic="funding",
    )


def _article(value: str, lang: Lang) -> About:
    found = (
        answers.article(value, lang) if (value, lang) in answers.knowledge().articles else answers.article(value, "de")
    )
    place = reverse(f"{lang}:article", args=[found.id])
    return About(
        {"artikel": value}, results=(Result("article", lang, found.title, found.summary, place),), topic=found.topic
    )


def _person(value: str, lang: Lang) -> About:
    found = directory.people().select_related("partner").filter(pk=int(value)).first() if value.isdecimal() else None
    return About({"person": value}, person=found) if found else About()


def _partner(value: str, lang: Lang) -> About:
    found = directory.partners().filter(slug=value).first()
    return About({"partner": value}, partner=found) if found else About()


def _event(value: str, lang: Lang) -> About:
    found = events.by_slug(value)
    title = (found.title_en if lang == "en" else "") or found.title_de
    text = (found.text_en if lang == "en" else "") or found.text_de
    place = reverse(f"{lang}:event", args=[found.slug])
    return About({"termin": value}, results=(Result("event", lang, title, text[:300], place),), topic=found.topic)


def _check(value: str, lang: Lang) -> About:
    """Find a check by its key; behind it may stand the goal of the plan that somebody had before them."""
    key, _, goal = value.partition(".")
    found = checks.checked(key, lang, goal)
    if not found.results:
        return About()
    return About(
        {"check": value},
        results=found.results,
        topic="digitalisation",
        state=found.state,
        employees=found.employees,
        check=found.key,
    )


def _part(value: str, lang: Lang) -> About:
    """Find a checked part by its key; one that is not checked yet brings nothing along."""
    found = parts.checked(value, lang)
    if not found.results:
        return About()
    return About({"teil": value}, results=found.results, topic="print3d", part=found.key)


def _list(value: str, lang: Lang) -> About:
    """Find a judged list of parts by its key; its sentence and its first parts come along, the link does not."""
    made = list_result.as_result(value, lang)
    return About({"liste": value}, results=(made,), topic="print3d") if made is not None else About()


def _hall(value: str, lang: Lang, user: Any) -> About:
    """Find a hall by its key, if this person may see it; its two weeks come along, its link does not."""
    found = machines.shown(value, user or AnonymousUser(), lang)
    return About({"halle": value}, results=found.results, topic="iot", hall=found.key) if found.results else About()


def _with_partner(found: About, slug: str, lang: Lang) -> About:
    """Add the partner somebody wants to ask about a part, if there is one of that name."""
    asked = _partner(slug, lang) if slug else About()
    if asked.partner is None:
        return found
    return replace(found, partner=asked.partner, source={**found.source, **asked.source})


_FINDERS = {
    "antwort": _answer,
    "programm": _programme,
    "artikel": _article,
    "teil": _part,
    "liste": _list,
    "person": _person,
    "partner": _partner,
    "termin": _event,
    "check": _check,
}
