"""“Talk to a human”: one page, no account, from any answer, article, programme, person or event."""

from __future__ import annotations

import secrets

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
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


def _lang(request: HttpRequest) -> Lang:
    return "en" if getattr(request, "LANGUAGE_CODE", "de") == "en" else "de"


@require_http_methods(["GET", "HEAD", "POST"])
def talk(request: HttpRequest) -> HttpResponse:
    """Ask for a talk: who, how to reach, when, and what of it may be passed on."""
    lang = _lang(request)
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
    return HttpResponseRedirect(reverse(f"{lang}:talk_thanks", args=[case.pk]))


def _initial(request: HttpRequest, subject: About) -> dict[str, object]:
    user = request.user
    return {
        "once": secrets.token_hex(16),
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
        share=given["share"],
        wished=subject.person,
        lang=lang,
        once=given["once"],
    )


def _page(request: HttpRequest, form: TalkForm, subject: About, status: int = 200) -> HttpResponse:
    lang = _lang(request)
    names = [
        *(["question"] if subject.question else []),
        *(["answer"] if subject.answer else []),
        *(["results"] if subject.results else []),
        "later",
    ]
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
    }
    return render(request, "journey/cases/talk.html", context, status=status)


@require_safe
def thanks(request: HttpRequest, case_id: str) -> HttpResponse:
    """The number of the case, the day of the promise, and what happens next; nothing about the person."""
    case = Case.objects.filter(pk=case_id).only("number", "promised_on", "company").first()
    if case is None:
        raise case_unknown()
    return render(request, "journey/cases/thanks.html", {"case": case})
