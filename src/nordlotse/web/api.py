"""Puts the rooms' interfaces together and tells every error in the house's form."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from nordlotse import __version__
from nordlotse.foundation.problem import BadInput, NotFound, Problem, TooMany
from nordlotse.funding.api import router as funding
from nordlotse.iot.api import router as iot
from nordlotse.journey.api import router as journey
from nordlotse.network.api import router as network
from nordlotse.print3d.api import router as print3d
from nordlotse.web.bodies import too_large


class House(NinjaAPI):
    """Describes for every operation the errors that any of them may tell."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Return the description with the house's error object for the status codes of limits and wrong fields."""
        schema = super().get_openapi_schema(**options)
        told = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorOut"}}}
        login = {"type": "http", "scheme": "basic", "description": "a login of a hall's machines"}
        schema.setdefault("components", {}).setdefault("securitySchemes", {})["machineLogin"] = login
        for operations in schema["paths"].values():
            for operation in operations.values():
                told_here = {**_LOGIN_ERRORS, **_ERRORS} if "security" in operation else _ERRORS
                for status, meaning in told_here.items():
                    operation["responses"].setdefault(status, {"description": meaning, "content": told})
        return schema


#: Of addresses that want a login, besides.
_LOGIN_ERRORS = {401: "User and password are missing or wrong", 403: "The login is for another machine"}
_ERRORS = {
    404: "There is no such thing",
    405: "The address does not know the method",
    413: "More than the stated limit",
    422: "A field cannot be used",
    429: "Too many requests; `Retry-After` says when to come back",
    503: "A part of the installation is not ready",
}

api = House(
    title="Nordlotse",
    version=__version__,
    description="Questions of small and mid-sized companies, answered with sources. No login, no key; rate limits apply. Machine data alone want the login of a hall.",
    docs_url=None,
    urls_namespace="api",
)
api.add_router("", journey)
api.add_router("", funding)
api.add_router("", network)
api.add_router("", print3d)
api.add_router("", iot)


#: Seconds after which to come back where a room has too much to do; rate limits say their own.
_COME_BACK = "10"


def _told(problem: Problem) -> JsonResponse:
    told = JsonResponse({"error": problem.as_dict()}, status=problem.http_status)
    if isinstance(problem, TooMany):
        told["Retry-After"] = _COME_BACK
    if problem.http_status == 401:
        told["WWW-Authenticate"] = 'Basic realm="Nordlotse", charset="UTF-8"'
    return told


@api.exception_handler(Problem)
def problem(request: HttpRequest, exception: Problem) -> HttpResponse:
    """Tell an error of the house."""
    return _told(exception)


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, exception: ValidationError) -> HttpResponse:
    """Tell which field is wrong."""
    first: dict[str, Any] = exception.errors[0] if exception.errors else {}
    place = ".".join(str(p) for p in first.get("loc", ())[-1:])
    return _told(
        BadInput(
            "field_wrong",
            de=f"Das Feld „{place}“ fehlt oder passt nicht.",
            en=f"The field “{place}” is missing or does not fit.",
            where=place,
            remedy_de="Die Beschreibung steht unter /api/v1/openapi.json.",
            remedy_en="The description is at /api/v1/openapi.json.",
        )
    )


def _unreadable() -> BadInput:
    return BadInput(
        "body_unreadable",
        de="Der Inhalt ist kein gültiges JSON in UTF-8.",
        en="The body is not valid JSON in UTF-8.",
        where="body",
        remedy_de='Bitte {"question": "…"} senden.',
        remedy_en='Send {"question": "…"}.',
    )


@api.exception_handler(HttpError)
def http_error(request: HttpRequest, exception: HttpError) -> HttpResponse:
    """Tell that the body cannot be read, or that there is nothing at the address."""
    if exception.status_code == 404:
        return _told(
            NotFound(
                "nothing_here",
                de="Hier ist nichts.",
                en="There is nothing here.",
                where="path",
                remedy_de="Bitte die Adresse prüfen.",
                remedy_en="Check the address.",
            )
        )
    return _told(_unreadable())


@api.exception_handler(SuspiciousOperation)
def too_big(request: HttpRequest, exception: SuspiciousOperation) -> HttpResponse:
    """Tell that the body is larger than we read."""
    if isinstance(exception, RequestDataTooBig):
        return _told(too_large("256 kB"))
    return _told(_unreadable())


@api.exception_handler(UnicodeDecodeError)
def encoding(request: HttpRequest, exception: UnicodeDecodeError) -> HttpResponse:
    """Tell that the body is not UTF-8."""
    return _told(_unreadable())
