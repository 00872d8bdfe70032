"""What all pages of the room need: their language, the way to another page, a problem told on the page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import BadInput


def lang_of(request: HttpRequest) -> Lang:
    """Return the language of the page."""
    return "en" if getattr(request, "LANGUAGE_CODE", "de") == "en" else "de"


def to(request: HttpRequest, name: str, *args: object) -> HttpResponseRedirect:
    """Lead to another page in the same language."""
    return HttpResponseRedirect(reverse(f"{lang_of(request)}:{name}", args=[str(a) for a in args]))


def told(request: HttpRequest, problem: BadInput) -> str:
    """Return what is wrong and what to do, in the page's language."""
    lang = lang_of(request)
    return f"{problem.message(lang)} {problem.remedy_in(lang)}".strip()


def refuse(request: HttpRequest, problem: BadInput) -> None:
    """Say on the next page what is wrong."""
    messages.error(request, told(request, problem))


def number(text: str | None) -> int:
    """Return the id a form sent, 0 for anything else."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 16 else 0
