"""Reads about companies and their members."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from nordlotse.foundation.german import fold
from nordlotse.foundation.language import Text
from nordlotse.foundation.personal import tables
from nordlotse.foundation.problem import NotFound
from nordlotse.journey.models import Case, Company, Consent, Contact, DifferentCompanies, Membership
from nordlotse.office import people
from nordlotse.office.models import ActionLink, OutgoingMail

#: Endings that say how a company is owned, not who it is.
_LEGAL = {
    "gmbh",
    "mbh",
    "co",
    "kg",
    "ag",
    "ohg",
    "gbr",
    "ug",
    "ek",
    "e",
    "k",
    "eg",
    "se",
    "und",
    "the",
    "inh",
    "inhaber",
    "ev",
    "v",
}


def of_user(user: Any) -> Company | None:
    """Return the company a signed-in person belongs to (the one joined last), None for everybody else."""
    if not (user.is_authenticated and user.is_active):
        return None
    return Company.objects.filter(memberships__user=user, merged_into=None).order_by("-memberships__since").first()


def is_member(user: Any, company: Company) -> bool:
    """Tell whether a person may act for this company."""
    return bool(user.is_authenticated and user.is_active and company.memberships.filter(user_id=user.pk).exists())


def may_remove(user: Any, member: Membership, memberships: Iterable[Membership]) -> bool:
    """Tell whether somebody may end this membership: the own one, or one that began later than the own."""
    own = next((m for m in memberships if m.user_id == user.pk), None)
    return own is not None and (member.pk == own.pk or (member.since, member.pk) > (own.since, own.pk))


def founder(company: Company) -> Membership | None:
    """Return the membership that began first: whoever made the company, or who is left of those who came after."""
    return company.memberships.select_related("user").order_by("since", "pk").first()


def members(company: Company, user: Any) -> list[tuple[Membership, bool]]:
    """Return who belongs to a company, the first first, each with whether this person may end the membership."""
    found = list(Membership.objects.filter(company=company).select_related("user").order_by("since", "pk"))
    return [(one, len(found) > 1 and may_remove(user, one, found)) for one in found]


def company(company_id: str) -> Company:
    """Return a company; a merged one leads to the one it became.

    Raises:
        NotFound: there is none.
    """
    found = Company.objects.select_related("merged_into").filter(pk=company_id).first()
    if found is None:
        raise NotFound(
            "company_unknown",
            de="Diesen Betrieb gibt es nicht.",
            en="There is no such company.",
            where="company",
            remedy_de="Bitte zur Übersicht zurückgehen.",
            remedy_en="Go back to the list.",
        )
    return found.merged_into or found


def to_be_claimed(user: Any) -> list[Case]:
    """Return the cases that will belong to the company this person makes: opened without it under a proved mail address."""
    found = Case.objects.filter(contact__mail__in=people.mails_of(user), contact__company=None, company=None)
    return list(found.order_by("-opened_at")[:20])


def open_invitations(company: Company) -> QuerySet[ActionLink]:
    """Return invitations nobody has accepted yet."""
    return ActionLink.objects.filter(
        purpose="company", reference=company.pk, used_at=None, expires_at__gt=timezone.now()
    ).order_by("created_at")


def invited_today(company: Company) -> int:
    """Return how many invitations were mailed for a company within the last day."""
    since = timezone.now() - timedelta(days=1)
    sent = OutgoingMail.objects.filter(key__startswith="journey:invited:", reference=company.pk, created_at__gt=since)
    return sent.count()


def consented(company: Company | None, contact: Any, purpose: str) -> bool:
    """Tell whether a consent of this company or contact that holds for everything is alive; see `agreed` for cases."""
    whose = Q(pk=None)
    if company is not None:
        whose |= Q(company=company)
    if contact is not None:
        whose |= Q(contact=contact)
    return Consent.objects.filter(whose, case=None, purpose=purpose, withdrawn_at=None).exists()


def agreed(case: Case, purpose: str) -> bool:
    """Tell whether somebody said yes to this for the case (or for everything of the company or contact) until today."""
    if Consent.objects.filter(case=case, purpose=purpose, withdrawn_at=None).exists():
        return True
    return consented(case.company, case.contact, purpose)


def ticked(company: Company) -> QuerySet[Consent]:
    """Return what was said yes to for single cases of a company, before or after it had an account, newest first."""
    found = Consent.objects.filter(case__company=company).select_related("case")
    return found.order_by("-given_at", "pk")


def links_to_companies() -> Iterator[tuple[type[Model], str]]:
    """Yield every (table, field) that points to a company, except what says of companies which are one and which are two."""
    for model in apps.get_models():
        for field in model._meta.get_fields():
            pointing = getattr(field, "column", None) and field.is_relation and field.related_model is Company
            if pointing and model is not DifferentCompanies and not (model is Company and field.name == "merged_into"):
                yield model, field.name


@dataclass(frozen=True, slots=True)
class Double:
    """Two entries that may be one company, and what speaks for it."""

    first: Company
    second: Company
    same_place: bool
    same_mail_domain: bool


def name_key(name: str) -> str:
    """Return a name without legal form, case, umlauts and order of words: what two spellings of one company share."""
    words = [w for w in "".join(c if c.isalnum() else " " for c in fold(name)).split() if w not in _LEGAL]
    return " ".join(sorted(words))


#: Mail providers where half of all companies have an address: the same domain says nothing there.
_EVERYBODYS = {
    "gmail.com",
    "gmx.de",
    "gmx.net",
    "web.de",
    "t-online.de",
    "outlook.com",
    "outlook.de",
    "freenet.de",
    "icloud.com",
}


#: Up to so many companies are compared whenever the list is opened; with more it takes a while, and is done when asked for.
COMPARED = 500


def more_than(number: int) -> bool:
    """Tell whether there are more companies than this, without counting all."""
    return Company.objects.filter(merged_into=None).order_by()[number : number + 1].exists()


def pair_of(one: str, other: str) -> tuple[str, str]:
    """Return the ids of two companies in the order in which `DifferentCompanies` keeps them."""
    return (one, other) if one < other else (other, one)


def likely_doubles(limit: int = 50) -> list[Double]:
    """Return pairs of companies with the same name but for legal form, or the same mail domain and place.

    Two in clearly different places are two companies, unless they write from one mail domain; so are those a coordinator
    said it of.
    """
    apart = set(DifferentCompanies.objects.values_list("first_id", "second_id"))
    found: dict[str, list[Company]] = defaultdict(list)
    companies = Company.objects.filter(merged_into=None, is_example=False).prefetch_related(
        "contacts", "memberships__user"
    )
    domains: dict[str, set[str]] = {}
    for one in companies:
        mails = [c.mail for c in one.contacts.all()] + [m.user.email for m in one.memberships.all()]
        domains[one.pk] = {m.rpartition("@")[2] for m in mails if m} - _EVERYBODYS
        found[f"name {name_key(one.name)}"].append(one)
        for domain in domains[one.pk]:
            found[f"domain {domain} {fold(one.place)}"].append(one)
    pairs: dict[tuple[str, str], Double] = {}
    for group in found.values():
        ordered = sorted(group, key=lambda c: (c.created_at, c.pk))
        for i, first in enumerate(ordered[:10]):
            for second in ordered[i + 1 : 10]:
                same_domain = bool(domains[first.pk] & domains[second.pk])
                same_place = bool(first.place) and fold(first.place) == fold(second.place)
                elsewhere = bool(first.place and second.place) and not same_place
                if pair_of(first.pk, second.pk) not in apart and (same_domain or not elsewhere):
                    pairs[first.pk, second.pk] = Double(first, second, same_place, same_domain)
    return sorted(pairs.values(), key=lambda d: (not d.same_mail_domain, not d.same_place, d.first.name))[:limit]


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two names may be one company's: the same words, or all of the shorter one's where those are two or more."""
    shorter, longer = sorted((one, other), key=len)
    return bool(shorter) and (one == other or (len(shorter) > 1 and shorter <= longer))


def _words_of(name: str) -> frozenset[str]:
    return frozenset(name_key(name).split())


def like_name(name: str, *, is_example: bool = False, limit: int = 3) -> list[Company]:
    """Return companies whose name may be another spelling of this one, without legal form and order of words."""
    wanted = _words_of(name)
    known = Company.objects.filter(merged_into=None, is_example=is_example).order_by("name", "pk")
    found = [pk for pk, other in known.values_list("pk", "name") if _alike(wanted, _words_of(other))] if wanted else []
    return sorted(Company.objects.filter(pk__in=found[:limit]), key=lambda c: (c.name, c.pk))


def like_guest(case: Case) -> list[Company]:
    """Return companies that a guest's case may belong to, by the name the guest gave; none for a case that has a company."""
    if case.company_id is not None or not case.company_name:
        return []
    return like_name(case.company_name, is_example=case.is_example)


def guests_of_known(limit: int = 20) -> list[tuple[Case, Company]]:
    """Return open cases of guests whose company may be entered already, the newest first, each with the likeliest company."""
    by_word: dict[str, list[tuple[str, frozenset[str]]]] = defaultdict(list)
    for pk, name in Company.objects.filter(merged_into=None, is_example=False).values_list("pk", "name"):
        words = _words_of(name)
        for word in words:
            by_word[word].append((pk, words))
    guests = Case.objects.filter(open=True, company=None, is_example=False).exclude(company_name="")
    pairs: list[tuple[Case, str]] = []
    for case in guests.order_by("-opened_at")[:200]:
        wanted = _words_of(case.company_name)
        near = (pk for word in sorted(wanted) for pk, words in by_word[word] if _alike(wanted, words))
        if (match := next(near, None)) is not None:
            pairs.append((case, match))
    found = Company.objects.in_bulk([pk for _case, pk in pairs[:limit]])
    return [(case, found[pk]) for case, pk in pairs[:limit]]


@dataclass(frozen=True, slots=True)
class Side:
    """One of two entries that may be one company: what helps to tell, and how many rows hang on it, by what they are."""

    company: Company
    people: tuple[str, ...]
    domains: tuple[str, ...]
    rows: tuple[tuple[Text, int], ...]


def side(company: Company) -> Side:
    """Return what the page of a merge shows of one of the two."""
    contacts = Contact.objects.filter(company=company).order_by("created_at")[:10]
    members = company.memberships.select_related("user")[:10]
    mails = [c.mail for c in contacts] + [m.user.email for m in members]
    return Side(
        company,
        tuple(dict.fromkeys(c.name for c in contacts if c.name)),
        tuple(sorted({m.rpartition("@")[2] for m in mails if m})),
        tuple(_rows_of(company).items()),
    )


#: What hangs on a company, in the words of the desk; a table nobody thought of is called by its declared name.
_WORDS = {
    "journey.Case": Text("Fälle", "cases"),
    "journey.Consent": Text("Einwilligungen", "consents"),
    "journey.Contact": Text("Ansprechpersonen", "contacts"),
    "journey.Membership": Text("Mitglieder mit Konto", "members with an account"),
    "journey.Service": Text("Leistungen", "services"),
}


def _rows_of(company: Company) -> dict[Text, int]:
    counts: dict[Text, int] = {}
    for model, name in links_to_companies():
        if found := model._default_manager.filter(**{name: company}).count():
            label = str(model._meta.label)
            declared = tables()[label].what if label in tables() else None
            word = _WORDS.get(label) or declared or Text("Einträge", "entries")
            counts[word] = counts.get(word, 0) + found
    return counts
