"""How sure an answer from our own knowledge is: a logistic model on signs of the ranking, fitted on our own questions.

`confidence` is calibrated on encyclopaedic and municipal texts; questions of companies are longer and looser, and a unit is found by
several passages at once. Fitted by `bench/answers/fit_certainty.py`: questions of the development and training files as they are
(answerable), the same with the found article taken away, and questions out of scope (both not answerable).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from nordlotse.answers.core.ranking import Ranking
from nordlotse.answers.core.units import Found

#: Signs taken over from the ranking's own features.
TAKEN = ("cov", "covgram", "share", "sentence_share", "e5_at", "e5_z", "use_at", "use_z", "lexnorm", "qlen")


@dataclass(frozen=True, slots=True)
class Model:
    """Standardised logistic regression: chance = 1 / (1 + exp(-(bias + weights · (x - mean) / deviation)))."""

    names: tuple[str, ...]
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float

    def chance(self, signs: Mapping[str, float]) -> float:
        """Return the chance 0..1 that the best unit answers."""
        total = self.bias
        for name, mean, deviation, weight in zip(self.names, self.mean, self.deviation, self.weights, strict=True):
            total += weight * (signs.get(name, 0.0) - mean) / deviation
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


@cache
def load_model() -> Model:
    """Return the shipped model."""
    raw = json.loads(files("nordlotse.answers.core").joinpath("certainty_weights.json").read_text("utf-8"))
    names = tuple(raw["signs"])
    rows = [raw["signs"][n] for n in names]
    return Model(
        names,
        tuple(float(r["mean"]) for r in rows),
        tuple(float(r["deviation"]) for r in rows),
        tuple(float(r["weight"]) for r in rows),
        float(raw["bias"]),
    )


def signs(ranking: Ranking, found: Sequence[Found]) -> dict[str, float]:
    """Return the signs of a ranking and the units behind it; everything 0 when nothing was found."""
    made = {name: float(ranking.features.get(name, 0.0)) for name in TAKEN}
    scores = [f.score for f in found] or [0.0]
    made["unit"] = scores[0]
    made["unit_margin"] = scores[0] - scores[1] if len(scores) > 1 else 0.0
    made["unit_lead"] = scores[0] - sum(scores[:8]) / len(scores[:8])
    top = [hit for hit in ranking.hits if found and hit.passage.group == found[0].unit.id]
    made["hits"] = math.log1p(len(top))
    made["z"] = max((hit.z for hit in top), default=0.0)
    made["covered"] = max((hit.coverage for hit in top), default=0.0)
    articles = [f.unit.article for f in found[:5]]
    made["same_article"] = sum(a == articles[0] for a in articles) / 5 if articles else 0.0
    made["covered_qlen"] = made["covered"] * made["qlen"]
    return made


def chance(ranking: Ranking, found: Sequence[Found]) -> float:
    """Return the calibrated chance that the best unit answers; without vectors the ranking's own."""
    if ranking.mode != "e5" or not found:
        return ranking.confidence if found else 0.0
    return load_model().chance(signs(ranking, found))
