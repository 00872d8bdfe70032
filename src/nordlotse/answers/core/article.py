"""A knowledge article: Markdown with front matter, parsed into sections of plain text whose sentences know their sources.

The plain text of a section is what readers see without marks; every offset the interface hands out points into it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import yaml

from nordlotse.answers.core.sentences import sentence_spans
from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.source import Source

ROLES = ("answer", "detail", "cost", "pitfalls", "next")
TOPICS = ("digitalisation", "iot", "print3d", "industrie40", "business_models", "funding", "network", "events")
JURISDICTIONS = ("DE", "EU", "HH", "SH", "MV", "none")
DEMONSTRATORS = ("print_check", "iot", "twin", "business_simulation", "readiness_check", "none")

#: Upper bound of an article's file in characters; a longer one is refused before parsing.
MAX_CHARACTERS = 100_000

#: An article's id: it becomes part of file names and addresses. At most 80 characters.
SLUG = re.compile(r"(?=.{1,80}\Z)[a-z0-9_]+(?:-[a-z0-9_]+)*")

# Front matter is two or three levels deep; deeper nesting is an attack on the parser, which is written in C and recursive.
_MAX_DEPTH = 12

# A record's sentences in a language: (text, sources) pairs. Supplied from outside, so that this file knows no data.
Expand = Callable[[str, Lang], Sequence[tuple[str, Sequence[Source]]]]

# The C version of the safe loader where libyaml is there: ten times faster, same result.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_FRONT = re.compile(r"\A---\r?\n(.*?)\r?\n---\r?\n", re.S)
_ANY_HEADING = re.compile(r"^#{1,6}[ \t].*$", re.M)
_ANCHOR = re.compile(r"\{#([a-z0-9][a-z0-9-]*)\}\Z")
_MARK = re.compile(r"\[(s\d+|\?)\]")
# For prose whose blanks are single: a run of them would make these slow.
_MARKS = re.compile(r"(?: ?\[(?:s\d+|\?)\])+")
_MARK_BEFORE_STOP = re.compile(r" ?((?:\[(?:s\d+|\?)\] ?)+)([.!?])")
_ITEM = re.compile(r"([-*+]|\d{1,2}[.)])(?:[ \t]+(.*))?\Z")
_RECORD = re.compile(r"\{\{record:([a-z0-9-]+)\}\}")
_EMPHASIS = re.compile(r"\*\*(.+?)\*\*|(?<!\w)\*([^*\n]+?)\*(?!\w)")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a section: its place in the section's plain text and what it rests on."""

    start: int
    end: int
    sources: tuple[str, ...] = ()
    uncertain: bool = False
    record: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or a list item: its place in the section's plain text."""

    start: int
    end: int
    item: bool


@dataclass(frozen=True, slots=True)
class Section:
    """A question-shaped part of an article."""

    anchor: str
    heading: str
    role: str
    questions: tuple[str, ...]
    text: str
    sentences: tuple[Sentence, ...]
    blocks: tuple[Block, ...]
    lead_end: int
    raw: str

    def sentence_text(self, sentence: Sentence) -> str:
        """Return the sentence verbatim."""
        return self.text[sentence.start : sentence.end]

    @property
    def lead(self) -> tuple[Sentence, ...]:
        """Return the sentences of the first paragraph: the self-contained answer."""
        return tuple(s for s in self.sentences if s.end <= self.lead_end)


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


def _wrong(code: str, where: str, de: str, en: str, remedy_de: str, remedy_en: str) -> BadInput:
    return BadInput(code, de=de, en=en, where=where, remedy_de=remedy_de, remedy_en=remedy_en)


def split_front_matter(raw: str, where: str) -> tuple[dict[str, Any], str, int]:
    """Return front matter, body and the line on which the body begins.

    Raises:
        BadInput: the text is too long, has no front matter, or its YAML cannot be read (names the line).
    """
    if len(raw) > MAX_CHARACTERS:
        raise _wrong(
            "article_too_long",
            where,
            f"Der Artikel hat {len(raw)} Zeichen, erlaubt sind {MAX_CHARACTERS}.",
            f"The article has {len(raw)} characters, {MAX_CHARACTERS} are allowed.",
            "Bitte in mehrere Artikel teilen.",
            "Split it into several articles.",
        )
    match = _FRONT.match(raw)
    if match is None:
        raise _wrong(
            "article_no_front_matter",
            f"{where}:1",
            "Am Anfang fehlt der Kopf zwischen zwei Zeilen „---“.",
            "The front matter between two lines “---” is missing at the top.",
            "Bitte den Kopf ergänzen; docs/rooms/answers.md zeigt ein Beispiel.",
            "Add it; docs/rooms/answers.md shows an example.",
        )
    front = _load_yaml(match.group(1), where)
    if not isinstance(front, dict):
        raise _wrong(
            "article_yaml",
            f"{where}:2",
            "Der Kopf ist keine Liste von Feldern.",
            "The front matter is not a list of fields.",
            "Bitte „feld: wert“ je Zeile schreiben.",
            "Write “field: value” on each line.",
        )
    return front, raw[match.end() :], raw[: match.end()].count("\n") + 1


def is_article(raw: str) -> bool:
    """Tell whether a text claims to be one of our articles: front matter that names an id and a language."""
    match = _FRONT.match(raw.replace("\r\n", "\n").removeprefix("\ufeff"))
    return match is not None and all(re.search(rf"^{name}[ \t]*:", match.group(1), re.M) for name in ("id", "lang"))


def _load_yaml(text: str, where: str) -> Any:
    """Read YAML without aliases, which grow when they are written out, and without deep nesting."""
    try:
        depth = 0
        for event in yaml.parse(text, Loader=_LOADER):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _MAX_DEPTH or isinstance(event, yaml.AliasEvent):
                raise yaml.MarkedYAMLError(problem="aliases or deep nesting", problem_mark=event.start_mark)
        return yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe loader
    # The loader meets impossible days, numbers and tags with errors of its own.
    except (yaml.YAMLError, ValueError, KeyError, AttributeError, TypeError, OverflowError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark is not None else _line_of_bad_value(text)
        raise _wrong(
            "article_yaml",
            f"{where}:{line}",
            "Der Kopf ist kein gültiges YAML.",
            f"The front matter is not valid YAML: {getattr(error, 'problem', '') or error}.",
            "Bitte die genannte Zeile prüfen: Einrückung, Doppelpunkt, Anführungszeichen, Datum.",
            "Check the line named: indentation, colon, quotation marks, date.",
        ) from error


def _line_of_bad_value(text: str) -> int:
    """Return the line of a file at which the first value stands that YAML can parse but not build, 1 if none is found."""
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.ScalarEvent):
            tag = f"{event.tag} " if event.tag else ""
            try:
                if not event.style or tag:
                    yaml.load(tag + event.value, Loader=_LOADER)  # noqa: S506 - a safe loader
            except yaml.YAMLError:
                continue
            except (ValueError, KeyError, AttributeError, TypeError, OverflowError):
                return int(event.start_mark.line) + 2
    return 1


def _strings(front: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    """Return a list of texts; a missing list is empty.

    Raises:
        BadInput: it is no list, or holds something other than texts and numbers.
    """
    value = front.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(v, str | int | float) for v in value):
        raise _wrong(
            "article_field",
            f"{where}: {name}",
            f"„{name}“ ist keine Liste von Texten.",
            f"“{name}” is not a list of texts.",
            f"Bitte „{name}: [eins, zwei]“ schreiben.",
            f"Write “{name}: [one, two]”.",
        )
    return tuple(str(v) for v in value)


def _day(front: Mapping[str, Any], name: str, where: str) -> date:
    value = _field(front, name, date, where)
    return value.date() if isinstance(value, datetime) else value


def _field(front: Mapping[str, Any], name: str, kind: type | tuple[type, ...], where: str) -> Any:
    value = front.get(name)
    if not isinstance(value, kind) or (isinstance(value, str) and not value.strip()):
        raise _wrong(
            "article_field",
            f"{where}: {name}",
            f"Das Feld „{name}“ fehlt oder hat die falsche Art.",
            f"The field “{name}” is missing or of the wrong kind.",
            f"Bitte „{name}“ im Kopf angeben.",
            f"Give “{name}” in the front matter.",
        )
    return value


def _choice(front: Mapping[str, Any], name: str, allowed: Sequence[str], where: str) -> str:
    value = str(_field(front, name, str, where))
    if value not in allowed:
        raise _wrong(
            "article_field",
            f"{where}: {name}",
            f"„{value[:40]}“ ist für „{name}“ nicht vorgesehen.",
            f"“{value[:40]}” is not a value of “{name}”.",
            "Erlaubt sind: " + ", ".join(allowed) + ".",
            "Allowed are: " + ", ".join(allowed) + ".",
        )
    return value


def _plain_day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def _sources(front: Mapping[str, Any], checked_on: date, where: str) -> tuple[Source, ...]:
    found: list[Source] = []
    for number, row in enumerate(_field(front, "sources", list, where), 1):
        place = f"{where}: sources[{number}]"
        if not isinstance(row, dict):
            raise _wrong(
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
                id=str(_field(row, "id", str, place)),
                title=str(_field(row, "title", str, place)),
                publisher=str(_field(row, "publisher", str, place)),
                year=year if isinstance(year, int) else None,
                url=str(row.get("url") or ""),
                checked_on=_plain_day(own_day) or checked_on,
                passage=str(row.get("passage") or ""),
                basis=str(row.get("basis") or "noted"),
            )
        )
    return tuple(found)


class _SectionBuilder:
    """Collects the plain text of a section and the sentences in it."""

    def __init__(self, lang: Lang, expand: Expand) -> None:
        self._lang = lang
        self._expand = expand
        self.text = ""
        self.sentences: list[Sentence] = []
        self.sources: dict[str, Source] = {}
        self.blocks: list[Block] = []

    def add_block(self, block: str, item: bool) -> None:
        """Add a paragraph or list item, with its marks and record placeholders."""
        if self.text:
            self.text += "\n" if item and self.blocks and self.blocks[-1].item else "\n\n"
        begin = len(self.text)
        at_start = True
        position = 0
        for match in _RECORD.finditer(block):
            at_start = self._add_prose(block[position : match.start()], at_start)
            at_start = self._add_record(match.group(1), at_start)
            position = match.end()
        self._add_prose(block[position:], at_start)
        self.text = self.text.rstrip()
        if len(self.text) > begin:
            self.blocks.append(Block(begin, len(self.text), item))

    def _append(self, piece: str, at_start: bool) -> int:
        if not at_start and not self.text.endswith((" ", "\n")):
            self.text += " "
        start = len(self.text)
        self.text += piece
        return start

    def _add_record(self, record_id: str, at_start: bool) -> bool:
        for text, sources in self._expand(record_id, self._lang):
            start = self._append(text, at_start)
            at_start = False
            ids = []
            for source in sources:
                self.sources[source.id] = source
                ids.append(source.id)
            self.sentences.append(Sentence(start, len(self.text), tuple(ids), record=record_id))
        return at_start

    def _add_prose(self, prose: str, at_start: bool) -> bool:
        prose = " ".join(_MARK_BEFORE_STOP.sub(lambda m: f"{m.group(2)} {m.group(1)}", " ".join(prose.split())).split())
        position = 0
        for match in [*_MARKS.finditer(prose), None]:
            end = match.start() if match else len(prose)
            marks = tuple(_MARK.findall(match.group(0))) if match else ()
            chunk = _EMPHASIS.sub(lambda m: m.group(1) or m.group(2), prose[position:end]).strip()
            if chunk:
                start = self._append(chunk, at_start)
                at_start = False
                self._add_sentences(chunk, start, marks)
            position = match.end() if match else end
        return at_start

    def _add_sentences(self, chunk: str, start: int, marks: tuple[str, ...]) -> None:
        spans = sentence_spans(chunk)
        for number, (begin, end) in enumerate(spans):
            last = number == len(spans) - 1
            ids = tuple(m for m in marks if m != "?") if last else ()
            self.sentences.append(Sentence(start + begin, start + end, ids, uncertain=last and "?" in marks))


def _blocks(body: str) -> list[tuple[str, bool]]:
    """Return (block, whether it is a list item) for the paragraphs and list items of a section's Markdown."""
    blocks: list[tuple[str, bool]] = []
    for paragraph in re.split(r"\n[ \t]*\n", body.strip()):
        lines: list[str] = []
        in_item = False
        for line in paragraph.splitlines():
            item = _ITEM.match(line.strip())
            # Inside a paragraph only "1." begins a list: a wrapped line may begin with "31. Dezember".
            if item and (not lines or in_item or item.group(1) in ("-", "*", "+", "1.", "1)")):
                if lines:
                    blocks.append((" ".join(lines), in_item))
                lines, in_item = [item.group(2) or ""], True
            else:
                lines.append(line.strip())
        if any(lines):
            blocks.append((" ".join(lines), in_item))
    return blocks


def _heading(line: str) -> tuple[str, str] | None:
    """Return text and anchor of a heading of the second level, None if the line is another heading."""
    anchor = _ANCHOR.search(line.rstrip())
    text = line[2 : anchor.start()].strip() if anchor and line.startswith(("## ", "##\t")) else ""
    return (text, anchor.group(1)) if anchor and text else None


def _section(
    heading: str, anchor: str, body: str, role: str, questions: tuple[str, ...], lang: Lang, expand: Expand
) -> tuple[Section, dict[str, Source]]:
    builder = _SectionBuilder(lang, expand)
    lead_end = 0
    for block, item in _blocks(body):
        builder.add_block(block, item)
        if not lead_end:
            lead_end = len(builder.text)
    section = Section(
        anchor=anchor,
        heading=heading,
        role=role,
        questions=questions,
        text=builder.text,
        sentences=tuple(builder.sentences),
        blocks=tuple(builder.blocks),
        lead_end=lead_end,
        raw=body.strip(),
    )
    return section, builder.sources


def no_records(record_id: str, lang: Lang) -> Sequence[tuple[str, Sequence[Source]]]:
    """Expand no record: for checks that look at the prose alone."""
    return ()


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
    lang: Lang = "en" if _choice(front, "lang", ("de", "en"), where) == "en" else "de"
    inherited = _inherited(base) if base is not None else {}
    merged = {**inherited, **{k: v for k, v in front.items() if v is not None}}
    checked_on = _day(merged, "checked_on", where)
    sources = {
        s.id: s for s in (_sources(merged, checked_on, where) if "sources" in front or base is None else base.sources)
    }
    sections = _sections(body, first_line, front, lang, expand, where)
    for _, extra in sections:
        sources.update(extra)
    return Article(
        id=_id(front, where),
        lang=lang,
        topic=_choice(merged, "topic", TOPICS, where),
        title=str(_field(front, "title", str, where)),
        summary=str(_field(front, "summary", str, where)),
        jurisdiction=_choice({"jurisdiction": "none", **merged}, "jurisdiction", JURISDICTIONS, where),
        demonstrator=_choice(merged, "demonstrator", DEMONSTRATORS, where),
        checked_on=checked_on,
        review_by=_day(merged, "review_by", where),
        records=_strings(merged, "records", where),
        related=_strings(merged, "related", where),
        sources=tuple(sources.values()),
        must_cover=_must_cover(merged, where),
        sections=tuple(section for section, _ in sections),
        raw=raw,
    )


def _id(front: Mapping[str, Any], where: str) -> str:
    value = str(_field(front, "id", str, where))
    if SLUG.fullmatch(value):
        return value
    raise _wrong(
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
    told = _field(front, "must_cover", dict, where)
    return dict(zip(map(str, told), _strings({"must_cover": list(told.values())}, "must_cover", where), strict=True))


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


def _sections(
    body: str, first_line: int, front: Mapping[str, Any], lang: Lang, expand: Expand, where: str
) -> list[tuple[Section, dict[str, Source]]]:
    found = list(_ANY_HEADING.finditer(body))
    headings = [_heading(m.group(0)) for m in found]
    for match, heading in zip(found, headings, strict=True):
        if heading is None:
            raise _wrong(
                "article_heading",
                f"{where}:{first_line + body[: match.start()].count(chr(10))}",
                "Die Überschrift hat keinen Anker oder die falsche Ebene.",
                "The heading has no anchor or the wrong level.",
                "Bitte „## Frage? {#anker}“ schreiben.",
                "Write “## Question? {#anchor}”.",
            )
    if body[: found[0].start() if found else len(body)].strip() or not found:
        raise _wrong(
            "article_empty",
            f"{where}:{first_line}",
            "Vor dem ersten Abschnitt steht Text." if found else "Der Artikel hat keinen Abschnitt.",
            "There is text before the first section." if found else "The article has no section.",
            "Bitte jeden Text unter eine Überschrift „## Frage? {#anker}“ schreiben.",
            "Write every text below a heading “## Question? {#anchor}”.",
        )
    options = front.get("sections") or {}
    result = []
    seen: set[str] = set()
    for number, (match, named) in enumerate(zip(found, headings, strict=True)):
        end = found[number + 1].start() if number + 1 < len(found) else len(body)
        heading, anchor = named or ("", "")
        if anchor in seen:
            line = first_line + body[: match.start()].count("\n")
            raise _wrong(
                "article_anchor_twice",
                f"{where}:{line}",
                f"Der Anker „{anchor}“ kommt zweimal vor.",
                f"The anchor “{anchor}” occurs twice.",
                "Bitte einen anderen Anker wählen.",
                "Choose another anchor.",
            )
        seen.add(anchor)
        own = options.get(anchor) if isinstance(options, dict) else None
        own = own if isinstance(own, dict) else {}
        questions = _strings(own, "questions", f"{where}: sections.{anchor}")
        role = str(own.get("role") or "detail")
        result.append(_section(heading, anchor, body[match.end() : end], role, questions, lang, expand))
    return result
