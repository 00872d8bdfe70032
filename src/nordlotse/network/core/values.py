"""What matching takes in and gives back: people, needs, proposals, and what goes to the coordinator instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from nordlotse.foundation.language import Text
from nordlotse.network.core.ports import Matrix

__all__ = ["Expert", "Limit", "Need", "Plan", "Proposal", "Proposed", "Referral", "Why"]


@dataclass(frozen=True, slots=True, eq=False)
class Expert:
    """Somebody of a partner who may be proposed. Compared by identity, for it carries vectors.

    `id`, `partner` and the companies are opaque keys of the caller (a person's primary key as text). `state` and
    `district` (five-digit key, see `foundation.districts`) say where the person sits, `place` how that is told.
    `states`: works only for companies there; empty means everywhere. `capacity`: new cases a month; `capacity_left`:
    how many of them are still free. `conflicts`: companies whose case the person must not take. `tags`: ids of the
    taxonomy. `text`: the profile in free words. `vectors`: what `matching.vectors_of` made of it, or None.
    """

    id: str
    partner: str = ""
    state: str = ""
    district: str = ""
    place: str = ""
    languages: frozenset[str] = frozenset({"de"})
    states: frozenset[str] = frozenset()
    capacity: int = 2
    capacity_left: int = 2
    on_leave: bool = False
    neutral: bool = True
    conflicts: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    text: str = ""
    vectors: Matrix | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Need:
    """What a company wants to talk about. Compared by identity, for it carries vectors.

    `company`: the caller's key, "" while nobody is known. `excluded`: experts who declined or are asked already.
    `excluded_partners`: partners the company does not want or competes with. `needs_neutral`: only people who sell
    nothing in the matter.
    """

    id: str
    state: str = ""
    district: str = ""
    language: str = "de"
    company: str = ""
    needs_neutral: bool = False
    excluded: frozenset[str] = frozenset()
    excluded_partners: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    text: str = ""
    vectors: Matrix | None = field(default=None, repr=False)


class Limit(StrEnum):
    """Why somebody cannot take a case, in the order in which it is checked: the first that holds is counted."""

    DECLINED = "declined"
    CONFLICT = "conflict"
    NEUTRALITY = "neutrality"
    LANGUAGE = "language"
    STATE = "state"
    LEAVE = "leave"
    CAPACITY = "capacity"


class Why(StrEnum):
    """Why a need goes to the coordinator."""

    NOBODY = "nobody"
    ALL_DECLINED = "all_declined"
    ALL_TAKEN = "all_taken"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One expert for one need. `score` is between 0 and 1, `parts` says what it is made of (each 0 to 1, unweighted).

    `reason` is one sentence for people. `shared`: the tags both have; `words`: the words both use, rarest first.
    """

    need: str
    expert: str
    score: float
    parts: Mapping[str, float]
    reason: Text
    shared: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Referral:
    """Nobody may take a need: it is the coordinator's now. `excluded`: how many experts each limit excluded."""

    need: str
    why: Why
    excluded: Mapping[Limit, int]
    reason: Text


@dataclass(frozen=True, slots=True)
class Proposed:
    """What `propose` found for one need: proposals, best first, or a referral when there is none.

    `excluded` counts the experts each limit excluded, also where somebody is left.
    """

    need: str
    proposals: tuple[Proposal, ...]
    referral: Referral | None
    excluded: Mapping[Limit, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """What `assign` found for many needs: at most one proposal a need, and a referral for every other."""

    proposals: tuple[Proposal, ...]
    unassigned: tuple[Referral, ...]
    score: float
