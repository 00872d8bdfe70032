"""What all pages of the room share: the page's language, going on, and the headers of pages behind a link."""

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
    answer = HttpResponseRedirect(reverse(f"{lang_of(request)}:{name}", args=args) + more)
    unlisted(answer)
    return answer


def file(content: bytes, media_type: str, name: str) -> HttpResponse:
    """Return a file of ours, to be kept by the person."""
    response = HttpResponse(content, content_type=media_type)
    plain = "".join(c if c.isascii() and c not in '"\\' else "_" for c in name)
    response["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    return unlisted(response)


def unlisted(response: HttpResponse) -> HttpResponse:
    """Keep a page behind a key out of search engines, its address out of other sites' logs, and itself out of shared caches.

    "same-origin" and not "no-referrer": with the latter browsers send forms with `Origin: null`, and the check of the form's token
    refuses them.
    """
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-cache"
    return response


def address_of(request: HttpRequest) -> str:
    """Return the address by which a person's waiting parts are counted; "" where nothing is limited."""
    return str(getattr(request, "limited_address", ""))
