"""All that can be answered from: published articles and speaking records, as units that passages point to.

A unit is what an answer quotes: one section of an article, or one dated record. Several passages (pieces of its text
and the wordings people use for its question) lead to one unit.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from nordlotse.answers.core.article import Article, parse_article
from nordlotse.answers.core.front_matter import split_front_matter
from nordlotse.answers.core.ranking import Passage
from nordlotse.answers.core.section import Expand, Sentence
from nordlotse.foundation import records as dated
from nordlotse.foundation.language import LANGS, Lang
from nordlotse.foundation.problem import BadInput, Problem
from nordlotse.foundation.source import Source

#: Shipped articles lie here, `TOPIC/ID.LANG.md`.
SHIPPED = Path(__file__).resolve().parent.parent / "knowledge"

#: A passage holds about so many characters, cut at sentence ends.
PASSAGE_CHARACTERS = 450

Key = tuple[str, Lang]


@dataclass(frozen=True, slots=True)
class Unit:
    """Something an answer can quote: its plain text, the sentences in it, and whose they are.

    `record` is set for a record's own unit; `records` are those an article names.
    """

    id: str
    lang: Lang
    topic: str
    article: str
    anchor: str
    title: str
    heading: str
    role: str
    text: str
    sentences: tuple[Sentence, ...]
    lead_end: int
    questions: tuple[str, ...]
    demonstrator: str
    jurisdiction: str
    checked_on: date
    review_by: date
    sources: tuple[Source, ...]
    record: dated.Record | None = None
    records: tuple[str, ...] = ()

    def sentence_text(self, sentence: Sentence) -> str:
        """Return the sentence verbatim."""
        return self.text[sentence.start : sentence.end]

    def passages(self) -> Iterable[Passage]:
        """Yield what is indexed for this unit: pieces of its text, then the wordings of its question."""
        title = self.heading if self.record else f"{self.title}: {self.heading}"
        for number, piece in enumerate(_pieces(self)):
            yield Passage(f"{self.id}|{number}", title, piece, self.lang, self.id)
        for number, question in enumerate(
            dict.fromkeys(q.strip() for q in (self.heading, *self.questions) if q.strip())
        ):
            yield Passage(f"{self.id}|q{number}", "", question, self.lang, self.id)


def _pieces(unit: Unit) -> Iterable[str]:
    start = end = None
    for sentence in unit.sentences:
        if start is not None and end is not None and sentence.end - start > PASSAGE_CHARACTERS:
            yield unit.text[start:end]
            start = None
        start = sentence.start if start is None else start
        end = sentence.end
    if start is not None and end is not None:
        yield unit.text[start:end]


def text_hash(raw: str) -> str:
    """Return the hash that names a text (SHA-256, hex)."""
    return hashlib.sha256(raw.replace("\r\n", "\n").encode()).hexdigest()


def shipped_texts(folder: Path = SHIPPED) -> dict[Key, str]:
    """Return the raw text of every shipped article by id and language; an unreadable file is left out."""
    found: dict[Key, str] = {}
    for path in sorted(folder.rglob("*.md")):
        slug, _, lang = path.name.removesuffix(".md").rpartition(".")
        if lang in LANGS:
            with contextlib.suppress(OSError):
                found[slug, "en" if lang == "en" else "de"] = path.read_text(encoding="utf-8", errors="replace")
    return found


def record_expander(on: date, records: Mapping[str, dated.Record]) -> Expand:
    """Return the function that writes a record's sentences as they are true on a day."""

    def expand(record_id: str, lang: Lang) -> Sequence[tuple[str, Sequence[Source]]]:
        record = records.get(record_id)
        if record is None:
            return ()
        by_id = {s.id: replace(s, id=f"{record.id}/{s.id}") for s in record.sources}
        return [
            (sentence.text, [by_id[i] for i in sentence.sources if i in by_id])
            for sentence in dated.sentences(record, lang, on, records)
        ]

    return expand


@dataclass(frozen=True)
class Knowledge:
    """Everything published, on one day. Broken articles and records are named in `problems` and left out."""

    on: date
    articles: Mapping[Key, Article]
    records: Mapping[str, dated.Record]
    problems: tuple[Problem, ...]

    @cached_property
    def units(self) -> Mapping[str, Unit]:
        """Return all units by id."""
        found: dict[str, Unit] = {}
        for article in self.articles.values():
            for unit in _article_units(article):
                found[unit.id] = unit
        for record in self.records.values():
            for lang in LANGS:
                unit_or_none = _record_unit(record, lang, self.on, self.records)
                if unit_or_none is not None:
                    found[unit_or_none.id] = unit_or_none
        return found

    def article(self, slug: str, lang: Lang) -> Article | None:
        """Return an article in a language, in the other one if there is no such translation."""
        return self.articles.get((slug, lang)) or self.articles.get((slug, "en" if lang == "de" else "de"))

    def in_language(self, lang: Lang) -> list[Article]:
        """Return every article once, in `lang` where it exists."""
        slugs = dict.fromkeys(slug for slug, _ in self.articles)
        return [article for slug in slugs if (article := self.article(slug, lang)) is not None]

    def passages(self, lang: Lang) -> list[Passage]:
        """Return the passages to search for a question in `lang`: an untranslated article speaks in its own language."""
        present = {(unit.article, unit.lang) for unit in self.units.values()}
        return [
            passage
            for unit in self.units.values()
            if unit.lang == lang or (unit.article, lang) not in present
            for passage in unit.passages()
        ]


def _article_units(article: Article) -> Iterable[Unit]:
    sources = tuple(s if "/" in s.id else replace(s, id=f"{article.id}/{s.id}") for s in article.sources)
    for section in article.sections:
        if not section.sentences:
            continue
        sentences = tuple(
            replace(s, sources=tuple(i if "/" in i else f"{article.id}/{i}" for i in s.sources))
            for s in section.sentences
        )
        yield Unit(
            id=f"{article.id}#{section.anchor}@{article.lang}",
            lang=article.lang,
            topic=article.topic,
            article=article.id,
            anchor=section.anchor,
            title=article.title,
            heading=section.heading,
            role=section.role,
            text=section.text,
            sentences=sentences,
            lead_end=section.lead_end,
            questions=section.questions,
            demonstrator=article.demonstrator,
            jurisdiction=article.jurisdiction,
            checked_on=article.checked_on,
            review_by=article.review_by,
            sources=sources,
            records=article.records,
        )


def _record_unit(record: dated.Record, lang: Lang, on: date, records: Mapping[str, dated.Record]) -> Unit | None:
    text, sentences = "", []
    for sentence in dated.sentences(record, lang, on, records):
        start = len(text) + (1 if text else 0)
        text = f"{text} {sentence.text}" if text else sentence.text
        ids = tuple(f"{record.id}/{i}" for i in sentence.sources)
        sentences.append(Sentence(start, len(text), ids, record=record.id))
    if not sentences:
        return None
    return Unit(
        id=f"record:{record.id}@{lang}",
        lang=lang,
        topic=record.topic,
        article=f"record:{record.id}",
        anchor="",
        title=record.subject.get(lang),
        heading=record.subject.get(lang),
        role="answer",
        text=text,
        sentences=tuple(sentences),
        lead_end=len(text),
        questions=(*record.questions(lang), *record.aliases),
        demonstrator="none",
        jurisdiction=record.jurisdiction,
        checked_on=record.checked_on,
        review_by=record.review_by,
        sources=tuple(replace(s, id=f"{record.id}/{s.id}") for s in record.sources),
        record=record,
    )


def load_knowledge(
    on: date, published: Mapping[Key, str] | None = None, folder: Path = SHIPPED, previous: Knowledge | None = None
) -> Knowledge:
    """Read shipped articles and records, local published texts in place of shipped ones.

    A text that cannot be read is left out and named in `problems`; if a local text is broken, the shipped one speaks.
    `previous` spares reading again what is unchanged on the same day.
    """
    loaded = dated.read_records()
    problems: list[Problem] = list(loaded.problems)
    expand = record_expander(on, loaded.records)
    texts = shipped_texts(folder)
    articles: dict[Key, Article] = {}
    same_day = previous is not None and previous.on == on and previous.records == loaded.records
    old: Mapping[Key, Article] = previous.articles if previous is not None and same_day else {}
    for lang in LANGS:  # German first: translations inherit from it
        for key in sorted({*texts, *(published or {})}):
            if key[1] != lang:
                continue
            wanted = (published or {}).get(key) or texts.get(key)
            kept = old.get(key)
            if (
                kept is not None
                and wanted is not None
                and kept.raw == _normal(wanted)
                and _same_base(key, articles, old)
            ):
                articles[key] = kept
                continue
            article = _first_readable(key, [(published or {}).get(key), texts.get(key)], expand, articles, problems)
            if article is not None:
                articles[key] = article
    return Knowledge(on, articles, loaded.records, tuple(problems))


def _normal(raw: str) -> str:
    """Return a text as `parse_article` keeps it."""
    return raw.replace("\r\n", "\n").replace("\x00", "")


def _same_base(key: Key, articles: Mapping[Key, Article], old: Mapping[Key, Article]) -> bool:
    """Tell whether the German text a translation inherits from is the one it was read with."""
    return key[1] == "de" or articles.get((key[0], "de")) is old.get((key[0], "de"))


def _first_readable(
    key: Key, candidates: Sequence[str | None], expand: Expand, articles: Mapping[Key, Article], problems: list[Problem]
) -> Article | None:
    where = f"{key[0]}.{key[1]}.md"
    for raw in candidates:
        if raw is None:
            continue
        try:
            base = articles.get((key[0], "de")) if key[1] == "en" else None
            article = parse_article(raw, where=where, expand=expand, base=base)
            if (article.id, article.lang) == key:
                return article
            raise BadInput(
                "article_id",
                de="Kennung oder Sprache passen nicht zum Namen.",
                en="id or lang do not match the name.",
                where=where,
                remedy_de=f"Bitte id: {key[0]} und lang: {key[1]} angeben.",
                remedy_en=f"Give id: {key[0]} and lang: {key[1]}.",
            )
        except Problem as problem:
            problems.append(problem)
    return None


def title_of(raw: str, fallback: str) -> str:
    """Return the title in a text's front matter, the fallback if it cannot be read."""
    try:
        front, _, _ = split_front_matter(raw, fallback)
    except Problem:
        return fallback
    return str(front.get("title") or fallback)
