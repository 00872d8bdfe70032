"""Every write of the answers room: check permission → validate → change → log; other processes notice the counter."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

import yaml
from django.db import IntegrityError, transaction
from django.utils import timezone

from nordlotse.answers.core.article import Article, parse_article
from nordlotse.answers.core.knowledge import record_expander, shipped_texts, text_hash
from nordlotse.answers.core.lint import Finding, Report, check_article
from nordlotse.answers.models import KnowledgeState, Revision
from nordlotse.answers.queries import knowledge
from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.office.roles import check_staff

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

    Person = User | AnonymousUser | None

_log = logging.getLogger("nordlotse.answers")


def check_editor(user: Person) -> None:
    """Raise `NotAllowed` unless the person may edit. `None` is the operator at the command line."""
    if user is not None:
        check_staff(user)


def read_text(slug: str, lang: Lang, raw: str, *, published: bool = False) -> tuple[Article, list[Finding]]:
    """Parse a text as it would be published and return it with the lint's findings.

    A translation inherits from the German text that is shown or, unless only `published` counts, from its newest draft.

    Raises:
        BadInput: the text cannot be read, or its id or language is another one; names line and remedy.
    """
    known = knowledge()
    base = known.articles.get((slug, "de")) if lang == "en" else None
    if lang == "en" and base is None and not published:
        base = _newest_german(slug)
    article = parse_article(raw, where=f"{slug}.{lang}.md", expand=record_expander(known.on, known.records), base=base)
    if (article.id, article.lang) != (slug, lang):
        raise BadInput(
            "article_id",
            de=f"Im Kopf steht {article.id}/{article.lang}, erwartet wird {slug}/{lang}.",
            en=f"The front matter says {article.id}/{article.lang}, expected is {slug}/{lang}.",
            where=f"{slug}.{lang}.md",
            remedy_de="Bitte id und lang im Kopf anpassen.",
            remedy_en="Adjust id and lang in the front matter.",
        )
    report = Report()
    check_article(article, report, date.today(), frozenset(known.records))
    return article, report.findings


def _newest_german(slug: str) -> Article | None:
    """Return the newest German draft of a text that is not shown yet, None if there is none that can be read."""
    newest = Revision.objects.filter(slug=slug, lang="de").order_by("-number").first()
    if newest is None:
        return None
    try:
        return parse_article(newest.raw, where=f"{slug}.de.md")
    except BadInput:
        return None


@transaction.atomic
def save_draft(
    user: Person, slug: str, lang: Lang, raw: str, note: str = "", *, based_on: int | None = None
) -> Revision:
    """Store a new draft of a text as it was typed; it is not shown to visitors.

    A draft may be broken: the editor's page shows what is wrong, and only a text that can be read is published.

    `based_on`: number of the newest version when the editor began (0: only the shipped one); a newer one by somebody else is
    told before it is passed over. The draft keeps the mark of the shipped text that version knew, so that an update nobody has
    seen stays announced.

    Raises:
        NotAllowed: not an editor.
        BadInput: the text is empty, or somebody saved it at the same moment. Nothing is stored then; the page keeps what
            was typed.
    """
    check_editor(user)
    raw, note = raw.replace("\x00", ""), note.replace("\x00", "")
    if not raw.strip():
        raise BadInput(
            "draft_empty",
            de="Der Entwurf ist leer.",
            en="The draft is empty.",
            where=f"{slug}.{lang}.md",
            remedy_de="Bitte Text eingeben oder den Entwurf unter „Fassungen“ verwerfen.",
            remedy_en="Type a text, or discard the draft under “Versions”.",
        )
    newest = Revision.objects.filter(slug=slug, lang=lang).order_by("-number").first()
    number = (newest.number if newest else 0) + 1
    if based_on is not None and newest is not None and newest.number > based_on:
        raise BadInput(
            "draft_outdated",
            de=f"Inzwischen gibt es die Fassung {newest.number} von jemand anderem.",
            en=f"Meanwhile there is version {newest.number} by somebody else.",
            where=f"{slug}.{lang} #{based_on}",
            remedy_de="Bitte unter „Fassungen“ vergleichen; noch einmal speichern legt Ihre Fassung darüber.",
            remedy_en="Compare under “Versions”; saving again puts your version on top.",
        )
    base_hash = _base_hash(slug, lang, newest)
    try:
        with transaction.atomic():
            revision = Revision.objects.create(
                slug=slug,
                lang=lang,
                number=number,
                raw=raw,
                note=note[:200],
                author=None if user is None or user.is_anonymous else user,
                base_hash=base_hash,
            )
    except IntegrityError as error:
        raise BadInput(
            "draft_collision",
            de="Jemand anderes hat denselben Text im selben Moment gespeichert.",
            en="Somebody else saved the same text at the same moment.",
            where=f"{slug}.{lang} #{number}",
            remedy_de="Bitte noch einmal speichern; Ihre Eingabe steht noch da.",
            remedy_en="Save again; what you typed is still there.",
        ) from error
    _log.info("event=draft_saved text=%s.%s number=%s", slug, lang, number)
    return revision


@transaction.atomic
def discard_draft(user: Person, slug: str, lang: Lang, number: int) -> None:
    """Delete a draft for good. What was shown to visitors at any time stays in the history.

    Raises:
        NotAllowed: not an editor.
        NotFound: there is no draft of this number; it may have been published or discarded meanwhile.
    """
    check_editor(user)
    draft = Revision.objects.select_for_update().filter(slug=slug, lang=lang, number=number).first()
    if draft is None or draft.state != Revision.State.DRAFT:
        raise NotFound(
            "draft_unknown",
            de="Diesen Entwurf gibt es nicht mehr.",
            en="This draft is no longer there.",
            where=f"{slug}.{lang} #{number}",
            remedy_de="Bitte die Liste der Fassungen neu laden.",
            remedy_en="Reload the list of versions.",
        )
    draft.delete()
    _log.info("event=draft_discarded text=%s.%s number=%s", slug, lang, number)


def _base_hash(slug: str, lang: Lang, newest: Revision | None) -> str:
    """Return the hash of the shipped text a new draft knows: that of the local text it continues, else the present one."""
    texts = Revision.objects.filter(slug=slug, lang=lang)
    local = texts.filter(state=Revision.State.PUBLISHED).first()
    if local is None and newest is not None and newest.state == Revision.State.DRAFT:
        local = newest
    if local is not None:
        return local.base_hash
    shipped = shipped_texts().get((slug, lang))
    return text_hash(shipped) if shipped is not None else ""


#: Findings with which a text must not be shown: a reader would be led to nothing.
BLOCKING = ("source_unknown", "record_unknown", "role_unknown")


def check_publishable(findings: Sequence[Finding], where: str) -> None:
    """Raise `BadInput` if a text refers to a source, record or role that does not exist."""
    broken = [f for f in findings if f.code in BLOCKING]
    if broken:
        raise BadInput(
            "article_broken_reference",
            de=f"Der Text verweist auf etwas, das es nicht gibt: {broken[0].message}.",
            en=f"The text refers to something that does not exist: {broken[0].message}.",
            where=broken[0].where or where,
            remedy_de="Bitte Quelle, Eintrag oder Rolle berichtigen; als Entwurf speichern geht trotzdem.",
            remedy_en="Correct the source, record or role; saving as a draft is possible all the same.",
        )


@transaction.atomic
def publish(user: Person, slug: str, lang: Lang, number: int) -> Revision:
    """Show a revision to visitors instead of the one shown so far. Every process follows within two seconds.

    Raises:
        NotAllowed: not an editor.
        NotFound: there is no such revision.
        BadInput: the text can no longer be read.
    """
    check_editor(user)
    # All versions of the text are held, so that two people publishing at once come one after the other.
    held = {r.number: r for r in Revision.objects.select_for_update().filter(slug=slug, lang=lang)}
    revision = held.get(number)
    if revision is None:
        raise NotFound(
            "revision_unknown",
            de="Diese Fassung gibt es nicht.",
            en="There is no such version.",
            where=f"{slug}.{lang} #{number}",
            remedy_de="Bitte die Liste der Fassungen neu laden.",
            remedy_en="Reload the list of versions.",
        )
    _, findings = read_text(slug, lang, revision.raw, published=True)
    check_publishable(findings, f"{slug}.{lang}.md")
    Revision.objects.filter(slug=slug, lang=lang, state=Revision.State.PUBLISHED).update(
        state=Revision.State.SUPERSEDED
    )
    revision.state = Revision.State.PUBLISHED
    revision.save(update_fields=["state"])
    KnowledgeState.bump()
    _log.info("event=published text=%s.%s number=%s", slug, lang, number)
    return revision


@transaction.atomic
def return_to_shipped(user: Person, slug: str, lang: Lang) -> None:
    """Show the shipped text again; local revisions stay in the history.

    Raises:
        NotAllowed: not an editor.
        NotFound: there is no shipped text of this name.
    """
    check_editor(user)
    if (slug, lang) not in shipped_texts():
        raise NotFound(
            "shipped_unknown",
            de="Zu diesem Text gibt es keine mitgelieferte Fassung.",
            en="There is no shipped version of this text.",
            where=f"{slug}.{lang}",
            remedy_de="Bitte eine andere Fassung veröffentlichen.",
            remedy_en="Publish another version.",
        )
    Revision.objects.filter(slug=slug, lang=lang, state=Revision.State.PUBLISHED).update(
        state=Revision.State.SUPERSEDED
    )
    KnowledgeState.bump()
    _log.info("event=returned_to_shipped text=%s.%s", slug, lang)


@transaction.atomic
def keep_local(user: Person, slug: str, lang: Lang) -> None:
    """Note that an editor has seen a shipped update and keeps the local text."""
    check_editor(user)
    shipped = shipped_texts().get((slug, lang))
    if shipped is not None:
        Revision.objects.filter(slug=slug, lang=lang, state=Revision.State.PUBLISHED).update(
            base_hash=text_hash(shipped)
        )
        _log.info("event=local_kept text=%s.%s", slug, lang)


@transaction.atomic
def withdraw(user: Person, slug: str, lang: Lang) -> None:
    """Take a local text without a shipped version off the site; it stays in the history."""
    check_editor(user)
    Revision.objects.filter(slug=slug, lang=lang, state=Revision.State.PUBLISHED).update(
        state=Revision.State.SUPERSEDED
    )
    KnowledgeState.bump()
    _log.info("event=withdrawn text=%s.%s at=%s", slug, lang, timezone.now().isoformat(timespec="seconds"))


def skeleton(slug: str, lang: Lang, topic: str, title: str, text: str = "", source: str = "") -> str:
    """Return the Markdown of a new article: front matter and one section, to be filled by an editor."""
    today = timezone.localdate()
    question = (
        title
        if title.endswith("?")
        else (f"{title}: worum geht es?" if lang == "de" else f"{title}: what is it about?")
    )
    front = {
        "id": slug,
        "lang": lang,
        "topic": topic,
        "title": title,
        "summary": title,
        "jurisdiction": "none",
        "demonstrator": "none",
        "checked_on": today,
        "review_by": today + timedelta(days=180),
        "records": [],
        "related": [],
        "sources": [
            {
                "id": "s1",
                "title": source or title,
                "publisher": "–",
                "year": today.year,
                "url": "",
                "passage": "–",
                "basis": "noted",
            }
        ],
        "must_cover": {},
        "sections": {"text": {"role": "answer", "questions": [title]}},
    }
    body = text or (
        "Hier steht die Antwort in zwei bis vier Sätzen."
        if lang == "de"
        else "Here stands the answer in two to four sentences."
    )
    dumped = yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=110)
    return f"---\n{dumped}---\n## {question} {{#text}}\n\n{body} [s1]\n"
