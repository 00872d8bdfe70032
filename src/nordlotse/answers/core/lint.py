"""Checks that every shipped article must pass, and the figures that are only reported.

Run `python -m nordlotse.answers.core.lint FOLDER` or `nordlotse knowledge check`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from nordlotse.answers.core.article import ROLES, Article, parse_article
from nordlotse.answers.core.section import Expand, no_records
from nordlotse.foundation.problem import Problem

MIN_SECTIONS = 5
MAX_UNCERTAIN = 0.15
MAX_LEAD_WORDS = 75
LEAD_SENTENCES = (2, 5)

_NUMBER = re.compile(r"\d[\d.,\u202f\u00a0]*\d|\d")
_NAMES_WITH_NUMBERS = re.compile(
    r"\b(?:Industrie|Industry|Arbeit|Wirtschaft|Mittelstand|RAMI|Web) 4\.0\b|\b[34]-?D\b|\b24/7\b", re.I
)
# Looked for at the start of a run of letters only: from each letter of a very long one it would take minutes.
_LETTERED = re.compile(r"(?<![A-Za-zÄÖÜäöüß])[A-Za-zÄÖÜäöüß]+[-/]?\d+[A-Za-z0-9./-]*")
_NO_FIGURE = re.compile(
    r"belastbar|(?:keine|fehl)\w* [^.]{0,60}(?:Zahl|Preis|Richtwert|Angabe)|(?:Zahl|Preis|Durchschnitt)\w* [^.]{0,60}(?:gibt es nicht|fehl|fanden wir nicht)"
    r"|reliable|no [^.]{0,40}(?:figure|price|number)|missing",
    re.I,
)
_RECORD = re.compile(r"\{\{record:([a-z0-9-]+)\}\}")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something an article breaks: where, what, and whether it fails the check."""

    where: str
    code: str
    message: str


@dataclass(slots=True)
class Report:
    """All findings and the figures of a check."""

    findings: list[Finding] = field(default_factory=list)
    articles: list[Article] = field(default_factory=list)
    reading_ease: dict[str, float] = field(default_factory=dict)
    uncertain_share: dict[str, float] = field(default_factory=dict)

    def add(self, where: str, code: str, message: str) -> None:
        """Note a finding."""
        self.findings.append(Finding(where, code, message))


def number_set(text: str, lang: str) -> set[str]:
    """Return the numbers of `text` in one notation: thousands without separators, decimal point."""
    found = set()
    for match in _NUMBER.finditer(_NAMES_WITH_NUMBERS.sub(" ", text)):
        token = match.group(0).strip(".,").replace("\u202f", "").replace("\u00a0", "")
        thousands, decimal = (".", ",") if lang == "de" else (",", ".")
        if re.fullmatch(rf"\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+(?:{re.escape(decimal)}\d+)?", token):
            token = token.replace(thousands, "")
        found.add(token.replace(decimal, ".").replace(",", "."))
    return found


def prose_numbers(article: Article) -> set[str]:
    """Return the numbers in the article's own prose, records left out."""
    found: set[str] = set()
    for section in article.sections:
        for sentence in section.sentences:
            if not sentence.record:
                found |= number_set(section.sentence_text(sentence), article.lang)
    return found


def syllables(word: str, lang: str) -> int:
    """Return a rough count of syllables: groups of vowels (a final silent e does not count in English)."""
    word = word.lower()
    groups = len(re.findall(r"[aeiouyäöü]+", word))
    if lang == "en" and word.endswith("e") and not word.endswith("le") and groups > 1:
        groups -= 1
    return max(1, groups)


def reading_ease(text: str, sentences: int, lang: str) -> float:
    """Return the Flesch reading ease, 0 (hard) to 100 (easy).

    German: Amstad (1978), 180 - ASL - 58.5 ASW; English: Flesch (1948), 206.835 - 1.015 ASL - 84.6 ASW, with ASL words
    per sentence and ASW syllables per word.
    """
    words = re.findall(r"[^\W\d_]+", text)
    if not words or not sentences:
        return 0.0
    per_sentence = len(words) / sentences
    per_word = sum(syllables(w, lang) for w in words) / len(words)
    if lang == "de":
        return 180 - per_sentence - 58.5 * per_word
    return 206.835 - 1.015 * per_sentence - 84.6 * per_word


def check_article(article: Article, report: Report, on: date, known_records: frozenset[str] | None) -> None:
    """Add every finding of one article to the report."""
    where = f"{article.id}.{article.lang}"
    _check_fields(article, where, report, on)
    _check_sections(article, where, report)
    _check_sources(article, where, report)
    if known_records is not None:
        used = set(_RECORD.findall(article.raw))
        for record_id in sorted(used - known_records):
            report.add(where, "record_unknown", f"record “{record_id}” does not exist")
        if article.lang == "de":
            for record_id in sorted(set(article.records) - used):
                report.add(where, "record_unused", f"record “{record_id}” is listed but not used")
            for record_id in sorted(used - set(article.records)):
                report.add(where, "record_unlisted", f"record “{record_id}” is used but not listed")
    sentences = [s for section in article.sections for s in section.sentences]
    share = sum(s.uncertain for s in sentences) / max(1, len(sentences))
    report.uncertain_share[where] = share
    if share > MAX_UNCERTAIN:
        report.add(
            where, "too_uncertain", f"{share:.0%} of the sentences are uncertain, {MAX_UNCERTAIN:.0%} are allowed"
        )
    report.reading_ease[where] = reading_ease(" ".join(s.text for s in article.sections), len(sentences), article.lang)


def _check_fields(article: Article, where: str, report: Report, on: date) -> None:
    if article.checked_on > on:
        report.add(where, "checked_in_future", f"checked_on {article.checked_on} lies in the future")
    if article.review_by <= article.checked_on:
        report.add(where, "review_before_check", "review_by must lie after checked_on")
    if (article.review_by - article.checked_on).days > 366:
        report.add(where, "review_too_late", "review_by lies more than a year after checked_on")
    if len(article.summary.split()) > 32:
        report.add(where, "summary_long", "the summary has more than 32 words")
    if article.lang == "de" and not article.must_cover:
        report.add(where, "must_cover_missing", "must_cover is empty")
    if article.lang == "de":
        for item, anchor in article.must_cover.items():
            if article.section(anchor) is None:
                report.add(where, "must_cover_gap", f"“{item}” points to the missing section #{anchor}")


def _check_sections(article: Article, where: str, report: Report) -> None:
    if len(article.sections) < MIN_SECTIONS:
        report.add(where, "few_sections", f"{len(article.sections)} sections, at least {MIN_SECTIONS} are needed")
    roles = {s.role for s in article.sections}
    for role in ("cost", "pitfalls", "next"):
        if role not in roles:
            report.add(where, "role_missing", f"no section has the role “{role}”")
    _check_costs(article, where, report)
    for section in article.sections:
        place = f"{where}#{section.anchor}"
        if section.role not in ROLES:
            report.add(place, "role_unknown", f"role “{section.role}”; allowed: {', '.join(ROLES)}")
        if not section.heading.endswith("?"):
            report.add(place, "heading_no_question", "the heading is not a question")
        if not section.questions:
            report.add(place, "no_questions", "no other wordings under `questions`")
        lead = section.lead
        low, high = LEAD_SENTENCES
        if not low <= len(lead) <= high + 2 * any(s.record for s in lead):
            report.add(
                place, "lead_length", f"the first paragraph has {len(lead)} sentences, {low} to {high} are allowed"
            )
        words = sum(len(section.sentence_text(s).split()) for s in lead if not s.record)
        if words > MAX_LEAD_WORDS:
            report.add(
                place, "lead_long", f"the first paragraph has {words} words, at most {MAX_LEAD_WORDS} are allowed"
            )
        for sentence in section.sentences:
            text = section.sentence_text(sentence)
            if not sentence.record and len(text.split()) > 32:
                report.add(place, "sentence_long", f"{len(text.split())} words: “{text[:60]}…”")
            if "{{" in text or "](" in text or re.search(r"\[[a-z?]", text):
                report.add(place, "mark_left", f"an unread mark stands in “{text[:60]}…”")


def _check_costs(article: Article, where: str, report: Report) -> None:
    costs = " ".join(s.text for s in article.sections if s.role == "cost")
    if costs and not _NUMBER.search(costs) and not _NO_FIGURE.search(costs):
        report.add(where, "cost_without_figure", "the cost section has neither a figure nor says why there is none")


def _check_sources(article: Article, where: str, report: Report) -> None:
    used = {i for section in article.sections for s in section.sentences for i in s.sources}
    own = {s.id for s in article.sources if "/" not in s.id}
    for missing in sorted(i for i in used - {s.id for s in article.sources}):
        report.add(where, "source_unknown", f"source [{missing}] is not listed")
    if article.lang == "de":
        for unused in sorted(own - used):
            report.add(where, "source_unused", f"source {unused} is never cited")
        for source in article.sources:
            if not source.passage and "/" not in source.id:
                report.add(where, "source_passage", f"source {source.id} names no passage")
            if source.url and not re.match(r"https?://[^\s]+\.[^\s]+$", source.url):
                report.add(where, "source_url", f"source {source.id} has no usable address")
    for section in article.sections:
        own_sentences = [s for s in section.sentences if not s.record]
        text = " ".join(section.sentence_text(s) for s in own_sentences)
        bare = _LETTERED.sub(" ", _NAMES_WITH_NUMBERS.sub(" ", text))
        cited = any(s.sources or s.record for s in section.sentences) or "{{record:" in section.raw
        if _NUMBER.search(bare) and not cited:
            report.add(
                f"{where}#{section.anchor}", "number_without_source", "a number stands in a section without source"
            )


def check_pair(german: Article, english: Article, report: Report) -> None:
    """Check that a translation says the same: anchors and numbers exist in the German article too."""
    where = f"{english.id}.en"
    anchors = {s.anchor for s in german.sections}
    for section in english.sections:
        if section.anchor not in anchors:
            report.add(f"{where}#{section.anchor}", "anchor_only_english", "the German article has no such section")
    extra = prose_numbers(english) - prose_numbers(german)
    if extra:
        report.add(where, "numbers_differ", "numbers only in English: " + ", ".join(sorted(extra)))


def check_folder(
    folder: Path, *, on: date, expand: Expand = no_records, known_records: frozenset[str] | None = None
) -> Report:
    """Check every `TOPIC/ID.de.md` and `ID.en.md` below `folder`; broken files become findings, nothing is raised."""
    report = Report()
    german: dict[str, Article] = {}
    for path in sorted(folder.rglob("*.de.md")):
        article = _read(path, report, expand, None)
        if article is not None:
            _check_name(path, article, report)
            german[article.id] = article
    english: dict[str, Article] = {}
    for path in sorted(folder.rglob("*.en.md")):
        base = german.get(path.name.removesuffix(".en.md"))
        article = _read(path, report, expand, base)
        if article is not None:
            _check_name(path, article, report)
            english[article.id] = article
    for article in [*german.values(), *english.values()]:
        check_article(article, report, on, known_records)
    _check_set(german, english, report)
    report.articles = [*german.values(), *english.values()]
    return report


def _read(path: Path, report: Report, expand: Expand, base: Article | None) -> Article | None:
    try:
        raw = path.read_text(encoding="utf-8")
        return parse_article(raw, where=path.name, expand=expand, base=base)
    except Problem as problem:
        report.add(problem.where, problem.code, f"{problem.message_en} {problem.remedy_en}")
    except UnicodeDecodeError as error:
        report.add(path.name, "encoding", f"not UTF-8 at byte {error.start}; save the file as UTF-8")
    except OSError as error:
        report.add(path.name, "unreadable", f"{error.strerror or type(error).__name__}; check its permissions")
    return None


def _check_name(path: Path, article: Article, report: Report) -> None:
    if path.name != f"{article.id}.{article.lang}.md" or path.parent.name != article.topic:
        report.add(path.name, "file_name", f"expected {article.topic}/{article.id}.{article.lang}.md")


def _check_set(german: Mapping[str, Article], english: Mapping[str, Article], report: Report) -> None:
    for missing in sorted(set(german) - set(english)):
        report.add(f"{missing}.en", "translation_missing", "there is no English article")
    for missing in sorted(set(english) - set(german)):
        report.add(f"{missing}.de", "original_missing", "there is no German article")
    for article_id, article in german.items():
        for other in article.related:
            if other not in german:
                report.add(f"{article_id}.de", "related_unknown", f"related article “{other}” does not exist")
        if article_id in english:
            check_pair(article, english[article_id], report)


def lines(report: Report) -> Iterable[str]:
    """Return the report as text, one finding a line, figures last."""
    for finding in report.findings:
        yield f"{finding.where}: {finding.code}: {finding.message}"
    for where in sorted(report.reading_ease):
        yield (
            f"# {where}: reading ease {report.reading_ease[where]:.0f}, uncertain {report.uncertain_share[where]:.0%}"
        )
    yield f"# {len(report.articles)} articles, {len(report.findings)} findings"


def main(arguments: Sequence[str]) -> int:
    """Check a folder given on the command line; the exit code is 0 without findings, 3 with, 2 for a wrong call."""
    # During a first draft cross-references may point to articles not written yet: `--draft` leaves them out.
    draft = "--draft" in arguments
    only = next((a.removeprefix("--only=") for a in arguments if a.startswith("--only=")), "")
    folder = Path(next((a for a in arguments if not a.startswith("--")), ""))
    if not folder.is_dir() or folder == Path():
        sys.stderr.write("lint: give the folder of the articles\n")
        return 2
    report = check_folder(folder, on=date.today())
    if draft:
        report.findings = [f for f in report.findings if f.code not in ("related_unknown",)]
    if only:
        report.findings = [f for f in report.findings if f.where.startswith(only)]
    sys.stdout.write("\n".join(lines(report)) + "\n")
    return 3 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
