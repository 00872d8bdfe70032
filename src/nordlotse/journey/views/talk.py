"""“Talk to a human”: one page, no account, from any answer, article, programme, person, partner or event."""

from __future__ import annotations

import secrets
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import BadInput
from nordlotse.journey.actions import cases
from nordlotse.journey.actions.cases import Reach
from nordlotse.journey.core.consents import current
from nordlotse.journey.forms.cases import TalkForm
from nordlotse.journey.models import Case
from nordlotse.journey.queries import companies
from nordlotse.journey.queries.access import case_unknown
from nordlotse.journey.queries.talk import SOURCES, About, about
from nordlotse.office.pages import lang_of

#: The signed cookie by which the browser that sent a form sees for an hour what it sent; it goes to that one page alone.
OWN, OWN_SECONDS = "gespraech", 3600


@require_http_methods(["GET", "HEAD", "POST"])
def talk(request: HttpRequest) -> HttpResponse:
    """Ask for a talk: who, how to reach, when, and what of it may be passed on."""
    lang = lang_of(request)
    given = request.POST if request.method == "POST" else request.GET
    subject = about({name: given.get(name, "") for name in SOURCES}, lang)
    if request.method != "POST":
        return _page(request, TalkForm(lang=lang, initial=_initial(request, subject)), subject)
    form = TalkForm(request.POST, lang=lang)
    if not form.is_valid():
        return _page(request, form, subject, status=422)
    try:
        case = _opened(request, form, subject, lang)
    except BadInput as problem:
        form.add_error(problem.where if problem.where in form.fields else None, problem.message(lang))
        return _page(request, form, subject, status=problem.http_status)
    place = reverse(f"{lang}:talk_thanks", args=[case.pk])
    response = HttpResponseRedirect(place)
    response.set_signed_cookie(
        OWN, case.pk, max_age=OWN_SECONDS, path=place, secure=request.is_secure(), httponly=True, samesite="Lax"
    )
    return response


def _initial(request: HttpRequest, subject: About) -> dict[str, object]:
    user = request.user
    return {
        "once": secrets.token_hex(16),
        "text": subject.question,
        "state": subject.state,
        "employees": subject.employees,
        "name": user.get_full_name() if user.is_authenticated else "",
        "mail": user.email if user.is_authenticated else "",
    }


def _opened(request: HttpRequest, form: TalkForm, subject: About, lang: Lang) -> Case:
    given = form.cleaned_data
    return cases.open_case(
        request.user,
        Reach(given["name"], given["phone"], given["mail"], form.wished_hours()),
        text=given["text"],
        tried=given["tried"],
        wish=given["wish"],
        company_name=given["company_name"],
        place=given["place"],
        state=given["state"],
        employees=given["employees"],
        topic=subject.topic if "results" in given["share"] else "",
        inquiry=subject.inquiry,
        results=subject.results,
        check=subject.check,
        share=given["share"],
        wished=subject.person,
        wished_partner=subject.partner,
        lang=lang,
        once=given["once"],
    )


def _page(request: HttpRequest, form: TalkForm, subject: About, status: int = 200) -> HttpResponse:
    lang = lang_of(request)
    names = [*(["answer"] if subject.answer else []), *(["results"] if subject.results else []), "later"]
    purposes = {name: current(cases.SHARED[name]).text.get(lang) for name in names}
    ticked = form.data.getlist("share") if form.is_bound else []  # type: ignore[attr-defined]
    times = form.data.getlist("times") if form.is_bound else []  # type: ignore[attr-defined]
    context = {
        "form": form,
        "about": subject,
        "boxes": [(name, purposes[name], name in ticked) for name in names],
        "times": [(key, label, key in times) for key, label in form.fields["times"].choices],  # type: ignore[attr-defined]
        "company": companies.of_user(request.user),
        "promised": cases.promised_on(timezone.localdate(), subject.state),
        # A form sent back has no query in its address: the other language's link says again where somebody comes from.
        "kept_query": urlencode(subject.source) if request.method == "POST" else "",
    }
    return render(request, "journey/cases/talk.html", context, status=status)


@never_cache
@require_safe
def thanks(request: HttpRequest, case_id: str) -> HttpResponse:
    """What happens next and by when; the number that will be called only in the browser that sent it, for an hour."""
    found = Case.objects.filter(pk=case_id).select_related("contact", "wished", "wished_partner").first()
    if found is None:
        raise case_unknown()
    own = request.get_signed_cookie(OWN, default="", max_age=OWN_SECONDS) == found.pk
    return render(
        request,
        "journey/cases/thanks.html",
        {
            "case": found,
            "contact": found.contact if own else None,
            "nothing_said": own and not (found.question or found.results or found.answer),
            "own": own,
        },
    )
