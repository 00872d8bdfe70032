"""The room's pages; German addresses, names for both languages.

Pages without a key work on answers that travel in the form (POST); behind a check's key they work on what is kept. To a page of questions
one may link with a question's name: `?frage=NAME` behind a key, a field `frage` in a form without.
"""

from __future__ import annotations

from django.urls import URLPattern, path

from nordlotse.readiness.views import (
    answering,
    change,
    checks,
    comparing,
    desk,
    effects,
    own_models,
    plan,
    report,
    result,
    sheets,
)

_loose: list[URLPattern] = [
    path("check/", answering.start, name="readiness"),
    path("check/fragen/", answering.questions, name="readiness_questions"),
    path("check/ergebnis/", result.loose_result, name="readiness_result"),
    path("check/plan/", plan.loose_plan, name="readiness_plan"),
    path("check/bericht.pdf", report.loose_report, name="readiness_report"),
    path("check/plan.ics", plan.loose_calendar, name="readiness_calendar"),
    path("check/sichern/", checks.keep, name="readiness_keep"),
    path("check/antworten.json", checks.answers_file, name="readiness_file"),
]
_kept: list[URLPattern] = [
    path("check/mit/<slug:sheet>/", sheets.colleague, name="readiness_colleague"),
    path("check/mit/<slug:sheet>/fragen/", sheets.colleague_questions, name="readiness_colleague_questions"),
    path("check/<slug:key>/", checks.kept, name="readiness_kept"),
    path("check/<slug:key>/mail/", checks.mail, name="readiness_mail"),
    path("check/<slug:key>/fragen/", sheets.kept_questions, name="readiness_kept_questions"),
    path("check/<slug:key>/antworten.json", checks.kept_file, name="readiness_kept_file"),
    path("check/<slug:key>/ergebnis/", result.kept_result, name="readiness_kept_result"),
    path("check/<slug:key>/plan/", plan.kept_plan, name="readiness_kept_plan"),
    path("check/<slug:key>/bericht.pdf", report.kept_report, name="readiness_kept_report"),
    path("check/<slug:key>/plan.ics", plan.kept_calendar, name="readiness_kept_calendar"),
    path("check/<slug:key>/veraenderung/", change.change, name="readiness_change"),
    path("check/<slug:key>/unterschiede/", checks.unlike, name="readiness_differences"),
    path("check/<slug:key>/vergleich/", comparing.compare, name="readiness_compare"),
    path("check/<slug:key>/wiederholen/", checks.repeat, name="readiness_repeat"),
    path("check/<slug:key>/loeschen/", checks.delete, name="readiness_delete"),
]
_staff: list[URLPattern] = [
    path("desk/check/", desk.desk, name="readiness_desk"),
    path("desk/check/modelle/", own_models.models, name="readiness_models"),
    path("desk/check/modelle/vorlage.xlsx", own_models.template, name="readiness_model_template"),
    path("desk/check/anleitung/", own_models.guide, name="readiness_guide"),
    path("desk/check/modelle/<int:pk>/", own_models.model, name="readiness_model"),
    path("bericht/check/", effects.effects, name="readiness_effects"),
]
pages: list[URLPattern] = [*_loose, *_kept, *_staff]
