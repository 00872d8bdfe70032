"""Document → draft of an article: front matter, question-shaped sections, plain paragraphs, the document as source.

A draft is a beginning, not an article: what it lacks for publishing is what the lint says about it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import yaml

from nordlotse.answers.core.documents.document import Block, Document, empty, plain
from nordlotse.answers.core.passage_language import guess_lang
from nordlotse.foundation.language import Lang

#: A draft holds about so many characters; a longer document becomes several drafts.
DRAFT_CHARACTERS = 60_000

_ASCII = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "æ": "ae", "œ": "oe"})
_NUMBERED = re.compile(r"^(?:\d{1,2}(?:\.\d{1,2}){0,4}\.?|[IVX]{1,5}\.|[A-Z]\.)\s+(?=\S)")
_QUESTION_WORD = re.compile(
    r"(?:wie|was|wer|wo|wann|warum|wieso|welche[rsnm]?|wem|wen|wozu|woher|wohin|womit|how|what|who|where|when|why|which)\b",
    re.I,
)
_MARKS = re.compile(r"\[(s\d{1,9}|\?)\]")
_LEADING = re.compile(r"^(?:#{1,6}|[-*+>]|\d{1,2}[.)]|---)(?=\s|$)\s*")
_LINK = re.compile(r"\]\(")
_SENTENCE = re.compile(r"[^.!?]{1,400}[.!?](?=\s|$)")
_ROLES = (
    ("cost", re.compile(r"kost|preis|aufwand|budget|\bcost|price|effort", re.I)),
    ("pitfalls", re.compile(r"fehler|risik|fallstrick|vorsicht|grenzen|pitfall|mistake|risk|limit", re.I)),
    ("next", re.compile(r"nächste|schritte|checkliste|vorgehen|umsetz|next|step|checklist", re.I)),
)


@dataclass(frozen=True, slots=True)
class Draft:
    """One draft: its proposed id (not yet checked against others), language, title and Markdown."""

    slug: str
    lang: Lang
    title: str
    raw: str

    def named(self, slug: str) -> Draft:
        """Return the draft under another id."""
        return Draft(slug, self.lang, self.title, self.raw.replace(f"---\nid: {self.slug}\n", f"---\nid: {slug}\n", 1))


@dataclass(frozen=True, slots=True)
class _Part:
    heading: str
    blocks: tuple[Block, ...]


def slug_of(title: str) -> str:
    """Return an id made of a title: lower-case ASCII words joined by hyphens, at most 60 characters."""
    lowered = unicodedata.normalize("NFKD", title.lower().translate(_ASCII))
    words = re.findall(r"[a-z0-9]+", "".join(c for c in lowered if not unicodedata.combining(c)))
    slug = ""
    for word in words:
        if len(slug) + len(word) + 1 > 60:
            break
        slug = f"{slug}-{word}" if slug else word
    return slug or (words[0][:60] if words else "import")


def drafts(
    document: Document, *, name: str, topic: str, lang: Lang | None, on: date, review_days: int = 180
) -> list[Draft]:
    """Write a document as one draft, or as several if it is longer than a draft may be.

    Args:
        document: what was read.
        name: the file's name; part of the source.
        topic: topic of the draft.
        lang: its language; found out from the text if None.
        on: today: the day of the import.
        review_days: days until the draft must be looked at again.

    Raises:
        BadInput: nothing is left of the text when marks and structure are taken off.
    """
    sample = " ".join(b.text for b in document.blocks[:60])
    chosen = lang or guess_lang(sample)
    title = _clean(document.title) or _clean(_stem(name)) or "Import"
    parts = [part for part in _divided(_parts(document.blocks, title), chosen) if _body(part)]
    if not parts:
        raise empty(name)
    bundles = _bundles(parts)
    part = "teil" if chosen == "de" else "part"
    made = []
    for number, bundle in enumerate(bundles, 1):
        own = title if len(bundles) == 1 else f"{title} ({number}/{len(bundles)})"
        slug = slug_of(title) + (f"-{part}-{number}" if len(bundles) > 1 else "")
        made.append(
            _draft(slug, own, bundle, document=document, name=name, topic=topic, lang=chosen, on=on, days=review_days)
        )
    return made


def _stem(name: str) -> str:
    return re.sub(r"[_\s]+", " ", re.sub(r"\.[A-Za-z0-9]{1,8}$", "", name.rpartition("/")[2]))


def _clean(text: str) -> str:
    """Return text that cannot be taken for our marks, placeholders or Markdown structure."""
    text = plain(text).replace("{{", "{ {").replace("}}", "} }").replace("{#", "{ #")
    text = _MARKS.sub(r"(\1)", _LINK.sub("] (", text))
    return text.replace("**", "")


def _line(text: str) -> str:
    """Return a paragraph or item that does not begin like a heading, list or rule."""
    text = _clean(text)
    for _ in range(5):
        stripped = _LEADING.sub("", text)
        if stripped == text:
            break
        text = stripped
    return text


def _parts(blocks: Sequence[Block], title: str) -> list[_Part]:
    """Group blocks under their headings; the title's own heading opens no part of its own."""
    parts: list[_Part] = []
    heading, gathered = "", list[Block]()
    for block in blocks:
        if block.kind != "heading":
            gathered.append(block)
            continue
        if gathered:
            parts.append(_Part(heading, tuple(gathered)))
            gathered = []
        heading = "" if _clean(block.text) == title else block.text
    if gathered:
        parts.append(_Part(heading, tuple(gathered)))
    return [part if part.heading else _Part(title, part.blocks) for part in parts]


def _divided(parts: Iterable[_Part], lang: Lang) -> list[_Part]:
    """Divide parts that alone are longer than a draft."""
    more = "Fortsetzung" if lang == "de" else "continued"
    divided: list[_Part] = []
    for part in parts:
        gathered: list[Block] = []
        size, heading = 0, part.heading
        for block in (short for long in part.blocks for short in _shortened(long)):
            if gathered and size + len(block.text) > DRAFT_CHARACTERS:
                divided.append(_Part(heading, tuple(gathered)))
                gathered, size, heading = [], 0, f"{part.heading} ({more})"
            gathered.append(block)
            size += len(block.text)
        divided.append(_Part(heading, tuple(gathered)))
    return divided


def _shortened(block: Block) -> Iterable[Block]:
    """Cut an endless paragraph at a blank."""
    text = block.text
    while len(text) > DRAFT_CHARACTERS // 2:
        cut = text.rfind(" ", 1, DRAFT_CHARACTERS // 2)
        cut = cut if cut > 0 else DRAFT_CHARACTERS // 2
        yield Block(block.kind, text[:cut].strip())
        text = text[cut:].strip()
    if text:
        yield Block(block.kind, text)


def _bundles(parts: Sequence[_Part]) -> list[list[_Part]]:
    bundles: list[list[_Part]] = []
    size = 0
    for part in parts:
        own = sum(len(b.text) for b in part.blocks)
        if not bundles or size + own > DRAFT_CHARACTERS:
            bundles.append([])
            size = 0
        bundles[-1].append(part)
        size += own
    return bundles


def _question(heading: str, lang: Lang) -> str:
    text = _NUMBERED.sub("", _clean(heading)).strip(" .:;–-") or heading.strip()
    text = text[:140].rstrip()
    if text.endswith("?"):
        return text
    if _QUESTION_WORD.match(text):
        return f"{text}?"
    return f"{text}: worum geht es?" if lang == "de" else f"{text}: what is it about?"


def _anchor(question: str, taken: set[str]) -> str:
    base = slug_of(question.rpartition(":")[0] or question)[:40].strip("-") or "text"
    anchor, number = base, 2
    while anchor in taken:
        anchor, number = f"{base}-{number}", number + 1
    taken.add(anchor)
    return anchor


def _role(question: str, first: bool) -> str:
    for role, pattern in _ROLES:
        if pattern.search(question):
            return role
    return "answer" if first else "detail"


def _summary(parts: Sequence[_Part], title: str) -> str:
    """Return the first sentence of at most 25 words, the title if there is none."""
    for block in parts[0].blocks[:3]:
        match = _SENTENCE.match(_line(block.text))
        if match and 4 <= len(match.group(0).split()) <= 25:
            return match.group(0).strip()
    return title


def _body(part: _Part) -> str:
    lines: list[str] = []
    before = ""
    for block in part.blocks:
        text = _line(block.text)
        if not any(c.isalnum() for c in text):
            continue
        if lines and not (block.kind == "item" and before == "item"):
            lines.append("")
        lines.append(f"{'- ' if block.kind == 'item' else ''}{text} [s1]")
        before = block.kind
    return "\n".join(lines)


def _draft(
    slug: str,
    title: str,
    parts: Sequence[_Part],
    *,
    document: Document,
    name: str,
    topic: str,
    lang: Lang,
    on: date,
    days: int,
) -> Draft:
    taken: set[str] = set()
    sections: dict[str, dict[str, object]] = {}
    bodies: list[str] = []
    for part in parts:
        question = _question(part.heading, lang)
        anchor = _anchor(question, taken)
        sections[anchor] = {"role": _role(question, not sections), "questions": [_clean(part.heading)[:140]]}
        bodies.append(f"## {question} {{#{anchor}}}\n\n{_body(part)}\n")
    said = "Aus der Datei eingelesen am" if lang == "de" else "Taken from the file on"
    front = {
        "id": slug,
        "lang": lang,
        "topic": topic,
        "title": title,
        "summary": _summary(parts, title),
        "jurisdiction": "none",
        "demonstrator": "none",
        "checked_on": on,
        "review_by": on + timedelta(days=days),
        "records": [],
        "related": [],
        "sources": [
            {
                "id": "s1",
                "title": _clean(f"{document.title or title} ({name.rpartition('/')[2]})"),
                "publisher": "–",
                "year": document.dated.year if document.dated else None,
                "url": document.url,
                "passage": f"{said} {on.isoformat()}"
                + (
                    f"; {'Stand der Datei' if lang == 'de' else 'file dated'} {document.dated.isoformat()}."
                    if document.dated
                    else "."
                ),
                "basis": "noted",
            }
        ],
        "must_cover": {},
        "sections": sections,
    }
    dumped = yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=110)
    return Draft(slug, lang, title, f"---\n{dumped}---\n" + "\n".join(bodies))
