"""The telling of alarms: few messages, none lost.

An alarm goes into a receiver's outbox in one transaction with the note that it has; the message made of an outbox, a mail or a delivery,
in one transaction with the emptied outbox. After a crash a mail or a delivery may come twice (it carries the same id), never not at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from nordlotse.foundation.language import Lang
from nordlotse.iot.actions.receivers import KIND, WEBHOOK, receivers
from nordlotse.iot.core.alarms import Message, News, Throttle, offer, outbox_as_plain, outbox_from_plain, release
from nordlotse.iot.core.showing.words import clock
from nordlotse.iot.models import Alarm, Delivery, Hall, Outbox
from nordlotse.iot.queries.alarm_words import first_step, sentence, title
from nordlotse.iot.queries.rules import hours_of
from nordlotse.office import mail

#: Alarms raised longer ago, or begun longer before they were raised, are in the list only: nobody wants last week's by mail.
FRESH = timedelta(hours=24)
THROTTLE = Throttle()


def note_due(alarms: Sequence[Alarm], now: float) -> int:
    """Put alarms into the outboxes of all who are to be told of them by now (s since 1970); return how many notes were made.

    Told at once, or after their time while nobody has acknowledged it and it lasts; outside of working hours the note waits for those who want it so.
    """
    made = 0
    told: dict[str, list[Mapping[str, Any]]] = {}
    for alarm in alarms:
        hall = alarm.machine.hall
        waited = max(0.0, now - alarm.raised_at.timestamp())
        if hall.pk not in told:
            told[hall.pk] = receivers(hall)
        for one in told[hall.pk]:
            if one["id"] in alarm.told or waited < one["after"]:
                continue
            if one["after"] and (alarm.acknowledged_at is not None or alarm.end is not None):
                continue
            if one["hours"] and not hours_of(hall).open_at(now):
                continue
            made += _note(alarm, str(one["id"]), now)
    return made


def _note(alarm: Alarm, receiver: str, now: float) -> int:
    with transaction.atomic():
        kept = Alarm.objects.select_for_update().get(pk=alarm.pk)
        if receiver in kept.told:
            return 0
        box, _ = Outbox.objects.get_or_create(hall=alarm.machine.hall, receiver=receiver)
        box = Outbox.objects.select_for_update().get(pk=box.pk)
        news = News(str(alarm.machine_id), now, str(alarm.pk))
        box.waiting = outbox_as_plain(offer(outbox_from_plain(box.waiting), THROTTLE, news))
        box.save(update_fields=["waiting"])
        kept.told = alarm.told = [*kept.told, receiver]
        kept.save(update_fields=["told"])
    return 1


def fresh() -> list[Alarm]:
    """Return the alarms somebody may still have to be told of."""
    found = (
        Alarm.objects.filter(raised_at__gt=timezone.now() - FRESH)
        .filter(machine__hall__company__gt="")
        .filter(~Q(machine__hall__mail=[]) | Q(machine__hall__webhook__gt=""))
        .select_related("machine__hall", "rule")
        .order_by("pk")
    )
    latest = FRESH.total_seconds()
    return [one for one in found if one.raised_at.timestamp() - one.begin / 1e6 < latest]


def send_due(now: float) -> int:
    """Make a message of each outbox that is due at `now` (s since 1970); return how many there were."""
    made = 0
    for pk in list(Outbox.objects.exclude(waiting={}).order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            box = Outbox.objects.select_for_update().select_related("hall").filter(pk=pk).first()
            if box is None:
                continue
            kept, message = release(outbox_from_plain(box.waiting), THROTTLE, now)
            if message is None:
                continue
            box.number += 1
            _send(box, message)
            box.waiting = outbox_as_plain(kept)
            box.save(update_fields=["waiting", "number"])
            made += 1
    return made


def _send(box: Outbox, message: Message) -> None:
    """Write the mail or the delivery of a message, in the caller's transaction."""
    hall = box.hall
    numbers = [int(news.text) for news in message.news]
    found = {one.pk: one for one in Alarm.objects.filter(pk__in=numbers).select_related("machine", "rule")}
    alarms = [found[number] for number in numbers if number in found]
    if not alarms:
        return
    for one in alarms:
        one.machine.hall = hall
    lang: Lang = "en" if hall.lang == "en" else "de"
    if box.receiver == WEBHOOK:
        if hall.webhook:
            Delivery.objects.create(
                hall=hall, body=json.dumps(_body(hall, alarms, message.more, lang), ensure_ascii=False)
            )
        return
    to = next((one for one in receivers(hall) if one["id"] == box.receiver), None)
    if to is None:
        return
    mail.enqueue(
        f"iot:alarm:{box.pk}:{box.number}",
        to["mail"],
        lang=lang,
        template="iot/mail/alarm.txt",
        context={"hall": hall, "alarms": [_told(one, lang) for one in alarms], "more": message.more},
        room="iot",
        reference=hall.pk,
        kind=KIND,
    )


def _told(alarm: Alarm, lang: Lang) -> dict[str, Any]:
    step, _ = first_step(alarm.kind, str(alarm.reasons[0]["sensor"]) if alarm.reasons else "", lang)
    return {
        "title": title(alarm, lang),
        "machine": alarm.machine.title or alarm.machine.name,
        "began": clock(alarm.begin, lang),
        "sentence": sentence(alarm, lang),
        "step": step,
        "path": reverse(f"{lang}:iot_alarm", args=[alarm.machine.hall_id, alarm.pk]),
    }


def _body(hall: Hall, alarms: Sequence[Alarm], more: int, lang: Lang) -> dict[str, Any]:
    """Return what a webhook gets: times in µs since 1970 and as links, reasons as they were found."""
    return {
        "hall": hall.name,
        "more": more,
        "alarms": [
            {
                "id": one.pk,
                "machine": one.machine.name,
                "kind": one.kind,
                "title": title(one, lang),
                "text": sentence(one, lang),
                "begin": one.begin,
                "reasons": one.reasons,
                "link": settings.CONFIGURATION.public_url + reverse(f"{lang}:iot_alarm", args=[hall.pk, one.pk]),
            }
            for one in alarms
        ],
    }
