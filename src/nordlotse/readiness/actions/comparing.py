"""The consent to count in the comparison: given and taken back on the kept check's own page, separate from keeping it."""

from __future__ import annotations

import logging

from django.db import transaction
from django.utils import timezone

from nordlotse.office import log
from nordlotse.readiness.actions import releases
from nordlotse.readiness.core.consent import current
from nordlotse.readiness.models import Check, Comparing
from nordlotse.readiness.queries import checks

_log = logging.getLogger("nordlotse.readiness")


@transaction.atomic
def agree(key: str) -> Comparing:
    """Let a kept check count in the comparison from the next release on, under today's text; twice is once.

    Raises:
        NotFound: there is no such check.
    """
    check = _check(key)
    found, new = Comparing.objects.select_for_update(of=("self",)).get_or_create(
        check_of=check, defaults={"text_version": current().version}
    )
    if new or found.withdrawn_at is not None or found.text_version != current().version:
        found.text_version, found.given_at, found.withdrawn_at = current().version, timezone.now(), None
        found.save()
        log.record("comparing", "check", check.key[:6])
        _log.info("event=comparing_given id=%s", check.key[:6])
    return found


@transaction.atomic
def withdraw(key: str) -> None:
    """Take the consent back: every group the check counts in is taken out of what is shown, at once.

    The next release forms the groups anew, without it. Doing it twice changes nothing.

    Raises:
        NotFound: there is no such check.
    """
    check = _check(key)
    releases.take_out([check.key])
    if Comparing.objects.filter(check_of=check, withdrawn_at=None).update(withdrawn_at=timezone.now()):
        log.record("comparing_withdrawn", "check", check.key[:6])
        _log.info("event=comparing_withdrawn id=%s", check.key[:6])


@transaction.atomic
def withdraw_of(company: str) -> int:
    """Take back the consent of every check that belongs to a company; return how many there were."""
    keys = list(
        Comparing.objects.filter(check_of__company=company, withdrawn_at=None).values_list("check_of_id", flat=True)
        if company
        else []
    )
    for key in keys:
        withdraw(key)
    return len(keys)


def _check(key: str) -> Check:
    found = Check.objects.filter(pk=checks.kept(key).key).first()
    if found is None:
        raise checks.unknown()
    return found
