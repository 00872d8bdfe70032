"""One's own profile: for experts who have signed in, and from the link in an invitation."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.role import Role
from nordlotse.network.actions import people as actions
from nordlotse.network.forms.people import InvitedForm, LeaveForm, ProfileForm
from nordlotse.network.models import Person
from nordlotse.network.queries import experts, profiles
from nordlotse.network.queries.terms import Terms, suggest, terms
from nordlotse.network.views.paths import number, refuse
from nordlotse.office.pages import go, lang_of, told
from nordlotse.office.roles import check_role, has_role


def typed(request: HttpRequest, form: ProfileForm) -> dict[str, Any]:
    """Return what somebody typed into a profile, to be shown again unchecked."""
    many = ("topics", "methods", "sectors", "languages", "states")
    return {name: request.POST.getlist(name) if name in many else request.POST.get(name, "") for name in form.fields}


def suggested(values: dict[str, Any], known: Terms) -> list[dict[str, Any]]:
    """Return the tags the words of a profile speak of and that are not chosen yet, with the words that say so."""
    fields = {"topic": "topics", "method": "methods", "sector": "sectors"}
    text = f"{values.get('role', '')}\n{values.get('profile', '')}"
    return [
        {"tag": s.tag, "field": fields[s.tag.kind], "evidence": ", ".join(s.evidence[:3])}
        for s in suggest(text, known)
        if s.tag.id not in values.get(fields[s.tag.kind], ())
    ][:12]


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def expert_profile(request: HttpRequest) -> HttpResponse:
    """An expert's own profile, leave and cover."""
    check_role(request.user, Role.EXPERT)
    mine = experts.own(request.user)
    if mine is None:
        return _unconnected(request)
    do = request.POST.get("do", "")
    if do == "leave":
        return _leave(request, mine.id)
    if do == "end_leave":
        actions.end_leave(request.user, number(request.POST.get("leave")))
        return go(request, "expert_profile")
    row, known = profiles.row(mine.id), terms()
    options: dict[str, Any] = {"known": known, "colleagues": profiles.colleagues(row), "lang": lang_of(request)}
    initial = profiles.values(row)
    if request.method == "POST" and do == "save":
        form = ProfileForm(request.POST, initial=initial, **options)
        if form.is_valid():
            try:
                actions.save_own(request.user, mine.id, form.values())
            except BadInput as problem:
                form.add_error(None, told(request, problem))
            else:
                messages.success(request, _("Ihr Profil ist gespeichert."))
                return go(request, "expert_profile")
        initial = typed(request, form)
    elif request.method == "POST":
        initial = typed(request, ProfileForm(**options))
        form = ProfileForm(initial=initial, **options)
    else:
        form = ProfileForm(initial=initial, **options)
    context = {
        "form": form,
        "person": row,
        "suggested": suggested(initial, known),
        "leaves": profiles.leaves(row),
        "leave_form": LeaveForm(),
    }
    return render(request, "network/profile.html", context, status=422 if form.errors else 200)


def _unconnected(request: HttpRequest) -> HttpResponse:
    """Say that no profile belongs to the account, and join them where the mail address fits."""
    if request.method == "POST":
        actions.connect_own(request.user)
        return go(request, "expert_profile")
    return render(request, "network/no_profile.html")


def _leave(request: HttpRequest, person_id: int) -> HttpResponse:
    form = LeaveForm(request.POST)
    if form.is_valid():
        try:
            actions.add_leave(request.user, person_id, form.cleaned_data["first"], form.cleaned_data["last"])
            messages.success(request, _("Eingetragen. In dieser Zeit fragen wir Sie nichts Neues."))
        except BadInput as problem:
            refuse(request, problem)
    else:
        messages.error(request, _("Bitte geben Sie beide Tage an."))
    return go(request, "expert_profile")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The profile to complete, from the mailed link; looking changes nothing, sending uses the link up."""
    person = actions.invited(token)
    known = terms()
    may_connect = has_role(request.user, Role.EXPERT) and person.user_id is None
    options: dict[str, Any] = {
        "known": known,
        "colleagues": profiles.colleagues(person),
        "lang": lang_of(request),
        "may_connect": may_connect,
    }
    initial = profiles.values(person)
    if request.method == "POST" and request.POST.get("do") == "save":
        form = InvitedForm(request.POST, initial=initial, **options)
        if form.is_valid():
            try:
                return _completed(request, token, form)
            except BadInput as problem:
                form.add_error(None, told(request, problem))
        initial = typed(request, form)
    elif request.method == "POST":
        initial = typed(request, InvitedForm(**options))
        form = InvitedForm(initial=initial, **options)
    else:
        form = InvitedForm(initial=initial, **options)
    context = {"form": form, "person": person, "suggested": suggested(initial, known)}
    return render(request, "network/invitation.html", context, status=422 if form.errors else 200)


def _completed(request: HttpRequest, token: str, form: InvitedForm) -> HttpResponse:
    values = form.values()
    connect = bool(values.pop("connect", False))
    person: Person = actions.complete(token, values, request.user, connect=connect)
    return render(request, "network/completed.html", {"person": person})
