"""“Talk to a human”: one page, no account, from any answer, article, programme, person, partner or event."""

from __future__ import annotations

import secrets
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import BadInput
from nordlotse.journey.actions import cases, privacy
from nordlotse.journey.actions.cases import Reach
from nordlotse.journey.core.case import Actor
from nordlotse.journey.core.consents import current
from nordlotse.journey.forms.cases import TalkForm
from nordlotse.journey.models import Case, Consent, Contact
from nordlotse.journey.queries import companies, keeping
from nordlotse.journey.queries.access import Who, case_unknown
from nordlotse.journey.queries.talk import SOURCES, About, about
from nordlotse.journey.views.casework import picture_source
from nordlotse.office.pages import lang_of

#: The signed cookie by which the browser that sent a form sees for an hour what it sent, and takes it back for thirty days: whoever
#: left a phone number alone has no other way. It goes to that one page alone and names the case, and the check or the part it came from.
OWN, OWN_SECONDS, BACK_SECONDS = "gespraech", 3600, 30 * 86_400


@require_http_methods(["GET", "HEAD", "POST"])
def talk(request: HttpRequest) -> HttpResponse:
    """Ask for a talk: who, how to reach, when, and what of it may be passed on."""
    lang = lang_of(request)
    given = request.POST if request.method == "POST" else request.GET
    subject = about({name: given.get(name, "") for name in SOURCES}, lang, request.user)
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
        OWN,
        f"{case.pk}.{subject.check}.{subject.part}",
        max_age=BACK_SECONDS,
        path=place,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
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
        part=subject.part,
        hall=subject.hall,
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
        "along": [(result, picture_source(result)) for result in subject.results],
        "boxes": [(name, purposes[name], name in ticked) for name in names],
        "times": [(key, label, key in times) for key, label in form.fields["times"].choices],  # type: ignore[attr-defined]
        "company": companies.of_user(request.user),
        "promised": cases.promised_on(timezone.localdate(), subject.state),
        # A form sent back has no query in its address: the other language's link says again where somebody comes from.
        "kept_query": urlencode(subject.source) if request.method == "POST" else "",
    }
    return render(request, "journey/cases/talk.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def thanks(request: HttpRequest, case_id: str) -> HttpResponse:
    """What happens next and by when; the number that will be called only in the browser that sent it, for an hour.

    POST in that browser, for thirty days: take back what was sent along (`do=withdraw`), or delete all of it (`do=delete`).
    """
    found = Case.objects.filter(pk=case_id).select_related("contact", "wished", "wished_partner").first()
    if found is None:
        raise case_unknown()
    mine, check, part = _sent_by(request, found, BACK_SECONDS)
    own = mine and _sent_by(request, found, OWN_SECONDS)[0]
    if request.method == "POST":
        if not mine or found.contact is None:
            raise case_unknown()
        return _taken_back(request, found, found.contact)
    return render(
        request,
        "journey/cases/thanks.html",
        {
            "case": found,
            "contact": found.contact if own else None,
            "nothing_said": own and not (found.question or found.results or found.answer),
            "own": own,
            "mine": mine and found.contact is not None,
            "check": check,
            "part": part,
            "along": _along(found) if mine else None,
            "withdrawn": found.consents.filter(purpose=Consent.Purpose.SHARE_RESULTS).exclude(withdrawn_at=None).first()
            if mine
            else None,
            "seen": keeping.kept(keeping.subject_of_contact(found.contact)).hash if mine and found.contact else "",
        },
    )


def _sent_by(request: HttpRequest, case: Case, seconds: int) -> tuple[bool, str, str]:
    """Tell whether this browser sent the case's form within so many seconds, and the keys of the check and the part that came along."""
    pk, _, keys = (request.get_signed_cookie(OWN, default="", max_age=seconds) or "").partition(".")
    check, _, part = keys.partition(".")
    return pk == case.pk, check, part


def _along(case: Case) -> Consent | None:
    """Return the yes by which results went along, None where none did or it was taken back."""
    live = case.consents.filter(purpose=Consent.Purpose.SHARE_RESULTS, withdrawn_at=None)
    return live.order_by("-pk").first() if case.results else None


def _taken_back(request: HttpRequest, case: Case, contact: Contact) -> HttpResponse:
    lang = lang_of(request)
    if (
        request.POST.get("do") == "delete" and case.company_id is None
    ):  # a company's members delete on a page of their own
        subject = keeping.subject_of_contact(contact)
        receipt = privacy.delete(subject, seen=request.POST.get("seen", ""), actor=f"contact:{contact.pk}", lang=lang)
        response = render(request, "journey/privacy/receipt.html", {"receipt": receipt})
        response.delete_cookie(OWN, path=request.path)
        return response
    along = _along(case)
    if request.POST.get("do") == "withdraw" and along is not None:
        cases.withdraw_consent(Who(Actor.COMPANY, contact=contact), case.pk, along.pk)
    return HttpResponseRedirect(reverse(f"{lang}:talk_thanks", args=[case.pk]) + "#mitgeschickt")
