"""Where the steps of a readiness plan lead: the adapter over articles, programmes, demonstrators, offers and events.

A place is returned only if it is there today and open to this company; everything else is left out, so that no step leads nowhere.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from nordlotse.answers import queries as answers
from nordlotse.answers.core.article import TOPICS
from nordlotse.dialogue.queries import events
from nordlotse.foundation import records as dated
from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.problem import Problem
from nordlotse.foundation.region import State
from nordlotse.funding import core as funding
from nordlotse.journey.next_step import demonstrator
from nordlotse.network.core.taxonomy import Kind, taxonomy
from nordlotse.network.models import Offer, Person
from nordlotse.network.queries import directory
from nordlotse.readiness.core.measure import Pointer
from nordlotse.readiness.core.ports import Direction

_CHECKED = Text("offen, geprüft am {day}", "open, checked on {day}")
_MAYBE = Text(
    "offen, ob es für Sie passt, ist zu klären; geprüft am {day}",
    "open; whether it fits you is to be settled; checked on {day}",
)


class HouseDirections:
    """Finds places in the whole house; plugged into `readiness.directions` when the rooms are loaded."""

    def find(self, pointer: Pointer, lang: Lang, *, state: str = "", employees: int | None = None) -> Direction | None:
        """Return the place a pointer names, None where there is none (any more) or it is not for this company."""
        try:
            return _FINDERS[pointer.kind](pointer.key, lang, state if state in list(State) else "", employees)
        except Problem:
            return None


def _article(key: str, lang: Lang, state: str, employees: int | None) -> Direction | None:
    found = answers.article(key, lang)
    return Direction("article", found.title, reverse(f"{lang}:article", args=[found.id]))


def _programme(key: str, lang: Lang, state: str, employees: int | None) -> Direction | None:
    records = dated.read_records().records
    record = records.get(key)
    if not isinstance(record, dated.FundingRecord) or not record.speaks:
        return None
    applicant = funding.Applicant(state=State(state) if state else None, employees=employees)
    verdict = funding.assess(record, applicant, timezone.localdate())
    if verdict.state != "open" or verdict.eligible == "no":
        return None
    said = (_CHECKED if verdict.eligible == "yes" else _MAYBE).get(lang)
    told = said.format(day=dated.day(record.checked_on, lang))
    return Direction("programme", record.subject.get(lang), reverse(f"{lang}:programme", args=[record.id]), told)


def _demonstrator(key: str, lang: Lang, state: str, employees: int | None) -> Direction | None:
    found = demonstrator(key, lang)
    return Direction("demonstrator", found.label, found.target) if found else None


def _tags(key: str) -> list[str]:
    """Return the topics of the network a key stands for: itself, or all below one of the centre's subjects."""
    topics = [tag for tag in taxonomy() if tag.kind == Kind.TOPIC]
    own = [tag.id for tag in topics if tag.id == key]
    return own or [tag.id for tag in topics if tag.subject == key]


def _offer(key: str, lang: Lang, state: str, employees: int | None) -> Direction | None:
    """Return an offer on the topic, near the company if there is one; where nobody offers anything, somebody who knows it."""
    tags = _tags(key)
    if not tags:
        return None
    # Only what the offer itself is about: somebody who also knows the subject may offer something else.
    knowing = Person.objects.filter(competences__tag__in=tags).values("pk")
    offers = directory.offers().filter(topic__in=tags).select_related("partner")
    offer = _nearest(offers, state)
    if offer is not None:
        title = (offer.title_en if lang == "en" else "") or offer.title_de
        return _at(f"{title} ({offer.partner.name})", offer.partner.slug, offer.partner.state, lang)
    people = directory.people().filter(pk__in=knowing).select_related("partner")
    person = people.filter(partner__state=state).order_by("pk").first() if state else None
    person = person or people.order_by("pk").first()
    if person is None:
        return None
    return _at(f"{person.name}, {person.partner.name}", person.partner.slug, person.partner.state, lang)


def _nearest(offers: QuerySet[Offer], state: str) -> Offer | None:
    near = offers.filter(partner__state=state).order_by("pk").first() if state else None
    return near or offers.order_by("pk").first()


def _at(label: str, slug: str, state: str, lang: Lang) -> Direction:
    where = State(state).label.get(lang) if state in list(State) else ""
    return Direction("offer", label, reverse(f"{lang}:network_partner", args=[slug]), where)


def _event(key: str, lang: Lang, state: str, employees: int | None) -> Direction | None:
    """Return the next event on the topic in which somebody who registers now gets a place."""
    topic = key if key in TOPICS else next((tag.subject for tag in taxonomy() if tag.id == key), "")
    if not topic:
        return None
    row = next((r for r in events.upcoming(lang, topic=topic, state=state, limit=20) if not r.full), None)
    if row is None:
        return None
    left = {"de": f", {row.free} Plätze frei", "en": f", {row.free} places free"}[lang] if row.free is not None else ""
    return Direction("event", row.title, reverse(f"{lang}:event", args=[row.event.slug]), f"{row.when}{left}")


_FINDERS: dict[str, Callable[[str, Lang, str, int | None], Direction | None]] = {
    "article": _article,
    "programme": _programme,
    "demonstrator": _demonstrator,
    "offer": _offer,
    "event": _event,
}
