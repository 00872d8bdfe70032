"""The report of a part as PDF, for whoever holds its link and for a shared one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import NotFound
from nordlotse.print3d.core.report import report as made
from nordlotse.print3d.core.seeing.views import VIEWS
from nordlotse.print3d.queries import costs, parts, shop
from nordlotse.print3d.queries.parts import KeptPart
from nordlotse.print3d.views.page import file, lang_of


@require_safe
def report(request: HttpRequest, key: str) -> HttpResponse:
    """The report of a part."""
    return _pdf(parts.by_key(key), lang_of(request))


@require_safe
def shared_report(request: HttpRequest, share: str) -> HttpResponse:
    """The report of a shared part."""
    return _pdf(parts.by_share(share), lang_of(request))


def _pdf(kept: KeptPart, lang: Lang) -> HttpResponse:
    """Return the report of the check as it is now.

    Raises:
        NotFound: `no_report_yet`.
    """
    if kept.examined is None:
        raise NotFound(
            "no_report_yet",
            de="Einen Bericht gibt es erst, wenn die Prüfung fertig ist.",
            en="There is a report only when the check is done.",
            where="report",
            remedy_de="Bitte warten Sie und öffnen Sie dann die Seite des Teils.",
            remedy_en="Wait, then open the part's page.",
        )
    found, said = costs.compared_as_kept(kept)
    views = {name: png for name in VIEWS if (png := parts.content(kept.key, f"{name}.png")) is not None}
    pdf = made(
        replace(kept.examined, name=kept.name, reckoned=costs.weighed(kept)),
        views,
        found,
        lang,
        timezone.localdate(),
        today=said.today,
        held=costs.rates_for(kept, said.figures),
        limits=shop.judged(shop.of_part(kept)).limits,
        expires=timezone.localdate(kept.expires_at),
    )
    word = "Druckbericht" if lang == "de" else "print-report"
    return file(pdf, "application/pdf", f"{word}-{PurePath(kept.name).stem[:80]}.pdf")
