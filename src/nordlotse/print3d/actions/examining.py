"""What the worker does for one part: examine it step by step, repair it on a copy, let the slicer reckon. Each step is one call of the child."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput, Problem
from nordlotse.office import files
from nordlotse.print3d.actions import work
from nordlotse.print3d.announcements import examined as announced
from nordlotse.print3d.core.own_shop import still_there
from nordlotse.print3d.core.whole import Examined, Wishes, to_text
from nordlotse.print3d.core.workbench import Mended, as_kept
from nordlotse.print3d.models import Part, Work
from nordlotse.print3d.queries import parts, shop

_log = logging.getLogger("nordlotse.print3d")

#: Calls "module:function" of the room in the child with its arguments, at most so many seconds; raises `Stopped` as soon as nobody wants it.
Call = Callable[..., Any]

_BENCH = "nordlotse.print3d.core.workbench:"
#: Seconds each step may take.
SECONDS: Mapping[str, float] = {
    work.READING: 180.0,
    work.DRAWING: 120.0,
    work.LAYING: 120.0,
    work.RECKONING: 120.0,
    work.MENDING: 180.0,
    work.SLICING: 400.0,
}
#: How the child ends when it does not come back; the part itself can still be shown.
_LOST = frozenset({"part_time", "part_memory", "part_crash", "part_unreadable"})


class Stopped(Exception):  # noqa: N818 - no error: somebody stopped or deleted the work, nothing of it is kept
    """Nobody wants this work any more."""


class Examination:
    """One part on its way through the steps of a check."""

    def __init__(self, found: Work, call: Call) -> None:
        """Take the work and the way to call the child."""
        if found.part is None:
            raise Stopped
        self._work, self._call, self._part = found, call, found.part
        own = shop.of_part(parts.by_key(self._part.key))
        self._wishes = still_there(parts.wishes_of(self._part.wishes), own)
        self._judged, self._factors = shop.judged(own), own.factors if own else None
        self._asked = own.asked(self._wishes) if own else self._wishes
        self._token = f"{found.pk}-{found.tries}"

    def run(self) -> None:
        """Examine the part and keep the result.

        Raises:
            Problem: the part cannot be examined.
            Stopped: the work was stopped.
        """
        before = parts.by_key(self._part.key).examined
        if before is not None and _only_laid_otherwise(before.wishes, self._wishes):
            self._begin(work.RECKONING)
            found = self._reckoned(replace(before, wishes=self._wishes))
            self._keep(found, {})
            return
        self._begin(work.READING)
        found = self._look()
        self._begin(work.DRAWING)
        pictures = self._pictures()
        self._begin(work.LAYING)
        found = self._laid(found)
        if found.not_reckoned is None:
            self._begin(work.RECKONING)
            found = self._reckoned(found)
        self._keep(found, pictures)

    def _begin(self, step: str) -> None:
        if not work.note(self._work, step):
            raise Stopped
        self._seconds = SECONDS[step]

    def _child(self, function: str, *arguments: Any) -> Any:
        return self._call(_BENCH + function, *arguments, seconds=self._seconds)

    def _look(self) -> Examined:
        data = self._original()
        try:
            found: Examined = self._child("look", self._token, data, self._part.name, self._asked, self._judged)
        except BadInput as problem:
            if problem.code == "several_parts":
                self._keep_paths(data)
            raise
        return replace(found, wishes=self._wishes)

    def _original(self) -> bytes:
        """Return the file handed in; of a part out of an archive it is taken out there once."""
        data = parts.content(self._part.key, parts.ORIGINAL)
        if data is not None:
            return data
        inner, box = str(self._part.wishes.get("inner", "")), str(self._part.wishes.get("box", ""))
        archive = parts.content(box, parts.ORIGINAL) if box else None
        if archive is None:
            raise parts.gone()
        out: bytes = self._child("unpacked", archive, self._part.name, inner)
        keep_files(self._part.key, {parts.ORIGINAL: out})
        return out

    def _keep_paths(self, data: bytes) -> None:
        found = self._child("paths", data, self._part.name)
        keep_files(self._part.key, {parts.INSIDE: json.dumps(list(found)).encode()})

    def _on_bench(self, function: str, *arguments: Any) -> Any:
        """Ask about the part on the bench; a child that is new gets it laid there first."""
        try:
            return self._child(function, self._token, *arguments)
        except BadInput as problem:
            if problem.code != "not_on_bench":
                raise
        if function == "drawn":
            self._look()
        else:
            self._child("lay_there", self._token, self._original(), self._part.name, self._wishes)
        return self._child(function, self._token, *arguments)

    def _pictures(self) -> dict[str, bytes]:
        try:
            data, pictures = self._on_bench("drawn", self._asked, self._judged)
        except BadInput as problem:  # a result without pictures is better than none
            _log.warning("event=part_not_drawn id=%s code=%s", self._part.key[:6], problem.code)
            return {}
        return {parts.PICTURE: data} | {f"{name}.png": content for name, content in pictures.items()}

    def _laid(self, found: Examined) -> Examined:
        try:
            return replace(found, proposals=self._on_bench("proposals", self._wishes))
        except BadInput as problem:
            if problem.code in _LOST:  # the proposals failed, not the part: as it lies in the file it may be reckoned
                return found
            return replace(found, not_reckoned=_said(problem))

    def _reckoned(self, found: Examined) -> Examined:
        try:
            made = self._on_bench("figures_of", self._wishes, self._factors)
        except BadInput as problem:
            return replace(found, reckoned=None, not_reckoned=_said(problem))
        return replace(found, reckoned=made, not_reckoned=None)

    def _keep(self, found: Examined, pictures: Mapping[str, bytes]) -> None:
        fields = {"found": to_text(found)}
        keep_result(
            self._work,
            pictures,
            fields,
            drop=(parts.GCODE, parts.REPAIRED, parts.MENDED) if pictures else (parts.GCODE,),
        )
        _log.info("event=part_examined id=%s seconds=%.1f", self._part.key[:6], found.checked.seconds)


def examine(found: Work, call: Call) -> None:
    """Examine a part; keep the result and announce it.

    Raises:
        Problem: the part cannot be examined.
        Stopped: the work was stopped.
    """
    Examination(found, call).run()


def mend(found: Work, call: Call) -> None:
    """Repair a part on a copy; keep the mended file, what was changed, and views of it.

    Raises:
        Problem: it cannot be read.
        Stopped: the work was stopped.
    """
    part, wishes, data = _about(found, work.MENDING)
    done: Mended
    done, stl, pictures = call(_BENCH + "mended", data, part.name, wishes, seconds=SECONDS[work.MENDING])
    kept = {f"nachher-{name}.png": content for name, content in pictures.items()}
    kept |= {parts.REPAIRED: stl, parts.MENDED: json.dumps(as_kept(done)).encode()}
    keep_result(found, kept, {})


def slice_exactly(found: Work, call: Call) -> None:
    """Let the slicer reckon a part as it shall lie; its figures go before the estimate.

    Raises:
        Problem: the slicer is missing or cannot process the part.
        Stopped: the work was stopped.
    """
    part, _, data = _about(found, work.SLICING)
    before = parts.by_key(part.key).examined
    if before is None or before.reckoned is None:
        raise Stopped
    exact, gcode = call(
        _BENCH + "exactly", data, part.name, before.wishes, before.reckoned.supported, seconds=SECONDS[work.SLICING]
    )
    guessed = before.reckoned.estimated or before.reckoned.estimate
    exact = replace(exact, estimated=guessed if guessed.engine == "estimated" else None)
    keep_result(found, {parts.GCODE: gcode}, {"found": to_text(replace(before, reckoned=exact))}, announce=False)


def _about(found: Work, step: str) -> tuple[Part, Wishes, bytes]:
    if found.part is None or not work.note(found, step):
        raise Stopped
    data = parts.content(found.part.key, parts.ORIGINAL)
    if data is None:
        raise parts.gone()
    own = shop.of_key(found.part.shop_id or "")
    wishes = parts.wishes_of(found.part.wishes)
    return found.part, own.asked(wishes) if own else wishes, data


def keep_result(
    found: Work,
    contents: Mapping[str, bytes],
    fields: Mapping[str, str],
    *,
    drop: tuple[str, ...] = (),
    announce: bool = True,
) -> None:
    """Keep what a work made and end it, all or nothing: a part deleted or a work stopped meanwhile keeps nothing.

    Raises:
        Stopped: it was.
    """
    if found.part is None:
        raise Stopped
    key = found.part.key
    staged = _staged(key, contents)
    with transaction.atomic():
        part = Part.objects.select_for_update().filter(pk=key).first()
        if part is None or not work.done(found):
            raise Stopped
        _replace(key, staged, drop)
        if fields:
            Part.objects.filter(pk=key).update(**fields)
        if announce and found.kind == Work.Kind.EXAMINE:
            announced.send(Part, key=key)


def keep_files(key: str, contents: Mapping[str, bytes]) -> None:
    """Keep files of a part, each in place of an older one of its name.

    Raises:
        Stopped: the part was deleted meanwhile.
    """
    staged = _staged(key, contents)
    with transaction.atomic():
        if not Part.objects.select_for_update().filter(pk=key).exists():
            raise Stopped
        _replace(key, staged, ())


def _staged(key: str, contents: Mapping[str, bytes]) -> list[Any]:
    return [
        files.staged(io.BytesIO(content), name=name, media_type=_media_type(name), room=parts.ROOM, reference=key)
        for name, content in contents.items()
    ]


def _replace(key: str, staged: list[Any], drop: tuple[str, ...]) -> None:
    new = {file.name for file in staged} | set(drop)
    for old in files.of(parts.ROOM, key):
        if old.name in new:
            files.remove(old)
    for file in staged:
        file.save(force_insert=True)


def _media_type(name: str) -> str:
    ending = name.rpartition(".")[2]
    return {"png": "image/png", "json": "application/json", "stl": "model/stl"}.get(ending, "application/octet-stream")


def _only_laid_otherwise(before: Wishes, now: Wishes) -> bool:
    """Tell whether only the way of lying or the support changed: then the check and the pictures still hold."""
    return before != now and replace(before, rotation=now.rotation, support=now.support) == now


def _said(problem: Problem) -> Text:
    remedy_de, remedy_en = problem.remedy_de, problem.remedy_en
    return Text(f"{problem.message_de} {remedy_de}".strip(), f"{problem.message_en} {remedy_en}".strip())
