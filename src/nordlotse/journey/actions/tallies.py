"""Keeping what months were counted to, so that nobody waits for it; everything here can be thrown away and made again."""

from __future__ import annotations

import json
from typing import Any

from nordlotse.journey.core.tally import Tally, packed
from nordlotse.journey.models import ClosedMonth, CountedMonth, KeptTally
from nordlotse.journey.queries import tallies

__all__ = ["count_ahead", "keep"]


def keep(month: str, stamp: str, tally: Tally, rest: dict[str, Any]) -> None:
    """Keep the tally of a month; `stamp`: its SHA-256 or stamp, read before it was counted; `rest`: what else was frozen."""
    held = {"key": tallies.kept_key(stamp), "data": packed(tally), "rest": json.dumps(rest)}
    KeptTally.objects.update_or_create(month=month, defaults=held)


def count_ahead() -> int:
    """Count the months that have changed since they were kept, and read the closed ones that are not; return how many.

    A stamp is read before its month is counted: whatever is confirmed meanwhile makes a new one, and what is kept is then not used.
    """
    closed = dict(ClosedMonth.objects.order_by("pk").values_list("pk", "sha256"))
    stamps = dict(CountedMonth.objects.exclude(stamp="").order_by("pk").values_list("pk", "stamp"))
    kept = dict(KeptTally.objects.values_list("pk", "key"))
    missing = [(m, s) for m, s in {**stamps, **closed}.items() if kept.get(m) != tallies.kept_key(s)]
    for month, stamp in missing:
        tally, rest = tallies.thaw(month) if month in closed else (tallies.count_month(month), {})
        keep(month, stamp, tally, rest)
    return len(missing)
