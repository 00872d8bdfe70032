"""Pages that belong to no room: health, metrics, legal pages, sign-in by link, errors."""

from __future__ import annotations

import time
from datetime import timedelta

from django.contrib.auth import login
from django.contrib.staticfiles.finders import find
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from nordlotse.answers.memory import memory
from nordlotse.foundation.problem import NotAllowed, NotFound, Problem, WrongCall
from nordlotse.journey import queries
from nordlotse.journey.queries.privacy import register
from nordlotse.office.queries import unsent_mails
from nordlotse.web import accounts, database
from nordlotse.web import metrics as figures
from nordlotse.web.bodies import too_large
from nordlotse.web.components import translated
from nordlotse.web.landing import landing
from nordlotse.web.models import Heartbeat
from nordlotse.web.network import is_loopback
from nordlotse.web.staff import BY_LINK, typed
from nordlotse.web.templatetags.components import language

#: A worker that has not reported for so long counts as dead.
WORKER_SECONDS = 60


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Say that the process runs."""
    return HttpResponse("live\n", content_type="text/plain")


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Say 200 only if questions are answered; else 503 with what is missing."""
    checks = {"database": False, "tables": False, "knowledge": memory.loaded, "worker": False}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        checks["database"] = True
        checks["tables"] = _tables_ready()
        beat = Heartbeat.objects.filter(name="worker").first()
        checks["worker"] = beat is not None and (timezone.now() - beat.beat_at).total_seconds() < WORKER_SECONDS
    except Exception:  # noqa: S110 - any failure of the database means "not ready", told in the body
        pass
    needed = checks["database"] and checks["tables"] and checks["knowledge"]
    response = JsonResponse(checks, status=200 if needed else 503)
    # "Not ready yet" is an answer and no error: without this mark Django logs every look during a start.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


_tables: dict[str, tuple[float, bool]] = {}


def _tables_ready() -> bool:
    """Look at the migrations at most every ten seconds."""
    checked, known = _tables.get("state", (0.0, False))
    if time.monotonic() - checked > 10 or not known:
        pending, unknown = database.waiting()
        known = not pending and not unknown
        _tables["state"] = (time.monotonic(), known)
    return known


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Give the figures of this process, only to this machine."""
    if not is_loopback(request):
        raise NotAllowed(
            "metrics_local",
            de="Messwerte gibt es nur auf diesem Rechner.",
            en="Figures are given on this machine only.",
            where="metrics",
            remedy_de="Bitte vom selben Rechner abrufen.",
            remedy_en="Fetch them from the same machine.",
        )
    figures.OPEN_QUESTIONS.set(queries.open_questions())
    for state, number in unsent_mails().items():
        figures.MAILS.labels(state).set(number)
    beat = Heartbeat.objects.filter(name="worker").first()
    figures.WORKER_AGE.set((timezone.now() - beat.beat_at).total_seconds() if beat else -1)
    if memory.loaded:
        figures.PASSAGES.set(sum(len(i.passages) for i in memory.current().answerer.indexes.values()))
    return HttpResponse(figures.exposition(), content_type=CONTENT_TYPE_LATEST)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Keep answers and the desk out of search engines; articles may be found."""
    lines = [
        "User-agent: *",
        "Disallow: /antwort/",
        "Disallow: /en/antwort/",
        "Disallow: /desk/",
        "Disallow: /en/desk/",
        "Disallow: /konto/",
        "Disallow: /anmelden/",
        "Disallow: /einladung/",
        "Disallow: /en/einladung/",
        "Disallow: /identity/",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Name the contact for security reports (RFC 9116), once an operator has entered one."""
    operator = queries.operator()
    if not operator.mail:
        raise NotFound(
            "no_contact",
            de="Noch ist kein Kontakt eingetragen.",
            en="No contact has been entered yet.",
            where="security.txt",
            remedy_de="Die Verwaltung trägt ihn am Tisch ein.",
            remedy_en="An administrator enters it at the desk.",
        )
    expires = timezone.now() + timedelta(days=180)
    return HttpResponse(
        f"Contact: mailto:{operator.mail}\nExpires: {expires:%Y-%m-%dT%H:%M:%SZ}\nPreferred-Languages: de, en\n",
        content_type="text/plain; charset=utf-8",
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest, token: str) -> HttpResponse:
    """Show whose link it is; only the button signs in, so that a mail scanner cannot use the link up."""
    if request.method == "POST":
        user = accounts.use_link(token)
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        request.session[BY_LINK] = True
        return HttpResponseRedirect(landing(user))
    return render(request, "web/sign_in.html", {"person": accounts.link_owner(token).get_username()})


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Say what this is."""
    return render(request, translated("web/about"))


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Say what is stored, why, and how long."""
    return render(request, translated("web/privacy"), {"register": register()})


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement."""
    return render(request, translated("web/accessibility"))


@require_safe
def easy_language(request: HttpRequest) -> HttpResponse:
    """What this is, in easy language."""
    return render(request, translated("web/easy_language"))


@require_safe
def sign_language(request: HttpRequest) -> HttpResponse:
    """Where sign language is to be had."""
    return render(request, translated("web/sign_language"))


@require_safe
def imprint(request: HttpRequest) -> HttpResponse:
    """Say who runs this centre, or that none is entered."""
    return render(request, translated("web/imprint"))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Tell that there is no such page."""
    if request.path.startswith("/api/"):
        return _told_json(request)
    return render(request, "web/problem.html", {"missing": True}, status=404)


def _told_json(request: HttpRequest) -> JsonResponse:
    problem = NotFound(
        "nothing_here",
        de="Hier ist nichts.",
        en="There is nothing here.",
        where=request.path[:80],
        remedy_de="Bitte die Adresse prüfen.",
        remedy_en="Check the address.",
    )
    return JsonResponse({"error": problem.as_dict()}, status=404)


def failed(request: HttpRequest) -> HttpResponse:
    """Tell that something broke, without any part that could break too."""
    if request.path.startswith("/api/"):
        broken = Problem(
            "failed",
            de="Da ist etwas schiefgegangen.",
            en="Something went wrong on our side.",
            where="server",
            remedy_de="Bitte noch einmal versuchen.",
            remedy_en="Try again.",
        )
        return JsonResponse({"error": broken.as_dict()}, status=500)
    style = "/static/web/plain.css" if find("web/plain.css") else ""
    return HttpResponse(
        "<!doctype html><html lang=de><meta charset=utf-8><title>Fehler</title>"
        f'<link rel=stylesheet href="{style}"><main><h1>Da ist etwas schiefgegangen.</h1>'
        '<p>Wir haben es notiert. Bitte versuchen Sie es noch einmal. <span lang="en">Something went wrong on our side; '
        'please try again.</span></p><p><a href="/">Zur Startseite</a></p></main></html>',
        status=500,
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Tell that the request itself cannot be used: too large, or asked under a name that is not ours."""
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        problem: Problem = too_large("256 kB")
    else:
        problem = WrongCall(
            "request_unusable",
            de="Mit dieser Anfrage können wir nichts anfangen.",
            en="We cannot make anything of this request.",
            where="request",
            remedy_de="Bitte die Adresse prüfen.",
            remedy_en="Check the address.",
        )
    if request.path.startswith("/api/"):
        return JsonResponse({"error": problem.as_dict()}, status=problem.http_status)
    code = language()
    context = {"message": problem.message(code), "remedy": problem.remedy_in(code), "code": problem.code}
    return render(request, "web/problem.html", context, status=problem.http_status)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Tell that this is not for everybody."""
    problem = NotAllowed(
        "not_allowed",
        de="Das ist hier nicht erlaubt.",
        en="This is not allowed here.",
        where="request",
        remedy_de="Bitte zur Startseite gehen.",
        remedy_en="Go to the start page.",
    )
    code = language()
    context = {"message": problem.message(code), "remedy": problem.remedy_in(code), "code": problem.code}
    return render(request, "web/problem.html", context, status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Tell that the form was too old or came from elsewhere."""
    return render(request, "web/problem.html", {"form_expired": True, "kept": typed(request)}, status=403)
