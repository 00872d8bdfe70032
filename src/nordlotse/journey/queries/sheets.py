"""Figures laid out for people: the same lines for the page, the files and the interface, so that none of them can differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nordlotse.foundation.districts import name_of, nuts_of
from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.region import State
from nordlotse.foundation.sectors import Size, sections
from nordlotse.journey.core import kinds
from nordlotse.journey.core.counting import ATTENDANCE, BY, KPIS, MEASURES, Cell, Measure, Report
from nordlotse.journey.core.disclosure import MERGED, MINUTES_BY, THRESHOLD, Published, attendance, protect
from nordlotse.journey.core.periods import Period
from nordlotse.journey.core.records import COLUMNS, HIDDEN, MINUTES, Shown
from nordlotse.journey.queries import figures
from nordlotse.network.models import Partner

TOPICS = {
    "digitalisation": Text("Digitalisierung", "Digitalisation"),
    "iot": Text("Internet der Dinge", "Internet of things"),
    "print3d": Text("3D-Druck", "3D printing"),
    "industrie40": Text("Industrie 4.0", "Industrie 4.0"),
    "business_models": Text("Geschäftsmodelle", "Business models"),
    "funding": Text("Förderung", "Funding"),
    "network": Text("Netzwerk", "Network"),
    "events": Text("Veranstaltungen", "Events"),
    "out_of_scope": Text("Andere Themen", "Other topics"),
}
UNKNOWN = Text("ohne Angabe", "not stated")
#: Behind the name of a state whose districts are one row.
_ALL_DISTRICTS = {
    "HH": Text("(alle Bezirke zusammengefasst)", "(all boroughs together)"),
    "": Text("(alle Kreise zusammengefasst)", "(all districts together)"),
}
#: What is shown instead of a figure that must not be shown; official statistics print a dot.
DOT = "•"

OUTCOMES = {
    "solved": Text("gelöst", "solved"),
    "on_the_way": Text("auf dem Weg", "on the way"),
    "passed_on": Text("weitergegeben", "passed on"),
    "not_possible": Text("nicht möglich", "not possible"),
    "no_reply": Text("ohne Rückmeldung", "no reply"),
    "withdrawn": Text("zurückgezogen", "withdrawn"),
    "open": Text("noch offen", "still open"),
    "none": Text("kein Fall", "no case"),
}
QUESTIONS = {
    "helped": Text("Hat es geholfen?", "Did it help?"),
    "done": Text("Was ist daraus geworden?", "What came of it?"),
}
#: Classes of duration, in minutes.
DURATIONS = {
    key: Text(f"bis {most}", f"up to {most}")
    if not n
    else Text(f"{int(MINUTES[n - 1][1] or 0) + 1} bis {most}", f"{int(MINUTES[n - 1][1] or 0) + 1} to {most}")
    if most
    else Text(f"mehr als {MINUTES[n - 1][1]}", f"more than {MINUTES[n - 1][1]}")
    for n, (key, most) in enumerate(MINUTES)
}
#: Rows that stand for several types of support.
_MERGED_KINDS = {
    f"events{MERGED}": Text("Veranstaltungen und Schulungen (zusammengefasst)", "Events and trainings (together)"),
    f"others{MERGED}": Text("Alles andere (zusammengefasst)", "Everything else (together)"),
}
HELPED = {"yes": Text("ja", "yes"), "partly": Text("zum Teil", "partly"), "no": Text("nein", "no")}
DONE = {
    "in_use": Text("schon im Einsatz", "already in use"),
    "started": Text("angefangen", "started"),
    "planned": Text("fest geplant", "firmly planned"),
    "informed": Text("informiert, noch nichts entschieden", "informed, nothing decided yet"),
    "nothing": Text("nichts", "nothing"),
}


def labels(name: str, lang: Lang) -> dict[str, str]:
    """Return the values of a breakdown for people."""
    known: dict[str, Mapping[str, Text]] = {
        "state": {s.value: s.label for s in State},
        "section": sections(),
        "size": {s.value: s.label for s in Size},
        "topic": TOPICS,
        "kind": {key: k.name for key, k in kinds.kinds().items()},
        "format": kinds.FORMATS,
        "outcome": OUTCOMES,
        "minutes": DURATIONS,
    }
    if name == "partner":
        return dict(Partner.objects.values_list("slug", "name"))
    return {key: text.get(lang) for key, text in known.get(name, {}).items()}


def label(name: str, value: str, known: Mapping[str, str], lang: Lang) -> str:
    """Return one value for people; a district without a name is its state's rest."""
    if name == "district":
        if value.endswith("-"):
            state = {s.value: s.label.get(lang) for s in State}.get(value[:-1], "")
            return f"{state}, {UNKNOWN.get(lang)}" if state else UNKNOWN.get(lang)
        if value.endswith(MERGED):
            state = {s.value: s.label.get(lang) for s in State}.get(value[:-1], UNKNOWN.get(lang))
            return f"{state} {_ALL_DISTRICTS.get(value[:-1], _ALL_DISTRICTS['']).get(lang)}"
        return name_of(value.rpartition("-")[2]) or value
    if name == "kind" and value in _MERGED_KINDS:
        return _MERGED_KINDS[value].get(lang)
    return known.get(value) or value or UNKNOWN.get(lang)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table. `figures`: in the order of `MEASURES`; None: not shown. `beside`: the EDIH group of a type of support.

    `code`: NUTS or NACE. `opens`: whether nameless records of the line can be shown. `bar`: 0 to 100, how long the line's bar is beside the longest of the table (companies).
    """

    value: str
    label: str
    figures: tuple[int | None, ...] | None
    beside: str = ""
    bar: int = 0
    code: str = ""
    opens: bool = False

    @property
    def merged(self) -> bool:
        """Tell whether the line stands for several values."""
        return self.value.endswith(MERGED)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: what it is by, its heading, the EDIH name of the breakdown, its lines; `withheld`: none is shown at all."""

    by: str
    heading: str
    edih: str
    lines: tuple[Line, ...]
    withheld: bool = False

    @property
    def most(self) -> Line | None:
        """Return the shown line with the most companies: the table in one sentence."""
        shown = [line for line in self.lines if line.figures is not None and line.figures[0]]
        return max(shown, key=lambda line: (line.figures[0] or 0) if line.figures else 0, default=None)


@dataclass(frozen=True, slots=True)
class Board:
    """Everything of one period as it is shown to one kind of reader. `total` None: too few companies to show anything.

    `attendance`: participants of events and trainings alone, None where it is not shown.
    """

    period: Period
    lang: Lang
    total: tuple[int, ...] | None
    sheets: tuple[Sheet, ...]
    closed: tuple[str, ...]
    protected: bool
    attendance: int | None = None

    @property
    def headline(self) -> list[tuple[Measure, int | None]]:
        """Return the figures of the whole period beside what they are called."""
        if self.total is None:
            return []
        return [*zip(MEASURES, self.total, strict=True), (ATTENDANCE, self.attendance)]


def _figures(cell: Cell) -> tuple[int, ...]:
    return tuple(cell.figure(m.key) for m in MEASURES)


def _without_minutes(figures: Sequence[int]) -> tuple[int | None, ...]:
    return tuple(None if m.key == "minutes" else n for m, n in zip(MEASURES, figures, strict=True))


def code_of(by: str, value: str) -> str:
    """Return the NUTS 2024 code of a state or district, the NACE Rev. 2 letter of a section, "" for everything else."""
    if by in ("state", "district"):
        return nuts_of(value.rstrip(f"-{MERGED}").rpartition("-")[2])
    return value if by == "section" else ""


def _lines(
    by: str, cells: Mapping[str, Cell], hidden: Sequence[str], lang: Lang, *, outside: bool = False
) -> tuple[Line, ...]:
    known, most = labels(by, lang), max((c.companies for c in cells.values()), default=0)
    groups = kinds.groups()
    made = []
    for value in [*cells, *hidden]:
        cell = cells.get(value)
        beside = groups[kinds.kind(value).group].get(lang) if by == "kind" and value in kinds.kinds() else ""
        bar = round(100 * cell.companies / most) if cell is not None and most else 0
        shown: tuple[int | None, ...] | None = _figures(cell) if cell is not None else None
        if cell is not None and outside and by not in MINUTES_BY:
            shown = _without_minutes(_figures(cell))
        made.append(Line(value, label(by, value, known, lang), shown, beside, bar, code_of(by, value)))
    # Sizes, sections and the like in their own order, districts and partners by name, what is not stated last.
    place = {value: n for n, value in enumerate(known)} if by != "partner" else {}
    return tuple(sorted(made, key=lambda x: (x.label == UNKNOWN.get(lang), place.get(x.value, 0), x.label)))


def full(period: Period, lang: Lang) -> Board:
    """Return every figure of a period, for the centre itself."""
    made: Report = figures.tally(period)[1]
    sheets = tuple(
        Sheet(by, heading.get(lang), edih, _lines(by, made.tables[by], (), lang)) for by, (heading, edih) in BY.items()
    )
    closed = tuple(m for m in sorted(figures.closed_months()) if m in period.months)
    board = Board(period, lang, _figures(made.total), sheets, closed, protected=False)
    return replace(board, attendance=made.figure(ATTENDANCE.key))


def outside(period: Period, lang: Lang) -> Board:
    """Return the figures of a closed quarter for the funder's officer and for research: small cells protected."""
    made = figures.tally(period)[1]
    total, tables = protect(made, figures.seed_of(period))
    return protected_board(period, lang, total, attendance(made), tables)


def protected_board(
    period: Period, lang: Lang, total: Cell | None, attended: int | None, tables: Mapping[str, Published]
) -> Board:
    """Return protected figures laid out."""
    sheets = tuple(
        Sheet(
            by,
            heading.get(lang),
            edih,
            () if tables[by].withheld else _lines(by, tables[by].open, tables[by].hidden, lang, outside=True),
            tables[by].withheld,
        )
        for by, (heading, edih) in BY.items()
    )
    figures_of_all = _figures(total) if total is not None else None
    return Board(period, lang, figures_of_all, sheets, period.months, protected=True, attendance=attended)


def opening(board: Board, records: Iterable[Shown]) -> Board:
    """Return a board whose lines say which of them have nameless records that can be shown."""
    carried = {(name, value) for record in records for name, value in record.items() if value != HIDDEN}
    made = (
        replace(sheet, lines=tuple(replace(x, opens=(sheet.by, x.value) in carried) for x in sheet.lines))
        for sheet in board.sheets
    )
    return replace(board, sheets=tuple(made))


def effect_lines(effect: Mapping[str, Any], lang: Lang) -> list[tuple[str, str, int]]:
    """Return the answers about the effect as (question, answer, number)."""
    made = [(QUESTIONS["helped"].get(lang), text.get(lang), effect["helped"].get(k, 0)) for k, text in HELPED.items()]
    return made + [(QUESTIONS["done"].get(lang), text.get(lang), effect["done"].get(k, 0)) for k, text in DONE.items()]


def as_rows(board: Board) -> list[list[str | int]]:
    """Return everything as one list of rows (breakdown, value, EDIH name beside, then the figures), for CSV and XLSX."""
    lang = board.lang
    head: list[str | int] = [
        Text("Zeitraum", "Period").get(lang),
        Text("Gliederung", "Breakdown").get(lang),
        Text("Wert", "Value").get(lang),
        Text("Code (NUTS 2024, NACE Rev. 2)", "Code (NUTS 2024, NACE Rev. 2)").get(lang),
        Text("EDIH-Gruppe", "EDIH group").get(lang),
        *(m.name.get(lang) for m in MEASURES),
    ]
    dots: list[str | int] = [DOT for _ in MEASURES]
    everything = Text("gesamt", "total").get(lang)
    rows: list[list[str | int]] = [head]
    rows.append([board.period.key, everything, everything, "", "", *(board.total if board.total is not None else dots)])
    for sheet in board.sheets:
        if sheet.withheld:
            rows.append([board.period.key, sheet.heading, DOT, "", "", *dots])
        for line in sheet.lines:
            shown = [DOT if n is None else n for n in line.figures] if line.figures is not None else dots
            rows.append([board.period.key, sheet.heading, line.label, line.code, line.beside, *shown])
    return rows


def as_dict(board: Board) -> dict[str, Any]:
    """Return everything for the interface: figures by their keys, null where they are not shown."""

    def cells(values: tuple[int | None, ...] | None) -> dict[str, int | None] | None:
        return None if values is None else {m.key: v for m, v in zip(MEASURES, values, strict=True)}

    return {
        "period": board.period.key,
        "closed_months": list(board.closed),
        "protected": board.protected,
        "threshold": THRESHOLD if board.protected else None,
        "measures": [{"key": m.key, "name": m.name.get(board.lang), "edih": m.edih} for m in KPIS],
        "total": cells(board.total),
        "attendance": board.attendance if board.total is not None else None,
        "tables": [
            {
                "by": s.by,
                "heading": s.heading,
                "edih": s.edih,
                "withheld": s.withheld,
                "lines": [
                    {
                        "value": x.value,
                        "label": x.label,
                        "code": x.code,
                        "edih_group": x.beside,
                        "figures": cells(x.figures),
                    }
                    for x in s.lines
                ],
            }
            for s in board.sheets
        ],
    }


_RECORD_HEADS = {
    "state": Text("Land", "State"),
    "section": Text("Wirtschaftsabschnitt", "Sector"),
    "size": Text("Größe", "Size"),
    "topic": Text("Thema", "Topic"),
    "kind": Text("Art der Leistung", "Type of support"),
    "minutes": Text("Minuten", "Minutes"),
    "outcome": Text("Ergebnis des Falls", "Outcome of the case"),
    "partner": Text("Partner", "Partner"),
}


def record_rows(records: Sequence[Shown], lang: Lang) -> list[list[str | int]]:
    """Return nameless records as rows with a heading; what is hidden is a dot."""
    known = {name: labels(name, lang) for name in COLUMNS}
    rows: list[list[str | int]] = [[_RECORD_HEADS[name].get(lang) for name in COLUMNS]]
    for line in records:
        rows.append([DOT if v == HIDDEN else label(name, v, known[name], lang) for name, v in line.items()])
    return rows
