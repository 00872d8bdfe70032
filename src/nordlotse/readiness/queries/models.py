"""The maturity models on offer: those shipped, and the centre's own that are published.

Every request asks the table once which own models are published (a short query) and reads them anew only when that changed: a model
that is published or withdrawn in one process is so in all of them with their next request.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock, local
from typing import Any

from django.core.signals import request_finished, request_started
from django.db.models.signals import post_delete, post_save

from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.questionnaire.canonical import from_canonical
from nordlotse.foundation.questionnaire.form import Form
from nordlotse.readiness.core import catalogue
from nordlotse.readiness.core import own as core
from nordlotse.readiness.core.loading import model_of
from nordlotse.readiness.core.maturity import MaturityModel
from nordlotse.readiness.core.own import Usable
from nordlotse.readiness.models import OwnModel

_log = logging.getLogger("nordlotse.readiness")

_Key = tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class _Known:
    """The published own models as a process has read them; `key` tells whether they still are."""

    key: _Key
    own: Mapping[str, Usable]


_known = _Known((), {})
_lock = Lock()


def available() -> dict[str, MaturityModel]:
    """Return every model on offer by id, the shipped ones first."""
    return {**catalogue.shipped_models(), **{name: usable.model for name, usable in own().items()}}


def own() -> Mapping[str, Usable]:
    """Return the published own models by id, with their questions."""
    return _current().own


def form_for(models: Sequence[str]) -> Form:
    """Return the questions of these models, each once, with those about the company; ids that are not on offer are left out."""
    current = _current()
    return _form(tuple(dict.fromkeys(models)), current.key)


@lru_cache(maxsize=128)
def _form(models: tuple[str, ...], key: _Key) -> Form:
    on_offer = available()
    return core.form_for([on_offer[m] for m in models if m in on_offer], {n: u.form for n, u in own().items()})


def usable_of(row: OwnModel) -> Usable:
    """Return a kept own model with its questions.

    Raises:
        BadInput: it no longer fits the common questions.
    """
    form = from_canonical(row.form)
    return Usable(form, model_of(row.tree, row.model, core.joined(catalogue.questions(), [form])))


class _Request(local):
    """What the request of this thread has been told; a page asks a dozen times. Outside a request nothing is remembered."""

    running = False
    known: _Known | None = None


_request = _Request()


def _begin(**_: Any) -> None:
    _request.running, _request.known = True, None


def _end(**_: Any) -> None:
    _request.running, _request.known = False, None


def _changed(**_: Any) -> None:
    _request.known = None


request_started.connect(_begin)
request_finished.connect(_end)
post_save.connect(_changed, sender=OwnModel)
post_delete.connect(_changed, sender=OwnModel)


def _current() -> _Known:
    if _request.known is not None:
        return _request.known
    found = _asked()
    if _request.running:
        _request.known = found
    return found


def _asked() -> _Known:
    global _known  # noqa: PLW0603 - what this process has read, replaced as a whole
    rows = OwnModel.objects.filter(state=OwnModel.State.PUBLISHED).order_by("model", "pk")
    key = tuple(rows.values_list("pk", "hash"))
    if key != _known.key:
        with _lock:
            _known = _Known(key, dict(_readable(rows)))
    return _known


def _readable(rows: Iterable[OwnModel]) -> Iterator[tuple[str, Usable]]:
    """Those that still fit: an update of the common questions must not take all checks off the site with one own model."""
    for row in rows:
        try:
            yield row.model, usable_of(row)
        except BadInput as problem:
            _log.error("event=own_model_unusable id=%s code=%s", row.pk, problem.code)


def rows() -> list[OwnModel]:
    """Return the own models as the desk lists them: by name, the newest version first, without their files."""
    return list(OwnModel.objects.defer("source", "form", "tree").order_by("name", "model", "-at", "-pk"))


def row(pk: int) -> OwnModel | None:
    """Return one own model."""
    return OwnModel.objects.filter(pk=pk).first()
