"""What changed between two rounds: of one company item by item, over companies as paired intervals with drop-out in sight.

Only results of the same model rules (equal hashes) are compared. A difference is never called an effect: without a control
group nothing is known of its cause (readiness facts, section 9).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.stats import t as student

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput
from nordlotse.readiness.core.explaining import figure
from nordlotse.readiness.core.score import PartScore, Point, Score

#: The total among the parts that change.
TOTAL = "total"
#: Draws of the bootstrap, and where its chance begins: the same pairs always give the same interval.
DRAWS = 5000
SEED = 20261123


@dataclass(frozen=True, slots=True)
class PartChange:
    """A dimension or the total of one company in two rounds; None where it was undetermined. `difference` needs both."""

    id: str
    label: Text
    before: Fraction | None
    after: Fraction | None

    @property
    def difference(self) -> Fraction | None:
        """Return after minus before, None unless both are known."""
        return None if self.before is None or self.after is None else self.after - self.before


@dataclass(frozen=True, slots=True)
class ItemChange:
    """One item of one company in two rounds: both answers, their points, and their difference where both are known."""

    leaf: str
    question: str
    dimension: str
    before: Point
    after: Point

    @property
    def difference(self) -> Fraction | None:
        """Return the points after minus before, None unless both were answered."""
        if self.before.points is None or self.after.points is None:
            return None
        return self.after.points - self.before.points

    @property
    def changed(self) -> bool:
        """Tell whether the answer is another one, in words or in state."""
        return (self.before.state, self.before.answer) != (self.after.state, self.after.answer)


@dataclass(frozen=True, slots=True)
class Changed:
    """All that changed of one company between two rounds of one model."""

    model: str
    total: PartChange
    dimensions: tuple[PartChange, ...]
    items: tuple[ItemChange, ...]


@dataclass(frozen=True, slots=True)
class Paired:
    """The change of one part over companies that answered twice, beside those that did not come back.

    `n` pairs with both values: their mean first (`before`) and second value (`after`), `mean` of the differences; `interval` by Student's t and `bootstrap` by resampling pairs, both 95 %, None
    where n < 2 or all differences are equal (there is no spread to learn from). `lost` companies have a first value but no second:
    `lost_share` of all with a first value, `lost_before` their mean first value.
    """

    part: str
    n: int
    before: float | None
    after: float | None
    mean: float | None
    interval: tuple[float, float] | None
    bootstrap: tuple[float, float] | None
    lost: int
    lost_share: float
    lost_before: float | None


def changed(before: Score, after: Score) -> Changed:
    """Return what changed between two results of one company.

    Raises:
        BadInput: `models_differ`, if they were not made by the same rules.
    """
    _same(before, after)
    later = {point.leaf: point for point in after.trace}
    return Changed(
        model=before.model,
        total=_part(before.total, after.total),
        dimensions=tuple(_part(part, after.dimension(part.id)) for part in before.dimensions),
        items=tuple(
            ItemChange(point.leaf, point.question, point.path[0], point, later[point.leaf]) for point in before.trace
        ),
    )


def _same(before: Score, after: Score) -> None:
    if before.hash != after.hash:
        raise BadInput(
            "models_differ",
            de=f"Die Ergebnisse stammen aus verschiedenen Fassungen: {before.model} {before.version} und {after.model} {after.version}.",
            en=f"The results come from different versions: {before.model} {before.version} and {after.model} {after.version}.",
            where=before.model,
            remedy_de="Rechnen Sie beide Antworten mit derselben Fassung des Modells.",
            remedy_en="Score both answer sets with the same version of the model.",
        )


def _part(before: PartScore, after: PartScore) -> PartChange:
    return PartChange(before.id, before.label, before.value, after.value)


def over(rounds: Sequence[tuple[Score, Score | None]], part: str = TOTAL) -> Paired:
    """Return the change of a dimension (or the total) over companies: each with its first result and its second, None if lost.

    Companies whose first value is undetermined count nowhere; those whose second one is count as lost.

    Raises:
        BadInput: `models_differ`.
    """
    first, second = [], []
    for before, after in rounds:
        _same(rounds[0][0], before)
        if after is not None:
            _same(before, after)
        first.append(_value(before, part))
        second.append(None if after is None else _value(after, part))
    return paired(part, list(zip(first, second, strict=True)))


def _value(scored: Score, part: str) -> float | None:
    found = scored.total if part == TOTAL else scored.dimension(part)
    return None if found.value is None else float(found.value)


def paired(part: str, values: Sequence[tuple[float | None, float | None]]) -> Paired:
    """Return the paired change of values (first, second); None: not known.

    Interval: mean ± t(n-1, .975) s / √n (Student's paired t). Bootstrap: percentiles 2.5 and 97.5 of the means of `DRAWS` resamples of pairs
    (Efron 1979), which needs no normal differences.
    """
    pairs = [(before, after) for before, after in values if before is not None and after is not None]
    lost = [before for before, after in values if before is not None and after is None]
    began = len(pairs) + len(lost)
    if not pairs:
        return Paired(
            part, 0, None, None, None, None, None, len(lost), len(lost) / began if began else 0.0, _mean(lost)
        )
    differences = np.array([after - before for before, after in pairs])
    n, mean = len(pairs), float(differences.mean())
    interval = bootstrap = None
    if n > 1 and float(np.ptp(differences)) > 0:
        half = float(student.ppf(0.975, n - 1)) * float(differences.std(ddof=1)) / math.sqrt(n)
        interval = (mean - half, mean + half)
        drawn = np.random.default_rng(SEED).integers(n, size=(DRAWS, n))
        low, high = np.percentile(differences[drawn].mean(axis=1), [2.5, 97.5])
        bootstrap = (float(low), float(high))
    return Paired(
        part=part,
        n=n,
        before=_mean([before for before, _ in pairs]),
        after=_mean([after for _, after in pairs]),
        mean=mean,
        interval=interval,
        bootstrap=bootstrap,
        lost=len(lost),
        lost_share=len(lost) / began,
        lost_before=_mean(lost),
    )


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None


def sentence(found: Paired, label: Text) -> Text:
    """Say what changed on average and how sure that is, who is missing, and that it says nothing of a cause."""
    if found.mean is None or found.before is None or found.after is None:
        return Text(
            f"Zu „{label.de}“ hat noch kein Betrieb zweimal geantwortet.",
            f"No company has answered twice on “{label.en}” yet.",
        )
    before, after, mean = (_said(value) for value in (found.before, found.after, found.mean))
    if found.interval is None:
        sure = Text("Ein Intervall lässt sich daraus nicht berechnen.", "An interval cannot be computed from this.")
    else:
        low, high = (_said(value) for value in found.interval)
        sure = Text(
            f"95-%-Intervall der mittleren Differenz: {low.de} bis {high.de}.",
            f"95 % interval of the mean difference: {low.en} to {high.en}.",
        )
    return Text(
        f"„{label.de}“: {_companies(found.n).de} mit zwei Antworten, im Mittel erst {before.de}, dann {after.de} (Differenz {mean.de}). {sure.de} "
        f"{_lost(found).de} Ohne Vergleichsgruppe sagt das nichts über die Ursache.",
        f"“{label.en}”: {_companies(found.n).en} with two answers, on average first {before.en}, then {after.en} (difference {mean.en}). {sure.en} "
        f"{_lost(found).en} Without a control group this says nothing about the cause.",
    )


def _companies(n: int) -> Text:
    return Text("1 Betrieb", "1 company") if n == 1 else Text(f"{n} Betriebe", f"{n} companies")


def _lost(found: Paired) -> Text:
    if not found.lost or found.lost_before is None:
        return Text("Alle haben noch einmal geantwortet.", "All have answered again.")
    share, before = _said(100 * found.lost_share), _said(found.lost_before)
    return Text(
        f"Nicht noch einmal geantwortet: {_companies(found.lost).de} ({share.de} %), im Mittel erst {before.de}.",
        f"Not answered again: {_companies(found.lost).en} ({share.en} %), on average first {before.en}.",
    )


def _said(value: float) -> Text:
    return figure(Fraction(value).limit_denominator(10**9))
