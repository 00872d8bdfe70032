"""Every read of the answers room that a page, the interface or the command line needs."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from nordlotse.answers.core.answer import Answer
from nordlotse.answers.core.article import Article
from nordlotse.answers.core.knowledge import Knowledge, shipped_texts, text_hash, title_of
from nordlotse.answers.core.ranking import Hit
from nordlotse.answers.core.understand import Given
from nordlotse.answers.core.units import Found, found_units
from nordlotse.answers.memory import memory
from nordlotse.answers.models import Revision
from nordlotse.foundation import records as dated
from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import NotFound, Problem
from nordlotse.foundation.region import State


def answer(
    question: str, *, lang: Lang | None = None, state: State | None = None, employees: int | None = None
) -> Answer:
    """Answer a question from the published knowledge."""
    return memory.current().answerer.answer(question, Given(lang=lang, state=state, employees=employees))


def knowledge() -> Knowledge:
    """Return the published knowledge of this process."""
    return memory.current().knowledge


def article(slug: str, lang: Lang) -> Article:
    """Return a published article.

    Raises:
        NotFound: there is none with this name.
    """
    found = knowledge().article(slug, lang)
    if found is None:
        raise NotFound(
            "article_unknown",
            de="Diesen Artikel gibt es nicht.",
            en="There is no such article.",
            where=slug[:80],
            remedy_de="Bitte suchen Sie danach.",
            remedy_en="Please search for it.",
        )
    return found


def articles(topic: str, lang: Lang) -> list[Article]:
    """Return the published articles of a topic, sorted by title."""
    return sorted((a for a in knowledge().in_language(lang) if a.topic == topic), key=lambda a: a.title)


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A found unit with why it was found: fused score, z of the vectors, lexical coverage, the passage that matched."""

    found: Found
    passage: str
    z: float
    coverage: float


def search(question: str, lang: Lang, limit: int = 20) -> tuple[list[SearchHit], float, str]:
    """Return found units with reasons, the calibrated confidence, and the mode of the search."""
    snapshot = memory.current()
    ranking = snapshot.answerer.indexes[lang].rank(question, limit * 3, lang)
    hits: dict[str, Hit] = {}
    for hit in ranking.hits:
        hits.setdefault(hit.passage.id.rpartition("|")[0], hit)
    found = found_units(ranking, snapshot.knowledge.units)[:limit]
    rows = [SearchHit(f, hits[f.unit.id].passage.text, hits[f.unit.id].z, hits[f.unit.id].coverage) for f in found]
    return rows, ranking.confidence, ranking.mode


@dataclass(frozen=True, slots=True)
class Text:
    """One text on the desk: shipped, local or both."""

    slug: str
    lang: Lang
    title: str
    local: bool
    drafts: int
    review_by: date | None
    update_waiting: bool


def texts() -> list[Text]:
    """Return every text with its state, for the desk."""
    shipped = shipped_texts()
    known = knowledge()
    local: dict[tuple[str, str], Revision] = {}
    drafts: dict[tuple[str, str], int] = {}
    newest: dict[tuple[str, str], str] = {}
    for revision in Revision.objects.filter(state__in=[Revision.State.PUBLISHED, Revision.State.DRAFT]).defer("note"):
        key = (revision.slug, revision.lang)
        if revision.state == Revision.State.PUBLISHED:
            local[key] = revision
        else:
            drafts[key] = drafts.get(key, 0) + 1
            newest.setdefault(key, revision.raw)  # a text's versions come newest first
    rows = []
    for slug, lang in sorted({*shipped, *local, *drafts}):
        code: Lang = "en" if lang == "en" else "de"
        published = known.articles.get((slug, code))
        base = local.get((slug, lang))
        raw = base.raw if base else shipped.get((slug, code)) or newest.get((slug, lang), "")
        rows.append(
            Text(
                slug,
                code,
                published.title if published else title_of(raw, slug),
                (slug, lang) in local,
                drafts.get((slug, lang), 0),
                published.review_by if published else None,
                base is not None and (slug, code) in shipped and base.base_hash != text_hash(shipped[slug, code]),
            )
        )
    return rows


def stale(on: date | None = None) -> tuple[list[Article], Sequence[dated.Record], Sequence[dated.Record]]:
    """Return articles past review, records past review, and records that do not speak because they are unverified."""
    on = on or timezone.localdate()
    known = knowledge()
    late = sorted((a for a in known.articles.values() if a.review_by < on), key=lambda a: a.review_by)
    return late, dated.stale(on, known.records), dated.unverified(known.records)


def problems() -> tuple[Problem, ...]:
    """Return what could not be read: broken articles and records, each with file, line and remedy."""
    return knowledge().problems


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a text in its history; number 0 is the shipped one."""

    number: int
    state: str
    author: str
    note: str
    created_at: datetime | None
    raw: str


def history(slug: str, lang: Lang) -> list[Version]:
    """Return all versions of a text, newest first, the shipped one last."""
    rows = [
        Version(r.number, r.state, r.author.get_username() if r.author else "", r.note, r.created_at, r.raw)
        for r in Revision.objects.filter(slug=slug, lang=lang).select_related("author")
    ]
    shipped = shipped_texts().get((slug, lang))
    if shipped is not None:
        rows.append(Version(0, "shipped", "", "", None, shipped))
    return rows


def newest_number(slug: str, lang: Lang) -> int:
    """Return the number of a text's newest version, 0 while there is only the shipped one."""
    return (
        Revision.objects.filter(slug=slug, lang=lang).values_list("number", flat=True).order_by("-number").first() or 0
    )


def difference(old: str, new: str) -> list[tuple[str, str]]:
    """Return the lines of a unified difference as (kind, text), kind being "same", "added", "removed" or "place"."""
    kinds = {"+": "added", "-": "removed", "@": "place"}
    lines = list(difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=2))[2:]
    return [(kinds.get(line[:1], "same"), line[1:] if line[:1] in "+- " else line) for line in lines]
