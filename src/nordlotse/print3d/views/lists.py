"""Which of our parts would pay: handing in files and list, progress with what was understood, the ranked result, its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.problem import Problem
from nordlotse.print3d.actions import list_intake
from nordlotse.print3d.actions import lists as actions
from nordlotse.print3d.core import template as filled
from nordlotse.print3d.core.amounts import between, euro, rounded
from nordlotse.print3d.core.headings import LABELS
from nordlotse.print3d.core.ranking import SAVED, UNCHECKED, VERDICTS, lacking
from nordlotse.print3d.core.rates import rates
from nordlotse.print3d.core.values import RIGHTS
from nordlotse.print3d.forms.lists import ListForm
from nordlotse.print3d.queries import lists, parts
from nordlotse.print3d.queries.lists import KeptList
from nordlotse.print3d.views.page import address_of, file, go, lang_of, unlisted

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Largest page number somebody may ask for: 10,000 parts.
_PAGES = 200


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Say what one gets and what a list looks like; POST takes files and list in and leads to the run."""
    form = ListForm(request.POST, request.FILES) if request.method == "POST" else ListForm()
    problem: Problem | None = None
    archive = (request.POST if request.method == "POST" else request.GET).get("archiv", "")
    held = parts.by_key(archive) if archive else None
    if form.is_bound and form.is_valid():
        try:
            given = form.cleaned_data
            lang, address = lang_of(request), address_of(request)
            key = list_intake.take(
                given["uploads"],
                given["table"],
                lang=lang,
                address=address,
                archive=archive,
                other_fine=given["other_fine"],
            )
        except Problem as told:
            problem = told
        else:
            return go(request, "print3d_list", key)
    status = problem.http_status if problem else 422 if form.errors else 200
    head, *examples = filled.rows(lang_of(request))
    context = {
        "form": form,
        "problem": problem,
        "held": held,
        "head": head[:7],
        "examples": [_short(row, lang_of(request)) for row in examples],
    }
    return render(request, "print3d/list_start.html", context, status=status)


def _short(row: Sequence[str | float | None], lang: Lang) -> list[str]:
    """Return the first cells of an example as they stand in a list."""
    marks = str.maketrans(".", ",") if lang == "de" else str.maketrans("", "")
    return ["" if c is None else f"{c:.2f}".translate(marks) if isinstance(c, float) else str(c) for c in row[:7]]


@require_http_methods(["POST"])
def sample(request: HttpRequest) -> HttpResponse:
    """Run the check over our own sample parts with a short list."""
    key = list_intake.take_sample(lang=lang_of(request), address=address_of(request))
    return go(request, "print3d_list", key)


@require_safe
def template(request: HttpRequest) -> HttpResponse:
    """Hand out the list to fill in."""
    lang = lang_of(request)
    name = Text("teileliste-vorlage.xlsx", "parts-list-template.xlsx").get(lang)
    return file(filled.workbook(lang), _XLSX, name)


@require_safe
def kept(request: HttpRequest, key: str) -> HttpResponse:
    """The page of a list: progress while the run is under way, else its result, or why there is none."""
    found = lists.by_key(key)
    if found.task == lists.PACK:
        return go(request, "print3d_pack", more=f"?liste={key}")
    lang = lang_of(request)
    if found.summary and (found.wish or not found.running):
        return unlisted(render(request, "print3d/list.html", _result(request, found, lang)))
    context = {"kept": found, "understood": _understood(found, lang), "percent": _percent(found)}
    return unlisted(render(request, "print3d/list_waiting.html", context))


@require_safe
def progress(request: HttpRequest, key: str) -> HttpResponse:
    """How far the run is, as a fragment; when it is over the whole page is loaded anew."""
    found = lists.by_key(key)
    if found.running:
        context = {"kept": found, "percent": _percent(found), "understood": _understood(found, lang_of(request))}
        return unlisted(render(request, "print3d/_list_progress.html", context))
    if request.headers.get("HX-Request"):
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return unlisted(answer)
    return go(request, "print3d_list", key)


@require_http_methods(["POST"])
def cancel(request: HttpRequest, key: str) -> HttpResponse:
    """Stop the run; what is judged stays."""
    actions.cancel(key)
    return go(request, "print3d_list", key)


@require_http_methods(["POST"])
def resume(request: HttpRequest, key: str) -> HttpResponse:
    """Go on where the run stopped; or judge anew with or without another material than the list's (`werkstoff`)."""
    asked = {"anderer": True, "eigener": False}.get(request.POST.get("werkstoff", ""))
    actions.resume(key, address=address_of(request), other_fine=asked)
    return go(request, "print3d_list", key)


@require_http_methods(["POST"])
def part(request: HttpRequest, key: str) -> HttpResponse:
    """Open one part of the list as a check of its own."""
    rank = request.POST.get("rang", "")
    number = int(rank) if rank.isascii() and rank.isdigit() and len(rank) < 6 else 0
    made = actions.open_part(key, number, lang=lang_of(request), address=address_of(request))
    return go(request, "print3d_part", made)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, key: str) -> HttpResponse:
    """Ask once more, then delete the list with its files and show a receipt."""
    found = lists.by_key(key)
    if request.method == "POST" and request.POST.get("sure") == "yes":
        return unlisted(render(request, "print3d/list_deleted.html", {"receipt": actions.delete(key)}))
    unsure = request.method == "POST"
    context = {"kept": found, "unsure": unsure}
    return unlisted(render(request, "print3d/list_delete.html", context, status=422 if unsure else 200))


@require_safe
def workbook(request: HttpRequest, key: str) -> HttpResponse:
    """Hand out the ranked list as XLSX."""
    return _download(request, key, "xlsx", _XLSX)


@require_safe
def table(request: HttpRequest, key: str) -> HttpResponse:
    """Hand out the ranked list as CSV."""
    return _download(request, key, "csv", "text/csv; charset=utf-8")


def _download(request: HttpRequest, key: str, ending: str, media_type: str) -> HttpResponse:
    lang = lang_of(request)
    name = Text("rangfolge", "ranking").get(lang)
    lists.by_key(key)
    return file(lists.result(key, lang, ending), media_type, f"{name}.{ending}")


# ---- what the pages show ----


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the ranking in words."""

    rank: int
    part: str
    number: str
    file: str
    verdict: str
    said: str
    process: str
    guide: bool
    cost: str
    lot: int
    today: str
    saving: str
    why: str
    against: str
    material: str
    spent: str


def _result(request: HttpRequest, found: KeptList, lang: Lang) -> dict[str, Any]:
    verdict = request.GET.get("urteil", "")
    verdict = verdict if verdict in lists.VERDICTS else ""
    asked = request.GET.get("seite", "1")
    page = min(_PAGES, max(1, int(asked))) if asked.isascii() and asked.isdigit() and len(asked) < 5 else 1
    rows, more = lists.rows(found.key, verdict, page)
    summary = found.summary
    counts = summary.get("counts", {})
    choices = [
        ("", sum(counts.values()), ""),
        *((v, counts.get(v, 0), VERDICTS[v].get(lang)) for v in lists.VERDICTS),
    ]
    return {
        "kept": found,
        "summary": summary,
        "counts": counts,
        "judged": sum(counts.values()) - counts.get("unread", 0),
        **_sums(summary, lang),
        "unchecked": UNCHECKED.get(lang),
        "saved_is": SAVED.get(lang),
        "other_fine": bool(found.found.get("other_fine")),
        "lines": [_line_of(row, lang) for row in rows],
        "choices": choices,
        "verdict": verdict,
        "page": page,
        "more": more,
        "understood": _understood(found, lang),
        "rights": RIGHTS.get(lang),
    }


def _sums(summary: Mapping[str, Any], lang: Lang) -> dict[str, str]:
    """Return the amounts of the sentences on top, and the holding cost's figure and source."""
    other, holding = summary.get("other", {}), summary.get("holding", [0.0, 0.0])
    rate = rates().screening["holding"].value
    return {
        "saved": amount_range(float(summary["low"]), float(summary["high"]), lang),
        "spent": amount_range(float(summary.get("spent", 0)), float(summary.get("spent", 0)), lang),
        "other_saved": amount_range(float(other.get("low", 0)), float(other.get("high", 0)), lang),
        "bound": amount_range(float(summary.get("bound", 0)), float(summary.get("bound", 0)), lang),
        "holding": amount_range(float(holding[0]), float(holding[1]), lang),
        "holding_share": f"{rate.low * 100:.0f}–{rate.high * 100:.0f}\u00a0%",
        "holding_source": rate.source.get(lang),
    }


def amount_range(low: float, high: float, lang: Lang) -> str:
    """Return a range of yearly amounts: "1.900 bis 3.400 €", "−50 bis 340 €"; two significant digits."""
    first, last = (_whole(value, lang) for value in (low, high))
    until = Text("bis", "to").get(lang)
    # the sign must not stand alone on the next line
    return f"{first}\u00a0€" if first == last else f"{first} {until} {last}\u00a0€"


def _whole(value: float, lang: Lang) -> str:
    held = f"{abs(rounded(value)):,.0f}"
    held = held.replace(",", ".") if lang == "de" else held
    return f"−{held}" if value < 0 and held != "0" else held


def _line_of(row: dict[str, Any], lang: Lang) -> Line:
    pick = 1 if lang == "en" else 0
    cost, saving = row["cost"], row["saving"]
    reasons = row["problem"][pick] if row["problem"] else ", ".join(reason[pick] for reason in row["reasons"])
    against = ", ".join(doubt[pick] for doubt in row.get("against", ()))
    if row.get("own") and row.get("note"):
        against = f"{against}. {row['note'][pick]}" if against else row["note"][pick]
    return Line(
        rank=row["rank"],
        part=row["part"] or Text("(ohne Namen)", "(no name)").get(lang),
        number=row["number"] if row["number"] != row["part"] else "",
        file=PurePosixPath(row["file"]).name,
        verdict=row["verdict"],
        said=VERDICTS[row["verdict"]].get(lang),
        process=rates().ways[row["process"]].name.get(lang) if row["process"] in rates().ways else "",
        guide=bool(cost) and not row["measured"],
        cost=between(cost[0], cost[2], lang) if cost else "",
        lot=row["lot"],
        today=euro(row["price"], lang) if row["price"] else "",
        saving=amount_range(saving[0], saving[2], lang) if saving else "",
        why=reasons,
        against=against.rstrip("."),
        material=_materials(row, pick),
        spent=amount_range(row["spent"], row["spent"], lang) if row.get("spent") else "",
    )


def _materials(row: Mapping[str, Any], pick: int) -> str:
    """Return the list's own material and, where it is another one, what it is reckoned with."""
    own, used = str(row.get("own") or ""), row["material"][pick] if row.get("material") else ""
    return f"{own} → {used}" if own and used and own != used else used or own


def _percent(found: KeptList) -> int:
    return round(100 * found.done / found.total) if found.total else 0


def _understood(found: KeptList, lang: Lang) -> dict[str, Any]:
    """Return how list and files were understood, in the page's language."""
    told = dict(found.found.get("understood", {}))
    pick = 1 if lang == "en" else 0
    told["columns"] = [
        {
            "heading": column["heading"],
            "label": LABELS[column["key"]].get(lang) if column["key"] in LABELS else column["key"],
            "unit": column["unit"][pick],
            "assumed": column["assumed"],
            "example": _number(column["example"], lang),
        }
        for column in told.get("columns", ())
    ]
    told["matters"] = bool(told.get("table")) or bool(told.get("files"))
    heads = {column["key"] for column in found.found.get("understood", {}).get("columns", ())}
    told["figures"] = {"price", "yearly"} <= heads
    lacks = lacking(1.0 if "price" in heads else None, 1.0 if "yearly" in heads else None)
    told["lacks"] = lacks.get(lang) if lacks else ""
    return told


def _number(value: object, lang: Lang) -> str:
    if not isinstance(value, int | float):
        return str(value)
    said = f"{value:,.2f}".rstrip("0").rstrip(".")
    return said.translate(str.maketrans(",.", ".,")) if lang == "de" else said
