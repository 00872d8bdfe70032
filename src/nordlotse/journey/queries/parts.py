"""Checked parts as the company's way sees them: the result of one for a case, and the parts that belong to a company."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from nordlotse.foundation.language import Lang
from nordlotse.foundation.result import Result
from nordlotse.journey.models import Case, Company
from nordlotse.office.addresses import keyed_hash
from nordlotse.print3d.core.sentence import short_verdict
from nordlotse.print3d.queries import parts, result

#: So many parts are listed on a company's page.
_LISTED = 20


@dataclass(frozen=True, slots=True)
class CheckedPart:
    """What a kept part brings along to a case: its result, none while its check is under way; and the company it lies with.

    The part's link is not in it: whoever holds that may change and delete the part, and a case is read by others.
    """

    key: str
    name: str
    results: tuple[Result, ...]
    company: str


def checked(key: str, lang: Lang) -> CheckedPart:
    """Return what a kept part brings along.

    Raises:
        NotFound: there is no such part (any more).
    """
    part = parts.by_key(key)
    made = result.as_result(part, lang)
    return CheckedPart(part.key, part.name, (made,) if made is not None else (), part.company)


def source_of(key: str) -> str:
    """Return what a part's service is noted under: a keyed hash, for the key itself opens the part."""
    return f"print3d:{keyed_hash('print3d_service', key)[:24]}"


def cases_with(key: str) -> list[str]:
    """Return the numbers of the cases that a part's result came along with, oldest first."""
    cases = Case.objects.filter(services__source=source_of(key)).order_by("opened_at", "pk").distinct()
    return [str(case.number) for case in cases]


@dataclass(frozen=True, slots=True)
class OwnPart:
    """A part on its company's page: link, name, the best news ("" while it is checked), the days it was handed in and expires."""

    key: str
    name: str
    verdict: str
    at: datetime
    until: datetime


def of_company(company: Company, lang: Lang) -> list[OwnPart]:
    """Return a company's parts, the newest first."""
    return [
        OwnPart(
            p.key,
            p.name,
            short_verdict(p.examined.checked.printable).get(lang) if p.examined else "",
            p.created_at,
            p.expires_at,
        )
        for p in parts.of_company(company.pk, _LISTED)
    ]
