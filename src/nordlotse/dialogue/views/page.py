"""What all pages of the room share: the number of a page of a list, and files of ours."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse


def page_number(request: HttpRequest) -> int:
    """Return the page of a list that is asked for, 1 if it is none."""
    typed = request.GET.get("page", "")
    return int(typed) if typed.isascii() and typed.isdigit() and 0 < len(typed) < 5 and int(typed) else 1


def file(content: bytes, media_type: str, name: str, *, download: bool = True) -> HttpResponse:
    """Return a file of ours."""
    response = HttpResponse(content, content_type=media_type)
    kind = "attachment" if download else "inline"
    response["Content-Disposition"] = f"{kind}; filename=\"{name}\"; filename*=UTF-8''{quote(name)}"
    response["X-Robots-Tag"] = "noindex"
    return response
