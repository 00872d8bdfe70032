"""Opening a case: who asks and how to be reached, what is passed on, the number and the day of the promise."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from nordlotse.foundation.districts import District, by_key, find
from nordlotse.foundation.german import fold
from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.region import State
from nordlotse.foundation.result import Result
from nordlotse.foundation.working_days import add_working_days
from nordlotse.journey.actions import letters
from nordlotse.journey.actions.asking import check_employees, tidy
from nordlotse.journey.actions.writing import written
from nordlotse.journey.announcements import opened
from nordlotse.journey.core.consents import current
from nordlotse.journey.models import Case, Company, Consent, Contact, Inquiry, Message
from nordlotse.journey.queries import companies
from nordlotse.network.models import Partner, Person
from nordlotse.office import log

#: So many working days after a case came in, the company has a first reply: the promise of the talk page.
PROMISE_DAYS = 2


#: What can be shared, by the name of its box.
SHARED = {
    "answer": Consent.Purpose.SHARE_ANSWER,
    "results": Consent.Purpose.SHARE_RESULTS,
    "later": Consent.Purpose.CONTACT_LATER,
}


MAX_RESULTS = 10


@dataclass(frozen=True, slots=True)
class Reach:
    """How somebody can be reached: a name, phone or mail (one is enough), and when."""

    name: str
    phone: str = ""
    mail: str = ""
    hours: str = ""


def promised_on(opened: date, state: str) -> date:
    """Return the day by which the first reply is promised: two working days by the state's calendar."""
    return add_working_days(opened, PROMISE_DAYS, state)


def check_reach(reach: Reach) -> Reach:
    """Return how somebody can be reached, tidied.

    Raises:
        BadInput: no name, neither phone nor mail, or one that cannot be used.
    """
    name, phone, mail = (" ".join(tidy(value).split()) for value in (reach.name, reach.phone, reach.mail))
    if not name:
        raise _unreachable("name", "Es fehlt Ihr Name.", "Your name is missing.")
    if not phone and not mail:
        raise _unreachable(
            "reach", "Es fehlt eine Telefonnummer oder E-Mail.", "A phone number or mail address is missing."
        )
    if phone and not 5 <= sum(c.isdigit() for c in phone) <= 20:
        raise _unreachable("phone", "Die Telefonnummer ist nicht zu verstehen.", "The phone number is not usable.")
    if mail:
        try:
            validate_email(mail)
        except ValidationError as error:
            raise _unreachable(
                "mail", "Die E-Mail-Adresse ist unvollständig.", "The mail address is incomplete."
            ) from error
    return Reach(name[:120], phone[:40], mail[:254], tidy(reach.hours)[:200])


def _unreachable(where: str, de: str, en: str) -> BadInput:
    return BadInput(
        f"contact_{where}",
        de=de,
        en=en,
        where=where,
        remedy_de="Bitte ergänzen; eines von beiden, Telefon oder E-Mail, genügt.",
        remedy_en="Please complete it; one of the two, phone or mail, is enough.",
    )


def open_case(
    user: Any,
    reach: Reach,
    *,
    text: str = "",
    tried: str = "",
    wish: str = "",
    company_name: str = "",
    place: str = "",
    state: str = "",
    district: str = "",
    sector: str = "",
    employees: int | None = None,
    topic: str = "",
    inquiry: Inquiry | None = None,
    results: Sequence[Result] = (),
    check: str = "",
    part: str = "",
    hall: str = "",
    share: Collection[str] = (),
    wished: Person | None = None,
    wished_partner: Partner | None = None,
    lang: Lang = "de",
    once: str = "",
    is_example: bool = False,
) -> Case:
    """Open a case for somebody who wants to talk; no account is needed. The same `once` opens one case only.

    `text` is what was typed on the page and is told to whoever is asked; `share` names what else may be passed on: the "answer" to
    `inquiry`, "results", and "later" for being asked about the effect. What is not named is not kept with the case; the inquiry is
    while its answer or its words are in the case. A signed-in member's case belongs to the company, whose own details win.

    Raises:
        BadInput: no name, no way to reach the person, or one that cannot be used.
    """
    reach = check_reach(reach)
    employees = check_employees(employees)
    known = Case.objects.filter(once=once).first() if once else None
    if known is not None:
        return known
    try:
        with written("open"):
            company = companies.of_user(user) if user is not None else None
            where = place if company is None else company.place
            found = by_key().get(district) or find(tidy(where))
            words = tidy(text)[:4000]
            asked = inquiry if inquiry is not None and ("answer" in share or _quotes(words, inquiry)) else None
            case = Case(
                once=once or None,
                company=company,
                inquiry=asked,
                lang=lang,
                title=_title(words, lang),
                question=words,
                answer=_answer(inquiry) if inquiry is not None and "answer" in share else None,
                results=[r.as_dict() for r in results[:MAX_RESULTS]] if "results" in share else [],
                tried=tidy(tried)[:500],
                wish=wish[:20],
                wished=wished,
                wished_partner=wished_partner,
                topic=(asked.topic if asked else topic)[:20],
                company_name="" if company else tidy(company_name)[:200],
                place=company.place if company else tidy(place)[:100],
                state=(company.state if company else "") or state or (asked.state if asked else ""),
                district=company.district if company else "",
                sector=company.sector if company else sector,
                employees=_first(company.employees if company else None, employees, asked.employees if asked else None),
                asked_last=Message.Author.COMPANY,
                is_example=is_example,
            )
            _placed(case, found)
            case.contact = _contact(user, reach, company, case)
            case.promised_on = promised_on(timezone.localdate(case.opened_at), case.state)
            _numbered(case)
            _consents(case, user, share)
            letters.opened(case)
            along = {"check": check, "part": part, "hall": hall} if case.results else {}
            opened.send(sender=Case, case=case, **along)
            log.record("case_opened", "case", case.pk, user)
            return case
    except IntegrityError:
        known = Case.objects.filter(once=once).first() if once else None
        if known is None:
            raise
        return known


def _placed(case: Case, found: District | None) -> None:
    """Give a case without district that of its place, unless the place lies in another state than the one given."""
    if found is not None and not case.district and case.state in ("", found.state):
        case.district, case.state = found.key, str(found.state)
    elif not case.state and fold(case.place) == "hamburg":
        case.state = State.HH.value  # alone it does not say the borough, but it says the state


def _first(*values: int | None) -> int | None:
    return next((v for v in values if v is not None), None)


def _quotes(words: str, inquiry: Inquiry) -> bool:
    """Tell whether the question asked before stands in what was sent, however lines were broken on the way."""
    asked = " ".join(tidy(inquiry.question).split())
    return bool(asked) and asked in " ".join(words.split())


def _title(words: str, lang: Lang) -> str:
    line = " ".join(words.split())
    if not line:
        return "Rückruf gewünscht" if lang == "de" else "Callback wanted"
    return line if len(line) <= 120 else line[:119].rsplit(" ", 1)[0] + " …"


def _answer(inquiry: Inquiry) -> dict[str, Any]:
    """Return of an answer what an expert needs: its words, how sure they were, where to see it whole."""
    kept = inquiry.answer
    return {
        "id": inquiry.pk,
        "text": str(kept.get("answer", ""))[:4000],
        "confidence": inquiry.confidence,
        "lang": inquiry.lang,
    }


def _contact(user: Any, reach: Reach, company: Company | None, case: Case) -> Contact:
    """Return whom to call: a member is one contact of the company, somebody without account a new one each time.

    Two people may give the same address; nobody is taken for somebody else on the word of a form.
    """
    if company is None:
        return Contact.objects.create(
            name=reach.name,
            phone=reach.phone,
            mail=reach.mail.lower(),
            hours=reach.hours,
            company_name=case.company_name,
            lang=case.lang,
            is_example=case.is_example,
        )
    found = Contact.objects.filter(company=company, user=user).order_by("created_at").first()
    found = found or Contact(company=company, user=user, is_example=case.is_example)
    found.name, found.phone, found.mail = reach.name, reach.phone, reach.mail.lower()
    found.hours, found.lang = reach.hours, case.lang
    found.save()
    return found


def _numbered(case: Case) -> None:
    """Save a new case under the next number; of two at the same moment one tries again."""
    for attempt in range(20):
        case.number = (Case.objects.aggregate(last=Max("number"))["last"] or 0) + 1
        try:
            with transaction.atomic():
                case.save(force_insert=True)
            return
        except IntegrityError:
            if attempt == 19 or (case.once and Case.objects.filter(once=case.once).exists()):
                raise


def _consents(case: Case, user: Any, share: Collection[str]) -> None:
    """Note what was ticked for this case, given by the company or by the contact without one."""
    side = {"company": case.company} if case.company else {"contact": case.contact}
    for purpose in sorted({SHARED[name] for name in share if name in SHARED}):
        Consent.objects.create(
            **side,
            case=case,
            purpose=purpose,
            version=current(purpose).version,
            given_by=user if user is not None and user.is_authenticated else None,
        )
