"""Everything about a company or a person as a download, and its deletion."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import get_user_model, logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nordlotse.foundation.language import Lang
from nordlotse.foundation.personal import Subject
from nordlotse.foundation.problem import BadInput
from nordlotse.journey.actions import privacy as actions
from nordlotse.journey.queries import keeping
from nordlotse.journey.queries.companies import founder
from nordlotse.journey.views.companies import mine
from nordlotse.office import links
from nordlotse.office.pages import ask_again, lang_of, sure, told


def _zip(content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type="application/zip")
    response["Content-Disposition"] = 'attachment; filename="nordlotse-daten.zip"'
    return response


def _summary(found: keeping.Kept, lang: Lang) -> list[tuple[str, int]]:
    from nordlotse.foundation.personal import tables

    known = tables()
    return [
        (what.get(lang) if (what := known[label].what) else label, len(rows)) for label, rows in found.tables.items()
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def company_data(request: HttpRequest) -> HttpResponse:
    """Show what is kept of the company; delete it when its name was typed and nothing changed in between."""
    company, lang = mine(request), lang_of(request)
    subject = keeping.subject_of_company(company)
    if request.method == "POST":
        try:
            receipt = actions.delete_company(
                request.user,
                company,
                seen=request.POST.get("seen", ""),
                typed_name=request.POST.get("name", ""),
                lang=lang,
            )
        except BadInput as problem:
            messages.error(request, told(request, problem))
            return HttpResponseRedirect(reverse(f"{lang}:company_data"))
        logout(request)
        return render(request, "journey/privacy/receipt.html", {"receipt": receipt})
    found = keeping.kept(subject)
    others = get_user_model().objects.filter(pk__in=subject.users).exclude(pk=request.user.pk or 0).order_by("email")
    first = founder(company)
    context = {
        "company": company,
        "kept": found,
        "summary": _summary(found, lang),
        "others": others,
        "founder": first.user if first is not None and first.user_id != request.user.pk else None,
    }
    return render(request, "journey/privacy/data.html", context)


@login_required
@require_safe
def company_archive(request: HttpRequest) -> HttpResponse:
    """Everything kept of the company, as a ZIP."""
    return _zip(keeping.archive(keeping.subject_of_company(mine(request)), lang_of(request)))


@require_http_methods(["GET", "HEAD", "POST"])
def ask_for_own_data(request: HttpRequest) -> HttpResponse:
    """Take a mail address; if something is kept under it, a link to see and delete it goes there. Never tells whether."""
    if request.method != "POST":
        return render(request, "journey/privacy/ask.html")
    typed = request.POST.get("mail", "")
    try:
        actions.send_data_link(typed, lang_of(request))
    except BadInput as problem:
        context = {"problem": problem, "mail": typed[:254]}
        return render(request, "journey/privacy/ask.html", context, status=problem.http_status)
    return render(request, "journey/privacy/link_sent.html")


@require_http_methods(["GET", "HEAD", "POST"])
def own_data(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is kept under a mail address to whoever got the link there, and delete it on request."""
    lang = lang_of(request)
    link = links.read(token, actions.OWN_DATA)
    subject = keeping.subject_of_mail(link.mail)
    if request.method == "POST" and not sure(request):
        return _sure_of_own(request, token, link.mail, subject)
    if request.method == "POST":
        try:
            receipt = actions.delete_own(token, seen=request.POST.get("seen", ""), lang=lang)
        except BadInput as problem:
            messages.error(request, told(request, problem))
            return HttpResponseRedirect(reverse(f"{lang}:own_data", args=[token]))
        return render(request, "journey/privacy/receipt.html", {"receipt": receipt})
    found = keeping.kept(subject)
    context = {"kept": found, "summary": _summary(found, lang), "token": token, "mail": link.mail}
    return render(request, "journey/privacy/data.html", context)


def _sure_of_own(request: HttpRequest, token: str, mail: str, subject: Subject) -> HttpResponse:
    """Ask a second time before everything is deleted: a tap on a phone is quickly done."""
    lang = lang_of(request)
    return ask_again(
        request,
        _("Endgültig löschen?"),
        _("Alles, was unter %(mail)s gespeichert ist, wird sofort gelöscht. Das lässt sich nicht rückgängig machen.")
        % {"mail": mail},
        _("Ja, endgültig löschen"),
        back=reverse(f"{lang}:own_data", args=[token]),
        points=[f"{name}: {count}" for name, count in _summary(keeping.kept(subject), lang)],
    )


@require_safe
def own_archive(request: HttpRequest, token: str) -> HttpResponse:
    """Everything kept under a mail address, as a ZIP; downloading does not use the link up."""
    link = links.read(token, actions.OWN_DATA)
    return _zip(keeping.archive(keeping.subject_of_mail(link.mail), lang_of(request)))
