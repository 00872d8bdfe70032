"""A section of an article: plain text without marks, whose sentences know their place and what they rest on."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nordlotse.answers.core.sentences import sentence_spans
from nordlotse.foundation.language import Lang
from nordlotse.foundation.source import Source

__all__ = ["Block", "Expand", "Section", "Sentence", "no_records", "read_section"]

# A record's sentences in a language: (text, sources) pairs. Supplied from outside, so that this file knows no data.
Expand = Callable[[str, Lang], Sequence[tuple[str, Sequence[Source]]]]

_MARK = re.compile(r"\[(s\d+|\?)\]")
# For prose whose blanks are single: a run of them would make these slow.
_MARKS = re.compile(r"(?: ?\[(?:s\d+|\?)\])+")
_MARKS_AND_STOP = re.compile(r"((?: ?\[(?:s\d+|\?)\])+) ?([.!?])?")
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


def no_records(record_id: str, lang: Lang) -> Sequence[tuple[str, Sequence[Source]]]:
    """Expand no record: for checks that look at the prose alone."""
    return ()


def read_section(
    heading: str, anchor: str, body: str, role: str, questions: tuple[str, ...], lang: Lang, expand: Expand
) -> tuple[Section, dict[str, Source]]:
    """Return a section read from its Markdown, and the sources of the records that speak in it by id."""
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
        prose = _MARKS_AND_STOP.sub(
            lambda m: f"{m.group(2)}{m.group(1)} " if m.group(2) else m.group(0), " ".join(prose.split())
        )
        prose = _EMPHASIS.sub(lambda m: m.group(1) or m.group(2), " ".join(prose.split()))
        position, chunk = 0, ""
        marks: list[tuple[int, str]] = []
        for match in [*_MARKS.finditer(prose), None]:
            end = match.start() if match else len(prose)
            chunk = (chunk + prose[position:end]).lstrip()
            marks += [(len(chunk.rstrip()), mark) for mark in _MARK.findall(match.group(0))] if match else []
            position = match.end() if match else end
            if not _goes_on(chunk, prose[position : position + 2].lstrip()):
                if chunk.strip():
                    at_start = self._add_chunk(chunk.strip(), marks, at_start)
                chunk, marks = "", []
        return at_start

    def _add_chunk(self, chunk: str, marks: Sequence[tuple[int, str]], at_start: bool) -> bool:
        """Add sentences; a mark belongs to the sentence whose text stands before its place."""
        start = self._append(chunk, at_start)
        for begin, end in sentence_spans(chunk):
            own = [mark for place, mark in marks if begin < place <= end]
            ids = tuple(dict.fromkeys(mark for mark in own if mark != "?"))
            self.sentences.append(Sentence(start + begin, start + end, ids, uncertain="?" in own))
        return False


def _goes_on(chunk: str, rest: str) -> bool:
    """Tell whether a sentence goes on behind marks in its middle: "… heikel sein [?]; das klärt ein Anwalt."."""
    return bool(rest) and bool(chunk.strip()) and not chunk.rstrip(' ”“"’»)').endswith((".", "!", "?", ":", "…"))


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
