"""What of a case may be told to whom: it is asked at every reading, so a withdrawal works at once.

What somebody writes for the case is told while the case stands; a case withdrawn tells nothing any more. Everything else is told
only with a consent that is alive.
"""

from __future__ import annotations

from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.result import Result, from_dict
from nordlotse.journey.core.briefing import Facts
from nordlotse.journey.models import Assignment, Case, Consent
from nordlotse.journey.queries.companies import agreed

#: The outcome of a case its company took back.
WITHDRAWN = "withdrawn"


def tells(case: Case) -> bool:
    """Tell whether what somebody wrote for a case may be read by those who are asked: not once it is withdrawn."""
    return case.outcome != WITHDRAWN


def shares(case: Case, purpose: str) -> bool:
    """Tell whether the company of a case (or its contact) lets others see this part of it today."""
    return tells(case) and agreed(case, purpose)


_UNNAMED = Text("Anfrage eines Betriebs", "A company's request")


def title_of(case: Case, lang: Lang) -> str:
    """Return a case's title for an expert: it is the beginning of the question, and hidden with it. Never empty."""
    return (case.title if tells(case) else "") or _UNNAMED.get(lang)


def results_of(case: Case) -> tuple[Result, ...]:
    """Return the results attached to a case as the company sees them, with their pictures."""
    return tuple(from_dict(kept) for kept in case.results)


_REFUSED = (
    Assignment.Status.DECLINED,
    Assignment.Status.NOT_NOW,
    Assignment.Status.CONFLICT,
    Assignment.Status.SILENT,
    Assignment.Status.HANDED_OVER,
)


def wish_for(case: Case) -> str:
    """Return the name of the person or partner the company wished for, "" for nobody; the company's alone to read."""
    if case.wished is not None and case.wished.active:
        return case.wished.name
    return case.wished_partner.name if case.wished_partner else ""


def asked_first(case: Case) -> str:
    """Return whom we ask first because the company wished so; "" once that one has said no, or somebody else has the case."""
    name = wish_for(case)
    if not name or not case.open or case.taken_by_id is not None:
        return ""
    asked = case.assignments.filter(status__in=(*_REFUSED, Assignment.Status.ACCEPTED))
    if case.wished is not None and case.wished.active:
        mine = asked.filter(person=case.wished)
    else:
        mine = asked.filter(person__partner=case.wished_partner)
    taken = case.assignments.filter(status=Assignment.Status.ACCEPTED)
    return "" if mine.exists() or taken.exists() else name


def facts_of(case: Case) -> Facts:
    """Return what an expert may know of a case."""
    answer = case.answer or {}
    return Facts(
        company=case.company.name if case.company else case.company_name,
        place=case.place,
        state=case.state,
        employees=case.employees,
        sector=case.sector,
        question=case.question if tells(case) else "",
        answer=str(answer.get("text", "")) if shares(case, Consent.Purpose.SHARE_ANSWER) else "",
        results=results_of(case) if shares(case, Consent.Purpose.SHARE_RESULTS) else (),
        tried=case.tried if tells(case) else "",
        wish=case.wish,
        hours=case.contact.hours if case.contact else "",
    )
