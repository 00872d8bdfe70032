"""Did it help? Three questions by mail when a case closes, and again three months later; answered once, on one page."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.journey.actions import letters
from nordlotse.journey.actions.asking import tidy
from nordlotse.journey.actions.cases import move
from nordlotse.journey.actions.writing import written
from nordlotse.journey.core.case import Step
from nordlotse.journey.models import Case, Consent, Effect
from nordlotse.journey.queries.access import SYSTEM
from nordlotse.journey.queries.asking import operator
from nordlotse.journey.queries.companies import agreed
from nordlotse.office import links, log
from nordlotse.office.mail import enqueue
from nordlotse.office.models import ActionLink

#: What the links are for, and how long they work (days).
PURPOSE = "effect"
LINK_DAYS = 60
#: So many days after closing the effect is asked a second time: three months.
LATER_DAYS = 91
#: Outcomes after which nothing can have helped: nobody is asked.
NOT_ASKED = frozenset({"withdrawn", "no_reply"})
#: How many cases one turn of the worker asks.
AT_ONCE = 200


def ask(case: Case, moment: str, words: str = "") -> Effect | None:
    """Ask what came of a case, in the caller's transaction: once per case and moment, and only who gave a mail address.

    `words`: what whoever closed the case says to the company. Three months later only who consented to it is asked; the case is then "effect asked". Nobody is asked about an example.
    """
    contact = case.contact
    if case.is_example or contact is None or not contact.mail or case.outcome in NOT_ASKED:
        return None
    if moment == Effect.Moment.LATER and not agreed(case, Consent.Purpose.CONTACT_LATER):
        return None
    effect, new = Effect.objects.get_or_create(case=case, moment=moment)
    if not new:
        return effect
    lang: Lang = "en" if case.lang == "en" else "de"
    token = links.make(PURPOSE, effect.pk, mail=contact.mail, days=LINK_DAYS)
    enqueue(
        f"journey:effect:{effect.pk}",
        contact.mail,
        lang=lang,
        template="journey/mail/effect.txt",
        context={
            "case": case,
            "contact": contact,
            "token": token,
            "later": moment == "later",
            "path": letters.case_address(case),
            "operator": operator(),
            **letters.ending(case, words),
        },
        room="journey",
        reference=case.pk,
    )
    log.record("ask_effect", "case", case.pk, "system")
    return effect


def withdraw(case: Case) -> None:
    """Take back the unanswered questions of three months later about a case that goes on.

    Those asked at closing stay open: when the case closes again nobody is asked a second time.
    """
    for effect in Effect.objects.filter(case=case, answered_at=None, moment=Effect.Moment.LATER):
        links.withdraw(PURPOSE, effect.pk)
        effect.delete()


def ask_later(now: datetime | None = None) -> int:
    """Ask about every case that closed three months ago; return how many were asked. The worker does this."""
    before = (now or timezone.now()) - timedelta(days=LATER_DAYS)
    due = Case.objects.filter(status=Case.Status.CLOSED, closed_at__lte=before, is_example=False).order_by("closed_at")
    asked = 0
    for pk in list(due.values_list("pk", flat=True)[:AT_ONCE]):
        with written("effect"):
            case = Case.objects.select_for_update(of=("self",)).select_related("contact", "company").get(pk=pk)
            if case.status != Case.Status.CLOSED:
                continue
            asked += ask(case, Effect.Moment.LATER) is not None
            # Whoever cannot or must not be asked is not looked at every hour for ever: that case is at its end as well.
            move(case, Step.ASK_EFFECT, SYSTEM)
    return asked


def _one_of(value: str, known: Any, where: str) -> str:
    if value and value not in known:
        raise BadInput(
            f"{where}_unknown",
            de="Diese Antwort steht nicht zur Wahl.",
            en="This answer is not on the list.",
            where=where,
            remedy_de="Bitte eine aus der Liste wählen.",
            remedy_en="Choose one from the list.",
        )
    return value


def asked(link: ActionLink) -> Effect:
    """Return what a link asks about.

    Raises:
        NotFound: the case was deleted meanwhile.
    """
    found = Effect.objects.select_related("case").filter(pk=int(link.reference)).first()
    if found is None:
        raise NotFound(
            "effect_gone",
            de="Diesen Fall gibt es nicht mehr.",
            en="This case no longer exists.",
            where="link",
            remedy_de="Es ist nichts mehr zu tun.",
            remedy_en="There is nothing left to do.",
        )
    return found


def answer(token: str, *, helped: str, done: str, worth: str) -> Effect:
    """Take down the three answers; the link works once. An empty answer is one not given, but all three cannot be empty.

    Raises:
        NotFound: the link is unknown, used or expired.
        BadInput: an answer is not on the list, or nothing was answered.
    """
    worth = tidy(worth)[:500]
    _one_of(helped, Effect.Helped.values, "helped")
    _one_of(done, Effect.Done.values, "done")
    if not (helped or done or worth):
        raise BadInput(
            "effect_empty",
            de="Sie haben noch nichts angekreuzt.",
            en="You have not answered anything yet.",
            where="helped",
            remedy_de="Eine der drei Fragen genügt.",
            remedy_en="One of the three questions is enough.",
        )
    with written("effect_answer"):
        link = links.use(token, PURPOSE)
        effect = asked(link)
        effect.helped, effect.done, effect.worth, effect.answered_at = helped, done, worth, timezone.now()
        effect.save()
        log.record("answer_effect", "case", effect.case_id, "visitor")
    return effect
