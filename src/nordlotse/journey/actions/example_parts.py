"""A checked part of the example centre: one of our own sample parts, laid to a company, its result in a case of that company."""

from __future__ import annotations

import string
from dataclasses import replace
from functools import cache

from nordlotse.journey.actions import parts as ties
from nordlotse.journey.actions import services
from nordlotse.journey.actions.example_world import World
from nordlotse.journey.core.consents import current
from nordlotse.journey.models import Case, Consent
from nordlotse.office import files
from nordlotse.print3d.core.samples import sample, sample_bytes
from nordlotse.print3d.core.seeing import look_closely, picture_data, views
from nordlotse.print3d.core.whole import Wishes, begun, laid, reckoned, to_text
from nordlotse.print3d.models import Part, Work
from nordlotse.print3d.queries import parts, result

#: Which sample part: one with something to find.
_SAMPLE = "holder"


def make(world: World) -> None:
    """Lay the sample part, examined, to the company of the newest open case on 3D printing, and its result into that case."""
    cases = Case.objects.filter(is_example=world.mark, topic="print3d", open=True, company__isnull=False)
    case = cases.order_by("-opened_at", "-number").first()
    if case is None:
        return
    found, pictures = _examined()
    letters = string.ascii_letters + string.digits
    part = Part.objects.create(
        key="".join(world.chance.choice(letters) for _ in range(24)),  # an example has nothing to hide
        name=sample(_SAMPLE).file,
        wishes=parts.wishes_kept(Wishes()),
        found=found,
        today={"quantity": 50, "price": 14.5, "lead_days": [21, 28], "minimum": 25},
        company=case.company_id or "",
        is_example=world.mark,
    )
    Work.objects.create(kind=Work.Kind.EXAMINE, part=part, state=Work.State.DONE)
    for name, content in {parts.ORIGINAL: sample_bytes(_SAMPLE), **pictures}.items():
        kind = "image/png" if name.endswith(".png") else "application/octet-stream"
        files.keep(content, name=name, media_type=kind, room=parts.ROOM, reference=part.key)
    _tell(case, part.key, mark=world.mark)


def _tell(case: Case, key: str, *, mark: bool) -> None:
    made = result.as_result(parts.by_key(key), "de")
    if made is None:
        return
    case.results = [made.as_dict()]
    case.save(update_fields=["results"])
    purpose = Consent.Purpose.SHARE_RESULTS
    Consent.objects.create(
        contact_id=case.contact_id,
        case=case,
        purpose=purpose,
        version=current(purpose).version,
        given_at=case.opened_at,
    )
    ties.note(key, services.About(case=case), is_example=mark)


@cache
def _examined() -> tuple[str, dict[str, bytes]]:
    """Return what is kept of the sample part, its picture's data and its views: the same for every example centre of a process."""
    wishes = Wishes()
    checked, loaded, seen = look_closely(sample_bytes(_SAMPLE), sample(_SAMPLE).file)
    found = replace(
        begun(loaded, checked, wishes),
        proposals=laid(loaded.mesh, wishes),
        reckoned=reckoned(loaded.mesh, wishes, loaded.exact_volume),
    )
    drawn = {f"{name}.png": png for name, png in views(seen, checked).items()}
    return to_text(found), {parts.PICTURE: picture_data(seen, checked), **drawn}


def remove() -> dict[str, int]:
    """Remove every example part with its files and its work; return how many rows, by table."""
    found = Part.objects.filter(is_example=True)
    number = sum(files.remove_all(parts.ROOM, key) for key in found.values_list("pk", flat=True))
    _, rows = found.delete()
    return rows | ({"office.StoredFile": number} if number else {})
