"""The JSON interface of the programmes."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router

from nordlotse.foundation import records as dated
from nordlotse.foundation.language import Lang
from nordlotse.funding import core

router = Router()


@router.get("/programmes", summary="Funding programmes with their state today")
def programmes(
    request: HttpRequest,
    state: str | None = Query(None, max_length=60),
    employees: int | None = Query(None, ge=0, le=1_000_000),
    sector: str | None = Query(None, max_length=60),
    purpose: str | None = Query(None, max_length=60),
    started: Literal["yes", "no"] | None = Query(None),
    lang: Lang = Query("de"),
) -> dict[str, Any]:
    """Return open, unknown and ended programmes with every reason for and against."""
    applicant = core.parse_applicant(
        state=state,
        employees=employees,
        sector=sector,
        purpose=purpose,
        already_started={"yes": True, "no": False}.get(started or ""),
    )
    return core.as_dict(core.find(applicant, timezone.localdate(), dated.read_records().records), lang)
