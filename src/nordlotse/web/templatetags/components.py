"""The house's components: addresses in the page's language, dates, icons drawn by us."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from allauth.mfa.utils import is_mfa_enabled
from django import template
from django.forms import BoundField
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import Problem
from nordlotse.foundation.records import day
from nordlotse.foundation.role import Role

register = template.Library()


def language() -> str:
    """Return "de" or "en", the language of the page being made."""
    return "en" if (translation.get_language() or "de").startswith("en") else "de"


@register.simple_tag
def address(name: str, *args: object) -> str:
    """Return the address of a page in the page's language."""
    return _address(language(), name, tuple(str(a) for a in args))


@lru_cache(maxsize=4096)
def _address(code: str, name: str, args: tuple[str, ...]) -> str:
    """Look an address up once: a list page has more than a hundred, and they never change while the program runs."""
    return reverse(f"{code}:{name}", args=args)


@register.simple_tag(takes_context=True)
def other_language(context: template.Context) -> str:
    """Return this page's address in the other language."""
    request: HttpRequest | None = context.get("request")
    path = request.get_full_path() if request is not None else "/"
    if kept := context.get("kept_query"):  # a form sent back: its address has lost where somebody came from
        path = f"{path}?{kept}"
    if path == "/en" or path.startswith("/en/"):
        return path[3:] or "/"
    if request is not None and path.startswith(("/konto/", "/anmelden/", "/identity/")):
        asked = request.GET.copy()
        asked["lang"] = "de" if language() == "en" else "en"
        return f"{request.path}?{asked.urlencode()}"
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
def grouped(value: object) -> object:
    """Write a whole number with a mark between thousands: "3.295" or "3,295"; anything else stays as it is."""
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    return f"{value:,}" if language() == "en" else f"{value:,}".replace(",", ".")


@register.filter
def get_item(mapping: dict[str, object], key: str) -> object:
    """Return `mapping[key]`, "" if it is missing."""
    return mapping.get(key, "")


@register.filter
def dialled(number: str) -> str:
    """Return a telephone number as `tel:` wants it: "+49 (0)40 123-45" becomes "+494012345"."""
    return "".join(c for c in number.replace("(0)", "") if c.isdigit() or c == "+")


@register.filter
def control(field: BoundField) -> str:
    """Return a form field's control in the house's look; Django adds the links to hint and error."""
    kind = getattr(field.field.widget, "input_type", "textarea")
    name = {"select": "kern-form-input__select", "checkbox": "kern-form-check__checkbox"}.get(
        kind, "kern-form-input__input"
    )
    # A placeholder would say the label a second time, in a colour too pale to read: False leaves it out.
    return field.as_widget(attrs={"class": name, "placeholder": False})


@register.filter
def in_language(text: Text) -> str:
    """Return a two-language text in the page's language."""
    return text.get(language())


@register.filter
def role_name(value: str) -> str:
    """Return what a role is called, in the page's language."""
    return Role(value).label.get(language()) if value in set(Role) else value


@register.filter
def told(problem: Problem) -> str:
    """Return what went wrong, in the page's language."""
    return problem.message(language())


@register.filter
def remedy(problem: Problem) -> str:
    """Return what to do about it, in the page's language."""
    return problem.remedy_in(language())


@register.simple_tag(takes_context=True)
def second_factor(context: template.Context) -> bool:
    """Tell whether the signed-in person has set up a second factor."""
    user = context["request"].user
    return bool(user.is_authenticated and is_mfa_enabled(user))
