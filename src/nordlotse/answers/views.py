"""Pages of the knowledge: topics, articles, records, search; the editors' pages."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nordlotse.answers import actions, queries, reading
from nordlotse.answers.core.article import TOPICS
from nordlotse.answers.core.knowledge import shipped_texts
from nordlotse.answers.forms import ImportForm, NewTextForm
from nordlotse.foundation import records as dated
from nordlotse.foundation.intake import MAX_BYTES
from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import BadInput, NotFound, Problem

MAX_SEARCH = 500


def _lang(request: HttpRequest) -> Lang:
    return "en" if getattr(request, "LANGUAGE_CODE", "de") == "en" else "de"


def _go(request: HttpRequest, name: str, *args: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(f"{_lang(request)}:{name}", args=args))


@require_safe
def topic(request: HttpRequest, topic: str) -> HttpResponse:
    """A topic: picture, what it is about, its articles."""
    if topic not in TOPICS:
        raise Http404
    return render(request, "answers/topic.html", {"topic": topic, "articles": queries.articles(topic, _lang(request))})


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """All articles by topic."""
    groups = [(t, queries.articles(t, _lang(request))) for t in TOPICS]
    return render(request, "answers/overview.html", {"groups": [g for g in groups if g[1]]})


@require_safe
def article(request: HttpRequest, slug: str) -> HttpResponse:
    """One article with numbered sources."""
    found = queries.article(slug, _lang(request))
    known = queries.knowledge()
    related = [a for r in found.related if (a := known.article(r, _lang(request))) is not None]
    context = {
        "article": found,
        "page": reading.page(found),
        "related": related,
        "stale": found.review_by < known.on,
        "untranslated": found.lang != _lang(request),
    }
    return render(request, "answers/article.html", context)


@require_safe
def record(request: HttpRequest, record_id: str) -> HttpResponse:
    """One dated record: what it says today, its sources, when it was checked."""
    lang = _lang(request)
    known = queries.knowledge()
    found = known.records.get(record_id)
    unit = known.units.get(f"record:{record_id}@{lang}")
    if found is None or unit is None:
        raise NotFound(
            "record_unknown",
            de="Diesen Eintrag gibt es nicht.",
            en="There is no such record.",
            where=record_id[:80],
            remedy_de="Bitte suchen Sie danach.",
            remedy_en="Please search for it.",
        )
    context = {
        "record": found,
        "title": found.subject.get(lang),
        "sentences": [unit.sentence_text(s) for s in unit.sentences],
        "warnings": dated.warnings(found, lang, known.on),
        "error": found.common_error.get(lang),
    }
    return render(request, "answers/record.html", context)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Search over articles and records."""
    typed = request.GET.get("q", "").replace("\x00", "")[:MAX_SEARCH].strip()
    hits = queries.search(typed, _lang(request))[0] if any(c.isalnum() for c in typed) else []
    template = "answers/_hits.html" if request.headers.get("HX-Request") else "answers/search.html"
    return render(request, template, {"typed": typed, "hits": hits})


# ---- the editors' pages ----


@login_required
@require_safe
def texts(request: HttpRequest) -> HttpResponse:
    """Every text with its state."""
    actions.check_editor(request.user)
    return render(request, "answers/texts.html", {"texts": queries.texts()})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_text(request: HttpRequest) -> HttpResponse:
    """Begin a new article from a skeleton."""
    actions.check_editor(request.user)
    form = NewTextForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if queries.history(form.cleaned_data["slug"], form.cleaned_data["lang"]):
            form.add_error(
                "slug", _("Diese Kennung gibt es schon. Bitte eine andere wählen oder den Text dort bearbeiten.")
            )
            return render(request, "answers/new_text.html", {"form": form}, status=422)
        raw = actions.skeleton(
            form.cleaned_data["slug"], form.cleaned_data["lang"], form.cleaned_data["topic"], form.cleaned_data["title"]
        )
        revision = actions.save_draft(request.user, form.cleaned_data["slug"], form.cleaned_data["lang"], raw, "")
        return _go(request, "edit", revision.slug, revision.lang)
    return render(request, "answers/new_text.html", {"form": form})


def _latest(slug: str, lang: Lang) -> tuple[str, int]:
    """Return the raw text to edit and its number: a draft not published yet, else what visitors see."""
    versions = queries.history(slug, lang)
    if not versions:
        raise NotFound(
            "text_unknown",
            de="Diesen Text gibt es nicht.",
            en="There is no such text.",
            where=f"{slug}.{lang}",
            remedy_de="Bitte die Liste der Texte neu laden.",
            remedy_en="Reload the list of texts.",
        )
    shown = next((v for v in versions if v.state in ("published", "shipped")), versions[-1])
    newest = versions[0]
    return (newest.raw, newest.number) if newest.state == "draft" else (shown.raw, shown.number)


def _number(typed: str) -> int:
    """Return the number of a version as it was sent, -1 if that is none."""
    return int(typed) if typed.isdecimal() and len(typed) < 9 else -1


def _readable(slug: str, lang: Lang, raw: str) -> bool:
    """Tell whether a text can be read; one that cannot is kept as a draft and leads back to the editor, which says why."""
    try:
        actions.read_text(slug, lang, raw)
    except BadInput:
        return False
    return True


def _code(lang: str) -> Lang:
    if lang not in ("de", "en"):
        raise Http404
    return "en" if lang == "en" else "de"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str, lang: str) -> HttpResponse:
    """Edit a text: preview, save as draft, publish. What was typed is never lost."""
    actions.check_editor(request.user)
    code = _code(lang)
    raw, number = _latest(slug, code)
    context: dict[str, Any] = {
        "slug": slug,
        "lang": code,
        "raw": raw,
        "number": number,
        "note": "",
        "newest": queries.newest_number(slug, code),
    }
    if request.method == "POST":
        context |= {"raw": request.POST.get("raw", ""), "note": request.POST.get("note", "")}
        try:
            if "preview" not in request.POST:
                base = request.POST.get("number", "")
                revision = actions.save_draft(
                    request.user,
                    slug,
                    code,
                    context["raw"],
                    context["note"],
                    based_on=int(base) if base.isdecimal() and len(base) < 9 else None,
                )
                context |= {"number": revision.number, "newest": revision.number}
                if "publish" in request.POST:
                    actions.publish(request.user, slug, code, revision.number)
                return _go(request, "history" if _readable(slug, code, revision.raw) else "edit", slug, code)
        except BadInput as problem:
            return render(request, "answers/edit.html", context | {"problem": problem}, status=422)
    try:
        article, findings = actions.read_text(slug, code, context["raw"])
        context |= {"preview": reading.page(article), "article": article, "findings": findings}
    except BadInput as problem:
        context |= {"problem": problem}
    template = "answers/_preview.html" if request.headers.get("HX-Request") else "answers/edit.html"
    return render(request, template, context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def history(request: HttpRequest, slug: str, lang: str) -> HttpResponse:
    """All versions of a text with their differences; publish or discard one, return to the shipped one, keep the local one."""
    actions.check_editor(request.user)
    code = _code(lang)
    if request.method == "POST":
        if "shipped" in request.POST:
            actions.return_to_shipped(request.user, slug, code)
        elif "keep" in request.POST:
            actions.keep_local(request.user, slug, code)
        elif "withdraw" in request.POST:
            actions.withdraw(request.user, slug, code)
        elif "discard" in request.POST:
            actions.discard_draft(request.user, slug, code, _number(request.POST["discard"]))
            if not queries.history(slug, code):
                return _go(request, "texts")
        else:
            actions.publish(request.user, slug, code, _number(request.POST.get("publish", "")))
        return _go(request, "history", slug, code)
    versions = queries.history(slug, code)
    if not versions:
        raise Http404
    rows = [
        (version, queries.difference(versions[n + 1].raw, version.raw) if n + 1 < len(versions) else [])
        for n, version in enumerate(versions)
    ]
    shipped = shipped_texts().get((slug, code))
    published = next((v for v in versions if v.state == "published"), None)
    waiting = next((t.update_waiting for t in queries.texts() if (t.slug, t.lang) == (slug, code)), False)
    context = {
        "slug": slug,
        "lang": code,
        "rows": rows,
        "shipped": shipped is not None,
        "published": published,
        "waiting": waiting,
        "update": queries.difference(published.raw, shipped) if waiting and published and shipped else [],
    }
    return render(request, "answers/history.html", context)


@login_required
@require_safe
def stale(request: HttpRequest) -> HttpResponse:
    """What is past its review date, what does not speak, what could not be read."""
    actions.check_editor(request.user)
    late, late_records, silent = queries.stale()
    context = {"late": late, "late_records": late_records, "silent": silent, "problems": queries.problems()}
    return render(request, "answers/stale.html", context)


@login_required
@require_safe
def search_test(request: HttpRequest) -> HttpResponse:
    """Show why a passage was found."""
    actions.check_editor(request.user)
    typed = request.GET.get("q", "").replace("\x00", "")[:MAX_SEARCH].strip()
    context: dict[str, Any] = {"typed": typed}
    if any(c.isalnum() for c in typed):
        hits, confidence, mode = queries.search(typed, _lang(request))
        context |= {"hits": hits, "confidence": confidence, "mode": mode, "answer": queries.answer(typed)}
    return render(request, "answers/search_test.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def import_texts(request: HttpRequest) -> HttpResponse:
    """Make drafts from uploaded files; what is refused is named with its reason."""
    actions.check_editor(request.user)
    form = ImportForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        from nordlotse.answers.importing import import_files

        try:
            uploads = [(f.name or "", partial(f.read, MAX_BYTES + 1)) for f in request.FILES.getlist("files")]
            context["report"] = import_files(uploads, topic=form.cleaned_data["topic"], user=request.user)
        except Problem as problem:
            context["problem"] = problem
    template = "answers/_report.html" if request.headers.get("HX-Request") else "answers/import.html"
    return render(request, template, context)
