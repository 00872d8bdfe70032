"""Figures and codes said in words that an editor understands."""

from __future__ import annotations

from typing import Protocol

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nordlotse.web.templatetags.components import language

register = template.Library()

_FINDINGS = {
    "record_unknown": gettext_lazy("Dieser Eintrag zu Recht oder Förderung ist unbekannt."),
    "record_unused": gettext_lazy("Ein Eintrag steht im Kopf, wird im Text aber nicht benutzt."),
    "record_unlisted": gettext_lazy("Ein Eintrag wird benutzt, steht aber nicht im Kopf."),
    "too_uncertain": gettext_lazy("Zu viele Sätze sind als ungeklärt markiert."),
    "checked_in_future": gettext_lazy("Das Datum der Prüfung liegt in der Zukunft."),
    "review_before_check": gettext_lazy("Die nächste Prüfung muss nach der letzten liegen."),
    "review_too_late": gettext_lazy("Die nächste Prüfung liegt mehr als ein Jahr nach der letzten."),
    "summary_long": gettext_lazy("Die Zusammenfassung ist zu lang."),
    "must_cover_missing": gettext_lazy("Es fehlt die Liste dessen, was der Artikel behandeln muss."),
    "must_cover_gap": gettext_lazy("Ein Pflichtpunkt zeigt auf einen Abschnitt, den es nicht gibt."),
    "few_sections": gettext_lazy("Der Artikel hat zu wenige Abschnitte."),
    "role_missing": gettext_lazy("Ein Pflichtabschnitt fehlt: Kosten, Stolpersteine oder nächster Schritt."),
    "role_unknown": gettext_lazy("Diese Rolle eines Abschnitts gibt es nicht."),
    "heading_no_question": gettext_lazy("Die Überschrift ist keine Frage."),
    "no_questions": gettext_lazy("Es fehlen andere Wortlaute der Frage."),
    "lead_length": gettext_lazy("Der erste Absatz soll zwei bis vier Sätze haben."),
    "lead_long": gettext_lazy("Der erste Absatz ist zu lang."),
    "sentence_long": gettext_lazy("Ein Satz ist zu lang."),
    "mark_left": gettext_lazy("Eine Quellenmarke ließ sich nicht lesen."),
    "source_unknown": gettext_lazy("Eine zitierte Quelle steht nicht im Kopf."),
    "source_unused": gettext_lazy("Eine Quelle im Kopf wird nirgends zitiert."),
    "source_passage": gettext_lazy("Bei einer Quelle fehlt die Stelle."),
    "source_url": gettext_lazy("Bei einer Quelle fehlt eine brauchbare Adresse."),
    "number_without_source": gettext_lazy("In einem Abschnitt steht eine Zahl ohne Quelle."),
    "cost_without_figure": gettext_lazy(
        "Der Abschnitt zu den Kosten nennt keine Zahl und sagt nicht, warum es keine gibt."
    ),
    "anchor_only_english": gettext_lazy("Diesen Abschnitt gibt es im deutschen Artikel nicht."),
    "numbers_differ": gettext_lazy("Im englischen Text stehen Zahlen, die im deutschen fehlen."),
}
_KINDS = {
    "answer": gettext_lazy("Antwort"),
    "clarify": gettext_lazy("Rückfrage"),
    "refer": gettext_lazy("Verweis an eine andere Stelle"),
    "decline": gettext_lazy("höfliche Ablehnung"),
    "emergency": gettext_lazy("Notfallkarte"),
}
_CONFIDENCE = {
    "found": gettext_lazy("geprüfte Stelle gefunden"),
    "related": gettext_lazy("verwandte Stellen, nicht sicher"),
    "none": gettext_lazy("keine geprüfte Stelle"),
}
_MODES = {
    "e5": gettext_lazy("Wörter und Bedeutung (Modell E5)"),
    "use": gettext_lazy("Wörter und Bedeutung (Modell USE)"),
    "lexical": gettext_lazy("nur Wörter"),
}


class _Finding(Protocol):
    code: str
    message: str


class _Hit(Protocol):
    z: float
    coverage: float


@register.filter
def in_words(finding: _Finding) -> str:
    """Return what the lint found, in the page's language; a code without words keeps its English message."""
    return str(_FINDINGS.get(finding.code, finding.message))


@register.filter
def kind_in_words(kind: str) -> str:
    """Return the kind of an answer in words."""
    return str(_KINDS.get(kind, kind))


@register.filter
def confidence_in_words(level: str) -> str:
    """Return the level of certainty in words."""
    return str(_CONFIDENCE.get(level, level))


@register.filter
def mode_in_words(mode: str) -> str:
    """Return which search was used, in words."""
    return str(_MODES.get(mode, mode))


@register.filter
def percent(share: float) -> str:
    """Write a share as a whole percentage."""
    return f"{round(share * 100)} %"


@register.filter
def why_found(hit: _Hit) -> str:
    """Say why a passage was found: by its words, by its meaning, or by both."""
    by_words, by_meaning = hit.coverage >= 0.5, hit.z >= 2.0
    if by_words and by_meaning:
        return _("Die Suchwörter stehen darin, und der Inhalt passt.")
    if by_words:
        return _("Die Suchwörter stehen darin; der Inhalt ist weiter weg.")
    if by_meaning:
        return _("Der Inhalt passt, auch ohne dieselben Wörter.")
    return _("Nur entfernt verwandt.")


class _Note(Protocol):
    de: str
    en: str


@register.filter
def note_in_words(note: _Note) -> str:
    """Return what an import left out or changed, in the page's language."""
    return note.en if language() == "en" else note.de
