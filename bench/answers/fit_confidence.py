"""Fit the confidence and write `confidence_weights.json`: `python -m bench.answers.fit_confidence [--write]`.

Trained on XQuAD even with and without its paragraph (folds by paragraph) and on the training part of OMoS. The
development part of OMoS is never trained on. The shipped weights use all folds; figures are out of fold.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.answers.abstention import ANSWERED, Case, all_cases, auroc, calibration_error, fold_of, refused
from bench.answers.sets import ROOT
from bench.answers.stage import bench_store, commit, remembering_encoders
from nordlotse.answers.core.confidence import Logistic, fit
from nordlotse.answers.core.dense import Encoders

FOLDS = 5
SHARES = {"chunks en->de": 0.5}
"""English questions on German text count half: most questions stay in one language."""
WEIGHTS = ROOT / "src" / "nordlotse" / "answers" / "core" / "confidence_weights.json"


def fitted(cases: list[Case]) -> Logistic:
    """Fit one model on cases with their shares."""
    share = np.array([SHARES.get(case.source, 1.0) for case in cases])
    answerable = np.array([case.answerable for case in cases], dtype=bool)
    return fit([case.features for case in cases], answerable, share)


def out_of_fold(cases: list[Case]) -> NDArray[np.float64]:
    """Return a chance for every case from a model that has not seen its paragraph (OMoS dev: none of OMoS dev)."""
    chances = np.zeros(len(cases))
    learnt = [case for case in cases if case.source != "OMoS" or case.training]
    for fold in range(FOLDS):
        model = fitted([case for case in learnt if fold_of(case) != fold])
        here = [place for place, case in enumerate(cases) if fold_of(case) == fold]
        chances[here] = model.chances([cases[place].features for place in here])
    return chances


def measured(cases: list[Case], chances: NDArray[np.float64]) -> dict[str, dict[str, float]]:
    """Return the figures of each source: refusal at 90 % answered (mean and spread over folds), AUROC, ECE."""
    answerable = np.array([case.answerable for case in cases], dtype=bool)
    folds = np.array([fold_of(case) for case in cases])
    found = {}
    for source in dict.fromkeys(case.source for case in cases):
        here = np.array([c.source == source and not (source == "OMoS" and c.training) for c in cases])
        parts = [here & (folds == fold) for fold in range(FOLDS)] if source != "OMoS" else [here]
        each = [refused(chances[part], answerable[part]) for part in parts]
        found[source] = {
            "refused_at_90": float(np.mean(each)),
            "spread": float(np.std(each)),
            "refused_at_90_one_threshold": refused(chances[here], answerable[here]),
            "auroc": auroc(chances[here], answerable[here]),
            "calibration_error": calibration_error(chances[here], answerable[here]),
            "cases": int(here.sum()),
        }
    return found


def threshold(cases: list[Case], chances: NDArray[np.float64]) -> float:
    """The chance that 90 % of the answerable questions reach, out of fold, German only, OMoS dev included."""
    use = [
        place
        for place, case in enumerate(cases)
        if case.answerable and "->" not in case.source and not (case.source == "OMoS" and case.training)
    ]
    return float(np.quantile(chances[use], 1 - ANSWERED))


def rounded(values: tuple[float, ...]) -> list[float]:
    """Six significant digits are plenty."""
    return [float(f"{value:.6g}") for value in values]


def main() -> None:
    """Fit all modes, print the out-of-fold figures, write the weights with `--write`."""
    store = bench_store()
    encoders = remembering_encoders(store)
    modes: dict[str, Any] = {}
    for mode, used in (("e5", encoders), ("use", Encoders(use=encoders.use)), ("lexical", Encoders())):
        cases = all_cases(used, store)
        chances = out_of_fold(cases)
        for source, figures in measured(cases, chances).items():
            print(mode, source, {name: round(value, 3) for name, value in figures.items()}, flush=True)
        model = fitted([case for case in cases if case.source != "OMoS" or case.training])
        model = replace(model, threshold=threshold(cases, chances))
        row = asdict(model)
        modes[mode] = row | {name: rounded(row[name]) for name in ("mean", "deviation", "weights")}
        modes[mode]["threshold"] = round(model.threshold, 4)
    if "--write" in sys.argv:
        head = {
            "fitted_on": "2026-11-23",
            "data": "XQuAD even with and without its paragraph (CC BY-SA 4.0), OMoS-QA train (CC BY 4.0)",
            "code": commit(),
        }
        WEIGHTS.write_text(json.dumps(head | {"modes": modes}) + "\n", "utf-8")
        print(f"written: {WEIGHTS.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
