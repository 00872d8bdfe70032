"""Who pays for this? All programmes for one applicant, sorted, with the rule on de-minimis aid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from nordlotse.foundation.records import (
    FundingRecord,
    Record,
    Sentence,
    load_records,
    programmes,
    sentences,
    warnings,
)
from nordlotse.funding.core.applicant import Applicant
from nordlotse.funding.core.eligibility import Eligible, Verdict, assess

DE_MINIMIS = "deminimis-ceiling"
_ORDER: dict[Eligible, int] = {"yes": 0, "maybe": 1, "no": 2}


@dataclass(frozen=True, slots=True)
class Ended:
    """A programme that has ended, and what the applicant may look at instead."""

    verdict: Verdict
    alternatives: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to "who pays for this?".

    `open` holds what takes applications (best fit first, those that do not fit last), `unknown` what nobody has
    confirmed, `ended` what is over. `de_minimis` is the record of the ceiling, None if it is missing;
    `checked` the oldest day on which something shown was checked.
    """

    applicant: Applicant
    on: date
    open: tuple[Verdict, ...]
    ended: tuple[Ended, ...]
    unknown: tuple[Verdict, ...]
    de_minimis: Record | None
    checked: date | None
    records: Mapping[str, Record]

    @property
    def ceiling_eur(self) -> int | None:
        """Return the de-minimis ceiling in euros."""
        value = self.de_minimis.amount("ceiling") if self.de_minimis else None
        return None if value is None else int(value)


def find(applicant: Applicant, on: date, records: Mapping[str, Record] | None = None) -> Finding:
    """Return every programme that may concern `applicant` on the day `on` (the shipped records by default).

    Programmes of other states and records without a source are left out.
    """
    known = load_records() if records is None else records
    verdicts = [assess(p, applicant, on) for p in programmes(known) if p.speaks and _concerns(p, applicant)]
    by_id = {v.programme.id: v for v in verdicts}
    opened = _sorted(v for v in verdicts if v.state in ("open", "call"))
    unknown = _sorted(v for v in verdicts if v.state == "unknown")
    ended = tuple(
        Ended(v, tuple(by_id[key] for key in v.programme.alternatives if key in by_id and _worth(by_id[key])))
        for v in sorted(verdicts, key=lambda v: v.programme.id)
        if v.state == "closed"
    )
    rule = known.get(DE_MINIMIS)
    days = [v.programme.checked_on for v in verdicts] + ([rule.checked_on] if rule else [])
    return Finding(applicant, on, opened, ended, unknown, rule, min(days, default=None), known)


def _concerns(programme: FundingRecord, applicant: Applicant) -> bool:
    return applicant.state is None or programme.covers(applicant.state)


def _worth(verdict: Verdict) -> bool:
    return verdict.state != "closed" and verdict.eligible != "no"


def _sorted(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    return tuple(sorted(verdicts, key=_rank))


def _rank(verdict: Verdict) -> tuple[int, int, int, float, str]:
    """Return the sort key: fit, money before free help, the own state before the federation, higher rate, id."""
    programme = verdict.programme
    regional = 0 if programme.jurisdiction in ("HH", "SH", "MV") else 1
    return (
        _ORDER[verdict.eligible],
        1 if programme.free else 0,
        regional,
        -(verdict.rate_percent or 0.0),
        programme.id,
    )


def verdict_as_dict(verdict: Verdict, lang: str, records: Mapping[str, Record]) -> dict[str, object]:
    """Return a verdict as the interface shows it, texts in `lang`; every key is always there."""
    programme = verdict.programme
    return {
        "id": programme.id,
        "name": programme.subject.get(lang),
        "state": verdict.state,
        "eligible": verdict.eligible,
        "rate_percent": verdict.rate_percent,
        "cap_eur": verdict.cap_eur,
        "minimum_eur": programme.minimum_eur,
        "free": programme.free,
        "max_employees": programme.size.employees_max,
        "max_turnover_eur": programme.size.turnover_max_eur,
        "purposes": list(programme.purposes),
        "apply_before_start": programme.apply_before_start,
        "de_minimis": programme.de_minimis,
        "valid_until": programme.valid_until.isoformat() if programme.valid_until else None,
        "office": {
            "name": programme.office.name.get(lang),
            "url": programme.office.url,
            "phone": programme.office.phone,
        },
        "reasons": [{"code": r.code, "weight": r.weight, "text": r.text.get(lang)} for r in verdict.reasons],
        "sentences": _texts(sentences(programme, lang, verdict.on, records)),
        "warnings": list(warnings(programme, lang, verdict.on)),
        "sources": [s.as_dict() for s in programme.sources],
        "checked_on": programme.checked_on.isoformat(),
        "review_by": programme.review_by.isoformat(),
    }


def as_dict(finding: Finding, lang: str) -> dict[str, object]:
    """Return a finding as JSON-ready values for `nordlotse programmes --json`, texts in `lang`."""
    rule = finding.de_minimis
    asked = finding.applicant
    return {
        "asked": {
            "state": asked.state.value if asked.state else None,
            "employees": asked.employees,
            "sector": asked.sector,
            "purpose": asked.purpose,
            "already_started": asked.already_started,
            "turnover_eur": asked.turnover_eur,
        },
        "on": finding.on.isoformat(),
        "checked": finding.checked.isoformat() if finding.checked else None,
        "open": [verdict_as_dict(v, lang, finding.records) for v in finding.open],
        "unknown": [verdict_as_dict(v, lang, finding.records) for v in finding.unknown],
        "ended": [
            {
                **verdict_as_dict(e.verdict, lang, finding.records),
                "alternatives": [
                    {"id": a.programme.id, "name": a.programme.subject.get(lang), "eligible": a.eligible}
                    for a in e.alternatives
                ],
            }
            for e in finding.ended
        ],
        "de_minimis": {
            "ceiling_eur": finding.ceiling_eur,
            "text": _texts(sentences(rule, lang, finding.on, finding.records)) if rule else [],
            "sources": [s.as_dict() for s in rule.sources] if rule else [],
        },
    }


def _texts(spoken: tuple[Sentence, ...]) -> list[str]:
    return [s.text for s in spoken]
