"""In which state a machine is now, where its states are known, and which of its alarms are not over; in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nordlotse.foundation.language import Lang, Text
from nordlotse.iot.core.measures import reason_name
from nordlotse.iot.core.showing.names import named
from nordlotse.iot.core.showing.words import clock, moment
from nordlotse.iot.core.states.reasons import shipped_reasons
from nordlotse.iot.core.states.values import SECOND, State
from nordlotse.iot.core.states.ways import Way
from nordlotse.iot.models import Alarm, Machine
from nordlotse.iot.queries import states, together

MINUTE = 60 * SECOND

#: How a state looks; the words tell it too.
_LOOKS = {State.PRODUCING: "running", State.FAULT: "fault", State.OFF: "off", State.UNKNOWN: "unknown"}

_TOO_LITTLE = Text("Noch zu wenig Werte, um Zustände zu erkennen", "Too few values yet to tell states")


@dataclass(frozen=True, slots=True)
class Standing:
    """A state: how it looks (running, idle, fault, off, unknown), its words, and since when in words ("" where that is not known)."""

    kind: str
    words: str
    since_said: str = ""


def now(
    machine: Machine, at: int, lang: Lang, own_words: bool = True, kept: states.Around | None = None
) -> Standing | None:
    """Return the state a machine is in at a moment (µs); None where nobody knows how its states are told.

    `own_words`: with what somebody typed freely as the reason; else only reasons that everybody chooses from are told. `kept`: as `states.now` takes it.
    """
    found = states.now(machine, at, kept)
    if found is None:
        return None
    words = found.state.label.get(lang)
    since = _since(found.since, at, lang)
    if found.state is State.UNKNOWN:
        way = states.way_of(machine)
        if way is not None and way.undecided:
            return Standing("unknown", _TOO_LITTLE.get(lang), _so_far(way, machine, at).get(lang))
        return silent(found.since, at, lang)
    told = (f"seit {since}" if lang == "de" else f"since {since}") if not found.longer else ""
    if found.longer:
        told = f"länger als seit {since}" if lang == "de" else f"since before {since}"
    if found.reason and (own_words or found.reason in shipped_reasons()):
        words = f"{words}: {reason_name(found.reason).get(lang)}"
    return Standing(_LOOKS.get(found.state, "idle"), words[:1].upper() + words[1:], told)


def _so_far(way: Way, machine: Machine, at: int) -> Text:
    """Return for how many minutes values came, and how many it takes; minutes of silence do not count."""
    found = states.progress(machine, way, at)
    if found.due:
        return Text("sie werden gerade gesucht", "they are being looked for")
    there = found.there // MINUTE
    needed = (found.first if found.there < found.first else found.surely) // MINUTE
    return Text(f"erst {there} von {needed} Minuten", f"{there} of {needed} minutes so far")


def silent(since: int, at: int, lang: Lang) -> Standing:
    """Return the state of a machine that has sent nothing since a moment (µs) and should have by now."""
    said = _since(since, at, lang)
    return Standing("unknown", *(("Keine Daten", f"seit {said}") if lang == "de" else ("No data", f"since {said}")))


@dataclass(frozen=True, slots=True)
class Open:
    """Alarms that are not over and belong together: the number of the one that led, what it is called, since when in words.

    `others`: what the others are called; `seen`: somebody looks after them.
    """

    number: int
    words: str
    since_said: str
    others: tuple[str, ...] = ()
    seen: bool = False


#: Of alarms that are not over so many are looked at.
_ALARMS = 30


def alarms(machine: Machine, at: int, lang: Lang) -> tuple[Open, ...]:
    """Return the alarms of a machine that are not over at a moment (µs), each with those it belongs to; what waits comes first."""
    return alarms_of([machine], at, lang)[machine.pk]


def alarms_of(machines: Sequence[Machine], at: int, lang: Lang) -> dict[int, tuple[Open, ...]]:
    """Return what `alarms` does of several machines, by their number: read at once."""
    rows: dict[int, list[Alarm]] = {}
    known = {machine.pk: machine for machine in machines}
    # a rule or a sensor of the watch has one alarm that is not over, so there are never very many
    for one in Alarm.objects.filter(machine__in=machines, end=None).select_related("rule").order_by("-begin"):
        one.machine = known[one.machine_id]
        rows.setdefault(one.machine_id, []).append(one)
    return {machine.pk: _open(rows.get(machine.pk, [])[:_ALARMS], at, lang) for machine in machines}


def _open(rows: Sequence[Alarm], at: int, lang: Lang) -> tuple[Open, ...]:
    found = [
        Open(
            group[0].pk,
            called(group[0], lang),
            _since(group[0].begin, at, lang),
            _beside(group, lang),
            group[0].acknowledged_at is not None,
        )
        for group in together.groups(rows)
    ]
    return tuple(sorted(found, key=lambda one: one.seen))


def _beside(group: Sequence[Alarm], lang: Lang) -> tuple[str, ...]:
    """Return what the alarms beside the one that led are called, each name once and not its own."""
    names = dict.fromkeys(called(one, lang).removeprefix("Alarm: ") for one in group[1:])
    names.pop(called(group[0], lang).removeprefix("Alarm: "), None)
    return tuple(names)


def called(alarm: Alarm, lang: Lang) -> str:
    """Return an alarm's words: "Alarm", its rule's name where it has one, and what the signal it is about is called."""
    reasons = [one.get("signal") or one.get("sensor") for one in alarm.reasons if isinstance(one, Mapping)]
    signal = str(reasons[0] or "") if reasons else (alarm.rule.signal if alarm.rule else "")
    kept = alarm.machine.signals.get(signal)
    title = str(kept.get("title") or signal) if isinstance(kept, Mapping) else signal
    about = named(title, lang) if signal else ""
    rule = named(str(alarm.rule.rule.get("name", "")).strip(), lang) if alarm.rule is not None else ""
    if rule and about and about.casefold() not in rule.casefold():
        return f"Alarm: {rule} ({about})"
    return f"Alarm: {rule or about}" if rule or about else "Alarm"


def _since(begin: int, at: int, lang: Lang) -> str:
    """Return a moment as its time of day, with the day where that is another one."""
    same_day = moment(begin).date() == moment(at).date()
    return f"{moment(begin):%H:%M}" if same_day else clock(begin, lang, seconds=False)
