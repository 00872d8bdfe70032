"""The house's components: addresses in the page's language, dates, icons drawn by us."""

from __future__ import annotations

from datetime import date, datetime

from django import template
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation

from nordlotse.foundation.records import day

register = template.Library()


def language() -> str:
    """Return "de" or "en", the language of the page being made."""
    return "en" if (translation.get_language() or "de").startswith("en") else "de"


@register.simple_tag
def address(name: str, *args: object) -> str:
    """Return the address of a page in the page's language."""
    return reverse(f"{language()}:{name}", args=[str(a) for a in args])


@register.simple_tag(takes_context=True)
def other_language(context: template.Context) -> str:
    """Return this page's address in the other language."""
    request: HttpRequest | None = context.get("request")
    path = request.get_full_path() if request is not None else "/"
    if path == "/en" or path.startswith("/en/"):
        return path[3:] or "/"
    if path.startswith(("/konto/", "/anmelden/")):
        return "/en/"
    return f"/en{path}"


@register.filter
def written(value: date | datetime | str | None) -> str:
    """Write a day out: "1. Januar 2025" or "1 January 2025"."""
    if isinstance(value, str):
        value = date.fromisoformat(value[:10]) if value else None
    if value is None:
        return ""
    return day(value.date() if isinstance(value, datetime) else value, language())


@register.filter
def get_item(mapping: dict[str, object], key: str) -> object:
    """Return `mapping[key]`, "" if it is missing."""
    return mapping.get(key, "")
