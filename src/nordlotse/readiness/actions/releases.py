"""Releases of the comparison: made by the worker at most once a day, and only where something has changed."""

from __future__ import annotations

import logging
import secrets
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from nordlotse.readiness.core import release
from nordlotse.readiness.core.comparison import TOTAL
from nordlotse.readiness.core.maturity import MaturityModel
from nordlotse.readiness.models import Comparing, Release
from nordlotse.readiness.queries import comparison, effects
from nordlotse.readiness.queries import models as known

_log = logging.getLogger("nordlotse.readiness")


def tend() -> int:
    """Make every release that is due, of the comparison and of the changes; return how many were made."""
    made, out = 0, _Out()
    for model in known.available().values():
        names = [TOTAL, *(d.id for d in model.dimensions)]
        made += _make(model.id, model, partial(comparison.participants, model), names, out)
        for pair in effects.PAIRS:
            changes = [effects.START, *(effects.changed(name) for name in names)]
            made += _make(effects.name_of(model.id, pair), model, partial(effects.members, model, pair), changes, out)
    return made


class _Out:
    """Everything ever published by the name of its releases: read once a run, and added to by those made in it."""

    def __init__(self) -> None:
        self._by_name: dict[str, list[release.Issue]] = defaultdict(list)
        for row in Release.objects.order_by("made_at", "pk").iterator():
            self.add(row)

    def add(self, row: Release) -> None:
        """Take in one more."""
        self._by_name[row.model].append(comparison.issue_of(row))

    def beside(self, name: str) -> list[release.Issue]:
        """Return what was published under other names: other models, changes, and models that are no longer on offer."""
        return [issue for other, issues in self._by_name.items() if other != name for issue in issues]


@transaction.atomic
def _make(
    name: str, model: MaturityModel, members: Callable[[], Sequence[release.Member]], values: Sequence[str], out: _Out
) -> bool:
    """Make the next release and tell whether there is one: not twice on a day, and not if nothing differs.

    The consents are held meanwhile: who takes one back waits for the release and is then taken out of it.
    """
    today = timezone.localdate()
    list(Comparing.objects.select_for_update().filter(withdrawn_at=None).order_by("pk").values_list("pk", flat=True))
    rows = list(Release.objects.filter(model=name).order_by("made_at", "pk"))
    if rows and timezone.localdate(rows[-1].made_at) >= today:
        return False
    drafted = release.draft(
        members(),
        [comparison.issue_of(row) for row in rows],
        names=values,
        model_hash=model.hash,
        today=today.isoformat(),
        seed=secrets.token_hex(16),
        beside=out.beside(name),
    )
    if not drafted.changed or not (rows or drafted.issue.cells):
        return False
    made = Release.objects.create(
        model=name,
        model_hash=model.hash,
        cells=comparison.cells_json(drafted.issue.cells),
        members=_members(drafted.issue),
    )
    out.add(made)
    _log.info("event=readiness_release model=%s cells=%s", name, len(drafted.issue.cells))
    return True


def _members(issue: release.Issue) -> dict[str, Any]:
    """Return who is in which cell as the row holds it: each token once, cells by their place in that list."""
    tokens = sorted(issue.marks)
    place = {one: number for number, one in enumerate(tokens)}
    return {
        "units": [[one, dict(issue.marks[one])] for one in tokens],
        "cells": {cell: sorted(place[one] for one in group) for cell, group in issue.members.items()},
    }


@transaction.atomic
def take_out(keys: Collection[str]) -> None:
    """Take every shown group that one of these checks counts in out of the newest releases; their rows remember who was in.

    Nobody learns anything from it but that somebody left: figures are only taken away.
    """
    gone = {release.token(key) for key in keys}
    list(Comparing.objects.select_for_update().filter(check_of_id__in=list(keys)).values_list("pk", flat=True))
    for model in Release.objects.order_by().values_list("model", flat=True).distinct():
        row = Release.objects.select_for_update().filter(model=model).order_by("-made_at", "-pk").first()
        if row is None:
            continue
        issue = comparison.issue_of(row)
        kept = {cell: found for cell, found in row.cells.items() if not issue.members.get(cell, frozenset()) & gone}
        if kept != row.cells:
            row.cells = kept
            row.save(update_fields=["cells"])
