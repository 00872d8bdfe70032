"""A company's own page: make it, look at it, members, consents; and the coordinator's list with merging."""

from __future__ import annotations

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nordlotse.foundation.districts import name_of
from nordlotse.foundation.problem import BadInput, NotAllowed
from nordlotse.foundation.role import Role
from nordlotse.foundation.sectors import divisions
from nordlotse.journey.actions import companies as actions
from nordlotse.journey.actions import members
from nordlotse.journey.actions.asking import tidy
from nordlotse.journey.forms.companies import CompanyForm, InvitationForm
from nordlotse.journey.models import Company, Membership
from nordlotse.journey.queries import checks, machines, parts, timeline
from nordlotse.journey.queries import companies as queries
from nordlotse.office import links
from nordlotse.office.pages import ask_again, go, lang_of, sure, told
from nordlotse.office.roles import check_role, held_roles

#: Roles of the centre and of the funder: they look after companies or count them, and have none.
_WITHOUT_COMPANY = frozenset({Role.COORDINATOR, Role.EDITOR, Role.ADMINISTRATOR, Role.RESEARCHER, Role.OFFICER})


def _check_may_have_one(user: Any) -> None:
    """Raise `NotAllowed` for people whose role has no company of its own."""
    if held_roles(user) & _WITHOUT_COMPANY:
        raise NotAllowed(
            "no_company_of_yours",
            de="Zu Ihrer Rolle gehört kein Betrieb.",
            en="No company belongs to your role.",
            where="role",
            remedy_de="Haben Sie selbst einen Betrieb, melden Sie sich dafür mit einer anderen E-Mail-Adresse an.",
            remedy_en="If you have a company yourself, sign in for it with another mail address.",
        )


def mine(request: HttpRequest) -> Company:
    """Return the signed-in person's company.

    Raises:
        NotFound: the person belongs to none.
    """
    company = queries.of_user(request.user)
    return company if company is not None else queries.company("")


def _founding(request: HttpRequest, form: CompanyForm) -> dict[str, Any]:
    """What the page on which a company is made shows: the form, and the cases that will belong to the company."""
    return {"form": form, "cases": queries.to_be_claimed(request.user)}


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The company's page: what comes next, then everything that happened, in one line of time."""
    company, lang = queries.of_user(request.user), lang_of(request)
    if company is None:
        _check_may_have_one(request.user)
        return render(request, "journey/companies/new.html", _founding(request, CompanyForm(lang=lang)))
    context = {
        "company": company,
        "district": name_of(company.district),
        "sector": divisions()[company.sector].name.get(lang) if company.sector in divisions() else "",
        "entries": timeline.timeline(company, lang),
        "steps": timeline.open_steps(company, lang),
        "checks": checks.of_company(company, lang),
        "parts": parts.of_company(company, lang),
        "halls": machines.of_company(company),
        "files": timeline.files_of(company),
        "ticked": timeline.ticked_of(queries.ticked(company), lang),
        "consents": timeline.consents_of(company, lang),
        "reads": timeline.reads_of(company),
        "members": queries.members(company, request.user),
        "invitations": queries.open_invitations(company),
        "invitation_form": InvitationForm(),
    }
    return render(request, "journey/companies/home.html", context)


@login_required
@require_POST
def new(request: HttpRequest) -> HttpResponse:
    """Make a company with oneself as its first member."""
    if queries.of_user(request.user) is not None:
        return go(request, "company")
    _check_may_have_one(request.user)
    form = CompanyForm(request.POST, lang=lang_of(request))
    if form.is_valid():
        actions.create(request.user, **form.cleaned_data)
        return go(request, "company")
    return render(request, "journey/companies/new.html", _founding(request, form), status=422)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def details(request: HttpRequest) -> HttpResponse:
    """Change the company's own details."""
    company = mine(request)
    if request.method == "POST":
        form = CompanyForm(request.POST, lang=lang_of(request))
        if form.is_valid():
            actions.change(request.user, company, **form.cleaned_data)
            return go(request, "company")
        return render(request, "journey/companies/details.html", {"form": form, "company": company}, status=422)
    form = CompanyForm(initial=vars(company), lang=lang_of(request))
    return render(request, "journey/companies/details.html", {"form": form, "company": company})


@login_required
@require_POST
def invite(request: HttpRequest) -> HttpResponse:
    """Invite a colleague by mail."""
    company, form = mine(request), InvitationForm(request.POST)
    if form.is_valid():
        try:
            members.invite(request.user, company, form.cleaned_data["mail"], lang_of(request))
            messages.success(request, _("Die Einladung ist unterwegs."))
        except BadInput as problem:
            messages.error(request, told(request, problem))
    else:
        messages.error(request, _("Diese E-Mail-Adresse ist nicht zu verstehen."))
    return go(request, "company", more="#wer")


@login_required
@require_POST
def remove_member(request: HttpRequest, member_id: int) -> HttpResponse:
    """End a membership, after a second question."""
    company = mine(request)
    member = next((m for m, may in queries.members(company, request.user) if may and m.user_id == member_id), None)
    if member is not None and not sure(request):
        return _ask_about(request, company, member)
    try:
        members.remove_member(request.user, company, member_id, lang_of(request))
    except BadInput as problem:
        messages.error(request, told(request, problem))
    return go(request, "company", more="#wer")


def _ask_about(request: HttpRequest, company: Company, member: Membership) -> HttpResponse:
    back = reverse(f"{lang_of(request)}:company") + "#wer"
    if member.user_id == request.user.pk:
        title = _("Austreten?")
        text = _("Sie sehen dann die Fälle, Termine und Daten von %(name)s nicht mehr.") % {"name": company.name}
        return ask_again(request, title, text, _("Ja, austreten"), back=back)
    title = _("%(mail)s entfernen?") % {"mail": member.user.email}
    text = _("Die Person sieht dann nichts mehr von %(name)s und bekommt eine Mail darüber.") % {"name": company.name}
    return ask_again(request, title, text, _("Ja, entfernen"), back=back)


@login_required
@require_POST
def consent(request: HttpRequest) -> HttpResponse:
    """Give or withdraw one consent."""
    actions.consent(
        request.user, mine(request), request.POST.get("purpose", ""), given=request.POST.get("given") == "yes"
    )
    return go(request, "company", more="#ja")


@login_required
@require_safe
def steps(request: HttpRequest) -> HttpResponse:
    """The open steps as a calendar file."""
    company, lang = mine(request), lang_of(request)
    address = settings.CONFIGURATION.public_url + reverse(f"{lang}:company")
    made = timeline.steps_calendar(company, lang, address)
    response = HttpResponse(made, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="nordlotse.ics"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show what an invitation is about; joining is a press of the button."""
    if request.method == "POST":
        user, _company = members.join(token)
        # A link replaces the code from a mail, not a second factor: whoever has one signs in with it.
        if request.user.pk != user.pk and not is_mfa_enabled(user):
            login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        return go(request, "company")
    link = links.read(token, members.INVITATION)
    context = {"company": queries.company(link.reference), "mail": link.mail, "token": token}
    return render(request, "journey/companies/invitation.html", context)


@login_required
@require_safe
def desk_list(request: HttpRequest) -> HttpResponse:
    """The coordinator's list of companies, with likely doubles."""
    check_role(request.user, Role.COORDINATOR)
    wanted = tidy(request.GET.get("q", ""))[:100]
    found = Company.objects.filter(merged_into=None).order_by("name")
    if wanted:
        found = found.filter(name__icontains=wanted)
    asked = "doppelt" in request.GET
    compares = not wanted and (asked or not queries.more_than(queries.COMPARED))
    context = {
        "companies": found[:100],
        "q": wanted,
        "doubles": queries.likely_doubles() if compares else [],
        "guests": queries.guests_of_known() if compares else [],
        "compared": compares,
        "asked": asked,
    }
    return render(request, "journey/companies/desk.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, double: str, into: str) -> HttpResponse:
    """Show two entries side by side; merge them into the one that was chosen to stay, or remember that they are two."""
    check_role(request.user, Role.COORDINATOR)
    first, second = queries.company(double), queries.company(into)
    if request.method == "POST":
        if request.POST.get("do") == "apart":
            actions.tell_apart(request.user, first, second)
            messages.success(request, _("Gemerkt: Das sind zwei Betriebe. Sie werden nicht wieder vorgeschlagen."))
            return go(request, "desk_companies")
        gone, stays = (second, first) if request.POST.get("stays") == first.pk else (first, second)
        try:
            actions.merge(request.user, gone, stays)
        except BadInput as problem:
            messages.error(request, told(request, problem))
        else:
            messages.success(request, _("Zusammengelegt: %(name)s bleibt.") % {"name": stays.name})
        return go(request, "desk_companies")
    context: dict[str, Any] = {"sides": [queries.side(second), queries.side(first)], "stays": second.pk}
    return render(request, "journey/companies/merge.html", context)
