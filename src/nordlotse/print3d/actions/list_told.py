"""How a list is told to its page: how it was understood, each judged part, and the summary above them; plain values for the database."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from nordlotse.foundation.language import Text
from nordlotse.print3d.core.judging import LASTS, Judged
from nordlotse.print3d.core.partlist import PartList as Table
from nordlotse.print3d.core.screening import Screening
from nordlotse.print3d.queries import lists

#: Names shown of rows without a file, of files without a row, and of columns that are not used.
NAMED = 20
#: The part of a row that tells what was read from a column whose figures go into others.
_INTO = {"size": "length", "weight": "volume", "per": "price"}


def understood(table: Table, name: str) -> dict[str, Any]:
    """Return how a list was understood, as the page shows it: each column with an example, what is not used, how many rows."""
    return {
        "table": name,
        "rows": len(table.items),
        "columns": [
            {
                "key": column.key,
                "heading": column.heading[:60],
                "unit": [column.unit.de, column.unit.en],
                "assumed": column.assumed,
                "example": _example(table, column.key),
            }
            for column in table.columns
        ],
        "unused": [heading[:60] for heading in table.unused[:NAMED]],
    }


def _example(table: Table, key: str) -> Any:
    """Return what was read from a column in the first row that states it."""
    name = _INTO.get(key, key)
    found = next((value for item in table.items if (value := getattr(item, name)) not in (None, "")), "")
    return found if not isinstance(found, str) else found[:60]


def line(row: Judged) -> str:
    """Return a row as the page reads it: the verdict's first letter, then what is known."""
    held = {
        "part": row.item.part,
        "number": row.item.number,
        "file": row.file,
        "process": row.cost.process if row.cost else "",
        "cost": [row.cost.low, row.cost.likely, row.cost.high] if row.cost else [],
        "measured": bool(row.cost and row.cost.measured),
        "lot": row.lot,
        "price": row.item.price,
        "yearly": row.item.yearly,
        "lead": row.item.lead,
        "minimum": row.item.minimum,
        "saving": list(row.saving or ()),
        "points": row.suitability.points,
        "reasons": [_pair(reason) for reason in row.suitability.reasons],
        "changes": _pair(row.changes),
        "problem": _pair(row.problem),
        "plain": row.plain,
        "own": row.item.material,
        "material": _pair(row.material),
        "note": _pair(row.note),
        "against": [_pair(doubt) for doubt in row.doubts],
        "spent": row.spent,
        "bound": row.bound,
        "years": row.years,
    }
    return f"{row.verdict[0]}{json.dumps(held, ensure_ascii=False)}\n"


def _pair(text: Text) -> list[str]:
    return [text.de, text.en] if text.de else []


def summary(done: Screening) -> dict[str, Any]:
    """Return what the sentences on top say: parts by verdict, what those worth printing save together, low and high, and cost today.

    The ends are added: the figures behind them are the same for all parts, so their errors do not cancel out. `total` counts the rows of
    the list where there is one, not the files it does not name. `other`: parts that only another material keeps from being worth it.
    """
    listed = [row for row in done.rows if row.item.row] or list(done.rows)
    worth = [row for row in done.rows if row.verdict == "worth" and row.saving]
    other = [row for row in done.rows if row.verdict == "maybe" and replace(row, same=True).verdict == "worth"]
    needed = [row for row in listed if row.item.yearly != 0]
    return {
        "total": len(listed),
        "counts": {verdict: sum(row.verdict == verdict for row in done.rows) for verdict in lists.VERDICTS},
        "priced": sum(row.saving is not None for row in done.rows),
        "plain": sum(row.plain for row in done.rows),
        "low": sum(row.saving[0] for row in worth if row.saving),
        "high": sum(row.saving[2] for row in worth if row.saving),
        "spent": sum(row.spent or 0.0 for row in worth),
        "other": {
            "count": len(other),
            "low": sum(row.saving[0] for row in other if row.saving),
            "high": sum(row.saving[2] for row in other if row.saving),
        },
        "bound": sum(row.bound or 0.0 for row in done.rows),
        "holding": [sum(row.holding[end] for row in done.rows if row.holding) for end in (0, 2)],
        "lasting": sum(row.years is not None and row.years >= LASTS for row in done.rows),
        "idle": sum(bool(row.item.stock) and row.item.yearly == 0 for row in done.rows),
        "lack_price": not any(row.item.price for row in needed),
        "lack_yearly": not any(row.item.yearly is not None for row in listed),
        "unneeded": sum(row.item.yearly == 0 for row in listed),
        "no_file": sum(not row.file and bool(row.problem.de) for row in listed),
        "no_material": all(not row.item.material for row in listed),
    }
