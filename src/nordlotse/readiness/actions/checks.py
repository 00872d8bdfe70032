"""Keeping a check, mailing its link, letting colleagues answer, repeating, deleting. Whoever holds the link may do all of it."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import BadInput, NotAllowed, TooMany
from nordlotse.office import log, mail
from nordlotse.office.addresses import check_address, keyed_hash
from nordlotse.office.models import OutgoingMail
from nordlotse.readiness.actions.answering import asked_in, settle, stored
from nordlotse.readiness.announcements import finished
from nordlotse.readiness.core import asking
from nordlotse.readiness.models import Check, Round, Sheet, new_key
from nordlotse.readiness.queries import answering, checks
from nordlotse.readiness.queries import models as known

_log = logging.getLogger("nordlotse.readiness")

#: So many people answer beside the lead in one round.
MAX_COLLEAGUES = 20
#: A check is repeated so often at most: T0 to T9.
MAX_ROUNDS = 10
#: So many mails with a link go to one address on one day, whoever asks.
MAILS_A_DAY = 3
#: So many mails go out for one check on one day, to whatever addresses.
MAILS_A_CHECK = 10
#: Letters of one field of a chosen plan: all measures struck out fit in.
_LONGEST = 4_000
#: Looking at a check counts as opening it once a day.
_OPENED = timedelta(days=1)


@transaction.atomic
def keep(answers: Mapping[str, Any], models: Sequence[str], *, lang: Lang, key: str = "") -> str:
    """Keep answers under a new link and return its key. `key` comes from a form: sent twice, it is one check.

    Answers to questions we do not ask, and those that have to be mended, are not kept.

    Raises:
        BadInput: one of the models is a draft.
    """
    key = key or new_key()
    made, new = Check.objects.get_or_create(pk=key, defaults={"lang": lang})
    if not new:
        return made.key
    wanted = answering.offered(models)
    _no_draft(wanted)
    form = answering.form_of(wanted)
    wrong = {mend.question for mend in answering.filled(wanted, answers).mends}
    kept = {name: value for name, value in answers.items() if name in form.by_name and name not in wrong}
    hashes = answering.hashes(wanted)
    asked = [name for name in hashes if name != "form"]
    begun = Round.objects.create(check_of=made, models_asked=asked, hashes=hashes)
    sheet = Sheet.objects.create(round=begun, lead=True, answers=stored(kept))
    settle(sheet)
    log.record("kept", "check", made.key[:6])
    _log.info("event=check_kept id=%s", made.key[:6])
    return made.key


def _no_draft(wanted: Sequence[str]) -> None:
    if any(one.draft for one in known.outdated(wanted)):
        raise BadInput(
            "draft_not_kept",
            de="Das ist ein Entwurf zum Ausprobieren; Antworten darauf werden nicht gesichert.",
            en="This is a draft to try out; answers to it are not kept.",
            where="models",
            remedy_de="Sichern geht nach dem Veröffentlichen.",
            remedy_en="They can be kept once it is published.",
        )


@transaction.atomic
def renew(key: str) -> None:
    """Go on with the versions that own models have now, in an unfinished newest round; answers stay, also those not asked any more.

    A finished round keeps its versions: nothing happens to it.

    Raises:
        NotFound: there is no such check.
    """
    check = _check(key, lock=True)
    begun = check.rounds.latest("number")
    on_offer = known.available()
    if begun.finished_at is None:
        begun.hashes = {**begun.hashes, **{m: on_offer[m].hash for m in begun.models_asked if m in on_offer}}
        begun.save(update_fields=["hashes"])
        settle(begun.sheets.get(lead=True))
        log.record("renewed", "check", check.key[:6])


def opened(check: checks.KeptCheck) -> None:
    """Note that a check was looked at: from then on its period counts anew. Written once a day: looking waits for nobody's save."""
    now = timezone.now()
    if check.touched_at < now - _OPENED:
        Check.objects.filter(pk=check.key).update(touched_at=now)


@transaction.atomic
def mail_link(key: str, address: str, lang: Lang) -> None:
    """Mail a check's link, at most three times a day to an address and ten times a day for a check.

    The address stands in the outbox only and goes with the mail.

    Raises:
        NotFound: there is no such check.
        BadInput: this is no mail address.
        TooMany: three such mails went to this address today, or ten for this check.
    """
    check = _check(key, lock=True)
    address = check_address(address)
    # Keyed: the mail's row outlives the address, and nobody shall guess it back.
    about = keyed_hash("readiness_link", f"{timezone.localdate().isoformat()} {address}")[:32]
    sent = OutgoingMail.objects.filter(key__startswith=f"readiness:link:{about}:").count()
    if sent >= MAILS_A_DAY:
        raise TooMany(
            "mails_a_day",
            de="An diese Adresse gingen heute schon drei solche Mails.",
            en="Three such mails went to this address today.",
            where="mail",
            remedy_de="Bitte kopieren Sie den Link oder versuchen Sie es morgen wieder.",
            remedy_en="Copy the link, or try again tomorrow.",
        )
    of_check = OutgoingMail.objects.filter(
        key__startswith="readiness:link:", reference=check.key[:8], created_at__gte=timezone.now() - _OPENED
    )
    if of_check.count() >= MAILS_A_CHECK:
        raise TooMany(
            "mails_a_check",
            de=f"Für diesen Check gingen heute schon {MAILS_A_CHECK} Mails hinaus.",
            en=f"{MAILS_A_CHECK} mails went out for this check today.",
            where="mail",
            remedy_de="Bitte kopieren Sie den Link oder versuchen Sie es morgen wieder.",
            remedy_en="Copy the link, or try again tomorrow.",
        )
    mail.enqueue(
        f"readiness:link:{about}:{sent}",
        address,
        lang=lang,
        template="readiness/mail/link.txt",
        context={"key": check.key},
        room="readiness",
        reference=check.key[:8],
        secret=True,
    )
    log.record("link_mailed", "check", check.key[:6])


@transaction.atomic
def invite(key: str, who: str) -> str:
    """Make a link for a colleague in the newest round and return the sheet's key.

    Raises:
        NotFound: there is no such check.
        BadInput: there are twenty already, or somebody has this name.
    """
    check = _check(key, lock=True)
    begun = check.rounds.latest("number")
    others = list(begun.sheets.filter(lead=False).values_list("who", flat=True))
    if len(others) >= MAX_COLLEAGUES:
        raise BadInput(
            "colleagues_full",
            de=f"Es gibt schon Links für {MAX_COLLEAGUES} Personen.",
            en=f"There are links for {MAX_COLLEAGUES} people already.",
            where="who",
            remedy_de="Bitte entfernen Sie zuerst einen.",
            remedy_en="Remove one first.",
        )
    name = " ".join(who.split())[:60] or f"Person {len(others) + 2}"
    if name.casefold() in {other.casefold() for other in others}:
        raise BadInput(
            "colleague_known",
            de="So heißt hier schon jemand.",
            en="Somebody here has this name already.",
            where="who",
            remedy_de="Bitte schreiben Sie etwas dazu, etwa „Werkstatt 2“.",
            remedy_en="Add something, for example “workshop 2”.",
        )
    made = Sheet.objects.create(round=begun, who=name, answers=_about_company(begun))
    log.record("invited", "check", check.key[:6])
    return made.key


def _about_company(begun: Round) -> dict[str, Any]:
    """Return what the lead said about the company itself: nobody has to say it twice."""
    company = {q.name for q in answering.form_of(asked_in(begun)).questions if q.group == asking.COMPANY}
    return {name: value for name, value in begun.sheets.get(lead=True).answers.items() if name in company}


@transaction.atomic
def remove_colleague(key: str, sheet: str) -> None:
    """Delete a colleague's sheet with its answers; its link stops working. Doing it twice changes nothing.

    Raises:
        NotFound: there is no such check.
    """
    check = _check(key)
    gone, _ = Sheet.objects.filter(pk=sheet, lead=False, round__check_of=check).delete()
    if gone:
        log.record("colleague_removed", "check", check.key[:6])


@transaction.atomic
def add_models(key: str, models: Sequence[str]) -> None:
    """Ask for further models in the newest round; those asked for stay.

    Raises:
        NotFound: there is no such check.
    """
    check = _check(key, lock=True)
    begun = check.rounds.latest("number")
    wanted = list(dict.fromkeys([*begun.models_asked, *(m for m in models if m in known.available())]))
    if wanted != begun.models_asked:
        begun.models_asked, begun.finished_at = wanted, None
        begun.save(update_fields=["models_asked", "finished_at"])
        settle(begun.sheets.get(lead=True))
        log.record("deepened", "check", check.key[:6])


@transaction.atomic
def repeat(key: str, *, empty: bool, seen: int) -> int:
    """Begin the next round, from the old answers or empty; return its number. `seen` is the number of the round somebody saw last.

    The same form sent twice begins one round.

    Raises:
        NotFound: there is no such check.
        BadInput: the newest round has not been finished, or there are ten.
    """
    check = _check(key, lock=True)
    last = check.rounds.latest("number")
    if last.number > seen:
        return last.number
    if last.finished_at is None:
        raise BadInput(
            "round_open",
            de="Der letzte Durchgang ist noch nicht zu Ende.",
            en="The last round has not been finished.",
            where=f"T{last.number}",
            remedy_de="Bitte beantworten Sie zuerst die offenen Fragen oder schließen Sie ihn ab.",
            remedy_en="Answer the open questions first, or close the round.",
        )
    if last.number + 1 >= MAX_ROUNDS:
        raise BadInput(
            "rounds_full",
            de=f"Dieser Check hat schon {MAX_ROUNDS} Durchgänge.",
            en=f"This check has {MAX_ROUNDS} rounds already.",
            where="round",
            remedy_de="Bitte beginnen Sie einen neuen Check.",
            remedy_en="Begin a new check.",
        )
    made = Round.objects.create(check_of=check, number=last.number + 1, models_asked=last.models_asked)
    kept = _about_company(last) if empty else last.sheets.get(lead=True).answers
    Sheet.objects.create(round=made, lead=True, answers=kept)
    log.record("repeated", "check", check.key[:6])
    return made.number


@transaction.atomic
def finish(key: str) -> None:
    """Close the newest round as it is: whoever says "done" may leave questions open.

    Raises:
        NotFound: there is no such check.
    """
    check = _check(key, lock=True)
    begun = check.rounds.latest("number")
    if Round.objects.filter(pk=begun.pk, finished_at=None).update(finished_at=timezone.now()):
        finished.send(sender=Round, key=check.key, number=begun.number)


@transaction.atomic
def attach(key: str, company: str, actor: Any = None) -> None:
    """Let a check belong to a company, "" to none; the caller has checked that `actor` is one of its members.

    Raises:
        NotFound: there is no such check.
        NotAllowed: it belongs to another company.
    """
    check = _check(key, lock=True)  # of two companies at once the first one gets it
    if company and check.company not in ("", company):
        raise NotAllowed(
            "check_of_another_company",
            de="Dieser Check liegt schon bei einem anderen Betrieb.",
            en="This check belongs to another company already.",
            where="check",
            remedy_de="Wer dort Mitglied ist, kann ihn wieder lösen.",
            remedy_en="A member of that company can detach it.",
        )
    if check.company != company:
        check.company = company
        check.save(update_fields=["company"])
        log.record("attached" if company else "detached", "check", check.key[:6], actor)


#: What a chosen plan may name: the fields of the plan's form.
OF_A_PLAN = ("model", "ziel", "stufe", "budget", "employees", "without", "days")


@transaction.atomic
def choose_plan(key: str, number: int, wanted: Mapping[str, str]) -> None:
    """Keep goal and struck steps with a round, as the plan's form sends them; empty for the plan we propose.

    Raises:
        NotFound: there is no such check, or no such round.
    """
    check = _check(key, lock=True)
    begun = check.rounds.filter(number=number).first()
    if begun is None:
        raise checks.unknown()
    begun.wanted = {name: str(wanted[name])[:_LONGEST] for name in OF_A_PLAN if wanted.get(name)}
    begun.save(update_fields=["wanted"])
    log.record("plan_chosen", "check", check.key[:6])


@dataclass(frozen=True, slots=True)
class Receipt:
    """That a check was deleted: a number without meaning, the day, how many rounds and people's answers went."""

    number: str
    day: date
    rounds: int
    people: int


@transaction.atomic
def delete(key: str) -> Receipt:
    """Delete a check with everything below it, and the mails that hold its link.

    Raises:
        NotFound: there is no such check.
    """
    check = _check(key, lock=True)
    rounds, people = check.rounds.count(), Sheet.objects.filter(round__check_of=check).count()
    mail.forget("readiness", [check.key[:8]])
    log.record("deleted", "check", check.key[:6])
    check.delete()
    receipt = Receipt(secrets.token_hex(5).upper(), timezone.localdate(), rounds, people)
    _log.info("event=check_deleted receipt=%s", receipt.number)
    return receipt


def _check(key: str, *, lock: bool = False) -> Check:
    rows = Check.objects.select_for_update() if lock else Check.objects.all()
    found = rows.filter(pk=key[:24]).first() if len(key) == 24 and "\x00" not in key else None
    if found is None:
        raise checks.unknown()
    return found
