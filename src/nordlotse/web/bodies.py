"""How much anybody may send, told before a single byte of it is read or written to the disk."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from nordlotse.foundation.problem import Problem, TooLarge, WrongCall
from nordlotse.office import links
from nordlotse.web.middleware import problem_response
from nordlotse.web.staff import may_work

Handler = Callable[[HttpRequest], HttpResponse]

#: The largest body of a request, in bytes; files count too.
MAX_BYTES: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE

#: The largest body of an import by signed-in staff, in bytes.
MAX_IMPORT_BYTES = 60 * 1024 * 1024

#: Where staff hand in files: texts, calendars, tables.
IMPORTS = frozenset({"/desk/import/", "/desk/termine/quellen/", "/desk/netz/einlesen/"})

#: The largest body with files beside somebody's words, in bytes.
MAX_ATTACHED_BYTES = 25 * 1024 * 1024

#: Where people with an account hand in files beside their words: cases, working groups.
THREADS = ("/betrieb/fall/", "/fachleute/fall/", "/desk/faelle/", "/gruppen/")

#: Where a mailed link lets its holder do so.
_BY_LINK = re.compile(r"/(?:fall|anfrage)/([^/]{1,120})/")


def bounded(get_response: Handler) -> Handler:
    """Refuse a body that is too large or does not say its length; stands where the person is known and nothing is read yet.

    Django's own limit leaves out files, and the check of a form's token reads the whole form of anybody.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        problem = _refused(request)
        return get_response(request) if problem is None else problem_response(request, problem)

    return middleware


def _refused(request: HttpRequest) -> Problem | None:
    if request.META.get("HTTP_TRANSFER_ENCODING"):
        return WrongCall(
            "length_missing",
            de="Die Anfrage nennt ihre Länge nicht.",
            en="The request does not tell its length.",
            where="Content-Length",
            remedy_de="Bitte mit Content-Length senden.",
            remedy_en="Send it with Content-Length.",
        )
    length = str(request.META.get("CONTENT_LENGTH") or "")
    if not length.isdecimal() or (len(length) < 20 and int(length) <= MAX_BYTES):
        return None
    if _may_import(request):
        return None if len(length) < 20 and int(length) <= MAX_IMPORT_BYTES else too_large("60 MB")
    if _may_attach(request):
        return None if len(length) < 20 and int(length) <= MAX_ATTACHED_BYTES else too_large("25 MB")
    return too_large("256 kB")


def _may_attach(request: HttpRequest) -> bool:
    path = request.path.removeprefix("/en")
    if path.startswith(THREADS):
        return bool(request.user.is_authenticated)
    link = _BY_LINK.fullmatch(path)
    return link is not None and links.is_signed(link[1])


def _may_import(request: HttpRequest) -> bool:
    person = request.user
    return (
        request.path.removeprefix("/en") in IMPORTS
        and person.is_authenticated
        and person.is_staff
        and may_work(request)
    )


def too_large(limit: str) -> TooLarge:
    """Return the problem of a body above `limit`, a size in words."""
    return TooLarge(
        "body_too_large",
        de=f"Das ist mehr, als wir annehmen: höchstens {limit}.",
        en=f"This is more than we accept: at most {limit}.",
        where="body",
        remedy_de="Bitte weniger senden.",
        remedy_en="Send less.",
    )
