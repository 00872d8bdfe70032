"""“Wer zahlt das?”: which programmes fit, which have ended, and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from nordlotse.foundation import records as dated
from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.foundation.region import State
from nordlotse.funding import core

#: So many different findings are kept in memory (about 60 kB each).
KEPT = 200


def _lang(request: HttpRequest) -> Lang:
    return "en" if getattr(request, "LANGUAGE_CODE", "de") == "en" else "de"


def number(value: str) -> int | None:
    """Return a whole number typed by a person ("1.200", "1 200"), None for nothing.

    Raises:
        BadInput: not a number.
    """
    digits = value.replace(".", "").replace(" ", "").replace("\u00a0", "").strip()
    if not digits:
        return None
    if not digits.isdecimal() or len(digits) > 14:
        raise BadInput(
            "number_wrong",
            de=f"„{value[:20]}“ ist keine Zahl.",
            en=f"“{value[:20]}” is not a number.",
            where="employees",
            remedy_de="Bitte eine ganze Zahl angeben.",
            remedy_en="Give a whole number.",
        )
    return int(digits)


def switch(value: str) -> bool | None:
    """Return what "yes" or "no" means, None for anything else."""
    return {"yes": True, "no": False}.get(value)


_kept: dict[tuple[core.Applicant, date, Lang], tuple[Mapping[str, dated.Record], dict[str, object]]] = {}


def _finding(applicant: core.Applicant, lang: Lang) -> dict[str, object]:
    """Return the finding, from memory if the same was asked today of the same records; nothing of it names a person."""
    key, records = (applicant, timezone.localdate(), lang), dated.read_records().records
    known = _kept.get(key)
    if known is not None and known[0] is records:
        return known[1]
    if len(_kept) >= KEPT:
        _kept.clear()
    made = core.as_dict(core.find(applicant, key[1], records), lang)
    _kept[key] = (records, made)
    return made


@require_safe
def finder(request: HttpRequest) -> HttpResponse:
    """Ask at most five things and show every programme with its reasons; works by address alone."""
    lang = _lang(request)
    asked = {k: request.GET.get(k, "")[:60] for k in ("state", "employees", "sector", "purpose", "started")}
    context = {
        "asked": asked,
        "states": [(s.value, s.label.get(lang)) for s in State],
        "sectors": [(k, v.get(lang)) for k, v in core.SECTOR_NAMES.items()],
        "purposes": [(k, v.get(lang)) for k, v in core.PURPOSE_NAMES.items()],
        "searched": any(asked.values()),
    }
    status = 200
    try:
        applicant = core.parse_applicant(
            state=asked["state"] or None,
            employees=number(asked["employees"]),
            sector=asked["sector"] or None,
            purpose=asked["purpose"] or None,
            already_started=switch(asked["started"]),
        )
    except BadInput as problem:
        applicant, status = core.Applicant(), 422
        context |= {"problem": problem.message(lang), "remedy": problem.remedy_in(lang)}
    context["found"] = _finding(applicant, lang)
    template = "funding/_found.html" if request.headers.get("HX-Request") else "funding/finder.html"
    return render(request, template, context, status=status)


@require_safe
def programme(request: HttpRequest, programme_id: str) -> HttpResponse:
    """One programme: state today, terms, office, sources."""
    lang, on = _lang(request), timezone.localdate()
    records = dated.read_records().records
    record = records.get(programme_id)
    if not isinstance(record, dated.FundingRecord) or not record.speaks:
        raise NotFound(
            "programme_unknown",
            de="Dieses Programm kennen wir nicht.",
            en="We do not know this programme.",
            where=programme_id[:80],
            remedy_de="Bitte die Liste der Programme ansehen.",
            remedy_en="See the list of programmes.",
        )
    verdict = core.verdict_as_dict(core.assess(record, core.Applicant(), on), lang, records)
    alternatives = [a for i in record.alternatives if (a := records.get(i)) is not None]
    context = {
        "programme": verdict,
        "combinable": record.combinable.get(lang),
        "alternatives": [(a.id, a.subject.get(lang)) for a in alternatives],
        "contradictions": [c.text.get(lang) for c in record.contradictions],
    }
    return render(request, "funding/programme.html", context)
