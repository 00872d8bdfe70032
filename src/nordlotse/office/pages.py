"""What the pages of every room do alike: their language, the way on, and a second question before what cannot be undone."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import Problem

#: The field by which a form says that the second question was answered with yes.
SURE = "sure"


def lang_of(request: HttpRequest) -> Lang:
    """Return the page's language."""
    return "en" if getattr(request, "LANGUAGE_CODE", "de") == "en" else "de"


def go(request: HttpRequest, name: str, *args: object, more: str = "") -> HttpResponseRedirect:
    """Lead to a named page in the language of this one; `more` is added to its address: "#part" or "?question"."""
    return HttpResponseRedirect(reverse(f"{lang_of(request)}:{name}", args=args) + more)


def told(request: HttpRequest, problem: Problem) -> str:
    """Return what went wrong and what to do, in the page's language."""
    return f"{problem.message(lang_of(request))} {problem.remedy_in(lang_of(request))}"


def sure(request: HttpRequest) -> bool:
    """Tell whether the form comes from the second question."""
    return request.POST.get(SURE) == "yes"


def ask_again(
    request: HttpRequest, title: str, text: str, button: str, *, back: str, points: Sequence[str] = (), action: str = ""
) -> HttpResponse:
    """Ask a second time before the form is acted upon: it comes back with the same fields and `sure`.

    `points`: what is concerned, one by one; `back`: where a no leads. Nothing has been changed. Uploaded files do not come back:
    this is for forms without. `action`: another page that acts on a yes alone; it gets none of the fields.
    """
    kept = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if not action and name not in (SURE, "csrfmiddlewaretoken")
    ]
    context: dict[str, object] = {"title": title, "text": text, "button": button, "back": back}
    context |= {"points": points, "kept": kept, "action": action}
    return render(request, "office/sure.html", context)
