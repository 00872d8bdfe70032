"""A signal over a stretch of time in words: a sentence, what is to be known beside it, a table, single values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nordlotse.foundation.language import Lang
from nordlotse.iot.core.drawing.course import gaps
from nordlotse.iot.core.showing import words
from nordlotse.iot.core.values import Buckets, Kind, Quality, Rows

#: Rows of the table; the stretches told are a multiple of them.
TABLE = 12
#: Values written out one by one at most.
_LISTED = 24


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table: from, to, least, mean, most, number, all as words."""

    begin: str
    end: str
    least: str
    mean: str
    most: str
    count: int


def kind_of(rows: Rows) -> str:
    """Return what the values are: "text" or "boolean" where all of them are, else "number"."""
    if len(rows) and (rows.kind == Kind.TEXT).all():
        return "text"
    return "boolean" if len(rows) and (rows.kind == Kind.BOOLEAN).all() else "number"


def summary_of(buckets: Buckets) -> dict[str, float | None]:
    """Return least, mean and most of all stretches together, None where there are no numbers."""
    known = ~np.isnan(buckets.least)
    if not known.any():
        return {"least": None, "mean_of_all": None, "most": None}
    mean = float(buckets.total[known].sum() / buckets.count[known].sum())
    return {"least": float(buckets.least[known].min()), "mean_of_all": mean, "most": float(buckets.most[known].max())}


def sentence(buckets: Buckets, rows: Rows | None, unit: str, lang: Lang) -> str:
    """Return a sentence with least, most, mean and number."""
    total = int(buckets.count.sum())
    number = f"{total:,}".replace(",", "." if lang == "de" else ",")
    if not total:
        return "In dieser Zeit gibt es keine Werte." if lang == "de" else "There are no values in this time."
    counted = (
        ("1 Wert." if total == 1 else f"{number} Werte.")
        if lang == "de"
        else ("1 value." if total == 1 else f"{number} values.")
    )
    summary = summary_of(buckets)
    least, mean, most = summary["least"], summary["mean_of_all"], summary["most"]
    if least is None or mean is None or most is None:
        return counted
    end = f" {unit}" if unit else ""
    if rows is not None and kind_of(rows) == "boolean":
        share = words.figure(round(mean * 100, 1), lang)
        return (
            f"{share} % der Werte sind „an“. {counted}"
            if lang == "de"
            else f"{share} % of the values are “on”. {counted}"
        )
    if least == most:
        said = words.figure(least, lang) + end
        return f"Immer {said}. {counted}" if lang == "de" else f"Always {said}. {counted}"
    fine = words.digits(max(abs(least), abs(most)))
    a, b, c = (words.figure(one, lang, fine) for one in (least, most, mean))
    if lang == "de":
        return f"Zwischen {a} und {b}{end}, im Mittel {c}{end}. {counted}"
    return f"Between {a} and {b}{end}, {c}{end} on average. {counted}"


def notes(buckets: Buckets, rows: Rows | None, end: int, lang: Lang) -> list[str]:
    """Return sentences on gaps and on what is known of the values beside themselves."""
    found = []
    total = int(buckets.count.sum())
    if total:
        width = (end - int(buckets.begin[0])) / len(buckets.begin)
        last = len(buckets.begin) - 1
        inner = [(a, b) for a, b in gaps(buckets, end) if a > 0 and b < last]
        if inner:
            longest = max(b - a + 1 for a, b in inner) * width / 1e6
            count = len(inner)
            said = _length(longest, lang)
            if lang == "de":
                found.append(
                    f"Eine Lücke von etwa {said}." if count == 1 else f"{count} Lücken, die längste etwa {said}."
                )
            else:
                found.append(f"A gap of about {said}." if count == 1 else f"{count} gaps, the longest about {said}.")
    if rows is not None:
        for bit in (Quality.BAD, Quality.UNCERTAIN, Quality.CLOCK, Quality.IMPORTED, Quality.NO_TIME):
            count = int(((rows.quality & int(bit)) != 0).sum())
            if count:
                which = (
                    "Alle Werte"
                    if count == total
                    else f"{count:,}".replace(",", ".") + (" Wert" if count == 1 else " Werte")
                )
                if lang == "en":
                    which = "All values" if count == total else f"{count:,}" + (" value" if count == 1 else " values")
                found.append(f"{which}: {words.marks(int(bit), lang)[0]}.")
    return found


def _length(seconds: float, lang: Lang) -> str:
    for below, unit, one in ((120, "s", 1), (7200, "min", 60), (48 * 3600, "h", 3600)):
        if seconds < below:
            return f"{words.figure(round(seconds / one, 1), lang)} {unit}"
    days = words.figure(round(seconds / 86400, 1), lang)
    return f"{days} Tage" if lang == "de" else f"{days} days"


def table(buckets: Buckets, stretch: tuple[int, int], lang: Lang) -> list[Row]:
    """Return the stretch in twelve rows; empty ones without figures."""
    begin, end = stretch
    found = []
    every = len(buckets.begin) // TABLE
    for place in range(TABLE):
        part = slice(place * every, (place + 1) * every)
        piece = Buckets(
            buckets.begin[part], buckets.least[part], buckets.most[part], buckets.total[part], buckets.count[part]
        )
        least, mean, most = (words.figure(v, lang) if v is not None else "–" for v in summary_of(piece).values())
        edge = begin + (end - begin) * (place + 1) // TABLE
        count = int(piece.count.sum())
        first = words.clock(int(piece.begin[0]), lang)
        found.append(Row(first, words.clock(edge, lang), least, mean, most, count))
    return found


def listed(rows: Rows | None, lang: Lang) -> list[tuple[str, str, str]]:
    """Return the newest values one by one where they are texts, or few."""
    if rows is None or (len(rows) > _LISTED and kind_of(rows) != "text"):
        return []
    last = rows.taken(slice(max(len(rows) - _LISTED, 0), None))
    quality = last.quality.tolist()
    return [
        (words.clock(int(t), lang), words.said(v, lang), ", ".join(words.marks(q, lang)))
        for t, v, q in zip(last.time.tolist(), last.shown(), quality, strict=True)
    ][::-1]
