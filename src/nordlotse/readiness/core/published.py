"""A company beside what has been published: the distribution of others, where the company stands in it, and how far it holds."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from nordlotse.foundation.language import Lang, Text
from nordlotse.readiness.core.maturity import Band, Distribution, MaturityModel
from nordlotse.readiness.core.picture import FONT, Mark, Row, bars
from nordlotse.readiness.core.score import PartScore, Score
from nordlotse.readiness.core.telling import figure, possible_bands


@dataclass(frozen=True, slots=True)
class Share:
    """One level of a published distribution: its name, the published share in percent, whether the company may stand here."""

    band: Band
    percent: Fraction
    here: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """A dimension (or the total) beside a published distribution. `lower`, `same`, `higher`: rounded shares in percent.

    `same` counts every level the company may stand on; the three are renormalised to 100, as published rows are rounded.
    """

    about: str
    label: Text
    shares: tuple[Share, ...]
    lower: int
    same: int
    higher: int
    published: Distribution


def mean_level(published: Distribution, bands: tuple[Band, ...]) -> Fraction | None:
    """Return the mean level of a distribution of levels, weighted by its shares; None where its keys are not our levels."""
    numbers = {b.key: b.number for b in bands}
    whole = sum(published.shares.values(), Fraction(0))
    if not whole or any(key not in numbers for key in published.shares):
        return None
    return sum((numbers[k] * s for k, s in published.shares.items()), Fraction(0)) / whole


def compared(model: MaturityModel, score: Score) -> tuple[Beside, ...]:
    """Return the company beside every published distribution of the model's levels, the total first.

    What is synthetic is not what companies are: it never stands here.
    """
    found = []
    for published in model.published:
        total = published.about == "total"
        part = score.total if total else next((d for d in score.dimensions if d.id == published.about), None)
        bands = model.bands if total else model.dimension_bands
        if published.synthetic or part is None or not part.applies or mean_level(published, bands) is None:
            continue
        found.append(_beside(model, published, part, bands, total=total))
    return tuple(sorted(found, key=lambda b: b.about != "total"))


def _beside(
    model: MaturityModel, published: Distribution, part: PartScore, bands: tuple[Band, ...], *, total: bool
) -> Beside:
    here = {b.key for b in possible_bands(model, part, total=total)}
    shares = tuple(Share(b, published.shares.get(b.key, Fraction(0)), b.key in here) for b in bands)
    numbers = [s.band.number for s in shares if s.here]
    whole = sum((s.percent for s in shares), Fraction(0))
    below = sum((s.percent for s in shares if numbers and s.band.number < min(numbers)), Fraction(0)) * 100 / whole
    above = sum((s.percent for s in shares if numbers and s.band.number > max(numbers)), Fraction(0)) * 100 / whole
    low, same, high = _whole((below, 100 - below - above, above))
    label = Text("Gesamt", "Total") if total else part.label
    return Beside(published.about, label, shares, low, same, high, published)


def _whole(parts: tuple[Fraction, Fraction, Fraction]) -> tuple[int, int, int]:
    """Return whole percentages that still add up to 100: the largest remainders are rounded up (method of Hamilton)."""
    floors = [part.__floor__() for part in parts]
    order = sorted(range(3), key=lambda n: parts[n] - floors[n], reverse=True)
    for n in order[: 100 - sum(floors)]:
        floors[n] += 1
    return floors[0], floors[1], floors[2]


def sentence(beside: Beside) -> Text:
    """Say where the company stands among those asked, with year and n."""
    p = beside.published
    asked_de, asked_en = f"{p.year} (n = {p.n})", f"{p.year} (n = {p.n})"
    same_de = (
        "auf Ihrer Stufe" if sum(s.here for s in beside.shares) == 1 else "auf den Stufen, die für Sie möglich sind"
    )
    same_en = "on your level" if sum(s.here for s in beside.shares) == 1 else "on the levels possible for you"
    return Text(
        f"Von 100 befragten Betrieben standen {asked_de} etwa {beside.lower} niedriger, {beside.same} {same_de},"
        f" {beside.higher} höher.",
        f"Of 100 companies asked in {asked_en} about {beside.lower} stood lower, {beside.same} {same_en},"
        f" {beside.higher} higher.",
    )


def picture(beside: Beside, lang: Lang, *, font: str = FONT, ground: bool = False) -> str:
    """Draw the distribution: one bar per level, the company's own level in its own colour."""
    most = max(s.percent for s in beside.shares)
    here = {"de": "hier stehen Sie", "en": "you are here"}
    rows = []
    for share in beside.shares:
        name = f"{share.band.number} · {share.band.label.get(lang)}"
        length = float(share.percent / most)
        mark = Mark("own" if share.here else "published", length, length, f"{figure(share.percent, lang)} %")
        rows.append(Row(f"{name} ({here[lang]})" if share.here else name, (mark,)))
    label = beside.label.get(lang)
    name = f"{label}: Anteil der Betriebe je Stufe" if lang == "de" else f"{label}: share of companies per level"
    return bars(rows, name, font=font, ground=ground)
