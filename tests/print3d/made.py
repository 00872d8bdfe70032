"""Kept parts for tests: one of our own sample parts, examined without a worker; each sample is looked at once per process."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from nordlotse.office import files
from nordlotse.print3d.core.samples import sample, sample_bytes
from nordlotse.print3d.core.seeing.look import look_closely
from nordlotse.print3d.core.seeing.picture import picture_data
from nordlotse.print3d.core.whole import Wishes, begun, reckoned, to_text
from nordlotse.print3d.models import Part, Work, new_key
from nordlotse.print3d.queries import parts


@cache
def examined(name: str = "holder") -> tuple[str, bytes]:
    """Return what is kept of a sample part (`Part.found`) and its picture's data."""
    checked, loaded, seen = look_closely(sample_bytes(name), sample(name).file)
    wishes = Wishes()
    made = reckoned(loaded.mesh, wishes, loaded.exact_volume)
    found = begun(loaded, checked, wishes)
    whole = replace(found, reckoned=made)
    return to_text(whole), picture_data(seen, checked)


def kept(name: str = "holder", *, picture: bool = False, done: bool = True, **values: Any) -> str:
    """Keep a sample part and return its key; `done`: its check is done, `picture`: its picture's data is there."""
    key = new_key()
    found, drawn = examined(name) if done else ("", b"")
    given = {"name": sample(name).file, "wishes": parts.wishes_kept(Wishes()), "found": found} | values
    part = Part.objects.create(key=key, **given)
    state = Work.State.DONE if done else Work.State.WAITING
    Work.objects.create(kind=Work.Kind.EXAMINE, part=part, state=state)
    files.keep(sample_bytes(name), name=parts.ORIGINAL, media_type="model/stl", room=parts.ROOM, reference=key)
    if picture:
        files.keep(drawn, name=parts.PICTURE, media_type="application/octet-stream", room=parts.ROOM, reference=key)
    return key
