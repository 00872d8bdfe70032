"""What all pages of the room share: the page's language, going on, the hall behind the link, and the headers of pages behind a link."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from nordlotse.foundation.language import Lang
from nordlotse.iot.models import Hall, Machine
from nordlotse.iot.queries import halls


def lang_of(request: HttpRequest) -> Lang:
    """Return the language the address names."""
    return "en" if getattr(request, "LANGUAGE_CODE", "de") == "en" else "de"


def hall_of(request: HttpRequest, key: str) -> Hall:
    """Return the hall of an address, if this person may see it.

    Raises:
        NotFound: `iot_no_hall`.
    """
    return halls.hall(key, request.user)


def machine_of(request: HttpRequest, key: str, number: int) -> Machine:
    """Return the machine of an address, if this person may see its hall.

    Raises:
        NotFound: `iot_no_hall`, `iot_no_machine`.
    """
    return halls.machine(hall_of(request, key), number)


def came_from(request: HttpRequest, machines: Iterable[Machine]) -> Machine | None:
    """Return the machine from whose page somebody came to a page of its hall, as the ways there say it (`?m=`)."""
    typed = request.GET.get("m", "")
    return next((one for one in machines if str(one.pk) == typed), None)


def go(request: HttpRequest, name: str, *args: object, more: str = "") -> HttpResponseRedirect:
    """Lead to one of our pages in the page's language; which machine somebody came from goes along (`?m=`)."""
    came = request.GET.get("m", "")
    if not more and came.isascii() and came.isdigit() and len(came) < 19:
        more = f"?m={came}"
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
    """Keep a page behind a key out of search engines, its address out of other sites' logs, and itself out of shared caches."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-cache"
    return response


def address_of(request: HttpRequest) -> str:
    """Return the address by which a person's sandboxes are counted; "" where nothing is limited."""
    return str(getattr(request, "limited_address", ""))
