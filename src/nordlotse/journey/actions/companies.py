"""Writes about companies and their members."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.utils import timezone

from nordlotse.foundation.districts import by_key, find
from nordlotse.foundation.german import fold
from nordlotse.foundation.problem import BadInput, NotAllowed
from nordlotse.foundation.role import Role
from nordlotse.iot.actions import belonging as halls
from nordlotse.journey.actions import entering, services
from nordlotse.journey.actions.asking import check_employees, tidy
from nordlotse.journey.actions.cases import locked
from nordlotse.journey.actions.writing import written
from nordlotse.journey.core.consents import GENERAL, current
from nordlotse.journey.models import Case, Company, Consent, Contact, DifferentCompanies, Membership, Service
from nordlotse.journey.queries import companies as queries
from nordlotse.journey.queries.access import Who, check_part
from nordlotse.office import log, people, roles
from nordlotse.print3d.actions import belonging as parts
from nordlotse.readiness.actions import belonging, comparing


def check_member(user: Any, company: Company) -> None:
    """Raise `NotAllowed` unless the person belongs to the company."""
    if not queries.is_member(user, company):
        raise NotAllowed(
            "members_only",
            de="Das dürfen nur Mitglieder dieses Betriebs.",
            en="Only members of this company may do this.",
            where="company",
            remedy_de="Bitte lassen Sie sich vom Betrieb einladen.",
            remedy_en="Ask the company for an invitation.",
        )


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a company as they are stored; the place gives district and state where it is known."""
    name = tidy(str(values.get("name") or ""))[:200]
    if not name:
        raise BadInput(
            "company_name_missing",
            de="Der Name des Betriebs fehlt.",
            en="The company's name is missing.",
            where="name",
            remedy_de="Bitte den Namen eintragen.",
            remedy_en="Enter the name.",
        )
    place = tidy(str(values.get("place") or ""))[:100]
    district = str(values.get("district") or "")
    if not district and place:
        found = find(place)
        district = found.key if found else ""
    state = str(by_key()[district].state) if district in by_key() else str(values.get("state") or "")
    if not state and fold(place) == "hamburg":
        state = "HH"  # Hamburg alone does not say the borough, but it says the state
    return {
        "name": name,
        "place": place,
        "district": district,
        "state": state,
        "sector": str(values.get("sector") or "")[:2],
        "employees": check_employees(values.get("employees")),
    }


@transaction.atomic
def create(user: Any, **values: Any) -> Company:
    """Make a company (`name, place, state, district, sector, employees`) whose first member is the signed-in person.

    Cases somebody opened without an account under this person's proved mail addresses become the company's.

    Raises:
        NotAllowed: nobody is signed in.
        BadInput: there is no name, or a figure cannot be understood.
    """
    if not (user.is_authenticated and user.is_active):
        raise NotAllowed(
            "sign_in_first",
            de="Dafür müssen Sie angemeldet sein.",
            en="You have to be signed in for this.",
            where="company",
            remedy_de="Bitte melden Sie sich mit Ihrer E-Mail-Adresse an.",
            remedy_en="Sign in with your mail address.",
        )
    company = Company.objects.create(**_checked(values))
    Membership.objects.create(company=company, user=user)
    claim(user, company)
    log.record("create", "company", company.pk, user)
    return company


@transaction.atomic
def create_for(user: Any, **values: Any) -> Company:
    """Make a company that has no account yet, because somebody called or was visited; it has no members.

    Raises:
        NotAllowed: not a coordinator.
        BadInput: as `create`.
    """
    roles.check_role(user, Role.COORDINATOR)
    company = Company.objects.create(**_checked(values))
    log.record("create", "company", company.pk, user)
    return company


def enter_for_new(user: Any, kind: str, company: dict[str, Any], *, form: str, **call: Any) -> Service:
    """Enter a call or visit (`entering.enter`) of a company that is made with it; the same `form` makes both once.

    Raises:
        NotAllowed, BadInput: as `create_for` and `entering.enter`; then neither is there.
    """
    with written("services.enter_for_new"):
        known = Service.objects.filter(source=f"hand:{form[:40]}").first() if form else None
        if known is not None:
            return known
        made = create_for(user, **company)
        return entering.enter(user, kind, about=services.About(made), form=form, **call)


def belongs(who: Who, case_id: str, company: Company) -> Case:
    """Put a guest's case to a company that was there already, with its contact and what was done for it.

    From then on members of the company see the case, and the company is counted once; closed months keep their figures.

    Raises:
        NotAllowed: not a coordinator.
        BadInput: the case has a company, or one of the two is an example.
    """
    with written("belongs"):
        case = locked(case_id)
        check_part(who, case)
        roles.check_role(who.user, Role.COORDINATOR)
        if case.company_id is not None or case.is_example != company.is_example:
            raise BadInput(
                "case_has_company",
                de="Dieser Fall lässt sich dem Betrieb nicht zuordnen.",
                en="This case cannot be put to the company.",
                where="company",
                remedy_de="Hat er schon einen Betrieb, legen Sie die beiden Betriebe zusammen.",
                remedy_en="If it has a company already, merge the two companies.",
            )
        case.company = company
        case.state, case.district = case.state or company.state, case.district or company.district
        case.save(update_fields=["company", "state", "district"])
        Contact.objects.filter(pk=case.contact_id, company=None).update(company=company)
        services.put_to(case, company)
        log.record("belongs", "case", case.pk, who.user)
        return case


@transaction.atomic
def change(user: Any, company: Company, **values: Any) -> Company:
    """Change a company's own details; services already counted keep what was true when they happened.

    Raises:
        NotAllowed: not a member.
        BadInput: as `create`.
    """
    check_member(user, company)
    if tidy(str(values.get("place") or "")) == company.place:  # what is known of the same place stays known
        values = {"district": company.district, "state": company.state} | values
    for name, value in _checked(values).items():
        setattr(company, name, value)
    company.save()
    log.record("change", "company", company.pk, user)
    return company


@transaction.atomic
def claim(user: Any, company: Company) -> int:
    """Give the company the cases opened without an account under the person's proved mail addresses; return how many."""
    if not queries.is_member(user, company):
        return 0
    contacts = Contact.objects.filter(mail__in=people.mails_of(user), company=None)
    ids = list(contacts.values_list("pk", flat=True))
    moved = Case.objects.filter(contact_id__in=ids, company=None).update(company=company)
    Contact.objects.filter(pk__in=ids).update(company=company, user=user)
    if ids:
        log.record("claim", "company", company.pk, user)
    return moved


@transaction.atomic
def consent(user: Any, company: Company, purpose: str, *, given: bool) -> None:
    """Give or withdraw one consent of the company that holds for everything; a withdrawal counts from now on, everywhere.

    Raises:
        NotAllowed: not a member.
        BadInput: there is no such consent.
    """
    check_member(user, company)
    if purpose not in GENERAL:
        raise BadInput(
            "consent_unknown",
            de="Diese Einwilligung gibt es nicht.",
            en="There is no such consent.",
            where="purpose",
            remedy_de="Bitte laden Sie die Seite neu.",
            remedy_en="Reload the page.",
        )
    live = Consent.objects.filter(company=company, purpose=purpose, withdrawn_at=None)
    if given and not live.exists():
        Consent.objects.create(company=company, purpose=purpose, version=current(purpose).version, given_by=user)
        log.record("consent", "company", company.pk, user)
    if not given:
        cases = _given_by_contacts(company)
        ended = live.update(withdrawn_at=timezone.now())
        ended += Consent.objects.filter(cases, purpose=purpose, withdrawn_at=None).update(withdrawn_at=timezone.now())
        if purpose == "benchmark":
            ended += comparing.withdraw_of(company.pk)
        if ended:
            log.record("withdraw", "company", company.pk, user)


def _given_by_contacts(company: Company) -> models.Q:
    """Return the condition for consents given by contacts of a company before it had an account."""
    return models.Q(contact__company=company)


@transaction.atomic
def merge(user: Any, double: Company, into: Company) -> dict[str, int]:
    """Make two entries of one company one: everything of `double` becomes `into`'s. Cannot be undone.

    Every table with a link to a company is walked, so that a new room's table is not forgotten. Frozen months keep their
    figures; from now on the company counts once. Returns how many rows moved, by table.

    Raises:
        NotAllowed: not a coordinator.
        BadInput: it is the same company, or an example and a real one.
    """
    roles.check_role(user, Role.COORDINATOR)
    # In one order, so that two who merge the same two at once wait for each other, and the second sees what the first did.
    locked = {c.pk: c for c in Company.objects.select_for_update().filter(pk__in=[double.pk, into.pk]).order_by("pk")}
    double, into = locked.get(double.pk, double), locked.get(into.pk, into)
    if double.pk == into.pk or double.merged_into_id or into.merged_into_id or double.is_example != into.is_example:
        raise BadInput(
            "merge_impossible",
            de="Diese beiden lassen sich nicht zusammenlegen.",
            en="These two cannot be merged.",
            where="company",
            remedy_de="Wählen Sie zwei verschiedene Betriebe, die noch nicht zusammengelegt sind.",
            remedy_en="Choose two different companies that have not been merged yet.",
        )
    moved = {}
    for model, name in queries.links_to_companies():
        rows = model._default_manager.filter(**{name: double})
        if model is Membership:
            rows.filter(user_id__in=into.memberships.values("user_id")).delete()
        if count := rows.update(**{name: into}):
            moved[model._meta.label] = count
    _still_different(double, into)
    belonging.move(double.pk, into.pk)
    parts.move(double.pk, into.pk)
    halls.move(double.pk, into.pk)
    services.rekey(double.count_key, into.count_key)
    Company.objects.filter(merged_into=double).update(merged_into=into)
    double.merged_into = into
    double.save(update_fields=["merged_into"])
    log.record("merge", "company", into.pk, user)
    return moved


def _still_different(double: Company, into: Company) -> None:
    """Keep for the company that stays whom the double was told apart from."""
    told = DifferentCompanies.objects.filter(models.Q(first=double) | models.Q(second=double))
    others = {key for pair in told.values_list("first_id", "second_id") for key in pair} - {double.pk, into.pk}
    told.delete()
    for other in others:
        first, second = queries.pair_of(into.pk, other)
        DifferentCompanies.objects.get_or_create(first_id=first, second_id=second)


@transaction.atomic
def tell_apart(user: Any, one: Company, other: Company) -> None:
    """Remember that two entries are two companies; they are not shown as doubles again.

    Raises:
        NotAllowed: not a coordinator.
    """
    roles.check_role(user, Role.COORDINATOR)
    if one.pk != other.pk:
        first, second = queries.pair_of(one.pk, other.pk)
        DifferentCompanies.objects.get_or_create(first_id=first, second_id=second)
        log.record("tell_apart", "company", one.pk, user)
