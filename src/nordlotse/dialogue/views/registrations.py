"""Pages of those who come: registering, the own registration behind a personal link, the code for the entrance."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nordlotse.dialogue.actions import registrations as actions
from nordlotse.dialogue.core import calendar_out
from nordlotse.dialogue.core.certificate import Attended, certificate
from nordlotse.dialogue.core.codes import qr_svg, spoken
from nordlotse.dialogue.forms import FeedbackForm, RegistrationForm
from nordlotse.dialogue.models import Registration
from nordlotse.dialogue.queries import events, registrations
from nordlotse.dialogue.views.page import file
from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.foundation.role import Role
from nordlotse.office.pages import go, lang_of
from nordlotse.office.roles import has_role


@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest, slug: str) -> HttpResponse:
    """Register; a form sent twice is one registration, and nobody learns which address is registered."""
    lang, event = lang_of(request), events.by_slug(slug)
    questions = list(event.questions.all())
    form = RegistrationForm(
        request.POST or None,
        questions=questions,
        lang=lang,
        initial={"form_token": secrets.token_urlsafe(18), **_known(request)},
    )
    problem = None
    if request.method == "POST" and form.is_valid():
        try:
            actions.register(event.pk, _wanted(request, form), request.user)
        except BadInput as told:
            problem = told
        else:
            return go(request, "registered", slug)
    context = {"form": form, "row": events.row(event, lang), "event": event, "problem": problem}
    wrong = problem is not None or (request.method == "POST" and not form.is_valid())
    return render(request, "dialogue/register.html", context, status=422 if wrong else 200)


def _known(request: HttpRequest) -> dict[str, str]:
    """Return what a signed-in person need not type."""
    user = request.user
    return {"name": user.get_full_name(), "mail": user.email} if user.is_authenticated else {}


def _wanted(request: HttpRequest, form: RegistrationForm) -> actions.Wanted:
    kept = form.cleaned_data
    return actions.Wanted(
        name=kept["name"],
        mail=kept["mail"],
        company_name=kept["company_name"],
        form_token=kept["form_token"],
        lang=lang_of(request),
        answers=form.answers(),
    )


@require_safe
def registered(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that a mail is on its way: the same page for everybody, so that it tells nothing of others."""
    event = events.by_slug(slug)
    return render(request, "dialogue/registered.html", {"row": events.row(event, lang_of(request)), "event": event})


@require_safe
def own(request: HttpRequest, token: str) -> HttpResponse:
    """Somebody's own registration: state, code, and what can be done. Opening it changes nothing."""
    return _own(request, token, FeedbackForm())


def _own(request: HttpRequest, token: str, form: FeedbackForm, status: int = 200) -> HttpResponse:
    registration = registrations.by_token(token)
    shown = registrations.own(registration, lang_of(request))
    context = {
        "own": shown,
        "event": shown.event,
        "registration": registration,
        "token": token,
        "place": registrations.place(registration),
        "form": form,
        "code": spoken(registration.code),
        "qr": qr_svg(registrations.entrance_address(registration)),
        "rated": hasattr(registration, "feedback"),
    }
    return render(request, "dialogue/own.html", context, status=status)


@require_POST
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """Give the place back."""
    actions.withdraw(token)
    return go(request, "registration", token)


@require_POST
def rate(request: HttpRequest, token: str) -> HttpResponse:
    """Keep feedback."""
    form = FeedbackForm(request.POST)
    if not form.is_valid():
        return _own(request, token, form, status=422)
    actions.rate(token, **form.cleaned_data)
    return go(request, "registration", token, more="#rueckmeldung")


@require_safe
def own_calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The own date as a calendar file."""
    registration = registrations.by_token(token)
    return file(registrations.calendar_file(registration), calendar_out.MEDIA_TYPE, "termin.ics")


@require_safe
def own_certificate(request: HttpRequest, token: str) -> HttpResponse:
    """The certificate of attendance, for those who were checked in."""
    lang, registration = lang_of(request), registrations.by_token(token)
    if not registrations.own(registration, lang).may_print or registration.checked_in_at is None:
        raise NotFound(
            "certificate_none",
            de="Eine Teilnahmebestätigung gibt es für alle, die am Einlass eingecheckt sind.",
            en="A certificate is for those who were checked in at the entrance.",
            where="certificate",
            remedy_de="Waren Sie dabei? Dann melden Sie sich bitte beim Zentrum.",
            remedy_en="Were you there? Then please contact the centre.",
        )
    made = certificate(_attended(request, registration), lang)
    return file(made, "application/pdf", "Teilnahmebestaetigung.pdf" if lang == "de" else "Certificate.pdf")


def _attended(request: HttpRequest, registration: Registration) -> Attended:
    event, lang = registration.event, lang_of(request)
    return Attended(
        name=registration.name,
        company=registration.company_name,
        event=event.title(lang),
        begin=event.begin,
        end=event.end,
        place=event.place,
        organiser=event.organiser,
        issuer=render_to_string("dialogue/issuer.txt", request=request).strip() or settings.CONFIGURATION.host,
        number=f"{event.pk}-{registration.pk}",
        issued=max(event.end, registration.checked_in_at or event.end),
    )


@require_safe
def entrance_code(request: HttpRequest, code: str) -> HttpResponse:
    """What a scanned code opens: at the entrance the person's line, for everybody else a word of explanation."""
    if has_role(request.user, Role.COORDINATOR):
        found = registrations.by_code(code)
        if found is not None:
            return go(request, "entrance", found.event_id, more=f"?code={found.code}")
        raise registrations.unknown()
    return render(request, "dialogue/code.html", {"code": spoken(code.upper()[:10])})
