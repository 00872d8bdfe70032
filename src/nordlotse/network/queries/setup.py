"""What the coordinator sees: every partner with its people, and what is still missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from nordlotse.foundation.language import Text
from nordlotse.network.models import Competence, Leave, Partner, Person

__all__ = ["PAUSE", "Checked", "Gap", "PersonState", "checklist", "to_be_mailed", "waiting"]


class Gap(StrEnum):
    """Something that is missing before companies can be led to a partner."""

    NO_PERSON = "no_person"
    NO_PROFILE = "no_profile"
    NOT_VISIBLE = "not_visible"
    NO_MAIL = "no_mail"
    NO_COMPETENCE = "no_competence"
    NO_CAPACITY = "no_capacity"
    NO_CONSENT = "no_consent"
    NOT_INVITED = "not_invited"
    UNANSWERED = "unanswered"

    @property
    def label(self) -> Text:
        """Return what is missing, in words."""
        return _LABELS[self]


_LABELS = {
    Gap.NO_PERSON: Text("noch niemand eingetragen", "nobody entered yet"),
    Gap.NO_PROFILE: Text("kein Profil des Partners", "no profile of the partner"),
    Gap.NOT_VISIBLE: Text("Partner ist nicht öffentlich", "the partner is not public"),
    Gap.NO_MAIL: Text("keine Mailadresse", "no mail address"),
    Gap.NO_COMPETENCE: Text("keine Kompetenz", "no competence"),
    Gap.NO_CAPACITY: Text("keine Kapazität", "no capacity"),
    Gap.NO_CONSENT: Text("nicht öffentlich oder ohne Einverständnis", "not public or without consent"),
    Gap.NOT_INVITED: Text("noch nicht eingeladen", "not invited yet"),
    Gap.UNANSWERED: Text("Einladung unbeantwortet", "invitation unanswered"),
}


@dataclass(frozen=True, slots=True)
class PersonState:
    """A person in the checklist: what is missing, since when an invitation waits for its answer."""

    id: int
    name: str
    role: str
    mail: str
    gaps: tuple[Gap, ...]
    waiting_since: datetime | None
    away: bool
    visible: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """A partner in the checklist. `gaps`: of the partner itself; `asked`: how many people can be written to now."""

    id: int
    slug: str
    name: str
    state: str
    visible: bool
    is_example: bool
    offers: int
    people: tuple[PersonState, ...]
    gaps: tuple[Gap, ...]

    @property
    def complete(self) -> bool:
        """Tell whether nothing is missing."""
        return not self.gaps and not any(p.gaps for p in self.people)

    @property
    def asked(self) -> int:
        """Return how many people a reminder goes to."""
        return sum(Gap.NOT_INVITED in p.gaps or Gap.UNANSWERED in p.gaps for p in self.people)

    @property
    def summary(self) -> list[tuple[Gap, int]]:
        """Return every gap once, with how many people it concerns (0: the partner itself)."""
        counted = {gap: sum(gap in p.gaps for p in self.people) for gap in Gap}
        return [(gap, counted[gap]) for gap in Gap if counted[gap] or gap in self.gaps]


def _person_gaps(row: Person, has_tags: bool) -> tuple[Gap, ...]:
    gaps = [
        (Gap.NO_MAIL, not row.mail),
        (Gap.NO_COMPETENCE, not has_tags),
        (Gap.NO_CAPACITY, row.capacity == 0),
        (Gap.NO_CONSENT, row.consented_at is None or not row.visible),
        (Gap.NOT_INVITED, bool(row.mail) and row.answered_at is None and row.invited_at is None),
        (Gap.UNANSWERED, row.answered_at is None and row.invited_at is not None),
    ]
    return tuple(gap for gap, holds in gaps if holds)


def _away_today() -> QuerySet[Leave]:
    today = timezone.localdate()
    return Leave.objects.filter(person=OuterRef("pk"), first__lte=today, last__gte=today)


def checklist(slug: str = "") -> list[Checked]:
    """Return every partner (or one) with what is missing, the unfinished ones first, in two queries."""
    partners = Partner.objects.annotate(offered=Count("offers", filter=Q(offers__active=True)))
    persons = Person.objects.filter(active=True).annotate(
        skilled=Exists(Competence.objects.filter(person=OuterRef("pk"))), gone=Exists(_away_today())
    )
    if slug:
        partners, persons = partners.filter(slug=slug), persons.filter(partner__slug=slug)
    people: dict[int, list[PersonState]] = {}
    for row in persons.order_by("name", "pk"):
        people.setdefault(row.partner_id, []).append(
            PersonState(
                id=row.pk,
                name=row.name,
                role=row.role,
                mail=row.mail,
                gaps=_person_gaps(row, row.skilled),
                waiting_since=row.invited_at if row.answered_at is None else None,
                away=row.gone,
                visible=row.visible,
            )
        )
    found = []
    for partner in partners.order_by("name", "pk"):
        has = tuple(people.get(partner.pk, ()))
        gaps = [
            (Gap.NO_PERSON, not has),
            (Gap.NO_PROFILE, not partner.profile_de),
            (Gap.NOT_VISIBLE, not partner.visible),
        ]
        found.append(
            Checked(
                id=partner.pk,
                slug=partner.slug,
                name=partner.name,
                state=partner.state,
                visible=partner.visible,
                is_example=partner.is_example,
                offers=partner.offered,
                people=has,
                gaps=tuple(gap for gap, holds in gaps if holds),
            )
        )
    return sorted(found, key=lambda c: c.complete)


#: Nobody is mailed twice within this time: a second click on the button writes no second mail.
PAUSE = timedelta(hours=20)


def to_be_mailed(slug: str = "") -> list[Person]:
    """Return whom an invitation or reminder goes to now, of one partner or of all: who has an address and no answer yet."""
    rested = Q(invited_at=None) | Q(invited_at__lte=timezone.now() - PAUSE)
    found = Person.objects.filter(rested, active=True, answered_at=None).exclude(mail="").select_related("partner")
    return list((found.filter(partner__slug=slug) if slug else found).order_by("partner__name", "name", "pk"))


def waiting(rows: list[Checked]) -> int:
    """Return how many people could be written to now."""
    return sum(row.asked for row in rows)
