"""What a quarter's report says besides its tables, block by block: the page, the files and the interface show the same blocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.records import day as written
from nordlotse.journey.core.counting import KPIS, MEASURES
from nordlotse.journey.core.periods import parse
from nordlotse.journey.queries.reporting import Change, Outside, enough
from nordlotse.journey.queries.rules import explained
from nordlotse.journey.queries.sheets import DONE, DOT, DURATIONS, HELPED, QUESTIONS

Value = str | int


@dataclass(frozen=True, slots=True)
class Block:
    """One block: a sentence, and a table where there is something to list."""

    key: str
    title: str
    intro: str
    head: tuple[str, ...] = ()
    rows: tuple[tuple[Value, ...], ...] = ()


_NAMES = {m.key: m.name for m in KPIS}
_NOT = Text("–", "–")
_WHAT = {
    "added": Text("nachgetragen", "added"),
    "removed": Text("zurückgenommen", "taken back"),
    "changed": Text("geändert", "changed"),
}
_FIELDS = {
    "day": Text("Tag", "day"),
    "kind": Text("Art", "type"),
    "format": Text("Form", "format"),
    "topic": Text("Thema", "topic"),
    "participants": Text("Teilnehmende", "participants"),
    "minutes": Text("Dauer", "duration"),
    "state": Text("Land", "state"),
    "district": Text("Kreis oder Bezirk", "district"),
    "sector": Text("Wirtschaftszweig", "sector"),
    "size": Text("Größe", "size"),
}


def _number(value: int | None) -> Value:
    return DOT if value is None else value


def written_number(value: int | None, *, rounded: bool) -> Value:
    """Return a number as a report writes it: a dot where it is not shown, "≈ 250" where it is told in tens."""
    return f"≈ {value}" if rounded and value is not None else _number(value)


def _halves(told: Outside, lang: Lang) -> Block | None:
    """Return events and everything else side by side: minutes of events are counted for every person who came."""
    if told.halves is None:
        return None
    names = (
        Text("Veranstaltungen und Schulungen", "Events and trainings"),
        Text("Alles andere", "Everything else"),
    )
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (name.get(lang), *(cell.figure(m.key) for m in MEASURES)) for name, cell in zip(names, told.halves, strict=True)
    )
    head = (Text("Teil", "Part").get(lang), *(m.name.get(lang) for m in MEASURES))
    intro = Text(
        "Bei Veranstaltungen zählt die Dauer für jede Person, die da war; bei allem anderen einmal je Leistung. Ein "
        "Betrieb kann in beiden Zeilen stehen.",
        "At events the length counts for every person who came; for everything else once per service. A company may "
        "stand in both rows.",
    )
    return Block(
        "teile",
        Text("Veranstaltungen und alles andere", "Events and everything else").get(lang),
        intro.get(lang),
        head,
        rows,
    )


def _compared(told: Outside, lang: Lang) -> Block:
    head = (
        Text("Kennzahl", "Figure"),
        Text("In der EDIH-Berichterstattung", "In EDIH reporting"),
        parse(told.period.key).name,
        parse(told.before).name if told.before else Text("Quartal davor", "quarter before"),
        Text(f"seit {parse(told.first).name.de}", f"since {parse(told.first).name.en}"),
    )
    edih = {m.key: m.edih for m in KPIS}
    rows = tuple(
        (
            _NAMES[c.figure].get(lang),
            edih[c.figure],
            _number(c.now),
            _number(c.before) if told.before else _NOT.get(lang),
            written_number(c.so_far, rounded=c.rounded),
        )
        for c in told.compared
    )
    intro = Text(
        "Jeder Betrieb und jeder Kontakt zählt in jeder Spalte einmal.",
        "Every company and every contact counts once in each column.",
    )
    title = Text("Kennzahlen im Vergleich", "Figures compared")
    return Block("vergleich", title.get(lang), intro.get(lang), tuple(h.get(lang) for h in head), rows)


def _targets(told: Outside, lang: Lang) -> Block:
    title = Text("Soll und Ist", "Targets and actuals").get(lang)
    if not told.targets:
        none = Text(
            "Für dieses Quartal sind keine Zielwerte hinterlegt.", "No targets have been entered for this quarter."
        )
        return Block("soll", title, none.get(lang))
    head = (
        Text("Kennzahl", "Figure"),
        Text("Zeitraum", "Period"),
        Text("Soll", "Target"),
        Text("Ist in diesem Quartal", "Actual in this quarter"),
        Text("Ist seit Beginn des Zeitraums", "Actual since the period began"),
        Text("Anteil am Soll", "Share of the target"),
        Text("Quelle", "Source"),
    )
    rows = tuple(
        (
            _NAMES[t.goal.figure].get(lang),
            f"{written(t.goal.begin, lang)} – {written(t.goal.end, lang)}",
            t.goal.value,
            _number(t.in_quarter),
            written_number(t.goal.actual, rounded=t.rounded),
            DOT if t.goal.share is None else f"{'≈ ' if t.rounded else ''}{t.goal.share} %",
            t.goal.source,
        )
        for t in told.targets
    )
    intro = Text(
        "Ziele, wie sie beim Abschluss des Quartals galten.", "Targets as they stood when the quarter was closed."
    )
    return Block("soll", title, intro.get(lang), tuple(h.get(lang) for h in head), rows)


def median(days: Mapping[str, int]) -> float | None:
    """Return the median of working days from how often each number occurs, None for none."""
    held = sorted(int(key) for key, number in days.items() for _ in range(number))
    if not held:
        return None
    middle = len(held) // 2
    return float(held[middle]) if len(held) % 2 else (held[middle - 1] + held[middle]) / 2


def in_time(cases: Mapping[str, Any], lang: Lang) -> str:
    """Return how many first replies kept the promise: "34 von 38 (89 %)", a dot where there are too few."""
    part, all_of = int(cases["in_time"]), int(cases["first_replies"])
    if not all_of or not enough(all_of):
        return DOT if all_of else _NOT.get(lang)
    percent = (part * 200 + all_of) // (2 * all_of)
    return Text(f"{part} von {all_of} ({percent} %)", f"{part} of {all_of} ({percent} %)").get(lang)


def _cases(told: Outside, lang: Lang) -> Block:
    cases = told.cases
    middle = median(cases.get("reply_days", {})) if enough(cases["first_replies"]) else None
    shown = _NOT.get(lang) if not cases["first_replies"] else DOT if middle is None else f"{middle:g}"
    rows = (
        (Text("Neue Fälle", "New cases"), cases["opened"] if enough(cases["opened"]) else DOT),
        (Text("Abgeschlossene Fälle", "Closed cases"), cases["closed"] if enough(cases["closed"]) else DOT),
        (
            Text("Erste Antworten innerhalb von zwei Arbeitstagen", "First replies within two working days"),
            in_time(cases, lang),
        ),
        (
            Text("Erste Antwort nach Arbeitstagen (Median)", "First reply after working days (median)"),
            shown if lang == "en" else shown.replace(".", ","),
        ),
    )
    head = (Text("Was", "What").get(lang), Text("Zahl", "Number").get(lang))
    title = Text("Fälle und erste Antworten", "Cases and first replies").get(lang)
    intro = Text(
        "Wie das Zentrum arbeitet. Diese Zahlen sagen über keinen Betrieb etwas.",
        "How the centre works. These figures say nothing about any company.",
    )
    return Block("antworten", title, intro.get(lang), head, tuple((name.get(lang), value) for name, value in rows))


def _effect(told: Outside, lang: Lang) -> Block:
    title = Text("Wirkung", "Effect").get(lang)
    asked, answered = _number(told.asked), _number(told.answered)
    intro = Text(f"Gefragt: {asked}, geantwortet: {answered}.", f"Asked: {asked}, answered: {answered}.").get(lang)
    names = {"helped": HELPED, "done": DONE}
    left_out = Text("nicht beantwortet", "not answered")
    rows: list[tuple[Value, ...]] = []
    for table in told.effect:
        question, published = QUESTIONS[table.question].get(lang), table.published
        for value, text in {**names[table.question], "": left_out}.items():
            if value in published.open:
                rows.append((question, text.get(lang), published.open[value].services))
            elif (published.withheld and value) or value in published.hidden:
                rows.append((question, text.get(lang), DOT))
    if not rows and told.answered is None:
        intro += " " + Text("Es sind zu wenige, um sie zu zeigen.", "They are too few to be shown.").get(lang)
    head = (Text("Frage", "Question"), Text("Antwort", "Answer"), Text("Zahl", "Number"))
    return Block("wirkung", title, intro, tuple(h.get(lang) for h in head) if rows else (), tuple(rows))


_CHANGE_HEAD = (
    Text("Tag", "Day"),
    Text("Monat", "Month"),
    Text("Was", "What"),
    Text("Dauer vorher (Minuten)", "Duration before (minutes)"),
    Text("Dauer nachher (Minuten)", "Duration after (minutes)"),
    Text("Grund", "Reason"),
    Text("Wer", "Who"),
)


def _change(change: Change, lang: Lang) -> tuple[Value, ...]:
    fields = ", ".join(_FIELDS[name].get(lang) for name in change.fields if name in _FIELDS)
    what = _WHAT[change.what].get(lang)
    before, after = (DURATIONS[v].get(lang) if v else _NOT.get(lang) for v in (change.before, change.after))
    shown = f"{what}: {fields}" if fields else what
    return (written(change.day, lang), change.month, shown, before, after, change.reason, change.role.get(lang))


def changes(told: Outside, lang: Lang) -> Block:
    """Return the changes the report lists: made to closed months after the report before, and before this one was complete."""
    title = Text("Änderungen an abgeschlossenen Monaten", "Changes to closed months").get(lang)
    if not told.changes:
        none = Text(
            "Zwischen dem vorigen Bericht und diesem wurde an abgeschlossenen Monaten nichts geändert.",
            "Between the report before and this one nothing was changed in closed months.",
        )
        return Block("aenderungen", title, none.get(lang))
    intro = Text(
        "Seit dem vorigen Bericht. Die Zahlen jener Monate bleiben stehen. Die Dauer steht in Klassen.",
        "Since the report before. The figures of those months stay as they are. Durations are given in classes.",
    )
    head = tuple(h.get(lang) for h in _CHANGE_HEAD)
    return Block("aenderungen", title, intro.get(lang), head, tuple(_change(c, lang) for c in told.changes))


def since(told: Outside, lang: Lang, today: date) -> Block:
    """Return the changes made after this quarter was complete, up to today; only the page shows them, files stay as they are."""
    title = Text("Änderungen nach dem Abschluss", "Changes after closing").get(lang)
    on = written(today, lang)
    if not told.since:
        none = Text(
            f"Seit dem Abschluss wurde nichts geändert (Stand {on}).",
            f"Nothing was changed since closing (as of {on}).",
        )
        return Block("seitdem", title, none.get(lang))
    intro = Text(
        f"Stand {on}. Die Zahlen dieses Quartals bleiben stehen; die Änderungen stehen im nächsten Bericht. "
        "Die Dauer steht in Klassen.",
        f"As of {on}. The figures of this quarter stay as they are; the changes are part of the next report. "
        "Durations are given in classes.",
    )
    head = tuple(h.get(lang) for h in _CHANGE_HEAD)
    return Block("seitdem", title, intro.get(lang), head, tuple(_change(c, lang) for c in told.since))


def _closed(told: Outside, lang: Lang) -> Block:
    head = (Text("Monat", "Month").get(lang), Text("Abgeschlossen am", "Closed on").get(lang))
    intro = Text(
        "Von diesen Tagen an ändern sich die Zahlen nicht mehr.", "From these days on the figures no longer change."
    )
    title = Text("Abschluss der Monate", "Closing of the months").get(lang)
    rows = tuple((month, written(timezone.localdate(at), lang)) for month, at in told.closed.items())
    return Block("abschluss", title, intro.get(lang), head, rows)


def rules(lang: Lang) -> Block:
    """Return how it is counted, word by word."""
    head = (Text("Wort", "Word").get(lang), Text("Bedeutung", "Meaning").get(lang))
    return Block("regeln", Text("Wie gezählt wird", "How it is counted").get(lang), "", head, explained(lang))


def blocks(told: Outside, lang: Lang) -> list[Block]:
    """Return everything of a report that never changes, besides its tables."""
    split = _halves(told, lang)
    made = (
        [
            *([split] if split else []),
            _compared(told, lang),
            _targets(told, lang),
            _cases(told, lang),
            _effect(told, lang),
        ]
        if told.total
        else []
    )
    return [*made, changes(told, lang), _closed(told, lang), rules(lang)]


def as_dicts(found: Iterable[Block]) -> list[dict[str, Any]]:
    """Return blocks for the interface."""
    return [
        {"key": b.key, "title": b.title, "intro": b.intro, "head": list(b.head), "rows": [list(r) for r in b.rows]}
        for b in found
    ]


def as_rows(block: Block) -> list[list[Value]]:
    """Return a block as rows of a file: heading row first, then its lines; the sentence where there is no table."""
    rows: list[list[Value]] = [list(block.head)] if block.head else [[block.title]]
    if block.intro and not block.rows:
        return [*rows, [block.intro]]
    rows += [list(row) for row in block.rows]
    return [*rows, [], [block.intro]] if block.intro else rows
