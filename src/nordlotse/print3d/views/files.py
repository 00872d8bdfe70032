"""The files of a part that its page shows: the picture's data and the six views."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from nordlotse.foundation.problem import NotFound
from nordlotse.print3d.queries import parts
from nordlotse.print3d.views.page import unlisted


@require_safe
def view(request: HttpRequest, key: str) -> HttpResponse:
    """The picture's data of a part."""
    return shown(request, parts.by_key(key).key, parts.PICTURE, "application/octet-stream")


@require_safe
def picture(request: HttpRequest, key: str, view: str) -> HttpResponse:
    """One of the six views of a part."""
    return shown(request, parts.by_key(key).key, f"{view}.png", "image/png")


def shown(request: HttpRequest, key: str, name: str, media_type: str) -> HttpResponse:
    """Return a file of a part for its page; a browser that has it already is told so.

    Raises:
        NotFound: `no_such_file`.
    """
    found = parts.stored(key, name)
    if found is not None and request.headers.get("If-None-Match") == f'"{found.sha256[:32]}"':
        return _marked(HttpResponse(status=304), found.sha256)
    content = parts.content(key, name) if found is not None else None
    if found is None or content is None:
        raise NotFound(
            "no_such_file",
            de="Dieses Bild gibt es (noch) nicht.",
            en="This picture is not there (yet).",
            where="file",
            remedy_de="Bitte warten Sie, bis die Prüfung fertig ist.",
            remedy_en="Wait until the check is done.",
        )
    return _marked(HttpResponse(content, content_type=media_type), found.sha256)


def _marked(response: HttpResponse, sha256: str) -> HttpResponse:
    response["ETag"] = f'"{sha256[:32]}"'
    response["X-Content-Type-Options"] = "nosniff"
    return unlisted(response)
