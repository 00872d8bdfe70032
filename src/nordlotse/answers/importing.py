"""Documents become drafts: files of a folder or an upload, each read safely and stored in its own transaction.

One bad file never stops the rest; the report names every draft with what it lacks, and every refusal with its remedy.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, transaction
from django.utils import timezone

from nordlotse.answers.actions import check_editor, read_text, save_draft
from nordlotse.answers.core.article import TOPICS
from nordlotse.answers.core.documents import READER, Document, Draft, Note, drafts
from nordlotse.answers.core.front_matter import SLUG, is_article, split_front_matter
from nordlotse.answers.core.knowledge import shipped_texts
from nordlotse.answers.core.lint import Finding
from nordlotse.answers.models import Revision
from nordlotse.foundation.confined import Confined
from nordlotse.foundation.intake import MAX_FILES, Kind, check_size, kind_of, list_files, shown_name, text_of
from nordlotse.foundation.language import LANGS, Lang
from nordlotse.foundation.problem import BadInput, Problem, TooLarge

if TYPE_CHECKING:
    from pathlib import Path

    from django.contrib.auth.models import AnonymousUser, User

Progress = Callable[[str, int, int], None]

#: An upload in the browser is worked on so long (seconds); the rest is named in the report.
UPLOAD_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Imported:
    """A draft made from a file: what it is called, its number, and what it lacks for publishing.

    `unchanged` tells that exactly this text was there already; nothing was stored then.
    """

    file: str
    kind: str
    slug: str
    lang: Lang
    title: str
    number: int
    unchanged: bool
    findings: tuple[Finding, ...] = ()
    notes: tuple[Note, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the draft as JSON values."""
        return {
            "file": self.file,
            "kind": self.kind,
            "id": self.slug,
            "lang": self.lang,
            "title": self.title,
            "number": self.number,
            "unchanged": self.unchanged,
            "lacks": [{"where": f.where, "code": f.code, "message": f.message} for f in self.findings],
            "notes": [{"de": n.de, "en": n.en, "where": n.where} for n in self.notes],
        }


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that was not taken, and why."""

    file: str
    problem: Problem

    def as_dict(self) -> dict[str, str]:
        """Return the refusal as the interface shows errors, with the file's name."""
        return {"file": self.file, **self.problem.as_dict()}


@dataclass(slots=True)
class ImportReport:
    """What became of an import. `cancelled`: it was stopped; what is listed under `made` is kept."""

    made: list[Imported] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    cancelled: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "made": [one.as_dict() for one in self.made],
            "refused": [one.as_dict() for one in self.refused],
            "cancelled": self.cancelled,
        }

    def lines(self, lang: str | None = None) -> Iterator[str]:
        """Yield the report for the terminal, in the language of the person there unless `lang` is given."""
        lang = lang or ("de" if os.environ.get("LANG", "").lower().startswith("de") else "en")
        german = lang == "de"
        for one in self.made:
            state = ("unverändert" if german else "unchanged") if one.unchanged else ("Entwurf" if german else "draft")
            yield f"{one.file} → {one.slug}.{one.lang} #{one.number} ({state}): {one.title}"
            for note in one.notes:
                yield f"    {note.de if german else note.en}" + (f" [{note.where}]" if note.where else "")
            for finding in one.findings:
                yield f"    {finding.where}: {finding.code}: {finding.message}"
        for refused in self.refused:
            problem = refused.problem
            said = "abgelehnt" if german else "refused"
            yield f"{refused.file}: {said}: {problem.message(lang)} [{problem.code}; {problem.where}]"
            if problem.remedy_in(lang):
                yield f"    → {problem.remedy_in(lang)}"
        fresh = sum(not one.unchanged for one in self.made)
        yield (
            f"{fresh} Entwürfe, {len(self.made) - fresh} unverändert, {len(self.refused)} abgelehnt"
            if german
            else f"{fresh} drafts, {len(self.made) - fresh} unchanged, {len(self.refused)} refused"
        )


def import_path(path: Path, *, topic: str, lang: str | None = None, progress: Progress | None = None) -> ImportReport:
    """Make drafts from the file at `path` or the files below that folder, as the operator at the command line.

    Ctrl-C ends the import; what is done stays and is reported, the first file not done is named under `refused`.

    Raises:
        NotFound: there is nothing at `path`.
        BadInput: `topic` is none of ours, or `path` is neither file nor folder.
    """
    _check_topic(topic)
    listing = list_files(path)
    report = ImportReport(refused=[Refused(problem.where, problem) for problem in listing.refused])
    with _Importer(report, topic, _code(lang), None) as importer:
        name = ""
        try:
            for done, waiting in enumerate(listing.files):
                name = waiting.name
                if progress is not None:
                    progress("import", done, len(listing.files))
                importer.take(name, waiting.read)
        except KeyboardInterrupt:
            report.cancelled = True
            report.refused.append(Refused(name, _cancelled(name)))
    if progress is not None and not report.cancelled:
        progress("import", len(listing.files), len(listing.files))
    return report


def import_files(
    uploads: Sequence[tuple[str, bytes | Callable[[], bytes]]],
    *,
    topic: str,
    user: User | AnonymousUser | None,
    lang: str | None = None,
) -> ImportReport:
    """Make drafts from uploaded files, (name, content or how to read it) each.

    Raises:
        NotAllowed: the person is no editor.
        BadInput: `topic` is none of ours.
        TooLarge: there are more than 200 files.
    """
    check_editor(user)
    _check_topic(topic)
    if len(uploads) > MAX_FILES:
        raise TooLarge(
            "too_many_files",
            de=f"Das sind {len(uploads)} Dateien, erlaubt sind {MAX_FILES} auf einmal.",
            en=f"These are {len(uploads)} files, {MAX_FILES} are allowed at once.",
            where="files",
            remedy_de="Bitte in mehreren Schritten hochladen.",
            remedy_en="Upload them in several steps.",
        )
    report = ImportReport()
    until = time.monotonic() + UPLOAD_SECONDS
    with _Importer(report, topic, _code(lang), user) as importer:
        for given, content in uploads:
            name = shown_name(given)
            if time.monotonic() > until:
                report.refused.append(Refused(name, _no_time(name)))
            else:
                importer.take(name, content if callable(content) else partial(bytes, content))
    return report


def _code(lang: str | None) -> Lang | None:
    return None if lang is None else ("en" if lang == "en" else "de")


def _check_topic(topic: str) -> None:
    if topic not in TOPICS:
        raise BadInput(
            "topic_unknown",
            de=f"Das Thema „{topic[:40]}“ gibt es nicht.",
            en=f"There is no topic “{topic[:40]}”.",
            where="topic",
            remedy_de="Möglich sind: " + ", ".join(TOPICS) + ".",
            remedy_en="Possible are: " + ", ".join(TOPICS) + ".",
        )


def _cancelled(name: str) -> BadInput:
    return BadInput(
        "import_cancelled",
        de="Das Einlesen wurde hier abgebrochen; diese und die folgenden Dateien fehlen.",
        en="The import was stopped here; this file and those after it are missing.",
        where=name,
        remedy_de="Bitte noch einmal starten: Was schon da ist, wird erkannt.",
        remedy_en="Start it again: what is there already is recognised.",
    )


def _no_time(name: str) -> TooLarge:
    return TooLarge(
        "import_time",
        de=f"Die Dateien brauchen zusammen länger als {UPLOAD_SECONDS:g} Sekunden; diese wurde nicht mehr gelesen.",
        en=f"Together the files take longer than {UPLOAD_SECONDS:g} seconds; this one was not read any more.",
        where=name,
        remedy_de="Bitte die übrigen Dateien getrennt hochladen oder „nordlotse knowledge import“ nutzen.",
        remedy_en="Upload the rest separately or use “nordlotse knowledge import”.",
    )


class _Importer:
    """Takes one file after the other; the reading child starts with the first file that needs it."""

    def __init__(self, report: ImportReport, topic: str, lang: Lang | None, user: User | AnonymousUser | None) -> None:
        self._report = report
        self._topic = topic
        self._lang = lang
        self._user = user
        self._child = Confined(READER)

    def __enter__(self) -> _Importer:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.close()

    def take(self, name: str, read: Callable[[], bytes]) -> None:
        """Make drafts of a file or note why not; a file that becomes several drafts becomes all of them or none."""
        try:
            data = read()
            check_size(len(data), name)
            kind = kind_of(data, name)
            text = text_of(data, name) if kind is Kind.MARKDOWN else ""
            own = is_article(text)
            notes: tuple[Note, ...] = ()
            if own:
                made = [_own_draft(name, text)]
            else:
                # Reading takes long and happens outside the transaction, which locks the database for writing.
                document = Document.from_dict(self._child.run(name, data))
                notes = document.notes
                made = drafts(document, name=name, topic=self._topic, lang=self._lang, on=timezone.localdate())
            findings = [_findings(draft, name) for draft in made]
            with transaction.atomic():
                saved = [self._save(name, "article" if own else kind.value, draft) for draft in made]
        except Problem as problem:
            self._report.refused.append(Refused(name, problem))
        except DatabaseError:  # another editor saved the same id in this moment: nothing of the file is kept
            self._report.refused.append(Refused(name, _collision(name)))
        else:
            self._report.made.extend(
                replace(one, findings=lacks, notes=notes) for one, lacks in zip(saved, findings, strict=True)
            )

    def _save(self, name: str, kind: str, draft: Draft) -> Imported:
        """Store a draft unless exactly this text is there already."""
        draft = draft if kind == "article" else draft.named(_free(draft))
        latest = Revision.objects.filter(slug=draft.slug, lang=draft.lang).order_by("-number").first()
        before = latest.raw if latest is not None else shipped_texts().get((draft.slug, draft.lang))
        unchanged = before is not None and before.replace("\r\n", "\n").strip() == draft.raw.strip()
        if unchanged:
            number = latest.number if latest is not None else 0
        else:
            number = save_draft(self._user, draft.slug, draft.lang, draft.raw, f"import: {name}").number
        return Imported(name, kind, draft.slug, draft.lang, draft.title, number, unchanged)


def _own_draft(name: str, text: str) -> Draft:
    """Take a text with our front matter as it is: a draft of the id and language it names."""
    front, _, _ = split_front_matter(text, name)
    slug, code = str(front.get("id")), str(front.get("lang"))
    if not SLUG.fullmatch(slug) or code not in LANGS:
        raise BadInput(
            "article_id",
            de="Kennung oder Sprache im Kopf sind nicht brauchbar.",
            en="The id or language in the front matter cannot be used.",
            where=f"{name}:2",
            remedy_de="id: Kleinbuchstaben, Ziffern, Bindestriche, höchstens 80 Zeichen; lang: de oder en.",
            remedy_en="id: small letters, digits, hyphens, at most 80 characters; lang: de or en.",
        )
    return Draft(slug, "en" if code == "en" else "de", str(front.get("title") or slug), text)


def _findings(draft: Draft, name: str) -> tuple[Finding, ...]:
    """Return what a draft lacks; what cannot be read is told with the name of the file the editor knows."""
    try:
        return tuple(read_text(draft.slug, draft.lang, draft.raw)[1])
    except BadInput as problem:
        problem.where = problem.where.replace(f"{draft.slug}.{draft.lang}.md", name, 1)
        raise


def _free(draft: Draft) -> str:
    """Return the draft's id, with a number if a text of that id exists that is not this very text."""
    shipped = {slug for slug, _ in shipped_texts()}
    slug, number = draft.slug, 2
    while True:
        if slug not in shipped:
            raws = list(Revision.objects.filter(slug=slug).order_by("-number").values_list("lang", "raw"))
            if not raws or next(iter(raws)) == (draft.lang, draft.named(slug).raw):
                return slug
        slug, number = f"{draft.slug[:74]}-{number}", number + 1


def _collision(name: str) -> BadInput:
    return BadInput(
        "import_collision",
        de="Die Datenbank hat den Entwurf nicht angenommen; vermutlich wurde derselbe Text gerade gespeichert.",
        en="The database did not take the draft; the same text was probably being saved.",
        where=name,
        remedy_de="Bitte die Datei noch einmal einlesen.",
        remedy_en="Import the file again.",
    )
