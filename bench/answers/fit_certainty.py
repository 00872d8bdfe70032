"""Fit `core/certainty_weights.json` on our own questions: `python -m bench.answers.fit_certainty [--write]`.

Prints, out of fold (five folds by question): AUROC, refused at 90 % answered for the found article taken away, calibration error.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
from datetime import date
from pathlib import Path

import numpy as np

from bench.answers.facts import read
from bench.answers.shown import HERE, prepare

TARGET = (
    Path(__file__).resolve().parent.parent.parent / "src" / "nordlotse" / "answers" / "core" / "certainty_weights.json"
)
QUESTIONS = 520


def cases() -> tuple[list[dict[str, float]], np.ndarray, np.ndarray, np.ndarray]:
    """Return (signs, answerable, kind of case, question number)."""
    from nordlotse.answers.core.certainty import signs
    from nordlotse.answers.core.training import load_training
    from nordlotse.answers.core.understand import tidy
    from nordlotse.answers.core.units import found_units
    from nordlotse.answers.memory import memory

    answerer = memory.current().answerer
    units = answerer.knowledge.units
    rng = random.Random(20261123)
    training = list(load_training())
    inside = [(e.question, e.lang) for e in training if e.kind == "answer"]
    outside = [(e.question, e.lang) for e in training if e.kind == "decline"]
    asked = [(r["question"], r["lang"]) for r in read(HERE / "data" / "development_questions.jsonl")]
    asked += rng.sample(inside, QUESTIONS - len(asked))
    rows, labels, kinds, numbers = [], [], [], []

    def add(question: str, lang: str, label: bool, kind: str, number: int, without: set[str] | None = None) -> set[str]:
        index = answerer.indexes[lang]
        keep = None if not without else (lambda p: units[p.group].article not in without)
        ranking = index.rank(tidy(question), 60, lang, keep=keep)
        found = found_units(ranking, units)
        rows.append(signs(ranking, found))
        labels.append(label)
        kinds.append(kind)
        numbers.append(number)
        return (
            {found[0].unit.article, *(f.unit.article for f in found[:3] if f.unit.record is not None)}
            if found
            else set()
        )

    for number, (question, lang) in enumerate(asked):
        best = add(question, lang, True, "asked", number)
        add(question, lang, False, "removed", number, best)
    for number, (question, lang) in enumerate(rng.sample(outside, min(120, len(outside))), len(asked)):
        add(question, lang, False, "outside", number)
    return rows, np.array(labels), np.array(kinds), np.array(numbers)


def fit(table: np.ndarray, labels: np.ndarray, weight: np.ndarray, l2: float = 0.01) -> np.ndarray:
    """Return the weights (last: bias) of a ridge logistic regression by Newton's method."""
    x = np.column_stack([table, np.ones(len(table))])
    share = weight / weight.sum()
    ridge = np.diag([l2] * table.shape[1] + [0.0])
    w = np.zeros(x.shape[1])
    for _ in range(40):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        gradient = x.T @ (share * (p - labels)) + ridge @ w
        hessian = (x * (share * p * (1 - p))[:, None]).T @ x + ridge + 1e-9 * np.eye(len(w))
        w = w - np.linalg.solve(hessian, gradient)
    return w


def calibration_error(chance: np.ndarray, truth: np.ndarray, weight: np.ndarray) -> float:
    """Return the expected calibration error over ten equal bins."""
    total = 0.0
    for low in np.arange(0, 1, 0.1):
        here = (chance >= low) & (chance < low + 0.1 + (low > 0.85))
        if here.any():
            w = weight[here]
            total += (
                w.sum() / weight.sum() * abs(np.average(chance[here], weights=w) - np.average(truth[here], weights=w))
            )
    return float(total)


def main(write: bool = False) -> dict[str, float]:
    """Fit, print, and write if asked."""
    prepare()
    logging.disable(logging.WARNING)
    rows, labels, kinds, numbers = cases()
    names = sorted(rows[0])
    raw = np.array([[r[n] for n in names] for r in rows])
    mean, deviation = raw.mean(0), np.where(raw.std(0) > 1e-9, raw.std(0), 1.0)
    table = (raw - mean) / deviation
    # As asked: four of five questions are answered by our articles, the rest are not (own estimate until there are real requests).
    weight = np.where(
        labels,
        0.8 / labels.sum(),
        np.where(kinds == "removed", 0.15 / (kinds == "removed").sum(), 0.05 / (kinds == "outside").sum()),
    )
    out = np.zeros(len(labels))
    for fold in range(5):
        test = numbers % 5 == fold
        w = fit(table[~test], labels[~test], weight[~test])
        out[test] = 1 / (1 + np.exp(-(table[test] @ w[:-1] + w[-1])))
    limit = float(np.quantile(out[labels], 0.1))
    removed, outside = out[kinds == "removed"], out[kinds == "outside"]
    order = out.argsort().argsort()
    auroc = (order[labels].sum() - labels.sum() * (labels.sum() - 1) / 2) / (labels.sum() * (~labels).sum())
    result = {
        "threshold_90": limit,
        "refused_removed": float((removed < limit).mean()),
        "refused_outside": float((outside < limit).mean()),
        "auroc": float(auroc),
        "calibration_error": calibration_error(out, labels, weight),
        "found_share": float((out[labels] >= 0.75).mean()),
        "found_removed": float((removed >= 0.75).mean()),
    }
    for name, value in result.items():
        print(f"{name:20} {value:.3f}")
    if write:
        w = fit(table, labels, weight)
        made = {
            "fitted_on": date.today().isoformat(),
            "data": f"{labels.sum()} own questions, the same without their article, {int((kinds == 'outside').sum())} out of scope",
            "threshold_90": round(limit, 4),
            "bias": round(float(w[-1]), 5),
            "signs": {
                n: {"mean": round(float(m), 5), "deviation": round(float(d), 5), "weight": round(float(v), 5)}
                for n, m, d, v in zip(names, mean, deviation, w, strict=False)
            },
        }
        TARGET.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
        print(f"written: {TARGET.name}")
    return result


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true")
    main(parser.parse_args().write)
