"""The JSON interface of the directory: only what is shown to everybody."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from nordlotse.foundation.language import Lang
from nordlotse.network.queries import directory, exports

router = Router()

#: Most entries of one answer.
MAX_ENTRIES = 500


class Asked(Schema):
    """What is looked for, as in the address of the directory's page; an unknown value asks for nothing."""

    q: str = Field("", max_length=200, description="words")
    state: str = Field("", max_length=2, description="HH, SH or MV")
    district: str = Field("", max_length=5, description="five-digit key")
    topic: str = Field("", max_length=60, description="id of a topic")
    method: str = Field("", max_length=60, description="id of a method")
    sector: str = Field("", max_length=60, description="id of a sector")
    offer: str = Field("", max_length=12, description="talk, workshop, consultation, test, visit or demonstrator")
    language: str = Field("", max_length=3, description="ISO 639 code")
    lang: Lang = Field("de", description="language of names and texts")


@router.get("/partners", summary="Partners of the network that are shown to everybody")
def partners(request: HttpRequest, asked: Asked = Query(...)) -> dict[str, Any]:
    """Return the partners that fit, at most 500."""
    found = directory.search(asked.dict())
    rows = [exports.partner_value(row, found.terms, asked.lang) for row in found.partners[:MAX_ENTRIES]]
    return {"count": len(found.partners), "partners": rows}


@router.get("/people", summary="People of the network who are shown to everybody")
def people(request: HttpRequest, asked: Asked = Query(...)) -> dict[str, Any]:
    """Return the people who fit, at most 500, with their competences; no mail address, no telephone."""
    found = directory.search(asked.dict())
    rows = [exports.person_value(row, found.terms, asked.lang) for row in found.people[:MAX_ENTRIES]]
    return {"count": len(found.people), "people": rows}
