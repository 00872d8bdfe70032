"""What a judged list hands upwards for a talk: its sentence and its first ten parts, without its link, its files and its prices."""

from __future__ import annotations

from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.result import Figure, Result
from nordlotse.print3d.core.amounts import rounded
from nordlotse.print3d.core.ranking import UNCHECKED, VERDICTS
from nordlotse.print3d.core.rates import rates
from nordlotse.print3d.queries import lists

#: What a judged list is called where results stand side by side.
KIND = "print_list"
#: So many parts go along.
_FIRST = 10


def as_result(key: str, lang: Lang) -> Result | None:
    """Return a judged list as a result of the house; None while it is not judged.

    Raises:
        NotFound: there is no such list (any more).
    """
    kept = lists.by_key(key)
    if not kept.summary:
        return None
    rows, _ = lists.rows(key, "", 1)
    held = [row for row in rows if row["verdict"] in ("worth", "maybe")][:_FIRST]
    figures = tuple(Figure(*_figure(row, lang)) for row in held)
    return Result(
        kind=KIND,
        lang=lang,
        title=f"{Text('Teileliste', 'Parts list').get(lang)}: {_sentence(kept, lang)}",
        summary=UNCHECKED.get(lang),
        figures=figures,
    )


def _sentence(kept: lists.KeptList, lang: Lang) -> str:
    told = kept.summary
    counts, total = told["counts"], told["total"]
    low, high = (f"{rounded(float(told[end])):.0f}" for end in ("low", "high"))
    if counts["worth"]:
        maybe = counts["maybe"]
        more = Text(f", vielleicht {maybe} weitere", f", maybe {maybe} more").get(lang) if maybe else ""
        said = Text(
            f"{counts['worth']} von {total} Teilen, jährlich {low} bis {high} € weniger",
            f"{counts['worth']} of {total} parts, {low} to {high} € less a year",
        )
        return f"{said.get(lang)}{more}"
    return Text(
        f"{counts['maybe']} von {total} Teilen kommen zum Drucken infrage, sicher ist die Ersparnis bei keinem",
        f"{counts['maybe']} of {total} parts may be worth printing, the saving is certain for none",
    ).get(lang)


def _figure(row: dict[str, object], lang: Lang) -> tuple[str, str]:
    """Return a part and what came out for it in words."""
    name = (
        f"{row['part']} ({row['number']})" if row.get("number") and row["number"] != row["part"] else str(row["part"])
    )
    said = [VERDICTS[row["verdict"]].get(lang)]  # type: ignore[index]
    way = rates().ways.get(str(row["process"]))
    said += [way.name.get(lang)] if way is not None else []
    saving = row["saving"]
    if isinstance(saving, list) and saving:
        low, high = (f"{rounded(float(saving[end])):.0f}" for end in (0, 2))
        said.append(Text(f"{low} bis {high} € im Jahr", f"{low} to {high} € a year").get(lang))
    return name[:120], ", ".join(said)
