"""How much anybody may send, told before a single byte of it is read or written to the disk."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from nordlotse.foundation.problem import Problem, TooLarge, WrongCall
from nordlotse.iot.queries.limits import UPLOAD_BYTES as LARGEST_VALUES
from nordlotse.office import links
from nordlotse.print3d.core.limits import MAX_BYTES as LARGEST_PART
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

#: The largest body with a part to be checked for printing, in bytes: the part itself and what its form says beside it.
MAX_PART_BYTES = LARGEST_PART + 1024 * 1024

#: Where anybody hands in parts: pages and interface.
PARTS = frozenset({"/druck/", "/druck/liste/", "/druck/packen/"})
PARTS_BELOW = "/api/v1/print3d/"

#: Where a shop hands in past jobs with their parts.
_JOBS = re.compile(r"/druck/werkstatt/[A-Za-z0-9]{24}/kalibrieren/")

#: The largest file of values, in bytes, with what its form says; and where one is handed in.
MAX_VALUES_BYTES = LARGEST_VALUES + 1024 * 1024
_VALUES = re.compile(r"/maschinen/[A-Za-z0-9]{24}/datei/")

#: The largest body of values over the interface, in bytes.
MAX_SENT_BYTES = 5 * 1024 * 1024
SENT = "/api/v1/iot/values"

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
    most, told = _allowed(request)
    return None if len(length) < 20 and int(length) <= most else too_large(told)


def _allowed(request: HttpRequest) -> tuple[int, str]:
    """Return how many bytes this person may send to this address, and in words."""
    rules: tuple[tuple[Callable[[HttpRequest], bool], int, str], ...] = (
        (_may_hand_in_parts, MAX_PART_BYTES, "150 MB"),
        (_may_hand_in_values, MAX_VALUES_BYTES, "100 MB"),
        (_may_send_values, MAX_SENT_BYTES, "5 MB"),
        (_may_import, MAX_IMPORT_BYTES, "60 MB"),
        (_may_attach, MAX_ATTACHED_BYTES, "25 MB"),
    )
    return next(((most, told) for may, most, told in rules if may(request)), (MAX_BYTES, "256 kB"))


def _may_hand_in_values(request: HttpRequest) -> bool:
    return request.method == "POST" and _VALUES.fullmatch(request.path.removeprefix("/en")) is not None


def _may_send_values(request: HttpRequest) -> bool:
    return request.method == "POST" and request.path == SENT


def _may_hand_in_parts(request: HttpRequest) -> bool:
    path = request.path.removeprefix("/en")
    return request.method == "POST" and (path in PARTS or request.path.startswith(PARTS_BELOW))


def _may_attach(request: HttpRequest) -> bool:
    path = request.path.removeprefix("/en")
    if _JOBS.fullmatch(path):
        return True
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
