"""Pages of questions behind a link: the lead's of a kept check, and a colleague's own sheet. A POST saves the page and leads on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from nordlotse.foundation.questionnaire.answering import Filled, Mend
from nordlotse.foundation.questionnaire.form import Form
from nordlotse.readiness.actions import answering as actions
from nordlotse.readiness.actions import checks as keeping
from nordlotse.readiness.core import asking
from nordlotse.readiness.forms.answering import fields
from nordlotse.readiness.queries import answering, checks
from nordlotse.readiness.queries import models as known
from nordlotse.readiness.views.answering import next_names
from nordlotse.readiness.views.carried import page_of, read_answers
from nordlotse.readiness.views.page import lang_of, unlisted


@dataclass(frozen=True, slots=True)
class Place:
    """Whose sheet is answered and where its pages are: `action` their address, `done` where the end leads, `key` the check's for its lead."""

    sheet: checks.SheetOf
    models: tuple[str, ...]
    action: str
    done: str
    key: str = ""

    @property
    def form(self) -> Form:
        """Return the questions asked."""
        return answering.form_of(self.models)

    def filled(self, answers: Mapping[str, Any]) -> Filled:
        """Return what the questions make of answers; colleagues are not asked about the company itself."""
        found = answering.filled(self.models, answers)
        return found if self.key else for_colleague(self.form, found)


def for_colleague(form: Form, found: Filled) -> Filled:
    """Return what is asked of a colleague: all but the questions about the company itself, which the lead has answered."""
    return replace(found, visible=tuple(n for n in found.visible if form.by_name[n].group != asking.COMPANY))


@require_http_methods(["GET", "HEAD", "POST"])
def kept_questions(request: HttpRequest, key: str) -> HttpResponse:
    """A page of questions of a kept check's newest round. GET: `?frage=` begins the page, `?offen=1` asks only what is open."""
    check = checks.kept(key)
    newest, lang = check.newest, lang_of(request)
    action, done = (reverse(f"{lang}:{n}", args=[key]) for n in ("readiness_kept_questions", "readiness_kept_result"))
    place = Place(newest.lead, newest.models, action, done, key)
    if request.method == "POST":
        return _save(request, place)
    keeping.opened(check)
    return _show(request, place)


@require_http_methods(["GET", "HEAD", "POST"])
def colleague_questions(request: HttpRequest, sheet: str) -> HttpResponse:
    """A page of questions on a colleague's own sheet."""
    found = checks.colleague(sheet)
    lang = lang_of(request)
    action, done = (
        reverse(f"{lang}:{n}", args=[sheet]) for n in ("readiness_colleague_questions", "readiness_colleague")
    )
    place = Place(found.sheet, found.models, action, f"{done}?fertig=1")
    return _save(request, place) if request.method == "POST" else _show(request, place)


@require_safe
def colleague(request: HttpRequest, sheet: str) -> HttpResponse:
    """What a colleague is asked to do, and afterwards a word of thanks."""
    found = checks.colleague(sheet)
    form, filled = answering.form_of(found.models), answering.filled(found.models, found.sheet.answers)
    context = {
        "sheet": found.sheet,
        "total": len(asking.counted(form, filled)),
        "open": len(asking.open_questions(form, filled, found.sheet.answers)),
        "done": request.GET.get("fertig") == "1",
    }
    return unlisted(render(request, "readiness/colleague.html", context))


def _show(request: HttpRequest, place: Place) -> HttpResponse:
    """Show the page asked for, else the first one with something open, else the first."""
    answers, form = place.sheet.answers, place.form
    filled = place.filled(answers)
    only_open = request.GET.get("offen") == "1"
    names = asking.at(form, filled, request.GET.get("frage", ""))
    if names and place.key and request.GET.get("einzeln") == "1":
        return _page(request, place, names[:1], single=True)
    if only_open:
        names = tuple(n for n in names if n not in answers)
    names = names or asking.start(form, filled, answers, only_open=True) or asking.start(form, filled, answers)
    return _page(request, place, names, only_open=only_open)


def _save(request: HttpRequest, place: Place) -> HttpResponse:
    """Save a page and lead on. What has to be mended, or was overtaken, is shown with nothing lost."""
    shown, given = page_of(request, place.models)
    do, only_open = request.POST.get("do", "next"), request.POST.get("open") == "1"
    single = bool(place.key) and request.POST.get("einzeln") == "1"
    try:
        if given.mends:
            raise actions.Mending(given.mends)
        if given.answers:
            saved = actions.save(place.sheet.key, given.answers, version=_version(request), seen=_seen(request))
            place = Place(saved, place.models, place.action, place.done, place.key)
    except actions.Mending as told:
        if do != "back":
            typed = given.merged(place.sheet.answers)
            return _page(request, place, shown, answers=typed, mends=told.mends, only_open=only_open, single=single)
    except actions.Overtaken as told:
        now = Place(told.now, place.models, place.action, place.done, place.key)
        typed = given.merged(told.now.answers)
        return _page(request, now, shown, answers=typed, overtaken=told.names, only_open=only_open, single=single)
    if single and shown:
        return unlisted(HttpResponseRedirect(f"{place.done}?geaendert={shown[0]}"))
    return _go_on(place, shown, do, only_open)


def _go_on(place: Place, shown: Sequence[str], do: str, only_open: bool) -> HttpResponse:
    """Lead to the next page, or to the end."""
    if do in ("result", "stay"):
        return _to(place.done) if do == "result" else _to(place.action, next(iter(shown), ""), only_open)
    answers = place.sheet.answers
    names = next_names(place.form, place.filled(answers), answers, shown, {"do": do}, only_open)
    if names:
        return _to(place.action, names[0], only_open)
    if place.key:
        keeping.finish(place.key)
    return _to(place.done)


def _to(address: str, name: str = "", only_open: bool = False) -> HttpResponse:
    more = f"?frage={name}" + ("&offen=1" if only_open else "") if name else ""
    return unlisted(HttpResponseRedirect(address + more))


def _version(request: HttpRequest) -> int:
    typed = request.POST.get("version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else -1


def _seen(request: HttpRequest) -> dict[str, Any]:
    return read_answers(request.POST.get("seen", "") or "{}")


def _page(
    request: HttpRequest,
    place: Place,
    names: Sequence[str],
    *,
    answers: Mapping[str, Any] | None = None,
    mends: Sequence[Mend] = (),
    overtaken: Sequence[str] = (),
    only_open: bool = False,
    single: bool = False,
) -> HttpResponse:
    """Show a page; `answers` are those somebody has just typed, `overtaken` the questions somebody else answered meanwhile.

    `single`: one answer is corrected, and the result comes next.
    """
    kept = place.sheet.answers
    shown = kept if answers is None else answers
    form, filled = place.form, place.filled(shown)
    screen = asking.screen(form, filled, shown, names) or asking.screen(
        form, filled, shown, asking.start(form, filled, shown)
    )
    if screen is None:
        raise checks.unknown()
    lang = lang_of(request)
    context = {
        "screen": screen,
        "fields": fields(screen.questions, shown, lang, mends, {name: kept.get(name) for name in overtaken}),
        "mends": mends,
        "overtaken": overtaken,
        "sheet": place.sheet,
        "outdated": known.outdated(place.models),
        "seen": json.dumps({n: kept[n] for n in screen.names if n in kept}, ensure_ascii=False),
        "only_open": only_open,
        "single": single,
        "key": place.key,
        "lang": lang,
        "action": place.action,
        "other": place.action[3:] if lang == "en" else f"/en{place.action}",
    }
    status = 422 if mends else 409 if overtaken else 200
    return unlisted(render(request, "readiness/questions.html", context, status=status))
