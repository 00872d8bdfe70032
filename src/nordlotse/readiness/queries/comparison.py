"""Own participants as the comparison sees them: who counts, what is published, and a company beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Subquery

from nordlotse.foundation.language import Lang
from nordlotse.foundation.sectors import size_of
from nordlotse.readiness.core import catalogue, comparison, consent, release
from nordlotse.readiness.core.assess import assess
from nordlotse.readiness.core.maturity import MaturityModel
from nordlotse.readiness.core.score import Score
from nordlotse.readiness.models import Check, Comparing, Release, Sheet
from nordlotse.readiness.queries import checks
from nordlotse.readiness.queries import models as own_models

_STATES = ("HH", "SH", "MV")


@dataclass(frozen=True, slots=True)
class Consent:
    """How a check stands to the comparison: the text asked for (or agreed to), and since when it counts (None: it does not)."""

    text: consent.ConsentText
    comparing: Comparing | None

    @property
    def given(self) -> bool:
        """Tell whether the consent holds."""
        return self.comparing is not None


def consent_of(key: str) -> Consent:
    """Return how a check stands to the comparison."""
    found = Comparing.objects.filter(check_of_id=key, withdrawn_at=None).first()
    return Consent(consent.of_version(found.text_version) if found else consent.current(), found)


def withdrawn_on(key: str) -> datetime | None:
    """Return when the consent of a check was taken back, None where it holds or was never given."""
    return Comparing.objects.filter(check_of_id=key).values_list("withdrawn_at", flat=True).first()


def agreeing() -> list[Check]:
    """Return the checks that count: consent held, no example, one per company (the oldest of a company's checks)."""
    rows = Check.objects.filter(comparing__withdrawn_at=None, comparing__isnull=False, is_example=False)
    seen: set[str] = set()
    found = []
    for check in rows.order_by("created_at", "pk"):
        if check.company and check.company in seen:
            continue
        seen.add(check.company)
        found.append(check)
    return found


def participants(model: MaturityModel) -> list[release.Member]:
    """Return everybody who counts for a model: the first round (T0, before support), the lead's answers, none of them missing.

    The first round, because the centre's support changes the later ones, and because its values stay: figures that move tell of
    whoever moved them.
    """
    known = {check.pk: check for check in agreeing()}
    sheets = Sheet.objects.filter(
        lead=True, round__number=0, round__finished_at__isnull=False, round__check_of__in=list(known)
    ).select_related("round")
    found = []
    for sheet in sheets:
        if model.id not in sheet.round.models_asked or _of_another_version(model, sheet.round.hashes):
            continue
        values = values_of(model, sheet.answers)
        if values:
            check = known[sheet.round.check_of_id]
            cells = release.cells_of(*place_of(check.employees, check.sector, check.state))
            found.append(release.Member(release.token(check.key), cells, values, check.key))
    return found


def values_of(model: MaturityModel, answers: Mapping[str, Any]) -> dict[str, float]:
    """Return total and dimensions, nothing if an answer is missing or a dimension does not apply."""
    # the shipped models are over the common questions; only a centre's own has further ones
    form = None if model.id in catalogue.ORDER else own_models.form_for([model.id])
    score = assess(answers, {model.id: model}, form).scores[model.id]
    if score.answered < score.asked:
        return {}
    parts = {comparison.TOTAL: score.total} | {d.id: d for d in score.dimensions}
    if any(part.value is None for part in parts.values()):
        return {}
    return {name: float(part.value) for name, part in parts.items() if part.value is not None}


def place_of(employees: int | None, sector: str, state: str) -> tuple[str, str, str]:
    """Return size class, section and state as the tree of cells names them, "" what is not known or not ours."""
    size = size_of(employees)
    return (size.value if size else "", sector[:1], state if state in _STATES else "")


def issue_of(row: Release) -> release.Issue:
    """Return a release's row as the core's value."""
    units: list[tuple[str, Mapping[str, str]]] = [(one, marks) for one, marks in row.members.get("units", [])]
    members = {
        cell: frozenset(units[number][0] for number in numbers)
        for cell, numbers in row.members.get("cells", {}).items()
    }
    return release.Issue(members, dict(units), dict(_cells(row.cells)), row.model_hash)


def _cells(kept: Mapping[str, Any]) -> Iterator[tuple[str, release.Cell]]:
    for cell, found in kept.items():
        values = {name: (v[0], v[1], v[2]) for name, v in found["values"].items()}
        yield cell, release.Cell(found["n"], values, found["as_of"])


def cells_json(cells: Mapping[str, release.Cell]) -> dict[str, Any]:
    """Return cells as a release's row holds them."""
    return {
        cell: {"n": c.n, "as_of": c.as_of, "values": {name: list(v) for name, v in c.values.items()}}
        for cell, c in cells.items()
    }


def published(model: MaturityModel, newest: Mapping[str, Release] | None = None) -> Mapping[str, release.Cell]:
    """Return the cells of a model that are shown; none while the last release is of another version of the model.

    `newest` are the last releases (`last_releases`) where several models are asked for.
    """
    row = (last_releases([model.id]) if newest is None else newest).get(model.id)
    return cells_of(row, model)


def cells_of(row: Release | None, model: MaturityModel) -> dict[str, release.Cell]:
    """Return the cells of a release that are shown; none where it is of another version of the model."""
    return dict(_cells(row.cells)) if row is not None and row.model_hash == model.hash else {}


def peers(
    model: MaturityModel,
    score: Score | None,
    *,
    employees: int | None,
    sector: str,
    state: str,
    lang: Lang,
) -> comparison.Peers:
    """Return own participants beside one result, in the narrowest group with enough companies."""
    return comparison.peers(model, score, published(model), place_of(employees, sector, state), lang)


def beside(
    check: checks.KeptCheck, models: Mapping[str, MaturityModel], scores: Mapping[str, Score], lang: Lang
) -> list[tuple[MaturityModel, comparison.Peers]]:
    """Return own participants beside each of a kept check's results."""
    newest, place = last_releases(models), place_of(check.employees, check.sector, check.state)
    return [(m, comparison.peers(m, scores[id], published(m, newest), place, lang)) for id, m in models.items()]


def agreed() -> int:
    """Return how many checks have agreed to be compared today, without examples."""
    return Comparing.objects.filter(withdrawn_at=None, check_of__is_example=False).count()


def last_releases(names: Collection[str]) -> Mapping[str, Release]:
    """Return the newest release under each of these names, by name, in one query; who is in their cells is not read."""
    newest = Release.objects.filter(model=OuterRef("model")).order_by("-made_at", "-pk").values("pk")[:1]
    rows = Release.objects.filter(model__in=list(names), pk=Subquery(newest)).defer("members")
    return {row.model: row for row in rows}


def _of_another_version(model: MaturityModel, hashes: Mapping[str, str]) -> bool:
    """Tell whether a round answered another version of an own model: its answers are no answers to this one."""
    return model.id not in own_models.SHIPPED and hashes.get(model.id, model.hash) != model.hash


def counts(check: checks.KeptCheck, models: Iterable[MaturityModel]) -> bool:
    """Tell whether a kept check has everything in its first round that one of these models counts."""
    first = check.rounds[0]
    return first.finished_at is not None and any(
        model.id in first.models and bool(values_of(model, first.answers)) for model in models
    )
