"""Cases and people of the network as the values the matching works with (`nordlotse.network.core`)."""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache

import numpy as np
from django.db.models import Count, Q
from django.utils import timezone

from nordlotse.answers import memory as answers
from nordlotse.answers.core.ports import Encoder
from nordlotse.foundation.districts import name_of
from nordlotse.foundation.language import Lang, Text
from nordlotse.journey.core.case import SETTLED
from nordlotse.journey.models import Assignment, Case, PersonVectors
from nordlotse.journey.queries.briefing import tells
from nordlotse.network.core import (
    Embed,
    Expert,
    Kind,
    Matrix,
    Need,
    Proposal,
    Proposed,
    Referral,
    by_id,
    need_vectors,
    profile_vectors,
    propose,
)
from nordlotse.network.core.reason import UNRELATED
from nordlotse.network.models import Person
from nordlotse.network.queries.experts import away, company_key, matching_experts

#: What an answered "no" is; who was silent has said no as well.
SAID_NO = (Assignment.Status.DECLINED, Assignment.Status.CONFLICT, Assignment.Status.SILENT)

#: So many people are asked before the coordinator takes the case into her own hands.
MOST_ASKED = 3


def _encoders() -> tuple[Encoder, ...]:
    """Return the encoder the matching was best with on its development set (E5); the other only where it is missing."""
    loaded = answers.encoders()
    return tuple(e for e in (loaded.e5, loaded.use) if e is not None)[:1]


def embed(texts: Sequence[str]) -> Matrix:
    """Turn texts into vectors with the encoders of the answers room, side by side, each an equal share (port `Embed`)."""
    encoders = _encoders()
    width = sum(e.dim for e in encoders)
    if not encoders or not texts:
        return np.zeros((len(texts), width), dtype=np.float32)
    parts = [np.stack([e.query(text) for text in texts]) for e in encoders]
    made: Matrix = (np.hstack(parts) / math.sqrt(len(parts))).astype(np.float32)
    return made


#: The port as it is plugged in.
EMBED: Embed = embed


def vectors_key(text: str) -> str:
    """Return the name of a profile's vectors: they change with the text and with the encoders."""
    names = ",".join(f"{e.name}/{e.version}" for e in _encoders())
    return hashlib.sha256(f"{names}\x1f{text}".encode()).hexdigest()


@lru_cache(maxsize=2000)
def _profile(key: str, text: str) -> Matrix:
    return profile_vectors([text], EMBED)[0]


@lru_cache(maxsize=200)
def _need(text: str) -> Matrix:
    return need_vectors([text], EMBED)[0]


def vectors_of(text: str, known: PersonVectors | None) -> Matrix | None:
    """Return the vectors of a profile: the stored ones while they fit, otherwise made now. None without encoder or words."""
    if not text or not _encoders():
        return None
    key = vectors_key(text)
    if known is not None and known.key == key and known.rows:
        stored = np.frombuffer(bytes(known.data), dtype=np.float16).astype(np.float32)
        return stored.reshape(known.rows, -1)
    return _profile(key, text)


def loads(on: date) -> dict[int, int]:
    """Return how many of this month's places each person has filled: open assignments, and those taken on this month."""
    held = Q(status__in=(Assignment.Status.PROPOSED, Assignment.Status.ACCEPTED), case__open=True)
    month = Q(status=Assignment.Status.ENDED, answered_at__date__gte=on.replace(day=1))
    rows = Assignment.objects.filter(held | month).values("person").annotate(number=Count("pk"))
    return {row["person"]: row["number"] for row in rows.order_by()}


def overloaded(person_id: int) -> tuple[Person, int] | None:
    """Return somebody who has no place left this month, with how many are filled; None for who has one, or is not there."""
    person = Person.objects.filter(pk=person_id, active=True).first()
    filled = loads(timezone.localdate()).get(person_id, 0) if person is not None else 0
    return (person, filled) if person is not None and filled >= person.capacity else None


def experts(on: date | None = None, *, example: bool = False) -> list[Expert]:
    """Return everybody of the network who can be asked, with what the matching needs to know; nine queries.

    Example people are asked about real cases only while there is nobody else (somebody tries the program out).
    """
    on = on or timezone.localdate()
    made_up = set(Person.objects.filter(active=True, is_example=True).values_list("pk", flat=True))
    known = {str(v.person_id): v for v in PersonVectors.objects.all()}
    everybody = matching_experts(loads(on), on)
    real = [e for e in everybody if int(e.id) not in made_up]
    return [
        replace(
            expert,
            vectors=vectors_of(expert.text, known.get(expert.id)),
        )
        for expert in (everybody if example or not real else real)
    ]


def _company_key(case: Case) -> str:
    return company_key(case.company.name if case.company else case.company_name)


def _marks(case: Case) -> set[str]:
    """Return by what a case's company is known again: the case itself, its entry, the contact's mail, its name."""
    mail = case.contact.mail.lower() if case.contact is not None else ""
    name = _company_key(case)
    told = (("case", case.pk), ("company", case.company_id or ""), ("mail", mail), ("name", name))
    return {f"{what}:{value}" for what, value in told if value}


def conflicts() -> dict[int, set[str]]:
    """Return for each person who said to be biased what cases of theirs to keep away are known by (see `conflicted`)."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    rows = Assignment.objects.filter(status=Assignment.Status.CONFLICT).select_related("case__company", "case__contact")
    for row in rows:
        found[row.person_id] |= _marks(row.case)
    return dict(found)


def conflicted(case: Case, known: Mapping[int, set[str]] | None = None) -> set[int]:
    """Return the ids of those who said to be biased about a case, its company, or whoever asks; they are not asked again."""
    mine = _marks(case)
    return {person for person, theirs in (conflicts() if known is None else known).items() if theirs & mine}


def words_of(case: Case) -> str:
    """Return the words by which somebody is looked for: only what may be shared."""
    return " ".join(part for part in (case.question, case.tried) if part).strip() if tells(case) else ""


def need_of(case: Case, on: date | None = None, biased: Mapping[int, set[str]] | None = None) -> Need:
    """Return a case as the matching takes it in; whoever said no, or "later" until a day to come, is not asked again.

    `biased`: what `conflicts` returns, for many cases at once.
    """
    on = on or timezone.localdate()
    text = words_of(case)
    asked = [
        str(a.person_id)
        for a in case.assignments.all()
        if a.status != Assignment.Status.NOT_NOW or (a.ask_again_on is not None and a.ask_again_on > on)
    ]
    return Need(
        id=case.pk,
        state=case.state,
        district=case.district,
        language=case.lang,
        company=_company_key(case),
        excluded=frozenset((*asked, *map(str, conflicted(case, biased)))),
        text=text,
        vectors=_need(text) if text and _encoders() else None,
    )


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could take a case: why in one sentence, the score, how many of the month's places are filled."""

    person: Person
    score: float
    reason: Text
    filled: int

    @property
    def fits(self) -> bool:
        """Tell whether anything in the profile speaks for this person."""
        return not self.reason.de.startswith(UNRELATED.de)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Up to three people for a case, best first, or why there is nobody."""

    people: tuple[Candidate, ...]
    referral: Referral | None
    ranking: tuple[str, ...] = ()
    known: Mapping[str, Expert] = field(default_factory=dict)

    @property
    def unclear(self) -> bool:
        """Tell whether there are people, but nobody's profile speaks for them."""
        return bool(self.people) and not any(c.fits for c in self.people)


def by_fit(found: Candidates, people: Sequence[Person]) -> list[Person]:
    """Return people as they fit a case, best first; whom a limit speaks against comes last, by name."""
    place = {key: number for number, key in enumerate(found.ranking)}
    return sorted(people, key=lambda p: place.get(str(p.pk), len(place)))


def told_of(found: Candidates, lang: Lang) -> dict[int, str]:
    """Return what helps to choose somebody by hand, by the person's id: topics, place, free places of the month."""
    told = {}
    for key, expert in found.known.items():
        topics = [
            by_id()[t].name.get(lang) for t in sorted(expert.tags) if t in by_id() and by_id()[t].kind is Kind.TOPIC
        ]
        left = max(0, expert.capacity_left)
        free = f"{left} frei" if lang == "de" else f"{left} free"
        told[int(key)] = " – ".join(
            p for p in (", ".join(topics[:3]), expert.place or name_of(expert.district), free) if p
        )
    return told


_WISHED = Text("Der Betrieb hat diese Person ausgesucht.", "The company chose this person.")
_WISHED_PARTNER = Text("Der Betrieb hat diesen Partner ausgesucht.", "The company chose this partner.")


def absent(case: Case, on: date | None = None) -> Person | None:
    """Return the person who leads a case and is on leave, None if nobody leads it or the person is there."""
    held = case.assignments.filter(status=Assignment.Status.ACCEPTED, leads=True, person__in=away(on))
    found = held.select_related("person").order_by("pk").first()
    return found.person if found is not None else None


def is_looked_for(case: Case) -> bool:
    """Tell whether somebody has to be found for a case: nobody has it, or whoever leads it is on leave."""
    return case.open and (case.status not in SETTLED or absent(case) is not None)


def _chosen_before(case: Case) -> list[tuple[str, Text]]:
    """Return who stands before everybody else, and why: who covers for the absent person, then whom the company wished for."""
    gone, first = absent(case), list[tuple[str, Text]]()
    if gone is not None and gone.cover_id is not None:
        why = Text(f"Vertritt {gone.name} während der Abwesenheit.", f"Covers for {gone.name} during the absence.")
        first.append((str(gone.cover_id), why))
    return [*first, *([(str(case.wished_id), _WISHED)] if case.wished_id else [])]


#: Among so many of the best those are looked for who share a word with the case; who shares none comes after them.
_LOOKED_AT = 10

#: Likeness by vectors from which a profile is called similar to the question, as in `network.core.matching`.
_ALIKE = 0.3


def _known_first(found: Proposed, n: int) -> Proposed:
    """Return the first `n` with those behind who have no keyword and no likeness in common with the case."""

    def unrelated(p: Proposal) -> bool:
        return not (p.shared or p.words or p.parts.get("vectors", 0.0) >= _ALIKE)

    return replace(found, proposals=tuple(sorted(found.proposals, key=unrelated)[:n]))


def candidates(case: Case, n: int = MOST_ASKED) -> Candidates:
    """Return who could take a case. First, while no limit speaks against it, who covers for whoever leads it and is on leave,
    then whom the company wished for, then the people of a wished partner, the fitting first.
    """
    need, people = need_of(case), experts(example=case.is_example)
    # The whole order is for choosing by hand; the first are looked for among the best alone.
    every = propose(need, people, max(len(people), n))
    found = _known_first(replace(every, proposals=every.proposals[: max(n, _LOOKED_AT)]), n)
    ranking = tuple(p.expert for p in _known_first(every, len(people)).proposals)
    chosen = [(p.expert, p.score, p.reason) for p in found.proposals]
    if case.wished_partner_id:
        there = {str(pk) for pk in Person.objects.filter(partner=case.wished_partner_id).values_list("pk", flat=True)}
        first = propose(need, [e for e in people if e.id in there], n).proposals
        taken = {p.expert for p in first}
        chosen = [
            *((p.expert, p.score, _WISHED_PARTNER) for p in first),
            *(c for c in chosen if c[0] not in taken),
        ][:n]
    for wanted, why in reversed(_chosen_before(case)):
        alone = propose(need, [e for e in people if e.id == wanted], 1)
        if alone.proposals:
            chosen = [(wanted, alone.proposals[0].score, why), *(c for c in chosen if c[0] != wanted)][:n]
    rows = {
        str(p.pk): p for p in Person.objects.filter(pk__in=[c[0] for c in chosen]).select_related("partner", "user")
    }
    left = {e.id: e for e in people}
    return Candidates(
        tuple(
            Candidate(rows[key], score, reason, left[key].capacity - left[key].capacity_left)
            for key, score, reason in chosen
            if key in rows
        ),
        found.referral,
        ranking,
        left,
    )


def said_no(case: Case) -> int:
    """Return how many people have said no to a case, or nothing at all."""
    return len({a.person_id for a in case.assignments.all() if a.status in SAID_NO})


def stale_vectors() -> list[tuple[int, str]]:
    """Return the ids of people whose stored vectors do not fit their profile any more, with the profile's words."""
    if not _encoders():
        return []
    known = dict(PersonVectors.objects.values_list("person", "key"))
    texts = [(int(e.id), e.text) for e in matching_experts()]
    return [(number, text) for number, text in texts if text and known.get(number) != vectors_key(text)]
