"""The centre's own checks: handed in as a file, looked at, published, withdrawn. Nobody needs code for it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from nordlotse.foundation.intake import shown_name
from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.foundation.questionnaire.finding import Finding, errors
from nordlotse.foundation.role import Role
from nordlotse.office.log import record
from nordlotse.office.roles import check_role
from nordlotse.readiness.core.own import Usable, clashes_between, compile_file
from nordlotse.readiness.core.written import as_tree
from nordlotse.readiness.models import OwnModel
from nordlotse.readiness.queries import models as known

_log = logging.getLogger("nordlotse.readiness")

State = OwnModel.State

_NO_MODEL = Finding(
    "model_missing",
    "error",
    "dimensions",
    0,
    "",
    Text("In der Datei stehen Fragen, aber kein Modell.", "The file holds questions but no model."),
    Text("Bitte die Blätter dimensions und levels ergänzen.", "Add the sheets dimensions and levels."),
)


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What became of a file: everything found, and the draft (its id) if the file can be used."""

    name: str
    findings: tuple[Finding, ...]
    draft: int | None


def hand_in(user: Any, name: str, data: bytes) -> HandedIn:
    """Keep a file as a draft if it makes a model; a draft of the same name and version is replaced by it.

    Raises:
        NotAllowed: neither coordinator nor administrator.
        BadInput: the file cannot be opened; what is wrong inside is told in findings.
    """
    check_role(user, Role.COORDINATOR)
    name = shown_name(name)
    made = compile_file(name, data)
    found = [*made.findings]
    usable = made.usable
    if usable is not None:
        found = [*_clashes(usable), *_version_taken(usable), *found]
    elif not errors(found):
        found = [_NO_MODEL, *found]
    if usable is None or errors(found):
        return HandedIn(name, tuple(found), None)
    return HandedIn(name, tuple(found), _keep(user, usable, data))


@transaction.atomic
def _keep(user: Any, made: Usable, data: bytes) -> int:
    model = made.model
    # a draft keeps its place: whoever has its address sees what it has become
    row = OwnModel.objects.filter(model=model.id, version=model.version, state=State.DRAFT).first()
    row = row or OwnModel(model=model.id, version=model.version)
    row.hash, row.name, row.source = model.hash, model.title.de[:120], data
    row.form, row.tree, row.at = made.form.canonical(), as_tree(model), timezone.now()
    row.by = user if getattr(user, "pk", None) else None
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise _taken(model.id, model.version) from error
    record("hand_in", "own_model", row.pk, user)
    return int(row.pk)


@transaction.atomic
def publish(user: Any, pk: int) -> None:
    """Offer a model to everybody; the version that was on offer is withdrawn.

    Raises:
        NotAllowed, NotFound.
        BadInput: it no longer fits the common questions, or another published model asks a question of that name differently.
    """
    check_role(user, Role.COORDINATOR)
    row = _locked(pk)
    if row.state == State.PUBLISHED:
        return
    if wrong := errors(_clashes(known.usable_of(row))):
        raise BadInput(
            wrong[0].code,
            de=wrong[0].message.de,
            en=wrong[0].message.en,
            where=row.model,
            remedy_de=wrong[0].remedy.de,
            remedy_en=wrong[0].remedy.en,
        )
    OwnModel.objects.filter(model=row.model, state=State.PUBLISHED).update(state=State.WITHDRAWN)
    row.state, row.at = State.PUBLISHED, timezone.now()
    row.save(update_fields=["state", "at"])
    record("publish", "own_model", row.pk, user)
    _log.info("event=own_model_published id=%s", row.pk)


@transaction.atomic
def withdraw(user: Any, pk: int) -> None:
    """Offer a model no longer; results that were kept with it stay explained.

    Raises:
        NotAllowed, NotFound.
    """
    check_role(user, Role.COORDINATOR)
    row = _locked(pk)
    if row.state != State.PUBLISHED:
        return
    row.state, row.at = State.WITHDRAWN, timezone.now()
    row.save(update_fields=["state", "at"])
    record("withdraw", "own_model", row.pk, user)


@transaction.atomic
def discard(user: Any, pk: int) -> None:
    """Throw a draft away. What was published once stays: results name it.

    Raises:
        NotAllowed, NotFound.
        BadInput: `own_model_used`, no draft.
    """
    check_role(user, Role.COORDINATOR)
    row = _locked(pk)
    if row.state != State.DRAFT:
        raise BadInput(
            "own_model_used",
            de="Dieses Modell war veröffentlicht; Ergebnisse berufen sich darauf.",
            en="This model was published; results refer to it.",
            where=str(row),
            remedy_de="Sie können es zurückziehen.",
            remedy_en="You can withdraw it.",
        )
    row.delete()
    record("discard", "own_model", pk, user)


def _locked(pk: int) -> OwnModel:
    row = OwnModel.objects.select_for_update().filter(pk=pk).first()
    if row is None:
        raise NotFound(
            "no_own_model", de="Dieses Modell gibt es nicht (mehr).", en="There is no such model (any more)."
        )
    return row


def _taken(model: str, version: str) -> BadInput:
    return BadInput(
        "version_taken",
        de=f"„{model}“ gibt es schon in der Fassung {version}.",
        en=f"“{model}” exists in version {version} already.",
        where="settings, version",
        remedy_de="Bitte eine neue Fassung eintragen (version).",
        remedy_en="Enter a new version.",
    )


def _version_taken(made: Usable) -> list[Finding]:
    model = made.model
    rows = OwnModel.objects.filter(model=model.id, version=model.version).exclude(state=State.DRAFT)
    if not rows.exists():
        return []
    problem = _taken(model.id, model.version)
    said, remedy = Text(problem.message_de, problem.message_en), Text(problem.remedy_de, problem.remedy_en)
    return [Finding(problem.code, "error", "settings", 2, "version", said, remedy)]


def _clashes(made: Usable) -> list[Finding]:
    others = [u.form for name, u in known.own().items() if name != made.model.id]
    return clashes_between(made.form, others)
