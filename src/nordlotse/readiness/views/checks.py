"""Kept checks: keeping, the overview behind the link, colleagues and their differences, repeating, deleting, the file."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from nordlotse.foundation.problem import BadInput, Problem, TooMany
from nordlotse.foundation.questionnaire.form import DONT_KNOW
from nordlotse.office import sending
from nordlotse.readiness import elsewhere
from nordlotse.readiness.actions import answering as saving
from nordlotse.readiness.actions import checks as actions
from nordlotse.readiness.core import asking
from nordlotse.readiness.core.differing import Difference, differences
from nordlotse.readiness.core.pattern import qr_svg
from nordlotse.readiness.models import new_key
from nordlotse.readiness.queries import answering, checks
from nordlotse.readiness.queries import models as known
from nordlotse.readiness.views.carried import carried, read_answers, read_models
from nordlotse.readiness.views.page import file, go, lang_of, travelling, unlisted, without_answers

_keys = signing.Signer(salt="nordlotse.readiness.new_check", sep=".")


# ---- keeping ----


@require_http_methods(["GET", "HEAD", "POST"])
def keep(request: HttpRequest) -> HttpResponse:
    """Ask what to do with the answers; `do=keep` stores them under the link that this page has drawn, once."""
    if request.method != "POST":
        return without_answers(request)
    found = carried(request)
    if not found.given:
        return without_answers(request)
    if request.POST.get("do") == "keep":
        key = actions.keep(found.answers, found.models, lang=lang_of(request), key=_drawn(request))
        if wanted := _wanted(request):
            actions.choose_plan(key, 0, wanted)
        return go(request, "readiness_kept", key, more="?neu=1")
    context = {
        "carried": found,
        "once": _keys.sign(new_key()),
        "other": _other(request, "readiness_keep"),
        "wanted": _wanted(request),
    }
    return travelling(render(request, "readiness/keep.html", context))


def _wanted(request: HttpRequest) -> dict[str, str]:
    """Return goal and struck steps that came along from the plan's page; nothing from elsewhere."""
    if "ziel" not in request.POST:
        return {}
    return {name: request.POST[name] for name in actions.OF_A_PLAN if request.POST.get(name)}


def _drawn(request: HttpRequest) -> str:
    """Return the key the page has drawn; "" where it is not ours."""
    try:
        return _keys.unsign(request.POST.get("once", "")[:200])
    except signing.BadSignature:
        return ""


def _other(request: HttpRequest, name: str) -> str:
    return reverse(f"{'de' if lang_of(request) == 'en' else 'en'}:{name}")


@require_http_methods(["GET", "HEAD", "POST"])
def answers_file(request: HttpRequest) -> HttpResponse:
    """Hand out the answers that travel as a file; nothing is kept."""
    if request.method != "POST":
        return without_answers(request)
    found = carried(request)
    return file(_as_json(found.models, found.answers), "application/json", _file_name(request))


@require_safe
def kept_file(request: HttpRequest, key: str) -> HttpResponse:
    """Hand out the answers of a kept round as a file."""
    shown = checks.kept(key).round(request.GET.get("runde"))
    return file(_as_json(shown.models, dict(shown.answers)), "application/json", _file_name(request))


def _file_name(request: HttpRequest) -> str:
    return "antworten.json" if lang_of(request) == "de" else "answers.json"


def _as_json(models: tuple[str, ...], answers: Any) -> bytes:
    form = answering.form_of(models)
    content = {
        "form": {"id": form.id, "version": form.version, "hash": form.hash},
        "models": list(answering.offered(models)),
        "answers": dict(answers),
    }
    return json.dumps(content, ensure_ascii=False, indent=2).encode()


# ---- the overview ----


@require_http_methods(["GET", "HEAD", "POST"])
def kept(request: HttpRequest, key: str) -> HttpResponse:
    """Everything a check's link opens. POST: invite or remove a colleague, ask for further models, close the round."""
    check = checks.kept(key)
    if request.method != "POST":
        actions.opened(check)
        return _kept(request, check)
    try:
        told = _do(request, key)
    except Problem as problem:
        return _kept(request, check, problem, problem.http_status)
    return go(
        request, "readiness_kept_questions" if told == "deepen" else "readiness_kept", key, more=_MORE.get(told, "")
    )


@require_http_methods(["GET", "HEAD", "POST"])
def mail(request: HttpRequest, key: str) -> HttpResponse:
    """Mail the link: an address of its own, because fewer of these are let through than of anything else here."""
    if request.method == "POST":
        try:
            actions.mail_link(key, request.POST.get("mail", ""), lang_of(request))
        except (BadInput, TooMany) as problem:
            return _kept(request, checks.kept(key), problem, problem.http_status)
    return go(request, "readiness_kept", key, more="?verschickt=1" if request.method == "POST" else "")


#: Where the overview opens after something was done.
_MORE = {"invite": "#kollegen", "remove": "#kollegen", "deepen": "?offen=1"}


def _do(request: HttpRequest, key: str) -> str:
    do = request.POST.get("do", "")
    if do == "invite":
        actions.invite(key, request.POST.get("who", ""))
    elif do == "remove":
        actions.remove_colleague(key, request.POST.get("sheet", ""))
    elif do == "deepen":
        actions.add_models(key, read_models(request.POST.getlist("models")))
    elif do == "renew":
        actions.renew(key)
    elif do == "finish":
        actions.finish(key)
    else:
        raise BadInput(
            "button_unknown",
            de="Dieser Knopf ist hier unbekannt.",
            en="This button is not known here.",
            where="do",
            remedy_de="Bitte laden Sie die Seite neu.",
            remedy_en="Load the page again.",
        )
    return do


def _kept(
    request: HttpRequest, check: checks.KeptCheck, problem: Problem | None = None, status: int = 200
) -> HttpResponse:
    newest = check.newest
    form, filled = answering.form_of(newest.models), answering.filled(newest.models, newest.answers)
    link = link_of(check.key, lang_of(request))
    context = {
        "check": check,
        "newest": newest,
        "outdated": known.outdated(newest.models),
        "link": link,
        "qr": qr_svg(link),
        "open": len(asking.open_questions(form, filled, newest.answers)),
        "total": len(asking.counted(form, filled)),
        "colleagues": [
            (s, address, _standing(s, newest), qr_svg(address))
            for s in newest.colleagues
            for address in [colleague_link(s.key, lang_of(request))]
        ],
        "further": answering.offers(newest.answers, newest.models),
        "said": answering.said(form, filled, newest.answers, lang_of(request)),
        "mails": sending.sends(),
        "problem": problem,
        "new": "neu" in request.GET,
        "mailed": "verschickt" in request.GET,
    }
    return unlisted(render(request, "readiness/kept.html", context, status=status))


def link_of(key: str, lang: str) -> str:
    """Return the whole link of a check."""
    return str(settings.CONFIGURATION.public_url) + reverse(f"{lang}:readiness_kept", args=[key])


def colleague_link(key: str, lang: str) -> str:
    """Return the whole link of a colleague's sheet."""
    return str(settings.CONFIGURATION.public_url) + reverse(f"{lang}:readiness_colleague", args=[key])


def _standing(sheet: checks.SheetOf, begun: checks.RoundOf) -> tuple[int, int]:
    """Return how many of the questions asked a colleague has answered."""
    form, filled = answering.form_of(begun.models), answering.filled(begun.models, sheet.answers)
    total = len(asking.counted(form, filled))
    return total - len(asking.open_questions(form, filled, sheet.answers)), total


def _begun(sheet: checks.SheetOf, begun: checks.RoundOf) -> bool:
    """Tell whether a colleague has answered anything."""
    return _standing(sheet, begun)[0] > 0


# ---- colleagues' answers ----


@require_http_methods(["GET", "HEAD", "POST"])
def unlike(request: HttpRequest, key: str) -> HttpResponse:
    """Where people of the company answer differently, the biggest gap first; POST takes one answer over."""
    check = checks.kept(key)
    begun = check.round(request.POST.get("runde") if request.method == "POST" else request.GET.get("runde"))
    problem = None
    if request.method == "POST":
        try:
            _adopt(request, check, begun)
        except BadInput as told:
            problem, check = told, checks.kept(key)
            begun = check.round(begun.number)
        else:
            return go(request, "readiness_differences", key, more=f"?runde={begun.number}")
    lang = lang_of(request)
    people = (begun.lead, *(s for s in begun.colleagues if _begun(s, begun)))
    found, alike = differences(answering.form_of(begun.models), [p.answers for p in people])
    context = {
        "check": check,
        "round": begun,
        "people": people,
        "waiting": [s for s in begun.colleagues if not _begun(s, begun)],
        "rows": [_row(d, people, lang) for d in found],
        "alike": alike,
        "problem": problem,
    }
    return unlisted(
        render(request, "readiness/differences.html", context, status=problem.http_status if problem else 200)
    )


def _adopt(request: HttpRequest, check: checks.KeptCheck, begun: checks.RoundOf) -> None:
    sent = request.POST
    version = sent.get("version", "")
    saving.adopt(
        check.key,
        begun.number,
        sent.get("question", "")[:64],
        sent.get("sheet", "")[:24],
        version=int(version) if version.isascii() and version.isdigit() and len(version) < 10 else -1,
        seen=read_answers(sent.get("seen", "") or "{}"),
    )


def _row(found: Difference, people: tuple[checks.SheetOf, ...], lang: str) -> dict[str, Any]:
    q, lead = found.question, people[0].answers
    said = [asking.said(q, p.answers.get(q.name)).get(lang) for p in people]
    one, other = found.farthest
    return {
        "name": q.name,
        "label": q.label.get(lang),
        "gap": round(found.gap * 100),
        "unsure": found.unsure,
        "pair": [(people[n], said[n]) for n in (one, other)] if one != other else [],
        "answers": [
            (p, words, not p.lead and p.answers.get(q.name, DONT_KNOW) not in (DONT_KNOW, lead.get(q.name)))
            for p, words in zip(people, said, strict=True)
        ],
        "seen": json.dumps({q.name: lead[q.name]} if q.name in lead else {}, ensure_ascii=False),
    }


# ---- repeating, deleting ----


@require_http_methods(["GET", "HEAD", "POST"])
def repeat(request: HttpRequest, key: str) -> HttpResponse:
    """Begin the next round, from the old answers or empty."""
    check = checks.kept(key)
    problem = None
    if request.method == "POST":
        seen = request.POST.get("seen", "")
        try:
            actions.repeat(
                key,
                empty=request.POST.get("start") == "empty",
                seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 4 else check.newest.number,
            )
        except BadInput as told:
            problem = told
        else:
            return go(request, "readiness_kept_questions", key, more="?frage=" + _first(check))
    context = {"check": check, "newest": check.newest, "next": check.newest.number + 1, "problem": problem}
    return unlisted(render(request, "readiness/repeat.html", context, status=problem.http_status if problem else 200))


def _first(check: checks.KeptCheck) -> str:
    form, filled = answering.form_of(check.newest.models), answering.filled(check.newest.models, check.newest.answers)
    return next(iter(asking.start(form, filled, {})), "")


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, key: str) -> HttpResponse:
    """Ask once more, then delete everything and show a receipt."""
    check = checks.kept(key)
    if request.method == "POST" and request.POST.get("sure") == "yes":
        return unlisted(render(request, "readiness/deleted.html", {"receipt": actions.delete(key)}))
    people = len({s.who for r in check.rounds for s in r.colleagues})
    context = {"check": check, "people": people, "cases": elsewhere.found(check), "unsure": request.method == "POST"}
    return unlisted(render(request, "readiness/delete.html", context, status=422 if request.method == "POST" else 200))
