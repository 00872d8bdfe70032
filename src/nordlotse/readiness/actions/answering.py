"""Saving a page of answers. Of two people who save at once none overwrites unseen what the other said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.questionnaire.answering import Mend
from nordlotse.office import log
from nordlotse.office.faults import reach
from nordlotse.readiness.announcements import finished
from nordlotse.readiness.core import asking
from nordlotse.readiness.models import Check, Round, Sheet
from nordlotse.readiness.queries import answering, checks, models


class Mending(BadInput):
    """Answers of a page that have to be mended first; nothing was saved. `mends` says which and how."""

    def __init__(self, mends: tuple[Mend, ...]) -> None:
        super().__init__(
            "answers_to_mend",
            de="Bei einer Frage stimmt etwas noch nicht.",
            en="Something is not right yet in one of the answers.",
            where=mends[0].question,
            remedy_de=mends[0].message.de,
            remedy_en=mends[0].message.en,
        )
        self.mends = mends


class Overtaken(BadInput):
    """Somebody else saved another answer to a question of this page meanwhile. `now` is the sheet as it stands."""

    http_status = 409

    def __init__(self, now: checks.SheetOf, names: tuple[str, ...]) -> None:
        super().__init__(
            "answers_overtaken",
            de="Jemand anderes hat inzwischen auf dieser Seite geantwortet.",
            en="Somebody else has answered on this page meanwhile.",
            where=names[0],
            remedy_de="Bitte sehen Sie, was jetzt dort steht, und speichern Sie noch einmal. Überschrieben wurde nichts.",
            remedy_en="See what stands there now, and save again. Nothing was overwritten.",
        )
        self.now, self.names = now, names


def stored(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return answers as the column holds them: several choices as a list."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in answers.items()}


def asked_in(begun: Round) -> tuple[str, ...]:
    """Return the models of a round as references: own ones in the version they are answered with."""
    return models.answered_with(begun.models_asked, begun.hashes)


@transaction.atomic
def save(key: str, given: Mapping[str, Any], *, version: int, seen: Mapping[str, Any]) -> checks.SheetOf:
    """Put answers of one page into a sheet (None takes one out) and return the sheet as it is then.

    `version` and `seen` are what the person had before them: the sheet's version and the answers then. Somebody else's save of other
    questions is no conflict; both are kept.

    Raises:
        NotFound: the sheet is gone.
        Mending: an answer does not fit its question.
        Overtaken: somebody else gave another answer to one of these questions meanwhile.
    """
    sheet = _locked(key)
    _check_unseen(sheet, given, version, seen)
    before = dict(sheet.answers)
    merged = stored(asking.Given(stored(given)).merged(before))
    _check_fits(sheet.round, merged, given)
    if merged != before:
        sheet.answers, sheet.version, sheet.touched_at = merged, sheet.version + 1, timezone.now()
        reach("readiness.save.before_write")
        sheet.save(update_fields=["answers", "version", "touched_at"])
        settle(sheet)
    return checks.sheet_of(sheet)


def _locked(key: str) -> Sheet:
    """Return a sheet with its round and check as they are now, the check held: everything that writes below a check holds it first.

    Otherwise a save could close a round that somebody is just asking for further models, or both wait for each other.
    """
    check = Check.objects.select_for_update(of=("self",)).filter(rounds__sheets=key).first()
    sheet = Sheet.objects.select_related("round__check_of").filter(pk=key).first() if check else None
    if sheet is None:
        raise checks.unknown()
    return sheet


def _check_unseen(sheet: Sheet, given: Mapping[str, Any], version: int, seen: Mapping[str, Any]) -> None:
    if sheet.version == version:
        return
    now, then = sheet.answers, stored(seen)
    wanted = stored(given)
    other = tuple(n for n in given if now.get(n) != then.get(n) and now.get(n) != wanted.get(n))
    if other:
        raise Overtaken(checks.sheet_of(sheet), other)


def _check_fits(begun: Round, answers: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    mends = tuple(m for m in answering.filled(asked_in(begun), answers).mends if m.question in given)
    if mends:
        raise Mending(mends)


def settle(sheet: Sheet) -> None:
    """Note what a save means for the round and the check: hashes, whether it is complete, size, sector and state."""
    begun = sheet.round
    hashes = answering.hashes(asked_in(begun))
    done = sheet.lead and begun.finished_at is None and _complete(begun, sheet.answers)
    if begun.hashes != hashes or done:
        begun.hashes = hashes
        begun.finished_at = timezone.now() if done else begun.finished_at
        begun.save(update_fields=["hashes", "finished_at"])
    if sheet.lead:
        _mirror(begun.check_of, sheet.answers)
    if done:
        finished.send(sender=Round, key=begun.check_of_id, number=begun.number)


def _complete(begun: Round, answers: Mapping[str, Any]) -> bool:
    asked = asked_in(begun)
    return asking.is_complete(answering.form_of(asked), answering.filled(asked, answers), answers)


def _mirror(check: Check, answers: Mapping[str, Any]) -> None:
    """Copy size, sector and state to the check: the comparison groups by them."""
    employees = answers.get("employees")
    now = {
        "employees": employees if isinstance(employees, int) and 0 <= employees < 2**31 else None,
        "sector": _word(answers.get("sector")),
        "state": _word(answers.get("state")),
    }
    if any(getattr(check, name) != value for name, value in now.items()):
        Check.objects.filter(pk=check.pk).update(**now)
        for name, value in now.items():
            setattr(check, name, value)


def _word(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= 2 else ""


@transaction.atomic
def adopt(key: str, number: int, question: str, sheet_key: str, *, version: int, seen: Mapping[str, Any]) -> None:
    """Take a colleague's answer to one question over into the lead's sheet of a round; `version` and `seen` as in `save`.

    Raises:
        NotFound: check, round or sheet are gone.
        Overtaken: the lead's answer to this question changed since it was shown.
    """
    begun = Round.objects.filter(check_of=key, number=number).first()
    colleague = Sheet.objects.filter(pk=sheet_key, lead=False, round=begun).first() if begun else None
    if begun is None or colleague is None or question not in colleague.answers:
        raise checks.unknown()
    lead = begun.sheets.get(lead=True)
    save(lead.pk, {question: colleague.answers[question]}, version=version, seen=seen)
    log.record("adopted", "check", key[:6])
