"""Whether a rule fires by the value there is now: told to whoever has just saved it."""

from __future__ import annotations

from nordlotse.foundation.language import Lang, Text
from nordlotse.iot import memory
from nordlotse.iot.core.alarms import rule_from_plain
from nordlotse.iot.core.showing.words import age, said
from nordlotse.iot.core.stores import micros
from nordlotse.iot.core.values import Series
from nordlotse.iot.models import Rule
from nordlotse.iot.queries.live import titled
from nordlotse.iot.queries.rules import hours_of

_SAID = {
    "above": Text("Der Wert liegt schon jetzt darüber: {}.", "The value is above it already: {}."),
    "below": Text("Der Wert liegt schon jetzt darunter: {}.", "The value is below it already: {}."),
    "outside": Text("Der Wert liegt schon jetzt außerhalb: {}.", "The value is outside already: {}."),
    "state": Text("Der Wert ist schon jetzt so: {}.", "The value is so already: {}."),
}
_SILENT = Text("Schon jetzt fehlt der Wert: Der letzte kam {}.", "The value is missing already: the last one came {}.")


def already(rule: Rule, lang: Lang) -> str:
    """Return a sentence with the present value where it fulfils a rule's condition, "" where it does not or nothing has come.

    Raises:
        NotAvailable: `iot_damaged`.
    """
    machine = rule.machine
    with memory.looked(machine.hall.store) as reader:
        rows = reader.latest(Series(machine.hall.store, machine.name, rule.signal))
    if not rule.on or not len(rows):
        return ""
    limits = rule_from_plain(rule.rule, hours_of(machine.hall))
    value, time = rows.shown()[0], int(rows.time[0])
    if limits.kind == "silent":
        seconds = (micros() - time) / 1e6
        return _SILENT.get(lang).format(age(seconds, time, lang)) if seconds > limits.silence else ""
    if not limits.holds(value, False):
        return ""
    unit = titled(machine, rule.signal)[1]
    return _SAID[limits.kind].get(lang).format(f"{said(value, lang)} {unit}".rstrip())
