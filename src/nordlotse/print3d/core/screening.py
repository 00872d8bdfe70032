"""Which of our parts would pay: up to 10,000 parts, from files and a list, ranked by what printing them would save in a year."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput
from nordlotse.print3d.core.figures import Figures
from nordlotse.print3d.core.judging import Judged, Pays, judged
from nordlotse.print3d.core.ledger import Ledger
from nordlotse.print3d.core.matching import Job
from nordlotse.print3d.core.measuring import Measure, guessed
from nordlotse.print3d.core.rates import Rates, rates

#: Told after each part: how many are done, of how many, which.
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Screening:
    """All parts, best first: those with a saving by verdict and saving, then those without figures by suitability, then those not judged.

    `rates`: the figures reckoned with. `other_fine`: the person said that another material than the list's is fine.
    """

    rows: tuple[Judged, ...]
    fresh: int
    rates: Rates
    other_fine: bool = False


def screen(
    work: Sequence[Job],
    measure: Measure,
    given: Rates | None = None,
    ledger: Ledger | None = None,
    progress: Progress | None = None,
    other_fine: bool = False,
) -> Screening:
    """Return all parts judged and ranked. A part that cannot be read is told as such and holds nothing up.

    `other_fine`: another material than the list's does not speak against a part.
    """
    held, kept = given or rates(), ledger or Ledger()
    rows, fresh = [], 0
    for done, job in enumerate(work, 1):
        found, new = _figures(job, measure, kept)
        fresh += new
        rows.append(judged(job, found, held, other_fine))
        if progress is not None:
            progress(done, len(work), job.item.part)
    return Screening(tuple(sorted(rows, key=_order)), fresh, held, other_fine)


_GROUPS: Mapping[Pays, float] = {"worth": 0.0, "maybe": 1.0, "no": 2.0, "unread": 4.0}


def _order(row: Judged) -> tuple[float, float, str, int]:
    group = _GROUPS[row.verdict] if row.saving is not None or row.problem.de else 3.0
    value = row.saving[1] if row.saving is not None else float(row.suitability.points)
    return group, -value, row.item.part.casefold(), row.item.row


def _figures(job: Job, measure: Measure, ledger: Ledger) -> tuple[Figures | Text, bool]:
    """Return the figures of a job or why there are none, and whether they were measured just now."""
    if job.item.problem.de:
        return job.item.problem, False
    if job.content is None:
        return guessed(job.item), False
    try:
        data = job.content()
    except (BadInput, OSError) as error:
        return _why(error), False
    key = ledger.key(data, job.file)
    known = ledger.get(key)
    if known is not None:
        return known, False
    found: Figures | Text
    try:
        found = measure(data, job.file)
    except BadInput as refusal:
        found = _why(refusal)
    ledger.put(key, found)
    return found, True


def _why(error: Exception) -> Text:
    if isinstance(error, BadInput):
        return Text(error.message_de, error.message_en)
    return Text("Die Datei lässt sich nicht öffnen.", "The file cannot be opened.")
