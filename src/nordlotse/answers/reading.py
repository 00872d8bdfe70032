"""Articles and records as pages read them: blocks of sentences with numbered sources."""

from __future__ import annotations

from dataclasses import dataclass

from nordlotse.answers.core.article import Article
from nordlotse.answers.core.section import Section, Sentence
from nordlotse.foundation.source import Source


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence with the numbers of its sources on the page."""

    text: str
    numbers: tuple[int, ...]
    uncertain: bool
    record: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph or, if `items`, a list."""

    lines: tuple[Line, ...]
    items: tuple[tuple[Line, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the page."""

    anchor: str
    heading: str
    role: str
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """An article ready to be shown; sources in the order of their first use."""

    parts: tuple[Part, ...]
    sources: tuple[tuple[int, Source], ...]


def page(article: Article) -> Page:
    """Number the sources of an article by first use and group its sentences into paragraphs and lists."""
    numbers: dict[str, int] = {}
    for section in article.sections:
        for sentence in section.sentences:
            for source in sentence.sources:
                numbers.setdefault(source, len(numbers) + 1)
    parts = tuple(Part(s.anchor, s.heading, s.role, _paragraphs(s, numbers)) for s in article.sections)
    known = {s.id: s for s in article.sources}
    return Page(parts, tuple((n, known[i]) for i, n in numbers.items() if i in known))


def _paragraphs(section: Section, numbers: dict[str, int]) -> tuple[Paragraph, ...]:
    found: list[Paragraph] = []
    items: list[tuple[Line, ...]] = []
    for block in section.blocks:
        lines = tuple(
            _line(section, s, numbers) for s in section.sentences if block.start <= s.start and s.end <= block.end
        )
        if block.item:
            items.append(lines)
            continue
        if items:
            found.append(Paragraph((), tuple(items)))
            items = []
        found.append(Paragraph(lines))
    if items:
        found.append(Paragraph((), tuple(items)))
    return tuple(found)


def _line(section: Section, sentence: Sentence, numbers: dict[str, int]) -> Line:
    return Line(
        section.sentence_text(sentence),
        tuple(sorted(numbers[i] for i in sentence.sources)),
        sentence.uncertain,
        sentence.record,
    )
