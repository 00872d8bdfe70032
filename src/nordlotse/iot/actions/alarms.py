"""What a person does with an alarm: sees it, says what it was, notes something. A word on an alarm of the watch moves its limit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.actions import watching
from nordlotse.iot.actions.watching import Moved
from nordlotse.iot.models import Alarm, Watch
from nordlotse.office import log

#: Letters of a note.
MOST_LETTERS = 400


@transaction.atomic
def acknowledge(alarm: Alarm, user: Any = None) -> None:
    """Say that somebody looks after it: nobody further is told. Twice does no more than once."""
    if Alarm.objects.filter(pk=alarm.pk, acknowledged_at=None).update(acknowledged_at=timezone.now()):
        log.record("acknowledged", "alarm", alarm.pk, user)


@transaction.atomic
def acknowledge_together(alarms: Iterable[Alarm], user: Any = None) -> None:
    """Acknowledge alarms that belong together."""
    for one in alarms:
        acknowledge(one, user)


@transaction.atomic
def judge(alarm: Alarm, verdict: str, note: str = "", user: Any = None) -> Moved | None:
    """Keep what somebody says of an alarm (real, false, planned, or "" for nothing yet) and their note; it counts as acknowledged.

    Returns how the limit moved; None where the alarm is not the watch's.

    Raises:
        BadInput: `iot_verdict`.
    """
    if verdict not in ("", *Alarm.Verdict.values):
        raise BadInput(
            "iot_verdict",
            de="So lässt sich ein Alarm nicht beurteilen.",
            en="An alarm cannot be judged like this.",
            where="verdict",
            remedy_de="Bitte eine der drei Antworten wählen.",
            remedy_en="Choose one of the three answers.",
        )
    if alarm.kind == "unusual":  # first the watch, then its alarm, as the lane does: neither waits for the other
        Watch.objects.select_for_update().filter(machine=alarm.machine).first()
    kept = _kept(alarm, verdict, note)
    moved = watching.moved_by_feedback(alarm.machine) if kept.kind == "unusual" else None
    log.record("judged", "alarm", alarm.pk, user)
    return moved


@transaction.atomic
def judge_together(
    alarm: Alarm, others: Iterable[Alarm], verdict: str, note: str = "", user: Any = None
) -> Moved | None:
    """Keep what somebody says of an alarm for those too that belong to it: one damage is answered once. The note stays with the alarm.

    Returns how the limit moved; None where none of them is the watch's.

    Raises:
        BadInput: `iot_verdict`.
    """
    moved = judge(alarm, verdict, note, user)
    for one in others:
        if one.pk != alarm.pk:
            also = judge(one, verdict, one.note, user)
            moved = Moved(moved.before, also.after) if moved and also else moved or also
    return moved


def _kept(alarm: Alarm, verdict: str, note: str) -> Alarm:
    kept = Alarm.objects.select_for_update().get(pk=alarm.pk)
    kept.verdict, kept.note = verdict, " ".join(note.replace("\0", " ").split())[:MOST_LETTERS]
    kept.acknowledged_at = kept.acknowledged_at or timezone.now()
    kept.save(update_fields=["verdict", "note", "acknowledged_at"])
    return kept
