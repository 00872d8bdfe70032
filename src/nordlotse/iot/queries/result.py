"""What a hall hands upwards: its last two weeks as a result for a case or a talk. Without its link: whoever holds that may change the hall."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import translation

from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.result import Figure, Result
from nordlotse.iot.core.measures import measure_for
from nordlotse.iot.core.oee.written import duration, percent
from nordlotse.iot.core.stores import micros
from nordlotse.iot.models import Hall
from nordlotse.iot.queries import report as reports
from nordlotse.iot.queries.report import Report
from nordlotse.iot.queries.report_words import lead, told_name

#: What a hall's two weeks are called where results stand side by side.
KIND = "machine_report"
#: Machines told one by one.
_MACHINES = 8

_TITLE = Text("Maschinen, {when}", "Machines, {when}")
_FIRST = Text("Größter Verlust: {what}. Zuerst: {step}", "Largest loss: {what}. First: {step}")
_UNKNOWN = Text("Von {share} der Zeit weiß man nichts.", "Nothing is known of {share} of the time.")
_EXAMPLE = Text("Die Maschine ist simuliert.", "The machine is simulated.")
_SOURCE = Text(
    "Kennzahlen nach den Formeln der ISO 22400-2, gerechnet aus den Messwerten der Halle",
    "Key figures after the formulas of ISO 22400-2, reckoned from the hall's readings",
)


def as_result(hall: Hall, lang: Lang) -> Result | None:
    """Return a hall's last two weeks; None where nothing has been worked out yet.

    Raises:
        NotAvailable: `iot_damaged`.
    """
    found = reports.report(hall, None, micros(), lang)
    if found.empty:
        return None
    with translation.override(
        lang
    ):  # a case may be written in another language than the page that takes the result there
        summary = " ".join(_summary(found, lang))[:2000]
    return Result(
        kind=KIND,
        lang=lang,
        title=_TITLE.get(lang).format(when=found.period.words.get(lang)),
        summary=summary,
        figures=tuple(_figures(found, lang)),
        sources=(_SOURCE.get(lang),),
    )


def _summary(found: Report, lang: Lang) -> Iterator[str]:
    if found.hall.is_example:
        yield _EXAMPLE.get(lang)
    yield lead(found, lang, found.period.words.get(lang))
    if found.losses:
        machine, loss = found.losses[0].machine, found.losses[0].loss
        what = f"{machine.title or machine.name}, {told_name(loss, lang)}, {duration(loss.seconds).get(lang)}"
        yield _FIRST.get(lang).format(what=what, step=measure_for(loss).first.get(lang))
    if found.unknown:
        yield _UNKNOWN.get(lang).format(share=percent(found.unknown, 0).get(lang))


def _figures(found: Report, lang: Lang) -> Iterator[Figure]:
    for row in found.rows[:_MACHINES]:
        used = row.use.found
        available = used.value("availability") if used else None
        if row.use.oee is not None:
            yield Figure(f"OEE, {row.name}", percent(row.use.oee, 0).get(lang), _SOURCE.get(lang))
        elif available is not None:
            name = Text("Verfügbarkeit", "Availability").get(lang)
            yield Figure(f"{name}, {row.name}", percent(available, 0).get(lang), _SOURCE.get(lang))
    yield Figure(Text("Alarme", "Alarms").get(lang), str(found.alarms.matters))
