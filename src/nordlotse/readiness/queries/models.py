"""The maturity models on offer: those shipped, and the centre's own that are published.

Every request asks the table once which own models are published (a short query) and reads them anew only when that changed: a model
that is published or withdrawn in one process is so in all of them with their next request.

A reference names a model: its id alone ("dma", or an own model in the version on offer now), or an own model in one version:
its id and the first letters of that version's hash ("welding_check@3f0c…"). Old versions stay readable by it, withdrawn ones too.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from threading import Lock, local
from typing import Any

from django.core.signals import request_finished, request_started
from django.db.models.signals import post_delete, post_save

from nordlotse.foundation.language import Text
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

#: What stands between a model's id and its version in a reference, and so many letters of the hash behind it.
_AT, _LETTERS = "@", 12
#: What says that a row of the table is as it was read: its number, its rules, and when it was handed in or published last.
_Row = tuple[int, str, datetime]
_Key = tuple[_Row, ...]
#: Ids of the models that ship; all others are the centre's own.
SHIPPED = catalogue.ORDER


@dataclass(frozen=True)
class _Known:
    """The published own models as a process has read them; `key` tells whether they still are."""

    key: _Key
    own: Mapping[str, Usable]
    versions: dict[str, dict[str, Version | None]] = field(default_factory=dict)


_known = _Known((), {})
_lock = Lock()


def available() -> dict[str, MaturityModel]:
    """Return every model on offer by id, the shipped ones first."""
    return {**catalogue.shipped_models(), **{name: usable.model for name, usable in own().items()}}


def own() -> Mapping[str, Usable]:
    """Return the published own models by id, with their questions."""
    return _current().own


def base(reference: str) -> str:
    """Return the id of the model that a reference names."""
    return reference.partition(_AT)[0]


def bases(references: Iterable[str]) -> tuple[str, ...]:
    """Return the ids of the models that references name."""
    return tuple(base(reference) for reference in references)


def reference(row: OwnModel) -> str:
    """Return the reference of one version of an own model."""
    return f"{row.model}{_AT}{row.hash[:_LETTERS]}"


@dataclass(frozen=True, slots=True)
class Version:
    """A model in one version: `reference` names it for good, `form` are its own questions, `state` as kept ("published" for shipped ones).

    `current`: it is the one on offer now. `row` is its place in the table.
    """

    reference: str
    model: MaturityModel
    form: Form | None = None
    state: str = OwnModel.State.PUBLISHED
    row: _Row | None = None
    current: bool = True


def version(reference: str) -> Version | None:
    """Return the model a reference names, also one that is no longer on offer, or a draft; None where there is no such model.

    An id alone is the version on offer, else the one withdrawn last. A version that does not exist (any more) leads there too.
    """
    name, _, letters = reference.partition(_AT)
    if shipped := catalogue.shipped_models().get(name):
        return Version(name, shipped)
    current = _current()
    if letters not in current.versions.setdefault(name, {}):
        current.versions[name][letters] = _version(name, letters, current)
    return current.versions[name][letters]


def _version(name: str, letters: str, current: _Known) -> Version | None:
    offered = current.own.get(name)
    if offered is not None and (not letters or offered.model.hash.startswith(letters)):
        row = next(row for row in current.key if row[1] == offered.model.hash)
        return Version(f"{name}{_AT}{offered.model.hash[:_LETTERS]}", offered.model, offered.form, row=row)
    rows = OwnModel.objects.filter(model=name).order_by("-at", "-pk")
    if len(letters) == _LETTERS:
        found = rows.filter(hash__startswith=letters).values_list("pk", "hash", "at", "state").first()
        if found is not None:
            usable = _usable(found[:3])
            reference = f"{name}{_AT}{letters}"
            return Version(reference, usable.model, usable.form, found[3], found[:3], False) if usable else None
    if offered is not None:
        return version(name)
    last = rows.filter(state=OwnModel.State.WITHDRAWN).values_list("hash", flat=True).first()
    return version(f"{name}{_AT}{last[:_LETTERS]}") if last else None


@lru_cache(maxsize=64)
def _usable(key: _Row) -> Usable | None:
    row = OwnModel.objects.filter(pk=key[0]).first()
    return next((usable for _, usable in _readable([row])), None) if row else None


def versions(references: Sequence[str]) -> tuple[Version, ...]:
    """Return the models that references name, each model once, in the version named first; those that do not exist are left out."""
    found: dict[str, Version] = {}
    for reference in references:
        if base(reference) not in found and (one := version(reference)) is not None:
            found[one.model.id] = one
    return tuple(found.values())


def answered_with(ids: Sequence[str], hashes: Mapping[str, str]) -> tuple[str, ...]:
    """Return the references of a kept round: an own model in the version of its hash, unless that is the one on offer."""
    shipped = catalogue.shipped_models()
    return tuple(
        name
        if name in shipped or name not in hashes or ((usable := own().get(name)) and usable.model.hash == hashes[name])
        else f"{name}{_AT}{hashes[name][:_LETTERS]}"
        for name in ids
    )


@dataclass(frozen=True, slots=True)
class Outdated:
    """An own model that is answered in another version than the one on offer. `newest` is that one, "" if it was withdrawn."""

    id: str
    title: Text
    version: str
    newest: str
    draft: bool


def outdated(references: Sequence[str]) -> tuple[Outdated, ...]:
    """Return which of these models are not in the version on offer now."""
    return tuple(
        Outdated(
            v.model.id,
            v.model.title,
            v.model.version,
            own()[v.model.id].model.version if v.model.id in own() else "",
            v.state == OwnModel.State.DRAFT,
        )
        for v in versions(references)
        if not v.current
    )


def form_for(models: Sequence[str]) -> Form:
    """Return the questions of these models, each once, with those about the company; models that do not exist are left out."""
    return _form(tuple((v.reference, v.row) for v in versions(models)))


@lru_cache(maxsize=128)
def _form(models: tuple[tuple[str, _Row | None], ...]) -> Form:
    found = versions([reference for reference, _ in models])
    return core.form_for([v.model for v in found], {v.model.id: v.form for v in found if v.form is not None})


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
    key = tuple(rows.values_list("pk", "hash", "at"))
    if key != _known.key:
        with _lock:
            _known = _Known(key, dict(_readable(rows)))
    # what was looked up of other versions is not known for longer than a request
    return _Known(_known.key, _known.own)


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
