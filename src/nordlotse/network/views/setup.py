"""The coordinator's pages: the checklist, partners, people, offers."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.role import Role
from nordlotse.network.actions import inviting
from nordlotse.network.actions import partners as partner_actions
from nordlotse.network.actions import people as people_actions
from nordlotse.network.forms.partners import OfferForm, PartnerForm
from nordlotse.network.forms.people import LeaveForm, PersonForm
from nordlotse.network.labels import OFFER_KINDS, word
from nordlotse.network.models import Offer, Partner, Person
from nordlotse.network.queries import profiles, setup
from nordlotse.network.queries.terms import terms
from nordlotse.network.views.paths import number, refuse
from nordlotse.network.views.profile import suggested, typed
from nordlotse.office.pages import ask_again, go, lang_of, sure, told
from nordlotse.office.roles import check_role

Page = Callable[..., HttpResponse]


def coordinator(page: Page) -> Page:
    """Let coordinators in only; nothing of the page is kept by the browser."""

    @wraps(page)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        check_role(request.user, Role.COORDINATOR)
        return page(request, *args, **kwargs)

    made: Page = never_cache(login_required(require_http_methods(["GET", "HEAD", "POST"])(shown)))
    return made


def _mailed(request: HttpRequest, count: int) -> None:
    if count:
        messages.success(request, _("Geschriebene Mails: %(n)s") % {"n": count})
    else:
        messages.info(
            request, _("Niemand ist anzuschreiben: alle haben geantwortet, keine Adresse oder heute schon Post.")
        )


@coordinator
def desk(request: HttpRequest) -> HttpResponse:
    """Every partner with what is missing; one click invites or reminds."""
    if request.method == "POST" and not request.POST.get("partner") and not sure(request):
        asked = setup.to_be_mailed()
        if asked:
            return _sure_to_mail(request, asked)
    if request.method == "POST":
        _mailed(request, inviting.invite_partner(request.user, request.POST.get("partner", "")))
        return go(request, "network_desk")
    rows = setup.checklist()
    context = {
        "rows": rows,
        "open": [r for r in rows if not r.complete],
        "done": [r for r in rows if r.complete],
        "people": sum(len(r.people) for r in rows),
        "waiting": setup.waiting(rows),
    }
    return render(request, "network/desk.html", context)


def _sure_to_mail(request: HttpRequest, people: list[Person]) -> HttpResponse:
    """Ask a second time before everybody is mailed, and say who that is."""
    title = ngettext("%(count)s Menschen anschreiben?", "%(count)s Menschen anschreiben?", len(people))
    return ask_again(
        request,
        title % {"count": len(people)},
        _("Jede und jeder bekommt eine Mail mit einem Link zum eigenen Profil. Ein älterer Link gilt dann nicht mehr."),
        _("Ja, alle anschreiben"),
        back=reverse(f"{lang_of(request)}:network_desk"),
        points=[f"{person.name}, {person.partner.name}" for person in people],
    )


# ---- a partner ----


@coordinator
def new_partner(request: HttpRequest) -> HttpResponse:
    """Make a partner."""
    form = PartnerForm(
        request.POST if request.method == "POST" else None, initial={"neutral": True}, lang=lang_of(request)
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = partner_actions.save_partner(request.user, "", form.cleaned_data)
            return go(request, "network_edit_partner", made.slug)
        except BadInput as problem:
            form.add_error(None, told(request, problem))
    return render(request, "network/partner_form.html", {"form": form}, status=422 if form.errors else 200)


@coordinator
def partner(request: HttpRequest, slug: str) -> HttpResponse:
    """Change a partner, see its people and offers, remind them, or remove it."""
    found, do = profiles.partner(slug), request.POST.get("do", "")
    if do == "remind":
        _mailed(request, inviting.invite_partner(request.user, slug))
        return go(request, "network_edit_partner", slug)
    if do == "remove" and request.POST.get("sure"):
        partner_actions.remove_partner(request.user, slug)
        messages.success(request, _("Der Partner ist gelöscht."))
        return go(request, "network_desk")
    if request.method == "POST" and do != "save":
        return go(request, "network_edit_partner", slug)
    initial = profiles.partner_values(found)
    form = PartnerForm(request.POST if do == "save" else None, initial=initial, lang=lang_of(request))
    if do == "save" and form.is_valid():
        try:
            partner_actions.save_partner(request.user, slug, form.cleaned_data)
            messages.success(request, _("Gespeichert."))
            return go(request, "network_edit_partner", slug)
        except BadInput as problem:
            form.add_error(None, told(request, problem))
    lang = lang_of(request)
    context = {
        "form": form,
        "partner": found,
        "checked": setup.checklist(slug)[0],
        "offers": [(o, word(OFFER_KINDS, o.kind).get(lang)) for o in profiles.offers(found)],
    }
    return render(request, "network/partner_form.html", context, status=422 if form.errors else 200)


# ---- a person ----


def _person_form(
    request: HttpRequest, partner: Partner, person: Person | None
) -> tuple[PersonForm, list[dict[str, Any]]]:
    known = terms()
    people = profiles.colleagues(person) if person else profiles.people(partner)
    options: dict[str, Any] = {"known": known, "colleagues": people, "lang": lang_of(request)}
    initial = profiles.values(person) if person else {"capacity": 2, "languages": ["de"], "active": True}
    if request.method == "POST" and request.POST.get("do") == "save":
        return PersonForm(request.POST, initial=initial, **options), suggested(
            typed(request, PersonForm(**options)), known
        )
    if request.method == "POST":
        initial = typed(request, PersonForm(**options))
    return PersonForm(initial=initial, **options), suggested(initial, known)


@coordinator
def new_person(request: HttpRequest, slug: str) -> HttpResponse:
    """Make somebody of a partner."""
    found = profiles.partner(slug)
    form, offered = _person_form(request, found, None)
    if form.is_bound and form.is_valid():
        try:
            people_actions.save_person(request.user, slug, None, form.values())
            return go(request, "network_edit_partner", slug)
        except BadInput as problem:
            form.add_error(None, told(request, problem))
    context = {"form": form, "partner": found, "suggested": offered}
    return render(request, "network/person_form.html", context, status=422 if form.errors else 200)


@coordinator
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """Change somebody's profile, invite, note leave, or remove."""
    found, do = profiles.row(person_id), request.POST.get("do", "")
    if do in _PERSON_DEEDS:
        return _PERSON_DEEDS[do](request, found)
    form, offered = _person_form(request, found.partner, found)
    if form.is_bound and form.is_valid():
        try:
            people_actions.save_person(request.user, found.partner.slug, person_id, form.values())
            messages.success(request, _("Gespeichert."))
            return go(request, "network_edit_person", person_id)
        except BadInput as problem:
            form.add_error(None, told(request, problem))
    context = {
        "form": form,
        "partner": found.partner,
        "person": found,
        "suggested": offered,
        "leaves": profiles.leaves(found),
        "leave_form": LeaveForm(),
    }
    return render(request, "network/person_form.html", context, status=422 if form.errors else 200)


def _invite(request: HttpRequest, found: Person) -> HttpResponse:
    try:
        inviting.invite(request.user, found.pk)
        messages.success(request, _("Die Einladung ist unterwegs."))
    except BadInput as problem:
        refuse(request, problem)
    return go(request, "network_edit_person", found.pk)


def _leave(request: HttpRequest, found: Person) -> HttpResponse:
    form = LeaveForm(request.POST)
    try:
        if form.is_valid():
            first, last = form.cleaned_data["first"], form.cleaned_data["last"]
            people_actions.add_leave(request.user, found.pk, first, last)
        else:
            messages.error(request, _("Bitte geben Sie beide Tage an."))
    except BadInput as problem:
        refuse(request, problem)
    return go(request, "network_edit_person", found.pk)


def _end_leave(request: HttpRequest, found: Person) -> HttpResponse:
    people_actions.end_leave(request.user, number(request.POST.get("leave")))
    return go(request, "network_edit_person", found.pk)


def _remove(request: HttpRequest, found: Person) -> HttpResponse:
    if not request.POST.get("sure"):
        return go(request, "network_edit_person", found.pk)
    people_actions.remove_person(request.user, found.pk)
    messages.success(request, _("Das Profil ist gelöscht."))
    return go(request, "network_edit_partner", found.partner.slug)


_PERSON_DEEDS: dict[str, Callable[[HttpRequest, Person], HttpResponse]] = {
    "invite": _invite,
    "leave": _leave,
    "end_leave": _end_leave,
    "remove": _remove,
}


# ---- an offer ----


def _offer(request: HttpRequest, partner: Partner, offer: Offer | None) -> HttpResponse:
    initial = profiles.offer_values(offer) if offer else {"languages": ["de"], "active": True}
    form = OfferForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        known=terms(),
        people=profiles.people(partner),
        lang=lang_of(request),
    )
    if form.is_bound and form.is_valid():
        try:
            partner_actions.save_offer(request.user, partner.slug, offer.pk if offer else None, form.cleaned_data)
            return go(request, "network_edit_partner", partner.slug)
        except BadInput as problem:
            form.add_error(None, told(request, problem))
    context = {"form": form, "partner": partner, "offer": offer}
    return render(request, "network/offer_form.html", context, status=422 if form.errors else 200)


@coordinator
def new_offer(request: HttpRequest, slug: str) -> HttpResponse:
    """Make an offer of a partner."""
    return _offer(request, profiles.partner(slug), None)


@coordinator
def offer(request: HttpRequest, offer_id: int) -> HttpResponse:
    """Change an offer or remove it."""
    found = profiles.offer(offer_id)
    if request.POST.get("do") == "remove":
        if request.POST.get("sure"):
            partner_actions.remove_offer(request.user, offer_id)
        return go(request, "network_edit_partner", found.partner.slug)
    return _offer(request, found.partner, found)
