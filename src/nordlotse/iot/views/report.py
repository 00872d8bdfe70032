"""The report on two weeks of a hall: the same texts as a page and as PDF."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from nordlotse.foundation.language import Lang
from nordlotse.foundation.records.figures import day as written
from nordlotse.iot.core.drawing.bars import Column, columns
from nordlotse.iot.core.energy import factors
from nordlotse.iot.core.measures import measure_for
from nordlotse.iot.core.oee.catalogue import catalogue
from nordlotse.iot.core.oee.written import duration, number, percent
from nordlotse.iot.core.periods import Period, short_day
from nordlotse.iot.core.report import report_pdf
from nordlotse.iot.core.work_told import about, shown, shown_at_most
from nordlotse.iot.models import Hall, Machine
from nordlotse.iot.queries import report as queries
from nordlotse.iot.queries.oee import stood as stood_in
from nordlotse.iot.queries.report import Lost, Report, Row
from nordlotse.iot.queries.report_words import compared, lead, told_name
from nordlotse.iot.queries.states import microseconds
from nordlotse.iot.queries.underway import underway as progress
from nordlotse.iot.views import underway
from nordlotse.iot.views.page import file, go, hall_of, lang_of, unlisted
from nordlotse.iot.views.pauses import asked
from nordlotse.iot.views.working import day_in, fresh_all

#: Machines in the table; more make the report too long for its two pages.
_MOST = 12


@require_safe
def report(request: HttpRequest, key: str) -> HttpResponse:
    """The report as a page; while numbers are being made how far they are."""
    hall, lang = hall_of(request, key), lang_of(request)
    machines, wanted, now = _looked(hall, request)
    words = wanted.words.get(lang)
    half = underway.unfinished(request, machines, wanted, now)
    if half is not None:
        title = _("Zwei Wochen an den Maschinen")
        shown = {"hall": hall, "here": "report", "told": {"words": {"title": title}, "words_period": words}}
        return underway.page(request, half, "iot/report.html", shown)
    if (over := underway.done(request)) is not None:
        return over
    found = queries.report(hall, day_in(request), now, lang)
    context = {
        "hall": hall,
        "here": "report",
        "found": found,
        "told": told(found, lang),
        "pausing": asked((row.machine for row in found.counted), lang, named=True),
        "waiting": underway.provisional(request, machines, wanted, now),
        "pictures": [_picture(found, lang, size) for size in ("narrow", "wide")],
        "older": (found.period.first - timedelta(days=1)).isoformat(),
        "newer": (found.period.last + timedelta(days=14)).isoformat()
        if found.period.last < timezone.localdate()
        else "",
        "last": found.period.last.isoformat(),
        "asked": found.unrated > 0,
        "first": next(
            (row.machine for row in found.counted if row.machine.euros_per_hour is None),
            found.rows[0].machine if found.rows else None,
        ),
    }
    return unlisted(render(request, "iot/report.html", context))


@require_safe
def pdf(request: HttpRequest, key: str) -> HttpResponse:
    """The report as PDF; while numbers are being made the page, which tells how far they are: what is printed is done."""
    hall, lang = hall_of(request, key), lang_of(request)
    machines, wanted, now = _looked(hall, request)
    if progress(machines, wanted, now).waiting:
        chosen = request.GET.urlencode()
        return go(request, "iot_report", hall.pk, more=f"?{chosen}" if chosen else "")
    found = queries.report(hall, day_in(request), now, lang)
    texts = told(found, lang)
    texts["more"] += [one["words"] for one in asked((row.machine for row in found.counted), lang, named=True)]
    texts["picture"] = _picture(found, lang, "wide")
    content = report_pdf(
        texts,
        lang,
        timezone.localdate(),
        settings.CONFIGURATION.operator.name if hasattr(settings.CONFIGURATION, "operator") else "",
    )
    word = "Maschinenbericht" if lang == "de" else "machine-report"
    return file(content, "application/pdf", f"{word}-{found.period.last.isoformat()}.pdf")


def _looked(hall: Hall, request: HttpRequest) -> tuple[list[Machine], Period, int]:
    """The hall's machines brought up to date, the two weeks asked for, and the time now."""
    machines = list(hall.machines.select_related("hall").order_by("pk"))
    fresh_all(machines)
    now = microseconds()
    return machines, queries.wanted(hall, machines, day_in(request), now), now


def told(found: Report, lang: Lang) -> dict[str, Any]:
    """Return everything the report says, in one language; every sentence with numbers names its period."""
    when = found.period.words.get(lang)
    made: dict[str, Any] = {
        "words": {
            "title": _("Zwei Wochen an den Maschinen"), "losses": _("Die drei wertvollsten Verluste und was Sie als Nächstes tun"),
            "machines": _("Die Maschinen"), "trend": _("Tag für Tag"), "energy": _("Energie"), "alarms": _("Alarme"),
            "quality": _("Wie sicher die Zahlen sind"), "help": _("Wer helfen kann"), "page": "Seite" if lang == "de" else "Page", "of": "von" if lang == "de" else "of",
        },
        "hall": found.hall.name or _("Ihre Halle"),
        "words_period": when,
        "made": _("erstellt am %(day)s") % {"day": written(timezone.localdate(), lang)},
        "simulated": _("Simulierte Werte: %(names)s") % {"names": _named(found.simulated)} if found.simulated else "",
        "lead": lead(found, lang, when),
        "more": _more(found, lang),
        "losses": [_loss(place, one, lang) for place, one in enumerate(found.losses, 1)],
        "head": [_("Maschine"), "OEE", _("davor"), _("Verfügbarkeit"), _("stand"), _("etwa"), _("Energie")],
        "rows": [_row(row, lang) for row in found.rows[:_MOST]],
        "trend": _trend(found, lang),
        "picture_text": _("Verfügbarkeit aller Maschinen je Tag"),
        "energy": _energy(found, lang, when),
        "alarms": _alarms(found, when),
        "quality": _quality(found, lang, when),
        "help": [f"{one.label}: {one.reason}" for one in found.further] or [_("Stellen Sie Ihre Frage im Zentrum; ein Mensch antwortet.")],
        "notes": [
            _("OEE: Anteil der geplanten Zeit, in dem gute Teile im Soll-Takt (geplante Zeit je Teil) entstanden."),
            _("Gerechnet nach den Formeln der ISO 22400-2 (%(source)s); die Norm selbst lag nicht vor.") % {"source": catalogue().publisher.get(lang)},
            _("Euro: Stundensatz mal Stunden, gerundet."), _("Stillstände ohne Grund zählen ab 1 Minute."),
            _("CO₂: %(value)s g je kWh (%(publisher)s, %(year)s).") % {"value": f"{factors()['co2_grid_de'].value:.0f}", "publisher": factors()["co2_grid_de"].publisher.get(lang), "year": factors()["co2_grid_de"].year},
        ],
    }  # fmt: skip
    return made


def _named(names: tuple[str, ...]) -> str:
    """Names in a row, no more than the table of machines has."""
    return ", ".join(names[:_MOST]) + (" …" if len(names) > _MOST else "")


def _more(found: Report, lang: Lang) -> list[str]:
    if found.empty or found.whole is None:
        return []
    said = []
    value = found.whole.value("availability")
    if value is not None:
        partly = any(row.use.partly for row in found.counted)
        told = _("Sie liefen %(share)s dieser Zeit.") if partly else _("Sie liefen %(share)s der geplanten Zeit.")
        said.append(told % {"share": percent(value).get(lang)})
    if found.apart:
        said.append(_("Nicht mitgezählt, weil simuliert: %(names)s.") % {"names": _named(found.apart)})
    if not found.whole.consistent:
        said.append(_("Achtung: Einige Zahlen widersprechen sich; die Seite „Auslastung“ zeigt, welche."))
    return said


def _loss(place: int, one: Lost, lang: Lang) -> dict[str, str]:
    loss, measure = one.loss, measure_for(one.loss)
    cost = "" if loss.euros is None else f", {_('etwa')} {about(loss.euros).get(lang)}"
    name = told_name(loss, lang)
    return {
        "rank": str(place),
        "title": f"{one.machine.title or one.machine.name}: {name}, {duration(loss.seconds).get(lang)}{cost}",
        "stops": _longest(one, lang),
        "first": measure.first.get(lang),
        "then": measure.then.get(lang),
        "basis": measure.basis.get(lang),
    }


def _longest(one: Lost, lang: Lang) -> str:
    """The longest stops a loss consists of, with their begin and length."""
    if not one.stops:
        return ""
    each = ", ".join(
        f"{stop.de if lang == 'de' else stop.en} ({duration(Fraction(stop.seconds)).get(lang)})" for stop in one.stops
    )
    return _("Am längsten: %(stops)s.") % {"stops": each}


def _row(row: Row, lang: Lang) -> list[str]:
    used = row.use
    stood = stood_in(used)
    rate = row.machine.euros_per_hour
    return [
        _("%(name)s (simuliert)") % {"name": row.name} if row.simulated else row.name,
        shown_at_most(used.oee, used.scrap_known).get(lang),
        shown(row.before).get(lang),
        shown(used.found.value("availability") if used.found else None).get(lang),
        duration(stood).get(lang) if used.found else "–",
        about(stood * Fraction(rate) / 3600).get(lang) if rate is not None and used.found else "–",
        f"{number(Fraction(row.energy.kwh), 0).get(lang)} kWh" if row.energy else "–",
    ]


def _trend(found: Report, lang: Lang) -> str:
    known = [(one.day, one.availability) for one in found.days if one.availability is not None and one.full]
    if len(known) < 2:
        return _("Für einen Verlauf gibt es noch zu wenige Tage.")
    best, worst = max(known, key=lambda one: one[1]), min(known, key=lambda one: one[1])
    if best[1] - worst[1] < 0.02:
        said = _("Verfügbarkeit aller Maschinen je Tag: gleichmäßig um %(high)s.") % {
            "high": percent(Fraction(best[1]), 0).get(lang)
        }
    else:
        said = _("Verfügbarkeit aller Maschinen je Tag: am besten am %(best)s mit %(high)s, am schlechtesten am %(worst)s mit %(low)s.") % {
        "best": short_day(best[0]).get(lang), "high": percent(Fraction(best[1]), 0).get(lang),
        "worst": short_day(worst[0]).get(lang), "low": percent(Fraction(worst[1]), 0).get(lang),
    }  # fmt: skip
    changes = [(r.use.oee - r.before, r.name) for r in found.counted if r.use.oee is not None and r.before is not None]
    for change, name in sorted(changes, key=lambda one: -abs(one[0]))[:1]:
        said += " " + compared(_("OEE von %(name)s") % {"name": name}, change, found.period, lang)
    return said


def _energy(found: Report, lang: Lang, when: str) -> list[str]:
    used = [row.energy for row in found.counted if row.energy]
    kwh = sum(one.kwh for one in used)
    if not kwh:
        return [_("Keine Maschine misst Energie oder Strom.")]
    waste = sum(one.waste for one in used)
    euros, co2 = Fraction(sum(one.euros for one in used)), Fraction(sum(one.co2 for one in used))
    said = [
        _("%(when)s: %(kwh)s kWh, etwa %(euros)s und %(co2)s kg CO₂.") % {
            "when": when[:1].upper() + when[1:], "kwh": number(Fraction(kwh), 0).get(lang), "euros": about(euros).get(lang), "co2": number(co2, 0).get(lang),
        }
    ]  # fmt: skip
    if waste:
        said.append(
            _("Davon %(share)s, während die Maschinen ungeplant standen: bereit, aus, gestört oder ohne Auftrag.")
            % {"share": percent(Fraction(waste / kwh), 0).get(lang)}
        )
    planned = sum(one.planned for one in used)
    if planned:
        said.append(
            _("Weitere %(share)s beim Rüsten und in geplanten Stillständen; auch da entstand nichts.")
            % {"share": percent(Fraction(planned / kwh), 0).get(lang)}
        )
    if waste:
        said.extend([step.first.get(lang) for one in used if one.waste and (step := one.step)][:1])
    if any(one.source == "current" for one in used):
        said.append(_("Wo nur der Strom gemessen ist, ist die Energie geschätzt."))
    if used and not used[0].own_price:
        said.append(_("Gerechnet mit %(price)s € je kWh (%(publisher)s), nicht mit Ihrem Vertrag.") % {"price": number(Fraction(used[0].price), 2).get(lang), "publisher": factors()["price_business_de"].publisher.get(lang)})  # fmt: skip
    return said


def _alarms(found: Report, when: str) -> str:
    told = found.alarms
    if not told.alarms:
        return _("%(when)s gab es keinen Alarm.") % {"when": when[:1].upper() + when[1:]}
    said = ngettext("%(when)s gab es %(n)s Alarm.", "%(when)s gab es %(n)s Alarme.", told.matters) % {
        "when": when[:1].upper() + when[1:],
        "n": told.matters,
    }
    if told.alarms > told.matters:
        said += " " + _("Was zur gleichen Zeit an einer Maschine auffiel, zählt als einer; einzeln sind es %(n)s.") % {"n": told.alarms}  # fmt: skip
    if told.unsaid < told.matters:
        said += " " + _("Ihr Urteil: %(real)s echt, %(false)s falsch, %(planned)s geplant, %(unsaid)s noch ohne Urteil.") % {"real": told.real, "false": told.false, "planned": told.planned, "unsaid": told.unsaid}  # fmt: skip
    return said


#: A share of time without values is told from here on: less is shown as 0 %.
_SEEN = 0.0005


def _quality(found: Report, lang: Lang, when: str) -> list[str]:
    if found.empty:
        return [_("Es gibt noch nichts zu beurteilen.")]
    share = found.unknown
    said = [_("Für die ganze Schichtzeit aller Maschinen %(when)s liegen Messwerte vor.") % {"when": when}]
    if share >= _SEEN:
        told = (
            _("Von der ganzen Schichtzeit (mit Pausen) aller Maschinen %(when)s fehlen bei %(share)s die Messwerte; sie zählt weder als Lauf noch als Stillstand.") if any(row.use.breaks for row in found.counted)
            else _("Von der ganzen Schichtzeit aller Maschinen %(when)s fehlen bei %(share)s die Messwerte; sie zählt weder als Lauf noch als Stillstand.")
        )  # fmt: skip
        said = [told % {"when": when, "share": percent(share).get(lang)}]
    said += _unexplained(found, lang)
    revised = sum(one.revised for row in found.counted for one in row.use.shifts)
    if revised:
        said.append(
            ngettext(
                "%(n)s Schicht wurde neu gerechnet, weil Messwerte oder Gründe später kamen.",
                "%(n)s Schichten wurden neu gerechnet, weil Messwerte oder Gründe später kamen.",
                revised,
            )
            % {"n": revised}
        )
    without = [row.name for row in found.rows if row.use.found and row.use.oee is None]
    if without:
        said.append(_("Ohne OEE, weil Teile oder Soll-Takt fehlen: %(names)s.") % {"names": ", ".join(without[:4])})
    return said


def _unexplained(found: Report, lang: Lang) -> list[str]:
    """How long stops without a reason are, and whether reasons for them could change the order of the losses."""
    if not found.unexplained or not found.lost:
        return []
    values = {
        "hours": duration(found.unexplained).get(lang),
        "share": percent(found.unexplained / found.lost, 0).get(lang),
    }
    if found.order_open:
        return [
            _(
                "Ohne Grund sind %(hours)s, %(share)s der Zeit, in der Maschinen standen; mit Gründen dazu kann sich die Reihenfolge der Verluste ändern."
            )
            % values
        ]
    return [
        _(
            "Ohne Grund sind %(hours)s, %(share)s der Zeit, in der Maschinen standen; an der Reihenfolge der Verluste ändert das nichts."
        )
        % values
    ]


def _picture(found: Report, lang: Lang, size: Any) -> str:
    rows = [Column(short_day(one.day).get(lang), one.availability, one.revised) for one in found.days]
    return columns(rows, _("Verfügbarkeit aller Maschinen je Tag"), _("nachgerechnet"), size)
