"""People asked without a tap: the best distribution over all cases that need somebody, and the vectors it needs."""

from __future__ import annotations

import logging

import numpy as np

from nordlotse.foundation.problem import Problem
from nordlotse.journey.actions import proposals
from nordlotse.journey.actions.cases import locked
from nordlotse.journey.actions.writing import written
from nordlotse.journey.core.case import State
from nordlotse.journey.models import Case, PersonVectors, Routing
from nordlotse.journey.queries import matching, routing
from nordlotse.journey.queries.access import SYSTEM, Who, check_part
from nordlotse.network.core import Proposal, Why, assign, profile_vectors
from nordlotse.office import log

_log = logging.getLogger("nordlotse.journey")

#: Of so many new cases at once the best distribution is looked for.
BATCH = 200


def set_automatic(who: Who, on: bool) -> None:
    """Switch on or off that people are asked without a coordinator's tap.

    Raises:
        NotAllowed: no coordinator.
    """
    with written("routing"):
        check_part(who, Case())
        Routing.objects.update_or_create(pk=1, defaults={"automatic": on})
        log.record("routing_on" if on else "routing_off", "routing", 1, who.logged)


def _waiting_cases() -> list[Case]:
    """Return the cases that need somebody and are not in the coordinator's own hands."""
    ready = ("", Case.Attention.DECLINED)
    found = Case.objects.filter(stage="unassigned", attention__in=ready, is_example=False)
    found = found.select_related("company", "contact")
    return list(found.prefetch_related("assignments").order_by("opened_at", "pk")[:BATCH])


def propose_all() -> int:
    """Ask the best person for every case that needs one, the best distribution over all of them; return how many were asked.

    A case nobody fits, or that three people have refused, goes to the coordinator. Without the setting only the latter is done.
    """
    cases = {c.pk: c for c in _waiting_cases()}
    tired = {pk for pk, case in cases.items() if matching.said_no(case) >= matching.MOST_ASKED}
    for pk in tired:
        _hand_to_coordinator(pk, Case.Attention.ALL_DECLINED)
    if not routing.automatic():
        _tell_where_nobody_is_left([c for pk, c in cases.items() if pk not in tired and c.status != State.NEW])
        return 0
    silent = {pk for pk, case in cases.items() if pk not in tired and not matching.words_of(case)}
    for pk in silent:
        _hand_to_coordinator(pk, Case.Attention.NOBODY)
    biased = matching.conflicts()
    needs = [matching.need_of(case, biased=biased) for pk, case in cases.items() if pk not in tired | silent]
    plan = assign(needs, matching.experts()) if needs else None
    asked = sum(_asked_by_itself(proposal) for proposal in plan.proposals) if plan else 0
    for referral in plan.unassigned if plan else ():
        # Who is only too full today is free again soon; the promise of two days brings the case up anyway.
        if referral.why != Why.ALL_TAKEN:
            declined = referral.why == Why.ALL_DECLINED
            _hand_to_coordinator(referral.need, Case.Attention.ALL_DECLINED if declined else Case.Attention.NOBODY)
    return asked


def _asked_by_itself(proposal: Proposal) -> bool:
    try:
        proposals.ask_person(SYSTEM, proposal.need, int(proposal.expert), proposal.reason, proposal.score)
    except Problem as problem:  # somebody was quicker: the case comes round again
        _log.info("event=proposal_skipped code=%s", problem.code)
        return False
    return True


def _hand_to_coordinator(case_id: str, why: Case.Attention) -> None:
    with written("to_coordinator"):
        case = locked(case_id)
        if case.attention in ("", Case.Attention.DECLINED) and case.open:
            proposals.to_coordinator(case, why)
            log.record("case_to_coordinator", "case", case.pk, "system")


def _tell_where_nobody_is_left(refused: list[Case]) -> None:
    for case in refused:
        if matching.candidates(case).referral is not None:
            _hand_to_coordinator(case.pk, Case.Attention.ALL_DECLINED)


def store_vectors(most: int = 50) -> int:
    """Make the vectors that profiles still miss; return how many."""
    made = 0
    for number, text in matching.stale_vectors()[:most]:
        matrix = profile_vectors([text], matching.EMBED)[0].astype(np.float16)
        PersonVectors.objects.update_or_create(
            person_id=number,
            defaults={"key": matching.vectors_key(text), "rows": len(matrix), "data": matrix.tobytes()},
        )
        made += 1
    return made
