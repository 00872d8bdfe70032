"""What goes to webhooks: signed JSON, claimed before it is sent, tried again, forgotten after a month."""

from __future__ import annotations

import hashlib
import hmac
import logging
import time
from datetime import timedelta

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from nordlotse.foundation import outgoing
from nordlotse.foundation.problem import Problem
from nordlotse.iot.models import Delivery

_log = logging.getLogger("nordlotse.iot")

#: Minutes until the next attempt after each failure; after the last the delivery has failed. A claim ends after so many.
WAITS = (1, 5, 15, 60, 240, 720)
CLAIM = timedelta(minutes=5)
#: Deliveries sent or given up are forgotten after so many days.
KEEP = timedelta(days=30)


def deliver() -> int:
    """Send what is due to webhooks, one after the other; return how many were taken.

    Each is claimed first; a claim without a result is void after five minutes, then it is sent again with the same id.
    """
    now = timezone.now()
    taken = 0
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM)
    due = Delivery.objects.filter(free, sent_at=None, failed_at=None, due_at__lte=now)
    for pk in list(due.order_by("pk").values_list("pk", flat=True)[:50]):
        mine = Delivery.objects.filter(free, pk=pk, sent_at=None, failed_at=None)
        if mine.update(claimed_at=timezone.now(), attempts=F("attempts") + 1):
            one = Delivery.objects.select_related("hall").get(pk=pk)
            taken += _deliver(one)
    return taken


def _deliver(one: Delivery) -> bool:
    """Send one delivery and note what became of it."""
    body = one.body.encode()
    stamp = str(int(time.time()))
    signature = hmac.new(one.hall.webhook_secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "X-Nordlotse-Id": str(one.pk),
        "X-Nordlotse-Time": stamp,
        "X-Nordlotse-Signature": f"sha256={signature}",
    }
    error = ""
    try:
        reply = outgoing.request(
            "POST",
            one.hall.webhook,
            allowed=settings.CONFIGURATION.outgoing,
            body=body,
            headers=headers,
            max_bytes=65_536,
        )
        if not 200 <= reply.status < 300:
            error = f"status_{reply.status}"
    except Problem as problem:
        error = problem.code
    now = timezone.now()
    if not error:
        Delivery.objects.filter(pk=one.pk).update(sent_at=now, claimed_at=None, error="")
        return True
    if one.attempts > len(WAITS):
        Delivery.objects.filter(pk=one.pk).update(failed_at=now, claimed_at=None, error=error[:60])
    else:
        due = now + timedelta(minutes=WAITS[one.attempts - 1])
        Delivery.objects.filter(pk=one.pk).update(due_at=due, claimed_at=None, error=error[:60])
    _log.warning("event=iot_webhook_failed id=%s error=%s attempts=%s", one.pk, error, one.attempts)
    return False


def forget_old() -> int:
    """Delete deliveries that were sent or given up long ago; return how many."""
    past = timezone.now() - KEEP
    gone, _ = Delivery.objects.filter(Q(sent_at__lt=past) | Q(failed_at__lt=past)).delete()
    return gone
