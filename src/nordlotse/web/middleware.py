"""What happens around every request: measuring, headers, limits, language, and errors told as pages or JSON."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.db import DataError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers

from nordlotse.foundation.problem import BadInput, NotAllowed, NotFound, Problem, TooMany, WrongCall
from nordlotse.web import metrics
from nordlotse.web.limits import LIMITS, limiter
from nordlotse.web.network import limited_address

Handler = Callable[[HttpRequest], HttpResponse]
_log = logging.getLogger("nordlotse.web")
_PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()"


def observe(get_response: Handler) -> Handler:
    """Count and time each request by its route name, never by its address."""

    def middleware(request: HttpRequest) -> HttpResponse:
        start = time.perf_counter()
        response = get_response(request)
        route = request.resolver_match.view_name if request.resolver_match else "unrouted"
        metrics.REQUESTS.labels(route, metrics.method(request.method), str(response.status_code)).inc()
        metrics.SECONDS.labels(route).observe(time.perf_counter() - start)
        return response

    return middleware


def harden(get_response: Handler) -> Handler:
    """Add the headers that no other part sets; pages are never kept by shared caches. HEAD gets headers alone."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.setdefault("Permissions-Policy", _PERMISSIONS)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.setdefault("Cache-Control", "private, no-store")
        if request.method == "HEAD" and not response.streaming:
            # The server would drop the body too, but with a warning in the log at every look of a monitor.
            response.setdefault("Content-Length", str(len(response.content)))
            response.content = b""
        return response

    return middleware


def limit(get_response: Handler) -> Handler:
    """Refuse more requests than the limit of their class, by client address (kept in memory only)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.CONFIGURATION.rate_limit:
            request.limited_address = limited_address(request)  # type: ignore[attr-defined]  # rooms count by it, never keep it
            for rule in LIMITS:
                if rule.applies(request.method or "", request.path):
                    wait = limiter.wait_seconds(rule, request.limited_address)  # type: ignore[attr-defined]
                    if wait > 0:
                        return _too_many(request, wait)
        return get_response(request)

    return middleware


def _too_many(request: HttpRequest, wait: float) -> HttpResponse:
    seconds = max(1, round(wait))
    problem = TooMany(
        "too_many_requests",
        de="Zu viele Anfragen in kurzer Zeit.",
        en="Too many requests in a short time.",
        where="request",
        remedy_de=f"Bitte in {seconds} Sekunden noch einmal versuchen.",
        remedy_en=f"Try again in {seconds} seconds.",
    )
    language_code = _wanted_language(request)
    with translation.override(language_code):
        response = problem_response(request, problem)
    response["Retry-After"] = str(seconds)
    return response


def _wanted_language(request: HttpRequest) -> str:
    """Return the language of the path: `/en/…` is English, everything else German.

    Pages of accounts exist once: there `?lang=` decides, then the page to go on to, then what the session remembers.
    """
    if request.path.startswith("/en/") or request.path == "/en":
        return "en"
    if not request.path.startswith(("/konto/", "/anmelden/", "/identity/")):
        return "de"
    return _account_language(request)


def _account_language(request: HttpRequest) -> str:
    session = getattr(request, "session", None)
    wanted = request.GET.get("lang", "")
    if wanted not in ("de", "en"):
        following = request.GET.get("next", "")
        wanted = "en" if following.startswith("/en/") else "de" if following else ""
    if session is None:
        return wanted or "de"
    if wanted and session.get("lang", "de") != wanted:
        session["lang"] = wanted
    return "en" if session.get("lang") == "en" else "de"


def language(get_response: Handler) -> Handler:
    """Activate the language the address names: German without prefix, English below `/en/`."""

    def middleware(request: HttpRequest) -> HttpResponse:
        code = _wanted_language(request)
        with translation.override(code):
            request.LANGUAGE_CODE = code
            response = get_response(request)
        response.setdefault("Content-Language", code)
        patch_vary_headers(response, ["Cookie"])
        return response

    return middleware


def explain(get_response: Handler) -> Handler:
    """Tell a `Problem` as a page or as JSON instead of failing."""

    class Middleware:
        """Django wants a class for `process_exception`."""

        def __init__(self, handler: Handler) -> None:
            self._handler = handler

        def __call__(self, request: HttpRequest) -> HttpResponse:
            response = self._handler(request)
            if response.status_code == 405 and request.path.startswith("/api/"):
                return _method_not_allowed(response)
            return response

        def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
            if isinstance(exception, Problem):
                return problem_response(request, exception)
            if isinstance(exception, ValueError | DataError) and _holds_nul(request):
                return problem_response(request, _nul())
            return None

    return Middleware(get_response)


def _holds_nul(request: HttpRequest) -> bool:
    """Tell whether something that was sent holds the character NUL: PostgreSQL keeps no text with it, SQLite does."""
    sent = [value for given in (request.GET, request.POST) for values in given.lists() for value in values[1]]
    return any("\x00" in text for text in (request.path, *sent))


def _nul() -> BadInput:
    return BadInput(
        "nul_character",
        de="Darin steht ein Zeichen, das kein Text enthalten kann.",
        en="It holds a character that no text can contain.",
        where="request",
        remedy_de="Bitte tippen Sie die Angabe neu ein.",
        remedy_en="Type it in again.",
    )


def _method_not_allowed(response: HttpResponse) -> HttpResponse:
    problem = WrongCall(
        "method_not_allowed",
        de="Diese Adresse kennt die Methode nicht.",
        en="This address does not know the method.",
        where="method",
        remedy_de=f"Erlaubt: {response['Allow']}",
        remedy_en=f"Allowed: {response['Allow']}",
    )
    told = JsonResponse({"error": problem.as_dict()}, status=405)
    told["Allow"] = response["Allow"]
    return told


def problem_response(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Return the error as JSON below `/api/`, as a page elsewhere."""
    _log.info("event=problem code=%s status=%s", problem.code, problem.http_status)
    if request.path.startswith("/api/"):
        return JsonResponse({"error": problem.as_dict()}, status=problem.http_status)
    code = translation.get_language() or "de"
    # Whoever may not come in, or follows an old link, reads why; a code would only help somebody who looks for a fault.
    shown = "" if isinstance(problem, NotAllowed | NotFound) else problem.code
    context = {"message": problem.message(code), "remedy": problem.remedy_in(code), "code": shown}
    return render(request, "web/problem.html", context, status=problem.http_status)
