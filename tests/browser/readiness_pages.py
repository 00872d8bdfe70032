"""The pages of the readiness check, with the longest content they can show; those that work on a form's answers are reached by posting."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from nordlotse.foundation.language import Lang
from nordlotse.foundation.questionnaire.form import DONT_KNOW, Kind, Question
from nordlotse.readiness.actions import answering as saving
from nordlotse.readiness.actions import checks
from nordlotse.readiness.queries import answering
from nordlotse.readiness.queries import checks as kept

#: Every model there is.
ALL = ("own", "dma", "impuls")
_LONG = "Werkstatt, Montage und Außendienst an der Küste, zweite Schicht"


def _answer(q: Question, place: int) -> Any:
    if not q.choices:
        return 40
    name = q.choices[place % len(q.choices)].name
    return (name,) if q.kind == Kind.SELECT_MULTIPLE else name


def answers(models: tuple[str, ...] = ALL, place: int = 0) -> dict[str, Any]:
    """Answer every question of these models with the choice at a place."""
    return {q.name: _answer(q, place) for q in answering.form_of(models).questions if q.kind != Kind.NOTE}


def kept_check(models: tuple[str, ...] = ALL) -> tuple[str, str]:
    """Return the key of a check with two rounds, and of a colleague's sheet with other answers, in the newer one."""
    key = checks.keep(answers(models), models, lang="de")
    checks.finish(key)
    checks.repeat(key, empty=False, seen=0)
    checks.finish(key)
    sheet = checks.invite(key, _LONG[:60])
    checks.invite(key, "Büro")
    other = {name: value for name, value in answers(models, 2).items() if name not in ("employees", "sector", "state")}
    first = next(iter(other))
    saving.save(sheet, {**other, first: DONT_KNOW}, version=0, seen={})
    return key, sheet


def public(lang: Lang) -> list[str]:
    """Return the addresses behind links, and the start page."""
    key, sheet = kept_check()
    open_key = checks.keep({}, ALL, lang=lang)

    def at(name: str, *args: str) -> str:
        return reverse(f"{lang}:readiness{name}", args=args)

    several = next(q.name for q in answering.form_of(ALL).questions if q.kind == Kind.SELECT_MULTIPLE)
    return [
        at(""),
        at("_kept", key) + "?neu=1",
        at("_kept", open_key),
        at("_kept_questions", open_key) + "?frage=employees",
        at("_kept_questions", open_key),
        at("_kept_questions", key) + f"?frage={several}",
        at("_colleague", sheet),
        at("_colleague", sheet) + "?fertig=1",
        at("_colleague_questions", sheet),
        at("_differences", key),
        at("_repeat", key),
        at("_repeat", open_key),
        at("_delete", key),
    ]


def lead_of(key: str) -> kept.SheetOf:
    """Return the lead's sheet of the newest round."""
    return kept.kept(key).newest.lead
