"""Sentences of the report that go into a case too, in the language that is active: how long machines stood, what it cost, what losses are called."""

from __future__ import annotations

from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from nordlotse.foundation.language import Lang
from nordlotse.iot.core.measures import BRIEF, CYCLE, NO_REASON, loss_name, unexplained
from nordlotse.iot.core.oee.losses import Valuable
from nordlotse.iot.core.oee.written import duration, number
from nordlotse.iot.core.periods import Period
from nordlotse.iot.core.states.reasons import shipped_reasons
from nordlotse.iot.core.work_told import about, assumed, parts_said, planned_words
from nordlotse.iot.queries.report import Report


def lead(found: Report, lang: Lang, when: str) -> str:
    """Return how long the machines stood in a period (`when` in words), of what that consists, and what it cost."""
    if found.empty:
        return _("Für die Zeit %(when)s gibt es noch keine Auswertung.") % {"when": when}
    if not found.lost:
        return _("Ihre Maschinen standen %(when)s nie ungeplant.") % {"when": when}
    values = {"when": when, "hours": duration(found.lost).get(lang), "planned": planned_words(found.planned, any(row.use.partly for row in found.counted)).get(lang), "parts": parts_said(found.parts).get(lang)}  # fmt: skip
    if len(found.parts) == 1 and found.parts[0][0].de == "ungeplant":
        said = _("Ihre Maschinen standen %(when)s zusammen %(hours)s ungeplant, von %(planned)s.") % values
    else:
        said = _("Ihre Maschinen standen %(when)s zusammen %(hours)s von %(planned)s: %(parts)s.") % values
    return f"{said} {cost(found, lang)}"


def cost(found: Report, lang: Lang) -> str:
    """Return what standing cost as far as it is known, beside the rate it hangs on; how many machines have none."""
    if found.euros is None:
        return _("Was das kostet, lässt sich erst sagen, wenn ein Stundensatz eingetragen ist.")
    basis = assumed(found.rates, not found.simulated).get(lang)
    said = _("Das sind etwa %(euros)s (%(basis)s).") % {"euros": about(found.euros).get(lang), "basis": basis}
    if found.unrated:
        said += " " + ngettext("Für %(n)s Maschine fehlt der Stundensatz; sie ist in den Euro nicht dabei.", "Für %(n)s Maschinen fehlt der Stundensatz; sie sind in den Euro nicht dabei.", found.unrated) % {"n": found.unrated}  # fmt: skip
    return said


def compared(name: str, change: Fraction, wanted: Period, lang: Lang) -> str:
    """Return how much more or less (`change`, share: .02 = two points) a figure is than in the days before, the same number of them."""
    points = number(abs(change) * 100, 1).get(lang)
    days = (wanted.last - wanted.first).days + 1
    values = {"name": name, "points": points, "days": days}
    if points == "0":
        if days == 1:
            return _("%(name)s: unverändert gegenüber dem Tag davor.") % values
        return _("%(name)s: unverändert gegenüber den %(days)s Tagen davor.") % values
    one = 1 if points == "1" else 2
    if days == 1:
        if change > 0:
            return ngettext("%(name)s: %(points)s Punkt mehr als am Tag davor.", "%(name)s: %(points)s Punkte mehr als am Tag davor.", one) % values  # fmt: skip
        return ngettext("%(name)s: %(points)s Punkt weniger als am Tag davor.", "%(name)s: %(points)s Punkte weniger als am Tag davor.", one) % values  # fmt: skip
    if change > 0:
        return ngettext("%(name)s: %(points)s Punkt mehr als in den %(days)s Tagen davor.", "%(name)s: %(points)s Punkte mehr als in den %(days)s Tagen davor.", one) % values  # fmt: skip
    return ngettext("%(name)s: %(points)s Punkt weniger als in den %(days)s Tagen davor.", "%(name)s: %(points)s Punkte weniger als in den %(days)s Tagen davor.", one) % values  # fmt: skip


def told_name(loss: Valuable, lang: Lang) -> str:
    """Return what a loss is called in a report that is handed on: words somebody typed freely stay on the hall's own pages."""
    own = (
        loss.reason
        and loss.reason not in shipped_reasons()
        and loss.reason not in (NO_REASON, BRIEF, CYCLE)
        and not unexplained(loss.reason)
    )
    return _("ein Grund in eigenen Worten") if own else loss_name(loss).get(lang)
