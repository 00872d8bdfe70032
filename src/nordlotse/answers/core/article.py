"""A knowledge article: Markdown with front matter, parsed into sections of plain text whose sentences know their sources.

The plain text of a section is what readers see without marks; every offset the interface hands out points into it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from nordlotse.answers.core.front_matter import SLUG, choice_of, day_of, field_of, split_front_matter, strings, wrong
from nordlotse.answers.core.section import Expand, Section, no_records, read_section
from nordlotse.foundation.language import Lang
from nordlotse.foundation.source import Source

ROLES = ("answer", "detail", "cost", "pitfalls", "next")
TOPICS = ("digitalisation", "iot", "print3d", "industrie40", "business_models", "funding", "network", "events")
JURISDICTIONS = ("DE", "EU", "HH", "SH", "MV", "none")
DEMONSTRATORS = ("print_check", "iot", "twin", "business_simulation", "readiness_check", "none")

_ANY_HEADING = re.compile(r"^#{1,6}[ \t].*$", re.M)
_ANCHOR = re.compile(r"\{#([a-z0-9][a-z0-9-]*)\}\Z")


@dataclass(frozen=True, slots=True)
class Article:
    """An article in one language."""

    id: str
    lang: Lang
    topic: str
    title: str
    summary: str
    jurisdiction: str
    demonstrator: str
    checked_on: date
    review_by: date
    records: tuple[str, ...]
    related: tuple[str, ...]
    sources: tuple[Source, ...]
    must_cover: Mapping[str, str]
    sections: tuple[Section, ...]
    raw: str = field(repr=False)

    def source(self, source_id: str) -> Source | None:
        """Return the source with this id (`s1` or `record-id/s1`), None if there is none."""
        return next((s for s in self.sources if s.id == source_id), None)

    def section(self, anchor: str) -> Section | None:
        """Return the section with this anchor, None if there is none."""
        return next((s for s in self.sections if s.anchor == anchor), None)


def _plain_day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def _sources(front: Mapping[str, Any], checked_on: date, where: str) -> tuple[Source, ...]:
    found: list[Source] = []
    for number, row in enumerate(field_of(front, "sources", list, where), 1):
        place = f"{where}: sources[{number}]"
        if not isinstance(row, dict):
            raise wrong(
                "article_source",
                place,
                "Die Quelle ist kein Satz von Feldern.",
                "The source is not a mapping.",
                "Bitte id, title, publisher, year, url und passage angeben.",
                "Give id, title, publisher, year, url and passage.",
            )
        year = row.get("year")
        own_day = row.get("checked_on", checked_on)
        found.append(
            Source(
                id=str(field_of(row, "id", str, place)),
                title=str(field_of(row, "title", str, place)),
                publisher=str(field_of(row, "publisher", str, place)),
                year=year if isinstance(year, int) else None,
                url=str(row.get("url") or ""),
                checked_on=_plain_day(own_day) or checked_on,
                passage=str(row.get("passage") or ""),
                basis=str(row.get("basis") or "noted"),
            )
        )
    return tuple(found)


def _heading(line: str) -> tuple[str, str] | None:
    """Return text and anchor of a heading of the second level, None if the line is another heading."""
    anchor = _ANCHOR.search(line.rstrip())
    text = line[2 : anchor.start()].strip() if anchor and line.startswith(("## ", "##\t")) else ""
    return (text, anchor.group(1)) if anchor and text else None


def parse_article(raw: str, *, where: str, expand: Expand = no_records, base: Article | None = None) -> Article:
    """Parse the Markdown of an article.

    Args:
        raw: the file's text.
        where: name shown in errors (file or slug).
        expand: gives the sentences of a dated record for `{{record:ID}}`.
        base: the German article from which a translation inherits topic, sources, dates and demonstrator.

    Raises:
        BadInput: the article cannot be read; names place and remedy.
    """
    raw = raw.removeprefix("\ufeff").replace("\r\n", "\n").replace("\x00", "")
    front, body, first_line = split_front_matter(raw, where)
    lang: Lang = "en" if choice_of(front, "lang", ("de", "en"), where) == "en" else "de"
    inherited = _inherited(base) if base is not None else {}
    merged = {**inherited, **{k: v for k, v in front.items() if v is not None}}
    checked_on = day_of(merged, "checked_on", where)
    sources = {
        s.id: s for s in (_sources(merged, checked_on, where) if "sources" in front or base is None else base.sources)
    }
    sections = _sections(body, first_line, front, lang, expand, where)
    for _, extra in sections:
        sources.update(extra)
    return Article(
        id=_id(front, where),
        lang=lang,
        topic=choice_of(merged, "topic", TOPICS, where),
        title=str(field_of(front, "title", str, where)),
        summary=str(field_of(front, "summary", str, where)),
        jurisdiction=choice_of({"jurisdiction": "none", **merged}, "jurisdiction", JURISDICTIONS, where),
        demonstrator=choice_of(merged, "demonstrator", DEMONSTRATORS, where),
        checked_on=checked_on,
        review_by=day_of(merged, "review_by", where),
        records=strings(merged, "records", where),
        related=strings(merged, "related", where),
        sources=tuple(sources.values()),
        must_cover=_must_cover(merged, where),
        sections=tuple(section for section, _ in sections),
        raw=raw,
    )


def _id(front: Mapping[str, Any], where: str) -> str:
    value = str(field_of(front, "id", str, where))
    if SLUG.fullmatch(value):
        return value
    raise wrong(
        "article_field",
        f"{where}: id",
        "Die Kennung darf nur Kleinbuchstaben, Ziffern und Bindestriche haben, höchstens 80.",
        "The id may only have small letters, digits and hyphens, at most 80.",
        "Bitte zum Beispiel „id: iot-31“ schreiben.",
        "Write for example “id: iot-31”.",
    )


def _must_cover(front: Mapping[str, Any], where: str) -> dict[str, str]:
    if front.get("must_cover") is None:
        return {}
    told = field_of(front, "must_cover", dict, where)
    return dict(zip(map(str, told), strings({"must_cover": list(told.values())}, "must_cover", where), strict=True))


def _inherited(base: Article) -> dict[str, Any]:
    return {
        "topic": base.topic,
        "jurisdiction": base.jurisdiction,
        "demonstrator": base.demonstrator,
        "checked_on": base.checked_on,
        "review_by": base.review_by,
        "records": list(base.records),
        "related": list(base.related),
        "must_cover": dict(base.must_cover),
    }


def _headings(body: str, first_line: int, where: str) -> list[tuple[re.Match[str], str, str]]:
    """Return (match, text, anchor) of every heading.

    Raises:
        BadInput: a heading has no anchor, an anchor comes twice, or text stands before the first section.
    """
    found: list[tuple[re.Match[str], str, str]] = []
    seen: set[str] = set()
    for match in _ANY_HEADING.finditer(body):
        place = f"{where}:{first_line + body[: match.start()].count(chr(10))}"
        named = _heading(match.group(0))
        if named is None:
            raise wrong(
                "article_heading",
                place,
                "Die Überschrift hat keinen Anker oder die falsche Ebene.",
                "The heading has no anchor or the wrong level.",
                "Bitte „## Frage? {#anker}“ schreiben.",
                "Write “## Question? {#anchor}”.",
            )
        if named[1] in seen:
            raise wrong(
                "article_anchor_twice",
                place,
                f"Der Anker „{named[1]}“ kommt zweimal vor.",
                f"The anchor “{named[1]}” occurs twice.",
                "Bitte einen anderen Anker wählen.",
                "Choose another anchor.",
            )
        seen.add(named[1])
        found.append((match, *named))
    if not found or body[: found[0][0].start()].strip():
        raise wrong(
            "article_empty",
            f"{where}:{first_line}",
            "Vor dem ersten Abschnitt steht Text." if found else "Der Artikel hat keinen Abschnitt.",
            "There is text before the first section." if found else "The article has no section.",
            "Bitte jeden Text unter eine Überschrift „## Frage? {#anker}“ schreiben.",
            "Write every text below a heading “## Question? {#anchor}”.",
        )
    return found


def _sections(
    body: str, first_line: int, front: Mapping[str, Any], lang: Lang, expand: Expand, where: str
) -> list[tuple[Section, dict[str, Source]]]:
    options = front.get("sections")
    found = _headings(body, first_line, where)
    result = []
    for number, (match, heading, anchor) in enumerate(found):
        end = found[number + 1][0].start() if number + 1 < len(found) else len(body)
        own = options.get(anchor) if isinstance(options, dict) else None
        own = own if isinstance(own, dict) else {}
        questions = strings(own, "questions", f"{where}: sections.{anchor}")
        role = str(own.get("role") or "detail")
        result.append(read_section(heading, anchor, body[match.end() : end], role, questions, lang, expand))
    return result
