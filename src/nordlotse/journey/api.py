"""The JSON interface `/api/v1`: ask, answers by link, knowledge, search, figures. OpenAPI at `/api/v1/openapi.json`."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from nordlotse.answers import queries as answers
from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import NotFound
from nordlotse.foundation.region import parse_state
from nordlotse.foundation.role import Role
from nordlotse.journey import actions, queries
from nordlotse.journey.core.periods import parse, quarter_of
from nordlotse.journey.queries import blocks, reporting, sheets
from nordlotse.journey.queries.figures import closed_quarter
from nordlotse.office.roles import check_role, has_role

router = Router()


class Question(Schema):
    """What a company asks."""

    # Its length is checked in `actions` for every channel alike: more is "too large" (413), not a wrong field.
    question: str = Field(..., description="The question in German or English, at most 2,000 characters.")
    lang: Lang | None = Field(None, description="Language of the answer; found out if not given.")
    state: str | None = Field(None, description="HH, SH, MV or a state's name.", max_length=60)
    employees: int | None = Field(None, description="Number of employees.", ge=0, le=actions.MAX_EMPLOYEES)
    region: str | None = Field(None, description="Synonym of `state`.", max_length=60)


class SentenceOut(Schema):
    """One verbatim sentence; `start` and `end` are character offsets in the section's text."""

    text: str
    article: str
    section: str
    start: int
    end: int
    sources: list[str]


class SourceOut(Schema):
    """Where a sentence comes from and when that was last checked."""

    id: str
    title: str
    publisher: str
    year: int | None
    url: str
    checked_on: str


class StepOut(Schema):
    """The one next step."""

    kind: str
    label: str
    target: str


class AnswerOut(Schema):
    """An answer; every key is always present."""

    id: str
    question: str
    lang: Lang
    kind: Literal["answer", "clarify", "refer", "decline", "emergency"]
    topic: str
    confidence: Literal["found", "related", "none"]
    score: float = Field(..., ge=0, le=1)
    answer: str
    sentences: list[SentenceOut]
    sources: list[SourceOut]
    valid_on: str
    warnings: list[str]
    ask_back: list[str]
    demonstrator: Literal["print_check", "iot", "twin", "business_simulation", "readiness_check", "none"]
    next_step: StepOut
    ms: float


class ErrorDetail(Schema):
    """What is wrong, where, and what to do."""

    code: str
    message_de: str
    message_en: str
    where: str
    remedy: str


class ErrorOut(Schema):
    """An error."""

    error: ErrorDetail


class ArticleRow(Schema):
    """An article in a list."""

    id: str
    lang: Lang
    topic: str
    title: str
    summary: str
    checked_on: str
    review_by: str


class SectionOut(Schema):
    """A section's plain text, to which the offsets of sentences refer."""

    anchor: str
    heading: str
    text: str


class ArticleOut(ArticleRow):
    """An article with its text."""

    sections: list[SectionOut]
    sources: list[SourceOut]


class HitOut(Schema):
    """A found section or record."""

    article: str
    section: str
    title: str
    text: str
    score: float


ERRORS: dict[int, Any] = {404: ErrorOut, 413: ErrorOut, 422: ErrorOut, 429: ErrorOut}


@router.post("/ask", response={200: AnswerOut, **dict.fromkeys((413, 422, 429), ErrorOut)}, summary="Ask a question")
def ask(request: HttpRequest, body: Question) -> dict[str, Any]:
    """Answer a question with two to six verbatim sentences, their sources, and one next step."""
    made, _ = actions.ask(
        body.question,
        lang=body.lang,
        state=parse_state(body.state or body.region),
        employees=body.employees,
        channel="api",
    )
    return made


@router.get(
    "/answers/{answer_id}",
    response={200: AnswerOut, **dict.fromkeys((404, 422, 429), ErrorOut)},
    summary="An answer by its link",
)
def answer(request: HttpRequest, answer_id: str) -> dict[str, Any]:
    """Return an answer given earlier; the question's words are empty once they have expired."""
    found = queries.inquiry(answer_id)
    keys = AnswerOut.model_fields
    return {**{k: v for k, v in found.answer.items() if k in keys}, "question": found.question}


@router.get("/articles", response={200: list[ArticleRow], 422: ErrorOut, 429: ErrorOut}, summary="All articles")
def articles(request: HttpRequest, lang: Lang = Query("de")) -> list[dict[str, Any]]:
    """Return every published article, in `lang` where there is a translation."""
    return [_row(a) for a in answers.knowledge().in_language(lang)]


def _row(article: Any) -> dict[str, Any]:
    return {
        "id": article.id,
        "lang": article.lang,
        "topic": article.topic,
        "title": article.title,
        "summary": article.summary,
        "checked_on": article.checked_on.isoformat(),
        "review_by": article.review_by.isoformat(),
    }


@router.get(
    "/articles/{article_id}",
    response={200: ArticleOut, **dict.fromkeys((404, 422, 429), ErrorOut)},
    summary="One article",
)
def article(request: HttpRequest, article_id: str, lang: Lang = Query("de")) -> dict[str, Any]:
    """Return an article's sections as plain text, and its sources. `record:ID` gives a dated record."""
    if article_id.startswith("record:"):
        return _record(article_id, lang)
    found = answers.article(article_id, lang)
    return {
        **_row(found),
        "sections": [{"anchor": s.anchor, "heading": s.heading, "text": s.text} for s in found.sections],
        "sources": [s.as_dict() for s in found.sources],
    }


def _record(article_id: str, lang: Lang) -> dict[str, Any]:
    unit = answers.knowledge().units.get(f"{article_id}@{lang}")
    if unit is None:
        raise NotFound(
            "record_unknown",
            de="Diesen Eintrag gibt es nicht.",
            en="There is no such record.",
            where=article_id[:80],
            remedy_de="Bitte suchen Sie danach.",
            remedy_en="Please search for it.",
        )
    return {
        "id": unit.article,
        "lang": unit.lang,
        "topic": unit.topic,
        "title": unit.title,
        "summary": unit.heading,
        "checked_on": unit.checked_on.isoformat(),
        "review_by": unit.review_by.isoformat(),
        "sections": [{"anchor": "", "heading": unit.heading, "text": unit.text}],
        "sources": [s.as_dict() for s in unit.sources],
    }


@router.get("/search", response={200: list[HitOut], 422: ErrorOut, 429: ErrorOut}, summary="Search everything")
def search(
    request: HttpRequest, q: str = Query(..., min_length=1, max_length=500), lang: Lang = Query("de")
) -> list[dict[str, Any]]:
    """Return sections and records that match, best first."""
    hits, _, _ = answers.search(q, lang)
    return [
        {
            "article": h.found.unit.article,
            "section": h.found.unit.anchor,
            "title": h.found.unit.heading,
            "text": h.passage,
            "score": round(h.found.score, 4),
        }
        for h in hits
    ]


class MeasureOut(Schema):
    """A figure that is reported; `edih` is what the KPI reporting of the European Digital Innovation Hubs calls it."""

    key: str
    name: str
    edih: str


class LineOut(Schema):
    """One line of a table; `figures`, or one of them, is null where it must not be shown. `code`: NUTS 2024 or NACE Rev. 2."""

    value: str
    label: str
    code: str
    edih_group: str
    figures: dict[str, int | None] | None


class TableOut(Schema):
    """One table; `withheld`: no line of it is shown."""

    by: str
    heading: str
    edih: str
    withheld: bool
    lines: list[LineOut]


class BlockOut(Schema):
    """What a report says besides its tables: a sentence, and rows of words and numbers."""

    key: str
    title: str
    intro: str
    head: list[str]
    rows: list[list[int | str]]


class FiguresOut(Schema):
    """The figures of a period; `protected`: small cells are hidden, below `threshold` companies."""

    period: str
    closed_months: list[str]
    protected: bool
    threshold: int | None
    measures: list[MeasureOut]
    total: dict[str, int] | None
    attendance: int | None
    tables: list[TableOut]
    blocks: list[BlockOut]


@router.get(
    "/figures",
    response={200: FiguresOut, **dict.fromkeys((403, 404, 422, 429), ErrorOut)},
    summary="Figures of a period",
)
def period_figures(
    request: HttpRequest,
    period: str = Query(
        "",
        max_length=30,
        description="2026-Q1; the centre also 2026-03, 2026-H1, 2026 or 2026-03-05..2026-04-01. Empty: the newest.",
    ),
    lang: Lang = Query("de"),
) -> dict[str, Any]:
    """Return what the pages show whoever is signed in in this session: the centre every figure, officers and researchers closed
    quarters with small cells protected."""
    if has_role(request.user, Role.COORDINATOR):
        board = sheets.full(parse(period) if period else quarter_of(timezone.localdate()), lang)
        return sheets.as_dict(board) | {"blocks": []}
    check_role(request.user, Role.OFFICER, Role.RESEARCHER)
    quarter = closed_quarter(period)
    told = blocks.as_dicts(blocks.blocks(reporting.outside(quarter), lang))
    return sheets.as_dict(sheets.outside(quarter, lang)) | {"blocks": told}
