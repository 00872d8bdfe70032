"""Pages of the company's way: ask, answer, sheet, feedback, contact; the staff's desk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nordlotse.answers import queries as answers
from nordlotse.answers.core.wording import LEVELS
from nordlotse.foundation import records as dated
from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.region import State, parse_state
from nordlotse.journey import actions, queries
from nordlotse.journey.forms import REASON_NAMES, OperatorForm
from nordlotse.journey.models import Inquiry
from nordlotse.journey.queries import desk as waiting
from nordlotse.journey.queries.access import coordinates
from nordlotse.office.pages import go, lang_of
from nordlotse.office.roles import check_staff

#: Real questions on the start page, by language; each is answered from the shipped knowledge (a test asks them).
EXAMPLES = {
    "de": (
        "Müssen wir E-Rechnungen jetzt schon empfangen können?",
        "Was kostet es, eine alte Maschine zu vernetzen?",
        "Ab welcher Stückzahl lohnt sich 3D-Druck nicht mehr?",
        "Sind wir mit 70 Beschäftigten von NIS2 betroffen?",
        "Gibt es in Schleswig-Holstein Geld für die Digitalisierung?",
        "Wie funktioniert Pay-per-Use für Maschinenbauer?",
    ),
    "en": (
        "Do we already have to be able to receive e-invoices?",
        "What does it cost to connect an old machine?",
        "From which quantity does 3D printing no longer pay?",
        "Does NIS2 apply to a company with 70 employees?",
        "Is there funding for digitalisation in Schleswig-Holstein?",
        "How does pay-per-use work for machine builders?",
    ),
}


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """One field, real questions, the five topics."""
    return render(request, "journey/start.html", {"examples": EXAMPLES[lang_of(request)], "states": list(State)})


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Answer the question sent and lead to its permanent link."""
    if request.method != "POST":
        return go(request, "start")
    typed = request.POST.get("question", "")
    wanted: dict[str, Any] = {}
    try:
        # The page's language wins only where the question itself could be either.
        wanted = {
            "state": parse_state(request.POST.get("state")),
            "employees": actions.check_employees(request.POST.get("employees")),
        }
        made, _ = actions.ask(typed, channel="web", **wanted)
    except BadInput as problem:
        context = {
            "examples": EXAMPLES[lang_of(request)],
            "states": list(State),
            "typed": typed[: actions.MAX_QUESTION],
            "chosen_state": request.POST.get("state", "")[:2],
            "employees": request.POST.get("employees", "")[:9],
            "problem": problem.message(lang_of(request)),
            "remedy": problem.remedy_in(lang_of(request)),
        }
        return render(request, "journey/start.html", context, status=problem.http_status)
    return HttpResponseRedirect(reverse(f"{made['lang']}:answer", args=[made["id"]]))


def _shown(inquiry: Inquiry) -> dict[str, Any]:
    """Return what answer page and sheet show."""
    answer = inquiry.answer
    sources = {s["id"]: s for s in answer["sources"]}
    numbers = {source_id: n for n, source_id in enumerate(sources, 1)}
    sentences = [
        {**s, "numbers": [numbers[i] for i in s["sources"] if i in numbers], "link": _place(s, inquiry.lang)}
        for s in answer["sentences"]
    ]
    known = answers.knowledge()
    records = [known.records[r] for r in answer.get("records", []) if r in known.records]
    lang: Lang = "en" if inquiry.lang == "en" else "de"
    programmes = [
        {"id": r.id, "name": r.subject.get(lang), "today": _today(r, lang, known.on, known.records)}
        for r in records
        if isinstance(r, dated.FundingRecord)
    ]
    related = [a for slug in answer.get("articles", [])[:3] if (a := known.article(slug, lang)) is not None]
    return {
        "inquiry": inquiry,
        "answer": answer,
        "sentences": sentences,
        "numbered_sources": [(numbers[i], s) for i, s in sources.items()],
        "level": LEVELS[answer["confidence"]].get(inquiry.lang),
        "doors": answer.get("doors", []),
        "programmes": programmes,
        "related": related,
        "monday": _monday(answer, lang),
        "euros": _euros(answer, lang),
        "reason_names": list(REASON_NAMES.items()),
        "permanent_address": settings.CONFIGURATION.public_url + reverse(f"{lang}:answer", args=[inquiry.pk]),
        "programmes_address": settings.CONFIGURATION.public_url + reverse(f"{lang}:programmes"),
    }


def _today(record: dated.FundingRecord, lang: Lang, on: date, known: Mapping[str, dated.Record]) -> str:
    """Return the first two sentences of a programme: what it is today, and what it pays."""
    return " ".join(s.text for s in dated.sentences(record, lang, on, known)[:2])


def _place(sentence: dict[str, Any], lang: str) -> str:
    """Return the address of the passage a sentence was taken from, "" for fixed cards."""
    article = str(sentence["article"])
    if article.startswith("card:"):
        return ""
    if article.startswith("record:"):
        return reverse(f"{lang}:record", args=[article.removeprefix("record:")])
    return reverse(f"{lang}:article", args=[article]) + f"#{sentence['section']}"


def _role_lead(answer: dict[str, Any], lang: Lang, role: str) -> list[str]:
    """Return the lead of the section with this role in the answer's first article."""
    known = answers.knowledge()
    for slug in answer.get("articles", [])[:1]:
        article = known.article(slug, lang)
        for section in article.sections if article else ():
            if section.role == role:
                return [section.sentence_text(s) for s in section.lead][:3]
    return []


def _monday(answer: dict[str, Any], lang: Lang) -> list[str]:
    return _role_lead(answer, lang, "next")


def _euros(answer: dict[str, Any], lang: Lang) -> list[str]:
    return _role_lead(answer, lang, "cost")


@require_safe
def answer(request: HttpRequest, inquiry_id: str) -> HttpResponse:
    """The answer with sources, how sure, the next step, and whether it helped."""
    return render(request, "journey/answer.html", _shown(queries.inquiry(inquiry_id)))


@require_safe
def sheet(request: HttpRequest, inquiry_id: str) -> HttpResponse:
    """The answer on one page to print."""
    return render(request, "journey/sheet.html", _shown(queries.inquiry(inquiry_id)))


@require_POST
def rate(request: HttpRequest, inquiry_id: str) -> HttpResponse:
    """Take down whether the answer helped."""
    actions.rate(
        inquiry_id,
        helpful=request.POST.get("helpful") == "yes",
        reason=request.POST.get("reason", ""),
        comment=request.POST.get("comment", ""),
    )
    if request.headers.get("HX-Request"):
        return render(request, "journey/_thanks.html")
    return HttpResponseRedirect(reverse(f"{lang_of(request)}:answer", args=[inquiry_id]) + "?danke=1#rueckmeldung")


@require_safe
def contact(request: HttpRequest) -> HttpResponse:
    """Who to call or write to."""
    return render(request, "journey/contact.html")


#: What each line of the desk says, in the order of the work; the keys are those of `queries.desk`.
DESK_LINES = {
    "late": _("Zusage heute fällig oder überfällig"),
    "attention": _("Fälle, die Sie brauchen"),
    "unassigned": _("Fälle ohne Person"),
    "proposed": _("Angefragt, noch ohne Ja"),
    "stale": _("Seit zehn Tagen unbewegt"),
    "working": _("Fälle in Arbeit"),
    "waiting": _("Fälle, die ruhen"),
    "questions": _("Fragen ohne Antwort"),
    "unhelped": _("Antworten, die nicht geholfen haben"),
    "services": _("Leistungen zu bestätigen"),
    "mails": _("Mails, die nicht hinausgingen"),
}


@login_required
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """The page from which a week is run: what waits, how long, and where to do it; for editors the questions and texts."""
    check_staff(request.user)
    late, late_records, silent = answers.stale()
    unanswered, badly_rated = waiting.open_questions()
    coordinator = coordinates(request.user)
    context = {
        "week": waiting.week(mails=bool(getattr(request.user, "is_superuser", False))) if coordinator else None,
        "line_names": DESK_LINES,
        "asked": 0 if coordinator else waiting.asked_since(),
        "unanswered": unanswered,
        "badly_rated": badly_rated,
        "late": len(late),
        "late_records": len(late_records),
        "silent": len(silent),
        "problems": answers.problems(),
        "updates": [t for t in answers.texts() if t.update_waiting],
        "operator_missing": not queries.operator().asked,
        "reason_words": REASON_NAMES,
    }
    return render(request, "journey/desk.html", context)


@login_required
@require_POST
def handle(request: HttpRequest, inquiry_id: str) -> HttpResponse:
    """Mark a question as handled, or erase its words at once."""
    if "erase" in request.POST:
        actions.erase(request.user, inquiry_id)
    else:
        actions.handle(request.user, inquiry_id, request.POST.get("note", ""))
    return go(request, "desk")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def operator(request: HttpRequest) -> HttpResponse:
    """Ask once who runs this centre; it can be skipped and changed later."""
    check_staff(request.user)
    if request.method == "POST":
        if "skip" in request.POST:
            actions.describe_operator(request.user, {})
            return go(request, "desk")
        form = OperatorForm(request.POST)
        if form.is_valid():
            actions.describe_operator(request.user, form.cleaned_data)
            return go(request, "imprint")
    else:
        form = OperatorForm(initial=vars(queries.operator()))
    return render(request, "journey/operator.html", {"form": form})
