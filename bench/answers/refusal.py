"""Refusing what the pool does not answer: `python -m bench.answers.refusal`.

Figures are out of fold (five folds by paragraph). The paragraph is really taken out of the index, so its words are
unknown, as they would be for a reader of the remaining texts. OMoS is its development part.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.answers.abstention import all_cases, auroc, refused
from bench.answers.fit_confidence import measured, out_of_fold
from bench.answers.stage import bench_store, remembering_encoders, write_result
from nordlotse.answers.core.dense import Encoders


def main() -> dict[str, Any]:
    """Print and write the figures of each mode, with the usual cosine threshold beside them."""
    store = bench_store()
    encoders = remembering_encoders(store)
    result: dict[str, Any] = {"targets": {"paragraphs": 0.93, "OMoS": 0.35, "calibration_error": 0.05}}
    print(f"{'refused at 90 % answered':34}{'mean':>8}{'spread':>8}{'AUROC':>8}{'ECE':>8}{'cases':>7}")
    for mode, used in (("e5", encoders), ("use", Encoders(use=encoders.use)), ("lexical", Encoders())):
        cases = all_cases(used, store)
        result[mode] = measured(cases, out_of_fold(cases))
        for source, row in result[mode].items():
            print(
                f"{f'{mode}: {source}':34}{row['refused_at_90']:8.3f}{row['spread']:8.3f}{row['auroc']:8.3f}"
                f"{row['calibration_error']:8.3f}{row['cases']:7.0f}",
                flush=True,
            )
        if mode == "e5":
            result["e5 cosine alone"] = {}
            for source in result[mode]:
                here = [c for c in cases if c.source == source and not (source == "OMoS" and c.training)]
                cosine = np.array([case.features["e5_top"] for case in here])
                answerable = np.array([case.answerable for case in here], dtype=bool)
                row = {"refused_at_90": refused(cosine, answerable), "auroc": auroc(cosine, answerable)}
                result["e5 cosine alone"][source] = row
                print(f"{f'e5 cosine alone: {source}':34}{row['refused_at_90']:8.3f}{'':8}{row['auroc']:8.3f}")
    print(write_result("refusal", result))
    return result


if __name__ == "__main__":
    main()
