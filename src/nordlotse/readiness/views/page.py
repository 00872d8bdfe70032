"""What all pages of the room share: the page's language, going on, files, and the headers of pages behind a link."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from nordlotse.foundation.language import Lang


def lang_of(request: HttpRequest) -> Lang:
    """Return the language the address names."""
    return "en" if getattr(request, "LANGUAGE_CODE", "de") == "en" else "de"


def go(request: HttpRequest, name: str, *args: object, more: str = "") -> HttpResponseRedirect:
    """Lead to one of our pages in the page's language."""
    return HttpResponseRedirect(reverse(f"{lang_of(request)}:{name}", args=args) + more)


def without_answers(request: HttpRequest) -> HttpResponseRedirect:
    """Lead somebody who opened a page by its address to the start, which says why there is nothing to show."""
    return go(request, "readiness", more="?ohne=1")


def file(content: bytes, media_type: str, name: str) -> HttpResponse:
    """Return a file of ours, to be kept by the person."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f"attachment; filename=\"{name}\"; filename*=UTF-8''{quote(name)}"
    return unlisted(response)


def unlisted(response: HttpResponse) -> HttpResponse:
    """Keep a page out of search engines and its address out of other sites' logs.

    "same-origin" and not "no-referrer": with the latter browsers send forms with `Origin: null` (Fetch standard, "append a request
    `Origin` header"), and the check of the form's token refuses them. To other sites neither sends anything.
    """
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "same-origin"
    return response


def travelling(response: HttpResponse) -> HttpResponse:
    """Let the browser go back to a page made by a form: with `no-store` it would show an error instead of the answers."""
    response["Cache-Control"] = "private, no-cache"
    return unlisted(response)
