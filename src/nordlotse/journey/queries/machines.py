"""Machine data as the company's way sees them: who may see a hall, what comes next, a hall's two weeks for a case, a company's halls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.region import State
from nordlotse.foundation.result import Result
from nordlotse.iot.elsewhere import Further, House
from nordlotse.iot.models import Hall
from nordlotse.iot.queries import alarms, halls
from nordlotse.iot.queries import result as results
from nordlotse.journey.models import Company
from nordlotse.journey.queries import companies
from nordlotse.journey.queries.directions import HouseDirections
from nordlotse.office.addresses import keyed_hash
from nordlotse.readiness.core.measure import Pointer

#: So many halls are listed on a company's page.
_LISTED = 20

_TALK = Text("Mit dem Ergebnis jemanden fragen", "Ask a person about the result")
_HUMAN = Text("ein Mensch aus dem Netzwerk meldet sich", "somebody from the network gets in touch")
_ARTICLE = Text("zum Nachlesen", "to read up on")
_KNOWS = Text("kennt sich mit Maschinendaten aus", "has experience with machine data")
#: What to read where stops cost most.
_READ = ("iot-01", "iot-02")


def is_member(user: Any, company: str) -> bool:
    """Tell whether a person belongs to a company by its id."""
    found = Company.objects.filter(pk=company, merged_into=None).first()
    return found is not None and companies.is_member(user, found)


def company_of(user: Any) -> tuple[str, str] | None:
    """Return id and name of the company a person belongs to, None for nobody's."""
    found = companies.of_user(user)
    return (found.pk, found.name) if found is not None else None


def further(hall: Hall, lang: Lang) -> Sequence[Further]:
    """Return what to go on with from a hall: a human with its result, somebody who knows, an article, an event. Only what is there today."""
    talk = Further("talk", _TALK.get(lang), _HUMAN.get(lang), f"{reverse(f'{lang}:talk')}?halle={hall.pk}")
    state = Company.objects.filter(pk=hall.company).values_list("state", flat=True).first() if hall.company else ""
    steps = [talk, *_others(lang, state if state in list(State) else "")]
    return tuple({one.target: one for one in steps}.values())


def _others(lang: Lang, state: str) -> Iterator[Further]:
    pointers = [(Pointer("offer", "iot"), _KNOWS), *((Pointer("article", key), _ARTICLE) for key in _READ[:1])]
    for pointer, why in (*pointers, (Pointer("event", "iot"), None)):
        place = HouseDirections().find(pointer, lang, state=state)
        if place is not None:
            yield Further(pointer.kind, place.label, why.get(lang) if why else place.state, place.target)


HOUSE = House(is_member, company_of, further)


@dataclass(frozen=True, slots=True)
class ShownHall:
    """What a hall brings along to a case: its two weeks, none while nothing has been worked out."""

    key: str
    results: tuple[Result, ...]


def shown(key: str, user: Any, lang: Lang) -> ShownHall:
    """Return what a hall brings along, for somebody who may see it: a company's hall brings nothing along for others.

    Raises:
        NotFound: there is no such hall (any more), or it is another company's.
    """
    hall = halls.hall(key, user)
    made = results.as_result(hall, lang)
    return ShownHall(hall.pk, (made,) if made is not None else ())


def source_of(key: str) -> str:
    """Return what a hall's service is noted under: a keyed hash, for the key itself opens a trial hall."""
    return f"iot:{keyed_hash('iot_service', key)[:24]}"


@dataclass(frozen=True, slots=True)
class OwnHall:
    """A hall on its company's page: link, name, machines, alarms nobody has looked at yet."""

    key: str
    name: str
    machines: int
    alarms: int


def of_company(company: Company) -> list[OwnHall]:
    """Return a company's halls, the oldest first."""
    found = Hall.objects.filter(company=company.pk).order_by("created_at")[:_LISTED]
    return [OwnHall(one.pk, one.name, one.machines.count(), alarms.waiting(one)) for one in found]
