"""Keeping the taxonomy: a term is renamed, added, taken out of use or brought back."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from nordlotse.network.actions.access import check_coordinator, wrong
from nordlotse.network.intake.plan import slug_of
from nordlotse.network.models import Competence, Offer, TagKind, Term
from nordlotse.network.queries.terms import Tag, terms
from nordlotse.office.log import record


def _named(name_de: str, name_en: str) -> tuple[str, str]:
    de, en = " ".join(name_de.split()), " ".join(name_en.split())
    if not de or not en or len(de) > 80 or len(en) > 80:
        raise wrong(
            "term_name",
            "Ein Begriff braucht einen deutschen und einen englischen Namen mit höchstens 80 Zeichen.",
            "A term needs a German and an English name of at most 80 characters.",
            "name",
            "Bitte beide ausfüllen.",
            "Fill in both.",
        )
    return de, en


def _free(kind: str, name: str, but: str = "") -> None:
    known = terms()
    found = known.tag(kind, name)
    if found and found != but:
        raise wrong(
            "term_taken",
            f"„{name}“ meint schon den Begriff „{known.name(found).de}“.",
            f"“{name}” already means the term “{known.name(found).en}”.",
            "name",
            "Bitte den vorhandenen Begriff benutzen oder umbenennen.",
            "Use the existing term, or rename it.",
        )


def _known(tag: str) -> Tag:
    found = terms().tags.get(tag)
    if found is None:
        raise wrong("term_unknown", "Diesen Begriff gibt es nicht.", "There is no such term.", "tag")
    return found


def _spellings(words: str) -> list[str]:
    found = (" ".join(w.split())[:60] for w in words.replace("\n", ",").replace(";", ",").split(","))
    return list(dict.fromkeys(w for w in found if w))[:40]


def add_term(user: Any, kind: str, name_de: str, name_en: str, words: str = "") -> str:
    """Add a term and return its tag; `words`: other spellings, parted by commas.

    Raises:
        NotAllowed: not a coordinator.
        BadInput: a name is missing or means a term that is there.
    """
    check_coordinator(user)
    if kind not in TagKind.values:
        raise wrong("term_kind", "Diese Art Begriff gibt es nicht.", "There is no such kind of term.", "kind")
    de, en = _named(name_de, name_en)
    with transaction.atomic():
        _free(kind, de)
        _free(kind, en)
        tag = slug_of(en, terms().tags)
        Term.objects.create(tag=tag, kind=kind, name_de=de, name_en=en, words=_spellings(words))
        record("term.added", "term", tag, user)
    return tag


def rename_term(user: Any, tag: str, name_de: str, name_en: str, words: str = "") -> None:
    """Give a term other names and further spellings; people keep it.

    Raises:
        NotAllowed: not a coordinator.
        BadInput: unknown, a name is missing, or it means another term.
    """
    check_coordinator(user)
    de, en = _named(name_de, name_en)
    with transaction.atomic():
        old = _known(tag)
        _free(old.kind, de, tag)
        _free(old.kind, en, tag)
        _lay(old, name_de=de, name_en=en, words=_spellings(words))
        record("term.renamed", "term", tag, user)


def retire_term(user: Any, tag: str, into: str = "") -> int:
    """Take a term out of use; whoever has it gets the term `into` of the same kind instead. Return how many that were.

    Raises:
        NotAllowed: not a coordinator.
        BadInput: unknown, or `into` is of another kind or out of use itself.
    """
    check_coordinator(user)
    with transaction.atomic():
        old = _known(tag)
        moved = 0
        if into:
            new = _known(into)
            if new.kind != old.kind or new.retired or new.id == old.id:
                raise wrong(
                    "term_into",
                    "Der Ersatz muss ein anderer Begriff derselben Art sein, der in Gebrauch ist.",
                    "The replacement must be another term of the same kind that is in use.",
                    "into",
                )
            both = Competence.objects.filter(tag=into).values("person_id")
            Competence.objects.filter(tag=tag, person_id__in=both).delete()
            moved = Competence.objects.filter(tag=tag).update(tag=into)
            Offer.objects.filter(topic=tag).update(topic=into)
        _lay(old, retired=True)
        record("term.retired", "term", tag, user)
    return moved


def restore_term(user: Any, tag: str) -> None:
    """Bring a term back into use.

    Raises:
        NotAllowed: not a coordinator.
        BadInput: unknown.
    """
    check_coordinator(user)
    with transaction.atomic():
        _lay(_known(tag), retired=False)
        record("term.restored", "term", tag, user)


def _lay(old: Tag, **changed: Any) -> None:
    """Lay a change over the taxonomy; the row begins with what holds."""
    row = Term.objects.filter(tag=old.id).first() or Term(
        tag=old.id, kind=old.kind, name_de=old.name.de, name_en=old.name.en, retired=old.retired
    )
    for name, value in changed.items():
        setattr(row, name, value)
    row.changed_at = timezone.now()
    row.save()
