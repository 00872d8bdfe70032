"""A part from file to everything a report shows, in one call of the child: for those who keep nothing and wait for it."""

from __future__ import annotations

from dataclasses import replace

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput
from nordlotse.print3d.core.asking import Asked, loaded_of
from nordlotse.print3d.core.comparison import Comparison, Today, compare
from nordlotse.print3d.core.filament import weighed
from nordlotse.print3d.core.limits_data import material
from nordlotse.print3d.core.profile import profile
from nordlotse.print3d.core.rates import Rates
from nordlotse.print3d.core.seeing.look import look_at
from nordlotse.print3d.core.seeing.views import views
from nordlotse.print3d.core.whole import Examined, Wishes, begun, laid, reckoned


def examined_at_once(asked: Asked, wishes: Wishes) -> tuple[Examined, dict[str, bytes]]:
    """Return a part examined as it lies in the file, and its six views as PNG by their names.

    Raises:
        Problem: as `asking.check_part`; `no_such_profile`.
    """
    loaded = loaded_of(asked)
    checked, seen = look_at(loaded, wishes.process or None, wishes.material or None)
    found = begun(loaded, checked, wishes)
    try:
        other = material(wishes.material) if wishes.material else None
        made = weighed(reckoned(loaded.mesh, wishes, loaded.exact_volume), profile(wishes.profile), other)
        found = replace(found, proposals=laid(loaded.mesh, wishes), reckoned=made)
    except BadInput as refusal:
        found = replace(found, not_reckoned=Text(refusal.message_de, refusal.message_en))
    return found, views(seen, checked, wishes.process)


def compared(found: Examined, quantity: int, today: Today | None, held: Rates) -> Comparison | None:
    """Return what the part costs by every process the check lets pass, None where no price can be reckoned.

    Raises:
        BadInput: `quantity_impossible`.
    """
    if found.reckoned is None:
        return None
    out = {
        name: verdict.reasons[0]
        for name, verdict in found.checked.printable.items()
        if verdict.verdict == "no" and verdict.reasons
    }
    try:
        return compare(found.reckoned.figures, quantity, today, held, without=out)
    except BadInput as refusal:
        if refusal.code == "nothing_to_price":
            return None
        raise
