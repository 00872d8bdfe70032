"""The start page, and pages of questions whose answers nobody keeps: they travel in the form."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from nordlotse.foundation.problem import BadInput, NotFound, Problem
from nordlotse.foundation.questionnaire.answering import Filled, Mend
from nordlotse.foundation.questionnaire.form import Form
from nordlotse.readiness.core import asking
from nordlotse.readiness.forms.answering import fields
from nordlotse.readiness.queries import answering
from nordlotse.readiness.queries import models as known
from nordlotse.readiness.views.carried import MAX_CHARACTERS, Carried, carried, read_answers, read_models
from nordlotse.readiness.views.page import lang_of, travelling, without_answers
from nordlotse.readiness.views.result import changed_page


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """What the check takes, and the way in; POST takes in a file with answers and goes on where it ends.

    `?modell=` opens the start page of one model, which then stands alone; `?models=` ticks further ones on the common page.
    """
    if request.method != "POST":
        return _alone(request, request.GET["modell"]) if request.GET.get("modell") else _start(request)
    try:
        found = _uploaded(request)
    except BadInput as problem:
        return _start(request, problem)
    form, filled = _asked(found)
    names = asking.start(form, filled, found.answers, only_open=True) or asking.start(form, filled, found.answers)
    return _loose(request, found, names, taken=True)


def _start(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    short = answering.short()
    context = {
        "short": short,
        "further": answering.offers(beside=(short.model.id,)),
        "without": "ohne" in request.GET,
        "ticked": known.bases(read_models(request.GET.getlist("models"))) if "models" in request.GET else (),
        "shipped": known.SHIPPED,
        "problem": problem,
    }
    return render(request, "readiness/start.html", context, status=problem.http_status if problem else 200)


def _alone(request: HttpRequest, name: str) -> HttpResponse:
    """Show the start page of one model; the short check is not forced along."""
    found = answering.offer(name)
    if found is None:
        problem = NotFound(
            "model_not_on_offer",
            de="Diesen Check bieten wir nicht (mehr) an.",
            en="We do not offer this check (any more).",
            where="modell",
            remedy_de="Hier geht es zu den Checks, die es gibt.",
            remedy_en="Here are the checks there are.",
        )
        return _start(request, problem)
    further = answering.offers(beside=(name,))
    reference = answering.offered((name,))[0]
    return render(request, "readiness/own_start.html", {"offer": found, "reference": reference, "further": further})


def _uploaded(request: HttpRequest) -> Carried:
    """Return the answers of an uploaded file.

    Raises:
        BadInput: there is no file, or it is none of ours.
    """
    file = request.FILES.get("file")
    if file is None or not file.size:
        raise BadInput(
            "file_missing",
            de="Es ist keine Datei ausgewählt.",
            en="No file has been chosen.",
            where="file",
            remedy_de="Bitte wählen Sie die Datei antworten.json.",
            remedy_en="Choose the file antworten.json.",
        )
    text = file.read(4 * MAX_CHARACTERS + 1).decode("utf-8-sig", errors="replace")
    answers = read_answers(text)
    named = json.loads(text).get("models")
    models = read_models([str(m) for m in named] if isinstance(named, list) else [])
    return Carried(answers, answering.offered(models))


def _asked(found: Carried) -> tuple[Form, Filled]:
    return answering.form_of(found.models), answering.filled(found.models, found.answers)


@require_http_methods(["GET", "HEAD", "POST"])
def questions(request: HttpRequest) -> HttpResponse:
    """A page of questions; nothing is kept, all answers travel in the form. `do` says where to: next, back, stay."""
    if request.method != "POST":
        return without_answers(request)
    found = carried(request)
    form, filled = _asked(found)
    only_open, single = request.POST.get("open") == "1", request.POST.get("einzeln") == "1"
    mends = _mends(found, filled)
    do = request.POST.get("do", "next")
    if do == "stay" or (mends and do != "back"):
        again = mends if do != "stay" else ()
        return _loose(request, found, found.shown, mends=again, only_open=only_open, single=single)
    if single and found.shown:
        return changed_page(request, found)
    if single and asking.at(form, filled, request.POST.get("frage", "")):
        return _loose(request, found, (request.POST["frage"],), single=True)
    names = next_names(form, filled, found.answers, found.shown, request.POST, only_open)
    if names:
        return _loose(request, found, names, only_open=only_open)
    return _end(request, found, form, filled)


def _mends(found: Carried, filled: Filled) -> tuple[Mend, ...]:
    """Return what has to be mended on the page that was sent; one sentence for each question."""
    first = {m.question: m for m in (*filled.mends, *found.mends) if m.question in found.shown}
    return tuple(first.values())


def next_names(
    form: Form,
    filled: Filled,
    answers: Mapping[str, Any],
    shown: Sequence[str],
    sent: Mapping[str, Any],
    only_open: bool,
) -> tuple[str, ...]:
    """Return the questions of the page to go to, () behind the last one."""
    if asked_for := sent.get("frage", ""):
        return asking.at(form, filled, asked_for) or asking.start(form, filled, answers)
    if sent.get("do") == "back":
        return asking.back(form, filled, shown) or asking.start(form, filled, answers)
    if not shown:
        return asking.start(form, filled, answers, only_open=only_open)
    return asking.onward(form, filled, answers, shown, only_open=only_open)


def _loose(
    request: HttpRequest,
    found: Carried,
    names: Sequence[str],
    *,
    mends: Sequence[Mend] = (),
    only_open: bool = False,
    taken: bool = False,
    single: bool = False,
) -> HttpResponse:
    """Show a page of questions whose answers travel; `single`: one answer is corrected, and the result comes next."""
    form, filled = _asked(found)
    screen = asking.screen(form, filled, found.answers, names)
    if screen is None:
        return _end(request, found, form, filled)
    lang = lang_of(request)
    context = {
        "screen": screen,
        "fields": fields(screen.questions, found.answers, lang, mends),
        "mends": mends,
        "carried": found,
        "outdated": known.outdated(found.models),
        "only_open": only_open,
        "taken": taken,
        "single": single,
        "lang": lang,
        "action": _address(request, "readiness_questions"),
        "other": _address(request, "readiness_questions", other=True),
    }
    return travelling(render(request, "readiness/questions.html", context, status=422 if mends else 200))


def _address(request: HttpRequest, name: str, *args: str, other: bool = False) -> str:
    lang = lang_of(request)
    if other:
        lang = "de" if lang == "en" else "en"
    return reverse(f"{lang}:{name}", args=args)


def _end(request: HttpRequest, found: Carried, form: Form, filled: Filled) -> HttpResponse:
    """Show that the last page is done, and the way to the result."""
    left = asking.open_questions(form, filled, found.answers)
    context = {
        "carried": found,
        "open": len(left),
        "total": len(asking.counted(form, filled)),
        "other": _address(request, "readiness_questions", other=True),
    }
    return travelling(render(request, "readiness/end.html", context))
